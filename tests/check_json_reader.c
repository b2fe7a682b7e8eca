/* SPDX-License-Identifier: Apache-2.0 */
/* The reader alone, and its verdict on tests/vectors/json_cases.json beside jansson's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ck/json_reader.h"

/* A copy of exactly the input's size, so that reading beyond it is seen by a sanitizer. */
static unsigned char *exact_copy(const void *bytes, size_t length)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    return copy;
}

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static unsigned char *load_input(const json_t *row, size_t *out_length)
{
    const json_t *json = json_object_get(row, "json");
    const char *hex = json_string_value(json_object_get(row, "hex"));
    if (json != NULL) {
        *out_length = json_string_length(json);
        return exact_copy(json_string_value(json), *out_length);
    }
    assert_non_null(hex);
    *out_length = strlen(hex) / 2;
    unsigned char *bytes = malloc(*out_length > 0 ? *out_length : 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < *out_length; i++)
        bytes[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return bytes;
}

static bool reader_accepts(unsigned char *bytes, size_t length)
{
    struct json_reader reader = json_reader(bytes, length);
    struct text raw;
    bool accepts = json_skip(&reader, &raw) == JSON_OK && json_finish(&reader) == JSON_OK;
    assert_true(reader.at <= length);
    return accepts;
}

static bool jansson_accepts(const unsigned char *bytes, size_t length)
{
    json_t *value = json_loadb((const char *)bytes, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(value);
    return value != NULL;
}

static void check_case(const json_t *row)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    const char *expect = json_string_value(json_object_get(row, "expect"));
    const char *jansson = json_string_value(json_object_get(row, "jansson"));
    size_t length;
    unsigned char *bytes = load_input(row, &length);
    unsigned char *before = exact_copy(bytes, length);
    assert_true(strcmp(expect, "accept") == 0 || strcmp(expect, "reject") == 0);
    if (jansson == NULL)
        jansson = expect;
    if (reader_accepts(bytes, length) != (strcmp(expect, "accept") == 0))
        fail_msg("%s: expected %s", name, expect);
    assert_memory_equal(bytes, before, length); /* skipping changes nothing */
    if (jansson_accepts(bytes, length) != (strcmp(jansson, "accept") == 0))
        fail_msg("%s: expected %s of jansson", name, jansson);
    free(before);
    free(bytes);
}

static void test_reader_cases_judged_as_jansson_does(void **state)
{
    (void)state;
    char path[4096];
    const char *srcdir = getenv("srcdir");
    json_error_t error;
    snprintf(path, sizeof path, "%s/tests/vectors/json_cases.json", srcdir != NULL ? srcdir : ".");
    json_t *rows = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (rows == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    assert_true(json_array_size(rows) > 100);
    for (size_t i = 0; i < json_array_size(rows); i++)
        check_case(json_array_get(rows, i));
    json_decref(rows);
}

/* Reads `json` as a string; the result, or the status by name. */
static void check_string(const char *json, const char *expected, size_t expected_bytes)
{
    size_t length = strlen(json);
    unsigned char *bytes = exact_copy(json, length);
    struct json_reader reader = json_reader(bytes, length);
    struct text string;
    assert_int_equal(json_read_string(&reader, &string), JSON_OK);
    assert_int_equal(json_finish(&reader), JSON_OK);
    assert_int_equal(string.length, expected_bytes);
    assert_memory_equal(string.bytes, expected, expected_bytes);
    assert_true(text_is_utf8(string));
    free(bytes);
}

static void test_read_string_escapes_undone_in_place(void **state)
{
    (void)state;
    check_string("\"\"", "", 0);
    check_string(" \"kma-1\" ", "kma-1", 5);
    check_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    check_string("\"a\\u0000b\"", "a\0b", 3);
    check_string("\"\\u00e9\\u20AC\\uD834\\udd1e\"", "\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E", 9);
    check_string("\"0123456789\\n0123456789\"", "0123456789\n0123456789", 21);
    check_string("\"\xE9\x87\x8F\\u5b50-9\"", "\xE9\x87\x8F\xE5\xAD\x90-9", 8);
    check_string("\"\\uDBFF\\uDFFF\\uD800\\uDC00\"", "\xF4\x8F\xBF\xBF\xF0\x90\x80\x80", 8);
}

/* Every byte that needs thought, at every place of a word: the fast path must see it. */
static void test_read_string_special_byte_at_any_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 24; place++) {
        for (unsigned special = 0; special < 256; special++) {
            char json[32];
            struct text string;
            memset(json, 'k', sizeof json);
            json[0] = '"';
            json[1 + place] = (char)special;
            json[30] = '"';
            struct json_reader reader = json_reader((unsigned char *)json, 31);
            enum json_status status = json_read_string(&reader, &string);
            if (special < 0x20) {
                assert_int_equal(status, JSON_SYNTAX);
                assert_int_equal(reader.at, 1 + place);
            } else if (special == '"') {
                assert_int_equal(status, JSON_OK);
                assert_int_equal(string.length, place);
            } else if (special == '\\') {
                assert_int_equal(status, JSON_SYNTAX); /* there is no escape \k, and \" leaves no end */
            } else if (special >= 0x80) {
                assert_int_equal(status, JSON_UTF8);
                assert_int_equal(reader.at, 1 + place);
            } else {
                assert_int_equal(status, JSON_OK);
                assert_int_equal(string.length, 29);
            }
        }
    }
}

