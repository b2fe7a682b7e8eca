/* SPDX-License-Identifier: Apache-2.0 */
/* Every frame that leaves against the row that stands behind it (promise 2), in its KM's dialect. */
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

static bool timeline_has(const struct relay_record *relay, enum relay_state state)
{
    for (size_t i = 0; i < relay->timeline_count; i++) {
        if (relay->timeline[i].state == state)
            return true;
    }
    return false;
}

static void decode(struct world *world, struct text frame, struct ck_header *out_header,
                   enum ck_byte_order *out_order, struct ck_message *out_message, unsigned char *payload)
{
    size_t offset = 0;
    if (!net_decode(frame, out_order, out_header))
        world_fail(world, "a frame that is not whole was sent");
    if (out_header->command != CK_NEXT_HOP_RESPONSE && out_header->command != CK_RELAY_REQUEST)
        world_fail(world, "the bridge sent command %u", out_header->command);
    memcpy(payload, frame.bytes + CK_HEADER_BYTES, out_header->payload_bytes);
    enum ck_malformed malformed = ck_message_decode((enum ck_command)out_header->command, payload,
                                                    out_header->payload_bytes, out_message, &offset);
    if (malformed != CK_WELL_FORMED)
        world_fail(world, "the bridge sent a payload that is malformed: %s", ck_malformed_name(malformed));
}

/* Reading 4: the part of the path that this KM takes for the transit list. */
static void check_transit(struct world *world, const struct relay_record *relay,
                          const struct ck_dialect *dialect, const struct ck_message *message)
{
    size_t begin = dialect->transit == CK_TRANSIT_FULL ? 0 : 1;
    size_t end = relay->path_length - (dialect->transit == CK_TRANSIT_INTERMEDIATE ? 1 : 0);
    bool same = message->kma_id_count == (end > begin ? end - begin : 0);
    for (size_t i = 0; same && i < message->kma_id_count; i++)
        same = text_equal(message->kma_ids[i], relay->path[begin + i]);
    if (!same)
        world_fail(world, "relay %llu: its transit list is not its path", (ull)relay->relay_id);
    if (!text_equal(message->destination_kma_id, relay->destination_kma_id) ||
        !text_equal(message->source_kma_id, relay->source_kma_id))
        world_fail(world, "relay %llu: sent with other ends", (ull)relay->relay_id);
}

/* Reading 2. */
static void check_message_id(struct world *world, const struct request_row *row,
                             const struct relay_record *relay, const struct km_config *km,
                             struct sim_session *session, uint32_t message_id)
{
    bool same =
        row->session.generation == session->handle.generation && row->session.index == session->handle.index;
    bool echoes = !relay->unsolicited && same && km->dialect.message_id == CK_MESSAGE_ID_ECHO;
    if (echoes && message_id != relay->message_id)
        world_fail(world, "relay %llu: MessageID %u instead of %u", (ull)relay->relay_id, message_id,
                   relay->message_id);
    if (!echoes && (message_id & UINT32_C(0x80000000)) == 0)
        world_fail(world, "relay %llu: MessageID %u is not of the bridge's own", (ull)relay->relay_id,
                   message_id);
    for (size_t i = 0; !echoes && i < session->sent_count; i++) {
        const struct sent_request *sent = &session->sent[i];
        const struct kept *kept = rows_relay(world, sent->relay_id)->shadow;
        if (sent->message_id == message_id && sent->relay_id != relay->relay_id && kept != NULL &&
            !relay_state_is_terminal(kept->record.relay.state))
            world_fail(world, "relay %llu: MessageID %u is relay %llu's", (ull)relay->relay_id, message_id,
                       (ull)sent->relay_id);
    }
    if (session->sent_count < WORLD_ASKED_MAX)
        session->sent[session->sent_count++] = (struct sent_request){ message_id, relay->relay_id };
}

