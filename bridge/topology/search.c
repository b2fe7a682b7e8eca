/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/search.h"

#include <assert.h>
#include <string.h>

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare_weights(struct weight left, struct weight right)
{
    int order = compare_numbers(left.first, right.first);
    return order != 0 ? order : compare_numbers(left.second, right.second);
}

static uint64_t greater(uint64_t left, uint64_t right)
{
    return left > right ? left : right;
}

/* ---- memory ---- */

static uint32_t *new_numbers(const struct memory *memory, size_t count)
{
    return memory_allocate(memory, (count + 1) * sizeof(uint32_t));
}

static void release_numbers(const struct memory *memory, uint32_t *numbers, size_t count)
{
    memory_release(memory, numbers, (count + 1) * sizeof(uint32_t));
}

bool search_init(struct search *search, const struct network *network, const struct memory *memory,
                 size_t required_count)
{
    assert(required_count <= SEARCH_REQUIRED_MAX);
    *search = (struct search){ .network = network, .memory = memory, .closing = 1, .steps_max = UINT64_MAX };
    search->state_count = (size_t)network->node_count << required_count;
    search->labels_at = new_numbers(memory, search->state_count);
    search->run_at = new_numbers(memory, search->state_count);
    search->closed_at = new_numbers(memory, network->node_count);
    if (search->labels_at != NULL && search->run_at != NULL && search->closed_at != NULL)
        return true;
    search_fini(search);
    return false;
}

void search_fini(struct search *search)
{
    release_numbers(search->memory, search->labels_at, search->state_count);
    release_numbers(search->memory, search->run_at, search->state_count);
    release_numbers(search->memory, search->closed_at, search->network->node_count);
    memory_release(search->memory, search->labels, search->label_capacity * sizeof *search->labels);
    memory_release(search->memory, search->queue, search->queue_capacity * sizeof *search->queue);
    search->labels = NULL;
    search->queue = search->labels_at = search->run_at = search->closed_at = NULL;
    search->label_capacity = search->queue_capacity = 0;
}

/* Room for one more of `bytes` each; false: out of memory, nothing changed. */
static bool make_room(const struct memory *memory, void **items, size_t bytes, size_t count, size_t *capacity)
{
    enum { CAPACITY_FIRST = 256 };
    if (count < *capacity)
        return true;
    size_t larger = *capacity == 0 ? CAPACITY_FIRST : 2 * *capacity;
    void *moved = memory_allocate(memory, larger * bytes);
    if (moved == NULL)
        return false;
    if (count > 0)
        memcpy(moved, *items, count * bytes);
    memory_release(memory, *items, *capacity * bytes);
    *items = moved;
    *capacity = larger;
    return true;
}

/* ---- closed KMAs ---- */

void search_open_all(struct search *search)
{
    search->closing++;
}

void search_close(struct search *search, uint32_t kma)
{
    search->closed_at[kma] = search->closing;
}

/* ---- the queue of labels that are not settled ---- */

static bool comes_before(const struct search *search, uint32_t left, uint32_t right)
{
    const struct label *a = &search->labels[left], *b = &search->labels[right];
    int order = compare_weights(a->bound, b->bound);
    if (order != 0)
        return order < 0;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return left < right;
}

