/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the core in turns: gathers effects, hands them to the journal, and releases them in order once
 * durable.
 *
 *   step, step ... end_turn --submit--> [ in flight, oldest first ] --durable--> release: snapshot, then each
 * effect
 */
#ifndef MAIN_RUNNER_H
#define MAIN_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/core.h"
#include "main/snapshot_cell.h"
#include "store/writer.h"

enum {
    /* From here on a turn is kept open and gathers, so that a slow disk gets few large commits. */
    RUNNER_TURNS_EAGER = LIMIT_TURNS_IN_FLIGHT / 2,
    /* An open turn larger than this is submitted as long as one may be. */
    RUNNER_TURN_BYTES = 1024 * 1024,
    /* Snapshots beside those that a reply needs come no faster than this, and take a twentieth of the time.
     */
    RUNNER_SNAPSHOT_INTERVAL_MS = 250,
    RUNNER_SNAPSHOT_SHARE = 20,
};

/* What released effects become. Called in the order of the turns' effects; may call runner_step. */
struct runner_sinks {
    void *context;
    void (*admit)(void *context, const struct effect_admit *admit);
    void (*send)(void *context, const struct effect_send *send);
    void (*close)(void *context, const struct effect_close *close);
    void (*reply)(void *context, const struct reply *reply);
    void (*notice)(void *context, const struct notice *notice);
    /* Events up to this one are durable; after the turn's effects. */
    void (*events_durable)(void *context, uint64_t newest_event_id);
    /* The core had no memory for an event. */
    void (*no_memory)(void *context);
};

struct runner;

/* Borrows all. NULL: out of memory. The writer is given later, once what was restored asks for one. */
struct runner *runner_new(struct core *core, struct snapshot_cell *cell, const struct runner_sinks *sinks);
void runner_free(struct runner *runner);
void runner_set_writer(struct runner *runner, struct writer *writer);

/* The event's times are filled in here. */
void runner_step(struct runner *runner, struct event *event);
/* The turn that is open, for core_restore_finish; NULL: out of memory. */
struct effects *runner_open_turn(struct runner *runner);
/* Steps EVENT_TICK when the core's deadline has come. */
void runner_tick(struct runner *runner);
/* Ends the open turn: releases it at once when there is nothing to wait for, else submits it, or keeps it
   open while many are in flight. Takes a snapshot when one is due. */
void runner_end_turn(struct runner *runner);
/* Releases every turn up to `durable_turn`. */
void runner_release(struct runner *runner, uint64_t durable_turn);

/* True: nothing is open or in flight: all that was ever stepped is released. */
bool runner_is_idle(const struct runner *runner);
/* True: no further turn can be taken and the open one is large: stop taking input. */
bool runner_is_full(const struct runner *runner);
/* True: few enough turns are in flight to take input again. */
bool runner_has_room(const struct runner *runner);
/* Events stepped so far. */
uint64_t runner_steps(const struct runner *runner);
size_t runner_turns_in_flight(const struct runner *runner);
/* When runner_tick or runner_end_turn has something to do again; UINT64_MAX: never by itself. */
uint64_t runner_deadline_ms(const struct runner *runner);

#endif
