/* SPDX-License-Identifier: Apache-2.0 */
/* Paths through small random networks, beside all paths that there are, found by trying every one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seeded.h"
#include "topology/blocks.h"
#include "topology/distances.h"
#include "topology_fixture.h"

enum { NODES_MAX = 8, LINKS_MAX = 24, ALL_MAX = 4000, SEED_FIRST = 1 };

struct every {
    uint64_t seed;
    size_t node_count, link_count;
    char names[NODES_MAX][8];
    char link_names[LINKS_MAX][8];
    struct network_link links[LINKS_MAX];
    struct network_kma kmas[NODES_MAX];
    size_t ends[LINKS_MAX][2];
    /* the request */
    enum paths_metric metric;
    size_t source, destination;
    unsigned avoid_nodes, avoid_links, required; /* bits */
    size_t hops_max;
    int64_t key_stock_min;
    /* what trying finds */
    struct way {
        size_t nodes[NODES_MAX];
        size_t length;
        uint64_t cost;
        uint64_t width; /* 0: no key; 1: unknown; else stock + 1 */
    } * all;
    size_t all_count;
};

static uint64_t width_of(const struct network_link *link)
{
    return link->key_stock < 0 ? 1 : link->key_stock == 0 ? 0 : (uint64_t)link->key_stock + 1;
}

static bool is_usable(const struct every *every, size_t link)
{
    const struct network_link *it = &every->links[link];
    size_t a = every->ends[link][0], b = every->ends[link][1];
    return it->up && every->kmas[a].enabled && every->kmas[b].enabled &&
           (every->avoid_links >> link & 1) == 0 &&
           ((every->avoid_nodes >> a | every->avoid_nodes >> b) & 1) == 0 &&
           (every->key_stock_min == 0 || it->key_stock >= every->key_stock_min);
}

/* Of the usable links between two nodes: the least cost among those of at least this width; false: none. */
static bool cheapest(const struct every *every, size_t a, size_t b, uint64_t width_min, uint64_t *out_cost,
                     uint64_t *out_width)
{
    bool found = false;
    for (size_t i = 0; i < every->link_count; i++) {
        bool joins = (every->ends[i][0] == a && every->ends[i][1] == b) ||
                     (every->ends[i][0] == b && every->ends[i][1] == a);
        uint64_t width = width_of(&every->links[i]);
        if (!joins || !is_usable(every, i) || width < width_min)
            continue;
        if (!found || every->links[i].cost < *out_cost ||
            (every->links[i].cost == *out_cost && width > *out_width)) {
            *out_cost = every->links[i].cost;
            *out_width = width;
        }
        found = true;
    }
    return found;
}

static uint64_t widest_between(const struct every *every, size_t a, size_t b)
{
    uint64_t widest = 0, cost, width;
    for (size_t i = 0; i < every->link_count; i++) {
        if (cheapest(every, a, b, width_of(&every->links[i]), &cost, &width) &&
            width_of(&every->links[i]) > widest)
            widest = width_of(&every->links[i]);
    }
    return widest;
}

static void weigh(const struct every *every, struct way *way)
{
    uint64_t floor = UINT64_MAX, cost = 0, width = 0;
    for (size_t i = 0; i + 1 < way->length; i++) {
        uint64_t widest = widest_between(every, way->nodes[i], way->nodes[i + 1]);
        floor = widest < floor ? widest : floor;
    }
    way->cost = 0;
    way->width = UINT64_MAX;
    for (size_t i = 0; i + 1 < way->length; i++) {
        assert_true(cheapest(every, way->nodes[i], way->nodes[i + 1],
                             every->metric == PATHS_WIDEST ? floor : 0, &cost, &width));
        way->cost += cost;
        way->width = width < way->width ? width : way->width;
    }
}

static void try_all(struct every *every, struct way *way, unsigned visited)
{
    size_t at = way->nodes[way->length - 1];
    uint64_t cost, width;
    if (at == every->destination) {
        if ((visited & every->required) != every->required)
            return;
        assert_true(every->all_count < ALL_MAX);
        every->all[every->all_count] = *way;
        weigh(every, &every->all[every->all_count++]);
        return;
    }
    if (way->length == every->hops_max + 1)
        return;
    for (size_t next = 0; next < every->node_count; next++) {
        if ((visited >> next & 1) != 0 || !cheapest(every, at, next, 0, &cost, &width))
            continue;
        way->nodes[way->length++] = next;
        try_all(every, way, visited | 1U << next);
        way->length--;
    }
}

