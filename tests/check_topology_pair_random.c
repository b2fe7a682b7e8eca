/* SPDX-License-Identifier: Apache-2.0 */
/* Disjoint pairs in small random networks, beside all pairs that there are, found by trying every one. */
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
#include "topology/pair.h"
#include "topology_fixture.h"

enum { NODES_MAX = 7, LINKS_MAX = 14, ALL_MAX = 8000, SEED_FIRST = 1 };

/* KMAs and links are numbered as the network numbers them: their names are in order. */
struct trial {
    uint64_t seed;
    size_t node_count, link_count;
    char names[NODES_MAX][24], link_names[LINKS_MAX][24];
    struct network_link links[LINKS_MAX];
    struct network_kma kmas[NODES_MAX];
    size_t ends[LINKS_MAX][2];
    enum paths_metric metric;
    enum disjointness disjointness;
    size_t hops_max;
    int64_t key_stock_min;
    unsigned avoid_nodes, avoid_links;
    /* Every way from the first node to the last. */
    struct way {
        unsigned nodes, links; /* bits */
        size_t hops;
        uint64_t cost, width; /* width as in check_topology_random.c: 1 is unknown */
    } ways[ALL_MAX];
    size_t way_count;
};

struct weight {
    uint64_t cost, width, hops;
};

static uint64_t width_of(const struct network_link *link)
{
    return link->key_stock < 0 ? 1 : link->key_stock == 0 ? 0 : (uint64_t)link->key_stock + 1;
}

static void make_links(struct trial *trial, struct seeded *seeded)
{
    uint64_t costs = 1 + seeded_below(seeded, 5), stocks = 1 + seeded_below(seeded, 5);
    trial->link_count = trial->node_count + seeded_below(seeded, LINKS_MAX - trial->node_count + 1);
    for (size_t i = 0; i < trial->link_count; i++) {
        size_t a = seeded_below(seeded, trial->node_count), b = seeded_below(seeded, trial->node_count);
        snprintf(trial->link_names[i], sizeof trial->link_names[i], "l%02zu", i);
        trial->ends[i][0] = a;
        trial->ends[i][1] = b;
        trial->links[i] = (struct network_link){ .link_id = text_from_c(trial->link_names[i]),
                                                 .kma_a = text_from_c(trial->names[a]),
                                                 .kma_b = text_from_c(trial->names[b]),
                                                 .cost = (uint32_t)seeded_below(seeded, costs),
                                                 .key_stock = (int64_t)seeded_below(seeded, stocks + 1) - 1,
                                                 .key_rate = -1,
                                                 .up = seeded_below(seeded, 16) != 0 };
        trial->avoid_links |= (seeded_below(seeded, 24) == 0 ? 1U : 0U) << i;
    }
}

static void make(struct trial *trial, struct seeded *seeded)
{
    trial->node_count = 2 + seeded_below(seeded, NODES_MAX - 1);
    for (size_t i = 0; i < trial->node_count; i++) {
        bool is_end = i == 0 || i + 1 == trial->node_count;
        snprintf(trial->names[i], sizeof trial->names[i], "k%zu", i);
        trial->kmas[i] = (struct network_kma){ text_from_c(trial->names[i]), true };
        trial->avoid_nodes |= (!is_end && seeded_below(seeded, 24) == 0 ? 1U : 0U) << i;
    }
    make_links(trial, seeded);
    trial->metric = (enum paths_metric)seeded_below(seeded, 3);
    trial->disjointness = (enum disjointness)seeded_below(seeded, 2);
    trial->hops_max = seeded_below(seeded, 3) != 0 ? NODES_MAX : 1 + seeded_below(seeded, NODES_MAX - 1);
    trial->key_stock_min = seeded_below(seeded, 6) == 0 ? (int64_t)seeded_below(seeded, 4) : 0;
}

static bool is_usable(const struct trial *trial, size_t link)
{
    const struct network_link *it = &trial->links[link];
    return it->up && (trial->avoid_links >> link & 1) == 0 &&
           ((trial->avoid_nodes >> trial->ends[link][0] | trial->avoid_nodes >> trial->ends[link][1]) & 1) ==
               0 &&
           (trial->key_stock_min == 0 || it->key_stock >= trial->key_stock_min);
}

static void try_all(struct trial *trial, size_t at, const struct way *way)
{
    if (at + 1 == trial->node_count) {
        assert_true(trial->way_count < ALL_MAX);
        trial->ways[trial->way_count++] = *way;
        return;
    }
    for (size_t i = 0; i < trial->link_count; i++) {
        if ((trial->ends[i][0] != at && trial->ends[i][1] != at) || !is_usable(trial, i))
            continue;
        size_t next = trial->ends[i][0] == at ? trial->ends[i][1] : trial->ends[i][0];
        uint64_t width = width_of(&trial->links[i]);
        if ((way->nodes >> next & 1) != 0)
            continue;
        struct way longer = { way->nodes | 1U << next, way->links | 1U << i, way->hops + 1,
                              way->cost + trial->links[i].cost, way->width < width ? way->width : width };
        try_all(trial, next, &longer);
    }
}

