/* SPDX-License-Identifier: Apache-2.0 */
/* The histogram against sorted samples: every percentile within its promised error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "cksim/histogram.h"
#include "cksim/random.h"

enum { SAMPLES = 20000 };

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static uint64_t exact(const uint64_t *sorted, size_t count, double share)
{
    size_t rank = (size_t)(share * (double)count);
    if ((double)rank < share * (double)count)
        rank++;
    return sorted[rank > 0 ? rank - 1 : 0];
}

/* A few shapes: small numbers, long tails, everything in one power of two. */
static uint64_t draw(struct random *random, int shape)
{
    switch (shape) {
    case 0:
        return random_below(random, 3000);
    case 1:
        return (uint64_t)random_exponential(random, 2e6);
    case 2:
        return (UINT64_C(1) << 20) + random_below(random, 1 << 20);
    default:
        return random_next(random) >> (24 + random_below(random, 40));
    }
}

static void test_histogram_percentiles_are_within_their_error(void **state)
{
    static const double shares[] = { 0.0001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1 };
    (void)state;
    uint64_t seed = (uint64_t)time(NULL);
    print_message("# seed %llu\n", (unsigned long long)seed);
    struct random random = random_seeded(seed);
    uint64_t *samples = malloc(SAMPLES * sizeof *samples);
    struct histogram *histogram = malloc(sizeof *histogram);
    for (int shape = 0; shape < 4; shape++) {
        histogram_init(histogram);
        for (size_t i = 0; i < SAMPLES; i++)
            histogram_record(histogram, samples[i] = draw(&random, shape));
        qsort(samples, SAMPLES, sizeof *samples, compare);
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
            uint64_t is = histogram_at(histogram, shares[i]), should = exact(samples, SAMPLES, shares[i]);
            assert_in_range(is, should, should + (should >> HISTOGRAM_PRECISION_BITS));
        }
        assert_int_equal(histogram->maximum, samples[SAMPLES - 1]);
        assert_int_equal(histogram->minimum, samples[0]);
        assert_int_equal(histogram_at(histogram, 1), samples[SAMPLES - 1]);
    }
    free(samples);
    free(histogram);
}

static void test_histogram_empty_says_zero(void **state)
{
    (void)state;
    struct histogram *histogram = malloc(sizeof *histogram);
    histogram_init(histogram);
    assert_int_equal(histogram_at(histogram, 0.99), 0);
    assert_true(histogram_mean(histogram) == 0);
    free(histogram);
}

static void test_histogram_too_large_values_keep_their_maximum(void **state)
{
    (void)state;
    struct histogram *histogram = malloc(sizeof *histogram);
    histogram_init(histogram);
    histogram_record(histogram, 5);
    histogram_record(histogram, UINT64_MAX / 2);
    assert_int_equal(histogram_at(histogram, 0.5), 5);
    assert_true(histogram_at(histogram, 1) == UINT64_MAX / 2);
    free(histogram);
}

static void test_histogram_added_equals_recorded_together(void **state)
{
    (void)state;
    struct random random = random_seeded(7);
    struct histogram *parts = malloc(2 * sizeof *parts), *whole = malloc(sizeof *whole);
    histogram_init(&parts[0]);
    histogram_init(&parts[1]);
    histogram_init(whole);
    for (int i = 0; i < 1000; i++) {
        uint64_t value = draw(&random, 1);
        histogram_record(&parts[i % 2], value);
        histogram_record(whole, value);
    }
    histogram_add(&parts[0], &parts[1]);
    assert_int_equal(parts[0].count, whole->count);
    assert_int_equal(parts[0].maximum, whole->maximum);
    assert_int_equal(parts[0].minimum, whole->minimum);
    assert_memory_equal(parts[0].buckets, whole->buckets, sizeof whole->buckets);
    free(parts);
    free(whole);
}

static void test_random_same_seed_makes_the_same_choices(void **state)
{
    (void)state;
    struct random one = random_seeded(42), two = random_seeded(42), other = random_seeded(43);
    int differing = 0;
    for (int i = 0; i < 100; i++) {
        uint32_t choice = random_below(&one, 1000);
        assert_int_equal(choice, random_below(&two, 1000));
        assert_in_range(choice, 0, 999);
        differing += choice != random_below(&other, 1000);
    }
    assert_true(differing > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram_percentiles_are_within_their_error),
        cmocka_unit_test(test_histogram_empty_says_zero),
        cmocka_unit_test(test_histogram_too_large_values_keep_their_maximum),
        cmocka_unit_test(test_histogram_added_equals_recorded_together),
        cmocka_unit_test(test_random_same_seed_makes_the_same_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
