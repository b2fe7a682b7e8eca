/* SPDX-License-Identifier: Apache-2.0 */
/* Counts between fixed bounds, and their sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/distribution.h"

static void assert_grows(const struct distribution_scale *scale)
{
    assert_in_range(scale->count, 1, DISTRIBUTION_BOUNDS_MAX);
    for (size_t i = 1; i < scale->count; i++)
        assert_true(scale->bounds[i - 1] < scale->bounds[i]);
}

static void test_scales_grow(void **state)
{
    (void)state;
    assert_grows(&distribution_milliseconds);
    assert_grows(&distribution_microseconds);
}

static void test_bound_is_within_its_bucket(void **state)
{
    (void)state;
    const struct distribution_scale *scales[] = { &distribution_milliseconds, &distribution_microseconds };
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < scales[k]->count; i++) {
            struct distribution distribution = { .sum = 0 };
            distribution_add(&distribution, scales[k], scales[k]->bounds[i]);
            distribution_add(&distribution, scales[k], scales[k]->bounds[i] + 1);
            assert_int_equal(distribution.buckets[i], 1);
            assert_int_equal(distribution.buckets[i + 1], 1);
        }
}

static void test_sum_and_count_are_of_all_values(void **state)
{
    (void)state;
    struct distribution distribution = { .sum = 0 };
    const struct distribution_scale scale = { 2, { 10, 20 } };
    assert_int_equal(distribution_count(&distribution), 0);
    distribution_add(&distribution, &scale, 0);
    distribution_add(&distribution, &scale, 20);
    distribution_add(&distribution, &scale, UINT32_MAX);
    assert_int_equal(distribution_count(&distribution), 3);
    assert_int_equal(distribution.sum, 20 + (uint64_t)UINT32_MAX);
    assert_int_equal(distribution.buckets[0], 1);
    assert_int_equal(distribution.buckets[1], 1);
    assert_int_equal(distribution.buckets[2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scales_grow),
        cmocka_unit_test(test_bound_is_within_its_bucket),
        cmocka_unit_test(test_sum_and_count_are_of_all_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
