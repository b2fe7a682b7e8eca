/* SPDX-License-Identifier: Apache-2.0 */
/* ckbRouteTable: the routes that are installed. */
#include "snmp/mib_table.h"

/* In the MIB's order; 1 is the index. */
enum column {
    COLUMN_ID = 2,
    COLUMN_SOURCE,
    COLUMN_DESTINATION,
    COLUMN_KIND,
    COLUMN_PATH,
    COLUMN_PRIORITY,
    COLUMN_VALID_UNTIL,
    COLUMN_USES,
    COLUMN_OWNER,
    COLUMN_CHANGED,
    COLUMNS_END,
};

static size_t row_count(const struct view *view)
{
    return view->route_count;
}

static size_t index_of(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    return mib_index_number(view->routes[row]->revision.first, out_index);
}

/* "a:b,c": the candidates at one KMA. */
static void add_hop(struct cell_text *path, const struct route_hop *hop)
{
    cell_text_word(path, " ", hop->kma_id);
    for (size_t i = 0; i < hop->next_kma_id_count; i++)
        cell_text_word(path, i == 0 ? ":" : ",", hop->next_kma_ids[i]);
}

static void set_path(const struct route_config *config, struct cell *cell)
{
    char buffer[CELL_TEXT_BYTES];
    struct cell_text path = cell_text_begin(buffer, sizeof buffer);
    for (size_t i = 0; i < config->path_length; i++)
        cell_text_word(&path, " ", config->path[i]);
    for (size_t i = 0; i < config->hop_count; i++)
        add_hop(&path, &config->hops[i]);
    cell_set_text(cell, cell_text_end(&path), CELL_TEXT_BYTES);
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct route_view *route = view->routes[row];
    switch ((enum column)column) {
    case COLUMN_ID:
        cell_set_text(cell, route->config.route_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_SOURCE:
        cell_set_text(cell, route->config.source_kma_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_DESTINATION:
        cell_set_text(cell, route->config.destination_kma_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_KIND:
        cell_set_integer(cell, route->config.path != NULL ? 1 : 2);
        return;
    case COLUMN_PATH:
        set_path(&route->config, cell);
        return;
    case COLUMN_PRIORITY:
        cell_set_integer(cell, route->config.priority);
        return;
    case COLUMN_VALID_UNTIL:
        cell_set_time(cell, route->config.valid_until_ms);
        return;
    case COLUMN_USES:
        cell_set_counter(cell, route->uses);
        return;
    case COLUMN_OWNER:
        cell_set_text(cell, route->config.origin, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_CHANGED:
        cell_set_time(cell, route->revision.changed_ms);
        return;
    case COLUMNS_END:
        break;
    }
    cell_set_text(cell, TEXT_ABSENT, 0);
}

const struct mib_table route_table = {
    .arcs = { 4, 1 },
    .arc_count = 2,
    .first_column = COLUMN_ID,
    .last_column = COLUMNS_END - 1,
    .row_count = row_count,
    .index = index_of,
    .cell = cell_of,
};
