/* SPDX-License-Identifier: Apache-2.0 */
/* The net between KMs and core: sessions from accept to close, frames in and out, as the real one orders
 * them. */
#include <string.h>

#include "world/world.h"

struct sim_session *net_session(struct world *world, struct session_handle handle)
{
    if (handle.generation == 0 || handle.index >= WORLD_SESSIONS_MAX)
        return NULL;
    struct sim_session *session = &world->sessions[handle.index];
    return session->open && session->handle.generation == handle.generation ? session : NULL;
}

static struct sim_session *free_slot(struct world *world)
{
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        if (!world->sessions[i].open) {
            world->sessions[i].handle.index = (uint32_t)i;
            return &world->sessions[i];
        }
    }
    return NULL;
}

static void reset_session(struct world *world, struct sim_session *session, size_t km)
{
    session->handle.generation++;
    session->open = true;
    session->admitted = session->closing = session->live = session->judged = false;
    session->km = km;
    session->km_id[0] = '\0';
    session->order = CK_BIG_ENDIAN;
    session->opened_ms = world->monotonic_ms;
    session->asked_count = session->sent_count = 0;
}

static void describe_security(struct world *world, struct event_session_opened *opened)
{
    opened->security = (enum security)random_below(&world->random, 3);
    if (opened->security == SECURITY_PLAIN)
        return;
    opened->tls_version = TEXT("TLSv1.3");
    opened->cipher = TEXT("TLS_AES_128_GCM_SHA256");
    opened->certificate_expires_ms = opened->security == SECURITY_TLS ? world->wall_ms + 86400000 : 0;
}

struct session_handle net_dial(struct world *world, size_t km, const struct text *identities, size_t count)
{
    struct sim_session *session = free_slot(world);
    if (session == NULL)
        return (struct session_handle){ 0, 0 };
    reset_session(world, session, km);
    struct event event = { .kind = EVENT_SESSION_OPENED,
                           .opened = { .session = session->handle,
                                       .identities = identities,
                                       .identity_count = count,
                                       .peer = TEXT("192.0.2.7:50112"),
                                       .bad_frames_per_minute = 6,
                                       .replacements_per_minute = 4,
                                       .hold_off_ms = 3000 } };
    describe_security(world, &event.opened);
    if (world_step(world, &event) != CORE_OK && !session->judged) {
        session->closing = true; /* the loop closes what the core could not take in */
        session->closing_reason = REASON_OVERLOAD;
    }
    return session->handle;
}

void net_leave(struct world *world, struct session_handle handle)
{
    struct sim_session *session = net_session(world, handle);
    if (session == NULL || session->closing)
        return;
    static const enum reason reasons[] = { REASON_PEER_CLOSED, REASON_CONNECTION_ERROR, REASON_IDLE,
                                           REASON_SLOW_READER };
    session->closing = true;
    session->closing_reason = reasons[random_below(&world->random, 4)];
}

bool net_has_closing(const struct world *world)
{
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        if (world->sessions[i].open && world->sessions[i].closing)
            return true;
    }
    return false;
}

void net_deliver_closed(struct world *world)
{
    size_t start = random_below(&world->random, WORLD_SESSIONS_MAX);
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        struct sim_session *session = &world->sessions[(start + i) % WORLD_SESSIONS_MAX];
        if (!session->open || !session->closing)
            continue;
        struct event event = { .kind = EVENT_SESSION_CLOSED,
                               .closed = { .session = session->handle,
                                           .reason = session->closing_reason,
                                           .detail = TEXT("by the simulated net") } };
        world_step(world, &event); /* told once, whether or not there was memory to tell of it */
        session->open = session->live = false;
        return;
    }
}

static struct asked *asked_of(struct sim_session *session, uint32_t message_id)
{
    for (size_t i = 0; i < session->asked_count; i++) {
        if (session->asked[i].message_id == message_id)
            return &session->asked[i];
    }
    if (session->asked_count == WORLD_ASKED_MAX)
        return NULL;
    struct asked *asked = &session->asked[session->asked_count++];
    *asked = (struct asked){ .message_id = message_id };
    return asked;
}

