/* SPDX-License-Identifier: Apache-2.0 */
#include "core/candidates.h"

#include "core/budget.h"
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/hop_graph.h"
#include "core/planner.h"
#include "core/routes.h"

/* ---- installed routes ---- */

static bool matches_source(const struct route *route, struct text source_kma_id)
{
    return route->source == NULL || !text_is_present(source_kma_id) ||
           text_equal(route->source->id, source_kma_id);
}

static bool may_be_next(const struct core *core, const struct kma *current, const struct kma *next)
{
    return next->km != current->km || next->km == NULL
               ? kma_is_known(next) && !kma_is_disabled(next) &&
                     adjacency_of(core, current, next) != ADJACENCY_DOWN
               : false; /* to itself a KM need not relay */
}

/* What a route offers to a key at `current`: out_first to its candidates and how many there are. */
static size_t offers(const struct route *route, const struct kma *current, struct kma ***out_first)
{
    const struct route_config *config = route_config_of(route);
    for (size_t i = 0; i + 1 < config->path_length; i++) {
        if (route->kmas[i] == current) {
            *out_first = &route->kmas[i + 1];
            return 1;
        }
    }
    size_t at = 0;
    for (size_t i = 0; i < config->hop_count; i++) {
        size_t count = config->hops[i].next_kma_id_count;
        if (route->kmas[at] == current) {
            *out_first = &route->kmas[at + 1];
            return count;
        }
        at += 1 + count;
    }
    return 0;
}

/* Of the KM's KMAs, the one on this route that is nearest to the destination (reading 1); NULL: none. */
static struct kma *current_on(const struct core *core, const struct route *route, const struct km *km)
{
    const struct route_config *config = route_config_of(route);
    for (size_t i = config->path_length; i-- > 0;) {
        if (route->kmas[i]->km == km)
            return i + 1 < config->path_length && may_be_next(core, route->kmas[i], route->kmas[i + 1])
                       ? route->kmas[i]
                       : NULL;
    }
    size_t at = 0;
    for (size_t i = 0; i < config->hop_count; i++) {
        size_t count = config->hops[i].next_kma_id_count;
        struct kma *here = route->kmas[at];
        for (size_t j = 0; here->km == km && j < count; j++) {
            if (may_be_next(core, here, route->kmas[at + 1 + j]))
                return here;
        }
        at += 1 + count;
    }
    return NULL;
}

static void add(struct candidates *candidates, struct kma *next)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->next[i] == next)
            return;
    }
    if (candidates->count < LIMIT_PATH_KMAS) /* the worst ones are left out */
        candidates->next[candidates->count++] = next;
}

/* What is against this next hop of a route beside what may_be_next() says. */
static bool is_passed(struct core *core, const struct candidates_question *question,
                      const struct route *route, const struct kma *next, struct candidates *out)
{
    struct text object;
    enum obstacle obstacle = constraints_judge_hop(core, question->constraints, out->current, next, &object);
    if (obstacle == OBSTACLE_NONE && !budget_allows(core, out->current, next)) {
        obstacle = OBSTACLE_INSUFFICIENT_KEYS;
        object = routes_link_between(core, out->current, next);
    }
    if (obstacle != OBSTACLE_NONE)
        routes_pass(&out->passed, route, obstacle, object);
    return obstacle != OBSTACLE_NONE;
}

static void gather(struct core *core, const struct candidates_question *question, struct candidates *out)
{
    const struct kma *destination = question->destination;
    for (size_t i = 0; i < destination->routes.count; i++) {
        struct route *route = destination->routes.values[i];
        if (!matches_source(route, question->source_kma_id) || !route_is_usable(core, route))
            continue;
        if (out->current == NULL) {
            out->current = current_on(core, route, question->km);
            out->route = route;
        }
        if (out->current == NULL)
            continue;
        struct kma **first = NULL;
        size_t count = offers(route, out->current, &first);
        for (size_t j = 0; j < count; j++) {
            if (!may_be_next(core, out->current, first[j]))
                continue;
            if (!is_passed(core, question, route, first[j], out))
                add(out, first[j]);
        }
    }
    if (out->current == NULL)
        out->route = NULL;
}

static bool build_graph(struct core *core, const struct kma *destination)
{
    graph_begin(core);
    return graph_add_routes(core, destination) && graph_add_remembered(core, destination);
}

/* Leaves out what the graph says closes a cycle; all of them when there is no graph. */
static void leave_out_loops(struct core *core, struct kma *destination, struct candidates *candidates)
{
    bool whole = build_graph(core, destination);
    size_t kept = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        struct kma *next = candidates->next[i];
        bool arrives = next == destination || (next->km != NULL && next->km == destination->km);
        if (whole && (arrives || !graph_reaches(core, next, candidates->current)))
            candidates->next[kept++] = next;
        else
            candidates->would_loop = true;
    }
    candidates->count = kept;
}

static void remember(struct core *core, struct kma *destination, struct candidates *candidates)
{
    size_t kept = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        if (graph_remember(core, destination, candidates->current, candidates->next[i]))
            candidates->next[kept++] = candidates->next[i];
    }
    candidates->count = kept;
}

void candidates_offered(struct core *core, const struct candidates_question *question, struct candidates *out)
{
    *out = (struct candidates){ .count = 0 };
    gather(core, question, out);
    if (out->count > 0 && graph_needs_judging(core, question->destination))
        leave_out_loops(core, question->destination, out);
}

void candidates_from_routes(struct core *core, const struct candidates_question *question,
                            struct candidates *out)
{
    candidates_offered(core, question, out);
    remember(core, question->destination, out);
}

/* ---- computed and chosen ---- */

/* What is left out of acyclic answers leaves them acyclic. */
static void leave_out_constrained(const struct core *core, const struct request_constraints *constraints,
                                  struct candidates *candidates)
{
    size_t kept = 0;
    struct text ignored;
    for (size_t i = 0; i < candidates->count; i++) {
        struct kma *next = candidates->next[i];
        if (constraints_judge_hop(core, constraints, candidates->current, next, &ignored) == OBSTACLE_NONE)
            candidates->next[kept++] = next;
    }
    candidates->count = kept;
}

void candidates_computed(struct core *core, const struct candidates_question *question,
                         struct candidates *out, struct explained_step *out_step)
{
    planner_next_hops(core, question->km, question->destination, out);
    const bool any = out->count > 0;
    leave_out_constrained(core, question->constraints, out);
    if (out->count > 0)
        candidates_give_chosen(core, question->destination, out);
    planner_explain_hops(core, question, out, out_step);
    if (any && out_step->outcome == EXPLAINED_NO_ROUTE)
        out_step->outcome =
            question->constraints->unreadable ? EXPLAINED_BAD_CONSTRAINTS : EXPLAINED_CONSTRAINTS_UNMET;
}

void candidates_give_chosen(struct core *core, struct kma *destination, struct candidates *candidates)
{
    leave_out_loops(core, destination, candidates);
    remember(core, destination, candidates);
    if (candidates->count > 0)
        graph_note_foreign(core, destination);
}

bool candidates_would_loop(struct core *core, struct kma *destination, const struct candidates *candidates)
{
    struct candidates copy = *candidates;
    leave_out_loops(core, destination, &copy);
    return copy.would_loop;
}
