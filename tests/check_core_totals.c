/* SPDX-License-Identifier: Apache-2.0 */
/* What the core counts of itself: each thing once, by what it was, and how long it took. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";
static const char lookup[] = "{\"destination_KMA_ID\":\"kma-9\"}";

static struct totals totals_of(const struct fixture *f)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_non_null(snapshot);
    struct totals totals = snapshot->totals;
    snapshot_release(snapshot);
    return totals;
}

static uint64_t sum_of(const uint64_t *counts, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += counts[i];
    return sum;
}

static void test_decision_by_route_is_timed_at_once(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    struct totals totals = totals_of(f);
    assert_int_equal(totals.relays_decided[DECIDER_ROUTE], 1);
    assert_int_equal(sum_of(totals.relays_decided, DECIDERS_END), 1);
    assert_int_equal(totals.relay_decision_ms[DECIDER_ROUTE].buckets[0], 1);
    assert_int_equal(totals.relay_decision_ms[DECIDER_ROUTE].sum, 0);
}

static void test_decision_of_the_orchestrator_took_its_time(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 8, lookup);
    assert_int_equal(sum_of(totals_of(f).relays_decided, DECIDERS_END), 0);
    fixture_tick(f, 700);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    fixture_reject(f, COMMAND_LOOKUP_DECIDE, 1, "not now");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.relays_decided[DECIDER_ORCHESTRATOR], 1);
    assert_int_equal(totals.lookups_decided[DECIDER_ORCHESTRATOR], 1);
    assert_true(totals.relay_decision_ms[DECIDER_ORCHESTRATOR].sum >= 700);
    assert_true(totals.lookup_decision_ms[DECIDER_ORCHESTRATOR].sum >= 700);
    assert_int_equal(totals.lookup_reasons[REASON_REJECTED], 1);
    assert_int_equal(totals.relays_overdue + totals.lookups_overdue, 0);
}

static void test_turn_that_passed_unused_is_overdue(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 8, lookup);
    fixture_tick(f, f->settings.policy.orchestrator_ms);
    struct totals totals = totals_of(f);
    assert_int_equal(totals.relays_overdue, 1);
    assert_int_equal(totals.lookups_overdue, 1);
    assert_int_equal(totals.relays_decided[DECIDER_NONE], 1);
    assert_int_equal(totals.lookups_decided[DECIDER_NONE], 1);
    assert_int_equal(totals.relay_reasons[REASON_NO_ROUTE], 1);
    assert_int_equal(totals.lookup_reasons[REASON_NO_ROUTE], 1);
    assert_true(totals.relay_decision_ms[DECIDER_NONE].sum >= f->settings.policy.orchestrator_ms);
}

static void test_relay_is_timed_from_its_instruction(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_tick(f, 30);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"key_relay_request_ID\":\"1\",\"response\":\"success\"}");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.relays_ended[RELAY_SUCCEEDED], 1);
    assert_int_equal(distribution_count(&totals.relay_ms[RELAY_SUCCEEDED]), 1);
    assert_in_range(totals.relay_ms[RELAY_SUCCEEDED].sum, 30, 50);
    assert_int_equal(sum_of(totals.relay_reasons + 1, REASONS_END - 1), 0);
    assert_int_equal(sum_of(totals.relays_decided, DECIDERS_END), 1);
}

/* Reading 9: it ended twice, and took each time as long as it took; it was decided once. */
static void test_late_completion_counts_again(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_tick(f, f->settings.policy.completion_ms);
    fixture_tick(f, 1000);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"key_relay_request_ID\":\"1\",\"response\":\"success\"}");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.relays_ended[RELAY_EXPIRED], 1);
    assert_int_equal(totals.relays_ended[RELAY_SUCCEEDED], 1);
    assert_true(totals.relay_ms[RELAY_EXPIRED].sum >= f->settings.policy.completion_ms);
    assert_true(totals.relay_ms[RELAY_SUCCEEDED].sum >= totals.relay_ms[RELAY_EXPIRED].sum + 1000);
    assert_int_equal(totals.relay_reasons[REASON_COMPLETION_TIMEOUT], 1);
    assert_int_equal(sum_of(totals.relays_decided, DECIDERS_END), 1);
}

static void test_frames_and_errors_are_told_apart(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 8, lookup);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 9, "[]");
    fixture_message(f, 0, CK_RELAY_REQUEST, 10, "{}");
    fixture_message(f, 0, 99, 11, "{}");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 12,
                    "{\"key_relay_request_ID\":\"77\",\"response\":\"success\"}");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.frames_received[CK_NOTIFY_RELAY], 2);
    assert_int_equal(totals.frames_received[CK_NEXT_HOP_REQUEST], 2);
    assert_int_equal(totals.frames_received[CK_RELAY_REQUEST], 1);
    assert_int_equal(totals.frames_received[CK_RELAY_RESPONSE], 1);
    assert_int_equal(totals.frames_received[0], 1);
    assert_int_equal(totals.frames_sent[CK_RELAY_REQUEST], 2);
    assert_int_equal(totals.frames_sent[CK_NEXT_HOP_RESPONSE], 2);
    assert_int_equal(totals.malformed[CK_NOT_OBJECT], 1);
    assert_int_equal(sum_of(totals.malformed, CK_MALFORMED_END) + totals.unexpected, totals.protocol_errors);
    assert_int_equal(totals.unexpected, 1);
    assert_int_equal(totals.uncorrelated, 1);
    assert_int_equal(totals.repeats, 1);
}

static void test_sessions_end_for_a_reason_and_peers_are_refused_for_one(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:alice");
    fixture_close(f, 1, REASON_PEER_CLOSED);
    fixture_open(f, 2, "dns:mallory");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.sessions_opened, 2);
    assert_int_equal(totals.sessions_closed[REASON_REPLACED], 1);
    assert_int_equal(totals.sessions_closed[REASON_PEER_CLOSED], 1);
    assert_int_equal(totals.refused[REASON_NOT_ENROLLED], 1);
    assert_int_equal(sum_of(totals.refused, REASONS_END), totals.km_refused);
}

static void test_removing_a_km_lowers_no_total(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_delete(f, COMMAND_ROUTE_DELETE, "r1");
    fixture_delete(f, COMMAND_KM_DELETE, "alice");
    struct totals totals = totals_of(f);
    assert_int_equal(totals.kms_enrolled, 2);
    assert_int_equal(totals.frames_received[CK_NOTIFY_RELAY], 1);
    assert_int_equal(totals.relays_ended[RELAY_ORPHANED], 1);
    assert_int_equal(totals.relay_reasons[REASON_KM_REMOVED], 1);
    assert_int_equal(distribution_count(&totals.relay_ms[RELAY_ORPHANED]), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decision_by_route_is_timed_at_once, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_decision_of_the_orchestrator_took_its_time, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_turn_that_passed_unused_is_overdue, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_relay_is_timed_from_its_instruction, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_late_completion_counts_again, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_frames_and_errors_are_told_apart, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_sessions_end_for_a_reason_and_peers_are_refused_for_one,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_removing_a_km_lowers_no_total, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
