/* SPDX-License-Identifier: Apache-2.0 */
/* Repeatable random numbers for tests (splitmix64): a failing test prints the seed that replays it. */
#ifndef TESTS_SEEDED_H
#define TESTS_SEEDED_H

#include <stdint.h>

struct seeded {
    uint64_t state;
};

static inline uint64_t seeded_next(struct seeded *seeded)
{
    uint64_t word = seeded->state += UINT64_C(0x9E3779B97F4A7C15);
    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

/* 0 to bound - 1; bound is above 0. */
static inline uint64_t seeded_below(struct seeded *seeded, uint64_t bound)
{
    return seeded_next(seeded) % bound;
}

#endif
