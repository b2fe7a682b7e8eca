/* SPDX-License-Identifier: Apache-2.0 */
/* An arena hands out memory that is released all at once; what it handed out never moves. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/memory.h"
#include "base/text.h"

struct arena_block;

/* Blocks that a cleared arena keeps for its next use: 256 KiB. */
enum { ARENA_SPARE_BLOCKS = 16 };

struct arena {
    struct memory memory;
    struct arena_block *blocks; /* in use, newest first */
    struct arena_block *spare;
    size_t spare_count;
    size_t used_bytes;  /* in the newest block */
    size_t total_bytes; /* of the blocks in use */
};

void arena_init(struct arena *arena, const struct memory *memory);
void arena_fini(struct arena *arena);
/* Forgets everything handed out; keeps some blocks for the next use. */
void arena_clear(struct arena *arena);
/* Zeroed, aligned for any type; NULL when the memory behind it is exhausted. */
void *arena_allocate(struct arena *arena, size_t bytes);
/* A copy that lives as long as the arena; absent stays absent. Absent too when memory is exhausted. */
struct text arena_copy(struct arena *arena, struct text text);

#endif
