/* SPDX-License-Identifier: Apache-2.0 */
/* History from a read-only connection: each call sees one state of the database and never blocks the writer.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_row.h"

struct sqlite_reader {
    sqlite3 *connection;
    struct sqlite_row_texts texts;
    struct notice_storage storage;
    struct buffer json; /* of the event being shown */
};

/* Where rows of one kind come from and go to. */
struct row_source {
    const char *table;
    const char *id_column;
    const char *unsettled; /* condition of the table's partial index */
    const char *index;
    int open_states; /* the first so many states are open */
};

static const struct row_source relay_source = { "relay", "relay_id", SQLITE_RELAY_UNSETTLED,
                                                "relay_unsettled", RELAY_SUCCEEDED };
static const struct row_source lookup_source = { "lookup", "lookup_id", SQLITE_LOOKUP_UNSETTLED,
                                                 "lookup_unsettled", LOOKUP_ANSWERED };
static_assert(RELAY_SUCCEEDED == 3 && LOOKUP_ANSWERED == 2,
              "the states before the first terminal one are open");

struct row_visit {
    struct sqlite_reader *reader;
    const struct row_source *source;
    relay_visitor relay; /* one of the two */
    lookup_visitor lookup;
    void *context;
};

enum sqlite_reader_status { ROW_SHOWN, ROW_STOPPED, ROW_DAMAGED }; /* events likewise */

static enum sqlite_reader_status show_row(const struct row_visit *visit, sqlite3_stmt *statement)
{
    bool goes_on = false;
    if (visit->relay != NULL) {
        struct relay_record relay;
        if (!sqlite_row_read_relay(statement, &visit->reader->texts, &relay))
            return ROW_DAMAGED;
        goes_on = visit->relay(visit->context, &relay);
    } else {
        struct lookup_record lookup;
        if (!sqlite_row_read_lookup(statement, &visit->reader->texts, &lookup))
            return ROW_DAMAGED;
        goes_on = visit->lookup(visit->context, &lookup);
    }
    return goes_on ? ROW_SHOWN : ROW_STOPPED;
}

struct shown {
    size_t rows;
    bool stopped; /* by the visitor: it may have been shown less than there is */
};

/* Shows all rows of the statement. */
static enum history_status show_rows(const struct row_visit *visit, sqlite3_stmt *statement,
                                     struct shown *out_shown)
{
    int code = SQLITE_OK;
    *out_shown = (struct shown){ .rows = 0 };
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        enum sqlite_reader_status status = show_row(visit, statement);
        if (status == ROW_DAMAGED)
            return HISTORY_UNAVAILABLE;
        out_shown->rows++;
        out_shown->stopped = status == ROW_STOPPED;
        if (out_shown->stopped)
            return HISTORY_OK;
    }
    return code == SQLITE_DONE ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

