/* SPDX-License-Identifier: Apache-2.0 */
/* Who decides, in which order, by when; and what commands answer. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static void hold(struct fixture *f)
{
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
}

static void test_held_relay_gets_the_orchestrators_path(void **state)
{
    struct fixture *f = *state;
    hold(f);
    assert_non_null(fixture_notice(f, NOTICE_RELAY_AWAITING_DECISION));
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    fixture_sent(f, NULL);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ORCHESTRATOR);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT);
    assert_int_equal(fixture_reply(f)->reason, REASON_NOT_HELD);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 99, "kma-1 kma-4 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_NOT_FOUND);
}

static void test_held_relay_rejected_with_words(void **state)
{
    struct fixture *f = *state;
    hold(f);
    fixture_reject(f, COMMAND_RELAY_DECIDE, 1, "no keys to spare");
    assert_int_equal(relay_of(f)->state, RELAY_REJECTED);
    assert_int_equal(relay_of(f)->reason, REASON_REJECTED);
    assert_text(relay_of(f)->detail, "no keys to spare");
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_REJECTED), 1);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
}

static void test_absent_orchestrator_is_skipped_at_once(void **state)
{
    struct fixture *f = *state;
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    fixture_sent(f, NULL);
}

static void test_orchestrator_is_present_for_a_while_after_a_request(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_REQUEST);
    fixture_open(f, 0, "dns:alice");
    f->now_ms += 30000;
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION);
    f->now_ms += 1;
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
}

static void test_overdue_decision_goes_to_the_next_decider(void **state)
{
    struct fixture *f = *state;
    hold(f);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 2000);
    fixture_tick(f, 1999);
    assert_int_equal(f->effects.count, 0);
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
}

static void test_overdue_decision_without_next_decider_fails(void **state)
{
    struct fixture *f = *state;
    hold(f);
    fixture_tick(f, 2000);
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    assert_int_equal(relay_of(f)->reason, REASON_NO_ROUTE);
}

static void test_order_of_deciders_is_the_settings(void **state)
{
    struct fixture *f = *state;
    struct event event = { .kind = EVENT_SETTINGS, .settings = f->settings };
    event.settings.policy.order[0] = DECIDER_ORCHESTRATOR;
    event.settings.policy.order[1] = DECIDER_NONE; /* ends it early */
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_step(f, &event);
    hold(f);
    fixture_tick(f, 2000);
    assert_int_equal(relay_of(f)->reason, REASON_NO_ROUTE);
    event.settings.policy.order[1] = DECIDER_ROUTE;
    fixture_step(f, &event);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    fixture_tick(f, 2000);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ROUTE);
}

static void test_computed_path_is_validated_like_any(void **state)
{
    struct fixture *f = *state;
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_DOWN);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(relay_of(f)->reason, REASON_NO_ROUTE);
}

static void test_decided_path_is_refused_by_name(void **state)
{
    static const struct {
        const char *path;
        enum reason reason;
        const char *word;
    } cases[] = {
        { "kma-1 kma-7 kma-9", REASON_UNKNOWN_KMA, "kma-7" },
        { "kma-1 kma-4 kma-1 kma-9", REASON_PATH_LOOPS, "kma-1" },
        { "kma-4 kma-9", REASON_PATH_ENDPOINTS, "kma-1" },
        { "kma-1 kma-4", REASON_PATH_ENDPOINTS, "kma-9" },
        { "kma-9", REASON_PATH_ENDPOINTS, "source" },
        { "kma-1 kma-5 kma-9", REASON_DISABLED_KMA, "kma-5" },
        { "kma-1 kma-6 kma-9", REASON_LINK_DOWN, "kma-6" },
    };
    struct fixture *f = *state;
    f->disabled = true;
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_put_link(f, "l", "kma-6", "kma-1", LINK_DOWN);
    hold(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture_decide(f, COMMAND_RELAY_DECIDE, 1, cases[i].path);
        assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
        assert_int_equal(fixture_reply(f)->reason, cases[i].reason);
        char words[512];
        assert_true(text_to_c(fixture_reply(f)->detail, words, sizeof words));
        assert_non_null(strstr(words, cases[i].word));
    }
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9"); /* still held */
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

static void test_decision_dry_run_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    hold(f);
    fixture_run(
        f,
        &(struct command){
            .kind = COMMAND_RELAY_DECIDE, .request_id = 1, .dry_run = true, .path = path, .path_length = 2 });
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(f->effects.count, 1);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

static void test_unknown_application_is_where_the_orchestrator_says(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"application_destination_ID\":\"app\"}");
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_text(relay_of(f)->destination_kma_id, "kma-9");
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, "{\"application_destination_ID\":\"app\"}");
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION); /* nothing was learned */
    fixture_tick(f, 2000);
    assert_int_equal(relay_of(f)->reason, REASON_UNKNOWN_APPLICATION);
}

static void test_held_relay_does_not_hold_up_those_behind(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    fixture_put_route(f, "r1", "kma-1 kma-4");
    hold(f);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, "{\"destination_KMA_ID\":\"kma-4\"}");
    fixture_sent(f, &header);
    assert_int_equal(header.message_id, 8);
}

static void test_commands_are_refused_while_the_store_is_unavailable(void **state)
{
    struct fixture *f = *state;
    struct event event = { .kind = EVENT_STORE, .store_available = false };
    hold(f);
    fixture_step(f, &event);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_BUSY);
    assert_int_equal(fixture_reply(f)->reason, REASON_STORE_UNAVAILABLE);
    event.store_available = true;
    fixture_step(f, &event);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_held_relay_gets_the_orchestrators_path, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_relay_rejected_with_words, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_absent_orchestrator_is_skipped_at_once, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_orchestrator_is_present_for_a_while_after_a_request,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_overdue_decision_goes_to_the_next_decider, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_overdue_decision_without_next_decider_fails, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_order_of_deciders_is_the_settings, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_computed_path_is_validated_like_any, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_decided_path_is_refused_by_name, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_decision_dry_run_changes_nothing, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_application_is_where_the_orchestrator_says,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_relay_does_not_hold_up_those_behind, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_commands_are_refused_while_the_store_is_unavailable,
                                        fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
