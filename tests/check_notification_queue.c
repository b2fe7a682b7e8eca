/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of notifications: which event has one, the rate of each kind, what is suppressed and given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "snmp/notification_queue.h"

enum { START_MS = 5000000, MINUTE_MS = 60000, A_LOT = 100000 };

static struct notice notice_of(enum notice_type type, uint64_t event_id)
{
    return (struct notice){ .type = type, .event_id = event_id, .km_id = TEXT("alice") };
}

static bool put(struct notification_queue *queue, enum notice_type type, uint64_t event_id, uint64_t now_ms)
{
    const struct notice notice = notice_of(type, event_id);
    return notification_queue_put(queue, &notice, now_ms);
}

static void assert_next(struct notification_queue *queue, uint64_t now_ms, uint64_t event_id,
                        uint32_t suppressed)
{
    struct notification notification;
    assert_true(notification_queue_take(queue, now_ms, &notification));
    assert_int_equal(notification.event_id, event_id);
    assert_int_equal(notification.suppressed, suppressed);
}

static void assert_empty(struct notification_queue *queue, uint64_t now_ms)
{
    struct notification notification;
    assert_false(notification_queue_take(queue, now_ms, &notification));
}

static void test_every_type_of_event_has_its_kind_or_none(void **state)
{
    static const enum notification_kind kinds[NOTICES_END] = {
        [NOTICE_KM_CONNECTED] = NOTIFICATION_KM_UP,
        [NOTICE_KM_DISCONNECTED] = NOTIFICATION_KM_DOWN,
        [NOTICE_KM_REFUSED] = NOTIFICATION_KM_REFUSED,
        [NOTICE_RELAY_FAILED] = NOTIFICATION_RELAY_FAILED,
        [NOTICE_RELAY_EXPIRED] = NOTIFICATION_RELAY_EXPIRED,
        [NOTICE_RELAY_ORPHANED] = NOTIFICATION_RELAY_EXPIRED,
        [NOTICE_OVERLOAD_ENTERED] = NOTIFICATION_OVERLOAD,
        [NOTICE_OVERLOAD_LEFT] = NOTIFICATION_OVERLOAD,
    };
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, 60));
    for (size_t type = 0; type < NOTICES_END; type++) {
        const struct notice notice = notice_of((enum notice_type)type, 1);
        assert_int_equal(notification_kind_of(&notice), kinds[type]);
        assert_int_equal(notification_queue_put(&queue, &notice, START_MS), kinds[type] != NOTIFICATION_NONE);
    }
    notification_queue_fini(&queue);
}

/* ---- overdue decisions ---- */

static struct relay_record relay_of(enum decider decider, bool held)
{
    struct relay_record relay = { .relay_id = 7, .decided_by = decider };
    relay.timeline[relay.timeline_count++] = (struct timeline_entry){ .state = RELAY_RECEIVED };
    if (held)
        relay.timeline[relay.timeline_count++] = (struct timeline_entry){ .state = RELAY_AWAITING_DECISION };
    return relay;
}

static bool is_overdue(enum notice_type type, enum decider decider, bool held, uint64_t instructed_ms)
{
    struct relay_record relay = relay_of(decider, held);
    relay.instructed_ms = instructed_ms;
    struct notice notice = notice_of(type, 1);
    notice.relay = &relay;
    return notification_is_overdue(&notice);
}

static void test_decision_is_overdue_if_held_and_not_the_orchestrators(void **state)
{
    (void)state;
    assert_true(is_overdue(NOTICE_RELAY_INSTRUCTED, DECIDER_ROUTE, true, 1));
    assert_true(is_overdue(NOTICE_RELAY_INSTRUCTED, DECIDER_COMPUTED, true, 1));
    assert_true(is_overdue(NOTICE_RELAY_FAILED, DECIDER_NONE, true, 0));
    assert_false(is_overdue(NOTICE_RELAY_INSTRUCTED, DECIDER_ORCHESTRATOR, true, 1));
    assert_false(is_overdue(NOTICE_RELAY_INSTRUCTED, DECIDER_ROUTE, false, 1));
    assert_false(is_overdue(NOTICE_RELAY_FAILED, DECIDER_NONE, false, 0));
    assert_false(is_overdue(NOTICE_RELAY_FAILED, DECIDER_ROUTE, true, 1)); /* told when it was instructed */
    assert_false(is_overdue(NOTICE_RELAY_SUCCEEDED, DECIDER_ROUTE, true, 1));
    assert_false(is_overdue(NOTICE_RELAY_REJECTED, DECIDER_ORCHESTRATOR, true, 0));
    const struct notice none = notice_of(NOTICE_LOOKUP_ANSWERED, 1);
    assert_false(notification_is_overdue(&none));
}

