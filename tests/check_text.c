/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"

static void test_text_absent_differs_from_empty(void **state)
{
    (void)state;
    assert_false(text_is_present(TEXT_ABSENT));
    assert_true(text_is_present(TEXT("")));
    assert_false(text_is_present(text_from_c(NULL)));
    assert_true(text_equal(TEXT_ABSENT, text_from_c(NULL)));
    assert_false(text_equal(TEXT_ABSENT, TEXT("")));
    assert_false(text_equal_c(TEXT(""), NULL));
    assert_int_equal(text_compare(TEXT_ABSENT, TEXT("")), 0);
}

static void test_text_equal_by_bytes(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("kma-1"), text_from_c("kma-1")));
    assert_false(text_equal(TEXT("kma-1"), TEXT("kma-2")));
    assert_false(text_equal(TEXT("kma-1"), TEXT("kma-10")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_true(text_equal_c(TEXT("x"), "x"));
}

/* Only the 26 ASCII letters fold; '@' and '`', '[' and '{' differ from each other by the same bit. */
static void test_text_equal_ignoring_case_folds_letters_alone(void **state)
{
    (void)state;
    for (unsigned left = 0; left < 256; left++) {
        for (unsigned right = 0; right < 256; right++) {
            char l = (char)left;
            char r = (char)right;
            bool same = left == right;
            if ((left ^ right) == 0x20 && (left | 0x20) >= 'a' && (left | 0x20) <= 'z')
                same = true;
            assert_int_equal(text_equal_ignoring_case((struct text){ &l, 1 }, (struct text){ &r, 1 }), same);
        }
    }
    assert_true(text_equal_ignoring_case(TEXT("Success"), TEXT("sUCCESS")));
    assert_false(text_equal_ignoring_case(TEXT("ok"), TEXT("okay")));
}

static void test_text_compare_bytewise_prefix_first(void **state)
{
    (void)state;
    static const char *const sorted[] = { "", "A", "B", "a", "aa", "ab", "b", "\x7f", "\xC3\xA9" };
    for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
        for (size_t j = 0; j < sizeof sorted / sizeof sorted[0]; j++) {
            int order = text_compare(text_from_c(sorted[i]), text_from_c(sorted[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void test_text_starts_with(void **state)
{
    (void)state;
    assert_true(text_starts_with(TEXT("relay.failed"), TEXT("relay.")));
    assert_true(text_starts_with(TEXT("relay."), TEXT("relay.")));
    assert_true(text_starts_with(TEXT("relay."), TEXT("")));
    assert_true(text_starts_with(TEXT_ABSENT, TEXT("")));
    assert_false(text_starts_with(TEXT("relay"), TEXT("relay.")));
    assert_false(text_starts_with(TEXT("lookup."), TEXT("relay.")));
}

/* Writes a code point by the general rule, also where that is ill-formed. */
static size_t encode(uint32_t code, char out_bytes[4])
{
    if (code < 0x80) {
        out_bytes[0] = (char)code;
        return 1;
    }
    size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--) {
        out_bytes[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out_bytes[0] = (char)((0xF00u >> count & 0xFF) | code);
    return count;
}

static void test_utf8_every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x1FFFFF; code++) {
        char bytes[4];
        struct text text = { bytes, encode(code, bytes) };
        bool scalar = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        bool control = code < 0x20 || (code >= 0x7F && code <= 0x9F);
        if (text_is_utf8(text) != scalar || text_is_identifier(text) != (scalar && !control))
            fail_msg("U+%04X", (unsigned)code);
    }
}

/* Table 3-7 of Unicode, in another form than the code under test: allowed ranges of the second byte. */
static bool two_bytes_begin(unsigned first, unsigned second)
{
    switch (first) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return first >= 0xC2 && first <= 0xF4 && second >= 0x80 && second <= 0xBF;
    }
}

static void test_utf8_every_pair_of_first_bytes(void **state)
{
    (void)state;
    for (unsigned first = 0x80; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            char bytes[4] = { (char)first, (char)second, (char)0x80, (char)0x80 };
            size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
            assert_int_equal(text_is_utf8((struct text){ bytes, length }), two_bytes_begin(first, second));
        }
    }
}

static void test_utf8_cut_sequence_refused(void **state)
{
    (void)state;
    static const char whole[] = "\xF0\x9D\x84\x9E";
    for (size_t length = 1; length < 4; length++)
        assert_false(text_is_utf8((struct text){ whole, length }));
    assert_true(text_is_utf8((struct text){ whole, 4 }));
    assert_true(text_is_utf8(TEXT("")));
}

/* Reading 14. */
static void test_identifier_length_in_bytes(void **state)
{
    (void)state;
    char bytes[LIMIT_IDENTIFIER_BYTES + 1];
    memset(bytes, 'k', sizeof bytes);
    assert_false(text_is_identifier((struct text){ bytes, 0 }));
    assert_false(text_is_identifier(TEXT_ABSENT));
    assert_true(text_is_identifier((struct text){ bytes, 1 }));
    assert_true(text_is_identifier((struct text){ bytes, LIMIT_IDENTIFIER_BYTES }));
    assert_false(text_is_identifier((struct text){ bytes, LIMIT_IDENTIFIER_BYTES + 1 }));
    assert_false(text_is_identifier(TEXT("kma\0")));
}

/* Every byte at every place of several words: reading words at a time must miss none. */
static void test_identifier_any_byte_at_any_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 24; place++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char bytes[24];
            memset(bytes, byte % 2 == 0 ? '~' : ' ', sizeof bytes);
            bytes[place] = (char)byte;
            for (size_t length = place + 1; length <= sizeof bytes; length++)
                assert_int_equal(text_is_identifier((struct text){ bytes, length }),
                                 byte >= 0x20 && byte < 0x7F);
        }
    }
}

