/* SPDX-License-Identifier: Apache-2.0 */
/* The world's only source of chance: splitmix64, so that one number replays a whole run. */
#ifndef WORLD_RANDOM_H
#define WORLD_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_u64(struct random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to bound - 1; bound is above 0. */
static inline size_t random_below(struct random *random, size_t bound)
{
    return (size_t)(random_u64(random) % bound);
}

/* Both ends included. */
static inline uint64_t random_between(struct random *random, uint64_t low, uint64_t high)
{
    return low + random_u64(random) % (high - low + 1);
}

static inline bool random_one_in(struct random *random, size_t n)
{
    return random_below(random, n) == 0;
}

#endif
