/* SPDX-License-Identifier: Apache-2.0 */
/* A `struct memory` over malloc for tests: counts what is out, and fails on demand. */
#ifndef TESTS_HEAP_MEMORY_H
#define TESTS_HEAP_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

#include "base/memory.h"

struct heap_memory {
    size_t bytes_out; /* allocated and not yet released, as the callers said */
    size_t blocks_out;
    size_t blocks_limit; /* as many may be out at once; one more is refused */
};

static void *heap_memory_allocate(void *context, size_t bytes)
{
    struct heap_memory *heap = context;
    if (heap->blocks_out >= heap->blocks_limit)
        return NULL;
    void *block = calloc(1, bytes);
    if (block == NULL)
        abort();
    heap->blocks_out++;
    heap->bytes_out += bytes;
    return block;
}

static void heap_memory_release(void *context, void *block, size_t bytes)
{
    struct heap_memory *heap = context;
    if (heap->blocks_out == 0 || heap->bytes_out < bytes)
        abort(); /* released twice, or with another size than it was allocated with */
    heap->blocks_out--;
    heap->bytes_out -= bytes;
    free(block);
}

static inline struct memory heap_memory(struct heap_memory *heap)
{
    return (struct memory){ heap_memory_allocate, heap_memory_release, heap };
}

#endif
