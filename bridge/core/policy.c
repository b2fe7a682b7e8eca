/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy.h"

#include <string.h>

#include "core/directory_state.h"
#include "core/relay.h"

static void lay_over(struct policy *policy, const struct policy *upper)
{
    if (upper->order[0] != DECIDER_NONE)
        memcpy(policy->order, upper->order, sizeof policy->order);
    if (upper->orchestrator_ms != 0)
        policy->orchestrator_ms = upper->orchestrator_ms;
    if (upper->completion_ms != 0)
        policy->completion_ms = upper->completion_ms;
}

/* NULL, mostly: it has none. */
static const struct policy *of_destination(const struct core *core, struct text kma_id)
{
    if (core->destinations_in_force == 0 || !text_is_present(kma_id))
        return NULL;
    const struct kma *kma = kma_find(core, kma_id);
    return kma != NULL && kma->destination != NULL
               ? &object_effective(&kma->destination->object)->config.destination.policy
               : NULL;
}

struct policy policy_of(const struct core *core, const struct km *km, struct text destination_kma_id)
{
    struct policy policy = core->settings.policy;
    const struct policy *destination = of_destination(core, destination_kma_id);
    lay_over(&policy, &km_config_of(km)->policy);
    if (destination != NULL)
        lay_over(&policy, destination);
    return policy;
}

static struct policy of_request(const struct core *core, const struct km *km, struct text destination_kma_id,
                                struct text application_destination_id)
{
    return policy_of(core, km, decision_destination(core, destination_kma_id, application_destination_id));
}

struct policy policy_of_relay(const struct core *core, const struct relay *relay)
{
    const struct relay_record *record = &relay->record;
    return of_request(core, relay->km, record->destination_kma_id, record->application_destination_id);
}

struct policy policy_of_lookup(const struct core *core, const struct lookup *lookup)
{
    const struct lookup_record *record = &lookup->record;
    return of_request(core, lookup->km, record->destination_kma_id, record->application_destination_id);
}

bool policy_has(const struct policy *policy, enum decider decider)
{
    for (size_t i = 0; i < POLICY_TURNS && policy->order[i] != DECIDER_NONE; i++) {
        if (policy->order[i] == decider)
            return true;
    }
    return false;
}

bool policy_equal(const struct policy *left, const struct policy *right)
{
    for (size_t i = 0; i < POLICY_TURNS; i++) {
        if (left->order[i] != right->order[i])
            return false;
    }
    return left->orchestrator_ms == right->orchestrator_ms && left->completion_ms == right->completion_ms;
}

const char *policy_fault(const struct policy *policy)
{
    for (size_t i = 0; i < POLICY_TURNS; i++) {
        if (policy->order[i] >= DECIDERS_END)
            return " has an unknown decider in its order";
        if (i > 0 && policy->order[i] != DECIDER_NONE && policy->order[i - 1] == DECIDER_NONE)
            return " has a gap in its order";
        for (size_t j = 0; j < i; j++) {
            if (policy->order[i] != DECIDER_NONE && policy->order[i] == policy->order[j])
                return " names a decider twice in its order";
        }
    }
    if (policy->orchestrator_ms > LIMIT_ORCHESTRATOR_MS)
        return " holds requests for more than 3600000 ms";
    return policy->completion_ms > LIMIT_COMPLETION_MS ? " waits for completions for more than 86400000 ms"
                                                       : NULL;
}

enum held_turn policy_held_turn(const struct policy *policy)
{
    enum held_turn turn = HELD_WAITS;
    for (size_t i = 0; i < POLICY_TURNS && policy->order[i] != DECIDER_NONE; i++) {
        if (policy->order[i] == DECIDER_ORCHESTRATOR)
            return turn;
        if (policy->order[i] == DECIDER_ROUTE)
            turn = HELD_ASKS_ROUTES;
    }
    return HELD_IS_OVER;
}

bool policy_asks_routes_while_held(const struct policy *policy)
{
    return policy_held_turn(policy) == HELD_ASKS_ROUTES;
}

bool destination_bind(struct core *core, struct destination *destination)
{
    destination->kma = kma_retain_id(core, destination->object.id);
    if (destination->kma == NULL)
        return false;
    destination->kma->destination = destination;
    core->destinations_in_force++;
    return true;
}

void destination_unbind(struct core *core, struct destination *destination)
{
    if (destination->kma == NULL)
        return;
    destination->kma->destination = NULL;
    core->destinations_in_force--;
    kma_release(core, destination->kma);
    destination->kma = NULL;
}
