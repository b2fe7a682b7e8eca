/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every route: who may, by the route table itself, and what malformed requests get. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/api.h"
#include "http/request.h"
#include "http_fake.h"

#define BASE "/api/v1"
#define VIEWER HTTP_ROLE_VIEWER
#define ORCHESTRATOR HTTP_ROLE_ORCHESTRATOR
#define ADMIN HTTP_ROLE_ADMIN

static int setup(void **state)
{
    *state = fake_start(NULL);
    return 0;
}

static int teardown(void **state)
{
    fake_stop(*state);
    return 0;
}

static const char *const verbs[] = { "GET", "PUT", "POST", "DELETE" };

/* "GET /api/v1/kms/{km_id}" with an identifier in the template's place. */
static void target_of(const struct route *route, char *out_target, size_t capacity)
{
    const char *brace = strchr(route->path, '{');
    if (brace == NULL)
        snprintf(out_target, capacity, "%s %s", verbs[route->method], route->path);
    else
        snprintf(out_target, capacity, "%s %.*s1%s", verbs[route->method], (int)(brace - route->path),
                 route->path, strchr(brace, '}') + 1);
}

static int status_of(struct fake *fake, enum http_role role, const char *target, bool with_body)
{
    struct http_answer answer = fake_ask(fake, role, target, with_body ? "{}" : NULL);
    int status = answer.status;
    client_answer_free(&answer);
    return status;
}

/* Every route of the table with every role: the least role that may, and no less. */
static void test_roles_are_enforced_on_every_route(void **state)
{
    struct fake *fake = *state;
    char target[256];
    size_t count;
    const struct route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++) {
        bool with_body = routes[i].method == METHOD_PUT || routes[i].method == METHOD_POST;
        target_of(&routes[i], target, sizeof target);
        for (enum http_role role = HTTP_ROLE_NONE; role <= HTTP_ROLE_ADMIN; role++) {
            int status = status_of(fake, role, target, with_body);
            bool may = role >= routes[i].role;
            int refusal = role == HTTP_ROLE_NONE ? 401 : 403;
            if (may == (status == 401 || status == 403) || (!may && status != refusal))
                fail_msg("%s as role %d: %d", target, (int)role, status);
        }
    }
}

static void test_without_a_token_nothing_is_told(void **state)
{
    struct fake *fake = *state;
    static const char *const targets[] = {
        "GET " BASE "/kms", "GET " BASE "/nothing", "PATCH " BASE "/kms",
        "GET /api",         "GET " BASE "/kms?x=1", "GET " BASE "/kms/%00"
    };
    char value[128];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct http_answer answer = fake_ask(fake, HTTP_ROLE_NONE, targets[i], NULL);
        assert_int_equal(answer.status, 401);
        assert_string_equal(client_header(&answer, "WWW-Authenticate", value, sizeof value),
                            "Bearer realm=\"ckbridge\"");
        assert_null(client_header(&answer, "Allow", value, sizeof value));
        client_answer_free(&answer);
    }
    static const char *const credentials[] = { "Authorization: Bearer nobody\r\n",
                                               "Authorization: Bearer expired-token\r\n",
                                               "Authorization: Basic YTpi\r\n", "Authorization: \r\n" };
    for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++) {
        struct http_answer answer =
            fake_ask_with(fake, HTTP_ROLE_NONE, "GET " BASE "/kms", credentials[i], NULL);
        assert_int_equal(answer.status, 401);
        assert_non_null(strstr(client_header(&answer, "WWW-Authenticate", value, sizeof value), "error="));
        client_answer_free(&answer);
    }
}

static void test_presence_is_what_orchestrators_do(void **state)
{
    struct fake *fake = *state;
    status_of(fake, VIEWER, "GET " BASE "/status", false);
    status_of(fake, ADMIN, "GET " BASE "/status", false);
    status_of(fake, ORCHESTRATOR, "GET " BASE "/status", false);
    fake_await_sign(fake, ORCHESTRATOR_REQUEST, 1);
    pthread_mutex_lock(&fake->lock);
    assert_int_equal(fake->signs[ORCHESTRATOR_REQUEST], 1);
    pthread_mutex_unlock(&fake->lock);
}

