/* SPDX-License-Identifier: Apache-2.0 */
#include "core/next_hop.h"

#include <assert.h>

#include "core/candidates.h"
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/explain.h"
#include "core/held.h"
#include "core/hop_graph.h"
#include "core/learn.h"
#include "core/policy.h"
#include "core/relay.h"
#include "core/session.h"

enum { RETRY_MS = 100 }; /* when memory was exhausted while a held lookup was to end */

static struct text id_key(const void *value)
{
    return table_integer_key(&((const struct lookup *)value)->record.lookup_id);
}

void next_hop_init(struct core *core)
{
    table_init(&core->lookups, &core->memory, core->hash_key, id_key);
    heap_init(&core->lookup_deadlines, &core->memory);
}

void next_hop_fini(struct core *core)
{
    size_t position = 0;
    struct lookup *lookup;
    while ((lookup = table_next(&core->lookups, &position)) != NULL) {
        owned_release(&core->memory, &lookup->owned);
        memory_release(&core->memory, lookup, sizeof *lookup);
    }
    table_fini(&core->lookups);
    heap_fini(&core->lookup_deadlines);
}

struct lookup *next_hop_find(const struct core *core, uint64_t lookup_id)
{
    return table_find(&core->lookups, table_integer_key(&lookup_id));
}

/* ---- answers ---- */

static enum emit_status send_response(struct core *core, const struct lookup *lookup, struct km *km,
                                      const struct session *session)
{
    const struct lookup_record *record = &lookup->record;
    struct ck_message message = {
        .command = CK_NEXT_HOP_RESPONSE,
        .source_kma_id = record->source_kma_id,
        .destination_kma_id = record->destination_kma_id,
        .has_kma_ids = true,
        .kma_id_count = record->next_kma_id_count,
    };
    for (size_t i = 0; i < record->next_kma_id_count; i++)
        message.kma_ids[i] = record->next_kma_ids[i];
    if (record->next_kma_id_count == 0)
        message.extension = emit_reason_extension(core, km, record->reason);
    struct ck_header header = { .version = lookup->version, .message_id = record->message_id };
    return emit_message(core, km, session, &header, &message);
}

/* Row and event together, or neither. */
static bool tell(struct core *core, const struct lookup *lookup, enum notice_type type)
{
    struct emit_mark mark = emit_mark(core);
    const struct record *told =
        emit_record(core, RECORD_LOOKUP, pack_lookup, &lookup->record, sizeof lookup->record);
    struct notice *notice = told != NULL ? emit_notice(core, type) : NULL;
    if (notice == NULL) {
        emit_undo(core, mark);
        return false;
    }
    notice->lookup = &told->lookup;
    notice->lookup_id = told->lookup.lookup_id;
    notice->km_id = told->lookup.km_id;
    notice->reason = told->lookup.reason;
    notice->detail = told->lookup.detail;
    return true;
}

/* Every whole request gets a response, if need be with an empty list (reading 6). False: out of memory. */
static bool answer(struct core *core, struct lookup *lookup)
{
    struct session *session = session_find(core, lookup->session);
    if (session != NULL && send_response(core, lookup, session->km, NULL) == EMIT_TOO_LARGE) {
        lookup->record.next_kma_id_count = 0;
        lookup->record.reason = REASON_FRAME_TOO_LARGE;
    }
    lookup->record.ended_ms = core->wall_ms;
    if (!tell(core, lookup, NOTICE_LOOKUP_ANSWERED))
        return false;
    if (session != NULL)
        (void)send_response(core, lookup, session->km, session);
    return true;
}

static void count_answered(struct core *core, const struct lookup *lookup)
{
    enum decider decider = lookup->record.decided_by;
    core->totals.lookups_decided[decider]++;
    core->totals.lookup_reasons[lookup->record.reason]++;
    if (lookup->received_monotonic_ms != 0)
        distribution_add(&core->totals.lookup_decision_ms[decider], &distribution_milliseconds,
                         core->now_ms - lookup->received_monotonic_ms);
    if (lookup->record.state == LOOKUP_REJECTED)
        core->totals.lookups_rejected++;
    else
        core->totals.lookups_answered++;
}

