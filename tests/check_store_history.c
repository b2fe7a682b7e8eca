/* SPDX-License-Identifier: Apache-2.0 */
/* What readers are told of the past: filters against a plain model, cursors, events across pages, bounds. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

enum { RELAYS = 400, FILTERS = 300 };

static struct turn_maker maker;
static struct store_reader *reader;
static struct history history;
static uint64_t below; /* where the list before would go on */

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

/* The model: every relay and lookup as it was recorded last. */
struct model {
    struct relay_record relays[RELAYS];
    struct lookup_record lookups[RELAYS];
};

static const struct text names[] = { { "a", 1 }, { "b", 1 }, { "", 0 }, { NULL, 0 } };

static struct text random_name(struct seeded *seeded)
{
    return names[seeded_below(seeded, 4)];
}

static struct relay_record random_relay(struct seeded *seeded, uint64_t id)
{
    return (struct relay_record){
        .relay_id = id,
        .state = (enum relay_state)seeded_below(seeded, RELAY_STATES_END),
        .reason = seeded_below(seeded, 2) == 0 ? REASON_NONE : REASON_NO_ROUTE,
        .decided_by = (enum decider)seeded_below(seeded, DECIDERS_END),
        .km_id = random_name(seeded),
        .source_kma_id = random_name(seeded),
        .destination_kma_id = random_name(seeded),
        .application_destination_id = random_name(seeded),
        .received_ms = 1000 + seeded_below(seeded, 100),
    };
}

static struct lookup_record random_lookup(struct seeded *seeded, uint64_t id)
{
    return (struct lookup_record){
        .lookup_id = id,
        .state = (enum lookup_state)seeded_below(seeded, LOOKUP_STATES_END),
        .reason = seeded_below(seeded, 2) == 0 ? REASON_NONE : REASON_AT_DESTINATION,
        .decided_by = (enum decider)seeded_below(seeded, DECIDERS_END),
        .km_id = random_name(seeded),
        .source_kma_id = random_name(seeded),
        .destination_kma_id = random_name(seeded),
        .application_destination_id = random_name(seeded),
        .received_ms = 1000 + seeded_below(seeded, 100),
    };
}

/* Every row twice, so that what is found is the later one. */
static struct model *fill(struct store_fixture *fixture, struct seeded *seeded)
{
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    for (int round = 0; round < 2; round++) {
        struct effects *turn = turn_new(&maker);
        for (uint64_t id = 1; id <= RELAYS; id++) {
            model->relays[id - 1] = random_relay(seeded, id);
            turn_add_record(turn, RECORD_RELAY)->relay = model->relays[id - 1];
            model->lookups[id - 1] = random_lookup(seeded, id);
            turn_add_record(turn, RECORD_LOOKUP)->lookup = model->lookups[id - 1];
        }
        commit_and_free(fixture, turn);
    }
    return model;
}

static struct history_filter random_filter(struct seeded *seeded, uint64_t states_end, enum reason reason)
{
    struct history_filter filter = { .has_state = seeded_below(seeded, 3) == 0 };
    if (filter.has_state)
        filter.state = (int)seeded_below(seeded, states_end);
    if (seeded_below(seeded, 3) == 0)
        filter.km_id = random_name(seeded);
    if (seeded_below(seeded, 4) == 0)
        filter.source_kma_id = random_name(seeded);
    if (seeded_below(seeded, 4) == 0)
        filter.destination_kma_id = random_name(seeded);
    if (seeded_below(seeded, 4) == 0)
        filter.application_destination_id = random_name(seeded);
    if (seeded_below(seeded, 4) == 0)
        filter.decided_by = (enum decider)seeded_below(seeded, DECIDERS_END);
    if (seeded_below(seeded, 4) == 0)
        filter.reason = reason;
    if (seeded_below(seeded, 4) == 0)
        filter.received_after_ms = 1000 + seeded_below(seeded, 100);
    if (seeded_below(seeded, 4) == 0)
        filter.received_before_ms = 1000 + seeded_below(seeded, 100);
    if (seeded_below(seeded, 4) == 0)
        filter.before_id = 1 + seeded_below(seeded, RELAYS + 10);
    return filter;
}

