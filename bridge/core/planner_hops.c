/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops for lookups that nobody else decides. */
#include <assert.h>
#include <string.h>

#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/planner_state.h"

/* A candidate while the best are gathered. */
struct step {
    struct kma *kma;
    uint64_t cost; /* of the whole way over it */
    uint64_t narrowness;
    uint32_t node;
};

static bool step_is_better(const struct step *left, const struct step *right)
{
    if (left->cost != right->cost)
        return left->cost < right->cost;
    if (left->narrowness != right->narrowness)
        return left->narrowness < right->narrowness;
    return left->node < right->node;
}

/* In their order, the worst left out when there are too many. */
static size_t insert(struct step *steps, size_t count, const struct step *step)
{
    size_t at = count;
    while (at > 0 && step_is_better(step, &steps[at - 1]))
        at--;
    if (at == LIMIT_HOP_CANDIDATES)
        return count;
    const size_t kept = count < LIMIT_HOP_CANDIDATES ? count : LIMIT_HOP_CANDIDATES - 1;
    memmove(steps + at + 1, steps + at, (kept - at) * sizeof *steps);
    steps[at] = *step;
    return kept + 1;
}

/* Of the KM's KMAs, the one nearest to the destination. False: none has a way. */
static bool nearest_of(const struct core *core, const struct tree *tree, const struct km *km,
                       struct kma **out_kma, uint32_t *out_node)
{
    struct distance least = { UINT64_MAX, DISTANCE_NONE };
    for (size_t i = 0; i < km->kma_count; i++) {
        uint32_t node;
        if (!network_find_kma(core->planner->network, km->kmas[i]->id, &node) ||
            !distance_is_less(tree->distances[node], least))
            continue;
        least = tree->distances[node];
        *out_kma = km->kmas[i];
        *out_node = node;
    }
    return least.hops != DISTANCE_NONE;
}

static size_t gather_steps(struct core *core, const struct tree *tree, const struct km *km, uint32_t node,
                           struct step steps[LIMIT_HOP_CANDIDATES])
{
    struct planner *planner = core->planner;
    const size_t most = network_neighbours_max(planner->network, node);
    struct neighbour *neighbours = arena_allocate(&core->scratch, most * sizeof *neighbours);
    if (neighbours == NULL) {
        core->out_of_memory = true;
        return 0;
    }
    size_t count = 0;
    const size_t neighbour_count =
        network_neighbours(planner->network, planner->rejections, node, neighbours, most);
    for (size_t i = 0; i < neighbour_count; i++) {
        const struct neighbour *neighbour = &neighbours[i];
        struct step step = { .kma = kma_find(core, network_kma_id(planner->network, neighbour->kma)),
                             .cost = neighbour->cost + tree->distances[neighbour->kma].cost,
                             .narrowness = neighbour->narrowness,
                             .node = neighbour->kma };
        if (step.kma == NULL || step.kma->km == km ||
            !distance_is_less(tree->potentials[neighbour->kma], tree->distances[node]))
            continue;
        count = insert(steps, count, &step);
    }
    return count;
}

void planner_next_hops(struct core *core, const struct km *km, const struct kma *destination,
                       struct candidates *out)
{
    struct step steps[LIMIT_HOP_CANDIDATES];
    struct kma *current = NULL;
    uint32_t to, node;
    *out = (struct candidates){ .count = 0 };
    if (!planner_make_ready(core) || !network_find_kma(core->planner->network, destination->id, &to))
        return;
    const struct tree *tree = planner_tree_to(core, to);
    if (tree == NULL || !nearest_of(core, tree, km, &current, &node))
        return;
    static_assert((int)LIMIT_HOP_CANDIDATES <= (int)LIMIT_PATH_KMAS, "they fit");
    out->count = gather_steps(core, tree, km, node, steps);
    out->current = out->count > 0 ? current : NULL;
    for (size_t i = 0; i < out->count; i++)
        out->next[i] = steps[i].kma;
}

/* ---- what is said of them ---- */

static bool is_given(const struct candidates *given, const struct kma *kma)
{
    for (size_t i = 0; i < given->count; i++) {
        if (given->next[i] == kma)
            return true;
    }
    return false;
}

/* Is there a link to it that may be used? */
static bool is_joined(const struct neighbour *usable, size_t usable_count, uint32_t kma)
{
    for (size_t i = 0; i < usable_count; i++) {
        if (usable[i].kma == kma)
            return true;
    }
    return false;
}

/* Everything that is said of the neighbours of one KMA. */
struct telling {
    struct core *core;
    const struct tree *tree;
    const struct candidates_question *question;
    const struct candidates *given;
    const struct kma *current;
    uint32_t node;
    struct neighbour *all, *usable;
    size_t all_count, usable_count;
};

