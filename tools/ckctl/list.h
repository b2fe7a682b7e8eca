/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the API's resources, as tables or as lines of JSON. */
#ifndef CKCTL_LIST_H
#define CKCTL_LIST_H

#include "ckctl/command.h"
#include "ckctl/table.h"

/* The collection's target with the query that the options ask for. */
void list_put_target(struct buffer *target, const struct context *context);
/* A table with the resource's columns, and a row of it. */
void list_init_table(struct table *table, const struct resource *resource);
void list_add_row(struct table *table, const struct context *context, const json_t *item);

#endif
