/* SPDX-License-Identifier: Apache-2.0 */
/* Relays and lookups as rows: binding them to an upsert, and reading them back as views of the row. */
#ifndef STORE_SQLITE_ROW_H
#define STORE_SQLITE_ROW_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/record.h"
#include "store/packing.h"

/* The columns, in the order of bind and read; relay and lookup differ only in the name of the first. */
#define SQLITE_ROW_COLUMNS                                                                                   \
    "state, decided_by, reason, received_ms, ended_ms, km_id, source_kma_id, destination_kma_id,"            \
    " application_destination_id, body"

/* Of states that are open or, of relays, may still be corrected: literally the partial indexes' conditions,
   which a query must repeat for SQLite to use them. */
#define SQLITE_RELAY_UNSETTLED "(state < 3 OR state > 5)"
#define SQLITE_LOOKUP_UNSETTLED "state < 2"
bool sqlite_row_relay_is_unsettled(enum relay_state state);
bool sqlite_row_lookup_is_unsettled(enum lookup_state state);

/* Binds parameters 1 to 11. `body` is scratch; it and the record's texts must stay until the statement is
   reset. False: out of memory. */
bool sqlite_row_bind_relay(sqlite3_stmt *statement, struct buffer *body, const struct relay_record *relay);
bool sqlite_row_bind_lookup(sqlite3_stmt *statement, struct buffer *body, const struct lookup_record *lookup);

/* Storage that a record read from a row points at, beside the row itself. */
struct sqlite_row_texts {
    struct text texts[LIMIT_PATH_KMAS];
};

/* The record is a view of the row: until the next step or reset. False: the row is damaged. */
bool sqlite_row_read_relay(sqlite3_stmt *statement, struct sqlite_row_texts *texts,
                           struct relay_record *out_relay);
bool sqlite_row_read_lookup(sqlite3_stmt *statement, struct sqlite_row_texts *texts,
                            struct lookup_record *out_lookup);

#endif
