/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sorted.h"

#include <string.h>

void sorted_init(struct sorted *sorted, const struct memory *memory, sorted_compare compare)
{
    *sorted = (struct sorted){ .memory = *memory, .compare = compare };
}

void sorted_fini(struct sorted *sorted)
{
    memory_release(&sorted->memory, sorted->values, sorted->capacity * sizeof *sorted->values);
    sorted->values = NULL;
    sorted->count = sorted->capacity = 0;
}

/* The first index whose value does not come before `value`. */
static size_t position(const struct sorted *sorted, const void *value)
{
    size_t low = 0;
    size_t high = sorted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted->compare(sorted->values[middle], value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(struct sorted *sorted)
{
    size_t capacity = sorted->capacity == 0 ? 4 : sorted->capacity * 2;
    void **values = memory_allocate(&sorted->memory, capacity * sizeof *values);
    if (values == NULL)
        return false;
    if (sorted->count > 0)
        memcpy(values, sorted->values, sorted->count * sizeof *values);
    memory_release(&sorted->memory, sorted->values, sorted->capacity * sizeof *values);
    sorted->values = values;
    sorted->capacity = capacity;
    return true;
}

bool sorted_insert(struct sorted *sorted, void *value)
{
    if (sorted->count == sorted->capacity && !grow(sorted))
        return false;
    size_t at = position(sorted, value);
    memmove(sorted->values + at + 1, sorted->values + at, (sorted->count - at) * sizeof *sorted->values);
    sorted->values[at] = value;
    sorted->count++;
    return true;
}

void sorted_remove(struct sorted *sorted, const void *value)
{
    size_t at = position(sorted, value);
    if (at == sorted->count || sorted->values[at] != value)
        return;
    sorted->count--;
    memmove(sorted->values + at, sorted->values + at + 1, (sorted->count - at) * sizeof *sorted->values);
}
