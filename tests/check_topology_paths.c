/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "topology_fixture.h"

#define EXPECT(fixture, request, ...)                                                                        \
    fixture_expect(fixture, request, (const char *const[]){ __VA_ARGS__ },                                   \
                   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void expect_none(struct fixture *fixture, const struct paths_request *request, enum paths_none none)
{
    fixture_expect(fixture, request, NULL, 0);
    assert_int_equal(fixture->answer.none, none);
    assert_true(fixture->answer.complete);
}

/*
 *      b
 *   1/   \1      a-b-d: cost 2, bottleneck 10 (l1)
 *  a --4-- d     a-c-d: cost 2, bottleneck 50 (l4)
 *   1\   /1      a-d:   cost 4, bottleneck 900 (l5)
 *      c
 */
#define DIAMOND "l1 a b 1 10; l2 b d 1 80; l3 a c 1 60; l4 c d 1 50; l5 a d 4 900"

static void test_widest_shortest_takes_the_widest_of_the_cheapest(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    (void)state;
    fixture_init(&fixture, DIAMOND, NULL);
    EXPECT(&fixture, &request, "a-c-d 2 50 l4", "a-b-d 2 10 l1", "a-d 4 900 l5");
    assert_true(fixture.answer.complete);
    assert_string_equal(fixture_links(&fixture, 0), "l3 l4");
    request.k = 1;
    EXPECT(&fixture, &request, "a-c-d 2 50 l4");
    fixture_fini(&fixture);
}

static void test_shortest_looks_at_cost_alone(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    (void)state;
    fixture_init(&fixture, DIAMOND, NULL);
    request.metric = PATHS_SHORTEST;
    EXPECT(&fixture, &request, "a-b-d 2 10 l1", "a-c-d 2 50 l4", "a-d 4 900 l5");
    fixture_fini(&fixture);
}

static void test_widest_looks_at_the_bottleneck_first(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    (void)state;
    fixture_init(&fixture, DIAMOND, NULL);
    request.metric = PATHS_WIDEST;
    EXPECT(&fixture, &request, "a-d 4 900 l5", "a-c-d 2 50 l4", "a-b-d 2 10 l1");
    fixture_fini(&fixture);
}

static void test_widest_takes_links_to_be_avoided_only_if_there_is_nothing_else(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    (void)state;
    fixture_init(&fixture, "l1 a b 1 10; l2 b d 1 90; l3 a d 4294967295 900; l4 d e 4294967295 7", NULL);
    request.metric = PATHS_WIDEST;
    EXPECT(&fixture, &request, "a-d 4294967295 900 l3", "a-b-d 2 10 l1");
    request.rejected_max = 4;
    assert_int_equal(
        paths_find_sparing(fixture.network, &request, &fixture.arena, &fixture.answer, &fixture.fault),
        PATHS_OK);
    assert_int_equal(fixture.answer.count, 1);
    assert_int_equal(fixture.answer.paths[0].cost, 2);
    assert_int_equal(fixture.answer.rejected_count, 2);
    assert_string_equal(rejection_name(fixture.answer.rejected[0].rejection), "penalised");
    request.destination_kma_id = TEXT("e"); /* l4 is the only way, and so l3 may be used, too */
    assert_int_equal(
        paths_find_sparing(fixture.network, &request, &fixture.arena, &fixture.answer, &fixture.fault),
        PATHS_OK);
    assert_int_equal(fixture.answer.count, 2);
    assert_int_equal(fixture.answer.rejected_count, 0);
    request.destination_kma_id = TEXT("nowhere");
    assert_int_equal(
        paths_find_sparing(fixture.network, &request, &fixture.arena, &fixture.answer, &fixture.fault),
        PATHS_KMA_UNKNOWN);
    assert_int_equal(fixture.answer.count, 2);
    fixture_fini(&fixture);
}

static void test_a_path_runs_the_same_both_ways(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("d", "a", 2);
    (void)state;
    fixture_init(&fixture, DIAMOND, NULL);
    EXPECT(&fixture, &request, "d-c-a 2 50 l4", "d-b-a 2 10 l1");
    fixture_fini(&fixture);
}

static void test_of_equal_cost_fewer_hops_win_then_ids(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 16);
    (void)state;
    /* c10 comes before c2: bytewise */
    fixture_init(&fixture,
                 "1 a c2 1; 2 c2 z 1; 3 a c10 1; 4 c10 z 1; 5 a z 2; 6 a b 0; 7 b c2 1; 8 a x 1; 9 x z 2",
                 NULL);
    EXPECT(&fixture, &request, "a-z 2 100 5", "a-c10-z 2 100 3", "a-c2-z 2 100 1", "a-b-c2-z 2 100 6",
           "a-x-z 3 100 8");
    request.metric = PATHS_WIDEST;
    EXPECT(&fixture, &request, "a-z 2 100 5", "a-c10-z 2 100 3", "a-c2-z 2 100 1", "a-b-c2-z 2 100 6",
           "a-x-z 3 100 8");
    fixture_fini(&fixture);
}

