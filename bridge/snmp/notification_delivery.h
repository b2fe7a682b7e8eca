/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets the notifications, and what became of them: the master agent, or standalone's receivers. */
#ifndef SNMP_NOTIFICATION_DELIVERY_H
#define SNMP_NOTIFICATION_DELIVERY_H

#include "snmp/notification_queue.h"
#include "snmp/receiver.h"

/*
 * A notification is sent once to each; only an inform is sent again, with the same request ID.
 *
 * The master agent gets the next when it has acknowledged the one before: so one at most is in doubt when its
 * connection ends, and all others wait in the queue, as they do while there is none, or none that answers. An
 * acknowledgement may come as late as it likes while the connection lasts. If the connection ends before it,
 * then either it is certain that the notification was not read (master_transport.h), and it goes back to the
 * head of the queue; or AgentX leaves no way to know, for the master agent may have passed it on and gone
 * before it said so. Then it is not sent again: at most once. A trap too many is an alarm raised twice, which
 * nobody can tell from two; one too few is counted as lost, and the event, with its ID, is still in /events
 * and its state in the tables.
 */
enum {
    DELIVERY_UNACKNOWLEDGED_S = 600, /* longer than any master agent is silent before its session is closed */
};

struct notification_delivery {
    bool agentx;
    netsnmp_session *master; /* NULL: away */
    bool awaits;             /* the master agent has not acknowledged the last one yet: */
    struct notification last;
    uint64_t sent_ms;      /* monotonic */
    uint64_t sent_message; /* its number among the connections' messages */
    bool was_unread;       /* it is to go back */
    struct receiver *receivers;
    size_t receiver_count;
    uint64_t sent; /* and acknowledged by the master agent, or to one receiver at least */
    uint64_t lost; /* refused by the master agent, or not acknowledged before it went; or no memory for it */
};

/* Views the options. Outlives the library's sessions, whose end it hears of. False: out of memory. */
bool notification_delivery_init(struct notification_delivery *delivery, const struct snmp_options *options);
void notification_delivery_fini(struct notification_delivery *delivery);
/* The master agent's session; NULL: there is none to send to. */
void notification_delivery_set_master(struct notification_delivery *delivery, netsnmp_session *master);
/* The connection to the master agent has just ended, and there is no other yet: what it has not acknowledged
 * is settled. */
void notification_delivery_master_ended(struct notification_delivery *delivery);
/* True: *out_unread, which was sent, is to be sent once more. */
bool notification_delivery_take_unread(struct notification_delivery *delivery,
                                       struct notification *out_unread);
/* Opens the receiver that is due, one at a time: each may wait for RECEIVER_PROBE_MS, or for a name server.
 * True: another is due. */
bool notification_delivery_turn(struct notification_delivery *delivery, uint64_t monotonic_ms);
/* Somebody would get a notification now, and at the start each receiver has had its chance to. */
bool notification_delivery_is_ready(const struct notification_delivery *delivery);
/* `varbinds`: of this notification; NULL: there was no memory for them. */
void notification_delivery_send(struct notification_delivery *delivery,
                                const struct notification *notification, netsnmp_variable_list *varbinds,
                                uint64_t monotonic_ms);
/* When the one that the master agent has not acknowledged yet was sent; 0: there is none. */
uint64_t notification_delivery_awaits_since(const struct notification_delivery *delivery);
uint64_t notification_delivery_lost(const struct notification_delivery *delivery);
/* A receiver with a problem, in words; "" when there is none. */
void notification_delivery_describe(const struct notification_delivery *delivery, char *out_detail,
                                    size_t detail_bytes);

#endif
