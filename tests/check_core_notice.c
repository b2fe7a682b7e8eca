/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON on one line, as every subscriber gets them. */
#include "core_fixture.h"

static const char *json_of(const struct fixture *f, enum notice_type type)
{
    static char words[8192];
    const struct notice *notice = fixture_notice(f, type);
    assert_non_null(notice);
    struct bytes_writer writer = bytes_writer(words, sizeof words - 1);
    notice_write_json(notice, &writer);
    assert_false(writer.overflowed);
    assert_true(writer.length <= notice_json_bytes_max(notice));
    words[writer.length] = '\0';
    assert_null(strchr(words, '\n'));
    return words;
}

static void test_notice_of_a_relay(void **state)
{
    struct fixture *f = *state;
    f->wall_ms = UINT64_C(1790000000123);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{\"destination_KMA_ID\":\"kma-9\",\"extension\":[\n{\"acme\":1}]}");
    assert_string_equal(
        json_of(f, NOTICE_RELAY_INSTRUCTED),
        "{\"event_id\":\"7\",\"type\":\"relay.instructed\",\"time\":\"2026-09-21T14:13:20.123Z\","
        "\"subject\":{\"km_id\":\"alice\",\"relay_id\":\"1\"},\"data\":{\"relay_id\":\"1\",\"state\":"
        "\"instructed\","
        "\"km_id\":\"alice\",\"source_kma_id\":\"kma-1\",\"destination_kma_id\":\"kma-9\","
        "\"path\":[\"kma-1\",\"kma-9\"],\"route_id\":\"r1\",\"decided_by\":\"route\",\"message_id\":7,"
        "\"extension\":[ {\"acme\":1}],\"received_at\":\"2026-09-21T14:13:20.123Z\"}}");
}

/* Received and failed in one step: each notice tells of its own state. */
static void test_notice_of_a_relay_tells_its_own_state(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-9\"}");
    const char *json = json_of(f, NOTICE_RELAY_RECEIVED);
    assert_non_null(strstr(json, "\"state\":\"received\",\"km_id\""));
    assert_null(strstr(json, "ended_at"));
    json = json_of(f, NOTICE_RELAY_FAILED);
    assert_non_null(strstr(json, "\"state\":\"failed\",\"reason\":\"no_route\""));
    assert_non_null(strstr(json, "ended_at"));
}

static void test_notice_of_a_lookup(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 7, "{\"destination_KMA_ID\":\"kma-9\"}");
    const char *json = json_of(f, NOTICE_LOOKUP_ANSWERED);
    assert_non_null(strstr(json, "\"subject\":{\"km_id\":\"alice\",\"lookup_id\":\"1\"}"));
    assert_non_null(strstr(json, "\"state\":\"answered\",\"reason\":\"no_route\""));
    assert_non_null(strstr(json, "\"next_kma_ids\":[]"));
}

static void test_notice_of_sessions(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    assert_non_null(
        strstr(json_of(f, NOTICE_KM_CONNECTED),
               "\"data\":{\"peer\":\"192.0.2.1:50112\",\"security\":\"tls\",\"tls_version\":\"TLSv1.3\","
               "\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"identity\":\"dns:alice\"}"));
    fixture_close(f, 0, REASON_PEER_CLOSED);
    assert_non_null(strstr(json_of(f, NOTICE_KM_DISCONNECTED),
                           "\"data\":{\"reason\":\"peer_closed\",\"detail\":\"gone\",\"peer\":"));
    fixture_open(f, 0, "dns:mallory");
    assert_non_null(strstr(json_of(f, NOTICE_KM_REFUSED), "\"reason\":\"not_enrolled\""));
}

static void test_notice_of_a_protocol_error(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "[]");
    assert_non_null(strstr(json_of(f, NOTICE_CK_PROTOCOL_ERROR),
                           "\"data\":{\"reason\":\"malformed\",\"detail\":\"not_object\",\"command\":3,"
                           "\"message_id\":7,\"offset\":0,\"version\":1,\"payload_bytes\":2,"
                           "\"excerpt_offset\":0,\"excerpt\":\"5b5d\"}"));
}

static void test_notice_of_a_protocol_error_shows_what_is_around_the_place(void **state)
{
    struct fixture *f = *state;
    char payload[1024] = "{\"destination_KMA_ID\": \"kma-9\", ", hex[2 * LIMIT_EXCERPT_BYTES + 1] = "",
         wanted[2048];
    size_t wrong_at = 600;
    memset(payload + strlen(payload), ' ', sizeof payload - 1 - strlen(payload));
    payload[wrong_at] = '!';
    payload[sizeof payload - 1] = '\0';
    for (size_t i = 0; i < LIMIT_EXCERPT_BYTES; i++)
        sprintf(hex + 2 * i, "%02x", (unsigned char)payload[wrong_at - LIMIT_EXCERPT_BYTES / 2 + i]);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, payload);
    snprintf(wanted, sizeof wanted,
             "\"offset\":600,\"version\":1,\"payload_bytes\":1023,\"excerpt_offset\":472,\"excerpt\":\"%s\"}",
             hex);
    assert_non_null(strstr(json_of(f, NOTICE_CK_PROTOCOL_ERROR), wanted));
    payload[wrong_at] = ' ';
    payload[sizeof payload - 2] = '!'; /* at its end there is no more behind, but before */
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, payload);
    assert_non_null(strstr(json_of(f, NOTICE_CK_PROTOCOL_ERROR),
                           "\"offset\":1022,\"version\":1,\"payload_bytes\":1023,"
                           "\"excerpt_offset\":767,\"excerpt\":\"2020"));
}

static void test_notice_of_changes(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    assert_non_null(strstr(json_of(f, NOTICE_ROUTE_CHANGED),
                           "\"subject\":{\"route_id\":\"r1\"},\"data\":{\"change\":\"created\"}"));
    fixture_put_link(f, "l1", "kma-1", "kma-9", LINK_UP);
    assert_non_null(strstr(json_of(f, NOTICE_LINK_CHANGED), "\"subject\":{\"link_id\":\"l1\"}"));
    fixture_put_application(f, "app", "kma-9");
    assert_non_null(strstr(json_of(f, NOTICE_CONFIG_CHANGED),
                           "\"data\":{\"change\":\"created\",\"object\":\"application/app\"}"));
}

static void test_notice_longest_fits_its_bound(void **state)
{
    struct fixture *f = *state;
    static char payload[5000] = "{\"response\":\"";
    memset(payload + strlen(payload), '\x01' + 'a', LIMIT_STRING_BYTES);
    for (size_t i = 13; i + 1 < 13 + LIMIT_STRING_BYTES; i += 2)
        memcpy(payload + i, "\\\"", 2);
    strcat(payload, "\"}");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, payload);
    json_of(f, NOTICE_RELAY_UNCORRELATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_notice_of_a_relay, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_a_relay_tells_its_own_state, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_a_lookup, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_sessions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_a_protocol_error, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_a_protocol_error_shows_what_is_around_the_place,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_of_changes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notice_longest_fits_its_bound, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
