/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guessing slowed down: each source address may fail to prove who it is so often, and then waits.
 * Addresses are told apart as far as one person's reach goes: IPv4 whole, IPv6 by its /64.
 */
#ifndef HTTP_ATTEMPTS_H
#define HTTP_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/table.h"

enum {
    /* Addresses remembered. One more: the one whose newest failure is longest ago is forgotten, and may fail
       anew as often as one that was never seen. Who has that many addresses is slowed by their number only.
     */
    ATTEMPT_SOURCES_MAX = 4096,
    ATTEMPTS_PER_MINUTE_DEFAULT = 10,
    ATTEMPTS_MINUTES_SAVED = 2, /* at most: 20 failures at once by default */
    ATTEMPT_SOURCE_BYTES = 9,   /* a family, and 4 or 8 bytes of address */
};

/* Where a request came from, as failures are counted. */
struct attempt_source {
    unsigned char bytes[ATTEMPT_SOURCE_BYTES];
};

struct attempts {
    struct table sources;
    struct attempt_record *oldest, *newest; /* by their newest failure */
    uint32_t per_minute;
    uint64_t failed, refused; /* since the start */
};

void attempts_init(struct attempts *attempts);
void attempts_fini(struct attempts *attempts);
struct attempt_source attempt_source_of(const struct sockaddr *address);
/* Seconds until this source may try again; 0: now. */
unsigned attempts_wait_s(const struct attempts *attempts, const struct attempt_source *source,
                         uint64_t now_ms);
/* It failed. Without memory, it is not remembered. */
void attempts_note_failure(struct attempts *attempts, const struct attempt_source *source, uint64_t now_ms);

#endif
