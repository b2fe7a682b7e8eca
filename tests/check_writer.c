/* SPDX-License-Identifier: Apache-2.0 */
/* The journal thread: order, group commit, back-pressure, a store that fails and recovers, and the end. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "faulty_vfs.h"
#include "store/writer.h"
#include "store_fixture.h"

enum { PATIENCE_S = 60 }; /* a condition that takes longer never comes */

struct bench {
    struct store_fixture fixture;
    struct turn_maker maker;
    struct writer *writer;
    struct effects *turns[4 * LIMIT_TURNS_IN_FLIGHT];
    size_t turn_count;
    pthread_mutex_t mutex;
    pthread_cond_t notified;
    uint64_t notifications;
};

static void count_notification(void *context)
{
    struct bench *bench = context;
    pthread_mutex_lock(&bench->mutex);
    bench->notifications++;
    pthread_cond_signal(&bench->notified);
    pthread_mutex_unlock(&bench->mutex);
}

static void start_writer(struct bench *bench)
{
    bench->writer = writer_new(&(struct writer_options){
        .store = bench->fixture.store, .notify = count_notification, .context = bench });
    assert_non_null(bench->writer);
}

static int set_up(void **state)
{
    static struct bench bench;
    memset(&bench, 0, sizeof bench);
    faulty_vfs_heal();
    faulty_vfs_delay_sync(0);
    pthread_mutex_init(&bench.mutex, NULL);
    pthread_cond_init(&bench.notified, NULL);
    bench.maker = turn_maker();
    fixture_init(&bench.fixture);
    fixture_open(&bench.fixture);
    start_writer(&bench);
    *state = &bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    faulty_vfs_heal();
    faulty_vfs_delay_sync(0);
    if (bench->writer != NULL)
        writer_stop(bench->writer, 1000);
    for (size_t i = 0; i < bench->turn_count; i++)
        turn_free(bench->turns[i]);
    pthread_cond_destroy(&bench->notified);
    pthread_mutex_destroy(&bench->mutex);
    fixture_fini(&bench->fixture);
    return 0;
}

/* A turn with one relay and one event, or with nothing to keep. */
static struct effects *make_turn(struct bench *bench, bool durable)
{
    struct effects *turn = turn_new(&bench->maker);
    if (durable) {
        turn_add_relay(turn, &bench->maker);
        turn_add_notice(turn, &bench->maker, NOTICE_RELAY_RECEIVED);
    }
    turn_finish(turn, &bench->maker);
    bench->turns[bench->turn_count++] = turn;
    return turn;
}

static uint64_t submit(struct bench *bench, bool durable)
{
    struct effects *turn = make_turn(bench, durable);
    assert_true(writer_submit(bench->writer, turn));
    return turn->turn;
}

typedef bool (*condition)(const struct writer_state *state, uint64_t value);

static bool is_durable(const struct writer_state *state, uint64_t turn)
{
    return state->durable_turn >= turn;
}

static bool is_available(const struct writer_state *state, uint64_t value)
{
    return state->available == (value != 0);
}

/* Looks again with every notification, as the core does: a missing one shows as a time-out. */
static struct writer_state wait_for(struct bench *bench, condition holds, uint64_t value)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_S;
    for (;;) {
        pthread_mutex_lock(&bench->mutex);
        uint64_t seen = bench->notifications;
        pthread_mutex_unlock(&bench->mutex);
        struct writer_state state = writer_state(bench->writer);
        if (holds(&state, value))
            return state;
        int failure = 0;
        pthread_mutex_lock(&bench->mutex);
        while (bench->notifications == seen && failure == 0)
            failure = pthread_cond_timedwait(&bench->notified, &bench->mutex, &deadline);
        pthread_mutex_unlock(&bench->mutex);
        assert_int_equal(failure, 0);
    }
}

static void assert_relays_kept(struct bench *bench, uint64_t count)
{
    struct restored restored;
    fixture_close(&bench->fixture);
    fixture_open(&bench->fixture);
    restored_read(&restored, bench->fixture.store);
    assert_int_equal(restored.count, count);
    for (uint64_t id = 1; id <= count; id++)
        assert_non_null(restored_relay(&restored, id));
    restored_fini(&restored);
}

static bool stop_writer(struct bench *bench, uint32_t timeout_ms)
{
    bool all = writer_stop(bench->writer, timeout_ms);
    bench->writer = NULL;
    return all;
}

static void test_writer_makes_turns_durable_in_order(void **state)
{
    struct bench *bench = *state;
    uint64_t before = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t turn = submit(bench, i % 3 != 0);
        struct writer_state seen = wait_for(bench, is_durable, turn);
        assert_int_equal(seen.durable_turn, turn);
        assert_true(seen.available);
        assert_int_equal(seen.last_status, STORE_OK);
        assert_true(seen.commits > before);
        before = seen.commits;
    }
    assert_true(stop_writer(bench, 1000));
    assert_relays_kept(bench, 66);
}

static void test_writer_commits_together_what_gathers_during_a_commit(void **state)
{
    struct bench *bench = *state;
    faulty_vfs_delay_sync(20000);
    uint64_t last = 0;
    for (int i = 0; i < LIMIT_TURNS_IN_FLIGHT; i++)
        last = submit(bench, true);
    struct writer_state seen = wait_for(bench, is_durable, last);
    assert_true(seen.commits < LIMIT_TURNS_IN_FLIGHT);
    assert_true(seen.commit_us_last >= 20000);
    assert_true(stop_writer(bench, 1000));
    assert_relays_kept(bench, LIMIT_TURNS_IN_FLIGHT);
}

