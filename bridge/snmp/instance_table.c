/* SPDX-License-Identifier: Apache-2.0 */
/* ckbInstanceTable: the bridges that share one store; with an embedded one, this one alone. */
#include "snmp/mib_table.h"

/* In the MIB's order; 1 is the index. */
enum column {
    COLUMN_NAME = 2,
    COLUMN_STATE,
    COLUMN_VERSION,
    COLUMN_STARTED,
    COLUMN_KMS_CONNECTED,
    COLUMNS_END,
};

static size_t row_count(const struct view *view)
{
    (void)view;
    return 1;
}

static size_t index_of(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    (void)view;
    return mib_index_number(row + 1, out_index);
}

static int32_t state_of(const struct snmp_facts *facts)
{
    enum { SERVING = 1, NOT_READY = 2, STOPPING = 3 };
    if (facts->stopping)
        return STOPPING;
    return facts->ready ? SERVING : NOT_READY;
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct snmp_facts *facts = &view->facts;
    (void)row;
    switch ((enum column)column) {
    case COLUMN_NAME:
        cell_set_c(cell, facts->instance, 255);
        return;
    case COLUMN_STATE:
        cell_set_integer(cell, state_of(facts));
        return;
    case COLUMN_VERSION:
        cell_set_c(cell, facts->version, 255);
        return;
    case COLUMN_STARTED:
        cell_set_time(cell, facts->started_ms);
        return;
    case COLUMN_KMS_CONNECTED:
        cell_set_unsigned(cell, view->snapshot->totals.kms_connected);
        return;
    case COLUMNS_END:
        break;
    }
    cell_set_text(cell, TEXT_ABSENT, 0);
}

const struct mib_table instance_table = {
    .arcs = { 7, 1 },
    .arc_count = 2,
    .first_column = COLUMN_NAME,
    .last_column = COLUMNS_END - 1,
    .row_count = row_count,
    .index = index_of,
    .cell = cell_of,
};
