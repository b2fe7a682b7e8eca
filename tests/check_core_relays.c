/* SPDX-License-Identifier: Apache-2.0 */
/* Relays as KM and orchestrator see them (Ck 7.2, 8.3, 8.4). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static void assert_ended(const struct fixture *f, enum relay_state state, enum reason reason)
{
    assert_int_equal(relay_of(f)->state, state);
    assert_int_equal(relay_of(f)->reason, reason);
    assert_true(relay_of(f)->ended_ms != 0);
    assert_int_equal(fixture_count(f, EFFECT_RECORD), 1);
}

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
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ROUTE);
    assert_int_equal(relay_of(f)->timeline_count, 2);
    assert_int_equal(relay_of(f)->path_length, 3);
    assert_true(relay_of(f)->sent);
    assert_text(relay_of(f)->route_id, "r1");
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_RECEIVED), 1);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_INSTRUCTED), 1);
    assert_int_equal(fixture_count(f, EFFECT_RECORD), 1);
}

/* Nothing visible precedes the record of what it says. */
static void test_relay_record_precedes_its_frame(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(f->effects.first->kind, EFFECT_RECORD);
    assert_int_equal(f->effects.count, 4);
    assert_int_equal(f->effects.durable_count, 3);
}

static void test_notify_source_absent_is_the_only_kma(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-9\"}");
    assert_text(relay_of(f)->source_kma_id, "kma-1");
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
}

static void test_notify_source_of_another_km_not_authorised(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    f->dialect.refusal = CK_REFUSAL_CLOSE; /* not even then does it cost the session (reading 1) */
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_open(f, 0, "dns:bob");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_ended(f, RELAY_FAILED, REASON_SOURCE_NOT_AUTHORISED);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    assert_int_equal(fixture_count(f, EFFECT_CLOSE), 0);
}

static void test_notify_source_absent_of_several_is_ambiguous(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "dave", "kma-5 kma-6", "dns:dave");
    fixture_open(f, 0, "dns:dave");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-9\"}");
    assert_ended(f, RELAY_FAILED, REASON_SOURCE_AMBIGUOUS);
    assert_int_equal(fixture_count(f, EFFECT_CLOSE), 0);
}

static void test_notify_both_destinations_disagree_conflict(void **state)
{
    struct fixture *f = *state;
    fixture_put_application(f, "app", "kma-4");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{\"destination_KMA_ID\":\"kma-9\",\"application_destination_ID\":\"app\"}");
    assert_ended(f, RELAY_FAILED, REASON_DESTINATION_CONFLICT);
}

static void test_notify_application_is_where_it_was_configured(void **state)
{
    struct fixture *f = *state;
    fixture_put_application(f, "app", "kma-9");
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"application_destination_ID\":\"app\"}");
    assert_text(relay_of(f)->destination_kma_id, "kma-9");
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
}

static void test_notify_unknown_application_fails_without_orchestrator(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"application_destination_ID\":\"app\"}");
    assert_ended(f, RELAY_FAILED, REASON_UNKNOWN_APPLICATION);
}

static void test_notify_to_itself_is_at_destination(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-1\"}");
    assert_ended(f, RELAY_FAILED, REASON_AT_DESTINATION);
}

static void test_notify_without_route_gets_nothing(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "longer", "kma-1 kma-9 kma-4"); /* never a part of a longer path (reading 5) */
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_ended(f, RELAY_FAILED, REASON_NO_ROUTE);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_RECEIVED), 1);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_FAILED), 1);
}

static void test_refusal_extension_sends_the_reason(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    f->dialect.refusal = CK_REFUSAL_EXTENSION;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_string_equal(
        fixture_sent(f, &header),
        "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\",\"transit_KMA_IDs\":[],"
        "\"key_relay_request_ID\":\"1\",\"extension\":[{\"ckbridge_reason\":\"no_route\"}]}");
    assert_int_equal(header.message_id, 7);
}