static void test_of_parallel_links_the_metric_chooses(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "c", 16);
    (void)state;
    fixture_init(&fixture, "l1 a b 1 5; l2 a b 3 70; l3 a b 1 9; l4 b a 9 99 down; l5 b c 2 40; l6 b c 5 90",
                 NULL);
    EXPECT(&fixture, &request, "a-b-c 3 9 l3"); /* one path: parallel links make no other */
    assert_string_equal(fixture_links(&fixture, 0), "l3 l5");
    request.metric = PATHS_WIDEST; /* l6 is as wide as is needed for 70 */
    EXPECT(&fixture, &request, "a-b-c 8 70 l2");
    assert_string_equal(fixture_links(&fixture, 0), "l2 l6");
    request.metric = PATHS_SHORTEST;
    EXPECT(&fixture, &request, "a-b-c 3 9 l3");
    fixture_fini(&fixture);
}

static void test_unknown_stock_ranks_between_one_key_and_none(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "e", 16);
    (void)state;
    fixture_init(&fixture, "l1 a b 1 0; l2 b e 1 9; l3 a c 1 ?; l4 c e 1 9; l5 a d 1 1; l6 d e 1 9", NULL);
    EXPECT(&fixture, &request, "a-d-e 2 1 l5", "a-c-e 2 ? l3", "a-b-e 2 0 l1");
    request.metric = PATHS_WIDEST;
    EXPECT(&fixture, &request, "a-d-e 2 1 l5", "a-c-e 2 ? l3", "a-b-e 2 0 l1");
    fixture_fini(&fixture);
}

static void test_bottleneck_is_the_first_of_equals(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 1);
    (void)state;
    fixture_init(&fixture, "l3 a b 1 7; l2 b c 1 5; l1 c d 1 5", NULL);
    EXPECT(&fixture, &request, "a-b-c-d 3 5 l2");
    assert_int_equal(network_link(fixture.network, fixture.answer.paths[0].bottleneck).key_rate, 10);
    fixture_fini(&fixture);
}

/* ---- constraints ---- */

static void expect_rejected(const struct fixture *fixture, size_t index, const char *link_id,
                            enum rejection rejection)
{
    assert_true(index < fixture->answer.rejected_count);
    const struct rejected_link *rejected = &fixture->answer.rejected[index];
    assert_true(text_equal_c(network_link(fixture->network, rejected->link).link_id, link_id));
    assert_string_equal(rejection_name(rejected->rejection), rejection_name(rejection));
}

static void test_rejected_links_are_told_with_the_first_reason(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    struct text kmas[] = { TEXT("e"), TEXT("f") }, links[] = { TEXT("l1"), TEXT("l2"), TEXT("l7") };
    (void)state;
    fixture_init(&fixture,
                 "l1 a d 1 0 down; l2 a d 1 9; l3 a e 1 9; l4 e d 1 2; l5 a d 7 3; l6 a d 8 ?; l7 a g 1 9; "
                 "l8 a d 9 5",
                 "!g a f");
    request.avoid_kma_ids = kmas;
    request.avoid_kma_id_count = 2;
    request.avoid_link_ids = links;
    request.avoid_link_id_count = 3;
    request.key_stock_min = 5;
    EXPECT(&fixture, &request, "a-d 9 5 l8");
    assert_int_equal(fixture.answer.rejected_count, 7);
    expect_rejected(&fixture, 0, "l1", REJECTION_LINK_DOWN);
    expect_rejected(&fixture, 1, "l2", REJECTION_LINK_AVOIDED);
    expect_rejected(&fixture, 2, "l3", REJECTION_KMA_AVOIDED);
    expect_rejected(&fixture, 3, "l4", REJECTION_KMA_AVOIDED);
    expect_rejected(&fixture, 4, "l5", REJECTION_INSUFFICIENT_KEYS);
    expect_rejected(&fixture, 5, "l6", REJECTION_KEYS_UNKNOWN);
    expect_rejected(&fixture, 6, "l7", REJECTION_KMA_DISABLED);
    request.rejected_max = 2; /* the rest is counted */
    EXPECT(&fixture, &request, "a-d 9 5 l8");
    assert_int_equal(fixture.answer.rejected_count, 7);
    expect_rejected(&fixture, 1, "l2", REJECTION_LINK_AVOIDED);
    fixture_fini(&fixture);
}

