/* SPDX-License-Identifier: Apache-2.0 */
/* ckbBridge: the bridge as a whole. */
#include <assert.h>
#include <stddef.h>

#include "snmp/mib_table.h"

/* In the MIB's order. */
enum scalar {
    SCALAR_VERSION = 1,
    SCALAR_INSTANCE,
    SCALAR_START_TIME,
    SCALAR_DISCONTINUITY_TIME,
    SCALAR_STORE_STATE,
    SCALAR_ORCHESTRATOR_PRESENT,
    SCALAR_OVERLOADED,
    SCALAR_KMS_ENROLLED,
    SCALAR_KMS_CONNECTED,
    SCALAR_SESSIONS_MAX,
    SCALAR_RELAYS_OPEN,
    SCALAR_RELAYS_HELD,
    SCALAR_LOOKUPS_HELD,
    SCALAR_RELAYS_RECEIVED,
    SCALAR_RELAYS_SUCCEEDED,
    SCALAR_RELAYS_FAILED,
    SCALAR_RELAYS_REJECTED,
    SCALAR_RELAYS_EXPIRED,
    SCALAR_RELAYS_ORPHANED,
    SCALAR_LOOKUPS_RECEIVED,
    SCALAR_LOOKUPS_ANSWERED,
    SCALAR_LOOKUPS_REJECTED,
    SCALAR_PROTOCOL_ERRORS,
    SCALAR_KM_REFUSALS,
    SCALAR_COMMITS,
    SCALAR_NEWEST_EVENT_ID,
    SCALAR_NOTIFICATIONS_SENT,
    SCALAR_NOTIFICATIONS_SUPPRESSED,
    SCALAR_NOTIFICATIONS_LOST,
    SCALAR_NOTIFICATIONS_WAITING,
    SCALARS_END,
};

/* The scalars that are totals as the snapshot has them: the Counter64s, and the gauges among them. */
#define TOTAL(field) offsetof(struct totals, field)
static const size_t counters[SCALARS_END] = {
    [SCALAR_RELAYS_RECEIVED] = TOTAL(relays_received),
    [SCALAR_RELAYS_SUCCEEDED] = TOTAL(relays_ended[RELAY_SUCCEEDED]),
    [SCALAR_RELAYS_FAILED] = TOTAL(relays_ended[RELAY_FAILED]),
    [SCALAR_RELAYS_REJECTED] = TOTAL(relays_ended[RELAY_REJECTED]),
    [SCALAR_RELAYS_EXPIRED] = TOTAL(relays_ended[RELAY_EXPIRED]),
    [SCALAR_RELAYS_ORPHANED] = TOTAL(relays_ended[RELAY_ORPHANED]),
    [SCALAR_LOOKUPS_RECEIVED] = TOTAL(lookups_received),
    [SCALAR_LOOKUPS_ANSWERED] = TOTAL(lookups_answered),
    [SCALAR_LOOKUPS_REJECTED] = TOTAL(lookups_rejected),
    [SCALAR_PROTOCOL_ERRORS] = TOTAL(protocol_errors),
    [SCALAR_KM_REFUSALS] = TOTAL(km_refused),
};
static const size_t gauges[SCALARS_END] = {
    [SCALAR_KMS_ENROLLED] = TOTAL(kms_enrolled), [SCALAR_KMS_CONNECTED] = TOTAL(kms_connected),
    [SCALAR_RELAYS_OPEN] = TOTAL(relays_open),   [SCALAR_RELAYS_HELD] = TOTAL(relays_held),
    [SCALAR_LOOKUPS_HELD] = TOTAL(lookups_held),
};

static void set_total(const struct totals *totals, unsigned column, struct cell *cell)
{
    const char *base = (const char *)totals;
    assert(column < SCALARS_END);
    if (gauges[column] != 0)
        cell_set_unsigned(cell, *(const uint32_t *)(const void *)(base + gauges[column]));
    else
        cell_set_counter(cell, *(const uint64_t *)(const void *)(base + counters[column]));
}

static void cell_of(const struct view *view, size_t row, unsigned column, struct cell *cell)
{
    const struct snapshot *snapshot = view->snapshot;
    const struct snmp_facts *facts = &view->facts;
    (void)row;
    switch (column) {
    case SCALAR_VERSION:
        cell_set_c(cell, facts->version, 255);
        break;
    case SCALAR_INSTANCE:
        cell_set_c(cell, facts->instance, 255);
        break;
    case SCALAR_START_TIME:
    case SCALAR_DISCONTINUITY_TIME:
        cell_set_time(cell, facts->started_ms);
        break;
    case SCALAR_STORE_STATE:
        cell_set_truth(cell, snapshot->store_available); /* available(1), unavailable(2) */
        break;
    case SCALAR_ORCHESTRATOR_PRESENT:
        cell_set_truth(cell, snapshot->orchestrator_present);
        break;
    case SCALAR_OVERLOADED:
        cell_set_truth(cell, snapshot->overloaded);
        break;
    case SCALAR_SESSIONS_MAX:
        cell_set_unsigned(cell, facts->sessions_max);
        break;
    case SCALAR_COMMITS:
        cell_set_counter(cell, facts->commits);
        break;
    case SCALAR_NEWEST_EVENT_ID:
        cell_set_decimal(cell, snapshot->event_id);
        break;
    case SCALAR_NOTIFICATIONS_SENT:
        cell_set_counter(cell, view->notifications.sent);
        break;
    case SCALAR_NOTIFICATIONS_SUPPRESSED:
        cell_set_counter(cell, view->notifications.suppressed);
        break;
    case SCALAR_NOTIFICATIONS_LOST:
        cell_set_counter(cell, view->notifications.lost);
        break;
    case SCALAR_NOTIFICATIONS_WAITING:
        cell_set_unsigned(cell, view->notifications.waiting);
        break;
    default:
        set_total(&snapshot->totals, column, cell);
    }
}

const struct mib_table bridge_scalars = {
    .arcs = { 1 },
    .arc_count = 1,
    .first_column = SCALAR_VERSION,
    .last_column = SCALARS_END - 1,
    .row_count = mib_scalar_rows,
    .index = mib_scalar_index,
    .cell = cell_of,
};