static void test_methods_that_a_path_lacks_are_405(void **state)
{
    struct fake *fake = *state;
    static const struct {
        const char *target, *allow;
    } cases[] = {
        { "POST " BASE "/kms", "GET, HEAD" },
        { "PATCH " BASE "/kms/a", "GET, HEAD, PUT, DELETE" },
        { "DELETE " BASE "/routes", "GET, HEAD, PUT" },
        { "GET " BASE "/relays/1/decision", "POST" },
        { "OPTIONS " BASE "/relays", "GET, HEAD, POST" },
    };
    char value[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_answer answer = fake_ask(fake, ADMIN, cases[i].target, NULL);
        assert_int_equal(answer.status, 405);
        assert_string_equal(client_header(&answer, "Allow", value, sizeof value), cases[i].allow);
        client_answer_free(&answer);
    }
}

static void test_head_is_get_without_a_body(void **state)
{
    struct fake *fake = *state;
    char length[32];
    struct http_answer answer =
        fake_ask_with(fake, VIEWER, "HEAD " BASE "/kms/alice", "Accept: text/event-stream\r\n", NULL);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_bytes, 0);
    assert_true(atoi(client_header(&answer, "Content-Length", length, sizeof length)) > 0);
    client_answer_free(&answer);
    answer = fake_ask_with(fake, VIEWER, "HEAD " BASE "/events", "Accept: text/event-stream\r\n", NULL);
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
}

