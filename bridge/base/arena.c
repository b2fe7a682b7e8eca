/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 16 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t bytes; /* of the payload */
    alignas(max_align_t) unsigned char payload[];
};

void arena_init(struct arena *arena, const struct memory *memory)
{
    *arena = (struct arena){ .memory = *memory };
}

static void release_block(struct arena *arena, struct arena_block *block)
{
    memory_release(&arena->memory, block, sizeof *block + block->bytes);
}

static void release_all(struct arena *arena, struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        release_block(arena, block);
        block = next;
    }
}

void arena_fini(struct arena *arena)
{
    release_all(arena, arena->blocks);
    release_all(arena, arena->spare);
    *arena = (struct arena){ .memory = arena->memory };
}

void arena_clear(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        /* A rare giant must not stay for ever. */
        if (block->bytes > ARENA_BLOCK_BYTES || arena->spare_count == ARENA_SPARE_BLOCKS) {
            release_block(arena, block);
        } else {
            block->next = arena->spare;
            arena->spare = block;
            arena->spare_count++;
        }
    }
    arena->used_bytes = 0;
    arena->total_bytes = 0;
}

static struct arena_block *take_block(struct arena *arena, size_t bytes)
{
    struct arena_block *block = arena->spare;
    if (bytes <= ARENA_BLOCK_BYTES && block != NULL) {
        arena->spare = block->next;
        arena->spare_count--;
        return block;
    }
    size_t payload = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
    block = memory_allocate(&arena->memory, sizeof *block + payload);
    if (block != NULL)
        block->bytes = payload;
    return block;
}

static size_t aligned(size_t bytes)
{
    return (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

void *arena_allocate(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return NULL;
    size_t wanted = aligned(bytes == 0 ? 1 : bytes);
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->bytes - arena->used_bytes < wanted) {
        block = take_block(arena, wanted);
        if (block == NULL)
            return NULL;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->used_bytes = 0;
        arena->total_bytes += block->bytes;
    }
    void *result = block->payload + arena->used_bytes;
    arena->used_bytes += wanted;
    memset(result, 0, wanted);
    return result;
}

struct text arena_copy(struct arena *arena, struct text text)
{
    if (!text_is_present(text))
        return TEXT_ABSENT;
    char *bytes = arena_allocate(arena, text.length + 1);
    if (bytes == NULL)
        return TEXT_ABSENT;
    if (text.length > 0)
        memcpy(bytes, text.bytes, text.length);
    return (struct text){ bytes, text.length };
}
