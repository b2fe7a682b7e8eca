/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, the audit trail and its chain, idempotency keys and dead letters: kept, read, bounded. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite_connection.h"
#include "store_fixture.h"
#include "trail_fixture.h"

enum { STEPS_MAX = 1000, DAY_MS = 24 * 60 * 60 * 1000 };
static const char digest[] = "0123456789abcdef0123456789abcde\xff";

static struct turn_maker maker;
static struct store_reader *reader;
static struct history history;

static int set_up(void **state)
{
    static struct store_fixture fixture;
    maker = turn_maker();
    fixture_init(&fixture);
    fixture_open(&fixture);
    assert_int_equal(store_reader_open(fixture.url, &reader), STORE_OK);
    history = store_reader_history(reader);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    store_reader_close(reader);
    fixture_fini(*state);
    return 0;
}

static void commit(struct store_fixture *fixture, struct effects *turn)
{
    turn_finish(turn, &maker);
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    turn_free(turn);
}

static int maintain(struct store_fixture *fixture, struct store_retention retention, uint64_t wall_ms)
{
    int steps = 1;
    while (store_maintain(fixture->store, &retention, wall_ms))
        assert_true(++steps < STEPS_MAX);
    assert_string_equal(store_error(fixture->store), "");
    return steps;
}

/* What an intruder with the file in his hands would do. */
static void run_sql(struct store_fixture *fixture, const char *sql)
{
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
}

/* ---- documents ---- */

static void put_document(struct store_fixture *fixture, enum document_kind kind, struct text id,
                         struct text body)
{
    struct effects *turn = turn_new(&maker);
    struct record *record = turn_add_record(turn, RECORD_DOCUMENT);
    record->revision = (struct revision){ maker.next.next_revision++, maker.wall_ms, ORIGIN_API, 1 };
    record->document = (struct document_config){ kind, id, body };
    commit(fixture, turn);
}

static void test_restore_gives_documents_back(void **state)
{
    struct store_fixture *fixture = *state;
    struct restored restored;
    for (int kind = 0; kind < DOCUMENT_KINDS_END; kind++) {
        char id[64];
        snprintf(id, sizeof id, "%s/one", document_kind_name((enum document_kind)kind));
        put_document(fixture, (enum document_kind)kind, text_from_c(id), TEXT("{\"form\":1}"));
    }
    put_document(fixture, DOCUMENT_WEBHOOK, TEXT("webhook/one"), TEXT("{\"url\":\"caf\xc3\xa9\"}"));
    struct effects *turn = turn_new(&maker);
    turn_add_record(turn, RECORD_DOCUMENT_DELETED)->deleted_id = TEXT("token/one");
    commit(fixture, turn);
    fixture_close(fixture);
    fixture_open(fixture);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, DOCUMENT_KINDS_END - 1);
    size_t webhooks = 0;
    for (size_t i = 0; i < restored.count; i++) {
        const struct record *record = restored.records[i];
        assert_int_equal(record->kind, RECORD_DOCUMENT);
        assert_int_not_equal(record->document.kind, DOCUMENT_TOKEN);
        if (record->document.kind != DOCUMENT_WEBHOOK)
            continue;
        webhooks++;
        assert_same_text(record->document.document_id, TEXT("webhook/one"));
        assert_same_text(record->document.body, TEXT("{\"url\":\"caf\xc3\xa9\"}"));
        assert_int_equal(record->revision.number, DOCUMENT_KINDS_END + 1);
        assert_int_equal(record->revision.changed_ms, maker.wall_ms);
        assert_int_equal(record->revision.origin, ORIGIN_API);
    }
    assert_int_equal(webhooks, 1);
    restored_fini(&restored);
}

static void test_restore_document_of_unknown_kind_is_reported(void **state)
{
    struct store_fixture *fixture = *state;
    struct high_water high_water;
    put_document(fixture, DOCUMENT_TOKEN, TEXT("token/a"), TEXT("{}"));
    run_sql(fixture, "UPDATE document SET kind = 99");
    assert_int_equal(store_restore(fixture->store, &high_water, NULL, NULL), STORE_CORRUPT);
    assert_non_null(strstr(store_error(fixture->store), "document"));
}

/* ---- audit ---- */

