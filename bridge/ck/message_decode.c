/* SPDX-License-Identifier: Apache-2.0 */
/* ck_message_decode of ck/message.h. */
#include <assert.h>

#include "ck/json_reader.h"
#include "ck/message.h"
#include "ck/spelling.h"

struct decoder {
    struct json_reader reader;
    struct ck_message *message;
    size_t value_at; /* where the value at hand begins */
    unsigned seen;   /* one bit for each enum ck_key that came with a value */
    unsigned nulls;  /* and for each that came as null */
};

const char *ck_malformed_name(enum ck_malformed malformed)
{
    static const char *const names[CK_MALFORMED_END] = {
        [CK_WELL_FORMED] = "well_formed",
        [CK_NOT_JSON] = "not_json",
        [CK_NOT_OBJECT] = "not_object",
        [CK_BAD_UTF8] = "bad_utf8",
        [CK_TOO_DEEP] = "too_deep",
        [CK_TOO_LONG] = "too_long",
        [CK_WRONG_TYPE] = "wrong_type",
        [CK_BAD_IDENTIFIER] = "bad_identifier",
        [CK_BAD_RELAY_ID] = "bad_relay_id",
        [CK_CONFLICTING_MEMBERS] = "conflicting_members",
        [CK_MISSING_DESTINATION] = "missing_destination",
        [CK_MISSING_NEXT_KMA_IDS] = "missing_next_kma_ids",
        [CK_MISSING_DESTINATION_KMA] = "missing_destination_kma",
        [CK_MISSING_TRANSIT_KMA_IDS] = "missing_transit_kma_ids",
        [CK_MISSING_RESPONSE] = "missing_response",
    };
    return malformed < CK_MALFORMED_END ? names[malformed] : "unknown";
}

/* What the reader's refusal means. JSON_END is no refusal, and no caller passes it. */
static enum ck_malformed from_json(enum json_status status)
{
    switch (status) {
    case JSON_OK:
    case JSON_END:
        return CK_WELL_FORMED;
    case JSON_SYNTAX:
        return CK_NOT_JSON;
    case JSON_UTF8:
        return CK_BAD_UTF8;
    case JSON_DEPTH:
        return CK_TOO_DEEP;
    }
    return CK_NOT_JSON;
}

/* Judges the value at hand, not the byte where reading it ended. */
static enum ck_malformed at_value(struct decoder *decoder, enum ck_malformed malformed)
{
    decoder->reader.at = decoder->value_at;
    return malformed;
}

static enum ck_malformed decode_identifier(struct decoder *decoder, enum json_kind kind,
                                           struct text *identifier)
{
    struct text value;
    if (kind != JSON_KIND_STRING)
        return CK_WRONG_TYPE;
    enum json_status status = json_read_string(&decoder->reader, &value);
    if (status != JSON_OK)
        return from_json(status);
    if (!text_is_identifier(value)) /* reading 14 */
        return at_value(decoder, CK_BAD_IDENTIFIER);
    if (text_is_present(*identifier) && !text_equal(*identifier, value))
        return at_value(decoder, CK_CONFLICTING_MEMBERS);
    *identifier = value;
    return CK_WELL_FORMED;
}

/* A list of KMA IDs as it is read: the first one fills the message, a repeated one must be equal to it. */
struct list {
    struct ck_message *message;
    bool repeated;
    size_t count;
};

static enum ck_malformed list_add(struct list *list, struct text kma_id)
{
    if (!text_is_identifier(kma_id))
        return CK_BAD_IDENTIFIER;
    if (list->count == LIMIT_PATH_KMAS)
        return CK_TOO_LONG;
    if (!list->repeated)
        list->message->kma_ids[list->message->kma_id_count++] = kma_id;
    else if (list->count >= list->message->kma_id_count ||
             !text_equal(list->message->kma_ids[list->count], kma_id))
        return CK_CONFLICTING_MEMBERS;
    list->count++;
    return CK_WELL_FORMED;
}

