/* SPDX-License-Identifier: Apache-2.0 */
#include "main/snapshot_cell.h"

void snapshot_cell_init(struct snapshot_cell *cell)
{
    cell->snapshot = NULL;
    pthread_mutex_init(&cell->mutex, NULL);
}

void snapshot_cell_fini(struct snapshot_cell *cell)
{
    snapshot_release(cell->snapshot);
    pthread_mutex_destroy(&cell->mutex);
}

void snapshot_cell_put(struct snapshot_cell *cell, struct snapshot *take_snapshot)
{
    pthread_mutex_lock(&cell->mutex);
    struct snapshot *before = cell->snapshot;
    cell->snapshot = take_snapshot;
    pthread_mutex_unlock(&cell->mutex);
    snapshot_release(before); /* outside: freeing a large one takes its time */
}

struct snapshot *snapshot_cell_get(struct snapshot_cell *cell)
{
    pthread_mutex_lock(&cell->mutex);
    struct snapshot *snapshot = cell->snapshot != NULL ? snapshot_retain(cell->snapshot) : NULL;
    pthread_mutex_unlock(&cell->mutex);
    return snapshot;
}