/* One commit of `turns` turns, each with two entries a millisecond apart; actors take turns. */
static void commit_audit(struct store_fixture *fixture, size_t turns)
{
    struct effects *batch[16];
    assert_true(turns <= 16);
    for (size_t i = 0; i < turns; i++) {
        batch[i] = turn_new(&maker);
        for (int entry = 0; entry < 2; entry++) {
            maker.wall_ms++;
            turn_add_audit(batch[i], &maker, entry == 0 ? TEXT("token:ops") : TEXT("token:\"caf\xc3\xa9\""));
        }
        turn_finish(batch[i], &maker);
    }
    assert_int_equal(store_commit(fixture->store, (const struct effects *const *)batch, turns), STORE_OK);
    for (size_t i = 0; i < turns; i++)
        turn_free(batch[i]);
}

static void assert_chain(uint64_t first_id, uint64_t last_id)
{
    struct audit_chain chain = audit_verify(history);
    assert_int_equal(chain.broken_at, 0);
    assert_int_equal(chain.first_id, first_id);
    assert_int_equal(chain.last_id, last_id);
    assert_int_equal(chain.count, last_id - first_id + 1);
}

struct seen {
    uint64_t ids[64];
    size_t count;
    size_t stop_after;
    char json[1024];
};

static bool see_audit(void *context, const struct stored_audit *entry)
{
    struct seen *seen = context;
    seen->ids[seen->count++] = entry->audit_id;
    text_to_c(entry->json, seen->json, sizeof seen->json);
    return seen->count != seen->stop_after;
}

static struct seen list(struct audit_filter filter)
{
    struct seen seen = { .count = 0 };
    assert_int_equal(history.audit(history.context, &filter, see_audit, &seen), HISTORY_OK);
    return seen;
}

static void assert_ids(const struct seen *seen, const uint64_t *ids, size_t count)
{
    assert_int_equal(seen->count, count);
    assert_memory_equal(seen->ids, ids, count * sizeof *ids);
}
#define ASSERT_IDS(filter, ...)                                                                              \
    do {                                                                                                     \
        const uint64_t expected[] = { __VA_ARGS__ };                                                         \
        struct seen seen = list(filter);                                                                     \
        assert_ids(&seen, expected, sizeof expected / sizeof *expected);                                     \
    } while (0)

static void test_audit_chain_runs_through_batches_and_restarts(void **state)
{
    struct store_fixture *fixture = *state;
    commit_audit(fixture, 1);
    commit_audit(fixture, 5);
    fixture_close(fixture);
    fixture_open(fixture);
    commit_audit(fixture, 2);
    assert_chain(1, 16);
}

static void test_audit_entry_is_in_its_canonical_form(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turn = turn_new(&maker);
    struct audit_record *audit = turn_add_audit(turn, &maker, TEXT("token:\"\\\x01\x7f\n\xc3\xa9\""));
    audit->detail = TEXT("");
    audit->reason = REASON_STORE_UNAVAILABLE;
    audit->first_event_id = 3;
    audit->last_event_id = 4;
    commit(fixture, turn);
    struct seen seen = list((struct audit_filter){ 0 });
    assert_string_equal(
        seen.json,
        "{\"action\":\"PUT\",\"actor\":\"token:\\\"\\\\\\u0001\x7f\\n\xc3\xa9\\\"\",\"audit_id\":\"1\","
        "\"detail\":\"\",\"first_event_id\":\"3\",\"last_event_id\":\"4\",\"outcome\":\"created\","
        "\"previous_hash\":\"" AUDIT_HASH_OF_NONE
        "\",\"reason\":\"store_unavailable\",\"request_id\":null,\"revision\":\"7\","
        "\"source\":\"192.0.2.1:50112\",\"target\":\"/api/v1/routes/r1\","
        "\"time\":\"2026-11-24T06:00:00.000Z\"}");
    assert_chain(1, 1);
}

/* A driver that could not learn whether a commit was kept repeats it, with more behind it. */
static void test_audit_chain_survives_a_repeated_commit(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turns[2];
    commit_audit(fixture, 1);
    for (int i = 0; i < 2; i++) {
        turns[i] = turn_new(&maker);
        turn_add_audit(turns[i], &maker, TEXT("token:ops"));
        turn_add_audit(turns[i], &maker, TEXT("token:ops"));
        turn_finish(turns[i], &maker);
    }
    assert_int_equal(commit_turn(fixture->store, turns[0]), STORE_OK);
    struct audit_chain before = audit_verify(history);
    assert_int_equal(store_commit(fixture->store, (const struct effects *const *)turns, 1), STORE_OK);
    assert_string_equal(audit_verify(history).head, before.head);
    assert_int_equal(store_commit(fixture->store, (const struct effects *const *)turns, 2), STORE_OK);
    assert_chain(1, 6);
    commit_audit(fixture, 1);
    assert_chain(1, 8);
    turn_free(turns[0]);
    turn_free(turns[1]);
}