static enum ck_malformed list_finish(const struct list *list)
{
    if (list->count != list->message->kma_id_count)
        return CK_CONFLICTING_MEMBERS;
    list->message->has_kma_ids = true;
    return CK_WELL_FORMED;
}

static enum ck_malformed decode_array(struct decoder *decoder, struct list *list)
{
    size_t list_at = decoder->value_at;
    bool first = true;
    enum json_status status;
    while ((status = json_element(&decoder->reader, &first)) == JSON_OK) {
        struct text kma_id;
        enum json_kind kind;
        status = json_peek(&decoder->reader, &kind);
        if (status != JSON_OK)
            break;
        if (kind != JSON_KIND_STRING)
            return CK_WRONG_TYPE;
        decoder->value_at = decoder->reader.at;
        status = json_read_string(&decoder->reader, &kma_id);
        if (status != JSON_OK)
            break;
        enum ck_malformed malformed = list_add(list, kma_id);
        if (malformed != CK_WELL_FORMED)
            return at_value(decoder, malformed);
    }
    if (status != JSON_END)
        return from_json(status);
    decoder->value_at = list_at;
    enum ck_malformed malformed = list_finish(list);
    return malformed == CK_WELL_FORMED ? malformed : at_value(decoder, malformed);
}

static bool is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* "Payload keys": commas, white space, or both in any number separate; so the empty string is the empty list.
 */
static enum ck_malformed split_string(struct text string, struct list *list)
{
    for (size_t at = 0; at < string.length;) {
        size_t end = at;
        while (end < string.length && !is_separator(string.bytes[end]))
            end++;
        if (end > at) {
            enum ck_malformed malformed = list_add(list, (struct text){ string.bytes + at, end - at });
            if (malformed != CK_WELL_FORMED)
                return malformed;
        }
        at = end + 1;
    }
    return list_finish(list);
}

static enum ck_malformed decode_list(struct decoder *decoder, enum json_kind kind, bool repeated)
{
    struct list list = { .message = decoder->message, .repeated = repeated };
    struct text string;
    if (kind == JSON_KIND_ARRAY)
        return decode_array(decoder, &list);
    if (kind != JSON_KIND_STRING || decoder->message->command != CK_RELAY_REQUEST)
        return CK_WRONG_TYPE;
    enum json_status status = json_read_string(&decoder->reader, &string);
    if (status != JSON_OK)
        return from_json(status);
    enum ck_malformed malformed = split_string(string, &list);
    return malformed == CK_WELL_FORMED ? malformed : at_value(decoder, malformed);
}

/* A string of decimal digits or an integer without fraction and exponent: 1042 and "1042" are the same ID. */
static enum ck_malformed decode_relay_id(struct decoder *decoder, enum json_kind kind)
{
    struct text digits;
    uint64_t relay_id;
    if (kind != JSON_KIND_STRING && kind != JSON_KIND_NUMBER)
        return CK_WRONG_TYPE;
    enum json_status status = kind == JSON_KIND_STRING ? json_read_string(&decoder->reader, &digits)
                                                       : json_read_number(&decoder->reader, &digits);
    if (status != JSON_OK)
        return from_json(status);
    if (!text_to_u64(digits, CK_RELAY_ID_MAX, &relay_id) || relay_id == 0)
        return at_value(decoder, CK_BAD_RELAY_ID);
    if (decoder->message->relay_id != 0 && decoder->message->relay_id != relay_id)
        return at_value(decoder, CK_CONFLICTING_MEMBERS);
    decoder->message->relay_id = relay_id;
    return CK_WELL_FORMED;
}

