/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ck/message.h"

static struct ck_message full_message(enum ck_command command)
{
    return (struct ck_message){
        .command = command,
        .source_kma_id = TEXT("kma-1"),
        .destination_kma_id = TEXT("kma-9"),
        .application_destination_id = TEXT("app \"7\""),
        .has_kma_ids = true,
        .kma_id_count = 4,
        .kma_ids = { TEXT("kma-1"), TEXT("kma-4"), TEXT("kma-5"), TEXT("kma-9") },
        .relay_id = 1042,
        .response = TEXT("no\nkeys"),
        .extension = TEXT("[{\"acme_x\": 1}]"),
    };
}

static struct ck_dialect dialect_with(enum ck_transit transit, enum ck_transit_type type)
{
    struct ck_dialect dialect;
    ck_dialect_init(&dialect);
    dialect.transit = transit;
    dialect.transit_type = type;
    return dialect;
}

static void check_written(const struct ck_message *message, const struct ck_dialect *dialect,
                          enum ck_key_style style, const char *expected)
{
    unsigned char payload[4096];
    size_t bytes = ck_message_encode(message, dialect, style, payload, sizeof payload);
    if (bytes != strlen(expected) || memcmp(payload, expected, bytes) != 0)
        fail_msg("%.*s instead of %s", (int)bytes, payload, expected);
}

static void check_styles(enum ck_command command, const char *snake, const char *camel, const char *title)
{
    struct ck_message message = full_message(command);
    struct ck_dialect dialect = dialect_with(CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY);
    check_written(&message, &dialect, CK_KEYS_SNAKE, snake);
    check_written(&message, &dialect, CK_KEYS_CAMEL, camel);
    check_written(&message, &dialect, CK_KEYS_TITLE, title);
}

/* Ck 8.1 and 8.3: tables 1 and 3 have the same parameters. */
static void test_encode_requests_in_every_style(void **state)
{
    (void)state;
    static const enum ck_command commands[] = { CK_NEXT_HOP_REQUEST, CK_NOTIFY_RELAY };
    for (size_t i = 0; i < 2; i++)
        check_styles(commands[i],
                     "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                     "\"application_destination_ID\":\"app \\\"7\\\"\",\"extension\":[{\"acme_x\": 1}]}",
                     "{\"sourceKmaId\":\"kma-1\",\"destinationKmaId\":\"kma-9\","
                     "\"applicationDestinationId\":\"app \\\"7\\\"\",\"extension\":[{\"acme_x\": 1}]}",
                     "{\"Source KMA ID\":\"kma-1\",\"Destination KMA ID\":\"kma-9\","
                     "\"Application destination ID\":\"app \\\"7\\\"\",\"Extension\":[{\"acme_x\": 1}]}");
}

/* Ck 8.2, table 2. */
static void test_encode_next_hop_response_in_every_style(void **state)
{
    (void)state;
    check_styles(CK_NEXT_HOP_RESPONSE,
                 "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\",\"next_KMA_IDs\":"
                 "[\"kma-1\",\"kma-4\",\"kma-5\",\"kma-9\"],\"extension\":[{\"acme_x\": 1}]}",
                 "{\"sourceKmaId\":\"kma-1\",\"destinationKmaId\":\"kma-9\",\"nextKmaIds\":"
                 "[\"kma-1\",\"kma-4\",\"kma-5\",\"kma-9\"],\"extension\":[{\"acme_x\": 1}]}",
                 "{\"Source KMA ID\":\"kma-1\",\"Destination KMA ID\":\"kma-9\",\"Next KMA IDs\":"
                 "[\"kma-1\",\"kma-4\",\"kma-5\",\"kma-9\"],\"Extension\":[{\"acme_x\": 1}]}");
}

