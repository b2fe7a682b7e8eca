/* SPDX-License-Identifier: Apache-2.0 */
#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void set(int fd, int level, int option, int value)
{
    /* A system that lacks one of them still works. */
    (void)setsockopt(fd, level, option, &value, sizeof(value));
}

static int at_least_one(uint32_t value)
{
    return value > 0 ? (int)value : 1;
}

void socket_tune(int fd, uint32_t user_timeout_ms)
{
    enum { PROBES = 3 };
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (user_timeout_ms == 0)
        return;
    /* An idle peer that died is found in the same time as one that does not acknowledge: half of it silent,
       then the probes. */
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)user_timeout_ms);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, at_least_one(user_timeout_ms / 2000));
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, at_least_one(user_timeout_ms / (2000 * PROBES)));
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
}