static bool is_disjoint(const struct trial *trial, const struct way *one, const struct way *other)
{
    unsigned ends = 1U | 1U << (trial->node_count - 1);
    if ((one->links & other->links) != 0)
        return false;
    return trial->disjointness == DISJOINT_LINKS ||
           ((one->nodes & other->nodes) == ends && (one->nodes | other->nodes) != ends);
}

static bool is_better(enum paths_metric metric, const struct weight *left, const struct weight *right)
{
    if (metric == PATHS_WIDEST && left->width != right->width)
        return left->width > right->width;
    if (left->cost != right->cost)
        return left->cost < right->cost;
    if (metric != PATHS_SHORTEST && left->width != right->width)
        return left->width > right->width;
    return left->hops < right->hops;
}

static bool best_pair(const struct trial *trial, size_t hops_max, struct weight *out_best)
{
    bool found = false;
    for (size_t i = 0; i < trial->way_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct way *one = &trial->ways[i], *other = &trial->ways[j];
            if (one->hops > hops_max || other->hops > hops_max || !is_disjoint(trial, one, other))
                continue;
            struct weight weight = { one->cost + other->cost,
                                     one->width < other->width ? one->width : other->width,
                                     one->hops + other->hops };
            if (!found || is_better(trial->metric, &weight, out_best))
                *out_best = weight;
            found = true;
        }
    }
    return found;
}

/* ---- what was found ---- */

static bool is_path(const struct trial *trial, const struct path *path, struct way *out_way)
{
    *out_way = (struct way){ .nodes = 1, .width = UINT64_MAX };
    for (size_t i = 0; i + 1 < path->length; i++) {
        size_t a = path->kmas[i], b = path->kmas[i + 1], link = path->links[i];
        bool joins = (trial->ends[link][0] == a && trial->ends[link][1] == b) ||
                     (trial->ends[link][0] == b && trial->ends[link][1] == a);
        uint64_t width = width_of(&trial->links[link]);
        if (!joins || !is_usable(trial, link) || (out_way->nodes >> b & 1) != 0)
            return false;
        out_way->nodes |= 1U << b;
        out_way->links |= 1U << link;
        out_way->cost += trial->links[link].cost;
        out_way->width = width < out_way->width ? width : out_way->width;
        out_way->hops++;
    }
    return path->kmas[0] == 0 && path->kmas[path->length - 1] + 1 == trial->node_count &&
           path->cost == out_way->cost;
}

static void compare_pair(const struct trial *trial, const struct pair_answer *answer)
{
    struct way one = { 0 }, other = { 0 };
    struct weight best;
    const struct path *paths = answer->paths.paths;
    if (!is_path(trial, &paths[0], &one) || !is_path(trial, &paths[1], &other) ||
        !is_disjoint(trial, &one, &other) || one.hops > trial->hops_max || other.hops > trial->hops_max)
        fail_msg("seed %llu: no disjoint pair", (unsigned long long)trial->seed);
    assert_true(best_pair(trial, trial->hops_max, &best));
    struct weight found = { one.cost + other.cost, one.width < other.width ? one.width : other.width,
                            one.hops + other.hops };
    struct weight first = { one.cost, one.width, one.hops }, second = { other.cost, other.width, other.hops };
    if (is_better(trial->metric, &second, &first))
        fail_msg("seed %llu: the worse comes first", (unsigned long long)trial->seed);
    if (answer->paths.complete && is_better(trial->metric, &best, &found))
        fail_msg("seed %llu: cost %llu, width %llu, %llu hops, not %llu, %llu, %llu",
                 (unsigned long long)trial->seed, (unsigned long long)found.cost,
                 (unsigned long long)found.width, (unsigned long long)found.hops,
                 (unsigned long long)best.cost, (unsigned long long)best.width,
                 (unsigned long long)best.hops);
}

static void compare_shared(const struct trial *trial, const struct pair_answer *answer)
{
    unsigned nodes = UINT32_MAX, links = UINT32_MAX, found_nodes = 0, found_links = 0;
    unsigned ends = 1U | 1U << (trial->node_count - 1);
    for (size_t i = 0; i < trial->way_count; i++) {
        nodes &= trial->ways[i].nodes;
        links &= trial->ways[i].links;
    }
    for (size_t i = 0; i < answer->shared_link_count; i++)
        found_links |= 1U << answer->shared_links[i];
    for (size_t i = 0; i < answer->shared_kma_count; i++)
        found_nodes |= 1U << answer->shared_kmas[i];
    bool same = answer->lack == PAIR_IS_ADJACENT
                    ? trial->disjointness == DISJOINT_KMAS && nodes == ends && found_nodes == 0 &&
                          answer->shared_link_count == 1
                    : links == found_links &&
                          found_nodes == (trial->disjointness == DISJOINT_KMAS ? nodes & ~ends : 0);
    if (!same || (found_links | found_nodes) == 0)
        fail_msg("seed %llu: shared links %x and KMAs %x, not %x and %x", (unsigned long long)trial->seed,
                 found_links, found_nodes, links, nodes);
}