static void test_overdue_decision_comes_before_what_it_led_to(void **state)
{
    struct notification_queue queue;
    struct notification notification;
    struct relay_record relay = relay_of(DECIDER_NONE, true);
    struct notice notice = notice_of(NOTICE_RELAY_FAILED, 9);
    (void)state;
    notice.relay = &relay;
    assert_true(notification_queue_init(&queue, 60));
    assert_true(notification_queue_put(&queue, &notice, START_MS));
    assert_true(notification_queue_take(&queue, START_MS, &notification));
    assert_int_equal(notification.kind, NOTIFICATION_DECISION_OVERDUE);
    assert_true(notification_queue_take(&queue, START_MS, &notification));
    assert_int_equal(notification.kind, NOTIFICATION_RELAY_FAILED);
    assert_int_equal(notification.event_id, 9);
    assert_empty(&queue, START_MS);
    notification_queue_fini(&queue);
}

/* ---- the rate ---- */

static void test_rate_suppresses_and_the_next_tells_how_many(void **state)
{
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, 3));
    for (uint64_t id = 1; id <= 8; id++)
        assert_int_equal(put(&queue, NOTICE_KM_REFUSED, id, START_MS), id <= 3);
    assert_int_equal(notification_queue_counts(&queue).suppressed, 5);
    assert_false(put(&queue, NOTICE_KM_REFUSED, 9, START_MS + MINUTE_MS / 3 - 1));
    assert_true(put(&queue, NOTICE_KM_REFUSED, 10, START_MS + MINUTE_MS / 3));
    for (uint64_t id = 1; id <= 3; id++)
        assert_next(&queue, START_MS, id, 0);
    assert_next(&queue, START_MS + MINUTE_MS / 3, 10, 6);
    assert_empty(&queue, START_MS + MINUTE_MS / 3);
    notification_queue_fini(&queue);
}

static void test_rate_is_each_kinds_own(void **state)
{
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, 1));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 1, START_MS));
    assert_false(put(&queue, NOTICE_KM_CONNECTED, 2, START_MS));
    assert_true(put(&queue, NOTICE_KM_DISCONNECTED, 3, START_MS));
    assert_next(&queue, START_MS, 1, 0);
    assert_next(&queue, START_MS, 3, 0);
    notification_queue_fini(&queue);
}

/* Whatever the rate: over an hour of abundance no more than a minute's worth and 60 times the rate. */
static void test_rate_is_kept_exactly_over_an_hour(void **state)
{
    static const uint32_t rates[] = { 1, 7, 60, 999 };
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct notification_queue queue;
        struct notification notification;
        uint64_t taken = 0;
        assert_true(notification_queue_init(&queue, rates[i]));
        for (uint64_t at_ms = 0; at_ms <= 60 * (uint64_t)MINUTE_MS; at_ms += 10) {
            put(&queue, NOTICE_RELAY_FAILED, at_ms + 1, START_MS + at_ms);
            taken += notification_queue_take(&queue, START_MS + at_ms, &notification);
        }
        assert_int_equal(taken, rates[i] + 60 * rates[i]);
        assert_int_equal(taken + notification_queue_counts(&queue).suppressed,
                         1 + 60 * (uint64_t)MINUTE_MS / 10);
        notification_queue_fini(&queue);
    }
}

static void test_quiet_time_saves_no_more_than_a_minutes_worth(void **state)
{
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, 2));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 1, START_MS));
    const uint64_t later_ms = START_MS + 1000 * (uint64_t)MINUTE_MS;
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 2, later_ms));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 3, later_ms));
    assert_false(put(&queue, NOTICE_KM_CONNECTED, 4, later_ms));
    notification_queue_fini(&queue);
}

