/* SPDX-License-Identifier: Apache-2.0 */
/* Policies drawn at random, and whether requests are decided by whom, and held as long as, theirs say: worked
   out anew from the rows that are in force. */
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

static void draw_order(struct world *world, enum decider order[POLICY_TURNS])
{
    static const enum decider orders[][POLICY_TURNS] = {
        { DECIDER_ORCHESTRATOR },
        { DECIDER_ROUTE, DECIDER_ORCHESTRATOR },
        { DECIDER_COMPUTED, DECIDER_ORCHESTRATOR },
        { DECIDER_ROUTE, DECIDER_COMPUTED },
        { DECIDER_COMPUTED, DECIDER_ROUTE, DECIDER_ORCHESTRATOR },
        { DECIDER_ROUTE },
    };
    memcpy(order, orders[random_below(&world->random, sizeof orders / sizeof *orders)], sizeof orders[0]);
}

struct policy policy_draw(struct world *world)
{
    struct policy policy = { .orchestrator_ms = 0 };
    if (random_one_in(&world->random, 3))
        draw_order(world, policy.order);
    if (random_one_in(&world->random, 3))
        policy.orchestrator_ms = (uint32_t)random_between(&world->random, 50, 2000);
    if (random_one_in(&world->random, 3))
        policy.completion_ms = (uint32_t)random_between(&world->random, 200, 5000);
    policy_note_limits(world, &policy);
    return policy;
}

void policy_note_limits(struct world *world, const struct policy *policy)
{
    if (policy->orchestrator_ms > world->orchestrator_ms_max)
        world->orchestrator_ms_max = policy->orchestrator_ms;
    if (policy->completion_ms > world->completion_ms_max)
        world->completion_ms_max = policy->completion_ms;
}

/* ---- what a request's must be ---- */

struct asked_for {
    struct text km_id, destination, application;
};

static struct asked_for asked_for_relay(const struct relay_record *relay)
{
    return (struct asked_for){ relay->km_id, relay->destination_kma_id, relay->application_destination_id };
}

static struct asked_for asked_for_lookup(const struct lookup_record *lookup)
{
    return (struct asked_for){ lookup->km_id, lookup->destination_kma_id,
                               lookup->application_destination_id };
}

static struct text destination_of(struct world *world, const struct asked_for *asked)
{
    if (text_is_present(asked->destination) || !text_is_present(asked->application))
        return asked->destination;
    const struct application_config *application = config_application(world, asked->application);
    return application != NULL ? application->kma_id : TEXT_ABSENT;
}

static const struct policy *of_destination(struct world *world, const struct asked_for *asked)
{
    const struct text kma_id = destination_of(world, asked);
    const struct destination_config *destination =
        text_is_present(kma_id) ? config_destination(world, kma_id) : NULL;
    return destination != NULL ? &destination->policy : NULL;
}

static struct policy expected(struct world *world, const struct asked_for *asked)
{
    const struct km_config *km = config_km(world, asked->km_id);
    const struct policy *const said[] = { of_destination(world, asked), km != NULL ? &km->policy : NULL,
                                          &world->settings.policy };
    struct policy policy = { .orchestrator_ms = 0 };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) { /* who comes first has the say */
        if (said[i] != NULL && policy.order[0] == DECIDER_NONE)
            memcpy(policy.order, said[i]->order, sizeof policy.order);
        if (said[i] != NULL && policy.orchestrator_ms == 0)
            policy.orchestrator_ms = said[i]->orchestrator_ms;
        if (said[i] != NULL && policy.completion_ms == 0)
            policy.completion_ms = said[i]->completion_ms;
    }
    return policy;
}

static bool has(const struct policy *policy, enum decider decider)
{
    for (size_t i = 0; i < POLICY_TURNS && policy->order[i] != DECIDER_NONE; i++) {
        if (policy->order[i] == decider)
            return true;
    }
    return false;
}

/* With memory that runs out, what is written may come into force later, and what happened be told later. */
static bool is_exact(const struct world *world)
{
    return !world->memory_may_fail;
}

