/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that the bridge computes and does not install. */
#ifndef CKCTL_PATHS_H
#define CKCTL_PATHS_H

#include "ckctl/command.h"

/* The answer as a table, and below it why there is no path and which links could not serve. `chosen`, unless
   NULL, is a path that is marked where it is among them. */
void paths_tell(struct context *context, const json_t *answer, const json_t *chosen);

#endif
