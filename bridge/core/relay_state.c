/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "core/budget.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/explain.h"
#include "core/failing.h"
#include "core/held.h"
#include "core/relay.h"

enum { FREE_RELAYS_MAX = 4096 };

static struct text id_key(const void *value)
{
    return table_integer_key(&((const struct relay *)value)->record.relay_id);
}

static struct text repeat_key_text(const struct repeat_key *key)
{
    return (struct text){ (const char *)key, sizeof *key };
}

static struct text repeat_key(const void *value)
{
    return repeat_key_text(&((const struct relay *)value)->repeat_key);
}

void relay_tables_init(struct core *core)
{
    table_init(&core->relays, &core->memory, core->hash_key, id_key);
    table_init(&core->repeats, &core->memory, core->hash_key, repeat_key);
    chain_table_init(&core->relays_by_message, &core->memory, core->hash_key);
    heap_init(&core->relay_deadlines, &core->memory);
}

void relay_tables_fini(struct core *core)
{
    table_fini(&core->relays);
    table_fini(&core->repeats);
    table_fini(&core->relays_by_message);
    heap_fini(&core->relay_deadlines);
}

static struct relay *allocate(struct core *core)
{
    struct relay *relay = core->free_relays;
    if (relay != NULL) {
        core->free_relays = relay->next;
        core->free_relay_count--;
        *relay = (struct relay){ .open = false };
    } else {
        relay = memory_allocate(&core->memory, sizeof *relay);
        if (relay == NULL) {
            core->out_of_memory = true;
            return NULL;
        }
    }
    return relay;
}

struct relay *relay_new(struct core *core, struct km *km)
{
    struct relay *relay = allocate(core);
    if (relay == NULL)
        return NULL;
    relay->km = km;
    relay->record.relay_id = core->next.next_relay_id++;
    relay->record.km_id = km->object.id;
    relay->record.received_ms = core->wall_ms;
    relay->received_monotonic_ms = core->now_ms;
    return relay;
}

struct relay *relay_find(const struct core *core, uint64_t relay_id)
{
    return table_find(&core->relays, table_integer_key(&relay_id));
}

static void release(struct core *core, struct relay *relay)
{
    budget_forget_relay(core, relay);
    owned_release(&core->memory, &relay->owned);
    if (core->free_relay_count >= FREE_RELAYS_MAX) {
        memory_release(&core->memory, relay, sizeof *relay);
        return;
    }
    relay->next = core->free_relays;
    core->free_relays = relay;
    core->free_relay_count++;
}

bool relay_open(struct core *core, struct relay *relay)
{
    struct km *km = relay->km;
    if (!table_insert(&core->relays, relay))
        goto out_of_memory;
    relay->indexed = true;
    if (!chain_add(&core->relays_by_message, &relay->by_message,
                   chain_key(km->number, relay->record.message_id), relay))
        goto unindex;
    relay->open = true;
    relay->previous = km->last_relay;
    relay->next = NULL;
    *(km->last_relay != NULL ? &km->last_relay->next : &km->relays) = relay;
    km->last_relay = relay;
    km->relays_open++;
    core->totals.relays_open++;
    return true;
unindex:
    table_remove(&core->relays, table_integer_key(&relay->record.relay_id));
    relay->indexed = false;
out_of_memory:
    core->out_of_memory = true;
    return false;
}

struct relay *relay_restored(struct core *core, struct km *km, const struct relay_record *record)
{
    struct relay *relay = allocate(core);
    if (relay == NULL)
        return NULL;
    relay->record = *record;
    relay->sent_message_id = record->message_id;
    relay->km = km;
    bool whole = relay_keep(core, relay);
    if (whole && record->instructed_ms != 0)
        whole = budget_reserve(core, relay);
    if (whole && km == NULL)
        budget_release(core, relay); /* its KM may still tell that it used them */
    if (whole && km != NULL)
        whole = relay_open(core, relay);
    else if (whole)
        whole = relay->indexed = table_insert(&core->relays, relay);
    if (whole)
        return relay;
    release(core, relay);
    core->out_of_memory = true;
    return NULL;
}

