/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <string.h>

void heap_init(struct heap *heap, const struct memory *memory)
{
    *heap = (struct heap){ .memory = *memory };
}

void heap_fini(struct heap *heap)
{
    memory_release(&heap->memory, heap->nodes, heap->capacity * sizeof(struct heap_node *));
    heap->nodes = NULL;
    heap->count = heap->capacity = 0;
}

static void place(struct heap *heap, size_t index, struct heap_node *node)
{
    heap->nodes[index] = node;
    node->position = index + 1;
}

static void sift_up(struct heap *heap, struct heap_node *node)
{
    size_t index = node->position - 1;
    while (index > 0) {
        struct heap_node *parent = heap->nodes[(index - 1) / 2];
        if (parent->deadline_ms <= node->deadline_ms)
            break;
        place(heap, index, parent);
        index = (index - 1) / 2;
    }
    place(heap, index, node);
}

static void sift_down(struct heap *heap, struct heap_node *node)
{
    size_t index = node->position - 1;
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && heap->nodes[child + 1]->deadline_ms < heap->nodes[child]->deadline_ms)
            child++;
        if (heap->nodes[child]->deadline_ms >= node->deadline_ms)
            break;
        place(heap, index, heap->nodes[child]);
        index = child;
    }
    place(heap, index, node);
}

static bool grow(struct heap *heap)
{
    size_t capacity = heap->capacity == 0 ? 64 : heap->capacity * 2;
    struct heap_node **nodes = memory_allocate(&heap->memory, capacity * sizeof(struct heap_node *));
    if (nodes == NULL)
        return false;
    if (heap->count > 0)
        memcpy(nodes, heap->nodes, heap->count * sizeof(struct heap_node *));
    memory_release(&heap->memory, heap->nodes, heap->capacity * sizeof(struct heap_node *));
    heap->nodes = nodes;
    heap->capacity = capacity;
    return true;
}

bool heap_set(struct heap *heap, struct heap_node *node, uint64_t deadline_ms)
{
    if (node->position == 0) {
        if (heap->count == heap->capacity && !grow(heap))
            return false;
        place(heap, heap->count++, node);
    }
    node->deadline_ms = deadline_ms;
    sift_up(heap, node);
    sift_down(heap, node);
    return true;
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (node->position == 0)
        return;
    size_t index = node->position - 1;
    node->position = 0;
    struct heap_node *last = heap->nodes[--heap->count];
    if (last == node)
        return;
    place(heap, index, last);
    sift_up(heap, last);
    sift_down(heap, last);
}

struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->nodes[0] : NULL;
}