/* Ck 8.4, table 4. */
static void test_encode_relay_request_in_every_style(void **state)
{
    (void)state;
    check_styles(
        CK_RELAY_REQUEST,
        "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\",\"transit_KMA_IDs\":[\"kma-4\","
        "\"kma-5\"],\"key_relay_request_ID\":\"1042\",\"extension\":[{\"acme_x\": 1}]}",
        "{\"sourceKmaId\":\"kma-1\",\"destinationKmaId\":\"kma-9\",\"transitKmaIds\":[\"kma-4\","
        "\"kma-5\"],\"keyRelayRequestId\":\"1042\",\"extension\":[{\"acme_x\": 1}]}",
        "{\"Source KMA ID\":\"kma-1\",\"Destination KMA ID\":\"kma-9\",\"Transit KMA IDs\":[\"kma-4\","
        "\"kma-5\"],\"Key relay request ID\":\"1042\",\"Extension\":[{\"acme_x\": 1}]}");
}

/* Ck 8.5, table 5. */
static void test_encode_relay_response_in_every_style(void **state)
{
    (void)state;
    check_styles(CK_RELAY_RESPONSE, "{\"response\":\"no\\nkeys\",\"key_relay_request_ID\":\"1042\"}",
                 "{\"response\":\"no\\nkeys\",\"keyRelayRequestId\":\"1042\"}",
                 "{\"Response\":\"no\\nkeys\",\"Key relay request ID\":\"1042\"}");
}

/* Reading 4. */
static void test_encode_transit_forms(void **state)
{
    (void)state;
    static const struct {
        enum ck_transit transit;
        enum ck_transit_type type;
        size_t kma_id_count;
        const char *expected;
    } cases[] = {
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY, 4, "[\"kma-4\",\"kma-5\"]" },
        { CK_TRANSIT_TO_DESTINATION, CK_TRANSIT_ARRAY, 4, "[\"kma-4\",\"kma-5\",\"kma-9\"]" },
        { CK_TRANSIT_FULL, CK_TRANSIT_ARRAY, 4, "[\"kma-1\",\"kma-4\",\"kma-5\",\"kma-9\"]" },
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_STRING, 4, "\"kma-4,kma-5\"" },
        { CK_TRANSIT_TO_DESTINATION, CK_TRANSIT_STRING, 4, "\"kma-4,kma-5,kma-9\"" },
        { CK_TRANSIT_FULL, CK_TRANSIT_STRING, 4, "\"kma-1,kma-4,kma-5,kma-9\"" },
        /* adjacent KMs */
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY, 2, "[]" },
        { CK_TRANSIT_TO_DESTINATION, CK_TRANSIT_ARRAY, 2, "[\"kma-4\"]" },
        { CK_TRANSIT_FULL, CK_TRANSIT_ARRAY, 2, "[\"kma-1\",\"kma-4\"]" },
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_STRING, 2, "\"\"" },
        /* paths that nobody should ask for are no reason to fall over */
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY, 1, "[]" },
        { CK_TRANSIT_TO_DESTINATION, CK_TRANSIT_ARRAY, 1, "[]" },
        { CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY, 0, "[]" },
        { CK_TRANSIT_FULL, CK_TRANSIT_STRING, 0, "\"\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ck_dialect dialect = dialect_with(cases[i].transit, cases[i].type);
        struct ck_message message = full_message(CK_RELAY_REQUEST);
        char expected[256] = "{\"transit_KMA_IDs\":";
        message.source_kma_id = message.destination_kma_id = message.extension = TEXT_ABSENT;
        message.relay_id = 0;
        message.kma_id_count = cases[i].kma_id_count;
        strcat(expected, cases[i].expected);
        strcat(expected, "}");
        check_written(&message, &dialect, CK_KEYS_SNAKE, expected);
    }
}

