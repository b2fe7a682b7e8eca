/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/loop.h"

struct watched {
    struct loop *loop;
    struct loop_watch watch;
    struct watched *victim; /* removed when this is ready */
    int calls;
};

static void on_ready(void *context, uint32_t events)
{
    struct watched *watched = context;
    assert_true((events & EPOLLIN) != 0);
    watched->calls++;
    if (watched->victim != NULL)
        loop_remove(watched->loop, &watched->victim->watch);
}

static void watch_readable(struct watched *watched, struct loop *loop)
{
    *watched = (struct watched){ .loop = loop };
    watched->watch =
        (struct loop_watch){ .fd = eventfd(1, EFD_CLOEXEC), .ready = on_ready, .context = watched };
    assert_true(watched->watch.fd >= 0);
    assert_true(loop_add(loop, &watched->watch, EPOLLIN));
}

static void test_loop_serves_what_is_ready(void **state)
{
    struct loop *loop = loop_new();
    struct watched watched;
    (void)state;
    assert_int_equal(loop_turn(loop, 0), 0);
    watch_readable(&watched, loop);
    assert_int_equal(loop_turn(loop, -1), 1);
    assert_true(loop_modify(loop, &watched.watch, 0));
    assert_int_equal(loop_turn(loop, 0), 0);
    assert_true(loop_modify(loop, &watched.watch, EPOLLIN));
    assert_int_equal(loop_turn(loop, -1), 1);
    assert_int_equal(watched.calls, 2);
    close(watched.watch.fd);
    loop_free(loop);
}

static void test_loop_bad_descriptor_is_refused(void **state)
{
    struct loop *loop = loop_new();
    struct loop_watch watch = { .fd = -1, .ready = on_ready };
    (void)state;
    assert_false(loop_add(loop, &watch, EPOLLIN));
    loop_free(loop);
}

/* Both are ready in one turn; whichever is served first removes the other. */
static void test_loop_removed_watch_is_not_called_in_the_same_turn(void **state)
{
    struct loop *loop = loop_new();
    struct watched first, second;
    (void)state;
    watch_readable(&first, loop);
    watch_readable(&second, loop);
    first.victim = &second;
    second.victim = &first;
    (void)loop_turn(loop, -1);
    assert_int_equal(first.calls + second.calls, 1);
    close(first.watch.fd);
    close(second.watch.fd);
    loop_free(loop);
}

struct noted {
    struct loop *loop;
    int order[8];
    int count;
};

struct alarm {
    struct noted *noted;
    int number;
    struct loop_timer timer;
    struct loop_task task;
    bool repeats;
};

static void on_alarm(void *context)
{
    struct alarm *alarm = context;
    assert_true(alarm->noted->count < 8);
    alarm->noted->order[alarm->noted->count++] = alarm->number;
    if (alarm->repeats)
        loop_task_queue(alarm->noted->loop, &alarm->task);
}

static void init_alarm(struct alarm *alarm, struct noted *noted, int number)
{
    *alarm = (struct alarm){ .noted = noted, .number = number };
    alarm->timer = (struct loop_timer){ .fire = on_alarm, .context = alarm };
    alarm->task = (struct loop_task){ .run = on_alarm, .context = alarm };
}

/* Epoll tells first of what was ready first; the one that is to be served first removes the other. */
static void test_loop_first_is_served_before_all_others(void **state)
{
    struct loop *loop = loop_new();
    struct watched ordinary, first;
    (void)state;
    watch_readable(&ordinary, loop);
    assert_int_equal(loop_turn(loop, -1), 1);
    watch_readable(&first, loop);
    first.watch.first = true;
    first.victim = &ordinary;
    assert_int_equal(loop_turn(loop, -1), 2);
    assert_int_equal(first.calls, 1);
    assert_int_equal(ordinary.calls, 1);
    close(first.watch.fd);
    close(ordinary.watch.fd);
    loop_free(loop);
}

static void test_loop_timers_fire_once_in_the_order_of_their_deadlines(void **state)
{
    struct noted noted = { .loop = loop_new() };
    struct alarm alarms[4];
    (void)state;
    const uint64_t now_ms = loop_now_ms(noted.loop);
    for (int i = 0; i < 4; i++)
        init_alarm(&alarms[i], &noted, i);
    assert_true(loop_timer_set(noted.loop, &alarms[0].timer, now_ms + 3));
    assert_true(loop_timer_set(noted.loop, &alarms[1].timer, now_ms + 50000));
    assert_true(loop_timer_set(noted.loop, &alarms[2].timer, now_ms));
    assert_true(loop_timer_set(noted.loop, &alarms[3].timer, now_ms));
    assert_true(loop_timer_set(noted.loop, &alarms[1].timer, now_ms + 1)); /* moved */
    loop_timer_cancel(noted.loop, &alarms[3].timer);
    loop_timer_cancel(noted.loop, &alarms[3].timer);
    while (noted.count < 3)
        (void)loop_turn(noted.loop, -1); /* would wait for ever without the timers */
    (void)loop_turn(noted.loop, 5);
    assert_int_equal(noted.count, 3);
    assert_int_equal(noted.order[0], 2);
    assert_int_equal(noted.order[1], 1);
    assert_int_equal(noted.order[2], 0);
    assert_true(loop_now_ms(noted.loop) >= now_ms + 3);
    loop_free(noted.loop);
}

static void test_loop_task_runs_once_and_keeps_the_loop_awake(void **state)
{
    struct noted noted = { .loop = loop_new() };
    struct alarm alarm, cancelled;
    (void)state;
    init_alarm(&alarm, &noted, 7);
    init_alarm(&cancelled, &noted, 8);
    loop_task_queue(noted.loop, &alarm.task);
    loop_task_queue(noted.loop, &alarm.task);
    loop_task_queue(noted.loop, &cancelled.task);
    loop_task_cancel(&cancelled.task);
    (void)loop_turn(noted.loop, -1);
    (void)loop_turn(noted.loop, 0);
    assert_int_equal(noted.count, 1);
    assert_int_equal(noted.order[0], 7);
    loop_free(noted.loop);
}

static void test_loop_task_that_queues_itself_runs_once_a_turn(void **state)
{
    struct noted noted = { .loop = loop_new() };
    struct alarm alarm;
    (void)state;
    init_alarm(&alarm, &noted, 1);
    alarm.repeats = true;
    loop_task_queue(noted.loop, &alarm.task);
    for (int i = 1; i <= 3; i++) {
        (void)loop_turn(noted.loop, -1);
        assert_int_equal(noted.count, i);
    }
    loop_task_cancel(&alarm.task);
    loop_free(noted.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop_serves_what_is_ready),
        cmocka_unit_test(test_loop_bad_descriptor_is_refused),
        cmocka_unit_test(test_loop_removed_watch_is_not_called_in_the_same_turn),
        cmocka_unit_test(test_loop_first_is_served_before_all_others),
        cmocka_unit_test(test_loop_timers_fire_once_in_the_order_of_their_deadlines),
        cmocka_unit_test(test_loop_task_runs_once_and_keeps_the_loop_awake),
        cmocka_unit_test(test_loop_task_that_queues_itself_runs_once_a_turn),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
