/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite driver's state, shared by its files. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/driver.h"
#include "store/event_page.h"

enum sqlite_query {
    QUERY_BEGIN,
    QUERY_COMMIT,
    QUERY_ROLLBACK,
    QUERY_PUT_RELAY,
    QUERY_PUT_LOOKUP,
    QUERY_PUT_EVENT_PAGE,
    QUERY_PUT_HIGH_WATER,
    QUERY_PUT_KM,
    QUERY_DELETE_KM,
    QUERY_PUT_APPLICATION,
    QUERY_DELETE_APPLICATION,
    QUERY_PUT_DESTINATION,
    QUERY_DELETE_DESTINATION,
    QUERY_PUT_ROUTE,
    QUERY_DELETE_ROUTE,
    QUERY_PUT_LINK,
    QUERY_DELETE_LINK,
    QUERY_PUT_DOCUMENT,
    QUERY_DELETE_DOCUMENT,
    QUERY_GET_AUDIT_HEAD,
    QUERY_PUT_AUDIT_HEAD,
    QUERY_PUT_AUDIT,
    QUERY_PUT_IDEMPOTENCY,
    QUERY_PUT_ANSWER,
    QUERY_PUT_BUDGET,
    QUERY_DELETE_BUDGET,
    QUERY_PUT_DEAD_LETTER,
    QUERY_DELETE_DEAD_LETTERS,
    QUERIES_END,
};

struct sqlite_store {
    sqlite3 *connection; /* NULL: broke and could not be reopened yet */
    sqlite3_stmt *statements[QUERIES_END];
    char *path;
    int lock_descriptor;          /* of path.lock, held: one bridge a file */
    bool must_reopen;             /* an error after which SQLite's state is not to be trusted */
    struct high_water high_water; /* as last committed */
    struct event_page page;       /* being gathered */
    struct buffer body;           /* scratch of one row */
    int wal_frames;               /* in the WAL file, as of the newest commit */
    /* The audit trail as the running transaction sees it; read when it first has an entry. */
    struct sqlite_audit_head {
        bool is_read;
        uint64_t next_audit_id;
        char hash[AUDIT_HASH_DIGITS + 1]; /* of the entry before that */
    } audit_head;
    bool has_new_dead_letters; /* perhaps more than a webhook's share: to be counted */
    struct sqlite_sweep {
        uint64_t cursor; /* the sweep of a table goes on behind this ID */
    } relay_sweep, lookup_sweep;
    char error[STORE_DETAIL_BYTES];
};

/* sqlite_driver.c. Remembers the error's text, and whether the connection must be replaced. */
enum store_status sqlite_store_fail(struct sqlite_store *store, int code, const char *what);
/* A connection that can be used: the present one, or a new one after an error that demanded it. */
enum store_status sqlite_store_connect(struct sqlite_store *store);

/* sqlite_commit.c */
enum store_status sqlite_store_commit(void *state, const struct effects *const *turns, size_t turn_count);
/* Runs a prepared statement that gives no rows, and resets it. */
int sqlite_store_run(struct sqlite_store *store, enum sqlite_query query);

/* sqlite_trail.c: within a transaction; SQLite result codes */
int sqlite_store_put_audit(struct sqlite_store *store, const struct audit_record *audit);
int sqlite_store_put_audit_head(struct sqlite_store *store);
int sqlite_store_put_idempotency(struct sqlite_store *store, const struct idempotency_record *record);
int sqlite_store_put_answer(struct sqlite_store *store, const struct idempotency_record *record);
int sqlite_store_put_dead_letter(struct sqlite_store *store, const struct dead_letter *letter);
int sqlite_store_delete_dead_letters(struct sqlite_store *store, const struct dead_letter *which);

/* sqlite_restore.c */
enum store_status sqlite_store_restore(void *state, struct high_water *out_high_water,
                                       store_restore_visitor visitor, void *context);
int sqlite_store_read_high_water(sqlite3 *connection, struct high_water *out_high_water);

/* sqlite_maintain.c */
bool sqlite_store_maintain(void *state, const struct store_retention *retention, uint64_t wall_ms);

/* sqlite_reader.c */
enum store_status sqlite_reader_open(const char *location, void **out_reader);
void sqlite_reader_close(void *reader);
struct history sqlite_reader_history(void *reader);
sqlite3 *sqlite_reader_connection(void *reader);

/* sqlite_trail_reader.c: as core/history.h explains; `reader` is a reader */
enum history_status sqlite_reader_audit(void *reader, const struct audit_filter *filter,
                                        audit_visitor visitor, void *context);
enum history_status sqlite_reader_idempotency(void *reader, struct text key, idempotency_visitor visitor,
                                              void *context);
enum history_status sqlite_reader_dead_letters(void *reader, struct text webhook_id, uint64_t after_id,
                                               dead_letter_visitor visitor, void *context);

#endif
