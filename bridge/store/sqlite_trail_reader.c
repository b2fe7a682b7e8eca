/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of the audit trail, of idempotency keys and of dead letters. */
#include "store/sqlite.h"
#include "store/sqlite_connection.h"

/* Fixed numbers: what the SQL of a filter does not mention is bound in vain. */
enum parameter {
    PARAMETER_ACTOR = 1,
    PARAMETER_AFTER,
    PARAMETER_BEFORE,
    PARAMETER_CURSOR,
};

static void put_term(struct bytes_writer *sql, const char *comparison, enum parameter parameter)
{
    bytes_put_c(sql, comparison);
    bytes_put_u64(sql, parameter);
}

static void put_times(struct bytes_writer *sql, const struct audit_filter *filter)
{
    if (filter->after_ms != 0)
        put_term(sql, " AND time_ms >= ?", PARAMETER_AFTER);
    if (filter->before_ms != 0)
        put_term(sql, " AND time_ms < ?", PARAMETER_BEFORE);
}

/* The lowest or highest ID of those times, from the index alone: between the two, a clock that jumped may
   have left others. */
static void put_edge(struct bytes_writer *sql, const struct audit_filter *filter, const char *edge)
{
    bytes_put_c(sql, edge);
    bytes_put_c(sql, "(audit_id) FROM audit INDEXED BY audit_time WHERE 1");
    put_times(sql, filter);
    bytes_put_c(sql, ")");
}

static void put_audit_query(struct bytes_writer *sql, const struct audit_filter *filter)
{
    bytes_put_c(sql, "SELECT audit_id, time_ms, hash, body FROM audit ");
    bytes_put_c(sql,
                text_is_present(filter->actor) ? "INDEXED BY audit_actor WHERE 1" : "NOT INDEXED WHERE 1");
    if (text_is_present(filter->actor))
        put_term(sql, " AND actor = ?", PARAMETER_ACTOR);
    if (filter->after_ms != 0 || filter->before_ms != 0) {
        put_edge(sql, filter, " AND audit_id BETWEEN (SELECT min");
        put_edge(sql, filter, " AND (SELECT max");
        put_times(sql, filter);
    }
    if (filter->oldest_first)
        put_term(sql, " AND audit_id > ?", PARAMETER_CURSOR);
    else if (filter->before_id != 0)
        put_term(sql, " AND audit_id < ?", PARAMETER_CURSOR);
    bytes_put_c(sql, filter->oldest_first ? " ORDER BY audit_id" : " ORDER BY audit_id DESC");
}

static enum history_status show_audit(sqlite3_stmt *statement, audit_visitor visitor, void *context)
{
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct stored_audit entry = {
            .audit_id = sqlite_column_u64(statement, 0),
            .time_ms = sqlite_column_u64(statement, 1),
            .hash = sqlite_column_text(statement, 2),
            .json = sqlite_column_text(statement, 3),
        };
        if (!visitor(context, &entry))
            return HISTORY_OK;
    }
    return code == SQLITE_DONE ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

enum history_status sqlite_reader_audit(void *reader, const struct audit_filter *filter,
                                        audit_visitor visitor, void *context)
{
    char buffer[768];
    sqlite3_stmt *statement = NULL;
    struct bytes_writer sql = bytes_writer(buffer, sizeof buffer);
    put_audit_query(&sql, filter);
    if (sql.overflowed || sqlite3_prepare_v2(sqlite_reader_connection(reader), buffer, (int)sql.length,
                                             &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite_bind_text(statement, PARAMETER_ACTOR, filter->actor);
    sqlite_bind_u64(statement, PARAMETER_AFTER, filter->after_ms);
    sqlite_bind_u64(statement, PARAMETER_BEFORE, filter->before_ms);
    sqlite_bind_u64(statement, PARAMETER_CURSOR, filter->oldest_first ? filter->after_id : filter->before_id);
    enum history_status status = show_audit(statement, visitor, context);
    sqlite3_finalize(statement);
    return status;
}

static struct text column_blob(sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return TEXT_ABSENT;
    const void *bytes = sqlite3_column_blob(statement, column);
    size_t length = (size_t)sqlite3_column_bytes(statement, column);
    return length == 0 ? TEXT("") : (struct text){ bytes, length };
}

enum history_status sqlite_reader_idempotency(void *reader, struct text key, idempotency_visitor visitor,
                                              void *context)
{
    static const char sql[] = "SELECT digest, created_ms, created, request_id, revision, answer"
                              " FROM idempotency WHERE key = ?1";
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(sqlite_reader_connection(reader), sql, -1, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite_bind_text(statement, 1, key);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const struct idempotency_record record = {
            .key = key,
            .digest = column_blob(statement, 0),
            .created_ms = sqlite_column_u64(statement, 1),
            .created = sqlite3_column_int(statement, 2) != 0,
            .request_id = sqlite_column_u64(statement, 3),
            .revision = sqlite_column_u64(statement, 4),
            .answer = column_blob(statement, 5),
        };
        visitor(context, &record);
    }
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE)
        return HISTORY_NOT_FOUND;
    return code == SQLITE_ROW ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

enum history_status sqlite_reader_dead_letters(void *reader, struct text webhook_id, uint64_t after_id,
                                               dead_letter_visitor visitor, void *context)
{
    static const char sql[] = "SELECT event_id, time_ms, attempts, status, detail FROM dead_letter"
                              " WHERE webhook_id = ?1 AND event_id > ?2 ORDER BY event_id";
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(sqlite_reader_connection(reader), sql, -1, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite_bind_text(statement, 1, webhook_id);
    sqlite_bind_u64(statement, 2, after_id);
    int code = SQLITE_OK;
    bool goes_on = true;
    while (goes_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct dead_letter letter = {
            .webhook_id = webhook_id,
            .event_id = sqlite_column_u64(statement, 0),
            .time_ms = sqlite_column_u64(statement, 1),
            .attempts = (uint32_t)sqlite3_column_int64(statement, 2),
            .status = (uint32_t)sqlite3_column_int64(statement, 3),
            .detail = sqlite_column_text(statement, 4),
        };
        goes_on = visitor(context, &letter);
    }
    sqlite3_finalize(statement);
    return !goes_on || code == SQLITE_DONE ? HISTORY_OK : HISTORY_UNAVAILABLE;
}
