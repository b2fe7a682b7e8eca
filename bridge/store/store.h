/* SPDX-License-Identifier: Apache-2.0 */
/* The durable store behind one interface; drivers: SQLite (embedded). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/effect.h"
#include "core/history.h"
#include "core/record.h"

struct store;

enum store_status {
    STORE_OK,
    STORE_FULL,    /* disk full: nothing of the batch was kept; try again later */
    STORE_IO,      /* I/O error, locked, read-only: likewise */
    STORE_CORRUPT, /* not a database, or damaged: an operator must act */
    STORE_NEWER,   /* written by a newer ckbridge */
    STORE_BAD_URL,
    STORE_NO_MEMORY,
};
const char *store_status_name(enum store_status status);

struct store_retention {
    uint64_t age_ms;     /* ended relays, lookups and events older than this go; 0: kept by age for ever */
    uint64_t relays_max; /* ended relays beyond this many go, oldest first; 0: no bound. Lookups likewise, and
                            events beyond eight times as many */
    uint64_t audit_age_ms; /* audit entries older than this go, from the oldest on; 0: none by age */
    uint64_t audit_max;    /* and those beyond this many; 0: no bound */
};

/*
 * Opens or creates, and migrates, the database at `url` ("sqlite:/path"). On failure *out_detail (of at least
 * 256 bytes) says for people what is wrong and *out_store is untouched.
 */
enum store_status store_open(const char *url, struct store **out_store, char *out_detail,
                             size_t detail_bytes);
void store_close(struct store *store);

/* Calls `visitor` with every configuration row and every relay and lookup that the core must know again: open
   ones, the newest LIMIT_ENDED_RELAYS expired or orphaned relays, and last, newest first, the answered
   lookups among the newest LIMIT_ANSWERS_RESTORED. *out_high_water is set before the first call. False from
   the visitor stops with STORE_NO_MEMORY. */
typedef bool (*store_restore_visitor)(void *context, const struct record *record);
enum store_status store_restore(struct store *store, struct high_water *out_high_water,
                                store_restore_visitor visitor, void *context);

/* One durable transaction for all records, notices and high-water marks of `turns`, in order: all or nothing.
 */
enum store_status store_commit(struct store *store, const struct effects *const *turns, size_t turn_count);

/* Housekeeping in bounded steps (checkpoint, retention); true: call again soon, there is more to do. */
bool store_maintain(struct store *store, const struct store_retention *retention, uint64_t wall_ms);

/* What went wrong last, for people; "" when nothing. Valid until the next call. */
const char *store_error(const struct store *store);

/* A reader with a connection of its own, to be used by one thread, while the store writes. */
struct store_reader;
enum store_status store_reader_open(const char *url, struct store_reader **out_reader);
void store_reader_close(struct store_reader *reader);
struct history store_reader_history(struct store_reader *reader);
/* How much room the store takes on its disk, journal included; 0: unknown. */
uint64_t store_reader_bytes(struct store_reader *reader);

#endif
