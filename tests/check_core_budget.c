/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of links: reserved as a relay is instructed, used up when it succeeds, free when it does not. */
#include "core_fixture.h"

enum { HOUR_MS = 3600000 };

struct told {
    int64_t stock, rate;
};

static void put_limited(struct fixture *f, const char *id, const char *a, const char *b, struct told told,
                        int64_t capacity)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, a, b, 1, told.stock, told.rate, capacity });
}

static void put(struct fixture *f, const char *id, const char *a, const char *b, struct told told)
{
    put_limited(f, id, a, b, told, 0);
}

/* One relay of kma-1 to kma-9; its state. */
static enum relay_state ask(struct fixture *f, uint32_t message_id)
{
    fixture_message(f, 0, CK_NOTIFY_RELAY, message_id,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    return fixture_record(f, RECORD_RELAY)->relay.state;
}

static void expect(struct fixture *f, const char *id, int64_t available, uint32_t reserved)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_non_null(snapshot);
    const struct link_view *link = snapshot_link(snapshot, text_from_c(id));
    assert_non_null(link);
    assert_int_equal(key_stock_available(&link->stock, f->wall_ms), available);
    assert_int_equal(link->stock.reserved, reserved);
    snapshot_release(snapshot);
}

static void pass(struct fixture *f, uint64_t milliseconds)
{
    f->wall_ms += milliseconds;
    fixture_tick(f, 1);
}

/* alice 1, bob 4, carol 9: 1-4 with ten keys, 4-9 with three */
static void build(struct fixture *f)
{
    put(f, "14", "kma-1", "kma-4", (struct told){ 10, -1 });
    put(f, "49", "kma-4", "kma-9", (struct told){ 3, -1 });
    fixture_open(f, 0, "dns:alice");
}

static void test_key_is_reserved_then_used(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_int_equal(ask(f, 7), RELAY_INSTRUCTED);
    assert_null(fixture_record(f, RECORD_BUDGET)); /* it follows from the relay */
    expect(f, "14", 9, 1);
    expect(f, "49", 2, 1);
    fixture_complete(f, 0, 1, "success");
    const struct record *record = fixture_record(f, RECORD_BUDGET);
    assert_non_null(record);
    assert_true(record->budget.keys == 9 || record->budget.keys == 2);
    expect(f, "14", 9, 0);
    expect(f, "49", 2, 0);
}

static void test_key_is_free_again_when_the_relay_failed(void **state)
{
    struct fixture *f = *state;
    build(f);
    (void)ask(f, 7);
    fixture_complete(f, 0, 1, "no keys here");
    assert_null(fixture_record(f, RECORD_BUDGET));
    expect(f, "49", 3, 0);
}

static void test_key_is_free_again_at_expiry_and_used_by_a_late_success(void **state)
{
    struct fixture *f = *state;
    build(f);
    (void)ask(f, 7);
    fixture_tick(f, 60000);
    expect(f, "49", 3, 0);
    fixture_complete(f, 0, 1, "success");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_SUCCEEDED);
    expect(f, "49", 2, 0);
}

static void test_relay_without_keys_is_refused_with_its_reason(void **state)
{
    struct fixture *f = *state;
    build(f);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(ask(f, 7 + i), RELAY_INSTRUCTED);
    expect(f, "49", 0, 3);
    assert_int_equal(ask(f, 10), RELAY_FAILED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_INSUFFICIENT_KEYS);
    fixture_complete(f, 0, 2, "failure");
    assert_int_equal(ask(f, 11), RELAY_INSTRUCTED);
}

static void test_route_without_keys_is_passed_over(void **state)
{
    struct fixture *f = *state;
    build(f);
    fixture_put_route(f, "direct", "kma-1 kma-4 kma-9");
    put(f, "49", "kma-4", "kma-9", (struct told){ 0, -1 });
    assert_int_equal(ask(f, 7), RELAY_FAILED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_INSUFFICIENT_KEYS);
    put(f, "19", "kma-1", "kma-9", (struct told){ 1, -1 });
    fixture_tick(f, 60);
    assert_int_equal(ask(f, 8), RELAY_INSTRUCTED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_COMPUTED);
    put(f, "49", "kma-4", "kma-9", (struct told){ 2, -1 });
    assert_int_equal(ask(f, 9), RELAY_INSTRUCTED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_ROUTE);
}

static void test_next_hop_without_keys_is_left_out(void **state)
{
    struct fixture *f = *state;
    build(f);
    fixture_put_route(f, "direct", "kma-1 kma-4 kma-9");
    put(f, "14", "kma-1", "kma-4", (struct told){ 0, -1 });
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"destination_KMA_ID\":\"kma-9\"}");
    const struct lookup_record *lookup = &fixture_record(f, RECORD_LOOKUP)->lookup;
    assert_int_equal(lookup->next_kma_id_count, 0);
    assert_int_equal(lookup->reason, REASON_INSUFFICIENT_KEYS);
}

