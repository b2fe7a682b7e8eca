/* SPDX-License-Identifier: Apache-2.0 */
/* Paths for relays that nobody else decides. */
#include "core/directory_state.h"
#include "core/planner_state.h"
#include "topology/paths.h"

/* Links looked at for one path. The largest network (LIMIT_LINKS) is searched in less, twice: for the least
   cost, then for the scarcest link. What goes beyond is a cheapest way of too many hops, and the dearer ones
   instead: no_route. */
enum { DECISION_STEPS_MAX = 200000 };
_Static_assert(2 * (2 * LIMIT_LINKS + LIMIT_LINKS + 1) <= (int)DECISION_STEPS_MAX,
               "both arcs of a link, and its KMA");

/* PATHS_NONE_NOT: there is one, *out_path. */
static enum paths_none find_path(struct core *core, const struct planner_question *question,
                                 int64_t key_stock_min, struct path *out_path)
{
    struct paths_request request = { .source_kma_id = question->source_kma_id,
                                     .destination_kma_id = question->destination_kma_id,
                                     .metric = core->settings.metric,
                                     .k = 1,
                                     .key_stock_min = key_stock_min,
                                     .unknown_stock_does = true,
                                     .steps_max = DECISION_STEPS_MAX };
    struct paths_answer answer;
    struct paths_fault fault;
    const enum paths_status status =
        paths_find_sparing(core->planner->network, &request, &core->scratch, &answer, &fault);
    if (status == PATHS_NO_MEMORY)
        core->out_of_memory = true;
    if (status != PATHS_OK)
        return PATHS_NONE_NOT_CONNECTED;
    if (answer.count > 0)
        *out_path = answer.paths[0];
    return answer.count > 0 ? PATHS_NONE_NOT : answer.none;
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

/* There would be a way if its links had keys: the one that is told, and the first that has none. */
static void explain_keyless(const struct network *network, const struct path *path,
                            struct explained_step *step)
{
    const struct network_link bottleneck = network_link(network, path->bottleneck);
    step->outcome = EXPLAINED_INSUFFICIENT_KEYS;
    step->ways[step->way_count++] = (struct explained_way){ .obstacle = OBSTACLE_INSUFFICIENT_KEYS,
                                                            .object = bottleneck.link_id,
                                                            .cost = path->cost,
                                                            .bottleneck = bottleneck.link_id,
                                                            .bottleneck_keys = bottleneck.key_stock,
                                                            .path = path->kma_ids,
                                                            .path_length = path->length };
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

enum reason planner_path(struct core *core, const struct planner_question *question,
                         struct planned_path *out_planned)
{
    struct path path;
    *out_planned = (struct planned_path){ .step = { .decider = DECIDER_COMPUTED,
                                                    .outcome = EXPLAINED_NO_ROUTE,
                                                    .rule = rule_of(core->settings.metric) } };
    if (!text_is_present(question->destination_kma_id))
        out_planned->step.outcome = EXPLAINED_UNKNOWN_DESTINATION;
    if (!text_is_present(question->destination_kma_id) || !planner_make_ready(core))
        return REASON_NO_ROUTE;
    enum paths_none none = find_path(core, question, 1, &path);
    if (none == PATHS_NONE_NOT && take(core, &path, out_planned)) {
        explain_best(core->planner->network, &path, &out_planned->step);
        return REASON_NONE;
    }
    if (none == PATHS_NONE_WORK)
        out_planned->step.outcome = EXPLAINED_WORK_LIMIT;
    if (none != PATHS_NONE_LINKS || find_path(core, question, 0, &path) != PATHS_NONE_NOT)
        return REASON_NO_ROUTE;
    explain_keyless(core->planner->network, &path, &out_planned->step);
    return REASON_INSUFFICIENT_KEYS;
}
