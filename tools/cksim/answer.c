/* SPDX-License-Identifier: Apache-2.0 */
/* What the controller says: which request it answers, whether it may be said, and what it sets going. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cksim/check.h"
#include "cksim/simulation.h"

#define CONTROLLERS_OWN_ID UINT32_C(0x80000000) /* reading 2 */

static void violate(struct member *member, enum violation violation, const char *detail)
{
    tally_violation(&member->simulation->tally, violation,
                    member->simulation->scenario->kms[fleet_index(member)].name, detail);
}

/* Ends a request whose answer is of no use; not the load's when it was given up before. */
static void end_unusable(struct flow *flow, uint64_t now_ns)
{
    if (flow->state == FLOW_ASKING)
        request_ended(flow, OUTCOME_UNUSABLE, now_ns);
    flow_free(flow);
}

static void refuse(struct member *member, struct flow *flow, enum violation violation, const char *detail,
                   uint64_t now_ns)
{
    violate(member, violation, detail);
    if (flow != NULL && (flow->state == FLOW_ASKING || flow->state == FLOW_ABANDONED))
        end_unusable(flow, now_ns);
}

/* No open request has this MessageID. Was there ever one? */
static void refuse_unknown(struct member *member, const struct ck_header *header)
{
    char detail[64];
    uint32_t issued = (member->message_id - member->first_message_id) & 0x7fffffff;
    uint32_t offset = (header->message_id - member->first_message_id) & 0x7fffffff;
    bool asked = header->message_id < CONTROLLERS_OWN_ID && offset > 0 && offset <= issued;
    snprintf(detail, sizeof detail, "command %u with MessageID %u", header->command, header->message_id);
    violate(member, asked ? VIOLATION_ANSWERED_TWICE : VIOLATION_UNKNOWN_MESSAGE_ID, detail);
}

static void count_answer(struct member *member, struct flow *flow, struct histogram *histogram,
                         uint64_t now_ns)
{
    struct tally *tally = &member->simulation->tally;
    uint64_t latency_ns = now_ns > flow->asked_ns ? now_ns - flow->asked_ns : 0;
    if (flow->state == FLOW_ABANDONED) {
        tally->late_answers++;
        return;
    }
    if (flow->kind != FLOW_PROBE) {
        tally->answered++;
        histogram_record(histogram, latency_ns);
    }
    fleet_served(member, latency_ns, now_ns);
}

static void take_probe(struct member *member, struct flow *flow)
{
    if (flow->wrong) {
        struct simulation *simulation = member->simulation;
        violate(member, VIOLATION_WRONG_CERTIFICATE_ACCEPTED, "a lookup was answered");
        if (member->impostor != NULL)
            simulation->faults[member->impostor - simulation->scenario->faults].accepted++;
    }
    flow_free(flow);
}

static void take_next_hops(struct member *member, const struct ck_header *header,
                           const struct ck_message *message, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    struct flow *flow = flow_by_exchange(&simulation->flows, fleet_index(member), header->message_id);
    if (flow == NULL || flow->kind == FLOW_CENTRALIZED || flow->kind == FLOW_UNSOLICITED) {
        refuse_unknown(member, header);
        return;
    }
    struct check_request request = { flow->source, flow->destination, flow->asker,
                                     flow->application != NOBODY };
    struct check_result result;
    check_next_hops(&simulation->network, &request, message, &result);
    count_answer(member, flow, &simulation->tally.lookup_latency, now_ns);
    if (result.broken) {
        refuse(member, flow, result.violation, result.detail, now_ns);
    } else if (flow->kind == FLOW_PROBE) {
        take_probe(member, flow);
    } else if (flow->state == FLOW_ABANDONED) {
        flow_free(flow);
    } else if (result.kma_count == 0) {
        request_ended(flow, OUTCOME_NO_NEXT_HOP, now_ns);
        flow_free(flow);
    } else {
        timers_cancel(&simulation->timers, &flow->timer);
        flow_clear_exchange(flow);
        relay_take_candidate(flow, result.kmas, result.kma_count, now_ns);
    }
}

/* Follows a Key relay request that was found good enough to be followed. */
static void follow_route(struct member *member, struct flow *flow, uint64_t relay_id,
                         const struct check_result *result, uint64_t now_ns)
{
    if (result->without_link)
        violate(member, VIOLATION_PATH_WITHOUT_LINK, result->detail);
    if (flow->state == FLOW_ABANDONED)
        flow->kind =
            FLOW_UNSOLICITED; /* the load has given it up; the controller still waits for a Response */
    if (!flow->repeated)
        flow_clear_exchange(flow);
    flow_set_relay_id(flow, relay_id);
    flow->path_count = 0;
    for (uint32_t i = 0; i < result->kma_count; i++)
        flow_append(flow, result->kmas[i]);
    relay_begin(flow, now_ns);
}

