/* SPDX-License-Identifier: Apache-2.0 */
/* Who decides a relay's path: routes, orchestrator, computed, in the order that its policy gives. */
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/explain.h"
#include "core/held.h"
#include "core/next_hop.h"
#include "core/planner.h"
#include "core/policy.h"
#include "core/relay.h"
#include "core/routes.h"

bool decision_orchestrator_present(const struct core *core)
{
    if (core->orchestrator_streams > 0)
        return true;
    return core->orchestrator_seen_ms != 0 &&
           core->now_ms - (core->orchestrator_seen_ms - 1) <= core->settings.presence_ms;
}

struct text decision_destination(const struct core *core, struct text destination_kma_id,
                                 struct text application_destination_id)
{
    if (text_is_present(destination_kma_id) || !text_is_present(application_destination_id))
        return destination_kma_id;
    return application_kma_id(core, application_destination_id);
}

struct route *decision_route(struct core *core, struct relay *relay, struct routes_passed *out_passed)
{
    *out_passed = (struct routes_passed){ .count = 0 };
    const struct relay_record *record = &relay->record;
    struct text destination =
        decision_destination(core, record->destination_kma_id, record->application_destination_id);
    const struct routes_question question = { record->source_kma_id, destination,
                                              constraints_of_relay(core, relay) };
    return text_is_present(destination) ? routes_match(core, &question, out_passed) : NULL;
}

static void note_passed(struct relay *relay, const struct routes_passed *passed)
{
    if (passed->reason != REASON_NONE)
        relay->reason_so_far = passed->reason;
}

static bool has_destination(const struct core *core, const struct relay *relay)
{
    return text_is_present(decision_destination(core, relay->record.destination_kma_id,
                                                relay->record.application_destination_id));
}

static void take_route(struct core *core, struct relay *relay, struct route *route,
                       const struct routes_passed *passed)
{
    const struct route_config *config = route_config_of(route);
    struct explained_step step = explain_routes(passed, route);
    step.route_id = TEXT_ABSENT; /* the record has it */
    route->uses++;
    explain_relay(core, relay, &step, NULL, 0);
    relay_instruct(
        core, relay,
        &(struct relay_decision){ DECIDER_ROUTE, config->path, config->path_length, config->route_id, NULL });
}

bool decision_by_route(struct core *core, struct relay *relay)
{
    struct routes_passed passed;
    struct route *route = decision_route(core, relay, &passed);
    note_passed(relay, &passed);
    if (route == NULL)
        return false;
    explain_relay_settled(core, relay, EXPLAINED_OVERTAKEN);
    take_route(core, relay, route, &passed);
    return true;
}

/* Each of these: true when the relay needs no further decider now. */
static bool by_routes(struct core *core, struct relay *relay)
{
    struct routes_passed passed;
    struct route *route = decision_route(core, relay, &passed);
    note_passed(relay, &passed);
    if (route != NULL) {
        take_route(core, relay, route, &passed);
        return true;
    }
    struct explained_step step = explain_routes(&passed, NULL);
    if (!has_destination(core, relay))
        step.outcome = EXPLAINED_UNKNOWN_DESTINATION;
    explain_relay(core, relay, &step, NULL, 0);
    return false;
}

static void explain_orchestrator(struct core *core, struct relay *relay, enum explained outcome)
{
    explain_relay(core, relay,
                  &(struct explained_step){ .decider = DECIDER_ORCHESTRATOR, .outcome = outcome }, NULL, 0);
}

static bool hold(struct core *core, struct relay *relay)
{
    if (!decision_orchestrator_present(core)) {
        explain_orchestrator(core, relay, EXPLAINED_ABSENT);
        return false;
    }
    explain_orchestrator(core, relay, EXPLAINED_WAITING);
    if (!relay_keep(core, relay) || !heap_set(&core->relay_deadlines, &relay->deadline,
                                              core->now_ms + policy_of_relay(core, relay).orchestrator_ms)) {
        core->out_of_memory = true;
        explain_relay_settled(core, relay, EXPLAINED_ABANDONED);
        relay_refuse(core, relay, RELAY_FAILED, REASON_OVERLOAD, TEXT_ABSENT);
        return true;
    }
    held_add_relay(core, relay);
    relay_enter(core, relay, RELAY_AWAITING_DECISION, REASON_NONE);
    return true;
}

