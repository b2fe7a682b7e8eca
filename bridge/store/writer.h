/* SPDX-License-Identifier: Apache-2.0 */
/* The journal thread: owns the store's write connection and commits whatever turns have gathered. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/distribution.h"
#include "store/store.h"

struct writer;

struct writer_options {
    struct store *store; /* the writer's alone from writer_new until writer_stop */
    struct store_retention retention;
    /* Called on the journal thread after every commit and every change of availability: wake the core, do no
     * more. */
    void (*notify)(void *context);
    void *context;
};

struct writer_state {
    uint64_t durable_turn; /* every submitted turn up to this one is durable */
    bool available; /* false: the last commit failed; it is tried again with back-off (at most 1 s) until
                       it succeeds: nothing is dropped */
    enum store_status last_status;
    uint64_t commits;
    uint64_t commit_us_last; /* duration of the newest commit */
};

/* NULL: no thread or memory. */
struct writer *writer_new(const struct writer_options *options);
/*
 * Hands a turn over; it must stay unchanged until writer_state says it is durable. Turns come in growing
 * order. False when LIMIT_TURNS_IN_FLIGHT are waiting: the caller keeps it and stops taking input.
 */
bool writer_submit(struct writer *writer, const struct effects *turn);
struct writer_state writer_state(struct writer *writer);
/* What the store said of the failure, for people, into the caller's buffer. */
void writer_error(struct writer *writer, char *out_detail, size_t detail_bytes);
/* Of all commits since the start, for whoever shows them; any thread. */
struct writer_statistics {
    uint64_t failures;             /* commits that kept nothing and were tried again */
    struct distribution commit_us; /* of those that succeeded, by distribution_microseconds */
};
struct writer_statistics writer_statistics(struct writer *writer);
void writer_set_retention(struct writer *writer, const struct store_retention *retention);
/* Commits what is queued (giving up after `timeout_ms` when the store fails), then ends the thread and frees.
   True: all was committed. */
bool writer_stop(struct writer *writer, uint32_t timeout_ms);

#endif
