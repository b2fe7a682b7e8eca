/* SPDX-License-Identifier: Apache-2.0 */
/* What a KM asks the controller, asks again after a reconnect, and gives up waiting for. */
#include <string.h>

#include "cksim/simulation.h"

enum {
    ABANDONED_S = 60, /* an answer later than this is taken for an unknown one */
    MESSAGE_ID_MASK = 0x7fffffff,
};

struct flow *request_begin(struct simulation *simulation, enum flow_kind kind, uint32_t source,
                           uint32_t destination, uint32_t application, uint64_t intended_ns)
{
    struct flow *flow = flow_new(simulation, kind);
    flow->km = simulation->scenario->kmas[source].km;
    flow->source = source;
    flow->destination = destination;
    flow->application = application;
    flow->intended_ns = intended_ns;
    flow_append(flow, source);
    struct tally *tally = &simulation->tally;
    if (kind == FLOW_CENTRALIZED)
        tally->started_centralized++;
    if (kind == FLOW_DISTRIBUTED)
        tally->started_distributed++;
    if (kind == FLOW_CENTRALIZED || kind == FLOW_DISTRIBUTED) {
        if (++tally->outstanding > tally->outstanding_max)
            tally->outstanding_max = tally->outstanding;
    }
    return flow;
}

static void send_request(struct flow *flow, uint32_t message_id)
{
    const struct scenario *scenario = flow->simulation->scenario;
    struct ck_message message = { .command = flow->kind == FLOW_CENTRALIZED ? CK_NOTIFY_RELAY
                                                                            : CK_NEXT_HOP_REQUEST };
    message.source_kma_id = text_from_c(scenario->kmas[flow->source].name);
    if (flow->application != NOBODY)
        message.application_destination_id = text_from_c(scenario->applications[flow->application].name);
    else
        message.destination_kma_id = text_from_c(scenario->kmas[flow->destination].name);
    /* What an overfull outbox refuses goes unanswered, as it would in a real KM. */
    fleet_send(&flow->simulation->members[flow->asker], message.command, message_id, &message);
}

void request_ask(struct flow *flow, uint32_t km, uint64_t asked_ns)
{
    struct member *member = &flow->simulation->members[km];
    member->message_id = (member->message_id + 1) & MESSAGE_ID_MASK;
    flow->state = FLOW_ASKING;
    flow->asked_ns = asked_ns;
    flow->repeated = false;
    flow_set_exchange(flow, km, member->message_id);
    timers_set(&flow->simulation->timers, &flow->timer,
               system_now_ns() + flow->simulation->scenario->fleet.answer_timeout);
    send_request(flow, member->message_id);
}

void request_probe(struct member *member, bool wrong, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    const struct scenario *scenario = simulation->scenario;
    uint32_t km = fleet_index(member), source = scenario->kms[km].first_kma;
    uint32_t neighbours = simulation->network.first_neighbour[source];
    uint32_t destination = scenario->kms[km == 0 ? 1 : 0].first_kma;
    if (neighbours < simulation->network.first_neighbour[source + 1])
        destination = simulation->network.neighbours[neighbours];
    struct flow *flow = request_begin(simulation, FLOW_PROBE, source, destination, NOBODY, now_ns);
    flow->wrong = wrong;
    simulation->tally.probes++;
    request_ask(flow, km, now_ns);
}

void request_ended(struct flow *flow, enum outcome outcome, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    struct tally *tally = &simulation->tally;
    if (flow->kind == FLOW_PROBE || flow->kind == FLOW_UNSOLICITED)
        return;
    tally->outcomes[outcome]++;
    tally->outstanding--;
    if (outcome == OUTCOME_SUCCEEDED)
        histogram_record(&tally->relay_latency, now_ns - flow->intended_ns);
    load_slot_free(simulation, flow->km, now_ns);
}

void request_resume(struct member *member, uint64_t now_ns)
{
    for (struct flow *flow = member->waiting, *next; flow != NULL; flow = next) {
        next = flow->next;
        if (flow->state == FLOW_ASKING && flow->kind != FLOW_PROBE) {
            flow->repeated = true;
            member->simulation->tally.repeated_requests++;
            send_request(flow, (uint32_t)flow->exchange);
        } else if (flow->state == FLOW_REPORTING) {
            relay_report(flow, now_ns);
        }
    }
}

void request_interrupted(struct member *member, uint64_t now_ns)
{
    bool repeat = member->simulation->scenario->fleet.repeat;
    for (struct flow *flow = member->waiting, *next; flow != NULL; flow = next) {
        next = flow->next;
        if (flow->state != FLOW_ASKING || (flow->kind != FLOW_PROBE && repeat))
            continue;
        request_ended(flow, OUTCOME_DISCONNECTED, now_ns);
        flow_free(flow);
    }
}

void request_due(struct flow *flow, uint64_t now_ns)
{
    if (flow->state == FLOW_ABANDONED || flow->kind == FLOW_PROBE) {
        flow_free(flow);
        return;
    }
    flow->state = FLOW_ABANDONED;
    timers_set(&flow->simulation->timers, &flow->timer, now_ns + ABANDONED_S * NS_PER_S);
    request_ended(flow, OUTCOME_UNANSWERED, now_ns);
}
