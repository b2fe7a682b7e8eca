/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever write or sync fails within a commit: nothing of it is kept, and it succeeds once the disk is well.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "faulty_vfs.h"
#include "store_fixture.h"
#include "trail_fixture.h"

enum { FAILING_CALLS_MAX = 400, RELAYS_OF_A_TURN = 3 };

static struct turn_maker maker;

static int set_up(void **state)
{
    static struct store_fixture fixture;
    maker = turn_maker();
    faulty_vfs_heal();
    faulty_vfs_tear(false);
    fixture_init(&fixture);
    fixture_open(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    faulty_vfs_heal();
    fixture_fini(*state);
    return 0;
}

/* Three open relays, two events each, an application, an audit entry and an idempotency key; large enough for
   several pages. */
static struct effects *make_turn(void)
{
    static char detail[3000];
    memset(detail, 'x', sizeof detail);
    struct effects *turn = turn_new(&maker);
    for (int i = 0; i < RELAYS_OF_A_TURN; i++) {
        struct relay_record *relay = turn_add_relay(turn, &maker);
        relay->detail = (struct text){ detail, sizeof detail };
        turn_add_notice(turn, &maker, NOTICE_RELAY_RECEIVED)->relay_id = relay->relay_id;
        turn_add_notice(turn, &maker, NOTICE_RELAY_INSTRUCTED)->relay_id = relay->relay_id;
    }
    struct record *record = turn_add_record(turn, RECORD_APPLICATION);
    record->revision = (struct revision){ maker.next.next_revision++, 1, ORIGIN_API, 1 };
    record->application = (struct application_config){ TEXT("a"), TEXT("kma-1") };
    turn_add_audit(turn, &maker, TEXT("token:ops"));
    turn_add_record(turn, RECORD_IDEMPOTENCY)->idempotency = (struct idempotency_record){
        .key = TEXT("token:ops k"),
        .digest = TEXT("01234567890123456789012345678901"),
        .created_ms = maker.wall_ms,
        .revision = record->revision.number,
    };
    turn_finish(turn, &maker);
    return turn;
}

static bool count_relay(void *context, const struct relay_record *relay)
{
    (void)relay;
    ++*(uint64_t *)context;
    return true;
}

struct seen {
    uint64_t relays;
    uint64_t newest_event;
    uint64_t key_revision; /* of the newest command under the key; 0: none */
    struct audit_chain chain;
};

static bool see_key(void *context, const struct idempotency_record *record)
{
    *(uint64_t *)context = record->revision;
    return true;
}

static struct seen look(struct history history)
{
    struct seen seen = { 0 };
    uint64_t oldest = 0, below;
    const struct history_filter all = { .before_id = 0 };
    assert_int_equal(history.relays(history.context, &all, count_relay, &seen.relays, &below), HISTORY_OK);
    assert_int_equal(history.event_bounds(history.context, &oldest, &seen.newest_event), HISTORY_OK);
    history.idempotency(history.context, TEXT("token:ops k"), see_key, &seen.key_revision);
    seen.chain = audit_verify(history);
    return seen;
}

static void assert_turns_kept(struct seen seen, uint64_t turns)
{
    assert_int_equal(seen.relays, turns * RELAYS_OF_A_TURN);
    assert_int_equal(seen.newest_event, turns * RELAYS_OF_A_TURN * 2);
    assert_int_equal(seen.key_revision, turns);
    assert_int_equal(seen.chain.count, turns);
    assert_int_equal(seen.chain.last_id, turns);
    assert_int_equal(seen.chain.broken_at, 0);
}

/* Lets the n-th call fail, for every n until a commit needs no more calls. */
static void check_every_call(struct store_fixture *fixture, int code, enum store_status expected)
{
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(fixture->url, &reader), STORE_OK);
    struct history history = store_reader_history(reader);
    uint64_t kept = 0;
    int calls = 0;
    for (bool failed = true; failed; calls++) {
        assert_true(calls < FAILING_CALLS_MAX);
        struct effects *turn = make_turn();
        faulty_vfs_fail_after(calls, code);
        enum store_status status = commit_turn(fixture->store, turn);
        failed = faulty_vfs_has_failed();
        if (failed) {
            /* A sync knows no "full". */
            assert_true(status == expected || status == STORE_IO);
            assert_true(strlen(store_error(fixture->store)) > 0);
            assert_turns_kept(look(history), kept);
            assert_int_not_equal(commit_turn(fixture->store, turn), STORE_OK);
            assert_turns_kept(look(history), kept);
            faulty_vfs_heal();
            status = commit_turn(fixture->store, turn);
        }
        assert_int_equal(status, STORE_OK);
        assert_string_equal(store_error(fixture->store), "");
        assert_turns_kept(look(history), ++kept);
        turn_free(turn);
    }
    faulty_vfs_heal();
    assert_true(calls > 5); /* there was something to fail */
    store_reader_close(reader);
}

static void test_commit_on_a_full_disk_keeps_nothing_and_recovers(void **state)
{
    check_every_call(*state, SQLITE_FULL, STORE_FULL);
}

static void test_commit_with_an_io_error_keeps_nothing_and_recovers(void **state)
{
    check_every_call(*state, SQLITE_IOERR, STORE_IO);
}

static void test_commit_with_a_torn_write_keeps_nothing_and_recovers(void **state)
{
    faulty_vfs_tear(true);
    check_every_call(*state, SQLITE_IOERR, STORE_IO);
}

static void check_chain(struct store_fixture *fixture, uint64_t count)
{
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open(fixture->url, &reader), STORE_OK);
    struct audit_chain chain = audit_verify(store_reader_history(reader));
    assert_int_equal(chain.count, count);
    assert_int_equal(chain.broken_at, 0);
    store_reader_close(reader);
}

