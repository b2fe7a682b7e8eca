/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/cell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char dots[] = "...";

enum { DOTS_BYTES = sizeof dots - 1 };

void cell_set_integer(struct cell *cell, int32_t value)
{
    cell->type = CELL_INTEGER;
    cell->integer = value;
}

void cell_set_unsigned(struct cell *cell, uint64_t value)
{
    cell->type = CELL_UNSIGNED;
    cell->number = value > UINT32_MAX ? UINT32_MAX : value;
}

void cell_set_counter(struct cell *cell, uint64_t value)
{
    cell->type = CELL_COUNTER64;
    cell->number = value;
}

void cell_set_truth(struct cell *cell, bool value)
{
    cell_set_integer(cell, value ? 1 : 2);
}

void cell_set_time(struct cell *cell, uint64_t unix_ms)
{
    const time_t seconds = (time_t)(unix_ms / 1000);
    struct tm utc;
    cell->type = CELL_OCTETS;
    cell->length = 8;
    memset(cell->octets, 0, cell->length);
    if (unix_ms == 0 || gmtime_r(&seconds, &utc) == NULL)
        return;
    const int year = utc.tm_year + 1900;
    const unsigned char octets[] = { (unsigned char)(year >> 8),
                                     (unsigned char)year,
                                     (unsigned char)(utc.tm_mon + 1),
                                     (unsigned char)utc.tm_mday,
                                     (unsigned char)utc.tm_hour,
                                     (unsigned char)utc.tm_min,
                                     (unsigned char)utc.tm_sec,
                                     (unsigned char)(unix_ms % 1000 / 100),
                                     '+',
                                     0,
                                     0 };
    cell->length = sizeof octets;
    memcpy(cell->octets, octets, sizeof octets);
}

/* The number of bytes, at most `bytes_max`, after which a character ends. */
static size_t whole_characters(struct text text, size_t bytes_max)
{
    size_t length = bytes_max < text.length ? bytes_max : text.length;
    while (length > 0 && length < text.length && ((unsigned char)text.bytes[length] & 0xc0) == 0x80)
        length--;
    return length;
}

void cell_set_text(struct cell *cell, struct text text, size_t octets_max)
{
    if (octets_max > sizeof cell->octets)
        octets_max = sizeof cell->octets;
    cell->type = CELL_OCTETS;
    cell->length = 0;
    if (!text_is_present(text))
        return;
    const bool fits = text.length <= octets_max;
    cell->length = fits ? text.length : whole_characters(text, octets_max - DOTS_BYTES);
    memcpy(cell->octets, text.bytes, cell->length);
    if (fits)
        return;
    memcpy(cell->octets + cell->length, dots, DOTS_BYTES);
    cell->length += DOTS_BYTES;
}

void cell_set_c(struct cell *cell, const char *string, size_t octets_max)
{
    cell_set_text(cell, text_from_c(string), octets_max);
}

void cell_set_decimal(struct cell *cell, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    cell_set_c(cell, digits, sizeof digits);
}

/* ---- words ---- */

struct cell_text cell_text_begin(char *buffer, size_t capacity)
{
    return (struct cell_text){ .buffer = buffer, .capacity = capacity };
}

void cell_text_word(struct cell_text *text, const char *separator, struct text word)
{
    const size_t separator_bytes = text->length > 0 ? strlen(separator) : 0;
    if (text->cut || text->length + separator_bytes + word.length + DOTS_BYTES > text->capacity) {
        text->cut = true;
        return;
    }
    memcpy(text->buffer + text->length, separator, separator_bytes);
    text->length += separator_bytes;
    if (word.length > 0)
        memcpy(text->buffer + text->length, word.bytes, word.length);
    text->length += word.length;
}

struct text cell_text_end(struct cell_text *text)
{
    if (text->cut) {
        memcpy(text->buffer + text->length, dots, DOTS_BYTES);
        text->length += DOTS_BYTES;
        text->cut = false;
    }
    return (struct text){ text->buffer, text->length };
}