void relay_index_repeat(struct core *core, struct relay *relay)
{
    const struct relay_record *record = &relay->record;
    if (record->unsolicited)
        return;
    relay->repeat_key = (struct repeat_key){ record->payload_digest.low, record->payload_digest.high,
                                             relay->km->number, record->message_id };
    struct relay *other = table_find(&core->repeats, repeat_key_text(&relay->repeat_key));
    if (other != NULL && other->record.relay_id > relay->record.relay_id)
        return; /* at restore they come in any order */
    if (other != NULL) {
        table_remove(&core->repeats, repeat_key_text(&relay->repeat_key));
        other->repeat_indexed = false; /* the same request again, on a later session: that is the one now */
    }
    relay->repeat_indexed = table_insert(&core->repeats, relay);
    if (!relay->repeat_indexed)
        core->out_of_memory = true; /* a repeat of it will make another relay */
}

bool relay_keep(struct core *core, struct relay *relay)
{
    if (!pack_into_memory(&core->memory, pack_relay, &relay->record, &relay->owned)) {
        core->out_of_memory = true;
        return false;
    }
    relay->kept = true;
    relay->explanation_borrowed = false;
    return true;
}

static enum notice_type notice_of(enum relay_state state)
{
    switch (state) {
    case RELAY_RECEIVED:
        return NOTICE_RELAY_RECEIVED;
    case RELAY_AWAITING_DECISION:
        return NOTICE_RELAY_AWAITING_DECISION;
    case RELAY_INSTRUCTED:
        return NOTICE_RELAY_INSTRUCTED;
    case RELAY_SUCCEEDED:
        return NOTICE_RELAY_SUCCEEDED;
    case RELAY_FAILED:
        return NOTICE_RELAY_FAILED;
    case RELAY_REJECTED:
        return NOTICE_RELAY_REJECTED;
    case RELAY_EXPIRED:
        return NOTICE_RELAY_EXPIRED;
    case RELAY_ORPHANED:
    case RELAY_STATES_END:
        break;
    }
    return NOTICE_RELAY_ORPHANED;
}

void relay_touch(struct core *core, struct relay *relay)
{
    if (relay->dirty)
        return;
    relay->dirty = true;
    relay->next_dirty = NULL;
    *(core->last_dirty != NULL ? &core->last_dirty->next_dirty : &core->first_dirty) = relay;
    core->last_dirty = relay;
}

static void check_transition(enum relay_state from, enum relay_state to, bool first)
{
    switch (from) {
    case RELAY_RECEIVED:
        assert(first ? to == RELAY_RECEIVED : to != RELAY_RECEIVED && to != RELAY_EXPIRED);
        return;
    case RELAY_AWAITING_DECISION:
        assert(to >= RELAY_INSTRUCTED && to != RELAY_EXPIRED && to != RELAY_SUCCEEDED);
        return;
    case RELAY_INSTRUCTED:
        assert(relay_state_is_terminal(to) && to != RELAY_REJECTED);
        return;
    case RELAY_EXPIRED:
    case RELAY_ORPHANED: /* a late completion (reading 9) */
        assert(to == RELAY_SUCCEEDED || to == RELAY_FAILED);
        return;
    case RELAY_SUCCEEDED:
    case RELAY_FAILED:
    case RELAY_REJECTED:
    case RELAY_STATES_END:
        break;
    }
    assert(false && "a relay that ended stays as it is");
}

void relay_enter(struct core *core, struct relay *relay, enum relay_state state, enum reason reason)
{
    struct relay_record *record = &relay->record;
    check_transition(record->state, state, record->timeline_count == 0);
    record->state = state;
    record->reason = reason;
    if (record->timeline_count < LIMIT_TIMELINE)
        record->timeline[record->timeline_count++] = (struct timeline_entry){ core->wall_ms, state, reason };
    assert(relay->pending_count < RELAY_PENDING_NOTICES);
    relay->pending[relay->pending_count++] = (unsigned char)notice_of(state);
    relay_touch(core, relay);
    core->change_number++;
}

/* ---- ends ---- */

