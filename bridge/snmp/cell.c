/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/cell.h"

#include <assert.h>
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

void cell_set_counter32(struct cell *cell, uint64_t value)
{
    cell->type = CELL_COUNTER32;
    cell->number = value & UINT32_MAX;
}

void cell_set_ticks(struct cell *cell, uint64_t centiseconds)
{
    cell->type = CELL_TICKS;
    cell->number = centiseconds & UINT32_MAX;
}

void cell_set_name(struct cell *cell, struct cell_name start, struct cell_name rest)
{
    assert(start.count + rest.count <= CELL_NAME_MAX);
    cell->type = CELL_NAME;
    cell->length = start.count + rest.count;
    memcpy(cell->name, start.arcs, start.count * sizeof *start.arcs);
    if (rest.count > 0)
        memcpy(cell->name + start.count, rest.arcs, rest.count * sizeof *rest.arcs);
}

void cell_set_truth(struct cell *cell, bool value)
{
    cell_set_integer(cell, value ? 1 : 2);
}

void cell_set_octets(struct cell *cell, const unsigned char *octets, size_t length)
{
    assert(length <= sizeof cell->octets);
    cell->type = CELL_OCTETS;
    cell->length = length;
    if (length > 0)
        memcpy(cell->octets, octets, length);
}

void cell_set_time(struct cell *cell, uint64_t unix_ms)
{
    static const unsigned char unknown[8];
    const time_t seconds = (time_t)(unix_ms / 1000);
    struct tm utc;
    cell_set_octets(cell, unknown, sizeof unknown);
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
    cell_set_octets(cell, octets, sizeof octets);
}

/* Ends the `length` octets of what does not fit into `octets_max`; its new length. */
static size_t cut(unsigned char *octets, size_t length, size_t octets_max)
{
    if (length > octets_max - DOTS_BYTES) {
        length = octets_max - DOTS_BYTES;
        while (length > 0 && (octets[length] & 0xc0) == 0x80) /* within a character */
            length--;
    }
    memcpy(octets + length, dots, DOTS_BYTES);
    return length + DOTS_BYTES;
}

/* The next character as it is shown, and how much of the text it was. */
static struct text shown(struct text text, size_t *out_taken)
{
    uint32_t code;
    const size_t bytes = text_code_point(text, &code);
    *out_taken = bytes > 0 ? bytes : 1;
    if (bytes == 0)
        return TEXT("?");
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) ? TEXT(" ") : (struct text){ text.bytes, bytes };
}

void cell_set_text(struct cell *cell, struct text text, size_t octets_max)
{
    if (octets_max > sizeof cell->octets)
        octets_max = sizeof cell->octets;
    cell->type = CELL_OCTETS;
    cell->length = 0;
    for (size_t taken; text.length > 0; text.bytes += taken, text.length -= taken) {
        const struct text character = shown(text, &taken);
        if (cell->length + character.length > octets_max) {
            cell->length = cut(cell->octets, cell->length, octets_max);
            return;
        }
        memcpy(cell->octets + cell->length, character.bytes, character.length);
        cell->length += character.length;
    }
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

/* As much as there is room for. */
static void append(struct cell_text *text, struct text piece)
{
    const size_t room = text->capacity - text->length;
    const size_t length = piece.length < room ? piece.length : room;
    if (length > 0)
        memcpy(text->buffer + text->length, piece.bytes, length);
    text->length += length;
    text->cut = text->cut || length < piece.length;
}

void cell_text_word(struct cell_text *text, const char *separator, struct text word)
{
    if (text->length > 0)
        append(text, text_from_c(separator));
    append(text, word);
}

struct text cell_text_end(struct cell_text *text)
{
    if (text->cut)
        text->length = cut((unsigned char *)text->buffer, text->length, text->capacity);
    text->cut = false;
    return (struct text){ text->buffer, text->length };
}
