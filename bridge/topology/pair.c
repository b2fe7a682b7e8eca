/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/pair.h"

#include <assert.h>
#include <string.h>

#include "topology/subset.h"

/* One request under way. */
struct pairing {
    const struct network *network;
    const struct paths_request *request;
    enum disjointness disjointness;
    struct arena *arena;  /* of the answer */
    struct arena scratch; /* cleared before each search */
    struct pair_answer *answer;
    struct path *first;  /* the best path by itself */
    struct path pair[2]; /* the best pair so far */
    bool paired;
    uint64_t steps_max;
};

/* ---- pairs ---- */

static uint64_t narrowness_of(const struct pairing *pairing, const struct path *path)
{
    return edge_narrowness(&pairing->network->edges[path->bottleneck]);
}

static uint64_t narrowness_of_pair(const struct pairing *pairing, const struct path *pair)
{
    uint64_t left = narrowness_of(pairing, &pair[0]), right = narrowness_of(pairing, &pair[1]);
    return left > right ? left : right;
}

static struct candidate candidate_of(const struct pairing *pairing, const struct path *path)
{
    return (struct candidate){ .kmas = path->kmas,
                               .length = (uint32_t)path->length,
                               .cost = path->cost,
                               .narrowness = narrowness_of(pairing, path) };
}

