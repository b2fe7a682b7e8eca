/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far every KMA is from one destination: the potential by which next hops are chosen. From each KMA that
 * has a way there is a neighbour that is nearer; whoever only ever goes to a nearer one never comes back.
 */
#ifndef TOPOLOGY_DISTANCES_H
#define TOPOLOGY_DISTANCES_H

#include "topology/network.h"

/* The least cost, and the hops of a way that costs it: of KMAs at equal cost, as over links that cost
   nothing, one is nearer all the same. */
struct distance {
    uint64_t cost;
    uint32_t hops; /* DISTANCE_NONE: no way */
};
enum { DISTANCE_NONE = UINT32_MAX >> 1 };

static inline bool distance_is_less(struct distance left, struct distance right)
{
    return left.cost != right.cost ? left.cost < right.cost : left.hops < right.hops;
}

/* Fills *out_distances, one for each KMA of the network. `rejections`: an enum rejection for each link, see
   selection.h; only those of REJECTION_NONE are used. False: out of memory; then nothing is to be read from
   it. */
bool distances_find(const struct network *network, const uint8_t *rejections, const struct memory *memory,
                    uint32_t destination, struct distance *out_distances);

/* A KMA that a link which may be used leads to. */
struct neighbour {
    uint32_t kma;
    uint32_t link;       /* the cheapest to it; of equals the widest, then the first */
    uint64_t cost;       /* of that link */
    uint64_t narrowness; /* of that link: the less, the more keys */
};
/* At least as many as it has neighbours. */
size_t network_neighbours_max(const struct network *network, uint32_t kma);
/* Those of `kma`, each once, in the order of their numbers; how many there are. Without rejections (NULL)
   links that may not be used count too. */
size_t network_neighbours(const struct network *network, const uint8_t *rejections, uint32_t kma,
                          struct neighbour *out_neighbours, size_t neighbours_max);

#endif