static void test_refusal_close_closes(void **state)
{
    struct fixture *f = *state;
    f->dialect.refusal = CK_REFUSAL_CLOSE;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_REFUSED_BY_DIALECT);
    assert_ended(f, RELAY_FAILED, REASON_NO_ROUTE);
}

static void test_message_id_fresh_has_the_top_bit(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    f->dialect.message_id = CK_MESSAGE_ID_FRESH;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 0x80000001u, notify); /* which the KM uses itself */
    fixture_sent(f, &header);
    assert_true(header.message_id > 0x80000001u);
}

static void test_reply_mirrors_version_and_byte_order(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    f->dialect.versions[1] = 2;
    f->dialect.version_count = 2;
    f->dialect.byte_order = CK_BYTE_ORDER_AUTO;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    assert_int_equal(fixture_effect(f, EFFECT_ADMIT)->admit.byte_order, CK_BYTE_ORDER_AUTO);
    f->version = 2;
    f->byte_order = CK_LITTLE_ENDIAN;
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_sent(f, &header); /* decodes as little-endian */
    assert_int_equal(header.version, 2);
    assert_int_equal(header.message_id, 7);
}

static void test_reply_mirrors_the_spelling_of_the_latest_request(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"sourceKmaId\":\"kma-1\",\"destinationKmaId\":\"kma-9\"}");
    assert_non_null(strstr(fixture_sent(f, NULL), "\"transitKmaIds\":[\"kma-4\"]"));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8,
                    "{\"Source KMA ID\":\"kma-1\",\"Destination KMA ID\":\"kma-9\"}");
    assert_non_null(strstr(fixture_sent(f, NULL), "\"Transit KMA IDs\":[\"kma-4\"]"));
}

static void test_frame_that_cannot_be_encoded_fails_unsent(void **state)
{
    struct fixture *f = *state;
    f->dialect.transit_type = CK_TRANSIT_STRING;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_put_km(f, "dave", "kma,5", "dns:dave"); /* a comma would split it in two */
    fixture_put_route(f, "r1", "kma-1 kma,5 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_ended(f, RELAY_FAILED, REASON_FRAME_TOO_LARGE);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
}

static void test_relay_start_sends_unsolicited_request(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    fixture_decide(f, COMMAND_RELAY_START, 0, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->reason, REASON_KM_NOT_CONNECTED);
    fixture_open(f, 0, "dns:alice");
    fixture_decide(f, COMMAND_RELAY_START, 0, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(fixture_reply(f)->request_id, 1);
    fixture_sent(f, &header);
    assert_true(header.message_id & 0x80000000u);
    assert_true(relay_of(f)->unsolicited);
    assert_int_equal(relay_of(f)->message_id, header.message_id);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ORCHESTRATOR);
    uint32_t first = header.message_id;
    fixture_decide(f, COMMAND_RELAY_START, 0, "kma-1 kma-4 kma-9");
    fixture_sent(f, &header);
    assert_int_not_equal(header.message_id, first);
}

static void test_relay_extension_is_carried_northbound(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{\"destination_KMA_ID\":\"kma-9\",\"extension\":[{\"acme\": 1}]}");
    assert_text(relay_of(f)->extension, "[{\"acme\": 1}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_notify_with_route_gets_whole_path, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_relay_record_precedes_its_frame, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_source_absent_is_the_only_kma, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_source_of_another_km_not_authorised, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_source_absent_of_several_is_ambiguous, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_both_destinations_disagree_conflict, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_application_is_where_it_was_configured, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_unknown_application_fails_without_orchestrator,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_to_itself_is_at_destination, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notify_without_route_gets_nothing, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_refusal_extension_sends_the_reason, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_refusal_close_closes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_message_id_fresh_has_the_top_bit, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_reply_mirrors_version_and_byte_order, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_reply_mirrors_the_spelling_of_the_latest_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_frame_that_cannot_be_encoded_fails_unsent, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_relay_start_sends_unsolicited_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_relay_extension_is_carried_northbound, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
