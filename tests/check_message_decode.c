/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ck/message.h"

/* The payload that was decoded last; the message views it. */
static unsigned char payload[CK_PAYLOAD_BYTES_MAX];
static struct ck_message message;
static size_t offset;

static enum ck_malformed decode_bytes(enum ck_command command, const char *json, size_t length)
{
    /* at the end of the buffer, so that reading beyond it is seen */
    unsigned char *at = payload + sizeof payload - length;
    memcpy(at, json, length);
    memset(&message, 0x5A, sizeof message);
    offset = SIZE_MAX;
    return ck_message_decode(command, at, length, &message, &offset);
}

static enum ck_malformed decode(enum ck_command command, const char *json)
{
    return decode_bytes(command, json, strlen(json));
}

static void accept(enum ck_command command, const char *json)
{
    enum ck_malformed malformed = decode(command, json);
    if (malformed != CK_WELL_FORMED)
        fail_msg("%s at %zu: %s", ck_malformed_name(malformed), offset, json);
}

static void refuse(enum ck_command command, const char *json, enum ck_malformed expected, size_t expected_at)
{
    enum ck_malformed malformed = decode(command, json);
    if (malformed != expected || offset != expected_at)
        fail_msg("%s at %zu instead of %s at %zu: %s", ck_malformed_name(malformed), offset,
                 ck_malformed_name(expected), expected_at, json);
    assert_int_equal(message.command, command);
}

static void assert_text(struct text text, const char *expected)
{
    if (!text_equal_c(text, expected))
        fail_msg("'%.*s' instead of '%s'", TEXT_ARGUMENTS(text), expected != NULL ? expected : "(absent)");
}

static void assert_kma_ids(size_t count, const char *const expected[])
{
    assert_true(message.has_kma_ids);
    assert_int_equal(message.kma_id_count, count);
    for (size_t i = 0; i < count; i++)
        assert_text(message.kma_ids[i], expected[i]);
}

/* Ck 8.1, table 1. */
static void test_decode_next_hop_request_every_parameter(void **state)
{
    (void)state;
    accept(CK_NEXT_HOP_REQUEST, "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                                "\"application_destination_ID\":\"app\",\"extension\":[{\"acme_x\":1}]}");
    assert_int_equal(message.command, CK_NEXT_HOP_REQUEST);
    assert_text(message.source_kma_id, "kma-1");
    assert_text(message.destination_kma_id, "kma-9");
    assert_text(message.application_destination_id, "app");
    assert_text(message.extension, "[{\"acme_x\":1}]");
    assert_false(message.has_kma_ids);
    assert_int_equal(message.kma_id_count, 0);
    assert_int_equal(message.relay_id, 0);
    assert_text(message.response, NULL);
    assert_int_equal(message.unknown_members, 0);
    assert_int_equal(message.key_style, CK_KEYS_SNAKE);
}

/* Ck 8.2, table 2. */
static void test_decode_next_hop_response_every_parameter(void **state)
{
    (void)state;
    static const char *const next[] = { "kma-2", "kma-3" };
    accept(CK_NEXT_HOP_RESPONSE, "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                                 "\"next_KMA_IDs\":[\"kma-2\",\"kma-3\"],\"extension\":[]}");
    assert_text(message.source_kma_id, "kma-1");
    assert_text(message.destination_kma_id, "kma-9");
    assert_kma_ids(2, next);
    assert_text(message.extension, "[]");
    accept(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":[]}");
    assert_kma_ids(0, NULL);
}

/* Ck 8.3, table 3. */
static void test_decode_notify_every_parameter(void **state)
{
    (void)state;
    accept(CK_NOTIFY_RELAY, "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\","
                            "\"application_destination_ID\":\"app\",\"extension\":[{}]}");
    assert_text(message.source_kma_id, "kma-1");
    assert_text(message.destination_kma_id, "kma-9");
    assert_text(message.application_destination_id, "app");
    assert_text(message.extension, "[{}]");
}

/* Ck 8.4, table 4. */
static void test_decode_relay_request_every_parameter(void **state)
{
    (void)state;
    static const char *const transit[] = { "kma-4", "kma-5" };
    accept(CK_RELAY_REQUEST,
           "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\",\"transit_KMA_IDs\":"
           "[\"kma-4\",\"kma-5\"],\"key_relay_request_ID\":\"1042\",\"extension\":[{\"a\":{}}]}");
    assert_text(message.source_kma_id, "kma-1");
    assert_text(message.destination_kma_id, "kma-9");
    assert_kma_ids(2, transit);
    assert_int_equal(message.relay_id, 1042);
    assert_text(message.extension, "[{\"a\":{}}]");
}

