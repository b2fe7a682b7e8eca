/* SPDX-License-Identifier: Apache-2.0 */
#include "http/uri.h"

#include <string.h>

void uri_split(struct text target, struct text *out_path, struct text *out_query)
{
    size_t skip = text_starts_with(target, TEXT("http://"))    ? 7
                  : text_starts_with(target, TEXT("https://")) ? 8
                                                               : 0;
    if (skip > 0) {
        while (skip < target.length && target.bytes[skip] != '/' && target.bytes[skip] != '?')
            skip++;
        target = (struct text){ target.bytes + skip, target.length - skip };
    }
    const char *mark = target.length > 0 ? memchr(target.bytes, '?', target.length) : NULL;
    size_t path_length = mark != NULL ? (size_t)(mark - target.bytes) : target.length;
    *out_path = (struct text){ target.bytes, path_length };
    *out_query = mark != NULL ? (struct text){ mark + 1, target.length - path_length - 1 } : TEXT_ABSENT;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uri_decode(struct text raw, enum uri_spelling spelling, struct arena *arena, struct text *out_decoded)
{
    char *decoded = arena_allocate(arena, raw.length + 1);
    size_t length = 0;
    if (decoded == NULL)
        return false;
    for (size_t i = 0; i < raw.length; i++) {
        char c = raw.bytes[i];
        if (c == '%') {
            if (raw.length - i < 3 || hex_value(raw.bytes[i + 1]) < 0 || hex_value(raw.bytes[i + 2]) < 0)
                return false;
            c = (char)(hex_value(raw.bytes[i + 1]) * 16 + hex_value(raw.bytes[i + 2]));
            i += 2;
        } else if (c == '+' && spelling == URI_QUERY) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        decoded[length++] = c;
    }
    struct text text = { decoded, length };
    if (!text_is_utf8(text))
        return false;
    *out_decoded = text;
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void uri_put_encoded(struct bytes_writer *writer, struct text text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (is_unreserved((char)c)) {
            bytes_put_byte(writer, (char)c);
            continue;
        }
        bytes_put_byte(writer, '%');
        bytes_put_byte(writer, digits[c >> 4]);
        bytes_put_byte(writer, digits[c & 15]);
    }
}

bool uri_next(struct text *rest, char separator, struct text *out_part)
{
    if (!text_is_present(*rest))
        return false;
    const char *end = rest->length > 0 ? memchr(rest->bytes, separator, rest->length) : NULL;
    if (end == NULL) {
        *out_part = *rest;
        *rest = TEXT_ABSENT;
        return true;
    }
    size_t length = (size_t)(end - rest->bytes);
    *out_part = (struct text){ rest->bytes, length };
    *rest = (struct text){ end + 1, rest->length - length - 1 };
    return true;
}