static void test_to_u64_digits_within_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t maximum;
        bool accepted;
        uint64_t value;
    } cases[] = {
        { "0", 0, true, 0 },
        { "1", 0, false, 0 },
        { "9", 5, false, 0 },
        { "42", 42, true, 42 },
        { "43", 42, false, 0 },
        { "0042", 42, true, 42 },
        { "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, false, 0 },
        { "99999999999999999999", UINT64_MAX, false, 0 },
        { "", 9, false, 0 },
        { "+1", 9, false, 0 },
        { "-1", 9, false, 0 },
        { " 1", 9, false, 0 },
        { "1 ", 9, false, 0 },
        { "1a", 99, false, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 12345;
        bool accepted = text_to_u64(text_from_c(cases[i].text), cases[i].maximum, &value);
        assert_int_equal(accepted, cases[i].accepted);
        assert_int_equal(value, accepted ? cases[i].value : 12345);
    }
}

static void test_to_c_fits_or_is_empty(void **state)
{
    (void)state;
    char buffer[6] = "#####";
    assert_true(text_to_c(TEXT("kma-1"), buffer, sizeof buffer));
    assert_string_equal(buffer, "kma-1");
    assert_false(text_to_c(TEXT("kma-10"), buffer, sizeof buffer));
    assert_string_equal(buffer, "");
    assert_true(text_to_c(TEXT_ABSENT, buffer, 1));
    assert_string_equal(buffer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_absent_differs_from_empty),
        cmocka_unit_test(test_text_equal_by_bytes),
        cmocka_unit_test(test_text_equal_ignoring_case_folds_letters_alone),
        cmocka_unit_test(test_text_compare_bytewise_prefix_first),
        cmocka_unit_test(test_text_starts_with),
        cmocka_unit_test(test_utf8_every_code_point),
        cmocka_unit_test(test_utf8_every_pair_of_first_bytes),
        cmocka_unit_test(test_utf8_cut_sequence_refused),
        cmocka_unit_test(test_identifier_length_in_bytes),
        cmocka_unit_test(test_identifier_any_byte_at_any_place),
        cmocka_unit_test(test_to_u64_digits_within_maximum),
        cmocka_unit_test(test_to_c_fits_or_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