static void compare(const struct trial *trial, const struct pair_answer *answer)
{
    struct weight best;
    bool any = best_pair(trial, NODES_MAX, &best), within = best_pair(trial, trial->hops_max, &best);
    switch (answer->lack) {
    case PAIR_LACKS_NONE:
        compare_pair(trial, answer);
        return;
    case PAIR_LACKS_BOTH:
        for (size_t i = 0; i < trial->way_count; i++)
            assert_true(trial->ways[i].hops > trial->hops_max);
        assert_int_equal(answer->paths.count, 0);
        return;
    case PAIR_SHARES_LINKS:
    case PAIR_SHARES_KMAS:
    case PAIR_IS_ADJACENT:
        assert_false(any);
        compare_shared(trial, answer);
        break;
    case PAIR_LACKS_HOPS:
        if (within || !any)
            fail_msg("seed %llu: there is a pair within the hops", (unsigned long long)trial->seed);
        break;
    case PAIR_LACKS_WORK:
        assert_false(answer->paths.complete);
        break;
    }
    assert_int_equal(answer->paths.count, 1);
}

struct tally {
    size_t pairs, complete, shared, within_hops, undecided;
};

static void run(uint64_t seed, struct tally *tally)
{
    static struct trial trial;
    struct seeded seeded = { seed };
    struct fixture fixture;
    struct pair_answer answer;
    struct text avoid_kmas[NODES_MAX], avoid_links[LINKS_MAX];
    trial = (struct trial){ .seed = seed };
    make(&trial, &seeded);
    try_all(&trial, 0, &(struct way){ .nodes = 1, .width = UINT64_MAX });

    fixture_init(&fixture, "", NULL);
    network_free(fixture.network);
    struct network_description description = { trial.links, trial.link_count, trial.kmas, trial.node_count };
    assert_int_equal(network_new(&fixture.memory, &description, &fixture.network), NETWORK_OK);
    struct paths_request request = fixture_request(trial.names[0], trial.names[trial.node_count - 1], 1);
    request.metric = trial.metric;
    request.hops_max = (uint32_t)trial.hops_max;
    request.key_stock_min = trial.key_stock_min;
    request.avoid_kma_ids = avoid_kmas;
    request.avoid_link_ids = avoid_links;
    for (size_t i = 0; i < trial.node_count; i++) {
        if (trial.avoid_nodes >> i & 1)
            avoid_kmas[request.avoid_kma_id_count++] = text_from_c(trial.names[i]);
    }
    for (size_t i = 0; i < trial.link_count; i++) {
        if (trial.avoid_links >> i & 1)
            avoid_links[request.avoid_link_id_count++] = text_from_c(trial.link_names[i]);
    }
    enum paths_status status =
        pair_find(fixture.network, &request, trial.disjointness, &fixture.arena, &answer, &fixture.fault);
    if (status != PATHS_OK)
        fail_msg("seed %llu: refused", (unsigned long long)seed);
    compare(&trial, &answer);
    tally->pairs += answer.lack == PAIR_LACKS_NONE;
    tally->complete += answer.lack == PAIR_LACKS_NONE && answer.paths.complete;
    tally->shared += answer.shared_link_count + answer.shared_kma_count > 0;
    tally->within_hops += answer.lack == PAIR_LACKS_HOPS;
    tally->undecided += answer.lack == PAIR_LACKS_WORK;
    fixture_fini(&fixture);
}

/* TOPOLOGY_SEED replays one. */
static void test_pairs_are_those_that_trying_every_one_finds(void **state)
{
    const char *one = getenv("TOPOLOGY_SEED"), *many = getenv("TOPOLOGY_SEEDS");
    uint64_t first = one != NULL ? strtoull(one, NULL, 10) : SEED_FIRST;
    uint64_t count = one != NULL ? 1 : many != NULL ? strtoull(many, NULL, 10) : 20000;
    struct tally tally = { 0 };
    (void)state;
    for (uint64_t seed = first; seed < first + count; seed++)
        run(seed, &tally);
    printf("# %zu pairs, %zu of them proven the best, %zu with what is shared, %zu hindered by hops, %zu "
           "undecided\n",
           tally.pairs, tally.complete, tally.shared, tally.within_hops, tally.undecided);
    if (count < 1000)
        return;
    /* Each kind of answer was met, and the limit of hops left hardly one open. */
    assert_true(tally.pairs > count / 8 && tally.shared > count / 8 && tally.within_hops > 0);
    assert_true(tally.complete > tally.pairs - tally.pairs / 20 && tally.undecided < count / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_those_that_trying_every_one_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
