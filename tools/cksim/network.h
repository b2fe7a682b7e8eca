/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated key network: links with key stocks, and what a key relay over one hop costs and needs. */
#ifndef CKSIM_NETWORK_H
#define CKSIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "cksim/scenario.h"

/* Keys that two neighbours share; refilled by time up to the capacity. */
struct key_stock {
    double available, capacity; /* keys; a negative capacity is unlimited */
    double rate;                /* keys a second; negative: refilled at once */
    uint64_t refilled_ns;
};
void key_stock_init(struct key_stock *stock, double capacity, double rate, uint64_t now_ns);
/* What it holds now. */
double key_stock_available(struct key_stock *stock, uint64_t now_ns);
/* Uses up one key; false when there is none. */
bool key_stock_take(struct key_stock *stock, uint64_t now_ns);

enum hop_status {
    HOP_OK,
    HOP_NO_LINK,
    HOP_LINK_DOWN,
    HOP_NO_KEYS,
    HOP_KM_AWAY,
    /* What ends a relay at a hop without being the hop's own fault. */
    HOP_LIMIT,
    HOP_LOOP,
    HOP_STATUS_END,
};
/* "insufficient_keys" ... */
const char *hop_status_name(enum hop_status status);

struct network_link {
    uint64_t pair; /* the table's key: both KMAs, the smaller one first */
    struct key_stock stock;
    uint64_t delay_ns;
    uint32_t next; /* the next link between the same two, or NOBODY */
    uint32_t cuts; /* faults that hold it down at this moment */
    uint64_t keys_taken, keys_lacked;
};

struct network {
    const struct scenario *scenario;
    struct network_link *links; /* as scenario.links */
    struct table pairs;         /* the first link of each pair */
    uint32_t *neighbours;       /* of all KMAs, one after the other */
    uint32_t *first_neighbour;  /* kma_count + 1 places in `neighbours` */
    bool *km_present;           /* who answers its neighbours; set by the fleet */
};

/* The scenario is finished and outlives the network. */
void network_init(struct network *network, const struct scenario *scenario, uint64_t now_ns);
void network_fini(struct network *network);
bool network_has_link(const struct network *network, uint32_t a, uint32_t b);
/* May a key go from one KMA to the other now? Takes nothing. */
enum hop_status network_probe(struct network *network, uint32_t from, uint32_t to, uint64_t now_ns);
/* Relays one key over the hop: takes it from the stock; *out_delay_ns is how long the hop takes. */
enum hop_status network_hop(struct network *network, uint32_t from, uint32_t to, uint64_t now_ns,
                            uint64_t *out_delay_ns);
/* The words of the Response (Ck 8.5): "insufficient keys on kma-4/kma-5". */
void network_describe(const struct network *network, enum hop_status status, uint32_t from, uint32_t to,
                      char *out_words, size_t words_bytes);

#endif
