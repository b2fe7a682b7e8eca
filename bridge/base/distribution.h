/* SPDX-License-Identifier: Apache-2.0 */
/* How values are distributed: counts between fixed bounds, and their sum. What a Prometheus histogram shows.
 */
#ifndef BASE_DISTRIBUTION_H
#define BASE_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

enum { DISTRIBUTION_BOUNDS_MAX = 16 };

/* Growing upper bounds, each included in what it bounds. */
struct distribution_scale {
    size_t count;
    uint64_t bounds[DISTRIBUTION_BOUNDS_MAX];
};

/* A few milliseconds to minutes, in milliseconds: what somebody decides or a network does. */
extern const struct distribution_scale distribution_milliseconds;
/* Ten microseconds to seconds, in microseconds: what a machine does. */
extern const struct distribution_scale distribution_microseconds;

/* Zero is empty. The scale is not kept: it is always the same one for a distribution. */
struct distribution {
    uint64_t
        buckets[DISTRIBUTION_BOUNDS_MAX + 1]; /* [i]: above bound i-1, up to bound i; [count]: above all */
    uint64_t sum;
};

void distribution_add(struct distribution *distribution, const struct distribution_scale *scale,
                      uint64_t value);
/* Of all values ever added. */
uint64_t distribution_count(const struct distribution *distribution);

#endif
