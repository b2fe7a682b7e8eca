/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_connection.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    BUSY_TIMEOUT_MS = 1000, /* only recovery after a crash ever makes two of our connections meet */
};

/*
 * WAL lets readers read while the store writes; FULL makes COMMIT return after the WAL is on disk, which
 * NORMAL does not. Checkpoints are the writer's own business (store_maintain), never a commit's. The WAL file
 * is cut back to 64 MiB when a burst has made it longer.
 */
static const char write_pragmas[] = "PRAGMA synchronous=FULL;"
                                    "PRAGMA wal_autocheckpoint=0;"
                                    "PRAGMA journal_size_limit=67108864;"
                                    "PRAGMA cache_size=-16384;"
                                    "PRAGMA temp_store=MEMORY;"
                                    "PRAGMA trusted_schema=OFF;";
static const char read_pragmas[] = "PRAGMA query_only=ON;"
                                   "PRAGMA cache_size=-4096;"
                                   "PRAGMA temp_store=MEMORY;"
                                   "PRAGMA trusted_schema=OFF;";

enum store_status sqlite_connection_status(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STORE_OK;
    case SQLITE_FULL:
        return STORE_FULL;
    case SQLITE_NOMEM:
        return STORE_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* our SQL fits our schema: a missing table means that somebody changed it */
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return STORE_CORRUPT;
    default:
        return STORE_IO;
    }
}

enum store_status sqlite_connection_fail(sqlite3 *connection, int code, const char *what, char *out_detail,
                                         size_t detail_bytes)
{
    const char *why = connection != NULL && sqlite3_errcode(connection) == (code & 0xff)
                          ? sqlite3_errmsg(connection)
                          : sqlite3_errstr(code);
    snprintf(out_detail, detail_bytes, "%s: %s (SQLite code %d)", what, why, code);
    return sqlite_connection_status(code);
}

int sqlite_connection_integer(sqlite3 *connection, const char *sql, int64_t *out_value)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_value = sqlite3_column_int64(statement, 0);
    int finalized = sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : finalized;
}

/* Some file systems and special files can't do WAL: SQLite then stays in another mode without an error. */
static int set_wal(sqlite3 *connection, bool *out_is_wal)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_is_wal = strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    int finalized = sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : finalized;
}

enum store_status sqlite_connection_prepare_write(sqlite3 *connection, char *out_detail, size_t detail_bytes)
{
    bool is_wal = false;
    int code = sqlite3_exec(connection, "PRAGMA page_size=4096", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = set_wal(connection, &is_wal);
    if (code == SQLITE_OK)
        code = sqlite3_exec(connection, write_pragmas, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return sqlite_connection_fail(connection, code, "preparing the database", out_detail, detail_bytes);
    if (!is_wal) {
        snprintf(out_detail, detail_bytes, "the file system cannot hold a write-ahead log");
        return STORE_IO;
    }
    return STORE_OK;
}

enum store_status sqlite_connection_open(const char *path, enum sqlite_connection_use use,
                                         sqlite3 **out_connection, char *out_detail, size_t detail_bytes)
{
    sqlite3 *connection = NULL;
    int flags = use == SQLITE_CONNECTION_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, &connection, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(connection, 1);
        sqlite3_busy_timeout(connection, BUSY_TIMEOUT_MS);
        if (use == SQLITE_CONNECTION_READ)
            code = sqlite3_exec(connection, read_pragmas, NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        enum store_status status =
            sqlite_connection_fail(connection, code, "opening the database", out_detail, detail_bytes);
        sqlite3_close(connection);
        return status;
    }
    *out_connection = connection;
    return STORE_OK;
}

void sqlite_bind_text(sqlite3_stmt *statement, int index, struct text text)
{
    if (text_is_present(text))
        sqlite3_bind_text64(statement, index, text.bytes, text.length, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_null(statement, index);
}

void sqlite_bind_u64(sqlite3_stmt *statement, int index, uint64_t value)
{
    sqlite3_bind_int64(statement, index, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

struct text sqlite_column_text(sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return TEXT_ABSENT;
    const char *bytes = (const char *)sqlite3_column_text(statement, column);
    return (struct text){ bytes, (size_t)sqlite3_column_bytes(statement, column) };
}

uint64_t sqlite_column_u64(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

static uint64_t file_bytes(const char *path)
{
    struct stat status;
    return path != NULL && stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

uint64_t sqlite_connection_bytes(sqlite3 *connection)
{
    const char *path = sqlite3_db_filename(connection, "main");
    return path != NULL ? file_bytes(path) + file_bytes(sqlite3_filename_wal(path)) : 0;
}
