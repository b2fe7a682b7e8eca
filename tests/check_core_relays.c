/* SPDX-License-Identifier: Apache-2.0 */
/* Relays as KM and orchestrator see them (Ck 7.2, 8.3, 8.4). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static void test_notify_with_route_gets_whole_path(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(fixture_reply(f)->warning_count, 2); /* no link is known */
    fixture_open(f, 0, "dns:alice");
    assert_non_null(fixture_effect(f, EFFECT_ADMIT));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_string_equal(fixture_sent(f, &header),
                        "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                        "\"transit_KMA_IDs\":[\"kma-4\"],\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(header.message_id, 7);
    assert_int_equal(header.command, CK_RELAY_REQUEST);
    const struct relay_record *relay = &fixture_record(f, RECORD_RELAY)->relay;
    assert_int_equal(relay->state, RELAY_INSTRUCTED);
    assert_int_equal(relay->decided_by, DECIDER_ROUTE);
    assert_int_equal(relay->timeline_count, 2);
    assert_true(relay->sent);
    assert_text(relay->route_id, "r1");
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_RECEIVED), 1);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_INSTRUCTED), 1);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 8, "{\"response\":\"Success\",\"key_relay_request_ID\":\"1\"}");
    relay = &fixture_record(f, RECORD_RELAY)->relay;
    assert_int_equal(relay->state, RELAY_SUCCEEDED);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_SUCCEEDED), 1);
}

static void test_held_relay_gets_the_orchestrators_path(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    assert_non_null(fixture_notice(f, NOTICE_RELAY_AWAITING_DECISION));
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_AWAITING_DECISION);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    fixture_sent(f, NULL);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_ORCHESTRATOR);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT);
    assert_int_equal(fixture_reply(f)->reason, REASON_NOT_HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_notify_with_route_gets_whole_path, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_relay_gets_the_orchestrators_path, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
