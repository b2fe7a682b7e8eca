/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the planner: its network, and the distances found in it. */
#ifndef CORE_PLANNER_STATE_H
#define CORE_PLANNER_STATE_H

#include "core/planner.h"
#include "topology/distances.h"

/* Destinations whose distances are remembered; one more: the least lately used goes. */
enum { PLANNER_TREES = 32 };

/* Toward one destination. */
struct tree {
    struct distance *distances;  /* of each KMA */
    struct distance *potentials; /* of each KMA the least of its KM's, for a KM is one place (reading 5) */
    uint64_t *costs;             /* those of the distances */
    size_t count;
    uint32_t destination;
    uint64_t version; /* the planner's, for which it holds; 0: none */
    uint64_t used;
};

struct planner {
    struct network *network; /* NULL: it is built for the next question */
    bool outdated;           /* something is joined that is not in it */
    uint64_t built_ms;
    uint64_t looked_second; /* Unix time: when all stocks were looked at */
    uint64_t version;       /* grows with every change that may change a distance */
    uint8_t *rejections;
    size_t rejection_count;
    uint64_t rejections_version;
    uint32_t *blocks; /* see blocks.h; as many as rejections; for this version: */
    uint64_t blocks_version;
    struct tree trees[PLANNER_TREES];
    uint64_t uses;
    /* The link that went last, as it was: when it comes again with all but its stock as before, no distance
     * changed. */
    uint32_t lifted; /* as link.edge; 0: none */
    struct network_link lifted_values;
};

/* Builds the network if that is due. False: out of memory, which is noted. */
bool planner_make_ready(struct core *core);
/* Of a network that is ready. NULL: out of memory, which is noted. */
const struct tree *planner_tree_to(struct core *core, uint32_t destination);

/* Likewise, of its links. */
const uint32_t *planner_blocks(struct core *core);

/* Puts it among the ways of the step, the cheapest first; the dearest of too many is left out. */
void planner_tell_way(struct explained_step *step, const struct explained_way *way);
/* What `rejection` (an enum rejection) says of a link. */
enum obstacle planner_obstacle(uint8_t rejection);

#endif
