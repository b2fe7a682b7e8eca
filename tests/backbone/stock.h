/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a link's two KMs really hold: made all the time the link is up, kept up to a capacity, used
 * up one by one. What the controller reckons of them is another matter. */
#ifndef TESTS_BACKBONE_STOCK_H
#define TESTS_BACKBONE_STOCK_H

#include <stdbool.h>
#include <stdint.h>

struct stock {
    uint64_t level;    /* in keys times STOCK_UNITS */
    uint64_t capacity; /* likewise */
    uint32_t keys_an_hour;
    uint32_t faults; /* why it is down: none are made, and none can be used; 0: it is up */
    uint64_t now_ms; /* of the level */
};
enum { STOCK_UNITS = 3600000 }; /* milliseconds of an hour: so a rate adds up without a remainder */

/* As full as `keys`; the capacity is what it makes within `capacity_hours`. */
void stock_init(struct stock *stock, uint32_t keys_an_hour, uint32_t capacity_hours, uint64_t keys);
/* Time passes. */
void stock_advance(struct stock *stock, uint64_t now_ms);
uint64_t stock_keys(const struct stock *stock);
/* False: there is none, or the link is down. */
bool stock_use(struct stock *stock);

#endif
