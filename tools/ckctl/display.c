/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/display.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

struct range {
    uint32_t first, last;
};

/* Controls, and format characters that hide or reorder what stands beside them. */
static const struct range steering[] = { { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x61c, 0x61c },
                                         { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
                                         { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f } };
/* Combining marks of the common scripts, and variation selectors. */
static const struct range zero_width[] = { { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
                                           { 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x900, 0x902 },
                                           { 0x93c, 0x93c },   { 0x941, 0x948 },   { 0x94d, 0x94d },
                                           { 0xe31, 0xe31 },   { 0xe34, 0xe3a },   { 0xe47, 0xe4e },
                                           { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
                                           { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef } };
/* East Asian wide and full-width forms, and pictures. */
static const struct range double_width[] = { { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2e80, 0x303e },
                                             { 0x3041, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },
                                             { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
                                             { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
                                             { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };
#define IS_IN(ranges, point) is_in(ranges, sizeof(ranges) / sizeof *(ranges), point)

static bool is_in(const struct range *ranges, size_t count, uint32_t point)
{
    for (size_t i = 0; i < count; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

/* Bytes of the character at the front, 1 to 4; 0 when it is ill-formed. */
static size_t take_character(const char *bytes, size_t length, uint32_t *out_point)
{
    unsigned char first = (unsigned char)bytes[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size > length || !text_is_utf8((struct text){ bytes, size }))
        return 0;
    uint32_t point = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++)
        point = point << 6 | ((unsigned char)bytes[i] & 0x3f);
    *out_point = point;
    return size;
}

static void escape_ascii(struct buffer *out, uint32_t point)
{
    if (point == '\n')
        buffer_put_c(out, "\\n");
    else if (point == '\t')
        buffer_put_c(out, "\\t");
    else if (point == '\r')
        buffer_put_c(out, "\\r");
    else
        buffer_format(out, "\\x%02x", (unsigned)point);
}

void display_escape(struct buffer *out, const char *bytes, size_t length)
{
    size_t size;
    for (size_t at = 0; at < length; at += size) {
        uint32_t point;
        size = take_character(bytes + at, length - at, &point);
        if (size == 0) {
            size = 1;
            escape_ascii(out, (unsigned char)bytes[at]);
        } else if (point < 0x20 || point == 0x7f) {
            escape_ascii(out, point);
        } else if (point == '\\') {
            buffer_put_c(out, "\\\\");
        } else if (IS_IN(steering, point)) {
            buffer_format(out, "\\u{%x}", (unsigned)point);
        } else {
            buffer_put(out, bytes + at, size);
        }
    }
}

static size_t point_width(uint32_t point)
{
    if (point < 0x300)
        return 1;
    return IS_IN(zero_width, point) ? 0 : IS_IN(double_width, point) ? 2 : 1;
}

/* Walks while the next character fits; tells both the bytes and the columns walked. */
static size_t walk(const char *utf8, size_t columns_max, size_t *out_columns)
{
    size_t length = strlen(utf8), at = 0, columns = 0;
    while (at < length) {
        uint32_t point = 0;
        size_t size = take_character(utf8 + at, length - at, &point);
        size_t width = point_width(point);
        if (width > columns_max - columns)
            break;
        columns += width;
        at += size > 0 ? size : 1;
    }
    *out_columns = columns;
    return at;
}

size_t display_width(const char *utf8)
{
    size_t columns;
    walk(utf8, SIZE_MAX, &columns);
    return columns;
}

size_t display_fit(const char *utf8, size_t columns)
{
    size_t used;
    return walk(utf8, columns, &used);
}
