/* SPDX-License-Identifier: Apache-2.0 */
/* What the core must know again after a start: configuration, then relays and lookups. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/config_json.h"
#include "store/sqlite.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_row.h"
#include "system/process_heap.h"

static_assert(DOCUMENT_TOKEN == 0 && DOCUMENT_TOKEN_USE == 1 && DOCUMENT_SIGN_IN == 2 &&
                  DOCUMENT_WEBHOOK == 3 && DOCUMENT_WEBHOOK_STATE == 4 && DOCUMENT_LAYOUT == 5,
              "the numbers of stored document kinds must not move");

struct restore {
    struct sqlite_store *store;
    store_restore_visitor visitor;
    void *context;
    struct arena arena; /* of one configuration object */
    struct sqlite_row_texts texts;
};

/* Reads the statement's row into a record and shows it. */
typedef enum store_status (*row_function)(struct restore *restore, sqlite3_stmt *statement,
                                          enum record_kind kind);

struct restore_query {
    const char *sql;
    enum record_kind kind;
    row_function show;
};

static enum store_status damaged(struct restore *restore, const char *detail)
{
    snprintf(restore->store->error, sizeof restore->store->error, "%s", detail);
    return STORE_CORRUPT;
}

static enum store_status show(struct restore *restore, const struct record *record)
{
    return restore->visitor(restore->context, record) ? STORE_OK : STORE_NO_MEMORY;
}

static struct revision read_revision(sqlite3_stmt *statement)
{
    return (struct revision){ .number = sqlite_column_u64(statement, 1),
                              .changed_ms = sqlite_column_u64(statement, 2),
                              .first = sqlite_column_u64(statement, 4),
                              .origin = sqlite3_column_int(statement, 5) != 0 ? ORIGIN_API : ORIGIN_FILE };
}

static enum store_status show_object(struct restore *restore, sqlite3_stmt *statement, enum record_kind kind)
{
    struct record record = { .kind = kind, .revision = read_revision(statement) };
    arena_clear(&restore->arena);
    switch (config_json_read(sqlite_column_text(statement, 0), sqlite_column_text(statement, 3),
                             &restore->arena, &record)) {
    case CONFIG_JSON_OK:
        return show(restore, &record);
    case CONFIG_JSON_DAMAGED:
        return damaged(restore, "a configuration row is damaged");
    case CONFIG_JSON_NO_MEMORY:
        break;
    }
    return STORE_NO_MEMORY;
}

static enum store_status show_document(struct restore *restore, sqlite3_stmt *statement,
                                       enum record_kind kind)
{
    int document_kind = sqlite3_column_int(statement, 6);
    if (document_kind < 0 || document_kind >= DOCUMENT_KINDS_END)
        return damaged(restore, "a document's row is damaged");
    const struct record record = {
        .kind = kind,
        .revision = read_revision(statement),
        .document = { .kind = (enum document_kind)document_kind,
                      .document_id = sqlite_column_text(statement, 0),
                      .body = sqlite_column_text(statement, 3) },
    };
    return show(restore, &record);
}

static enum store_status show_budget(struct restore *restore, sqlite3_stmt *statement, enum record_kind kind)
{
    const struct record record = {
        .kind = kind,
        .budget = { .link_id = sqlite_column_text(statement, 0),
                    .revision = sqlite_column_u64(statement, 1),
                    .keys = sqlite_column_u64(statement, 2),
                    .as_of_ms = sqlite_column_u64(statement, 3) },
    };
    return show(restore, &record);
}

static enum store_status show_relay(struct restore *restore, sqlite3_stmt *statement, enum record_kind kind)
{
    struct record record = { .kind = kind };
    if (!sqlite_row_read_relay(statement, &restore->texts, &record.relay))
        return damaged(restore, "a relay's row is damaged");
    return show(restore, &record);
}

static enum store_status show_lookup(struct restore *restore, sqlite3_stmt *statement, enum record_kind kind)
{
    struct record record = { .kind = kind };
    if (!sqlite_row_read_lookup(statement, &restore->texts, &record.lookup))
        return damaged(restore, "a lookup's row is damaged");
    return show(restore, &record);
}

