/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/distances.h"

#include "topology/network_state.h"
#include "topology/selection.h"

/* ---- the KMAs that are reached and not settled: a binary heap ---- */

enum { NOT_WAITING = UINT32_MAX };

struct front {
    struct distance *distances;
    uint32_t *heap;  /* KMAs, the nearest first */
    uint32_t *place; /* of each KMA in the heap, or NOT_WAITING */
    uint32_t count;
};

static void put(struct front *front, uint32_t at, uint32_t kma)
{
    front->heap[at] = kma;
    front->place[kma] = at;
}

/* It has come nearer, or is new. */
static void move_up(struct front *front, uint32_t kma)
{
    uint32_t at = front->place[kma] != NOT_WAITING ? front->place[kma] : front->count++;
    while (at > 0) {
        const uint32_t above = front->heap[(at - 1) / 2];
        if (!distance_is_less(front->distances[kma], front->distances[above]))
            break;
        put(front, at, above);
        at = (at - 1) / 2;
    }
    put(front, at, kma);
}

static uint32_t take_nearest(struct front *front)
{
    const uint32_t nearest = front->heap[0], last = front->heap[--front->count];
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < front->count) {
        if (child + 1 < front->count &&
            distance_is_less(front->distances[front->heap[child + 1]], front->distances[front->heap[child]]))
            child++;
        if (!distance_is_less(front->distances[front->heap[child]], front->distances[last]))
            break;
        put(front, at, front->heap[child]);
        at = child;
    }
    put(front, at, last);
    front->place[nearest] = NOT_WAITING;
    return nearest;
}

/* ---- Dijkstra ---- */

/* One that is settled is never reached in less, for nothing costs less than nothing and a hop counts. */
static void reach_from(struct front *front, const struct network *network, const uint8_t *rejections,
                       uint32_t kma)
{
    const struct distance here = front->distances[kma];
    for (uint32_t i = network->first_arc[kma]; i < network->first_arc[kma + 1]; i++) {
        const struct arc *arc = &network->arcs[i];
        if (rejections[arc->link] != REJECTION_NONE)
            continue;
        const struct distance there = { here.cost + network->edges[arc->link].cost, here.hops + 1 };
        if (!distance_is_less(there, front->distances[arc->to]))
            continue;
        front->distances[arc->to] = there;
        move_up(front, arc->to);
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
    struct front front = { .distances = out_distances, .heap = numbers, .place = numbers + count };
    for (size_t i = 0; i < count; i++) {
        front.place[i] = NOT_WAITING;
        out_distances[i] = (struct distance){ UINT64_MAX, DISTANCE_NONE };
    }
    out_distances[destination] = (struct distance){ 0, 0 };
    move_up(&front, destination);
    while (front.count > 0)
        reach_from(&front, network, rejections, take_nearest(&front));
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