/* *out_object: the link or KMA that it is about. */
static enum obstacle obstacle_to(const struct telling *telling, const struct neighbour *neighbour,
                                 const struct kma *kma, struct text *out_object)
{
    const struct planner *planner = telling->core->planner;
    const struct tree *tree = telling->tree;
    *out_object = kma->id;
    if (!is_joined(telling->usable, telling->usable_count, neighbour->kma)) {
        const enum obstacle obstacle = planner_obstacle(planner->rejections[neighbour->link]);
        if (obstacle_object(obstacle) == OBSTACLE_OF_LINK)
            *out_object = network_link(planner->network, neighbour->link).link_id;
        return obstacle;
    }
    if ((kma->km == telling->current->km && kma->km != NULL) ||
        !distance_is_less(tree->potentials[neighbour->kma], tree->distances[telling->node]))
        return OBSTACLE_NOT_NEARER;
    struct text object;
    const enum obstacle obstacle =
        constraints_judge_hop(telling->core, telling->question->constraints, telling->current, kma, &object);
    if (obstacle != OBSTACLE_NONE) {
        *out_object = object;
        return obstacle;
    }
    return telling->given->count == LIMIT_HOP_CANDIDATES ? OBSTACLE_HIGHER_COST : OBSTACLE_WOULD_LOOP;
}

static void tell_neighbour(const struct telling *telling, const struct neighbour *neighbour,
                           struct explained_step *step)
{
    struct core *core = telling->core;
    const struct network *network = core->planner->network;
    const struct kma *kma = kma_find(core, network_kma_id(network, neighbour->kma));
    const uint64_t rest = telling->tree->distances[neighbour->kma].cost;
    if (kma == NULL || telling->tree->distances[neighbour->kma].hops == DISTANCE_NONE)
        return;
    if (is_given(telling->given, kma)) {
        if (step->outcome != EXPLAINED_DECIDED || neighbour->cost + rest < step->cost)
            step->cost = neighbour->cost + rest;
        step->outcome = EXPLAINED_DECIDED;
        return;
    }
    struct text *path = arena_allocate(&core->scratch, 2 * sizeof *path);
    if (path == NULL)
        return; /* it is not told */
    path[0] = telling->current->id;
    path[1] = kma->id;
    struct explained_way way = {
        .cost = neighbour->cost + rest, .bottleneck_keys = -1, .path = path, .path_length = 2
    };
    way.obstacle = obstacle_to(telling, neighbour, kma, &way.object);
    planner_tell_way(step, &way);
}

/* One that was deleted is in the network, down, until that is built anew. */
static bool is_in_force(const struct telling *telling, const struct neighbour *neighbour)
{
    const struct text link_id = network_link(telling->core->planner->network, neighbour->link).link_id;
    const struct object *object = object_find(telling->core, OBJECT_LINK, link_id);
    return object != NULL && ((const struct link *)object)->a != NULL;
}

static void tell_neighbours(struct telling *telling, struct explained_step *step)
{
    struct core *core = telling->core;
    const struct planner *planner = core->planner;
    const size_t most = network_neighbours_max(planner->network, telling->node);
    telling->all = arena_allocate(&core->scratch, most * sizeof *telling->all);
    telling->usable = arena_allocate(&core->scratch, most * sizeof *telling->usable);
    if (telling->all == NULL || telling->usable == NULL)
        return;
    telling->all_count = network_neighbours(planner->network, NULL, telling->node, telling->all, most);
    telling->usable_count =
        network_neighbours(planner->network, planner->rejections, telling->node, telling->usable, most);
    for (size_t i = 0; i < telling->usable_count; i++)
        tell_neighbour(telling, &telling->usable[i], step);
    for (size_t i = 0; i < telling->all_count; i++) {
        if (!is_joined(telling->usable, telling->usable_count, telling->all[i].kma) &&
            is_in_force(telling, &telling->all[i]))
            tell_neighbour(telling, &telling->all[i], step);
    }
}

void planner_explain_hops(struct core *core, const struct candidates_question *question,
                          const struct candidates *given, struct explained_step *out_step)
{
    uint32_t to;
    struct kma *current = NULL;
    struct telling telling = { .core = core, .question = question, .given = given };
    *out_step =
        (struct explained_step){ .decider = DECIDER_COMPUTED,
                                 .rule = RULE_NEAREST_NEXT_HOP,
                                 .outcome = given->would_loop ? EXPLAINED_WOULD_LOOP : EXPLAINED_NO_ROUTE,
                                 .bottleneck_keys = -1 };
    if (core->planner->network == NULL ||
        !network_find_kma(core->planner->network, question->destination->id, &to))
        return;
    telling.tree = planner_tree_to(core, to);
    if (telling.tree == NULL || !nearest_of(core, telling.tree, question->km, &current, &telling.node))
        return;
    telling.current = current;
    tell_neighbours(&telling, out_step);
}
