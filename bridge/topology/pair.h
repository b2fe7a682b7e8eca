/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pair of paths for KMs that relay over two at once: they have no link, or no KMA but the ends, in common.
 * Or the best path alone, and why there is no second.
 *
 * Exact, and the same for the same network: the pair's cost is the least, or with PATHS_WIDEST its narrowest
 * link is the widest; PATHS_WIDEST_SHORTEST chooses among pairs of the least cost the one whose narrowest
 * link is the widest; then the pair of fewer hops. A limit on the hops of each path is another matter:
 * whether two such paths exist is NP-complete (Itai, Perl, Shiloach 1982). If the best pair keeps to the
 * limit, it is the best that does. If it doesn't, others are tried within the limit of work: the pair of the
 * fewest hops, and each of the best paths with the best that goes with it. What is found keeps to the limit;
 * only `complete` says that no better one does.
 */
#ifndef TOPOLOGY_PAIR_H
#define TOPOLOGY_PAIR_H

#include "topology/disjoint.h"
#include "topology/paths.h"

/* Why there is no second path. */
enum pair_lack {
    PAIR_LACKS_NONE,   /* there is one */
    PAIR_LACKS_BOTH,   /* there is no path at all: see `paths.none` */
    PAIR_SHARES_LINKS, /* every path uses shared_links */
    PAIR_SHARES_KMAS,  /* every path passes shared_kmas, and uses shared_links, if there are any */
    PAIR_IS_ADJACENT, /* of DISJOINT_KMAS: no way but the direct one, over the only shared link or its like */
    PAIR_LACKS_HOPS,  /* pairs there are, but none within hops_max */
    PAIR_LACKS_WORK,  /* pairs there are; none within hops_max was found within the limit of work */
};

/* Lives in the arena. */
struct pair_answer {
    struct paths_answer paths; /* two, the better first; or the best alone; or none */
    enum pair_lack lack;
    /* What every path must pass, in its order. */
    const uint32_t *shared_links;
    size_t shared_link_count;
    const uint32_t *shared_kmas;
    size_t shared_kma_count;
};

/* As paths_find(); `request` asks for one path and requires no KMA. */
enum paths_status pair_find(const struct network *network, const struct paths_request *request,
                            enum disjointness disjointness, struct arena *arena,
                            struct pair_answer *out_answer, struct paths_fault *out_fault);

#endif
