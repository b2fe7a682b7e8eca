/* SPDX-License-Identifier: Apache-2.0 */
/* Responses to key relay requests: correlation, outcomes, late ones (readings 2, 7, 9; Ck 8.5). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static void instruct(struct fixture *f, uint32_t message_id)
{
    fixture_message(f, 0, CK_NOTIFY_RELAY, message_id, notify);
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
}

static void ready(struct fixture *f)
{
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
}

static void assert_uncorrelated(const struct fixture *f)
{
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_UNCORRELATED), 1);
    assert_null(fixture_record(f, RECORD_RELAY));
}

static void test_completion_by_request_id_alone(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    instruct(f, 8);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"2\"}");
    assert_int_equal(relay_of(f)->relay_id, 2);
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"2\"}");
    assert_uncorrelated(f); /* it has ended */
}

static void test_completion_of_another_kms_relay_is_uncorrelated(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_open(f, 1, "dns:bob");
    fixture_message(f, 1, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"1\"}");
    assert_uncorrelated(f);
}

static void test_completion_by_message_id(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    instruct(f, 8);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 8, "{\"response\":\"success\"}");
    assert_int_equal(relay_of(f)->relay_id, 2);
}

static void test_completion_of_the_only_outstanding_one(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 99, "{\"response\":\"success\"}");
    assert_int_equal(relay_of(f)->relay_id, 1);
    instruct(f, 8);
    instruct(f, 9);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 99, "{\"response\":\"success\"}");
    assert_uncorrelated(f);
}

static void test_completion_by_message_id_only_of_this_session(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_open(f, 1, "dns:alice"); /* its next session, to which nothing was sent */
    fixture_message(f, 1, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\"}");
    assert_uncorrelated(f);
    fixture_message(f, 1, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":1}");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
}

static void test_completion_other_than_success_is_kept_verbatim(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"No keys at kma-4!\"}");
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    assert_int_equal(relay_of(f)->reason, REASON_KM_FAILURE);
    assert_text(relay_of(f)->detail, "No keys at kma-4!");
}

static void test_completion_overdue_expires(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_tick(f, 59999);
    assert_int_equal(f->effects.count, 0);
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->state, RELAY_EXPIRED);
    assert_int_equal(relay_of(f)->reason, REASON_COMPLETION_TIMEOUT);
    assert_int_equal(core_deadline_ms(f->core), UINT64_MAX);
}

static void test_completion_overdue_of_an_absent_km_orphans(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_close(f, 0, REASON_PEER_CLOSED);
    fixture_tick(f, 60000);
    assert_int_equal(relay_of(f)->state, RELAY_ORPHANED);
    assert_int_equal(relay_of(f)->reason, REASON_KM_AWAY);
}

static void test_late_completion_corrects_and_shows_both(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_tick(f, 60000);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"1\"}");
    const struct relay_record *relay = relay_of(f);
    assert_int_equal(relay->state, RELAY_SUCCEEDED);
    assert_int_equal(relay->timeline_count, 4);
    assert_int_equal(relay->timeline[2].state, RELAY_EXPIRED);
    assert_int_equal(relay->timeline[2].reason, REASON_COMPLETION_TIMEOUT);
    assert_int_equal(relay->timeline[3].state, RELAY_SUCCEEDED);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"no\",\"key_relay_request_ID\":\"1\"}");
    assert_uncorrelated(f);
}

static void test_late_completion_after_the_km_was_removed_and_put_again(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    fixture_delete(f, COMMAND_KM_DELETE, "alice");
    assert_int_equal(relay_of(f)->state, RELAY_ORPHANED);
    assert_int_equal(relay_of(f)->reason, REASON_KM_REMOVED);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_KM_REMOVED);
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"failed\",\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
}

static void test_completion_of_a_held_relay_is_uncorrelated(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"1\"}");
    assert_uncorrelated(f);
}

static void test_reply_time_is_counted(void **state)
{
    struct fixture *f = *state;
    ready(f);
    instruct(f, 7);
    f->now_ms += 5;
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\"}");
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct km_view *alice = snapshot_km(snapshot, TEXT("alice"));
    assert_int_equal(alice->counters.reply_time_ms[3], 1); /* 4 to below 8 */
    assert_int_equal(alice->counters.relays_succeeded, 1);
    snapshot_release(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_completion_by_request_id_alone, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_of_another_kms_relay_is_uncorrelated, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_by_message_id, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_of_the_only_outstanding_one, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_by_message_id_only_of_this_session, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_other_than_success_is_kept_verbatim, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_overdue_expires, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_overdue_of_an_absent_km_orphans, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_late_completion_corrects_and_shows_both, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_late_completion_after_the_km_was_removed_and_put_again,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_completion_of_a_held_relay_is_uncorrelated, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_reply_time_is_counted, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