static void close_relay(struct core *core, struct relay *relay)
{
    struct km *km = relay->km;
    heap_remove(&core->relay_deadlines, &relay->deadline);
    chain_remove(&core->relays_by_message, &relay->by_message);
    if (relay->repeat_indexed)
        table_remove(&core->repeats, repeat_key(relay));
    relay->repeat_indexed = false;
    if (!relay->open)
        return;
    relay->open = false;
    *(relay->previous != NULL ? &relay->previous->next : &km->relays) = relay->next;
    *(relay->next != NULL ? &relay->next->previous : &km->last_relay) = relay->previous;
    relay->next = relay->previous = NULL;
    km->relays_open--;
    core->totals.relays_open--;
}

void relay_count_decision(struct core *core, const struct relay *relay)
{
    enum decider decider = relay->record.decided_by;
    core->totals.relays_decided[decider]++;
    if (relay->received_monotonic_ms != 0)
        distribution_add(&core->totals.relay_decision_ms[decider], &distribution_milliseconds,
                         core->now_ms - relay->received_monotonic_ms);
}

static void count_end(struct core *core, const struct relay *relay)
{
    enum relay_state state = relay->record.state;
    core->totals.relays_ended[state]++;
    core->totals.relay_reasons[relay->record.reason]++;
    if (relay->record.instructed_ms == 0)
        relay_count_decision(core, relay);
    if (relay->instructed_monotonic_ms != 0)
        distribution_add(&core->totals.relay_ms[state], &distribution_milliseconds,
                         core->now_ms - relay->instructed_monotonic_ms);
}

static void count_end_of_km(struct km *km, enum relay_state state)
{
    switch (state) {
    case RELAY_SUCCEEDED:
        km->counters.relays_succeeded++;
        return;
    case RELAY_FAILED:
        km->counters.relays_failed++;
        return;
    case RELAY_REJECTED:
        km->counters.relays_rejected++;
        return;
    case RELAY_EXPIRED:
        km->counters.relays_expired++;
        return;
    case RELAY_ORPHANED:
        km->counters.relays_orphaned++;
        return;
    case RELAY_RECEIVED:
    case RELAY_AWAITING_DECISION:
    case RELAY_INSTRUCTED:
    case RELAY_STATES_END:
        break;
    }
}

static void unretain(struct core *core, struct relay *relay)
{
    if (!relay->retained)
        return;
    relay->retained = false;
    *(relay->previous != NULL ? &relay->previous->next : &core->oldest_ended) = relay->next;
    *(relay->next != NULL ? &relay->next->previous : &core->newest_ended) = relay->previous;
    relay->next = relay->previous = NULL;
    core->ended_count--;
}

static void unindex(struct core *core, struct relay *relay)
{
    if (relay->indexed)
        table_remove(&core->relays, table_integer_key(&relay->record.relay_id));
    relay->indexed = false;
}

void relay_forget(struct core *core, struct relay *relay)
{
    assert(!relay->open && !relay->dirty);
    unretain(core, relay);
    unindex(core, relay);
    release(core, relay);
}

void relay_retain(struct core *core, struct relay *relay)
{
    if (core->ended_count >= LIMIT_ENDED_RELAYS && !core->oldest_ended->dirty)
        relay_forget(core, core->oldest_ended);
    relay->retained = true;
    relay->previous = core->newest_ended;
    relay->next = NULL;
    *(core->newest_ended != NULL ? &core->newest_ended->next : &core->oldest_ended) = relay;
    core->newest_ended = relay;
    core->ended_count++;
}

