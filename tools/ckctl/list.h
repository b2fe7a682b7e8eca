/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the API's resources, as tables or as lines of JSON. */
#ifndef CKCTL_LIST_H
#define CKCTL_LIST_H

#include "ckctl/command.h"

/* The collection's target with the query that the options ask for. */
void list_put_target(struct buffer *target, const struct context *context);

#endif
