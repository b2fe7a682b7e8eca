/* SPDX-License-Identifier: Apache-2.0 */
#include "system/process_heap.h"

#include <stdlib.h>

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return calloc(1, bytes);
}

static void release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

const struct memory process_heap = { allocate, release, NULL };
