/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_row.h"

#include <assert.h>
#include <string.h>

#include "store/sqlite_connection.h"

/* States and deciders are stored by number: new ones may only be appended, or a migration must renumber.
   Reasons, of which there will be more, are stored by name. */
static_assert(RELAY_RECEIVED == 0 && RELAY_AWAITING_DECISION == 1 && RELAY_INSTRUCTED == 2 &&
                  RELAY_SUCCEEDED == 3 && RELAY_FAILED == 4 && RELAY_REJECTED == 5 && RELAY_EXPIRED == 6 &&
                  RELAY_ORPHANED == 7,
              "the numbers of stored relay states must not move");
static_assert(LOOKUP_RECEIVED == 0 && LOOKUP_AWAITING_DECISION == 1 && LOOKUP_ANSWERED == 2 &&
                  LOOKUP_REJECTED == 3,
              "the numbers of stored lookup states must not move");
static_assert(DECIDER_NONE == 0 && DECIDER_ROUTE == 1 && DECIDER_ORCHESTRATOR == 2 && DECIDER_COMPUTED == 3,
              "the numbers of stored deciders must not move");

/* First in every body, so that a later form can stand beside this one. The first has no explanation. */
enum { BODY_FORM_UNEXPLAINED = 1, BODY_FORM = 2 };
enum { RELAY_UNSOLICITED = 1, RELAY_SENT = 2 };

/* What relays and lookups have in common: the columns. */
struct row {
    uint64_t id;
    int state;
    enum decider decided_by;
    enum reason reason;
    uint64_t received_ms;
    uint64_t ended_ms;
    struct text km_id;
    struct text source_kma_id;
    struct text destination_kma_id;
    struct text application_destination_id;
};

bool sqlite_row_relay_is_unsettled(enum relay_state state)
{
    switch (state) {
    case RELAY_RECEIVED:
    case RELAY_AWAITING_DECISION:
    case RELAY_INSTRUCTED:
    case RELAY_EXPIRED:
    case RELAY_ORPHANED:
        return true;
    case RELAY_SUCCEEDED:
    case RELAY_FAILED:
    case RELAY_REJECTED:
    case RELAY_STATES_END:
        return false;
    }
    return false;
}

bool sqlite_row_lookup_is_unsettled(enum lookup_state state)
{
    return state == LOOKUP_RECEIVED || state == LOOKUP_AWAITING_DECISION;
}

static void bind_row(sqlite3_stmt *statement, const struct row *row, const struct buffer *body)
{
    sqlite_bind_u64(statement, 1, row->id);
    sqlite3_bind_int(statement, 2, row->state);
    sqlite3_bind_int(statement, 3, (int)row->decided_by);
    sqlite_bind_text(statement, 4, text_from_c(reason_name(row->reason)));
    sqlite_bind_u64(statement, 5, row->received_ms);
    sqlite_bind_u64(statement, 6, row->ended_ms);
    sqlite_bind_text(statement, 7, row->km_id);
    sqlite_bind_text(statement, 8, row->source_kma_id);
    sqlite_bind_text(statement, 9, row->destination_kma_id);
    sqlite_bind_text(statement, 10, row->application_destination_id);
    sqlite3_bind_blob64(statement, 11, body->bytes, body->length, SQLITE_STATIC);
}

static void pack_relay(struct bytes_writer *writer, const struct relay_record *relay)
{
    bytes_put_byte(writer, BODY_FORM);
    bytes_put_byte(writer,
                   (char)((relay->unsolicited ? RELAY_UNSOLICITED : 0) | (relay->sent ? RELAY_SENT : 0)));
    packing_put_u64(writer, relay->version);
    packing_put_u64(writer, relay->message_id);
    packing_put_u64(writer, relay->payload_digest.low);
    packing_put_u64(writer, relay->payload_digest.high);
    packing_put_u64(writer, relay->decided_ms);
    packing_put_u64(writer, relay->instructed_ms);
    packing_put_text(writer, relay->detail);
    packing_put_text(writer, relay->route_id);
    packing_put_text(writer, relay->extension);
    packing_put_texts(writer, relay->path, relay->path_length);
    packing_put_u64(writer, relay->timeline_count);
    for (size_t i = 0; i < relay->timeline_count; i++) {
        packing_put_u64(writer, relay->timeline[i].time_ms);
        packing_put_u64(writer, relay->timeline[i].state);
        packing_put_text(writer, text_from_c(reason_name(relay->timeline[i].reason)));
    }
    packing_put_text(writer, relay->explanation);
}

