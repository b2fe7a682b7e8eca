/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ways between two KMAs that have no link, or no KMA but the ends, in common and together weigh the
 * least; and when there is only one, what every way must pass. Suurballe and Tarjan's augmentation by one
 * shortest way at reduced weights, on KMAs split in two as Bhandari does. Exact; two searches of the whole
 * network.
 */
#ifndef TOPOLOGY_DISJOINT_H
#define TOPOLOGY_DISJOINT_H

#include "base/arena.h"
#include "topology/network.h"

/*
 * LINKS: parallel links are different ones, for they fail one by one: both ways may pass the same KMAs.
 * KMAS: parallel links are one, for a KM is told KMAs alone and could not keep the two ways apart.
 */
enum disjointness { DISJOINT_LINKS, DISJOINT_KMAS };

/* HOPS_FIRST: of equally many hops the least cost; otherwise the least cost, then the fewest hops. */
enum disjoint_order { DISJOINT_COST_FIRST, DISJOINT_HOPS_FIRST };

struct disjoint_problem {
    const struct network *network;
    const uint8_t *rejections; /* an enum rejection for each link, see selection.h */
    uint32_t source, destination;
    enum disjointness disjointness;
    enum disjoint_order order;
    uint64_t narrowness_max; /* links above it are passed over */
};

struct disjoint_way {
    uint32_t *kmas; /* source to destination, both included */
    size_t length;
    uint32_t *links; /* length - 1 */
};

/* Lives in the arena. */
struct disjoint_ways {
    size_t count; /* 0 to 2 */
    /* Of two the first is the best way that the links of both allow. */
    struct disjoint_way ways[2];
    uint64_t cost, hops; /* of all ways together */
    /* Of one way: what every way passes, in its order. */
    uint32_t *shared_links;
    size_t shared_link_count;
    uint32_t *shared_kmas; /* of DISJOINT_KMAS */
    size_t shared_kma_count;
    uint64_t steps; /* links looked at */
};

/* False: out of memory. */
bool disjoint_find(const struct disjoint_problem *problem, struct arena *arena,
                   struct disjoint_ways *out_ways);

#endif
