/* SPDX-License-Identifier: Apache-2.0 */
#include "backbone/backbone.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seeded.h"

enum {
    COUNTRY_KM_X = 2600,
    COUNTRY_KM_Y = 2200,
    SECTION_KM = 70, /* of fibres that close rings; of the others it follows from how many relays there are */
    METRO_NODES_MIN = 6,
    METRO_NODES_MAX = 14,
    /* kbit/s; doubled once and again, each step as likely: 10 to 80 between cities, 20 to 80 within. */
    RATE_KBIT_BACKBONE = 10,
    RATE_KBIT_METRO = 20,
    HOUR_S = 3600,
};

struct making {
    struct backbone *backbone;
    const struct backbone_size *size;
    struct seeded seeded;
    /* Fibres between cities, before relays divide them. */
    struct fibre {
        uint32_t from, to;
        size_t relays;
        uint32_t length_km;
    } fibres[BACKBONE_CITIES_MAX];
    size_t fibre_count;
};

static uint32_t add_node(struct backbone *backbone, uint32_t metro)
{
    assert(backbone->node_count < BACKBONE_NODES_MAX);
    const uint32_t node = (uint32_t)backbone->node_count++;
    struct backbone_node *made = &backbone->nodes[node];
    *made = (struct backbone_node){ .metro = metro };
    snprintf(made->name, sizeof made->name, "n%u", node);
    return node;
}

static uint32_t draw_rate(struct making *making, uint32_t kbit_min, uint32_t doublings)
{
    const uint64_t least = (uint64_t)kbit_min << seeded_below(&making->seeded, doublings);
    const uint64_t bits_an_hour = (least * 1000 + seeded_below(&making->seeded, least * 1000)) * HOUR_S;
    return (uint32_t)(bits_an_hour / BACKBONE_RELAY_BITS);
}

static void add_link(struct backbone *backbone, uint32_t a, uint32_t b, uint32_t relays_an_hour,
                     uint32_t length_km)
{
    assert(backbone->link_count < BACKBONE_LINKS_MAX && a != b && backbone->link_of[a][b] == BACKBONE_NONE);
    const size_t link = backbone->link_count++;
    struct backbone_link *made = &backbone->links[link];
    *made =
        (struct backbone_link){ .ends = { a, b }, .relays_an_hour = relays_an_hour, .length_km = length_km };
    snprintf(made->name, sizeof made->name, "l%zu", link);
    backbone->link_of[a][b] = backbone->link_of[b][a] = (uint16_t)link;
}

/* ---- cities ---- */

static uint32_t square_root(uint64_t number)
{
    uint64_t root = 0;
    while ((root + 1) * (root + 1) <= number)
        root++;
    return (uint32_t)root;
}

static uint32_t distance_km(const struct backbone *backbone, uint32_t a, uint32_t b)
{
    const struct backbone_node *left = &backbone->nodes[a], *right = &backbone->nodes[b];
    const int64_t x = (int64_t)left->x_km - right->x_km, y = (int64_t)left->y_km - right->y_km;
    return square_root((uint64_t)(x * x + y * y));
}

static void add_fibre(struct making *making, uint32_t from, uint32_t to)
{
    assert(making->fibre_count < BACKBONE_CITIES_MAX);
    making->fibres[making->fibre_count++] =
        (struct fibre){ from, to, 0, distance_km(making->backbone, from, to) };
}

/* Prim: the city nearest to those that are joined is joined next. */
static void join_cities(struct making *making)
{
    const struct backbone *backbone = making->backbone;
    bool joined[BACKBONE_CITIES_MAX] = { true };
    for (size_t count = 1; count < making->size->cities; count++) {
        uint32_t from = 0, to = 0, least = UINT32_MAX;
        for (uint32_t a = 0; a < making->size->cities; a++) {
            for (uint32_t b = 0; joined[a] && b < making->size->cities; b++) {
                if (joined[b] || distance_km(backbone, a, b) >= least)
                    continue;
                from = a;
                to = b;
                least = distance_km(backbone, a, b);
            }
        }
        joined[to] = true;
        add_fibre(making, from, to);
    }
}

/* A relay divides the fibre with the longest sections. */
static void place_relays(struct making *making)
{
    for (size_t i = 0; i < making->size->relays; i++) {
        struct fibre *longest = &making->fibres[0];
        for (size_t j = 1; j < making->fibre_count; j++) {
            struct fibre *fibre = &making->fibres[j];
            if (fibre->length_km * (longest->relays + 1) > longest->length_km * (fibre->relays + 1))
                longest = fibre;
        }
        longest->relays++;
    }
}