static void test_orchestrators_path_without_keys_is_refused_and_the_relay_stays_held(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "49", "kma-4", "kma-9", (struct told){ 0, -1 });
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    assert_int_equal(ask(f, 7), RELAY_AWAITING_DECISION);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
    assert_int_equal(fixture_reply(f)->reason, REASON_INSUFFICIENT_KEYS);
    assert_null(fixture_record(f, RECORD_RELAY));
    put(f, "49", "kma-4", "kma-9", (struct told){ 1, -1 });
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

/* What it had it keeps, and what makes keys is not known to have gone on. */
static void test_stock_of_a_link_that_is_down_does_not_grow(void **state)
{
    struct fixture *f = *state;
    const struct fixture_link link = { "14", "kma-1", "kma-4", 1, 10, 3600, 0 };
    f->wall_ms -= f->wall_ms % 1000;
    f->links_are_down = true;
    fixture_put_told_link(f, &link);
    pass(f, HOUR_MS);
    expect(f, "14", 10, 0);
    f->wall_ms -= f->wall_ms % 1000;
    f->links_are_down = false;
    fixture_put_told_link(f, &link);
    expect(f, "14", 10, 0); /* nothing of the time before */
    pass(f, 5000);
    expect(f, "14", 15, 0);
}

/* It goes down under relays that are on their way: a key that one of them uses up is counted all the same. */
static void test_stock_of_a_link_that_went_down_is_used_by_relays_under_way(void **state)
{
    struct fixture *f = *state;
    const struct fixture_link link = { "19", "kma-1", "kma-9", 1, 10, 3600, 10 };
    fixture_put_told_link(f, &link);
    fixture_open(f, 0, "dns:alice");
    assert_int_equal(ask(f, 7), RELAY_INSTRUCTED);
    f->links_are_down = true;
    fixture_put_told_link(f, &link);
    pass(f, 5000);
    fixture_complete(f, 0, 1, "success");
    pass(f, HOUR_MS);
    expect(f, "19", 9, 0);
}

static void test_stock_grows_by_its_rate(void **state)
{
    struct fixture *f = *state;
    f->wall_ms -= f->wall_ms % 1000;
    put(f, "14", "kma-1", "kma-4", (struct told){ 0, 3600 });
    expect(f, "14", 0, 0);
    pass(f, 5000);
    expect(f, "14", 5, 0);
    pass(f, HOUR_MS);
    expect(f, "14", 3605, 0);
    f->wall_ms -= 2 * HOUR_MS; /* a clock that goes back takes nothing of what was told */
    fixture_tick(f, 1);
    expect(f, "14", 0, 0);
}

static void test_use_of_a_growing_stock_loses_no_fraction(void **state)
{
    struct fixture *f = *state;
    f->wall_ms -= f->wall_ms % 1000;
    put(f, "14", "kma-1", "kma-4", (struct told){ 10, 1800 }); /* a key in two seconds */
    put(f, "49", "kma-4", "kma-9", (struct told){ -1, -1 });
    fixture_open(f, 0, "dns:alice");
    for (uint32_t i = 1; i <= 4; i++) {
        (void)ask(f, i);
        pass(f, 1000);
        fixture_complete(f, 0, i, "success");
    }
    expect(f, "14", 10 - 4 + 2, 0);
    expect(f, "49", -1, 0);
}

static void test_use_makes_no_keys(void **state)
{
    struct fixture *f = *state;
    f->wall_ms -= f->wall_ms % 1000;
    put(f, "14", "kma-1", "kma-4", (struct told){ 0, 8000000 }); /* more than two in a millisecond */
    put(f, "49", "kma-4", "kma-9", (struct told){ -1, -1 });
    fixture_open(f, 0, "dns:alice");
    pass(f, 1000);
    expect(f, "14", 2222, 0);
    for (uint32_t i = 1; i <= 5; i++) {
        (void)ask(f, i);
        fixture_complete(f, 0, i, "success");
    }
    expect(f, "14", 2217, 0);
}

static void succeed(struct fixture *f, uint32_t message_id, uint64_t relay_id)
{
    (void)ask(f, message_id);
    fixture_complete(f, 0, relay_id, "success");
}

