/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The best way from one KMA to another, or to all, over the links that a selection leaves: labels are settled
 * in the order of their weight, guided by lower bounds of what remains (A*) where these are given.
 */
#ifndef TOPOLOGY_SEARCH_H
#define TOPOLOGY_SEARCH_H

#include "topology/network_state.h"

enum {
    SEARCH_LABELS_MAX = 1 << 19, /* of one run; reached: SEARCH_EXHAUSTED */
    SEARCH_REQUIRED_MAX = 4,     /* KMAs that a way must visit; the caller refuses more */
};

/* What is made least, along a way: the sum of costs, the greatest narrowness, or the latter where sums tie.
 */
enum measure { MEASURE_HOPS, MEASURE_COST, MEASURE_NARROWNESS, MEASURE_COST_THEN_NARROWNESS };

/* Compared by `first`, then by `second`, which only MEASURE_COST_THEN_NARROWNESS uses. */
struct weight {
    uint64_t first;
    uint64_t second;
};

/* One that is worse in nothing than another at the same KMA makes the other needless: less weight, fewer
   hops, and of equals the one whose KMAs come first in order. With KMAs required, both must have visited the
   same of these. */
struct label {
    struct weight weight;
    struct weight bound; /* of the whole way, at least */
    uint32_t kma;
    uint32_t hops;
    uint32_t rank;         /* among equal bounds the lower is settled first */
    uint32_t parent;       /* a label; NO_LABEL: the start */
    uint32_t next_at_kma;  /* another label of this KMA and these visits, or NO_LABEL */
    uint8_t visited;       /* a bit for each KMA required */
    bool settled, useless; /* useless: a better one came before it was settled */
};
enum { NO_LABEL = UINT32_MAX >> 1 };

struct search {
    const struct network *network;
    const struct memory *memory;
    const uint8_t *rejections; /* of links; not REJECTION_NONE: not to be used; NULL: all may be */
    size_t state_count;        /* of KMAs with what was visited */
    uint32_t *labels_at;       /* by state, its first label; of this run if run_at says so */
    uint32_t *run_at;
    uint32_t *closed_at; /* by KMA: equal to `closing`, it must not be entered */
    uint32_t run, closing;
    struct label *labels;
    size_t label_count, label_capacity;
    uint32_t *queue; /* a binary heap of labels */
    size_t queue_count, queue_capacity;
    uint64_t steps, steps_max; /* arcs looked at and labels settled, of all runs */
};

struct search_problem {
    enum measure measure;
    uint32_t from;
    uint32_t to;                /* NO_KMA: all */
    bool relaxed;               /* hops do not matter but between equals: one label for each KMA at most */
    bool straight;              /* equals need not be compared: the search makes for the destination */
    uint32_t hops_max;          /* unless relaxed */
    struct weight start;        /* what the way to `from` weighs already */
    uint64_t narrowness_max;    /* links above it are passed over */
    const uint64_t *to_go;      /* by KMA, at least what remains; UINT64_MAX: no way; NULL: not known */
    const uint32_t *hops_to_go; /* likewise; UINT32_MAX: no way */
    const uint32_t *not_first;  /* KMAs that must not follow upon `from` */
    size_t not_first_count;
    const uint32_t *required; /* KMAs to be visited on the way: it may then pass a KMA more than once */
    size_t required_count;
    uint8_t visited; /* of these, before `from` */
};

enum search_status { SEARCH_FOUND, SEARCH_NONE, SEARCH_EXHAUSTED, SEARCH_NO_MEMORY };

/* False: out of memory, nothing is held. `memory` and `network` outlive the search. */
bool search_init(struct search *search, const struct network *network, const struct memory *memory,
                 size_t required_count);
void search_fini(struct search *search);
/* No KMA is closed; then those that are told. */
void search_open_all(struct search *search);
void search_close(struct search *search, uint32_t kma);
/* *out_label is the way's last label, valid until the next run; a search to all leaves it. */
enum search_status search_run(struct search *search, const struct search_problem *problem,
                              uint32_t *out_label);
/* The best label of a KMA after a search to all; NULL: none. */
const struct label *search_label_at(const struct search *search, uint32_t kma);
/* KMAs from the start to the label, both included: label->hops + 1 of them. */
void search_way(const struct search *search, uint32_t label, uint32_t *out_kmas);

#endif
