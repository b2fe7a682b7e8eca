/* SPDX-License-Identifier: Apache-2.0 */
#include "main/runner.h"

#include <assert.h>
#include <stdlib.h>

#include "system/clock.h"
#include "system/process_heap.h"

struct turn {
    struct effects effects;
    bool submitted;            /* its records wait for the journal; false: only for its predecessors */
    struct snapshot *snapshot; /* to be published before its effects; NULL: none */
};

struct runner {
    struct core *core;
    struct writer *writer;
    struct snapshot_cell *cell;
    struct runner_sinks sinks;
    /* A ring of those in flight, and behind them the open one. */
    struct turn turns[LIMIT_TURNS_IN_FLIGHT + 1];
    size_t first, in_flight;
    bool is_open;
    bool has_reply; /* in the open turn */
    uint64_t next_turn;
    bool releasing;
    /* snapshots */
    uint64_t steps;
    bool stepped;            /* since the newest was taken */
    struct snapshot *latest; /* taken, if not yet published; NULL: none */
    uint64_t change_number;
    uint64_t snapshot_ms, snapshot_interval_ms;
};

struct runner *runner_new(struct core *core, struct snapshot_cell *cell, const struct runner_sinks *sinks)
{
    struct runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL)
        return NULL;
    runner->core = core;
    runner->cell = cell;
    runner->sinks = *sinks;
    runner->next_turn = 1;
    runner->snapshot_interval_ms = RUNNER_SNAPSHOT_INTERVAL_MS;
    for (size_t i = 0; i <= LIMIT_TURNS_IN_FLIGHT; i++)
        effects_init(&runner->turns[i].effects, &process_heap);
    return runner;
}

void runner_free(struct runner *runner)
{
    if (runner == NULL)
        return;
    for (size_t i = 0; i <= LIMIT_TURNS_IN_FLIGHT; i++) {
        effects_fini(&runner->turns[i].effects);
        snapshot_release(runner->turns[i].snapshot);
    }
    snapshot_release(runner->latest);
    free(runner);
}

void runner_set_writer(struct runner *runner, struct writer *writer)
{
    runner->writer = writer;
}

static struct turn *turn_at(struct runner *runner, size_t position)
{
    return &runner->turns[(runner->first + position) % (LIMIT_TURNS_IN_FLIGHT + 1)];
}

static struct turn *open_turn(struct runner *runner)
{
    struct turn *turn = turn_at(runner, runner->in_flight);
    if (!runner->is_open) {
        runner->is_open = true;
        runner->has_reply = false;
        turn->submitted = false;
        turn->effects.turn = runner->next_turn++;
    }
    return turn;
}

struct effects *runner_open_turn(struct runner *runner)
{
    return &open_turn(runner)->effects;
}

void runner_step(struct runner *runner, struct event *event)
{
    event->monotonic_ms = clock_monotonic_ms();
    event->wall_ms = clock_wall_ms();
    struct effects *effects = &open_turn(runner)->effects;
    runner->has_reply = runner->has_reply || event->kind == EVENT_COMMAND;
    if (core_step(runner->core, event, effects) == CORE_NO_MEMORY)
        runner->sinks.no_memory(runner->sinks.context);
    runner->steps++;
    runner->stepped = true;
}

void runner_tick(struct runner *runner)
{
    if (core_deadline_ms(runner->core) > clock_monotonic_ms())
        return;
    struct event event = { .kind = EVENT_TICK };
    runner_step(runner, &event);
}

/* ---- snapshots ---- */

static bool snapshot_is_due(const struct runner *runner)
{
    /* A client reads its own writes: before a reply, whatever changed is taken. */
    if (runner->is_open && runner->has_reply && core_change_number(runner->core) != runner->change_number)
        return true;
    return runner->stepped && clock_monotonic_ms() >= runner->snapshot_ms + runner->snapshot_interval_ms;
}

/* Shows what the newest turn has done, so it is published with that turn and not before it. */
static void take_snapshot(struct runner *runner)
{
    uint64_t begin_ms = clock_monotonic_ms();
    const struct snapshot_moment moment = { clock_wall_ms(), begin_ms };
    struct snapshot *snapshot = core_snapshot_after(runner->core, &process_heap, moment, runner->latest);
    if (snapshot == NULL) {
        runner->sinks.no_memory(runner->sinks.context);
        return; /* the one before stays; the next turn tries again */
    }
    runner->snapshot_ms = clock_monotonic_ms();
    runner->snapshot_interval_ms = (runner->snapshot_ms - begin_ms) * RUNNER_SNAPSHOT_SHARE;
    if (runner->snapshot_interval_ms < RUNNER_SNAPSHOT_INTERVAL_MS)
        runner->snapshot_interval_ms = RUNNER_SNAPSHOT_INTERVAL_MS;
    runner->stepped = snapshot->lags; /* then one that is up to date is due soon */
    runner->change_number = core_change_number(runner->core);
    snapshot_release(runner->latest);
    runner->latest = snapshot_retain(snapshot);
    if (!runner->is_open && runner->in_flight == 0) {
        snapshot_cell_put(runner->cell, snapshot);
        return;
    }
    struct turn *newest = turn_at(runner, runner->is_open ? runner->in_flight : runner->in_flight - 1);
    snapshot_release(newest->snapshot);
    newest->snapshot = snapshot;
}

