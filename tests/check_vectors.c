/* SPDX-License-Identifier: Apache-2.0 */
/* The wire vectors of tests/vectors/frames.json: each frame is judged as it says, and what is accepted
 * survives being written and read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ck/message.h"

struct vector {
    const char *name;
    const char *expect;
    unsigned char *bytes;
    size_t length;
};

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static struct vector load_vector(const json_t *row)
{
    struct vector vector = {
        .name = json_string_value(json_object_get(row, "name")),
        .expect = json_string_value(json_object_get(row, "expect")),
    };
    const char *hex = json_string_value(json_object_get(row, "hex"));
    assert_non_null(vector.name);
    assert_non_null(vector.expect);
    assert_non_null(hex);
    vector.length = strlen(hex) / 2;
    vector.bytes = malloc(vector.length + 1);
    assert_non_null(vector.bytes);
    for (size_t i = 0; i < vector.length; i++)
        vector.bytes[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return vector;
}

/* What the profile makes of a frame, in the vectors' words. */
static const char *judge(unsigned char *bytes, size_t length, struct ck_message *out_message)
{
    struct ck_dialect dialect;
    struct ck_header header;
    size_t offset;
    ck_dialect_init(&dialect);
    size_t frame_bytes = ck_frame_decode(bytes, length, &dialect.byte_order, &header);
    if (frame_bytes != length)
        return "not one frame";
    if (!ck_dialect_accepts_version(&dialect, header.version))
        return "close";
    if (header.command == 0 || header.command >= CK_COMMANDS_END)
        return "skip";
    enum ck_malformed malformed = ck_message_decode((enum ck_command)header.command, bytes + CK_HEADER_BYTES,
                                                    header.payload_bytes, out_message, &offset);
    return malformed == CK_WELL_FORMED ? "accept" : "malformed";
}

static bool same_message(const struct ck_message *left, const struct ck_message *right)
{
    if (left->kma_id_count != right->kma_id_count || left->has_kma_ids != right->has_kma_ids)
        return false;
    for (size_t i = 0; i < left->kma_id_count; i++)
        if (!text_equal(left->kma_ids[i], right->kma_ids[i]))
            return false;
    return left->command == right->command && left->relay_id == right->relay_id &&
           text_equal(left->source_kma_id, right->source_kma_id) &&
           text_equal(left->destination_kma_id, right->destination_kma_id) &&
           text_equal(left->application_destination_id, right->application_destination_id) &&
           text_equal(left->response, right->response) && text_equal(left->extension, right->extension);
}

/* A transit list that was read is not cut again: the dialect for writing it back is `full`. */
static void check_round_trip(const struct vector *vector, const struct ck_message *message)
{
    for (enum ck_key_style style = CK_KEYS_SNAKE; style <= CK_KEYS_TITLE; style++) {
        unsigned char written[4096];
        unsigned char again[4096];
        struct ck_dialect dialect;
        struct ck_message second;
        size_t offset;
        ck_dialect_init(&dialect);
        dialect.transit = CK_TRANSIT_FULL;
        size_t bytes = ck_message_encode(message, &dialect, style, written, sizeof written);
        if (bytes == 0)
            fail_msg("%s: not encoded", vector->name);
        memcpy(again, written, bytes);
        if (ck_message_decode(message->command, again, bytes, &second, &offset) != CK_WELL_FORMED)
            fail_msg("%s: refused at %zu after encoding: %.*s", vector->name, offset, (int)bytes, written);
        if (!same_message(message, &second))
            fail_msg("%s: another message after encoding: %.*s", vector->name, (int)bytes, written);
        unsigned char rewritten[4096];
        assert_int_equal(ck_message_encode(&second, &dialect, style, rewritten, sizeof rewritten), bytes);
        assert_memory_equal(rewritten, written, bytes);
    }
}

static json_t *load_vectors(void)
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    json_error_t error;
    snprintf(path, sizeof path, "%s/tests/vectors/frames.json", srcdir != NULL ? srcdir : ".");
    json_t *rows = json_load_file(path, 0, &error);
    if (rows == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    assert_true(json_array_size(rows) > 0);
    return rows;
}

static void test_vectors_every_frame_judged_as_expected(void **state)
{
    (void)state;
    json_t *rows = load_vectors();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct vector vector = load_vector(json_array_get(rows, i));
        struct ck_message message;
        const char *verdict = judge(vector.bytes, vector.length, &message);
        if (strcmp(verdict, vector.expect) != 0)
            fail_msg("%s: %s instead of %s", vector.name, verdict, vector.expect);
        if (strcmp(verdict, "accept") == 0)
            check_round_trip(&vector, &message);
        free(vector.bytes);
    }
    json_decref(rows);
}

static void test_vectors_truncated_frame_needs_more(void **state)
{
    (void)state;
    json_t *rows = load_vectors();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct vector vector = load_vector(json_array_get(rows, i));
        for (size_t length = 0; length < vector.length; length++) {
            enum ck_byte_order order = CK_BIG_ENDIAN;
            struct ck_header header;
            assert_int_equal(ck_frame_decode(vector.bytes, length, &order, &header), 0);
        }
        free(vector.bytes);
    }
    json_decref(rows);
}

/* No payload that lost its end is a whole one; so nothing short of the end may be accepted. */
static void test_vectors_truncated_payload_is_malformed(void **state)
{
    (void)state;
    json_t *rows = load_vectors();
    for (size_t i = 0; i < json_array_size(rows); i++) {
        struct vector vector = load_vector(json_array_get(rows, i));
        if (strcmp(vector.expect, "accept") != 0) {
            free(vector.bytes);
            continue;
        }
        for (size_t length = 0; length < vector.length - CK_HEADER_BYTES; length++) {
            unsigned char *payload =
                malloc(length > 0 ? length : 1); /* its own block: reading beyond is seen */
            struct ck_message message;
            size_t offset = SIZE_MAX;
            assert_non_null(payload);
            memcpy(payload, vector.bytes + CK_HEADER_BYTES, length);
            assert_int_not_equal(
                ck_message_decode((enum ck_command)vector.bytes[7], payload, length, &message, &offset),
                CK_WELL_FORMED);
            assert_true(offset <= length);
            free(payload);
        }
        free(vector.bytes);
    }
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_every_frame_judged_as_expected),
        cmocka_unit_test(test_vectors_truncated_frame_needs_more),
        cmocka_unit_test(test_vectors_truncated_payload_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
