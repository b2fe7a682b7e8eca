/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on their way: hop by hop along a whole route (Ck 7.2), or to one candidate at a time (Ck 7.1). */
#include <assert.h>
#include <stdio.h>

#include "cksim/simulation.h"

enum { LINGER_S = 15 /* how long a repeated request's second answer may take (reading 8: 10 s) */ };

static bool is_whole_route(const struct flow *flow)
{
    return flow->kind == FLOW_CENTRALIZED || flow->kind == FLOW_UNSOLICITED;
}

static void end_relay(struct flow *flow, enum hop_status status, uint32_t from, uint32_t to, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    flow->result = (uint8_t)status;
    if (status != HOP_OK)
        network_describe(&simulation->network, status, from, to, flow->words, sizeof flow->words);
    if (is_whole_route(flow)) {
        relay_report(flow, now_ns);
        return;
    }
    simulation->tally.failures[status] += status != HOP_OK;
    request_ended(flow, status == HOP_OK ? OUTCOME_SUCCEEDED : OUTCOME_FAILED, now_ns);
    flow_free(flow);
}

static void send_response(struct flow *flow, struct member *member)
{
    struct tally *tally = &flow->simulation->tally;
    struct ck_message message = {
        .command = CK_RELAY_RESPONSE,
        .relay_id = flow->relay_id,
        .response = flow->result == HOP_OK ? TEXT("success") : text_from_c(flow->words),
    };
    member->message_id = (member->message_id + 1) & 0x7fffffff;
    if (!fleet_send(member, CK_RELAY_RESPONSE, member->message_id, &message))
        return;
    if (flow->result == HOP_OK)
        tally->completions_success++;
    else
        tally->completions_failure++;
}

void relay_report(struct flow *flow, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    struct member *member = &simulation->members[flow->km];
    if (member->state != MEMBER_CONNECTED) {
        flow->state = FLOW_REPORTING;
        if (flow->exchange == 0)
            flow_wait_at(flow, flow->km);
        return;
    }
    send_response(flow, member);
    if (flow->state == FLOW_LINGERING)
        return;
    enum hop_status status = flow->result;
    simulation->tally.failures[status] += status != HOP_OK && flow->kind != FLOW_UNSOLICITED;
    request_ended(flow, status == HOP_OK ? OUTCOME_SUCCEEDED : OUTCOME_FAILED, now_ns);
    if (!flow->repeated) {
        flow_free(flow);
        return;
    }
    flow->state = FLOW_LINGERING;
    timers_set(&simulation->timers, &flow->timer, now_ns + LINGER_S * NS_PER_S);
}

/* Moves the key on until a hop takes time, fails, or the path ends. */
static void walk(struct flow *flow, uint64_t now_ns)
{
    while (flow->position + 1 < flow->path_count) {
        uint32_t from = flow->path[flow->position], to = flow->path[flow->position + 1];
        uint64_t delay_ns = 0;
        enum hop_status status = network_hop(&flow->simulation->network, from, to, now_ns, &delay_ns);
        if (status != HOP_OK) {
            end_relay(flow, status, from, to, now_ns);
            return;
        }
        flow->position++;
        if (delay_ns > 0) {
            timers_set(&flow->simulation->timers, &flow->timer, now_ns + delay_ns);
            return;
        }
    }
    end_relay(flow, HOP_OK, flow->source, flow->destination, now_ns);
}

void relay_begin(struct flow *flow, uint64_t now_ns)
{
    assert(is_whole_route(flow) && flow->path_count >= 2);
    timers_cancel(&flow->simulation->timers, &flow->timer);
    flow->state = FLOW_RELAYING;
    flow->position = 0;
    walk(flow, now_ns);
}

static bool was_visited(const struct flow *flow, uint32_t kma)
{
    for (uint32_t i = 0; i + 1 < flow->path_count; i++)
        if (flow->path[i] == kma)
            return true;
    return false;
}

/* The key is at the KM of the path's last KMA. */
static void arrive(struct flow *flow, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    const struct scenario *scenario = simulation->scenario;
    uint32_t here = flow->path[flow->path_count - 1], before = flow->path[flow->path_count - 2];
    uint32_t km = scenario->kmas[here].km;
    if (km == scenario->kmas[flow->destination].km) {
        end_relay(flow, HOP_OK, before, here, now_ns);
    } else if (was_visited(flow, here)) {
        char detail[700];
        snprintf(detail, sizeof detail, "a key for %s came back to %s",
                 scenario->kmas[flow->destination].name, scenario->kmas[here].name);
        tally_violation(&simulation->tally, VIOLATION_HOPS_LOOP, scenario->kms[km].name, detail);
        end_relay(flow, HOP_LOOP, before, here, now_ns);
    } else if (flow->path_count > scenario->fleet.hop_limit) {
        end_relay(flow, HOP_LIMIT, here, here, now_ns);
    } else if (simulation->members[km].state != MEMBER_CONNECTED) {
        end_relay(flow, HOP_KM_AWAY, before, here, now_ns);
    } else {
        request_ask(flow, km, now_ns);
    }
}

/* The KMA of this KM that has a link to the candidate; checked by whoever took the answer. */
static uint32_t adjacent_kma(const struct simulation *simulation, uint32_t km, uint32_t candidate)
{
    const struct scenario_km *described = &simulation->scenario->kms[km];
    for (uint32_t i = 0; i < described->kma_count; i++)
        if (network_has_link(&simulation->network, described->first_kma + i, candidate))
            return described->first_kma + i;
    return described->first_kma;
}

static uint32_t choose(struct flow *flow, const uint32_t *candidates, uint32_t count, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    uint32_t usable[LIMIT_PATH_KMAS], usable_count = 0;
    int rule = simulation->scenario->fleet.choice;
    for (uint32_t i = 0; i < count && rule != CHOICE_BEST; i++) {
        uint32_t from = adjacent_kma(simulation, flow->asker, candidates[i]);
        if (network_probe(&simulation->network, from, candidates[i], now_ns) == HOP_OK)
            usable[usable_count++] = candidates[i];
    }
    if (usable_count == 0)
        return candidates[0]; /* and let the hop say what is wrong with it */
    return rule == CHOICE_RANDOM ? usable[random_below(&simulation->random_load, usable_count)] : usable[0];
}

void relay_take_candidate(struct flow *flow, const uint32_t *candidates, uint32_t count, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    assert(flow->kind == FLOW_DISTRIBUTED && count > 0);
    uint32_t to = choose(flow, candidates, count, now_ns);
    uint32_t from = adjacent_kma(simulation, flow->asker, to);
    uint64_t delay_ns = 0;
    enum hop_status status = network_hop(&simulation->network, from, to, now_ns, &delay_ns);
    if (status != HOP_OK) {
        end_relay(flow, status, from, to, now_ns);
        return;
    }
    flow_append(flow, to);
    flow->state = FLOW_RELAYING;
    if (delay_ns > 0)
        timers_set(&simulation->timers, &flow->timer, now_ns + delay_ns);
    else
        arrive(flow, now_ns);
}

void relay_due(struct flow *flow, uint64_t now_ns)
{
    if (flow->state == FLOW_LINGERING)
        flow_free(flow);
    else if (is_whole_route(flow))
        walk(flow, now_ns);
    else
        arrive(flow, now_ns);
}
