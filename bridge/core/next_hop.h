/* SPDX-License-Identifier: Apache-2.0 */
/* Next hop lookups (Ck 7.1): every whole request gets an answer, now or when it was decided. */
#ifndef CORE_NEXT_HOP_H
#define CORE_NEXT_HOP_H

#include "core/candidates.h"
#include "core/core_state.h"
#include "core/routes.h"

void next_hop_init(struct core *core);
void next_hop_fini(struct core *core);
/* next_hop_request.c: the lookup that the request makes; REASON_NONE: to be decided, else to be answered
   empty. Its texts are the event's. */
enum reason next_hop_read(struct core *core, struct session *session, const struct event_message *event,
                          struct lookup *out_lookup);
/* 0x01 */
void next_hop_receive(struct core *core, struct session *session, const struct event_message *event);
/* Held lookups that the KM's ended session brought are answered to nobody. */
void next_hop_session_lost(struct core *core, struct km *km);
void next_hop_deadlines(struct core *core);
/* Answers a held one from the routes as they are now; false: they have nothing for it. */
bool next_hop_ask_routes(struct core *core, struct lookup *lookup);
/* Asks all deciders of its policy but the orchestrator, whose turn is over. */
void next_hop_decide_now(struct core *core, struct lookup *lookup);
/* Have they? Changes nothing. */
bool next_hop_has_routes(struct core *core, struct lookup *lookup);
struct lookup *next_hop_find(const struct core *core, uint64_t lookup_id);
/* The orchestrator's words. */
struct verdict next_hop_decide(struct core *core, struct lookup *lookup, const struct command *command,
                               struct reply *reply);
/* next_hop_choice.c: its candidates, unless it may not be answered with them. */
struct verdict next_hop_choose(struct core *core, const struct lookup *lookup, const struct command *command,
                               struct kma **out_destination, struct candidates *out_candidates);
void next_hop_reject(struct core *core, struct lookup *lookup, struct text words);
/* A held lookup from the journal; next_hop_session_lost() ends it. False: out of memory. */
bool next_hop_restore(struct core *core, struct km *km, const struct lookup_record *record);

#endif
