/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks for a key to whom, and when: a constant number outstanding, or arrivals at a rate. */
#include <stdlib.h>
#include <string.h>

#include "cksim/simulation.h"

enum {
    CHOICES_MAX = 64,     /* tries to find another KM than the source's; then its neighbour in order */
    ARRIVALS_BATCH = 512, /* started in one turn; the rest are late, and measured as late */
};

static void sort_pairs(struct simulation *simulation)
{
    const struct scenario *scenario = simulation->scenario;
    simulation->pairs_of = system_allocate(scenario->km_count + 1, sizeof *simulation->pairs_of);
    for (uint32_t i = 0; i < scenario->pair_count; i++)
        simulation->pairs_of[scenario->kmas[scenario->pairs[i].source].km + 1]++;
    for (uint32_t i = 0; i < scenario->km_count; i++)
        simulation->pairs_of[i + 1] += simulation->pairs_of[i];
    struct scenario_pair *sorted = system_allocate(scenario->pair_count, sizeof *sorted);
    uint32_t *filled = system_allocate(scenario->km_count, sizeof *filled);
    for (uint32_t i = 0; i < scenario->pair_count; i++) {
        uint32_t km = scenario->kmas[scenario->pairs[i].source].km;
        sorted[simulation->pairs_of[km] + filled[km]++] = scenario->pairs[i];
    }
    if (scenario->pair_count > 0)
        memcpy(scenario->pairs, sorted, scenario->pair_count * sizeof *sorted);
    free(sorted);
    free(filled);
}

static uint32_t random_kma_of(struct simulation *simulation, uint32_t km)
{
    const struct scenario_km *described = &simulation->scenario->kms[km];
    return described->first_kma + random_below(&simulation->random_load, described->kma_count);
}

static uint32_t random_destination(struct simulation *simulation, uint32_t source)
{
    const struct scenario *scenario = simulation->scenario;
    const struct network *network = &simulation->network;
    uint32_t first = network->first_neighbour[source];
    uint32_t neighbours = network->first_neighbour[source + 1] - first;
    if (scenario->load.traffic == TRAFFIC_NEIGHBOURS && neighbours > 0)
        return network->neighbours[first + random_below(&simulation->random_load, neighbours)];
    uint32_t km = scenario->kmas[source].km, other = (km + 1) % scenario->km_count;
    for (int tries = 0; tries < CHOICES_MAX; tries++) {
        uint32_t kma = random_below(&simulation->random_load, scenario->kma_count);
        if (scenario->kmas[kma].km != km)
            return kma;
    }
    return scenario->kms[other].first_kma;
}

/* Replaces the destination by an application's, when the dice say so. */
static uint32_t random_application(struct simulation *simulation, uint32_t source, uint32_t *destination)
{
    const struct scenario *scenario = simulation->scenario;
    double share = scenario->load.application_share;
    if (share <= 0 || random_unit(&simulation->random_load) >= share)
        return NOBODY;
    uint32_t application = random_below(&simulation->random_load, scenario->application_count);
    uint32_t kma = scenario->applications[application].kma;
    if (scenario->kmas[kma].km == scenario->kmas[source].km)
        return NOBODY;
    *destination = kma;
    return application;
}

static enum flow_kind random_kind(struct simulation *simulation)
{
    const struct fleet_settings *fleet = &simulation->scenario->fleet;
    if (fleet->mode == MODE_CENTRALIZED)
        return FLOW_CENTRALIZED;
    if (fleet->mode == MODE_DISTRIBUTED)
        return FLOW_DISTRIBUTED;
    return random_unit(&simulation->random_load) < fleet->centralized_share ? FLOW_CENTRALIZED
                                                                            : FLOW_DISTRIBUTED;
}

static bool enough_started(const struct simulation *simulation)
{
    const struct tally *tally = &simulation->tally;
    uint64_t started = tally->started_centralized + tally->started_distributed;
    uint32_t requests = simulation->scenario->load.requests;
    return requests > 0 && started + tally->not_sent_away + tally->not_sent_overload >= requests;
}