/* Ck 8.5, table 5. */
static void test_decode_relay_response_every_parameter(void **state)
{
    (void)state;
    accept(CK_RELAY_RESPONSE, "{\"response\":\"no keys left\",\"key_relay_request_ID\":\"7\"}");
    assert_text(message.response, "no keys left");
    assert_int_equal(message.relay_id, 7);
}

/* The M column: what is mandatory, and that nothing else is. */
static void test_decode_mandatory_parameters(void **state)
{
    (void)state;
    accept(CK_NEXT_HOP_REQUEST, "{\"destination_KMA_ID\":\"d\"}");
    accept(CK_NEXT_HOP_REQUEST, "{\"application_destination_ID\":\"a\"}");
    accept(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"d\"}");
    accept(CK_NOTIFY_RELAY, "{\"application_destination_ID\":\"a\"}");
    accept(CK_RELAY_REQUEST, "{\"destination_KMA_ID\":\"d\",\"transit_KMA_IDs\":[]}");
    accept(CK_RELAY_RESPONSE, "{\"response\":\"ok\"}");
    refuse(CK_NEXT_HOP_REQUEST, "{}", CK_MISSING_DESTINATION, 0);
    refuse(CK_NEXT_HOP_REQUEST, "{\"source_KMA_ID\":\"s\"}", CK_MISSING_DESTINATION, 0);
    refuse(CK_NOTIFY_RELAY, "{\"source_KMA_ID\":\"s\"}", CK_MISSING_DESTINATION, 0);
    refuse(CK_NEXT_HOP_RESPONSE, "{\"destination_KMA_ID\":\"d\"}", CK_MISSING_NEXT_KMA_IDS, 0);
    refuse(CK_RELAY_REQUEST, "{\"transit_KMA_IDs\":[]}", CK_MISSING_DESTINATION_KMA, 0);
    refuse(CK_RELAY_REQUEST, "{\"destination_KMA_ID\":\"d\"}", CK_MISSING_TRANSIT_KMA_IDS, 0);
    refuse(CK_RELAY_RESPONSE, "{\"key_relay_request_ID\":\"7\"}", CK_MISSING_RESPONSE, 0);
    refuse(CK_RELAY_RESPONSE, "{\"response\":\"\"}", CK_MISSING_RESPONSE, 12);
    assert_text(message.response, NULL);
}

/* A parameter that the message's own table lacks is an unknown member like any other. */
static void test_decode_parameters_of_other_tables_are_unknown(void **state)
{
    (void)state;
    accept(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"d\",\"next_KMA_IDs\":5,\"transit_KMA_IDs\":6,"
                            "\"response\":[],\"key_relay_request_ID\":false}");
    assert_int_equal(message.unknown_members, 4);
    assert_false(message.has_kma_ids);
    accept(CK_RELAY_RESPONSE, "{\"response\":\"ok\",\"source_KMA_ID\":1,\"destination_KMA_ID\":2,"
                              "\"application_destination_ID\":3,\"extension\":4}");
    assert_int_equal(message.unknown_members, 4);
    accept(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":[],\"transit_KMA_IDs\":[\"x\"],"
                                 "\"application_destination_ID\":\"a\"}");
    assert_int_equal(message.unknown_members, 2);
    assert_int_equal(message.kma_id_count, 0);
}

static void test_decode_any_spelling_of_keys(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "destination_KMA_ID",
        "destinationKmaId",
        "Destination KMA ID",
        "DESTINATION-KMA-ID",
        "destinationkmaid",
        "dest_KMA_ID",
        "destKmaId",
        "Dest. KMA ID",
        "_destination_kma_id_",
        "destination\\u005FKMA_ID",
        "d.e.s.t.i.n.a.t.i.o.n K M A I D",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"%s\":\"kma-9\"}", spellings[i]);
        accept(CK_NOTIFY_RELAY, json);
        assert_text(message.destination_kma_id, "kma-9");
    }
    accept(CK_NOTIFY_RELAY, "{\"appDestinationId\":1,\"applicationDestId\":\"app\"}");
    assert_text(message.application_destination_id, "app");
    assert_int_equal(message.unknown_members, 1);
    accept(CK_RELAY_RESPONSE, "{\"Result\":\"ok\",\"Key relay request ID\":1}");
    assert_text(message.response, "ok");
    accept(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\",\"Extensions\":[]}");
    assert_text(message.extension, "[]");
    accept(CK_RELAY_REQUEST, "{\"destKmaId\":\"d\",\"TransitKMAIDs\":[]}");
    accept(CK_NEXT_HOP_RESPONSE, "{\"Next KMA IDs\":[]}");
}

