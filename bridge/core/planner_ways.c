/* SPDX-License-Identifier: Apache-2.0 */
/* What the planner says of the ways that were not taken. */
#include <assert.h>
#include <string.h>

#include "core/directory_state.h"
#include "core/planner_state.h"
#include "topology/selection.h"

void planner_tell_way(struct explained_step *step, const struct explained_way *way)
{
    size_t at = step->way_count;
    while (at > 0 && way->cost < step->ways[at - 1].cost)
        at--;
    if (at == EXPLANATION_WAYS_MAX)
        return;
    if (step->way_count < EXPLANATION_WAYS_MAX)
        step->way_count++;
    memmove(&step->ways[at + 1], &step->ways[at], (step->way_count - 1 - at) * sizeof *step->ways);
    step->ways[at] = *way;
}

enum obstacle planner_obstacle(uint8_t rejection)
{
    switch ((enum rejection)rejection) {
    case REJECTION_LINK_DOWN:
        return OBSTACLE_LINK_DOWN;
    case REJECTION_KMA_DISABLED:
        return OBSTACLE_DISABLED_KMA;
    case REJECTION_LINK_AVOIDED:
        return OBSTACLE_LINK_AVOIDED;
    case REJECTION_KMA_AVOIDED:
        return OBSTACLE_KMA_AVOIDED;
    case REJECTION_INSUFFICIENT_KEYS:
        return OBSTACLE_INSUFFICIENT_KEYS;
    case REJECTION_KEYS_UNKNOWN:
        return OBSTACLE_KEYS_UNKNOWN;
    case REJECTION_LINK_SPARED:
        return OBSTACLE_PENALISED;
    case REJECTION_NONE:
    case REJECTIONS_END:
        break;
    }
    return OBSTACLE_NONE;
}
