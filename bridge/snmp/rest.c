/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/rest.h"

#include <time.h>

#include "system/clock.h"

void rest_when_due(struct rest *rest)
{
    const struct timespec pause = { .tv_nsec = REST_US * 1000L };
    if (clock_monotonic_us() < rest->due_us)
        return;
    (void)nanosleep(&pause, NULL);
    rest->due_us = clock_monotonic_us() + REST_AFTER_US;
}
