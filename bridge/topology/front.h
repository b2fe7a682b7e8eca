/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a search has reached and not settled: numbers in a binary heap, the nearest first, each of which can
 * come nearer while it waits. Inline, so that each search's own order is.
 */
#ifndef TOPOLOGY_FRONT_H
#define TOPOLOGY_FRONT_H

#include <stdbool.h>
#include <stdint.h>

/* Room for every number that may wait; to begin with no place is other than 0, and count is 0. */
struct front {
    uint32_t *numbers;
    uint32_t *place; /* of each number among them plus 1; 0: it does not wait */
    uint32_t count;
};

/* Whether `left` is nearer than `right`. */
typedef bool front_order(const void *context, uint32_t left, uint32_t right);

static inline void front_put(struct front *front, uint32_t at, uint32_t number)
{
    front->numbers[at] = number;
    front->place[number] = at + 1;
}

/* It is new, or has come nearer. */
static inline void front_rise(struct front *front, uint32_t number, front_order *is_nearer,
                              const void *context)
{
    uint32_t at = front->place[number] != 0 ? front->place[number] - 1 : front->count++;
    while (at > 0 && is_nearer(context, number, front->numbers[(at - 1) / 2])) {
        front_put(front, at, front->numbers[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    front_put(front, at, number);
}

/* There is one at least. */
static inline uint32_t front_take(struct front *front, front_order *is_nearer, const void *context)
{
    const uint32_t nearest = front->numbers[0], last = front->numbers[--front->count];
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < front->count) {
        if (child + 1 < front->count && is_nearer(context, front->numbers[child + 1], front->numbers[child]))
            child++;
        if (!is_nearer(context, front->numbers[child], last))
            break;
        front_put(front, at, front->numbers[child]);
        at = child;
    }
    front_put(front, at, last);
    front->place[nearest] = 0;
    return nearest;
}

#endif
