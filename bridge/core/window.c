/* SPDX-License-Identifier: Apache-2.0 */
#include "core/window.h"

static void advance(struct window *window, uint64_t second)
{
    if (second >= window->second + WINDOW_SECONDS)
        window_clear(window);
    while (window->total > 0 && window->second < second) {
        window->second++;
        uint16_t *slot = &window->counts[window->second % WINDOW_SECONDS];
        window->total -= *slot;
        *slot = 0;
    }
    window->second = second;
}

uint32_t window_count(struct window *window, uint64_t monotonic_ms)
{
    uint64_t second = monotonic_ms / 1000;
    if (second > window->second)
        advance(window, second);
    uint16_t *slot = &window->counts[window->second % WINDOW_SECONDS];
    if (*slot < UINT16_MAX) { /* more than any limit that can be set */
        (*slot)++;
        window->total++;
    }
    return window->total;
}

void window_clear(struct window *window)
{
    *window = (struct window){ .second = window->second };
}