static void check_relay_request(struct world *world, struct step *step, struct sim_session *session,
                                const struct ck_header *header, const struct ck_message *message)
{
    if (message->relay_id == 0)
        world_fail(world, "a Key relay request without an ID");
    struct request_row *row = rows_relay(world, message->relay_id);
    const struct km_config *km = config_km(world, text_from_c(session->km_id));
    if (row->shadow == NULL || km == NULL)
        world_fail(world, "a Key relay request of relay %llu, which has no row or no KM",
                   (ull)message->relay_id);
    const struct relay_record *relay = &row->shadow->record.relay;
    ull id = relay->relay_id;
    if (!text_equal_c(relay->km_id, session->km_id))
        world_fail(world, "relay %llu was sent to %s", id, session->km_id);
    if (row->sent_step == world->step_number)
        world_fail(world, "relay %llu: sent twice in one step", id);
    row->sent_step = world->step_number;
    if (!timeline_has(relay, RELAY_INSTRUCTED)) { /* reading 6: refusal = extension */
        if (relay->state != RELAY_FAILED && relay->state != RELAY_REJECTED)
            world_fail(world, "relay %llu: sent while %s", id, relay_state_name(relay->state));
        if (km->dialect.refusal != CK_REFUSAL_EXTENSION || !text_is_present(message->extension))
            world_fail(world, "relay %llu: a refusal that its KM cannot read", id);
        return;
    }
    if (!relay->sent)
        world_fail(world, "relay %llu: sent, and its row does not say so", id);
    bool ended_now = row->touched == world->step_number && row->state_before == (int)RELAY_INSTRUCTED;
    if (relay->state != RELAY_INSTRUCTED && !ended_now)
        world_fail(world, "relay %llu: sent while %s", id, relay_state_name(relay->state));
    bool sent_before = row->touched == world->step_number ? row->sent_before : true;
    if (sent_before && step->repeated_relay_id != relay->relay_id)
        world_fail(world, "relay %llu: sent twice, and its KM did not ask again", id);
    step->sends_of_relay += step->repeated_relay_id == relay->relay_id;
    if (step->repeated_relay_id == relay->relay_id)
        row->session = session->handle;
    if (row->version != 0 && !relay->unsolicited && !row->told_late && header->version != row->version)
        world_fail(world, "relay %llu: version %u instead of %u", id, header->version, row->version);
    row->sent_on = session->handle;
    check_transit(world, relay, &km->dialect, message);
    if (!row->told_late && !row->half_known)
        check_message_id(world, row, relay, km, session, header->message_id);
}

/* The lookup that ended in this step and that this 0x02 answers; 0: none. */
static uint64_t take_ended_lookup(struct world *world, struct step *step, const struct sim_session *session,
                                  uint32_t message_id)
{
    for (size_t i = 0; i < step->lookup_ended_count; i++) {
        uint64_t id = step->lookups_ended[i];
        const struct request_row *row = id != 0 ? rows_lookup(world, id) : NULL;
        if (row == NULL || row->session.index != session->handle.index ||
            row->session.generation != session->handle.generation ||
            row->shadow->record.lookup.message_id != message_id)
            continue;
        step->lookups_ended[i] = 0;
        return id;
    }
    return 0;
}

static void check_next_hops(struct world *world, struct step *step, struct sim_session *session,
                            const struct ck_header *header, const struct ck_message *message)
{
    uint64_t id = take_ended_lookup(world, step, session, header->message_id);
    if (id == 0) {
        const struct event *event = step->event;
        bool malformed = step->session == session && event->message.malformed != CK_WELL_FORMED &&
                         event->message.header.command == CK_NEXT_HOP_REQUEST &&
                         event->message.header.message_id == header->message_id;
        if (!malformed || message->kma_id_count > 0)
            world_fail(world, "a 0x02 with MessageID %u that answers nothing", header->message_id);
        return;
    }
    const struct request_row *row = rows_lookup(world, id);
    const struct lookup_record *lookup = &row->shadow->record.lookup;
    bool same = message->kma_id_count == lookup->next_kma_id_count;
    for (size_t i = 0; same && i < message->kma_id_count; i++)
        same = text_equal(message->kma_ids[i], lookup->next_kma_ids[i]);
    if (!same)
        world_fail(world, "lookup %llu: what was sent is not its row", (ull)id);
    if (header->version != row->version)
        world_fail(world, "lookup %llu: version %u instead of %u", (ull)id, header->version, row->version);
    if (text_is_present(lookup->application_destination_id) && text_is_present(lookup->destination_kma_id) &&
        !text_equal(message->destination_kma_id, lookup->destination_kma_id))
        world_fail(world, "lookup %llu: its destination is missing (Ck 8.2)", (ull)id);
}

static void check_spelling(struct world *world, const struct sim_session *session,
                           const struct ck_message *message)
{
    const struct km_config *km = config_km(world, text_from_c(session->km_id));
    if (km == NULL || km->dialect.key_style == CK_KEYS_AUTO || message->key_style == CK_KEYS_AUTO)
        return;
    if (message->key_style != km->dialect.key_style)
        world_fail(world, "%s was not spoken to in its own spelling", session->km_id);
}

