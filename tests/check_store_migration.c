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
