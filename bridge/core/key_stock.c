/* SPDX-License-Identifier: Apache-2.0 */
#include "core/key_stock.h"

uint64_t key_stock_grown(const struct key_stock *stock, uint64_t wall_ms)
{
    const uint64_t now_ms = wall_ms - wall_ms % KEY_STOCK_GROWTH_MS;
    if (stock->per_hour == 0 || now_ms <= stock->as_of_ms)
        return 0;
    const uint64_t elapsed_ms = now_ms - stock->as_of_ms;
    return elapsed_ms / KEY_STOCK_HOUR_MS * stock->per_hour +
           elapsed_ms % KEY_STOCK_HOUR_MS * stock->per_hour / KEY_STOCK_HOUR_MS;
}

uint64_t key_stock_now(const struct key_stock *stock, uint64_t wall_ms)
{
    const uint64_t more = key_stock_grown(stock, wall_ms);
    if (stock->keys >= stock->capacity || more > stock->capacity - stock->keys)
        return stock->capacity;
    return stock->keys + more;
}

int64_t key_stock_available(const struct key_stock *stock, uint64_t wall_ms)
{
    if (!stock->is_told)
        return -1;
    const uint64_t now = key_stock_now(stock, wall_ms);
    return now > stock->reserved ? (int64_t)(now - stock->reserved) : 0;
}
