/* SPDX-License-Identifier: Apache-2.0 */
#include "ck/json_writer.h"

#include <string.h>

#include "ck/json_plain.h"

/* Values end in a bracket, a quote, a digit, or the last letter of true, false and null; what is structure,
 * or text before the JSON such as "data: ", does not. */
static bool ends_value(unsigned char byte)
{
    return byte == '"' || byte == '}' || byte == ']' || (byte >= '0' && byte <= '9') || byte == 'e' ||
           byte == 'l';
}

static void separate(struct bytes_writer *writer)
{
    if (writer->length > 0 && ends_value(writer->buffer[writer->length - 1]))
        bytes_put_byte(writer, ',');
}

void json_open_object(struct bytes_writer *writer)
{
    separate(writer);
    bytes_put_byte(writer, '{');
}

void json_close_object(struct bytes_writer *writer)
{
    bytes_put_byte(writer, '}');
}

void json_open_array(struct bytes_writer *writer)
{
    separate(writer);
    bytes_put_byte(writer, '[');
}

void json_close_array(struct bytes_writer *writer)
{
    bytes_put_byte(writer, ']');
}

static void put_escape(struct bytes_writer *writer, unsigned char byte)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    static const char digits[] = "0123456789abcdef";
    char escape[6] = { '\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15] };
    if (byte >= 0x20)
        escape[1] = (char)byte;
    else if (letters[byte] != '\0')
        escape[1] = letters[byte];
    bytes_put(writer, escape, escape[1] == 'u' ? 6 : 2);
}

static bool needs_escape(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

void json_put_escaped(struct bytes_writer *writer, struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    for (size_t at = 0; at < text.length;) {
        size_t run = at + json_plain_bytes(bytes + at, text.length - at);
        while (run < text.length && bytes[run] >= 0x80)
            run++;
        if (run > at)
            bytes_put(writer, bytes + at, run - at);
        at = run;
        if (at < text.length && needs_escape(bytes[at]))
            put_escape(writer, bytes[at++]);
    }
}

static void put_quoted(struct bytes_writer *writer, struct text text)
{
    bytes_put_byte(writer, '"');
    json_put_escaped(writer, text);
    bytes_put_byte(writer, '"');
}

void json_name(struct bytes_writer *writer, const char *name)
{
    separate(writer);
    put_quoted(writer, text_from_c(name));
    bytes_put_byte(writer, ':');
}

void json_text(struct bytes_writer *writer, struct text text)
{
    if (!text_is_present(text)) {
        json_put_null(writer);
        return;
    }
    separate(writer);
    put_quoted(writer, text);
}

void json_c(struct bytes_writer *writer, const char *string)
{
    json_text(writer, text_from_c(string));
}

void json_u64(struct bytes_writer *writer, uint64_t value)
{
    separate(writer);
    bytes_put_u64(writer, value);
}

void json_u64_text(struct bytes_writer *writer, uint64_t value)
{
    separate(writer);
    bytes_put_byte(writer, '"');
    bytes_put_u64(writer, value);
    bytes_put_byte(writer, '"');
}

void json_put_boolean(struct bytes_writer *writer, bool value)
{
    json_raw(writer, value ? TEXT("true") : TEXT("false"));
}

void json_put_null(struct bytes_writer *writer)
{
    json_raw(writer, TEXT("null"));
}

void json_time(struct bytes_writer *writer, uint64_t unix_ms)
{
    if (unix_ms == 0) {
        json_put_null(writer);
        return;
    }
    separate(writer);
    bytes_put_byte(writer, '"');
    bytes_put_time(writer, unix_ms);
    bytes_put_byte(writer, '"');
}

void json_raw(struct bytes_writer *writer, struct text json)
{
    separate(writer);
    bytes_put_text(writer, json);
}
