/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded choices: the same seed makes the same ones. SplitMix64 (Steele, Lea, Flood 2014); not for secrets.
 */
#ifndef CKSIM_RANDOM_H
#define CKSIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_seeded(uint64_t seed);
/* An independent stream, so that one part's use does not shift another's choices. */
struct random random_fork(struct random *random);
uint64_t random_next(struct random *random);
/* 0 to bound - 1; `bound` above 0. */
uint32_t random_below(struct random *random, uint32_t bound);
/* 0 included, 1 not. */
double random_unit(struct random *random);
/* Exponentially distributed with this mean: gaps of a Poisson process. */
double random_exponential(struct random *random, double mean);
void random_bytes(struct random *random, unsigned char *out_bytes, size_t count);

#endif