static void test_decode_near_spellings_are_unknown(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "destination",
        "destination_KMA",
        "destination_KMA_IDs",
        "destin_KMA_ID",
        "xdestination_KMA_ID",
        "destination_KMA_ID1",
        "d\xC3\xA9stination_KMA_ID",
        "destination_KMA_ID\xC3\xA9",
        "",
        "___",
        "destinationkmaidestinationkmaid",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"application_destination_ID\":\"a\",\"%s\":\"kma-9\"}", spellings[i]);
        accept(CK_NOTIFY_RELAY, json);
        assert_text(message.destination_kma_id, NULL);
        assert_int_equal(message.unknown_members, 1);
    }
}

static void check_style(enum ck_command command, const char *json, enum ck_key_style expected)
{
    accept(command, json);
    assert_int_equal(message.key_style, expected);
}

/* Reading 16; only a known name of several words tells. */
static void test_decode_learns_key_style(void **state)
{
    (void)state;
    check_style(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"d\"}", CK_KEYS_SNAKE);
    check_style(CK_NOTIFY_RELAY, "{\"destination_kma_id\":\"d\"}", CK_KEYS_SNAKE);
    check_style(CK_NOTIFY_RELAY, "{\"destinationKmaId\":\"d\"}", CK_KEYS_CAMEL);
    check_style(CK_NOTIFY_RELAY, "{\"Destination KMA ID\":\"d\"}", CK_KEYS_TITLE);
    check_style(CK_NOTIFY_RELAY, "{\"destinationkmaid\":\"d\"}", CK_KEYS_AUTO);
    check_style(CK_NOTIFY_RELAY, "{\"Destination-KMA-ID\":\"d\"}", CK_KEYS_AUTO);
    check_style(CK_NOTIFY_RELAY, "{\"my_own\":1,\"destinationKmaId\":\"d\"}", CK_KEYS_CAMEL);
    check_style(CK_NOTIFY_RELAY, "{\"Extension\":[],\"destinationKmaId\":\"d\"}", CK_KEYS_CAMEL);
    check_style(CK_RELAY_RESPONSE, "{\"Response\":\"ok\"}", CK_KEYS_AUTO);
    check_style(CK_RELAY_RESPONSE, "{\"Response\":\"ok\",\"Key relay request ID\":1}", CK_KEYS_TITLE);
}

static void test_decode_repeated_member_same_value_accepted(void **state)
{
    (void)state;
    accept(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"kma-9\",\"destKmaId\":\"kma\\u002d9\"}");
    accept(CK_RELAY_REQUEST,
           "{\"dest_KMA_ID\":\"d\",\"transit_KMA_IDs\":[\"a\",\"b\"],"
           "\"transitKmaIds\":\"a, b\",\"key_relay_request_ID\":7,\"keyRelayRequestId\":\"7\"}");
    assert_int_equal(message.kma_id_count, 2);
    accept(CK_RELAY_RESPONSE, "{\"response\":\"true\",\"result\":true}");
    accept(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\",\"extension\":[{\"a\":1}],\"extensions\":[{\"a\":1}]}");
    accept(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\",\"source_KMA_ID\":null,\"sourceKmaId\":null}");
}

