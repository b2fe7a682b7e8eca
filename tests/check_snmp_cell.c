/* SPDX-License-Identifier: Apache-2.0 */
/* Values in SNMP's types, and texts as the MIB wants them: clean, and cut between characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "seeded.h"
#include "snmp/cell.h"

static void assert_octets(const struct cell *cell, const char *expected)
{
    assert_int_equal(cell->type, CELL_OCTETS);
    assert_int_equal(cell->length, strlen(expected));
    assert_memory_equal(cell->octets, expected, cell->length);
}

static void test_numbers_keep_to_their_types(void **state)
{
    (void)state;
    struct cell cell;
    cell_set_integer(&cell, INT32_MIN);
    assert_int_equal(cell.type, CELL_INTEGER);
    assert_int_equal(cell.integer, INT32_MIN);
    cell_set_unsigned(&cell, UINT32_MAX);
    assert_int_equal(cell.number, UINT32_MAX);
    cell_set_unsigned(&cell, UINT64_C(1) << 40);
    assert_int_equal(cell.type, CELL_UNSIGNED);
    assert_int_equal(cell.number, UINT32_MAX);
    cell_set_counter(&cell, UINT64_MAX);
    assert_int_equal(cell.type, CELL_COUNTER64);
    assert_true(cell.number == UINT64_MAX);
    cell_set_truth(&cell, true);
    assert_int_equal(cell.integer, 1);
    cell_set_truth(&cell, false);
    assert_int_equal(cell.integer, 2);
    cell_set_decimal(&cell, UINT64_MAX);
    assert_octets(&cell, "18446744073709551615");
}

static void test_counters_and_ticks_begin_anew_beyond_32_bits(void **state)
{
    (void)state;
    struct cell cell;
    cell_set_counter32(&cell, UINT32_MAX);
    assert_int_equal(cell.type, CELL_COUNTER32);
    assert_int_equal(cell.number, UINT32_MAX);
    cell_set_counter32(&cell, (uint64_t)UINT32_MAX + 1);
    assert_int_equal(cell.number, 0);
    cell_set_ticks(&cell, (uint64_t)UINT32_MAX + 8);
    assert_int_equal(cell.type, CELL_TICKS);
    assert_int_equal(cell.number, 7);
}

static void test_names_are_joined(void **state)
{
    (void)state;
    static const arc start[] = { 1, 3, 6 }, rest[] = { 4, UINT32_MAX }, whole[] = { 1, 3, 6, 4, UINT32_MAX };
    struct cell cell;
    cell_set_name(&cell, (struct cell_name){ start, 3 }, (struct cell_name){ NULL, 0 });
    assert_int_equal(cell.type, CELL_NAME);
    assert_int_equal(cell.length, 3);
    cell_set_name(&cell, (struct cell_name){ start, 3 }, (struct cell_name){ rest, 2 });
    assert_int_equal(cell.length, 5);
    assert_memory_equal(cell.name, whole, sizeof whole);
}

static void test_times_are_dates_in_utc(void **state)
{
    (void)state;
    static const unsigned char unknown[8];
    /* 2026-11-27T08:29:53.678Z; and the last moment of a leap year's day. */
    static const unsigned char one[] = { 7, 0xea, 11, 27, 8, 29, 53, 6, '+', 0, 0 };
    static const unsigned char other[] = { 7, 0xe8, 2, 29, 23, 59, 59, 9, '+', 0, 0 };
    struct cell cell;
    cell_set_time(&cell, 0);
    assert_int_equal(cell.length, sizeof unknown);
    assert_memory_equal(cell.octets, unknown, sizeof unknown);
    cell_set_time(&cell, UINT64_C(1795768193678));
    assert_int_equal(cell.length, sizeof one);
    assert_memory_equal(cell.octets, one, sizeof one);
    cell_set_time(&cell, UINT64_C(1709251199999));
    assert_memory_equal(cell.octets, other, sizeof other);
}

static void test_text_as_it_is_when_it_fits(void **state)
{
    (void)state;
    struct cell cell;
    cell_set_text(&cell, TEXT_ABSENT, 10);
    assert_octets(&cell, "");
    cell_set_text(&cell, TEXT(""), 10);
    assert_octets(&cell, "");
    cell_set_text(&cell, TEXT("0123456789"), 10);
    assert_octets(&cell, "0123456789");
    cell_set_c(&cell, NULL, 10);
    assert_octets(&cell, "");
}