/* ---- waiting ---- */

static void test_full_queue_gives_up_the_oldest_and_the_next_of_its_kind_tells(void **state)
{
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, A_LOT));
    assert_true(put(&queue, NOTICE_KM_DISCONNECTED, 1, START_MS));
    for (uint64_t id = 2; id <= SNMP_NOTIFICATIONS_QUEUED + 3; id++)
        assert_true(put(&queue, NOTICE_KM_CONNECTED, id, START_MS));
    struct notification_queue_counts counts = notification_queue_counts(&queue);
    assert_int_equal(counts.waiting, SNMP_NOTIFICATIONS_QUEUED);
    assert_int_equal(counts.given_up, 3);
    assert_int_equal(counts.suppressed, 0);
    assert_next(&queue, START_MS, 4, 2); /* 2 and 3 */
    assert_next(&queue, START_MS, 5, 0);
    assert_true(put(&queue, NOTICE_KM_DISCONNECTED, 5000, START_MS));
    for (uint64_t id = 6; id <= SNMP_NOTIFICATIONS_QUEUED + 3; id++)
        assert_next(&queue, START_MS, id, 0);
    assert_next(&queue, START_MS, 5000, 1); /* the 1 */
    assert_empty(&queue, START_MS);
    notification_queue_fini(&queue);
}

static void test_what_waits_too_long_is_given_up_and_told(void **state)
{
    struct notification_queue queue;
    const uint64_t late_ms = START_MS + NOTIFICATION_AGE_MS_MAX;
    (void)state;
    assert_true(notification_queue_init(&queue, 60));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 1, START_MS));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 2, START_MS));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 3, START_MS + 1));
    assert_next(&queue, late_ms, 1, 0); /* just young enough */
    assert_next(&queue, late_ms + 1, 3, 1);
    assert_int_equal(notification_queue_counts(&queue).given_up, 1);
    notification_queue_fini(&queue);
}

static void test_what_is_put_back_is_the_next_to_be_taken(void **state)
{
    struct notification_queue queue;
    struct notification notification;
    (void)state;
    assert_true(notification_queue_init(&queue, 60));
    for (uint64_t event_id = 1; event_id <= 3; event_id++)
        assert_true(put(&queue, NOTICE_KM_CONNECTED, event_id, START_MS));
    assert_true(notification_queue_take(&queue, START_MS, &notification));
    notification_queue_put_back(&queue, &notification);
    assert_int_equal(notification_queue_counts(&queue).waiting, 3);
    for (uint64_t event_id = 1; event_id <= 3; event_id++)
        assert_next(&queue, START_MS, event_id, 0);
    notification_queue_put_back(&queue, &notification); /* old as it is by now, among none */
    assert_empty(&queue, START_MS + NOTIFICATION_AGE_MS_MAX + 1);
    assert_int_equal(notification_queue_counts(&queue).given_up, 1);
    notification_queue_fini(&queue);
}

static void test_what_is_put_back_into_a_full_queue_is_told_by_the_next_of_its_kind(void **state)
{
    struct notification_queue queue;
    struct notification notification;
    (void)state;
    assert_true(notification_queue_init(&queue, A_LOT));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 1, START_MS));
    assert_true(notification_queue_take(&queue, START_MS, &notification));
    assert_true(put(&queue, NOTICE_KM_DISCONNECTED, 2, START_MS));
    for (uint64_t event_id = 3; event_id < 2 + SNMP_NOTIFICATIONS_QUEUED; event_id++)
        assert_true(put(&queue, NOTICE_KM_CONNECTED, event_id, START_MS));
    notification_queue_put_back(&queue, &notification);
    assert_int_equal(notification_queue_counts(&queue).waiting, SNMP_NOTIFICATIONS_QUEUED);
    assert_int_equal(notification_queue_counts(&queue).given_up, 1);
    assert_next(&queue, START_MS, 2, 0);
    assert_next(&queue, START_MS, 3, 1);
    notification_queue_fini(&queue);
}