static void test_audit_is_listed_by_actor_time_and_cursor(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t base_ms = maker.wall_ms; /* entry n is of base + n */
    commit_audit(fixture, 3);
    ASSERT_IDS(((struct audit_filter){ 0 }), 6, 5, 4, 3, 2, 1);
    ASSERT_IDS(((struct audit_filter){ .before_id = 3 }), 2, 1);
    ASSERT_IDS(((struct audit_filter){ .oldest_first = true }), 1, 2, 3, 4, 5, 6);
    ASSERT_IDS(((struct audit_filter){ .oldest_first = true, .after_id = 4 }), 5, 6);
    ASSERT_IDS(((struct audit_filter){ .actor = TEXT("token:ops") }), 5, 3, 1);
    ASSERT_IDS(((struct audit_filter){ .actor = TEXT("token:ops"), .before_id = 5 }), 3, 1);
    ASSERT_IDS(((struct audit_filter){ .after_ms = base_ms + 5 }), 6, 5);
    ASSERT_IDS(((struct audit_filter){ .before_ms = base_ms + 3 }), 2, 1);
    ASSERT_IDS(((struct audit_filter){ .after_ms = base_ms + 2,
                                       .before_ms = base_ms + 6,
                                       .actor = TEXT("token:ops"),
                                       .oldest_first = true,
                                       .after_id = 2 }),
               3, 5);
    assert_int_equal(list((struct audit_filter){ .actor = TEXT("token:none") }).count, 0);
    assert_int_equal(list((struct audit_filter){ .after_ms = base_ms + 7 }).count, 0);
}

static void test_audit_is_listed_though_the_clock_jumped(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t base_ms = maker.wall_ms;
    commit_audit(fixture, 1); /* base + 1 and 2 */
    maker.wall_ms = base_ms - 1000;
    commit_audit(fixture, 1); /* base - 999 and 998 */
    maker.wall_ms = base_ms + 10;
    commit_audit(fixture, 1);
    ASSERT_IDS(((struct audit_filter){ .after_ms = base_ms }), 6, 5, 2, 1);
    ASSERT_IDS(((struct audit_filter){ .before_ms = base_ms }), 4, 3);
    assert_chain(1, 6);
}

static void test_audit_visitor_stops_the_visit(void **state)
{
    struct seen seen = { .stop_after = 2 };
    const struct audit_filter all = { 0 };
    commit_audit(*state, 2);
    assert_int_equal(history.audit(history.context, &all, see_audit, &seen), HISTORY_OK);
    assert_int_equal(seen.count, 2);
}

static void test_audit_that_was_tampered_with_is_found_out(void **state)
{
    struct store_fixture *fixture = *state;
    static const struct {
        const char *sql;
        const char *undo;
        uint64_t broken_at;
    } cases[] = {
        { "UPDATE audit SET body = replace(body, 'created', 'deleted') WHERE audit_id = 3",
          "UPDATE audit SET body = replace(body, 'deleted', 'created') WHERE audit_id = 3", 3 },
        { "UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE audit_id = 2", NULL, 2 },
    };
    commit_audit(fixture, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_sql(fixture, cases[i].sql);
        assert_int_equal(audit_verify(history).broken_at, cases[i].broken_at);
        if (cases[i].undo == NULL)
            break;
        run_sql(fixture, cases[i].undo);
        assert_chain(1, 6);
    }
}

static void test_audit_entry_that_was_taken_out_is_missed(void **state)
{
    struct store_fixture *fixture = *state;
    commit_audit(fixture, 3);
    run_sql(fixture, "DELETE FROM audit WHERE audit_id = 3");
    assert_int_equal(audit_verify(history).broken_at, 4);
    /* Nor do later numbers hide it. */
    run_sql(fixture, "UPDATE audit SET audit_id = audit_id - 1 WHERE audit_id > 3");
    assert_int_equal(audit_verify(history).broken_at, 3);
}

/* The end can be cut off unseen only until the next entry, which names the hash of what is gone. */
static void test_audit_end_that_was_cut_off_shows_at_the_next_entry(void **state)
{
    struct store_fixture *fixture = *state;
    commit_audit(fixture, 3);
    run_sql(fixture, "DELETE FROM audit WHERE audit_id = 6");
    commit_audit(fixture, 1);
    assert_int_equal(audit_verify(history).broken_at, 7);
}

