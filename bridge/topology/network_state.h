/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a network, for this folder alone. */
#ifndef TOPOLOGY_NETWORK_STATE_H
#define TOPOLOGY_NETWORK_STATE_H

#include "base/arena.h"
#include "topology/network.h"

enum { NO_KMA = UINT32_MAX >> 1 };

struct node {
    struct text id;
    bool enabled;
};

/* What changes from minute to minute stands here alone, so that a change need not touch the arcs. */
struct edge {
    struct text id;
    uint32_t ends[2];
    uint32_t cost;
    int64_t key_stock;
    int64_t key_rate;
    bool up;
};

struct arc {
    uint32_t to;
    uint32_t link;
};

struct network {
    struct memory memory;
    struct arena arena; /* holds all below */
    struct node *nodes; /* by ID */
    uint32_t node_count;
    struct edge *edges; /* by ID */
    uint32_t edge_count;
    uint32_t *first_arc; /* arcs of node i: first_arc[i] to first_arc[i + 1], by neighbour, then by link */
    struct arc *arcs;
};

/*
 * How narrow a link is, the less the better: links with more keys first; one whose stock nobody told stands
 * between one with a single key and one with none, for the latter is certain to fail.
 */
static inline uint64_t edge_narrowness(const struct edge *edge)
{
    uint64_t width = edge->key_stock < 0 ? 1 : edge->key_stock == 0 ? 0 : (uint64_t)edge->key_stock + 1;
    return UINT64_MAX - 1 - width; /* UINT64_MAX is kept for: no way */
}

#endif
