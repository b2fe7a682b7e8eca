/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's identity and boots: kept before they are used, never used twice, refused by name when damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "seeded.h"
#include "snmp/engine.h"

enum { PATH_MAX_BYTES = 256, LINE_MAX_BYTES = 512, MUTATIONS = 300 };

struct place {
    char folder[64];
    char file[PATH_MAX_BYTES];
    char fresh[PATH_MAX_BYTES];
    char lock[PATH_MAX_BYTES];
    char machine[PATH_MAX_BYTES];
};

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    static struct place place;
    snprintf(place.folder, sizeof place.folder, "/tmp/ckbridge-engine-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.file, sizeof place.file, "%s/snmp-engine", place.folder);
    snprintf(place.fresh, sizeof place.fresh, "%s/snmp-engine.new", place.folder);
    snprintf(place.lock, sizeof place.lock, "%s/snmp-engine.lock", place.folder);
    snprintf(place.machine, sizeof place.machine, "%s/machine-id", place.folder);
    write_file(place.machine, "one machine\n", 12);
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    const struct place *place = *state;
    (void)remove(place->file);
    (void)remove(place->fresh);
    (void)remove(place->lock);
    (void)remove(place->machine);
    return rmdir(place->folder);
}

static size_t read_file(const struct place *place, char line[LINE_MAX_BYTES])
{
    FILE *file = fopen(place->file, "r");
    assert_non_null(file);
    const size_t length = fread(line, 1, LINE_MAX_BYTES - 1, file);
    fclose(file);
    line[length] = '\0';
    return length;
}

static struct engine_owner owner_of(const struct place *place)
{
    return (
        struct engine_owner){ .folder = place->folder, .instance = "bridge-1", .machine_id = place->machine };
}

static struct engine begin_for(const struct engine_owner *owner)
{
    struct engine engine;
    char detail[512] = "";
    if (!engine_begin(owner, &engine, detail, sizeof detail))
        fail_msg("%s", detail);
    return engine;
}

/* One start and its end. */
static struct engine start_for(const struct engine_owner *owner)
{
    struct engine engine = begin_for(owner);
    engine_end(&engine);
    return engine;
}

static struct engine start(const struct place *place)
{
    const struct engine_owner owner = owner_of(place);
    return start_for(&owner);
}

/* Refused, with words that name this path and say that. */
static void assert_refused_for(const struct engine_owner *owner, const char *path, const char *words)
{
    struct engine engine = { .boots = 77 };
    char detail[8192 + 256] = "";
    assert_false(engine_begin(owner, &engine, detail, sizeof detail));
    if (strstr(detail, path) == NULL || strstr(detail, words) == NULL)
        fail_msg("\"%s\" does not name %s, or not \"%s\"", detail, path, words);
    assert_int_equal(engine.boots, 77);
}

static void assert_refused(const struct place *place, const char *words)
{
    const struct engine_owner owner = owner_of(place);
    assert_refused_for(&owner, place->file, words);
}

static void test_boots_grow_and_the_identity_stays(void **state)
{
    const struct engine first = start(*state);
    assert_int_equal(first.boots, 1);
    assert_int_equal(first.id[0] & 0x80, 0x80); /* RFC 3411, SnmpEngineID */
    for (uint32_t boots = 2; boots < 6; boots++) {
        const struct engine next = start(*state);
        assert_int_equal(next.boots, boots);
        assert_memory_equal(next.id, first.id, sizeof first.id);
    }
}

static void test_two_engines_differ(void **state)
{
    const struct place *place = *state;
    const struct engine one = start(place);
    assert_int_equal(remove(place->file), 0);
    const struct engine other = start(place);
    assert_memory_not_equal(one.id, other.id, sizeof one.id);
    assert_int_equal(other.boots, 1);
}