static void queue_insert(struct search *search, uint32_t label)
{
    size_t at = search->queue_count++;
    while (at > 0 && comes_before(search, label, search->queue[(at - 1) / 2])) {
        search->queue[at] = search->queue[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    search->queue[at] = label;
}

static uint32_t queue_take_first(struct search *search)
{
    uint32_t first = search->queue[0], last = search->queue[--search->queue_count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < search->queue_count) {
        if (child + 1 < search->queue_count &&
            comes_before(search, search->queue[child + 1], search->queue[child]))
            child++;
        if (!comes_before(search, search->queue[child], last))
            break;
        search->queue[at] = search->queue[child];
        at = child;
    }
    search->queue[at] = last;
    return first;
}

/* ---- labels ---- */

/* Of two ways of as many hops to one KMA, each given by the label before it. */
static bool is_first_in_order(const struct search *search, uint32_t left, uint32_t right)
{
    bool first = false;
    while (left != right) {
        const struct label *a = &search->labels[left], *b = &search->labels[right];
        if (a->kma != b->kma)
            first = a->kma < b->kma; /* the difference nearest to the start decides */
        left = a->parent;
        right = b->parent;
    }
    return first;
}

static size_t state_of(const struct search *search, const struct label *label)
{
    return (size_t)label->visited * search->network->node_count + label->kma;
}

static uint32_t labels_at(const struct search *search, size_t state)
{
    return search->run_at[state] == search->run ? search->labels_at[state] : NO_LABEL;
}

/* Whether a label of this KMA makes `new` needless; those that `new` makes needless are marked. */
static bool is_needless(struct search *search, const struct search_problem *problem, const struct label *new)
{
    bool single = problem->relaxed;
    for (uint32_t i = labels_at(search, state_of(search, new)); i != NO_LABEL;
         i = search->labels[i].next_at_kma) {
        struct label *other = &search->labels[i];
        if (other->useless)
            continue;
        int order = compare_weights(other->weight, new->weight);
        if (order == 0 && other->hops == new->hops) {
            if (!other->settled && !problem->straight &&
                is_first_in_order(search, new->parent, other->parent))
                other->parent = new->parent;
            return true;
        }
        if (order <= 0 && (other->hops <= new->hops || (single && (order < 0 || other->settled))))
            return true;
        if (order >= 0 && (other->hops >= new->hops || (single && order > 0)) && !other->settled)
            other->useless = true;
    }
    return false;
}

static struct weight extended(enum measure measure, struct weight weight, const struct edge *edge)
{
    switch (measure) {
    case MEASURE_HOPS:
        break;
    case MEASURE_COST:
        weight.first += edge->cost;
        break;
    case MEASURE_NARROWNESS:
        weight.first = greater(weight.first, edge_narrowness(edge));
        break;
    case MEASURE_COST_THEN_NARROWNESS:
        weight.first += edge->cost;
        weight.second = greater(weight.second, edge_narrowness(edge));
        break;
    }
    return weight;
}

/* False: there is no way on. Narrowness that must be met anyway is counted at once. */
static bool set_bound(const struct search_problem *problem, struct label *label)
{
    label->bound = label->weight;
    if (problem->to_go == NULL)
        return true;
    uint64_t to_go = problem->to_go[label->kma];
    if (to_go == UINT64_MAX)
        return false;
    switch (problem->measure) {
    case MEASURE_HOPS:
        break;
    case MEASURE_COST:
    case MEASURE_COST_THEN_NARROWNESS:
        label->bound.first += to_go;
        break;
    case MEASURE_NARROWNESS:
        label->weight.first = label->bound.first = greater(label->weight.first, to_go);
        break;
    }
    return true;
}

static void note_visit(const struct search_problem *problem, struct label *label)
{
    for (size_t i = 0; i < problem->required_count; i++) {
        if (problem->required[i] == label->kma)
            label->visited = (uint8_t)(label->visited | 1U << i);
    }
}

static bool has_visited_all(const struct search_problem *problem, const struct label *label)
{
    return label->visited == (1U << problem->required_count) - 1;
}

static bool set_rank(const struct search_problem *problem, struct label *label)
{
    uint32_t to_go = problem->hops_to_go != NULL ? problem->hops_to_go[label->kma] : 0;
    label->rank = problem->straight && problem->hops_to_go != NULL ? to_go : label->hops;
    if (problem->relaxed)
        return true;
    return label->hops <= problem->hops_max && to_go <= problem->hops_max - label->hops;
}

static enum search_status add(struct search *search, const struct search_problem *problem, struct label *new)
{
    note_visit(problem, new);
    if (new->kma == problem->to && !has_visited_all(problem, new))
        return SEARCH_NONE; /* it is the end, not a stage */
    if (!set_bound(problem, new) || !set_rank(problem, new) || is_needless(search, problem, new))
        return SEARCH_NONE;
    if (search->label_count == SEARCH_LABELS_MAX)
        return SEARCH_EXHAUSTED;
    void *labels = search->labels, *queue = search->queue;
    bool fits = make_room(search->memory, &labels, sizeof *search->labels, search->label_count,
                          &search->label_capacity);
    search->labels = labels;
    fits = fits && make_room(search->memory, &queue, sizeof *search->queue, search->queue_count,
                             &search->queue_capacity);
    search->queue = queue;
    if (!fits)
        return SEARCH_NO_MEMORY;
    uint32_t index = (uint32_t)search->label_count++;
    size_t state = state_of(search, new);
    new->next_at_kma = labels_at(search, state);
    search->labels[index] = *new;
    search->labels_at[state] = index;
    search->run_at[state] = search->run;
    queue_insert(search, index);
    return SEARCH_FOUND;
}

/* ---- a run ---- */

static bool may_follow(const struct search *search, const struct search_problem *problem,
                       const struct label *label, const struct arc *arc)
{
    if (search->rejections != NULL && search->rejections[arc->link] != 0)
        return false;
    if (search->closed_at[arc->to] == search->closing)
        return false;
    if (edge_narrowness(&search->network->edges[arc->link]) > problem->narrowness_max)
        return false;
    for (size_t i = 0; label->parent == NO_LABEL && i < problem->not_first_count; i++) {
        if (problem->not_first[i] == arc->to)
            return false;
    }
    return true;
}

static enum search_status extend(struct search *search, const struct search_problem *problem, uint32_t from)
{
    const struct network *network = search->network;
    const struct label label = search->labels[from]; /* labels move when there are more */
    for (uint32_t i = network->first_arc[label.kma]; i < network->first_arc[label.kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        if (search->steps++ >= search->steps_max)
            return SEARCH_EXHAUSTED;
        if (!may_follow(search, problem, &label, arc))
            continue;
        struct label new = {
            .weight = extended(problem->measure, label.weight, &network->edges[arc->link]),
            .kma = arc->to,
            .hops = label.hops + 1,
            .parent = from,
            .visited = label.visited,
        };
        enum search_status status = add(search, problem, &new);
        if (status == SEARCH_EXHAUSTED || status == SEARCH_NO_MEMORY)
            return status;
    }
    return SEARCH_NONE;
}

/* Stale numbers of 2^32 runs ago must not count as new. */
static void begin_run(struct search *search)
{
    search->label_count = search->queue_count = 0;
    if (++search->run != 0)
        return;
    memset(search->run_at, 0, search->state_count * sizeof *search->run_at);
    search->run = 1;
}

enum search_status search_run(struct search *search, const struct search_problem *problem,
                              uint32_t *out_label)
{
    struct label start = {
        .weight = problem->start, .kma = problem->from, .parent = NO_LABEL, .visited = problem->visited
    };
    begin_run(search);
    enum search_status status = add(search, problem, &start);
    if (status != SEARCH_FOUND)
        return status;
    while (search->queue_count > 0) {
        uint32_t first = queue_take_first(search);
        struct label *label = &search->labels[first];
        if (label->useless)
            continue;
        if (search->steps++ >= search->steps_max)
            return SEARCH_EXHAUSTED;
        label->settled = true;
        if (label->kma == problem->to) {
            *out_label = first;
            return SEARCH_FOUND;
        }
        status = extend(search, problem, first);
        if (status == SEARCH_EXHAUSTED || status == SEARCH_NO_MEMORY)
            return status;
    }
    return problem->to == NO_KMA ? SEARCH_FOUND : SEARCH_NONE;
}

const struct label *search_label_at(const struct search *search, uint32_t kma)
{
    for (uint32_t i = labels_at(search, kma); i != NO_LABEL; i = search->labels[i].next_at_kma) {
        if (!search->labels[i].useless)
            return &search->labels[i];
    }
    return NULL;
}

void search_way(const struct search *search, uint32_t label, uint32_t *out_kmas)
{
    uint32_t at = label;
    for (uint32_t i = search->labels[label].hops + 1; i-- > 0;) {
        assert(at != NO_LABEL);
        out_kmas[i] = search->labels[at].kma;
        at = search->labels[at].parent;
    }
    assert(at == NO_LABEL);
}
