/* SPDX-License-Identifier: Apache-2.0 */
/* A disk: turns wait for it, it fails for a while, and what it has not committed dies with the process. */
#include <assert.h>
#include <stdlib.h>

#include "world/world.h"

static struct turn *turn_new(struct world *world)
{
    struct turn *turn = calloc(1, sizeof *turn);
    assert(turn != NULL);
    effects_init(&turn->effects, &world->turn_memory.memory);
    return turn;
}

static void turn_free(struct turn *turn)
{
    for (size_t i = 0; i < turn->change_count; i++)
        kept_drop(turn->changes[i]);
    free(turn->changes);
    effects_fini(&turn->effects);
    free(turn);
}

void store_init(struct world *world)
{
    world->last_turn = &world->first_turn;
    world->current = turn_new(world);
    world->rows.shadow_high = world->rows.durable_high = (struct high_water){ 1, 1, 1, 1, 1 };
}

/* Hands the turn to the disk, when there is anything in it. */
void store_end_turn(struct world *world)
{
    struct turn *turn = world->current;
    if (turn->effects.count == 0)
        return;
    turn->effects.turn = ++world->next_turn;
    *world->last_turn = turn;
    world->last_turn = &turn->next;
    world->turns_in_flight++;
    world->current = turn_new(world);
}

/* As the real loop: with too many turns on their way, nothing more is read. */
bool store_takes_input(const struct world *world)
{
    return world->turns_in_flight < LIMIT_TURNS_IN_FLIGHT;
}

static void check_high_water(struct world *world, const struct high_water *newer)
{
    struct high_water *older = &world->rows.durable_high;
    if (newer->next_relay_id < older->next_relay_id || newer->next_lookup_id < older->next_lookup_id ||
        newer->next_event_id < older->next_event_id || newer->next_revision < older->next_revision ||
        newer->next_audit_id < older->next_audit_id)
        world_fail(world, "a high-water mark went back");
    *older = *newer;
}

static void make_durable(struct world *world, struct turn *turn)
{
    for (size_t i = 0; i < turn->change_count; i++)
        rows_put_durable(world, turn->changes[i]);
    check_high_water(world, &turn->effects.high_water);
}

static void release(struct world *world, struct turn *turn)
{
    for (struct effect *effect = turn->effects.first; effect != NULL; effect = effect->next) {
        check_released(world, effect);
        switch (effect->kind) {
        case EFFECT_RECORD:
        case EFFECT_REPLY:
            break;
        case EFFECT_NOTICE:
            orchestrator_notice(world, &effect->notice);
            break;
        case EFFECT_ADMIT:
        case EFFECT_SEND:
        case EFFECT_CLOSE:
            net_release(world, effect);
            break;
        }
    }
}

/* Commits the oldest turns in one go, all of them or none. Not released: the process dies in between. */
void store_commit(struct world *world, size_t turns, bool released)
{
    struct turn *turn = world->first_turn;
    world->coverage->commits++;
    for (size_t i = 0; i < turns && turn != NULL; i++, turn = turn->next)
        make_durable(world, turn);
    if (!released)
        return;
    for (size_t i = 0; i < turns && world->first_turn != NULL; i++) {
        turn = world->first_turn;
        release(world, turn);
        world->first_turn = turn->next;
        if (world->first_turn == NULL)
            world->last_turn = &world->first_turn;
        world->turns_in_flight--;
        turn_free(turn);
    }
}

void store_drop_turns(struct world *world)
{
    while (world->first_turn != NULL) {
        struct turn *turn = world->first_turn;
        world->first_turn = turn->next;
        turn_free(turn);
    }
    world->last_turn = &world->first_turn;
    world->turns_in_flight = 0;
    if (world->current != NULL)
        turn_free(world->current);
    world->current = turn_new(world);
}

static void tell_overload(struct world *world)
{
    bool overloaded = !store_takes_input(world);
    if (overloaded == world->overload_told)
        return;
    world->overload_told = overloaded;
    world_step(world, &(struct event){ .kind = EVENT_OVERLOAD, .overloaded = overloaded });
}

static void tell_availability(struct world *world)
{
    if (world->store_failing == world->store_failure_told)
        return;
    world->store_failure_told = world->store_failing;
    world_step(world, &(struct event){ .kind = EVENT_STORE, .store_available = !world->store_failing });
}

/* One thing that the disk does: fail, recover, or commit some of what waits. */
void store_act(struct world *world)
{
    size_t recovers_one_in = store_takes_input(world) ? world->store_recovers_one_in : 8;
    if (random_one_in(&world->random, world->store_failing ? recovers_one_in : 80))
        world->store_failing = !world->store_failing;
    if (random_one_in(&world->random, 2))
        store_end_turn(world);
    if (world->first_turn != NULL && world->store_failing) {
        world->coverage->failed_commits++;
        tell_availability(world); /* noticed by the commit that fails */
    } else if (world->first_turn != NULL) {
        store_commit(world, 1 + random_below(&world->random, world->turns_in_flight), true);
        tell_availability(world);
    }
    tell_overload(world);
}
