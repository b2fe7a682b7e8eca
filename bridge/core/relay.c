/* SPDX-License-Identifier: Apache-2.0 */
#include "core/relay.h"

#include <assert.h>

#include "core/budget.h"
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/explain.h"
#include "core/held.h"
#include "core/learn.h"
#include "core/policy.h"
#include "core/session.h"

/* How long after a session's start a repeat still counts as the KM asking for an answer it lost (reading 8).
 */
enum { REPEAT_AFTER_RECONNECT_MS = 10000 };

/* ---- towards the KM ---- */

static uint32_t message_id_for(struct core *core, const struct relay *relay, struct session *session)
{
    const struct relay_record *record = &relay->record;
    bool answers = !record->unsolicited && session_is(session, relay->received_on);
    if (answers && km_config_of(session->km)->dialect.message_id == CK_MESSAGE_ID_ECHO)
        return record->message_id;
    if (record->unsolicited && !record->sent && session_is(session, relay->received_on))
        return record->message_id; /* it got its number when it was started */
    if (record->sent && session_is(session, relay->sent_on))
        return relay->sent_message_id; /* the same answer again */
    return session_fresh_message_id(core, session);
}

static void note_sent(struct core *core, struct relay *relay, const struct session *session,
                      uint32_t message_id)
{
    relay->sent_on = session->handle;
    relay->sent_message_id = message_id;
    relay->sent_monotonic_ms = core->now_ms;
    relay->record.sent = true;
    if (relay->by_message.key == chain_key(session->km->number, message_id) &&
        relay->by_message.owner != NULL)
        return;
    chain_remove(&core->relays_by_message, &relay->by_message);
    if (!chain_add(&core->relays_by_message, &relay->by_message, chain_key(session->km->number, message_id),
                   relay))
        core->out_of_memory = true; /* it is still found by its request ID */
}

/* Table 4; the full path, from which the dialect cuts its transit list. Without a session: would it fit? */
static enum emit_status send_request(struct core *core, const struct relay *relay, struct km *km,
                                     const struct session *session)
{
    const struct relay_record *record = &relay->record;
    struct ck_message message = {
        .command = CK_RELAY_REQUEST,
        .source_kma_id = record->source_kma_id,
        .destination_kma_id = record->destination_kma_id,
        .has_kma_ids = true,
        .kma_id_count = record->path_length,
        .relay_id = record->relay_id,
    };
    for (size_t i = 0; i < record->path_length; i++)
        message.kma_ids[i] = record->path[i];
    struct ck_header header = { .version = record->version, .message_id = relay->sent_message_id };
    return emit_message(core, km, session, &header, &message);
}

/* Most are far below the limit, whatever escapes they need: only the others are encoded to see. */
static bool fits(struct core *core, const struct relay *relay)
{
    enum { ESCAPED_BYTES = 6, NAMES_BYTES = 512 };
    const struct relay_record *record = &relay->record;
    bool always = km_config_of(relay->km)->dialect.transit_type == CK_TRANSIT_ARRAY; /* a string may not do */
    size_t bytes = record->source_kma_id.length + record->destination_kma_id.length;
    for (size_t i = 0; i < record->path_length; i++)
        bytes += record->path[i].length + 1;
    return (always && NAMES_BYTES + ESCAPED_BYTES * bytes <= CK_PAYLOAD_BYTES_MAX) ||
           send_request(core, relay, relay->km, NULL) == EMIT_OK;
}

void relay_send(struct core *core, struct relay *relay, struct session *session)
{
    note_sent(core, relay, session, message_id_for(core, relay, session));
    relay->send_pending = true;
    relay_touch(core, relay);
}

/* Reading 6: a KM that reads it gets the reason in a Key relay request with an empty transit list. */
static void send_refusal(struct core *core, const struct relay *relay, const struct session *session)
{
    const struct relay_record *record = &relay->record;
    char words[96];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, "[{\"ckbridge_reason\":\"");
    bytes_put_c(&writer, reason_name(record->reason));
    bytes_put_c(&writer, "\"}]");
    assert(!writer.overflowed);
    struct ck_message message = {
        .command = CK_RELAY_REQUEST,
        .source_kma_id = record->source_kma_id,
        .destination_kma_id = record->destination_kma_id,
        .has_kma_ids = true,
        .relay_id = record->relay_id,
        .extension = bytes_written(&writer),
    };
    struct ck_header header = { .version = record->version, .message_id = relay->sent_message_id };
    if (text_is_present(record->destination_kma_id)) /* mandatory in table 4 */
        (void)emit_message(core, session->km, session, &header, &message);
}

