/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/disjoint.h"

#include <assert.h>
#include <string.h>

#include "topology/front.h"
#include "topology/network_state.h"
#include "topology/selection.h"

/*
 * A KMA is two states: entered, and about to be left. Between them it is passed; the first way, where the
 * second meets it, is undone backwards.
 *
 *     entered(v) -> leaving(v)    v is passed
 *     leaving(v) -> entered(v)    v is no longer passed; only where a way passes it
 *     leaving(v) -> entered(w)    over a link that no way uses
 *     entered(v) -> leaving(w)    a way's link from w to v is given up, at its weight negated
 */
enum side { ENTERED, LEAVING };
enum use { UNUSED, FROM_FIRST_END, FROM_SECOND_END };

#define UNREACHED UINT64_MAX
#define PASSING UINT32_MAX /* in place of a link: from one side of a KMA to the other */

/* Sums fit: two ways without a common link have each link once at most. */
enum { HOPS_BITS = 16, COST_BITS = 47 };
static_assert(NETWORK_LINKS_MAX < 1 << HOPS_BITS, "hops fit below the cost");
static_assert((uint64_t)NETWORK_LINKS_MAX * UINT32_MAX < UINT64_C(1) << COST_BITS,
              "costs fit below the hops");
static_assert((uint64_t)NETWORK_LINKS_MAX * UINT32_MAX < UINT64_C(1) << (64 - HOPS_BITS), "costs fit above");

struct flow {
    const struct disjoint_problem *problem;
    struct arena *arena;
    uint8_t *used;   /* by link, an enum use */
    uint8_t *passed; /* by KMA, the ways that pass it; the ends are not counted */
    bool along_ways; /* only links that a way uses, the way it goes */
    bool joined;     /* a way leads from end to end over one link */
    /* By state, the KMA doubled plus its side. */
    uint64_t *potential;
    uint64_t *distance; /* at reduced weights */
    uint32_t *before;   /* the state it was reached from */
    uint32_t *by;       /* over this link, or PASSING */
    struct front front; /* of states */
    uint64_t steps;
};

static uint32_t state_of(uint32_t kma, enum side side)
{
    return 2 * kma + (uint32_t)side;
}

static uint32_t start_of(const struct flow *flow)
{
    return state_of(flow->problem->source, LEAVING);
}

static uint32_t goal_of(const struct flow *flow)
{
    return state_of(flow->problem->destination, ENTERED);
}

/* ---- the front: the nearest state first, of equals the lower number ---- */

static bool is_nearer(const void *context, uint32_t left, uint32_t right)
{
    const struct flow *flow = context;
    return flow->distance[left] != flow->distance[right] ? flow->distance[left] < flow->distance[right]
                                                         : left < right;
}

static void rise(struct flow *flow, uint32_t state)
{
    front_rise(&flow->front, state, is_nearer, flow);
}

/* ---- one search ---- */

static uint64_t weight_of(const struct flow *flow, uint32_t link)
{
    uint64_t cost = flow->problem->network->edges[link].cost;
    return flow->problem->order == DISJOINT_HOPS_FIRST ? (UINT64_C(1) << COST_BITS) + cost
                                                       : (cost << HOPS_BITS) + 1;
}

/* Differences of potentials may be below 0, their sum with the weight never is: unsigned arithmetic wraps
   back. */
static void reach(struct flow *flow, uint32_t from, uint32_t to, uint32_t link, uint64_t weight)
{
    uint64_t reduced = weight + flow->potential[from] - flow->potential[to];
    uint64_t distance = flow->distance[from] + reduced;
    if (distance >= flow->distance[to])
        return;
    flow->distance[to] = distance;
    flow->before[to] = from;
    flow->by[to] = link;
    rise(flow, to);
}

static enum use use_from(const struct flow *flow, uint32_t link, uint32_t kma)
{
    return flow->problem->network->edges[link].ends[0] == kma ? FROM_FIRST_END : FROM_SECOND_END;
}

static bool may_take(const struct flow *flow, uint32_t from, const struct arc *arc)
{
    const struct disjoint_problem *problem = flow->problem;
    if (flow->along_ways)
        return flow->used[arc->link] == use_from(flow, arc->link, from);
    if (flow->used[arc->link] != UNUSED || arc->to == problem->source ||
        problem->rejections[arc->link] != REJECTION_NONE ||
        edge_narrowness(&problem->network->edges[arc->link]) > problem->narrowness_max)
        return false;
    return !(flow->joined && problem->disjointness == DISJOINT_KMAS && from == problem->source &&
             arc->to == problem->destination);
}

