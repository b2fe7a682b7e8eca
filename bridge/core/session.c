/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session.h"

#include "core/directory_state.h"
#include "core/emit.h"
#include "core/next_hop.h"
#include "core/relay.h"

static const uint32_t fresh_bit = UINT32_C(0x80000000);

bool session_is(const struct session *session, struct session_handle handle)
{
    return session->handle.index == handle.index && session->handle.generation == handle.generation;
}

struct session *session_find(const struct core *core, struct session_handle handle)
{
    struct session *session = handle.index < LIMIT_SESSIONS ? core->sessions[handle.index] : NULL;
    return session != NULL && session_is(session, handle) ? session : NULL;
}

uint32_t session_fresh_message_id(const struct core *core, struct session *session)
{
    uint32_t message_id;
    do { /* ends: a KM has at most LIMIT_OPEN_RELAYS_PER_KM open relays */
        message_id = fresh_bit | ++session->fresh_ids;
    } while (chain_find(&core->relays_by_message, chain_key(session->km->number, message_id)) != NULL);
    return message_id;
}

void km_note_error(struct core *core, struct km *km, enum reason reason, struct text detail)
{
    struct text kept = detail;
    km->last_error_detail = TEXT_ABSENT;
    if (text_is_present(detail) &&
        pack_into_memory(&core->memory, pack_text_value, &kept, &km->last_error_owned))
        km->last_error_detail = kept;
    km->last_error = reason;
    km->last_error_ms = core->wall_ms;
}

/* ---- refused peers ---- */

static void pack_refused(struct pack *pack, void *value)
{
    struct refused_peer *peer = value;
    pack_text_value(pack, &peer->peer);
    pack_text_value(pack, &peer->identity);
    pack_text_value(pack, &peer->detail);
}

static void note_refused(struct core *core, const struct event_session_refused *refused)
{
    struct refused_peer peer = {
        .time_ms = core->wall_ms,
        .peer = emit_text(core, refused->peer),
        .identity = emit_text(core, refused->identity),
        .detail = emit_text(core, refused->detail),
        .reason = refused->reason,
    };
    struct refused_peer *slot = &core->refused[core->refused_next];
    peer.owned = slot->owned;
    if (!pack_into_memory(&core->memory, pack_refused, &peer, &peer.owned))
        return; /* a view for people, which may miss one */
    *slot = peer;
    core->refused_next = (core->refused_next + 1) % LIMIT_REFUSED_PEERS;
    if (core->refused_count < LIMIT_REFUSED_PEERS)
        core->refused_count++;
}

static void tell_refused(struct core *core, const struct km *km, const struct event_session_refused *refused)
{
    core->totals.km_refused++;
    core->totals.refused[refused->reason]++;
    core->change_number++;
    note_refused(core, refused);
    struct notice *notice = emit_notice(core, NOTICE_KM_REFUSED);
    if (notice == NULL)
        return;
    notice->km_id = km != NULL ? emit_text(core, km->object.id) : TEXT_ABSENT;
    notice->reason = refused->reason;
    notice->detail = emit_text(core, refused->detail);
    notice->peer = emit_text(core, refused->peer);
    notice->security = refused->security;
    notice->identity = emit_text(core, refused->identity);
}

void session_refused(struct core *core, const struct event_session_refused *refused)
{
    tell_refused(core, NULL, refused);
}

/* ---- closing ---- */

static void forget_unclosed(struct core *core, uint32_t index)
{
    for (size_t i = 0; i < core->unclosed_count; i++) {
        if (core->unclosed[i].session.index != index)
            continue;
        core->unclosed[i] = core->unclosed[--core->unclosed_count];
        return;
    }
}

/* For the core the session is over; that the net hears of it must not depend on memory. */
static void close_handle(struct core *core, struct session_handle session, enum reason reason)
{
    if (emit_close(core, session, reason))
        return;
    forget_unclosed(core, session.index);
    core->unclosed[core->unclosed_count++] = (struct unclosed){ session, reason };
}

void session_close_unclosed(struct core *core)
{
    while (core->unclosed_count > 0) {
        const struct unclosed *last = &core->unclosed[core->unclosed_count - 1];
        if (!emit_close(core, last->session, last->reason))
            return;
        core->unclosed_count--;
    }
}

