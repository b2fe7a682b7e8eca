/* SPDX-License-Identifier: Apache-2.0 */
/* Options of Ck's TCP sockets: small frames leave at once, dead peers are found by TCP, for Ck has no
   keep-alive (wire profile, reading 10). */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <stdint.h>

/* Accepted sockets inherit all of it from their listener. `user_timeout_ms` 0: the system's defaults. */
void socket_tune(int fd, uint32_t user_timeout_ms);

#endif