/* Reading 7: verbatim. The boolean true is a success word; false is as good a failure reason as any. */
static enum ck_malformed decode_response(struct decoder *decoder, enum json_kind kind)
{
    struct text *response = &decoder->message->response;
    struct text value;
    if (kind != JSON_KIND_STRING && kind != JSON_KIND_TRUE && kind != JSON_KIND_FALSE)
        return CK_WRONG_TYPE;
    enum json_status status = kind == JSON_KIND_STRING ? json_read_string(&decoder->reader, &value)
                                                       : json_skip(&decoder->reader, &value);
    if (status != JSON_OK)
        return from_json(status);
    if (value.length == 0)
        return at_value(decoder, CK_MISSING_RESPONSE);
    if (value.length > LIMIT_STRING_BYTES)
        return at_value(decoder, CK_TOO_LONG);
    if (text_is_present(*response) && !text_equal(*response, value))
        return at_value(decoder, CK_CONFLICTING_MEMBERS);
    *response = value;
    return CK_WELL_FORMED;
}

/* An array of objects, looked over but not touched: it goes northbound as it came. */
static enum ck_malformed decode_extension(struct decoder *decoder, enum json_kind kind)
{
    struct text *extension = &decoder->message->extension;
    struct text raw;
    bool first = true;
    enum json_status status;
    if (kind != JSON_KIND_ARRAY)
        return CK_WRONG_TYPE;
    while ((status = json_element(&decoder->reader, &first)) == JSON_OK) {
        status = json_peek(&decoder->reader, &kind);
        if (status == JSON_OK && kind != JSON_KIND_OBJECT)
            return CK_WRONG_TYPE;
        if (status == JSON_OK)
            status = json_skip(&decoder->reader, &raw);
        if (status != JSON_OK)
            break;
    }
    if (status != JSON_END)
        return from_json(status);
    raw = (struct text){ (const char *)decoder->reader.bytes + decoder->value_at,
                         decoder->reader.at - decoder->value_at };
    if (raw.length > LIMIT_EXTENSION_BYTES)
        return at_value(decoder, CK_TOO_LONG);
    if (text_is_present(*extension) && !text_equal(*extension, raw))
        return at_value(decoder, CK_CONFLICTING_MEMBERS);
    *extension = raw;
    return CK_WELL_FORMED;
}

/*
 * null says that there is no value, which for an optional parameter is the same as leaving it out, and for a
 * mandatory one as missing. Beside a value under another spelling it is a different value.
 */
static enum ck_malformed decode_null(struct decoder *decoder, unsigned bit)
{
    struct text raw;
    enum json_status status = json_skip(&decoder->reader, &raw);
    if (status != JSON_OK)
        return from_json(status);
    decoder->nulls |= bit;
    return (decoder->seen & bit) == 0 ? CK_WELL_FORMED : at_value(decoder, CK_CONFLICTING_MEMBERS);
}

static enum ck_malformed decode_value(struct decoder *decoder, enum ck_key key)
{
    struct ck_message *message = decoder->message;
    unsigned bit = 1u << key;
    enum json_kind kind;
    enum json_status status = json_peek(&decoder->reader, &kind);
    if (status != JSON_OK)
        return from_json(status);
    decoder->value_at = decoder->reader.at;
    if (kind == JSON_KIND_NULL)
        return decode_null(decoder, bit);
    if ((decoder->nulls & bit) != 0)
        return CK_CONFLICTING_MEMBERS;
    bool repeated = (decoder->seen & bit) != 0;
    decoder->seen |= bit;
    switch (key) {
    case CK_KEY_SOURCE:
        return decode_identifier(decoder, kind, &message->source_kma_id);
    case CK_KEY_DESTINATION:
        return decode_identifier(decoder, kind, &message->destination_kma_id);
    case CK_KEY_APPLICATION:
        return decode_identifier(decoder, kind, &message->application_destination_id);
    case CK_KEY_NEXT_KMAS:
    case CK_KEY_TRANSIT_KMAS: /* no table has both */
        return decode_list(decoder, kind, repeated);
    case CK_KEY_RESPONSE:
        return decode_response(decoder, kind);
    case CK_KEY_RELAY_ID:
        return decode_relay_id(decoder, kind);
    case CK_KEY_EXTENSION:
        return decode_extension(decoder, kind);
    case CK_KEY_UNKNOWN:
        break;
    }
    assert(false); /* the caller skips unknown members */
    return CK_WELL_FORMED;
}

