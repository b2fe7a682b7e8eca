/* SPDX-License-Identifier: Apache-2.0 */
/* The turn machinery over the real core and a journal that the test holds: nothing is released before it is
   durable, all of it in order, and a reply never before the view that shows what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "main/runner.h"
#include "system/process_heap.h"

/* What the journal was given, and what came out. */
struct bench {
    struct core *core;
    struct runner *runner;
    struct snapshot_cell cell;
    uint64_t submitted[LIMIT_TURNS_IN_FLIGHT];
    size_t submitted_count;
    uint64_t replies[256];
    size_t reply_count;
    bool reply_saw_object; /* of the newest: the published view has application "a" */
    uint64_t events_durable;
};

static struct bench bench;

/* In the journal's place. */
bool writer_submit(struct writer *writer, const struct effects *turn)
{
    (void)writer;
    if (bench.submitted_count == LIMIT_TURNS_IN_FLIGHT)
        return false;
    bench.submitted[bench.submitted_count++] = turn->turn;
    return true;
}

static void on_reply(void *context, const struct reply *reply)
{
    (void)context;
    struct snapshot *snapshot = snapshot_cell_get(&bench.cell);
    bench.reply_saw_object = snapshot != NULL && snapshot_application(snapshot, TEXT("a")) != NULL;
    snapshot_release(snapshot);
    bench.replies[bench.reply_count++ % 256] = reply->command_id;
}

static void on_admit(void *context, const struct effect_admit *admit)
{
    (void)context, (void)admit;
}

static void on_send(void *context, const struct effect_send *send)
{
    (void)context, (void)send;
}

static void on_close(void *context, const struct effect_close *close)
{
    (void)context, (void)close;
}

static void on_notice(void *context, const struct notice *notice)
{
    (void)context, (void)notice;
}

static void on_events_durable(void *context, uint64_t newest_event_id)
{
    (void)context;
    bench.events_durable = newest_event_id;
}

static void on_no_memory(void *context)
{
    (void)context;
    fail_msg("out of memory");
}

static int set_up(void **state)
{
    (void)state;
    const struct core_settings settings = { .policy = { .order = { DECIDER_ROUTE },
                                                        .completion_ms = 60000 } };
    const struct runner_sinks sinks = { NULL,     on_admit,  on_send,           on_close,
                                        on_reply, on_notice, on_events_durable, on_no_memory };
    bench = (struct bench){ 0 };
    snapshot_cell_init(&bench.cell);
    bench.core = core_new(&process_heap, &settings, (struct siphash_key){ 1, 2 });
    bench.runner = runner_new(bench.core, &bench.cell, &sinks);
    runner_set_writer(bench.runner, (struct writer *)(void *)&bench); /* never looked into */
    core_restore_high_water(bench.core, &(struct high_water){ 1, 1, 1, 1, 1 });
    return core_restore_finish(bench.core, 0, 0, runner_open_turn(bench.runner)) == CORE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    runner_free(bench.runner);
    core_free(bench.core);
    snapshot_cell_fini(&bench.cell);
    return 0;
}

static void put_application(uint64_t command_id, const char *id, const char *kma_id, bool dry_run)
{
    const struct application_config application = { text_from_c(id), text_from_c(kma_id) };
    const struct command command = { .kind = COMMAND_APPLICATION_PUT,
                                     .actor = TEXT("test"),
                                     .dry_run = dry_run,
                                     .applications = &application,
                                     .application_count = 1 };
    struct event event = { .kind = EVENT_COMMAND, .command = { command_id, &command } };
    runner_step(bench.runner, &event);
}

/* A KMA must be known: a link names two. */
static void know_kmas(void)
{
    const struct link_config link = { .link_id = TEXT("l"),
                                      .kma_a = TEXT("kma-1"),
                                      .kma_b = TEXT("kma-2"),
                                      .cost = 1,
                                      .key_stock = -1,
                                      .key_rate = -1,
                                      .origin = TEXT("test") };
    const struct command command = {
        .kind = COMMAND_LINK_PUT, .actor = TEXT("test"), .links = &link, .link_count = 1
    };
    struct event event = { .kind = EVENT_COMMAND, .command = { 1000, &command } };
    runner_step(bench.runner, &event);
    runner_end_turn(bench.runner);
    runner_release(bench.runner, UINT64_MAX);
    assert_true(runner_is_idle(bench.runner));
    bench.reply_count = 0;
    bench.submitted_count = 0;
}