static void free_held(struct core *core, struct lookup *lookup)
{
    struct km *km = lookup->km;
    heap_remove(&core->lookup_deadlines, &lookup->deadline);
    table_remove(&core->lookups, table_integer_key(&lookup->record.lookup_id));
    *(lookup->previous != NULL ? &lookup->previous->next : &km->lookups) = lookup->next;
    if (lookup->next != NULL)
        lookup->next->previous = lookup->previous;
    held_remove_lookup(core, lookup);
    owned_release(&core->memory, &lookup->owned);
    memory_release(&core->memory, lookup, sizeof *lookup);
    core->change_number++;
}

static bool is_held(const struct lookup *lookup)
{
    return lookup->owned.block != NULL;
}

/* Terminal. A held one that can't be told of for want of memory tries again soon. */
static void finish(struct core *core, struct lookup *lookup, enum lookup_state state)
{
    lookup->record.state = state;
    if (!answer(core, lookup)) {
        lookup->record.state = LOOKUP_AWAITING_DECISION;
        lookup->record.next_kma_ids = NULL; /* these were borrowed for the step */
        lookup->record.next_kma_id_count = 0;
        lookup->record.detail = lookup->record.current_kma_id = TEXT_ABSENT;
        lookup->record.explanation = lookup->explanation;
        lookup->record.decided_by = DECIDER_NONE;
        if (!lookup->destination_given)
            lookup->record.destination_kma_id = TEXT_ABSENT;
        if (is_held(lookup) &&
            lookup->deadline.deadline_ms <= core->now_ms) /* else its own time is soon enough */
            (void)heap_set(&core->lookup_deadlines, &lookup->deadline, core->now_ms + RETRY_MS);
        return;
    }
    count_answered(core, lookup);
    if (is_held(lookup))
        free_held(core, lookup);
}

static void finish_with(struct core *core, struct lookup *lookup, const struct candidates *candidates,
                        enum decider decider)
{
    struct text next[LIMIT_PATH_KMAS];
    for (size_t i = 0; i < candidates->count; i++)
        next[i] = candidates->next[i]->id;
    struct lookup_record *record = &lookup->record;
    record->next_kma_ids = next;
    record->next_kma_id_count = candidates->count;
    record->current_kma_id = candidates->current != NULL ? candidates->current->id : TEXT_ABSENT;
    record->decided_by = decider;
    record->reason = candidates->count == 0 ? REASON_NO_ROUTE : REASON_NONE;
    finish(core, lookup, LOOKUP_ANSWERED);
}

static void finish_empty(struct core *core, struct lookup *lookup, enum reason reason)
{
    lookup->record.next_kma_ids = NULL;
    lookup->record.next_kma_id_count = 0;
    lookup->record.reason = reason;
    finish(core, lookup, LOOKUP_ANSWERED);
}

/* ---- who decides ---- */

static struct lookup *insert_held(struct core *core, const struct lookup *draft)
{
    struct lookup *lookup = memory_allocate(&core->memory, sizeof *lookup);
    if (lookup == NULL)
        goto out_of_memory;
    *lookup = *draft;
    lookup->record.state = LOOKUP_AWAITING_DECISION;
    if (!pack_into_memory(&core->memory, pack_lookup, &lookup->record, &lookup->owned))
        goto release;
    lookup->explanation = lookup->record.explanation;
    if (!table_insert(&core->lookups, lookup))
        goto release;
    const uint32_t hold_ms = policy_of_lookup(core, lookup).orchestrator_ms;
    if (!heap_set(&core->lookup_deadlines, &lookup->deadline, core->now_ms + hold_ms))
        goto remove;
    lookup->next = lookup->km->lookups;
    if (lookup->next != NULL)
        lookup->next->previous = lookup;
    lookup->km->lookups = lookup;
    held_add_lookup(core, lookup);
    core->change_number++;
    return lookup;
remove:
    table_remove(&core->lookups, table_integer_key(&lookup->record.lookup_id));
release:
    owned_release(&core->memory, &lookup->owned);
    memory_release(&core->memory, lookup, sizeof *lookup);
out_of_memory:
    core->out_of_memory = true;
    return NULL;
}

