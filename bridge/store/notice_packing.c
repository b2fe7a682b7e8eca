/* SPDX-License-Identifier: Apache-2.0 */
#include "store/notice_packing.h"

#include <assert.h>
#include <string.h>

/* Types and securities are stored by number: new ones may only be appended, or a migration must renumber. So
   are states and deciders, see sqlite_row.c; reasons are stored by name. */
static_assert(NOTICE_KM_CONNECTED == 0 && NOTICE_RELAY_RECEIVED == 3 && NOTICE_RELAY_UNCORRELATED == 11 &&
                  NOTICE_LOOKUP_ANSWERED == 12 && NOTICE_ROUTE_CHANGED == 14 && NOTICE_OVERLOAD_LEFT == 19,
              "the numbers of stored event types must not move");
static_assert(SECURITY_TLS == 0 && SECURITY_PSK == 1 && SECURITY_PLAIN == 2,
              "the numbers of stored securities must not move");

/* What the data of a notice is. Stored by number: new ones may only be appended. */
enum shape {
    SHAPE_OWN,         /* the notice's own members */
    SHAPE_RELAY,       /* its relay's */
    SHAPE_RELAY_AGAIN, /* likewise, those packed before */
    SHAPE_LOOKUP,
    SHAPE_FRAME, /* its own, and the frame that it is about */
    SHAPES_END,
};

static void put_reason(struct bytes_writer *writer, enum reason reason)
{
    packing_put_text(writer, text_from_c(reason_name(reason)));
}

static enum reason unpack_reason(struct unpacker *unpacker)
{
    enum reason reason = REASON_NONE;
    struct text name = unpacker_text(unpacker);
    if (text_is_present(name) && !reason_from_name(name, &reason))
        unpacker->failed = true;
    return reason;
}

static void put_subject(struct bytes_writer *writer, const struct notice *notice)
{
    packing_put_text(writer, notice->km_id);
    packing_put_text(writer, notice->route_id);
    packing_put_text(writer, notice->link_id);
    packing_put_u64(writer, notice->relay_id);
    packing_put_u64(writer, notice->lookup_id);
}

static void unpack_subject(struct unpacker *unpacker, struct notice *out)
{
    out->km_id = unpacker_text(unpacker);
    out->route_id = unpacker_text(unpacker);
    out->link_id = unpacker_text(unpacker);
    out->relay_id = unpacker_u64(unpacker);
    out->lookup_id = unpacker_u64(unpacker);
}

static void put_relay(struct bytes_writer *writer, const struct relay_record *relay)
{
    packing_put_u64(writer, relay->relay_id);
    packing_put_u64(writer, relay->state);
    packing_put_u64(writer, relay->decided_by);
    packing_put_u64(writer, relay->unsolicited);
    packing_put_u64(writer, relay->message_id);
    packing_put_u64(writer, relay->received_ms);
    packing_put_u64(writer, relay->ended_ms);
    put_reason(writer, relay->reason);
    packing_put_text(writer, relay->detail);
    packing_put_text(writer, relay->km_id);
    packing_put_text(writer, relay->source_kma_id);
    packing_put_text(writer, relay->destination_kma_id);
    packing_put_text(writer, relay->application_destination_id);
    packing_put_text(writer, relay->route_id);
    packing_put_text(writer, relay->extension);
    packing_put_texts(writer, relay->path, relay->path_length);
}

static void unpack_relay(struct unpacker *unpacker, struct notice_storage *storage)
{
    storage->relay = (struct relay_record){
        .relay_id = unpacker_u64(unpacker),
    };
    struct relay_record *out = &storage->relay;
    out->state = (enum relay_state)unpacker_u64_within(unpacker, RELAY_STATES_END - 1);
    out->decided_by = (enum decider)unpacker_u64_within(unpacker, DECIDERS_END - 1);
    out->unsolicited = unpacker_u64_within(unpacker, 1) != 0;
    out->message_id = (uint32_t)unpacker_u64_within(unpacker, UINT32_MAX);
    out->received_ms = unpacker_u64(unpacker);
    out->ended_ms = unpacker_u64(unpacker);
    out->reason = unpack_reason(unpacker);
    out->detail = unpacker_text(unpacker);
    out->km_id = unpacker_text(unpacker);
    out->source_kma_id = unpacker_text(unpacker);
    out->destination_kma_id = unpacker_text(unpacker);
    out->application_destination_id = unpacker_text(unpacker);
    out->route_id = unpacker_text(unpacker);
    out->extension = unpacker_text(unpacker);
    out->path = unpacker_texts(unpacker, storage->texts, LIMIT_PATH_KMAS, &out->path_length);
}

