/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that a KM repeats (reading 8), and answers across sessions (reading 10). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static void ready(struct fixture *f)
{
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_sent(f, NULL);
}

static void test_repeat_gets_the_same_answer_again(void **state)
{
    struct fixture *f = *state;
    ready(f);
    char first[512];
    strcpy(first, fixture_sent(f, NULL));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_string_equal(fixture_sent(f, NULL), first);
    assert_int_equal(f->effects.durable_count, 0); /* no second relay */
}

static void test_other_message_id_or_payload_is_no_repeat(void **state)
{
    struct fixture *f = *state;
    ready(f);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.relay_id, 2);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{ \"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.relay_id, 3);
}

static void test_repeat_after_the_end_is_a_new_request(void **state)
{
    struct fixture *f = *state;
    ready(f);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\"}");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.relay_id, 2);
}

static void test_repeat_of_a_held_one_is_answered_once(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(f->effects.count, 0);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    fixture_sent(f, NULL);
}

static void test_repeat_soon_after_reconnect_gets_the_answer(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    ready(f);
    fixture_open(f, 1, "dns:alice");
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0); /* sent already, not sent again unasked */
    f->now_ms += 10000;
    fixture_message(f, 1, CK_NOTIFY_RELAY, 7, notify);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_sent(f, &header);
    assert_int_equal(header.message_id, 7); /* this session brought the request too */
    fixture_message(f, 1, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\"}");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.relay_id, 1);
}

static void test_repeat_long_after_reconnect_is_a_new_request(void **state)
{
    struct fixture *f = *state;
    ready(f);
    fixture_open(f, 1, "dns:alice");
    f->now_ms += 10001;
    fixture_message(f, 1, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.relay_id, 2);
    fixture_message(f, 1, CK_NOTIFY_RELAY, 7, notify); /* and is itself repeated */
    assert_null(fixture_record(f, RECORD_RELAY));
}

static void test_decided_while_away_goes_to_the_next_session(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_close(f, 0, REASON_PEER_CLOSED);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    assert_false(fixture_record(f, RECORD_RELAY)->relay.sent);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    fixture_open(f, 0, "dns:alice");
    fixture_sent(f, &header);
    assert_true(header.message_id & 0x80000000u); /* a later session than its 0x03 (reading 2) */
    assert_true(fixture_record(f, RECORD_RELAY)->relay.sent);
    fixture_message(f, 0, CK_RELAY_RESPONSE, header.message_id, "{\"response\":\"ok\"}");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_SUCCEEDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_repeat_gets_the_same_answer_again, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_other_message_id_or_payload_is_no_repeat, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_repeat_after_the_end_is_a_new_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_repeat_of_a_held_one_is_answered_once, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_repeat_soon_after_reconnect_gets_the_answer, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_repeat_long_after_reconnect_is_a_new_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_decided_while_away_goes_to_the_next_session, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
