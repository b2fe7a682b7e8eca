/* SPDX-License-Identifier: Apache-2.0 */
/* Housekeeping between commits: retention and checkpoints, each call a bounded step. */
#include "store/sqlite.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_row.h"

enum {
    SWEEP_ROWS = 1024,        /* looked at in one step, of relays and of lookups */
    SWEEP_PAGES = 64,         /* of events, each up to EVENT_PAGE_BYTES and one event */
    CHECKPOINT_FRAMES = 1000, /* a shorter WAL is left to grow: rows that change again are then copied once */
    EVENTS_PER_RELAY = 8,     /* kept, where relays are bounded in number */
};

/* What goes: what ended before `horizon_ms`, and what has an ID up to `last_id`. */
struct bounds {
    uint64_t horizon_ms;
    uint64_t last_id;
};

struct swept_table {
    struct sqlite_sweep *sweep;
    const char *newest; /* the highest ID */
    const char *open;   /* how many are open */
    const char *rows;   /* from an ID on: ID, received_ms, ended_ms */
    const char *deletion;
};

struct doomed {
    uint64_t ids[SWEEP_ROWS];
    size_t count;
};

/* What is older than the age may go; 0: nothing by its age. */
static uint64_t horizon(uint64_t wall_ms, uint64_t age_ms)
{
    return age_ms != 0 && wall_ms > age_ms ? wall_ms - age_ms : 0;
}

static bool fail(struct sqlite_store *store, int code)
{
    sqlite_store_fail(store, code, "housekeeping");
    if (store->connection != NULL && sqlite3_get_autocommit(store->connection) == 0)
        sqlite_store_run(store, QUERY_ROLLBACK);
    return false;
}