/* By the metric; where the KMAs are the same, by links. */
static int compare_paths(const struct pairing *pairing, const struct path *left, const struct path *right)
{
    struct candidate a = candidate_of(pairing, left), b = candidate_of(pairing, right);
    int order = candidate_compare(pairing->request->metric, &a, &b);
    for (size_t i = 0; order == 0 && i + 1 < left->length; i++)
        order = (left->links[i] > right->links[i]) - (left->links[i] < right->links[i]);
    return order;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* As two paths are compared, by what the two have together; then path by path. */
static bool is_better_pair(const struct pairing *pairing, const struct path *left, const struct path *right)
{
    int by_cost = compare_numbers(left[0].cost + left[1].cost, right[0].cost + right[1].cost);
    int by_narrowness =
        compare_numbers(narrowness_of_pair(pairing, left), narrowness_of_pair(pairing, right));
    int order = pairing->request->metric == PATHS_WIDEST ? by_narrowness : by_cost;
    if (order == 0 && pairing->request->metric != PATHS_SHORTEST)
        order = pairing->request->metric == PATHS_WIDEST ? by_cost : by_narrowness;
    if (order == 0)
        order = compare_numbers(left[0].length + left[1].length, right[0].length + right[1].length);
    for (int i = 0; order == 0 && i < 2; i++)
        order = compare_paths(pairing, &left[i], &right[i]);
    return order < 0;
}

static uint32_t hops_max(const struct pairing *pairing)
{
    return pairing->request->hops_max != 0 ? pairing->request->hops_max : PATHS_HOPS_MAX;
}

static bool fits(const struct pairing *pairing, const struct path *pair)
{
    return pair[0].length - 1 <= hops_max(pairing) && pair[1].length - 1 <= hops_max(pairing);
}

/* Keeps the pair if it is the best so far. */
static void consider(struct pairing *pairing, const struct path *one, const struct path *other)
{
    bool in_order = compare_paths(pairing, one, other) <= 0;
    struct path pair[2] = { in_order ? *one : *other, in_order ? *other : *one };
    if (pairing->paired && !is_better_pair(pairing, pair, pairing->pair))
        return;
    memcpy(pairing->pair, pair, sizeof pair);
    pairing->paired = true;
}

/* ---- of the whole network ---- */

static bool solve(struct pairing *pairing, uint64_t narrowness_max, enum disjoint_order order,
                  struct disjoint_ways *out_ways)
{
    const struct path *first = pairing->first;
    struct disjoint_problem problem = { .network = pairing->network,
                                        .rejections = pairing->answer->paths.rejections,
                                        .source = first->kmas[0],
                                        .destination = first->kmas[first->length - 1],
                                        .disjointness = pairing->disjointness,
                                        .order = order,
                                        .narrowness_max = narrowness_max };
    arena_clear(&pairing->scratch);
    if (!disjoint_find(&problem, &pairing->scratch, out_ways))
        return false;
    pairing->answer->paths.steps += out_ways->steps;
    return true;
}

static uint32_t *copy_numbers(struct pairing *pairing, const uint32_t *numbers, size_t count)
{
    uint32_t *copy = arena_allocate(pairing->arena, count * sizeof *copy);
    if (copy != NULL && count > 0)
        memcpy(copy, numbers, count * sizeof *copy);
    return copy;
}

/* From the scratch arena to the answer's. */
static bool take_ways(struct pairing *pairing, const struct disjoint_ways *ways, struct path *out_pair)
{
    for (int i = 0; i < 2; i++) {
        const struct disjoint_way *way = &ways->ways[i];
        out_pair[i] = (struct path){ .kmas = copy_numbers(pairing, way->kmas, way->length),
                                     .length = way->length,
                                     .links = copy_numbers(pairing, way->links, way->length - 1) };
        if (out_pair[i].kmas == NULL || out_pair[i].links == NULL ||
            !path_describe(pairing->network, pairing->arena, &out_pair[i]))
            return false;
    }
    return true;
}

/* Of the links that may be used: the least narrowness above `floor`; `ceiling`: there is none below it. */
static uint64_t next_narrowness(const struct pairing *pairing, uint64_t floor, uint64_t ceiling)
{
    const uint8_t *rejections = pairing->answer->paths.rejections;
    uint64_t next = ceiling;
    for (uint32_t i = 0; i < pairing->network->edge_count; i++) {
        uint64_t narrowness = edge_narrowness(&pairing->network->edges[i]);
        if (rejections[i] == REJECTION_NONE && narrowness > floor && narrowness < next)
            next = narrowness;
    }
    return next;
}

static bool has_work_left(struct pairing *pairing)
{
    if (pairing->answer->paths.steps < pairing->steps_max)
        return true;
    pairing->answer->paths.complete = false;
    return false;
}

/*
 * Bisects the narrowness that a pair needs: over links that are less narrow than the best pair's there is a
 * pair as cheap (with PATHS_WIDEST, any), or not even over those up to `low`.
 */
static bool widen(struct pairing *pairing)
{
    struct path *best = pairing->pair, wider[2];
    uint64_t cost = best[0].cost + best[1].cost;
    bool any_cost = pairing->request->metric == PATHS_WIDEST;
    uint64_t low = next_narrowness(pairing, 0, UINT64_MAX), high = narrowness_of_pair(pairing, best);
    while (low < high && has_work_left(pairing)) {
        struct disjoint_ways ways;
        uint64_t middle = low + (high - low) / 2;
        if (!solve(pairing, middle, DISJOINT_COST_FIRST, &ways))
            return false;
        if (ways.count < 2 || (!any_cost && ways.cost > cost)) {
            low = next_narrowness(pairing, middle, high);
            continue;
        }
        if (!take_ways(pairing, &ways, wider))
            return false;
        consider(pairing, &wider[0], &wider[1]);
        assert(narrowness_of_pair(pairing, best) <= middle);
        high = narrowness_of_pair(pairing, best);
    }
    return true;
}

/* ---- of few hops ---- */

struct avoided {
    struct text *kma_ids, *link_ids;
    size_t kma_id_count, link_id_count;
};

/* What `first` leaves to a second path, beside what the request avoids: links one by one, or KMAs, and of the
   direct way all links between the ends. */
static bool avoid_first(struct pairing *pairing, const struct path *first, struct avoided *out_avoided)
{
    const struct paths_request *request = pairing->request;
    const struct network *network = pairing->network;
    bool direct = first->length == 2 && pairing->disjointness == DISJOINT_KMAS;
    uint32_t source = first->kmas[0];
    size_t arcs = network->first_arc[source + 1] - network->first_arc[source];
    struct avoided avoided = {
        .kma_ids = arena_allocate(pairing->arena,
                                  (request->avoid_kma_id_count + first->length) * sizeof(struct text)),
        .link_ids = arena_allocate(pairing->arena, (request->avoid_link_id_count + first->length + arcs) *
                                                       sizeof(struct text))
    };
    if (avoided.kma_ids == NULL || avoided.link_ids == NULL)
        return false;
    for (; avoided.kma_id_count < request->avoid_kma_id_count; avoided.kma_id_count++)
        avoided.kma_ids[avoided.kma_id_count] = request->avoid_kma_ids[avoided.kma_id_count];
    for (; avoided.link_id_count < request->avoid_link_id_count; avoided.link_id_count++)
        avoided.link_ids[avoided.link_id_count] = request->avoid_link_ids[avoided.link_id_count];
    for (size_t i = 1; pairing->disjointness == DISJOINT_KMAS && i + 1 < first->length; i++)
        avoided.kma_ids[avoided.kma_id_count++] = first->kma_ids[i];
    for (size_t i = 0; pairing->disjointness == DISJOINT_LINKS && i + 1 < first->length; i++)
        avoided.link_ids[avoided.link_id_count++] = network->edges[first->links[i]].id;
    for (uint32_t i = network->first_arc[source]; direct && i < network->first_arc[source + 1]; i++) {
        if (network->arcs[i].to == first->kmas[1])
            avoided.link_ids[avoided.link_id_count++] = network->edges[network->arcs[i].link].id;
    }
    *out_avoided = avoided;
    return true;
}

/* The best path that goes with `first`; *proven is cleared when the limit of work was reached. */
static bool match(struct pairing *pairing, const struct path *first, bool *proven)
{
    struct paths_request request = *pairing->request;
    struct avoided avoided;
    struct paths_answer second;
    struct paths_fault fault;
    if (!has_work_left(pairing)) {
        *proven = false;
        return true;
    }
    if (!avoid_first(pairing, first, &avoided))
        return false;
    request.avoid_kma_ids = avoided.kma_ids;
    request.avoid_kma_id_count = avoided.kma_id_count;
    request.avoid_link_ids = avoided.link_ids;
    request.avoid_link_id_count = avoided.link_id_count;
    request.rejected_max = 0;
    request.steps_max = pairing->steps_max - pairing->answer->paths.steps;
    enum paths_status status = paths_find(pairing->network, &request, pairing->arena, &second, &fault);
    if (status != PATHS_OK)
        return false;
    pairing->answer->paths.steps += second.steps;
    *proven = *proven && second.complete;
    if (second.count > 0)
        consider(pairing, first, &second.paths[0]);
    return true;
}

/*
 * Of any pair the cheaper path is among the best single ones, and costs half at most: once the next best
 * costs more than half of the best pair, no better pair follows.
 */
static bool match_all(struct pairing *pairing, bool *out_proven)
{
    struct paths_request request = *pairing->request;
    struct paths_answer firsts;
    struct paths_fault fault;
    bool proven = true;
    request.k = PATHS_K_MAX;
    request.rejected_max = 0;
    if (paths_find(pairing->network, &request, pairing->arena, &firsts, &fault) != PATHS_OK)
        return false;
    pairing->answer->paths.steps += firsts.steps;
    for (size_t i = 0; i < firsts.count; i++) {
        if (!match(pairing, &firsts.paths[i], &proven))
            return false;
    }
    bool all = firsts.complete && firsts.count < PATHS_K_MAX;
    bool enough = pairing->paired &&
                  2 * firsts.paths[firsts.count - 1].cost >= pairing->pair[0].cost + pairing->pair[1].cost;
    *out_proven = proven && (all || (enough && request.metric == PATHS_SHORTEST));
    return true;
}

/* The best pair of the whole network has too many hops; `cheapest` perhaps has not. */
static bool find_within_hops(struct pairing *pairing, const struct path *cheapest)
{
    struct disjoint_ways ways;
    struct path pair[2];
    bool proven;
    pairing->paired = false;
    if (fits(pairing, cheapest))
        consider(pairing, &cheapest[0], &cheapest[1]);
    if (!solve(pairing, UINT64_MAX, DISJOINT_HOPS_FIRST, &ways) || !take_ways(pairing, &ways, pair))
        return false;
    pairing->answer->lack = PAIR_LACKS_HOPS;
    if (ways.hops > 2 * (uint64_t)hops_max(pairing))
        return true;
    if (fits(pairing, pair))
        consider(pairing, &pair[0], &pair[1]);
    if (!match_all(pairing, &proven))
        return false;
    if (!pairing->paired && !proven)
        pairing->answer->lack = PAIR_LACKS_WORK;
    /* Which of parallel links each takes was not tried: only by cost alone does it make no difference. */
    pairing->answer->paths.complete =
        proven && (!pairing->paired || pairing->request->metric == PATHS_SHORTEST);
    return true;
}

/* ---- all of it ---- */

static bool tell_shared(struct pairing *pairing, const struct disjoint_ways *ways)
{
    struct pair_answer *answer = pairing->answer;
    answer->shared_links = copy_numbers(pairing, ways->shared_links, ways->shared_link_count);
    answer->shared_link_count = ways->shared_link_count;
    answer->shared_kmas = copy_numbers(pairing, ways->shared_kmas, ways->shared_kma_count);
    answer->shared_kma_count = ways->shared_kma_count;
    answer->lack = pairing->disjointness == DISJOINT_LINKS ? PAIR_SHARES_LINKS
                   : ways->shared_kma_count > 0            ? PAIR_SHARES_KMAS
                                                           : PAIR_IS_ADJACENT;
    return answer->shared_links != NULL && answer->shared_kmas != NULL;
}

static bool find_second(struct pairing *pairing)
{
    struct disjoint_ways ways;
    struct path pair[2];
    if (!solve(pairing, UINT64_MAX, DISJOINT_COST_FIRST, &ways))
        return false;
    assert(ways.count > 0);
    if (ways.count == 1)
        return tell_shared(pairing, &ways);
    if (!take_ways(pairing, &ways, pair))
        return false;
    consider(pairing, &pair[0], &pair[1]);
    if (pairing->request->metric != PATHS_SHORTEST && !widen(pairing))
        return false;
    return fits(pairing, pairing->pair) || find_within_hops(pairing, pair);
}

static bool tell_pair(struct pairing *pairing)
{
    struct path *paths = arena_allocate(pairing->arena, sizeof pairing->pair);
    if (paths == NULL)
        return false;
    memcpy(paths, pairing->pair, sizeof pairing->pair);
    pairing->answer->paths.paths = paths;
    pairing->answer->paths.count = 2;
    pairing->answer->lack = PAIR_LACKS_NONE;
    return true;
}

enum paths_status pair_find(const struct network *network, const struct paths_request *request,
                            enum disjointness disjointness, struct arena *arena,
                            struct pair_answer *out_answer, struct paths_fault *out_fault)
{
    assert(request->k == 1 && request->require_kma_id_count == 0);
    struct pair_answer answer = { .lack = PAIR_LACKS_BOTH };
    enum paths_status status = paths_find(network, request, arena, &answer.paths, out_fault);
    if (status != PATHS_OK)
        return status;
    struct pairing pairing = { .network = network,
                               .request = request,
                               .disjointness = disjointness,
                               .arena = arena,
                               .answer = &answer,
                               .first = answer.paths.paths,
                               .steps_max =
                                   request->steps_max != 0 ? request->steps_max : PATHS_STEPS_DEFAULT };
    arena_init(&pairing.scratch, &arena->memory);
    bool told = answer.paths.count == 0 || find_second(&pairing);
    arena_fini(&pairing.scratch);
    if (!told || (pairing.paired && !tell_pair(&pairing)))
        return PATHS_NO_MEMORY;
    *out_answer = answer;
    return PATHS_OK;
}
