/* SPDX-License-Identifier: Apache-2.0 */
/* What a dry run would change, object by object, and which open requests that would touch. */
#ifndef CKCTL_DIFF_H
#define CKCTL_DIFF_H

#include "ckctl/command.h"

/* Nothing, when the answer does not tell. */
void diff_tell(struct context *context, const json_t *answer);

#endif
