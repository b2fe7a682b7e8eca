/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in nanoseconds on top of the loop, finer than its milliseconds: open load must start on time. */
#ifndef CKSIM_TIMERS_H
#define CKSIM_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "net/loop.h"

struct timer {
    struct heap_node node; /* first; its deadline counts nanoseconds here */
    void (*fire)(void *context, uint64_t now_ns);
    void *context;
};

struct timers {
    struct heap heap;
    struct loop *loop;
    struct loop_watch watch; /* a timerfd, which only wakes the loop */
    uint64_t armed_ns;
};

/* False: no descriptor. */
bool timers_init(struct timers *timers, struct loop *loop);
void timers_fini(struct timers *timers);
/* Starts or moves it. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns);
void timers_cancel(struct timers *timers, struct timer *timer);
/* Calls everything that is due; returns the milliseconds that loop_turn may wait (-1 or 0). */
int timers_run(struct timers *timers);

#endif