void relay_send_pending(struct core *core, struct relay *relay)
{
    const struct session *session = session_find(core, relay->sent_on);
    bool goes_on = relay->record.state == RELAY_INSTRUCTED; /* told late, it may have ended meanwhile */
    if (relay->send_pending && goes_on && session != NULL)
        (void)send_request(core, relay, session->km, session);
    if (relay->refusal_pending && session != NULL)
        send_refusal(core, relay, session);
    relay->send_pending = relay->refusal_pending = false;
}

static void note_instructed(struct core *core, struct relay *relay)
{
    relay_count_decision(core, relay);
    relay->record.instructed_ms = core->wall_ms;
    relay->instructed_monotonic_ms = core->now_ms;
    relay->km->relays_outstanding++;
    relay_enter(core, relay, RELAY_INSTRUCTED, REASON_NONE);
}

void relay_instruct(struct core *core, struct relay *relay, const struct relay_decision *decision)
{
    struct relay_record *record = &relay->record;
    struct text destination_before = record->destination_kma_id;
    record->decided_by = decision->decider;
    record->decided_ms = core->wall_ms;
    record->path = decision->path;
    record->path_length = decision->length;
    record->route_id = decision->route_id;
    record->destination_kma_id = decision->path[decision->length - 1];
    bool limited = relay_keep(core, relay) &&
                   heap_set(&core->relay_deadlines, &relay->deadline,
                            core->now_ms + policy_of_relay(core, relay).completion_ms) &&
                   budget_reserve(core, relay) &&
                   (decision->lesson == NULL || learn_apply(core, decision->lesson));
    if (!limited) {
        core->out_of_memory = true;
        if (record->path == decision->path) { /* borrowed, and not to be kept */
            record->path = NULL;
            record->path_length = 0;
            record->route_id = TEXT_ABSENT;
            record->explanation = TEXT_ABSENT; /* it may tell of the path */
            record->decided_by = DECIDER_NONE;
            record->decided_ms = 0;
            record->destination_kma_id = destination_before;
        }
        relay_refuse(core, relay, RELAY_FAILED, REASON_OVERLOAD, TEXT_ABSENT);
        return;
    }
    if (!fits(core, relay)) {
        relay_end(core, relay, RELAY_FAILED, REASON_FRAME_TOO_LARGE, TEXT_ABSENT);
        return;
    }
    if (record->state == RELAY_AWAITING_DECISION)
        held_remove_relay(core, relay);
    note_instructed(core, relay);
    if (relay->km->session != NULL) /* else it goes to the KM's next session (reading 10) */
        relay_send(core, relay, relay->km->session);
}

void relay_send_waiting(struct core *core, struct session *session)
{
    struct relay *next;
    for (struct relay *relay = session->km->relays; relay != NULL; relay = next) {
        next = relay->next;
        if (relay->record.state == RELAY_INSTRUCTED && !relay->record.sent)
            relay_send(core, relay, session);
    }
}

/* ---- refusal ---- */

void relay_refuse(struct core *core, struct relay *relay, enum relay_state state, enum reason reason,
                  struct text detail)
{
    struct km *km = relay->km;
    struct session *session = km->session;
    bool solicited = !relay->record.unsolicited && session != NULL;
    enum ck_refusal refusal = solicited ? km_config_of(km)->dialect.refusal : CK_REFUSAL_NONE;
    uint32_t message_id = refusal == CK_REFUSAL_EXTENSION ? message_id_for(core, relay, session) : 0;
    relay_end(core, relay, state, reason, detail);
    switch (refusal) {
    case CK_REFUSAL_NONE:
        return;
    case CK_REFUSAL_EXTENSION:
        relay->refusal_pending = true; /* behind its record, as every frame */
        relay->sent_on = session->handle;
        relay->sent_message_id = message_id;
        return;
    case CK_REFUSAL_CLOSE:
        /* Reading 1: a source that is not the KM's own never costs it the session. */
        if (reason != REASON_SOURCE_NOT_AUTHORISED && reason != REASON_SOURCE_AMBIGUOUS)
            session_close(core, session, REASON_REFUSED_BY_DIALECT, TEXT_ABSENT);
        return;
    }
}

/* ---- 0x03 ---- */

static struct relay *find_repeated(const struct core *core, const struct session *session,
                                   const struct event_message *event)
{
    struct repeat_key key = { event->payload_digest.low, event->payload_digest.high, session->km->number,
                              event->header.message_id };
    struct relay *relay = table_find(&core->repeats, (struct text){ (const char *)&key, sizeof key });
    if (relay == NULL)
        return NULL;
    bool same_session = session_is(session, relay->received_on) || session_is(session, relay->sent_on);
    bool just_reconnected = core->now_ms - session->started_ms <= REPEAT_AFTER_RECONNECT_MS;
    return same_session || !relay->record.sent || just_reconnected ? relay : NULL;
}

