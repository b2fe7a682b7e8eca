/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP side's pure parts: targets, routes, cursors, times, tokens, bodies and problems. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "http/api.h"
#include "http/auth.h"
#include "http/body.h"
#include "http/instant.h"
#include "http/page.h"
#include "http/precondition.h"
#include "http/problem.h"
#include "http/resources.h"
#include "http/router.h"
#include "http/stream.h"
#include "http/uri.h"
#include "system/process_heap.h"

static void assert_text(struct text text, const char *expected)
{
    if (!text_equal_c(text, expected))
        fail_msg("\"%.*s\" instead of \"%s\"", TEXT_ARGUMENTS(text),
                 expected != NULL ? expected : "(absent)");
}

static void test_uri_split_takes_the_query_off(void **state)
{
    struct text path, query;
    (void)state;
    uri_split(TEXT("/a/b?c=d?e"), &path, &query);
    assert_text(path, "/a/b");
    assert_text(query, "c=d?e");
    uri_split(TEXT("/a"), &path, &query);
    assert_text(path, "/a");
    assert_text(query, NULL);
    uri_split(TEXT("http://host:1/a?"), &path, &query);
    assert_text(path, "/a");
    assert_text(query, "");
}

static void test_uri_decode_undoes_escapes_once_and_refuses_bad_ones(void **state)
{
    static const char *const bad[] = {
        "%", "%4", "%zz", "a%00b", "%C0%AF", "%ED%A0%80", "%F5%80%80%80", "%ff"
    };
    struct arena arena;
    struct text decoded;
    (void)state;
    arena_init(&arena, &process_heap);
    assert_true(uri_decode(TEXT("a%2Fb%252F+c"), URI_PATH, &arena, &decoded));
    assert_text(decoded, "a/b%2F+c");
    assert_true(uri_decode(TEXT("a+b%2B%C3%A9"), URI_QUERY, &arena, &decoded));
    assert_text(decoded, "a b+\xC3\xA9");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (uri_decode(text_from_c(bad[i]), URI_PATH, &arena, &decoded))
            fail_msg("%s was accepted", bad[i]);
    arena_fini(&arena);
}

static void test_uri_put_encoded_can_be_decoded(void **state)
{
    char buffer[64];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    (void)state;
    uri_put_encoded(&writer, TEXT("a/b c%~"));
    assert_text(bytes_written(&writer), "a%2Fb%20c%25~");
}

static enum handled no_handler(struct request *request)
{
    (void)request;
    return HANDLED_ANSWERED;
}

static void test_router_find_splits_before_it_decodes(void **state)
{
    static const struct route routes[] = {
        { METHOD_GET, "/x", HTTP_ROLE_NONE, NULL, no_handler },
        { METHOD_PUT, "/x/{id}", HTTP_ROLE_NONE, NULL, no_handler },
        { METHOD_POST, "/x/{id}/decision", HTTP_ROLE_NONE, NULL, no_handler },
    };
    struct router_match match;
    (void)state;
    match = router_find(routes, 3, METHOD_PUT, TEXT("/x/a%2Fb"));
    assert_ptr_equal(match.route, &routes[1]);
    assert_text(match.capture, "a%2Fb");
    match = router_find(routes, 3, METHOD_POST, TEXT("/x/7/decision"));
    assert_ptr_equal(match.route, &routes[2]);
    assert_text(match.capture, "7");
    match = router_find(routes, 3, METHOD_GET, TEXT("/x/7"));
    assert_null(match.route);
    assert_int_equal(match.methods, 1u << METHOD_PUT);
    static const char *const none[] = { "/x/", "/x/a/b", "/X", "x", "", "//x", "/x/7/decision/" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        match = router_find(routes, 3, METHOD_GET, text_from_c(none[i]));
        if (match.route != NULL || (match.methods != 0 && strcmp(none[i], "/x/") != 0))
            fail_msg("\"%s\" was found", none[i]);
    }
}

static void test_router_allow_names_head_with_get(void **state)
{
    char allow[48];
    (void)state;
    router_allow(1u << METHOD_GET | 1u << METHOD_DELETE, allow, sizeof allow);
    assert_string_equal(allow, "GET, HEAD, DELETE");
}

