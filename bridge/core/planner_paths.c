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

static bool take(const struct core *core, struct text kma_id, struct text *out_path, size_t *length)
{
    const struct kma *kma = kma_find(core, kma_id); /* the network may be the former one for a moment */
    if (kma == NULL || *length == LIMIT_PATH_KMAS)
        return false;
    out_path[(*length)++] = kma->id;
    return true;
}

struct question {
    struct text source, destination;
    int64_t key_stock_min;
};

/* PATHS_NONE_NOT: there is one. */
static enum paths_none find_path(struct core *core, const struct question *question, struct text *out_path,
                                 size_t *out_length)
{
    struct paths_request request = { .source_kma_id = question->source,
                                     .destination_kma_id = question->destination,
                                     .metric = core->settings.metric,
                                     .k = 1,
                                     .key_stock_min = question->key_stock_min,
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
    *out_length = 0;
    for (size_t i = 0; answer.count > 0 && i < answer.paths[0].length; i++) {
        if (!take(core, answer.paths[0].kma_ids[i], out_path, out_length))
            return PATHS_NONE_NOT_CONNECTED;
    }
    return answer.count > 0 ? PATHS_NONE_NOT : answer.none;
}

enum reason planner_path(struct core *core, struct text source_kma_id, struct text destination_kma_id,
                         struct text *out_path, size_t *out_length)
{
    struct question question = { source_kma_id, destination_kma_id, 1 };
    if (!planner_make_ready(core))
        return REASON_NO_ROUTE;
    enum paths_none none = find_path(core, &question, out_path, out_length);
    if (none == PATHS_NONE_NOT)
        return REASON_NONE;
    if (none != PATHS_NONE_LINKS)
        return REASON_NO_ROUTE;
    struct text unused[LIMIT_PATH_KMAS];
    size_t unused_length;
    question.key_stock_min = 0;
    none = find_path(core, &question, unused, &unused_length);
    return none == PATHS_NONE_NOT ? REASON_INSUFFICIENT_KEYS : REASON_NO_ROUTE;
}
