/* SPDX-License-Identifier: Apache-2.0 */
/* A link's stock of keys as it is at any moment: told or counted at one, and growing since. */
#ifndef CORE_KEY_STOCK_H
#define CORE_KEY_STOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Stocks grow by whole seconds: what is left is then the same for all that is decided within one, however
   often it is asked. */
enum { KEY_STOCK_HOUR_MS = 3600000, KEY_STOCK_GROWTH_MS = 1000 };

struct key_stock {
    bool is_told;      /* else nobody told, and it is not limited */
    uint64_t keys;     /* as of `as_of_ms`, less what was used since; at most INT64_MAX */
    uint64_t as_of_ms; /* Unix time */
    uint64_t per_hour; /* at most KEY_STOCK_RATE_MAX */
    uint64_t capacity; /* at most INT64_MAX: no limit */
    uint32_t reserved;
};

/* A rate above this counts as this: it is more than anybody uses up, and the sums stay within 64 bits. */
#define KEY_STOCK_RATE_MAX UINT64_C(1000000000000)

/* Keys that came since; what a rate makes of less than one counts later. Not bounded by the capacity. */
uint64_t key_stock_grown(const struct key_stock *stock, uint64_t wall_ms);
/* With those that are reserved. */
uint64_t key_stock_now(const struct key_stock *stock, uint64_t wall_ms);
/* Keys that may be reserved; -1: not limited. */
int64_t key_stock_available(const struct key_stock *stock, uint64_t wall_ms);

#endif
