/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 with a 128-bit result (Aumasson, Bernstein): a keyed hash that peers cannot steer. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct siphash_key {
    uint64_t k0;
    uint64_t k1;
};

struct siphash_digest {
    uint64_t low;
    uint64_t high;
};

struct siphash_digest siphash(struct siphash_key key, struct text text);
bool siphash_digest_equal(struct siphash_digest left, struct siphash_digest right);

#endif
