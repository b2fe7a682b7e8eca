/* SPDX-License-Identifier: Apache-2.0 */
/* --help, and the completion for bash, both from the tables of commands and options. */
#ifndef CKCTL_HELP_H
#define CKCTL_HELP_H

#include "ckctl/buffer.h"
#include "ckctl/command.h"

/* NULL: of all commands; else of this one. */
void help_put(struct buffer *out, const struct command *command);
void help_put_completion(struct buffer *out);

#endif
