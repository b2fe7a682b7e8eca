/* SPDX-License-Identifier: Apache-2.0 */
/* The newest published snapshot: put by the core thread, fetched by readers on others. */
#ifndef MAIN_SNAPSHOT_CELL_H
#define MAIN_SNAPSHOT_CELL_H

#include <pthread.h>

#include "core/snapshot.h"

struct snapshot_cell {
    pthread_mutex_t mutex;
    struct snapshot *snapshot;
};

void snapshot_cell_init(struct snapshot_cell *cell);
void snapshot_cell_fini(struct snapshot_cell *cell);
/* Takes the caller's reference. */
void snapshot_cell_put(struct snapshot_cell *cell, struct snapshot *take_snapshot);
/* Retained for the caller; NULL before the first was put. */
struct snapshot *snapshot_cell_get(struct snapshot_cell *cell);

#endif
