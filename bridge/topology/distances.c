/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/distances.h"

#include "topology/front.h"
#include "topology/network_state.h"
#include "topology/selection.h"

static bool is_nearer(const void *context, uint32_t left, uint32_t right)
{
    const struct distance *distances = context;
    return distance_is_less(distances[left], distances[right]);
}

/* One that is settled is never reached in less, for nothing costs less than nothing and a hop counts. */
static void reach_from(struct front *front, const struct network *network, const uint8_t *rejections,
                       uint32_t kma, struct distance *distances)
{
    const struct distance here = distances[kma];
    for (uint32_t i = network->first_arc[kma]; i < network->first_arc[kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        if (rejections[arc->link] != REJECTION_NONE)
            continue;
        const struct distance there = { here.cost + network->edges[arc->link].cost, here.hops + 1 };
        if (!distance_is_less(there, distances[arc->to]))
            continue;
        distances[arc->to] = there;
        front_rise(front, arc->to, is_nearer, distances);
    }
}

/* The network has no directions: what leads from the destination leads to it. */
bool distances_find(const struct network *network, const uint8_t *rejections, const struct memory *memory,
                    uint32_t destination, struct distance *out_distances)
{
    const size_t count = network->node_count;
    uint32_t *numbers = memory_allocate(memory, 2 * count * sizeof *numbers);
    if (numbers == NULL)
        return false;
    struct front front = { .numbers = numbers, .place = numbers + count };
    for (size_t i = 0; i < count; i++) {
        front.place[i] = 0;
        out_distances[i] = (struct distance){ UINT64_MAX, DISTANCE_NONE };
    }
    out_distances[destination] = (struct distance){ 0, 0 };
    front_rise(&front, destination, is_nearer, out_distances);
    while (front.count > 0)
        reach_from(&front, network, rejections, front_take(&front, is_nearer, out_distances), out_distances);
    memory_release(memory, numbers, 2 * count * sizeof *numbers);
    return true;
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
