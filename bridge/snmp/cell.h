/* SPDX-License-Identifier: Apache-2.0 */
/* The value of one cell, in SNMP's types and the MIB's conventions; and texts as long as the MIB allows. */
#ifndef SNMP_CELL_H
#define SNMP_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    CELL_TEXT_BYTES = 1024, /* of CkbText */
    CELL_NAME_MAX = 32,     /* sub-identifiers */
};

/* A name's sub-identifiers: net-snmp's oid. */
typedef unsigned long arc;

enum cell_type {
    CELL_INTEGER,
    CELL_UNSIGNED,
    CELL_COUNTER32,
    CELL_COUNTER64,
    CELL_TICKS,
    CELL_OCTETS,
    CELL_NAME
};

struct cell {
    enum cell_type type;
    int32_t integer;
    uint64_t number; /* of UNSIGNED, COUNTER32, TICKS (32 bits) and COUNTER64 */
    size_t length;   /* of OCTETS and NAME */
    unsigned char octets[CELL_TEXT_BYTES];
    arc name[CELL_NAME_MAX];
};

void cell_set_integer(struct cell *cell, int32_t value);
/* Larger than 32 bits: 4294967295. */
void cell_set_unsigned(struct cell *cell, uint64_t value);
void cell_set_counter(struct cell *cell, uint64_t value);
/* These two begin anew beyond 32 bits, as the SMI has it. */
void cell_set_counter32(struct cell *cell, uint64_t value);
void cell_set_ticks(struct cell *cell, uint64_t centiseconds);
/* A name followed by one more sub-identifier for each of `rest`; CELL_NAME_MAX in all at most. */
struct cell_name {
    const arc *arcs;
    size_t count;
};
void cell_set_name(struct cell *cell, struct cell_name start, struct cell_name rest);
void cell_set_truth(struct cell *cell, bool value); /* TruthValue: true(1), false(2) */
/* DateAndTime in UTC; 0: unknown, eight zero octets. */
void cell_set_time(struct cell *cell, uint64_t unix_ms);
/* Absent: of length zero. A control character becomes a blank, a byte that is no UTF-8 a question mark. What
   is longer than `octets_max` (3 or more) is cut between two characters, and ends in three full stops. */
void cell_set_text(struct cell *cell, struct text text, size_t octets_max);
/* As they are; `length` is at most CELL_TEXT_BYTES. */
void cell_set_octets(struct cell *cell, const unsigned char *octets, size_t length);
void cell_set_c(struct cell *cell, const char *string, size_t octets_max);
void cell_set_decimal(struct cell *cell, uint64_t value); /* CkbNumber */

/* Words with something between them, cut likewise. The buffer is the caller's. */
struct cell_text {
    char *buffer;
    size_t capacity;
    size_t length;
    bool cut;
};
struct cell_text cell_text_begin(char *buffer, size_t capacity);
void cell_text_word(struct cell_text *text, const char *separator, struct text word);
struct text cell_text_end(struct cell_text *text);

#endif
