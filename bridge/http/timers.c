/* SPDX-License-Identifier: Apache-2.0 */
#include "http/timers.h"

#include "system/process_heap.h"

void timers_init(struct timers *timers)
{
    heap_init(&timers->heap, &process_heap);
}

void timers_fini(struct timers *timers)
{
    heap_fini(&timers->heap);
}

bool timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ms)
{
    return heap_set(&timers->heap, &timer->node, deadline_ms);
}

void timers_cancel(struct timers *timers, struct timer *timer)
{
    heap_remove(&timers->heap, &timer->node);
}

void timers_run(struct timers *timers, uint64_t now_ms)
{
    size_t budget = timers->heap.count; /* each at most once, so that one that re-arms itself ends this too */
    for (; budget > 0; budget--) {
        struct heap_node *node = heap_first(&timers->heap);
        if (node == NULL || node->deadline_ms > now_ms)
            return;
        struct timer *timer = (struct timer *)(void *)node;
        heap_remove(&timers->heap, node);
        timer->fire(timer, now_ms);
    }
}

uint64_t timers_next_ms(const struct timers *timers)
{
    struct heap_node *node = heap_first(&timers->heap);
    return node != NULL ? node->deadline_ms : UINT64_MAX;
}
