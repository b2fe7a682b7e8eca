/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notice.h"

#include <assert.h>

#include "ck/json_writer.h"

static void member_text(struct bytes_writer *writer, const char *name, struct text value)
{
    if (!text_is_present(value))
        return;
    json_name(writer, name);
    json_text(writer, value);
}

static void member_c(struct bytes_writer *writer, const char *name, const char *value)
{
    member_text(writer, name, text_from_c(value));
}

static void member_id(struct bytes_writer *writer, const char *name, uint64_t id)
{
    if (id == 0)
        return;
    json_name(writer, name);
    json_u64_text(writer, id);
}

static void member_texts(struct bytes_writer *writer, const char *name, const struct text *values,
                         size_t count)
{
    json_name(writer, name);
    json_open_array(writer);
    for (size_t i = 0; i < count; i++)
        json_text(writer, values[i]);
    json_close_array(writer);
}

static void member_time(struct bytes_writer *writer, const char *name, uint64_t time_ms)
{
    if (time_ms == 0)
        return;
    json_name(writer, name);
    json_time(writer, time_ms);
}

/* The KM's own JSON; its line breaks, which can only be white space, become blanks: an event is one line. */
static void member_extension(struct bytes_writer *writer, struct text extension)
{
    if (!text_is_present(extension))
        return;
    json_name(writer, "extension");
    for (size_t i = 0; i < extension.length; i++) {
        char c = extension.bytes[i];
        bytes_put_byte(writer, c == '\n' || c == '\r' ? ' ' : c);
    }
}

static void write_subject(const struct notice *notice, struct bytes_writer *writer)
{
    json_name(writer, "subject");
    json_open_object(writer);
    member_text(writer, "km_id", notice->km_id);
    member_id(writer, "relay_id", notice->relay_id);
    member_id(writer, "lookup_id", notice->lookup_id);
    member_text(writer, "route_id", notice->route_id);
    member_text(writer, "link_id", notice->link_id);
    json_close_object(writer);
}

static_assert(NOTICE_RELAY_ORPHANED - NOTICE_RELAY_RECEIVED == RELAY_ORPHANED - RELAY_RECEIVED,
              "a notice for each state, in its order");

static void write_decision(const struct relay_record *relay, struct bytes_writer *writer)
{
    if (relay->path != NULL)
        member_texts(writer, "path", relay->path, relay->path_length);
    member_text(writer, "route_id", relay->route_id);
    member_c(writer, "decided_by", decider_name(relay->decided_by));
}

/* A relay may go through several states in one step: each notice tells of its own, not of what came after. */
static void write_relay(enum notice_type type, const struct relay_record *relay, struct bytes_writer *writer)
{
    const enum relay_state state = (enum relay_state)(RELAY_RECEIVED + (type - NOTICE_RELAY_RECEIVED));
    const bool is_latest = state == relay->state;
    member_id(writer, "relay_id", relay->relay_id);
    member_c(writer, "state", relay_state_name(state));
    if (is_latest) {
        member_c(writer, "reason", reason_name(relay->reason));
        member_text(writer, "detail", relay->detail);
    }
    member_text(writer, "km_id", relay->km_id);
    member_text(writer, "source_kma_id", relay->source_kma_id);
    member_text(writer, "destination_kma_id", relay->destination_kma_id);
    member_text(writer, "application_destination_id", relay->application_destination_id);
    if (is_latest || relay->unsolicited || state == RELAY_INSTRUCTED)
        write_decision(relay, writer);
    if (relay->unsolicited) {
        json_name(writer, "unsolicited");
        json_put_boolean(writer, true);
    }
    json_name(writer, "message_id");
    json_u64(writer, relay->message_id);
    member_extension(writer, relay->extension);
    member_time(writer, "received_at", relay->received_ms);
    if (is_latest)
        member_time(writer, "ended_at", relay->ended_ms);
}

static void write_lookup(const struct lookup_record *lookup, struct bytes_writer *writer)
{
    member_id(writer, "lookup_id", lookup->lookup_id);
    member_c(writer, "state", lookup_state_name(lookup->state));
    member_c(writer, "reason", reason_name(lookup->reason));
    member_text(writer, "detail", lookup->detail);
    member_text(writer, "km_id", lookup->km_id);
    member_text(writer, "current_kma_id", lookup->current_kma_id);
    member_text(writer, "source_kma_id", lookup->source_kma_id);
    member_text(writer, "destination_kma_id", lookup->destination_kma_id);
    member_text(writer, "application_destination_id", lookup->application_destination_id);
    member_texts(writer, "next_kma_ids", lookup->next_kma_ids, lookup->next_kma_id_count);
    member_c(writer, "decided_by", decider_name(lookup->decided_by));
    json_name(writer, "message_id");
    json_u64(writer, lookup->message_id);
    member_extension(writer, lookup->extension);
    member_time(writer, "received_at", lookup->received_ms);
    member_time(writer, "ended_at", lookup->ended_ms);
}

