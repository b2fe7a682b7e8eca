/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one world: time passes, everyone acts, the process dies and comes back, and in the end all is
 * quiet. */
#include "world/world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->failure, sizeof world->failure, format, arguments);
    va_end(arguments);
    longjmp(*world->failed, 1);
}

void world_trace(const struct world *world, const char *format, ...)
{
    if (!world->options.trace)
        return;
    va_list arguments;
    va_start(arguments, format);
    printf("# %llu ", (unsigned long long)world->monotonic_ms);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

static void trace_event(const struct world *world, const struct event *event)
{
    static const char *const kinds[] = { "tick",    "opened",       "closed", "refused",  "message",
                                         "command", "orchestrator", "store",  "overload", "settings" };
    if (!world->options.trace)
        return;
    if (event->kind == EVENT_MESSAGE)
        world_trace(world, "message %s on session %u: command %u, MessageID %u, malformed %d",
                    world->sessions[event->message.session.index].km_id, event->message.session.index,
                    event->message.header.command, event->message.header.message_id,
                    (int)event->message.malformed);
    else if (event->kind == EVENT_COMMAND)
        world_trace(world, "command %llu: kind %d", (unsigned long long)event->command.command_id,
                    (int)event->command.command->kind);
    else
        world_trace(world, "%s", kinds[event->kind]);
}

enum core_status world_step(struct world *world, struct event *event)
{
    event->monotonic_ms = world->monotonic_ms;
    event->wall_ms = world->step_wall_ms = world->wall_ms;
    trace_event(world, event);
    struct step *step = check_before(world, event);
    struct effect **first = world->current->effects.last;
    step->status = core_step(world->core, event, &world->current->effects);
    world_trace(world, "  status %d", (int)step->status);
    sabotage_step(world, first);
    step->first = *first;
    if (step->status != CORE_OK && world->core_memory.fail_one_in == 0)
        world_fail(world, "memory is said to be short, and is not");
    if (step->status != CORE_OK) {
        world->memory_was_short = true;
        world->memory_short_ms = world->monotonic_ms;
    }
    check_step(world, step);
    enum core_status status = step->status;
    if (random_one_in(&world->random, 3))
        store_end_turn(world);
    return status;
}

void world_tick(struct world *world)
{
    struct event event = { .kind = EVENT_TICK };
    if (world_step(world, &event) == CORE_OK)
        check_limits(world);
}

static void choose_settings(struct world *world)
{
    static const enum decider orders[][3] = {
        { DECIDER_ROUTE, DECIDER_ORCHESTRATOR, DECIDER_COMPUTED }, /* the default */
        { DECIDER_ROUTE, DECIDER_ORCHESTRATOR, DECIDER_NONE },
        { DECIDER_ORCHESTRATOR, DECIDER_ROUTE, DECIDER_COMPUTED },
        { DECIDER_ROUTE, DECIDER_COMPUTED, DECIDER_NONE },
        { DECIDER_ROUTE, DECIDER_COMPUTED, DECIDER_ORCHESTRATOR },
        { DECIDER_NONE, DECIDER_NONE, DECIDER_NONE },
    };
    struct core_settings *settings = &world->settings;
    size_t order = random_one_in(&world->random, 2) ? random_below(&world->random, 6) : 0;
    if (order == 5 && !random_one_in(&world->random, 4))
        order = 1;
    memcpy(settings->policy.order, orders[order], sizeof orders[order]);
    settings->policy.orchestrator_ms = (uint32_t)random_between(&world->random, 50, 2000);
    uint32_t longest_ms = random_one_in(&world->random, 3) ? 60000 : 5000;
    settings->policy.completion_ms = (uint32_t)random_between(&world->random, 200, longest_ms);
    settings->presence_ms = (uint32_t)random_between(&world->random, 200, 30000);
    if (settings->answer_memory_ms == 0) /* once: a longer memory can't recall what a shorter one forgot */
        settings->answer_memory_ms = (uint32_t)random_between(&world->random, 100, 5000);
    settings->failing_relays = (uint32_t)random_below(&world->random, 5);
    settings->failing_window_ms = (uint32_t)random_between(&world->random, 500, 20000);
    settings->failing_penalty_ms = (uint32_t)random_between(&world->random, 200, 10000);
    settings->metric = random_one_in(&world->random, 3) ? (enum paths_metric)random_below(&world->random, 3)
                                                        : PATHS_WIDEST_SHORTEST;
    policy_note_limits(world, &settings->policy);
}

static void restore_objects(struct world *world, enum record_kind kind)
{
    for (size_t i = 0; i < world->rows.object_count; i++) {
        const struct object_row *row = &world->rows.objects[i];
        if (row->kind == kind && row->durable != NULL &&
            core_restore(world->core, &row->durable->record) != CORE_OK)
            world_fail(world, "a row could not be restored");
    }
}

/* As the store does: open ones, and those that a late completion may still correct. */
static void restore_requests(struct world *world, struct request_row *rows, size_t capacity)
{
    size_t start = capacity > 0 ? random_below(&world->random, capacity) : 0;
    for (size_t i = 0; i < capacity; i++) {
        const struct kept *kept = rows[(start + i) % capacity].durable;
        if (kept == NULL)
            continue;
        const struct record *record = &kept->record;
        bool wanted = record->kind == RECORD_LOOKUP
                          ? record->lookup.ended_ms == 0
                          : !relay_state_is_terminal(record->relay.state) ||
                                record->relay.state == RELAY_EXPIRED || record->relay.state == RELAY_ORPHANED;
        if (!wanted)
            continue;
        if (core_restore(world->core, record) != CORE_OK)
            world_fail(world, "a row could not be restored");
        if (record->kind == RECORD_LOOKUP) {
            world->coverage->restored_lookups++;
            continue;
        }
        world->coverage->restored_relays++;
        book_restored(world, &record->relay);
    }
}

static void start_process(struct world *world)
{
    world->monotonic_ms = random_between(&world->random, 1, 100000);
    world->core_memory.fail_one_in = world->turn_memory.fail_one_in = 0;
    world->store_failing = world->store_failure_told = world->overload_told = false;
    world->snapshot_taken = false;
    world->answer_count = 0;
    world->penalties = (struct penalties){ .failure_count = 0 };
    world->core = core_new(&world->core_memory.memory, &world->settings, world->options.hash_key);
    if (world->core == NULL)
        world_fail(world, "no core");
    rows_forget_shadow(world);
    book_restart(world);
    policy_restart(world);
    core_restore_high_water(world->core, &world->rows.durable_high);
    restore_objects(world, RECORD_KM);
    restore_objects(world, RECORD_APPLICATION);
    restore_objects(world, RECORD_DESTINATION);
    restore_objects(world, RECORD_LINK);
    restore_objects(world, RECORD_BUDGET);
    restore_objects(world, RECORD_ROUTE);
    restore_requests(world, world->rows.relays, world->rows.relay_capacity);
    restore_requests(world, world->rows.lookups, world->rows.lookup_capacity);
    world->step_wall_ms = world->wall_ms;
    struct step *step = check_before(world, NULL);
    struct effect **first = world->current->effects.last;
    step->status =
        core_restore_finish(world->core, world->monotonic_ms, world->wall_ms, &world->current->effects);
    step->first = *first;
    check_step(world, step);
    config_load_file(world, false);
    check_snapshot(world);
}

static void end_process(struct world *world)
{
    check_forget_snapshot(world);
    store_drop_turns(world);
    core_free(world->core);
    world->core = NULL;
    if (world->core_memory.blocks != 0)
        world_fail(world, "the core left %llu blocks behind", (unsigned long long)world->core_memory.blocks);
    if (world->turn_memory.blocks != 0)
        world_fail(world, "turns left %llu blocks behind", (unsigned long long)world->turn_memory.blocks);
}

/* kill -9: perhaps in the middle of a commit, which then is whole or not at all. */
static void crash(struct world *world)
{
    world_trace(world, "crash");
    world->coverage->crashes++;
    store_end_turn(world);
    if (world->turns_in_flight > 0 && random_one_in(&world->random, 2)) {
        world->coverage->torn_commits++;
        store_commit(world, 1 + random_below(&world->random, world->turns_in_flight), false);
    }
    net_forget(world);
    world->orchestrator.streams = 0;
    world->orchestrator.ever_requested = false;
    end_process(world);
    start_process(world);
}

static void pass_time(struct world *world, uint64_t milliseconds)
{
    world->monotonic_ms += milliseconds;
    world->wall_ms += milliseconds;
    if (core_deadline_ms(world->core) <= world->monotonic_ms && !random_one_in(&world->random, 4))
        world_tick(world); /* else the loop is late, and other events come first */
}

static void advance(struct world *world)
{
    size_t dice = random_below(&world->random, 20);
    uint64_t most = dice < 14 ? 10 : dice < 18 ? 200 : dice < 19 ? 2000 : 12000;
    if (random_one_in(&world->random, 100)) {
        int64_t jump = (int64_t)random_below(&world->random, 7200000) - 3600000;
        world->wall_ms = (uint64_t)((int64_t)world->wall_ms + jump);
        world->coverage->clock_jumps_back += jump < 0;
    }
    pass_time(world, random_between(&world->random, 0, most));
}

static void change_settings(struct world *world)
{
    choose_settings(world);
    world_step(world, &(struct event){ .kind = EVENT_SETTINGS, .settings = world->settings });
}

static void look(struct world *world)
{
    world->reader_memory.fail_one_in = world->memory_may_fail ? 20 : 0;
    check_snapshot(world);
    check_walk(world);
}

static void vary_memory(struct world *world)
{
    uint32_t former = world->core_memory.fail_one_in;
    uint32_t rate = former > 0 ? 0 : (uint32_t)random_between(&world->random, 2, 60);
    world->core_memory.fail_one_in = world->turn_memory.fail_one_in = rate;
    world_trace(world, "one allocation in %u fails", rate);
}

static void act(struct world *world)
{
    size_t dice = random_below(&world->random, 1000);
    if (dice < 480) {
        if (store_takes_input(world))
            km_act(world, random_below(&world->random, world->km_count));
    } else if (dice < 630) {
        advance(world);
    } else if (dice < 800) {
        store_act(world);
    } else if (dice < 900) {
        if (store_takes_input(world))
            orchestrator_act(world);
    } else if (dice < 960) {
        net_deliver_closed(world);
    } else if (dice < 980) {
        look(world);
    } else if (dice < 983) {
        crash(world);
    } else if (dice < 986) {
        change_settings(world);
    } else if (world->memory_may_fail) {
        vary_memory(world);
    }
}

static void commit_all(struct world *world)
{
    store_end_turn(world);
    world->store_failing = false;
    if (world->turns_in_flight > 0)
        store_commit(world, world->turns_in_flight, true);
}

static bool anything_open(const struct world *world)
{
    for (size_t id = 1; id < world->rows.relay_capacity; id++) {
        const struct kept *kept = world->rows.relays[id].shadow;
        if (kept != NULL && !relay_state_is_terminal(kept->record.relay.state))
            return true;
    }
    for (size_t id = 1; id < world->rows.lookup_capacity; id++) {
        const struct kept *kept = world->rows.lookups[id].shadow;
        if (kept != NULL && kept->record.lookup.ended_ms == 0)
            return true;
    }
    return false;
}

static void settle(struct world *world)
{
    for (size_t i = 0; i < 2 * WORLD_SESSIONS_MAX && net_has_closing(world); i++)
        net_deliver_closed(world);
    for (size_t i = 0; i < world->km_count; i++)
        km_answer_all(world, i);
    commit_all(world);
}

/* Nobody asks any more, the disk is well, KMs answer or are away: whatever is open must come to its end. */
static void quiesce(struct world *world)
{
    world->quiescing = true;
    world->core_memory.fail_one_in = world->turn_memory.fail_one_in = world->reader_memory.fail_one_in = 0;
    commit_all(world);
    world_step(world, &(struct event){ .kind = EVENT_STORE, .store_available = true });
    world_step(world, &(struct event){ .kind = EVENT_OVERLOAD, .overloaded = false });
    for (size_t i = 0; i < world->km_count; i++) {
        if (random_one_in(&world->random, 4))
            net_leave(world, world->kms[i].session);
    }
    for (size_t i = 0; i < 4; i++)
        settle(world);
    uint64_t last_ms = world->monotonic_ms + world->orchestrator_ms_max + world->completion_ms_max + 1000;
    while (anything_open(world) && world->monotonic_ms <= last_ms) {
        uint64_t deadline_ms = core_deadline_ms(world->core);
        uint64_t now_ms = world->monotonic_ms;
        uint64_t wait_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 1;
        uint64_t passed_ms = wait_ms < 500 ? wait_ms : 500;
        world->monotonic_ms += passed_ms;
        world->wall_ms += passed_ms;
        world_tick(world);
        commit_all(world);
    }
    commit_all(world);
    check_quiet(world);
    check_snapshot(world);
}

enum { STALLED_DISK = 400 }; /* one that stays away until turns pile up to their limit */

static void init(struct world *world, const struct world_options *options, struct coverage *coverage)
{
    world->options = *options;
    world->coverage = coverage;
    world->random.state = options->seed;
    counted_memory_init(&world->core_memory, options->seed + 1);
    counted_memory_init(&world->turn_memory, options->seed + 2);
    counted_memory_init(&world->reader_memory, options->seed + 3);
    world->plain_memory = plain_memory();
    world->memory_may_fail = random_one_in(&world->random, 5);
    world->store_recovers_one_in = random_one_in(&world->random, 8) ? STALLED_DISK : 8;
    world->orchestrator.exists = !random_one_in(&world->random, 6);
    world->wall_ms = UINT64_C(1790000000000) + random_below(&world->random, 1000000);
    choose_settings(world);
    store_init(world);
    config_init(world);
}

static void fini(struct world *world)
{
    check_forget_snapshot(world);
    if (world->core != NULL) { /* a promise was broken on the way */
        store_drop_turns(world);
        core_free(world->core);
    }
    memory_release(&world->core_memory.memory, world->leaked, 1);
    rows_fini(world);
    effects_fini(&world->current->effects);
    free(world->current->changes);
    free(world->current);
    free(world);
}

static void live(struct world *world)
{
    start_process(world);
    command_enrol(world);
    bool is_long = world->store_recovers_one_in == STALLED_DISK || random_one_in(&world->random, 20);
    size_t acts = random_between(&world->random, 100, is_long ? 2000 : 500);
    for (size_t i = 0; i < acts; i++)
        act(world);
    quiesce(world);
    if (random_one_in(&world->random, 3)) { /* what has ended stays ended */
        crash(world);
        quiesce(world);
    }
    end_process(world);
}

bool world_run(const struct world_options *options, struct coverage *coverage, uint64_t *out_digest)
{
    struct world *world = calloc(1, sizeof *world);
    jmp_buf failed;
    assert(world != NULL);
    coverage->runs++;
    world->failed = &failed;
    if (setjmp(failed) != 0) {
        if (options->sabotage == SABOTAGE_NONE)
            printf("# seed %llu, step %llu: %s\n", (unsigned long long)options->seed,
                   (unsigned long long)world->step_number, world->failure);
        const bool found = strstr(world->failure, sabotage_symptom(options->sabotage)) != NULL;
        if (!found)
            printf("# sabotage was found by something else: %s\n", world->failure);
        *out_digest = 1;
        fini(world);
        return !found;
    }
    init(world, options, coverage);
    live(world);
    *out_digest = options->sabotage != SABOTAGE_NONE && !world->sabotaged ? 0 : world->digest;
    fini(world);
    return true;
}
