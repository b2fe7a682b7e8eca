/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over which relays fail again and again are avoided for a while: the planner takes them as dear as a
 * link can be, so that they are used when there is nothing else, and by whoever names them. What is known of
 * failures is of this process's life: a restart forgets it, and learns anew.
 */
#ifndef CORE_FAILING_H
#define CORE_FAILING_H

#include "core/core_state.h"

void failing_init(struct core *core);
void failing_fini(struct core *core);
/* A relay is about to end so; its reservations name the links. What its KM calls a failure, and what
   expires, counts against every link on its path, once; a success clears their counts. */
void failing_note_end(struct core *core, const struct relay *relay, enum relay_state state,
                      enum reason reason);
/* Penalties whose time is over end, or all when nothing is penalised any more. */
void failing_recover(struct core *core);
bool failing_is_penalised(const struct link *link);
/* How many failures count against it now. */
uint32_t failing_recent(const struct core *core, const struct link *link);
/* It will be freed. */
void failing_forget_link(struct core *core, struct link *link);

#endif
