/* SPDX-License-Identifier: Apache-2.0 */
/* Whose policy a request has, and what a change of it does to requests that are held or under way. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";
static const char notify_near[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-4\"}";
static const char notify_application[] =
    "{\"source_KMA_ID\":\"kma-1\",\"application_destination_ID\":\"app\"}";
static const char lookup[] = "{\"destination_KMA_ID\":\"kma-9\"}";
static const char lookup_application[] = "{\"application_destination_ID\":\"app\"}";

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static const struct lookup_record *lookup_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_LOOKUP);
    assert_non_null(record);
    return &record->lookup;
}

/* alice with this policy, connected; an orchestrator is there. */
static void begin(struct fixture *f, struct policy of_km)
{
    f->policy = of_km;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
}

static void ask(struct fixture *f, const char *payload)
{
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, payload);
}

static void hold(struct fixture *f, const char *payload)
{
    ask(f, payload);
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION);
}

static void look_up(struct fixture *f, const char *payload)
{
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 8, payload);
}

/* ---- whose ---- */

static void test_km_policy_is_over_the_settings(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("o", 300, 0));
    fixture_put_route(f, "r1", "kma-1 kma-9");
    hold(f, notify); /* its order has no routes */
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 300);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 60000); /* the settings' */
}

static void test_other_kms_keep_the_settings(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("o", 300, 400));
    fixture_open(f, 1, "dns:bob");
    fixture_message(f, 1, CK_NOTIFY_RELAY, 9,
                    "{\"source_KMA_ID\":\"kma-4\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 2000);
}

static void test_destination_policy_is_over_the_kms_member_by_member(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("rc", 300, 400));
    fixture_put_destination(f, "kma-9", fixture_policy("or", 0, 500));
    fixture_put_route(f, "r1", "kma-1 kma-9");
    hold(f, notify);                                              /* the destination's order */
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 300); /* the KM's time */
    fixture_tick(f, 300);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ROUTE);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 500); /* the destination's */
    ask(f, notify_near);                                          /* another destination: the KM's */
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    assert_int_equal(relay_of(f)->reason, REASON_NO_ROUTE);
}

static void test_destination_policy_holds_for_every_km(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    fixture_put_destination(f, "kma-9", fixture_policy("", 700, 0));
    fixture_open(f, 1, "dns:bob");
    fixture_message(f, 1, CK_NOTIFY_RELAY, 9,
                    "{\"source_KMA_ID\":\"kma-4\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 700);
}

static void test_application_leads_to_its_destinations_policy(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    fixture_put_destination(f, "kma-9", fixture_policy("", 700, 0));
    fixture_put_application(f, "app", "kma-9");
    hold(f, notify_application);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 700);
}

static void test_unknown_application_has_the_kms_policy(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("o", 300, 0));
    hold(f, notify_application);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 300);
    fixture_tick(f, 300);
    assert_int_equal(relay_of(f)->reason, REASON_UNKNOWN_APPLICATION);
    f->policy = fixture_policy("rc", 0, 0);
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    look_up(f, lookup_application);
    assert_int_equal(lookup_of(f)->state, LOOKUP_ANSWERED);
    assert_int_equal(lookup_of(f)->reason, REASON_UNKNOWN_APPLICATION);
}

static void test_lookup_has_the_policy_of_its_destination(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("rc", 300, 0));
    fixture_put_destination(f, "kma-9", fixture_policy("o", 0, 0));
    fixture_put_route(f, "r1", "kma-1 kma-9");
    look_up(f, lookup);
    assert_int_equal(lookup_of(f)->state, LOOKUP_AWAITING_DECISION);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 300);
    fixture_tick(f, 300);
    assert_int_equal(lookup_of(f)->state, LOOKUP_ANSWERED);
    assert_int_equal(lookup_of(f)->reason, REASON_NO_ROUTE); /* the routes have no turn */
}

static void test_order_without_orchestrator_never_holds(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("cr", 0, 0));
    ask(f, notify);
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    look_up(f, lookup);
    assert_int_equal(lookup_of(f)->state, LOOKUP_ANSWERED);
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    fixture_tick(f, 1000); /* a new link is computed with a moment later */
    ask(f, notify_near);
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 11, notify);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
}

static void test_relay_of_the_orchestrator_has_its_destinations_limit(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 400));
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    const struct command start = { .kind = COMMAND_RELAY_START, .path = path, .path_length = 2 };
    fixture_run(f, &start);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 400);
    fixture_tick(f, 400);
    assert_int_equal(relay_of(f)->state, RELAY_EXPIRED);
    fixture_put_destination(f, "kma-9", fixture_policy("", 0, 500));
    fixture_run(f, &start);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 500);
}

/* ---- a change meanwhile ---- */

