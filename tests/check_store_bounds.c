/* SPDX-License-Identifier: Apache-2.0 */
/* What one look into history costs at most, and what is open, read at one event. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store_fixture.h"

enum { ROWS = 2 * HISTORY_SCAN_MAX + 100, EVERY = 1000 };

static struct turn_maker maker;
static struct store_reader *reader;
static struct history history;

static int set_up(void **state)
{
    static struct store_fixture fixture;
    maker = turn_maker();
    fixture_init(&fixture);
    fixture_open(&fixture);
    assert_int_equal(store_reader_open(fixture.url, &reader), STORE_OK);
    history = store_reader_history(reader);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    store_reader_close(reader);
    fixture_fini(*state);
    return 0;
}

static void commit_and_free(struct store_fixture *fixture, struct effects *turn)
{
    turn_finish(turn, &maker);
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    turn_free(turn);
}

/* Rows of both kinds; each EVERYth is of KM "rare". */
static void fill(struct store_fixture *fixture, enum relay_state relay_state, enum lookup_state lookup_state)
{
    struct effects *turn = turn_new(&maker);
    for (uint64_t id = 1; id <= ROWS; id++) {
        struct text km = id % EVERY == 0 ? TEXT("rare") : TEXT("a");
        turn_add_record(turn, RECORD_RELAY)->relay =
            (struct relay_record){ .relay_id = id, .state = relay_state, .km_id = km, .received_ms = 1000 };
        turn_add_record(turn, RECORD_LOOKUP)->lookup = (struct lookup_record){
            .lookup_id = id, .state = lookup_state, .km_id = km, .received_ms = 1000
        };
    }
    maker.next.next_relay_id = maker.next.next_lookup_id = ROWS + 1;
    commit_and_free(fixture, turn);
}

struct seen {
    uint64_t ids[256];
    size_t count;
    size_t stop_after; /* 0: never */
};

static bool see(struct seen *seen, uint64_t id)
{
    assert_true(seen->count < sizeof seen->ids / sizeof *seen->ids);
    assert_true(seen->count == 0 || id < seen->ids[seen->count - 1]);
    seen->ids[seen->count++] = id;
    return seen->count != seen->stop_after;
}

static bool see_relay(void *context, const struct relay_record *relay)
{
    return see(context, relay->relay_id);
}

static bool see_lookup(void *context, const struct lookup_record *lookup)
{
    return see(context, lookup->lookup_id);
}

static size_t walk(bool lookups, struct history_filter filter, struct seen *seen)
{
    size_t calls = 0;
    do {
        uint64_t below = UINT64_MAX;
        enum history_status status = lookups
                                         ? history.lookups(history.context, &filter, see_lookup, seen, &below)
                                         : history.relays(history.context, &filter, see_relay, seen, &below);
        assert_int_equal(status, HISTORY_OK);
        assert_true(below == 0 || filter.before_id == 0 || below < filter.before_id);
        assert_true(below == 0 || below <= ROWS + 1 - HISTORY_SCAN_MAX);
        filter.before_id = below;
        calls++;
    } while (filter.before_id != 0);
    return calls;
}

static void assert_all_rare(const struct seen *seen)
{
    assert_int_equal(seen->count, ROWS / EVERY);
    for (size_t i = 0; i < seen->count; i++)
        assert_int_equal(seen->ids[i], (ROWS / EVERY - i) * EVERY);
}

static void test_list_looks_at_so_many_rows_and_goes_on_from_there(void **state)
{
    fill(*state, RELAY_SUCCEEDED, LOOKUP_ANSWERED);
    for (int lookups = 0; lookups < 2; lookups++) {
        struct seen none = { .count = 0 }, rare = { .count = 0 };
        assert_int_equal(walk(lookups, (struct history_filter){ .km_id = TEXT("nobody") }, &none), 3);
        assert_int_equal(none.count, 0);
        assert_int_equal(walk(lookups, (struct history_filter){ .km_id = TEXT("rare") }, &rare), 3);
        assert_all_rare(&rare);
    }
}

/* Of a state that has an index the rows are counted, for their IDs may be far apart. */
static void test_list_of_a_state_looks_at_so_many_rows_and_goes_on_from_there(void **state)
{
    fill(*state, RELAY_ORPHANED, LOOKUP_AWAITING_DECISION);
    for (int lookups = 0; lookups < 2; lookups++) {
        struct seen rare = { .count = 0 };
        struct history_filter filter = { .has_state = true,
                                         .state =
                                             lookups ? (int)LOOKUP_AWAITING_DECISION : (int)RELAY_ORPHANED,
                                         .km_id = TEXT("rare") };
        assert_int_equal(walk(lookups, filter, &rare), 3);
        assert_all_rare(&rare);
    }
}

