/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_schema.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/trail.h"
#include "store/sqlite_connection.h"

/* In the header of every database of ours: "CkBr". */
enum { APPLICATION_ID = 0x436b4272 };

/*
 * relay, lookup: what a filter asks of is a column, all else is in `body` (sqlite_row.c). The partial indexes
 * find what is open, or may still be corrected, at once, and are as small as that; no other index, for each
 * would cost every commit.
 * event_page: all events of one commit in one row (event_page.h).
 * Their conditions are comparisons because SQLite evaluates IN by building a table, for every row written.
 * Names stored as numbers: see the assertions in sqlite_row.c.
 *
 * A version's step is never edited once it was released: files of it are about.
 */
static const char version_1[] =
    "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 1), next_relay_id INTEGER NOT NULL,"
    " next_lookup_id INTEGER NOT NULL, next_event_id INTEGER NOT NULL, next_revision INTEGER NOT NULL);"
    "INSERT INTO meta VALUES(1, 1, 1, 1, 1);"
    "CREATE TABLE relay(relay_id INTEGER PRIMARY KEY, state INTEGER NOT NULL, decided_by INTEGER NOT NULL,"
    " reason TEXT, received_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, km_id TEXT, source_kma_id TEXT,"
    " destination_kma_id TEXT, application_destination_id TEXT, body BLOB NOT NULL);"
    "CREATE INDEX relay_unsettled ON relay(state) WHERE (state < 3 OR state > 5);"
    "CREATE TABLE lookup(lookup_id INTEGER PRIMARY KEY, state INTEGER NOT NULL, decided_by INTEGER NOT NULL,"
    " reason TEXT, received_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, km_id TEXT, source_kma_id TEXT,"
    " destination_kma_id TEXT, application_destination_id TEXT, body BLOB NOT NULL);"
    "CREATE INDEX lookup_unsettled ON lookup(state) WHERE state < 2;"
    "CREATE TABLE event_page(first_event_id INTEGER PRIMARY KEY, last_event_id INTEGER NOT NULL,"
    " first_time_ms INTEGER NOT NULL, last_time_ms INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE km(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE application(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE route(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE link(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;";

/*
 * document: the kind is a number too (sqlite_restore.c).
 * audit: `body` is the canonical form that was hashed; what is asked of is a column with an index, for this
 * is written seldom and kept long. meta.audit_hash is the newest entry's, so that its removal shows.
 * idempotency: numbered in the order of creation, so that the oldest go first.
 */
static const char version_2[] =
    "ALTER TABLE meta ADD COLUMN next_audit_id INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE meta ADD COLUMN audit_hash TEXT NOT NULL DEFAULT '" AUDIT_HASH_OF_NONE "';"
    "CREATE TABLE document(id TEXT PRIMARY KEY, kind INTEGER NOT NULL, revision INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE audit(audit_id INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, actor TEXT,"
    " hash TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX audit_actor ON audit(actor);"
    "CREATE INDEX audit_time ON audit(time_ms);"
    "CREATE TABLE idempotency(idempotency_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " digest BLOB NOT NULL, created_ms INTEGER NOT NULL, created INTEGER NOT NULL,"
    " request_id INTEGER NOT NULL, revision INTEGER NOT NULL, answer BLOB);"
    "CREATE TABLE dead_letter(webhook_id TEXT NOT NULL, event_id INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, status INTEGER NOT NULL, detail TEXT, PRIMARY KEY(webhook_id, event_id))"
    " WITHOUT ROWID;";

/* Objects are kept of both origins (0: file, 1: API), and know their first revision. */
#define WITH_ORIGIN(table)                                                                                   \
    "ALTER TABLE " table " RENAME TO former;"                                                                \
    "CREATE TABLE " table "(id TEXT NOT NULL, origin INTEGER NOT NULL, first INTEGER NOT NULL,"              \
    " revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL, body TEXT NOT NULL,"                           \
    " PRIMARY KEY(id, origin)) WITHOUT ROWID;"                                                               \
    "INSERT INTO " table " SELECT id, 1, revision, revision, changed_ms, body FROM former;"                  \
    "DROP TABLE former;"

