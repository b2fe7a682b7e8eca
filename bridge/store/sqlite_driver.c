/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite driver: opening, locking and reopening its file. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

enum { FILE_MODE = 0600 };

/* An upsert, for REPLACE first deletes the row with its index entry. */
#define PUT_ROW(table, id)                                                                                   \
    "INSERT INTO " table " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(" id ") DO"      \
    " UPDATE SET state = ?2, decided_by = ?3, reason = ?4, received_ms = ?5, ended_ms = ?6, km_id = ?7,"     \
    " source_kma_id = ?8, destination_kma_id = ?9, application_destination_id = ?10, body = ?11"
#define PUT_OBJECT(table) "INSERT OR REPLACE INTO " table " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
#define DELETE_OBJECT(table) "DELETE FROM " table " WHERE id = ?1 AND origin = ?2"

static const char *const queries[QUERIES_END] = {
    [QUERY_BEGIN] = "BEGIN IMMEDIATE",
    [QUERY_COMMIT] = "COMMIT",
    [QUERY_ROLLBACK] = "ROLLBACK",
    [QUERY_PUT_RELAY] = PUT_ROW("relay", "relay_id"),
    [QUERY_PUT_LOOKUP] = PUT_ROW("lookup", "lookup_id"),
    [QUERY_PUT_EVENT_PAGE] = "INSERT OR REPLACE INTO event_page VALUES(?1, ?2, ?3, ?4, ?5)",
    [QUERY_PUT_HIGH_WATER] = "UPDATE meta SET next_relay_id = ?1, next_lookup_id = ?2, next_event_id = ?3,"
                             " next_revision = ?4, next_audit_id = ?5",
    [QUERY_PUT_KM] = PUT_OBJECT("km"),
    [QUERY_DELETE_KM] = DELETE_OBJECT("km"),
    [QUERY_PUT_APPLICATION] = PUT_OBJECT("application"),
    [QUERY_DELETE_APPLICATION] = DELETE_OBJECT("application"),
    [QUERY_PUT_DESTINATION] = PUT_OBJECT("destination"),
    [QUERY_DELETE_DESTINATION] = DELETE_OBJECT("destination"),
    [QUERY_PUT_ROUTE] = PUT_OBJECT("route"),
    [QUERY_DELETE_ROUTE] = DELETE_OBJECT("route"),
    [QUERY_PUT_LINK] = PUT_OBJECT("link"),
    [QUERY_DELETE_LINK] = DELETE_OBJECT("link"),
    [QUERY_PUT_DOCUMENT] = "INSERT OR REPLACE INTO document(id, first, revision, changed_ms, body, kind)"
                           " VALUES(?1, ?3, ?4, ?5, ?6, ?7)",
    [QUERY_DELETE_DOCUMENT] = "DELETE FROM document WHERE id = ?1",
    [QUERY_GET_AUDIT_HEAD] = "SELECT next_audit_id, audit_hash FROM meta",
    [QUERY_PUT_AUDIT_HEAD] = "UPDATE meta SET audit_hash = ?1",
    [QUERY_PUT_AUDIT] = "INSERT INTO audit VALUES(?1, ?2, ?3, ?4, ?5)",
    /* A key that comes again, its time over, is new: REPLACE gives it a number behind all others. */
    [QUERY_PUT_IDEMPOTENCY] = "INSERT OR REPLACE INTO idempotency(key, digest, created_ms, created,"
                              " request_id, revision) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [QUERY_PUT_ANSWER] = "UPDATE idempotency SET answer = ?2 WHERE key = ?1",
    [QUERY_PUT_BUDGET] = "INSERT OR REPLACE INTO link_budget VALUES(?1, ?2, ?3, ?4)",
    [QUERY_DELETE_BUDGET] = "DELETE FROM link_budget WHERE link_id = ?1",
    [QUERY_PUT_DEAD_LETTER] = "INSERT OR REPLACE INTO dead_letter VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [QUERY_DELETE_DEAD_LETTERS] =
        "DELETE FROM dead_letter WHERE webhook_id = ?1 AND (?2 = 0 OR event_id = ?2)",
};

enum store_status sqlite_store_fail(struct sqlite_store *store, int code, const char *what)
{
    enum store_status status =
        sqlite_connection_fail(store->connection, code, what, store->error, sizeof store->error);
    /* Out of space, memory or patience, a connection is as good as before once it has rolled back. */
    store->must_reopen = store->must_reopen || status == STORE_IO || status == STORE_CORRUPT;
    return status;
}

static void disconnect(struct sqlite_store *store)
{
    for (int query = 0; query < QUERIES_END; query++) {
        sqlite3_finalize(store->statements[query]);
        store->statements[query] = NULL;
    }
    sqlite3_close(store->connection);
    store->connection = NULL;
}

static int count_wal_frames(void *context, sqlite3 *connection, const char *schema, int frames)
{
    struct sqlite_store *store = context;
    (void)connection, (void)schema;
    store->wal_frames = frames;
    return SQLITE_OK;
}

static enum store_status prepare_statements(struct sqlite_store *store)
{
    for (int query = 0; query < QUERIES_END; query++) {
        int code = sqlite3_prepare_v3(store->connection, queries[query], -1, SQLITE_PREPARE_PERSISTENT,
                                      &store->statements[query], NULL);
        if (code != SQLITE_OK)
            return sqlite_store_fail(store, code, "preparing the database");
    }
    sqlite3_wal_hook(store->connection, count_wal_frames, store);
    return STORE_OK;
}