static void refuse(struct core *core, const struct event_session_opened *opened, struct km *km,
                   enum reason reason)
{
    struct event_session_refused refused = {
        .peer = opened->peer,
        .identity = opened->identity_count > 0 ? opened->identities[0] : TEXT_ABSENT,
        .security = opened->security,
        .reason = reason,
    };
    if (km != NULL) {
        km->counters.refused++;
        km_note_error(core, km, reason, TEXT_ABSENT);
    }
    close_handle(core, opened->session, reason);
    tell_refused(core, km, &refused);
}

/* ---- end of a session ---- */

static void tell_session(struct core *core, enum notice_type type, const struct session *session,
                         enum reason reason, struct text detail)
{
    struct notice *notice = emit_notice(core, type);
    if (notice == NULL)
        return;
    notice->km_id = emit_text(core, session->km->object.id);
    notice->peer = emit_text(core, session->peer);
    notice->security = session->security;
    notice->tls_version = emit_text(core, session->tls_version);
    notice->cipher = emit_text(core, session->cipher);
    notice->identity = emit_text(core, session->identity);
    notice->reason = reason;
    notice->detail = emit_text(core, detail);
}

static void end_session(struct core *core, struct session *session, enum reason reason, struct text detail)
{
    struct km *km = session->km;
    tell_session(core, NOTICE_KM_DISCONNECTED, session, reason, detail);
    km_note_error(core, km, reason, detail);
    core->sessions[session->handle.index] = NULL;
    core->sessions_open--;
    core->totals.sessions_closed[reason]++;
    km->session = NULL;
    km->since_ms = core->wall_ms;
    objects_note_change(core, OBJECT_KM);
    next_hop_session_lost(core, km);
    owned_release(&core->memory, &session->owned);
    memory_release(&core->memory, session, sizeof *session);
}

void session_close(struct core *core, struct session *session, enum reason reason, struct text detail)
{
    close_handle(core, session->handle, reason);
    end_session(core, session, reason, detail);
}

void session_closed(struct core *core, const struct event_session_closed *closed)
{
    struct session *session = session_find(core, closed->session);
    forget_unclosed(core, closed->session.index);
    if (session != NULL)
        end_session(core, session, closed->reason, closed->detail);
}

static void hold_off(struct core *core, struct km *km, uint32_t hold_off_ms)
{
    if (hold_off_ms == 0)
        return;
    km->held_off_until_ms = core->now_ms + hold_off_ms;
    km->held_off_until_wall_ms = core->wall_ms + hold_off_ms;
}

bool session_bad_frame(struct core *core, struct session *session)
{
    struct km *km = session->km;
    if (window_count(&km->bad_frames, core->now_ms) <= session->bad_frames_per_minute)
        return false;
    window_clear(&km->bad_frames);
    hold_off(core, km, session->hold_off_ms);
    session_close(core, session, REASON_TOO_MANY_BAD_FRAMES, TEXT_ABSENT);
    return true;
}

/* ---- start of a session ---- */

/* Reading 13: the first name that an enrolled KM bears; names of two KMs name none. */
static struct km *km_of_identities(const struct core *core, const struct event_session_opened *opened,
                                   const struct identity **out_identity, bool *out_ambiguous)
{
    struct km *km = NULL;
    *out_ambiguous = false;
    for (size_t i = 0; i < opened->identity_count; i++) {
        const struct identity *identity = table_find(&core->identities, opened->identities[i]);
        if (identity == NULL)
            continue;
        if (km == NULL) {
            km = identity->km;
            *out_identity = identity;
        } else if (identity->km != km) {
            *out_ambiguous = true;
        }
    }
    return km;
}

static void pack_session(struct pack *pack, void *value)
{
    struct session *session = value;
    pack_text_value(pack, &session->peer);
    pack_text_value(pack, &session->identity);
    pack_text_value(pack, &session->tls_version);
    pack_text_value(pack, &session->cipher);
}