static void test_change_leaves_a_hold_as_long_as_it_was_to_be(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    hold(f, notify);
    fixture_put_destination(f, "kma-9", fixture_policy("", 100, 300));
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 2000);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    fixture_tick(f, 1999);
    assert_int_equal(f->effects.count, 0);
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 300); /* which begins now, as it is now */
    fixture_put_destination(f, "kma-9", fixture_policy("", 100, 9000));
    fixture_tick(f, 300);
    assert_int_equal(relay_of(f)->state, RELAY_EXPIRED);
    assert_int_equal(relay_of(f)->reason, REASON_COMPLETION_TIMEOUT);
}

static void test_held_requests_whose_order_loses_the_orchestrator_are_decided_at_once(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    hold(f, notify);
    look_up(f, lookup);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_put_destination(f, "kma-9", fixture_policy("rc", 0, 0));
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(relay_of(f)->state, RELAY_INSTRUCTED);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    assert_int_equal(lookup_of(f)->state, LOOKUP_ANSWERED);
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_COMPUTED);
    assert_int_equal(lookup_of(f)->next_kma_id_count, 1);
}

static void test_nobody_left_to_decide_ends_held_requests_with_a_reason(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    hold(f, notify);
    look_up(f, lookup);
    f->policy = fixture_policy("r", 0, 0);
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_int_equal(relay_of(f)->state, RELAY_FAILED);
    assert_int_equal(relay_of(f)->reason, REASON_NO_ROUTE);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_NONE);
    assert_int_equal(lookup_of(f)->reason, REASON_NO_ROUTE);
    assert_int_equal(core_deadline_ms(f->core), UINT64_MAX);
}

static void test_settings_that_lose_the_orchestrator_spare_whose_policy_has_it(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    fixture_put_destination(f, "kma-4", fixture_policy("o", 0, 0));
    hold(f, notify_near);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 9, notify);
    assert_int_equal(relay_of(f)->state, RELAY_AWAITING_DECISION);
    fixture_set_policy(f, fixture_policy("c", 2000, 60000));
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_FAILED), 1);
    assert_int_equal(relay_of(f)->relay_id, 2);
    fixture_delete(f, COMMAND_DESTINATION_DELETE, "kma-4");
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_FAILED), 1);
    assert_int_equal(relay_of(f)->relay_id, 1);
}

static void test_application_that_becomes_known_brings_its_destinations_policy(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("o", 0, 0));
    fixture_put_destination(f, "kma-9", fixture_policy("c", 0, 0));
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    hold(f, notify_application);
    fixture_put_application(f, "app", "kma-9");
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    assert_text(relay_of(f)->destination_kma_id, "kma-9");
}

static void test_order_that_puts_routes_first_asks_them_at_once(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("or", 0, 0));
    fixture_put_route(f, "r1", "kma-1 kma-9");
    hold(f, notify);
    look_up(f, lookup);
    assert_int_equal(lookup_of(f)->state, LOOKUP_AWAITING_DECISION);
    fixture_put_destination(f, "kma-9", fixture_policy("ro", 0, 0));
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ROUTE);
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_ROUTE);
}

static void test_after_the_hold_whoever_stood_before_is_asked_again(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("co", 0, 0));
    hold(f, notify);
    look_up(f, lookup);
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    assert_null(fixture_record(f, RECORD_RELAY)); /* but for routes, nobody is while it is held */
    fixture_tick(f, 2000);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_COMPUTED);
}

static void test_orchestrator_that_leaves_is_waited_for_to_the_end(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("oc", 0, 0));
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    hold(f, notify);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_CLOSED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 9, notify);
    assert_int_equal(relay_of(f)->relay_id, 2); /* a later one is not held */
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
    fixture_tick(f, 1999);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->relay_id, 1);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_COMPUTED);
}

static void test_held_of_a_disabled_km_is_not_decided_but_ends(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    f->disabled = true;
    hold(f, notify);
    f->policy = fixture_policy("c", 0, 0);
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_int_equal(relay_of(f)->state, RELAY_ORPHANED);
    assert_int_equal(relay_of(f)->reason, REASON_KM_DISABLED);
}

/* ---- the object itself ---- */

static void test_destination_is_revised_told_and_deleted_like_any_object(void **state)
{
    struct fixture *f = *state;
    fixture_put_destination(f, "kma-9", fixture_policy("o", 100, 0));
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(fixture_reply(f)->warning_count, 0);
    assert_text(fixture_record(f, RECORD_DESTINATION)->destination.kma_id, "kma-9");
    assert_int_equal(fixture_record(f, RECORD_DESTINATION)->destination.policy.orchestrator_ms, 100);
    assert_text(fixture_notice(f, NOTICE_CONFIG_CHANGED)->object, "destination/kma-9");
    fixture_put_destination(f, "kma-9", fixture_policy("o", 100, 0));
    assert_null(fixture_record(f, RECORD_DESTINATION)); /* the same */
    fixture_put_destination(f, "kma-77", fixture_policy("", 0, 7));
    assert_int_equal(fixture_reply(f)->warning_count, 1);
    assert_text(fixture_reply(f)->warnings[0], "no KM and no link names the KMA kma-77 yet");
    fixture_delete(f, COMMAND_DESTINATION_DELETE, "kma-77");
    assert_text(fixture_record(f, RECORD_DESTINATION_DELETED)->deleted_id, "kma-77");
    fixture_delete(f, COMMAND_DESTINATION_DELETE, "kma-77");
    assert_int_equal(fixture_reply(f)->status, REPLY_NOT_FOUND);
}

