/* SPDX-License-Identifier: Apache-2.0 */
/* The search for a name's cell, or the next one, against a list of all names that is looked through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seeded.h"
#include "snmp/mib_table.h"

enum { ROWS_MAX = 40, COLUMNS_MAX = 4, NAME_MAX = MIB_INDEX_MAX + 4, TABLES = 3000, NAMES_A_TABLE = 60 };

struct index {
    arc arcs[MIB_INDEX_MAX];
    size_t length;
};

/* The first member is what the table's functions are given. */
struct fake {
    struct view view;
    struct index rows[ROWS_MAX];
    size_t row_count;
};

static const struct fake *fake_of(const struct view *view)
{
    return (const struct fake *)(const void *)view;
}

static size_t fake_row_count(const struct view *view)
{
    return fake_of(view)->row_count;
}

static size_t fake_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    const struct index *index = &fake_of(view)->rows[row];
    assert_true(row < fake_of(view)->row_count);
    memcpy(out_index, index->arcs, index->length * sizeof *out_index);
    return index->length;
}

/* RFC 3416's order of names, written in another manner than the code's. */
static int order(const arc *left, size_t left_length, const arc *right, size_t right_length)
{
    size_t at = 0;
    while (at < left_length && at < right_length && left[at] == right[at])
        at++;
    if (at == left_length || at == right_length)
        return (left_length > right_length) - (left_length < right_length);
    return left[at] > right[at] ? 1 : -1;
}

static int order_rows(const void *left, const void *right)
{
    const struct index *one = left, *other = right;
    return order(one->arcs, one->length, other->arcs, other->length);
}

/* Few values, so that names often agree for a while; now and then the largest. */
static arc random_arc(struct seeded *seeded)
{
    return seeded_below(seeded, 12) == 0 ? UINT32_MAX : (arc)seeded_below(seeded, 5);
}

static void make_rows(struct fake *fake, struct seeded *seeded)
{
    const size_t wanted = seeded_below(seeded, ROWS_MAX + 1);
    const size_t length_max = 1 + seeded_below(seeded, MIB_INDEX_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < wanted; i++) {
        struct index *index = &fake->rows[i];
        index->length = 1 + seeded_below(seeded, length_max);
        for (size_t k = 0; k < index->length; k++)
            index->arcs[k] = random_arc(seeded);
    }
    qsort(fake->rows, wanted, sizeof *fake->rows, order_rows);
    for (size_t i = 0; i < wanted; i++)
        if (i == 0 || order_rows(&fake->rows[i], &fake->rows[kept - 1]) != 0)
            fake->rows[kept++] = fake->rows[i];
    fake->row_count = kept;
}

/* Of a cell that there is, changed a little, or of anything. */
static size_t random_name(const struct mib_table *table, const struct fake *fake, struct seeded *seeded,
                          arc *out_name)
{
    size_t length = 0;
    if (fake->row_count == 0 || seeded_below(seeded, 3) == 0) {
        length = seeded_below(seeded, NAME_MAX);
        for (size_t i = 0; i < length; i++)
            out_name[i] = random_arc(seeded);
        return length;
    }
    const struct index *index = &fake->rows[seeded_below(seeded, fake->row_count)];
    out_name[length++] =
        table->first_column + seeded_below(seeded, table->last_column - table->first_column + 1);
    memcpy(out_name + length, index->arcs, index->length * sizeof *out_name);
    length += index->length;
    switch (seeded_below(seeded, 4)) {
    case 0:
        out_name[length++] = random_arc(seeded);
        break;
    case 1:
        length--;
        break;
    case 2:
        out_name[seeded_below(seeded, length)] = random_arc(seeded);
        break;
    default:
        break;
    }
    return length;
}

static size_t name_of(const struct fake *fake, unsigned column, size_t row, arc *out_name)
{
    const struct index *index = &fake->rows[row];
    out_name[0] = column;
    memcpy(out_name + 1, index->arcs, index->length * sizeof *out_name);
    return 1 + index->length;
}

/* The first cell of which `order` to the name is at least `least`; false: none. */
static bool look_through(const struct mib_table *table, const struct fake *fake, const arc *name,
                         size_t length, int least, unsigned *out_column, size_t *out_row)
{
    arc own[NAME_MAX];
    for (unsigned column = table->first_column; column <= table->last_column; column++)
        for (size_t row = 0; row < fake->row_count && (table->gaps & 1ULL << column) == 0; row++)
            if (order(own, name_of(fake, column, row, own), name, length) >= least) {
                *out_column = column;
                *out_row = row;
                return true;
            }
    return false;
}

static bool is_place(const struct fake *fake, const struct mib_place *place, unsigned column, size_t row)
{
    const struct index *index = &fake->rows[row];
    return place->column == column && place->row == row && place->index_length == index->length &&
           memcmp(place->index, index->arcs, index->length * sizeof(arc)) == 0;
}

