/* SPDX-License-Identifier: Apache-2.0 */
/* A latency histogram of fixed size and three significant digits: buckets are linear within each power of
 * two. */
#ifndef CKSIM_HISTOGRAM_H
#define CKSIM_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_PRECISION_BITS = 10, /* a bucket is at most 2^-10 of its values wide */
    HISTOGRAM_VALUE_BITS = 41,     /* in nanoseconds: 36 minutes; above is counted in the last bucket */
    HISTOGRAM_BUCKETS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_PRECISION_BITS + 1) << HISTOGRAM_PRECISION_BITS,
};

struct histogram {
    uint64_t count;
    uint64_t maximum; /* exact */
    uint64_t minimum; /* exact; UINT64_MAX while empty */
    double sum;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_init(struct histogram *histogram);
void histogram_record(struct histogram *histogram, uint64_t value);
void histogram_add(struct histogram *into, const struct histogram *from);
/* The smallest recorded value that `share` (0 to 1) of all values do not exceed, at most 2^-10 too high,
   never above the maximum; 0 while empty. */
uint64_t histogram_at(const struct histogram *histogram, double share);
double histogram_mean(const struct histogram *histogram);

#endif
