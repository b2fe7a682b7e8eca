/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network as paths are sought in it: a weighted multigraph of KMAs and the links between them. Links have
 * no direction and may be parallel. KMAs of one KM are not joined by that alone: only a link joins. What is
 * joined to what stays as it was built; what links cost and hold may change in place.
 */
#ifndef TOPOLOGY_NETWORK_H
#define TOPOLOGY_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* What configuration may name at most; one more of either is NETWORK_TOO_LARGE. */
enum {
    NETWORK_LINKS_MAX = LIMIT_LINKS,
    NETWORK_KMAS_MAX = 2 * LIMIT_LINKS + LIMIT_KMS * LIMIT_KMAS_PER_KM,
};

/* Of a link that is used only when there is nothing else. */
#define NETWORK_COST_AVOIDED UINT32_MAX

struct network_link {
    struct text link_id; /* each once */
    struct text kma_a, kma_b;
    uint32_t cost;
    int64_t key_stock; /* keys; -1: unknown */
    int64_t key_rate;  /* as configured; -1: unknown */
    bool up;
};

/* A KMA that a KM names, whether or not a link does. */
struct network_kma {
    struct text kma_id;
    bool enabled; /* its KM is */
};

/* Borrowed while the network is built; the network copies what it keeps. In any order. */
struct network_description {
    const struct network_link *links;
    size_t link_count;
    const struct network_kma *kmas;
    size_t kma_count;
};

struct network;

enum network_status { NETWORK_OK, NETWORK_NO_MEMORY, NETWORK_TOO_LARGE };

enum network_status network_new(const struct memory *memory, const struct network_description *description,
                                struct network **out_network);
/* NULL is ignored. */
void network_free(struct network *network);

/* KMAs and links are numbered from 0 in the bytewise order of their identifiers. */
size_t network_kma_count(const struct network *network);
size_t network_link_count(const struct network *network);
bool network_find_kma(const struct network *network, struct text kma_id, uint32_t *out_kma);
bool network_find_link(const struct network *network, struct text link_id, uint32_t *out_link);
struct text network_kma_id(const struct network *network, uint32_t kma);
bool network_kma_is_enabled(const struct network *network, uint32_t kma);
/* Its texts live as long as the network. */
struct network_link network_link(const struct network *network, uint32_t link);

/* ---- changes in place ---- */

/* Its cost, stock, rate and state; its ID and ends are not looked at. */
void network_set_link(struct network *network, uint32_t link, const struct network_link *values);
void network_set_kma_enabled(struct network *network, uint32_t kma, bool enabled);

/* DOWN: there are links, and none of them is up. KEYLESS: of those that are up, none has a key. */
enum network_adjacency {
    NETWORK_ADJACENT,
    NETWORK_ADJACENCY_DOWN,
    NETWORK_ADJACENCY_KEYLESS,
    NETWORK_NOT_ADJACENT
};
enum network_adjacency network_adjacency(const struct network *network, uint32_t left, uint32_t right);

#endif
