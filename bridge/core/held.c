/* SPDX-License-Identifier: Apache-2.0 */
#include "core/held.h"

#include "core/directory_state.h"
#include "core/next_hop.h"
#include "core/relay.h"

enum { ASKED_PER_STEP = 1024 }; /* the next step, which is due at once, goes on: no turn gets too large */

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

bool held_is_for_routes(const struct core *core, const struct km *km, int decider_position)
{
    for (int i = 0; i < decider_position && km_is_enabled(km); i++) {
        if (core->settings.decision_order[i] == DECIDER_ROUTE)
            return true;
    }
    return false;
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

/* To the end of its queue first: so those that were not asked stay in front, whatever comes of it. */
static void ask_for_relay(struct core *core, struct relay *relay)
{
    struct km *km = relay->km;
    held_remove_relay(core, relay);
    held_add_relay(core, relay);
    if (held_is_for_routes(core, relay->km, relay->decider_position) && decision_by_route(core, relay))
        km_free_unneeded(core, km);
}

static void ask_for_lookup(struct core *core, struct lookup *lookup)
{
    held_remove_lookup(core, lookup);
    held_add_lookup(core, lookup);
    if (held_is_for_routes(core, lookup->km, lookup->decider_position))
        next_hop_ask_routes(core, lookup);
}

void held_ask_routes(struct core *core)
{
    for (int asked = 0; asked < ASKED_PER_STEP && relay_waits(core); asked++)
        ask_for_relay(core, core->first_held_relay);
    for (int asked = 0; asked < ASKED_PER_STEP && lookup_waits(core); asked++)
        ask_for_lookup(core, core->first_held_lookup);
}
