/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "seeded.h"

static void test_put_appends_what_fits(void **state)
{
    (void)state;
    char buffer[16];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    bytes_put_c(&writer, "kma");
    bytes_put_byte(&writer, '-');
    bytes_put_u64(&writer, 10);
    bytes_put_text(&writer, TEXT("/x"));
    bytes_put_text(&writer, TEXT_ABSENT);
    bytes_put(&writer, NULL, 0);
    assert_true(text_equal_c(bytes_written(&writer), "kma-10/x"));
    assert_false(writer.overflowed);
}

static void test_put_overflow_drops_what_follows(void **state)
{
    volatile size_t beyond_all = SIZE_MAX; /* a compiler that knew it would warn of the copying */
    (void)state;
    char buffer[5] = "####";
    struct bytes_writer writer = bytes_writer(buffer, 4);
    bytes_put_c(&writer, "abc");
    bytes_put_c(&writer, "de");
    assert_true(writer.overflowed);
    bytes_put_byte(&writer, 'f'); /* would fit, but something is missing before it */
    assert_true(text_equal_c(bytes_written(&writer), "abc"));
    assert_int_equal(buffer[3], '#');
    writer = bytes_writer(buffer, 4);
    bytes_put_c(&writer, "abcd");
    assert_false(writer.overflowed);
    bytes_put(&writer, "", 0);
    assert_false(writer.overflowed);
    bytes_put(&writer, buffer, beyond_all);
    assert_true(writer.overflowed);
}

static void test_put_u64_as_printf(void **state)
{
    (void)state;
    struct seeded seeded = { 64 };
    for (int i = 0; i < 10000; i++) {
        uint64_t value = i == 0 ? 0 : i == 1 ? UINT64_MAX : seeded_next(&seeded) >> seeded_below(&seeded, 64);
        char buffer[20];
        char expected[24];
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        bytes_put_u64(&writer, value);
        snprintf(expected, sizeof expected, "%" PRIu64, value);
        assert_true(text_equal_c(bytes_written(&writer), expected));
    }
}

static void check_time(uint64_t unix_ms)
{
    char buffer[32];
    char expected[64];
    struct tm civil;
    time_t seconds = (time_t)(unix_ms / 1000);
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    bytes_put_time(&writer, unix_ms);
    assert_non_null(gmtime_r(&seconds, &civil));
    snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", civil.tm_year + 1900,
             civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec,
             (int)(unix_ms % 1000));
    if (!text_equal_c(bytes_written(&writer), expected))
        fail_msg("%" PRIu64 ": %.*s instead of %s", unix_ms, TEXT_ARGUMENTS(bytes_written(&writer)),
                 expected);
}

static const uint64_t day_ms = UINT64_C(86400000);
static const uint64_t end_ms = UINT64_C(253402300800000); /* 10000-01-01 */

/* First and last millisecond of each day for 500 years, which has every kind of century. */
static void test_put_time_every_day_as_gmtime(void **state)
{
    (void)state;
    for (uint64_t day = 0; day < 366 * 500; day++) {
        check_time(day * day_ms);
        check_time(day * day_ms + day_ms - 1);
    }
}

static void test_put_time_any_moment_as_gmtime(void **state)
{
    (void)state;
    struct seeded seeded = { 3339 };
    for (int i = 0; i < 50000; i++)
        check_time(seeded_below(&seeded, end_ms));
    check_time(end_ms - 1);
    check_time(0);
}

static void test_load_and_store_big_endian(void **state)
{
    (void)state;
    unsigned char bytes[4];
    bytes_store_u32_big(bytes, 0xA1B2C3D4);
    assert_memory_equal(bytes, "\xA1\xB2\xC3\xD4", 4);
    assert_int_equal(bytes_load_u32_big(bytes), 0xA1B2C3D4);
    bytes_store_u16_big(bytes, 0xFE01);
    assert_memory_equal(bytes, "\xFE\x01\xC3\xD4", 4);
    assert_int_equal(bytes_load_u16_big(bytes), 0xFE01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_appends_what_fits),
        cmocka_unit_test(test_put_overflow_drops_what_follows),
        cmocka_unit_test(test_put_u64_as_printf),
        cmocka_unit_test(test_put_time_every_day_as_gmtime),
        cmocka_unit_test(test_put_time_any_moment_as_gmtime),
        cmocka_unit_test(test_load_and_store_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
