/* SPDX-License-Identifier: Apache-2.0 */
#include "net/rate.h"

enum { US_PER_MS = 1000, BURST_MS = 1000 };

/* Virtual scheduling: each one taken moves the bucket's clock on by 1/per_second; it may run ahead of the
   real one by the burst, less what one costs. */
static uint64_t cost(uint32_t per_second)
{
    const uint64_t one = (uint64_t)1000 * US_PER_MS / per_second;
    return one > 0 ? one : 1;
}

static uint64_t allowed_until(uint32_t per_second, uint64_t now_ms)
{
    return (now_ms + BURST_MS) * US_PER_MS - cost(per_second);
}

bool rate_take(struct rate *rate, uint32_t per_second, uint64_t now_ms)
{
    if (per_second == 0)
        return true;
    if (rate->paid_until_us > allowed_until(per_second, now_ms))
        return false;
    if (rate->paid_until_us < now_ms * US_PER_MS)
        rate->paid_until_us = now_ms * US_PER_MS;
    rate->paid_until_us += cost(per_second);
    return true;
}

uint64_t rate_wait_ms(const struct rate *rate, uint32_t per_second, uint64_t now_ms)
{
    if (per_second == 0 || rate->paid_until_us <= allowed_until(per_second, now_ms))
        return 0;
    const uint64_t behind = rate->paid_until_us - allowed_until(per_second, now_ms);
    return (behind + US_PER_MS - 1) / US_PER_MS;
}
