/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: a payload. The first byte chooses the command, the rest is the payload.
 * The reader must judge it as jansson does, read the same strings out of it, and what the decoder accepts
 * must survive being written and read again.
 */
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "ck/json_reader.h"
#include "ck/message.h"
#include "fuzz/fuzz.h"

/* A copy of exactly the input's size, so that reading beyond it is seen by a sanitizer. */
static unsigned char *copy_of(const void *bytes, size_t length)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    FUZZ_REQUIRE(copy != NULL);
    memcpy(copy, bytes, length);
    return copy;
}

static void check_same_value(struct json_reader *reader, const json_t *value);

static void check_same_array(struct json_reader *reader, const json_t *array)
{
    bool first = true;
    size_t count = 0;
    enum json_status status;
    while ((status = json_element(reader, &first)) == JSON_OK)
        check_same_value(reader, json_array_get(array, count++));
    FUZZ_REQUIRE(status == JSON_END && count == json_array_size(array));
}

/* Without repeated names, which jansson keeps only the last of, every member must be the same. */
static void check_same_object(struct json_reader *reader, const json_t *object)
{
    bool first = true;
    size_t count = 0;
    struct text name;
    struct json_reader counter = *reader;
    struct text raw;
    counter.bytes = copy_of(reader->bytes, reader->length);
    while (json_member(&counter, &first, &name) == JSON_OK) {
        FUZZ_REQUIRE(json_skip(&counter, &raw) == JSON_OK);
        count++;
    }
    free(counter.bytes);
    if (count != json_object_size(object)) {
        FUZZ_REQUIRE(count > json_object_size(object));
        FUZZ_REQUIRE(json_skip(reader, &raw) == JSON_OK);
        return;
    }
    first = true;
    enum json_status status;
    while ((status = json_member(reader, &first, &name)) == JSON_OK) {
        char *key = malloc(name.length + 1);
        FUZZ_REQUIRE(key != NULL && text_to_c(name, key, name.length + 1));
        const json_t *value = json_object_get(object, key);
        free(key);
        FUZZ_REQUIRE(value != NULL);
        check_same_value(reader, value);
    }
    FUZZ_REQUIRE(status == JSON_END);
}

static void check_same_value(struct json_reader *reader, const json_t *value)
{
    static const json_type types[] = {
        [JSON_KIND_OBJECT] = JSON_OBJECT, [JSON_KIND_ARRAY] = JSON_ARRAY, [JSON_KIND_STRING] = JSON_STRING,
        [JSON_KIND_NUMBER] = JSON_REAL,   [JSON_KIND_TRUE] = JSON_TRUE,   [JSON_KIND_FALSE] = JSON_FALSE,
        [JSON_KIND_NULL] = JSON_NULL,
    };
    enum json_kind kind;
    struct text text;
    FUZZ_REQUIRE(json_peek(reader, &kind) == JSON_OK);
    FUZZ_REQUIRE(json_is_integer(value) ? kind == JSON_KIND_NUMBER : json_typeof(value) == types[kind]);
    if (kind == JSON_KIND_OBJECT) {
        check_same_object(reader, value);
    } else if (kind == JSON_KIND_ARRAY) {
        check_same_array(reader, value);
    } else if (kind == JSON_KIND_STRING) {
        FUZZ_REQUIRE(json_read_string(reader, &text) == JSON_OK);
        FUZZ_REQUIRE(text.length == json_string_length(value));
        FUZZ_REQUIRE(memcmp(text.bytes, json_string_value(value), text.length) == 0);
    } else if (kind == JSON_KIND_NUMBER) {
        uint64_t integer;
        FUZZ_REQUIRE(json_read_number(reader, &text) == JSON_OK);
        if (text_to_u64(text, INT64_MAX, &integer))
            FUZZ_REQUIRE(json_is_integer(value) && (uint64_t)json_integer_value(value) == integer);
    } else {
        FUZZ_REQUIRE(json_skip(reader, &text) == JSON_OK);
    }
}

/*
 * jansson refuses more than the grammar: numbers that it cannot convert, names with a NUL. Those of its
 * errors are no disagreement. It also allows greater depth, and swallows a NUL byte
 * behind a number or a word.
 */
static bool is_known_difference(enum json_status ours, const json_t *theirs, const json_error_t *error,
                                bool has_nul)
{
    if (ours == JSON_DEPTH || (ours != JSON_OK && has_nul))
        return true;
    if (ours != JSON_OK || theirs != NULL)
        return false;
    enum json_error_code code = json_error_code(error);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key;
}

