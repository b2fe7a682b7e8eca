/* SPDX-License-Identifier: Apache-2.0 */
/* The way from HTTP to the core: commands in their order and no more than are allowed, and an orchestrator's
   signs: it is there before what it does, and gone after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>

#include "base/limits.h"
#include "main/command_ring.h"

static struct command_request *freed;

/* In HTTP's place: the tests own their requests. */
void command_request_free(struct command_request *request)
{
    freed = request;
}

static struct command_ring *open_ring(void)
{
    struct command_ring *ring = command_ring_new();
    assert_non_null(ring);
    command_ring_open(ring, true);
    return ring;
}

static bool is_readable(const struct command_ring *ring)
{
    struct pollfd watched = { .fd = command_ring_descriptor(ring), .events = POLLIN };
    return poll(&watched, 1, 0) == 1;
}

static void test_commands_come_in_their_order(void **state)
{
    (void)state;
    struct command_ring *ring = open_ring();
    struct command_request requests[3] = { { 0 } };
    struct command_request *taken[2];
    struct orchestrator_signs signs;
    assert_false(is_readable(ring));
    for (size_t i = 0; i < 3; i++)
        assert_true(command_ring_put(ring, &requests[i]));
    assert_true(is_readable(ring));
    assert_int_equal(command_ring_take(ring, taken, 2, &signs), 2);
    assert_ptr_equal(taken[0], &requests[0]);
    assert_ptr_equal(taken[1], &requests[1]);
    assert_int_equal(command_ring_count(ring), 1);
    assert_true(is_readable(ring)); /* one is left */
    assert_int_equal(command_ring_take(ring, taken, 2, &signs), 1);
    assert_ptr_equal(taken[0], &requests[2]);
    assert_false(is_readable(ring));
    command_ring_free(ring);
}

static void test_a_shut_or_full_ring_takes_nothing(void **state)
{
    (void)state;
    static struct command_request requests[LIMIT_COMMANDS_QUEUED + 1];
    struct command_ring *ring = command_ring_new();
    assert_non_null(ring);
    assert_false(command_ring_put(ring, &requests[0])); /* it starts shut */
    command_ring_open(ring, true);
    for (size_t i = 0; i < LIMIT_COMMANDS_QUEUED; i++)
        assert_true(command_ring_put(ring, &requests[i]));
    assert_false(command_ring_put(ring, &requests[LIMIT_COMMANDS_QUEUED]));
    command_ring_open(ring, false);
    assert_int_equal(command_ring_count(ring), LIMIT_COMMANDS_QUEUED); /* what it has stays */
    freed = NULL;
    command_ring_free(ring);
    assert_ptr_equal(freed, &requests[LIMIT_COMMANDS_QUEUED - 1]);
}

static void test_who_has_come_is_known_before_the_next_frame(void **state)
{
    (void)state;
    struct command_ring *ring = open_ring();
    struct orchestrator_signs signs;
    assert_false(command_ring_take_arrivals(ring, &signs));
    command_ring_sign(ring, ORCHESTRATOR_STREAM_OPENED);
    command_ring_sign(ring, ORCHESTRATOR_STREAM_OPENED);
    command_ring_sign(ring, ORCHESTRATOR_REQUEST);
    assert_true(command_ring_take_arrivals(ring, &signs));
    assert_int_equal(signs.streams_opened, 2);
    assert_true(signs.request);
    assert_false(command_ring_take_arrivals(ring, &signs)); /* each is told once */
    assert_int_equal(command_ring_take(ring, NULL, 0, &signs), 0);
    assert_int_equal(signs.streams_opened, 0);
    assert_false(signs.request);
    command_ring_free(ring);
}

/* Its last decision may wait in the ring: it is gone when that is taken, not before. */
static void test_who_has_gone_is_told_with_the_commands(void **state)
{
    (void)state;
    struct command_ring *ring = open_ring();
    struct orchestrator_signs signs;
    command_ring_sign(ring, ORCHESTRATOR_STREAM_CLOSED);
    assert_false(command_ring_take_arrivals(ring, &signs));
    command_ring_sign(ring, ORCHESTRATOR_STREAM_OPENED);
    assert_true(command_ring_take_arrivals(ring, &signs));
    assert_int_equal(signs.streams_opened, 1);
    assert_int_equal(signs.streams_closed, 0);
    command_ring_take(ring, NULL, 0, &signs);
    assert_int_equal(signs.streams_opened, 0);
    assert_int_equal(signs.streams_closed, 1);
    command_ring_take(ring, NULL, 0, &signs);
    assert_int_equal(signs.streams_closed, 0);
    command_ring_free(ring);
}

/* Else a stream that came and went between two looks would count for ever. */
static void test_a_stream_that_came_and_went_is_told_whole(void **state)
{
    (void)state;
    struct command_ring *ring = open_ring();
    struct orchestrator_signs signs;
    command_ring_sign(ring, ORCHESTRATOR_STREAM_OPENED);
    command_ring_sign(ring, ORCHESTRATOR_STREAM_CLOSED);
    assert_true(is_readable(ring));
    command_ring_take(ring, NULL, 0, &signs);
    assert_int_equal(signs.streams_opened, 1);
    assert_int_equal(signs.streams_closed, 1);
    assert_false(command_ring_take_arrivals(ring, &signs));
    assert_false(is_readable(ring));
    command_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_come_in_their_order),
        cmocka_unit_test(test_a_shut_or_full_ring_takes_nothing),
        cmocka_unit_test(test_who_has_come_is_known_before_the_next_frame),
        cmocka_unit_test(test_who_has_gone_is_told_with_the_commands),
        cmocka_unit_test(test_a_stream_that_came_and_went_is_told_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
