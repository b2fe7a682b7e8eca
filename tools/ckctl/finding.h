/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds, in the order it finds it. */
#ifndef CKCTL_FINDING_H
#define CKCTL_FINDING_H

#include <stdbool.h>

#include "ckctl/command.h"

struct findings {
    struct context *context;
    unsigned wrong, notes;
};

/* `about` is "km alice" or "store"; the words are a sentence without its stop. Told at once. */
__attribute__((format(printf, 4, 5))) void finding_add(struct findings *findings, bool is_wrong,
                                                       const char *about, const char *format, ...);
/* How many there were. */
void findings_sum_up(struct findings *findings);

/* Of /status: the bridge itself. */
void doctor_look_at_bridge(struct findings *findings, const json_t *status);
/* Peers that were refused and have not come back since; `kms` is an array of all KMs. */
void doctor_look_at_refused(struct findings *findings, const json_t *status, const json_t *kms);
void doctor_look_at_km(struct findings *findings, const json_t *km);
void doctor_look_at_route(struct findings *findings, const json_t *route);

#endif
