/* SPDX-License-Identifier: Apache-2.0 */
/* One epoll loop: descriptors that call back, and one turn at a time, so that the owner has phases around it.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Embedded in whatever is watched; must stay in place while it is added. */
struct loop_watch {
    int fd;
    /* `events` as epoll's: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May remove or close any watch, its own too.
     */
    void (*ready)(void *context, uint32_t events);
    void *context;
};

/* NULL: no descriptor or memory. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);
/* `events`: EPOLLIN, EPOLLOUT. False with errno when epoll refuses. */
bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
bool loop_modify(struct loop *loop, struct loop_watch *watch, uint32_t events);
/* After this, `ready` is not called any more, not even for what the current turn already collected. */
void loop_remove(struct loop *loop, struct loop_watch *watch);
/* Waits until something is ready or `timeout_ms` passed (-1: for ever, 0: not at all), then calls back.
   Returns the number of descriptors served. */
int loop_turn(struct loop *loop, int timeout_ms);
/* CLOCK_MONOTONIC in milliseconds, read once a turn, after waiting. */
uint64_t loop_now_ms(const struct loop *loop);

#endif
