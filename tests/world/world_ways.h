/* SPDX-License-Identifier: Apache-2.0 */
/* The best ways between KMAs, found in the plainest manner. */
#ifndef WORLD_WORLD_WAYS_H
#define WORLD_WORLD_WAYS_H

#include "world/world.h"

struct way_rules {
    const struct asked_constraints *said; /* NULL: none */
    bool keyless;                         /* also over links that have no key */
    bool spared;                          /* not over penalised ones */
    const struct edge *without;           /* what joins the same KMAs is not used; NULL: nothing */
    bool forgiving;                       /* penalties do not count */
    uint64_t width_min;
    uint64_t relay_id; /* see book_is_sure() */
};
struct arc {
    size_t edge;
    uint64_t cost, width;
    bool is_penalised;
};
struct ways {
    struct arc arcs[WORLD_EDGES_MAX]; /* those that may be used */
    size_t count;
    bool sure; /* false: of some it is not known what a decision of this step has seen */
};
struct way_ends {
    size_t from, to; /* nodes; node_count: none */
    size_t hops_max; /* 0: any */
};
/* CHEAPEST: of equals the widest. NEAREST: of equals that of fewer hops. */
enum ways_first { WAYS_CHEAPEST, WAYS_NEAREST, WAYS_WIDEST };
struct reach {
    bool any;
    uint64_t cost, width;
    size_t hops;
};
/* What becomes of a path when its adjacencies stand for the links that they do. */
struct own_way {
    bool exists, is_penalised;
    uint64_t cost, width;
    size_t bottleneck; /* an edge: the first of the narrowest */
};
uint64_t way_width(int64_t keys); /* the more, the wider */
void ways_gather(struct world *world, const struct way_rules *rules, struct ways *out_ways);
void ways_from(const struct world *world, const struct ways *ways, enum ways_first first, size_t from,
               size_t hops_max, struct reach out_reach[WORLD_NODES_MAX]);
struct reach ways_best(const struct world *world, const struct ways *ways, enum ways_first first,
                       const struct way_ends *ends);
/* Of parallel links the one that stands for them: the cheapest, then the widest, then the first; NULL: none.
 */
const struct arc *ways_between(const struct world *world, const struct ways *ways, size_t a, size_t b,
                               uint64_t width_min);
struct own_way ways_along(const struct world *world, const struct ways *ways, const struct text *path,
                          size_t length, bool widest_first);

#endif
