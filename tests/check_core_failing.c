/* SPDX-License-Identifier: Apache-2.0 */
/* Links over which relays fail again and again: counted, avoided for a while, and used all the same when
 * there is nothing else. */
#include "core_fixture.h"

enum { WINDOW_MS = 60000, PENALTY_MS = 300000 };

static void put(struct fixture *f, const char *id, const char *a, const char *b, uint32_t cost)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, a, b, cost, -1, -1, 0 });
}

/* From kma-1 to kma-9 straight over 19, which is cheap, or over kma-4. */
static void build(struct fixture *f)
{
    put(f, "19", "kma-1", "kma-9", 1);
    put(f, "14", "kma-1", "kma-4", 50);
    put(f, "49", "kma-4", "kma-9", 50);
    fixture_open(f, 0, "dns:alice");
}

/* A relay of kma-1 to kma-9, its ID in `out_relay_id`; how many KMAs its path has. */
static size_t ask(struct fixture *f, uint64_t *out_relay_id)
{
    static uint32_t message_id = 100;
    fixture_message(f, 0, CK_NOTIFY_RELAY, ++message_id,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    const struct relay_record *relay = &fixture_record(f, RECORD_RELAY)->relay;
    assert_int_equal(relay->state, RELAY_INSTRUCTED);
    *out_relay_id = relay->relay_id;
    return relay->path_length;
}

/* One relay that fails; how many KMAs its path had. */
static size_t fail_one(struct fixture *f)
{
    uint64_t relay_id;
    const size_t length = ask(f, &relay_id);
    fixture_complete(f, 0, relay_id, "broken");
    return length;
}

static void expect(struct fixture *f, const char *id, uint32_t recent, uint64_t until_ms)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct link_view *link = snapshot_link(snapshot, text_from_c(id));
    assert_non_null(link);
    assert_int_equal(link->recent_failures, recent);
    assert_int_equal(link->penalised_until_ms, until_ms);
    snapshot_release(snapshot);
}

static uint32_t penalised(struct fixture *f)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const uint32_t count = snapshot->totals.links_penalised;
    snapshot_release(snapshot);
    return count;
}

static void assert_told(const struct fixture *f, const char *link_id, const char *change)
{
    const struct notice *notice = fixture_notice(f, NOTICE_LINK_CHANGED);
    assert_non_null(notice);
    assert_text(notice->link_id, link_id);
    assert_string_equal(notice->change, change);
}

static void set(struct fixture *f, uint32_t failing_relays)
{
    struct event event = { .kind = EVENT_SETTINGS };
    f->settings.failing_relays = failing_relays;
    event.settings = f->settings;
    fixture_step(f, &event);
}

static void test_link_is_penalised_after_so_many_failures_then_recovers(void **state)
{
    struct fixture *f = *state;
    build(f);
    assert_int_equal(fail_one(f), 2);
    assert_int_equal(fail_one(f), 2);
    expect(f, "19", 2, 0);
    assert_null(fixture_notice(f, NOTICE_LINK_CHANGED));
    assert_int_equal(fail_one(f), 2);
    assert_told(f, "19", "penalised");
    expect(f, "19", 3, f->wall_ms + PENALTY_MS);
    assert_int_equal(penalised(f), 1);
    uint64_t relay_id;
    assert_int_equal(ask(f, &relay_id), 3); /* the way round */
    fixture_complete(f, 0, relay_id, "success");
    fixture_tick(f, PENALTY_MS - 1);
    assert_null(fixture_notice(f, NOTICE_LINK_CHANGED));
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 1);
    fixture_tick(f, 1);
    assert_told(f, "19", "recovered");
    expect(f, "19", 0, 0);
    assert_int_equal(penalised(f), 0);
    assert_int_equal(fail_one(f), 2); /* and it counts anew */
    expect(f, "19", 1, 0);
}

static void test_success_clears_the_count(void **state)
{
    struct fixture *f = *state;
    uint64_t relay_id;
    build(f);
    (void)fail_one(f);
    (void)fail_one(f);
    (void)ask(f, &relay_id);
    fixture_complete(f, 0, relay_id, "success");
    expect(f, "19", 0, 0);
    (void)fail_one(f);
    (void)fail_one(f);
    expect(f, "19", 2, 0);
}

static void test_old_failures_do_not_count(void **state)
{
    struct fixture *f = *state;
    build(f);
    (void)fail_one(f);
    fixture_tick(f, WINDOW_MS / 2);
    (void)fail_one(f);
    fixture_tick(f, WINDOW_MS / 2);
    expect(f, "19", 1, 0);
    (void)fail_one(f);
    expect(f, "19", 2, 0);
    assert_int_equal(penalised(f), 0);
    (void)fail_one(f); /* the window slides: three are within it */
    assert_int_equal(penalised(f), 1);
}

static void test_expired_relay_counts_once_whatever_comes_later(void **state)
{
    struct fixture *f = *state;
    uint64_t relay_id;
    build(f);
    (void)ask(f, &relay_id);
    fixture_tick(f, 60000);
    expect(f, "19", 1, 0);
    fixture_complete(f, 0, relay_id, "broken");
    expect(f, "19", 1, 0);
    (void)ask(f, &relay_id);
    fixture_tick(f, 60000);
    fixture_complete(f, 0, relay_id, "success");
    expect(f, "19", 0, 0);
}

