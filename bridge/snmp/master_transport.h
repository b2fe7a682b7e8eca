/* SPDX-License-Identifier: Apache-2.0 */
/* How net-snmp reaches the master agent: a transport of our own, which waits for nobody longer than stated.
 */
#ifndef SNMP_MASTER_TRANSPORT_H
#define SNMP_MASTER_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The library's transports connect and send without a limit: a master agent that is stopped, and whose queue
 * is full, would hold the agent's thread for as long as it likes. There is one connection a process, as the
 * library has one agent.
 */
enum { MASTER_CONNECT_MS = 1000, MASTER_SEND_MS = 1000 };

/* What the library finds it by, before a colon and the address: "unix:/path", "tcp:host:port" or
   "tcp6:[address]:port". */
#define MASTER_TRANSPORT_PREFIX "ckbmaster"

/* False: out of memory. It opens nothing until master_transport_allow. */
bool master_transport_register(void);
void master_transport_allow(void);
/* The rest but the last: the agent's thread alone. */
/* Why the newest connection was not opened, or ended; "" when nothing is known. */
const char *master_transport_error(void);
/* How many messages have been given to the connections so far. */
uint64_t master_transport_messages(void);
/*
 * The newest connection has ended, and it is certain that the last message given to it was not read whole: it
 * was not even sent whole, or the master agent's end of a local socket was closed with something unread in
 * it, of which the last message is the end (ECONNRESET; of TCP that may have other reasons). False: nobody
 * knows.
 */
bool master_transport_last_was_unread(void);
/* Ends the connection: its reader sees the end of it. */
void master_transport_cut(void);
/* The same for good, from any thread: nothing is opened afterwards, and nothing waits any more. */
void master_transport_cut_for_good(void);

#endif