static void test_runner_releases_at_once_what_records_nothing(void **state)
{
    (void)state;
    know_kmas();
    put_application(1, "a", "kma-1", true);
    runner_end_turn(bench.runner);
    assert_int_equal(bench.submitted_count, 0);
    assert_int_equal(bench.reply_count, 1);
    assert_true(runner_is_idle(bench.runner));
}

static void test_runner_holds_reply_until_durable(void **state)
{
    (void)state;
    know_kmas();
    put_application(1, "a", "kma-1", false);
    runner_end_turn(bench.runner);
    assert_int_equal(bench.submitted_count, 1);
    assert_int_equal(bench.reply_count, 0);
    struct snapshot *snapshot = snapshot_cell_get(&bench.cell);
    if (snapshot != NULL)
        assert_null(snapshot_application(snapshot, TEXT("a")));
    snapshot_release(snapshot);
    uint64_t events_before = bench.events_durable;
    runner_release(bench.runner, bench.submitted[0] - 1);
    assert_int_equal(bench.reply_count, 0);
    runner_release(bench.runner, bench.submitted[0]);
    assert_int_equal(bench.reply_count, 1);
    assert_true(bench.reply_saw_object);
    assert_true(bench.events_durable > events_before);
    assert_true(runner_is_idle(bench.runner));
}

static void test_runner_keeps_order_behind_what_waits(void **state)
{
    (void)state;
    know_kmas();
    put_application(1, "a", "kma-1", false);
    runner_end_turn(bench.runner);
    put_application(2, "b", "kma-1", true); /* records nothing, but stands behind */
    runner_end_turn(bench.runner);
    put_application(3, "c", "kma-1", false);
    runner_end_turn(bench.runner);
    assert_int_equal(bench.reply_count, 0);
    assert_int_equal(bench.submitted_count, 2);
    runner_release(bench.runner, bench.submitted[0]);
    assert_int_equal(bench.reply_count, 2);
    runner_release(bench.runner, bench.submitted[1]);
    assert_int_equal(bench.reply_count, 3);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(bench.replies[i], i + 1);
}

static void test_runner_gathers_while_journal_is_behind(void **state)
{
    (void)state;
    know_kmas();
    for (uint64_t i = 0; i < 100; i++) {
        put_application(i + 1, "a", i % 2 == 0 ? "kma-1" : "kma-2", false);
        runner_end_turn(bench.runner);
    }
    assert_int_equal(bench.submitted_count, RUNNER_TURNS_EAGER);
    assert_false(runner_is_full(bench.runner));
    assert_false(runner_has_room(bench.runner));
    runner_release(bench.runner, bench.submitted[RUNNER_TURNS_EAGER - 1]);
    assert_true(runner_has_room(bench.runner));
    runner_end_turn(bench.runner); /* all the rest in one */
    assert_int_equal(bench.submitted_count, RUNNER_TURNS_EAGER + 1);
    runner_release(bench.runner, bench.submitted[RUNNER_TURNS_EAGER]);
    assert_int_equal(bench.reply_count, 100);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(bench.replies[i], i + 1);
    assert_true(runner_is_idle(bench.runner));
}

static void test_runner_is_full_when_large_turns_wait(void **state)
{
    (void)state;
    know_kmas();
    uint64_t commands = 0;
    while (!runner_is_full(bench.runner)) {
        assert_true(commands < 2000000);
        commands++;
        put_application(commands, "a", commands % 2 == 0 ? "kma-1" : "kma-2", false);
        runner_end_turn(bench.runner);
    }
    assert_int_equal(bench.submitted_count, LIMIT_TURNS_IN_FLIGHT);
    assert_int_equal(runner_turns_in_flight(bench.runner), LIMIT_TURNS_IN_FLIGHT);
    assert_int_equal(bench.reply_count, 0);
    runner_release(bench.runner, UINT64_MAX);
    bench.submitted_count = 0;
    runner_end_turn(bench.runner);
    runner_release(bench.runner, UINT64_MAX);
    assert_int_equal(bench.reply_count, commands);
    assert_true(runner_is_idle(bench.runner));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_runner_releases_at_once_what_records_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runner_holds_reply_until_durable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runner_keeps_order_behind_what_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runner_gathers_while_journal_is_behind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runner_is_full_when_large_turns_wait, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