static void test_api_routes_agree_with_their_limits(void **state)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    (void)state;
    assert_true(count > 25);
    for (size_t i = 0; i < count; i++) {
        size_t parameters = 0;
        while (routes[i].parameters != NULL && routes[i].parameters[parameters] != NULL)
            parameters++;
        assert_true(parameters <= ROUTE_PARAMETERS_MAX);
        bool is_api = strncmp(routes[i].path, "/api/v1/", 8) == 0;
        bool is_sign_in = routes[i].handle == handle_session_create; /* where a token is shown in the body */
        bool is_metrics = routes[i].handle == handle_metrics;
        assert_int_equal((is_api && !is_sign_in) || is_metrics, routes[i].role != HTTP_ROLE_NONE);
        for (size_t j = 0; j < i; j++)
            assert_false(routes[i].method == routes[j].method && strcmp(routes[i].path, routes[j].path) == 0);
    }
}

static void test_page_cursor_comes_back(void **state)
{
    static const char *const keys[] = { "a", "ab", "abc", "abcd", "\xC3\xA9/%?" };
    struct arena arena;
    (void)state;
    arena_init(&arena, &process_heap);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char buffer[32];
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        page_put_cursor(&writer, text_from_c(keys[i]));
        assert_text(page_cursor_key(&arena, bytes_written(&writer)), keys[i]);
    }
    static const char *const bad[] = { "", "a", "YQ=", "Y!", "YR", "YWJjZ" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (text_is_present(page_cursor_key(&arena, text_from_c(bad[i]))))
            fail_msg("\"%s\" was accepted", bad[i]);
    arena_fini(&arena);
}

static void test_instant_from_text_reads_what_is_written(void **state)
{
    uint64_t ms;
    (void)state;
    for (uint64_t day = 0; day < 200 * 365; day += 13) {
        char buffer[32];
        struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
        uint64_t then = day * 86400000 + day % 86400 * 1000 + day % 1000;
        bytes_put_time(&writer, then);
        assert_true(instant_from_text(bytes_written(&writer), &ms));
        assert_true(ms == then);
    }
    assert_true(instant_from_text(TEXT("1970-01-01T01:00:00.5+01:00"), &ms));
    assert_true(ms == 500);
    static const char *const bad[] = { "",
                                       "1970-01-01",
                                       "1970-01-01T00:00:00",
                                       "1970-13-01T00:00:00Z",
                                       "1971-02-29T00:00:00Z",
                                       "1970-01-01T24:00:00Z",
                                       "1970-01-01T00:00:00.Z",
                                       "1970-01-01T00:00:00ZZ",
                                       "1970-01-01T00:00:00+01:00",
                                       "1970-01-01T00:00:00+0100",
                                       "+970-01-01T00:00:00Z" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (instant_from_text(text_from_c(bad[i]), &ms))
            fail_msg("\"%s\" was accepted", bad[i]);
}

static void test_auth_tokens_are_found_by_secret_and_by_id(void **state)
{
    struct http_token tokens[] = { { .name = "ops", .role = HTTP_ROLE_ADMIN, .expires_ms = 5000 },
                                   { .name = "eye", .role = HTTP_ROLE_VIEWER } };
    struct http_options options = { .tokens = tokens, .token_count = 2 };
    struct secret_digest digest;
    (void)state;
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "secret", 6, tokens[0].sha256);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "glass", 5, tokens[1].sha256);
    struct auth *auth = auth_new(&options);
    assert_non_null(auth);
    assert_true(auth_bearer_digest(TEXT("Bearer secret"), &digest));
    assert_text(auth_token(auth, &digest)->actor, "token:ops");
    assert_int_equal(auth_token(auth, &digest)->expires_ms, 5000);
    assert_true(auth_bearer_digest(TEXT("bearer  glass"), &digest));
    assert_int_equal(auth_token(auth, &digest)->role, HTTP_ROLE_VIEWER);
    assert_ptr_equal(auth_token_of_id(auth, TEXT("eye")), auth_token(auth, &digest));
    assert_true(auth_bearer_digest(TEXT("Bearer secre"), &digest));
    assert_null(auth_token(auth, &digest));
    assert_true(auth_bearer_digest(TEXT("Bearer secret "), &digest));
    assert_null(auth_token(auth, &digest));
    assert_false(auth_bearer_digest(TEXT("Basic secret"), &digest));
    assert_false(auth_bearer_digest(TEXT("Bearer "), &digest));
    assert_false(auth_bearer_digest(TEXT("Bearer"), &digest));
    auth_free(auth);
}