static void test_decode_repeated_member_other_value_refused(void **state)
{
    (void)state;
    static const struct {
        enum ck_command command;
        const char *json; /* the second value, at which it is refused, begins behind the mark @ */
    } cases[] = {
        { CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"a\",\"destination_KMA_ID\":@\"b\"}" },
        { CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"a\",\"destKmaId\":@\"A\"}" },
        { CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\"a\",\"destKmaId\":@null}" },
        { CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":null,\"destKmaId\":@\"a\"}" },
        { CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"a\",\"extension\":[],\"extensions\":@[{}]}" },
        { CK_RELAY_REQUEST, "{\"transit_KMA_IDs\":[\"a\",\"b\"],\"transitKmaIds\":@[\"a\"]}" },
        { CK_RELAY_REQUEST, "{\"transit_KMA_IDs\":[\"a\"],\"transitKmaIds\":[\"a\",@\"b\"]}" },
        { CK_RELAY_REQUEST, "{\"transit_KMA_IDs\":[\"a\",\"b\"],\"transitKmaIds\":@\"b a\"}" },
        { CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":[],\"nextKmaIds\":[@\"a\"]}" },
        { CK_RELAY_RESPONSE, "{\"response\":\"ok\",\"result\":@\"OK\"}" },
        { CK_RELAY_RESPONSE, "{\"response\":\"ok\",\"result\":@true}" },
        { CK_RELAY_RESPONSE, "{\"key_relay_request_ID\":1,\"keyRelayRequestID\":@\"2\"}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[128];
        const char *mark = strchr(cases[i].json, '@');
        snprintf(json, sizeof json, "%.*s%s", (int)(mark - cases[i].json), cases[i].json, mark + 1);
        enum ck_malformed malformed = decode(cases[i].command, json);
        if (malformed != CK_CONFLICTING_MEMBERS)
            fail_msg("%s: %s", ck_malformed_name(malformed), cases[i].json);
        if (offset != (size_t)(mark - cases[i].json))
            fail_msg("at %zu: %s", offset, cases[i].json);
    }
}

/* null is no value: as if the member were not there. */
static void test_decode_null_is_absent(void **state)
{
    (void)state;
    accept(CK_NOTIFY_RELAY, "{\"source_KMA_ID\":null,\"destination_KMA_ID\":\"d\","
                            "\"application_destination_ID\":null,\"extension\":null}");
    assert_text(message.source_kma_id, NULL);
    assert_text(message.application_destination_id, NULL);
    assert_text(message.extension, NULL);
    assert_int_equal(message.unknown_members, 0);
    accept(CK_RELAY_RESPONSE, "{\"response\":\"ok\",\"key_relay_request_ID\":null}");
    assert_int_equal(message.relay_id, 0);
    refuse(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":null}", CK_MISSING_DESTINATION, 0);
    refuse(CK_RELAY_RESPONSE, "{\"response\":null}", CK_MISSING_RESPONSE, 0);
    refuse(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":null}", CK_MISSING_NEXT_KMA_IDS, 0);
    refuse(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":[null]}", CK_WRONG_TYPE, 17);
    refuse(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":nul}", CK_NOT_JSON, 25);
}

static void test_decode_wrong_type_refused(void **state)
{
    (void)state;
    refuse(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\": 9}", CK_WRONG_TYPE, 23);
    refuse(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":[\"d\"]}", CK_WRONG_TYPE, 22);
    refuse(CK_NOTIFY_RELAY, "{\"source_KMA_ID\":{}}", CK_WRONG_TYPE, 17);
    refuse(CK_NOTIFY_RELAY, "{\"application_destination_ID\":true}", CK_WRONG_TYPE, 30);
    refuse(CK_NOTIFY_RELAY, "{\"extension\":{}}", CK_WRONG_TYPE, 13);
    refuse(CK_NOTIFY_RELAY, "{\"extension\":[{},1]}", CK_WRONG_TYPE, 17);
    refuse(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":\"a,b\"}", CK_WRONG_TYPE, 16);
    refuse(CK_NEXT_HOP_RESPONSE, "{\"next_KMA_IDs\":[\"a\",1]}", CK_WRONG_TYPE, 21);
    refuse(CK_RELAY_REQUEST, "{\"transit_KMA_IDs\":7}", CK_WRONG_TYPE, 19);
    refuse(CK_RELAY_RESPONSE, "{\"response\":0}", CK_WRONG_TYPE, 12);
    refuse(CK_RELAY_RESPONSE, "{\"response\":[\"ok\"]}", CK_WRONG_TYPE, 12);
    refuse(CK_RELAY_RESPONSE, "{\"key_relay_request_ID\":true}", CK_WRONG_TYPE, 24);
}

static void test_decode_relay_id_string_or_integer(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint64_t expected; /* 0: refused */
    } cases[] = {
        { "\"1\"", 1 },
        { "1", 1 },
        { "\"007\"", 7 },
        { "9007199254740991", CK_RELAY_ID_MAX },
        { "\"9007199254740991\"", CK_RELAY_ID_MAX },
        { "9007199254740992", 0 },
        { "\"9007199254740992\"", 0 },
        { "99999999999999999999999999", 0 },
        { "0", 0 },
        { "\"0\"", 0 },
        { "-1", 0 },
        { "-0", 0 },
        { "1.0", 0 },
        { "1e3", 0 },
        { "\"\"", 0 },
        { "\" 1\"", 0 },
        { "\"1 \"", 0 },
        { "\"+1\"", 0 },
        { "\"0x1\"", 0 },
        { "\"1e3\"", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"response\":\"ok\",\"key_relay_request_ID\":%s}", cases[i].value);
        if (cases[i].expected == 0) {
            refuse(CK_RELAY_RESPONSE, json, CK_BAD_RELAY_ID, 40);
        } else {
            accept(CK_RELAY_RESPONSE, json);
            assert_int_equal(message.relay_id, cases[i].expected);
        }
    }
}