/* Delivers one frame of an admitted session, decoded as the real loop decodes it. */
void net_frame(struct world *world, struct session_handle handle, const struct ck_header *header,
               enum ck_byte_order order, const unsigned char *payload)
{
    struct sim_session *session = net_session(world, handle);
    if (session == NULL || !session->admitted || session->closing)
        return;
    unsigned char bytes[CK_HEADER_BYTES + WORLD_PAYLOAD_BYTES];
    ck_header_encode(header, order, bytes);
    memcpy(bytes + CK_HEADER_BYTES, payload, header->payload_bytes);
    struct event event = { .kind = EVENT_MESSAGE, .message = { .session = handle } };
    size_t consumed = ck_frame_decode(bytes, CK_HEADER_BYTES + (size_t)header->payload_bytes, &session->order,
                                      &event.message.header);
    if (consumed != CK_HEADER_BYTES + (size_t)header->payload_bytes)
        world_fail(world, "a whole frame was not read as one");
    event.message.byte_order = session->order;
    struct text whole = { (const char *)bytes + CK_HEADER_BYTES, event.message.header.payload_bytes };
    event.message.payload_digest = core_payload_digest(whole);
    struct ck_message message;
    size_t offset = 0;
    uint16_t command = event.message.header.command;
    if (command >= CK_NEXT_HOP_REQUEST && command < CK_COMMANDS_END) {
        event.message.malformed = ck_message_decode((enum ck_command)command, bytes + CK_HEADER_BYTES,
                                                    whole.length, &message, &offset);
        event.message.offset = offset;
        event.message.message = &message;
        world->coverage->received[command]++;
    } else {
        world->coverage->received[0]++;
    }
    struct asked *asked = command == CK_NEXT_HOP_REQUEST ? asked_of(session, header->message_id) : NULL;
    bool was_live = session->live;
    if (asked != NULL) {
        asked->requests++;
        asked->version = header->version;
    }
    if (world_step(world, &event) != CORE_OK && asked != NULL)
        asked->excused++;
    else if (asked != NULL && (!was_live || !session->live))
        asked->excused++; /* the core had already let go of the session, or does so for this frame */
}

bool net_decode(struct text frame, enum ck_byte_order *out_order, struct ck_header *out_header)
{
    for (int i = 0; i < 2; i++) {
        enum ck_byte_order order = i == 0 ? CK_BIG_ENDIAN : CK_LITTLE_ENDIAN;
        struct ck_header header;
        size_t bytes = ck_frame_decode((const unsigned char *)frame.bytes, frame.length, &order, &header);
        if (bytes != frame.length || header.command == 0 || header.command >= CK_COMMANDS_END)
            continue;
        *out_order = order;
        *out_header = header;
        return true;
    }
    return false;
}

static void count_response(struct world *world, struct sim_session *session, struct text frame)
{
    enum ck_byte_order order;
    struct ck_header header;
    if (!net_decode(frame, &order, &header))
        world_fail(world, "a frame that is not whole was sent");
    if (header.command != CK_NEXT_HOP_RESPONSE)
        return;
    struct asked *asked = asked_of(session, header.message_id);
    if (asked == NULL)
        return;
    asked->responses++;
    if (asked->responses > asked->requests)
        world_fail(world, "more responses than requests with MessageID %u", header.message_id);
}

void net_release(struct world *world, const struct effect *effect)
{
    struct session_handle handle = effect->kind == EFFECT_ADMIT  ? effect->admit.session
                                   : effect->kind == EFFECT_SEND ? effect->send.session
                                                                 : effect->close.session;
    struct sim_session *session = net_session(world, handle);
    if (session == NULL)
        return; /* gone meanwhile: the real net ignores a dead handle */
    if (effect->kind == EFFECT_ADMIT) {
        session->admitted = true;
        session->order = effect->admit.byte_order;
    } else if (effect->kind == EFFECT_CLOSE) {
        session->closing = true;
        session->closing_reason = effect->close.reason;
    } else if (!session->closing) {
        count_response(world, session, effect->send.frame);
        if (session->km < WORLD_KMS_MAX)
            km_receive(world, session->km, session, effect->send.frame);
    }
}

void net_forget(struct world *world)
{
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++)
        world->sessions[i].open = world->sessions[i].live = false;
    for (size_t i = 0; i < world->km_count; i++)
        world->kms[i].session = (struct session_handle){ 0, 0 };
}
