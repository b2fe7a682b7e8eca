/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <assert.h>

void *memory_allocate(const struct memory *memory, size_t bytes)
{
    assert(bytes > 0);
    return memory->allocate(memory->context, bytes);
}

void memory_release(const struct memory *memory, void *block, size_t bytes)
{
    if (block != NULL)
        memory->release(memory->context, block, bytes);
}
