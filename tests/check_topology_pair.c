/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "topology/pair.h"
#include "topology_fixture.h"

static void put_numbers(struct bytes_writer *writer, const struct fixture *fixture, const uint32_t *numbers,
                        size_t count, bool are_links)
{
    for (size_t i = 0; i < count; i++) {
        bytes_put_c(writer, i > 0 ? "," : "");
        bytes_put_text(writer, are_links ? network_link(fixture->network, numbers[i]).link_id
                                         : network_kma_id(fixture->network, numbers[i]));
    }
}

/* "a-b-c l1,l2 + ..." of both; of one the lack, and what is shared: "a-b-c l1,l2 ! 2 links l2 kmas b". */
static const char *told(const struct fixture *fixture, const struct pair_answer *answer)
{
    static char words[512];
    struct bytes_writer writer = bytes_writer(words, sizeof words - 1);
    for (size_t i = 0; i < answer->paths.count; i++) {
        const struct path *path = &answer->paths.paths[i];
        bytes_put_c(&writer, i > 0 ? " + " : "");
        for (size_t j = 0; j < path->length; j++) {
            bytes_put_c(&writer, j > 0 ? "-" : "");
            bytes_put_text(&writer, path->kma_ids[j]);
        }
        bytes_put_c(&writer, " ");
        put_numbers(&writer, fixture, path->links, path->length - 1, true);
    }
    if (answer->shared_link_count > 0)
        bytes_put_c(&writer, " links ");
    put_numbers(&writer, fixture, answer->shared_links, answer->shared_link_count, true);
    if (answer->shared_kma_count > 0)
        bytes_put_c(&writer, " kmas ");
    put_numbers(&writer, fixture, answer->shared_kmas, answer->shared_kma_count, false);
    assert_false(writer.overflowed);
    words[writer.length] = '\0';
    return words;
}

static struct pair_answer find(struct fixture *fixture, const struct paths_request *request,
                               enum disjointness disjointness)
{
    struct pair_answer answer;
    arena_clear(&fixture->arena);
    assert_int_equal(
        pair_find(fixture->network, request, disjointness, &fixture->arena, &answer, &fixture->fault),
        PATHS_OK);
    return answer;
}

static void expect(struct fixture *fixture, const struct paths_request *request,
                   enum disjointness disjointness, enum pair_lack lack, const char *words)
{
    struct pair_answer answer = find(fixture, request, disjointness);
    assert_string_equal(told(fixture, &answer), words);
    assert_int_equal(answer.lack, lack);
    assert_true(answer.paths.complete);
}

/*
 * The trap for who takes the best path first and then the best of what is left:
 *
 *  a --1-- b --1-- c --1-- z     the best path a-b-c-z leaves nothing;
 *  |       |       |       |     a-b-y-z and a-x-c-z are the pair
 *  |       +---3-- | --y-2-+
 *  +---2-- x --3-- +
 */
#define TRAP "1 a b 1; 2 b c 1; 3 c z 1; 4 a x 2; 5 x c 3; 6 b y 3; 7 y z 2"

static void test_the_best_path_is_given_up_for_a_pair(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, TRAP, NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-y-z 1,6,7 + a-x-c-z 4,5,3");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_LACKS_NONE, "a-b-y-z 1,6,7 + a-x-c-z 4,5,3");
    fixture_fini(&fixture);
}

static void test_paths_apart_by_links_may_meet_in_a_kma(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    /* Of both halves the first path takes the better. */
    fixture_init(&fixture, "1 a b 4; 2 b m 1; 3 a c 1; 4 c m 1; 5 m d 1; 6 d z 1; 7 m e 5; 8 e z 1", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-c-m-d-z 3,4,5,6 + a-b-m-e-z 1,2,7,8");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_SHARES_KMAS, "a-c-m-d-z 3,4,5,6 kmas m");
    fixture_fini(&fixture);
}

static void test_parallel_links_keep_paths_apart_by_links_only(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, "1 a z 3; 2 a z 2; 3 a z 9", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-z 2 + a-z 1");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_IS_ADJACENT, "a-z 2 links 2");
    fixture_fini(&fixture);
    fixture_init(&fixture, "1 a z 3; 2 a z 2; 3 a b 9; 4 b z 9", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-z 2 + a-z 1");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_LACKS_NONE, "a-z 2 + a-b-z 3,4");
    fixture_fini(&fixture);
    fixture_init(&fixture, "1 a b 1; 2 a b 1; 3 b z 1; 4 b z 1", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-z 1,3 + a-b-z 2,4");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_SHARES_KMAS, "a-b-z 1,3 kmas b");
    fixture_fini(&fixture);
}

static void test_what_every_path_shares_is_told_in_its_order(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    /* a = b - c, a ring c d e f, then f - z */
    fixture_init(&fixture, "9 a b 1; 8 a b 1; 7 b c 1; 6 c d 1; 5 d f 1; 4 c e 2; 3 e f 1; 2 f z 1", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_SHARES_LINKS, "a-b-c-d-f-z 8,7,6,5,2 links 7,2");
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_SHARES_KMAS, "a-b-c-d-f-z 8,7,6,5,2 links 7,2 kmas b,c,f");
    fixture_fini(&fixture);
}

/* ---- metrics ---- */

#define FOUR_WAYS "1 a b 1 9; 2 b z 1 9; 3 a c 1 5; 4 c z 1 70; 5 a d 1 8; 6 d z 1 8; 7 a e 2 90; 8 e z 2 80"

static void test_the_metric_chooses_the_pair(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, FOUR_WAYS "; 9 a z 3 60", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-z 1,2 + a-d-z 5,6");
    request.metric = PATHS_WIDEST;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-e-z 7,8 + a-z 9");
    request.metric = PATHS_SHORTEST;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-z 1,2 + a-c-z 3,4");
    fixture_fini(&fixture);
}

static void test_of_equal_pairs_the_one_of_fewer_hops_is_told(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, "1 a b 1; 2 b c 1; 3 c z 1; 4 a d 1; 5 d z 2; 6 a e 2; 7 e z 1", NULL);
    expect(&fixture, &request, DISJOINT_KMAS, PAIR_LACKS_NONE, "a-d-z 4,5 + a-e-z 6,7");
    fixture_fini(&fixture);
}

/* ---- constraints ---- */

static void test_constraints_hold_for_both(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    struct text d = text_from_c("d"), link = text_from_c("7");
    (void)state;
    fixture_init(&fixture, FOUR_WAYS, NULL);
    request.avoid_kma_ids = &d;
    request.avoid_kma_id_count = 1;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-z 1,2 + a-c-z 3,4");
    request.key_stock_min = 9;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-b-z 1,2 + a-e-z 7,8");
    request.avoid_link_ids = &link;
    request.avoid_link_id_count = 1;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_SHARES_LINKS, "a-b-z 1,2 links 1,2");
    request.key_stock_min = 10;
    struct pair_answer answer = find(&fixture, &request, DISJOINT_LINKS);
    assert_int_equal(answer.lack, PAIR_LACKS_BOTH);
    assert_int_equal(answer.paths.none, PATHS_NONE_LINKS);
    fixture_fini(&fixture);
}