static void put_lookup(struct bytes_writer *writer, const struct lookup_record *lookup)
{
    packing_put_u64(writer, lookup->lookup_id);
    packing_put_u64(writer, lookup->state);
    packing_put_u64(writer, lookup->decided_by);
    packing_put_u64(writer, lookup->message_id);
    packing_put_u64(writer, lookup->received_ms);
    packing_put_u64(writer, lookup->ended_ms);
    put_reason(writer, lookup->reason);
    packing_put_text(writer, lookup->detail);
    packing_put_text(writer, lookup->km_id);
    packing_put_text(writer, lookup->current_kma_id);
    packing_put_text(writer, lookup->source_kma_id);
    packing_put_text(writer, lookup->destination_kma_id);
    packing_put_text(writer, lookup->application_destination_id);
    packing_put_text(writer, lookup->extension);
    packing_put_texts(writer, lookup->next_kma_ids, lookup->next_kma_id_count);
}

static void unpack_lookup(struct unpacker *unpacker, struct notice_storage *storage)
{
    storage->lookup = (struct lookup_record){ .lookup_id = unpacker_u64(unpacker) };
    struct lookup_record *out = &storage->lookup;
    out->state = (enum lookup_state)unpacker_u64_within(unpacker, LOOKUP_STATES_END - 1);
    out->decided_by = (enum decider)unpacker_u64_within(unpacker, DECIDERS_END - 1);
    out->message_id = (uint32_t)unpacker_u64_within(unpacker, UINT32_MAX);
    out->received_ms = unpacker_u64(unpacker);
    out->ended_ms = unpacker_u64(unpacker);
    out->reason = unpack_reason(unpacker);
    out->detail = unpacker_text(unpacker);
    out->km_id = unpacker_text(unpacker);
    out->current_kma_id = unpacker_text(unpacker);
    out->source_kma_id = unpacker_text(unpacker);
    out->destination_kma_id = unpacker_text(unpacker);
    out->application_destination_id = unpacker_text(unpacker);
    out->extension = unpacker_text(unpacker);
    out->next_kma_ids = unpacker_texts(unpacker, storage->texts, LIMIT_PATH_KMAS, &out->next_kma_id_count);
}

/* With its end, so that it comes back as a string. */
static void put_string(struct bytes_writer *writer, const char *string)
{
    packing_put_text(writer, string != NULL ? (struct text){ string, strlen(string) + 1 } : TEXT_ABSENT);
}

static const char *unpack_string(struct unpacker *unpacker)
{
    struct text text = unpacker_text(unpacker);
    if (!text_is_present(text))
        return NULL;
    if (text.length > 0 && text.bytes[text.length - 1] == '\0')
        return text.bytes;
    unpacker->failed = true;
    return NULL;
}

static void put_own(struct bytes_writer *writer, const struct notice *notice)
{
    put_reason(writer, notice->reason);
    packing_put_text(writer, notice->detail);
    packing_put_text(writer, notice->peer);
    packing_put_u64(writer, notice->security);
    packing_put_text(writer, notice->tls_version);
    packing_put_text(writer, notice->cipher);
    packing_put_text(writer, notice->identity);
    packing_put_u64(writer, notice->offset);
    packing_put_u64(writer, notice->message_id);
    packing_put_u64(writer, notice->command);
    put_string(writer, notice->change);
    packing_put_text(writer, notice->object);
}

