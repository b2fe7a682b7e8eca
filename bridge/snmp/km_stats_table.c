/* SPDX-License-Identifier: Apache-2.0 */
/* ckbKmStatsTable: what the KMs have sent, got and achieved. */
#include "snmp/km_rows.h"

/* In the MIB's order. */
enum column {
    COLUMN_NEXT_HOP_REQUESTS = 1,
    COLUMN_NEXT_HOP_RESPONSES,
    COLUMN_RELAY_NOTIFICATIONS,
    COLUMN_RELAY_REQUESTS,
    COLUMN_RELAY_RESPONSES,
    COLUMN_UNKNOWN_COMMANDS,
    COLUMN_MALFORMED_FRAMES,
    COLUMN_UNEXPECTED_FRAMES,
    COLUMN_UNCORRELATED_RESPONSES,
    COLUMN_REPEATS,
    COLUMN_SESSIONS,
    COLUMN_REFUSED_CONNECTIONS,
    COLUMN_RELAYS_SUCCEEDED,
    COLUMN_RELAYS_FAILED,
    COLUMN_RELAYS_REJECTED,
    COLUMN_RELAYS_EXPIRED,
    COLUMN_RELAYS_ORPHANED,
    COLUMN_REPLIES,
    COLUMN_REPLY_TIME_MEDIAN,
    COLUMN_REPLY_TIME_99,
    COLUMNS_END,
};

static uint64_t replies(const struct km_counters *counters)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < REPLY_TIME_BUCKETS; i++)
        sum += counters->reply_time_ms[i];
    return sum;
}

/* The bound of the bucket in which this share of the times is reached; 0: there are none. */
static uint64_t quantile_ms(const struct km_counters *counters, unsigned per_cent)
{
    const uint64_t total = replies(counters);
    const uint64_t wanted = (total * per_cent + 99) / 100;
    uint64_t below = 0;
    if (total == 0)
        return 0;
    for (size_t i = 0; i < REPLY_TIME_BUCKETS; i++) {
        below += counters->reply_time_ms[i];
        if (below >= wanted)
            return UINT64_C(1) << i;
    }
    return UINT64_C(1) << (REPLY_TIME_BUCKETS - 1);
}

static uint64_t counter(const struct km_counters *counters, enum column column)
{
    switch (column) {
    case COLUMN_NEXT_HOP_REQUESTS:
        return counters->received[CK_NEXT_HOP_REQUEST];
    case COLUMN_NEXT_HOP_RESPONSES:
        return counters->sent[CK_NEXT_HOP_RESPONSE];
    case COLUMN_RELAY_NOTIFICATIONS:
        return counters->received[CK_NOTIFY_RELAY];
    case COLUMN_RELAY_REQUESTS:
        return counters->sent[CK_RELAY_REQUEST];
    case COLUMN_RELAY_RESPONSES:
        return counters->received[CK_RELAY_RESPONSE];
    case COLUMN_UNKNOWN_COMMANDS:
        return counters->received[0];
    case COLUMN_MALFORMED_FRAMES:
        return counters->malformed;
    case COLUMN_UNEXPECTED_FRAMES:
        return counters->unexpected;
    case COLUMN_UNCORRELATED_RESPONSES:
        return counters->uncorrelated;
    case COLUMN_REPEATS:
        return counters->repeats;
    case COLUMN_SESSIONS:
        return counters->sessions;
    case COLUMN_REFUSED_CONNECTIONS:
        return counters->refused;
    case COLUMN_RELAYS_SUCCEEDED:
        return counters->relays_succeeded;
    case COLUMN_RELAYS_FAILED:
        return counters->relays_failed;
    case COLUMN_RELAYS_REJECTED:
        return counters->relays_rejected;
    case COLUMN_RELAYS_EXPIRED:
        return counters->relays_expired;
    case COLUMN_RELAYS_ORPHANED:
        return counters->relays_orphaned;
    case COLUMN_REPLIES:
        return replies(counters);
    case COLUMN_REPLY_TIME_MEDIAN:
        return quantile_ms(counters, 50);
    case COLUMN_REPLY_TIME_99:
        return quantile_ms(counters, 99);
    case COLUMNS_END:
        break;
    }
    return 0;
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const uint64_t value = counter(&view->kms[row]->counters, (enum column)column);
    if (column >= COLUMN_REPLY_TIME_MEDIAN)
        cell_set_unsigned(cell, value);
    else
        cell_set_counter(cell, value);
}

const struct mib_table km_stats_table = {
    .arcs = { 3, 1 },
    .arc_count = 2,
    .first_column = COLUMN_NEXT_HOP_REQUESTS,
    .last_column = COLUMNS_END - 1,
    .row_count = km_row_count,
    .index = km_row_index,
    .cell = cell_of,
};
