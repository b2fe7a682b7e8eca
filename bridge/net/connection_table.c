/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection_table.h"

#include <assert.h>
#include <stdlib.h>

bool connection_table_init(struct connection_table *table, uint32_t capacity)
{
    struct connection_slot *slots = calloc(capacity, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (uint32_t i = 0; i < capacity; i++)
        slots[i].next_free = i + 1;
    *table = (struct connection_table){ .slots = slots, .capacity = capacity };
    return true;
}

void connection_table_fini(struct connection_table *table)
{
    free(table->slots);
    *table = (struct connection_table){ 0 };
}

bool connection_table_add(struct connection_table *table, struct connection *connection)
{
    if (table->first_free >= table->capacity)
        return false;
    const uint32_t index = table->first_free;
    struct connection_slot *slot = &table->slots[index];
    assert(slot->connection == NULL);
    table->first_free = slot->next_free;
    slot->connection = connection;
    if (++slot->generation == 0) /* 0 means no session, also after 2^32 of them */
        slot->generation = 1;
    connection->handle = (struct session_handle){ .index = index, .generation = slot->generation };
    table->count++;
    return true;
}

struct connection *connection_table_find(const struct connection_table *table, struct session_handle handle)
{
    if (handle.index >= table->capacity || handle.generation == 0)
        return NULL;
    const struct connection_slot *slot = &table->slots[handle.index];
    return slot->generation == handle.generation ? slot->connection : NULL;
}

void connection_table_remove(struct connection_table *table, const struct connection *connection)
{
    struct connection_slot *slot = &table->slots[connection->handle.index];
    assert(slot->connection == connection);
    slot->connection = NULL;
    slot->next_free = table->first_free;
    table->first_free = connection->handle.index;
    table->count--;
}