static void test_every_rejection_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = REJECTION_NONE + 1; i < REJECTIONS_END; i++) {
        for (int j = REJECTION_NONE + 1; j < i; j++)
            assert_string_not_equal(rejection_name((enum rejection)i), rejection_name((enum rejection)j));
    }
    assert_null(rejection_name(REJECTION_NONE));
}

static void test_max_hops_takes_the_dearer_but_shorter(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    (void)state;
    fixture_init(&fixture, "l1 a b 1; l2 b c 1; l3 c d 1; l4 b d 5; l5 a d 20", NULL);
    EXPECT(&fixture, &request, "a-b-c-d 3 100 l1", "a-b-d 6 100 l1", "a-d 20 100 l5");
    request.hops_max = 2;
    EXPECT(&fixture, &request, "a-b-d 6 100 l1", "a-d 20 100 l5");
    request.k = request.hops_max = 1;
    EXPECT(&fixture, &request, "a-d 20 100 l5");
    fixture_fini(&fixture);
}

static void test_required_kmas_are_passed_in_the_best_order(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 16);
    struct text required[] = { TEXT("y"), TEXT("x"), TEXT("a"), TEXT("y") };
    (void)state;
    fixture_init(&fixture, "1 a d 1; 2 a x 1; 3 x y 1; 4 y d 1; 5 a y 1; 6 x d 9; 7 x b 1; 8 b y 1", NULL);
    request.require_kma_ids = required;
    request.require_kma_id_count = 4;
    EXPECT(&fixture, &request, "a-x-y-d 3 100 2", "a-x-b-y-d 4 100 2", "a-y-x-d 11 100 5",
           "a-y-b-x-d 12 100 5");
    fixture_fini(&fixture);
}

/* The cheapest walk goes into the dead end and back; it is no path. */
static void test_required_kma_is_not_reached_by_turning_back(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "d", 4);
    struct text required[] = { TEXT("x") };
    (void)state;
    fixture_init(&fixture, "1 a b 1; 2 b d 1; 3 b x 1; 4 x c 20; 5 c d 20", NULL);
    request.require_kma_ids = required;
    request.require_kma_id_count = 1;
    EXPECT(&fixture, &request, "a-b-x-c-d 42 100 1");
    fixture_fini(&fixture);
    fixture_init(&fixture, "1 a b 1; 2 b d 1; 3 b x 1", NULL);
    expect_none(&fixture, &request, PATHS_NONE_REQUIRED);
    fixture_fini(&fixture);
}

/* ---- none, and faults ---- */

static void test_no_path_says_why(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "c", 2);
    (void)state;
    fixture_init(&fixture, "l1 a b 1; l2 c d 1", NULL);
    expect_none(&fixture, &request, PATHS_NONE_NOT_CONNECTED);
    fixture_fini(&fixture);
    fixture_init(&fixture, "l1 a b 1; l2 b c 1 down", "e");
    expect_none(&fixture, &request, PATHS_NONE_LINKS);
    request.destination_kma_id = TEXT("e"); /* known, without a link */
    expect_none(&fixture, &request, PATHS_NONE_NOT_CONNECTED);
    fixture_fini(&fixture);
    request.destination_kma_id = TEXT("c");
    fixture_init(&fixture, "l1 a b 1; l2 b c 1", "!c a");
    expect_none(&fixture, &request, PATHS_NONE_KMA_DISABLED);
    assert_true(text_equal_c(fixture.answer.kma_id, "c"));
    fixture_fini(&fixture);
    fixture_init(&fixture, "l1 a b 1; l2 b c 1", NULL);
    request.hops_max = 1;
    expect_none(&fixture, &request, PATHS_NONE_HOPS);
    request.k = 1;
    expect_none(&fixture, &request, PATHS_NONE_HOPS);
    fixture_fini(&fixture);
}

