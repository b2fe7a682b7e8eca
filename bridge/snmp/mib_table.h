/* SPDX-License-Identifier: Apache-2.0 */
/* Tables as the MIB has them, and the search for the object of a name or the next one. Knows no SNMP library.
 */
#ifndef SNMP_MIB_TABLE_H
#define SNMP_MIB_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "snmp/cell.h"
#include "snmp/view.h"

enum {
    MIB_INDEX_MAX = 24, /* sub-identifiers: CkbNumber's 20 digits and their count */
    MIB_ARCS_MAX = 5,
};

struct mib_table {
    /* Below ckbObjects, or of a standard table below `internet` (1.3.6.1): the table and its entry {2, 1}, or
       the group of scalars {1}. */
    bool is_standard;
    arc arcs[MIB_ARCS_MAX];
    size_t arc_count;
    unsigned first_column, last_column; /* of those that are accessible, below 64 */
    uint64_t gaps;                      /* the columns between them that are not: the bit of their number */
    /* Rows are sorted by their index, without doubles. */
    size_t (*row_count)(const struct view *view);
    /* The row's index; its length. */
    size_t (*index)(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX]);
    /* The value of a column from first to last. */
    void (*cell)(const struct view *view, size_t row, unsigned column, struct cell *out_cell);
    /* NULL: nothing to do. Called before a request is answered from it. */
    void (*refresh)(struct view *view, uint64_t monotonic_ms);
};

extern const struct mib_table bridge_scalars, km_table, km_stats_table, route_table, link_table, relay_table,
    instance_table;
/* What every agent shows of itself: of standalone mode. */
extern const struct mib_table system_scalars, system_or_table, snmp_scalars, engine_scalars, mpd_scalars,
    usm_scalars;

/* A cell of a table, named by what follows the table's own name. */
struct mib_place {
    unsigned column;
    size_t row;
    arc index[MIB_INDEX_MAX];
    size_t index_length;
};

bool mib_table_has_column(const struct mib_table *table, arc column);
/* The cell of exactly this name (column, then index). */
bool mib_table_find(const struct mib_table *table, const struct view *view, const arc *name, size_t length,
                    struct mib_place *out_place);
/* The first cell whose name is above this one, which may be of any length and hold anything. */
bool mib_table_find_next(const struct mib_table *table, const struct view *view, const arc *name,
                         size_t length, struct mib_place *out_place);

/* The index of objects with a number: one sub-identifier. */
size_t mib_index_number(uint64_t number, arc out_index[MIB_INDEX_MAX]);
/* Of a group of scalars: one row, whose index is 0. */
size_t mib_scalar_rows(const struct view *view);
size_t mib_scalar_index(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX]);

#endif