static void test_audit_goes_from_its_oldest_end_by_age(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t base_ms = maker.wall_ms;
    for (int i = 0; i < 100; i++)
        commit_audit(fixture, 16);
    /* The horizon is base + 3000. */
    int steps = maintain(fixture, (struct store_retention){ .audit_age_ms = 200 }, base_ms + 3200);
    assert_true(steps > 1); /* bounded steps */
    assert_chain(3000, 3200);
    commit_audit(fixture, 1);
    assert_chain(3000, 3202);
}

static void test_audit_younger_entry_shields_what_is_behind_it(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t base_ms = maker.wall_ms;
    maker.wall_ms += 1000000;
    commit_audit(fixture, 1);
    maker.wall_ms = base_ms;
    commit_audit(fixture, 1); /* the clock was set back: they are no hole */
    maintain(fixture, (struct store_retention){ .audit_age_ms = 10 }, base_ms + 1000);
    assert_chain(1, 4);
}

static void test_audit_goes_by_number_and_keeps_the_newest(void **state)
{
    struct store_fixture *fixture = *state;
    commit_audit(fixture, 10);
    maintain(fixture, (struct store_retention){ .audit_max = 6 }, maker.wall_ms);
    assert_chain(15, 20);
    maintain(fixture, (struct store_retention){ .audit_age_ms = 1 }, maker.wall_ms * 2);
    assert_chain(20, 20);
    commit_audit(fixture, 1);
    assert_chain(20, 22);
    maintain(fixture, (struct store_retention){ 0 }, maker.wall_ms * 2);
    assert_chain(20, 22);
}

/* ---- idempotency ---- */

struct kept {
    struct idempotency_record record;
    char digest[64];
    char answer[64];
    size_t count;
};

static bool see_key(void *context, const struct idempotency_record *record)
{
    struct kept *kept = context;
    kept->record = *record;
    kept->count++;
    memcpy(kept->digest, record->digest.bytes, record->digest.length);
    if (text_is_present(record->answer))
        assert_true(text_to_c(record->answer, kept->answer, sizeof kept->answer));
    return true;
}

static struct kept get_key(struct text key)
{
    struct kept kept = { .count = 0 };
    enum history_status status = history.idempotency(history.context, key, see_key, &kept);
    assert_int_equal(status, kept.count == 1 ? HISTORY_OK : HISTORY_NOT_FOUND);
    return kept;
}

static void add_key(struct effects *turn, struct text key, uint64_t request_id)
{
    turn_add_record(turn, RECORD_IDEMPOTENCY)->idempotency = (struct idempotency_record){
        .key = key,
        .digest = { digest, DIGEST_BYTES },
        .created_ms = maker.wall_ms,
        .created = true,
        .request_id = request_id,
        .revision = 5,
    };
}

static void commit_key(struct store_fixture *fixture, struct text key, uint64_t request_id)
{
    struct effects *turn = turn_new(&maker);
    add_key(turn, key, request_id);
    commit(fixture, turn);
}

static void add_answer(struct effects *turn, struct text key, struct text answer)
{
    turn_add_record(turn, RECORD_ANSWER)->idempotency =
        (struct idempotency_record){ .key = key, .answer = answer };
}

static void test_idempotency_key_is_kept_and_then_its_answer(void **state)
{
    struct store_fixture *fixture = *state;
    assert_int_equal(get_key(TEXT("token:ops k")).count, 0);
    commit_key(fixture, TEXT("token:ops k"), 42);
    struct kept kept = get_key(TEXT("token:ops k"));
    assert_false(text_is_present(kept.record.answer));
    assert_int_equal(kept.record.digest.length, DIGEST_BYTES);
    assert_memory_equal(kept.digest, digest, DIGEST_BYTES);
    assert_true(kept.record.created);
    assert_int_equal(kept.record.created_ms, maker.wall_ms);
    assert_int_equal(kept.record.request_id, 42);
    assert_int_equal(kept.record.revision, 5);
    struct effects *turn = turn_new(&maker);
    add_answer(turn, TEXT("token:ops k"), TEXT("201\n{\"caf\xc3\xa9\":1}"));
    add_answer(turn, TEXT("token:other k"), TEXT("")); /* of a key that is gone by now */
    commit(fixture, turn);
    assert_string_equal(get_key(TEXT("token:ops k")).answer, "201\n{\"caf\xc3\xa9\":1}");
    assert_int_equal(get_key(TEXT("token:other k")).count, 0);
    assert_int_equal(get_key(TEXT("token:ops")).count, 0);
}