/* The core puts while the agent's thread is in a turn that began before. */
static void test_what_is_put_after_the_takers_clock_is_taken(void **state)
{
    struct notification_queue queue;
    (void)state;
    assert_true(notification_queue_init(&queue, 60));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 1, START_MS));
    assert_true(put(&queue, NOTICE_KM_CONNECTED, 2, START_MS + 1));
    assert_next(&queue, START_MS - 1, 1, 0);
    assert_next(&queue, START_MS, 2, 0);
    assert_int_equal(notification_queue_counts(&queue).given_up, 0);
    notification_queue_fini(&queue);
}

static void test_what_is_no_event_has_a_rate_of_its_own_and_carries_nothing(void **state)
{
    struct notification_queue queue;
    struct notification notification;
    (void)state;
    assert_true(notification_queue_init(&queue, 2));
    assert_true(notification_queue_put_own(&queue, NOTIFICATION_COLD_START, START_MS));
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            notification_queue_put_own(&queue, NOTIFICATION_AUTHENTICATION_FAILURE, START_MS + i), i < 2);
    assert_true(notification_queue_take(&queue, START_MS + 5, &notification));
    assert_int_equal(notification.kind, NOTIFICATION_COLD_START);
    assert_int_equal(notification.event_id, 0);
    assert_int_equal(notification.km_id[0], '\0');
    for (int i = 0; i < 2; i++)
        assert_next(&queue, START_MS + 5, 0, 0);
    assert_empty(&queue, START_MS + 5);
    assert_true(
        notification_queue_put_own(&queue, NOTIFICATION_AUTHENTICATION_FAILURE, START_MS + MINUTE_MS));
    assert_next(&queue, START_MS + MINUTE_MS, 0, 3);
    assert_int_equal(notification_queue_counts(&queue).suppressed, 3);
    notification_queue_fini(&queue);
}

/* ---- what it tells ---- */

static void test_texts_are_cut_between_characters(void **state)
{
    char words[NOTIFICATION_DETAIL_BYTES * 2];
    struct notification_queue queue;
    struct notification notification;
    (void)state;
    for (size_t i = 0; i < sizeof words; i += 2)
        memcpy(words + i, "\xc3\xbc", 2);
    struct notice notice = notice_of(NOTICE_KM_REFUSED, 1);
    notice.detail = (struct text){ words, sizeof words };
    notice.identity = (struct text){ words, NOTIFICATION_DETAIL_BYTES };
    assert_true(notification_queue_init(&queue, 60));
    assert_true(notification_queue_put(&queue, &notice, START_MS));
    assert_true(notification_queue_take(&queue, START_MS, &notification));
    assert_int_equal(strlen(notification.detail),
                     NOTIFICATION_DETAIL_BYTES - 1); /* 254 characters, and dots */
    assert_string_equal(notification.detail + strlen(notification.detail) - 5, "\xc3\xbc...");
    assert_int_equal(strlen(notification.identity), NOTIFICATION_DETAIL_BYTES);
    assert_string_equal(notification.km_id, "alice");
    notification_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_of_event_has_its_kind_or_none),
        cmocka_unit_test(test_decision_is_overdue_if_held_and_not_the_orchestrators),
        cmocka_unit_test(test_overdue_decision_comes_before_what_it_led_to),
        cmocka_unit_test(test_rate_suppresses_and_the_next_tells_how_many),
        cmocka_unit_test(test_rate_is_each_kinds_own),
        cmocka_unit_test(test_rate_is_kept_exactly_over_an_hour),
        cmocka_unit_test(test_quiet_time_saves_no_more_than_a_minutes_worth),
        cmocka_unit_test(test_full_queue_gives_up_the_oldest_and_the_next_of_its_kind_tells),
        cmocka_unit_test(test_what_waits_too_long_is_given_up_and_told),
        cmocka_unit_test(test_what_is_put_back_is_the_next_to_be_taken),
        cmocka_unit_test(test_what_is_put_back_into_a_full_queue_is_told_by_the_next_of_its_kind),
        cmocka_unit_test(test_what_is_put_after_the_takers_clock_is_taken),
        cmocka_unit_test(test_what_is_no_event_has_a_rate_of_its_own_and_carries_nothing),
        cmocka_unit_test(test_texts_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
