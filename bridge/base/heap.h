/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap of deadlines: the earliest is found at once, any can be moved or removed. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/* Embedded in the object that waits. */
struct heap_node {
    uint64_t deadline_ms;
    size_t position; /* in the heap, counted from 1; 0: not in it */
};

struct heap {
    struct memory memory;
    struct heap_node **nodes;
    size_t count;
    size_t capacity;
};

void heap_init(struct heap *heap, const struct memory *memory);
void heap_fini(struct heap *heap);
/* Inserts, or moves when it is in already. False: out of memory, nothing changed. */
bool heap_set(struct heap *heap, struct heap_node *node, uint64_t deadline_ms);
/* No effect when it is not in. */
void heap_remove(struct heap *heap, struct heap_node *node);
/* The earliest, or NULL. */
struct heap_node *heap_first(const struct heap *heap);

#endif
