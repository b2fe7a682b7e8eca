/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/table.h"
#include "heap_memory.h"
#include "seeded.h"

enum { ITEMS = 200 };

struct item {
    char name[16];
    uint64_t number;
    bool in; /* the naive model: is it in the table? */
    bool visited;
};

static struct text name_of(const void *value)
{
    return text_from_c(((const struct item *)value)->name);
}

static struct text number_of(const void *value)
{
    return table_integer_key(&((const struct item *)value)->number);
}

static void make_items(struct item items[ITEMS], uint64_t seed)
{
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = (struct item){ .number = seed * ITEMS + i };
        snprintf(items[i].name, sizeof items[i].name, "kma-%zu", i);
    }
}

/* Everything that is in is found, nothing else is, and a walk meets each exactly once. */
static void check_against_model(const struct table *table, struct item items[ITEMS], uint64_t seed)
{
    size_t count = 0;
    size_t position = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        items[i].visited = false;
        count += items[i].in;
        if (table_find(table, table->key_of(&items[i])) != (items[i].in ? &items[i] : NULL))
            fail_msg("seed %llu: item %zu", (unsigned long long)seed, i);
    }
    assert_int_equal(table->count, count);
    for (struct item *item; (item = table_next(table, &position)) != NULL; count--) {
        if (!item->in || item->visited)
            fail_msg("seed %llu: %s visited", (unsigned long long)seed, item->name);
        item->visited = true;
    }
    assert_int_equal(count, 0);
}

static void run_random(uint64_t seed, table_key_function key_of)
{
    static struct item items[ITEMS];
    struct seeded seeded = { seed };
    struct heap_memory heap = { .blocks_limit = SIZE_MAX };
    struct memory memory = heap_memory(&heap);
    struct table table;
    make_items(items, seed);
    table_init(&table, &memory, (struct siphash_key){ seeded_next(&seeded), seeded_next(&seeded) }, key_of);
    uint64_t range = 1 + seeded_below(&seeded, ITEMS);
    for (int step = 0; step < 600; step++) {
        struct item *item = &items[seeded_below(&seeded, range)];
        bool inserting = seeded_below(&seeded, 100) < 55;
        if (inserting && !item->in) {
            assert_true(table_insert(&table, item));
            item->in = true;
        } else if (!inserting) {
            void *removed = table_remove(&table, key_of(item));
            if (removed != (item->in ? item : NULL))
                fail_msg("seed %llu: removal at step %d", (unsigned long long)seed, step);
            item->in = false;
        }
        if (step % 20 == 0)
            check_against_model(&table, items, seed);
    }
    check_against_model(&table, items, seed);
    table_fini(&table);
    assert_int_equal(heap.bytes_out, 0);
}

static void test_table_random_operations_match_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        run_random(seed, name_of);
        run_random(seed, number_of);
    }
}

static void test_table_empty_finds_nothing(void **state)
{
    (void)state;
    struct heap_memory heap = { .blocks_limit = SIZE_MAX };
    struct memory memory = heap_memory(&heap);
    struct table table;
    size_t position = 0;
    table_init(&table, &memory, (struct siphash_key){ 1, 2 }, name_of);
    assert_null(table_find(&table, TEXT("kma-1")));
    assert_null(table_remove(&table, TEXT("kma-1")));
    assert_null(table_next(&table, &position));
    table_fini(&table);
}

static void test_table_insert_without_memory_changes_nothing(void **state)
{
    (void)state;
    static struct item items[ITEMS];
    struct heap_memory heap = { .blocks_limit = 1 }; /* growing needs a second block for a moment */
    struct memory memory = heap_memory(&heap);
    struct table table;
    size_t inserted = 0;
    make_items(items, 1);
    table_init(&table, &memory, (struct siphash_key){ 1, 2 }, name_of);
    while (table_insert(&table, &items[inserted]))
        items[inserted++].in = true;
    assert_in_range(inserted, 1, ITEMS - 1);
    check_against_model(&table, items, 1);
    heap.blocks_limit = 2;
    assert_true(table_insert(&table, &items[inserted]));
    items[inserted].in = true;
    check_against_model(&table, items, 1);
    table_fini(&table);
    assert_int_equal(heap.bytes_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_random_operations_match_model),
        cmocka_unit_test(test_table_empty_finds_nothing),
        cmocka_unit_test(test_table_insert_without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