static bool by_planner(struct core *core, struct relay *relay)
{
    const struct relay_record *record = &relay->record;
    struct planned_path found;
    const struct planner_question question = { record->source_kma_id,
                                               decision_destination(core, record->destination_kma_id,
                                                                    record->application_destination_id),
                                               constraints_of_relay(core, relay) };
    const enum reason reason = planner_path(core, &question, &found);
    explain_relay(core, relay, &found.step, found.path, found.length);
    if (reason != REASON_NONE) {
        if (relay->reason_so_far == REASON_NONE)
            relay->reason_so_far = reason;
        return false;
    }
    relay_instruct(core, relay,
                   &(struct relay_decision){ DECIDER_COMPUTED, found.path, found.length, TEXT_ABSENT, NULL });
    return true;
}

static bool decide_by(struct core *core, struct relay *relay, enum decider decider)
{
    switch (decider) {
    case DECIDER_ROUTE:
        return by_routes(core, relay);
    case DECIDER_ORCHESTRATOR:
        return relay->record.state == RELAY_RECEIVED && hold(core, relay);
    case DECIDER_COMPUTED:
        return by_planner(core, relay);
    case DECIDER_NONE:
    case DECIDERS_END:
        break;
    }
    return false;
}

void decision_decide(struct core *core, struct relay *relay)
{
    const struct policy policy = policy_of_relay(core, relay);
    const bool asked =
        relay->record.state == RELAY_AWAITING_DECISION && policy_asks_routes_while_held(&policy);
    if (!asked)
        relay->reason_so_far = REASON_NONE;
    for (size_t turn = 0; turn < POLICY_TURNS && policy.order[turn] != DECIDER_NONE; turn++) {
        if (!(asked && policy.order[turn] == DECIDER_ROUTE) && decide_by(core, relay, policy.order[turn]))
            return;
    }
    if (policy.order[0] == DECIDER_NONE && !text_is_present(relay->record.explanation))
        explain_relay_unasked(core, relay);
    bool known = has_destination(core, relay);
    enum reason reason = relay->reason_so_far != REASON_NONE ? relay->reason_so_far : REASON_NO_ROUTE;
    relay_refuse(core, relay, RELAY_FAILED, known ? reason : REASON_UNKNOWN_APPLICATION, TEXT_ABSENT);
}

void decision_decide_now(struct core *core, struct relay *relay)
{
    explain_relay_settled(core, relay, EXPLAINED_WITHDRAWN);
    decision_decide(core, relay);
}

static struct relay *relay_of_deadline(struct heap_node *node)
{
    return (struct relay *)(void *)((char *)node - offsetof(struct relay, deadline));
}

/* The limit from instructed on: a KM that is away can't have told (expired would blame it). */
static void end_overdue(struct core *core, struct relay *relay)
{
    if (relay->km->session != NULL)
        relay_end(core, relay, RELAY_EXPIRED, REASON_COMPLETION_TIMEOUT, TEXT_ABSENT);
    else
        relay_end(core, relay, RELAY_ORPHANED, REASON_KM_AWAY, TEXT_ABSENT);
}

/* Its time is over, perhaps before the routes that came meanwhile were asked for it. */
static void decide_overdue(struct core *core, struct relay *relay)
{
    bool unasked =
        relay->asked_version != core->offers_version && held_turn_of_relay(core, relay) == HELD_ASKS_ROUTES;
    core->totals.relays_overdue++;
    if (unasked && decision_by_route(core, relay))
        return;
    explain_relay_settled(core, relay, EXPLAINED_TIMED_OUT);
    decision_decide(core, relay);
}

void decision_deadlines(struct core *core)
{
    for (;;) {
        struct heap_node *first = heap_first(&core->relay_deadlines);
        if (first == NULL || first->deadline_ms > core->now_ms)
            return;
        struct relay *relay = relay_of_deadline(first);
        heap_remove(&core->relay_deadlines, first);
        struct km *km = relay->km;
        if (relay->record.state == RELAY_INSTRUCTED)
            end_overdue(core, relay);
        else
            decide_overdue(core, relay);
        km_free_unneeded(core, km);
    }
}
