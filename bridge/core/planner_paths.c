/* SPDX-License-Identifier: Apache-2.0 */
/* Paths for relays that nobody else decides. */
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/failing.h"
#include "core/planner_state.h"
#include "topology/paths.h"

/* Links looked at for one path. The largest network (LIMIT_LINKS) is searched in less, twice: for the least
   cost, then for the scarcest link. What goes beyond is a cheapest way of too many hops, and the dearer ones
   instead: no_route. */
enum { DECISION_STEPS_MAX = 200000 };
/* Likewise, for the best of the ways that are not taken. Of 10,000 KMAs with 30,000 links it takes a tenth.
 */
enum { ALTERNATIVE_STEPS_MAX = 8000 };
_Static_assert(2 * (2 * LIMIT_LINKS + LIMIT_LINKS + 1) <= (int)DECISION_STEPS_MAX,
               "both arcs of a link, and its KMA");

/* network_find_kma() or network_find_link(). */
typedef bool find_function(const struct network *network, struct text id, uint32_t *out_number);

/* Those that the network has: what it has not needs not be avoided. False: out of memory. */
static bool known(struct core *core, find_function *find, const struct text *ids, size_t count,
                  const struct text **out_ids, size_t *out_count)
{
    struct text *found = arena_allocate(&core->scratch, (count + 1) * sizeof *found);
    uint32_t ignored;
    *out_count = 0;
    for (size_t i = 0; found != NULL && i < count; i++) {
        if (find(core->planner->network, ids[i], &ignored))
            found[(*out_count)++] = ids[i];
    }
    *out_ids = found;
    return found != NULL;
}

/* False: out of memory. */
static bool constrain(struct core *core, const struct request_constraints *constraints,
                      struct paths_request *request)
{
    request->require_kma_ids = constraints->require_kma_ids;
    request->require_kma_id_count = constraints->require_kma_id_count;
    request->hops_max = constraints->hops_max;
    if (constraints->key_stock_min > 0) {
        request->key_stock_min = constraints->key_stock_min;
        request->unknown_stock_does = false;
    }
    return known(core, network_find_kma, constraints->avoid_kma_ids, constraints->avoid_kma_id_count,
                 &request->avoid_kma_ids, &request->avoid_kma_id_count) &&
           known(core, network_find_link, constraints->avoid_link_ids, constraints->avoid_link_id_count,
                 &request->avoid_link_ids, &request->avoid_link_id_count);
}

/* What is sought beside the best path. */
struct seeking {
    int64_t key_stock_min;
    bool second; /* the next best, where that costs little */
};

struct found {
    struct path paths[2];
    size_t count;
    bool complete; /* if there were a second, it would be here */
};

/* What every KMA is from the destination is found once for many decisions, and makes each of them short. It
   holds for all links that have keys, and is too little for fewer; of the widest path it says nothing. */
static const uint64_t *costs_to(struct core *core, const struct planner_question *question,
                                const struct paths_request *request)
{
    uint32_t destination;
    if (request->metric == PATHS_WIDEST || request->require_kma_id_count > 0 || request->key_stock_min < 1 ||
        !network_find_kma(core->planner->network, question->destination_kma_id, &destination))
        return NULL;
    const struct tree *tree = planner_tree_to(core, destination);
    return tree != NULL ? tree->costs : NULL;
}

/* PATHS_NONE_NOT: there is one at least. */
static enum paths_none find_paths(struct core *core, const struct planner_question *question,
                                  struct seeking seeking, struct found *out_found)
{
    struct paths_request request = { .source_kma_id = question->source_kma_id,
                                     .destination_kma_id = question->destination_kma_id,
                                     .metric = core->settings.metric,
                                     .k = 1,
                                     .key_stock_min = seeking.key_stock_min,
                                     .unknown_stock_does = true,
                                     .steps_max = DECISION_STEPS_MAX,
                                     .further_steps_max = ALTERNATIVE_STEPS_MAX };
    struct paths_answer answer;
    struct paths_fault fault;
    enum paths_status status = PATHS_NO_MEMORY;
    if (question->constraints == NULL || constrain(core, question->constraints, &request)) {
        request.cost_to_go = costs_to(core, question, &request);
        request.blocks = seeking.second && request.cost_to_go != NULL ? planner_blocks(core) : NULL;
        request.k = request.blocks != NULL ? 2 : 1;
        status = paths_find_sparing(core->planner->network, &request, &core->scratch, &answer, &fault);
    }
    if (status == PATHS_NO_MEMORY)
        core->out_of_memory = true;
    if (status != PATHS_OK)
        return PATHS_NONE_NOT_CONNECTED;
    out_found->count = answer.count;
    out_found->complete = request.k > 1 && (answer.complete || answer.count > 1);
    for (size_t i = 0; i < answer.count; i++)
        out_found->paths[i] = answer.paths[i];
    return answer.count > 0 ? PATHS_NONE_NOT : answer.none;
}