static const char version_3[] = WITH_ORIGIN("km") WITH_ORIGIN("application") WITH_ORIGIN("route")
    WITH_ORIGIN("link") "ALTER TABLE document ADD COLUMN first INTEGER NOT NULL DEFAULT 0;"
                        "UPDATE document SET first = revision;";

/* link_budget: what is left of a link's stock; of the revision whose stock it counts from. */
static const char version_4[] =
    "CREATE TABLE link_budget(link_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, keys INTEGER NOT NULL,"
    " as_of_ms INTEGER NOT NULL) WITHOUT ROWID;";

/* From here on bodies of relays and lookups may be of a second form, with their explanation, that no earlier
   program reads; those of the first stay as they are. */
static const char version_5[] = "SELECT 1;";
/* destination: a KMA's policy. */
static const char version_6[] =
    "CREATE TABLE destination(id TEXT NOT NULL, origin INTEGER NOT NULL, first INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY(id, origin)) WITHOUT ROWID;";

static const char *const steps[] = { version_1, version_2, version_3, version_4, version_5, version_6 };

const struct sqlite_schema sqlite_schema = { steps, sizeof steps / sizeof *steps };

static int apply_step(sqlite3 *connection, const struct sqlite_schema *schema, int version)
{
    char stamp[96];
    snprintf(stamp, sizeof stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT", APPLICATION_ID,
             version + 1);
    int code = sqlite3_exec(connection, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(connection, schema->steps[version], NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(connection, stamp, NULL, NULL, NULL);
    return code;
}

struct identity {
    int64_t application_id;
    int64_t version;
    int64_t objects;
};

static int read_identity(sqlite3 *connection, struct identity *out)
{
    int code = sqlite_connection_integer(connection, "PRAGMA application_id", &out->application_id);
    if (code == SQLITE_OK)
        code = sqlite_connection_integer(connection, "PRAGMA user_version", &out->version);
    if (code == SQLITE_OK)
        code = sqlite_connection_integer(connection, "SELECT count(*) FROM sqlite_schema", &out->objects);
    return code;
}

static enum store_status check_identity(const struct identity *identity, const struct sqlite_schema *schema,
                                        char *out_detail, size_t detail_bytes)
{
    bool is_empty = identity->application_id == 0 && identity->version == 0 && identity->objects == 0;
    bool is_ours = identity->application_id == APPLICATION_ID && identity->version > 0;
    if (!is_empty && !is_ours) {
        snprintf(out_detail, detail_bytes, "the file is another program's database; name a file of its own");
        return STORE_CORRUPT;
    }
    if (identity->version > schema->step_count) {
        snprintf(out_detail, detail_bytes,
                 "written by a newer ckbridge: schema version %lld, this one knows up to %d",
                 (long long)identity->version, schema->step_count);
        return STORE_NEWER;
    }
    return STORE_OK;
}

static enum store_status read_and_check(sqlite3 *connection, const struct sqlite_schema *schema,
                                        struct identity *out_identity, char *out_detail, size_t detail_bytes)
{
    int code = read_identity(connection, out_identity);
    if (code != SQLITE_OK)
        return sqlite_connection_fail(connection, code, "reading the schema version", out_detail,
                                      detail_bytes);
    return check_identity(out_identity, schema, out_detail, detail_bytes);
}

enum store_status sqlite_schema_check(sqlite3 *connection, const struct sqlite_schema *schema,
                                      char *out_detail, size_t detail_bytes)
{
    struct identity identity = { 0 };
    return read_and_check(connection, schema, &identity, out_detail, detail_bytes);
}

enum store_status sqlite_schema_migrate(sqlite3 *connection, const struct sqlite_schema *schema,
                                        char *out_detail, size_t detail_bytes)
{
    struct identity identity = { 0 };
    enum store_status status = read_and_check(connection, schema, &identity, out_detail, detail_bytes);
    for (int version = (int)identity.version; status == STORE_OK && version < schema->step_count; version++) {
        int code = apply_step(connection, schema, version);
        if (code == SQLITE_OK)
            continue;
        status = sqlite_connection_fail(connection, code, "migrating the database", out_detail, detail_bytes);
        if (sqlite3_get_autocommit(connection) == 0)
            sqlite3_exec(connection, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