static const struct every *ordering; /* qsort has no context */

static int compare_ways(const void *left, const void *right)
{
    const struct way *a = left, *b = right;
    int by_cost = (a->cost > b->cost) - (a->cost < b->cost);
    int by_width = (a->width < b->width) - (a->width > b->width);
    int order = ordering->metric == PATHS_WIDEST                     ? (by_width != 0 ? by_width : by_cost)
                : by_cost != 0 || ordering->metric == PATHS_SHORTEST ? by_cost
                                                                     : by_width;
    if (order != 0)
        return order;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    for (size_t i = 0; i < a->length; i++) {
        int by_name = strcmp(ordering->names[a->nodes[i]], ordering->names[b->nodes[i]]);
        if (by_name != 0)
            return by_name;
    }
    return 0;
}

/* Few different values make many ties; names are not in the order of numbers. */
static void make_network(struct every *every, struct seeded *seeded)
{
    uint64_t costs = 1 + seeded_below(seeded, 4), stocks = 1 + seeded_below(seeded, 5);
    every->node_count = 2 + seeded_below(seeded, NODES_MAX - 1);
    every->link_count = seeded_below(seeded, 3 * every->node_count);
    for (size_t i = 0; i < every->node_count; i++) {
        snprintf(every->names[i], sizeof every->names[i], "k%zu", (i * 5 + every->seed) % 8);
        every->kmas[i] = (struct network_kma){ text_from_c(every->names[i]), seeded_below(seeded, 16) != 0 };
    }
    for (size_t i = 0; i < every->link_count; i++) {
        size_t a = seeded_below(seeded, every->node_count), b = seeded_below(seeded, every->node_count);
        snprintf(every->link_names[i], sizeof every->link_names[i], "l%zu", (i * 7) % LINKS_MAX);
        every->ends[i][0] = a;
        every->ends[i][1] = b;
        every->links[i] = (struct network_link){ .link_id = text_from_c(every->link_names[i]),
                                                 .kma_a = text_from_c(every->names[a]),
                                                 .kma_b = text_from_c(every->names[b]),
                                                 .cost = (uint32_t)seeded_below(seeded, costs),
                                                 .key_stock = (int64_t)seeded_below(seeded, stocks + 1) - 1,
                                                 .key_rate = -1,
                                                 .up = seeded_below(seeded, 12) != 0 };
    }
}

static void make_request(struct every *every, struct seeded *seeded)
{
    every->metric = (enum paths_metric)seeded_below(seeded, 3);
    every->source = seeded_below(seeded, every->node_count);
    do
        every->destination = seeded_below(seeded, every->node_count);
    while (every->destination == every->source);
    every->hops_max = seeded_below(seeded, 2) == 0 ? NODES_MAX : 1 + seeded_below(seeded, NODES_MAX - 1);
    every->key_stock_min = seeded_below(seeded, 4) == 0 ? (int64_t)seeded_below(seeded, 4) : 0;
    for (size_t i = 0; i < every->node_count; i++) {
        bool is_end = i == every->source || i == every->destination;
        uint64_t lot = seeded_below(seeded, 24);
        if (lot == 0 && !is_end)
            every->avoid_nodes |= 1U << i;
        else if (lot < 3)
            every->required |= 1U << i;
    }
    while (__builtin_popcount(every->required) > PATHS_REQUIRED_MAX)
        every->required &= every->required - 1;
    for (size_t i = 0; i < every->link_count; i++)
        every->avoid_links |= (seeded_below(seeded, 16) == 0 ? 1U : 0U) << i;
}

static size_t gather(unsigned bits, char (*names)[8], struct text *out_ids)
{
    size_t count = 0;
    for (size_t i = 0; i < 32; i++) {
        if (bits >> i & 1)
            out_ids[count++] = text_from_c(names[i]);
    }
    return count;
}

