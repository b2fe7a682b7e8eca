/* SPDX-License-Identifier: Apache-2.0 */
/* One epoll loop: descriptors, timers and tasks that call back, and one turn at a time, so that the owner has
   phases around it.

   A turn waits, then calls `ready` of what is ready, then fires the timers that are due, then runs the tasks
   that were queued before the task phase began. One thread owns a loop and everything in it.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "net/list.h"

struct loop;

/* Embedded in whatever is watched; must stay in place while it is added. */
struct loop_watch {
    int fd;
    /* `events` as epoll's: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May remove or close any watch, its own too.
     */
    void (*ready)(void *context, uint32_t events);
    void *context;
    /* Served before all else that the same wait found, whatever epoll's order: what happened here happened
       before what others were told because of it. */
    bool first;
};

/* NULL: no descriptor or memory. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);
/* `events`: EPOLLIN, EPOLLOUT, EPOLLRDHUP, and EPOLLET for edges. False with errno when epoll refuses. */
bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
bool loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events);
/* After this, `ready` is not called any more, not even for what the current turn already collected. Call it
   before the descriptor is closed. */
void loop_remove(struct loop *loop, struct loop_watch *watch);
/* Waits until something is ready or `timeout_ms` passed (-1: for ever, 0: not at all), then calls back. Waits
   no longer than the first timer says, and not at all while a task is queued.
   Returns the number of descriptors served. */
int loop_turn(struct loop *loop, int timeout_ms);
/* CLOCK_MONOTONIC in milliseconds, read once a turn, after waiting. */
uint64_t loop_now_ms(const struct loop *loop);
/* The same in microseconds: when the turn's work began. */
uint64_t loop_now_us(const struct loop *loop);

/* Fires once, inside loop_turn. Zero it, then fill in `fire` and `context`; cancel it before it goes. */
struct loop_timer {
    struct heap_node node;
    void (*fire)(void *context);
    void *context;
};
/* Arms or moves it. False: out of memory, and it stays as it was. */
bool loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t deadline_ms);
/* No effect when it is not armed. */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* Runs once, inside loop_turn: work that was left over or put off. Zero it, then fill in the rest. */
struct loop_task {
    struct list_node node;
    void (*run)(void *context);
    void *context;
};
/* No effect when it is queued already. */
void loop_task_queue(struct loop *loop, struct loop_task *task);
void loop_task_cancel(struct loop_task *task);

#endif
