/* SPDX-License-Identifier: Apache-2.0 */
#include "backbone/stock.h"

#include <assert.h>

void stock_init(struct stock *stock, uint32_t keys_an_hour, uint32_t capacity_hours, uint64_t keys)
{
    *stock = (struct stock){ .level = keys * STOCK_UNITS,
                             .capacity = (uint64_t)keys_an_hour * capacity_hours * STOCK_UNITS,
                             .keys_an_hour = keys_an_hour };
    assert(stock->level <= stock->capacity);
}

void stock_advance(struct stock *stock, uint64_t now_ms)
{
    assert(now_ms >= stock->now_ms);
    if (stock->faults == 0)
        stock->level += (now_ms - stock->now_ms) * stock->keys_an_hour;
    if (stock->level > stock->capacity)
        stock->level = stock->capacity;
    stock->now_ms = now_ms;
}

uint64_t stock_keys(const struct stock *stock)
{
    return stock->level / STOCK_UNITS;
}

bool stock_use(struct stock *stock)
{
    if (stock->faults > 0 || stock->level < STOCK_UNITS)
        return false;
    stock->level -= STOCK_UNITS;
    return true;
}
