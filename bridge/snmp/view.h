/* SPDX-License-Identifier: Apache-2.0 */
/* What requests are answered from: a snapshot, its objects by their numbers, and the newest relays. */
#ifndef SNMP_VIEW_H
#define SNMP_VIEW_H

#include "base/arena.h"
#include "snmp/snmp.h"

struct identity;

enum {
    VIEW_RELAYS_MAX = 10000,      /* the newest */
    VIEW_OPEN_RELAYS_MAX = 10000, /* of older ones, those that are open */
    VIEW_RELAYS_AGE_MS = 5000,    /* a request that finds them older has them read anew */
    VIEW_AGE_MS = 1000,           /* likewise of the snapshot */
};
#define VIEW_NUMBER_MAX UINT32_MAX /* a sub-identifier of a name has 32 bits */

/* Of one relay, what the table shows. */
struct relay_row {
    uint64_t relay_id;
    enum relay_state state;
    enum reason reason;
    enum decider decided_by;
    struct text detail, km_id, source_kma_id, destination_kma_id, application_id;
    struct text path; /* separated by blanks, cut as CkbText is */
    uint64_t received_ms, ended_ms;
};

/* By ID. */
struct relay_rows {
    struct arena arena;
    struct relay_row *rows;
    size_t count;
    size_t limit; /* while they are read */
};

struct view {
    const struct snmp_backend *backend;
    const struct identity *identity; /* of standalone */
    struct snapshot *snapshot;
    struct snmp_facts facts;
    struct snmp_notification_counts notifications; /* the agent's own, as of its last turn */
    uint64_t taken_ms;                             /* monotonic */
    /* By their numbers (revision.first), as the tables have them; without those beyond VIEW_NUMBER_MAX. */
    const struct km_view **kms;
    const struct route_view **routes;
    const struct link_view **links;
    size_t km_count, route_count, link_count;
    size_t order_capacity;
    void *order; /* the block that holds all three */
    struct relay_rows relays;
    uint64_t relays_read_ms; /* monotonic; 0: never */
};

void view_init(struct view *view, const struct snmp_backend *backend);
void view_fini(struct view *view);
/* Makes it new if it is older than it may be. Out of memory: the former stays. */
void view_refresh(struct view *view, uint64_t monotonic_ms);
/* Likewise its relays, which cost a query: called only by who is about to show them. History that cannot be
   read whole: the former stay, for half of them would be a hole. */
void view_refresh_relays(struct view *view, uint64_t monotonic_ms);

#endif
