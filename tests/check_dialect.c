/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ck/dialect.h"
#include "heap_memory.h"

struct fixture {
    struct heap_memory heap;
    struct arena arena;
    struct ck_dialect dialect;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .heap = { .blocks_limit = SIZE_MAX } };
    struct memory memory = heap_memory(&fixture.heap);
    arena_init(&fixture.arena, &memory);
    ck_dialect_init(&fixture.dialect);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_fini(&fixture->arena);
    return fixture->heap.blocks_out == 0 && fixture->heap.bytes_out == 0 ? 0 : -1;
}

static enum ck_dialect_status set(struct fixture *fixture, const char *name, const char *value)
{
    return ck_dialect_set(&fixture->dialect, &fixture->arena, text_from_c(name), text_from_c(value));
}

static void assert_setting(const struct ck_dialect *dialect, const char *name, const char *expected)
{
    char buffer[CK_DIALECT_VALUE_BYTES_MAX];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    assert_true(ck_dialect_get(dialect, text_from_c(name), &writer));
    assert_false(writer.overflowed);
    if (!text_equal_c(bytes_written(&writer), expected))
        fail_msg("%s: '%.*s' instead of '%s'", name, TEXT_ARGUMENTS(bytes_written(&writer)), expected);
}

static void test_dialect_init_has_the_profiles_defaults(void **state)
{
    struct fixture *fixture = *state;
    const struct ck_dialect *dialect = &fixture->dialect;
    assert_int_equal(dialect->byte_order, CK_BIG_ENDIAN);
    assert_int_equal(dialect->version_count, 1);
    assert_int_equal(dialect->versions[0], 1);
    assert_int_equal(dialect->message_id, CK_MESSAGE_ID_ECHO);
    assert_int_equal(dialect->transit, CK_TRANSIT_INTERMEDIATE);
    assert_int_equal(dialect->transit_type, CK_TRANSIT_ARRAY);
    assert_int_equal(dialect->refusal, CK_REFUSAL_NONE);
    assert_int_equal(dialect->key_style, CK_KEYS_AUTO);
    assert_int_equal(dialect->extensions, CK_EXTENSIONS_AUTO);
    assert_int_equal(dialect->success_word_count, 0);
}

static void test_dialect_settings_each_complete_and_readable(void **state)
{
    struct fixture *fixture = *state;
    const struct ck_dialect_setting *row = ck_dialect_settings;
    size_t count = 0;
    for (; row->name != NULL; row++, count++) {
        char buffer[CK_DIALECT_VALUE_BYTES_MAX];
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        assert_true(row->values != NULL && row->values[0] != '\0');
        assert_true(row->help != NULL && row->help[0] != '\0');
        assert_true(ck_dialect_get(&fixture->dialect, text_from_c(row->name), &writer));
        /* what is read can be set again */
        assert_int_equal(ck_dialect_set(&fixture->dialect, &fixture->arena, text_from_c(row->name),
                                        bytes_written(&writer)),
                         CK_DIALECT_OK);
    }
    assert_int_equal(count, 9);
}

/* Every word that the schema offers a choice of is accepted and reads the same again. */
static void test_dialect_set_every_choice_reads_back(void **state)
{
    struct fixture *fixture = *state;
    for (const struct ck_dialect_setting *row = ck_dialect_settings; row->name != NULL; row++) {
        char words[256];
        if (strchr(row->values, '|') == NULL)
            continue;
        assert_true(text_to_c(text_from_c(row->values), words, sizeof words));
        for (char *word = strtok(words, " |"); word != NULL; word = strtok(NULL, " |")) {
            assert_int_equal(set(fixture, row->name, word), CK_DIALECT_OK);
            assert_setting(&fixture->dialect, row->name, word);
        }
    }
    assert_int_equal(fixture->dialect.byte_order, CK_BYTE_ORDER_AUTO);
    assert_int_equal(fixture->dialect.message_id, CK_MESSAGE_ID_FRESH);
    assert_int_equal(fixture->dialect.transit, CK_TRANSIT_FULL);
    assert_int_equal(fixture->dialect.transit_type, CK_TRANSIT_STRING);
    assert_int_equal(fixture->dialect.refusal, CK_REFUSAL_CLOSE);
    assert_int_equal(fixture->dialect.key_style, CK_KEYS_TITLE);
    assert_int_equal(fixture->dialect.extensions, CK_EXTENSIONS_NO);
}

static void test_dialect_set_versions(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(set(fixture, "version", " 1,2 ,\t65535"), CK_DIALECT_OK);
    assert_setting(&fixture->dialect, "version", "1, 2, 65535");
    assert_true(ck_dialect_accepts_version(&fixture->dialect, 1));
    assert_true(ck_dialect_accepts_version(&fixture->dialect, 2));
    assert_true(ck_dialect_accepts_version(&fixture->dialect, 65535));
    assert_false(ck_dialect_accepts_version(&fixture->dialect, 3));
    assert_false(ck_dialect_accepts_version(&fixture->dialect, 0));
}

