/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

#include "base/limits.h"

struct text text_from_c(const char *string)
{
    return (struct text){ string, string != NULL ? strlen(string) : 0 };
}

bool text_is_present(struct text text)
{
    return text.bytes != NULL;
}

bool text_equal(struct text left, struct text right)
{
    if ((left.bytes == NULL) != (right.bytes == NULL) || left.length != right.length)
        return false;
    return left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0;
}

bool text_equal_c(struct text left, const char *right)
{
    return text_equal(left, text_from_c(right));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_ignoring_case(struct text left, struct text right)
{
    if (left.length != right.length)
        return false;
    for (size_t i = 0; i < left.length; i++)
        if (lower(left.bytes[i]) != lower(right.bytes[i]))
            return false;
    return true;
}

int text_compare(struct text left, struct text right)
{
    size_t common = left.length < right.length ? left.length : right.length;
    int order = common == 0 ? 0 : memcmp(left.bytes, right.bytes, common);
    if (order != 0)
        return order;
    return (left.length > right.length) - (left.length < right.length);
}

bool text_starts_with(struct text text, struct text prefix)
{
    return text.length >= prefix.length &&
           (prefix.length == 0 || memcmp(text.bytes, prefix.bytes, prefix.length) == 0);
}

/* The bytes of one well-formed code point at `at`, or 0; the code point itself through out_code. */
static size_t utf8_code_point(const unsigned char *at, size_t available, uint32_t *out_code)
{
    unsigned char first = at[0];
    if (first < 0x80) {
        *out_code = first;
        return 1;
    }
    size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || available < bytes)
        return 0;
    uint32_t code = first & (0x7Fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (code < smallest[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *out_code = code;
    return bytes;
}

/* How many of `bytes` are printable ASCII, to the last whole word: nearly all of any text is, and costs an
 * eighth. */
static size_t printable_words(const unsigned char *bytes, size_t count)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    for (uint64_t word; count - at >= sizeof word; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        uint64_t below_space = (word - ones * 0x20) & ~word;
        uint64_t above_tilde = (word + ones) | word;
        if (((below_space | above_tilde) & ones << 7) != 0)
            break;
    }
    return at;
}

size_t text_code_point(struct text text, uint32_t *out_code)
{
    uint32_t code = 0;
    const size_t bytes =
        text.length > 0 ? utf8_code_point((const unsigned char *)text.bytes, text.length, &code) : 0;
    if (bytes > 0)
        *out_code = code;
    return bytes;
}

bool text_is_utf8(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    uint32_t code;
    for (size_t at = 0; at < text.length;) {
        size_t step = utf8_code_point(bytes + at, text.length - at, &code);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

bool text_is_identifier(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    if (text.length < 1 || text.length > LIMIT_IDENTIFIER_BYTES)
        return false;
    for (size_t at = printable_words(bytes, text.length); at < text.length;) {
        uint32_t code;
        if (bytes[at] >= 0x20 && bytes[at] < 0x7F) {
            at++;
            continue;
        }
        size_t step = utf8_code_point(bytes + at, text.length - at, &code);
        if (step == 0 || code < 0x20 || (code >= 0x7F && code <= 0x9F))
            return false;
        at += step;
    }
    return true;
}

bool text_to_u64(struct text text, uint64_t maximum, uint64_t *out_value)
{
    uint64_t value = 0;
    if (text.length == 0)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        if (c < '0' || c > '9')
            return false;
        uint64_t digit = (uint64_t)(c - '0');
        if (digit > maximum || value > (maximum - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out_value = value;
    return true;
}

bool text_to_c(struct text text, char *buffer, size_t buffer_bytes)
{
    buffer[0] = '\0';
    if (text.length >= buffer_bytes)
        return false;
    if (text.length > 0)
        memcpy(buffer, text.bytes, text.length);
    buffer[text.length] = '\0';
    return true;
}
