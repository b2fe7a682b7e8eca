/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's thread rests for a moment now and then while requests follow each other without end. */
#ifndef SNMP_REST_H
#define SNMP_REST_H

#include <stdint.h>

/*
 * A walk is a chain: the manager wakes the master agent, that wakes the agent, which wakes that again. On
 * Linux (seen on 6.18, two processors) such a chain, of which each member hardly ever uses up its turn, keeps
 * a processor from others who are ready to run on it, at any priority: from the kernel's own worker that
 * completes a flush of the disk, say, for 100 ms and more, in which no decision of Ck's becomes durable. A
 * short sleep breaks the chain, and costs the walk a twentieth.
 */
enum { REST_AFTER_US = 3000, REST_US = 150 };

struct rest {
    uint64_t due_us; /* monotonic */
};

/* After each piece of work that was found waiting. */
void rest_when_due(struct rest *rest);

#endif
