/* SPDX-License-Identifier: Apache-2.0 */
/* Audit entries for a test's turns, and the check of their hash chain as anybody could do it: from what the
 * reader shows, with no help of the store. */
#ifndef TESTS_TRAIL_FIXTURE_H
#define TESTS_TRAIL_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/history.h"
#include "store_fixture.h"

/* An entry with the maker's next ID and time. */
struct audit_record *turn_add_audit(struct effects *turn, struct turn_maker *maker, struct text actor);

struct audit_chain {
    uint64_t count;
    uint64_t first_id, last_id;
    char head[65];      /* the newest entry's hash */
    uint64_t broken_at; /* the first entry that does not fit its hash or the one before it; 0: none */
};

/* Fails the running test when the trail cannot be read. */
struct audit_chain audit_verify(struct history history);

#endif