static void leave(struct flow *flow, uint32_t kma)
{
    const struct network *network = flow->problem->network;
    uint32_t state = state_of(kma, LEAVING);
    for (uint32_t i = network->first_arc[kma]; i < network->first_arc[kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        flow->steps++;
        if (may_take(flow, kma, arc))
            reach(flow, state, state_of(arc->to, ENTERED), arc->link, weight_of(flow, arc->link));
    }
    if (flow->passed[kma] > 0 && !flow->along_ways)
        reach(flow, state, state_of(kma, ENTERED), PASSING, 0);
}

static void enter(struct flow *flow, uint32_t kma)
{
    const struct network *network = flow->problem->network;
    uint32_t state = state_of(kma, ENTERED);
    if (flow->along_ways || flow->passed[kma] == 0 || flow->problem->disjointness == DISJOINT_LINKS)
        reach(flow, state, state_of(kma, LEAVING), PASSING, 0);
    if (flow->passed[kma] == 0 || flow->along_ways)
        return;
    for (uint32_t i = network->first_arc[kma]; i < network->first_arc[kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        flow->steps++;
        if (flow->used[arc->link] == use_from(flow, arc->link, arc->to))
            reach(flow, state, state_of(arc->to, LEAVING), arc->link, 0 - weight_of(flow, arc->link));
    }
}

/* True: the goal was reached, by the best way; it has not been looked beyond. */
static bool spread(struct flow *flow)
{
    while (flow->front.count > 0) {
        uint32_t state = front_take(&flow->front, is_nearer, flow);
        if (state == goal_of(flow))
            return true;
        if (state % 2 == LEAVING)
            leave(flow, state / 2);
        else
            enter(flow, state / 2);
    }
    return false;
}

static bool search(struct flow *flow)
{
    uint32_t count = 2 * flow->problem->network->node_count;
    for (uint32_t i = 0; i < flow->front.count; i++)
        flow->front.place[flow->front.numbers[i]] = 0;
    flow->front.count = 0;
    for (uint32_t i = 0; i < count; i++)
        flow->distance[i] = UNREACHED;
    flow->distance[start_of(flow)] = 0;
    rise(flow, start_of(flow));
    return spread(flow);
}

/* ---- one way more ---- */

/* What lies beyond the goal was not settled; the goal's distance is a potential that does for it. */
static void raise_potentials(struct flow *flow)
{
    uint32_t count = 2 * flow->problem->network->node_count;
    uint64_t most = flow->distance[goal_of(flow)];
    for (uint32_t i = 0; i < count; i++)
        flow->potential[i] += flow->distance[i] < most ? flow->distance[i] : most;
}

static void take_step(struct flow *flow, uint32_t from, uint32_t to)
{
    uint32_t link = flow->by[to];
    if (link == PASSING && from % 2 == ENTERED)
        flow->passed[to / 2]++;
    else if (link == PASSING)
        flow->passed[to / 2]--;
    else if (from % 2 == LEAVING)
        flow->used[link] = (uint8_t)use_from(flow, link, from / 2);
    else
        flow->used[link] = UNUSED;
    if (from == start_of(flow) && to == goal_of(flow))
        flow->joined = true;
}

static bool augment(struct flow *flow)
{
    if (!search(flow))
        return false;
    raise_potentials(flow);
    for (uint32_t to = goal_of(flow); to != start_of(flow); to = flow->before[to])
        take_step(flow, flow->before[to], to);
    return true;
}

/* ---- the ways ---- */

/* The way that the last search found. */
static bool read_way(const struct flow *flow, struct disjoint_way *out_way)
{
    uint32_t hops = 0;
    for (uint32_t at = goal_of(flow); at != start_of(flow); at = flow->before[at])
        hops += flow->by[at] != PASSING;
    struct disjoint_way way = { .length = hops + 1 };
    way.kmas = arena_allocate(flow->arena, way.length * sizeof *way.kmas);
    way.links = arena_allocate(flow->arena, way.length * sizeof *way.links);
    if (way.kmas == NULL || way.links == NULL)
        return false;
    way.kmas[hops] = flow->problem->destination;
    for (uint32_t at = goal_of(flow); at != start_of(flow); at = flow->before[at]) {
        if (flow->by[at] == PASSING)
            continue;
        way.links[--hops] = flow->by[at];
        way.kmas[hops] = flow->before[at] / 2;
    }
    *out_way = way;
    return true;
}

static void weigh(const struct flow *flow, struct disjoint_ways *ways)
{
    for (size_t i = 0; i < ways->count; i++) {
        ways->hops += ways->ways[i].length - 1;
        for (size_t j = 0; j + 1 < ways->ways[i].length; j++)
            ways->cost += flow->problem->network->edges[ways->ways[i].links[j]].cost;
    }
}

/* The best way along the used links, then what is left of them. */
static bool take_ways(struct flow *flow, struct disjoint_ways *ways)
{
    flow->along_ways = true;
    memset(flow->potential, 0, 2 * flow->problem->network->node_count * sizeof *flow->potential);
    for (size_t i = 0; i < ways->count; i++) {
        bool found = search(flow);
        assert(found);
        if (!read_way(flow, &ways->ways[i]))
            return false;
        for (size_t j = 0; j + 1 < ways->ways[i].length; j++)
            flow->used[ways->ways[i].links[j]] = UNUSED;
    }
    return true;
}

/* ---- what every way passes ---- */

/* Along the only way: the second search got this far; what comes next cannot be gone around. */
static void take_cut(struct flow *flow, uint32_t from, uint32_t to, uint32_t link, struct disjoint_ways *ways)
{
    if (link != PASSING)
        ways->shared_links[ways->shared_link_count++] = link;
    else
        ways->shared_kmas[ways->shared_kma_count++] = to / 2;
    flow->distance[to] = flow->distance[from];
    rise(flow, to);
    spread(flow);
}

/* The last of the way's states that was reached, from `at` on. */
static size_t last_reached(const struct flow *flow, const uint32_t *states, size_t at, size_t count)
{
    for (size_t i = count; i-- > at;) {
        if (flow->distance[states[i]] != UNREACHED)
            return i;
    }
    return at;
}

/* The search for a second way has just failed. */
static bool take_cuts(struct flow *flow, struct disjoint_ways *ways)
{
    const struct disjoint_way *way = &ways->ways[0];
    size_t count = 2 * way->length - 2;
    uint32_t *states = arena_allocate(flow->arena, count * sizeof *states);
    ways->shared_links = arena_allocate(flow->arena, way->length * sizeof *ways->shared_links);
    ways->shared_kmas = arena_allocate(flow->arena, way->length * sizeof *ways->shared_kmas);
    if (states == NULL || ways->shared_links == NULL || ways->shared_kmas == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        states[i] = state_of(way->kmas[(i + 1) / 2], i % 2 == 0 ? LEAVING : ENTERED);
    for (size_t at = 0; (at = last_reached(flow, states, at, count)) + 1 < count;)
        take_cut(flow, states[at], states[at + 1], at % 2 == 0 ? way->links[at / 2] : PASSING, ways);
    return true;
}

/* ---- all of it ---- */

static bool prepare(struct flow *flow)
{
    size_t kmas = flow->problem->network->node_count, states = 2 * kmas;
    flow->used = arena_allocate(flow->arena, flow->problem->network->edge_count);
    flow->passed = arena_allocate(flow->arena, kmas);
    flow->potential = arena_allocate(flow->arena, states * sizeof *flow->potential);
    flow->distance = arena_allocate(flow->arena, states * sizeof *flow->distance);
    flow->before = arena_allocate(flow->arena, states * sizeof *flow->before);
    flow->by = arena_allocate(flow->arena, states * sizeof *flow->by);
    flow->front.place = arena_allocate(flow->arena, states * sizeof *flow->front.place);
    flow->front.numbers = arena_allocate(flow->arena, states * sizeof *flow->front.numbers);
    return flow->used != NULL && flow->passed != NULL && flow->potential != NULL && flow->distance != NULL &&
           flow->before != NULL && flow->by != NULL && flow->front.place != NULL &&
           flow->front.numbers != NULL;
}

bool disjoint_find(const struct disjoint_problem *problem, struct arena *arena,
                   struct disjoint_ways *out_ways)
{
    struct flow flow = { .problem = problem, .arena = arena };
    struct disjoint_ways ways = { .count = 0 };
    assert(problem->source != problem->destination);
    if (!prepare(&flow))
        return false;
    if (augment(&flow)) {
        ways.count = 1;
        if (!read_way(&flow, &ways.ways[0]))
            return false;
        bool second = augment(&flow);
        ways.count += second;
        if (second ? !take_ways(&flow, &ways) : !take_cuts(&flow, &ways))
            return false;
    }
    weigh(&flow, &ways);
    ways.steps = flow.steps;
    *out_ways = ways;
    return true;
}
