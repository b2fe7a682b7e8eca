/* SPDX-License-Identifier: Apache-2.0 */
/* A table whose integer keys may be borne by several values: those of one key form a chain, oldest first. */
#ifndef CORE_CHAIN_H
#define CORE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"

/* Embedded in the value. */
struct chain_node {
    uint64_t key;
    struct chain_node *next;
    struct chain_node *last; /* kept in the head only */
    void *owner;             /* NULL: not in a chain */
};

void chain_table_init(struct table *table, const struct memory *memory, struct siphash_key key);
/* False: out of memory, nothing changed. */
bool chain_add(struct table *table, struct chain_node *node, uint64_t key, void *owner);
/* No effect when it is in none. */
void chain_remove(struct table *table, struct chain_node *node);
struct chain_node *chain_find(const struct table *table, uint64_t key);
/* Two numbers as one key. */
uint64_t chain_key(uint32_t high, uint32_t low);

#endif
