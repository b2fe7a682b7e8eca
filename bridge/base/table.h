/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from a text or an integer key to a pointer; it owns neither keys nor values. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/siphash.h"
#include "base/text.h"

/* The key lives in the value and must not change while it is in the table. */
typedef struct text (*table_key_function)(const void *value);

struct table_slot {
    uint64_t hash;
    void *value; /* NULL: empty */
};

struct table {
    struct memory memory;
    struct siphash_key key;
    table_key_function key_of;
    struct table_slot *slots; /* linear probing, deletion by backward shift */
    size_t capacity;          /* a power of two, or 0 */
    size_t count;
};

/* `key` is the caller's secret seed; peers choose table keys, so it must not be a constant in production. */
void table_init(struct table *table, const struct memory *memory, struct siphash_key key,
                table_key_function key_of);
void table_fini(struct table *table);
/* NULL when there is none. */
void *table_find(const struct table *table, struct text key);
/* The key must not be in the table yet. False: out of memory, nothing changed. */
bool table_insert(struct table *table, void *value);
/* The value that was removed, or NULL. */
void *table_remove(struct table *table, struct text key);
/* Visits in no particular order: start with *position = 0; NULL at the end. No insert or remove meanwhile. */
void *table_next(const struct table *table, size_t *position);

/* A text view of an integer's own bytes, to key a table by it. */
struct text table_integer_key(const uint64_t *integer);

#endif
