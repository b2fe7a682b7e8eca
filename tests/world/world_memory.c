/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for the core: every block is counted and checked at its release, and now and then there is none. */
#include <assert.h>
#include <stdlib.h>

#include "world/world.h"

enum { GUARD_BYTES = 16 };

static void *counted_allocate(void *context, size_t bytes)
{
    struct counted_memory *counted = context;
    assert(bytes > 0);
    if (counted->fail_one_in > 0 && random_one_in(&counted->random, counted->fail_one_in)) {
        counted->refused++;
        return NULL;
    }
    unsigned char *block = calloc(1, GUARD_BYTES + bytes);
    assert(block != NULL);
    *(size_t *)(void *)block = bytes;
    counted->blocks++;
    counted->bytes += bytes;
    return block + GUARD_BYTES;
}

static void counted_release(void *context, void *block, size_t bytes)
{
    struct counted_memory *counted = context;
    if (block == NULL)
        return;
    unsigned char *start = (unsigned char *)block - GUARD_BYTES;
    assert(*(size_t *)(void *)start == bytes); /* released with the size it was allocated with */
    assert(counted->blocks > 0);
    counted->blocks--;
    counted->bytes -= bytes;
    *(size_t *)(void *)start = 0;
    free(start);
}

void counted_memory_init(struct counted_memory *counted, uint64_t seed)
{
    *counted = (struct counted_memory){ .random = { seed } };
    counted->memory = (struct memory){ counted_allocate, counted_release, counted };
}

static void *plain_allocate(void *context, size_t bytes)
{
    (void)context;
    return calloc(1, bytes);
}

static void plain_release(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

struct memory plain_memory(void)
{
    return (struct memory){ plain_allocate, plain_release, NULL };
}
