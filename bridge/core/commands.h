/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out one command and replies to its sender. */
#ifndef CORE_COMMANDS_H
#define CORE_COMMANDS_H

#include "core/core_state.h"

void commands_run(struct core *core, const struct event_command *event);
/* Decisions and starts, in decide_commands.c. */
void commands_decide_relay(struct core *core, const struct command *command, struct reply *reply);
void commands_decide_lookup(struct core *core, const struct command *command, struct reply *reply);
void commands_start_relay(struct core *core, const struct command *command, struct reply *reply);

#endif