static void test_bad_targets_and_parameters_are_named(void **state)
{
    struct fake *fake = *state;
    static const struct {
        const char *target;
        int status;
        const char *part;
    } cases[] = {
        { "GET " BASE "/kms/%00", 400, "bad_target" },
        { "GET " BASE "/kms/%zz", 400, "bad_target" },
        { "GET " BASE "/kms/a%", 400, "bad_target" },
        { "GET " BASE "/kms/%C0%AF", 400, "bad_target" },
        { "GET " BASE "/kms/%0A", 400, "bad_target" },
        { "GET " BASE "/kms/", 400, "bad_target" },
        { "GET " BASE "/kms/%252F", 404, "%2F" },
        { "GET " BASE "/kms/a/b", 404, "not_found" },
        { "GET " BASE "/KMS", 404, "not_found" },
        { "GET " BASE "/nothing", 404, "not_found" },
        { "GET " BASE "/kms?colour=1", 400, "\"parameter\":\"colour\"" },
        { "GET " BASE "/kms?%63olour=1", 400, "\"parameter\":\"colour\"" },
        { "GET " BASE "/kms?limit=1&limit=2", 400, "more than once" },
        { "GET " BASE "/kms?limit=0", 400, "\"parameter\":\"limit\"" },
        { "GET " BASE "/kms?limit=1001", 400, "\"parameter\":\"limit\"" },
        { "GET " BASE "/kms?limit=%ff", 400, "bad_target" },
        { "GET " BASE "/kms?limit", 400, "\"parameter\":\"limit\"" },
        { "GET " BASE "/kms?cursor=!", 400, "bad_cursor" },
        { "GET " BASE "/relays?cursor=YWJj", 400, "bad_cursor" },
        { "GET " BASE "/relays?state=lost", 400, "\"parameter\":\"state\"" },
        { "GET " BASE "/relays?decided_by=me", 400, "\"parameter\":\"decided_by\"" },
        { "GET " BASE "/relays?reason=why", 400, "\"parameter\":\"reason\"" },
        { "GET " BASE "/relays?received_after=now", 400, "\"parameter\":\"received_after\"" },
        { "GET " BASE "/relays?km_id=", 400, "\"parameter\":\"km_id\"" },
        { "GET " BASE "/events?type=relay.lost", 400, "\"parameter\":\"type\"" },
        { "GET " BASE "/events?subject=km_id:", 400, "\"parameter\":\"subject\"" },
        { "GET " BASE "/events?after=-1", 400, "\"parameter\":\"after\"" },
        { "GET " BASE "/events?before=x", 400, "\"parameter\":\"before\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fake_expect(fake, VIEWER, cases[i].target, NULL, cases[i].status, cases[i].part);
}

static void test_bodies_must_be_json_and_of_a_size(void **state)
{
    struct fake *fake = *state;
    size_t bytes = REQUEST_BODY_BYTES_MAX + 1;
    char *large = malloc(bytes + 1);
    assert_non_null(large);
    memset(large, ' ', bytes);
    large[bytes] = '\0';
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays", large, 413, "too_large");
    memcpy(large, "{}", 2);
    large[bytes - 1] = '\0';
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays", large, 400, "/path");
    free(large);
    struct http_answer answer =
        fake_ask_with(fake, ORCHESTRATOR, "POST " BASE "/relays",
                      "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", NULL);
    assert_int_equal(answer.status, 415);
    client_answer_free(&answer);
    static const char *const unsaid[] = { "", "Content-Type: application/x-www-form-urlencoded\r\n" };
    for (size_t i = 0; i < 2; i++) { /* judged by the body: it has no path */
        char head[128];
        snprintf(head, sizeof head, "%sContent-Length: 2\r\n\r\n{}", unsaid[i]);
        answer = fake_ask_with(fake, ORCHESTRATOR, "POST " BASE "/relays", head, NULL);
        assert_int_equal(answer.status, 400);
        assert_non_null(strstr(answer.body, "/path"));
        client_answer_free(&answer);
    }
    static const char chunked[] =
        "POST " BASE "/relays HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: Application/JSON ; "
        "charset=utf-8\r\nAuthorization: Bearer orchestrator-token\r\nTransfer-Encoding: chunked\r\n\r\n"
        "9\r\n{\"path\":[\r\n9\r\n\"a\",\"b\"]}\r\n0\r\n\r\n";
    answer = client_ask_raw(fake->address, chunked, sizeof chunked - 1);
    assert_int_equal(answer.status, 201);
    client_answer_free(&answer);
}

/* Too large by its own word: refused before it is sent. */
static void test_a_large_body_that_asks_first_is_told_at_once(void **state)
{
    struct fake *fake = *state;
    struct http_answer answer = fake_ask_with(
        fake, ORCHESTRATOR, "POST " BASE "/relays",
        "Content-Type: application/json\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n", NULL);
    assert_int_equal(answer.status, 413);
    client_answer_free(&answer);
}

static void test_answers_are_problems_with_the_headers_of_safety(void **state)
{
    struct fake *fake = *state;
    char value[64];
    struct http_answer answer = fake_ask(fake, VIEWER, "GET " BASE "/kms/bob", NULL);
    assert_string_equal(client_header(&answer, "Content-Type", value, sizeof value),
                        "application/problem+json");
    assert_string_equal(client_header(&answer, "X-Content-Type-Options", value, sizeof value), "nosniff");
    assert_string_equal(client_header(&answer, "Cache-Control", value, sizeof value), "no-store");
    client_answer_free(&answer);
}

/* Everything that is served is JSON, says the oracle, but for the metrics. */
static void test_answers_are_json(void **state)
{
    struct fake *fake = *state;
    char target[256];
    size_t count;
    const struct route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++) {
        json_error_t error;
        if (strcmp(routes[i].path, "/metrics") == 0)
            continue;
        target_of(&routes[i], target, sizeof target);
        struct http_answer answer = fake_ask(fake, ADMIN, target, NULL);
        json_t *json = json_loadb(answer.body, answer.body_bytes, JSON_REJECT_DUPLICATES, &error);
        if (json == NULL)
            fail_msg("%s: %s in %s", target, error.text, answer.body);
        json_decref(json);
        client_answer_free(&answer);
    }
}

/* A reader of history that fails is said, not hidden. */
static void test_history_that_cannot_be_read_is_503(void **state)
{
    struct fake *fake = *state;
    pthread_mutex_lock(&fake->lock);
    fake->history_unavailable = true;
    pthread_mutex_unlock(&fake->lock);
    fake_expect(fake, VIEWER, "GET " BASE "/relays", NULL, 503, "store_unavailable");
    fake_expect(fake, VIEWER, "GET " BASE "/relays/1", NULL, 503, "store_unavailable");
    fake_expect(fake, VIEWER, "GET " BASE "/lookups", NULL, 503, "store_unavailable");
    fake_expect(fake, VIEWER, "GET " BASE "/events", NULL, 503, "store_unavailable");
    fake_expect(fake, VIEWER, "GET " BASE "/kms", NULL, 200, NULL);
}

static void test_one_connection_carries_many_requests(void **state)
{
    struct fake *fake = *state;
    static const char requests[] =
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET " BASE "/kms/alice HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer viewer-token\r\n\r\n"
        "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct http_answer answer = client_ask_raw(fake->address, requests, sizeof requests - 1);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"km_id\":\"alice\""));
    assert_non_null(strstr(answer.body, "\"status\":\"ready\""));
    client_answer_free(&answer);
}