static void test_a_dearer_pair_keeps_to_the_hops(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, "1 a b 1; 2 b c 1; 3 c z 1; 4 a d 1; 5 d z 1; 6 a e 9; 7 e z 9", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-d-z 4,5 + a-b-c-z 1,2,3");
    request.hops_max = 2;
    request.metric = PATHS_SHORTEST;
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_NONE, "a-d-z 4,5 + a-e-z 6,7");
    request.metric = PATHS_WIDEST_SHORTEST; /* the same, but not proven */
    struct pair_answer answer = find(&fixture, &request, DISJOINT_LINKS);
    assert_string_equal(told(&fixture, &answer), "a-d-z 4,5 + a-e-z 6,7");
    assert_false(answer.paths.complete);
    fixture_fini(&fixture);
    fixture_init(&fixture, TRAP, NULL);
    request = fixture_request("a", "z", 1);
    request.hops_max = 2;
    answer = find(&fixture, &request, DISJOINT_LINKS);
    assert_int_equal(answer.lack, PAIR_LACKS_BOTH);
    assert_int_equal(answer.paths.none, PATHS_NONE_HOPS);
    fixture_fini(&fixture);
    fixture_init(&fixture, "1 a z 1; 2 a b 1; 3 b c 1; 4 c z 1", NULL);
    expect(&fixture, &request, DISJOINT_LINKS, PAIR_LACKS_HOPS, "a-z 1");
    fixture_fini(&fixture);
}

static void test_the_limit_of_work_is_told(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    (void)state;
    fixture_init(&fixture, FOUR_WAYS, NULL);
    request.steps_max = 30; /* enough for the best path, not to widen the pair */
    struct pair_answer answer = find(&fixture, &request, DISJOINT_LINKS);
    assert_int_equal(answer.paths.count, 2);
    assert_int_equal(answer.paths.paths[0].cost + answer.paths.paths[1].cost, 4);
    assert_false(answer.paths.complete);
    fixture_fini(&fixture);
}

static void test_what_is_wrong_is_refused_as_for_one_path(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "nobody", 1);
    struct pair_answer answer;
    (void)state;
    fixture_init(&fixture, TRAP, NULL);
    assert_int_equal(
        pair_find(fixture.network, &request, DISJOINT_LINKS, &fixture.arena, &answer, &fixture.fault),
        PATHS_KMA_UNKNOWN);
    assert_int_equal(fixture.fault.member, PATHS_DESTINATION);
    fixture_fini(&fixture);
}

static void test_want_of_memory_loses_nothing(void **state)
{
    struct fixture fixture;
    struct paths_request request = fixture_request("a", "z", 1);
    size_t failures = 0;
    (void)state;
    fixture_init(&fixture, FOUR_WAYS, NULL);
    request.hops_max = 2;
    for (size_t more = 0;; more++) {
        struct pair_answer answer;
        arena_fini(&fixture.arena);
        arena_init(&fixture.arena, &fixture.memory);
        fixture.heap.blocks_limit = fixture.heap.blocks_out + more;
        enum paths_status status =
            pair_find(fixture.network, &request, DISJOINT_KMAS, &fixture.arena, &answer, &fixture.fault);
        if (status == PATHS_OK)
            break;
        assert_int_equal(status, PATHS_NO_MEMORY);
        failures++;
    }
    assert_true(failures > 0);
    fixture.heap.blocks_limit = SIZE_MAX;
    fixture_fini(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_best_path_is_given_up_for_a_pair),
        cmocka_unit_test(test_paths_apart_by_links_may_meet_in_a_kma),
        cmocka_unit_test(test_parallel_links_keep_paths_apart_by_links_only),
        cmocka_unit_test(test_what_every_path_shares_is_told_in_its_order),
        cmocka_unit_test(test_the_metric_chooses_the_pair),
        cmocka_unit_test(test_of_equal_pairs_the_one_of_fewer_hops_is_told),
        cmocka_unit_test(test_constraints_hold_for_both),
        cmocka_unit_test(test_a_dearer_pair_keeps_to_the_hops),
        cmocka_unit_test(test_the_limit_of_work_is_told),
        cmocka_unit_test(test_what_is_wrong_is_refused_as_for_one_path),
        cmocka_unit_test(test_want_of_memory_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
