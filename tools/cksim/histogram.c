/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/histogram.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

void histogram_init(struct histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->minimum = UINT64_MAX;
}

/* Values below 2^P have a bucket each; every power of two above has 2^P buckets. */
static size_t bucket_of(uint64_t value)
{
    if (value >> HISTOGRAM_VALUE_BITS != 0)
        return HISTOGRAM_BUCKETS - 1;
    if (value >> HISTOGRAM_PRECISION_BITS == 0)
        return (size_t)value;
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    unsigned shift = power - HISTOGRAM_PRECISION_BITS;
    size_t octave = (size_t)shift + 1;
    size_t within = (size_t)(value >> shift) & ((1U << HISTOGRAM_PRECISION_BITS) - 1);
    return (octave << HISTOGRAM_PRECISION_BITS) + within;
}

static uint64_t highest_of(size_t bucket)
{
    size_t octave = bucket >> HISTOGRAM_PRECISION_BITS;
    uint64_t within = bucket & ((1U << HISTOGRAM_PRECISION_BITS) - 1);
    if (octave == 0)
        return within;
    uint64_t lowest = (within | (UINT64_C(1) << HISTOGRAM_PRECISION_BITS)) << (octave - 1);
    return lowest + (UINT64_C(1) << (octave - 1)) - 1;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram->buckets[bucket_of(value)]++;
    histogram->count++;
    histogram->sum += (double)value;
    if (value > histogram->maximum)
        histogram->maximum = value;
    if (value < histogram->minimum)
        histogram->minimum = value;
}

void histogram_add(struct histogram *into, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->maximum > into->maximum)
        into->maximum = from->maximum;
    if (from->minimum < into->minimum)
        into->minimum = from->minimum;
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
    if (histogram->count == 0)
        return 0;
    uint64_t rank = (uint64_t)ceil(share * (double)histogram->count);
    if (rank < 1)
        rank = 1;
    uint64_t passed = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        passed += histogram->buckets[i];
        if (passed >= rank)
            return highest_of(i) < histogram->maximum ? highest_of(i) : histogram->maximum;
    }
    return histogram->maximum;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count == 0 ? 0 : histogram->sum / (double)histogram->count;
}
