/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The k best loop-free paths between two KMAs under constraints, best first, with what each costs and where
 * it is narrowest; and why links were passed over. Exact and deterministic; work is bounded by counted steps.
 *
 * A path is a sequence of KMAs, as the KMs are told. Of parallel links one stands for the adjacency.
 */
#ifndef TOPOLOGY_PATHS_H
#define TOPOLOGY_PATHS_H

#include "base/arena.h"
#include "topology/network.h"
#include "topology/selection.h"

enum {
    PATHS_K_MAX = 16,
    PATHS_HOPS_MAX = LIMIT_PATH_KMAS - 1,
    PATHS_REQUIRED_MAX = 4,         /* KMAs to pass; the work doubles with each */
    PATHS_STEPS_DEFAULT = 2000000,  /* links looked at; reached: the paths found so far, `complete` false */
    PATHS_CANDIDATES_MAX = 1 << 14, /* kept while looking for the next best; reached: likewise */
};

/*
 * Which path is better; then the one with fewer hops, then the one whose KMA IDs come first, bytewise.
 *
 * WIDEST_SHORTEST, the default: the least cost, and of equal cost the largest bottleneck, which is the least
 * key stock among its links (Guerin, Orda, Williams 1997). Each hop of a relay uses up keys of its link, so a
 * longer way costs the whole network more: the cost comes first. Where costs tie, as they do everywhere while
 * no cost is set, the stock decides and spreads the load over links that can bear it.
 * WIDEST: the largest bottleneck first, however long the way: for a single large demand.
 * SHORTEST: the least cost alone.
 *
 * A link whose stock nobody told counts as narrower than any with a key, and wider than one with none.
 */
enum paths_metric { PATHS_WIDEST_SHORTEST, PATHS_SHORTEST, PATHS_WIDEST };

/* Everything is borrowed. Identifiers of an answer point into the network. */
struct paths_request {
    struct text source_kma_id, destination_kma_id;
    enum paths_metric metric;
    uint32_t k; /* 1 to PATHS_K_MAX */
    const struct text *avoid_kma_ids;
    size_t avoid_kma_id_count;
    const struct text *avoid_link_ids;
    size_t avoid_link_id_count;
    const struct text *require_kma_ids; /* in any order */
    size_t require_kma_id_count;        /* at most PATHS_REQUIRED_MAX */
    uint32_t hops_max;                  /* 1 to PATHS_HOPS_MAX; 0: PATHS_HOPS_MAX */
    int64_t key_stock_min;              /* links below it, or of unknown stock, are not used; 0: any */
    bool unknown_stock_does;            /* those of unknown stock are used all the same */
    bool spare_avoided;                 /* those of NETWORK_COST_AVOIDED are not used */
    uint64_t steps_max;                 /* 0: PATHS_STEPS_DEFAULT */
    uint64_t further_steps_max;         /* once the best is found; 0: what is left of steps_max */
    /* By KMA's number, for who knows it already: the cost from there to the destination, over links among
       which are all that may be used here; UINT64_MAX: no way. NULL: it is measured, if that is worth while.
       Not for PATHS_WIDEST, nor with KMAs required. */
    const uint64_t *cost_to_go;
    const uint32_t
        *blocks;         /* likewise, by link, see blocks.h; NULL: what else there is is sought everywhere */
    size_t rejected_max; /* rejected links to be told */
};

struct path {
    struct text *kma_ids; /* source to destination, both included */
    uint32_t *kmas;       /* their numbers in the network */
    size_t length;
    uint32_t *links; /* length - 1 */
    uint64_t cost;
    uint32_t bottleneck; /* the link with the least stock, the first of equals */
};

struct rejected_link {
    uint32_t link;
    enum rejection rejection;
};

/* Why there is no path at all. */
enum paths_none {
    PATHS_NONE_NOT,           /* there is one */
    PATHS_NONE_KMA_DISABLED,  /* source or destination: see `kma` */
    PATHS_NONE_NOT_CONNECTED, /* no links lead there, whatever their state */
    PATHS_NONE_LINKS,         /* links lead there, but are rejected */
    PATHS_NONE_HOPS,          /* there are paths of more hops */
    PATHS_NONE_REQUIRED,      /* there are paths, but none by way of the required KMAs */
    PATHS_NONE_WORK,          /* the limit of work was reached before one was found */
};

/* Lives in the arena. */
struct paths_answer {
    struct path *paths; /* best first */
    size_t count;
    enum paths_none none;
    struct text kma_id; /* of PATHS_NONE_KMA_DISABLED */
    bool complete; /* false: the limit of work was reached; the paths told are the best, but there may be more
                    */
    uint64_t steps;
    struct rejected_link *rejected; /* by ID; at most rejected_max of rejected_count */
    size_t rejected_count;
    const uint8_t *rejections; /* an enum rejection for each link */
};

enum paths_status {
    PATHS_OK,
    PATHS_NO_MEMORY,
    PATHS_SAME_KMA,     /* source and destination are one */
    PATHS_KMA_UNKNOWN,  /* the rest: *out_fault names which */
    PATHS_LINK_UNKNOWN, /* of avoid_link_ids */
    PATHS_END_AVOIDED,
    PATHS_REQUIRED_AVOIDED,
};

/* Which identifier of the request is at fault. */
struct paths_fault {
    enum paths_member {
        PATHS_SOURCE,
        PATHS_DESTINATION,
        PATHS_AVOID_KMAS,
        PATHS_AVOID_LINKS,
        PATHS_REQUIRE_KMAS
    } member;
    size_t index; /* of a list */
};

/* `arena` holds the answer and all that is needed meanwhile. Not PATHS_OK: only *out_fault is set. */
enum paths_status paths_find(const struct network *network, const struct paths_request *request,
                             struct arena *arena, struct paths_answer *out_answer,
                             struct paths_fault *out_fault);

/*
 * The same, but links of NETWORK_COST_AVOIDED are on a path only if there is none without. Their cost alone
 * sees to that where costs come first, so that this differs for PATHS_WIDEST alone.
 */
enum paths_status paths_find_sparing(const struct network *network, const struct paths_request *request,
                                     struct arena *arena, struct paths_answer *out_answer,
                                     struct paths_fault *out_fault);

/* Fills in what `kmas`, `length` and `links` tell; false: out of memory. */
bool path_describe(const struct network *network, struct arena *arena, struct path *path);

#endif