static void test_dialect_set_bad_value_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[][2] = {
        { "version", "" },
        { "version", "1,,2" },
        { "version", "1," },
        { "version", "65536" },
        { "version", "-1" },
        { "version", "1, 1" },
        { "version", "one" },
        { "version", "1,2,3,4,5" },
        { "version", "1 2" },
        { "byte_order", "little" },
        { "byte_order", "" },
        { "transit", "Full" },
        { "transit", "full full" },
        { "key_style", "kebab" },
        { "message_id", "echo," },
        { "refusal", "maybe" },
        { "transit_type", "object" },
        { "extensions", "true" },
        { "success_words", "a,,b" },
        { "success_words", "a,b,c,d,e,f,g,h,i" },
        { "success_words", ",a" },
        { "success_words", "bell\a" },
        { "success_words", "\xC3" },
    };
    struct ck_dialect before = fixture->dialect;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (set(fixture, bad[i][0], bad[i][1]) != CK_DIALECT_BAD_VALUE)
            fail_msg("%s = %s was accepted", bad[i][0], bad[i][1]);
        assert_memory_equal(&before, &fixture->dialect, sizeof before);
    }
}

static void test_dialect_set_unknown_setting_refused(void **state)
{
    struct fixture *fixture = *state;
    struct bytes_writer writer = bytes_writer(NULL, 0);
    assert_int_equal(set(fixture, "colour", "red"), CK_DIALECT_UNKNOWN_SETTING);
    assert_int_equal(set(fixture, "Transit", "full"), CK_DIALECT_UNKNOWN_SETTING);
    assert_int_equal(set(fixture, "", "full"), CK_DIALECT_UNKNOWN_SETTING);
    assert_false(ck_dialect_get(&fixture->dialect, TEXT("colour"), &writer));
}

static void test_dialect_set_success_words_outlive_their_source(void **state)
{
    struct fixture *fixture = *state;
    char source[] = " erledigt , fertig,\xC3\xA7"
                    "a va ";
    assert_int_equal(set(fixture, "success_words", source), CK_DIALECT_OK);
    memset(source, 'x', sizeof source - 1);
    assert_setting(&fixture->dialect, "success_words",
                   "erledigt, fertig, \xC3\xA7"
                   "a va");
    assert_int_equal(set(fixture, "success_words", "  "), CK_DIALECT_OK);
    assert_setting(&fixture->dialect, "success_words", "");
}

static void test_dialect_get_longest_success_words_fit(void **state)
{
    struct fixture *fixture = *state;
    char value[LIMIT_SUCCESS_WORDS * (LIMIT_IDENTIFIER_BYTES + 1)];
    memset(value, 'w', sizeof value);
    for (size_t i = 1; i < LIMIT_SUCCESS_WORDS; i++)
        value[i * (LIMIT_IDENTIFIER_BYTES + 1) - 1] = ',';
    value[sizeof value - 1] = '\0';
    assert_int_equal(set(fixture, "success_words", value), CK_DIALECT_OK);
    char buffer[CK_DIALECT_VALUE_BYTES_MAX];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    assert_true(ck_dialect_get(&fixture->dialect, TEXT("success_words"), &writer));
    assert_false(writer.overflowed);
}

static void test_dialect_set_success_words_without_memory_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture->heap.blocks_limit = 0;
    struct ck_dialect before = fixture->dialect;
    assert_int_equal(set(fixture, "success_words", "fertig"), CK_DIALECT_NO_MEMORY);
    assert_memory_equal(&before, &fixture->dialect, sizeof before);
}

/* Reading 7. */
static void test_dialect_is_success_in_any_case(void **state)
{
    struct fixture *fixture = *state;
    static const char *const yes[] = { "success", "Succeeded", "OK", "completed", "DONE", "True", "FERTIG" };
    static const char *const no[] = {
        "", "successful", "okay", " ok", "ok ", "false", "fail", "fertigg", "1"
    };
    assert_false(ck_dialect_is_success(&fixture->dialect, TEXT("fertig")));
    assert_int_equal(set(fixture, "success_words", "Fertig"), CK_DIALECT_OK);
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        assert_true(ck_dialect_is_success(&fixture->dialect, text_from_c(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_false(ck_dialect_is_success(&fixture->dialect, text_from_c(no[i])));
    assert_false(ck_dialect_is_success(&fixture->dialect, TEXT_ABSENT));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dialect_init_has_the_profiles_defaults),
        TEST(test_dialect_settings_each_complete_and_readable),
        TEST(test_dialect_set_every_choice_reads_back),
        TEST(test_dialect_set_versions),
        TEST(test_dialect_set_bad_value_changes_nothing),
        TEST(test_dialect_set_unknown_setting_refused),
        TEST(test_dialect_set_success_words_outlive_their_source),
        TEST(test_dialect_get_longest_success_words_fit),
        TEST(test_dialect_set_success_words_without_memory_changes_nothing),
        TEST(test_dialect_is_success_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