static void test_policy_of_the_file_shows_again_without_the_apis(void **state)
{
    struct fixture *f = *state;
    const struct destination_config of_file = { TEXT("kma-9"), fixture_policy("", 700, 0) };
    fixture_run(f, &(struct command){
                       .kind = COMMAND_FILE_REPLACE, .destinations = &of_file, .destination_count = 1 });
    begin(f, fixture_policy("", 0, 0));
    fixture_put_destination(f, "kma-9", fixture_policy("", 100, 0));
    hold(f, notify);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 100);
    fixture_tick(f, 100);
    fixture_delete(f, COMMAND_DESTINATION_DELETE, "kma-9");
    hold(f, notify);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 700);
    fixture_delete(f, COMMAND_DESTINATION_DELETE, "kma-9");
    assert_int_equal(fixture_reply(f)->reason, REASON_DEFINED_IN_FILE);
}

static void test_policy_that_is_none_is_refused_by_name(void **state)
{
    struct fixture *f = *state;
    fixture_put_destination(f, "kma-9", fixture_policy("oro", 0, 0));
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
    assert_text(fixture_reply(f)->detail, "the policy of kma-9 names a decider twice in its order");
    fixture_put_destination(f, "kma-9", fixture_policy("", 3600001, 0));
    assert_text(fixture_reply(f)->detail, "the policy of kma-9 holds requests for more than 3600000 ms");
    f->policy = fixture_policy("", 0, 86400001);
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_text(fixture_reply(f)->detail,
                "the policy of alice waits for completions for more than 86400000 ms");
    f->policy = (struct policy){ .order = { DECIDER_ROUTE, DECIDER_NONE, DECIDER_COMPUTED } };
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_text(fixture_reply(f)->detail, "the policy of alice has a gap in its order");
    assert_int_equal(fixture_count(f, EFFECT_RECORD), 0);
}

static void test_dry_run_tells_what_would_be_decided(void **state)
{
    struct fixture *f = *state;
    begin(f, fixture_policy("", 0, 0));
    hold(f, notify);
    look_up(f, lookup);
    struct destination_config config = { TEXT("kma-9"), fixture_policy("c", 0, 0) };
    struct command command = {
        .kind = COMMAND_DESTINATION_PUT, .destinations = &config, .destination_count = 1, .dry_run = true
    };
    fixture_run(f, &command);
    const struct preview *preview = fixture_reply(f)->preview;
    assert_int_equal(preview->change_count, 1);
    assert_int_equal(preview->relays.count, 1);
    assert_int_equal(preview->relays.items[0].touch, TOUCH_DECIDED);
    assert_int_equal(preview->lookups.count, 1);
    assert_int_equal(fixture_count(f, EFFECT_RECORD), 0);
    config.policy = fixture_policy("ro", 5, 5);
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->preview->relays.total, 0);
    fixture_put_route(f, "r1", "kma-4 kma-9"); /* nothing of the trial is left: both are still held */
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(relay_of(f)->decided_by, DECIDER_ORCHESTRATOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_km_policy_is_over_the_settings, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_other_kms_keep_the_settings, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_destination_policy_is_over_the_kms_member_by_member,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_destination_policy_holds_for_every_km, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_application_leads_to_its_destinations_policy, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_application_has_the_kms_policy, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_has_the_policy_of_its_destination, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_order_without_orchestrator_never_holds, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_relay_of_the_orchestrator_has_its_destinations_limit,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_change_leaves_a_hold_as_long_as_it_was_to_be, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(
            test_held_requests_whose_order_loses_the_orchestrator_are_decided_at_once, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(test_nobody_left_to_decide_ends_held_requests_with_a_reason,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_settings_that_lose_the_orchestrator_spare_whose_policy_has_it,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_application_that_becomes_known_brings_its_destinations_policy,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_order_that_puts_routes_first_asks_them_at_once, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_after_the_hold_whoever_stood_before_is_asked_again,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_orchestrator_that_leaves_is_waited_for_to_the_end, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_of_a_disabled_km_is_not_decided_but_ends, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_destination_is_revised_told_and_deleted_like_any_object,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_policy_of_the_file_shows_again_without_the_apis, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_policy_that_is_none_is_refused_by_name, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_dry_run_tells_what_would_be_decided, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