static void hold_new(struct core *core, const struct lookup *draft)
{
    struct lookup *lookup = insert_held(core, draft);
    if (lookup != NULL && !tell(core, lookup, NOTICE_LOOKUP_AWAITING_DECISION))
        free_held(core, lookup);
}

/* Each of these: true when the lookup needs no further decider now. */
static bool hold(struct core *core, struct lookup *lookup)
{
    if (is_held(lookup))
        return false;
    const bool present = decision_orchestrator_present(core);
    const bool has_room = core->totals.lookups_held < LIMIT_HELD_LOOKUPS;
    explain_lookup(core, lookup,
                   &(struct explained_step){ .decider = DECIDER_ORCHESTRATOR,
                                             .outcome = !present   ? EXPLAINED_ABSENT
                                                        : has_room ? EXPLAINED_WAITING
                                                                   : EXPLAINED_ABANDONED });
    if (!present)
        return false;
    if (!has_room)
        finish_empty(core, lookup, REASON_OVERLOAD);
    else
        hold_new(core, lookup);
    return true;
}

/* Meanwhile: the orchestrator is being asked. */
static bool by_routes(struct core *core, struct lookup *lookup, struct kma *destination, bool is_meanwhile)
{
    struct candidates candidates;
    candidates_from_routes(core,
                           &(struct candidates_question){ lookup->km, destination,
                                                          lookup->record.source_kma_id,
                                                          constraints_of_lookup(core, lookup) },
                           &candidates);
    if (candidates.passed.reason != REASON_NONE)
        lookup->reason_so_far = candidates.passed.reason;
    if (candidates.would_loop)
        lookup->reason_so_far = REASON_WOULD_LOOP;
    if (is_meanwhile && candidates.count == 0)
        return false;
    if (is_meanwhile)
        explain_lookup_settled(core, lookup, EXPLAINED_OVERTAKEN);
    explain_lookup_routes(core, lookup, &candidates);
    if (candidates.count == 0)
        return false;
    candidates.route->uses++;
    finish_with(core, lookup, &candidates, DECIDER_ROUTE);
    return true;
}

static bool by_planner(struct core *core, struct lookup *lookup, struct kma *destination)
{
    struct candidates candidates;
    struct explained_step step = { .decider = DECIDER_COMPUTED };
    candidates_computed(core,
                        &(struct candidates_question){ lookup->km, destination, TEXT_ABSENT,
                                                       constraints_of_lookup(core, lookup) },
                        &candidates, &step);
    if (candidates.would_loop)
        lookup->reason_so_far = REASON_WOULD_LOOP;
    if (step.outcome == EXPLAINED_CONSTRAINTS_UNMET)
        lookup->reason_so_far = REASON_CONSTRAINTS_UNMET;
    if (step.outcome == EXPLAINED_BAD_CONSTRAINTS)
        lookup->reason_so_far = REASON_BAD_CONSTRAINTS;
    explain_lookup(core, lookup, &step);
    if (candidates.count == 0)
        return false;
    finish_with(core, lookup, &candidates, DECIDER_COMPUTED);
    return true;
}

