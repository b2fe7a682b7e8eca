/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/named.h"

#include <stdbool.h>
#include <string.h>

static bool is_sorted(const struct named *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (text_compare(items[i - 1].name, items[i].name) > 0)
            return false;
    }
    return true;
}

/* from[start..middle) and from[middle..end), each sorted, become one in `to`. */
static void merge(const struct named *from, struct named *to, size_t start, size_t middle, size_t end)
{
    size_t left = start, right = middle;
    for (size_t at = start; at < end; at++) {
        bool takes_left =
            left < middle && (right == end || text_compare(from[left].name, from[right].name) <= 0);
        to[at] = takes_left ? from[left++] : from[right++];
    }
}

void named_sort(struct named *items, struct named *scratch, size_t count)
{
    if (is_sorted(items, count)) /* as snapshots come */
        return;
    struct named *from = items, *to = scratch;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = count - start < width ? count : start + width;
            size_t end = count - start < 2 * width ? count : start + 2 * width;
            merge(from, to, start, middle, end);
        }
        struct named *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}