static enum history_status visit_one(const struct row_visit *visit, uint64_t id)
{
    char sql[512];
    sqlite3_stmt *statement = NULL;
    struct shown shown = { .rows = 0 };
    snprintf(sql, sizeof sql, "SELECT %s, " SQLITE_ROW_COLUMNS " FROM %s WHERE %s = ?1",
             visit->source->id_column, visit->source->table, visit->source->id_column);
    if (sqlite3_prepare_v2(visit->reader->connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite_bind_u64(statement, 1, id);
    enum history_status status = show_rows(visit, statement, &shown);
    sqlite3_finalize(statement);
    return status == HISTORY_OK && shown.rows == 0 ? HISTORY_NOT_FOUND : status;
}

/* Parameters have fixed numbers; a filter that is not set has no term, so SQLite compares only what it must.
 */
enum parameter {
    PARAMETER_STATE = 1,
    PARAMETER_KM,
    PARAMETER_SOURCE,
    PARAMETER_DESTINATION,
    PARAMETER_APPLICATION,
    PARAMETER_DECIDER,
    PARAMETER_REASON,
    PARAMETER_AFTER,
    PARAMETER_BEFORE,
    PARAMETER_CURSOR,
    PARAMETER_FLOOR,
};

static void put_term(struct bytes_writer *sql, const char *column, const char *operation,
                     enum parameter parameter)
{
    bytes_put_c(sql, " AND ");
    bytes_put_c(sql, column);
    bytes_put_c(sql, operation);
    bytes_put_u64(sql, parameter);
}

static bool is_unsettled(const struct row_visit *visit, int state)
{
    return visit->relay != NULL ? sqlite_row_relay_is_unsettled((enum relay_state)state)
                                : sqlite_row_lookup_is_unsettled((enum lookup_state)state);
}

static bool is_by_index(const struct row_visit *visit, const struct history_filter *filter)
{
    return filter->has_state && is_unsettled(visit, filter->state);
}

/* A state of which there are few has an index; every other list walks back from the newest ID. */
static void put_from(struct bytes_writer *sql, const struct row_visit *visit,
                     const struct history_filter *filter)
{
    bool by_index = is_by_index(visit, filter);
    bytes_put_c(sql, "SELECT ");
    bytes_put_c(sql, visit->source->id_column);
    bytes_put_c(sql, ", " SQLITE_ROW_COLUMNS " FROM ");
    bytes_put_c(sql, visit->source->table);
    bytes_put_c(sql, by_index ? " INDEXED BY " : " NOT INDEXED");
    bytes_put_c(sql, by_index ? visit->source->index : "");
    bytes_put_c(sql, " WHERE ");
    bytes_put_c(sql, by_index ? visit->source->unsettled : "1");
}

static void put_filter(struct bytes_writer *sql, const struct row_visit *visit,
                       const struct history_filter *filter, uint64_t floor_id)
{
    put_from(sql, visit, filter);
    if (filter->has_state)
        put_term(sql, "state", " = ?", PARAMETER_STATE);
    if (text_is_present(filter->km_id))
        put_term(sql, "km_id", " = ?", PARAMETER_KM);
    if (text_is_present(filter->source_kma_id))
        put_term(sql, "source_kma_id", " = ?", PARAMETER_SOURCE);
    if (text_is_present(filter->destination_kma_id))
        put_term(sql, "destination_kma_id", " = ?", PARAMETER_DESTINATION);
    if (text_is_present(filter->application_destination_id))
        put_term(sql, "application_destination_id", " = ?", PARAMETER_APPLICATION);
    if (filter->decided_by != DECIDER_NONE)
        put_term(sql, "decided_by", " = ?", PARAMETER_DECIDER);
    if (filter->reason != REASON_NONE)
        put_term(sql, "reason", " = ?", PARAMETER_REASON);
    if (filter->received_after_ms != 0)
        put_term(sql, "received_ms", " >= ?", PARAMETER_AFTER);
    if (filter->received_before_ms != 0)
        put_term(sql, "received_ms", " < ?", PARAMETER_BEFORE);
    if (filter->before_id != 0)
        put_term(sql, visit->source->id_column, " < ?", PARAMETER_CURSOR);
    if (floor_id != 0)
        put_term(sql, visit->source->id_column, " >= ?", PARAMETER_FLOOR);
    bytes_put_c(sql, " ORDER BY ");
    bytes_put_c(sql, visit->source->id_column);
    bytes_put_c(sql, " DESC");
}

/* A number that the SQL does not mention is out of range, or of no effect: no harm. */
static void bind_filter(sqlite3_stmt *statement, const struct history_filter *filter)
{
    sqlite3_bind_int(statement, PARAMETER_STATE, filter->state);
    sqlite_bind_text(statement, PARAMETER_KM, filter->km_id);
    sqlite_bind_text(statement, PARAMETER_SOURCE, filter->source_kma_id);
    sqlite_bind_text(statement, PARAMETER_DESTINATION, filter->destination_kma_id);
    sqlite_bind_text(statement, PARAMETER_APPLICATION, filter->application_destination_id);
    sqlite3_bind_int(statement, PARAMETER_DECIDER, (int)filter->decided_by);
    sqlite_bind_text(statement, PARAMETER_REASON, text_from_c(reason_name(filter->reason)));
    sqlite_bind_u64(statement, PARAMETER_AFTER, filter->received_after_ms);
    sqlite_bind_u64(statement, PARAMETER_BEFORE, filter->received_before_ms);
    sqlite_bind_u64(statement, PARAMETER_CURSOR, filter->before_id);
}

/* One number of a statement with the parameters ?1 and ?2; no row, or NULL: 0. */
static enum history_status read_number(const struct row_visit *visit, const char *sql, int64_t first,
                                       int64_t second, uint64_t *out_number)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(visit->reader->connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, second);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_number = sqlite_column_u64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

/*
 * The lowest ID that a list looks at, so that it looks at no more than HISTORY_SCAN_MAX rows; 0: at all that
 * there are. IDs are given out without holes, and so many of them are as many rows at most; of the rows of
 * one state they are far apart, and the index is asked, which has no bodies to step over.
 */
static enum history_status find_floor(const struct row_visit *visit, const struct history_filter *filter,
                                      uint64_t *out_floor_id)
{
    const struct row_source *source = visit->source;
    int64_t below =
        filter->before_id != 0 && filter->before_id < INT64_MAX ? (int64_t)filter->before_id : INT64_MAX;
    char sql[512];
    uint64_t newest = 0, oldest = 0;
    *out_floor_id = 0;
    if (is_by_index(visit, filter)) {
        snprintf(
            sql, sizeof sql,
            "SELECT %s FROM %s INDEXED BY %s WHERE %s AND state = ?1 AND %s < ?2 ORDER BY %s DESC LIMIT 1"
            " OFFSET %d",
            source->id_column, source->table, source->index, source->unsettled, source->id_column,
            source->id_column, HISTORY_SCAN_MAX - 1);
        return read_number(visit, sql, filter->state, below, out_floor_id);
    }
    snprintf(sql, sizeof sql, "SELECT max(%s) FROM %s WHERE ?1 = 0 AND %s < ?2", source->id_column,
             source->table, source->id_column);
    if (read_number(visit, sql, 0, below, &newest) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    snprintf(sql, sizeof sql, "SELECT min(%s) FROM %s WHERE ?1 = ?2", source->id_column, source->table);
    if (read_number(visit, sql, 0, 0, &oldest) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    if (newest >= oldest + HISTORY_SCAN_MAX)
        *out_floor_id = newest - HISTORY_SCAN_MAX + 1;
    return HISTORY_OK;
}

static enum history_status visit_filtered(const struct row_visit *visit, const struct history_filter *filter,
                                          uint64_t *out_before_id)
{
    char buffer[1024];
    uint64_t floor_id = 0;
    struct shown shown = { .rows = 0 };
    sqlite3_stmt *statement = NULL;
    struct bytes_writer sql = bytes_writer(buffer, sizeof buffer);
    if (find_floor(visit, filter, &floor_id) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    put_filter(&sql, visit, filter, floor_id);
    if (sql.overflowed ||
        sqlite3_prepare_v2(visit->reader->connection, buffer, (int)sql.length, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    bind_filter(statement, filter);
    sqlite_bind_u64(statement, PARAMETER_FLOOR, floor_id);
    enum history_status status = show_rows(visit, statement, &shown);
    sqlite3_finalize(statement);
    if (status == HISTORY_OK)
        *out_before_id = shown.stopped ? 0 : floor_id;
    return status;
}

/* The newest of every open state, and of those the newest: a few steps in the index for each. */
static void put_open(struct bytes_writer *sql, const struct row_source *source)
{
    char part[512];
    snprintf(part, sizeof part, "SELECT %s, " SQLITE_ROW_COLUMNS " FROM %s WHERE %s IN (", source->id_column,
             source->table, source->id_column);
    bytes_put_c(sql, part);
    for (int state = 0; state < source->open_states; state++) {
        snprintf(part, sizeof part,
                 "%sSELECT %s FROM (SELECT %s FROM %s INDEXED BY %s WHERE %s AND state = %d AND %s < ?1"
                 " ORDER BY %s DESC LIMIT %d)",
                 state > 0 ? " UNION ALL " : "", source->id_column, source->id_column, source->table,
                 source->index, source->unsettled, state, source->id_column, source->id_column,
                 HISTORY_OPEN_MAX);
        bytes_put_c(sql, part);
    }
    snprintf(part, sizeof part, ") ORDER BY %s DESC LIMIT %d", source->id_column, HISTORY_OPEN_MAX);
    bytes_put_c(sql, part);
}

static enum history_status show_open(const struct row_visit *visit, uint64_t before_id)
{
    char buffer[2048];
    struct shown shown;
    sqlite3_stmt *statement = NULL;
    struct bytes_writer sql = bytes_writer(buffer, sizeof buffer);
    put_open(&sql, visit->source);
    if (sql.overflowed ||
        sqlite3_prepare_v2(visit->reader->connection, buffer, (int)sql.length, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite3_bind_int64(statement, 1,
                       before_id != 0 && before_id < INT64_MAX ? (int64_t)before_id : INT64_MAX);
    enum history_status status = show_rows(visit, statement, &shown);
    sqlite3_finalize(statement);
    return status;
}

static enum history_status read_event_bounds(void *context, uint64_t *out_oldest_id, uint64_t *out_newest_id);

/* In one transaction, so that rows and event are of one state of the database. It ends with the call: an open
   one would keep the journal from being checkpointed. */
static enum history_status visit_open(const struct row_visit *visit, uint64_t before_id,
                                      uint64_t *out_event_id)
{
    sqlite3 *connection = visit->reader->connection;
    uint64_t oldest = 0, newest = 0;
    if (sqlite3_exec(connection, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    enum history_status status = read_event_bounds(visit->reader, &oldest, &newest);
    *out_event_id = newest; /* before the visitor is called */
    if (status == HISTORY_OK)
        status = show_open(visit, before_id);
    sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL);
    return status;
}

static enum history_status read_relay(void *context, uint64_t relay_id, relay_visitor visitor,
                                      void *visitor_context)
{
    struct row_visit visit = { context, &relay_source, visitor, NULL, visitor_context };
    return visit_one(&visit, relay_id);
}

static enum history_status read_relays(void *context, const struct history_filter *filter,
                                       relay_visitor visitor, void *visitor_context, uint64_t *out_before_id)
{
    struct row_visit visit = { context, &relay_source, visitor, NULL, visitor_context };
    return visit_filtered(&visit, filter, out_before_id);
}

static enum history_status read_open_relays(void *context, uint64_t before_id, relay_visitor visitor,
                                            void *visitor_context, uint64_t *out_event_id)
{
    struct row_visit visit = { context, &relay_source, visitor, NULL, visitor_context };
    return visit_open(&visit, before_id, out_event_id);
}

static enum history_status read_lookup(void *context, uint64_t lookup_id, lookup_visitor visitor,
                                       void *visitor_context)
{
    struct row_visit visit = { context, &lookup_source, NULL, visitor, visitor_context };
    return visit_one(&visit, lookup_id);
}

static enum history_status read_lookups(void *context, const struct history_filter *filter,
                                        lookup_visitor visitor, void *visitor_context,
                                        uint64_t *out_before_id)
{
    struct row_visit visit = { context, &lookup_source, NULL, visitor, visitor_context };
    return visit_filtered(&visit, filter, out_before_id);
}

static enum history_status read_open_lookups(void *context, uint64_t before_id, lookup_visitor visitor,
                                             void *visitor_context, uint64_t *out_event_id)
{
    struct row_visit visit = { context, &lookup_source, NULL, visitor, visitor_context };
    return visit_open(&visit, before_id, out_event_id);
}

struct event_visit {
    struct sqlite_reader *reader;
    uint64_t after_id;
    event_visitor visitor;
    void *context;
};

static enum sqlite_reader_status show_event(const struct event_visit *visit, const struct notice *notice)
{
    struct buffer *json = &visit->reader->json;
    json->length = 0;
    if (!buffer_reserve(json, notice_json_bytes_max(notice)))
        return ROW_DAMAGED;
    struct bytes_writer writer = bytes_writer(json->bytes, json->capacity);
    notice_write_json(notice, &writer);
    assert(!writer.overflowed);
    struct stored_event event = { notice->event_id, notice->time_ms, notice->type, bytes_written(&writer) };
    return visit->visitor(visit->context, &event) ? ROW_SHOWN : ROW_STOPPED;
}

/* HISTORY_NOT_FOUND: the visitor stopped. */
static enum history_status show_page(const struct event_visit *visit, sqlite3_stmt *statement)
{
    const void *bytes = sqlite3_column_blob(statement, 0);
    struct unpacker body = unpacker(bytes, (size_t)sqlite3_column_bytes(statement, 0));
    struct notice_storage *storage = &visit->reader->storage;
    struct notice notice;
    enum event_page_status status = EVENT_PAGE_END;
    enum sqlite_reader_status shown = ROW_SHOWN;
    storage->holds_relay = false;
    while (shown == ROW_SHOWN && (status = event_page_next(&body, storage, &notice)) == EVENT_PAGE_EVENT)
        if (notice.event_id > visit->after_id)
            shown = show_event(visit, &notice);
    if (shown == ROW_STOPPED)
        return HISTORY_NOT_FOUND;
    return shown == ROW_SHOWN && status == EVENT_PAGE_END ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

static enum history_status read_events(void *context, uint64_t after_id, event_visitor visitor,
                                       void *visitor_context)
{
    /* Begins with the page that holds the next event, if any holds it. */
    static const char sql[] = "SELECT body FROM event_page WHERE first_event_id >= (SELECT"
                              " coalesce(max(first_event_id), 0) FROM event_page WHERE first_event_id <= ?1)"
                              " ORDER BY first_event_id";
    struct sqlite_reader *reader = context;
    struct event_visit visit = { reader, after_id, visitor, visitor_context };
    sqlite3_stmt *statement = NULL;
    if (after_id >= INT64_MAX)
        return HISTORY_OK;
    if (sqlite3_prepare_v2(reader->connection, sql, -1, &statement, NULL) != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    sqlite_bind_u64(statement, 1, after_id + 1);
    int code = SQLITE_OK;
    enum history_status status = HISTORY_OK;
    while (status == HISTORY_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        status = show_page(&visit, statement);
    sqlite3_finalize(statement);
    if (status == HISTORY_NOT_FOUND)
        return HISTORY_OK;
    return status == HISTORY_OK && code != SQLITE_DONE ? HISTORY_UNAVAILABLE : status;
}

static enum history_status read_event_bounds(void *context, uint64_t *out_oldest_id, uint64_t *out_newest_id)
{
    struct sqlite_reader *reader = context;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(reader->connection,
                                  "SELECT (SELECT min(first_event_id) FROM event_page), (SELECT last_event_id"
                                  " FROM event_page ORDER BY first_event_id DESC LIMIT 1)",
                                  -1, &statement, NULL);
    if (code != SQLITE_OK)
        return HISTORY_UNAVAILABLE;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *out_oldest_id = sqlite_column_u64(statement, 0);
        *out_newest_id = sqlite_column_u64(statement, 1);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? HISTORY_OK : HISTORY_UNAVAILABLE;
}

enum store_status sqlite_reader_open(const char *location, void **out_reader)
{
    char detail[STORE_DETAIL_BYTES];
    struct sqlite_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return STORE_NO_MEMORY;
    enum store_status status =
        sqlite_connection_open(location, SQLITE_CONNECTION_READ, &reader->connection, detail, sizeof detail);
    if (status != STORE_OK) {
        free(reader);
        return status;
    }
    *out_reader = reader;
    return STORE_OK;
}

void sqlite_reader_close(void *state)
{
    struct sqlite_reader *reader = state;
    sqlite3_close(reader->connection);
    buffer_fini(&reader->json);
    free(reader);
}

sqlite3 *sqlite_reader_connection(void *reader)
{
    return ((struct sqlite_reader *)reader)->connection;
}

struct history sqlite_reader_history(void *reader)
{
    return (struct history){
        .context = reader,
        .relay = read_relay,
        .relays = read_relays,
        .lookup = read_lookup,
        .lookups = read_lookups,
        .open_relays = read_open_relays,
        .open_lookups = read_open_lookups,
        .events = read_events,
        .event_bounds = read_event_bounds,
        .audit = sqlite_reader_audit,
        .idempotency = sqlite_reader_idempotency,
        .dead_letters = sqlite_reader_dead_letters,
    };
}
