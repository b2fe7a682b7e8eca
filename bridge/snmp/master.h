/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to the master agent (AgentX, RFC 2741): it is opened, asked whether it lives, and opened
 * anew. */
#ifndef SNMP_MASTER_H
#define SNMP_MASTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * lost -> (attempt: connect, open, register) -> registered <-> silent -> lost
 *
 * Registered, it is asked by a ping every MASTER_PING_MS, one at a time; while it has a notification to
 * acknowledge, that is the question. It is silent when it leaves one unanswered for MASTER_ANSWER_S, and what
 * it is late with counts when it comes: a machine short of processors, or an snmpd that is stopped for a
 * while, loses nothing and has nothing sent twice. A local master agent that dies closes its connection by
 * that. Only one that has been silent for MASTER_SILENT_MS_MAX is given up: its connection is cut, and what
 * it has not acknowledged remains in doubt.
 *
 * The library's own attempts are switched off: after a master agent that accepts and closes, each of its
 * attempts leaves one more alarm behind, and they add up.
 */
struct master {
    void *session; /* the library's; NULL: none */
    bool registered, silent;
    bool refused;      /* it has answered a ping with an error */
    uint64_t due_ms;   /* when there is something to do next; monotonic, as all of these */
    uint64_t ping_ms;  /* of the next ping */
    uint64_t asked_ms; /* when the ping that is not answered yet was sent; 0: there is none */
    uint32_t pause_ms;
    char detail[160]; /* what was wrong the last time; "" when registered */
};

enum {
    MASTER_PAUSE_FIRST_MS = 250, /* between attempts; doubled to the last */
    MASTER_PAUSE_LAST_MS = 2000,
    MASTER_PING_MS = 2000,
    MASTER_ANSWER_S = 2, /* how long it may take to answer; nothing is sent a second time */
    MASTER_SILENT_MS_MAX = 10000,
};

void master_init(struct master *master);
/* What is known of its answers. */
struct master_heard {
    uint64_t until_ms;    /* all that it had said by then has been heard */
    uint64_t notified_ms; /* when the notification that it has not acknowledged was sent; 0: there is none */
};
/* Attempts and asks when it is time; an attempt may wait for MASTER_ANSWER_S a message. True: `registered`,
 * `silent` or `detail` has changed. */
bool master_turn(struct master *master, const struct master_heard *heard);
/* It would take something now. */
bool master_listens(const struct master *master);
/* What the library's callbacks tell. */
void master_on_opened(struct master *master, void *session);
void master_on_closed(struct master *master);

#endif
