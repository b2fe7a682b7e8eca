/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "seeded.h"
#include "topology/named.h"
#include "topology_fixture.h"

static void assert_text(struct text actual, const char *expected)
{
    if (!text_equal_c(actual, expected))
        fail_msg("%.*s instead of %s", TEXT_ARGUMENTS(actual), expected);
}

static void test_named_sort_orders_and_keeps_equal_ones_in_order(void **state)
{
    enum { COUNT = 777 };
    static char names[COUNT][8];
    static struct named items[COUNT], scratch[COUNT];
    struct seeded seeded = { 3 };
    (void)state;
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "n%u", (unsigned)seeded_below(&seeded, 200));
        items[i] = (struct named){ text_from_c(names[i]), i };
    }
    named_sort(items, scratch, COUNT);
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT; i++) {
        sum += items[i].number;
        assert_ptr_equal(items[i].name.bytes, names[items[i].number]);
        if (i == 0)
            continue;
        int order = text_compare(items[i - 1].name, items[i].name);
        assert_true(order < 0 || (order == 0 && items[i - 1].number < items[i].number));
    }
    assert_int_equal(sum, (uint64_t)COUNT * (COUNT - 1) / 2); /* each once */
    named_sort(items, scratch, 0);
    named_sort(items, scratch, 1);
}

static void test_network_numbers_are_in_the_order_of_ids(void **state)
{
    struct fixture fixture;
    uint32_t number;
    (void)state;
    fixture_init(&fixture, "l2 c a 5 7; l10 b c 1 ?; l1 a b 3 0 down", "d !c");
    assert_int_equal(network_kma_count(fixture.network), 4);
    assert_int_equal(network_link_count(fixture.network), 3);
    assert_text(network_kma_id(fixture.network, 0), "a");
    assert_text(network_kma_id(fixture.network, 3), "d");
    assert_true(network_find_kma(fixture.network, TEXT("c"), &number));
    assert_int_equal(number, 2);
    assert_false(network_kma_is_enabled(fixture.network, 2));
    assert_true(network_kma_is_enabled(fixture.network, 3));
    assert_false(network_find_kma(fixture.network, TEXT("bb"), &number));
    assert_false(network_find_kma(fixture.network, TEXT(""), &number));
    assert_true(network_find_link(fixture.network, TEXT("l10"), &number));
    assert_int_equal(number, 1);
    struct network_link link = network_link(fixture.network, 1);
    assert_text(link.kma_a, "b");
    assert_text(link.kma_b, "c");
    assert_int_equal(link.key_stock, -1);
    assert_int_equal(link.key_rate, -1);
    assert_true(link.up);
    assert_false(network_link(fixture.network, 0).up);
    assert_false(network_find_link(fixture.network, TEXT("l3"), &number));
    fixture_fini(&fixture);
}

static void test_network_adjacency_is_up_if_one_parallel_link_is(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, "l1 a b 1 down; l2 b a 1; l3 b c 1 down; l4 c c 1", NULL);
    assert_int_equal(network_adjacency(fixture.network, 0, 1), NETWORK_ADJACENT);
    assert_int_equal(network_adjacency(fixture.network, 1, 0), NETWORK_ADJACENT);
    assert_int_equal(network_adjacency(fixture.network, 2, 1), NETWORK_ADJACENCY_DOWN);
    assert_int_equal(network_adjacency(fixture.network, 0, 2), NETWORK_NOT_ADJACENT);
    assert_int_equal(network_adjacency(fixture.network, 2, 2),
                     NETWORK_NOT_ADJACENT); /* a link to itself leads nowhere */
    fixture_fini(&fixture);
}

static void test_network_adjacency_has_a_key_if_one_link_that_is_up_has(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture,
                 "l1 a b 1 0; l2 b a 1 5 down; l3 b c 1 0; l4 c b 1 7; l5 c d 1 down; l6 c d 1 0; l7 a d 1 ?",
                 NULL);
    assert_int_equal(network_adjacency(fixture.network, 0, 1), NETWORK_ADJACENCY_KEYLESS);
    assert_int_equal(network_adjacency(fixture.network, 1, 2), NETWORK_ADJACENT);
    assert_int_equal(network_adjacency(fixture.network, 2, 3), NETWORK_ADJACENCY_KEYLESS);
    assert_int_equal(network_adjacency(fixture.network, 3, 2), NETWORK_ADJACENCY_KEYLESS);
    assert_int_equal(network_adjacency(fixture.network, 0, 3),
                     NETWORK_ADJACENT); /* nobody told: not limited */
    fixture_fini(&fixture);
}

static void test_network_may_be_empty(void **state)
{
    struct fixture fixture;
    uint32_t number;
    (void)state;
    fixture_init(&fixture, "", NULL);
    assert_int_equal(network_kma_count(fixture.network), 0);
    assert_false(network_find_kma(fixture.network, TEXT("a"), &number));
    assert_false(network_find_link(fixture.network, TEXT("l"), &number));
    fixture_fini(&fixture);
}

static void test_network_above_its_limits_is_refused(void **state)
{
    struct heap_memory heap = { .blocks_limit = SIZE_MAX };
    struct memory memory = heap_memory(&heap);
    struct network *network = NULL;
    static struct network_link links[NETWORK_LINKS_MAX + 1];
    struct network_description description = { .links = links, .link_count = NETWORK_LINKS_MAX + 1 };
    (void)state;
    assert_int_equal(network_new(&memory, &description, &network), NETWORK_TOO_LARGE);
    assert_null(network);
    assert_int_equal(heap.bytes_out, 0);
}

static void test_network_without_memory_holds_nothing(void **state)
{
    struct network_link links[] = {
        { .link_id = TEXT("l1"), .kma_a = TEXT("a"), .kma_b = TEXT("b"), .cost = 1, .up = true },
        { .link_id = TEXT("l0"), .kma_a = TEXT("c"), .kma_b = TEXT("b"), .cost = 1, .up = true },
    };
    struct network_description description = { .links = links, .link_count = 2 };
    size_t limit = 0;
    (void)state;
    for (bool built = false; !built; limit++) {
        struct heap_memory heap = { .blocks_limit = limit };
        struct memory memory = heap_memory(&heap);
        struct network *network = NULL;
        built = network_new(&memory, &description, &network) == NETWORK_OK;
        assert_int_equal(network != NULL, built);
        network_free(network);
        assert_int_equal(heap.bytes_out, 0);
    }
    assert_true(limit > 2);
    network_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_sort_orders_and_keeps_equal_ones_in_order),
        cmocka_unit_test(test_network_numbers_are_in_the_order_of_ids),
        cmocka_unit_test(test_network_adjacency_is_up_if_one_parallel_link_is),
        cmocka_unit_test(test_network_adjacency_has_a_key_if_one_link_that_is_up_has),
        cmocka_unit_test(test_network_may_be_empty),
        cmocka_unit_test(test_network_above_its_limits_is_refused),
        cmocka_unit_test(test_network_without_memory_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
