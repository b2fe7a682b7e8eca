/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/timers.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cksim/system.h"

static void woken(void *context, uint32_t events)
{
    struct timers *timers = context;
    uint64_t expirations;
    (void)events;
    ssize_t got = read(timers->watch.fd, &expirations, sizeof expirations);
    (void)got; /* only the wake-up matters */
    timers->armed_ns = 0;
}

bool timers_init(struct timers *timers, struct loop *loop)
{
    heap_init(&timers->heap, &system_memory);
    timers->loop = loop;
    timers->armed_ns = 0;
    timers->watch = (struct loop_watch){
        .fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
        .ready = woken,
        .context = timers,
    };
    return timers->watch.fd >= 0 && loop_add(loop, &timers->watch, EPOLLIN);
}

void timers_fini(struct timers *timers)
{
    if (timers->watch.fd >= 0) {
        loop_remove(timers->loop, &timers->watch);
        close(timers->watch.fd);
    }
    heap_fini(&timers->heap);
}

void timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns)
{
    heap_set(&timers->heap, &timer->node, deadline_ns); /* system_memory does not fail */
}

void timers_cancel(struct timers *timers, struct timer *timer)
{
    heap_remove(&timers->heap, &timer->node);
}

static void arm(struct timers *timers, uint64_t deadline_ns)
{
    if (timers->armed_ns == deadline_ns)
        return;
    struct itimerspec when = { .it_value = { .tv_sec = (time_t)(deadline_ns / NS_PER_S),
                                             .tv_nsec = (long)(deadline_ns % NS_PER_S) } };
    timerfd_settime(timers->watch.fd, TFD_TIMER_ABSTIME, &when, NULL);
    timers->armed_ns = deadline_ns;
}

int timers_run(struct timers *timers)
{
    enum { BATCH = 4096 }; /* then the network has its turn, whatever is due */
    uint64_t now_ns = system_now_ns();
    for (int served = 0; served < BATCH; served++) {
        struct heap_node *first = heap_first(&timers->heap);
        if (first == NULL)
            return -1;
        if (first->deadline_ms > now_ns) {
            arm(timers, first->deadline_ms);
            return -1;
        }
        struct timer *timer = (struct timer *)first;
        heap_remove(&timers->heap, first);
        timer->fire(timer->context, now_ns);
    }
    return 0;
}
