/* SPDX-License-Identifier: Apache-2.0 */
/* Schema versions: steps apply in order, each whole or not at all; what is newer or foreign stays untouched.
 */
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
#include "store/sqlite_schema.h"
#include "store_fixture.h"
#include "trail_fixture.h"

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

static sqlite3 *open_raw(struct store_fixture *fixture)
{
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &connection), SQLITE_OK);
    return connection;
}

static int64_t integer(sqlite3 *connection, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(sqlite_connection_integer(connection, sql, &value), SQLITE_OK);
    return value;
}

static void run_sql(struct store_fixture *fixture, const char *sql)
{
    sqlite3 *connection = open_raw(fixture);
    assert_int_equal(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
}

/* A file as version 1 left it, with one relay. */
static void make_version_1(struct store_fixture *fixture)
{
    const char *const steps[] = { sqlite_schema.steps[0] };
    const struct sqlite_schema first = { steps, 1 };
    char detail[256] = "";
    sqlite3 *connection = open_raw(fixture);
    assert_int_equal(sqlite_schema_migrate(connection, &first, detail, sizeof detail), STORE_OK);
    sqlite3_close(connection);
    run_sql(fixture, "INSERT INTO relay VALUES(7, 2, 0, NULL, 1, 0, 'alice', NULL, NULL, NULL, x'01');"
                     "UPDATE meta SET next_relay_id = 8");
}

/* What the first version of the program left behind, word for word: never to be brought up to date. */
static const char file_of_version_1[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 1), next_relay_id INTEGER NOT NULL,"
    " next_lookup_id INTEGER NOT NULL, next_event_id INTEGER NOT NULL, next_revision INTEGER NOT NULL);"
    "INSERT INTO meta VALUES(1, 2, 1, 2, 5);"
    "CREATE TABLE relay(relay_id INTEGER PRIMARY KEY, state INTEGER NOT NULL, decided_by INTEGER NOT NULL,"
    " reason TEXT, received_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, km_id TEXT, source_kma_id TEXT,"
    " destination_kma_id TEXT, application_destination_id TEXT, body BLOB NOT NULL);"
    "CREATE INDEX relay_unsettled ON relay(state) WHERE (state < 3 OR state > 5);"
    "CREATE TABLE lookup(lookup_id INTEGER PRIMARY KEY, state INTEGER NOT NULL, decided_by INTEGER NOT NULL,"
    " reason TEXT, received_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, km_id TEXT, source_kma_id TEXT,"
    " destination_kma_id TEXT, application_destination_id TEXT, body BLOB NOT NULL);"
    "CREATE INDEX lookup_unsettled ON lookup(state) WHERE state < 2;"
    "CREATE TABLE event_page(first_event_id INTEGER PRIMARY KEY, last_event_id INTEGER NOT NULL,"
    " first_time_ms INTEGER NOT NULL, last_time_ms INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE km(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE application(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE route(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE link(id TEXT PRIMARY KEY, revision INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " body TEXT NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id=1131102834; PRAGMA user_version=1;"
    "INSERT INTO km VALUES('alice', 1, 11, '{\"kma_ids\":[\"kma-1\"],\"identities\":[\"cn:alice\"],"
    "\"enabled\":true,\"dialect\":{\"byte_order\":\"big\"}}');"
    "INSERT INTO application VALUES('app', 2, 12, '{\"kma_id\":\"kma-9\"}');"
    "INSERT INTO link VALUES('l1', 3, 13, '{\"kma_a\":\"kma-1\",\"kma_b\":\"kma-9\",\"cost\":4,"
    "\"key_stock\":-1,\"key_rate\":7,\"up\":true}');"
    "INSERT INTO route VALUES('r1', 4, 14, '{\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\","
    "\"kma-9\"],\"priority\":5,\"valid_until_ms\":0}');"
    "INSERT INTO relay VALUES(1, 2, 1, NULL, 1795500000000, 0, 'alice', 'kma-1', 'kma-9', NULL,"
    " x'0102010895f8a9fa97b7de9b9e01feffffffffffffffff0180868fe1a03480868fe1a0340008726f7574652d310004066b6d"
    "612d31066b6d612d34066b6d612d390280868fe1a034000080868fe1a0340200');"
    "INSERT INTO event_page VALUES(1, 1, 1795500000000, 1795500000000, x'0180868fe1a034050100000000000102010"
    "00880868fe1a03400000006616c696365066b6d612d31066b6d612d390008726f7574652d310004066b6d612d31066b6d612d34"
    "066b6d612d39');";

static void see_version_1(const struct restored *restored)
{
    const struct high_water high_water = { 2, 1, 2, 5, 1 };
    assert_int_equal(restored->count, 5);
    assert_memory_equal(&restored->high_water, &high_water, sizeof high_water);
    for (size_t i = 0; i < restored->count; i++) {
        const struct record *record = restored->records[i];
        if (record->kind != RECORD_RELAY) {
            assert_int_equal(record->revision.origin, ORIGIN_API);
            assert_int_equal(record->revision.first, record->revision.number);
        }
        assert_int_equal(record->revision.changed_ms,
                         record->kind == RECORD_RELAY ? 0 : 10 + record->revision.number);
        if (record->kind == RECORD_KM)
            assert_same_text(record->km.identities[0], TEXT("cn:alice"));
        else if (record->kind == RECORD_APPLICATION)
            assert_same_text(record->application.kma_id, TEXT("kma-9"));
        else if (record->kind == RECORD_LINK)
            assert_int_equal(record->link.cost, 4);
        else if (record->kind == RECORD_ROUTE)
            assert_same_text(record->route.path[1], TEXT("kma-9"));
        else
            assert_int_equal(record->kind, RECORD_RELAY);
    }
    const struct relay_record *relay = restored_relay(restored, 1);
    assert_non_null(relay);
    assert_same_text(relay->route_id, TEXT("route-1"));
    assert_int_equal(relay->timeline_count, 2);
    assert_false(text_is_present(relay->explanation));
}

static bool see_event(void *context, const struct stored_event *event)
{
    *(uint64_t *)context += event->event_id;
    return true;
}

static bool see_audit(void *context, const struct stored_audit *entry)
{
    assert_int_equal(entry->audit_id, 1);
    *(uint64_t *)context += 1;
    return true;
}

static void see_history(struct store_fixture *fixture, uint64_t expected_entries)
{
    struct store_reader *reader = NULL;
    const struct audit_filter all = { 0 };
    uint64_t events = 0;
    uint64_t entries = 0;
    assert_int_equal(store_reader_open(fixture->url, &reader), STORE_OK);
    struct history history = store_reader_history(reader);
    assert_int_equal(history.events(history.context, 0, see_event, &events), HISTORY_OK);
    assert_int_equal(history.audit(history.context, &all, see_audit, &entries), HISTORY_OK);
    assert_int_equal(events, 1);
    assert_int_equal(entries, expected_entries);
    store_reader_close(reader);
}

static void test_open_file_of_version_1_keeps_everything(void **state)
{
    struct store_fixture *fixture = *state;
    struct restored restored;
    run_sql(fixture, file_of_version_1);
    for (uint64_t start = 0; start < 2; start++) {
        fixture_open(fixture);
        restored_read(&restored, fixture->store);
        see_version_1(&restored);
        restored_fini(&restored);
        see_history(fixture, 0);
        fixture_close(fixture);
    }
    struct turn_maker maker = turn_maker();
    maker.next = (struct high_water){ 2, 1, 2, 5, 1 };
    struct effects *turn = turn_new(&maker);
    turn_add_audit(turn, &maker, TEXT("file"));
    turn_finish(turn, &maker);
    fixture_open(fixture);
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    see_history(fixture, 1);
    turn_free(turn);
}

static void test_migrate_empty_file_reaches_the_newest_version(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    sqlite3 *connection = open_raw(fixture);
    assert_int_equal(integer(connection, "PRAGMA user_version"), sqlite_schema.step_count);
    assert_int_equal(integer(connection, "SELECT count(*) FROM meta"), 1);
    sqlite3_close(connection);
}

static void test_migrate_older_file_keeps_its_rows(void **state)
{
    struct store_fixture *fixture = *state;
    const char *const steps[] = { sqlite_schema.steps[0], "ALTER TABLE relay ADD COLUMN note TEXT",
                                  "UPDATE relay SET note = 'migrated'" };
    const struct sqlite_schema newer = { steps, 3 };
    char detail[256] = "";
    make_version_1(fixture);
    sqlite3 *connection = open_raw(fixture);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(sqlite_schema_migrate(connection, &newer, detail, sizeof detail), STORE_OK);
        assert_int_equal(integer(connection, "PRAGMA user_version"), 3);
        assert_int_equal(integer(connection, "SELECT next_relay_id FROM meta"), 8);
        assert_int_equal(integer(connection,
                                 "SELECT count(*) FROM relay WHERE relay_id = 7 AND km_id = 'alice'"
                                 " AND note = 'migrated'"),
                         1);
    }
    sqlite3_close(connection);
}

