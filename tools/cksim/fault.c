/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong on purpose: whom it hits, when it begins and ends, and how long recovery takes. */
#include <stdlib.h>

#include "ck/frame.h"
#include "cksim/simulation.h"

enum { GARBAGE_BYTES_MAX = 512 };

static uint32_t fault_index(const struct fault_run *run)
{
    return (uint32_t)(run - run->simulation->faults);
}

/* By name, or a share of all drawn anew each time (a prefix of a random permutation). */
static void choose_targets(struct fault_run *run)
{
    struct simulation *simulation = run->simulation;
    const struct scenario_fault *fault = run->fault;
    uint32_t all =
        fault->kind == FAULT_CUT ? simulation->scenario->link_count : simulation->scenario->km_count;
    if (fault->targets != NULL) {
        run->target_count = fault->target_count;
        for (uint32_t i = 0; i < fault->target_count; i++)
            run->targets[i] = fault->targets[i];
        return;
    }
    run->target_count = (uint32_t)((double)all * fault->share + 0.5);
    for (uint32_t i = 0; i < all; i++)
        run->targets[i] = i;
    for (uint32_t i = 0; i < run->target_count; i++) {
        uint32_t other = i + random_below(&simulation->random_fault, all - i);
        uint32_t kept = run->targets[i];
        run->targets[i] = run->targets[other];
        run->targets[other] = kept;
    }
}

/* A header that promises a JSON object, and something else behind it; or bytes without any order. */
static void send_garbage(struct fault_run *run, struct member *member)
{
    unsigned char bytes[CK_HEADER_BYTES + GARBAGE_BYTES_MAX];
    struct random *random = &run->simulation->random_fault;
    size_t count = 1 + random_below(random, GARBAGE_BYTES_MAX);
    random_bytes(random, bytes, sizeof bytes);
    if (run->fault->garbage == GARBAGE_FRAME) {
        struct ck_header header = { 1, (uint32_t)random_next(random) & 0x7fffffff, CK_NOTIFY_RELAY,
                                    (uint16_t)count };
        ck_header_encode(&header, CK_BIG_ENDIAN, bytes);
        count += CK_HEADER_BYTES;
    }
    client_send(member->client, bytes, count);
}

static void hit_member(struct fault_run *run, struct member *member)
{
    switch ((enum fault_kind)run->fault->kind) {
    case FAULT_DROP:
        member->gone = run->fault->duration > 0;
        fleet_reset(member, run->simulation->scenario->fleet.reconnect_min);
        return;
    case FAULT_STALL:
        if (member->client != NULL)
            client_set_reading(member->client, false);
        member->stalled = member->client != NULL;
        return;
    case FAULT_GARBAGE:
        for (uint32_t i = 0; i < run->fault->count && member->state == MEMBER_CONNECTED; i++)
            send_garbage(run, member);
        return;
    case FAULT_STORM:
        if (member->storm == 0) {
            member->storm = fault_index(run) + 1;
            run->storm_remaining++;
        }
        member->storm_hit = fault_index(run) + 1;
        fleet_reset(member, 0);
        return;
    case FAULT_WRONG_CERTIFICATE:
        member->impostor = run->fault;
        fleet_reset(member, 0);
        return;
    case FAULT_CUT:
        return;
    }
}

static void release_member(struct fault_run *run, struct member *member)
{
    switch ((enum fault_kind)run->fault->kind) {
    case FAULT_DROP:
        member->gone = false;
        fleet_reset(member, 0);
        return;
    case FAULT_STALL:
        if (member->stalled)
            client_set_reading(member->client, true);
        member->stalled = false;
        return;
    case FAULT_WRONG_CERTIFICATE:
        if (member->impostor != run->fault)
            return;
        fleet_reset(member, 0);
        member->impostor = NULL;
        return;
    case FAULT_GARBAGE:
    case FAULT_STORM:
    case FAULT_CUT:
        return;
    }
}

static void forget_hits(struct fault_run *run)
{
    for (uint32_t i = 0; i < run->simulation->scenario->km_count; i++) {
        struct member *member = &run->simulation->members[i];
        if (member->storm_hit == fault_index(run) + 1)
            member->storm_hit = 0;
    }
}

static void begin(void *context, uint64_t now_ns)
{
    struct fault_run *run = context;
    struct simulation *simulation = run->simulation;
    if (simulation->phase != PHASE_LOAD)
        return;
    choose_targets(run);
    run->times++;
    run->targets_hit += run->target_count;
    if (run->fault->kind == FAULT_STORM && run->storm_remaining == 0) {
        run->storm_began_ns = now_ns;
        forget_hits(run);
    }
    for (uint32_t i = 0; i < run->target_count; i++) {
        if (run->fault->kind == FAULT_CUT)
            simulation->network.links[run->targets[i]].cuts++;
        else
            hit_member(run, &simulation->members[run->targets[i]]);
    }
    if (run->fault->duration > 0)
        timers_set(&simulation->timers, &run->end, now_ns + run->fault->duration);
    if (run->fault->every > 0)
        timers_set(&simulation->timers, &run->begin, now_ns + run->fault->every);
}

static void end(void *context, uint64_t now_ns)
{
    struct fault_run *run = context;
    struct simulation *simulation = run->simulation;
    (void)now_ns;
    for (uint32_t i = 0; i < run->target_count; i++) {
        if (run->fault->kind == FAULT_CUT)
            simulation->network.links[run->targets[i]].cuts--;
        else
            release_member(run, &simulation->members[run->targets[i]]);
    }
}

void fault_init(struct simulation *simulation)
{
    const struct scenario *scenario = simulation->scenario;
    simulation->faults = system_allocate(scenario->fault_count, sizeof *simulation->faults);
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        struct fault_run *run = &simulation->faults[i];
        const struct scenario_fault *fault = &scenario->faults[i];
        uint32_t room = fault->kind == FAULT_CUT ? scenario->link_count : scenario->km_count;
        *run = (struct fault_run){
            .simulation = simulation,
            .fault = fault,
            .begin = { .fire = begin, .context = run },
            .end = { .fire = end, .context = run },
            .targets = system_allocate(room, sizeof *run->targets),
        };
    }
}

void fault_fini(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->scenario->fault_count; i++)
        free(simulation->faults[i].targets);
    free(simulation->faults);
}

void fault_begin_all(struct simulation *simulation, uint64_t now_ns)
{
    for (uint32_t i = 0; i < simulation->scenario->fault_count; i++) {
        struct fault_run *run = &simulation->faults[i];
        timers_set(&simulation->timers, &run->begin, now_ns + run->fault->at);
    }
}

static void recover(struct fault_run *run, uint64_t now_ns)
{
    if (--run->storm_remaining > 0)
        return;
    uint64_t recovery_ns = now_ns - run->storm_began_ns;
    run->storms_recovered++;
    if (recovery_ns > run->recovery_ns_max)
        run->recovery_ns_max = recovery_ns;
}

void fault_served(struct member *member, uint64_t latency_ns, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    if (member->storm != 0) {
        struct fault_run *run = &simulation->faults[member->storm - 1];
        member->storm = 0;
        recover(run, now_ns);
        return;
    }
    for (uint32_t i = 0; i < simulation->scenario->fault_count; i++) {
        struct fault_run *run = &simulation->faults[i];
        if (run->storm_remaining > 0 && member->storm_hit != i + 1 && latency_ns > run->unaffected_worst_ns)
            run->unaffected_worst_ns = latency_ns;
    }
}