/* Reading 8: that relay's answer again, not a second relay. A held one is answered once, when decided. */
static void answer_repeat(struct core *core, struct relay *relay, struct session *session)
{
    session->km->counters.repeats++;
    core->totals.repeats++;
    relay->received_on = session->handle;
    if (relay->record.state != RELAY_INSTRUCTED)
        return;
    if (!relay->record.sent || relay->send_pending) { /* pending: not told yet, for want of memory */
        relay_send(core, relay, session);
        return;
    }
    note_sent(core, relay, session, message_id_for(core, relay, session)); /* its record says it all */
    (void)send_request(core, relay, session->km, session);
}

/* Reading 1: the source is one of the asking KM's own KMAs; absent, and there is one, it is that one. */
static enum reason settle_source(const struct core *core, const struct km *km, struct relay_record *record)
{
    if (text_is_present(record->source_kma_id))
        return km_owns(km, kma_find(core, record->source_kma_id)) ? REASON_NONE
                                                                  : REASON_SOURCE_NOT_AUTHORISED;
    if (km->kma_count != 1)
        return REASON_SOURCE_AMBIGUOUS;
    record->source_kma_id = km->kmas[0]->id;
    return REASON_NONE;
}

/* Reading 12: two destinations that disagree are never guessed at. */
static enum reason settle_destination(const struct core *core, struct relay_record *record)
{
    struct text of_application = text_is_present(record->application_destination_id)
                                     ? application_kma_id(core, record->application_destination_id)
                                     : TEXT_ABSENT;
    if (text_is_present(record->destination_kma_id)) {
        if (text_is_present(of_application) && !text_equal(of_application, record->destination_kma_id))
            return REASON_DESTINATION_CONFLICT;
    } else {
        record->destination_kma_id = of_application; /* absent: somebody may decide later */
    }
    return text_is_present(record->destination_kma_id) &&
                   text_equal(record->source_kma_id, record->destination_kma_id)
               ? REASON_AT_DESTINATION
               : REASON_NONE;
}

/* Constraints that are not understood are never guessed at; *out_word says what is wrong with them. */
static enum reason settle_constraints(struct core *core, struct relay *relay, struct text *out_word)
{
    struct request_constraints constraints;
    const bool understood = constraints_read(core, relay->record.extension, &constraints, out_word);
    constraints_keep(core, &relay->constraints, &constraints);
    if (understood)
        return REASON_NONE;
    return text_is_present(*out_word) ? REASON_BAD_CONSTRAINTS : REASON_OVERLOAD;
}

static enum reason settle(struct core *core, struct relay *relay, struct text *out_word)
{
    const struct km *km = relay->km;
    if (core->totals.relays_open >= LIMIT_OPEN_RELAYS || km->relays_open >= LIMIT_OPEN_RELAYS_PER_KM)
        return REASON_OVERLOAD;
    enum reason reason = settle_source(core, km, &relay->record);
    if (reason == REASON_NONE)
        reason = settle_destination(core, &relay->record);
    return reason == REASON_NONE ? settle_constraints(core, relay, out_word) : reason;
}

void relay_receive(struct core *core, struct session *session, const struct event_message *event)
{
    const struct ck_message *message = event->message;
    struct relay *relay = find_repeated(core, session, event);
    if (relay != NULL) {
        answer_repeat(core, relay, session);
        return;
    }
    relay = relay_new(core, session->km);
    if (relay == NULL)
        return;
    struct relay_record *record = &relay->record;
    record->source_kma_id = message->source_kma_id;
    record->destination_kma_id = message->destination_kma_id;
    record->application_destination_id = message->application_destination_id;
    record->extension = message->extension;
    record->version = event->header.version;
    record->message_id = event->header.message_id;
    record->payload_digest = event->payload_digest;
    relay->received_on = session->handle;
    core->totals.relays_received++;
    relay_enter(core, relay, RELAY_RECEIVED, REASON_NONE);
    struct text word = TEXT_ABSENT;
    enum reason reason = settle(core, relay, &word);
    if (reason == REASON_NONE && !relay_open(core, relay))
        reason = REASON_OVERLOAD;
    if (reason != REASON_NONE) {
        explain_relay_unasked(core, relay);
        relay_refuse(core, relay, RELAY_FAILED, reason, word);
        return;
    }
    relay_index_repeat(core, relay);
    decision_decide(core, relay);
}