/* Likewise, the best alone. */
static enum paths_none find_path(struct core *core, const struct planner_question *question,
                                 int64_t key_stock_min, struct path *out_path)
{
    struct found found;
    const enum paths_none none =
        find_paths(core, question, (struct seeking){ .key_stock_min = key_stock_min }, &found);
    if (none == PATHS_NONE_NOT)
        *out_path = found.paths[0];
    return none;
}

/* The texts of what is known now; false: the network may be the former one for a moment. */
static bool take(struct core *core, const struct path *path, struct planned_path *out)
{
    out->length = path->length;
    out->path = path->length <= LIMIT_PATH_KMAS ? path->kma_ids : NULL;
    for (size_t i = 0; i < path->length && out->path != NULL; i++) {
        const struct kma *kma = kma_find(core, path->kma_ids[i]);
        if (kma == NULL)
            out->path = NULL;
        else
            out->path[i] = kma->id;
    }
    if (out->path == NULL)
        out->length = 0;
    return out->path != NULL;
}

static void explain_best(const struct network *network, const struct path *path, struct explained_step *step)
{
    const struct network_link bottleneck = network_link(network, path->bottleneck);
    step->outcome = EXPLAINED_DECIDED;
    step->cost = path->cost;
    step->bottleneck = bottleneck.link_id;
    step->bottleneck_keys = bottleneck.key_stock;
}

/* What stands against it is for the caller to add. */
static struct explained_way way_of(const struct network *network, const struct path *path)
{
    const struct network_link bottleneck = network_link(network, path->bottleneck);
    return (struct explained_way){ .cost = path->cost,
                                   .bottleneck = bottleneck.link_id,
                                   .bottleneck_keys = bottleneck.key_stock,
                                   .path = path->kma_ids,
                                   .path_length = path->length };
}

/* There would be a way if its links had keys: the one that is told, and the first that has none. */
static void explain_keyless(const struct network *network, const struct path *path,
                            struct explained_step *step)
{
    struct explained_way way = way_of(network, path);
    way.obstacle = OBSTACLE_INSUFFICIENT_KEYS;
    way.object = way.bottleneck;
    step->outcome = EXPLAINED_INSUFFICIENT_KEYS;
    planner_tell_way(step, &way);
}

static enum explained_rule rule_of(enum paths_metric metric)
{
    switch (metric) {
    case PATHS_SHORTEST:
        return RULE_SHORTEST;
    case PATHS_WIDEST:
        return RULE_WIDEST;
    case PATHS_WIDEST_SHORTEST:
        break;
    }
    return RULE_WIDEST_SHORTEST;
}

static bool is_same(const struct path *left, const struct path *right)
{
    for (size_t i = 0; i < left->length && left->length == right->length; i++) {
        if (left->kmas[i] != right->kmas[i])
            return false;
    }
    return left->length == right->length;
}

/* Of a way that does not keep the constraints, the first that it breaks. */
static void explain_unconstrained(struct core *core, const struct planner_question *question,
                                  const struct path *path, struct explained_step *step)
{
    struct explained_way way = way_of(core->planner->network, path);
    struct kma *kmas[LIMIT_PATH_KMAS];
    for (size_t i = 0; i < path->length; i++) {
        struct kma *kma = i < LIMIT_PATH_KMAS ? kma_find(core, path->kma_ids[i]) : NULL;
        if (kma == NULL)
            return;
        kmas[i] = kma;
    }
    way.obstacle = constraints_judge_path(core, question->constraints, kmas, path->length, &way.object);
    if (way.obstacle != OBSTACLE_NONE)
        planner_tell_way(step, &way);
}

static struct planner_question without_constraints(const struct planner_question *question)
{
    return (struct planner_question){ question->source_kma_id, question->destination_kma_id, NULL };
}

/* The first of its links that is penalised; absent: none is. */
static struct text penalised_on(const struct core *core, const struct path *path)
{
    for (size_t i = 0; i + 1 < path->length; i++) {
        const struct network_link values = network_link(core->planner->network, path->links[i]);
        const struct object *object =
            values.cost == NETWORK_COST_AVOIDED ? object_find(core, OBJECT_LINK, values.link_id) : NULL;
        if (object != NULL && failing_is_penalised((const struct link *)object))
            return values.link_id;
    }
    return TEXT_ABSENT;
}

