/* SPDX-License-Identifier: Apache-2.0 */
/* Key stocks, hops over them, and the rules by which the controller's answers are judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cksim/check.h"
#include "cksim/network.h"

#define S NS_PER_S

/* a - b - c - d and a second link between a and b; m has the two KMAs m1 and m2, each with one neighbour. */
static const char network_text[] =
    "[km \"km-a\"]\nkma = a\n[km \"km-b\"]\nkma = b\n[km \"km-c\"]\nkma = c\n"
    "[km \"km-d\"]\nkma = d\n[km \"km-m\"]\nkma = m1, m2\n"
    "[link \"ab\"]\na = a\nb = b\nkey_stock = 2\nkey_rate = 1\ndistance = 100\n"
    "[link \"ab2\"]\na = b\nb = a\nkey_stock = 1\nkey_rate = 0\n"
    "[link \"bc\"]\na = b\nb = c\n"
    "[link \"cd\"]\na = c\nb = d\n"
    "[link \"dm\"]\na = d\nb = m1\n"
    "[link \"am\"]\na = a\nb = m2\n";
enum { A, B, C, D, M1, M2 };
enum { KM_A, KM_B, KM_C, KM_D, KM_M };

struct fixture {
    struct scenario scenario;
    struct network network;
    struct complaint complaint;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    scenario_init(&fixture.scenario);
    FILE *file = tmpfile();
    if (file == NULL)
        return 1;
    fwrite(network_text, 1, sizeof network_text - 1, file);
    fflush(file);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    bool read = scenario_read(&fixture.scenario, path, &fixture.complaint) &&
                scenario_finish(&fixture.scenario, &fixture.complaint);
    fclose(file);
    if (!read) {
        print_error("%s\n", fixture.complaint.words);
        return 1;
    }
    network_init(&fixture.network, &fixture.scenario, S);
    memset(fixture.network.km_present, true, fixture.scenario.km_count);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    network_fini(&fixture->network);
    scenario_fini(&fixture->scenario);
    return 0;
}

static void test_stock_refills_by_rate_up_to_its_capacity(void **state)
{
    struct key_stock stock;
    (void)state;
    key_stock_init(&stock, 3, 2, 10 * S);
    for (int i = 0; i < 3; i++)
        assert_true(key_stock_take(&stock, 10 * S));
    assert_false(key_stock_take(&stock, 10 * S));
    assert_false(key_stock_take(&stock, 10 * S + S / 4)); /* half a key is none */
    assert_true(key_stock_take(&stock, 10 * S + S / 2));
    assert_false(key_stock_take(&stock, 10 * S + S / 2));
    assert_true(key_stock_available(&stock, 1000 * S) == 3);
}

static void test_stock_that_is_unlimited_never_ends(void **state)
{
    struct key_stock stock;
    (void)state;
    key_stock_init(&stock, -1, 0, 0);
    for (int i = 0; i < 10000; i++)
        assert_true(key_stock_take(&stock, (uint64_t)i));
}

static void test_stock_without_rate_stays_empty(void **state)
{
    struct key_stock stock;
    (void)state;
    key_stock_init(&stock, 1, 0, S);
    assert_true(key_stock_take(&stock, 2 * S));
    assert_false(key_stock_take(&stock, 1000 * S));
}

static void test_hop_takes_keys_of_parallel_links_then_fails(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    char words[160];
    uint64_t delay_ns = 0;
    for (int i = 0; i < 3; i++) /* 2 on one link, 1 on the other; both directions draw on the same */
        assert_int_equal(network_hop(network, i % 2 ? A : B, i % 2 ? B : A, S, &delay_ns), HOP_OK);
    assert_int_equal(network_hop(network, A, B, S, &delay_ns), HOP_NO_KEYS);
    assert_int_equal(network_probe(network, A, B, S), HOP_NO_KEYS);
    network_describe(network, HOP_NO_KEYS, A, B, words, sizeof words);
    assert_string_equal(words, "insufficient keys on a/b");
    assert_int_equal(network->links[0].keys_taken + network->links[1].keys_taken, 3);
    assert_int_equal(network->links[0].keys_lacked + network->links[1].keys_lacked, 1);
    assert_int_equal(network_hop(network, A, B, 2 * S, &delay_ns), HOP_OK);
}

static void test_hop_takes_longer_over_a_longer_link(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    uint64_t near_ns = 0, far_ns = 0;
    assert_int_equal(network_hop(network, A, B, S, &far_ns), HOP_OK);
    assert_int_equal(network_hop(network, B, C, S, &near_ns), HOP_OK);
    assert_int_equal(far_ns - near_ns, 100 * 5000);
}

static void test_hop_needs_a_link_that_is_up_and_a_neighbour_that_is_there(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    char words[160];
    uint64_t delay_ns = 0;
    assert_int_equal(network_hop(network, A, D, S, &delay_ns), HOP_NO_LINK);
    network_describe(network, HOP_NO_LINK, A, D, words, sizeof words);
    assert_string_equal(words, "no link between a and d");
    network->links[2].cuts++;
    assert_int_equal(network_hop(network, B, C, S, &delay_ns), HOP_LINK_DOWN);
    network->links[2].cuts--;
    network->km_present[KM_C] = false;
    assert_int_equal(network_hop(network, B, C, S, &delay_ns), HOP_KM_AWAY);
    network->links[0].cuts++; /* the parallel link still stands */
    assert_int_equal(network_hop(network, A, B, S, &delay_ns), HOP_OK);
    assert_int_equal(network->links[1].keys_taken, 1);
}

static void test_neighbours_are_listed_once_each(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    assert_int_equal(network->first_neighbour[A + 1] - network->first_neighbour[A], 2); /* b, m2 */
    assert_int_equal(network->first_neighbour[M1 + 1] - network->first_neighbour[M1], 1);
    assert_int_equal(network->neighbours[network->first_neighbour[M1]], D);
}