static uint64_t limit_of(struct world *world, const struct asked_for *asked, bool held)
{
    if (!is_exact(world))
        return held ? world->orchestrator_ms_max : world->completion_ms_max;
    const struct policy policy = expected(world, asked);
    const struct policy *of_settings = &world->settings.policy;
    world->coverage->own_limits += held ? policy.orchestrator_ms != of_settings->orchestrator_ms
                                        : policy.completion_ms != of_settings->completion_ms;
    return held ? policy.orchestrator_ms : policy.completion_ms;
}

/* Of a request that is held, or was decided; not of what the orchestrator decides, for it may say where the
   destination is, whose policy is then another: that the request was held is enough. */
static void check_decider(struct world *world, const struct asked_for *asked, enum decider decider, ull id)
{
    const struct policy policy = expected(world, asked);
    if (is_exact(world) && !has(&policy, decider))
        world_fail(world, "request %llu of %.*s: %s has no turn by its policy", id,
                   TEXT_ARGUMENTS(asked->km_id), decider_name(decider));
    world->coverage->own_deciders += !has(&world->settings.policy, decider);
}

/* ---- after a record, and its row's state ---- */

void policy_check_relay(struct world *world, struct request_row *row, const struct relay_record *relay)
{
    const struct asked_for asked = asked_for_relay(relay);
    const bool held = relay->state == RELAY_AWAITING_DECISION;
    if (held || relay->state == RELAY_INSTRUCTED)
        row->limit_ms = limit_of(world, &asked, held);
    if (held)
        check_decider(world, &asked, DECIDER_ORCHESTRATOR, relay->relay_id);
    else if (relay->state == RELAY_INSTRUCTED && relay->decided_by != DECIDER_ORCHESTRATOR)
        check_decider(world, &asked, relay->decided_by, relay->relay_id);
}

void policy_check_lookup(struct world *world, struct request_row *row, const struct lookup_record *lookup)
{
    const struct asked_for asked = asked_for_lookup(lookup);
    const bool held = lookup->ended_ms == 0;
    if (held)
        row->limit_ms = limit_of(world, &asked, true);
    if (held)
        check_decider(world, &asked, DECIDER_ORCHESTRATOR, lookup->lookup_id);
    else if (lookup->decided_by == DECIDER_ROUTE || lookup->decided_by == DECIDER_COMPUTED)
        check_decider(world, &asked, lookup->decided_by, lookup->lookup_id);
}

/* Limits restart in full with the process, as what is durable says. */
void policy_restart(struct world *world)
{
    for (size_t id = 1; id < world->rows.relay_capacity; id++) {
        struct request_row *row = &world->rows.relays[id];
        if (row->shadow == NULL || relay_state_is_terminal(row->shadow->record.relay.state))
            continue;
        const struct asked_for asked = asked_for_relay(&row->shadow->record.relay);
        row->limit_ms = limit_of(world, &asked, row->shadow->record.relay.state != RELAY_INSTRUCTED);
    }
}

/* ---- after a tick ---- */

static void check_held(struct world *world, const struct asked_for *asked, ull id)
{
    const struct km_config *km = config_km(world, asked->km_id);
    if (km != NULL && km->enabled)
        check_decider(world, asked, DECIDER_ORCHESTRATOR, id);
}

void policy_check_held(struct world *world)
{
    const struct rows *rows = &world->rows;
    for (size_t id = 1; id < rows->relay_capacity; id++) {
        const struct kept *kept = rows->relays[id].shadow;
        if (kept == NULL || kept->record.relay.state != RELAY_AWAITING_DECISION)
            continue;
        const struct asked_for asked = asked_for_relay(&kept->record.relay);
        check_held(world, &asked, id);
    }
    for (size_t id = 1; id < rows->lookup_capacity; id++) {
        const struct kept *kept = rows->lookups[id].shadow;
        if (kept == NULL || kept->record.lookup.ended_ms != 0)
            continue;
        const struct asked_for asked = asked_for_lookup(&kept->record.lookup);
        check_held(world, &asked, id);
    }
}
