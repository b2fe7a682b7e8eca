/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/mib_table.h"

#include <assert.h>
#include <string.h>

/* As names are ordered: by sub-identifiers, and a shorter one before what it begins. */
static int compare(const arc *left, size_t left_length, const arc *right, size_t right_length)
{
    const size_t common = left_length < right_length ? left_length : right_length;
    for (size_t i = 0; i < common; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return left_length < right_length ? -1 : left_length > right_length;
}

static int compare_row(const struct mib_table *table, const struct view *view, size_t row, const arc *index,
                       size_t length)
{
    arc own[MIB_INDEX_MAX];
    const size_t own_length = table->index(view, row, own);
    assert(own_length <= MIB_INDEX_MAX);
    return compare(own, own_length, index, length);
}

/* The first row whose index is not below this one, or above it. */
static size_t lower_bound(const struct mib_table *table, const struct view *view, const arc *index,
                          size_t length, bool above)
{
    size_t low = 0;
    size_t high = table->row_count(view);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_row(table, view, middle, index, length);
        if (order < 0 || (above && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void set_place(const struct mib_table *table, const struct view *view, unsigned column, size_t row,
                      struct mib_place *out_place)
{
    out_place->column = column;
    out_place->row = row;
    out_place->index_length = table->index(view, row, out_place->index);
}

bool mib_table_has_column(const struct mib_table *table, arc column)
{
    return column >= table->first_column && column <= table->last_column && (table->gaps >> column & 1) == 0;
}

bool mib_table_find(const struct mib_table *table, const struct view *view, const arc *name, size_t length,
                    struct mib_place *out_place)
{
    if (length < 2 || !mib_table_has_column(table, name[0]))
        return false;
    const size_t row = lower_bound(table, view, name + 1, length - 1, false);
    if (row == table->row_count(view) || compare_row(table, view, row, name + 1, length - 1) != 0)
        return false;
    set_place(table, view, (unsigned)name[0], row, out_place);
    return true;
}

bool mib_table_find_next(const struct mib_table *table, const struct view *view, const arc *name,
                         size_t length, struct mib_place *out_place)
{
    unsigned column = table->first_column;
    size_t row = 0;
    const size_t rows = table->row_count(view);
    if (rows == 0 || (length > 0 && name[0] > table->last_column))
        return false;
    if (length > 0 && name[0] >= table->first_column) {
        column = (unsigned)name[0];
        row = lower_bound(table, view, name + 1, length - 1, true);
        if (row == rows)
            column++;
        if (row == rows || !mib_table_has_column(table, column))
            row = 0;
    }
    while (column <= table->last_column && !mib_table_has_column(table, column))
        column++;
    if (column > table->last_column)
        return false;
    set_place(table, view, column, row, out_place);
    return true;
}

size_t mib_index_number(uint64_t number, arc out_index[MIB_INDEX_MAX])
{
    out_index[0] = (arc)number;
    return 1;
}

size_t mib_scalar_rows(const struct view *view)
{
    (void)view;
    return 1;
}

size_t mib_scalar_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    (void)view;
    return mib_index_number(row, out_index);
}
