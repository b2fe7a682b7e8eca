/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/distances.h"

#include "topology/search.h"
#include "topology/selection.h"

/* The network has no directions: what leads from the destination leads to it. */
bool distances_find(const struct network *network, const uint8_t *rejections, const struct memory *memory,
                    uint32_t destination, struct distance *out_distances)
{
    struct search search;
    if (!search_init(&search, network, memory, 0))
        return false;
    uint32_t label;
    struct search_problem problem = { .measure = MEASURE_COST,
                                      .from = destination,
                                      .to = NO_KMA,
                                      .relaxed = true,
                                      .straight = true,
                                      .narrowness_max = UINT64_MAX };
    search.rejections = rejections;
    search_open_all(&search);
    const bool found = search_run(&search, &problem, &label) == SEARCH_FOUND;
    for (uint32_t i = 0; found && i < network->node_count; i++) {
        const struct label *at = search_label_at(&search, i);
        out_distances[i] = at != NULL ? (struct distance){ at->weight.first, at->hops }
                                      : (struct distance){ UINT64_MAX, DISTANCE_NONE };
    }
    search_fini(&search);
    return found;
}

size_t network_neighbours_max(const struct network *network, uint32_t kma)
{
    return network->first_arc[kma + 1] - network->first_arc[kma];
}

static bool is_better(const struct edge *edge, const struct neighbour *than)
{
    return edge->cost != than->cost ? edge->cost < than->cost : edge_narrowness(edge) < than->narrowness;
}

/* Arcs are in the order of neighbours, those of parallel links beside each other. */
size_t network_neighbours(const struct network *network, const uint8_t *rejections, uint32_t kma,
                          struct neighbour *out_neighbours, size_t neighbours_max)
{
    size_t count = 0;
    for (uint32_t i = network->first_arc[kma]; i < network->first_arc[kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        const struct edge *edge = &network->edges[arc->link];
        struct neighbour *last = count > 0 ? &out_neighbours[count - 1] : NULL;
        if (rejections != NULL && rejections[arc->link] != REJECTION_NONE)
            continue;
        const bool again = last != NULL && last->kma == arc->to;
        if ((again && !is_better(edge, last)) || (!again && count == neighbours_max))
            continue;
        out_neighbours[again ? count - 1 : count++] =
            (struct neighbour){ arc->to, arc->link, edge->cost, edge_narrowness(edge) };
    }
    return count;
}
