/* SPDX-License-Identifier: Apache-2.0 */
/* Next hop lookups (Ck 7.1, 8.1, 8.2; readings 1, 5, 6, 12, 15). */
#include "core_fixture.h"

static const char ask[] = "{\"destination_KMA_ID\":\"kma-9\"}";

static const struct lookup_record *lookup_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_LOOKUP);
    assert_non_null(record);
    return &record->lookup;
}

/* alice 1, bob 4, carol 9, dave 5, erin 6 */
static void connect_all(struct fixture *f)
{
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_put_km(f, "erin", "kma-6", "dns:erin");
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:bob");
    fixture_open(f, 2, "dns:carol");
    fixture_open(f, 3, "dns:dave");
    fixture_open(f, 4, "dns:erin");
}

static void assert_next(const struct fixture *f, const char *expected)
{
    char words[512] = "";
    struct bytes_writer writer = bytes_writer(words, sizeof words - 1);
    for (size_t i = 0; i < lookup_of(f)->next_kma_id_count; i++) {
        if (i > 0)
            bytes_put_c(&writer, " ");
        bytes_put_text(&writer, lookup_of(f)->next_kma_ids[i]);
    }
    assert_string_equal(words, expected);
}

static void assert_empty(const struct fixture *f, enum reason reason)
{
    assert_int_equal(lookup_of(f)->state, LOOKUP_ANSWERED);
    assert_int_equal(lookup_of(f)->reason, reason);
    assert_int_equal(lookup_of(f)->next_kma_id_count, 0);
    assert_non_null(strstr(fixture_sent(f, NULL), "\"next_KMA_IDs\":[]"));
}

static void test_lookup_answers_the_next_hop_of_the_asking_km(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    connect_all(f);
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_string_equal(fixture_sent(f, &header),
                        "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                        "\"next_KMA_IDs\":[\"kma-4\"]}");
    assert_int_equal(header.command, CK_NEXT_HOP_RESPONSE);
    assert_int_equal(header.message_id, 3);
    assert_text(lookup_of(f)->current_kma_id, "kma-1");
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_ROUTE);
    assert_int_equal(f->effects.first->kind, EFFECT_RECORD);
    /* at the second hop the source is not the sender (reading 1) */
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 4,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_next(f, "kma-9");
    assert_int_equal(fixture_notices(f, NOTICE_LOOKUP_ANSWERED), 1);
}

static void test_lookup_source_selects_routes(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_put_route(f, "r2", "kma-6 kma-4 kma-5 kma-9");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 3,
                    "{\"source_KMA_ID\":\"kma-6\",\"destination_KMA_ID\":\"kma-9\"}");
    assert_next(f, "kma-5");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 3, ask); /* any: best first, by priority, then route_id */
    assert_next(f, "kma-9 kma-5");
}

static void test_lookup_candidates_by_priority_deduplicated(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_hops(f, "r1", NULL, "kma-9", "kma-1:kma-4,kma-5 kma-4:kma-9 kma-5:kma-9", 1);
    fixture_put_hops(f, "r2", NULL, "kma-9", "kma-1:kma-6,kma-4 kma-6:kma-9", 2);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_next(f, "kma-6 kma-4 kma-5");
}

static void test_lookup_from_the_destination_is_empty(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_message(f, 2, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_empty(f, REASON_AT_DESTINATION);
}

static void test_lookup_without_route_is_answered_empty(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_empty(f, REASON_NO_ROUTE);
    assert_string_equal(fixture_sent(f, NULL), "{\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":[]}");
}

static void test_lookup_reason_as_extension_only_to_who_sent_one(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3,
                    "{\"destination_KMA_ID\":\"kma-9\",\"extension\":[{\"acme_hop\":1}]}");
    assert_string_equal(fixture_sent(f, NULL), "{\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":[],"
                                               "\"extension\":[{\"ckbridge_reason\":\"no_route\"}]}");
    assert_text(lookup_of(f)->extension, "[{\"acme_hop\":1}]");
    f->dialect.extensions = CK_EXTENSIONS_NO;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_null(strstr(fixture_sent(f, NULL), "extension"));
    f->dialect.extensions = CK_EXTENSIONS_YES;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_non_null(strstr(fixture_sent(f, NULL), "ckbridge_reason"));
}

static void test_lookup_malformed_is_answered_empty(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    connect_all(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"source_KMA_ID\":\"kma-1\"}");
    assert_string_equal(fixture_sent(f, &header), "{\"next_KMA_IDs\":[]}");
    assert_int_equal(header.message_id, 3);
    assert_non_null(fixture_notice(f, NOTICE_CK_PROTOCOL_ERROR));
    assert_null(fixture_record(f, RECORD_LOOKUP));
}

static void test_lookup_application_adds_its_kma(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_application(f, "app", "kma-9");
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"application_destination_ID\":\"app\"}");
    assert_string_equal(fixture_sent(f, NULL),
                        "{\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":[\"kma-9\"]}");
}

static void test_lookup_unknown_application_has_no_destination(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"application_destination_ID\":\"app\"}");
    assert_empty(f, REASON_UNKNOWN_APPLICATION);
    assert_string_equal(fixture_sent(f, NULL), "{\"next_KMA_IDs\":[]}");
}

static void test_lookup_both_destinations_disagree_conflict(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_application(f, "app", "kma-4");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3,
                    "{\"destination_KMA_ID\":\"kma-9\",\"application_destination_ID\":\"app\"}");
    assert_empty(f, REASON_DESTINATION_CONFLICT);
}

static void test_lookup_of_a_km_with_several_kmas_nearest_to_the_destination(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "alice", "kma-2 kma-1", "dns:alice");
    connect_all(f);
    fixture_put_route(f, "r1", "kma-1 kma-2 kma-4 kma-9");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_text(lookup_of(f)->current_kma_id, "kma-2");
    assert_next(f, "kma-4");
}

