/* SPDX-License-Identifier: Apache-2.0 */
/* One relay from the notify to its end (Ck 7.2): its states, what is kept of it and what is told. */
#ifndef CORE_RELAY_H
#define CORE_RELAY_H

#include "core/core_state.h"

struct lesson;        /* learn.h */
struct routes_passed; /* routes.h */

/*
 *   received --> awaiting_decision --> instructed --> succeeded | failed | expired | orphaned
 *       |               |                                            (expired, orphaned --> succeeded |
 * failed:
 *       '---------------+--> failed | rejected | orphaned             a late completion)
 */

void relay_tables_init(struct core *core);
void relay_tables_fini(struct core *core);
/* A number, and state received; its texts are the caller's until it is kept. NULL: out of memory. */
struct relay *relay_new(struct core *core, struct km *km);
/* One of the journal, with its own number, kept and in the tables; `km` is NULL for one that ended. */
struct relay *relay_restored(struct core *core, struct km *km, const struct relay_record *record);
struct relay *relay_find(const struct core *core, uint64_t relay_id);
/* Into the tables and among the KM's open ones. False: out of memory; it is in none. */
bool relay_open(struct core *core, struct relay *relay);
/* Makes the texts its own. False: out of memory, nothing changed. */
bool relay_keep(struct core *core, struct relay *relay);
void relay_enter(struct core *core, struct relay *relay, enum relay_state state, enum reason reason);
/* Its record is to be told at the end of this step, without a notice. */
void relay_touch(struct core *core, struct relay *relay);
/* To a terminal state, out of the tables; `detail` may be absent. Frees it once that has been told. */
void relay_end(struct core *core, struct relay *relay, enum relay_state state, enum reason reason,
               struct text detail);
/* Who decided, and how long it took: once a relay, when it is instructed or ends without. */
void relay_count_decision(struct core *core, const struct relay *relay);
/* Ends a relay that was never instructed, and tells the KM as its dialect wants (reading 6). May close the
   KM's session. */
void relay_refuse(struct core *core, struct relay *relay, enum relay_state state, enum reason reason,
                  struct text detail);
/* Decided: the Key relay request goes to the KM, now or on its next session. `path` is borrowed. */
struct relay_decision {
    enum decider decider;
    struct text *path;
    size_t length;
    struct text route_id;
    struct lesson *lesson; /* learned with it, or the relay fails for want of memory; NULL: nothing is */
};
void relay_instruct(struct core *core, struct relay *relay, const struct relay_decision *decision);
/* Its Key relay request goes to the session when its record was told. */
void relay_send(struct core *core, struct relay *relay, struct session *session);
/* The KM is away no more: what was decided meanwhile goes out. */
void relay_send_waiting(struct core *core, struct session *session);
/* Every open relay of the KM ends orphaned. */
void relay_orphan_all(struct core *core, struct km *km, enum reason reason);
/* At the end of the step, behind the record. */
void relay_send_pending(struct core *core, struct relay *relay);
void relay_index_repeat(struct core *core, struct relay *relay);
/* Puts an ended one among those kept for a late completion; the oldest makes room. */
void relay_retain(struct core *core, struct relay *relay);
void relay_forget(struct core *core, struct relay *relay);
/* Emits what this step made of relays: one record each, all notices. False: out of memory, some wait. */
bool relay_flush(struct core *core);
void relay_free_all(struct core *core);

/* 0x03 */
void relay_receive(struct core *core, struct session *session, const struct event_message *event);
/* 0x05 */
void completion_receive(struct core *core, struct session *session, const struct event_message *event);

/* decision.c: who decides, in which order, by when. */
/* Asks one decider after another, as its policy has them; of a held one those that may have changed their
   mind: all but the orchestrator, and routes that were asked whenever there was a change. */
void decision_decide(struct core *core, struct relay *relay);
/* Likewise of a held one whose policy has no orchestrator any more. */
void decision_decide_now(struct core *core, struct relay *relay);
void decision_deadlines(struct core *core);
/* The installed route that decides it now, or NULL; see routes_match. */
struct route *decision_route(struct core *core, struct relay *relay, struct routes_passed *out_passed);
/* Of one that is held. False: no route decides it. True: it is instructed, or has ended. */
bool decision_by_route(struct core *core, struct relay *relay);
bool decision_orchestrator_present(const struct core *core);
/* The destination as configured now: given, or that of the application; absent when unknown. */
struct text decision_destination(const struct core *core, struct text destination_kma_id,
                                 struct text application_destination_id);

#endif
