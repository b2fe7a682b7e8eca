/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "heap_memory.h"
#include "seeded.h"

enum { NODES = 150 };

/* The earliest deadline among the nodes that are in; UINT64_MAX when none is. */
static uint64_t earliest(const struct heap_node nodes[NODES], size_t *out_count)
{
    uint64_t result = UINT64_MAX;
    *out_count = 0;
    for (size_t i = 0; i < NODES; i++) {
        if (nodes[i].position == 0)
            continue;
        (*out_count)++;
        if (nodes[i].deadline_ms < result)
            result = nodes[i].deadline_ms;
    }
    return result;
}

static void check_first(const struct heap *heap, const struct heap_node nodes[NODES], uint64_t seed)
{
    size_t count;
    uint64_t deadline_ms = earliest(nodes, &count);
    const struct heap_node *first = heap_first(heap);
    assert_int_equal(heap->count, count);
    if (count == 0)
        assert_null(first);
    else if (first == NULL || first->deadline_ms != deadline_ms)
        fail_msg("seed %llu: the first is not the earliest", (unsigned long long)seed);
}

static void run_random(uint64_t seed)
{
    static struct heap_node nodes[NODES];
    struct seeded seeded = { seed };
    struct heap_memory memory_out = { .blocks_limit = SIZE_MAX };
    struct memory memory = heap_memory(&memory_out);
    struct heap heap;
    heap_init(&heap, &memory);
    for (size_t i = 0; i < NODES; i++)
        nodes[i] = (struct heap_node){ 0 };
    uint64_t range = 1 + seeded_below(&seeded, 300); /* small ranges make ties */
    for (int step = 0; step < 800; step++) {
        struct heap_node *node = &nodes[seeded_below(&seeded, NODES)];
        uint64_t choice = seeded_below(&seeded, 10);
        if (choice < 6) {
            uint64_t deadline_ms = seeded_below(&seeded, range);
            assert_true(heap_set(&heap, node, deadline_ms));
            assert_int_equal(node->deadline_ms, deadline_ms);
            assert_int_not_equal(node->position, 0);
        } else {
            if (choice == 9 && heap_first(&heap) != NULL)
                node = heap_first(&heap);
            heap_remove(&heap, node);
            assert_int_equal(node->position, 0);
        }
        check_first(&heap, nodes, seed);
    }
    uint64_t last = 0;
    for (struct heap_node *node; (node = heap_first(&heap)) != NULL; heap_remove(&heap, node)) {
        if (node->deadline_ms < last)
            fail_msg("seed %llu: drained out of order", (unsigned long long)seed);
        last = node->deadline_ms;
    }
    assert_int_equal(heap.count, 0);
    heap_fini(&heap);
    assert_int_equal(memory_out.bytes_out, 0);
}

static void test_heap_random_operations_match_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++)
        run_random(seed);
}

static void test_heap_set_without_memory_changes_nothing(void **state)
{
    (void)state;
    struct heap_memory memory_out = { .blocks_limit = 0 };
    struct memory memory = heap_memory(&memory_out);
    struct heap heap;
    struct heap_node node = { 0 };
    heap_init(&heap, &memory);
    assert_false(heap_set(&heap, &node, 7));
    assert_int_equal(node.position, 0);
    assert_null(heap_first(&heap));
    memory_out.blocks_limit = 1;
    assert_true(heap_set(&heap, &node, 7));
    assert_ptr_equal(heap_first(&heap), &node);
    heap_fini(&heap);
    assert_int_equal(memory_out.bytes_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_random_operations_match_model),
        cmocka_unit_test(test_heap_set_without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