static void test_migrate_failing_step_leaves_the_version_before_it(void **state)
{
    struct store_fixture *fixture = *state;
    const char *const steps[] = { sqlite_schema.steps[0], "CREATE TABLE whole(a)",
                                  "CREATE TABLE half(a); DROP TABLE relay; SELECT no_such_function()" };
    const struct sqlite_schema broken = { steps, 3 };
    char detail[256] = "";
    make_version_1(fixture);
    sqlite3 *connection = open_raw(fixture);
    assert_int_equal(sqlite_schema_migrate(connection, &broken, detail, sizeof detail), STORE_CORRUPT);
    assert_non_null(strstr(detail, "no_such_function"));
    assert_int_equal(integer(connection, "PRAGMA user_version"), 2);
    assert_int_equal(integer(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'whole'"), 1);
    assert_int_equal(integer(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
    assert_int_equal(integer(connection, "SELECT count(*) FROM relay"), 1);
    sqlite3_close(connection);
}

static void check_refused(struct store_fixture *fixture, enum store_status expected, const char *words)
{
    struct store *store = NULL;
    char detail[256] = "";
    assert_int_equal(store_open(fixture->url, &store, detail, sizeof detail), expected);
    assert_null(store);
    assert_non_null(strstr(detail, words));
}

static void test_open_newer_file_is_refused_and_untouched(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    run_sql(fixture, "PRAGMA user_version=1000; CREATE TABLE future(a)");
    check_refused(fixture, STORE_NEWER, "newer ckbridge");
    sqlite3 *connection = open_raw(fixture);
    assert_int_equal(integer(connection, "PRAGMA user_version"), 1000);
    assert_int_equal(integer(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'future'"), 1);
    sqlite3_close(connection);
}

static void test_open_foreign_file_is_refused_and_untouched(void **state)
{
    struct store_fixture *fixture = *state;
    char before[8192];
    char after[8192];
    run_sql(fixture, "CREATE TABLE song(title TEXT); INSERT INTO song VALUES('a')");
    FILE *file = fopen(fixture->path, "rb");
    assert_non_null(file);
    size_t bytes = fread(before, 1, sizeof before, file);
    fclose(file);
    check_refused(fixture, STORE_CORRUPT, "another program");
    file = fopen(fixture->path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(after, 1, sizeof after, file), bytes);
    fclose(file);
    assert_memory_equal(before, after, bytes); /* not even its journal mode */
}

static void test_open_file_without_its_tables_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    run_sql(fixture, "DROP TABLE relay");
    check_refused(fixture, STORE_CORRUPT, "no such table");
}

static void test_restore_damaged_row_is_reported(void **state)
{
    struct store_fixture *fixture = *state;
    struct high_water high_water;
    make_version_1(fixture); /* whose relay's body is cut short */
    fixture_open(fixture);
    assert_int_equal(store_restore(fixture->store, &high_water, NULL, NULL), STORE_CORRUPT);
    assert_non_null(strstr(store_error(fixture->store), "damaged"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_open_file_of_version_1_keeps_everything),
        TEST(test_migrate_empty_file_reaches_the_newest_version),
        TEST(test_migrate_older_file_keeps_its_rows),
        TEST(test_migrate_failing_step_leaves_the_version_before_it),
        TEST(test_open_newer_file_is_refused_and_untouched),
        TEST(test_open_foreign_file_is_refused_and_untouched),
        TEST(test_open_file_without_its_tables_is_refused),
        TEST(test_restore_damaged_row_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
