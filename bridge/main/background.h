/* SPDX-License-Identifier: Apache-2.0 */
/* Going into the background: the caller waits until the daemon is ready, and gets its exit code if it fails.
 */
#ifndef MAIN_BACKGROUND_H
#define MAIN_BACKGROUND_H

/* Forks; returns in the child only, with a descriptor for background_ready; negative with errno on failure.
 */
int background_enter(void);
/* Lets the caller go, with this exit code. */
void background_ready(int descriptor, unsigned char exit_code);

#endif