static bool fits_text(struct text wanted, struct text found)
{
    return !text_is_present(wanted) || text_equal(wanted, found);
}

static bool fits_relay(const struct history_filter *filter, const struct relay_record *relay)
{
    return (!filter->has_state || filter->state == (int)relay->state) &&
           fits_text(filter->km_id, relay->km_id) && fits_text(filter->source_kma_id, relay->source_kma_id) &&
           fits_text(filter->destination_kma_id, relay->destination_kma_id) &&
           fits_text(filter->application_destination_id, relay->application_destination_id) &&
           (filter->decided_by == DECIDER_NONE || filter->decided_by == relay->decided_by) &&
           (filter->reason == REASON_NONE || filter->reason == relay->reason) &&
           relay->received_ms >= filter->received_after_ms &&
           (filter->received_before_ms == 0 || relay->received_ms < filter->received_before_ms) &&
           (filter->before_id == 0 || relay->relay_id < filter->before_id);
}

/* The same for a lookup, by way of a relay that looks like it. */
static bool fits_lookup(const struct history_filter *filter, const struct lookup_record *lookup)
{
    return fits_relay(filter, &(struct relay_record){
                                  .relay_id = lookup->lookup_id,
                                  .state = (enum relay_state)lookup->state,
                                  .reason = lookup->reason,
                                  .decided_by = lookup->decided_by,
                                  .km_id = lookup->km_id,
                                  .source_kma_id = lookup->source_kma_id,
                                  .destination_kma_id = lookup->destination_kma_id,
                                  .application_destination_id = lookup->application_destination_id,
                                  .received_ms = lookup->received_ms,
                              });
}

/* Walks the model down beside the answer. */
struct walk {
    const struct model *model;
    const struct history_filter *filter;
    uint64_t next_id; /* the model's next candidate */
    uint64_t seen;
    uint64_t stop_after; /* 0: never */
};

static void skip_relays(struct walk *walk)
{
    while (walk->next_id > 0 && !fits_relay(walk->filter, &walk->model->relays[walk->next_id - 1]))
        walk->next_id--;
}

static void skip_lookups(struct walk *walk)
{
    while (walk->next_id > 0 && !fits_lookup(walk->filter, &walk->model->lookups[walk->next_id - 1]))
        walk->next_id--;
}

static bool walk_relay(void *context, const struct relay_record *relay)
{
    struct walk *walk = context;
    skip_relays(walk);
    assert_true(walk->next_id > 0);
    assert_same_relay(relay, &walk->model->relays[walk->next_id - 1]);
    walk->next_id--;
    return ++walk->seen != walk->stop_after;
}

static bool walk_lookup(void *context, const struct lookup_record *lookup)
{
    struct walk *walk = context;
    skip_lookups(walk);
    assert_true(walk->next_id > 0);
    assert_same_lookup(lookup, &walk->model->lookups[walk->next_id - 1]);
    walk->next_id--;
    return ++walk->seen != walk->stop_after;
}

static void test_relays_filters_agree_with_the_model(void **state)
{
    struct seeded seeded = fixture_seed();
    struct model *model = fill(*state, &seeded);
    for (int i = 0; i < FILTERS; i++) {
        struct history_filter filter = random_filter(&seeded, RELAY_STATES_END, REASON_NO_ROUTE);
        struct walk walk = { model, &filter, RELAYS, 0, 0 };
        assert_int_equal(history.relays(history.context, &filter, walk_relay, &walk, &below), HISTORY_OK);
        skip_relays(&walk);
        assert_int_equal(walk.next_id, 0); /* none was left out */
        assert_int_equal(below, 0);
    }
    free(model);
}

