/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <assert.h>

void table_init(struct table *table, const struct memory *memory, struct siphash_key key,
                table_key_function key_of)
{
    *table = (struct table){ .memory = *memory, .key = key, .key_of = key_of };
}

void table_fini(struct table *table)
{
    memory_release(&table->memory, table->slots, table->capacity * sizeof *table->slots);
    table->slots = NULL;
    table->capacity = 0;
    table->count = 0;
}

/* The slot of `key`, or the empty slot where it would go. The table has an empty slot. */
static size_t locate(const struct table *table, struct text key, uint64_t hash)
{
    size_t mask = table->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        const struct table_slot *slot = &table->slots[at];
        if (slot->value == NULL || (slot->hash == hash && text_equal(table->key_of(slot->value), key)))
            return at;
    }
}

void *table_find(const struct table *table, struct text key)
{
    if (table->count == 0)
        return NULL;
    return table->slots[locate(table, key, siphash(table->key, key).low)].value;
}

static bool grow(struct table *table)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
    struct table_slot *slots = memory_allocate(&table->memory, capacity * sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].value == NULL)
            continue;
        size_t at = table->slots[i].hash & (capacity - 1);
        while (slots[at].value != NULL)
            at = (at + 1) & (capacity - 1);
        slots[at] = table->slots[i];
    }
    memory_release(&table->memory, table->slots, table->capacity * sizeof *slots);
    table->slots = slots;
    table->capacity = capacity;
    return true;
}

bool table_insert(struct table *table, void *value)
{
    assert(value != NULL);
    if ((table->count + 1) * 4 > table->capacity * 3 && !grow(table))
        return false;
    struct text key = table->key_of(value);
    uint64_t hash = siphash(table->key, key).low;
    size_t at = locate(table, key, hash);
    assert(table->slots[at].value == NULL);
    table->slots[at] = (struct table_slot){ hash, value };
    table->count++;
    return true;
}

void *table_remove(struct table *table, struct text key)
{
    if (table->count == 0)
        return NULL;
    size_t mask = table->capacity - 1;
    size_t hole = locate(table, key, siphash(table->key, key).low);
    void *removed = table->slots[hole].value;
    if (removed == NULL)
        return NULL;
    for (size_t at = (hole + 1) & mask; table->slots[at].value != NULL; at = (at + 1) & mask) {
        size_t home = table->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) { /* its probe passes over the hole */
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole].value = NULL;
    table->count--;
    return removed;
}

void *table_next(const struct table *table, size_t *position)
{
    while (*position < table->capacity) {
        void *value = table->slots[(*position)++].value;
        if (value != NULL)
            return value;
    }
    return NULL;
}

struct text table_integer_key(const uint64_t *integer)
{
    return (struct text){ (const char *)integer, sizeof *integer };
}