/* A key in two seconds, four at most: what is not made while it is full never comes. */
static void test_stock_grows_to_its_capacity_and_from_there_when_one_is_used(void **state)
{
    struct fixture *f = *state;
    f->wall_ms -= f->wall_ms % 1000;
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ 3, 1800 }, 4);
    put_limited(f, "49", "kma-4", "kma-9", (struct told){ -1, -1 }, 4);
    fixture_open(f, 0, "dns:alice");
    pass(f, 2000);
    expect(f, "14", 4, 0);
    pass(f, HOUR_MS + 1000);
    expect(f, "14", 4, 0);
    assert_int_equal(ask(f, 1), RELAY_INSTRUCTED);
    expect(f, "14", 3, 1); /* what is reserved still takes its place */
    pass(f, HOUR_MS);
    expect(f, "14", 3, 1);
    fixture_complete(f, 0, 1, "success");
    expect(f, "14", 3, 0);
    pass(f, 1000); /* half a key; the hour before is not made up for */
    expect(f, "14", 3, 0);
    pass(f, 2000);
    expect(f, "14", 4, 0);
    succeed(f, 2, 2);
    succeed(f, 3, 3);
    expect(f, "14", 2, 0);
    pass(f, 3000); /* of the second that has begun nothing is counted */
    expect(f, "14", 3, 0);
    expect(f, "49", -1, 0); /* nobody told how many there are */
}

/* The journal has what is left and since when: what a restart makes of it is the same. */
static void test_use_of_a_full_stock_is_told_as_of_then(void **state)
{
    struct fixture *f = *state;
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ 2, 3600 }, 2);
    put_limited(f, "49", "kma-4", "kma-9", (struct told){ -1, -1 }, 0);
    fixture_open(f, 0, "dns:alice");
    pass(f, 5500);
    succeed(f, 1, 1);
    const struct record *record = fixture_record(f, RECORD_BUDGET);
    assert_int_equal(record->budget.keys, 1);
    assert_int_equal(record->budget.as_of_ms, f->wall_ms);
    f->wall_ms -= HOUR_MS; /* a clock that goes back gives nothing, and makes nothing later than it was */
    succeed(f, 2, 2);
    record = fixture_record(f, RECORD_BUDGET);
    assert_int_equal(record->budget.keys, 0);
    assert_int_equal(record->budget.as_of_ms, f->wall_ms + HOUR_MS);
}

static void test_capacity_changed_counts_with_the_stock_that_comes_with_it(void **state)
{
    struct fixture *f = *state;
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ 10, 36000000 }, 0);
    pass(f, 1000);
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ 10, 36000000 }, 12);
    expect(f, "14", 10, 0);
    pass(f, 2000);
    expect(f, "14", 12, 0);
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ 10, INT64_MAX }, 1000000);
    pass(f, HOUR_MS);
    expect(f, "14", 1000000, 0);
    put_limited(f, "14", "kma-1", "kma-4", (struct told){ INT64_MAX - 1, INT64_MAX }, INT64_MAX);
    pass(f, HOUR_MS);
    expect(f, "14", INT64_MAX, 0);
}

static void test_greatest_stock_and_rate_stay_within_their_bounds(void **state)
{
    struct fixture *f = *state;
    f->wall_ms -= f->wall_ms % 1000;
    put(f, "14", "kma-1", "kma-4", (struct told){ 0, INT64_MAX });
    put(f, "49", "kma-4", "kma-9", (struct told){ INT64_MAX, INT64_MAX });
    fixture_open(f, 0, "dns:alice");
    pass(f, 3599000);
    expect(f, "14", INT64_C(999722222222), 0); /* of a million million an hour */
    expect(f, "49", INT64_MAX, 0);
    assert_int_equal(ask(f, 7), RELAY_INSTRUCTED);
    fixture_complete(f, 0, 1, "success");
    expect(f, "14", INT64_C(999722222221), 0);
    expect(f, "49", INT64_MAX - 1, 0);
    pass(f, 1000);
    expect(f, "14", INT64_C(999999999998), 0);
    expect(f, "49", INT64_MAX, 0);
}

static void test_same_stock_told_again_counts_from_then(void **state)
{
    struct fixture *f = *state;
    build(f);
    (void)ask(f, 7);
    fixture_complete(f, 0, 1, "success");
    expect(f, "49", 2, 0);
    put(f, "49", "kma-4", "kma-9", (struct told){ 3, -1 });
    assert_int_equal(fixture_reply(f)->unchanged, 1);
    assert_non_null(fixture_record(f, RECORD_BUDGET));
    expect(f, "49", 3, 0);
}

static void test_link_deleted_under_a_relay(void **state)
{
    struct fixture *f = *state;
    build(f);
    (void)ask(f, 7);
    fixture_delete(f, COMMAND_LINK_DELETE, "49");
    put(f, "49", "kma-4", "kma-9", (struct told){ 3, -1 });
    expect(f, "49", 3, 0); /* another link of the same name owes nothing */
    fixture_complete(f, 0, 1, "success");
    expect(f, "49", 3, 0);
    expect(f, "14", 9, 0);
}

