/* SPDX-License-Identifier: Apache-2.0 */
#include "ck/json_reader.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "ck/json_plain.h"

struct json_reader json_reader(unsigned char *bytes, size_t length)
{
    return (struct json_reader){ .bytes = bytes, .length = length };
}

static inline bool is_white(unsigned char byte)
{
    return byte <= ' ' && (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r');
}

static inline void skip_white(struct json_reader *reader)
{
    while (reader->at < reader->length && is_white(reader->bytes[reader->at]))
        reader->at++;
}

/* Is `byte` the next one? It is passed then. */
static bool pass(struct json_reader *reader, unsigned char byte)
{
    if (reader->at >= reader->length || reader->bytes[reader->at] != byte)
        return false;
    reader->at++;
    return true;
}

enum json_status json_peek(struct json_reader *reader, enum json_kind *out_kind)
{
    skip_white(reader);
    if (reader->at >= reader->length)
        return JSON_SYNTAX;
    unsigned char first = reader->bytes[reader->at];
    if (first == '"')
        *out_kind = JSON_KIND_STRING;
    else if (first == '{')
        *out_kind = JSON_KIND_OBJECT;
    else if (first == '[')
        *out_kind = JSON_KIND_ARRAY;
    else if (first == '-' || (first >= '0' && first <= '9'))
        *out_kind = JSON_KIND_NUMBER;
    else if (first == 't')
        *out_kind = JSON_KIND_TRUE;
    else if (first == 'f')
        *out_kind = JSON_KIND_FALSE;
    else if (first == 'n')
        *out_kind = JSON_KIND_NULL;
    else
        return JSON_SYNTAX;
    return JSON_OK;
}

/* Four hexadecimal digits at `at`; -1 when they are not. */
static int32_t hex_unit(const struct json_reader *reader, size_t at)
{
    if (reader->length < 4 || at > reader->length - 4)
        return -1;
    int32_t unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        unsigned char c = reader->bytes[i];
        int32_t digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        else
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static size_t put_utf8(uint32_t code, unsigned char *out_bytes)
{
    if (code < 0x80) {
        out_bytes[0] = (unsigned char)code;
        return 1;
    }
    size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = count - 1; i > 0; i--) {
        out_bytes[i] = (unsigned char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out_bytes[0] = (unsigned char)(leads[count] | code);
    return count;
}

/* A \u escape, the reader being at its backslash: one code point from one unit or a surrogate pair. */
static enum json_status pass_unicode_escape(struct json_reader *reader, unsigned char *out_bytes,
                                            size_t *out_count)
{
    int32_t unit = hex_unit(reader, reader->at + 2);
    if (unit < 0)
        return JSON_SYNTAX;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return JSON_UTF8;
    if (unit < 0xD800 || unit > 0xDBFF) {
        *out_count = put_utf8((uint32_t)unit, out_bytes);
        reader->at += 6;
        return JSON_OK;
    }
    size_t second = reader->at + 6;
    if (reader->length - second < 2 || reader->bytes[second] != '\\' || reader->bytes[second + 1] != 'u')
        return JSON_UTF8;
    int32_t low = hex_unit(reader, second + 2);
    if (low < 0)
        return JSON_SYNTAX;
    if (low < 0xDC00 || low > 0xDFFF)
        return JSON_UTF8;
    uint32_t code = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    *out_count = put_utf8(code, out_bytes);
    reader->at += 12;
    return JSON_OK;
}

/* An escape, the reader being at its backslash; at most 4 bytes come out. */
static enum json_status pass_escape(struct json_reader *reader, unsigned char *out_bytes, size_t *out_count)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (reader->length - reader->at < 2)
        return JSON_SYNTAX;
    unsigned char name = reader->bytes[reader->at + 1];
    if (name == 'u')
        return pass_unicode_escape(reader, out_bytes, out_count);
    const char *found = name != '\0' ? strchr(names, name) : NULL;
    if (found == NULL)
        return JSON_SYNTAX;
    out_bytes[0] = (unsigned char)meanings[found - names];
    *out_count = 1;
    reader->at += 2;
    return JSON_OK;
}

/* Passes a run of bytes that stand for themselves: plain ones, or whole code points beyond ASCII. */
static enum json_status pass_run(struct json_reader *reader)
{
    size_t start = reader->at;
    size_t at = start + json_plain_bytes(reader->bytes + start, reader->length - start);
    size_t beyond = at;
    while (at < reader->length && reader->bytes[at] >= 0x80)
        at++;
    struct text run = { (const char *)reader->bytes + beyond, at - beyond };
    if (!text_is_utf8(run)) {
        reader->at = beyond;
        return JSON_UTF8;
    }
    reader->at = at;
    /* Nothing passed: a control character, or the end before the closing quote. */
    return at > start ? JSON_OK : JSON_SYNTAX;
}

/* The rest of a string from its first byte that is not plain. What is unescaped moves down: it never grows.
 */
static enum json_status pass_rest(struct json_reader *reader, bool unescape, size_t *out_end)
{
    size_t end = reader->at;
    while (!pass(reader, '"')) {
        unsigned char escaped[4];
        const unsigned char *source = escaped;
        size_t count = 0;
        enum json_status status;
        if (reader->at < reader->length && reader->bytes[reader->at] == '\\') {
            status = pass_escape(reader, escaped, &count);
        } else {
            size_t start = reader->at;
            status = pass_run(reader);
            source = reader->bytes + start;
            count = reader->at - start;
        }
        if (status != JSON_OK)
            return status;
        if (unescape) {
            memmove(reader->bytes + end, source, count);
            end += count;
        }
    }
    *out_end = unescape ? end : reader->at - 1;
    return JSON_OK;
}

static enum json_status pass_string(struct json_reader *reader, bool unescape, struct text *out_string)
{
    if (!pass(reader, '"'))
        return JSON_SYNTAX;
    size_t start = reader->at;
    reader->at += json_plain_bytes(reader->bytes + start, reader->length - start);
    size_t end = reader->at;
    if (!pass(reader, '"')) {
        enum json_status status = pass_rest(reader, unescape, &end);
        if (status != JSON_OK)
            return status;
    }
    *out_string = (struct text){ (const char *)reader->bytes + start, end - start };
    return JSON_OK;
}

enum json_status json_read_string(struct json_reader *reader, struct text *out_string)
{
    skip_white(reader);
    return pass_string(reader, true, out_string);
}

static bool pass_digits(struct json_reader *reader)
{
    size_t start = reader->at;
    while (reader->at < reader->length && reader->bytes[reader->at] >= '0' &&
           reader->bytes[reader->at] <= '9')
        reader->at++;
    return reader->at > start;
}

enum json_status json_read_number(struct json_reader *reader, struct text *out_number)
{
    skip_white(reader);
    size_t start = reader->at;
    pass(reader, '-');
    if (!pass(reader, '0') && !pass_digits(reader))
        return JSON_SYNTAX;
    if (pass(reader, '.') && !pass_digits(reader))
        return JSON_SYNTAX;
    if (pass(reader, 'e') || pass(reader, 'E')) {
        if (!pass(reader, '+'))
            pass(reader, '-');
        if (!pass_digits(reader))
            return JSON_SYNTAX;
    }
    *out_number = (struct text){ (const char *)reader->bytes + start, reader->at - start };
    return JSON_OK;
}

static enum json_status pass_word(struct json_reader *reader, struct text word)
{
    for (size_t i = 0; i < word.length; i++)
        if (!pass(reader, (unsigned char)word.bytes[i]))
            return JSON_SYNTAX;
    return JSON_OK;
}

/* The step that objects and arrays share: over the opening bracket or a comma to what follows, or over the
 * closing bracket. */
static enum json_status step(struct json_reader *reader, bool *first, unsigned char open, unsigned char close)
{
    skip_white(reader);
    if (*first) {
        if (reader->depth >= LIMIT_JSON_DEPTH)
            return JSON_DEPTH;
        if (!pass(reader, open))
            return JSON_SYNTAX;
        reader->depth++;
        skip_white(reader);
    }
    if (pass(reader, close)) {
        reader->depth--;
        return JSON_END;
    }
    if (!*first && !pass(reader, ','))
        return JSON_SYNTAX;
    *first = false;
    skip_white(reader);
    return JSON_OK;
}

static enum json_status step_member(struct json_reader *reader, bool *first, bool unescape,
                                    struct text *out_name)
{
    enum json_status status = step(reader, first, '{', '}');
    if (status == JSON_OK)
        status = pass_string(reader, unescape, out_name);
    if (status != JSON_OK)
        return status;
    skip_white(reader);
    return pass(reader, ':') ? JSON_OK : JSON_SYNTAX;
}

enum json_status json_member(struct json_reader *reader, bool *first, struct text *out_name)
{
    return step_member(reader, first, true, out_name);
}

enum json_status json_element(struct json_reader *reader, bool *first)
{
    return step(reader, first, '[', ']');
}

static enum json_status pass_value(struct json_reader *reader);

static enum json_status pass_object(struct json_reader *reader)
{
    bool first = true;
    struct text name;
    enum json_status status;
    while ((status = step_member(reader, &first, false, &name)) == JSON_OK) {
        status = pass_value(reader);
        if (status != JSON_OK)
            return status;
    }
    return status == JSON_END ? JSON_OK : status;
}

static enum json_status pass_array(struct json_reader *reader)
{
    bool first = true;
    enum json_status status;
    while ((status = json_element(reader, &first)) == JSON_OK) {
        status = pass_value(reader);
        if (status != JSON_OK)
            return status;
    }
    return status == JSON_END ? JSON_OK : status;
}

/* Recursion ends at LIMIT_JSON_DEPTH, which step() keeps. */
static enum json_status pass_value(struct json_reader *reader)
{
    struct text ignored;
    enum json_kind kind;
    enum json_status status = json_peek(reader, &kind);
    if (status != JSON_OK)
        return status;
    switch (kind) {
    case JSON_KIND_OBJECT:
        return pass_object(reader);
    case JSON_KIND_ARRAY:
        return pass_array(reader);
    case JSON_KIND_STRING:
        return pass_string(reader, false, &ignored);
    case JSON_KIND_NUMBER:
        return json_read_number(reader, &ignored);
    case JSON_KIND_TRUE:
        return pass_word(reader, TEXT("true"));
    case JSON_KIND_FALSE:
        return pass_word(reader, TEXT("false"));
    case JSON_KIND_NULL:
        return pass_word(reader, TEXT("null"));
    }
    return JSON_SYNTAX;
}

enum json_status json_skip(struct json_reader *reader, struct text *out_raw)
{
    skip_white(reader);
    size_t start = reader->at;
    enum json_status status = pass_value(reader);
    if (status != JSON_OK)
        return status;
    *out_raw = (struct text){ (const char *)reader->bytes + start, reader->at - start };
    return JSON_OK;
}

enum json_status json_finish(struct json_reader *reader)
{
    skip_white(reader);
    return reader->at == reader->length ? JSON_OK : JSON_SYNTAX;
}
