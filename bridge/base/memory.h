/* SPDX-License-Identifier: Apache-2.0 */
/* Where pure code gets its memory from: handed in by whoever runs it, so floors 0 to 2 never call malloc. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

struct memory {
    /* Zeroed block of `bytes` (> 0), aligned for any type, or NULL. */
    void *(*allocate)(void *context, size_t bytes);
    /* `block` came from allocate with the same `bytes`. NULL is ignored. */
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
};

void *memory_allocate(const struct memory *memory, size_t bytes);
void memory_release(const struct memory *memory, void *block, size_t bytes);

#endif