/* The bridge ends while the disk still fails; the next start finds the turn whole or not at all. */
static void test_commit_that_failed_before_the_end_is_whole_or_absent_after_it(void **state)
{
    struct store_fixture *fixture = *state;
    bool failed = true;
    faulty_vfs_tear(true);
    for (int calls = 0; failed; calls++) {
        assert_true(calls < FAILING_CALLS_MAX);
        struct restored restored;
        struct high_water before = maker.next;
        struct effects *turn = make_turn();
        faulty_vfs_fail_after(calls, SQLITE_IOERR);
        enum store_status status = commit_turn(fixture->store, turn);
        failed = faulty_vfs_has_failed();
        assert_int_equal(status == STORE_OK, !failed);
        fixture_close(fixture);
        faulty_vfs_heal();
        fixture_open(fixture);
        restored_read(&restored, fixture->store);
        bool is_there = restored_relay(&restored, before.next_relay_id) != NULL;
        for (uint64_t id = before.next_relay_id; id < maker.next.next_relay_id; id++)
            assert_int_equal(restored_relay(&restored, id) != NULL, is_there);
        const struct high_water *expected = is_there ? &maker.next : &before;
        assert_memory_equal(&restored.high_water, expected, sizeof *expected);
        assert_true(is_there || failed);
        check_chain(fixture, restored.high_water.next_audit_id - 1);
        maker.next = restored.high_water;
        restored_fini(&restored);
        turn_free(turn);
    }
}

static void test_maintain_that_fails_harms_nothing(void **state)
{
    struct store_fixture *fixture = *state;
    const struct store_retention retention = { .age_ms = 1 };
    struct restored restored;
    for (int calls = 0; calls < 12; calls++) {
        struct effects *turn = make_turn();
        struct relay_record *ended = turn_add_relay(turn, &maker);
        ended->state = RELAY_FAILED;
        ended->ended_ms = maker.wall_ms;
        turn_finish(turn, &maker);
        assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
        turn_free(turn);
        faulty_vfs_fail_after(calls, SQLITE_IOERR);
        assert_false(store_maintain(fixture->store, &retention, maker.wall_ms + 1000000) &&
                     faulty_vfs_has_failed());
        faulty_vfs_heal();
    }
    fixture_close(fixture);
    fixture_open(fixture);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 12 * RELAYS_OF_A_TURN + 1);
    assert_memory_equal(&restored.high_water, &maker.next, sizeof maker.next);
    restored_fini(&restored);
}

static void test_open_on_a_failing_disk_says_why_and_recovers(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_close(fixture);
    bool failed = true;
    for (int calls = 0; failed; calls++) {
        struct store *store = NULL;
        char detail[256] = "";
        char url[128];
        assert_true(calls < FAILING_CALLS_MAX);
        snprintf(url, sizeof url, "sqlite:%s/new-%d.db", fixture->folder, calls);
        faulty_vfs_fail_after(calls, SQLITE_FULL);
        enum store_status status = store_open(url, &store, detail, sizeof detail);
        failed = status != STORE_OK;
        assert_true(!failed || (store == NULL && strlen(detail) > 0 && faulty_vfs_has_failed()));
        faulty_vfs_heal();
        if (failed)
            assert_int_equal(store_open(url, &store, detail, sizeof detail), STORE_OK);
        store_close(store);
    }
}

/* The kernel's own refusal, without any help of ours. */
static void test_commit_beyond_the_file_size_limit_keeps_nothing_and_recovers(void **state)
{
    struct store_fixture *fixture = *state;
    struct rlimit before;
    struct restored restored;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    /* Below what the schema needs, so that not even a new WAL file would do. */
    struct rlimit tight = { .rlim_cur = 20000, .rlim_max = before.rlim_max };
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct effects *turn = make_turn();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    enum store_status status = commit_turn(fixture->store, turn);
    enum store_status again = commit_turn(fixture->store, turn);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, STORE_IO);
    assert_int_equal(again, STORE_IO);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 0);
    restored_fini(&restored);
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, RELAYS_OF_A_TURN + 1);
    restored_fini(&restored);
    turn_free(turn);
}

static void test_commit_into_a_file_that_was_replaced_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turn = make_turn();
    struct effects *next = make_turn();
    char other[128];
    char detail[256];
    struct store *store = NULL;
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    snprintf(other, sizeof other, "sqlite:%s/other.db", fixture->folder);
    assert_int_equal(store_open(other, &store, detail, sizeof detail), STORE_OK);
    store_close(store);
    assert_int_equal(rename(other + strlen("sqlite:"), fixture->path), 0);
    snprintf(other, sizeof other, "%s-wal", fixture->path);
    assert_int_equal(unlink(other), 0);
    faulty_vfs_fail_after(0, SQLITE_IOERR);
    assert_int_equal(commit_turn(fixture->store, next), STORE_IO);
    faulty_vfs_heal();
    assert_int_not_equal(commit_turn(fixture->store, next), STORE_OK);
    turn_free(turn);
    turn_free(next);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_commit_on_a_full_disk_keeps_nothing_and_recovers),
        TEST(test_commit_with_an_io_error_keeps_nothing_and_recovers),
        TEST(test_commit_with_a_torn_write_keeps_nothing_and_recovers),
        TEST(test_commit_that_failed_before_the_end_is_whole_or_absent_after_it),
        TEST(test_maintain_that_fails_harms_nothing),
        TEST(test_open_on_a_failing_disk_says_why_and_recovers),
        TEST(test_commit_beyond_the_file_size_limit_keeps_nothing_and_recovers),
        TEST(test_commit_into_a_file_that_was_replaced_is_refused),
    };
    faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