static void expect_fault(struct fixture *fixture, const struct paths_request *request,
                         enum paths_status status, enum paths_member member, size_t index)
{
    assert_int_equal(fixture_find(fixture, request), status);
    assert_int_equal(fixture->fault.member, member);
    assert_int_equal(fixture->fault.index, index);
}

static void test_what_the_network_has_not_is_named(void **state)
{
    struct fixture fixture;
    struct text names[] = { TEXT("b"), TEXT("q") }, links[] = { TEXT("l1"), TEXT("l2") };
    (void)state;
    fixture_init(&fixture, "l1 a b 1", NULL);
    struct paths_request request = fixture_request("q", "b", 1);
    expect_fault(&fixture, &request, PATHS_KMA_UNKNOWN, PATHS_SOURCE, 0);
    request = fixture_request("a", "q", 1);
    expect_fault(&fixture, &request, PATHS_KMA_UNKNOWN, PATHS_DESTINATION, 0);
    request = fixture_request("a", "b", 1);
    request.avoid_kma_ids = names;
    request.avoid_kma_id_count = 2;
    expect_fault(&fixture, &request, PATHS_KMA_UNKNOWN, PATHS_AVOID_KMAS, 1);
    request.avoid_kma_id_count = 1;
    expect_fault(&fixture, &request, PATHS_END_AVOIDED, PATHS_AVOID_KMAS, 0);
    request = fixture_request("a", "b", 1);
    request.require_kma_ids = names;
    request.require_kma_id_count = 2;
    expect_fault(&fixture, &request, PATHS_KMA_UNKNOWN, PATHS_REQUIRE_KMAS, 1);
    request.require_kma_id_count = 1;
    request.avoid_kma_ids = names;
    request.avoid_kma_id_count = 1;
    expect_fault(&fixture, &request, PATHS_REQUIRED_AVOIDED, PATHS_REQUIRE_KMAS, 0);
    request = fixture_request("a", "b", 1);
    request.avoid_link_ids = links;
    request.avoid_link_id_count = 2;
    expect_fault(&fixture, &request, PATHS_LINK_UNKNOWN, PATHS_AVOID_LINKS, 1);
    request = fixture_request("a", "a", 1);
    assert_int_equal(fixture_find(&fixture, &request), PATHS_SAME_KMA);
    fixture_fini(&fixture);
}

/* ---- limits ---- */

/* A ladder of diamonds: 2^5 paths of equal cost. */
#define LADDER                                                                                               \
    "1 a b1 1;2 a b2 1;3 b1 c 1;4 b2 c 1;5 c d1 1;6 c d2 1;7 d1 e 1;8 d2 e 1;9 e f1 1;10 e f2 1;11 f1 g 1;"  \
    "12 f2 g 1;13 g h1 1;14 g h2 1;15 h1 i 1;16 h2 i 1;17 i j1 1;18 i j2 1;19 j1 k 1;20 j2 k 1"

/* With every number of steps the paths told are the first of those that enough steps find. */
static void test_steps_run_out_between_right_answers(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "k", 16);
    struct text full[16];
    size_t found_at_most = 0;
    static char words[16][64];
    (void)state;
    fixture_init(&fixture, LADDER, NULL);
    assert_int_equal(fixture_find(&fixture, &request), PATHS_OK);
    assert_int_equal(fixture.answer.count, 16);
    assert_true(fixture.answer.complete);
    uint64_t enough = fixture.answer.steps;
    for (size_t i = 0; i < 16; i++) {
        snprintf(words[i], sizeof words[i], "%s", fixture_links(&fixture, i));
        full[i] = text_from_c(words[i]);
    }
    for (request.steps_max = 1; request.steps_max < enough; request.steps_max++) {
        assert_int_equal(fixture_find(&fixture, &request), PATHS_OK);
        assert_false(fixture.answer.complete);
        assert_int_equal(fixture.answer.none == PATHS_NONE_WORK, fixture.answer.count == 0);
        assert_true(fixture.answer.count >= found_at_most);
        found_at_most = fixture.answer.count;
        for (size_t i = 0; i < fixture.answer.count; i++)
            assert_true(text_equal_c(full[i], fixture_links(&fixture, i)));
    }
    assert_true(found_at_most > 8);
    fixture_fini(&fixture);
}