/* A request sent again after a reconnect, whose answer came under an ID of the controller's own. */
static struct flow *find_moved(struct member *member, const struct check_result *result)
{
    for (struct flow *flow = member->waiting; flow != NULL; flow = flow->next)
        if (flow->state == FLOW_ASKING && flow->kind == FLOW_CENTRALIZED && flow->repeated &&
            flow->source == result->source && flow->destination == result->destination)
            return flow;
    return NULL;
}

/* The controller repeats itself: legitimate only across a reconnect. True: dealt with. */
static bool take_again(struct member *member, struct flow *asked, const struct ck_message *message,
                       uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    struct flow *known = flow_by_relay_id(&simulation->flows, message->relay_id);
    char detail[64];
    if (known == NULL)
        return false;
    bool own = known->km == fleet_index(member);
    if (own &&
        (known->repeated || known->kind == FLOW_UNSOLICITED || known->asked_ns < member->connected_at_ns)) {
        simulation->tally.repeated_answers++;
        if (known->state == FLOW_LINGERING)
            relay_report(known, now_ns); /* the first Response may have been lost */
        return true;
    }
    snprintf(detail, sizeof detail, "key relay request ID %llu", (unsigned long long)message->relay_id);
    refuse(member, asked, own && asked == NULL ? VIOLATION_ANSWERED_TWICE : VIOLATION_RELAY_ID_REUSED, detail,
           now_ns);
    return true;
}

static void take_unasked(struct member *member, const struct ck_header *header,
                         const struct ck_message *message, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    struct check_request request = { NOBODY, NOBODY, fleet_index(member), false };
    struct check_result result;
    check_route(&simulation->network, &request, message, &result);
    if (result.broken) {
        violate(member, result.violation, result.detail);
        return;
    }
    struct flow *flow = find_moved(member, &result);
    if (flow == NULL && header->message_id < CONTROLLERS_OWN_ID) {
        refuse_unknown(member, header);
        return;
    }
    if (flow == NULL) {
        simulation->tally.unsolicited++;
        flow = request_begin(simulation, FLOW_UNSOLICITED, result.source, result.destination, NOBODY, now_ns);
    } else {
        count_answer(member, flow, &simulation->tally.notify_latency, now_ns);
    }
    follow_route(member, flow, message->relay_id, &result, now_ns);
}

static void take_route(struct member *member, const struct ck_header *header,
                       const struct ck_message *message, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    struct flow *flow = flow_by_exchange(&simulation->flows, fleet_index(member), header->message_id);
    if (take_again(member, flow, message, now_ns))
        return;
    if (flow == NULL || flow->kind != FLOW_CENTRALIZED ||
        (flow->state != FLOW_ASKING && flow->state != FLOW_ABANDONED)) {
        take_unasked(member, header, message, now_ns);
        return;
    }
    struct check_request request = { flow->source, flow->destination, flow->asker,
                                     flow->application != NOBODY };
    struct check_result result;
    check_route(&simulation->network, &request, message, &result);
    count_answer(member, flow, &simulation->tally.notify_latency, now_ns);
    if (result.broken)
        refuse(member, flow, result.violation, result.detail, now_ns);
    else
        follow_route(member, flow, message->relay_id, &result, now_ns);
}

static bool is_acceptable(struct member *member, const struct ck_header *header, struct flow *flow,
                          uint64_t now_ns)
{
    char detail[64];
    if (header->command != CK_NEXT_HOP_RESPONSE && header->command != CK_RELAY_REQUEST) {
        snprintf(detail, sizeof detail, "command %u", header->command);
        violate(member, VIOLATION_UNEXPECTED_COMMAND, detail);
        return false;
    }
    if (header->version != 1) {
        snprintf(detail, sizeof detail, "version %u", header->version);
        refuse(member, flow, VIOLATION_WRONG_VERSION, detail, now_ns);
        return false;
    }
    return true;
}

void answer_frame(struct member *member, const struct ck_header *header, unsigned char *payload)
{
    struct simulation *simulation = member->simulation;
    struct tally *tally = &simulation->tally;
    uint64_t now_ns = system_now_ns();
    struct flow *flow = flow_by_exchange(&simulation->flows, fleet_index(member), header->message_id);
    if (header->command < CK_COMMANDS_END && header->command > 0)
        tally->received[header->command]++;
    else
        tally->received_unknown++;
    if (!is_acceptable(member, header, flow, now_ns))
        return;
    struct ck_message message;
    size_t offset = 0;
    enum ck_malformed malformed = ck_message_decode((enum ck_command)header->command, payload,
                                                    header->payload_bytes, &message, &offset);
    if (malformed != CK_WELL_FORMED) {
        char detail[120];
        snprintf(detail, sizeof detail, "%s at byte %zu", ck_malformed_name(malformed), offset);
        refuse(member, flow, VIOLATION_MALFORMED, detail, now_ns);
    } else if (header->command == CK_NEXT_HOP_RESPONSE) {
        take_next_hops(member, header, &message, now_ns);
    } else {
        take_route(member, header, &message, now_ns);
    }
}
