/* SPDX-License-Identifier: Apache-2.0 */
/* The QKDN controller's decisions as a pure state machine: events in, effects out. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/siphash.h"
#include "core/effect.h"
#include "core/event.h"
#include "core/record.h"
#include "core/snapshot.h"

struct core;

/* CORE_NO_MEMORY: the event had no effect but what `out_effects` already holds; the caller may go on. */
enum core_status { CORE_OK, CORE_NO_MEMORY };

/* `hash_key` is secret and random. */
struct core *core_new(const struct memory *memory, const struct core_settings *settings,
                      struct siphash_key hash_key);
void core_free(struct core *core);

/* One event in, its effects appended to the turn. Deterministic. */
enum core_status core_step(struct core *core, const struct event *event, struct effects *out_effects);

/* The monotonic time at which the next EVENT_TICK is due; UINT64_MAX: none. */
uint64_t core_deadline_ms(const struct core *core);

/* Restore, once after core_new and before the first step: high water first, then configuration, then relays
   and lookups in any order, answered ones newest first; then finish, whose effects end what cannot go on
   (held lookups without a session) and restart limits in full. `record` is borrowed. */
void core_restore_high_water(struct core *core, const struct high_water *high_water);
enum core_status core_restore(struct core *core, const struct record *record);
enum core_status core_restore_finish(struct core *core, uint64_t monotonic_ms, uint64_t wall_ms,
                                     struct effects *out_effects);

/* False: a message of this version will close the session (reading 11), so its payload need not be awaited.
 */
bool core_accepts_version(const struct core *core, struct session_handle session, uint16_t version);

/* The digest by which repeats are known (reading 8); of the payload before it is decoded in place. */
struct siphash_digest core_payload_digest(struct text payload);

/* Grows with every change that a snapshot would show beside counters and times. */
uint64_t core_change_number(const struct core *core);
/* An immutable view of the live state, in memory of its own; NULL: out of memory. See snapshot.h. */
struct snapshot *core_snapshot(const struct core *core, const struct memory *memory, uint64_t wall_ms);
struct snapshot_moment {
    uint64_t wall_ms, monotonic_ms;
};
/* The same, and shares with `previous`, of the same core and memory, what has not changed since. NULL:
 * nothing. */
struct snapshot *core_snapshot_after(const struct core *core, const struct memory *memory,
                                     struct snapshot_moment moment, const struct snapshot *previous);

#endif
