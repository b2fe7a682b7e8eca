/* SPDX-License-Identifier: Apache-2.0 */
/* An hour of a small made backbone, against the core: no key of a link is promised twice, none is lost, and
 * nothing stays reserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backbone/day.h"

enum { MINUTE_MS = 60000, MINUTES = 60 };

/* About 30 nodes, busy: more is wanted than there are keys. */
static struct day_options an_hour(enum paths_metric metric)
{
    return (struct day_options){ .size = { .cities = 6, .relays = 9, .metros = 1, .closing_links = 1 },
                                 .seed = 20,
                                 .wishes_a_peak_hour = 9000,
                                 .starts_ms = 10 * (uint64_t)DAY_HOUR_MS,
                                 .lasts_ms = DAY_HOUR_MS,
                                 .link_faults = 4,
                                 .node_faults = 1,
                                 .doom_one_in = 100,
                                 .metric = metric,
                                 .stocks_percent = 1,
                                 .tells_stocks = true };
}

static struct day_figures spend(const struct day_options *options)
{
    struct day *day = day_new(options);
    day_run(day, options->lasts_ms);
    day_finish(day);
    const struct day_figures figures = day->figures;
    day_free(day);
    return figures;
}

/* Relays under way that lead over it. */
static uint32_t under_way(const struct day *day, uint32_t link)
{
    uint32_t count = 0;
    for (size_t i = 0; i < DAY_FLIGHTS_MAX; i++) {
        const struct day_flight *flight = &day->flights[i];
        for (size_t j = 0; flight->hop.position != 0 && j < flight->length; j++)
            count += flight->links[j] == link;
    }
    return count;
}

/* The core counts whole keys of whole seconds, and rounds when one is used: by less than two keys between one
   telling and the next; told what it has, it keeps the part of a key that it had. */
static void check_stock(struct day *day, uint32_t number, const struct link_view *view, uint64_t wall_ms)
{
    struct stock *reckoned = &day->links[number].reckoned;
    stock_advance(reckoned, day->now_ms);
    const int64_t available = key_stock_available(&view->stock, wall_ms);
    const int64_t left = (int64_t)stock_keys(reckoned) - (int64_t)view->stock.reserved;
    assert_true(available >= 0 && available <= view->config.key_capacity);
    assert_in_range(available, left < 2 ? 0 : left - 2, left < -1 ? 0 : left + 1);
}

static void check_links(struct day *day)
{
    struct snapshot *snapshot = day_snapshot(day);
    assert_int_equal(snapshot->link_count, day->backbone.link_count);
    for (uint32_t i = 0; i < day->backbone.link_count; i++) {
        const struct link_view *view = snapshot_link(snapshot, text_from_c(day->backbone.links[i].name));
        assert_non_null(view);
        assert_int_equal(view->stock.reserved, under_way(day, i));
        assert_int_equal(view->keys_used, day->links[i].used);
        check_stock(day, i, view, snapshot->taken_ms);
    }
    snapshot_release(snapshot);
}

static void check_figures(const struct day_figures *figures)
{
    uint64_t refused = 0, ended = 0;
    for (size_t i = 0; i < REASONS_END; i++)
        refused += figures->refused[i];
    for (size_t i = 0; i < DAY_ENDS; i++) {
        assert_true(figures->ended[i] > 0); /* each of them happens */
        ended += figures->ended[i];
    }
    assert_int_equal(figures->instructed + refused, figures->wishes);
    assert_int_equal(ended, figures->instructed);
    assert_int_equal(figures->refused[REASON_INSUFFICIENT_KEYS] + figures->refused[REASON_NO_ROUTE], refused);
    assert_true(figures->refused[REASON_INSUFFICIENT_KEYS] > 0 && figures->keys_wasted > 0);
}

static void run_checked(struct day *day)
{
    for (uint64_t minute = 1; minute <= MINUTES; minute++) {
        day_run(day, minute * MINUTE_MS);
        check_links(day);
    }
}

static void check_hour(enum paths_metric metric)
{
    const struct day_options options = an_hour(metric);
    struct day *day = day_new(&options);
    run_checked(day);
    day_finish(day);
    check_links(day); /* no relay is under way: nothing is reserved */
    assert_null(heap_first(&day->flight_times));
    check_figures(&day->figures);
    day_free(day);
}