static bool decide_by(struct core *core, struct lookup *lookup, struct kma *destination, enum decider decider)
{
    switch (decider) {
    case DECIDER_ROUTE:
        if (destination != NULL)
            return by_routes(core, lookup, destination, false);
        break;
    case DECIDER_ORCHESTRATOR:
        return hold(core, lookup);
    case DECIDER_COMPUTED:
        if (destination != NULL)
            return by_planner(core, lookup, destination);
        break;
    case DECIDER_NONE:
    case DECIDERS_END:
        return false;
    }
    explain_lookup(core, lookup,
                   &(struct explained_step){ .decider = decider,
                                             .rule = RULE_NEAREST_NEXT_HOP,
                                             .outcome = EXPLAINED_UNKNOWN_DESTINATION });
    return false;
}

static void decide(struct core *core, struct lookup *lookup)
{
    struct lookup_record *record = &lookup->record;
    record->destination_kma_id =
        decision_destination(core, record->destination_kma_id, record->application_destination_id);
    bool known = text_is_present(record->destination_kma_id);
    struct kma *destination = known ? kma_find(core, record->destination_kma_id) : NULL;
    if (known && km_owns(lookup->km, destination)) {
        record->current_kma_id = destination->id;
        if (!text_is_present(record->explanation))
            explain_lookup_begin(core, lookup, 0);
        explain_lookup_settled(core, lookup, EXPLAINED_ABANDONED);
        finish_empty(core, lookup, REASON_AT_DESTINATION);
        return;
    }
    const struct policy policy = policy_of(core, lookup->km, record->destination_kma_id);
    const bool asked = is_held(lookup) && policy_asks_routes_while_held(&policy);
    if (!asked)
        lookup->reason_so_far = REASON_NONE;
    for (size_t turn = 0; turn < POLICY_TURNS && policy.order[turn] != DECIDER_NONE; turn++) {
        if (!(asked && policy.order[turn] == DECIDER_ROUTE) &&
            decide_by(core, lookup, destination, policy.order[turn]))
            return;
    }
    if (!known)
        finish_empty(core, lookup, REASON_UNKNOWN_APPLICATION);
    else
        finish_empty(core, lookup,
                     lookup->reason_so_far != REASON_NONE ? lookup->reason_so_far : REASON_NO_ROUTE);
}

void next_hop_receive(struct core *core, struct session *session, const struct event_message *event)
{
    struct lookup lookup;
    core->totals.lookups_received++;
    const enum reason reason = next_hop_read(core, session, event, &lookup);
    if (reason == REASON_NONE)
        decide(core, &lookup);
    else
        finish_empty(core, &lookup, reason);
}

static void lose_session(struct core *core, struct lookup *lookup)
{
    explain_lookup_settled(core, lookup, EXPLAINED_ABANDONED);
    finish_empty(core, lookup, REASON_SESSION_LOST);
}

void next_hop_session_lost(struct core *core, struct km *km)
{
    struct lookup *next;
    for (struct lookup *lookup = km->lookups; lookup != NULL; lookup = next) {
        next = lookup->next;
        lookup->session = (struct session_handle){ 0, 0 };
        lose_session(core, lookup);
    }
}

/* The destination as configured now, when routes can lead there: not when it is the asking KM's own. */
static struct kma *destination_of(const struct core *core, const struct lookup *lookup)
{
    struct text id = decision_destination(core, lookup->record.destination_kma_id,
                                          lookup->record.application_destination_id);
    struct kma *destination = text_is_present(id) ? kma_find(core, id) : NULL;
    return destination != NULL && !km_owns(lookup->km, destination) ? destination : NULL;
}

bool next_hop_ask_routes(struct core *core, struct lookup *lookup)
{
    struct kma *destination = destination_of(core, lookup);
    struct text destination_before = lookup->record.destination_kma_id;
    if (destination == NULL)
        return false;
    lookup->record.destination_kma_id =
        decision_destination(core, destination_before, lookup->record.application_destination_id);
    if (by_routes(core, lookup, destination, true))
        return true; /* it is gone, or out of memory and tries again soon */
    lookup->record.destination_kma_id = destination_before;
    return false;
}

