/* SPDX-License-Identifier: Apache-2.0 */
/* Requests held for the orchestrator, and what is configured meanwhile: where `routes` stands before
   `orchestrator` in the order, one that a new route can decide is decided at once; and so is one whose policy
   has no orchestrator any more, by whom it has. */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "core/policy.h"

/* Also count the totals. */
void held_add_relay(struct core *core, struct relay *relay);
void held_remove_relay(struct core *core, struct relay *relay);
void held_add_lookup(struct core *core, struct lookup *lookup);
void held_remove_lookup(struct core *core, struct lookup *lookup);

/* What is configured has changed: routes may decide now what they could not before, policies may differ. */
void held_note_offers(struct core *core);
/* What the request waits for. One of a KM that the bridge knows from its journal alone waits, whatever it is,
   until the file was read. */
enum held_turn held_turn_of_relay(const struct core *core, const struct relay *relay);
enum held_turn held_turn_of_lookup(const struct core *core, const struct lookup *lookup);
/* Looks again at held requests that were not looked at since; some wait for the next step when they are too
   many. */
void held_look_again(struct core *core);
bool held_waits(const struct core *core);

#endif
