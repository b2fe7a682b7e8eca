/* SPDX-License-Identifier: Apache-2.0 */
/* A token bucket: so many a second, and a burst of one second's worth. */
#ifndef NET_RATE_H
#define NET_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: full at its first use. */
struct rate {
    uint64_t paid_until_us; /* the bucket's own clock: when all that was taken is paid for */
};

/* Takes one if there is one. `per_second` 0: unlimited. */
bool rate_take(struct rate *rate, uint32_t per_second, uint64_t now_ms);
/* How long until the next can be taken; at least 1 after rate_take refused. */
uint64_t rate_wait_ms(const struct rate *rate, uint32_t per_second, uint64_t now_ms);

#endif
