/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made national QKD network: cities joined by a tree of fibre with trusted relays every few dozen
 * kilometres, and metropolitan networks around the first of the cities, each a ring with chords. Its figures
 * are drawn from a seed, around those of China's (145 backbone nodes of which 104 are relays, 144 links, 20
 * metropolitan networks; Chen et al. 2025, doi:10.1038/s41534-025-01089-8).
 *
 * So many nodes and links make a tree: between two cities there is one way. Ways to choose from are in the
 * metropolitan networks, and between cities only where links are added that close rings.
 */
#ifndef TESTS_BACKBONE_BACKBONE_H
#define TESTS_BACKBONE_BACKBONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    BACKBONE_NODES_MAX = 512,
    BACKBONE_LINKS_MAX = 1024,
    BACKBONE_CITIES_MAX = 64,
    BACKBONE_NAME_BYTES = 8,
    BACKBONE_NONE = 0xffff,
    /* One relay carries so much key: 256 keys of 256 bits. */
    BACKBONE_RELAY_BITS = 65536,
};

struct backbone_size {
    size_t cities, relays; /* backbone nodes together, and one link fewer */
    size_t metros;         /* at most as many as cities */
    size_t closing_links;  /* fibres between cities beyond the tree, with relays of their own */
};

struct backbone_node {
    char name[BACKBONE_NAME_BYTES]; /* "n17": its number */
    uint32_t x_km, y_km;            /* of a city */
    uint32_t metro;                 /* of which it is part; BACKBONE_NONE: of the backbone */
};

struct backbone_link {
    char name[BACKBONE_NAME_BYTES]; /* "l17": its number */
    uint32_t ends[2];
    uint32_t relays_an_hour; /* for which it makes keys */
    uint32_t length_km;      /* 0: within a metropolitan network */
};

struct backbone {
    struct backbone_node nodes[BACKBONE_NODES_MAX];
    struct backbone_link links[BACKBONE_LINKS_MAX];
    size_t node_count, link_count;
    uint16_t link_of[BACKBONE_NODES_MAX][BACKBONE_NODES_MAX]; /* BACKBONE_NONE: none joins them */
    uint32_t metro_first[BACKBONE_CITIES_MAX];                /* nodes of one metro are beside each other */
    uint32_t metro_nodes[BACKBONE_CITIES_MAX];                /* how many */
    size_t metro_count;
    uint32_t users[BACKBONE_NODES_MAX]; /* nodes at which keys are wanted: metropolitan, and cities without */
    size_t user_count;
};

/* Of one seed always the same. */
void backbone_make(struct backbone *backbone, const struct backbone_size *size, uint64_t seed);
struct text backbone_node_id(const struct backbone *backbone, uint32_t node);
/* The number in a node's name. */
uint32_t backbone_node_of(struct text node_id);

#endif