static void test_keys_add_up_with_widest_shortest(void **state)
{
    (void)state;
    check_hour(PATHS_WIDEST_SHORTEST);
}

static void test_keys_add_up_with_shortest(void **state)
{
    (void)state;
    check_hour(PATHS_SHORTEST);
}

static void test_keys_add_up_with_widest(void **state)
{
    (void)state;
    check_hour(PATHS_WIDEST);
}

/* At night and nearly full: most links make more than is wanted of them. */
static void test_stocks_end_at_their_capacity(void **state)
{
    (void)state;
    struct day_options options = an_hour(PATHS_WIDEST_SHORTEST);
    options.starts_ms = 3 * (uint64_t)DAY_HOUR_MS;
    options.stocks_percent = 99;
    struct day *day = day_new(&options);
    run_checked(day);
    size_t full = 0;
    struct snapshot *snapshot = day_snapshot(day);
    for (size_t i = 0; i < snapshot->link_count; i++)
        full += key_stock_available(&snapshot->links[i].stock, snapshot->taken_ms) ==
                snapshot->links[i].config.key_capacity;
    snapshot_release(snapshot);
    assert_in_range(full, day->backbone.link_count / 4, day->backbone.link_count);
    day_free(day);
}

/* While nothing breaks, what is reserved is there when the relay comes to it; without a budget it is not. */
static void test_no_relay_that_is_sent_lacks_a_key(void **state)
{
    (void)state;
    struct day_options options = an_hour(PATHS_WIDEST_SHORTEST);
    options.link_faults = options.node_faults = 0;
    options.doom_one_in = 0;
    const struct day_figures kept = spend(&options);
    assert_true(kept.refused[REASON_INSUFFICIENT_KEYS] > 0);
    assert_int_equal(kept.ended[DAY_SUCCEEDED], kept.instructed);
    assert_int_equal(kept.keys_wasted, 0);
    options.tells_stocks = false;
    const struct day_figures wasted = spend(&options);
    assert_int_equal(wasted.wishes, kept.wishes);
    assert_int_equal(wasted.refused[REASON_INSUFFICIENT_KEYS], 0);
    assert_true(wasted.ended[DAY_LACKED_KEYS] > 0 && wasted.keys_wasted > 0);
    assert_true(wasted.ended[DAY_SUCCEEDED] < kept.ended[DAY_SUCCEEDED]);
}

static void test_same_seed_gives_the_same_day(void **state)
{
    (void)state;
    struct day_options options = an_hour(PATHS_WIDEST_SHORTEST);
    const struct day_figures first = spend(&options), second = spend(&options);
    assert_memory_equal(&first, &second, sizeof first);
    options.seed++;
    const struct day_figures other = spend(&options);
    assert_memory_not_equal(&first, &other, sizeof first);
}

/* As many nodes and links as are published, and a tree: as many ways as there is need to choose between. */
static void test_network_has_the_published_size(void **state)
{
    (void)state;
    static struct backbone backbone;
    const struct backbone_size size = { .cities = 41, .relays = 104, .metros = 20 };
    backbone_make(&backbone, &size, 1);
    size_t nodes = 0, links = 0;
    for (size_t i = 0; i < backbone.node_count; i++)
        nodes += backbone.nodes[i].metro == BACKBONE_NONE;
    for (size_t i = 0; i < backbone.link_count; i++) {
        const struct backbone_link *link = &backbone.links[i];
        const bool within = backbone.nodes[link->ends[0]].metro != BACKBONE_NONE ||
                            backbone.nodes[link->ends[1]].metro != BACKBONE_NONE;
        assert_int_equal(within, link->length_km == 0);
        links += !within;
        assert_in_range(link->relays_an_hour, 549, 4395); /* 10 to 80 kbit/s */
    }
    assert_int_equal(nodes, 145);
    assert_int_equal(links, 144);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_has_the_published_size),
        cmocka_unit_test(test_keys_add_up_with_widest_shortest),
        cmocka_unit_test(test_keys_add_up_with_shortest),
        cmocka_unit_test(test_keys_add_up_with_widest),
        cmocka_unit_test(test_stocks_end_at_their_capacity),
        cmocka_unit_test(test_no_relay_that_is_sent_lacks_a_key),
        cmocka_unit_test(test_same_seed_gives_the_same_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
