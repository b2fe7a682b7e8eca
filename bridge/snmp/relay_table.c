/* SPDX-License-Identifier: Apache-2.0 */
/* ckbRelayTable: the newest relays. */
#include <stdio.h>

#include "snmp/mib_table.h"

/* In the MIB's order; 1 is the index. */
enum column {
    COLUMN_STATE = 2,
    COLUMN_REASON,
    COLUMN_DETAIL,
    COLUMN_KM_ID,
    COLUMN_SOURCE,
    COLUMN_DESTINATION,
    COLUMN_APPLICATION,
    COLUMN_PATH,
    COLUMN_DECIDED_BY,
    COLUMN_RECEIVED,
    COLUMN_ENDED,
    COLUMNS_END,
};

static size_t row_count(const struct view *view)
{
    return view->relays.count;
}

/* CkbNumber: as many digits, then the digits, which is in numerical order. */
static size_t index_of(const struct view *view, size_t row, arc out_index[MIB_INDEX_MAX])
{
    char digits[24];
    const int length =
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)view->relays.rows[row].relay_id);
    out_index[0] = (arc)length;
    for (int i = 0; i < length; i++)
        out_index[i + 1] = (arc)digits[i];
    return (size_t)length + 1;
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct relay_row *relay = &view->relays.rows[row];
    switch ((enum column)column) {
    case COLUMN_STATE:
        cell_set_integer(cell, (int32_t)relay->state + 1);
        return;
    case COLUMN_REASON:
        cell_set_c(cell, reason_name(relay->reason), 64);
        return;
    case COLUMN_DETAIL:
        cell_set_text(cell, relay->detail, CELL_TEXT_BYTES);
        return;
    case COLUMN_KM_ID:
        cell_set_text(cell, relay->km_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_SOURCE:
        cell_set_text(cell, relay->source_kma_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_DESTINATION:
        cell_set_text(cell, relay->destination_kma_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_APPLICATION:
        cell_set_text(cell, relay->application_id, LIMIT_IDENTIFIER_BYTES);
        return;
    case COLUMN_PATH:
        cell_set_text(cell, relay->path, CELL_TEXT_BYTES);
        return;
    case COLUMN_DECIDED_BY:
        cell_set_integer(cell, (int32_t)relay->decided_by);
        return;
    case COLUMN_RECEIVED:
        cell_set_time(cell, relay->received_ms);
        return;
    case COLUMN_ENDED:
        cell_set_time(cell, relay->ended_ms);
        return;
    case COLUMNS_END:
        break;
    }
    cell_set_text(cell, TEXT_ABSENT, 0);
}

_Static_assert(RELAY_RECEIVED == 0 && RELAY_ORPHANED == 7, "CkbRelayStatus has them in this order, from 1");
_Static_assert(DECIDER_ROUTE == 1 && DECIDER_ORCHESTRATOR == 2 && DECIDER_COMPUTED == 3, "as CkbDecider");

const struct mib_table relay_table = {
    .arcs = { 6, 1 },
    .arc_count = 2,
    .first_column = COLUMN_STATE,
    .last_column = COLUMNS_END - 1,
    .row_count = row_count,
    .index = index_of,
    .cell = cell_of,
    .refresh = view_refresh_relays,
};