static struct ck_message next_hops(const char *first)
{
    return (struct ck_message){ .command = CK_NEXT_HOP_RESPONSE,
                                .has_kma_ids = true,
                                .kma_id_count = first != NULL,
                                .kma_ids = { text_from_c(first) } };
}

static void test_next_hops_must_be_neighbours_of_the_asking_km(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    struct check_request request = { A, D, KM_A, false };
    struct check_result result;
    struct ck_message message = next_hops("b");
    check_next_hops(network, &request, &message, &result);
    assert_false(result.broken);
    assert_int_equal(result.kma_count, 1);
    assert_int_equal(result.kmas[0], B);
    message = next_hops("c");
    check_next_hops(network, &request, &message, &result);
    assert_true(result.broken && result.violation == VIOLATION_NOT_ADJACENT);
    message = next_hops("elsewhere");
    check_next_hops(network, &request, &message, &result);
    assert_true(result.broken && result.violation == VIOLATION_UNKNOWN_KMA);
    message = next_hops(NULL);
    check_next_hops(network, &request, &message, &result);
    assert_true(!result.broken && result.kma_count == 0);
    request.asker = KM_M; /* a neighbour of any of its KMAs will do */
    message = next_hops("a");
    check_next_hops(network, &request, &message, &result);
    assert_false(result.broken);
}

static void test_next_hops_must_keep_source_and_destination(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    struct check_request request = { A, D, KM_A, true };
    struct check_result result;
    struct ck_message message = next_hops("b");
    check_next_hops(network, &request, &message, &result);
    assert_true(result.broken &&
                result.violation == VIOLATION_DESTINATION_DIFFERS); /* table 2: mandatory here */
    message.destination_kma_id = TEXT("d");
    check_next_hops(network, &request, &message, &result);
    assert_false(result.broken);
    message.source_kma_id = TEXT("b");
    check_next_hops(network, &request, &message, &result);
    assert_true(result.broken && result.violation == VIOLATION_SOURCE_DIFFERS);
}

static struct ck_message route(const char *destination, const char *first, const char *second)
{
    return (struct ck_message){
        .command = CK_RELAY_REQUEST,
        .destination_kma_id = text_from_c(destination),
        .relay_id = 9,
        .has_kma_ids = true,
        .kma_id_count = (size_t)(first != NULL) + (second != NULL),
        .kma_ids = { text_from_c(first), text_from_c(second) },
    };
}

static void assert_route(const struct network *network, struct ck_message message, bool broken,
                         enum violation violation)
{
    struct check_request request = { A, D, KM_A, false };
    struct check_result result;
    check_route(network, &request, &message, &result);
    assert_int_equal(result.broken, broken);
    if (broken)
        assert_int_equal(result.violation, violation);
}

static void test_route_must_be_a_path_of_known_kmas_to_the_destination(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    assert_route(network, route("d", "b", "c"), false, 0);
    assert_route(network, route("c", "b", NULL), true, VIOLATION_DESTINATION_DIFFERS);
    assert_route(network, route("d", "b", "x"), true, VIOLATION_UNKNOWN_KMA);
    assert_route(network, route("d", "b", "b"), true, VIOLATION_PATH_LOOPS);
    assert_route(network, route("d", "a", "c"), true, VIOLATION_PATH_LOOPS);
    struct ck_message nameless = route("d", "b", "c");
    nameless.relay_id = 0;
    assert_route(network, nameless, true, VIOLATION_MISSING_RELAY_ID);
}

static void test_route_without_links_is_followed_and_told(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    struct check_request request = { A, D, KM_A, false };
    struct check_result result;
    struct ck_message message = route("d", "c", NULL);
    check_route(network, &request, &message, &result);
    assert_true(!result.broken && result.without_link);
    assert_string_equal(result.detail, "a to c");
    assert_int_equal(result.kma_count, 3);
    assert_int_equal(result.kmas[0], A);
    assert_int_equal(result.kmas[2], D);
}

static void test_route_that_nobody_asked_for_must_start_at_this_km(void **state)
{
    struct network *network = &((struct fixture *)*state)->network;
    struct check_request request = { NOBODY, NOBODY, KM_M, false };
    struct check_result result;
    struct ck_message message = route("d", NULL, NULL);
    check_route(network, &request, &message, &result); /* two KMAs: which one is not said */
    assert_true(result.broken && result.violation == VIOLATION_SOURCE_DIFFERS);
    message.source_kma_id = TEXT("m1");
    check_route(network, &request, &message, &result);
    assert_false(result.broken);
    assert_int_equal(result.source, M1);
    message.source_kma_id = TEXT("a");
    check_route(network, &request, &message, &result);
    assert_true(result.broken && result.violation == VIOLATION_SOURCE_DIFFERS);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock_refills_by_rate_up_to_its_capacity),
        cmocka_unit_test(test_stock_that_is_unlimited_never_ends),
        cmocka_unit_test(test_stock_without_rate_stays_empty),
        TEST(test_hop_takes_keys_of_parallel_links_then_fails),
        TEST(test_hop_takes_longer_over_a_longer_link),
        TEST(test_hop_needs_a_link_that_is_up_and_a_neighbour_that_is_there),
        TEST(test_neighbours_are_listed_once_each),
        TEST(test_next_hops_must_be_neighbours_of_the_asking_km),
        TEST(test_next_hops_must_keep_source_and_destination),
        TEST(test_route_must_be_a_path_of_known_kmas_to_the_destination),
        TEST(test_route_without_links_is_followed_and_told),
        TEST(test_route_that_nobody_asked_for_must_start_at_this_km),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