static void test_longest_path_has_128_kmas(void **state)
{
    enum { KMAS = LIMIT_PATH_KMAS + 1 };
    static char ids[KMAS][8];
    static struct network_link links[KMAS];
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, "", NULL);
    network_free(fixture.network);
    for (size_t i = 0; i < KMAS; i++)
        snprintf(ids[i], sizeof ids[i], "k%03zu", i);
    for (size_t i = 0; i + 1 < KMAS; i++)
        links[i] = (struct network_link){ .link_id = text_from_c(ids[i]),
                                          .kma_a = text_from_c(ids[i]),
                                          .kma_b = text_from_c(ids[i + 1]),
                                          .cost = UINT32_MAX,
                                          .key_stock = INT64_MAX,
                                          .up = true };
    struct network_description description = { .links = links, .link_count = KMAS - 1 };
    assert_int_equal(network_new(&fixture.memory, &description, &fixture.network), NETWORK_OK);
    struct paths_request request = fixture_request("k000", "k127", 2);
    for (int metric = PATHS_WIDEST_SHORTEST; metric <= PATHS_WIDEST; metric++) {
        request.metric = (enum paths_metric)metric;
        request.destination_kma_id = TEXT("k127");
        assert_int_equal(fixture_find(&fixture, &request), PATHS_OK);
        assert_int_equal(fixture.answer.count, 1);
        assert_int_equal(fixture.answer.paths[0].length, LIMIT_PATH_KMAS);
        assert_true(fixture.answer.paths[0].cost == PATHS_HOPS_MAX * (uint64_t)UINT32_MAX);
        request.destination_kma_id = TEXT("k128");
        expect_none(&fixture, &request, PATHS_NONE_HOPS);
    }
    fixture_fini(&fixture);
}

static void test_without_memory_nothing_is_held(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "k", 4);
    bool found = false;
    size_t tries = 0;
    (void)state;
    fixture_init(&fixture, LADDER, NULL);
    arena_fini(&fixture.arena);
    for (size_t base = fixture.heap.blocks_out; !found; tries++) {
        fixture.heap.blocks_limit = base + tries;
        enum paths_status status = fixture_find(&fixture, &request);
        found = status == PATHS_OK;
        assert_true(found || status == PATHS_NO_MEMORY);
        arena_fini(&fixture.arena);
        assert_int_equal(fixture.heap.blocks_out, base);
    }
    assert_true(tries > 4);
    fixture_fini(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widest_shortest_takes_the_widest_of_the_cheapest),
        cmocka_unit_test(test_shortest_looks_at_cost_alone),
        cmocka_unit_test(test_widest_looks_at_the_bottleneck_first),
        cmocka_unit_test(test_widest_takes_links_to_be_avoided_only_if_there_is_nothing_else),
        cmocka_unit_test(test_a_path_runs_the_same_both_ways),
        cmocka_unit_test(test_of_equal_cost_fewer_hops_win_then_ids),
        cmocka_unit_test(test_of_parallel_links_the_metric_chooses),
        cmocka_unit_test(test_unknown_stock_ranks_between_one_key_and_none),
        cmocka_unit_test(test_bottleneck_is_the_first_of_equals),
        cmocka_unit_test(test_rejected_links_are_told_with_the_first_reason),
        cmocka_unit_test(test_every_rejection_has_a_name_of_its_own),
        cmocka_unit_test(test_max_hops_takes_the_dearer_but_shorter),
        cmocka_unit_test(test_required_kmas_are_passed_in_the_best_order),
        cmocka_unit_test(test_required_kma_is_not_reached_by_turning_back),
        cmocka_unit_test(test_no_path_says_why),
        cmocka_unit_test(test_what_the_network_has_not_is_named),
        cmocka_unit_test(test_steps_run_out_between_right_answers),
        cmocka_unit_test(test_longest_path_has_128_kmas),
        cmocka_unit_test(test_without_memory_nothing_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