static void test_lookups_filters_agree_with_the_model(void **state)
{
    struct seeded seeded = fixture_seed();
    struct model *model = fill(*state, &seeded);
    for (int i = 0; i < FILTERS; i++) {
        struct history_filter filter = random_filter(&seeded, LOOKUP_STATES_END, REASON_AT_DESTINATION);
        struct walk walk = { model, &filter, RELAYS, 0, 0 };
        assert_int_equal(history.lookups(history.context, &filter, walk_lookup, &walk, &below), HISTORY_OK);
        skip_lookups(&walk);
        assert_int_equal(walk.next_id, 0);
    }
    free(model);
}

static void test_relays_pages_by_cursor_show_each_once(void **state)
{
    struct seeded seeded = fixture_seed();
    struct model *model = fill(*state, &seeded);
    struct history_filter filter = { .km_id = TEXT("a") };
    struct walk walk = { model, &filter, RELAYS, 0, 0 };
    uint64_t before = UINT64_MAX;
    while (before != walk.seen) {
        before = walk.seen;
        walk.stop_after = walk.seen + 7;
        assert_int_equal(history.relays(history.context, &filter, walk_relay, &walk, &below), HISTORY_OK);
        filter.before_id = walk.next_id + 1; /* the ID shown last */
    }
    skip_relays(&walk);
    assert_int_equal(walk.next_id, 0);
    assert_true(walk.seen > 7);
    free(model);
}

static bool compare_relay(void *context, const struct relay_record *relay)
{
    assert_same_relay(relay, context);
    return true;
}

static bool compare_lookup(void *context, const struct lookup_record *lookup)
{
    assert_same_lookup(lookup, context);
    return true;
}

static void test_relay_and_lookup_are_found_by_id(void **state)
{
    struct seeded seeded = fixture_seed();
    struct model *model = fill(*state, &seeded);
    for (uint64_t id = 1; id <= RELAYS; id++) {
        assert_int_equal(history.relay(history.context, id, compare_relay, &model->relays[id - 1]),
                         HISTORY_OK);
        assert_int_equal(history.lookup(history.context, id, compare_lookup, &model->lookups[id - 1]),
                         HISTORY_OK);
    }
    static const uint64_t missing[] = { 0, RELAYS + 1, UINT64_MAX };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(history.relay(history.context, missing[i], compare_relay, NULL), HISTORY_NOT_FOUND);
        assert_int_equal(history.lookup(history.context, missing[i], compare_lookup, NULL),
                         HISTORY_NOT_FOUND);
    }
    free(model);
}

struct event_walk {
    uint64_t next_id;
    uint64_t seen;
    uint64_t stop_after;
};

/* The rendering itself is the core's; what must hold here is that it comes back whole, with its own ID. */
static bool walk_event(void *context, const struct stored_event *event)
{
    struct event_walk *walk = context;
    char prefix[64];
    struct bytes_writer writer = bytes_writer(prefix, sizeof prefix);
    bytes_put_c(&writer, "{\"event_id\":\"");
    bytes_put_u64(&writer, event->event_id);
    bytes_put_c(&writer, "\"");
    assert_int_equal(event->event_id, walk->next_id);
    assert_int_equal(event->time_ms, maker.wall_ms + event->event_id);
    assert_int_equal(event->type, event->event_id % NOTICES_END);
    assert_true(text_starts_with(event->json, bytes_written(&writer)));
    assert_int_equal(event->json.bytes[event->json.length - 1], '}');
    walk->next_id++;
    return ++walk->seen != walk->stop_after;
}

/* `commits` commits of `events` events each, with the detail given. */
static void fill_events(struct store_fixture *fixture, int commits, int events, struct text detail)
{
    for (int commit = 0; commit < commits; commit++) {
        struct effects *turn = turn_new(&maker);
        for (int i = 0; i < events; i++) {
            struct notice *notice = turn_add_notice(turn, &maker, NOTICE_KM_CONNECTED);
            notice->type = (enum notice_type)(notice->event_id % NOTICES_END);
            notice->time_ms = maker.wall_ms + notice->event_id;
            notice->detail = detail;
        }
        commit_and_free(fixture, turn);
    }
}