static void test_file_is_its_owners_alone(void **state)
{
    const struct place *place = *state;
    struct stat status;
    start(place);
    assert_int_equal(stat(place->file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* A write that was cut off anywhere. */
static void test_every_torn_file_is_refused_and_left(void **state)
{
    const struct place *place = *state;
    char line[LINE_MAX_BYTES], after[LINE_MAX_BYTES];
    start(place);
    const size_t whole = read_file(place, line);
    for (size_t length = 0; length < whole; length++) {
        write_file(place->file, line, length);
        assert_refused(place, "damaged");
        assert_int_equal(read_file(place, after), length);
        assert_memory_equal(after, line, length);
    }
    write_file(place->file, line, whole);
    assert_int_equal(start(place).boots, 2);
}

/* Whatever the file holds: refused, or boots that a start can have. */
static void test_mutated_files_never_give_an_impossible_boot(void **state)
{
    const struct place *place = *state;
    char line[LINE_MAX_BYTES], mutated[LINE_MAX_BYTES];
    const struct engine_owner owner = owner_of(place);
    struct engine engine;
    char detail[512];
    size_t refused = 0;
    start(place);
    const size_t whole = read_file(place, line);
    for (uint64_t seed = 1; seed <= MUTATIONS; seed++) {
        struct seeded seeded = { seed };
        memcpy(mutated, line, whole);
        for (size_t changes = 1 + seeded_below(&seeded, 3); changes > 0; changes--)
            mutated[seeded_below(&seeded, whole)] = (char)seeded_below(&seeded, 256);
        write_file(place->file, mutated, whole);
        if (!engine_begin(&owner, &engine, detail, sizeof detail)) {
            refused++;
            continue;
        }
        engine_end(&engine);
        if (engine.boots < 1 || engine.boots > ENGINE_BOOTS_MAX || (engine.boots == 1) != engine.renewed)
            fail_msg("seed %llu: boots %u", (unsigned long long)seed, engine.boots);
    }
    assert_in_range(refused, 100, MUTATIONS - 1);
}

static void write_boots(const struct place *place, const char *boots)
{
    char line[LINE_MAX_BYTES];
    const int length = snprintf(line, sizeof line, "80001f8880000102030405060708090a0b %s\n", boots);
    write_file(place->file, line, (size_t)length);
}

/* RFC 3414, 2.2.2: the number of boots stays at its maximum. */
static void test_boots_at_the_maximum_stay_there(void **state)
{
    const struct place *place = *state;
    write_boots(place, "2147483646");
    assert_int_equal(start(place).boots, ENGINE_BOOTS_MAX);
    assert_int_equal(start(place).boots, ENGINE_BOOTS_MAX);
}

static void test_impossible_boots_are_refused(void **state)
{
    static const char *const impossible[] = {
        "0", "-1", "2147483648", "99999999999999999999", "", "x", "1x"
    };
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        write_boots(*state, impossible[i]);
        assert_refused(*state, "damaged");
    }
}

/* What can't be kept is not used: a folder stands where the new file would be written. */
static void test_boot_that_cannot_be_kept_is_refused(void **state)
{
    const struct place *place = *state;
    char before[LINE_MAX_BYTES], after[LINE_MAX_BYTES];
    start(place);
    read_file(place, before);
    assert_int_equal(mkdir(place->fresh, 0700), 0);
    assert_refused(place, "cannot be written");
    read_file(place, after);
    assert_string_equal(before, after);
}

static void test_folder_that_is_not_there_is_refused(void **state)
{
    char missing[PATH_MAX_BYTES];
    struct engine_owner owner = owner_of(*state);
    snprintf(missing, sizeof missing, "%s/missing", owner.folder);
    owner.folder = missing;
    assert_refused_for(&owner, missing, "No such file");
}

static void test_folder_with_an_overlong_name_is_refused(void **state)
{
    static char name[8192];
    struct engine_owner owner = owner_of(*state);
    memset(name, 'x', sizeof name - 1);
    owner.folder = name;
    assert_refused_for(&owner, "folder", "too long");
}

/* Two engines of one ID would take each other's messages for replays. */
static void test_folder_in_use_is_refused_until_it_is_free(void **state)
{
    const struct place *place = *state;
    const struct engine_owner owner = owner_of(place);
    struct engine first = begin_for(&owner);
    assert_refused_for(&owner, place->folder, "another bridge");
    engine_end(&first);
    assert_int_equal(start(place).boots, 2);
}

static void assert_renewed(const struct engine *former, const struct engine *now)
{
    assert_true(now->renewed);
    assert_int_equal(now->boots, 1);
    assert_memory_not_equal(now->id, former->id, sizeof now->id);
}

static void test_copy_of_another_bridge_gets_an_identity_of_its_own(void **state)
{
    const struct place *place = *state;
    struct engine_owner owner = owner_of(place);
    const struct engine first = start_for(&owner);
    assert_false(first.renewed);
    owner.instance = "bridge-2";
    const struct engine other_name = start_for(&owner);
    assert_renewed(&first, &other_name);
    write_file(place->machine, "other machine", 13);
    const struct engine other_machine = start_for(&owner);
    assert_renewed(&other_name, &other_machine);
    const struct engine again = start_for(&owner);
    assert_false(again.renewed);
    assert_int_equal(again.boots, 2);
}

/* A machine without an ID is like any other such machine, and an identity kept before owners were is taken
 * over. */
static void test_owner_may_be_unknown(void **state)
{
    const struct place *place = *state;
    struct engine_owner owner = owner_of(place);
    write_boots(place, "41");
    assert_int_equal(start_for(&owner).boots, 42);
    assert_int_equal(remove(place->file), 0);
    owner.machine_id = "/nonexistent/machine-id";
    const struct engine first = start_for(&owner);
    const struct engine next = start_for(&owner);
    assert_false(next.renewed);
    assert_memory_equal(next.id, first.id, sizeof next.id);
}

static void test_words_are_as_management_stations_write_them(void **state)
{
    const struct place *place = *state;
    const struct engine_owner owner = owner_of(place);
    char words[ENGINE_WORDS_BYTES];
    write_boots(place, "1");
    const struct engine engine = start_for(&owner);
    engine_words(&engine, words);
    assert_string_equal(words, "0x80001f8880000102030405060708090a0b");
}

/* Something stands there that can be opened, and not read. */
static void test_file_that_cannot_be_read_is_refused(void **state)
{
    const struct place *place = *state;
    assert_int_equal(mkdir(place->file, 0700), 0);
    assert_refused(place, "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_boots_grow_and_the_identity_stays),
        TEST(test_two_engines_differ),
        TEST(test_file_is_its_owners_alone),
        TEST(test_every_torn_file_is_refused_and_left),
        TEST(test_mutated_files_never_give_an_impossible_boot),
        TEST(test_boots_at_the_maximum_stay_there),
        TEST(test_impossible_boots_are_refused),
        TEST(test_boot_that_cannot_be_kept_is_refused),
        TEST(test_folder_that_is_not_there_is_refused),
        TEST(test_folder_with_an_overlong_name_is_refused),
        TEST(test_folder_in_use_is_refused_until_it_is_free),
        TEST(test_copy_of_another_bridge_gets_an_identity_of_its_own),
        TEST(test_owner_may_be_unknown),
        TEST(test_words_are_as_management_stations_write_them),
        TEST(test_file_that_cannot_be_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