enum {
    REASON_NAME_BYTES_MAX = 64,
    RELAY_FIXED_BYTES_MAX =
        2 + 7 * PACKING_U64_BYTES_MAX + LIMIT_TIMELINE * (3 * PACKING_U64_BYTES_MAX + REASON_NAME_BYTES_MAX),
    LOOKUP_FIXED_BYTES_MAX = 2 + PACKING_U64_BYTES_MAX,
};

bool sqlite_row_bind_relay(sqlite3_stmt *statement, struct buffer *body, const struct relay_record *relay)
{
    assert(relay->timeline_count <= LIMIT_TIMELINE);
    body->length = 0;
    size_t bytes = RELAY_FIXED_BYTES_MAX + packing_text_bytes_max(relay->detail) +
                   packing_text_bytes_max(relay->route_id) + packing_text_bytes_max(relay->extension) +
                   packing_text_bytes_max(relay->explanation) +
                   packing_texts_bytes_max(relay->path, relay->path != NULL ? relay->path_length : 0);
    if (!buffer_reserve(body, bytes))
        return false;
    struct bytes_writer writer = bytes_writer(body->bytes, body->capacity);
    pack_relay(&writer, relay);
    assert(!writer.overflowed);
    body->length = writer.length;
    bind_row(statement,
             &(struct row){ relay->relay_id, (int)relay->state, relay->decided_by, relay->reason,
                            relay->received_ms, relay->ended_ms, relay->km_id, relay->source_kma_id,
                            relay->destination_kma_id, relay->application_destination_id },
             body);
    return true;
}

bool sqlite_row_bind_lookup(sqlite3_stmt *statement, struct buffer *body, const struct lookup_record *lookup)
{
    body->length = 0;
    size_t bytes = LOOKUP_FIXED_BYTES_MAX + packing_text_bytes_max(lookup->detail) +
                   packing_text_bytes_max(lookup->current_kma_id) +
                   packing_text_bytes_max(lookup->extension) + packing_text_bytes_max(lookup->explanation) +
                   packing_texts_bytes_max(lookup->next_kma_ids,
                                           lookup->next_kma_ids != NULL ? lookup->next_kma_id_count : 0);
    if (!buffer_reserve(body, bytes))
        return false;
    struct bytes_writer writer = bytes_writer(body->bytes, body->capacity);
    bytes_put_byte(&writer, BODY_FORM);
    packing_put_u64(&writer, lookup->message_id);
    packing_put_text(&writer, lookup->detail);
    packing_put_text(&writer, lookup->current_kma_id);
    packing_put_text(&writer, lookup->extension);
    packing_put_texts(&writer, lookup->next_kma_ids, lookup->next_kma_id_count);
    packing_put_text(&writer, lookup->explanation);
    assert(!writer.overflowed);
    body->length = writer.length;
    bind_row(statement,
             &(struct row){ lookup->lookup_id, (int)lookup->state, lookup->decided_by, lookup->reason,
                            lookup->received_ms, lookup->ended_ms, lookup->km_id, lookup->source_kma_id,
                            lookup->destination_kma_id, lookup->application_destination_id },
             body);
    return true;
}

static bool read_reason(struct text name, enum reason *out_reason)
{
    *out_reason = REASON_NONE;
    return !text_is_present(name) || reason_from_name(name, out_reason);
}

static bool read_row(sqlite3_stmt *statement, struct row *out, int states_end)
{
    out->id = sqlite_column_u64(statement, 0);
    out->state = sqlite3_column_int(statement, 1);
    int decider = sqlite3_column_int(statement, 2);
    if (out->state < 0 || out->state >= states_end || decider < 0 || decider >= DECIDERS_END)
        return false;
    out->decided_by = (enum decider)decider;
    out->received_ms = sqlite_column_u64(statement, 4);
    out->ended_ms = sqlite_column_u64(statement, 5);
    out->km_id = sqlite_column_text(statement, 6);
    out->source_kma_id = sqlite_column_text(statement, 7);
    out->destination_kma_id = sqlite_column_text(statement, 8);
    out->application_destination_id = sqlite_column_text(statement, 9);
    return read_reason(sqlite_column_text(statement, 3), &out->reason);
}

