/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/policy.h"

#include <assert.h>

enum verdict policy_judge(uint32_t status)
{
    if (status >= 200 && status < 300)
        return VERDICT_TAKEN;
    if (status == 410)
        return VERDICT_GONE;
    if (status == 0 || status == 408 || status == 425 || status == 429 || status >= 500)
        return VERDICT_LATER;
    return VERDICT_REFUSED;
}

uint64_t policy_delay_ms(uint32_t failures, uint64_t random)
{
    assert(failures > 0);
    uint64_t longest = POLICY_DELAY_MS_FIRST;
    for (uint32_t i = 1; i < failures && longest < POLICY_DELAY_MS_MAX; i++)
        longest *= 2;
    if (longest > POLICY_DELAY_MS_MAX)
        longest = POLICY_DELAY_MS_MAX;
    return POLICY_DELAY_MS_MIN + random % (longest - POLICY_DELAY_MS_MIN + 1);
}

uint64_t policy_retry_ms(uint32_t failures, uint64_t random, uint64_t retry_after_s)
{
    const uint64_t delay_ms = policy_delay_ms(failures, random);
    const uint64_t wished_ms =
        1000 * (retry_after_s < POLICY_RETRY_AFTER_S_MAX ? retry_after_s : POLICY_RETRY_AFTER_S_MAX);
    return delay_ms > wished_ms ? delay_ms : wished_ms;
}