static enum ck_malformed decode_member(struct decoder *decoder, struct text name)
{
    struct ck_message *message = decoder->message;
    enum ck_key key = ck_key_find(name);
    if (key == CK_KEY_UNKNOWN || !ck_key_belongs(key, message->command)) {
        struct text ignored;
        message->unknown_members++;
        return from_json(json_skip(&decoder->reader, &ignored));
    }
    if (message->key_style == CK_KEYS_AUTO)
        message->key_style = ck_key_style_of(key, name);
    return decode_value(decoder, key);
}

static enum ck_malformed decode_object(struct decoder *decoder)
{
    bool first = true;
    struct text name;
    enum json_kind kind;
    enum json_status status = json_peek(&decoder->reader, &kind);
    if (status != JSON_OK)
        return decoder->reader.at < decoder->reader.length ? from_json(status) : CK_NOT_OBJECT;
    if (kind != JSON_KIND_OBJECT)
        return CK_NOT_OBJECT;
    while ((status = json_member(&decoder->reader, &first, &name)) == JSON_OK) {
        enum ck_malformed malformed = decode_member(decoder, name);
        if (malformed != CK_WELL_FORMED)
            return malformed;
    }
    if (status != JSON_END)
        return from_json(status);
    return from_json(json_finish(&decoder->reader));
}

/* The M column of the tables. Table 2 wants the destination KMA only after an application's request: the
 * request is not at hand here. */
static enum ck_malformed check_mandatory(const struct ck_message *message)
{
    switch (message->command) {
    case CK_NEXT_HOP_REQUEST:
    case CK_NOTIFY_RELAY:
        return text_is_present(message->destination_kma_id) ||
                       text_is_present(message->application_destination_id)
                   ? CK_WELL_FORMED
                   : CK_MISSING_DESTINATION;
    case CK_NEXT_HOP_RESPONSE:
        return message->has_kma_ids ? CK_WELL_FORMED : CK_MISSING_NEXT_KMA_IDS;
    case CK_RELAY_REQUEST:
        if (!text_is_present(message->destination_kma_id))
            return CK_MISSING_DESTINATION_KMA;
        return message->has_kma_ids ? CK_WELL_FORMED : CK_MISSING_TRANSIT_KMA_IDS;
    case CK_RELAY_RESPONSE:
        return text_is_present(message->response) ? CK_WELL_FORMED : CK_MISSING_RESPONSE;
    }
    return CK_WELL_FORMED;
}

/* All but the array of KMA IDs, whose 2 KB would cost more than the decoding. */
static void message_clear(struct ck_message *message, enum ck_command command)
{
    message->command = command;
    message->source_kma_id = TEXT_ABSENT;
    message->destination_kma_id = TEXT_ABSENT;
    message->application_destination_id = TEXT_ABSENT;
    message->has_kma_ids = false;
    message->kma_id_count = 0;
    message->relay_id = 0;
    message->response = TEXT_ABSENT;
    message->extension = TEXT_ABSENT;
    message->unknown_members = 0;
    message->key_style = CK_KEYS_AUTO;
}

enum ck_malformed ck_message_decode(enum ck_command command, unsigned char *payload, size_t payload_bytes,
                                    struct ck_message *out_message, size_t *out_offset)
{
    assert((unsigned)command - 1 < CK_COMMANDS_END - 1);
    message_clear(out_message, command);
    struct decoder decoder = { .reader = json_reader(payload, payload_bytes), .message = out_message };
    enum ck_malformed malformed = decode_object(&decoder);
    if (malformed != CK_WELL_FORMED) {
        *out_offset = decoder.reader.at;
        return malformed;
    }
    malformed = check_mandatory(out_message);
    if (malformed != CK_WELL_FORMED)
        *out_offset = 0;
    return malformed;
}
