/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what happened in the last minute, to the second. */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include <stdint.h>

enum { WINDOW_SECONDS = 60 };

struct window {
    uint64_t second; /* of the newest count */
    uint32_t total;
    uint16_t counts[WINDOW_SECONDS];
};

/* Counts one more; returns how many there were in the minute that ends now, this one included. */
uint32_t window_count(struct window *window, uint64_t monotonic_ms);
void window_clear(struct window *window);

#endif