/* Starts one request of this KM, which is connected. */
static void start(struct simulation *simulation, uint32_t km, uint64_t intended_ns)
{
    const struct scenario *scenario = simulation->scenario;
    uint32_t source, destination;
    if (scenario->load.traffic == TRAFFIC_PAIRS) {
        uint32_t first = simulation->pairs_of[km], count = simulation->pairs_of[km + 1] - first;
        const struct scenario_pair *pair =
            &scenario->pairs[first + random_below(&simulation->random_load, count)];
        source = pair->source;
        destination = pair->destination;
    } else {
        source = random_kma_of(simulation, km);
        destination = random_destination(simulation, source);
    }
    uint32_t application = random_application(simulation, source, &destination);
    struct flow *flow =
        request_begin(simulation, random_kind(simulation), source, destination, application, intended_ns);
    request_ask(flow, km, intended_ns);
    if (enough_started(simulation))
        simulation_begin_drain(simulation, system_now_ns());
}

static bool has_pairs(const struct simulation *simulation, uint32_t km)
{
    return simulation->scenario->load.traffic != TRAFFIC_PAIRS ||
           simulation->pairs_of[km] < simulation->pairs_of[km + 1];
}

void load_connected(struct member *member, uint64_t now_ns)
{
    struct simulation *simulation = member->simulation;
    uint32_t km = fleet_index(member);
    while (simulation->phase == PHASE_LOAD && member->idle_slots > 0) {
        member->idle_slots--;
        start(simulation, km, now_ns);
    }
}

void load_slot_free(struct simulation *simulation, uint32_t km, uint64_t now_ns)
{
    const struct load_settings *load = &simulation->scenario->load;
    struct member *member = &simulation->members[km];
    if (load->closed == 0 || simulation->phase != PHASE_LOAD)
        return;
    if (load->think > 0) {
        struct flow *flow = flow_new(simulation, FLOW_PROBE);
        flow->km = km;
        flow->state = FLOW_PAUSED;
        timers_set(&simulation->timers, &flow->timer, now_ns + load->think);
    } else if (member->state == MEMBER_CONNECTED) {
        start(simulation, km, now_ns);
    } else {
        member->idle_slots++;
    }
}

void load_resume(struct flow *flow, uint64_t now_ns)
{
    struct simulation *simulation = flow->simulation;
    struct member *member = &simulation->members[flow->km];
    flow_free(flow);
    member->idle_slots++;
    if (member->state == MEMBER_CONNECTED)
        load_connected(member, now_ns);
}

static uint32_t random_source(struct simulation *simulation)
{
    const struct scenario *scenario = simulation->scenario;
    if (scenario->load.traffic != TRAFFIC_PAIRS)
        return random_below(&simulation->random_load, scenario->km_count);
    uint32_t pair = random_below(&simulation->random_load, scenario->pair_count);
    return scenario->kmas[scenario->pairs[pair].source].km;
}

static void arrive(struct simulation *simulation, uint64_t intended_ns)
{
    struct tally *tally = &simulation->tally;
    uint32_t km = random_source(simulation);
    if (simulation->members[km].state != MEMBER_CONNECTED)
        tally->not_sent_away++;
    else if (tally->outstanding >= simulation->scenario->load.outstanding_max)
        tally->not_sent_overload++;
    else
        start(simulation, km, intended_ns);
}

static void arrivals_due(void *context, uint64_t now_ns)
{
    struct simulation *simulation = context;
    const struct load_settings *load = &simulation->scenario->load;
    double mean_ns = 1e9 / load->rate;
    for (int batch = 0; batch < ARRIVALS_BATCH && simulation->next_arrival_ns <= (double)now_ns; batch++) {
        if (simulation->phase != PHASE_LOAD)
            return;
        arrive(simulation, (uint64_t)simulation->next_arrival_ns);
        simulation->next_arrival_ns += load->arrivals == ARRIVALS_POISSON
                                           ? random_exponential(&simulation->random_load, mean_ns)
                                           : mean_ns;
    }
    if (simulation->phase == PHASE_LOAD)
        timers_set(&simulation->timers, &simulation->arrival_timer, (uint64_t)simulation->next_arrival_ns);
}

void load_init(struct simulation *simulation)
{
    simulation->arrival_timer = (struct timer){ .fire = arrivals_due, .context = simulation };
    sort_pairs(simulation);
}

void load_fini(struct simulation *simulation)
{
    free(simulation->pairs_of);
}

void load_begin(struct simulation *simulation, uint64_t now_ns)
{
    const struct scenario *scenario = simulation->scenario;
    if (scenario->load.closed == 0) {
        simulation->next_arrival_ns = (double)now_ns;
        timers_set(&simulation->timers, &simulation->arrival_timer, now_ns);
        return;
    }
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        struct member *member = &simulation->members[i];
        member->idle_slots = has_pairs(simulation, i) ? scenario->load.closed : 0;
        if (member->state == MEMBER_CONNECTED)
            load_connected(member, now_ns);
    }
}