/* Reading 7. */
static void test_decode_response_verbatim(void **state)
{
    (void)state;
    accept(CK_RELAY_RESPONSE, "{\"response\":\"  No \\\"keys\\\"\\n left \"}");
    assert_text(message.response, "  No \"keys\"\n left ");
    accept(CK_RELAY_RESPONSE, "{\"response\":true}");
    assert_text(message.response, "true");
    accept(CK_RELAY_RESPONSE, "{\"response\": false }");
    assert_text(message.response, "false");
    refuse(CK_RELAY_RESPONSE, "{\"response\":trua}", CK_NOT_JSON, 15);
}

static void test_decode_transit_list_as_string(void **state)
{
    (void)state;
    static const char *const expected[] = { "kma-4", "kma-5", "kma-6" };
    static const char *const spellings[] = {
        "kma-4,kma-5,kma-6",        "kma-4 kma-5 kma-6",    "kma-4, kma-5, kma-6",
        " kma-4\\tkma-5\\n kma-6 ", ",kma-4,,kma-5,kma-6,", "kma\\u002d4,kma-5\\u002ckma-6",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"destination_KMA_ID\":\"d\",\"transit_KMA_IDs\":\"%s\"}",
                 spellings[i]);
        accept(CK_RELAY_REQUEST, json);
        assert_kma_ids(3, expected);
    }
    accept(CK_RELAY_REQUEST, "{\"destination_KMA_ID\":\"d\",\"transit_KMA_IDs\":\"\"}");
    assert_kma_ids(0, NULL);
    refuse(CK_RELAY_REQUEST, "{\"destination_KMA_ID\":\"d\",\"transit_KMA_IDs\":\"a,b\\u0007\"}",
           CK_BAD_IDENTIFIER, 44);
}

/* Reading 14. */
static void test_decode_identifiers(void **state)
{
    (void)state;
    char json[512];
    char id[LIMIT_IDENTIFIER_BYTES + 2];
    memset(id, 'k', sizeof id);
    id[LIMIT_IDENTIFIER_BYTES] = '\0';
    snprintf(json, sizeof json, "{\"destination_KMA_ID\":\"%s\"}", id);
    accept(CK_NOTIFY_RELAY, json);
    assert_text(message.destination_kma_id, id);
    id[LIMIT_IDENTIFIER_BYTES] = 'k';
    id[LIMIT_IDENTIFIER_BYTES + 1] = '\0';
    snprintf(json, sizeof json, "{\"destination_KMA_ID\":\"%s\"}", id);
    refuse(CK_NOTIFY_RELAY, json, CK_BAD_IDENTIFIER, 22);
    static const char *const bad[] = { "", "\\u0000", "a\\nb", "\x7f", "\\u0085", "\xC2\x9F" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(json, sizeof json, "{\"destination_KMA_ID\":\"%s\"}", bad[i]);
        refuse(CK_NOTIFY_RELAY, json, CK_BAD_IDENTIFIER, 22);
        snprintf(json, sizeof json, "{\"next_KMA_IDs\":[\"a\",\"%s\"]}", bad[i]);
        refuse(CK_NEXT_HOP_RESPONSE, json, CK_BAD_IDENTIFIER, 21);
    }
    accept(CK_NOTIFY_RELAY, "{\"destination_KMA_ID\":\" KMA/9 \xE9\x87\x8F\\u00a0\"}");
    assert_text(message.destination_kma_id, " KMA/9 \xE9\x87\x8F\xC2\xA0");
}

