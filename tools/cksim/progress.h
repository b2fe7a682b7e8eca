/* SPDX-License-Identifier: Apache-2.0 */
/* The line that lives while a run runs: rate, outstanding, failures, connected, time left. */
#ifndef CKSIM_PROGRESS_H
#define CKSIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cksim/simulation.h"

enum progress_kind { PROGRESS_NONE, PROGRESS_LINE, PROGRESS_PLAIN };

struct progress {
    FILE *stream;
    enum progress_kind kind;
    uint64_t told_ns;
    uint64_t last_answered, last_ns;
    int width; /* of the line that is to be overwritten */
    enum phase phase;
};

void progress_init(struct progress *progress, FILE *stream, enum progress_kind kind);
/* Called often; tells when it is time to. */
void progress_tick(void *context, const struct simulation *simulation);
/* Leaves the cursor on an empty line. */
void progress_end(struct progress *progress);

#endif
