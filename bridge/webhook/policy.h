/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver's answer means, and when it is asked again. Pure. */
#ifndef WEBHOOK_POLICY_H
#define WEBHOOK_POLICY_H

#include <stdint.h>

enum verdict {
    VERDICT_TAKEN,   /* 2xx */
    VERDICT_LATER,   /* no answer, 408, 425, 429, 5xx: asked again for as long as the event is kept */
    VERDICT_REFUSED, /* any other answer, redirects among them: asked again POLICY_REFUSALS_MAX times at most
                      */
    VERDICT_GONE,    /* 410: nothing more is sent */
};
/* `status`: 0: there was no answer. */
enum verdict policy_judge(uint32_t status);

enum {
    POLICY_REFUSALS_MAX = 4, /* of one event; then it is a dead letter */
    POLICY_DELAY_MS_MIN = 100,
    POLICY_DELAY_MS_FIRST = 1000,        /* the longest delay after the first failure; it doubles ... */
    POLICY_DELAY_MS_MAX = 5 * 60 * 1000, /* ... up to this */
    POLICY_RETRY_AFTER_S_MAX = 60 * 60,  /* a receiver that asks for more waits no longer */
};
/* Exponential with full jitter: `failures` in a row (from 1), and a random number of 64 bits. */
uint64_t policy_delay_ms(uint32_t failures, uint64_t random);
/* The same, but not before the receiver wishes; 0: it has no wish. */
uint64_t policy_retry_ms(uint32_t failures, uint64_t random, uint64_t retry_after_s);

#endif
