/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite's own way to the disk, made to fail on demand: every database opened after faulty_vfs_install uses
 * it. */
#ifndef TESTS_FAULTY_VFS_H
#define TESTS_FAULTY_VFS_H

#include <stdbool.h>

/* Registers it as the default. Once a process. */
void faulty_vfs_install(void);
/* After `calls` more writes, syncs and truncations (0: the next one), each fails with the SQLite result
   `code`, until faulty_vfs_heal. */
void faulty_vfs_fail_after(int calls, int code);
void faulty_vfs_heal(void);
/* Has anything failed since faulty_vfs_fail_after? */
bool faulty_vfs_has_failed(void);
/* Each sync takes so much longer; 0: not. */
void faulty_vfs_delay_sync(int delay_us);
/* From now on the bytes of a failing write are written by half before it fails. */
void faulty_vfs_tear(bool tears);

#endif
