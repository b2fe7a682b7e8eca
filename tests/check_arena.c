/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "heap_memory.h"
#include "seeded.h"

struct fixture {
    struct heap_memory heap;
    struct arena arena;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .heap = { .blocks_limit = SIZE_MAX } };
    struct memory memory = heap_memory(&fixture.heap);
    arena_init(&fixture.arena, &memory);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_fini(&fixture->arena);
    return fixture->heap.blocks_out == 0 && fixture->heap.bytes_out == 0 ? 0 : -1;
}

/* Each block is zeroed, aligned, and keeps its bytes while others are handed out and written over. */
static void test_arena_random_sizes_stay_apart(void **state)
{
    struct fixture *fixture = *state;
    enum { BLOCKS = 400 };
    static unsigned char *blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct seeded seeded = { seed };
        for (size_t i = 0; i < BLOCKS; i++) {
            sizes[i] = seeded_below(&seeded, i % 50 == 0 ? 40000 : 300);
            blocks[i] = arena_allocate(&fixture->arena, sizes[i]);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
            for (size_t at = 0; at < sizes[i]; at++)
                assert_int_equal(blocks[i][at], 0);
            memset(blocks[i], (int)(i % 255 + 1), sizes[i]);
        }
        for (size_t i = 0; i < BLOCKS; i++)
            for (size_t at = 0; at < sizes[i]; at++)
                if (blocks[i][at] != i % 255 + 1)
                    fail_msg("seed %llu: block %zu was overwritten", (unsigned long long)seed, i);
        arena_clear(&fixture->arena);
        assert_in_range(fixture->heap.blocks_out, 0, ARENA_SPARE_BLOCKS);
    }
}

static void test_arena_clear_keeps_some_blocks_and_no_giant(void **state)
{
    struct fixture *fixture = *state;
    arena_clear(&fixture->arena);
    void *first = arena_allocate(&fixture->arena, 100);
    assert_non_null(first);
    arena_clear(&fixture->arena);
    assert_int_equal(fixture->heap.blocks_out, 1);
    assert_ptr_equal(arena_allocate(&fixture->arena, 100), first);
    arena_clear(&fixture->arena);
    assert_non_null(arena_allocate(&fixture->arena, 1 << 20));
    arena_clear(&fixture->arena);
    assert_true(fixture->heap.bytes_out < 1 << 16);
    assert_int_equal(fixture->arena.total_bytes, 0);
    for (int i = 0; i < 1000; i++)
        assert_non_null(arena_allocate(&fixture->arena, 1000));
    assert_true(fixture->heap.blocks_out > ARENA_SPARE_BLOCKS);
    arena_clear(&fixture->arena);
    assert_int_equal(fixture->heap.blocks_out, ARENA_SPARE_BLOCKS);
    assert_non_null(arena_allocate(&fixture->arena, 100));
    assert_int_equal(fixture->heap.blocks_out, ARENA_SPARE_BLOCKS);
}

/* total_bytes is what was asked for beside the blocks' own heads. */
static void test_arena_counts_its_bytes(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(fixture->arena.total_bytes, 0);
    for (int i = 0; i < 1000; i++)
        assert_non_null(arena_allocate(&fixture->arena, 100));
    assert_true(fixture->arena.total_bytes >= 100000);
    assert_true(fixture->arena.total_bytes <= fixture->heap.bytes_out);
    arena_fini(&fixture->arena);
    assert_int_equal(fixture->arena.total_bytes, 0);
    assert_int_equal(fixture->heap.bytes_out, 0);
}

static void test_arena_copy_is_its_own(void **state)
{
    struct fixture *fixture = *state;
    char source[] = "kma-1";
    struct text copy = arena_copy(&fixture->arena, text_from_c(source));
    source[0] = 'X';
    assert_true(text_equal_c(copy, "kma-1"));
    assert_int_equal(copy.bytes[copy.length], '\0');
    assert_false(text_is_present(arena_copy(&fixture->arena, TEXT_ABSENT)));
    struct text empty = arena_copy(&fixture->arena, TEXT(""));
    assert_true(text_is_present(empty));
    assert_int_equal(empty.length, 0);
}

static void test_arena_exhausted_memory_gives_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture->heap.blocks_limit = 0;
    assert_null(arena_allocate(&fixture->arena, 1));
    assert_false(text_is_present(arena_copy(&fixture->arena, TEXT("x"))));
    fixture->heap.blocks_limit = 1;
    assert_non_null(arena_allocate(&fixture->arena, 1));
    assert_null(arena_allocate(&fixture->arena, 1 << 20));
    assert_null(arena_allocate(&fixture->arena, SIZE_MAX));
    assert_non_null(arena_allocate(&fixture->arena, 1)); /* the block at hand has room */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_arena_random_sizes_stay_apart),
        TEST(test_arena_clear_keeps_some_blocks_and_no_giant),
        TEST(test_arena_counts_its_bytes),
        TEST(test_arena_copy_is_its_own),
        TEST(test_arena_exhausted_memory_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
