/* SPDX-License-Identifier: Apache-2.0 */
/* Requests held for the orchestrator, and the routes that come meanwhile: where `routes` stands before
   `orchestrator` in the decision order, one that a new route can decide is decided at once. */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "core/core_state.h"

/* Also count the totals. */
void held_add_relay(struct core *core, struct relay *relay);
void held_remove_relay(struct core *core, struct relay *relay);
void held_add_lookup(struct core *core, struct lookup *lookup);
void held_remove_lookup(struct core *core, struct lookup *lookup);

/* What is configured has changed: routes may decide now what they could not before. */
void held_note_offers(struct core *core);
/* Does the order give the routes a word before the turn that the request waits in, and is its KM there to be
   told? Not so one that the bridge knows from its journal alone, until the file was read. */
bool held_is_for_routes(const struct core *core, const struct km *km, int decider_position);
/* Asks the routes for held requests that they were not asked for since; some wait for the next step when
   they are too many. */
void held_ask_routes(struct core *core);
bool held_waits(const struct core *core);

#endif
