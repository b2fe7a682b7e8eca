/* SPDX-License-Identifier: Apache-2.0 */
/* ck_message_encode of ck/message.h. */
#include <assert.h>

#include "ck/json_writer.h"
#include "ck/message.h"
#include "ck/spelling.h"

struct encoder {
    struct bytes_writer writer;
    const struct ck_message *message;
    enum ck_key_style style;
    bool empty; /* no member was written yet */
};

static void put_key(struct encoder *encoder, enum ck_key key)
{
    if (!encoder->empty)
        bytes_put_byte(&encoder->writer, ',');
    encoder->empty = false;
    bytes_put_text(&encoder->writer, ck_key_written(key, encoder->style));
}

static void put_text(struct encoder *encoder, enum ck_key key, struct text text)
{
    if (!text_is_present(text))
        return;
    put_key(encoder, key);
    json_text(&encoder->writer, text);
}

static void put_relay_id(struct encoder *encoder)
{
    if (encoder->message->relay_id == 0)
        return;
    put_key(encoder, CK_KEY_RELAY_ID);
    json_u64_text(&encoder->writer, encoder->message->relay_id);
}

static void put_extension(struct encoder *encoder)
{
    if (!text_is_present(encoder->message->extension))
        return;
    put_key(encoder, CK_KEY_EXTENSION);
    json_raw(&encoder->writer, encoder->message->extension);
}

static void put_array(struct encoder *encoder, const struct text *kma_ids, size_t count)
{
    json_open_array(&encoder->writer);
    for (size_t i = 0; i < count; i++)
        json_text(&encoder->writer, kma_ids[i]);
    json_close_array(&encoder->writer);
}

static bool has_separator(struct text kma_id)
{
    for (size_t i = 0; i < kma_id.length; i++) {
        char c = kma_id.bytes[i];
        if (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

/* False when an identifier would fall apart at the other side. */
static bool put_string(struct encoder *encoder, const struct text *kma_ids, size_t count)
{
    bytes_put_byte(&encoder->writer, '"');
    for (size_t i = 0; i < count; i++) {
        if (has_separator(kma_ids[i]))
            return false;
        if (i > 0)
            bytes_put_byte(&encoder->writer, ',');
        json_put_escaped(&encoder->writer, kma_ids[i]);
    }
    bytes_put_byte(&encoder->writer, '"');
    return true;
}

/* Reading 4: which part of the full path the KM takes for "transition nodes", and in which type. */
static bool put_transit(struct encoder *encoder, const struct ck_dialect *dialect)
{
    const struct ck_message *message = encoder->message;
    size_t begin = 0;
    size_t end = message->kma_id_count;
    if (!message->has_kma_ids)
        return true;
    if (dialect->transit != CK_TRANSIT_FULL && begin < end)
        begin++;
    if (dialect->transit == CK_TRANSIT_INTERMEDIATE && begin < end)
        end--;
    put_key(encoder, CK_KEY_TRANSIT_KMAS);
    if (dialect->transit_type == CK_TRANSIT_STRING)
        return put_string(encoder, message->kma_ids + begin, end - begin);
    put_array(encoder, message->kma_ids + begin, end - begin);
    return true;
}

/* The members of the command's table, in its order. */
static bool put_members(struct encoder *encoder, const struct ck_dialect *dialect)
{
    const struct ck_message *message = encoder->message;
    if (message->command == CK_RELAY_RESPONSE) { /* table 5 */
        put_text(encoder, CK_KEY_RESPONSE, message->response);
        put_relay_id(encoder);
        return true;
    }
    put_text(encoder, CK_KEY_SOURCE, message->source_kma_id);
    put_text(encoder, CK_KEY_DESTINATION, message->destination_kma_id);
    switch (message->command) {
    case CK_NEXT_HOP_REQUEST: /* table 1 */
    case CK_NOTIFY_RELAY:     /* table 3 */
        put_text(encoder, CK_KEY_APPLICATION, message->application_destination_id);
        break;
    case CK_NEXT_HOP_RESPONSE: /* table 2 */
        if (message->has_kma_ids) {
            put_key(encoder, CK_KEY_NEXT_KMAS);
            put_array(encoder, message->kma_ids, message->kma_id_count);
        }
        break;
    case CK_RELAY_REQUEST: /* table 4 */
        if (!put_transit(encoder, dialect))
            return false;
        put_relay_id(encoder);
        break;
    case CK_RELAY_RESPONSE:
        break;
    }
    put_extension(encoder);
    return true;
}

size_t ck_message_encode(const struct ck_message *message, const struct ck_dialect *dialect,
                         enum ck_key_style style, unsigned char *out_payload, size_t capacity)
{
    assert(style != CK_KEYS_AUTO);
    struct encoder encoder = {
        .writer = bytes_writer(out_payload, capacity),
        .message = message,
        .style = style,
        .empty = true,
    };
    bytes_put_byte(&encoder.writer, '{');
    bool carried = put_members(&encoder, dialect);
    bytes_put_byte(&encoder.writer, '}');
    return carried && !encoder.writer.overflowed ? encoder.writer.length : 0;
}