static void write_session(const struct notice *notice, struct bytes_writer *writer)
{
    member_text(writer, "peer", notice->peer);
    member_c(writer, "security", security_name(notice->security));
    member_text(writer, "tls_version", notice->tls_version);
    member_text(writer, "cipher", notice->cipher);
    member_text(writer, "identity", notice->identity);
}

static void write_frame(const struct notice *notice, struct bytes_writer *writer)
{
    json_name(writer, "command");
    json_u64(writer, notice->command);
    json_name(writer, "message_id");
    json_u64(writer, notice->message_id);
    json_name(writer, "offset");
    json_u64(writer, notice->offset);
    if (!notice->has_frame)
        return;
    json_name(writer, "version");
    json_u64(writer, notice->version);
    json_name(writer, "payload_bytes");
    json_u64(writer, notice->payload_bytes);
    if (!text_is_present(notice->excerpt))
        return;
    json_name(writer, "excerpt_offset");
    json_u64(writer, notice->excerpt_offset);
    member_text(writer, "excerpt", notice->excerpt);
}

static void write_members_of_type(const struct notice *notice, struct bytes_writer *writer)
{
    switch (notice->type) {
    case NOTICE_KM_CONNECTED:
    case NOTICE_KM_DISCONNECTED:
    case NOTICE_KM_REFUSED:
        write_session(notice, writer);
        return;
    case NOTICE_CK_PROTOCOL_ERROR:
        write_frame(notice, writer);
        return;
    case NOTICE_RELAY_UNCORRELATED:
        json_name(writer, "message_id");
        json_u64(writer, notice->message_id);
        return;
    case NOTICE_ROUTE_CHANGED:
    case NOTICE_LINK_CHANGED:
    case NOTICE_CONFIG_CHANGED:
        member_c(writer, "change", notice->change);
        member_text(writer, "object", notice->object);
        return;
    case NOTICE_RELAY_RECEIVED:
    case NOTICE_RELAY_AWAITING_DECISION:
    case NOTICE_RELAY_INSTRUCTED:
    case NOTICE_RELAY_SUCCEEDED:
    case NOTICE_RELAY_FAILED:
    case NOTICE_RELAY_REJECTED:
    case NOTICE_RELAY_EXPIRED:
    case NOTICE_RELAY_ORPHANED:
    case NOTICE_LOOKUP_ANSWERED:
    case NOTICE_LOOKUP_AWAITING_DECISION:
    case NOTICE_OVERLOAD_ENTERED:
    case NOTICE_OVERLOAD_LEFT:
    case NOTICES_END:
        return;
    }
}

void notice_write_json(const struct notice *notice, struct bytes_writer *writer)
{
    json_open_object(writer);
    json_name(writer, "event_id");
    json_u64_text(writer, notice->event_id);
    json_name(writer, "type");
    json_c(writer, notice_type_name(notice->type));
    json_name(writer, "time");
    json_time(writer, notice->time_ms);
    write_subject(notice, writer);
    json_name(writer, "data");
    json_open_object(writer);
    if (notice->relay != NULL) {
        write_relay(notice->type, notice->relay, writer);
    } else if (notice->lookup != NULL) {
        write_lookup(notice->lookup, writer);
    } else {
        member_c(writer, "reason", reason_name(notice->reason));
        member_text(writer, "detail", notice->detail);
        write_members_of_type(notice, writer);
    }
    json_close_object(writer);
    json_close_object(writer);
}

static size_t texts_bytes(const struct text *values, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += values[i].length + 1;
    return bytes;
}

static size_t relay_bytes(const struct relay_record *relay)
{
    return relay->detail.length + relay->km_id.length + relay->source_kma_id.length +
           relay->destination_kma_id.length + relay->application_destination_id.length +
           relay->route_id.length + relay->extension.length + texts_bytes(relay->path, relay->path_length);
}

static size_t lookup_bytes(const struct lookup_record *lookup)
{
    return lookup->detail.length + lookup->km_id.length + lookup->current_kma_id.length +
           lookup->source_kma_id.length + lookup->destination_kma_id.length +
           lookup->application_destination_id.length + lookup->extension.length +
           texts_bytes(lookup->next_kma_ids, lookup->next_kma_id_count);
}

size_t notice_json_bytes_max(const struct notice *notice)
{
    enum { FRAME_BYTES = 1536, ESCAPED_BYTES = 6 }; /* every name, number and time; \u00XX */
    size_t texts = notice->km_id.length + notice->route_id.length + notice->link_id.length +
                   notice->detail.length + notice->peer.length + notice->tls_version.length +
                   notice->cipher.length + notice->identity.length + notice->object.length +
                   notice->excerpt.length;
    if (notice->relay != NULL)
        texts += relay_bytes(notice->relay);
    if (notice->lookup != NULL)
        texts += lookup_bytes(notice->lookup);
    return FRAME_BYTES + ESCAPED_BYTES * texts;
}