void relay_end(struct core *core, struct relay *relay, enum relay_state state, enum reason reason,
               struct text detail)
{
    if (relay->record.state == RELAY_AWAITING_DECISION) {
        held_remove_relay(core, relay);
        explain_relay_settled(core, relay, EXPLAINED_ABANDONED);
    }
    if (relay->record.state == RELAY_INSTRUCTED)
        relay->km->relays_outstanding--;
    failing_note_end(core, relay, state, reason);
    if (state == RELAY_SUCCEEDED)
        budget_use(core, relay);
    else
        budget_release(core, relay);
    close_relay(core, relay);
    unretain(core, relay);
    relay->record.detail = detail;
    relay->record.ended_ms = core->wall_ms;
    relay_enter(core, relay, state, reason);
    count_end(core, relay);
    if (relay->km != NULL)
        count_end_of_km(relay->km, state);
    relay->km = NULL;
    bool instructed = relay->record.instructed_ms != 0;
    if (instructed && relay->indexed && (state == RELAY_EXPIRED || state == RELAY_ORPHANED))
        relay_retain(core, relay); /* reading 9: its KM may still tell how it went */
}

void relay_orphan_all(struct core *core, struct km *km, enum reason reason)
{
    while (km->relays != NULL)
        relay_end(core, km->relays, RELAY_ORPHANED, reason, TEXT_ABSENT);
}

/* ---- what is told at the end of a step ---- */

/* Row and events together, or none of them: a row that says "sent" goes with what is sent. */
static bool tell(struct core *core, struct relay *relay)
{
    struct emit_mark mark = emit_mark(core);
    const struct record *told =
        emit_record(core, RECORD_RELAY, pack_relay, &relay->record, sizeof relay->record);
    if (told == NULL)
        return false;
    for (size_t i = 0; i < relay->pending_count; i++) {
        struct notice *notice = emit_notice(core, (enum notice_type)relay->pending[i]);
        if (notice == NULL) {
            emit_undo(core, mark);
            return false;
        }
        notice->relay = &told->relay;
        notice->relay_id = told->relay.relay_id;
        notice->km_id = told->relay.km_id;
        notice->reason = told->relay.reason;
        notice->detail = told->relay.detail;
    }
    relay->pending_count = 0;
    return true;
}

static void leave_dirty(struct core *core, struct relay *relay)
{
    relay->dirty = false;
    if (relay->open)
        return;
    if (relay->retained)
        relay->record.detail = TEXT_ABSENT;
    else
        relay_forget(core, relay);
}

/* What can't be told now waits for a later step, when the event's texts are gone: so it must have its own.
   A request for which not even that can be had leaves no trace, and the step says so: CORE_NO_MEMORY. */
static void wait_untold(struct core *core)
{
    struct relay **at = &core->first_dirty;
    core->last_dirty = NULL;
    while (*at != NULL) {
        struct relay *relay = *at;
        if (relay->kept && relay_state_is_terminal(relay->record.state))
            relay->record.detail = TEXT_ABSENT;
        if (relay->kept && relay->explanation_borrowed)
            relay->record.explanation = TEXT_ABSENT;
        if (!relay->kept && !relay_keep(core, relay)) {
            *at = relay->next_dirty;
            leave_dirty(core, relay);
            continue;
        }
        core->last_dirty = relay;
        at = &relay->next_dirty;
    }
}

bool relay_flush(struct core *core)
{
    while (core->first_dirty != NULL) {
        struct relay *relay = core->first_dirty;
        if (!tell(core, relay)) {
            wait_untold(core);
            return false;
        }
        core->first_dirty = relay->next_dirty;
        if (core->first_dirty == NULL)
            core->last_dirty = NULL;
        relay_send_pending(core, relay);
        leave_dirty(core, relay);
    }
    return true;
}

void relay_free_all(struct core *core)
{
    size_t position = 0;
    struct relay *relay;
    for (relay = core->first_dirty; relay != NULL;) {
        struct relay *next = relay->next_dirty;
        if (!relay->indexed) {
            budget_forget_relay(core, relay);
            owned_release(&core->memory, &relay->owned);
            memory_release(&core->memory, relay, sizeof *relay);
        }
        relay = next;
    }
    while ((relay = table_next(&core->relays, &position)) != NULL) {
        budget_forget_relay(core, relay);
        owned_release(&core->memory, &relay->owned);
        memory_release(&core->memory, relay, sizeof *relay);
    }
    while ((relay = core->free_relays) != NULL) {
        core->free_relays = relay->next;
        memory_release(&core->memory, relay, sizeof *relay);
    }
}
