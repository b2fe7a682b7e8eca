/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting configuration text into pieces: blanks trimmed, lists taken item by item, near names found. */
#ifndef MAIN_WORDS_H
#define MAIN_WORDS_H

#include <stdbool.h>

#include "base/text.h"

/* Without the spaces and tabs around it. */
struct text words_trim(struct text text);
/* Takes the first item off a list, trimmed; the rest is absent once the last was taken. False: no more. */
bool words_take(struct text *list, char separator, struct text *out_item);
/* How many letters must be put in, taken out or changed to make one of the other; at most 32 are compared. */
unsigned words_distance(struct text left, struct text right);

#endif
