/* SPDX-License-Identifier: Apache-2.0 */
/* Which links a path may use under a request's constraints, and why not the others. */
#ifndef TOPOLOGY_SELECTION_H
#define TOPOLOGY_SELECTION_H

#include "topology/network.h"

/* The first that applies, in this order. */
enum rejection {
    REJECTION_NONE,
    REJECTION_LINK_DOWN,
    REJECTION_KMA_DISABLED, /* the KM of one of its ends is */
    REJECTION_LINK_AVOIDED,
    REJECTION_KMA_AVOIDED,       /* one of its ends is */
    REJECTION_INSUFFICIENT_KEYS, /* its stock is known, and below what was asked for */
    REJECTION_KEYS_UNKNOWN,      /* a stock was asked for, and nobody told this one's */
    REJECTION_LINK_SPARED,       /* it is of NETWORK_COST_AVOIDED, and there are others */
    REJECTIONS_END,
};
/* "link_down" ...; NULL for REJECTION_NONE. */
const char *rejection_name(enum rejection rejection);

/* Numbers of KMAs and links of the network; borrowed. */
struct constraints {
    const uint32_t *avoid_kmas;
    size_t avoid_kma_count;
    const uint32_t *avoid_links;
    size_t avoid_link_count;
    int64_t key_stock_min;   /* 0: any, told or not */
    bool unknown_stock_does; /* a link whose stock nobody told is used all the same */
    bool spare_avoided;      /* links of NETWORK_COST_AVOIDED are not used */
};

/* Fills `rejections` (an enum rejection for each link, REJECTION_NONE before). */
void selection_make(const struct network *network, const struct constraints *constraints,
                    uint8_t *rejections);

#endif
