/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets the notifications, and what became of them: the master agent, or standalone's receivers. */
#ifndef SNMP_NOTIFICATION_DELIVERY_H
#define SNMP_NOTIFICATION_DELIVERY_H

#include "snmp/receiver.h"

/*
 * A notification is sent once to each; only an inform is sent again, with the same request ID. The master
 * agent gets the next when it has acknowledged the one before: so one at most is in doubt when it hangs or
 * goes, and counts as lost; all others wait in the queue, as they do while there is none.
 */
enum {
    DELIVERY_UNACKNOWLEDGED_S = 600, /* longer than any master agent is away before its session is closed */
};

struct notification_delivery {
    bool agentx, is_sending;
    netsnmp_session *master; /* NULL: away */
    bool awaits;             /* the master agent has not acknowledged the last one yet */
    struct receiver *receivers;
    size_t receiver_count;
    uint64_t sent; /* to the master agent, or to one receiver at least */
    uint64_t lost; /* refused by the master agent, or not acknowledged before it went; or no memory for it */
};

/* Views the options. Outlives the library's sessions, whose end it hears of. False: out of memory. */
bool notification_delivery_init(struct notification_delivery *delivery, const struct snmp_options *options);
void notification_delivery_fini(struct notification_delivery *delivery);
/* The master agent's session; NULL: it is gone. */
void notification_delivery_set_master(struct notification_delivery *delivery, netsnmp_session *master);
/* Opens the receiver that is due, one at a time: each may wait for RECEIVER_PROBE_MS, or for a name server.
 * True: another is due. */
bool notification_delivery_turn(struct notification_delivery *delivery, uint64_t monotonic_ms);
/* Somebody would get a notification now, and at the start each receiver has had its chance to. */
bool notification_delivery_is_ready(const struct notification_delivery *delivery);
void notification_delivery_send(struct notification_delivery *delivery, netsnmp_variable_list *varbinds);
uint64_t notification_delivery_lost(const struct notification_delivery *delivery);
/* A receiver with a problem, in words; "" when there is none. */
void notification_delivery_describe(const struct notification_delivery *delivery, char *out_detail,
                                    size_t detail_bytes);

#endif