static void test_auth_certificate_matches_names_exactly_but_for_dns_case(void **state)
{
    struct http_client clients[] = { { "orch", HTTP_ROLE_ORCHESTRATOR, "dns:orch.example" },
                                     { "nms", HTTP_ROLE_VIEWER, "uri:urn:Nms" } };
    struct http_options options = { .clients = clients, .client_count = 2 };
    struct text proven[] = { TEXT("dns:other.example"), TEXT("dns:ORCH.example") };
    struct text other = TEXT("uri:urn:nms");
    enum http_role role = HTTP_ROLE_NONE;
    struct text actor;
    (void)state;
    struct auth *auth = auth_new(&options);
    assert_int_equal(auth_certificate(auth, proven, 2, &role, &actor), AUTH_OK);
    assert_int_equal(role, HTTP_ROLE_ORCHESTRATOR);
    assert_text(actor, "client:orch");
    assert_int_equal(auth_certificate(auth, &other, 1, &role, &actor), AUTH_UNKNOWN);
    assert_int_equal(auth_certificate(auth, NULL, 0, &role, &actor), AUTH_NONE);
    auth_free(auth);
}

static void test_problem_write_json_replaces_what_is_not_utf8(void **state)
{
    char buffer[512];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    struct problem problem = {
        .kind = PROBLEM_BAD_MEMBER, .detail = TEXT("a\xFF"), .pointer = TEXT("/a"), .reason = REASON_CYCLE
    };
    (void)state;
    problem_write_json(&writer, &problem);
    assert_text(bytes_written(&writer),
                "{\"type\":\"urn:ckbridge:problem:bad_member\",\"title\":\"A member's value is not "
                "acceptable\",\"status\":400,\"detail\":\"a?\",\"pointer\":\"/a\",\"reason\":\"cycle\"}");
}

/* Parses, reads one identifier "a", and checks what the problem says; NULL: none. */
static void expect_body(const char *text, size_t length, const char *part)
{
    static const char *const members[] = { "a", "b/c", NULL };
    struct request request;
    struct body body;
    struct text a;
    request_init(&request);
    request.body = malloc(length + 1);
    assert_non_null(request.body);
    memcpy(request.body, text, length);
    request.body_bytes = length;
    bool good = body_parse(&request, &request.arena, &body) && body_has_only(&body, members) &&
                body_identifier(&body, "a", MANDATORY, &a);
    assert_int_equal(good, part == NULL);
    assert_int_equal(request.answered, part != NULL);
    if (part != NULL) {
        char *answer = strndup(request.answer.body, request.answer.body_bytes);
        if (strstr(answer, part) == NULL)
            fail_msg("%s: no %s in %s", text, part, answer);
        free(answer);
    }
    request_fini(&request);
}

static void test_body_names_what_it_refuses(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "{\"a\":\"x\"}", NULL },
        { "", "not_json" },
        { "{", "not_json" },
        { "{\"a\":\"x\"} x", "not_json" },
        { "{\"a\":\"x\",\"a\":\"y\"}", "\"pointer\":\"/a\"" },
        { "{\"a\":\"x\",\"b/c\":[0,{\"d\":1,\"\\u0064\":2}]}", "\"pointer\":\"/b~1c/1/d\"" },
        { "{\"a\":{},\"a\":[1,{\"a\":2}]}", "given twice" },
        { "{\"a\":\"\\u0000\"}", "\"pointer\":\"/a\"" },
        { "{\"b/c\":[[],[1,1e400]]}", "\"pointer\":\"/b~1c/1/1\"" },
        { "{\"a\":9223372036854775808}", "too large" },
        { "{\"a\":-9223372036854775809 }", "\"pointer\":\"/a\"" },
        { "{\"\\u0000\":1}", "NUL" },
        { "\xEF\xBB\xBF{\"a\":\"x\"}", "byte order mark" },
        { "{\"a\":\"\\ud800\"}", "line 1, column" },
        { "1e400", "\"pointer\":\"\"" },
        { "\"x\"", "JSON object" },
        { "{\"a\":\"\xC0\xAF\"}", "not_json" },
        { "[]", "JSON object" },
        { "{\"a\":\"x\",\"z~/\":1}", "/z~0~1" },
        { "{}", "missing_member" },
        { "{\"a\":null}", "missing_member" },
        { "{\"a\":1}", "\"pointer\":\"/a\"" },
        { "{\"a\":\"\"}", "bad_member" },
        { "{\"a\":\"\\u0007\"}", "bad_member" },
        { "{\"a\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}", "nested" },
        { "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[\"}", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_body(cases[i].text, strlen(cases[i].text), cases[i].part);
    expect_body("{\"a\":\"x\0\"}", 10, "not_json");
    expect_body("{\"a\":1\0}", 8, "NUL byte");
    expect_body("{\"a\":\"x\"}\0", 10, "NUL byte");
}

