/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to the master agent (AgentX, RFC 2741): it is opened, asked whether it lives, and opened
 * anew. */
#ifndef SNMP_MASTER_H
#define SNMP_MASTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * lost -> (attempt: connect, open, register) -> registered -> (ping unanswered, closed by it) -> lost
 *
 * The library's own attempts are switched off: after a master agent that accepts and closes, each of its
 * attempts leaves one more alarm behind, and they add up.
 */
struct master {
    void *session; /* the library's; NULL: none */
    bool registered;
    uint64_t due_ms; /* of the next attempt or ping; monotonic */
    uint32_t pause_ms;
    char detail[160]; /* what was wrong the last time; "" when registered */
};

enum {
    MASTER_PAUSE_FIRST_MS = 250, /* between attempts; doubled to the last */
    MASTER_PAUSE_LAST_MS = 2000,
    MASTER_PING_MS = 2000,
    MASTER_ANSWER_S = 2, /* how long it may take to answer; nothing is sent a second time */
};

void master_init(struct master *master);
/* Attempts and asks when it is time; may wait for MASTER_ANSWER_S a message. True: `registered` or `detail`
 * has changed. */
bool master_turn(struct master *master, uint64_t monotonic_ms);
/* What the library's callbacks tell. */
void master_on_opened(struct master *master, void *session);
void master_on_closed(struct master *master);

#endif
