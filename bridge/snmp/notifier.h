/* SPDX-License-Identifier: Apache-2.0 */
/* Events become notifications here: queued by any thread, sent by the agent's, and counted. */
#ifndef SNMP_NOTIFIER_H
#define SNMP_NOTIFIER_H

#include "snmp/notification_delivery.h"
#include "snmp/notification_queue.h"
#include "snmp/view.h"

struct notifier {
    const struct snmp_options *options;
    struct notification_queue queue;
    struct notification_delivery delivery;
    char problem[192]; /* of a receiver; "": none */
};

/* Views the options. Outlives the library. False: out of memory. */
bool notifier_init(struct notifier *notifier, const struct snmp_options *options);
void notifier_fini(struct notifier *notifier);
/* Any thread. True: there is something new to send. */
bool notifier_notice(struct notifier *notifier, const struct notice *notice);

/* The rest: the agent's thread alone. */
/* From the library's start to its end: a standalone agent tells of itself, too. */
void notifier_begin(struct notifier *notifier);
void notifier_end(struct notifier *notifier);
struct notifier_turn {
    bool more;        /* to do at once */
    bool new_problem; /* `problem` is another one, or none any more */
};
/* Whom it has to do with in AgentX. */
struct notifier_master {
    netsnmp_session *session; /* NULL: there is none */
    bool listens;
};
/* Sends what can be sent: to the master agent, or to the receivers. While nobody would get them they wait. */
struct notifier_turn notifier_turn(struct notifier *notifier, struct view *view,
                                   const struct notifier_master *master);
/* The connection to the master agent has just ended. */
void notifier_master_ended(struct notifier *notifier);
/* When the one that the master agent has not acknowledged yet was sent, monotonic; 0: there is none. */
uint64_t notifier_awaits_since(const struct notifier *notifier);
struct snmp_notification_counts notifier_counts(struct notifier *notifier);

#endif