static void compare(const struct every *every, const struct fixture *fixture, size_t k)
{
    size_t expected = every->all_count < k ? every->all_count : k;
    const struct paths_answer *answer = &fixture->answer;
    if (answer->count != expected || !answer->complete)
        fail_msg("seed %llu: %zu paths, not %zu", (unsigned long long)every->seed, answer->count, expected);
    if ((answer->none == PATHS_NONE_NOT) != (expected > 0))
        fail_msg("seed %llu: none is %d", (unsigned long long)every->seed, answer->none);
    for (size_t i = 0; i < expected; i++) {
        const struct path *path = &answer->paths[i];
        const struct way *way = &every->all[i];
        struct network_link bottleneck = network_link(fixture->network, path->bottleneck);
        bool same =
            path->length == way->length && path->cost == way->cost && width_of(&bottleneck) == way->width;
        for (size_t j = 0; same && j < way->length; j++)
            same = text_equal_c(path->kma_ids[j], every->names[way->nodes[j]]);
        if (!same)
            fail_msg("seed %llu: path %zu costs %llu in %zu hops, not %llu in %zu",
                     (unsigned long long)every->seed, i, (unsigned long long)path->cost, path->length - 1,
                     (unsigned long long)way->cost, way->length - 1);
    }
}

/* The same again for who knows already what every KMA costs from the destination, and which links lie on
   rings: by links that may all be used, whatever the request says. */
static void compare_knowing(const struct every *every, struct fixture *fixture, struct paths_request *request)
{
    uint8_t rejections[LINKS_MAX];
    uint32_t blocks[LINKS_MAX], destination;
    struct distance distances[NODES_MAX];
    uint64_t costs[NODES_MAX];
    const struct constraints none = { .key_stock_min = 0 };
    assert_true(network_find_kma(fixture->network, request->destination_kma_id, &destination));
    selection_make(fixture->network, &none, rejections);
    assert_true(distances_find(fixture->network, rejections, &fixture->memory, destination, distances));
    assert_true(blocks_find(fixture->network, rejections, &fixture->memory, blocks));
    for (size_t i = 0; i < network_kma_count(fixture->network); i++)
        costs[i] = distances[i].cost;
    request->cost_to_go = costs;
    assert_int_equal(fixture_find(fixture, request), PATHS_OK);
    compare(every, fixture, request->k);
    request->blocks = blocks;
    assert_int_equal(fixture_find(fixture, request), PATHS_OK);
    compare(every, fixture, request->k);
}

static void run(uint64_t seed)
{
    static struct every every;
    static struct way all[ALL_MAX];
    struct seeded seeded = { seed };
    struct text avoid_kmas[NODES_MAX], avoid_links[LINKS_MAX], required[NODES_MAX];
    every = (struct every){ .seed = seed, .all = all };
    make_network(&every, &seeded);
    make_request(&every, &seeded);
    struct way start = { .nodes = { every.source }, .length = 1 };
    try_all(&every, &start, 1U << every.source);
    ordering = &every;
    qsort(all, every.all_count, sizeof *all, compare_ways);

    struct fixture fixture;
    fixture_init(&fixture, "", NULL);
    network_free(fixture.network);
    struct network_description description = { every.links, every.link_count, every.kmas, every.node_count };
    assert_int_equal(network_new(&fixture.memory, &description, &fixture.network), NETWORK_OK);
    struct paths_request request = fixture_request(every.names[every.source], every.names[every.destination],
                                                   1 + (uint32_t)seeded_below(&seeded, PATHS_K_MAX));
    request.metric = every.metric;
    request.avoid_kma_ids = avoid_kmas;
    request.avoid_kma_id_count = gather(every.avoid_nodes, every.names, avoid_kmas);
    request.avoid_link_ids = avoid_links;
    request.avoid_link_id_count = gather(every.avoid_links, every.link_names, avoid_links);
    request.require_kma_ids = required;
    request.require_kma_id_count = gather(every.required, every.names, required);
    request.hops_max = (uint32_t)every.hops_max;
    request.key_stock_min = every.key_stock_min;
    if (fixture_find(&fixture, &request) != PATHS_OK)
        fail_msg("seed %llu: refused", (unsigned long long)seed);
    compare(&every, &fixture, request.k);
    if (request.metric != PATHS_WIDEST && request.require_kma_id_count == 0)
        compare_knowing(&every, &fixture, &request);
    fixture_fini(&fixture);
}

/* TOPOLOGY_SEED replays one. */
static void test_paths_are_those_that_trying_every_one_finds(void **state)
{
    const char *one = getenv("TOPOLOGY_SEED"), *many = getenv("TOPOLOGY_SEEDS");
    uint64_t count = many != NULL ? strtoull(many, NULL, 10) : 4000;
    (void)state;
    if (one != NULL) {
        run(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = SEED_FIRST; seed < SEED_FIRST + count; seed++)
        run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_are_those_that_trying_every_one_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
