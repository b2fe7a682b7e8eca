/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the library's: it waits for its sockets and alarms, or for a wake-up, and does what they ask
 * for. */
#ifndef SNMP_LIBRARY_TURN_H
#define SNMP_LIBRARY_TURN_H

#include <stdbool.h>
#include <stdint.h>

/* `wake_fd`: an eventfd, which is read. On the library's own thread. True: there was nothing to read for the
 * library, so that it has heard all that had been said when the turn began. */
bool library_turn(int wake_fd, uint64_t wait_ms);

#endif