bool next_hop_has_routes(struct core *core, struct lookup *lookup)
{
    struct candidates candidates = { .count = 0 };
    struct kma *destination = destination_of(core, lookup);
    if (destination != NULL)
        candidates_offered(core,
                           &(struct candidates_question){ lookup->km, destination,
                                                          lookup->record.source_kma_id,
                                                          constraints_of_lookup(core, lookup) },
                           &candidates);
    return candidates.count > 0;
}

static void decide_overdue(struct core *core, struct lookup *lookup)
{
    bool unasked = lookup->asked_version != core->offers_version &&
                   held_turn_of_lookup(core, lookup) == HELD_ASKS_ROUTES;
    core->totals.lookups_overdue++;
    if (unasked && next_hop_ask_routes(core, lookup))
        return;
    explain_lookup_settled(core, lookup, EXPLAINED_TIMED_OUT);
    decide(core, lookup);
}

void next_hop_decide_now(struct core *core, struct lookup *lookup)
{
    (void)heap_set(&core->lookup_deadlines, &lookup->deadline, core->now_ms); /* it is among them already */
    explain_lookup_settled(core, lookup, EXPLAINED_WITHDRAWN);
    decide(core, lookup);
}

void next_hop_deadlines(struct core *core)
{
    for (;;) {
        struct heap_node *first = heap_first(&core->lookup_deadlines);
        if (first == NULL || first->deadline_ms > core->now_ms)
            return;
        struct lookup *lookup = (struct lookup *)(void *)((char *)first - offsetof(struct lookup, deadline));
        if (session_find(core, lookup->session) == NULL)
            lose_session(core, lookup);
        else
            decide_overdue(core, lookup);
    }
}

/* ---- the orchestrator ---- */

struct verdict next_hop_decide(struct core *core, struct lookup *lookup, const struct command *command,
                               struct reply *reply)
{
    struct kma *destination = NULL;
    struct candidates candidates;
    struct lesson lesson = { .plan = { .count = 0 } };
    struct verdict verdict = next_hop_choose(core, lookup, command, &destination, &candidates);
    if (verdict.reason != REASON_NONE)
        return verdict;
    if (candidates.count > 0 && candidates_would_loop(core, destination, &candidates))
        return verdict_of(core, REASON_WOULD_LOOP,
                          "with what the routes offer and what was answered lately toward ", destination->id,
                          ", these next hops would form a cycle");
    struct warnings warnings = { .count = 0 };
    constraints_warn_hops(core, constraints_of_lookup(core, lookup), candidates.current, candidates.next,
                          candidates.count, &warnings);
    reply->warnings = warnings.texts;
    reply->warning_count = warnings.count;
    if (command->learn)
        verdict = learn_check(core, lookup->record.application_destination_id, destination->id, &lesson);
    if (command->dry_run || verdict.reason != REASON_NONE)
        return verdict;
    if (!learn_apply(core, &lesson))
        return verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
    if (candidates.count > 0)
        candidates_give_chosen(core, destination, &candidates);
    lookup->record.destination_kma_id = destination->id;
    explain_lookup_settled(core, lookup, EXPLAINED_DECIDED);
    finish_with(core, lookup, &candidates, DECIDER_ORCHESTRATOR);
    if (next_hop_find(core, command->request_id) != NULL)
        learn_undo(core, &lesson); /* it could not be told, and is still held */
    reply->revision = learn_revision(core, &lesson);
    return verdict;
}

void next_hop_reject(struct core *core, struct lookup *lookup, struct text words)
{
    explain_lookup_settled(core, lookup, EXPLAINED_REJECTED);
    lookup->record.decided_by = DECIDER_ORCHESTRATOR;
    lookup->record.reason = REASON_REJECTED;
    lookup->record.detail = words;
    finish(core, lookup, LOOKUP_REJECTED);
}

bool next_hop_restore(struct core *core, struct km *km, const struct lookup_record *record)
{
    struct lookup draft = { .record = *record,
                            .km = km,
                            .destination_given = !text_is_present(record->application_destination_id) };
    return insert_held(core, &draft) != NULL;
}