static void check_against_jansson(const uint8_t *payload, size_t length)
{
    unsigned char *bytes = copy_of(payload, length);
    struct json_reader reader = json_reader(bytes, length);
    struct text raw;
    json_error_t error;
    enum json_status ours = json_skip(&reader, &raw);
    if (ours == JSON_OK)
        ours = json_finish(&reader);
    FUZZ_REQUIRE(reader.at <= length);
    FUZZ_REQUIRE(memcmp(bytes, payload, length) == 0); /* skipping changes nothing */
    json_t *theirs = json_loadb((const char *)payload, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    bool has_nul = memchr(bytes, '\0', length) != NULL;
    FUZZ_REQUIRE(!has_nul || ours != JSON_OK); /* RFC 8259 has no place for that byte */
    if (!is_known_difference(ours, theirs, &error, has_nul))
        FUZZ_REQUIRE((ours == JSON_OK) == (theirs != NULL));
    if (ours == JSON_OK && theirs != NULL) {
        reader = json_reader(bytes, length);
        check_same_value(&reader, theirs);
        FUZZ_REQUIRE(json_finish(&reader) == JSON_OK && reader.depth == 0);
    }
    json_decref(theirs);
    free(bytes);
}

static void require_same_list(const struct ck_message *left, const struct ck_message *right)
{
    FUZZ_REQUIRE(left->has_kma_ids == right->has_kma_ids && left->kma_id_count == right->kma_id_count);
    for (size_t i = 0; i < left->kma_id_count; i++)
        FUZZ_REQUIRE(text_equal(left->kma_ids[i], right->kma_ids[i]));
}

static void require_same(const struct ck_message *left, const struct ck_message *right)
{
    FUZZ_REQUIRE(left->command == right->command && left->relay_id == right->relay_id);
    FUZZ_REQUIRE(text_equal(left->source_kma_id, right->source_kma_id));
    FUZZ_REQUIRE(text_equal(left->destination_kma_id, right->destination_kma_id));
    FUZZ_REQUIRE(text_equal(left->application_destination_id, right->application_destination_id));
    FUZZ_REQUIRE(text_equal(left->response, right->response));
    FUZZ_REQUIRE(text_equal(left->extension, right->extension));
    require_same_list(left, right);
}

/* A transit list that was read is written whole: `full`. As a string only when no identifier has a separator.
 */
static void check_round_trip(const struct ck_message *message, enum ck_transit_type type)
{
    enum { CAPACITY = 1 << 19 }; /* escapes make a text at most 6 times longer */
    for (enum ck_key_style style = CK_KEYS_SNAKE; style <= CK_KEYS_TITLE; style++) {
        struct ck_dialect dialect;
        struct ck_message second;
        size_t offset;
        unsigned char *first = malloc(CAPACITY);
        unsigned char *again = malloc(CAPACITY);
        FUZZ_REQUIRE(first != NULL && again != NULL);
        ck_dialect_init(&dialect);
        dialect.transit = CK_TRANSIT_FULL;
        dialect.transit_type = type;
        size_t bytes = ck_message_encode(message, &dialect, style, first, CAPACITY);
        FUZZ_REQUIRE(bytes > 0 || type == CK_TRANSIT_STRING);
        if (bytes > 0) {
            unsigned char *viewed = copy_of(first, bytes);
            FUZZ_REQUIRE(ck_message_decode(message->command, viewed, bytes, &second, &offset) ==
                         CK_WELL_FORMED);
            require_same(message, &second);
            FUZZ_REQUIRE(second.unknown_members == 0);
            FUZZ_REQUIRE(ck_message_encode(&second, &dialect, style, again, CAPACITY) == bytes);
            FUZZ_REQUIRE(memcmp(first, again, bytes) == 0);
            free(viewed);
        }
        free(again);
        free(first);
    }
}

/* The decoder takes no payload that is no JSON, and knows of none that is JSON and "not JSON". */
static void check_decode(enum ck_command command, const uint8_t *payload, size_t length)
{
    unsigned char *bytes = copy_of(payload, length);
    struct ck_message message;
    size_t offset = SIZE_MAX;
    enum ck_malformed malformed = ck_message_decode(command, bytes, length, &message, &offset);
    FUZZ_REQUIRE(malformed < CK_MALFORMED_END && message.command == command);
    FUZZ_REQUIRE((malformed == CK_WELL_FORMED) == (offset == SIZE_MAX));
    unsigned char *untouched = copy_of(payload, length);
    struct json_reader reader = json_reader(untouched, length);
    struct text raw;
    bool is_json = json_skip(&reader, &raw) == JSON_OK && json_finish(&reader) == JSON_OK;
    free(untouched);
    if (malformed == CK_WELL_FORMED) {
        FUZZ_REQUIRE(is_json);
        check_round_trip(&message, CK_TRANSIT_ARRAY);
        check_round_trip(&message, CK_TRANSIT_STRING);
    } else {
        FUZZ_REQUIRE(offset <= length);
        FUZZ_REQUIRE(!is_json ||
                     (malformed != CK_NOT_JSON && malformed != CK_BAD_UTF8 && malformed != CK_TOO_DEEP));
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size - 1 > CK_PAYLOAD_BYTES_MAX)
        return 0;
    enum ck_command command = (enum ck_command)(data[0] % CK_RELAY_RESPONSE + 1);
    check_against_jansson(data + 1, size - 1);
    check_decode(command, data + 1, size - 1);
    return 0;
}

size_t fuzz_seed_from_frame(const uint8_t *frame, size_t frame_bytes, uint8_t *out_input, size_t capacity)
{
    size_t payload_bytes = frame_bytes - CK_HEADER_BYTES;
    if (frame_bytes < CK_HEADER_BYTES || payload_bytes + 1 > capacity)
        return 0;
    out_input[0] = (uint8_t)(frame[7] + CK_RELAY_RESPONSE - 1); /* LLVMFuzzerTestOneInput undoes this */
    memcpy(out_input + 1, frame + CK_HEADER_BYTES, payload_bytes);
    return payload_bytes + 1;
}
