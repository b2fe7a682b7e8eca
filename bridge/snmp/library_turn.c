/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/library_turn.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "snmp/net_snmp.h"

enum { CALM_MS = 100 }; /* after a wait that failed */

static bool take_wakes(int wake_fd, netsnmp_large_fd_set *set)
{
    uint64_t wakes;
    if (!netsnmp_large_fd_is_set(wake_fd, set))
        return false;
    (void)!read(wake_fd, &wakes, sizeof wakes);
    netsnmp_large_fd_clr(wake_fd, set);
    return true;
}

bool library_turn(int wake_fd, uint64_t wait_ms)
{
    int descriptors = 0;
    int blocks = 0;
    struct timeval timeout = { .tv_sec = (time_t)(wait_ms / 1000),
                               .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000) };
    netsnmp_large_fd_set set;
    netsnmp_large_fd_set_init(&set, FD_SETSIZE);
    snmp_select_info2(&descriptors, &set, &timeout,
                      &blocks); /* shortens `timeout` only, as it does not block */
    netsnmp_large_fd_setfd(wake_fd, &set);
    if (wake_fd >= descriptors)
        descriptors = wake_fd + 1;
    const int ready = netsnmp_large_fd_set_select(descriptors, &set, NULL, NULL, &timeout);
    bool was_quiet = ready == 0;
    if (ready > 0) {
        was_quiet = take_wakes(wake_fd, &set) && ready == 1;
        snmp_read2(&set);
    } else if (ready < 0 && errno != EINTR) {
        (void)poll(NULL, 0, CALM_MS);
    }
    netsnmp_large_fd_set_cleanup(&set);
    snmp_timeout();
    run_alarms();
    netsnmp_check_outstanding_agent_requests();
    return was_quiet;
}
