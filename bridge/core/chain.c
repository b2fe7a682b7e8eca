/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain.h"

#include <assert.h>

static struct text key_of(const void *value)
{
    return table_integer_key(&((const struct chain_node *)value)->key);
}

void chain_table_init(struct table *table, const struct memory *memory, struct siphash_key key)
{
    table_init(table, memory, key, key_of);
}

bool chain_add(struct table *table, struct chain_node *node, uint64_t key, void *owner)
{
    assert(node->owner == NULL && owner != NULL);
    struct chain_node *head = chain_find(table, key);
    *node = (struct chain_node){ .key = key, .last = node };
    if (head != NULL) {
        head->last->next = node;
        head->last = node;
    } else if (!table_insert(table, node)) {
        return false;
    }
    node->owner = owner;
    return true;
}

void chain_remove(struct table *table, struct chain_node *node)
{
    if (node->owner == NULL)
        return;
    node->owner = NULL;
    struct chain_node *head = chain_find(table, node->key);
    assert(head != NULL);
    if (head == node) {
        table_remove(table, table_integer_key(&node->key));
        if (node->next != NULL) {
            node->next->last = node->last;
            bool inserted = table_insert(table, node->next);
            assert(inserted); /* the place that was just left is free */
        }
        return;
    }
    struct chain_node *before = head;
    while (before->next != node)
        before = before->next;
    before->next = node->next;
    if (head->last == node)
        head->last = before;
}

struct chain_node *chain_find(const struct table *table, uint64_t key)
{
    return table_find(table, table_integer_key(&key));
}

uint64_t chain_key(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}
