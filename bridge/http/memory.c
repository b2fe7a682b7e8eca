/* SPDX-License-Identifier: Apache-2.0 */
#include "http/memory.h"

#include <stdlib.h>

static void *heap_allocate(void *context, size_t bytes)
{
    (void)context;
    return calloc(1, bytes);
}

static void heap_release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

const struct memory http_memory = { heap_allocate, heap_release, NULL };
