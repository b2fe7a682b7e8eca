/* SPDX-License-Identifier: Apache-2.0 */
/* One object for people: a line for each of its members. */
#ifndef CKCTL_SHOW_H
#define CKCTL_SHOW_H

#include "ckctl/command.h"

void show_object(struct context *context, const json_t *object);
/* "/relays/1042", the ID percent-encoded. */
void show_put_target(struct buffer *target, const struct context *context);

#endif
