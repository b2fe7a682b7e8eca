/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/paths.h"

#include <assert.h>
#include <string.h>

#include "topology/subset.h"

/* One request under way. */
struct finding {
    struct quest quest;
    const struct paths_request *request;
    uint8_t *rejections;
    struct candidate **waiting; /* the best last */
    size_t waiting_count, waiting_capacity;
};

/* ---- what the request names ---- */

struct naming {
    const struct network *network;
    struct arena *arena;
    struct paths_fault *fault;
};

static enum paths_status find_kma(const struct naming *naming, struct text kma_id, enum paths_member member,
                                  size_t index, uint32_t *out_kma)
{
    if (network_find_kma(naming->network, kma_id, out_kma))
        return PATHS_OK;
    *naming->fault = (struct paths_fault){ member, index };
    return PATHS_KMA_UNKNOWN;
}

static enum paths_status find_kmas(const struct naming *naming, const struct text *kma_ids, size_t count,
                                   enum paths_member member, const uint32_t **out_kmas)
{
    uint32_t *kmas = arena_allocate(naming->arena, count * sizeof *kmas);
    enum paths_status status = kmas != NULL ? PATHS_OK : PATHS_NO_MEMORY;
    for (size_t i = 0; i < count && status == PATHS_OK; i++)
        status = find_kma(naming, kma_ids[i], member, i, &kmas[i]);
    *out_kmas = kmas;
    return status;
}

static enum paths_status find_links(const struct naming *naming, const struct paths_request *request,
                                    const uint32_t **out_links)
{
    size_t count = request->avoid_link_id_count;
    uint32_t *links = arena_allocate(naming->arena, count * sizeof *links);
    if (links == NULL)
        return PATHS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (!network_find_link(naming->network, request->avoid_link_ids[i], &links[i])) {
            *naming->fault = (struct paths_fault){ PATHS_AVOID_LINKS, i };
            return PATHS_LINK_UNKNOWN;
        }
    }
    *out_links = links;
    return PATHS_OK;
}

static bool is_among(uint32_t number, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == number)
            return true;
    }
    return false;
}

/* Each once, without the ends, which every path visits. */
static enum paths_status take_required(const struct naming *naming, const struct paths_request *request,
                                       const struct constraints *constraints, struct quest *quest)
{
    const uint32_t *kmas;
    enum paths_status status =
        find_kmas(naming, request->require_kma_ids, request->require_kma_id_count, PATHS_REQUIRE_KMAS, &kmas);
    for (size_t i = 0; status == PATHS_OK && i < request->require_kma_id_count; i++) {
        if (is_among(kmas[i], constraints->avoid_kmas, constraints->avoid_kma_count)) {
            *naming->fault = (struct paths_fault){ PATHS_REQUIRE_KMAS, i };
            return PATHS_REQUIRED_AVOIDED;
        }
        if (kmas[i] != quest->source && kmas[i] != quest->destination &&
            !is_among(kmas[i], quest->required, quest->required_count))
            quest->required[quest->required_count++] = kmas[i];
    }
    return status;
}

static enum paths_status resolve(const struct naming *naming, const struct paths_request *request,
                                 struct constraints *constraints, struct quest *quest)
{
    enum paths_status status = find_kma(naming, request->source_kma_id, PATHS_SOURCE, 0, &quest->source);
    if (status == PATHS_OK)
        status = find_kma(naming, request->destination_kma_id, PATHS_DESTINATION, 0, &quest->destination);
    if (status == PATHS_OK)
        status = find_kmas(naming, request->avoid_kma_ids, request->avoid_kma_id_count, PATHS_AVOID_KMAS,
                           &constraints->avoid_kmas);
    constraints->avoid_kma_count = request->avoid_kma_id_count;
    if (status == PATHS_OK)
        status = find_links(naming, request, &constraints->avoid_links);
    constraints->avoid_link_count = request->avoid_link_id_count;
    if (status == PATHS_OK)
        status = take_required(naming, request, constraints, quest);
    if (status != PATHS_OK)
        return status;
    if (quest->source == quest->destination)
        return PATHS_SAME_KMA;
    for (size_t i = 0; i < constraints->avoid_kma_count; i++) {
        if (constraints->avoid_kmas[i] == quest->source || constraints->avoid_kmas[i] == quest->destination) {
            *naming->fault = (struct paths_fault){ PATHS_AVOID_KMAS, i };
            return PATHS_END_AVOIDED;
        }
    }
    return PATHS_OK;
}

