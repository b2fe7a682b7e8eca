/* SPDX-License-Identifier: Apache-2.0 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "system/clock.h"
#include "system/process_heap.h"

enum { LOOP_BATCH = 512 }; /* descriptors served in one turn; the others are still ready in the next */

struct loop {
    int epoll_fd;
    uint64_t now_us, now_ms;
    struct heap timers;
    struct list tasks;
    int batch_next; /* the first of the batch that was not served yet */
    int batch_count;
    struct epoll_event batch[LOOP_BATCH];
};

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL)
        return NULL;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        free(loop);
        return NULL;
    }
    const struct memory memory = process_heap;
    heap_init(&loop->timers, &memory);
    list_init(&loop->tasks);
    loop->now_us = clock_monotonic_us();
    loop->now_ms = loop->now_us / 1000;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    heap_fini(&loop->timers);
    close(loop->epoll_fd);
    free(loop);
}

static bool control(struct loop *loop, int operation, struct loop_watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = watch };
    return epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) == 0;
}

bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    assert(watch->ready != NULL);
    return control(loop, EPOLL_CTL_ADD, watch, events);
}

bool loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
    return control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
    (void)control(loop, EPOLL_CTL_DEL, watch, 0);
    for (int i = loop->batch_next; i < loop->batch_count; i++)
        if (loop->batch[i].data.ptr == watch)
            loop->batch[i].data.ptr = NULL;
}

static int waiting_time_ms(const struct loop *loop, int timeout_ms)
{
    if (!list_is_empty(&loop->tasks))
        return 0;
    const struct heap_node *first = heap_first(&loop->timers);
    if (first == NULL)
        return timeout_ms;
    const uint64_t now_ms = clock_monotonic_ms();
    if (first->deadline_ms <= now_ms)
        return 0;
    const uint64_t until_ms = first->deadline_ms - now_ms;
    const int until = until_ms > INT_MAX ? INT_MAX : (int)until_ms;
    return timeout_ms < 0 || until < timeout_ms ? until : timeout_ms;
}

static void fire_timers(struct loop *loop)
{
    struct heap_node *first;
    while ((first = heap_first(&loop->timers)) != NULL && first->deadline_ms <= loop->now_ms) {
        struct loop_timer *timer = LIST_MEMBER(first, struct loop_timer, node);
        heap_remove(&loop->timers, first);
        timer->fire(timer->context);
    }
}

static void run_tasks(struct loop *loop)
{
    /* What a task queues belongs to the next turn: a task that queues itself must not starve descriptors. */
    struct list due;
    list_init(&due);
    list_splice(&due, &loop->tasks);
    struct list_node *node;
    while ((node = list_take(&due)) != NULL) {
        struct loop_task *task = LIST_MEMBER(node, struct loop_task, node);
        task->run(task->context);
    }
}

static void bring_first_forward(struct loop *loop)
{
    int firsts = 0;
    for (int i = 0; i < loop->batch_count; i++) {
        const struct epoll_event event = loop->batch[i];
        const struct loop_watch *watch = event.data.ptr;
        if (!watch->first)
            continue;
        loop->batch[i] = loop->batch[firsts];
        loop->batch[firsts++] = event;
    }
}

int loop_turn(struct loop *loop, int timeout_ms)
{
    const int count = epoll_wait(loop->epoll_fd, loop->batch, LOOP_BATCH, waiting_time_ms(loop, timeout_ms));
    assert(count >= 0 || errno == EINTR);
    loop->now_us = clock_monotonic_us();
    loop->now_ms = loop->now_us / 1000;
    loop->batch_count = count > 0 ? count : 0;
    bring_first_forward(loop);
    for (loop->batch_next = 0; loop->batch_next < loop->batch_count;) {
        const struct epoll_event event = loop->batch[loop->batch_next++];
        const struct loop_watch *watch = event.data.ptr;
        if (watch != NULL) /* NULL: removed by one that was served before it */
            watch->ready(watch->context, event.events);
    }
    const int served = loop->batch_count;
    loop->batch_count = 0;
    fire_timers(loop);
    run_tasks(loop);
    return served;
}

uint64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

uint64_t loop_now_us(const struct loop *loop)
{
    return loop->now_us;
}

bool loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t deadline_ms)
{
    assert(timer->fire != NULL);
    return heap_set(&loop->timers, &timer->node, deadline_ms);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
    heap_remove(&loop->timers, &timer->node);
}

void loop_task_queue(struct loop *loop, struct loop_task *task)
{
    assert(task->run != NULL);
    if (!list_contains(&task->node))
        list_append(&loop->tasks, &task->node);
}

void loop_task_cancel(struct loop_task *task)
{
    list_remove(&task->node);
}
