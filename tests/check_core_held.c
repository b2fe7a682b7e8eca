/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that are held, or under way, when what they might go by ends: a route's lease, a link. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";
static const char lookup[] = "{\"destination_KMA_ID\":\"kma-9\"}";
enum { LEASE_MS = 500 };

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

/* alice is connected, an orchestrator is there, `routes` stand before it. */
static void begin(struct fixture *f)
{
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
}

static void put_lease(struct fixture *f)
{
    struct text path[] = { TEXT("kma-1"), TEXT("kma-4"), TEXT("kma-9") };
    const struct route_config config = {
        .route_id = TEXT("r1"),
        .source_kma_id = path[0],
        .destination_kma_id = path[2],
        .path = path,
        .path_length = 3,
        .valid_until_ms = f->wall_ms + LEASE_MS,
        .origin = TEXT("test"),
    };
    fixture_run(f, &(struct command){ .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 });
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
}

static void ask(struct fixture *f, uint32_t message_id, enum relay_state expected)
{
    fixture_message(f, 0, CK_NOTIFY_RELAY, message_id, notify);
    assert_int_equal(relay_of(f)->state, expected);
}

static void look_up(struct fixture *f, uint32_t message_id, enum lookup_state expected)
{
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, message_id, lookup);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.state, expected);
}

/* The lease is over: the route is told of as gone, and no request is. */
static void end_lease(struct fixture *f)
{
    fixture_tick(f, LEASE_MS);
    assert_text(fixture_notice(f, NOTICE_ROUTE_CHANGED)->route_id, "r1");
    assert_null(fixture_record(f, RECORD_RELAY));
    assert_null(fixture_record(f, RECORD_LOOKUP));
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
}

static void test_lease_that_ends_while_requests_wait_decides_none(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fixture_put_link(f, "l", "kma-1", "kma-4", LINK_UP);
    put_lease(f);
    fixture_put_link(f, "l", "kma-1", "kma-4", LINK_DOWN); /* so the route can't be used */
    ask(f, 7, RELAY_AWAITING_DECISION);
    look_up(f, 8, LOOKUP_AWAITING_DECISION);
    end_lease(f);
    fixture_put_link(f, "l", "kma-1", "kma-4", LINK_UP);
    assert_null(fixture_record(f, RECORD_RELAY));
    assert_null(fixture_record(f, RECORD_LOOKUP));
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    fixture_tick(f, 2000 - LEASE_MS);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.reason, REASON_NO_ROUTE);
}

static void test_lease_that_ends_leaves_relays_under_way_alone(void **state)
{
    struct fixture *f = *state;
    begin(f);
    put_lease(f);
    ask(f, 7, RELAY_INSTRUCTED);
    assert_text(relay_of(f)->route_id, "r1");
    end_lease(f);
    ask(f, 9, RELAY_AWAITING_DECISION); /* the next one has no route */
    fixture_complete(f, 0, 1, "success");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    assert_text(relay_of(f)->route_id, "r1");
    assert_int_equal(relay_of(f)->path_length, 3);
}

static void test_lease_that_ends_with_its_relay_open_lets_it_expire_in_its_own_time(void **state)
{
    struct fixture *f = *state;
    begin(f);
    put_lease(f);
    ask(f, 7, RELAY_INSTRUCTED);
    end_lease(f);
    fixture_tick(f, 59999 - LEASE_MS);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->state, RELAY_EXPIRED);
}

static void test_link_that_fails_leaves_relays_under_way_alone(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    ask(f, 7, RELAY_INSTRUCTED);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_DOWN);
    assert_null(fixture_record(f, RECORD_RELAY));
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    fixture_complete(f, 0, 1, "success");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    ask(f, 9, RELAY_INSTRUCTED);
    fixture_delete(f, COMMAND_LINK_DELETE, "l");
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_complete(f, 0, 2, "no way");
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    assert_int_equal(relay_of(f)->reason, REASON_KM_FAILURE);
}

static void test_link_that_fails_is_on_no_path_for_held_requests(void **state)
{
    struct fixture *f = *state;
    begin(f);
    fixture_put_link(f, "direct", "kma-1", "kma-9", LINK_UP);
    fixture_put_link(f, "l1", "kma-1", "kma-4", LINK_UP);
    fixture_put_link(f, "l2", "kma-4", "kma-9", LINK_UP);
    ask(f, 7, RELAY_AWAITING_DECISION);
    look_up(f, 8, LOOKUP_AWAITING_DECISION);
    fixture_put_link(f, "direct", "kma-1", "kma-9", LINK_DOWN);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->reason, REASON_LINK_DOWN);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-9");
    assert_int_equal(fixture_reply(f)->reason, REASON_LINK_DOWN);
    fixture_tick(f, 2000); /* both are still held, and computed round it then */
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    assert_int_equal(relay_of(f)->path_length, 3);
    assert_text(relay_of(f)->path[1], "kma-4");
    const struct lookup_record *answered = &fixture_record(f, RECORD_LOOKUP)->lookup;
    assert_int_equal(answered->next_kma_id_count, 1);
    assert_text(answered->next_kma_ids[0], "kma-4");
}

/* What was held for its route's sake is decided in the step that tells of the other way. */
static void test_link_that_fails_as_another_comes_redecides_held_requests_at_once(void **state)
{
    struct fixture *f = *state;
    struct link_config links[] = {
        { TEXT("direct"), TEXT("kma-1"), TEXT("kma-9"), 1, 0, 0, 0, LINK_UP,
          TEXT("test") }, /* without keys */
        { TEXT("l1"), TEXT("kma-1"), TEXT("kma-4"), 1, -1, -1, 0, LINK_DOWN, TEXT("test") },
    };
    const struct command replace = {
        .kind = COMMAND_LINKS_REPLACE, .id = TEXT("test"), .links = links, .link_count = 2
    };
    begin(f);
    fixture_run(f, &replace);
    fixture_put_route(f, "a-direct", "kma-1 kma-9");
    links[1].state = LINK_UP;
    fixture_run(f, &replace);
    fixture_put_route(f, "b-round", "kma-1 kma-4 kma-9");
    links[1].state = LINK_DOWN;
    fixture_run(f, &replace);
    ask(f, 7, RELAY_AWAITING_DECISION);
    links[0].state = LINK_DOWN;
    links[1].state = LINK_UP;
    fixture_run(f, &replace);
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
    assert_text(relay_of(f)->route_id, "b-round");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lease_that_ends_while_requests_wait_decides_none, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lease_that_ends_leaves_relays_under_way_alone, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(
            test_lease_that_ends_with_its_relay_open_lets_it_expire_in_its_own_time, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(test_link_that_fails_leaves_relays_under_way_alone, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_link_that_fails_is_on_no_path_for_held_requests, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_link_that_fails_as_another_comes_redecides_held_requests_at_once,
                                        fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