static void test_of_parallel_links_the_one_with_most_keys_gives(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "49b", "kma-4", "kma-9", (struct told){ 5, -1 });
    (void)ask(f, 7);
    expect(f, "49b", 4, 1);
    expect(f, "49", 3, 0);
}

/* What a journal keeps of a core, and another takes up. */
static void test_restart_forgets_neither_what_is_used_nor_what_is_reserved(void **state)
{
    struct fixture *f = *state;
    struct record link = { .kind = RECORD_LINK,
                           .revision = { 5, f->wall_ms, ORIGIN_API, 5 },
                           .link = { .link_id = TEXT("14"),
                                     .kma_a = TEXT("kma-1"),
                                     .kma_b = TEXT("kma-4"),
                                     .cost = 1,
                                     .key_stock = 10,
                                     .key_rate = -1,
                                     .state = LINK_UP,
                                     .origin = TEXT("test") } };
    struct text path[] = { TEXT("kma-1"), TEXT("kma-4") };
    struct record relay = { .kind = RECORD_RELAY,
                            .relay = { .relay_id = 3,
                                       .state = RELAY_INSTRUCTED,
                                       .decided_by = DECIDER_COMPUTED,
                                       .km_id = TEXT("alice"),
                                       .source_kma_id = TEXT("kma-1"),
                                       .destination_kma_id = TEXT("kma-4"),
                                       .path = path,
                                       .path_length = 2,
                                       .instructed_ms = f->wall_ms,
                                       .timeline_count = 1 } };
    struct record budget = { .kind = RECORD_BUDGET, .budget = { TEXT("14"), 5, 6, f->wall_ms } };
    struct core *other = core_new(&f->memory, &f->settings, (struct siphash_key){ 3, 4 });
    assert_int_equal(core_restore(other, &link), CORE_OK);
    assert_int_equal(core_restore(other, &budget), CORE_OK);
    assert_int_equal(core_restore(other, &relay), CORE_OK);
    effects_clear(&f->effects);
    assert_int_equal(core_restore_finish(other, f->now_ms, f->wall_ms, &f->effects), CORE_OK);
    struct snapshot *snapshot = core_snapshot(other, &f->memory, f->wall_ms);
    assert_int_equal(key_stock_available(&snapshot_link(snapshot, TEXT("14"))->stock, f->wall_ms), 5);
    assert_int_equal(snapshot_link(snapshot, TEXT("14"))->stock.reserved, 1);
    snapshot_release(snapshot);
    budget.budget.revision = 4; /* of a stock that was told anew since */
    core_free(other);
    other = core_new(&f->memory, &f->settings, (struct siphash_key){ 3, 4 });
    assert_int_equal(core_restore(other, &link), CORE_OK);
    assert_int_equal(core_restore(other, &budget), CORE_OK);
    snapshot = core_snapshot(other, &f->memory, f->wall_ms);
    assert_int_equal(key_stock_available(&snapshot_link(snapshot, TEXT("14"))->stock, f->wall_ms), 10);
    snapshot_release(snapshot);
    core_free(other);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_key_is_reserved_then_used),
        WITH_FIXTURE(test_key_is_free_again_when_the_relay_failed),
        WITH_FIXTURE(test_key_is_free_again_at_expiry_and_used_by_a_late_success),
        WITH_FIXTURE(test_relay_without_keys_is_refused_with_its_reason),
        WITH_FIXTURE(test_route_without_keys_is_passed_over),
        WITH_FIXTURE(test_next_hop_without_keys_is_left_out),
        WITH_FIXTURE(test_orchestrators_path_without_keys_is_refused_and_the_relay_stays_held),
        WITH_FIXTURE(test_stock_of_a_link_that_is_down_does_not_grow),
        WITH_FIXTURE(test_stock_of_a_link_that_went_down_is_used_by_relays_under_way),
        WITH_FIXTURE(test_stock_grows_by_its_rate),
        WITH_FIXTURE(test_use_of_a_growing_stock_loses_no_fraction),
        WITH_FIXTURE(test_use_makes_no_keys),
        WITH_FIXTURE(test_stock_grows_to_its_capacity_and_from_there_when_one_is_used),
        WITH_FIXTURE(test_use_of_a_full_stock_is_told_as_of_then),
        WITH_FIXTURE(test_capacity_changed_counts_with_the_stock_that_comes_with_it),
        WITH_FIXTURE(test_greatest_stock_and_rate_stay_within_their_bounds),
        WITH_FIXTURE(test_same_stock_told_again_counts_from_then),
        WITH_FIXTURE(test_link_deleted_under_a_relay),
        WITH_FIXTURE(test_of_parallel_links_the_one_with_most_keys_gives),
        WITH_FIXTURE(test_restart_forgets_neither_what_is_used_nor_what_is_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
