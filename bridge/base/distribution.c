/* SPDX-License-Identifier: Apache-2.0 */
#include "base/distribution.h"

const struct distribution_scale distribution_milliseconds = {
    14, { 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000, 10000, 30000, 60000 }
};

const struct distribution_scale distribution_microseconds = { 16,
                                                              { 10, 50, 100, 250, 500, 1000, 2500, 5000,
                                                                10000, 25000, 50000, 100000, 250000, 1000000,
                                                                2500000, 10000000 } };

void distribution_add(struct distribution *distribution, const struct distribution_scale *scale,
                      uint64_t value)
{
    size_t at = 0;
    while (at < scale->count && value > scale->bounds[at])
        at++;
    distribution->buckets[at]++;
    distribution->sum += value;
}

uint64_t distribution_count(const struct distribution *distribution)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= DISTRIBUTION_BOUNDS_MAX; i++)
        count += distribution->buckets[i];
    return count;
}
