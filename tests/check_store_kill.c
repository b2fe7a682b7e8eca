/* SPDX-License-Identifier: Apache-2.0 */
/* A process that commits is killed at a random moment: what it reported durable is there, and nothing by
 * half. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"
#include "trail_fixture.h"

enum { ROUNDS = 8, REPORTS_MAX = 150, RELAYS_OF_A_TURN = 4, TURNS_OF_A_COMMIT = 3 };

static int set_up(void **state)
{
    static struct store_fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_fini(*state);
    return 0;
}

static struct effects *make_turn(struct turn_maker *maker)
{
    struct effects *turn = turn_new(maker);
    for (int i = 0; i < RELAYS_OF_A_TURN; i++) {
        struct relay_record *relay = turn_add_relay(turn, maker);
        turn_add_notice(turn, maker, NOTICE_RELAY_INSTRUCTED)->relay = relay;
        turn_add_audit(turn, maker, TEXT("token:ops"));
    }
    turn_finish(turn, maker);
    return turn;
}

/* Never returns: commits, reports the next relay ID of each commit, goes on from where the store left off. */
static void run_child(const char *url, int report)
{
    struct store *store = NULL;
    char detail[256];
    struct restored *restored = malloc(sizeof *restored);
    struct turn_maker maker = turn_maker();
    const struct store_retention retention = { .age_ms = 0 };
    if (restored == NULL || store_open(url, &store, detail, sizeof detail) != STORE_OK)
        _exit(1);
    restored_read(restored, store);
    maker.next = restored->high_water;
    for (;;) {
        struct effects *turns[TURNS_OF_A_COMMIT];
        for (int i = 0; i < TURNS_OF_A_COMMIT; i++)
            turns[i] = make_turn(&maker);
        if (store_commit(store, (const struct effects *const *)turns, TURNS_OF_A_COMMIT) != STORE_OK)
            _exit(1);
        if (write(report, &maker.next.next_relay_id, sizeof maker.next.next_relay_id) < 0)
            _exit(1);
        store_maintain(store, &retention, maker.wall_ms);
        for (int i = 0; i < TURNS_OF_A_COMMIT; i++)
            turn_free(turns[i]);
    }
}

/* Reads `reports` reports, kills, and returns the newest that had been written by then. */
static uint64_t run_and_kill(const char *url, uint64_t reports)
{
    int pipe_ends[2];
    uint64_t newest = 0;
    uint64_t report = 0;
    int status = 0;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipe_ends[0]);
        run_child(url, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    for (uint64_t i = 0; i < reports && read(pipe_ends[0], &report, sizeof report) == sizeof report; i++)
        newest = report;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(pipe_ends[0], &report, sizeof report) == sizeof report)
        newest = report;
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it had not failed by itself */
    return newest;
}

struct tally {
    uint64_t count;
    uint64_t newest;
    uint64_t oldest;
};

static bool tally_relay(void *context, const struct relay_record *relay)
{
    struct tally *tally = context;
    tally->newest = tally->count++ == 0 ? relay->relay_id : tally->newest;
    tally->oldest = relay->relay_id;
    return true;
}

static bool tally_event(void *context, const struct stored_event *event)
{
    struct tally *tally = context;
    assert_int_equal(event->event_id, tally->newest + 1);
    tally->newest = event->event_id;
    tally->count++;
    return true;
}

/* Everything up to the high water without a hole, and nothing beyond: whole commits. */
static uint64_t check_whole(struct store_fixture *fixture)
{
    struct store_reader *reader = NULL;
    struct high_water high_water = { 0 };
    struct history_filter all = { .before_id = 0 };
    struct tally relays = { 0 };
    struct tally events = { 0 };
    struct restored *restored = malloc(sizeof *restored);
    assert_non_null(restored);
    fixture_open(fixture);
    restored_read(restored, fixture->store);
    high_water = restored->high_water;
    assert_int_equal(restored->count, high_water.next_relay_id - 1);
    restored_fini(restored);
    free(restored);
    assert_int_equal(store_reader_open(fixture->url, &reader), STORE_OK);
    struct history history = store_reader_history(reader);
    do
        assert_int_equal(history.relays(history.context, &all, tally_relay, &relays, &all.before_id),
                         HISTORY_OK);
    while (all.before_id != 0);
    assert_int_equal(history.events(history.context, 0, tally_event, &events), HISTORY_OK);
    assert_int_equal(relays.count, high_water.next_relay_id - 1);
    assert_int_equal(relays.newest, high_water.next_relay_id - 1);
    assert_int_equal(relays.count % (RELAYS_OF_A_TURN * TURNS_OF_A_COMMIT), 0);
    assert_int_equal(events.count, high_water.next_event_id - 1);
    assert_int_equal(events.count, relays.count);
    struct audit_chain chain = audit_verify(history);
    assert_int_equal(chain.count, relays.count);
    assert_int_equal(chain.last_id, high_water.next_audit_id - 1);
    assert_int_equal(chain.broken_at, 0);
    store_reader_close(reader);
    fixture_close(fixture);
    return high_water.next_relay_id;
}

static void test_killed_process_leaves_all_that_it_reported(void **state)
{
    struct store_fixture *fixture = *state;
    struct seeded seeded = fixture_seed();
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t reported = run_and_kill(fixture->url, 1 + seeded_below(&seeded, REPORTS_MAX / ROUNDS));
        assert_true(reported > 0);
        assert_true(check_whole(fixture) >= reported);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_process_leaves_all_that_it_reported, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