static void test_idempotency_repeated_commit_changes_nothing(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turns[2] = { turn_new(&maker), turn_new(&maker) };
    add_key(turns[0], TEXT("k"), 1);
    add_answer(turns[1], TEXT("k"), TEXT("answer"));
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_commit(fixture->store, (const struct effects *const *)turns, 2), STORE_OK);
    assert_string_equal(get_key(TEXT("k")).answer, "answer");
    turn_free(turns[0]);
    turn_free(turns[1]);
}

static void test_idempotency_key_used_again_loses_the_old_answer(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turn = turn_new(&maker);
    add_key(turn, TEXT("k"), 1);
    add_answer(turn, TEXT("k"), TEXT("old"));
    commit(fixture, turn);
    maker.wall_ms += 2ull * DAY_MS;
    commit_key(fixture, TEXT("other"), 2);
    commit_key(fixture, TEXT("k"), 3);
    assert_int_equal(get_key(TEXT("k")).record.request_id, 3);
    assert_false(text_is_present(get_key(TEXT("k")).record.answer));
}

static void test_idempotency_keys_go_after_their_time(void **state)
{
    struct store_fixture *fixture = *state;
    uint64_t base_ms = maker.wall_ms;
    const struct store_retention none = { 0 };
    commit_key(fixture, TEXT("first"), 1);
    maker.wall_ms++;
    commit_key(fixture, TEXT("second"), 2);
    maintain(fixture, none, base_ms + DAY_MS);
    assert_int_equal(get_key(TEXT("first")).count, 1);
    maintain(fixture, none, base_ms + DAY_MS + 1);
    assert_int_equal(get_key(TEXT("first")).count, 0);
    assert_int_equal(get_key(TEXT("second")).count, 1);
    maintain(fixture, none, base_ms + DAY_MS + 2);
    assert_int_equal(get_key(TEXT("second")).count, 0);
}

static void test_idempotency_keys_beyond_their_number_go_oldest_first(void **state)
{
    struct store_fixture *fixture = *state;
    char sql[512];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO"
             " idempotency(key, digest, created_ms, created, request_id, revision) SELECT 'k' || i, x'00',"
             " %llu, 0, i, 0 FROM n",
             LIMIT_IDEMPOTENCY_KEYS + 2000, (unsigned long long)maker.wall_ms);
    run_sql(fixture, sql);
    int steps = maintain(fixture, (struct store_retention){ 0 }, maker.wall_ms);
    assert_true(steps > 1);
    assert_int_equal(get_key(TEXT("k2000")).count, 0);
    assert_int_equal(get_key(TEXT("k2001")).count, 1);
    commit_key(fixture, TEXT("one more"), 1);
    maintain(fixture, (struct store_retention){ 0 }, maker.wall_ms);
    assert_int_equal(get_key(TEXT("k2001")).count, 0);
    assert_int_equal(get_key(TEXT("one more")).count, 1);
}

/* ---- dead letters ---- */

static bool see_letter(void *context, const struct dead_letter *letter)
{
    struct seen *seen = context;
    seen->ids[seen->count++] = letter->event_id;
    assert_int_equal(letter->time_ms, maker.wall_ms);
    assert_int_equal(letter->attempts, 4);
    assert_int_equal(letter->status, 503);
    assert_same_text(letter->detail, letter->event_id % 2 == 0 ? TEXT("no thanks") : TEXT_ABSENT);
    return seen->count != seen->stop_after;
}

static void assert_letters(struct text webhook_id, uint64_t after_id, const uint64_t *ids, size_t count)
{
    struct seen seen = { .stop_after = sizeof seen.ids / sizeof *seen.ids };
    assert_int_equal(history.dead_letters(history.context, webhook_id, after_id, see_letter, &seen),
                     HISTORY_OK);
    assert_ids(&seen, ids, count);
}
#define ASSERT_LETTERS(webhook, after_id, ...)                                                               \
    do {                                                                                                     \
        const uint64_t expected[] = { __VA_ARGS__ };                                                         \
        assert_letters(TEXT(webhook), after_id, expected, sizeof expected / sizeof *expected);               \
    } while (0)

