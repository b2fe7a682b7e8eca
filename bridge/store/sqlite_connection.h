/* SPDX-License-Identifier: Apache-2.0 */
/* One SQLite connection: opening it as this project wants it, its errors as store_status, typed binds. */
#ifndef STORE_SQLITE_CONNECTION_H
#define STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "store/store.h"

enum sqlite_connection_use { SQLITE_CONNECTION_WRITE, SQLITE_CONNECTION_READ };

/* The file must exist. On failure *out_detail says why and *out_connection is untouched. */
enum store_status sqlite_connection_open(const char *path, enum sqlite_connection_use use,
                                         sqlite3 **out_connection, char *out_detail, size_t detail_bytes);
/* Settings of the connection that writes; the first of them, WAL, changes the file. */
enum store_status sqlite_connection_prepare_write(sqlite3 *connection, char *out_detail, size_t detail_bytes);
/* What an SQLite result code means; SQLITE_OK, SQLITE_ROW and SQLITE_DONE are STORE_OK. */
enum store_status sqlite_connection_status(int code);
/* Like sqlite_connection_status, and writes what the connection says of it: "what: why". */
enum store_status sqlite_connection_fail(sqlite3 *connection, int code, const char *what, char *out_detail,
                                         size_t detail_bytes);
/* The integer that a query without parameters gives. */
int sqlite_connection_integer(sqlite3 *connection, const char *sql, int64_t *out_value);
/* What its database and WAL take on the disk; 0: unknown. */
uint64_t sqlite_connection_bytes(sqlite3 *connection);

/* Absent becomes NULL. The bytes must stay until the statement is reset. */
void sqlite_bind_text(sqlite3_stmt *statement, int index, struct text text);
/* Values above 2^63-1 become that. */
void sqlite_bind_u64(sqlite3_stmt *statement, int index, uint64_t value);
/* Views into the row, until the next step or reset. */
struct text sqlite_column_text(sqlite3_stmt *statement, int column);
uint64_t sqlite_column_u64(sqlite3_stmt *statement, int column);

#endif