static int delete_rows(struct sqlite_store *store, const char *deletion, const struct doomed *doomed)
{
    if (doomed->count == 0)
        return SQLITE_OK;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->connection, deletion, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite_store_run(store, QUERY_BEGIN);
    for (size_t i = 0; i < doomed->count && code == SQLITE_OK; i++) {
        sqlite_bind_u64(statement, 1, doomed->ids[i]);
        code = sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(store->connection);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_OK ? sqlite_store_run(store, QUERY_COMMIT) : code;
}

/* IDs are given without holes, so the newest `maximum` ended ones lie in a window of that many and the open.
 */
static int bound_by_number(struct sqlite_store *store, const struct swept_table *table, uint64_t maximum,
                           uint64_t *out_last_id)
{
    int64_t newest = 0;
    int64_t open = 0;
    *out_last_id = 0;
    if (maximum == 0)
        return SQLITE_OK;
    int code = sqlite_connection_integer(store->connection, table->newest, &newest);
    if (code != SQLITE_OK || (uint64_t)newest <= maximum)
        return code;
    code = sqlite_connection_integer(store->connection, table->open, &open);
    uint64_t surplus = (uint64_t)newest - maximum;
    *out_last_id = surplus > (uint64_t)open ? surplus - (uint64_t)open : 0;
    return code;
}

/*
 * Collects what may go among the next rows. IDs grow with time, so the first row that neither bound reaches
 * ends the sweep; a clock that jumped may make it end early, and later rows wait until that row goes.
 */
static int collect(struct sqlite_store *store, const struct swept_table *table, const struct bounds *bounds,
                   struct doomed *doomed, bool *out_more)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->connection, table->rows, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite_bind_u64(statement, 1, table->sweep->cursor);
    sqlite3_bind_int(statement, 2, SWEEP_ROWS);
    size_t seen = 0;
    bool beyond = false;
    while (!beyond && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        uint64_t id = sqlite_column_u64(statement, 0);
        uint64_t ended_ms = sqlite_column_u64(statement, 2);
        beyond = id > bounds->last_id && sqlite_column_u64(statement, 1) >= bounds->horizon_ms;
        if (beyond)
            break;
        table->sweep->cursor = id;
        seen++;
        if (ended_ms != 0 && (id <= bounds->last_id || ended_ms < bounds->horizon_ms))
            doomed->ids[doomed->count++] = id;
    }
    *out_more = !beyond && seen == SWEEP_ROWS;
    if (!*out_more)
        table->sweep->cursor = 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int sweep_table(struct sqlite_store *store, const struct swept_table *table, uint64_t horizon_ms,
                       uint64_t maximum, bool *out_more)
{
    struct bounds bounds = { .horizon_ms = horizon_ms };
    struct doomed doomed = { .count = 0 };
    bool more = false;
    int code = bound_by_number(store, table, maximum, &bounds.last_id);
    if (code == SQLITE_OK)
        code = collect(store, table, &bounds, &doomed, &more);
    if (code == SQLITE_OK)
        code = delete_rows(store, table->deletion, &doomed);
    *out_more = *out_more || more;
    return code;
}

/* A table in which nothing is open: it is cut from its oldest end only. */
struct cut_table {
    const char *newest; /* the highest ID */
    const char *rows;   /* oldest first: ID for the deletion, highest ID in the row, time */
    int rows_max;       /* of one step */
    bool keeps_newest;
    const char *deletion;
};

static int collect_oldest(struct sqlite_store *store, const struct cut_table *table, uint64_t newest_id,
                          const struct bounds *bounds, struct doomed *doomed)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->connection, table->rows, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int(statement, 1, table->rows_max);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        uint64_t last_id = sqlite_column_u64(statement, 1);
        bool goes = last_id <= bounds->last_id || sqlite_column_u64(statement, 2) < bounds->horizon_ms;
        if (!goes || (table->keeps_newest && last_id >= newest_id))
            break;
        doomed->ids[doomed->count++] = sqlite_column_u64(statement, 0);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int cut(struct sqlite_store *store, const struct cut_table *table, uint64_t horizon_ms,
               uint64_t maximum, bool *out_more)
{
    struct bounds bounds = { .horizon_ms = horizon_ms };
    struct doomed doomed = { .count = 0 };
    int64_t newest = 0;
    if (horizon_ms == 0 && maximum == 0)
        return SQLITE_OK;
    int code = sqlite_connection_integer(store->connection, table->newest, &newest);
    if (maximum != 0 && (uint64_t)newest > maximum)
        bounds.last_id = (uint64_t)newest - maximum;
    if (code == SQLITE_OK)
        code = collect_oldest(store, table, (uint64_t)newest, &bounds, &doomed);
    if (code == SQLITE_OK)
        code = delete_rows(store, table->deletion, &doomed);
    *out_more = *out_more || doomed.count == (size_t)table->rows_max;
    return code;
}

static int sweep_events(struct sqlite_store *store, uint64_t horizon_ms, uint64_t relays_max, bool *out_more)
{
    static const struct cut_table pages = {
        .newest = "SELECT last_event_id FROM event_page ORDER BY first_event_id DESC LIMIT 1",
        .rows = "SELECT first_event_id, last_event_id, last_time_ms FROM event_page"
                " ORDER BY first_event_id LIMIT ?1",
        .rows_max = SWEEP_PAGES,
        .keeps_newest = true, /* it says up to where events were durable */
        .deletion = "DELETE FROM event_page WHERE first_event_id = ?1",
    };
    uint64_t kept = relays_max > UINT64_MAX / EVENTS_PER_RELAY ? UINT64_MAX : relays_max * EVENTS_PER_RELAY;
    return cut(store, &pages, horizon_ms, kept, out_more);
}

static int sweep_audit(struct sqlite_store *store, uint64_t horizon_ms, uint64_t maximum, bool *out_more)
{
    static const struct cut_table entries = {
        .newest = "SELECT max(audit_id) FROM audit",
        .rows = "SELECT audit_id, audit_id, time_ms FROM audit NOT INDEXED ORDER BY audit_id LIMIT ?1",
        .rows_max = SWEEP_ROWS,
        .keeps_newest = true, /* whose hash the next one bears */
        .deletion = "DELETE FROM audit WHERE audit_id = ?1",
    };
    return cut(store, &entries, horizon_ms, maximum, out_more);
}

static int sweep_idempotency(struct sqlite_store *store, uint64_t wall_ms, bool *out_more)
{
    static const struct cut_table keys = {
        .newest = "SELECT max(idempotency_id) FROM idempotency",
        .rows = "SELECT idempotency_id, idempotency_id, created_ms FROM idempotency NOT INDEXED"
                " ORDER BY idempotency_id LIMIT ?1",
        .rows_max = SWEEP_ROWS,
        .deletion = "DELETE FROM idempotency WHERE idempotency_id = ?1",
    };
    return cut(store, &keys, horizon(wall_ms, (uint64_t)IDEMPOTENCY_HOURS * 60 * 60 * 1000),
               LIMIT_IDEMPOTENCY_KEYS, out_more);
}

/* All of them are looked at, so only after one was added. */
static int sweep_dead_letters(struct sqlite_store *store, bool *out_more)
{
    static const char deletion[] =
        "DELETE FROM dead_letter WHERE (webhook_id, event_id) IN (SELECT webhook_id, event_id FROM (SELECT"
        " webhook_id, event_id, row_number() OVER (PARTITION BY webhook_id ORDER BY event_id DESC) AS place"
        " FROM dead_letter) WHERE place > ?1 LIMIT ?2)";
    sqlite3_stmt *statement = NULL;
    if (!store->has_new_dead_letters)
        return SQLITE_OK;
    int code = sqlite3_prepare_v2(store->connection, deletion, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int(statement, 1, LIMIT_DEAD_LETTERS_PER_WEBHOOK);
    sqlite3_bind_int(statement, 2, SWEEP_ROWS);
    code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        return code;
    store->has_new_dead_letters = sqlite3_changes(store->connection) == SWEEP_ROWS;
    *out_more = *out_more || store->has_new_dead_letters;
    return SQLITE_OK;
}

static int sweep_requests(struct sqlite_store *store, const struct store_retention *retention,
                          uint64_t horizon_ms, bool *out_more)
{
    const struct swept_table relays = {
        .sweep = &store->relay_sweep,
        .newest = "SELECT max(relay_id) FROM relay",
        .open = "SELECT count(*) FROM relay INDEXED BY relay_unsettled WHERE " SQLITE_RELAY_UNSETTLED
                " AND state < 3",
        .rows = "SELECT relay_id, received_ms, ended_ms FROM relay NOT INDEXED WHERE relay_id > ?1"
                " ORDER BY relay_id LIMIT ?2",
        .deletion = "DELETE FROM relay WHERE relay_id = ?1",
    };
    const struct swept_table lookups = {
        .sweep = &store->lookup_sweep,
        .newest = "SELECT max(lookup_id) FROM lookup",
        .open = "SELECT count(*) FROM lookup INDEXED BY lookup_unsettled WHERE " SQLITE_LOOKUP_UNSETTLED,
        .rows = "SELECT lookup_id, received_ms, ended_ms FROM lookup NOT INDEXED WHERE lookup_id > ?1"
                " ORDER BY lookup_id LIMIT ?2",
        .deletion = "DELETE FROM lookup WHERE lookup_id = ?1",
    };
    if (horizon_ms == 0 && retention->relays_max == 0)
        return SQLITE_OK;
    int code = sweep_table(store, &relays, horizon_ms, retention->relays_max, out_more);
    if (code == SQLITE_OK)
        code = sweep_table(store, &lookups, horizon_ms, retention->relays_max, out_more);
    if (code == SQLITE_OK)
        code = sweep_events(store, horizon_ms, retention->relays_max, out_more);
    return code;
}

static int sweep(struct sqlite_store *store, const struct store_retention *retention, uint64_t wall_ms,
                 bool *out_more)
{
    int code = sweep_requests(store, retention, horizon(wall_ms, retention->age_ms), out_more);
    if (code == SQLITE_OK)
        code = sweep_audit(store, horizon(wall_ms, retention->audit_age_ms), retention->audit_max, out_more);
    if (code == SQLITE_OK)
        code = sweep_idempotency(store, wall_ms, out_more);
    if (code == SQLITE_OK)
        code = sweep_dead_letters(store, out_more);
    return code;
}

/* PASSIVE never waits for readers; what one of them still needs is copied by a later call. Once all is copied
   the next commit begins the WAL file anew, which also helps a full disk. */
static int checkpoint(struct sqlite_store *store)
{
    int frames = 0;
    int copied = 0;
    if (store->wal_frames < CHECKPOINT_FRAMES && store->error[0] == '\0')
        return SQLITE_OK;
    int code =
        sqlite3_wal_checkpoint_v2(store->connection, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    if (code == SQLITE_OK)
        store->wal_frames = frames - copied;
    return code == SQLITE_BUSY ? SQLITE_OK : code;
}

bool sqlite_store_maintain(void *state, const struct store_retention *retention, uint64_t wall_ms)
{
    struct sqlite_store *store = state;
    bool more = false;
    if (sqlite_store_connect(store) != STORE_OK)
        return false;
    int code = checkpoint(store);
    if (code == SQLITE_OK)
        code = sweep(store, retention, wall_ms, &more);
    return code == SQLITE_OK ? more : fail(store, code);
}
