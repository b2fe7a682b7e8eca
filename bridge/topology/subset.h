/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The best path among those that begin with a given prefix and do not go on to certain KMAs: Lawler's
 * partition of all paths is made of such subsets, each searched once.
 */
#ifndef TOPOLOGY_SUBSET_H
#define TOPOLOGY_SUBSET_H

#include "topology/paths.h"
#include "topology/search.h"

/* What holds for all subsets of one request. */
struct quest {
    const struct network *network;
    struct search search;
    struct arena *arena; /* of candidates */
    enum paths_metric metric;
    uint32_t source, destination;
    uint32_t hops_max;
    uint32_t required[SEARCH_REQUIRED_MAX];
    size_t required_count;
    /* By KMA, toward the destination; NULL: not computed. */
    const uint64_t *cost_to_go, *narrowness_to_go;
    uint32_t *hops_to_go;
};

struct subset {
    const uint32_t *prefix; /* without repetition */
    uint32_t prefix_length;
    const uint32_t *not_next; /* KMAs that must not follow upon the prefix */
    size_t not_next_count;
};

/* The best of a subset: at first a bound of what it weighs, then a way from source to destination. With KMAs
   required the way may pass a KMA twice; then it is no path, but still a bound for those in its subset. */
struct candidate {
    struct subset subset;
    uint32_t *kmas;  /* NULL: a bound */
    uint32_t length; /* 0: a bound */
    uint64_t cost;
    uint64_t narrowness; /* the greatest of its links' */
    bool is_guess;       /* nothing was sought yet: none of the subset costs less */
};

/* What the subset points at must live on with the quest's arena. */
enum search_status subset_bound(struct quest *quest, const struct subset *subset,
                                struct candidate *out_candidate);
/* Makes a way of a bound. */
enum search_status subset_settle(struct quest *quest, struct candidate *candidate);
/* The better comes first: by the metric, then fewer hops, then by KMAs. */
int candidate_compare(enum paths_metric metric, const struct candidate *left, const struct candidate *right);
/* The position of the first KMA that was there before; the length: none. */
uint32_t candidate_repetition(const struct candidate *candidate);
/* The link that stands for an adjacency of a candidate: of those that are not narrower than it, the cheapest;
   of equals the least narrow, then the first by ID. */
uint32_t candidate_link(const struct quest *quest, const struct candidate *candidate, uint32_t position);

#endif