static void lay_fibre(struct making *making, const struct fibre *fibre)
{
    struct backbone *backbone = making->backbone;
    uint32_t from = fibre->from;
    for (size_t i = 0; i <= fibre->relays; i++) {
        const uint32_t to = i < fibre->relays ? add_node(backbone, BACKBONE_NONE) : fibre->to;
        add_link(backbone, from, to, draw_rate(making, RATE_KBIT_BACKBONE, 3),
                 fibre->length_km / (uint32_t)(fibre->relays + 1));
        from = to;
    }
}

static bool has_fibre(const struct making *making, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < making->fibre_count; i++) {
        const struct fibre *fibre = &making->fibres[i];
        if ((fibre->from == a && fibre->to == b) || (fibre->from == b && fibre->to == a))
            return true;
    }
    return false;
}

/* With relays of their own. They come last, so that all else is the same without them. */
static void close_rings(struct making *making)
{
    for (size_t i = 0; i < making->size->closing_links; i++) {
        uint32_t a, b;
        do {
            a = (uint32_t)seeded_below(&making->seeded, making->size->cities);
            b = (uint32_t)seeded_below(&making->seeded, making->size->cities);
        } while (a == b || has_fibre(making, a, b));
        add_fibre(making, a, b);
        struct fibre *fibre = &making->fibres[making->fibre_count - 1];
        fibre->relays = fibre->length_km / SECTION_KM;
        lay_fibre(making, fibre);
    }
}

static void make_backbone(struct making *making)
{
    for (size_t i = 0; i < making->size->cities; i++) {
        struct backbone_node *city = &making->backbone->nodes[add_node(making->backbone, BACKBONE_NONE)];
        city->x_km = (uint32_t)seeded_below(&making->seeded, COUNTRY_KM_X);
        city->y_km = (uint32_t)seeded_below(&making->seeded, COUNTRY_KM_Y);
    }
    join_cities(making);
    place_relays(making);
    for (size_t i = 0; i < making->fibre_count; i++)
        lay_fibre(making, &making->fibres[i]);
}

/* ---- metropolitan networks ---- */

static void add_metro_link(struct making *making, uint32_t a, uint32_t b)
{
    if (a != b && making->backbone->link_of[a][b] == BACKBONE_NONE)
        add_link(making->backbone, a, b, draw_rate(making, RATE_KBIT_METRO, 2), 0);
}

/* A ring that passes the city's backbone node at two places, and a chord for every other node. */
static void make_metro(struct making *making, uint32_t city)
{
    struct backbone *backbone = making->backbone;
    const uint32_t count =
        METRO_NODES_MIN + (uint32_t)seeded_below(&making->seeded, METRO_NODES_MAX - METRO_NODES_MIN + 1);
    const uint32_t first = (uint32_t)backbone->node_count;
    for (uint32_t i = 0; i < count; i++)
        backbone->users[backbone->user_count++] = add_node(backbone, city);
    for (uint32_t i = 0; i < count; i++)
        add_metro_link(making, first + i, first + (i + 1) % count);
    add_metro_link(making, city, first);
    add_metro_link(making, city, first + count / 2);
    for (uint32_t i = 0; i < count / 2; i++)
        add_metro_link(making, first + (uint32_t)seeded_below(&making->seeded, count),
                       first + (uint32_t)seeded_below(&making->seeded, count));
    backbone->metro_first[backbone->metro_count] = first;
    backbone->metro_nodes[backbone->metro_count++] = count;
}

void backbone_make(struct backbone *backbone, const struct backbone_size *size, uint64_t seed)
{
    assert(size->cities >= 2 && size->cities <= BACKBONE_CITIES_MAX && size->metros <= size->cities);
    struct making making = { .backbone = backbone, .size = size, .seeded = { seed } };
    *backbone = (struct backbone){ .node_count = 0 };
    memset(backbone->link_of, 0xff, sizeof backbone->link_of);
    make_backbone(&making);
    for (uint32_t city = 0; city < size->metros; city++)
        make_metro(&making, city);
    for (uint32_t city = (uint32_t)size->metros; city < size->cities; city++)
        backbone->users[backbone->user_count++] = city;
    close_rings(&making);
}

struct text backbone_node_id(const struct backbone *backbone, uint32_t node)
{
    return text_from_c(backbone->nodes[node].name);
}

uint32_t backbone_node_of(struct text node_id)
{
    char words[BACKBONE_NAME_BYTES];
    if (node_id.length < 2 || !text_to_c(node_id, words, sizeof words))
        return BACKBONE_NONE;
    const unsigned long node = strtoul(words + 1, NULL, 10);
    return node < BACKBONE_NODES_MAX ? (uint32_t)node : (uint32_t)BACKBONE_NONE;
}