static void add_letter(struct effects *turn, struct text webhook_id, uint64_t event_id)
{
    turn_add_record(turn, RECORD_DEAD_LETTER)->dead_letter = (struct dead_letter){
        .webhook_id = webhook_id,
        .event_id = event_id,
        .time_ms = maker.wall_ms,
        .attempts = 4,
        .status = 503,
        .detail = event_id % 2 == 0 ? TEXT("no thanks") : TEXT_ABSENT,
    };
}

static void delete_letters(struct store_fixture *fixture, struct text webhook_id, uint64_t event_id)
{
    struct effects *turn = turn_new(&maker);
    turn_add_record(turn, RECORD_DEAD_LETTERS_DELETED)->dead_letter =
        (struct dead_letter){ .webhook_id = webhook_id, .event_id = event_id };
    commit(fixture, turn);
}

static void test_dead_letters_are_kept_and_deleted_by_webhook(void **state)
{
    struct store_fixture *fixture = *state;
    struct effects *turn = turn_new(&maker);
    add_letter(turn, TEXT("a"), 30);
    add_letter(turn, TEXT("a"), 10);
    add_letter(turn, TEXT("b"), 10);
    add_letter(turn, TEXT("a"), 21);
    add_letter(turn, TEXT("a"), 10); /* given up a second time */
    commit(fixture, turn);
    ASSERT_LETTERS("a", 0, 10, 21, 30);
    ASSERT_LETTERS("a", 10, 21, 30);
    ASSERT_LETTERS("b", 0, 10);
    assert_letters(TEXT("c"), 0, NULL, 0);
    delete_letters(fixture, TEXT("a"), 21);
    ASSERT_LETTERS("a", 0, 10, 30);
    delete_letters(fixture, TEXT("a"), 0);
    assert_letters(TEXT("a"), 0, NULL, 0);
    ASSERT_LETTERS("b", 0, 10);
}

static void test_dead_letters_beyond_a_webhooks_share_go_oldest_first(void **state)
{
    struct store_fixture *fixture = *state;
    enum { SURPLUS = 1500 };
    struct effects *turn = turn_new(&maker);
    add_letter(turn, TEXT("few"), 1);
    for (uint64_t id = 1; id <= LIMIT_DEAD_LETTERS_PER_WEBHOOK + SURPLUS; id++)
        add_letter(turn, TEXT("many"), id);
    commit(fixture, turn);
    int steps = maintain(fixture, (struct store_retention){ 0 }, maker.wall_ms);
    assert_true(steps > 1);
    struct seen seen = { .stop_after = 1 };
    assert_int_equal(history.dead_letters(history.context, TEXT("many"), 0, see_letter, &seen), HISTORY_OK);
    assert_int_equal(seen.ids[0], SURPLUS + 1);
    ASSERT_LETTERS("many", SURPLUS + LIMIT_DEAD_LETTERS_PER_WEBHOOK - 1,
                   SURPLUS + LIMIT_DEAD_LETTERS_PER_WEBHOOK);
    ASSERT_LETTERS("few", 0, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_restore_gives_documents_back),
        TEST(test_restore_document_of_unknown_kind_is_reported),
        TEST(test_audit_chain_runs_through_batches_and_restarts),
        TEST(test_audit_entry_is_in_its_canonical_form),
        TEST(test_audit_chain_survives_a_repeated_commit),
        TEST(test_audit_is_listed_by_actor_time_and_cursor),
        TEST(test_audit_is_listed_though_the_clock_jumped),
        TEST(test_audit_visitor_stops_the_visit),
        TEST(test_audit_that_was_tampered_with_is_found_out),
        TEST(test_audit_entry_that_was_taken_out_is_missed),
        TEST(test_audit_end_that_was_cut_off_shows_at_the_next_entry),
        TEST(test_audit_goes_from_its_oldest_end_by_age),
        TEST(test_audit_younger_entry_shields_what_is_behind_it),
        TEST(test_audit_goes_by_number_and_keeps_the_newest),
        TEST(test_idempotency_key_is_kept_and_then_its_answer),
        TEST(test_idempotency_repeated_commit_changes_nothing),
        TEST(test_idempotency_key_used_again_loses_the_old_answer),
        TEST(test_idempotency_keys_go_after_their_time),
        TEST(test_idempotency_keys_beyond_their_number_go_oldest_first),
        TEST(test_dead_letters_are_kept_and_deleted_by_webhook),
        TEST(test_dead_letters_beyond_a_webhooks_share_go_oldest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