static struct unpacker open_body(sqlite3_stmt *statement, bool *out_explained)
{
    const void *bytes = sqlite3_column_blob(statement, 10);
    struct unpacker body = unpacker(bytes, (size_t)sqlite3_column_bytes(statement, 10));
    const unsigned char *form = unpacker_bytes(&body, 1);
    *out_explained = form != NULL && *form == BODY_FORM;
    body.failed = form == NULL || (*form != BODY_FORM && *form != BODY_FORM_UNEXPLAINED);
    return body;
}

static void unpack_timeline(struct unpacker *body, struct relay_record *out)
{
    out->timeline_count = (size_t)unpacker_u64_within(body, LIMIT_TIMELINE);
    for (size_t i = 0; i < out->timeline_count; i++) {
        struct timeline_entry *entry = &out->timeline[i];
        entry->time_ms = unpacker_u64(body);
        entry->state = (enum relay_state)unpacker_u64_within(body, RELAY_STATES_END - 1);
        if (!read_reason(unpacker_text(body), &entry->reason))
            body->failed = true;
    }
}

bool sqlite_row_read_relay(sqlite3_stmt *statement, struct sqlite_row_texts *texts,
                           struct relay_record *out_relay)
{
    struct row row;
    if (!read_row(statement, &row, RELAY_STATES_END))
        return false;
    *out_relay = (struct relay_record){
        .relay_id = row.id,
        .state = (enum relay_state)row.state,
        .reason = row.reason,
        .decided_by = row.decided_by,
        .km_id = row.km_id,
        .source_kma_id = row.source_kma_id,
        .destination_kma_id = row.destination_kma_id,
        .application_destination_id = row.application_destination_id,
        .received_ms = row.received_ms,
        .ended_ms = row.ended_ms,
    };
    bool explained;
    struct unpacker body = open_body(statement, &explained);
    const unsigned char *flags = unpacker_bytes(&body, 1);
    out_relay->unsolicited = flags != NULL && (*flags & RELAY_UNSOLICITED) != 0;
    out_relay->sent = flags != NULL && (*flags & RELAY_SENT) != 0;
    out_relay->version = (uint16_t)unpacker_u64_within(&body, UINT16_MAX);
    out_relay->message_id = (uint32_t)unpacker_u64_within(&body, UINT32_MAX);
    out_relay->payload_digest.low = unpacker_u64(&body);
    out_relay->payload_digest.high = unpacker_u64(&body);
    out_relay->decided_ms = unpacker_u64(&body);
    out_relay->instructed_ms = unpacker_u64(&body);
    out_relay->detail = unpacker_text(&body);
    out_relay->route_id = unpacker_text(&body);
    out_relay->extension = unpacker_text(&body);
    out_relay->path = unpacker_texts(&body, texts->texts, LIMIT_PATH_KMAS, &out_relay->path_length);
    unpack_timeline(&body, out_relay);
    out_relay->explanation = explained ? unpacker_text(&body) : TEXT_ABSENT;
    return !body.failed && body.left == 0;
}

bool sqlite_row_read_lookup(sqlite3_stmt *statement, struct sqlite_row_texts *texts,
                            struct lookup_record *out_lookup)
{
    struct row row;
    if (!read_row(statement, &row, LOOKUP_STATES_END))
        return false;
    *out_lookup = (struct lookup_record){
        .lookup_id = row.id,
        .state = (enum lookup_state)row.state,
        .reason = row.reason,
        .decided_by = row.decided_by,
        .km_id = row.km_id,
        .source_kma_id = row.source_kma_id,
        .destination_kma_id = row.destination_kma_id,
        .application_destination_id = row.application_destination_id,
        .received_ms = row.received_ms,
        .ended_ms = row.ended_ms,
    };
    bool explained;
    struct unpacker body = open_body(statement, &explained);
    out_lookup->message_id = (uint32_t)unpacker_u64_within(&body, UINT32_MAX);
    out_lookup->detail = unpacker_text(&body);
    out_lookup->current_kma_id = unpacker_text(&body);
    out_lookup->extension = unpacker_text(&body);
    out_lookup->next_kma_ids =
        unpacker_texts(&body, texts->texts, LIMIT_PATH_KMAS, &out_lookup->next_kma_id_count);
    out_lookup->explanation = explained ? unpacker_text(&body) : TEXT_ABSENT;
    return !body.failed && body.left == 0;
}
