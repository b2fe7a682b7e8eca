/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ck/json_writer.h"
#include "seeded.h"

static void assert_written(const struct bytes_writer *writer, const char *expected)
{
    assert_false(writer->overflowed);
    if (!text_equal_c(bytes_written(writer), expected))
        fail_msg("%.*s instead of %s", TEXT_ARGUMENTS(bytes_written(writer)), expected);
}

static void test_writer_commas_where_they_belong(void **state)
{
    (void)state;
    char buffer[512];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    json_open_object(&writer);
    json_name(&writer, "items");
    json_open_array(&writer);
    json_open_object(&writer);
    json_close_object(&writer);
    json_open_object(&writer);
    json_name(&writer, "a");
    json_u64(&writer, 0);
    json_name(&writer, "b");
    json_put_null(&writer);
    json_name(&writer, "c");
    json_put_boolean(&writer, true);
    json_name(&writer, "d");
    json_put_boolean(&writer, false);
    json_name(&writer, "e");
    json_open_array(&writer);
    json_close_array(&writer);
    json_name(&writer, "f");
    json_raw(&writer, TEXT("[{\"x\":1}]"));
    json_close_object(&writer);
    json_open_array(&writer);
    json_u64(&writer, UINT64_MAX);
    json_u64_text(&writer, UINT64_MAX);
    json_c(&writer, "");
    json_text(&writer, TEXT_ABSENT);
    json_time(&writer, 0);
    json_time(&writer, 1700000000123);
    json_close_array(&writer);
    json_close_array(&writer);
    json_name(&writer, "n");
    json_c(&writer, NULL);
    json_close_object(&writer);
    assert_written(&writer,
                   "{\"items\":[{},{\"a\":0,\"b\":null,\"c\":true,\"d\":false,\"e\":[],\"f\":[{\"x\":1}]},"
                   "[18446744073709551615,\"18446744073709551615\",\"\",null,null,"
                   "\"2023-11-14T22:13:20.123Z\"]],\"n\":null}");
}

static void test_writer_behind_other_text_no_comma(void **state)
{
    (void)state;
    char buffer[64];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    bytes_put_c(&writer, "data: ");
    json_open_object(&writer);
    json_close_object(&writer);
    bytes_put_c(&writer, "\n");
    json_open_object(&writer);
    json_close_object(&writer);
    assert_written(&writer, "data: {}\n{}");
}

static void test_text_escapes_what_must_be(void **state)
{
    (void)state;
    char buffer[256];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    json_text(&writer, (struct text){ "\"\\/\b\f\n\r\t\0\x01\x1f\x7f", 12 });
    json_c(&writer, "0123456789\n\xC3\xA9\xE9\x87\x8F\"\xC3\xA9");
    assert_written(&writer, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\x7f\","
                            "\"0123456789\\n\xC3\xA9\xE9\x87\x8F\\\"\xC3\xA9\"");
}

static void put_code_point(char *bytes, size_t *length, uint32_t code)
{
    if (code < 0x80) {
        bytes[(*length)++] = (char)code;
    } else if (code < 0x800) {
        bytes[(*length)++] = (char)(0xC0 | code >> 6);
        bytes[(*length)++] = (char)(0x80 | (code & 0x3F));
    } else {
        bytes[(*length)++] = (char)(0xE0 | code >> 12);
        bytes[(*length)++] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[(*length)++] = (char)(0x80 | (code & 0x3F));
    }
}

/* What is written, jansson reads as the text that went in. */
static void test_text_random_read_back_by_jansson(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct seeded seeded = { seed };
        char bytes[3 * 40];
        char buffer[6 * sizeof bytes + 2];
        size_t length = 0;
        for (uint64_t count = seeded_below(&seeded, 40); count > 0; count--) {
            static const uint32_t bounds[] = { 0x20, 0x80, 0x80, 0x80, 0x800, 0xD800 };
            put_code_point(bytes, &length, (uint32_t)seeded_below(&seeded, bounds[seeded_below(&seeded, 6)]));
        }
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        json_text(&writer, (struct text){ bytes, length });
        assert_false(writer.overflowed);
        json_t *value = json_loadb(buffer, writer.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (value == NULL || json_string_length(value) != length ||
            memcmp(json_string_value(value), bytes, length) != 0)
            fail_msg("seed %llu: %.*s", (unsigned long long)seed, (int)writer.length, buffer);
        json_decref(value);
    }
}

static void test_writer_overflow_is_remembered(void **state)
{
    (void)state;
    char buffer[16];
    for (size_t capacity = 0; capacity < 11; capacity++) {
        memset(buffer, '#', sizeof buffer);
        struct bytes_writer writer = bytes_writer(buffer, capacity);
        json_open_object(&writer);
        json_name(&writer, "key");
        json_c(&writer, "\n");
        json_close_object(&writer); /* {"key":"\n"} */
        assert_true(writer.overflowed);
        assert_true(writer.length <= capacity);
        assert_int_equal(buffer[capacity], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer_commas_where_they_belong),
        cmocka_unit_test(test_writer_behind_other_text_no_comma),
        cmocka_unit_test(test_text_escapes_what_must_be),
        cmocka_unit_test(test_text_random_read_back_by_jansson),
        cmocka_unit_test(test_writer_overflow_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
