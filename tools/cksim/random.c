/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/random.h"

#include <math.h>

struct random random_seeded(uint64_t seed)
{
    return (struct random){ .state = seed };
}

struct random random_fork(struct random *random)
{
    return random_seeded(random_next(random) ^ UINT64_C(0x5851f42d4c957f2d));
}

uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    /* Multiply-shift: the bias is below bound / 2^32, of no consequence for load. */
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_exponential(struct random *random, double mean)
{
    return -mean * log(1.0 - random_unit(random));
}

void random_bytes(struct random *random, unsigned char *out_bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out_bytes[i] = (unsigned char)(random_next(random) >> 56);
}