/* ---- release ---- */

static void release_effect(struct runner *runner, const struct effect *effect)
{
    const struct runner_sinks *sinks = &runner->sinks;
    switch (effect->kind) {
    case EFFECT_RECORD:
        break; /* the store has it */
    case EFFECT_NOTICE:
        sinks->notice(sinks->context, &effect->notice);
        break;
    case EFFECT_ADMIT:
        sinks->admit(sinks->context, &effect->admit);
        break;
    case EFFECT_SEND:
        sinks->send(sinks->context, &effect->send);
        break;
    case EFFECT_CLOSE:
        sinks->close(sinks->context, &effect->close);
        break;
    case EFFECT_REPLY:
        sinks->reply(sinks->context, &effect->reply);
        break;
    }
}

static void release_first(struct runner *runner)
{
    struct turn *turn = turn_at(runner, 0);
    uint64_t newest_event_id = 0;
    if (turn->snapshot != NULL) {
        snapshot_cell_put(runner->cell, turn->snapshot);
        turn->snapshot = NULL;
    }
    for (const struct effect *effect = turn->effects.first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_NOTICE)
            newest_event_id = effect->notice.event_id;
        release_effect(runner, effect);
    }
    if (newest_event_id > 0)
        runner->sinks.events_durable(runner->sinks.context, newest_event_id);
    effects_clear(&turn->effects);
    runner->first = (runner->first + 1) % (LIMIT_TURNS_IN_FLIGHT + 1);
    runner->in_flight--;
}

void runner_release(struct runner *runner, uint64_t durable_turn)
{
    assert(!runner->releasing); /* a sink may step, never release */
    runner->releasing = true;
    while (runner->in_flight > 0) {
        const struct turn *turn = turn_at(runner, 0);
        if (turn->submitted && turn->effects.turn > durable_turn)
            break;
        release_first(runner);
    }
    runner->releasing = false;
}

/* ---- turns ---- */

static bool may_submit(const struct runner *runner, const struct turn *turn)
{
    if (runner->in_flight < RUNNER_TURNS_EAGER)
        return true;
    return runner->in_flight < LIMIT_TURNS_IN_FLIGHT && turn->effects.arena.total_bytes > RUNNER_TURN_BYTES;
}

void runner_end_turn(struct runner *runner)
{
    if (snapshot_is_due(runner))
        take_snapshot(runner);
    if (!runner->is_open)
        return;
    struct turn *turn = turn_at(runner, runner->in_flight);
    if (!may_submit(runner, turn))
        return;
    if (turn->effects.durable_count > 0) {
        if (runner->writer == NULL || !writer_submit(runner->writer, &turn->effects))
            return; /* stays open */
        turn->submitted = true;
    }
    runner->is_open = false;
    runner->in_flight++;
    if (runner->in_flight == 1 && !turn->submitted)
        runner_release(runner, 0);
}

bool runner_is_idle(const struct runner *runner)
{
    return !runner->is_open && runner->in_flight == 0;
}

bool runner_is_full(const struct runner *runner)
{
    const struct turn *turn =
        &runner->turns[(runner->first + runner->in_flight) % (LIMIT_TURNS_IN_FLIGHT + 1)];
    return runner->in_flight == LIMIT_TURNS_IN_FLIGHT && turn->effects.arena.total_bytes > RUNNER_TURN_BYTES;
}

bool runner_has_room(const struct runner *runner)
{
    return runner->in_flight < RUNNER_TURNS_EAGER / 2;
}

uint64_t runner_steps(const struct runner *runner)
{
    return runner->steps;
}

size_t runner_turns_in_flight(const struct runner *runner)
{
    return runner->in_flight;
}

uint64_t runner_deadline_ms(const struct runner *runner)
{
    uint64_t deadline_ms = core_deadline_ms(runner->core);
    uint64_t snapshot_ms = runner->snapshot_ms + runner->snapshot_interval_ms;
    if (runner->stepped && snapshot_ms < deadline_ms)
        deadline_ms = snapshot_ms;
    if (runner->is_open && runner->in_flight < RUNNER_TURNS_EAGER)
        deadline_ms = 0;
    return deadline_ms;
}