static void unpack_own(struct unpacker *unpacker, struct notice *out)
{
    out->reason = unpack_reason(unpacker);
    out->detail = unpacker_text(unpacker);
    out->peer = unpacker_text(unpacker);
    out->security = (enum security)unpacker_u64_within(unpacker, SECURITY_PLAIN);
    out->tls_version = unpacker_text(unpacker);
    out->cipher = unpacker_text(unpacker);
    out->identity = unpacker_text(unpacker);
    out->offset = unpacker_u64(unpacker);
    out->message_id = (uint32_t)unpacker_u64_within(unpacker, UINT32_MAX);
    out->command = (uint16_t)unpacker_u64_within(unpacker, UINT16_MAX);
    out->change = unpack_string(unpacker);
    out->object = unpacker_text(unpacker);
}

static void put_frame(struct bytes_writer *writer, const struct notice *notice)
{
    put_own(writer, notice);
    packing_put_u64(writer, notice->version);
    packing_put_u64(writer, notice->payload_bytes);
    packing_put_u64(writer, notice->excerpt_offset);
    packing_put_text(writer, notice->excerpt);
}

static void unpack_frame(struct unpacker *unpacker, struct notice *out)
{
    unpack_own(unpacker, out);
    out->has_frame = true;
    out->version = (uint16_t)unpacker_u64_within(unpacker, UINT16_MAX);
    out->payload_bytes = (uint32_t)unpacker_u64_within(unpacker, UINT32_MAX);
    out->excerpt_offset = unpacker_u64(unpacker);
    out->excerpt = unpacker_text(unpacker);
}

static enum shape shape_of(const struct notice *notice, const struct relay_record *relay_before)
{
    if (notice->relay != NULL)
        return notice->relay == relay_before ? SHAPE_RELAY_AGAIN : SHAPE_RELAY;
    return notice->lookup != NULL ? SHAPE_LOOKUP : notice->has_frame ? SHAPE_FRAME : SHAPE_OWN;
}

void notice_pack(struct bytes_writer *writer, const struct notice *notice,
                 const struct relay_record *relay_before)
{
    enum shape shape = shape_of(notice, relay_before);
    packing_put_u64(writer, notice->event_id);
    packing_put_u64(writer, notice->time_ms);
    packing_put_u64(writer, notice->type);
    packing_put_u64(writer, shape);
    put_subject(writer, notice);
    switch (shape) {
    case SHAPE_OWN:
        put_own(writer, notice);
        break;
    case SHAPE_RELAY:
        put_relay(writer, notice->relay);
        break;
    case SHAPE_LOOKUP:
        put_lookup(writer, notice->lookup);
        break;
    case SHAPE_FRAME:
        put_frame(writer, notice);
        break;
    case SHAPE_RELAY_AGAIN:
    case SHAPES_END:
        break;
    }
}

static void unpack_data(struct unpacker *unpacker, enum shape shape, struct notice_storage *storage,
                        struct notice *out)
{
    bool held_relay = storage->holds_relay;
    storage->holds_relay = false;
    switch (shape) {
    case SHAPE_OWN:
        unpack_own(unpacker, out);
        return;
    case SHAPE_RELAY:
    case SHAPE_RELAY_AGAIN:
        if (shape == SHAPE_RELAY)
            unpack_relay(unpacker, storage);
        else if (!held_relay)
            unpacker->failed = true;
        storage->holds_relay = true;
        out->relay = &storage->relay;
        return;
    case SHAPE_LOOKUP:
        unpack_lookup(unpacker, storage);
        out->lookup = &storage->lookup;
        return;
    case SHAPE_FRAME:
        unpack_frame(unpacker, out);
        return;
    case SHAPES_END:
        break;
    }
}

bool notice_unpack(struct unpacker *unpacker, struct notice_storage *storage, struct notice *out_notice)
{
    struct notice notice = { .event_id = unpacker_u64(unpacker) };
    notice.time_ms = unpacker_u64(unpacker);
    notice.type = (enum notice_type)unpacker_u64_within(unpacker, NOTICES_END - 1);
    enum shape shape = (enum shape)unpacker_u64_within(unpacker, SHAPES_END - 1);
    unpack_subject(unpacker, &notice);
    unpack_data(unpacker, shape, storage, &notice);
    if (unpacker->failed)
        return false;
    *out_notice = notice;
    return true;
}