static const struct restore_query queries[] = {
    { "SELECT id, revision, changed_ms, body, first, origin FROM km", RECORD_KM, show_object },
    { "SELECT id, revision, changed_ms, body, first, origin FROM application", RECORD_APPLICATION,
      show_object },
    { "SELECT id, revision, changed_ms, body, first, origin FROM destination", RECORD_DESTINATION,
      show_object },
    { "SELECT id, revision, changed_ms, body, first, origin FROM link", RECORD_LINK, show_object },
    { "SELECT link_id, revision, keys, as_of_ms FROM link_budget", RECORD_BUDGET, show_budget },
    { "SELECT id, revision, changed_ms, body, first, origin FROM route", RECORD_ROUTE, show_object },
    { "SELECT id, revision, changed_ms, body, first, 1, kind FROM document", RECORD_DOCUMENT, show_document },
    { "SELECT relay_id, " SQLITE_ROW_COLUMNS
      " FROM relay INDEXED BY relay_unsettled WHERE " SQLITE_RELAY_UNSETTLED " AND state < 3",
      RECORD_RELAY, show_relay },
    { "SELECT relay_id, " SQLITE_ROW_COLUMNS " FROM relay WHERE relay_id IN (SELECT relay_id FROM relay "
      "INDEXED BY relay_unsettled WHERE " SQLITE_RELAY_UNSETTLED
      " AND state > 5 ORDER BY relay_id DESC LIMIT ?1)",
      RECORD_RELAY, show_relay },
    { "SELECT lookup_id, " SQLITE_ROW_COLUMNS
      " FROM lookup INDEXED BY lookup_unsettled WHERE " SQLITE_LOOKUP_UNSETTLED,
      RECORD_LOOKUP, show_lookup },
    { "SELECT lookup_id, " SQLITE_ROW_COLUMNS
      " FROM (SELECT * FROM lookup ORDER BY lookup_id DESC LIMIT ?1) WHERE state = 2",
      RECORD_LOOKUP, show_lookup },
};

static enum store_status run_query(struct restore *restore, const struct restore_query *query)
{
    sqlite3 *connection = restore->store->connection;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection, query->sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return sqlite_store_fail(restore->store, code, "restoring");
    if (sqlite3_bind_parameter_count(statement) == 1)
        sqlite3_bind_int(statement, 1,
                         query->kind == RECORD_RELAY ? LIMIT_ENDED_RELAYS : LIMIT_ANSWERS_RESTORED);
    enum store_status status = STORE_OK;
    while (status == STORE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        status = query->show(restore, statement, query->kind);
    if (status == STORE_OK && code != SQLITE_DONE)
        status = sqlite_store_fail(restore->store, code, "restoring");
    sqlite3_finalize(statement);
    return status;
}

int sqlite_store_read_high_water(sqlite3 *connection, struct high_water *out_high_water)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(
        connection,
        "SELECT next_relay_id, next_lookup_id, next_event_id, next_revision, next_audit_id FROM meta", -1,
        &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *out_high_water = (struct high_water){
            .next_relay_id = sqlite_column_u64(statement, 0),
            .next_lookup_id = sqlite_column_u64(statement, 1),
            .next_event_id = sqlite_column_u64(statement, 2),
            .next_revision = sqlite_column_u64(statement, 3),
            .next_audit_id = sqlite_column_u64(statement, 4),
        };
    sqlite3_finalize(statement);
    if (code == SQLITE_DONE)
        return SQLITE_CORRUPT; /* the row is made with the table */
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

enum store_status sqlite_store_restore(void *state, struct high_water *out_high_water,
                                       store_restore_visitor visitor, void *context)
{
    struct sqlite_store *store = state;
    enum store_status status = sqlite_store_connect(store);
    if (status != STORE_OK)
        return status;
    struct restore restore = { .store = store, .visitor = visitor, .context = context };
    arena_init(&restore.arena, &process_heap);
    *out_high_water = store->high_water; /* before the first visit */
    for (size_t i = 0; i < sizeof queries / sizeof *queries && status == STORE_OK; i++)
        status = run_query(&restore, &queries[i]);
    arena_fini(&restore.arena);
    return status;
}
