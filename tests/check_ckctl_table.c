/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl: what reaches a terminal is escaped, as wide as it says, and fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ckctl/display.h"
#include "ckctl/instant.h"
#include "ckctl/table.h"

#define WIDE "\xe9\x8d\xb5"     /* a wide character, two columns */
#define COMBINED "e\xcc\x81"    /* two characters, one column */
#define DOTS "\xe2\x80\xa6"     /* an ellipsis */
#define REVERSED "\xe2\x80\xae" /* right-to-left override */

static void assert_escaped(const char *bytes, size_t length, const char *expected)
{
    struct buffer out = { .bytes = NULL };
    display_escape(&out, bytes, length);
    assert_string_equal(buffer_c(&out), expected);
    buffer_fini(&out);
}

static void test_escape_control_characters_do_not_pass(void **state)
{
    (void)state;
    assert_escaped("plain kma-1", 11, "plain kma-1");
    assert_escaped("\033[31mred", 8, "\\x1b[31mred");
    assert_escaped("a\0b", 3, "a\\x00b");
    assert_escaped("a\nb\tc\rd", 7, "a\\nb\\tc\\rd");
    assert_escaped("\x7f", 1, "\\x7f");
    assert_escaped("\xc2\x9b"
                   "31m",
                   5, "\\u{9b}31m"); /* C1's own CSI */
    assert_escaped("a\\nb", 4, "a\\\\nb");
}

static void test_escape_what_reorders_or_hides_does_not_pass(void **state)
{
    (void)state;
    assert_escaped("a" REVERSED "b", 5, "a\\u{202e}b");
    assert_escaped("a\xe2\x80\x8b"
                   "b",
                   5, "a\\u{200b}b");
    assert_escaped("\xef\xbb\xbf", 3, "\\u{feff}");
}

static void test_escape_ill_formed_utf8_is_shown_by_byte(void **state)
{
    (void)state;
    assert_escaped("\xff", 1, "\\xff");
    assert_escaped("\xc3", 1, "\\xc3");                   /* cut */
    assert_escaped("\xc0\x80", 2, "\\xc0\\x80");          /* overlong */
    assert_escaped("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* surrogate */
    assert_escaped("\xf0\x9f\x94\x91", 4, "\xf0\x9f\x94\x91");
    assert_escaped("\xc3\xa9", 2, "\xc3\xa9");
}

static void test_width_counts_columns_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(display_width(""), 0);
    assert_int_equal(display_width("kma-1"), 5);
    assert_int_equal(display_width("\xc3\xa9"), 1);
    assert_int_equal(display_width(WIDE WIDE), 4);
    assert_int_equal(display_width(COMBINED), 1);
    assert_int_equal(display_width("\xf0\x9f\x94\x91"), 2);
}

static void test_fit_never_cuts_a_character(void **state)
{
    (void)state;
    assert_int_equal(display_fit(WIDE WIDE, 3), 3);
    assert_int_equal(display_fit(WIDE, 1), 0);
    assert_int_equal(display_fit("a" COMBINED "b", 2), 4);
    assert_int_equal(display_fit("abc", 9), 3);
}

static const struct terminal wide = { .columns = 0 };

static void assert_printed(struct table *table, const struct terminal *terminal, const char *expected)
{
    struct buffer out = { .bytes = NULL };
    table_print(table, terminal, &out);
    assert_string_equal(buffer_c(&out), expected);
    buffer_fini(&out);
    table_fini(table);
}

static void test_table_columns_are_as_wide_as_their_content(void **state)
{
    struct table table;
    (void)state;
    table_init(&table, 3);
    table.headings[0] = "KM";
    table.headings[1] = "OPEN";
    table.headings[2] = "NAME";
    table.right[1] = true;
    table_add_c(&table, STYLE_PLAIN, WIDE WIDE);
    table_add_c(&table, STYLE_PLAIN, "7");
    table_add_c(&table, STYLE_PLAIN, "x");
    table_add_c(&table, STYLE_PLAIN, "bob-1");
    table_add_c(&table, STYLE_PLAIN, "12345");
    table_add_c(&table, STYLE_PLAIN, "a\nb");
    assert_printed(&table, &wide,
                   "KM      OPEN  NAME\n" WIDE WIDE "       7  x\n"
                   "bob-1  12345  a\\nb\n");
}

