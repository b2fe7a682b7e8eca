/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a busy processor a thread asks for. */
#ifndef SYSTEM_THREAD_PRIORITY_H
#define SYSTEM_THREAD_PRIORITY_H

enum { THREAD_BACKGROUND_NICE = 5 }; /* beyond the process's own: a third of its share */

/*
 * The calling thread gives way to the process's others: it takes no processor away from one that runs when it
 * is woken (SCHED_BATCH), and has a smaller share while there are too few. Not a much smaller one: it must
 * not be kept waiting for long with a lock that others want. Where the system refuses, nothing changes.
 */
void thread_to_background(void);

#endif
