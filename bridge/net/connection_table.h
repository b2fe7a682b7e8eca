/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions by handle: an index that is used again, and a generation that is not. */
#ifndef NET_CONNECTION_TABLE_H
#define NET_CONNECTION_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/connection.h"

struct connection_slot {
    struct connection *connection; /* NULL: free */
    uint32_t generation;           /* of the present or the last user; 0: never used */
    uint32_t next_free;
};

struct connection_table {
    struct connection_slot *slots;
    uint32_t capacity;
    uint32_t count;
    uint32_t first_free; /* `capacity`: none; the one that was freed last, while its memory is warm */
};

/* False: out of memory. */
bool connection_table_init(struct connection_table *table, uint32_t capacity);
void connection_table_fini(struct connection_table *table);
/* Sets connection->handle. False: full. */
bool connection_table_add(struct connection_table *table, struct connection *connection);
/* NULL: a handle that is dead or never was. */
struct connection *connection_table_find(const struct connection_table *table, struct session_handle handle);
void connection_table_remove(struct connection_table *table, const struct connection *connection);

#endif
