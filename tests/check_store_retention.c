/* SPDX-License-Identifier: Apache-2.0 */
/* Old rows go by age and by number, a step at a time; what is open, and the newest events, stay. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

enum { STEPS_MAX = 1000 };

static struct turn_maker maker;

static int set_up(void **state)
{
    static struct store_fixture fixture;
    maker = turn_maker();
    fixture_init(&fixture);
    fixture_open(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_fini(*state);
    return 0;
}

/* One commit a millisecond; relay and lookup n have ID n and time base + n; the given one stays open. */
static void fill(struct store_fixture *fixture, uint64_t count, uint64_t open_id)
{
    uint64_t base_ms = maker.wall_ms;
    for (uint64_t id = 1; id <= count; id++) {
        maker.wall_ms = base_ms + id;
        struct effects *turn = turn_new(&maker);
        struct relay_record *relay = turn_add_relay(turn, &maker);
        struct lookup_record *lookup = &turn_add_record(turn, RECORD_LOOKUP)->lookup;
        *lookup = (struct lookup_record){ .lookup_id = maker.next.next_lookup_id++,
                                          .state = LOOKUP_AWAITING_DECISION,
                                          .received_ms = maker.wall_ms };
        if (id != open_id) {
            relay->state = id % 2 == 0 ? RELAY_SUCCEEDED : RELAY_EXPIRED;
            lookup->state = LOOKUP_ANSWERED;
            relay->ended_ms = lookup->ended_ms = maker.wall_ms;
        }
        turn_add_notice(turn, &maker, NOTICE_RELAY_RECEIVED);
        turn_finish(turn, &maker);
        assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
        turn_free(turn);
    }
    maker.wall_ms = base_ms;
}

struct seen {
    uint64_t relays[2048];
    size_t relay_count;
    size_t lookup_count;
    uint64_t oldest_lookup;
    uint64_t oldest_event;
    uint64_t newest_event;
};

static bool see_relay(void *context, const struct relay_record *relay)
{
    struct seen *seen = context;
    seen->relays[seen->relay_count++] = relay->relay_id;
    return true;
}

static bool see_lookup(void *context, const struct lookup_record *lookup)
{
    struct seen *seen = context;
    seen->lookup_count++;
    seen->oldest_lookup = lookup->lookup_id;
    return true;
}

static struct seen look(struct store_fixture *fixture)
{
    struct seen seen = { .relay_count = 0 };
    struct store_reader *reader = NULL;
    const struct history_filter all = { .before_id = 0 };
    uint64_t below;
    assert_int_equal(store_reader_open(fixture->url, &reader), STORE_OK);
    struct history history = store_reader_history(reader);
    assert_int_equal(history.relays(history.context, &all, see_relay, &seen, &below), HISTORY_OK);
    assert_int_equal(history.lookups(history.context, &all, see_lookup, &seen, &below), HISTORY_OK);
    assert_int_equal(history.event_bounds(history.context, &seen.oldest_event, &seen.newest_event),
                     HISTORY_OK);
    store_reader_close(reader);
    return seen;
}

static int maintain(struct store_fixture *fixture, struct store_retention retention, uint64_t wall_ms)
{
    int steps = 1;
    while (store_maintain(fixture->store, &retention, wall_ms))
        assert_true(++steps < STEPS_MAX);
    assert_string_equal(store_error(fixture->store), "");
    return steps;
}

static void test_maintain_without_bounds_keeps_all(void **state)
{
    struct store_fixture *fixture = *state;
    fill(fixture, 20, 0);
    maintain(fixture, (struct store_retention){ 0 }, maker.wall_ms * 2);
    struct seen seen = look(fixture);
    assert_int_equal(seen.relay_count, 20);
    assert_int_equal(seen.lookup_count, 20);
    assert_int_equal(seen.oldest_event, 1);
}

static void test_maintain_removes_what_ended_before_the_age(void **state)
{
    struct store_fixture *fixture = *state;
    fill(fixture, 600, 3);
    /* The horizon is base + 500: what has it, or is later, stays. */
    int steps = maintain(fixture, (struct store_retention){ .age_ms = 100 }, maker.wall_ms + 600);
    struct seen seen = look(fixture);
    assert_true(steps > 1); /* bounded steps */
    assert_int_equal(seen.relay_count, 102);
    assert_int_equal(seen.relays[0], 600);
    assert_int_equal(seen.relays[100], 500);
    assert_int_equal(seen.relays[101], 3); /* open */
    assert_int_equal(seen.lookup_count, 102);
    assert_int_equal(seen.oldest_lookup, 3);
    assert_int_equal(seen.oldest_event, 500);
    assert_int_equal(seen.newest_event, 600);
}

static void test_maintain_removes_what_exceeds_the_number(void **state)
{
    struct store_fixture *fixture = *state;
    fill(fixture, 600, 598);
    maintain(fixture, (struct store_retention){ .relays_max = 20 }, maker.wall_ms);
    struct seen seen = look(fixture);
    assert_int_equal(seen.relay_count, 21); /* 20 ended, and the open one */
    assert_int_equal(seen.relays[20], 580);
    assert_int_equal(seen.lookup_count, 21);
    assert_int_equal(seen.oldest_lookup, 580);
    assert_int_equal(seen.oldest_event, 600 - 8 * 20 + 1);
}

static void test_maintain_keeps_open_and_newest_event_however_old(void **state)
{
    struct store_fixture *fixture = *state;
    struct restored restored;
    fill(fixture, 5, 2);
    maintain(fixture, (struct store_retention){ .age_ms = 1, .relays_max = 1 }, maker.wall_ms * 2);
    struct seen seen = look(fixture);
    assert_int_equal(seen.relay_count, 1);
    assert_int_equal(seen.relays[0], 2);
    assert_int_equal(seen.lookup_count, 1);
    assert_int_equal(seen.oldest_event, 5);
    assert_int_equal(seen.newest_event, 5);
    restored_read(&restored, fixture->store);
    assert_memory_equal(&restored.high_water, &maker.next, sizeof maker.next); /* no number comes again */
    restored_fini(&restored);
}

static void test_maintain_again_has_nothing_to_do(void **state)
{
    struct store_fixture *fixture = *state;
    fill(fixture, 300, 0);
    const struct store_retention retention = { .age_ms = 10 };
    maintain(fixture, retention, maker.wall_ms + 300);
    struct seen before = look(fixture);
    assert_int_equal(maintain(fixture, retention, maker.wall_ms + 300), 1);
    struct seen after = look(fixture);
    assert_int_equal(before.relay_count, after.relay_count);
    assert_int_equal(before.oldest_event, after.oldest_event);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_maintain_without_bounds_keeps_all),
        TEST(test_maintain_removes_what_ended_before_the_age),
        TEST(test_maintain_removes_what_exceeds_the_number),
        TEST(test_maintain_keeps_open_and_newest_event_however_old),
        TEST(test_maintain_again_has_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