/* What is refused before it is sent says nothing of a link; nor does a KM that is away. */
static void test_other_ends_do_not_count(void **state)
{
    struct fixture *f = *state;
    uint64_t relay_id;
    build(f);
    (void)ask(f, &relay_id);
    fixture_close(f, 0, REASON_PEER_CLOSED);
    fixture_tick(f, 60000);
    expect(f, "19", 0, 0);
}

static void test_penalised_link_is_used_when_there_is_nothing_else(void **state)
{
    struct fixture *f = *state;
    uint64_t relay_id;
    put(f, "19", "kma-1", "kma-9", 1);
    fixture_open(f, 0, "dns:alice");
    for (int i = 0; i < 3; i++)
        (void)fail_one(f);
    assert_int_equal(penalised(f), 1);
    assert_int_equal(ask(f, &relay_id), 2);
    fixture_complete(f, 0, relay_id, "broken"); /* its penalty is not prolonged */
    assert_null(fixture_notice(f, NOTICE_LINK_CHANGED));
}

static void test_failure_counts_against_every_link_of_the_path(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "19", "kma-1", "kma-9", 1000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fail_one(f), 3);
    assert_int_equal(penalised(f), 2);
    assert_int_equal(fixture_notices(f, NOTICE_LINK_CHANGED), 2);
    assert_int_equal(fail_one(f), 2);
}

static void test_installed_route_is_not_overruled(void **state)
{
    struct fixture *f = *state;
    build(f);
    for (int i = 0; i < 3; i++)
        (void)fail_one(f);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    assert_int_equal(fail_one(f), 2);
}

/* Next hops go round it too, and what was told lately is not contradicted into a cycle. */
static void test_next_hops_prefer_the_way_round(void **state)
{
    struct fixture *f = *state;
    static const char question[] = "{\"destination_KMA_ID\":\"kma-9\"}";
    build(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, question);
    assert_text(fixture_record(f, RECORD_LOOKUP)->lookup.next_kma_ids[0], "kma-9");
    for (int i = 0; i < 3; i++)
        (void)fail_one(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 2, question);
    assert_text(fixture_record(f, RECORD_LOOKUP)->lookup.next_kma_ids[0], "kma-4");
}

static void test_zero_penalises_none_and_ends_what_there_is(void **state)
{
    struct fixture *f = *state;
    build(f);
    for (int i = 0; i < 3; i++)
        (void)fail_one(f);
    set(f, 0);
    assert_told(f, "19", "recovered");
    for (int i = 0; i < 5; i++)
        assert_int_equal(fail_one(f), 2);
    expect(f, "19", 0, 0);
    set(f, 1);
    (void)fail_one(f);
    assert_told(f, "19", "penalised");
}

static void test_removed_link_takes_its_penalty_along(void **state)
{
    struct fixture *f = *state;
    build(f);
    for (int i = 0; i < 3; i++)
        (void)fail_one(f);
    put(f, "19", "kma-1", "kma-9", 2); /* told anew, it stays penalised */
    assert_int_equal(penalised(f), 1);
    fixture_delete(f, COMMAND_LINK_DELETE, "19");
    assert_int_equal(penalised(f), 0);
    assert_int_equal(core_deadline_ms(f->core), UINT64_MAX);
    put(f, "19", "kma-1", "kma-9", 1);
    assert_int_equal(fail_one(f), 2);
}

/* However little memory there is: a penalty is told, or there is none and the next failure tries again. */
static void test_penalty_without_memory_is_told_or_is_not(void **state)
{
    size_t told = 0, untold = 0;
    (void)state;
    for (size_t spare = 0; spare < 30; spare++) {
        struct fixture *f = fixture_new();
        uint64_t relay_id;
        build(f);
        (void)fail_one(f);
        (void)fail_one(f);
        (void)ask(f, &relay_id);
        char payload[96];
        snprintf(payload, sizeof payload, "{\"Key_relay_request_ID\":%llu,\"response\":\"broken\"}",
                 (unsigned long long)relay_id);
        f->heap.blocks_limit = f->heap.blocks_out + spare;
        fixture_message(f, 0, CK_RELAY_RESPONSE, 1, payload);
        const bool is_told = fixture_notice(f, NOTICE_LINK_CHANGED) != NULL;
        f->heap.blocks_limit = SIZE_MAX;
        assert_int_equal(penalised(f), is_told);
        told += is_told;
        untold += !is_told;
        fixture_tick(f, 1);
        if (!is_told) {
            (void)fail_one(f);
            assert_int_equal(penalised(f), 1);
        }
        fixture_free(f);
    }
    assert_true(told > 0 && untold > 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_link_is_penalised_after_so_many_failures_then_recovers),
        TEST(test_success_clears_the_count),
        TEST(test_old_failures_do_not_count),
        TEST(test_expired_relay_counts_once_whatever_comes_later),
        TEST(test_other_ends_do_not_count),
        TEST(test_penalised_link_is_used_when_there_is_nothing_else),
        TEST(test_failure_counts_against_every_link_of_the_path),
        TEST(test_installed_route_is_not_overruled),
        TEST(test_next_hops_prefer_the_way_round),
        TEST(test_zero_penalises_none_and_ends_what_there_is),
        TEST(test_removed_link_takes_its_penalty_along),
        TEST(test_penalty_without_memory_is_told_or_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
