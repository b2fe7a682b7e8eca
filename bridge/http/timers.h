/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP thread's deadlines: replies that are waited for, heartbeats, retries. */
#ifndef HTTP_TIMERS_H
#define HTTP_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

/* Embedded in the object that waits; `node` must stay first. */
struct timer {
    struct heap_node node;
    void (*fire)(struct timer *timer, uint64_t now_ms); /* already out of the heap */
};

struct timers {
    struct heap heap;
};

void timers_init(struct timers *timers);
void timers_fini(struct timers *timers);
/* False: out of memory, and it was not set before. */
bool timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ms);
void timers_cancel(struct timers *timers, struct timer *timer);
/* Fires what was due at `now_ms` when called, not what is set meanwhile to be due at once. */
void timers_run(struct timers *timers, uint64_t now_ms);
/* UINT64_MAX: none. */
uint64_t timers_next_ms(const struct timers *timers);

#endif
