/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/subset.h"

#include <assert.h>
#include <string.h>

#include "topology/selection.h"

/* ---- links ---- */

static bool is_better_link(const struct edge *left, const struct edge *right, bool widest_first)
{
    uint64_t left_narrowness = edge_narrowness(left), right_narrowness = edge_narrowness(right);
    if (widest_first && left_narrowness != right_narrowness)
        return left_narrowness < right_narrowness;
    if (left->cost != right->cost)
        return left->cost < right->cost;
    return left_narrowness < right_narrowness;
}

/* The best of the parallel links that may be used; there is one, for a search went that way. */
static uint32_t best_link(const struct quest *quest, uint32_t from, uint32_t to, uint64_t narrowness_max,
                          bool widest_first)
{
    const struct network *network = quest->network;
    uint32_t best = UINT32_MAX;
    for (uint32_t i = network->first_arc[from]; i < network->first_arc[from + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        const struct edge *edge = &network->edges[arc->link];
        if (arc->to != to || quest->search.rejections[arc->link] != REJECTION_NONE ||
            edge_narrowness(edge) > narrowness_max)
            continue;
        if (best == UINT32_MAX || is_better_link(edge, &network->edges[best], widest_first))
            best = arc->link;
    }
    assert(best != UINT32_MAX);
    return best;
}

uint32_t candidate_link(const struct quest *quest, const struct candidate *candidate, uint32_t position)
{
    uint64_t narrowness_max = quest->metric == PATHS_WIDEST ? candidate->narrowness : UINT64_MAX;
    return best_link(quest, candidate->kmas[position], candidate->kmas[position + 1], narrowness_max, false);
}

/* ---- the search ---- */

/* What the prefix weighs already by the measure that its metric begins with. */
static struct weight weigh_prefix(const struct quest *quest, const struct subset *subset)
{
    struct weight weight = { 0, 0 };
    bool widest = quest->metric == PATHS_WIDEST;
    for (uint32_t i = 0; i + 1 < subset->prefix_length; i++) {
        uint32_t link = best_link(quest, subset->prefix[i], subset->prefix[i + 1], UINT64_MAX, widest);
        const struct edge *edge = &quest->network->edges[link];
        uint64_t *narrowness = widest ? &weight.first : &weight.second;
        if (edge_narrowness(edge) > *narrowness)
            *narrowness = edge_narrowness(edge);
        if (!widest)
            weight.first += edge->cost;
    }
    return weight;
}

static struct search_problem problem_of(struct quest *quest, const struct subset *subset)
{
    struct search_problem problem = {
        .from = subset->prefix[subset->prefix_length - 1],
        .to = quest->destination,
        .hops_max = quest->hops_max - (subset->prefix_length - 1),
        .narrowness_max = UINT64_MAX,
        .hops_to_go = quest->hops_to_go,
        .not_first = subset->not_next,
        .not_first_count = subset->not_next_count,
        .required = quest->required,
        .required_count = quest->required_count,
    };
    search_open_all(&quest->search);
    for (uint32_t i = 0; i + 1 < subset->prefix_length; i++) {
        search_close(&quest->search, subset->prefix[i]);
        for (size_t j = 0; j < quest->required_count; j++) {
            if (quest->required[j] == subset->prefix[i])
                problem.visited = (uint8_t)(problem.visited | 1U << j);
        }
    }
    return problem;
}

/* The best way of any length is found with far fewer labels, and seldom has too many hops. */
static enum search_status run(struct quest *quest, struct search_problem *problem, bool straight,
                              uint32_t *out_label)
{
    problem->relaxed = true;
    problem->straight = straight;
    enum search_status status = search_run(&quest->search, problem, out_label);
    if (status != SEARCH_FOUND || quest->search.labels[*out_label].hops <= problem->hops_max)
        return status;
    problem->relaxed = problem->straight = false;
    return search_run(&quest->search, problem, out_label);
}

/* ---- bounds ---- */

static uint64_t prefix_cost(const struct quest *quest, const struct subset *subset, uint64_t narrowness_max)
{
    uint64_t cost = 0;
    for (uint32_t i = 0; i + 1 < subset->prefix_length; i++) {
        uint32_t link = best_link(quest, subset->prefix[i], subset->prefix[i + 1], narrowness_max, false);
        cost += quest->network->edges[link].cost;
    }
    return cost;
}

/*
 * How narrow the best path's narrowest link is. Narrowness does not add up: of two ways to the same KMA the
 * one that is better by itself may not be the better part of a whole, once hops and names decide. So its best
 * value is found first, here, and then the cheapest way over links that are no narrower.
 */
enum search_status subset_bound(struct quest *quest, const struct subset *subset,
                                struct candidate *out_candidate)
{
    assert(subset->prefix_length > 0 && subset->prefix_length <= quest->hops_max);
    *out_candidate = (struct candidate){ .subset = *subset, .narrowness = UINT64_MAX };
    if (quest->metric == PATHS_SHORTEST)
        return subset_settle(quest, out_candidate);
    bool widest = quest->metric == PATHS_WIDEST;
    struct search_problem problem = problem_of(quest, subset);
    uint32_t label;
    problem.measure = widest ? MEASURE_NARROWNESS : MEASURE_COST_THEN_NARROWNESS;
    problem.to_go = widest ? quest->narrowness_to_go : quest->cost_to_go;
    problem.start = weigh_prefix(quest, subset);
    enum search_status status = run(quest, &problem, true, &label);
    if (status != SEARCH_FOUND)
        return status;
    struct weight weight = quest->search.labels[label].weight;
    out_candidate->narrowness = widest ? weight.first : weight.second;
    out_candidate->cost = widest ? prefix_cost(quest, subset, weight.first) : weight.first;
    if (widest && quest->cost_to_go != NULL)
        out_candidate->cost += quest->cost_to_go[problem.from];
    return SEARCH_FOUND;
}

/* ---- ways ---- */

/* What the links cost that stand for its adjacencies, and the narrowest of them. */
static void weigh(const struct quest *quest, struct candidate *candidate)
{
    uint64_t cost = 0, narrowness = 0;
    for (uint32_t i = 0; i + 1 < candidate->length; i++) {
        const struct edge *edge = &quest->network->edges[candidate_link(quest, candidate, i)];
        cost += edge->cost;
        if (edge_narrowness(edge) > narrowness)
            narrowness = edge_narrowness(edge);
    }
    candidate->cost = cost;
    candidate->narrowness = narrowness;
}

static bool take_way(struct quest *quest, uint32_t label, struct candidate *candidate)
{
    const struct subset *subset = &candidate->subset;
    candidate->length = subset->prefix_length + quest->search.labels[label].hops;
    candidate->kmas = arena_allocate(quest->arena, candidate->length * sizeof *candidate->kmas);
    if (candidate->kmas == NULL)
        return false;
    memcpy(candidate->kmas, subset->prefix, subset->prefix_length * sizeof *candidate->kmas);
    search_way(&quest->search, label, candidate->kmas + subset->prefix_length - 1);
    return true;
}

enum search_status subset_settle(struct quest *quest, struct candidate *candidate)
{
    struct search_problem problem = problem_of(quest, &candidate->subset);
    uint32_t label;
    problem.measure = MEASURE_COST;
    problem.to_go = quest->cost_to_go;
    problem.narrowness_max = candidate->narrowness;
    enum search_status status = run(quest, &problem, false, &label);
    if (status != SEARCH_FOUND)
        return status;
    if (!take_way(quest, label, candidate))
        return SEARCH_NO_MEMORY;
    weigh(quest, candidate);
    return SEARCH_FOUND;
}

/* ---- order ---- */

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare_kmas(const struct candidate *left, const struct candidate *right)
{
    for (uint32_t i = 0; i < left->length && i < right->length; i++) {
        if (left->kmas[i] != right->kmas[i])
            return left->kmas[i] < right->kmas[i] ? -1 : 1;
    }
    return 0;
}

int candidate_compare(enum paths_metric metric, const struct candidate *left, const struct candidate *right)
{
    int by_cost = compare_numbers(left->cost, right->cost);
    int by_narrowness = compare_numbers(left->narrowness, right->narrowness);
    int order = 0;
    switch (metric) {
    case PATHS_WIDEST_SHORTEST:
        order = by_cost != 0 ? by_cost : by_narrowness;
        break;
    case PATHS_SHORTEST:
        order = by_cost;
        break;
    case PATHS_WIDEST:
        order = by_narrowness != 0 ? by_narrowness : by_cost;
        break;
    }
    if (order == 0)
        order = compare_numbers(left->length, right->length);
    return order != 0 ? order : compare_kmas(left, right);
}

uint32_t candidate_repetition(const struct candidate *candidate)
{
    for (uint32_t i = 1; i < candidate->length; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (candidate->kmas[i] == candidate->kmas[j])
                return i;
        }
    }
    return candidate->length;
}