static void check_events_from_everywhere(uint64_t newest)
{
    for (uint64_t after = 0; after <= newest + 1; after++) {
        struct event_walk walk = { after + 1, 0, 0 };
        assert_int_equal(history.events(history.context, after, walk_event, &walk), HISTORY_OK);
        assert_int_equal(walk.seen, after < newest ? newest - after : 0);
    }
}

static void test_events_continue_after_any_id(void **state)
{
    fill_events(*state, 7, 5, TEXT_ABSENT);
    check_events_from_everywhere(35);
    struct event_walk walk = { 9, 0, 4 };
    assert_int_equal(history.events(history.context, 8, walk_event, &walk), HISTORY_OK);
    assert_int_equal(walk.seen, 4);
    assert_int_equal(history.events(history.context, UINT64_MAX, walk_event, &walk), HISTORY_OK);
    assert_int_equal(walk.seen, 4);
}

static void test_events_of_a_large_commit_span_pages(void **state)
{
    static char detail[LIMIT_STRING_BYTES];
    memset(detail, '"', sizeof detail);
    fill_events(*state, 2, 60, (struct text){ detail, sizeof detail });
    check_events_from_everywhere(120);
}

static void test_event_bounds_follow_the_log(void **state)
{
    uint64_t oldest = 77;
    uint64_t newest = 77;
    assert_int_equal(history.event_bounds(history.context, &oldest, &newest), HISTORY_OK);
    assert_int_equal(oldest, 0);
    assert_int_equal(newest, 0);
    fill_events(*state, 3, 4, TEXT_ABSENT);
    assert_int_equal(history.event_bounds(history.context, &oldest, &newest), HISTORY_OK);
    assert_int_equal(oldest, 1);
    assert_int_equal(newest, 12);
}

struct busy_reader {
    struct store_fixture *fixture;
    uint64_t seen;
};

/* A reader in the middle of a list: the writer must not wait for it, nor the list change. */
static bool commit_meanwhile(void *context, const struct relay_record *relay)
{
    struct busy_reader *busy = context;
    const struct store_retention retention = { .age_ms = 0 };
    (void)relay;
    struct effects *turn = turn_new(&maker);
    turn_add_relay(turn, &maker);
    commit_and_free(busy->fixture, turn);
    store_maintain(busy->fixture->store, &retention, maker.wall_ms);
    busy->seen++;
    return true;
}

static void test_reader_sees_one_state_and_never_blocks_the_writer(void **state)
{
    struct busy_reader busy = { *state, 0 };
    const struct history_filter all = { .before_id = 0 };
    struct effects *turn = turn_new(&maker);
    for (int i = 0; i < 10; i++)
        turn_add_relay(turn, &maker);
    commit_and_free(*state, turn);
    assert_int_equal(history.relays(history.context, &all, commit_meanwhile, &busy, &below), HISTORY_OK);
    assert_int_equal(busy.seen, 10);
    assert_int_equal(history.relays(history.context, &all, commit_meanwhile, &busy, &below), HISTORY_OK);
    assert_int_equal(busy.seen, 30);
}

static void test_reader_before_any_store_is_refused(void **state)
{
    struct store_reader *other = NULL;
    (void)state;
    assert_int_equal(store_reader_open("sqlite:no-such-folder/bridge.db", &other), STORE_IO);
    assert_null(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_relays_filters_agree_with_the_model),
        TEST(test_lookups_filters_agree_with_the_model),
        TEST(test_relays_pages_by_cursor_show_each_once),
        TEST(test_relay_and_lookup_are_found_by_id),
        TEST(test_events_continue_after_any_id),
        TEST(test_events_of_a_large_commit_span_pages),
        TEST(test_event_bounds_follow_the_log),
        TEST(test_reader_sees_one_state_and_never_blocks_the_writer),
        TEST(test_reader_before_any_store_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
