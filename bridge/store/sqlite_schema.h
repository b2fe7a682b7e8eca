/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and the steps that bring a database of any earlier version to the newest. */
#ifndef STORE_SQLITE_SCHEMA_H
#define STORE_SQLITE_SCHEMA_H

#include <sqlite3.h>
#include <stddef.h>

#include "store/store.h"

/* Step n (counted from 0) brings version n to n + 1; version 0 is an empty file. Each is one transaction. */
struct sqlite_schema {
    const char *const *steps;
    int step_count; /* also the newest version */
};

extern const struct sqlite_schema sqlite_schema;

/* Refuses a newer, foreign or damaged database before anything has touched it. */
enum store_status sqlite_schema_check(sqlite3 *connection, const struct sqlite_schema *schema,
                                      char *out_detail, size_t detail_bytes);
/* Brings the database to the schema's newest version. Checks first. */
enum store_status sqlite_schema_migrate(sqlite3 *connection, const struct sqlite_schema *schema,
                                        char *out_detail, size_t detail_bytes);

#endif
