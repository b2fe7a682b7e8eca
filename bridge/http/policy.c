/* SPDX-License-Identifier: Apache-2.0 */
#include "http/policy.h"

#include "base/limits.h"
#include "ck/json_writer.h"

void policy_put_order(struct bytes_writer *writer, const struct policy *policy)
{
    json_open_array(writer);
    for (size_t i = 0; i < POLICY_TURNS && policy->order[i] != DECIDER_NONE; i++)
        json_c(writer, turn_name(policy->order[i]));
    json_close_array(writer);
}

static void put_limit(struct bytes_writer *writer, const char *name, uint32_t value_ms)
{
    json_name(writer, name);
    if (value_ms == 0)
        json_put_null(writer);
    else
        json_u64(writer, value_ms);
}

void policy_put_members(struct bytes_writer *writer, const struct policy *policy)
{
    json_name(writer, "order");
    if (policy->order[0] == DECIDER_NONE)
        json_put_null(writer);
    else
        policy_put_order(writer, policy);
    put_limit(writer, "orchestrator_ms", policy->orchestrator_ms);
    put_limit(writer, "completion_ms", policy->completion_ms);
}

static void put_from(struct bytes_writer *writer, bool is_own)
{
    render_name_and_c(writer, "from", is_own ? "km" : "decision");
    json_close_object(writer);
}

void policy_put_in_force(struct bytes_writer *writer, const struct policy *in_force, const struct policy *own)
{
    json_name(writer, "order");
    json_open_object(writer);
    json_name(writer, "value");
    policy_put_order(writer, in_force);
    put_from(writer, own->order[0] != DECIDER_NONE);
    json_name(writer, "orchestrator_ms");
    json_open_object(writer);
    render_name_and_u64(writer, "value", in_force->orchestrator_ms);
    put_from(writer, own->orchestrator_ms != 0);
    json_name(writer, "completion_ms");
    json_open_object(writer);
    render_name_and_u64(writer, "value", in_force->completion_ms);
    put_from(writer, own->completion_ms != 0);
}

static bool read_order(const struct body *body, enum decider order[POLICY_TURNS])
{
    const char *choices[DECIDERS_END] = { NULL };
    int indexes[POLICY_TURNS];
    size_t count = 0;
    for (int decider = DECIDER_NONE + 1; decider < DECIDERS_END; decider++)
        choices[decider - 1] = turn_name((enum decider)decider);
    if (!body_choices(body, "order", choices, "routes, orchestrator, computed", indexes, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        order[i] = (enum decider)(indexes[i] + 1);
    return true;
}
_Static_assert(POLICY_TURNS == DECIDERS_END - 1, "each decider may have a turn");

bool policy_read(const struct body *body, struct policy *out_policy)
{
    struct policy policy = { .orchestrator_ms = 0 };
    int64_t orchestrator_ms = 0, completion_ms = 0;
    if (!read_order(body, policy.order) ||
        !body_integer(body, "orchestrator_ms", OPTIONAL, 1, LIMIT_ORCHESTRATOR_MS, &orchestrator_ms) ||
        !body_integer(body, "completion_ms", OPTIONAL, 1, LIMIT_COMPLETION_MS, &completion_ms))
        return false;
    policy.orchestrator_ms = (uint32_t)orchestrator_ms;
    policy.completion_ms = (uint32_t)completion_ms;
    *out_policy = policy;
    return true;
}