static void test_table_without_rows_is_its_headings(void **state)
{
    struct table table;
    (void)state;
    table_init(&table, 2);
    table.headings[0] = "A";
    table.headings[1] = "B";
    assert_printed(&table, &wide, "A  B\n");
}

static void test_table_on_a_narrow_terminal_cuts_what_need_not_be_whole(void **state)
{
    struct terminal narrow = { .columns = 35 };
    struct table table;
    (void)state;
    table_init(&table, 3);
    table.whole[2] = true;
    table_add_c(&table, STYLE_PLAIN, "identifier");
    table_add_c(&table, STYLE_PLAIN, "abcdefghijklmnopqrstuvwxyz");
    table_add_c(&table, STYLE_PLAIN, "disconnected");
    assert_printed(&table, &narrow, "identifier  abcdefgh" DOTS "  disconnected\n");
}

static void test_table_narrows_no_column_below_its_minimum(void **state)
{
    struct terminal narrow = { .columns = 3 };
    struct table table;
    (void)state;
    table_init(&table, 2);
    table_add_c(&table, STYLE_PLAIN, "identifier");
    table_add_c(&table, STYLE_PLAIN, WIDE WIDE WIDE WIDE WIDE);
    assert_printed(&table, &narrow, "identifier  " WIDE WIDE WIDE DOTS "\n");
}

static void test_table_colours_come_in_addition_to_the_words(void **state)
{
    struct terminal colour = { .colour = true };
    struct table table;
    (void)state;
    table_init(&table, 2);
    table_add_c(&table, STYLE_BAD, "failed");
    table_add_c(&table, STYLE_PLAIN, "x");
    assert_printed(&table, &colour, "\033[31mfailed\033[0m  x\n");
}

static void test_state_style_is_plain_for_a_state_of_the_future(void **state)
{
    (void)state;
    assert_int_equal(terminal_state_style("succeeded"), STYLE_GOOD);
    assert_int_equal(terminal_state_style("awaiting_decision"), STYLE_WAITING);
    assert_int_equal(terminal_state_style("expired"), STYLE_BAD);
    assert_int_equal(terminal_state_style("frobbed"), STYLE_PLAIN);
}

static void test_instant_is_read_and_told(void **state)
{
    static const struct {
        int64_t ago_ms;
        const char *words;
    } told[] = { { 0, "just now" },
                 { 12000, "12 s ago" },
                 { -12000, "in 12 s" },
                 { 180000, "3 min ago" },
                 { 3 * 3600000, "3 h ago" },
                 { INT64_C(864000000), "10 days ago" },
                 { -INT64_C(2592000000), "in 30 days" } };
    int64_t when_ms;
    (void)state;
    assert_true(instant_parse("2026-11-24T18:00:00.123Z", &when_ms));
    assert_int_equal(when_ms, INT64_C(1795543200123));
    assert_false(instant_parse("2026-11-24", &when_ms));
    assert_false(instant_parse("2026-11-24T18:00:00.123Zx", &when_ms));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct buffer out = { .bytes = NULL };
        instant_put_relative(&out, when_ms - told[i].ago_ms, when_ms);
        assert_string_equal(out.bytes, told[i].words);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape_control_characters_do_not_pass),
        cmocka_unit_test(test_escape_what_reorders_or_hides_does_not_pass),
        cmocka_unit_test(test_escape_ill_formed_utf8_is_shown_by_byte),
        cmocka_unit_test(test_width_counts_columns_not_bytes),
        cmocka_unit_test(test_fit_never_cuts_a_character),
        cmocka_unit_test(test_table_columns_are_as_wide_as_their_content),
        cmocka_unit_test(test_table_without_rows_is_its_headings),
        cmocka_unit_test(test_table_on_a_narrow_terminal_cuts_what_need_not_be_whole),
        cmocka_unit_test(test_table_narrows_no_column_below_its_minimum),
        cmocka_unit_test(test_table_colours_come_in_addition_to_the_words),
        cmocka_unit_test(test_state_style_is_plain_for_a_state_of_the_future),
        cmocka_unit_test(test_instant_is_read_and_told),
    };
    return cmocka_run_group_tests_name("ckctl_table", tests, NULL, NULL);
}