/* Why the second of two ways is not the first: in the order of paths_metric, which is not `widest` here. */
static enum obstacle what_is_worse(const struct core *core, const struct path *best, const struct path *way,
                                   struct text *out_object)
{
    const struct network *network = core->planner->network;
    const struct network_link narrowest = network_link(network, way->bottleneck);
    *out_object = penalised_on(core, way);
    if (text_is_present(*out_object) && !text_is_present(penalised_on(core, best)))
        return OBSTACLE_PENALISED;
    *out_object = TEXT_ABSENT;
    if (way->cost > best->cost)
        return OBSTACLE_HIGHER_COST;
    if (core->settings.metric == PATHS_WIDEST_SHORTEST &&
        narrowest.key_stock < network_link(network, best->bottleneck).key_stock) {
        *out_object = narrowest.link_id;
        return OBSTACLE_NARROWER;
    }
    return way->length > best->length ? OBSTACLE_MORE_HOPS : OBSTACLE_LATER_NAMES;
}

static void explain_second(const struct core *core, const struct found *found, struct explained_step *step)
{
    step->ways_unsought = !found->complete;
    if (found->count < 2)
        return;
    struct explained_way way = way_of(core->planner->network, &found->paths[1]);
    way.obstacle = what_is_worse(core, &found->paths[0], &found->paths[1], &way.object);
    planner_tell_way(step, &way);
}

static enum reason take_best(struct core *core, const struct planner_question *question,
                             const struct found *found, struct planned_path *out)
{
    const struct planner_question free_question = without_constraints(question);
    const struct path *best = &found->paths[0];
    struct path free_path;
    explain_best(core->planner->network, best, &out->step);
    explain_second(core, found, &out->step);
    if (question->constraints->given != 0 &&
        find_path(core, &free_question, 1, &free_path) == PATHS_NONE_NOT && !is_same(best, &free_path))
        explain_unconstrained(core, question, &free_path, &out->step);
    return REASON_NONE;
}

/* There is none: is that so without the constraints, and if the links had keys? */
static enum reason take_none(struct core *core, const struct planner_question *question, enum paths_none none,
                             struct planned_path *out)
{
    const struct planner_question free_question = without_constraints(question);
    struct path path;
    if (question->constraints->given != 0) {
        const enum paths_none constrained = none;
        none = find_path(core, &free_question, 1, &path);
        if (none == PATHS_NONE_NOT) {
            out->step.outcome =
                constrained == PATHS_NONE_WORK ? EXPLAINED_WORK_LIMIT : EXPLAINED_CONSTRAINTS_UNMET;
            explain_unconstrained(core, question, &path, &out->step);
            return REASON_CONSTRAINTS_UNMET;
        }
    }
    if (none == PATHS_NONE_WORK)
        out->step.outcome = EXPLAINED_WORK_LIMIT;
    if (none != PATHS_NONE_LINKS || find_path(core, &free_question, 0, &path) != PATHS_NONE_NOT)
        return REASON_NO_ROUTE;
    explain_keyless(core->planner->network, &path, &out->step);
    return REASON_INSUFFICIENT_KEYS;
}

enum reason planner_path(struct core *core, const struct planner_question *question,
                         struct planned_path *out_planned)
{
    struct found found;
    *out_planned = (struct planned_path){ .step = { .decider = DECIDER_COMPUTED,
                                                    .outcome = EXPLAINED_NO_ROUTE,
                                                    .rule = rule_of(core->settings.metric) } };
    if (!text_is_present(question->destination_kma_id))
        out_planned->step.outcome = EXPLAINED_UNKNOWN_DESTINATION;
    if (!text_is_present(question->destination_kma_id) || !planner_make_ready(core))
        return REASON_NO_ROUTE;
    if (question->constraints->unreadable) {
        out_planned->step.outcome = EXPLAINED_BAD_CONSTRAINTS;
        return REASON_BAD_CONSTRAINTS;
    }
    const enum paths_none none =
        find_paths(core, question, (struct seeking){ .key_stock_min = 1, .second = true }, &found);
    if (none == PATHS_NONE_NOT && take(core, &found.paths[0], out_planned))
        return take_best(core, question, &found, out_planned);
    return take_none(core, question, none, out_planned);
}