/* Carried through as it came, not a byte changed, though other strings are unescaped in place. */
static void test_decode_extension_untouched(void **state)
{
    (void)state;
    const char *raw = "[ {\"acme_\\u0061\" : \"x\\n\\u00e9\" }, {\"b\":[1.0e2,null,{\"c\":\"\\\\\"}]} ]";
    char json[256];
    snprintf(json, sizeof json, "{\"extension\": %s ,\"destination_KMA_ID\":\"a\\/b\"}", raw);
    accept(CK_NOTIFY_RELAY, json);
    assert_text(message.extension, raw);
    assert_text(message.destination_kma_id, "a/b");
}

/* Builds prefix, then `count` times `unit` separated by commas, then suffix. */
static char *built(const char *prefix, const char *unit, size_t count, const char *suffix)
{
    size_t unit_bytes = strlen(unit);
    char *json = malloc(strlen(prefix) + count * (unit_bytes + 1) + strlen(suffix) + 1);
    assert_non_null(json);
    char *at = json + sprintf(json, "%s", prefix);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *at++ = ',';
        memcpy(at, unit, unit_bytes);
        at += unit_bytes;
    }
    strcpy(at, suffix);
    return json;
}

static void test_decode_limits_hold_to_the_last_one(void **state)
{
    (void)state;
    char *json = built("{\"next_KMA_IDs\":[", "\"k\"", LIMIT_PATH_KMAS, "]}");
    accept(CK_NEXT_HOP_RESPONSE, json);
    assert_int_equal(message.kma_id_count, LIMIT_PATH_KMAS);
    free(json);
    json = built("{\"next_KMA_IDs\":[", "\"k\"", LIMIT_PATH_KMAS + 1, "]}");
    refuse(CK_NEXT_HOP_RESPONSE, json, CK_TOO_LONG, 17 + 4 * LIMIT_PATH_KMAS);
    free(json);
    json = built("{\"transit_KMA_IDs\":\"", "k", LIMIT_PATH_KMAS + 1, "\"}");
    refuse(CK_RELAY_REQUEST, json, CK_TOO_LONG, 19);
    free(json);
    /* "r," 2048 times is 4095 bytes: one below the limit, and then one above */
    json = built("{\"response\":\"x", "r", LIMIT_STRING_BYTES / 2, "\"}");
    accept(CK_RELAY_RESPONSE, json);
    assert_int_equal(message.response.length, LIMIT_STRING_BYTES);
    free(json);
    json = built("{\"response\":\"xx", "r", LIMIT_STRING_BYTES / 2, "\"}");
    refuse(CK_RELAY_RESPONSE, json, CK_TOO_LONG, 12);
    free(json);
    /* "{}," likewise: 3n - 1 bytes and two brackets */
    size_t count = (LIMIT_EXTENSION_BYTES - 1) / 3;
    json = built("{\"destKmaId\":\"d\",\"extension\":[", "{}", count, "]}");
    accept(CK_NOTIFY_RELAY, json);
    assert_in_range(message.extension.length, LIMIT_EXTENSION_BYTES - 2, LIMIT_EXTENSION_BYTES);
    free(json);
    json = built("{\"destKmaId\":\"d\",\"extension\":[", "{}", count + 1, "]}");
    refuse(CK_NOTIFY_RELAY, json, CK_TOO_LONG, 29);
    free(json);
}

static void test_decode_depth_is_limited(void **state)
{
    (void)state;
    /* the payload itself is the first level */
    accept(CK_NOTIFY_RELAY, "{\"destKmaId\":\"d\",\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}");
    refuse(CK_NOTIFY_RELAY, "{\"destKmaId\":\"d\",\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", CK_TOO_DEEP, 36);
    refuse(CK_NOTIFY_RELAY, "{\"extension\":[{\"x\":[[[[[[[[[[[[[[]]]]]]]]]]]]]]}]}", CK_TOO_DEEP, 32);
}

static void test_decode_unknown_members_skipped_and_counted(void **state)
{
    (void)state;
    accept(CK_NOTIFY_RELAY, "{\"a\":1,\"b\":{\"destination_KMA_ID\":\"x\"},\"c\":[[],null],\"d\":\"\\u0000\","
                            "\"a\":2,\"destination_KMA_ID\":\"d\",\"\":true}");
    assert_int_equal(message.unknown_members, 6);
    assert_text(message.destination_kma_id, "d");
    refuse(CK_NOTIFY_RELAY, "{\"a\":01,\"destination_KMA_ID\":\"d\"}", CK_NOT_JSON, 6);
    refuse(CK_NOTIFY_RELAY, "{\"a\":\"\xFF\"}", CK_BAD_UTF8, 6);
    refuse(CK_NOTIFY_RELAY, "{\"a\":\"\\uD800\"}", CK_BAD_UTF8, 6);
}