void check_send(struct world *world, struct step *step, const struct effect_send *send)
{
    static unsigned char
        payload[CK_PAYLOAD_BYTES_MAX]; /* too large for the stack; one thread, one use at a time */
    struct sim_session *session = net_session(world, send->session);
    struct ck_header header;
    struct ck_message message;
    enum ck_byte_order order;
    if (session == NULL)
        world_fail(world, "a frame for a session that is gone");
    decode(world, send->frame, &header, &order, &message, payload);
    world->coverage->sends[header.command]++;
    if (session->order == CK_LITTLE_ENDIAN && order != CK_LITTLE_ENDIAN)
        world_fail(world, "a big-endian frame to a little-endian KM");
    if (session->order == CK_BIG_ENDIAN && order != CK_BIG_ENDIAN)
        world_fail(world, "a little-endian frame to a big-endian KM");
    check_spelling(world, session, &message);
    if (header.command == CK_NEXT_HOP_RESPONSE)
        check_next_hops(world, step, session, &header, &message);
    else
        check_relay_request(world, step, session, &header, &message);
}

/* Reading 6: every whole 0x01 gets its 0x02. */
void check_lookups_answered(struct world *world, struct step *step)
{
    for (size_t i = 0; i < step->lookup_ended_count; i++) {
        if (step->lookups_ended[i] == 0)
            continue;
        const struct request_row *row = rows_lookup(world, step->lookups_ended[i]);
        const struct sim_session *session = net_session(world, row->session);
        bool left = step->event != NULL && step->event->kind == EVENT_SESSION_CLOSED;
        if (session != NULL && session->live && !left && step->status == CORE_OK)
            world_fail(world, "lookup %llu ended, and its KM hears nothing", (ull)step->lookups_ended[i]);
    }
}

static void check_released_send(struct world *world, const struct effect_send *send)
{
    static unsigned char payload[CK_PAYLOAD_BYTES_MAX];
    struct ck_header header;
    struct ck_message message;
    enum ck_byte_order order;
    decode(world, send->frame, &header, &order, &message, payload);
    const struct sim_session *session = &world->sessions[send->session.index];
    if (header.command == CK_RELAY_REQUEST) {
        const struct kept *kept = rows_relay(world, message.relay_id)->durable;
        bool instructed = kept != NULL && timeline_has(&kept->record.relay, RELAY_INSTRUCTED);
        bool refused = kept != NULL && !instructed && kept->record.relay.ended_ms != 0;
        if (!refused && (!instructed || !kept->record.relay.sent))
            world_fail(world, "relay %llu left before it was durable", (ull)message.relay_id);
        return;
    }
    if (session->handle.generation != send->session.generation || message.kma_id_count == 0)
        return;
    for (size_t id = world->rows.durable_high.next_lookup_id - 1; id > 0; id--) {
        const struct kept *kept = rows_lookup(world, id)->durable;
        if (kept != NULL && kept->record.lookup.message_id == header.message_id &&
            kept->record.lookup.next_kma_id_count == message.kma_id_count &&
            text_equal_c(kept->record.lookup.km_id, session->km_id))
            return;
    }
    world_fail(world, "a 0x02 left before its lookup was durable");
}

static void check_released_notice(struct world *world, const struct notice *notice)
{
    static const int states[NOTICES_END] = { [NOTICE_RELAY_RECEIVED] = RELAY_RECEIVED + 1,
                                             [NOTICE_RELAY_AWAITING_DECISION] = RELAY_AWAITING_DECISION + 1,
                                             [NOTICE_RELAY_INSTRUCTED] = RELAY_INSTRUCTED + 1,
                                             [NOTICE_RELAY_SUCCEEDED] = RELAY_SUCCEEDED + 1,
                                             [NOTICE_RELAY_FAILED] = RELAY_FAILED + 1,
                                             [NOTICE_RELAY_REJECTED] = RELAY_REJECTED + 1,
                                             [NOTICE_RELAY_EXPIRED] = RELAY_EXPIRED + 1,
                                             [NOTICE_RELAY_ORPHANED] = RELAY_ORPHANED + 1 };
    if (notice->event_id >= world->rows.durable_high.next_event_id)
        world_fail(world, "event %llu was told before it was durable", (ull)notice->event_id);
    if (states[notice->type] == 0)
        return;
    const struct kept *kept = rows_relay(world, notice->relay_id)->durable;
    if (kept == NULL || !timeline_has(&kept->record.relay, (enum relay_state)(states[notice->type] - 1)))
        world_fail(world, "%s of relay %llu was told before it was durable", notice_type_name(notice->type),
                   (ull)notice->relay_id);
}

void check_released(struct world *world, const struct effect *effect)
{
    if (effect->kind == EFFECT_SEND)
        check_released_send(world, &effect->send);
    else if (effect->kind == EFFECT_NOTICE)
        check_released_notice(world, &effect->notice);
}