static void test_writer_refuses_more_turns_than_the_limit_and_goes_on_after(void **state)
{
    struct bench *bench = *state;
    uint64_t last = 0;
    faulty_vfs_fail_after(0, SQLITE_FULL);
    for (int i = 0; i < LIMIT_TURNS_IN_FLIGHT; i++)
        last = submit(bench, true);
    struct effects *kept_back = make_turn(bench, true);
    assert_false(writer_submit(bench->writer, kept_back));
    assert_int_equal(writer_state(bench->writer).durable_turn, 0);
    faulty_vfs_heal();
    wait_for(bench, is_durable, last);
    assert_true(writer_submit(bench->writer, kept_back));
    wait_for(bench, is_durable, kept_back->turn);
    assert_true(stop_writer(bench, 1000));
    assert_relays_kept(bench, LIMIT_TURNS_IN_FLIGHT + 1);
}

static void test_writer_tells_of_a_failing_store_and_of_its_recovery(void **state)
{
    struct bench *bench = *state;
    char detail[256] = "";
    for (int round = 0; round < 3; round++) {
        faulty_vfs_fail_after(0, SQLITE_FULL);
        uint64_t turn = submit(bench, true);
        struct writer_state seen = wait_for(bench, is_available, false);
        assert_true(seen.durable_turn < turn);
        assert_true(seen.last_status == STORE_FULL || seen.last_status == STORE_IO);
        writer_error(bench->writer, detail, sizeof detail);
        assert_true(strlen(detail) > 0);
        faulty_vfs_heal();
        seen = wait_for(bench, is_durable, turn);
        assert_true(seen.available);
        assert_int_equal(seen.last_status, STORE_OK);
        writer_error(bench->writer, detail, sizeof detail);
        assert_string_equal(detail, "");
    }
    assert_true(stop_writer(bench, 1000));
    assert_relays_kept(bench, 3);
}

static void test_writer_stop_commits_what_is_queued(void **state)
{
    struct bench *bench = *state;
    faulty_vfs_delay_sync(10000);
    for (int i = 0; i < 10; i++)
        submit(bench, true);
    assert_true(stop_writer(bench, 10000));
    assert_relays_kept(bench, 10);
}

static void test_writer_stop_gives_up_on_a_failing_store(void **state)
{
    struct bench *bench = *state;
    faulty_vfs_fail_after(0, SQLITE_FULL);
    submit(bench, true);
    wait_for(bench, is_available, false);
    assert_false(stop_writer(bench, 50));
    faulty_vfs_heal();
    assert_relays_kept(bench, 0);
}

static void test_writer_stop_waits_for_a_recovery_within_its_time(void **state)
{
    struct bench *bench = *state;
    faulty_vfs_fail_after(0, SQLITE_FULL);
    submit(bench, true);
    wait_for(bench, is_available, false);
    faulty_vfs_heal();
    assert_true(stop_writer(bench, PATIENCE_S * 1000));
    assert_relays_kept(bench, 1);
}

static void test_writer_stop_without_turns_ends_at_once(void **state)
{
    struct bench *bench = *state;
    assert_true(stop_writer(bench, 0));
    assert_relays_kept(bench, 0);
}

static bool see_relay(void *context, const struct relay_record *relay)
{
    (void)context, (void)relay;
    return true;
}

static void test_writer_applies_a_new_retention(void **state)
{
    struct bench *bench = *state;
    struct store_reader *reader = NULL;
    struct effects *turn = make_turn(bench, true);
    turn->first->record.relay.state = RELAY_FAILED;
    turn->first->record.relay.ended_ms = 1;
    turn->first->record.relay.received_ms = 1;
    assert_true(writer_submit(bench->writer, turn));
    wait_for(bench, is_durable, turn->turn);
    writer_set_retention(bench->writer, &(struct store_retention){ .age_ms = 1000 });
    assert_int_equal(store_reader_open(bench->fixture.url, &reader), STORE_OK);
    struct history history = store_reader_history(reader);
    enum history_status status = HISTORY_OK;
    time_t begin = time(NULL);
    while (status == HISTORY_OK && time(NULL) - begin < PATIENCE_S) {
        struct timespec pause = { .tv_nsec = 5000000 };
        status = history.relay(history.context, 1, see_relay, NULL);
        nanosleep(&pause, NULL);
    }
    assert_int_equal(status, HISTORY_NOT_FOUND);
    store_reader_close(reader);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_writer_makes_turns_durable_in_order),
        TEST(test_writer_commits_together_what_gathers_during_a_commit),
        TEST(test_writer_refuses_more_turns_than_the_limit_and_goes_on_after),
        TEST(test_writer_tells_of_a_failing_store_and_of_its_recovery),
        TEST(test_writer_stop_commits_what_is_queued),
        TEST(test_writer_stop_gives_up_on_a_failing_store),
        TEST(test_writer_stop_waits_for_a_recovery_within_its_time),
        TEST(test_writer_stop_without_turns_ends_at_once),
        TEST(test_writer_applies_a_new_retention),
    };
    faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