/* ---- what remains, from each KMA on ---- */

/* The network has no directions: what leads from the destination leads to it. */
static enum search_status look_back(struct quest *quest, enum measure measure)
{
    uint32_t label;
    struct search_problem problem = { .measure = measure,
                                      .from = quest->destination,
                                      .to = NO_KMA,
                                      .relaxed = true,
                                      .straight = true,
                                      .narrowness_max = UINT64_MAX };
    search_open_all(&quest->search);
    return search_run(&quest->search, &problem, &label);
}

static enum search_status measure_weights(struct quest *quest, enum measure measure,
                                          const uint64_t **out_to_go)
{
    size_t count = quest->network->node_count;
    uint64_t *to_go = arena_allocate(quest->arena, count * sizeof *to_go);
    if (to_go == NULL)
        return SEARCH_NO_MEMORY;
    enum search_status status = look_back(quest, measure);
    for (uint32_t i = 0; status == SEARCH_FOUND && i < count; i++) {
        const struct label *label = search_label_at(&quest->search, i);
        to_go[i] = label != NULL ? label->weight.first : UINT64_MAX;
    }
    *out_to_go = to_go;
    return status;
}

static enum search_status measure_hops(struct quest *quest)
{
    size_t count = quest->network->node_count;
    quest->hops_to_go = arena_allocate(quest->arena, count * sizeof *quest->hops_to_go);
    if (quest->hops_to_go == NULL)
        return SEARCH_NO_MEMORY;
    enum search_status status = look_back(quest, MEASURE_HOPS);
    for (uint32_t i = 0; status == SEARCH_FOUND && i < count; i++) {
        const struct label *label = search_label_at(&quest->search, i);
        quest->hops_to_go[i] = label != NULL ? label->hops : UINT32_MAX;
    }
    return status;
}

/* Worth its while only when many searches follow. */
static enum search_status measure_all(struct quest *quest)
{
    enum search_status status = measure_hops(quest);
    if (status == SEARCH_FOUND)
        status = measure_weights(quest, MEASURE_COST, &quest->cost_to_go);
    if (status == SEARCH_FOUND && quest->metric == PATHS_WIDEST)
        status = measure_weights(quest, MEASURE_NARROWNESS, &quest->narrowness_to_go);
    return status;
}

/* ---- candidates ---- */