static bool finds(const struct mib_table *table, const struct fake *fake, const arc *name, size_t length)
{
    struct mib_place place;
    unsigned column = 0;
    size_t row = 0;
    arc own[NAME_MAX];
    const bool here = look_through(table, fake, name, length, 0, &column, &row) &&
                      order(own, name_of(fake, column, row, own), name, length) == 0;
    return mib_table_find(table, &fake->view, name, length, &place) == here &&
           (!here || is_place(fake, &place, column, row));
}

static bool finds_next(const struct mib_table *table, const struct fake *fake, const arc *name, size_t length)
{
    struct mib_place place;
    unsigned column = 0;
    size_t row = 0;
    const bool next = look_through(table, fake, name, length, 1, &column, &row);
    return mib_table_find_next(table, &fake->view, name, length, &place) == next &&
           (!next || is_place(fake, &place, column, row));
}

static void test_find_and_find_next_agree_with_a_look_through_all_names(void **state)
{
    (void)state;
    static struct fake fake;
    for (uint64_t seed = 1; seed <= TABLES; seed++) {
        struct seeded seeded = { seed };
        struct mib_table table = { .row_count = fake_row_count, .index = fake_index };
        arc name[NAME_MAX + 1];
        table.first_column = 1 + (unsigned)seeded_below(&seeded, 3);
        table.last_column = table.first_column + (unsigned)seeded_below(&seeded, COLUMNS_MAX);
        if (seeded_below(&seeded, 2) == 0) /* the first and the last are never gaps */
            table.gaps =
                seeded_below(&seeded, 64) & ~(1ULL << table.first_column | 1ULL << table.last_column);
        make_rows(&fake, &seeded);
        for (size_t i = 0; i < NAMES_A_TABLE; i++) {
            const size_t length = random_name(&table, &fake, &seeded, name);
            if (!finds(&table, &fake, name, length) || !finds_next(&table, &fake, name, length))
                fail_msg("seed %llu, name %zu", (unsigned long long)seed, i);
        }
    }
}

static void test_walk_meets_every_cell_once_and_ends(void **state)
{
    (void)state;
    static struct fake fake;
    for (uint64_t seed = 1; seed <= TABLES; seed++) {
        struct seeded seeded = { seed };
        const struct mib_table table = {
            .first_column = 2, .last_column = 4, .row_count = fake_row_count, .index = fake_index
        };
        arc name[NAME_MAX];
        size_t length = 0, met = 0;
        struct mib_place place;
        make_rows(&fake, &seeded);
        while (mib_table_find_next(&table, &fake.view, name, length, &place)) {
            assert_int_equal(place.column, 2 + met / fake.row_count);
            assert_int_equal(place.row, met % fake.row_count);
            length = name_of(&fake, place.column, place.row, name);
            met++;
        }
        assert_int_equal(met, 3 * fake.row_count);
    }
}

/* What a name holds needs not fit into a column's number. */
static void test_columns_beyond_32_bits_are_none(void **state)
{
    (void)state;
    struct fake fake = { .row_count = 1, .rows = { { { 1 }, 1 } } };
    const struct mib_table table = {
        .first_column = 2, .last_column = 4, .row_count = fake_row_count, .index = fake_index
    };
    struct mib_place place;
    const arc beyond[] = { ((arc)1 << 32) + 2, 1 };
    assert_false(mib_table_find(&table, &fake.view, beyond, 2, &place));
    assert_false(mib_table_find_next(&table, &fake.view, beyond, 2, &place));
}

/* The column 63 is the last that there can be. */
static void test_gaps_are_passed_over(void **state)
{
    (void)state;
    const struct mib_table table = { .first_column = 1,
                                     .last_column = 63,
                                     .gaps = ~(1ULL << 1 | 1ULL << 40 | 1ULL << 63),
                                     .row_count = mib_scalar_rows,
                                     .index = mib_scalar_index };
    static const unsigned columns[] = { 1, 40, 63 };
    arc name[] = { 0, 0 };
    struct mib_place place;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        assert_true(mib_table_find_next(&table, NULL, name, 2, &place));
        assert_int_equal(place.column, columns[i]);
        name[0] = place.column;
        assert_true(mib_table_find(&table, NULL, name, 2, &place));
        assert_true(mib_table_has_column(&table, columns[i]));
    }
    assert_false(mib_table_find_next(&table, NULL, name, 2, &place));
    name[0] = 7;
    assert_false(mib_table_find(&table, NULL, name, 2, &place));
    assert_false(mib_table_has_column(&table, 64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_and_find_next_agree_with_a_look_through_all_names),
        cmocka_unit_test(test_walk_meets_every_cell_once_and_ends),
        cmocka_unit_test(test_columns_beyond_32_bits_are_none),
        cmocka_unit_test(test_gaps_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