static void test_tags_compare_as_rfc_9110_says(void **state)
{
    static const struct {
        const char *field;
        enum tags_verdict strongly, weakly, absent; /* the last: of what does not exist */
    } cases[] = {
        { NULL, TAGS_NOT_GIVEN, TAGS_NOT_GIVEN, TAGS_NOT_GIVEN },
        { "*", TAGS_MATCH, TAGS_MATCH, TAGS_DIFFER },
        { " \t* ", TAGS_MATCH, TAGS_MATCH, TAGS_DIFFER },
        { "\"7\"", TAGS_MATCH, TAGS_MATCH, TAGS_DIFFER },
        { "W/\"7\"", TAGS_DIFFER, TAGS_MATCH, TAGS_DIFFER },
        { "\"07\"", TAGS_DIFFER, TAGS_DIFFER, TAGS_DIFFER },
        { "\"\"", TAGS_DIFFER, TAGS_DIFFER, TAGS_DIFFER },
        { "\"6\", \"7\"", TAGS_MATCH, TAGS_MATCH, TAGS_DIFFER },
        { ",, \"6\" ,W/\"7\",", TAGS_DIFFER, TAGS_MATCH, TAGS_DIFFER },
        { "\"a,7\",\"b\"", TAGS_DIFFER, TAGS_DIFFER, TAGS_DIFFER },
        { "\"7,\"", TAGS_DIFFER, TAGS_DIFFER, TAGS_DIFFER },
        { "\"\xC3\xA9\"", TAGS_DIFFER, TAGS_DIFFER, TAGS_DIFFER },
        { "", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { " , ", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "7", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "\"7", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "7\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "w/\"7\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "W/ \"7\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "\"7\" \"8\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "\"7\", *", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "*, \"7\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
        { "\"a b\"", TAGS_MALFORMED, TAGS_MALFORMED, TAGS_MALFORMED },
    };
    const struct validator there = { true, TEXT("7") }, nowhere = { false, TEXT("") };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text field = text_from_c(cases[i].field);
        if (tags_compare(field, &there, TAGS_STRONGLY) != cases[i].strongly ||
            tags_compare(field, &there, TAGS_WEAKLY) != cases[i].weakly ||
            tags_compare(field, &nowhere, TAGS_WEAKLY) != cases[i].absent)
            fail_msg("case %zu: %s", i, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uri_split_takes_the_query_off),
        cmocka_unit_test(test_uri_decode_undoes_escapes_once_and_refuses_bad_ones),
        cmocka_unit_test(test_uri_put_encoded_can_be_decoded),
        cmocka_unit_test(test_router_find_splits_before_it_decodes),
        cmocka_unit_test(test_router_allow_names_head_with_get),
        cmocka_unit_test(test_api_routes_agree_with_their_limits),
        cmocka_unit_test(test_page_cursor_comes_back),
        cmocka_unit_test(test_instant_from_text_reads_what_is_written),
        cmocka_unit_test(test_auth_tokens_are_found_by_secret_and_by_id),
        cmocka_unit_test(test_auth_certificate_matches_names_exactly_but_for_dns_case),
        cmocka_unit_test(test_problem_write_json_replaces_what_is_not_utf8),
        cmocka_unit_test(test_body_names_what_it_refuses),
        cmocka_unit_test(test_tags_compare_as_rfc_9110_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
