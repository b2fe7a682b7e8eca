/* SPDX-License-Identifier: Apache-2.0 */
/* One receiver of a standalone agent's notifications: its session, opened when it can be, and its answers. */
#ifndef SNMP_RECEIVER_H
#define SNMP_RECEIVER_H

#include "snmp/net_snmp.h"
#include "snmp/snmp.h"

enum {
    RECEIVER_PROBE_MS = 500,           /* so long the engine of an SNMPv3 inform's receiver is asked for */
    RECEIVER_RETRY_MS_MIN = 5000,      /* a receiver that could not be opened is tried again after this, */
    RECEIVER_RETRY_MS_MAX = 5 * 60000, /* and after twice the time whenever it fails, up to this */
    RECEIVER_INFORM_TIMEOUT_MS = 2000, /* an inform is sent again after this, */
    RECEIVER_INFORM_RETRIES = 5,       /* so often */
    RECEIVER_INFORMS_OPEN_MAX = 256,   /* with more unanswered ones it gets none */
};

struct receiver {
    const struct snmp_receiver *options;
    const struct snmp_user *user; /* NULL: v2c */
    netsnmp_session *session;     /* NULL: not open */
    bool stale;                   /* it has another engine now: to be opened anew */
    bool is_sending;
    uint32_t informs_open;
    uint64_t lost; /* not sent, or never acknowledged */
    uint64_t retry_at_ms, retry_after_ms;
    char problem[96]; /* "": none */
};

/* Views the options. */
void receiver_init(struct receiver *receiver, const struct snmp_receiver *options,
                   const struct snmp_user *user);
bool receiver_was_tried(const struct receiver *receiver);
bool receiver_is_due(const struct receiver *receiver, uint64_t monotonic_ms);
/* Resolves its name, and finds its engine where it must: this may wait. */
void receiver_open(struct receiver *receiver, uint64_t monotonic_ms);
/* False: it does not get it, which is counted. An inform may be lost later. */
bool receiver_send(struct receiver *receiver, netsnmp_variable_list *varbinds);

#endif
