/* SPDX-License-Identifier: Apache-2.0 */
#include "system/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>

/* Linux has both for each thread, and for the caller by the number 0. */
void thread_to_background(void)
{
    const struct sched_param none = { .sched_priority = 0 };
    if (sched_getscheduler(0) == SCHED_OTHER)
        (void)sched_setscheduler(0, SCHED_BATCH, &none);
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + THREAD_BACKGROUND_NICE);
}