static enum search_status wait(struct finding *finding, const struct candidate *found)
{
    if (finding->waiting_count == finding->waiting_capacity)
        return SEARCH_EXHAUSTED;
    struct candidate *candidate = arena_allocate(finding->quest.arena, sizeof *candidate);
    if (candidate == NULL)
        return SEARCH_NO_MEMORY;
    *candidate = *found;
    size_t low = 0, high = finding->waiting_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (candidate_compare(finding->quest.metric, candidate, finding->waiting[middle]) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    memmove(finding->waiting + low + 1, finding->waiting + low,
            (finding->waiting_count - low) * sizeof(struct candidate *));
    finding->waiting[low] = candidate;
    finding->waiting_count++;
    return SEARCH_FOUND;
}

static enum search_status look_into(struct finding *finding, const struct subset *subset)
{
    struct candidate found;
    enum search_status status = subset_bound(&finding->quest, subset, &found);
    return status == SEARCH_FOUND ? wait(finding, &found) : status;
}

static bool is_closed(const struct subset *subset, uint32_t kma)
{
    return is_among(kma, subset->prefix, subset->prefix_length) ||
           is_among(kma, subset->not_next, subset->not_next_count);
}

/* By the first step alone, where the cost that remains is known; most subsets need then not be searched. */
static enum search_status guess(struct finding *finding, const struct subset *subset, uint64_t prefix_cost)
{
    const struct quest *quest = &finding->quest;
    const struct network *network = quest->network;
    const uint32_t last = subset->prefix[subset->prefix_length - 1];
    uint64_t least = UINT64_MAX;
    for (uint32_t i = network->first_arc[last]; i < network->first_arc[last + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        const uint64_t to_go = quest->cost_to_go[arc->to];
        if (quest->search.rejections[arc->link] != REJECTION_NONE || to_go == UINT64_MAX ||
            is_closed(subset, arc->to))
            continue;
        const uint64_t cost = prefix_cost + network->edges[arc->link].cost + to_go;
        least = cost < least ? cost : least;
    }
    const struct candidate candidate = { .subset = *subset, .cost = least, .is_guess = true };
    return least == UINT64_MAX ? SEARCH_NONE : wait(finding, &candidate);
}

/*
 * Lawler: what else is in the candidate's subset parts from it after some KMA from the prefix's last on, and
 * goes on otherwise than it does. What follows it into a repetition is no path.
 */
static enum search_status part(struct finding *finding, const struct candidate *candidate,
                               uint32_t repetition)
{
    uint32_t end = repetition < candidate->length ? repetition + 1 : candidate->length;
    const struct quest *quest = &finding->quest;
    const bool is_known = finding->request->cost_to_go != NULL;
    uint64_t cost = 0;
    for (uint32_t i = 0; is_known && i + 1 < candidate->subset.prefix_length; i++)
        cost += quest->network->edges[candidate_link(quest, candidate, i)].cost;
    for (uint32_t length = candidate->subset.prefix_length; length < end; length++) {
        size_t before = length == candidate->subset.prefix_length ? candidate->subset.not_next_count : 0;
        uint32_t *not_next = arena_allocate(finding->quest.arena, (before + 1) * sizeof *not_next);
        if (not_next == NULL)
            return SEARCH_NO_MEMORY;
        if (before > 0)
            memcpy(not_next, candidate->subset.not_next, before * sizeof *not_next);
        not_next[before] = candidate->kmas[length];
        struct subset subset = { candidate->kmas, length, not_next, before + 1 };
        enum search_status status = is_known ? guess(finding, &subset, cost) : look_into(finding, &subset);
        if (status == SEARCH_EXHAUSTED || status == SEARCH_NO_MEMORY)
            return status;
        if (is_known)
            cost += quest->network->edges[candidate_link(quest, candidate, length - 1)].cost;
    }
    return SEARCH_FOUND;
}

bool path_describe(const struct network *network, struct arena *arena, struct path *path)
{
    path->kma_ids = arena_allocate(arena, path->length * sizeof *path->kma_ids);
    if (path->kma_ids == NULL)
        return false;
    path->cost = 0;
    for (size_t i = 0; i < path->length; i++)
        path->kma_ids[i] = network->nodes[path->kmas[i]].id;
    for (size_t i = 0; i + 1 < path->length; i++) {
        const struct edge *edge = &network->edges[path->links[i]];
        path->cost += edge->cost;
        if (i == 0 || edge_narrowness(edge) > edge_narrowness(&network->edges[path->bottleneck]))
            path->bottleneck = path->links[i];
    }
    return true;
}

static bool take_path(struct finding *finding, const struct candidate *candidate, struct path *out_path)
{
    struct quest *quest = &finding->quest;
    struct path path = { .kmas = candidate->kmas, .length = candidate->length };
    path.links = arena_allocate(quest->arena, path.length * sizeof *path.links);
    if (path.links == NULL)
        return false;
    for (uint32_t i = 0; i + 1 < path.length; i++)
        path.links[i] = candidate_link(quest, candidate, i);
    if (!path_describe(quest->network, quest->arena, &path))
        return false;
    assert(path.cost == candidate->cost);
    *out_path = path;
    return true;
}

/* All other paths lead through the same blocks. False: out of memory. */
static bool keep_to_blocks(struct finding *finding, const struct path *best)
{
    struct quest *quest = &finding->quest;
    const uint32_t *blocks = finding->request->blocks;
    const size_t links = quest->network->edge_count;
    uint8_t *rejections = arena_allocate(quest->arena, links);
    uint8_t *leads_through = arena_allocate(quest->arena, quest->network->node_count + (size_t)1);
    if (rejections == NULL || leads_through == NULL)
        return false;
    memset(leads_through, 0, quest->network->node_count + (size_t)1);
    for (size_t i = 0; i + 1 < best->length; i++)
        leads_through[blocks[best->links[i]]] = 1;
    for (size_t i = 0; i < links; i++)
        rejections[i] = leads_through[blocks[i]] ? finding->rejections[i] : (uint8_t)REJECTION_LINK_SPARED;
    quest->search.rejections = rejections;
    return true;
}

/* What is sought beside the best is not worth any work. False: out of memory. */
static bool limit_further(struct finding *finding, const struct path *best)
{
    struct search *search = &finding->quest.search;
    const uint64_t further = finding->request->further_steps_max;
    if (further != 0 && further < search->steps_max - search->steps)
        search->steps_max = search->steps + further;
    return finding->request->blocks == NULL || keep_to_blocks(finding, best);
}

/* A guess that is the best becomes a bound; a bound becomes a way; a way that is the best is a path, unless
 * it repeats a KMA. */
static enum search_status take_best(struct finding *finding, struct paths_answer *answer)
{
    struct candidate *best = finding->waiting[--finding->waiting_count];
    if (best->is_guess)
        return look_into(finding, &best->subset);
    if (best->kmas == NULL) {
        enum search_status status = subset_settle(&finding->quest, best);
        return status == SEARCH_FOUND ? wait(finding, best) : status;
    }
    uint32_t repetition = candidate_repetition(best);
    if (repetition == best->length && !take_path(finding, best, &answer->paths[answer->count++]))
        return SEARCH_NO_MEMORY;
    if (answer->count == finding->request->k)
        return SEARCH_FOUND;
    if (answer->count == 1 && repetition == best->length && !limit_further(finding, &answer->paths[0]))
        return SEARCH_NO_MEMORY;
    return part(finding, best, repetition);
}

/* Best first, until there are k of them, or no more. */
static enum search_status take_paths(struct finding *finding, struct paths_answer *answer)
{
    struct subset all = { &finding->quest.source, 1, NULL, 0 };
    enum search_status status = look_into(finding, &all);
    while (status != SEARCH_EXHAUSTED && status != SEARCH_NO_MEMORY && finding->waiting_count > 0 &&
           answer->count < finding->request->k)
        status = take_best(finding, answer);
    return status;
}

/* ---- why not ---- */

static bool tell_rejected(const struct finding *finding, struct paths_answer *answer)
{
    size_t room = finding->request->rejected_max;
    answer->rejected = arena_allocate(finding->quest.arena, room * sizeof *answer->rejected);
    if (answer->rejected == NULL)
        return false;
    for (uint32_t i = 0; i < finding->quest.network->edge_count; i++) {
        if (finding->rejections[i] == REJECTION_NONE)
            continue;
        if (answer->rejected_count < room)
            answer->rejected[answer->rejected_count] =
                (struct rejected_link){ i, (enum rejection)finding->rejections[i] };
        answer->rejected_count++;
    }
    answer->rejections = finding->rejections;
    return true;
}

static bool end_is_disabled(const struct finding *finding, struct paths_answer *answer)
{
    const uint32_t ends[] = { finding->quest.source, finding->quest.destination };
    for (int i = 0; i < 2; i++) {
        if (finding->quest.network->nodes[ends[i]].enabled)
            continue;
        answer->kma_id = finding->quest.network->nodes[ends[i]].id;
        answer->none = PATHS_NONE_KMA_DISABLED;
        return true;
    }
    return false;
}

/* Small enough to be done whatever the work so far. */
static enum search_status explain_none(struct finding *finding, struct paths_answer *answer)
{
    struct quest *quest = &finding->quest;
    if (end_is_disabled(finding, answer))
        return SEARCH_FOUND;
    quest->search.steps_max = UINT64_MAX;
    enum search_status status = measure_hops(quest);
    if (status != SEARCH_FOUND)
        return status;
    uint32_t hops = quest->hops_to_go[quest->source];
    if (hops > quest->hops_max && hops != UINT32_MAX) {
        answer->none = PATHS_NONE_HOPS;
    } else if (hops != UINT32_MAX) {
        answer->none = quest->required_count > 0 ? PATHS_NONE_REQUIRED : PATHS_NONE_WORK;
    } else {
        quest->search.rejections = NULL;
        status = look_back(quest, MEASURE_HOPS);
        answer->none = search_label_at(&quest->search, quest->source) != NULL ? PATHS_NONE_LINKS
                                                                              : PATHS_NONE_NOT_CONNECTED;
    }
    return status;
}

/* ---- all of it ---- */

static bool prepare(struct finding *finding, const struct constraints *constraints,
                    struct paths_answer *answer)
{
    struct quest *quest = &finding->quest;
    const struct paths_request *request = finding->request;
    finding->rejections = arena_allocate(quest->arena, quest->network->edge_count);
    answer->paths = arena_allocate(quest->arena, request->k * sizeof *answer->paths);
    finding->waiting_capacity =
        quest->required_count > 0 ? PATHS_CANDIDATES_MAX : PATHS_K_MAX * (size_t)LIMIT_PATH_KMAS;
    finding->waiting = arena_allocate(quest->arena, finding->waiting_capacity * sizeof(struct candidate *));
    if (finding->rejections == NULL || answer->paths == NULL || finding->waiting == NULL)
        return false;
    selection_make(quest->network, constraints, finding->rejections);
    quest->metric = request->metric;
    quest->hops_max = request->hops_max != 0 ? request->hops_max : PATHS_HOPS_MAX;
    if (!search_init(&quest->search, quest->network, &quest->arena->memory, quest->required_count))
        return false;
    quest->search.rejections = finding->rejections;
    quest->search.steps_max = request->steps_max != 0 ? request->steps_max : PATHS_STEPS_DEFAULT;
    return true;
}

static enum search_status seek(struct finding *finding, struct paths_answer *answer)
{
    struct quest *quest = &finding->quest;
    const bool is_known = finding->request->cost_to_go != NULL;
    const bool is_much = finding->request->k > 1 || quest->required_count > 0;
    quest->cost_to_go = finding->request->cost_to_go;
    enum search_status status = is_much && !is_known ? measure_all(quest) : SEARCH_FOUND;
    if (status == SEARCH_FOUND)
        status = take_paths(finding, answer);
    answer->complete = status != SEARCH_EXHAUSTED;
    answer->steps = quest->search.steps;
    if (answer->count > 0 || status == SEARCH_NO_MEMORY)
        return status;
    answer->none = PATHS_NONE_WORK;
    return status == SEARCH_EXHAUSTED ? status : explain_none(finding, answer);
}

enum paths_status paths_find(const struct network *network, const struct paths_request *request,
                             struct arena *arena, struct paths_answer *out_answer,
                             struct paths_fault *out_fault)
{
    assert(request->k >= 1 && request->k <= PATHS_K_MAX && request->hops_max <= PATHS_HOPS_MAX);
    assert(request->require_kma_id_count <= PATHS_REQUIRED_MAX);
    assert(request->cost_to_go == NULL ||
           (request->metric != PATHS_WIDEST && request->require_kma_id_count == 0));
    static_assert((int)PATHS_REQUIRED_MAX == (int)SEARCH_REQUIRED_MAX, "what is asked for can be sought");
    struct finding finding = { .quest = { .network = network, .arena = arena }, .request = request };
    struct constraints constraints = { .key_stock_min = request->key_stock_min,
                                       .unknown_stock_does = request->unknown_stock_does,
                                       .spare_avoided = request->spare_avoided };
    struct paths_answer answer = { .complete = true };
    struct naming naming = { network, arena, out_fault };
    enum paths_status resolved = resolve(&naming, request, &constraints, &finding.quest);
    if (resolved != PATHS_OK)
        return resolved;
    if (!prepare(&finding, &constraints, &answer))
        return PATHS_NO_MEMORY;
    bool told = seek(&finding, &answer) != SEARCH_NO_MEMORY && tell_rejected(&finding, &answer);
    search_fini(&finding.quest.search);
    if (!told)
        return PATHS_NO_MEMORY;
    *out_answer = answer;
    return PATHS_OK;
}

enum paths_status paths_find_sparing(const struct network *network, const struct paths_request *request,
                                     struct arena *arena, struct paths_answer *out_answer,
                                     struct paths_fault *out_fault)
{
    struct paths_request sparing = *request;
    struct paths_answer answer;
    sparing.spare_avoided = request->metric == PATHS_WIDEST;
    const enum paths_status status = paths_find(network, &sparing, arena, &answer, out_fault);
    if (status != PATHS_OK || answer.count > 0 || !sparing.spare_avoided) {
        if (status == PATHS_OK)
            *out_answer = answer;
        return status;
    }
    return paths_find(network, request, arena, out_answer, out_fault);
}