static void test_read_string_failure_names_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum json_status status;
        size_t at;
    } cases[] = {
        { "\"ab\\x\"", JSON_SYNTAX, 3 },     { "\"ab\\uD800\"", JSON_UTF8, 3 },
        { "\"ab\\uDC00\"", JSON_UTF8, 3 },   { "\"ab\n\"", JSON_SYNTAX, 3 },
        { "\"ab", JSON_SYNTAX, 3 },          { "\"ab\xC3\x28\"", JSON_UTF8, 3 },
        { "\"ab\\u00g0\"", JSON_SYNTAX, 3 }, { "ab", JSON_SYNTAX, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = strlen(cases[i].json);
        unsigned char *bytes = exact_copy(cases[i].json, length);
        struct json_reader reader = json_reader(bytes, length);
        struct text string;
        assert_int_equal(json_read_string(&reader, &string), cases[i].status);
        assert_int_equal(reader.at, cases[i].at);
        free(bytes);
    }
}

static void test_read_number_gives_its_own_bytes(void **state)
{
    (void)state;
    unsigned char json[] = " -12.50e+3,";
    struct json_reader reader = json_reader(json, sizeof json - 1);
    struct text number;
    assert_int_equal(json_read_number(&reader, &number), JSON_OK);
    assert_true(text_equal_c(number, "-12.50e+3"));
    assert_int_equal(reader.at, sizeof json - 2);
}

static void test_member_walk_visits_every_member(void **state)
{
    (void)state;
    unsigned char json[] = "{ \"a\" : 1 , \"b\\u0021\":[ 2, \"x\" ], \"c\":{} } ";
    struct json_reader reader = json_reader(json, sizeof json - 1);
    struct text text;
    bool first = true;
    bool first_element = true;
    enum json_kind kind;
    assert_int_equal(json_peek(&reader, &kind), JSON_OK);
    assert_int_equal(kind, JSON_KIND_OBJECT);
    assert_int_equal(json_member(&reader, &first, &text), JSON_OK);
    assert_true(text_equal_c(text, "a"));
    assert_int_equal(json_read_number(&reader, &text), JSON_OK);
    assert_int_equal(json_member(&reader, &first, &text), JSON_OK);
    assert_true(text_equal_c(text, "b!"));
    assert_int_equal(json_element(&reader, &first_element), JSON_OK);
    assert_int_equal(json_skip(&reader, &text), JSON_OK);
    assert_int_equal(json_element(&reader, &first_element), JSON_OK);
    assert_int_equal(json_read_string(&reader, &text), JSON_OK);
    assert_true(text_equal_c(text, "x"));
    assert_int_equal(json_element(&reader, &first_element), JSON_END);
    assert_int_equal(json_member(&reader, &first, &text), JSON_OK);
    assert_int_equal(json_skip(&reader, &text), JSON_OK);
    assert_true(text_equal_c(text, "{}"));
    assert_int_equal(json_member(&reader, &first, &text), JSON_END);
    assert_int_equal(reader.depth, 0);
    assert_int_equal(json_finish(&reader), JSON_OK);
}

static void test_peek_every_first_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char json[2] = { ' ', (unsigned char)byte };
        struct json_reader reader = json_reader(json, 2);
        enum json_kind kind;
        bool begins = byte != 0 && strchr("\"{[-0123456789tfn", (int)byte) != NULL;
        assert_int_equal(json_peek(&reader, &kind), begins ? JSON_OK : JSON_SYNTAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_cases_judged_as_jansson_does),
        cmocka_unit_test(test_read_string_escapes_undone_in_place),
        cmocka_unit_test(test_read_string_special_byte_at_any_place),
        cmocka_unit_test(test_read_string_failure_names_the_place),
        cmocka_unit_test(test_read_number_gives_its_own_bytes),
        cmocka_unit_test(test_member_walk_visits_every_member),
        cmocka_unit_test(test_peek_every_first_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