static enum store_status connect(struct sqlite_store *store)
{
    char *detail = store->error;
    enum store_status status = sqlite_connection_open(store->path, SQLITE_CONNECTION_WRITE,
                                                      &store->connection, detail, sizeof store->error);
    if (status == STORE_OK)
        status = sqlite_schema_check(store->connection, &sqlite_schema, detail, sizeof store->error);
    if (status == STORE_OK)
        status = sqlite_connection_prepare_write(store->connection, detail, sizeof store->error);
    if (status == STORE_OK)
        status = sqlite_schema_migrate(store->connection, &sqlite_schema, detail, sizeof store->error);
    if (status == STORE_OK)
        status = prepare_statements(store);
    if (status != STORE_OK)
        disconnect(store);
    return status;
}

static bool is_behind(const struct high_water *found, const struct high_water *known)
{
    return found->next_relay_id < known->next_relay_id || found->next_lookup_id < known->next_lookup_id ||
           found->next_event_id < known->next_event_id || found->next_revision < known->next_revision ||
           found->next_audit_id < known->next_audit_id;
}

/* A file that lacks what was committed is not the one that broke: somebody replaced it. */
static enum store_status check_same_file(struct sqlite_store *store)
{
    struct high_water found;
    int code = sqlite_store_read_high_water(store->connection, &found);
    if (code != SQLITE_OK)
        return sqlite_store_fail(store, code, "reading the high-water marks");
    if (!is_behind(&found, &store->high_water))
        return STORE_OK;
    snprintf(store->error, sizeof store->error, "%.150s was replaced while in use", store->path);
    return STORE_CORRUPT;
}

enum store_status sqlite_store_connect(struct sqlite_store *store)
{
    if (store->connection != NULL && !store->must_reopen)
        return STORE_OK;
    disconnect(store);
    enum store_status status = connect(store);
    if (status == STORE_OK)
        status = check_same_file(store);
    store->must_reopen = status != STORE_OK;
    return status;
}

/* A lock file of our own, for SQLite's locks come and go and end with any close in the same process. */
static enum store_status lock_file(struct sqlite_store *store)
{
    size_t bytes = strlen(store->path) + sizeof ".lock";
    char *lock_path = malloc(bytes);
    if (lock_path == NULL)
        return STORE_NO_MEMORY;
    snprintf(lock_path, bytes, "%s.lock", store->path);
    store->lock_descriptor = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    enum store_status status = STORE_OK;
    if (store->lock_descriptor < 0) {
        snprintf(store->error, sizeof store->error, "%.150s: %s", lock_path, strerror(errno));
        status = errno == ENOSPC || errno == EDQUOT ? STORE_FULL : STORE_IO;
    } else if (flock(store->lock_descriptor, LOCK_EX | LOCK_NB) != 0) {
        snprintf(store->error, sizeof store->error,
                 errno == EWOULDBLOCK ? "%.150s is in use by another ckbridge (its .lock file is locked)"
                                      : "%.150s cannot be locked",
                 store->path);
        status = STORE_IO;
    }
    free(lock_path);
    return status;
}

/* SQLite would create it readable for all; its other files get the mode of this one. */
static enum store_status create_file(struct sqlite_store *store)
{
    int descriptor = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (descriptor < 0) {
        snprintf(store->error, sizeof store->error, "%.150s: %s", store->path, strerror(errno));
        return errno == ENOSPC || errno == EDQUOT ? STORE_FULL : STORE_IO;
    }
    close(descriptor);
    return STORE_OK;
}

static void sqlite_store_close(void *state)
{
    struct sqlite_store *store = state;
    disconnect(store);
    if (store->lock_descriptor >= 0)
        close(store->lock_descriptor);
    event_page_fini(&store->page);
    buffer_fini(&store->body);
    free(store->path);
    free(store);
}

static enum store_status open_file(struct sqlite_store *store)
{
    enum store_status status = lock_file(store);
    if (status == STORE_OK)
        status = create_file(store);
    if (status == STORE_OK)
        status = connect(store);
    if (status != STORE_OK)
        return status;
    int code = sqlite_store_read_high_water(store->connection, &store->high_water);
    return code == SQLITE_OK ? STORE_OK : sqlite_store_fail(store, code, "reading the high-water marks");
}

static enum store_status sqlite_store_open(const char *location, void **out_state, char *out_detail,
                                           size_t detail_bytes)
{
    struct sqlite_store *store = calloc(1, sizeof *store);
    char *path = strdup(location);
    if (store == NULL || path == NULL) {
        free(store);
        free(path);
        snprintf(out_detail, detail_bytes, "out of memory");
        return STORE_NO_MEMORY;
    }
    store->path = path;
    store->lock_descriptor = -1;
    store->has_new_dead_letters = true;
    enum store_status status = open_file(store);
    if (status != STORE_OK) {
        snprintf(out_detail, detail_bytes, "%s", store->error[0] != '\0' ? store->error : "out of memory");
        sqlite_store_close(store);
        return status;
    }
    *out_state = store;
    return STORE_OK;
}

static const char *sqlite_store_error(const void *state)
{
    const struct sqlite_store *store = state;
    return store->error;
}

static uint64_t sqlite_store_reader_bytes(void *reader)
{
    return sqlite_connection_bytes(sqlite_reader_connection(reader));
}

const struct store_driver sqlite_driver = {
    .scheme = "sqlite",
    .open = sqlite_store_open,
    .close = sqlite_store_close,
    .restore = sqlite_store_restore,
    .commit = sqlite_store_commit,
    .maintain = sqlite_store_maintain,
    .error = sqlite_store_error,
    .reader_open = sqlite_reader_open,
    .reader_close = sqlite_reader_close,
    .reader_history = sqlite_reader_history,
    .reader_bytes = sqlite_store_reader_bytes,
};