static void test_held_lookup_decided_by_the_orchestrator(void **state)
{
    struct fixture *f = *state;
    struct ck_header header;
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_int_equal(lookup_of(f)->state, LOOKUP_AWAITING_DECISION);
    assert_non_null(fixture_notice(f, NOTICE_LOOKUP_AWAITING_DECISION));
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-7");
    assert_int_equal(fixture_reply(f)->reason, REASON_UNKNOWN_KMA);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-1");
    assert_int_equal(fixture_reply(f)->reason, REASON_PATH_LOOPS);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-4 kma-5");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_next(f, "kma-4 kma-5");
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_ORCHESTRATOR);
    fixture_sent(f, &header);
    assert_int_equal(header.message_id, 3);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-4");
    assert_int_equal(fixture_reply(f)->reason, REASON_NOT_HELD);
}

static void test_decision_that_would_loop_is_refused_and_stays_held(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-4");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 4, ask);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 2, "kma-1"); /* alice was just sent to bob */
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT);
    assert_int_equal(fixture_reply(f)->reason, REASON_WOULD_LOOP);
    f->now_ms += 10000; /* the memory fades */
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 2, "kma-1");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

static void test_held_lookup_rejected_is_answered_empty(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_reject(f, COMMAND_LOOKUP_DECIDE, 1, "maintenance");
    assert_int_equal(lookup_of(f)->state, LOOKUP_REJECTED);
    assert_text(lookup_of(f)->detail, "maintenance");
    assert_string_equal(fixture_sent(f, NULL), "{\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":[]}");
}

static void test_held_lookup_overdue_is_computed(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_put_link(f, "near", "kma-1", "kma-5", LINK_UP);
    fixture_put_link(f, "far", "kma-5", "kma-9", LINK_UP);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_tick(f, 2000);
    assert_next(f, "kma-5");
    assert_int_equal(lookup_of(f)->decided_by, DECIDER_COMPUTED);
}

static void test_held_lookup_of_a_lost_session_ends_unanswered(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_open(f, 6, "dns:alice");
    assert_int_equal(lookup_of(f)->reason, REASON_SESSION_LOST);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0);
    fixture_message(f, 6, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_close(f, 6, REASON_PEER_CLOSED);
    assert_int_equal(lookup_of(f)->reason, REASON_SESSION_LOST);
}

static void test_unknown_application_lookup_needs_the_orchestrators_kma(void **state)
{
    struct fixture *f = *state;
    struct text next[] = { TEXT("kma-4") };
    struct command command = {
        .kind = COMMAND_LOOKUP_DECIDE, .request_id = 1, .path = next, .path_length = 1
    };
    connect_all(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"application_destination_ID\":\"app\"}");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->reason, REASON_UNKNOWN_APPLICATION);
    command.kma_id = TEXT("kma-9");
    fixture_run(f, &command);
    assert_string_equal(fixture_sent(f, NULL),
                        "{\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":[\"kma-4\"]}");
}

/* Reading 5: across a change of routes, what was answered lately is not contradicted into a cycle. */
static void test_answers_across_a_change_of_routes_form_no_cycle(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_hops(f, "r1", NULL, "kma-9", "kma-1:kma-4 kma-4:kma-9", 1);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_next(f, "kma-4");
    fixture_put_hops(f, "r1", NULL, "kma-9", "kma-4:kma-1 kma-1:kma-9", 1);
    assert_int_equal(fixture_reply(f)->reason, REASON_NONE);
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 4, ask); /* a key may be on its way from alice to bob */
    assert_empty(f, REASON_WOULD_LOOP);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 5, ask);
    assert_next(f, "kma-9");
    f->now_ms += 10000;
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 6, ask);
    assert_next(f, "kma-1");
}

/* All KMAs of a KM are one place: a request does not say at which of them the key is. */
static void test_routes_that_cross_one_km_in_both_directions_form_no_cycle(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "alice", "kma-1 kma-2", "dns:alice");
    connect_all(f);
    fixture_put_hops(f, "r1", NULL, "kma-9", "kma-1:kma-4", 1);
    fixture_put_hops(f, "r2", NULL, "kma-9", "kma-4:kma-2 kma-2:kma-9", 1);
    assert_int_equal(fixture_reply(f)->reason, REASON_CYCLE);
}

static void test_candidate_whose_link_is_down_is_left_out(void **state)
{
    struct fixture *f = *state;
    connect_all(f);
    fixture_put_hops(f, "r1", NULL, "kma-9", "kma-1:kma-4,kma-5", 1);
    fixture_put_link(f, "l1", "kma-1", "kma-4", LINK_DOWN);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    assert_next(f, "kma-5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lookup_answers_the_next_hop_of_the_asking_km, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_source_selects_routes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_candidates_by_priority_deduplicated, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_from_the_destination_is_empty, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_without_route_is_answered_empty, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_reason_as_extension_only_to_who_sent_one, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_malformed_is_answered_empty, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_application_adds_its_kma, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_unknown_application_has_no_destination, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_both_destinations_disagree_conflict, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_lookup_of_a_km_with_several_kmas_nearest_to_the_destination,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_lookup_decided_by_the_orchestrator, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_decision_that_would_loop_is_refused_and_stays_held,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_lookup_rejected_is_answered_empty, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_lookup_overdue_is_computed, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_lookup_of_a_lost_session_ends_unanswered, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_application_lookup_needs_the_orchestrators_kma,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_answers_across_a_change_of_routes_form_no_cycle, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_routes_that_cross_one_km_in_both_directions_form_no_cycle,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_candidate_whose_link_is_down_is_left_out, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