/* Three held ones among many ended: one call finds them. */
static void test_few_of_a_state_are_found_in_one_call(void **state)
{
    struct history_filter held = { .has_state = true, .state = RELAY_AWAITING_DECISION };
    struct seen seen = { .count = 0 };
    fill(*state, RELAY_SUCCEEDED, LOOKUP_ANSWERED);
    struct effects *turn = turn_new(&maker);
    for (uint64_t id = 1; id <= ROWS; id += ROWS / 2)
        turn_add_record(turn, RECORD_RELAY)->relay =
            (struct relay_record){ .relay_id = id, .state = RELAY_AWAITING_DECISION, .received_ms = 1000 };
    commit_and_free(*state, turn);
    assert_int_equal(walk(false, held, &seen), 1);
    assert_int_equal(seen.count, 2);
}

static void test_list_that_the_visitor_stops_has_no_place_of_its_own(void **state)
{
    struct history_filter all = { .before_id = 0 };
    struct seen seen = { .stop_after = 5 };
    uint64_t below = UINT64_MAX;
    fill(*state, RELAY_SUCCEEDED, LOOKUP_ANSWERED);
    assert_int_equal(history.relays(history.context, &all, see_relay, &seen, &below), HISTORY_OK);
    assert_int_equal(below, 0);
    assert_int_equal(seen.ids[4], ROWS - 4);
}

/* ---- what is open ---- */

static void add_states(struct store_fixture *fixture, uint64_t first_id, uint64_t last_id)
{
    struct effects *turn = turn_new(&maker);
    for (uint64_t id = first_id; id <= last_id; id++) {
        turn_add_record(turn, RECORD_RELAY)->relay = (struct relay_record){
            .relay_id = id, .state = (enum relay_state)(id % RELAY_STATES_END), .received_ms = 1000
        };
        turn_add_record(turn, RECORD_LOOKUP)->lookup = (struct lookup_record){
            .lookup_id = id, .state = (enum lookup_state)(id % LOOKUP_STATES_END), .received_ms = 1000
        };
        turn_add_notice(turn, &maker, NOTICE_RELAY_RECEIVED);
    }
    commit_and_free(fixture, turn);
}

struct open {
    struct seen seen;
    struct store_fixture *fixture; /* NULL: nothing is committed meanwhile */
    uint64_t event_id;
    uint64_t event_id_then; /* when a row was shown */
};

static bool see_open(void *context, const struct relay_record *relay)
{
    struct open *open = context;
    assert_false(relay_state_is_terminal(relay->state));
    open->event_id_then = open->event_id;
    if (open->fixture != NULL) {
        uint64_t id = maker.next.next_relay_id++ + 1000;
        add_states(open->fixture, id, id);
    }
    return see(&open->seen, relay->relay_id);
}

static bool see_open_lookup(void *context, const struct lookup_record *lookup)
{
    assert_true(lookup->state < LOOKUP_ANSWERED);
    return see(&((struct open *)context)->seen, lookup->lookup_id);
}

static void test_open_ones_come_newest_first_in_pieces(void **state)
{
    enum { IDS = 400 };
    struct open relays = { .fixture = NULL }, lookups = { .fixture = NULL };
    size_t before;
    add_states(*state, 1, IDS);
    do {
        before = relays.seen.count;
        uint64_t below = before > 0 ? relays.seen.ids[before - 1] : 0;
        assert_int_equal(history.open_relays(history.context, below, see_open, &relays, &relays.event_id),
                         HISTORY_OK);
        assert_true(relays.seen.count - before <= HISTORY_OPEN_MAX);
    } while (relays.seen.count - before == HISTORY_OPEN_MAX);
    assert_int_equal(relays.seen.count, IDS / RELAY_STATES_END * 3);
    do {
        before = lookups.seen.count;
        uint64_t below = before > 0 ? lookups.seen.ids[before - 1] : 0;
        assert_int_equal(
            history.open_lookups(history.context, below, see_open_lookup, &lookups, &lookups.event_id),
            HISTORY_OK);
    } while (lookups.seen.count - before == HISTORY_OPEN_MAX);
    assert_int_equal(lookups.seen.count, IDS / LOOKUP_STATES_END * 2);
    assert_int_equal(relays.event_id, IDS);
    assert_int_equal(lookups.event_id, IDS);
}

static void test_open_ones_stand_at_the_event_they_are_said_to(void **state)
{
    struct open open = { .fixture = *state };
    add_states(*state, 1, 16);
    assert_int_equal(history.open_relays(history.context, 0, see_open, &open, &open.event_id), HISTORY_OK);
    assert_int_equal(open.seen.count, 6); /* none of those that were committed meanwhile */
    assert_int_equal(open.event_id, 16);
    assert_int_equal(open.event_id_then, 16);
    open.fixture = NULL;
    open.seen = (struct seen){ .stop_after = 1 };
    assert_int_equal(history.open_relays(history.context, 0, see_open, &open, &open.event_id), HISTORY_OK);
    assert_int_equal(open.event_id, 22);
    assert_int_equal(open.seen.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_list_looks_at_so_many_rows_and_goes_on_from_there),
        TEST(test_list_of_a_state_looks_at_so_many_rows_and_goes_on_from_there),
        TEST(test_few_of_a_state_are_found_in_one_call),
        TEST(test_list_that_the_visitor_stops_has_no_place_of_its_own),
        TEST(test_open_ones_come_newest_first_in_pieces),
        TEST(test_open_ones_stand_at_the_event_they_are_said_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