static void test_decode_payload_that_is_no_object(void **state)
{
    (void)state;
    refuse(CK_NOTIFY_RELAY, "", CK_NOT_OBJECT, 0);
    refuse(CK_NOTIFY_RELAY, "  ", CK_NOT_OBJECT, 2);
    refuse(CK_NOTIFY_RELAY, "[]", CK_NOT_OBJECT, 0);
    refuse(CK_NOTIFY_RELAY, " \"x\"", CK_NOT_OBJECT, 1);
    refuse(CK_NOTIFY_RELAY, "null", CK_NOT_OBJECT, 0);
    refuse(CK_NOTIFY_RELAY, "<xml/>", CK_NOT_JSON, 0);
    refuse(CK_NOTIFY_RELAY, "\xEF\xBB\xBF{}", CK_NOT_JSON, 0);
    refuse(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\"}{}", CK_NOT_JSON, 19);
    refuse(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\",}", CK_NOT_JSON, 19);
    refuse(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\"", CK_NOT_JSON, 18);
    assert_int_equal(decode_bytes(CK_NOTIFY_RELAY, "{\"dest_KMA_ID\":\"d\"}\0", 20), CK_NOT_JSON);
    assert_int_equal(offset, 19);
}

/* What was read before the fault is there to be logged. */
static void test_decode_failure_keeps_what_was_read(void **state)
{
    (void)state;
    refuse(CK_NOTIFY_RELAY, "{\"source_KMA_ID\":\"s\",\"dest_KMA_ID\":7}", CK_WRONG_TYPE, 35);
    assert_text(message.source_kma_id, "s");
    assert_text(message.destination_kma_id, NULL);
}

static void test_malformed_name_every_one_its_own(void **state)
{
    (void)state;
    for (enum ck_malformed left = CK_WELL_FORMED; left < CK_MALFORMED_END; left++) {
        assert_non_null(ck_malformed_name(left));
        assert_string_not_equal(ck_malformed_name(left), "unknown");
        for (enum ck_malformed right = CK_WELL_FORMED; right < left; right++)
            assert_string_not_equal(ck_malformed_name(left), ck_malformed_name(right));
    }
    assert_string_equal(ck_malformed_name(CK_CONFLICTING_MEMBERS), "conflicting_members");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_next_hop_request_every_parameter),
        cmocka_unit_test(test_decode_next_hop_response_every_parameter),
        cmocka_unit_test(test_decode_notify_every_parameter),
        cmocka_unit_test(test_decode_relay_request_every_parameter),
        cmocka_unit_test(test_decode_relay_response_every_parameter),
        cmocka_unit_test(test_decode_mandatory_parameters),
        cmocka_unit_test(test_decode_parameters_of_other_tables_are_unknown),
        cmocka_unit_test(test_decode_any_spelling_of_keys),
        cmocka_unit_test(test_decode_near_spellings_are_unknown),
        cmocka_unit_test(test_decode_learns_key_style),
        cmocka_unit_test(test_decode_repeated_member_same_value_accepted),
        cmocka_unit_test(test_decode_repeated_member_other_value_refused),
        cmocka_unit_test(test_decode_null_is_absent),
        cmocka_unit_test(test_decode_wrong_type_refused),
        cmocka_unit_test(test_decode_relay_id_string_or_integer),
        cmocka_unit_test(test_decode_response_verbatim),
        cmocka_unit_test(test_decode_transit_list_as_string),
        cmocka_unit_test(test_decode_identifiers),
        cmocka_unit_test(test_decode_extension_untouched),
        cmocka_unit_test(test_decode_limits_hold_to_the_last_one),
        cmocka_unit_test(test_decode_depth_is_limited),
        cmocka_unit_test(test_decode_unknown_members_skipped_and_counted),
        cmocka_unit_test(test_decode_payload_that_is_no_object),
        cmocka_unit_test(test_decode_failure_keeps_what_was_read),
        cmocka_unit_test(test_malformed_name_every_one_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
