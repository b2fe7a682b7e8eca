/* SPDX-License-Identifier: Apache-2.0 */
#include "core/held.h"

#include "core/directory_state.h"
#include "core/next_hop.h"
#include "core/relay.h"

enum { LOOKED_AT_PER_STEP = 1024 }; /* the next step, which is due at once, goes on: no turn gets too large */

void held_add_relay(struct core *core, struct relay *relay)
{
    relay->asked_version = core->offers_version;
    relay->held_next = NULL;
    relay->held_previous = core->last_held_relay;
    *(core->last_held_relay != NULL ? &core->last_held_relay->held_next : &core->first_held_relay) = relay;
    core->last_held_relay = relay;
    core->totals.relays_held++;
}

void held_remove_relay(struct core *core, struct relay *relay)
{
    struct relay *previous = relay->held_previous, *next = relay->held_next;
    *(previous != NULL ? &previous->held_next : &core->first_held_relay) = next;
    *(next != NULL ? &next->held_previous : &core->last_held_relay) = previous;
    core->totals.relays_held--;
}

void held_add_lookup(struct core *core, struct lookup *lookup)
{
    lookup->asked_version = core->offers_version;
    lookup->held_next = NULL;
    lookup->held_previous = core->last_held_lookup;
    *(core->last_held_lookup != NULL ? &core->last_held_lookup->held_next : &core->first_held_lookup) =
        lookup;
    core->last_held_lookup = lookup;
    core->totals.lookups_held++;
}

void held_remove_lookup(struct core *core, struct lookup *lookup)
{
    struct lookup *previous = lookup->held_previous, *next = lookup->held_next;
    *(previous != NULL ? &previous->held_next : &core->first_held_lookup) = next;
    *(next != NULL ? &next->held_previous : &core->last_held_lookup) = previous;
    core->totals.lookups_held--;
}

void held_note_offers(struct core *core)
{
    core->offers_version++;
}

static enum held_turn turn_of(const struct km *km, const struct policy *policy)
{
    return km_is_enabled(km) ? policy_held_turn(policy) : HELD_WAITS;
}

enum held_turn held_turn_of_relay(const struct core *core, const struct relay *relay)
{
    const struct policy policy = policy_of_relay(core, relay);
    return turn_of(relay->km, &policy);
}

enum held_turn held_turn_of_lookup(const struct core *core, const struct lookup *lookup)
{
    const struct policy policy = policy_of_lookup(core, lookup);
    return turn_of(lookup->km, &policy);
}

static bool relay_waits(const struct core *core)
{
    return core->first_held_relay != NULL && core->first_held_relay->asked_version != core->offers_version;
}

static bool lookup_waits(const struct core *core)
{
    return core->first_held_lookup != NULL && core->first_held_lookup->asked_version != core->offers_version;
}

bool held_waits(const struct core *core)
{
    return relay_waits(core) || lookup_waits(core);
}

/* To the end of its queue first: so those not looked at stay in front, whatever comes of it. */
static void look_at_relay(struct core *core, struct relay *relay)
{
    struct km *km = relay->km;
    held_remove_relay(core, relay);
    held_add_relay(core, relay);
    switch (held_turn_of_relay(core, relay)) {
    case HELD_WAITS:
        return;
    case HELD_ASKS_ROUTES:
        (void)decision_by_route(core, relay);
        break;
    case HELD_IS_OVER:
        decision_decide_now(core, relay);
        break;
    }
    km_free_unneeded(core, km);
}

static void look_at_lookup(struct core *core, struct lookup *lookup)
{
    held_remove_lookup(core, lookup);
    held_add_lookup(core, lookup);
    switch (held_turn_of_lookup(core, lookup)) {
    case HELD_WAITS:
        return;
    case HELD_ASKS_ROUTES:
        (void)next_hop_ask_routes(core, lookup);
        return;
    case HELD_IS_OVER:
        next_hop_decide_now(core, lookup);
        return;
    }
}

void held_look_again(struct core *core)
{
    for (int count = 0; count < LOOKED_AT_PER_STEP && relay_waits(core); count++)
        look_at_relay(core, core->first_held_relay);
    for (int count = 0; count < LOOKED_AT_PER_STEP && lookup_waits(core); count++)
        look_at_lookup(core, core->first_held_lookup);
}