static struct session *new_session(struct core *core, const struct event_session_opened *opened,
                                   struct km *km, struct text identity)
{
    struct session *session = memory_allocate(&core->memory, sizeof *session);
    if (session == NULL)
        goto out_of_memory;
    *session = (struct session){
        .handle = opened->session,
        .km = km,
        .peer = emit_text(core, opened->peer),
        .identity = identity,
        .tls_version = opened->tls_version,
        .cipher = opened->cipher,
        .security = opened->security,
        .certificate_expires_ms = opened->certificate_expires_ms,
        .bad_frames_per_minute = opened->bad_frames_per_minute,
        .replacements_per_minute = opened->replacements_per_minute,
        .hold_off_ms = opened->hold_off_ms,
        .started_ms = core->now_ms,
        .byte_order = km_config_of(km)->dialect.byte_order,
    };
    if (pack_into_memory(&core->memory, pack_session, session, &session->owned))
        return session;
    memory_release(&core->memory, session, sizeof *session);
out_of_memory:
    core->out_of_memory = true;
    return NULL;
}

static bool admit(struct core *core, const struct session *session)
{
    struct text km_id = emit_text(core, session->km->object.id);
    struct effect *effect = text_is_present(km_id) ? effects_add(core->effects, EFFECT_ADMIT) : NULL;
    if (effect == NULL) {
        core->out_of_memory = true;
        return false;
    }
    effect->admit =
        (struct effect_admit){ session->handle, km_id, km_config_of(session->km)->dialect.byte_order };
    return true;
}

static void accept(struct core *core, const struct event_session_opened *opened, struct km *km,
                   struct text identity)
{
    struct session *session = new_session(core, opened, km, identity);
    if (session == NULL) {
        close_handle(core, opened->session, REASON_OVERLOAD);
        return;
    }
    if (km->session != NULL) /* reading 10: the newer one replaces it */
        session_close(core, km->session, REASON_REPLACED, TEXT_ABSENT);
    if (!admit(core, session)) {
        owned_release(&core->memory, &session->owned);
        memory_release(&core->memory, session, sizeof *session);
        close_handle(core, opened->session, REASON_OVERLOAD);
        return;
    }
    core->sessions[opened->session.index] = session;
    core->sessions_open++;
    km->session = session;
    km->since_ms = core->wall_ms;
    km->counters.sessions++;
    core->totals.sessions_opened++;
    objects_note_change(core, OBJECT_KM);
    tell_session(core, NOTICE_KM_CONNECTED, session, REASON_NONE, TEXT_ABSENT);
    relay_send_waiting(core, session);
}

void session_opened(struct core *core, const struct event_session_opened *opened)
{
    if (opened->session.index >= LIMIT_SESSIONS || opened->session.generation == 0)
        return;
    forget_unclosed(core, opened->session.index);
    struct session *stale = core->sessions[opened->session.index];
    if (stale != NULL) /* its end was not told; the handle says that it is over */
        end_session(core, stale, REASON_CONNECTION_ERROR, TEXT_ABSENT);
    const struct identity *identity = NULL;
    bool ambiguous;
    struct km *km = km_of_identities(core, opened, &identity, &ambiguous);
    if (km == NULL)
        refuse(core, opened, NULL, REASON_NOT_ENROLLED);
    else if (ambiguous)
        refuse(core, opened, NULL, REASON_AMBIGUOUS_IDENTITY);
    else if (!km_is_enabled(km))
        refuse(core, opened, km, REASON_KM_DISABLED);
    else if (core->now_ms < km->held_off_until_ms)
        refuse(core, opened, km, REASON_HELD_OFF);
    else if (km->session != NULL &&
             window_count(&km->replacements, core->now_ms) > opened->replacements_per_minute) {
        window_clear(&km->replacements);
        hold_off(core, km, opened->hold_off_ms);
        refuse(core, opened, km, REASON_FLAPPING);
    } else {
        accept(core, opened, km, identity->text);
    }
}

void session_free_all(struct core *core)
{
    for (size_t i = 0; i < LIMIT_SESSIONS; i++) {
        struct session *session = core->sessions[i];
        if (session == NULL)
            continue;
        owned_release(&core->memory, &session->owned);
        memory_release(&core->memory, session, sizeof *session);
    }
}
