/* SPDX-License-Identifier: Apache-2.0 */
/* ckbLinkTable: the links between KMAs. */
#include "snmp/mib_table.h"

/* In the MIB's order; 1 is the index. */
enum column {
    COLUMN_ID = 2,
    COLUMN_KMA_A,
    COLUMN_KMA_B,
    COLUMN_STATE,
    COLUMN_COST,
    COLUMN_KEY_STOCK_KNOWN,
    COLUMN_KEY_STOCK,
    COLUMN_KEY_RATE_KNOWN,
    COLUMN_KEY_RATE,
    COLUMN_OWNER,
    COLUMN_CHANGED,
    COLUMNS_END,
};

static size_t row_count(const struct view *view)
{
    return view->link_count;
}

static size_t index_of(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    return mib_index_number(view->links[row]->revision.first, out_index);
}

/* Unknown (-1): 0. */
static void set_keys(struct cell *cell, int64_t keys)
{
    cell_set_unsigned(cell, keys > 0 ? (uint64_t)keys : 0);
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct link_view *link = view->links[row];
    const struct link_config *config = &link->config;
    switch ((enum column)column) {
    case COLUMN_ID:
        cell_set_text(cell, config->link_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_KMA_A:
        cell_set_text(cell, config->kma_a, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_KMA_B:
        cell_set_text(cell, config->kma_b, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_STATE:
        cell_set_truth(cell, config->state == LINK_UP); /* up(1), down(2) */
        return;
    case COLUMN_COST:
        cell_set_unsigned(cell, config->cost);
        return;
    case COLUMN_KEY_STOCK_KNOWN:
        cell_set_truth(cell, config->key_stock >= 0);
        return;
    case COLUMN_KEY_STOCK:
        set_keys(cell, config->key_stock);
        return;
    case COLUMN_KEY_RATE_KNOWN:
        cell_set_truth(cell, config->key_rate >= 0);
        return;
    case COLUMN_KEY_RATE:
        set_keys(cell, config->key_rate);
        return;
    case COLUMN_OWNER:
        cell_set_text(cell, config->origin, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_CHANGED:
        cell_set_time(cell, link->revision.changed_ms);
        return;
    case COLUMNS_END:
        break;
    }
    cell_set_text(cell, TEXT_ABSENT, 0);
}

const struct mib_table link_table = {
    .arcs = { 5, 1 },
    .arc_count = 2,
    .first_column = COLUMN_ID,
    .last_column = COLUMNS_END - 1,
    .row_count = row_count,
    .index = index_of,
    .cell = cell_of,
};
