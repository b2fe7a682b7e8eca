/* SPDX-License-Identifier: Apache-2.0 */
#include "main/words.h"

#include <string.h>

struct text words_trim(struct text text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

bool words_take(struct text *list, char separator, struct text *out_item)
{
    if (!text_is_present(*list))
        return false;
    const char *end = memchr(list->bytes, separator, list->length);
    size_t length = end != NULL ? (size_t)(end - list->bytes) : list->length;
    *out_item = words_trim((struct text){ list->bytes, length });
    *list = end != NULL ? (struct text){ end + 1, list->length - length - 1 } : TEXT_ABSENT;
    return true;
}

unsigned words_distance(struct text left, struct text right)
{
    enum { COMPARED = 32 };
    unsigned row[COMPARED + 1];
    size_t rows = left.length < COMPARED ? left.length : COMPARED;
    size_t columns = right.length < COMPARED ? right.length : COMPARED;
    for (unsigned column = 0; column <= columns; column++)
        row[column] = column;
    for (size_t i = 1; i <= rows; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= columns; j++) {
            unsigned changed = diagonal + (left.bytes[i - 1] != right.bytes[j - 1]);
            diagonal = row[j];
            unsigned shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[columns];
}