static void test_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct cell cell;
    cell_set_text(&cell, TEXT("0123456789a"), 10);
    assert_octets(&cell, "0123456...");
    /* Nine bytes of three characters: two fit beside the full stops, or one. */
    cell_set_text(&cell, TEXT("\u9375\u9375\u9375\u9375"), 11);
    assert_octets(&cell, "\u9375\u9375...");
    cell_set_text(&cell, TEXT("\u9375\u9375\u9375"), 8);
    assert_octets(&cell, "\u9375...");
    cell_set_text(&cell, TEXT("\u9375\u9375"), 3);
    assert_octets(&cell, "...");
    /* The character that does not fit is the long one at the end. */
    cell_set_text(&cell, TEXT("0123456\U0001f511"), 10);
    assert_octets(&cell, "0123456...");
}

static void test_text_has_no_controls_and_is_utf8(void **state)
{
    (void)state;
    struct cell cell;
    cell_set_text(&cell, (struct text){ "a\0b\nc\x1b[d\x7f", 9 }, 100);
    assert_octets(&cell, "a b c [d ");
    cell_set_text(&cell,
                  TEXT("a\xc2\x85"
                       "b\xc2\x9f"
                       "c\u00a0"),
                  100);
    assert_octets(&cell, "a b c\u00a0");
    cell_set_text(&cell,
                  TEXT("\xff"
                       "a\xc3"),
                  100);
    assert_octets(&cell, "?a?");
    cell_set_text(&cell, TEXT("\xed\xa0\x80"), 100);
    assert_octets(&cell, "???");
}

/* Whatever the bytes are, what is shown is UTF-8 without controls, of the promised length. */
static void test_any_bytes_become_a_proper_text(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct seeded seeded = { seed };
        char bytes[64];
        struct cell cell;
        const size_t length = seeded_below(&seeded, sizeof bytes), most = 3 + seeded_below(&seeded, 64);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (char)(seeded_below(&seeded, 2) != 0 ? 0x80 + seeded_below(&seeded, 128)
                                                            : seeded_below(&seeded, 128));
        cell_set_text(&cell, (struct text){ bytes, length }, most);
        const struct text shown = { (const char *)cell.octets, cell.length };
        if (cell.length > most || (cell.length > 0 && !text_is_identifier(shown)))
            fail_msg("seed %llu", (unsigned long long)seed);
    }
}

static const char *words_of(struct cell_text *text, char *out_words)
{
    const struct text shown = cell_text_end(text);
    snprintf(out_words, 32, "%.*s", TEXT_ARGUMENTS(shown));
    return out_words;
}

static void test_words_are_joined_and_cut_when_they_do_not_fit(void **state)
{
    (void)state;
    char buffer[10], words[32];
    struct cell_text text = cell_text_begin(buffer, sizeof buffer);
    assert_string_equal(words_of(&text, words), "");
    text = cell_text_begin(buffer, sizeof buffer);
    cell_text_word(&text, " ", TEXT("abcd"));
    cell_text_word(&text, " ", TEXT("efghi"));
    assert_string_equal(words_of(&text, words), "abcd efghi"); /* to the last byte */
    text = cell_text_begin(buffer, sizeof buffer);
    cell_text_word(&text, " ", TEXT("abcd"));
    cell_text_word(&text, ", ", TEXT("ef"));
    cell_text_word(&text, ":", TEXT("g"));
    cell_text_word(&text, ":", TEXT("h"));
    assert_string_equal(words_of(&text, words), "abcd, e...");
    text = cell_text_begin(buffer, sizeof buffer);
    cell_text_word(&text, " ", TEXT("abcde\u9375\u9375"));
    assert_string_equal(words_of(&text, words), "abcde...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_keep_to_their_types),
        cmocka_unit_test(test_counters_and_ticks_begin_anew_beyond_32_bits),
        cmocka_unit_test(test_names_are_joined),
        cmocka_unit_test(test_times_are_dates_in_utc),
        cmocka_unit_test(test_text_as_it_is_when_it_fits),
        cmocka_unit_test(test_text_is_cut_between_characters),
        cmocka_unit_test(test_text_has_no_controls_and_is_utf8),
        cmocka_unit_test(test_any_bytes_become_a_proper_text),
        cmocka_unit_test(test_words_are_joined_and_cut_when_they_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