static void test_encode_transit_string_cannot_carry_separators(void **state)
{
    (void)state;
    static const char *const ids[] = { "a,b", "a b", "a\tb", "a\nb", "a\rb", " ", "b," };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct ck_dialect dialect = dialect_with(CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_STRING);
        struct ck_message message = full_message(CK_RELAY_REQUEST);
        unsigned char payload[1024];
        message.kma_ids[2] = text_from_c(ids[i]);
        assert_int_equal(ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, sizeof payload), 0);
        /* an array can, and what is cut off does not matter */
        dialect.transit_type = CK_TRANSIT_ARRAY;
        assert_int_not_equal(ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, sizeof payload),
                             0);
        dialect.transit_type = CK_TRANSIT_STRING;
        message = full_message(CK_RELAY_REQUEST);
        message.kma_ids[3] = text_from_c(ids[i]);
        assert_int_not_equal(ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, sizeof payload),
                             0);
    }
}

static void test_encode_absent_members_left_out(void **state)
{
    (void)state;
    struct ck_dialect dialect = dialect_with(CK_TRANSIT_INTERMEDIATE, CK_TRANSIT_ARRAY);
    for (enum ck_command command = CK_NEXT_HOP_REQUEST; command <= CK_RELAY_RESPONSE; command++) {
        struct ck_message message = { .command = command };
        check_written(&message, &dialect, CK_KEYS_SNAKE, "{}");
    }
    struct ck_message message = { .command = CK_NEXT_HOP_RESPONSE, .has_kma_ids = true };
    check_written(&message, &dialect, CK_KEYS_SNAKE, "{\"next_KMA_IDs\":[]}");
}

static void test_encode_fits_to_the_byte_or_gives_nothing(void **state)
{
    (void)state;
    struct ck_dialect dialect = dialect_with(CK_TRANSIT_FULL, CK_TRANSIT_ARRAY);
    struct ck_message message = full_message(CK_RELAY_REQUEST);
    unsigned char payload[1024];
    size_t needed = ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, sizeof payload);
    assert_true(needed > 0);
    for (size_t capacity = 0; capacity < needed; capacity++) {
        payload[capacity] = '#';
        assert_int_equal(ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, capacity), 0);
        assert_int_equal(payload[capacity], '#');
    }
    assert_int_equal(ck_message_encode(&message, &dialect, CK_KEYS_SNAKE, payload, needed), needed);
}

/* encode(decode(b)) == b for canonical b, in each style. */
static void test_encode_decode_canonical_same_bytes(void **state)
{
    (void)state;
    for (enum ck_command command = CK_NEXT_HOP_REQUEST; command <= CK_RELAY_RESPONSE; command++) {
        for (enum ck_key_style style = CK_KEYS_SNAKE; style <= CK_KEYS_TITLE; style++) {
            struct ck_dialect dialect = dialect_with(CK_TRANSIT_FULL, CK_TRANSIT_ARRAY);
            struct ck_message message = full_message(command);
            struct ck_message decoded;
            unsigned char first[1024];
            unsigned char viewed[1024];
            unsigned char second[1024];
            size_t offset;
            size_t bytes = ck_message_encode(&message, &dialect, style, first, sizeof first);
            assert_true(bytes > 0);
            memcpy(viewed, first, bytes);
            assert_int_equal(ck_message_decode(command, viewed, bytes, &decoded, &offset), CK_WELL_FORMED);
            assert_int_equal(decoded.key_style, style);
            assert_int_equal(decoded.unknown_members, 0);
            assert_int_equal(ck_message_encode(&decoded, &dialect, style, second, sizeof second), bytes);
            assert_memory_equal(first, second, bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_requests_in_every_style),
        cmocka_unit_test(test_encode_next_hop_response_in_every_style),
        cmocka_unit_test(test_encode_relay_request_in_every_style),
        cmocka_unit_test(test_encode_relay_response_in_every_style),
        cmocka_unit_test(test_encode_transit_forms),
        cmocka_unit_test(test_encode_transit_string_cannot_carry_separators),
        cmocka_unit_test(test_encode_absent_members_left_out),
        cmocka_unit_test(test_encode_fits_to_the_byte_or_gives_nothing),
        cmocka_unit_test(test_encode_decode_canonical_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