/* However it drips: a head or a body that does not arrive in time ends the connection. */
static void test_requests_that_do_not_arrive_end(void **state)
{
    struct http_options options = { .receive_ms = 50 };
    struct fake *fake = fake_start(&options);
    static const char *const parts[] = { "", "GET /hea",
                                         "POST " BASE "/relays HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
                                         "Content-Type: application/json\r\n"
                                         "Authorization: Bearer orchestrator-token\r\n\r\n{" };
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int fd = client_connect(fake->address);
        client_send(fd, parts[i], strlen(parts[i]));
        client_await_close(fd);
        close(fd);
    }
    assert_int_equal(fake_commands(fake), 0);
    fake_stop(fake);
}

static void test_reload_swaps_tokens_at_once(void **state)
{
    struct fake *fake = *state;
    char detail[256];
    size_t count;
    const struct http_token *tokens = fake_token_list(&count);
    struct http_options options = { .listen = "127.0.0.1:0", .tokens = tokens, .token_count = 1 };
    assert_int_equal(status_of(fake, ADMIN, "GET " BASE "/kms", false), 200);
    assert_true(http_reload(fake->http, &options, detail, sizeof detail));
    assert_int_equal(status_of(fake, ADMIN, "GET " BASE "/kms", false), 401);
    assert_int_equal(status_of(fake, VIEWER, "GET " BASE "/kms", false), 200);
    options.listen = "127.0.0.1:1";
    assert_false(http_reload(fake->http, &options, detail, sizeof detail));
    options.listen = "127.0.0.1:0";
    options.certificate = "/nonexistent.pem";
    assert_false(http_reload(fake->http, &options, detail, sizeof detail));
}

static void test_new_says_why_it_cannot_listen(void **state)
{
    struct fake *fake = *state;
    struct http_options options = { .listen = fake->address };
    struct http_backend backend = { .context = fake };
    char detail[256] = "";
    assert_null(http_new(&options, &backend, detail, sizeof detail));
    assert_non_null(strstr(detail, fake->address));
    options.listen = "nowhere";
    assert_null(http_new(&options, &backend, detail, sizeof detail));
    assert_non_null(strstr(detail, "ADDRESS:PORT"));
    options.listen = "127.0.0.1:0";
    options.certificate = "/nonexistent.pem";
    options.key = "/nonexistent.key";
    assert_null(http_new(&options, &backend, detail, sizeof detail));
    assert_non_null(strstr(detail, "/nonexistent.pem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_roles_are_enforced_on_every_route, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_a_token_nothing_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_presence_is_what_orchestrators_do, setup, teardown),
        cmocka_unit_test_setup_teardown(test_methods_that_a_path_lacks_are_405, setup, teardown),
        cmocka_unit_test_setup_teardown(test_head_is_get_without_a_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_targets_and_parameters_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bodies_must_be_json_and_of_a_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_large_body_that_asks_first_is_told_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers_are_problems_with_the_headers_of_safety, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_answers_are_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_that_cannot_be_read_is_503, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_connection_carries_many_requests, setup, teardown),
        cmocka_unit_test(test_requests_that_do_not_arrive_end),
        cmocka_unit_test_setup_teardown(test_reload_swaps_tokens_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_says_why_it_cannot_listen, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
