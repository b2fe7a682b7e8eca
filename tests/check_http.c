/* SPDX-License-Identifier: Apache-2.0 */
/* The real HTTP thread over loopback: every route, and what bad input gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/api.h"
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

static void test_health_needs_no_token(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, HTTP_ROLE_NONE, "GET /healthz", NULL, 200, "\"ok\"");
    fake_expect(fake, HTTP_ROLE_NONE, "GET /readyz", NULL, 200, "\"ready\"");
    pthread_mutex_lock(&fake->lock);
    fake->store_available = false;
    pthread_mutex_unlock(&fake->lock);
    fake_expect(fake, HTTP_ROLE_NONE, "GET /readyz", NULL, 503, "not_ready");
    fake_expect(fake, HTTP_ROLE_NONE, "GET /", NULL, 404, "not_found");
    fake_expect(fake, HTTP_ROLE_NONE, "POST /healthz", NULL, 405, "GET, HEAD");
}

static void test_status_shows_totals_and_limits(void **state)
{
    fake_expect(*state, VIEWER, "GET " BASE "/status", NULL, 200, "\"instance\":\"bridge-1\"");
    fake_expect(*state, VIEWER, "GET " BASE "/status", NULL, 200, "\"sessions\":{\"used\":0,\"max\":100}");
    fake_expect(*state, VIEWER, "GET " BASE "/status", NULL, 200, "\"order\":[\"routes\"]");
}

static void test_kms_are_listed_read_written_and_deleted(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, VIEWER, "GET " BASE "/kms", NULL, 200, "\"next_cursor\":null");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/alice", NULL, 200, "\"relay_notifications\":7");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/alice", NULL, 200, "\"identity\":\"dns:alice.example\"");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/alice", NULL, 200, "\"message_id\":\"echo\"");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/bob", NULL, 404, "bob");
    fake->status = REPLY_CREATED;
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/b%2Fob",
                "{\"kma_ids\":[\"kma-2\"],\"identity\":[\"cn:bob\",\"psk:b\"],\"enabled\":false,"
                "\"dialect\":{\"message_id\":\"fresh\",\"version\":[1,2]}}",
                201, "\"km_id\":\"b/ob\"");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/b%2fob", NULL, 200, "\"version\":\"1, 2\"");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/b%2Fob", NULL, 200, "\"identity\":\"cn:bob, psk:b\"");
    assert_int_equal(fake->last->command.kind, COMMAND_KM_PUT);
    assert_true(text_equal(fake->last->command.actor, TEXT("token:admin-token")));
    fake->status = REPLY_OK;
    fake_expect(fake, ADMIN, "DELETE " BASE "/kms/alice", NULL, 200, "\"deleted\":1");
    assert_true(text_equal(fake->last->command.id, TEXT("alice")));
}

/* Read, change, write: what GET shows can be sent back. */
static void test_kms_can_be_written_as_they_are_read(void **state)
{
    struct fake *fake = *state;
    struct http_answer answer = fake_ask(fake, VIEWER, "GET " BASE "/kms/alice", NULL);
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/alice", answer.body, 200, "\"km_id\":\"alice\"");
    client_answer_free(&answer);
}

static void test_kms_refuse_bad_members_by_name(void **state)
{
    struct fake *fake = *state;
    static const struct {
        const char *body, *part;
    } cases[] = {
        { "{\"identity\":\"cn:a\"}", "\"pointer\":\"/kma_ids\"" },
        { "{\"kma_ids\":[],\"identity\":\"cn:a\"}", "\"pointer\":\"/kma_ids\"" },
        { "{\"kma_ids\":[\"k\",7],\"identity\":\"cn:a\"}", "element 1" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"alice\"}", "\"pointer\":\"/identity\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":[1]}", "\"pointer\":\"/identity\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"enabled\":1}", "\"pointer\":\"/enabled\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"km_id\":\"b\"}", "\"pointer\":\"/km_id\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"x\":1}", "\"pointer\":\"/x\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"dialect\":{\"x\":\"y\"}}",
          "\"pointer\":\"/dialect/x\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"dialect\":{\"transit\":\"y\"}}",
          "\"pointer\":\"/dialect/transit\"" },
        { "{\"kma_ids\":[\"k\"],\"identity\":\"cn:a\",\"dialect\":[]}", "\"pointer\":\"/dialect\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fake_expect(fake, ADMIN, "PUT " BASE "/kms/a", cases[i].body, 400, cases[i].part);
    assert_int_equal(fake_commands(fake), 0);
}

static void test_applications_are_read_and_written(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_CREATED;
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", "{\"kma_id\":\"kma-9\"}", 201,
                "\"application_id\":\"app\"");
    fake_expect(fake, VIEWER, "GET " BASE "/applications/app", NULL, 200, "\"kma_id\":\"kma-9\"");
    fake_expect(fake, VIEWER, "GET " BASE "/applications", NULL, 200, "\"application_id\":\"app\"");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", "{}", 400, "/kma_id");
    fake->status = REPLY_OK;
    fake_expect(fake, ORCHESTRATOR, "DELETE " BASE "/applications/app", NULL, 200, "\"deleted\":1");
}

static void test_policies_of_destinations_are_read_and_written(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_CREATED;
    fake_expect(
        fake, ORCHESTRATOR, "PUT " BASE "/destinations/kma-9",
        "{\"order\":[\"computed\",\"orchestrator\"],\"orchestrator_ms\":3600000,\"completion_ms\":null}", 201,
        "\"kma_id\":\"kma-9\",\"order\":[\"computed\",\"orchestrator\"],\"orchestrator_ms\":3600000,"
        "\"completion_ms\":null,\"origin\":\"api\"");
    fake_expect(fake, VIEWER, "GET " BASE "/destinations/kma-9", NULL, 200, "\"order\":[\"computed\"");
    fake_expect(fake, VIEWER, "GET " BASE "/destinations", NULL, 200, "\"kma_id\":\"kma-9\"");
    fake_expect(fake, VIEWER, "GET " BASE "/destinations/kma-8", NULL, 404, NULL);
    fake_expect(fake, VIEWER, "PUT " BASE "/destinations/kma-9", "{}", 403, NULL);
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/destinations/kma-9", "{}", 201, "\"order\":null");
    fake->status = REPLY_OK;
    fake_expect(fake, ORCHESTRATOR, "DELETE " BASE "/destinations/kma-9", NULL, 200, "\"deleted\":1");
}

static void test_policies_are_refused_by_name(void **state)
{
    static const struct {
        const char *body, *words;
    } cases[] = {
        { "{\"order\":[]}", "\"pointer\":\"/order\"" },
        { "{\"order\":\"routes\"}", "\"pointer\":\"/order\"" },
        { "{\"order\":[\"routes\",\"route\"]}", "\"pointer\":\"/order/1\"" },
        { "{\"order\":[7]}", "\"pointer\":\"/order/0\"" },
        { "{\"order\":[\"routes\",\"computed\",\"routes\"]}", "\"pointer\":\"/order/2\"" },
        { "{\"order\":[\"routes\",\"computed\",\"routes\"]}", "twice" },
        { "{\"order\":[\"routes\",\"computed\",\"orchestrator\",\"x\"]}", "\"pointer\":\"/order/3\"" },
        { "{\"orchestrator_ms\":0}", "\"pointer\":\"/orchestrator_ms\"" },
        { "{\"orchestrator_ms\":3600001}", "\"pointer\":\"/orchestrator_ms\"" },
        { "{\"completion_ms\":86400001}", "\"pointer\":\"/completion_ms\"" },
        { "{\"completion_ms\":\"1\"}", "\"pointer\":\"/completion_ms\"" },
        { "{\"presence_ms\":1}", "\"pointer\":\"/presence_ms\"" },
        { "{\"kma_id\":\"kma-8\"}", "\"pointer\":\"/kma_id\"" },
    };
    struct fake *fake = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/destinations/kma-9", cases[i].body, 400,
                    cases[i].words);
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/bob",
                "{\"kma_ids\":[\"k\"],\"identity\":\"cn:b\",\"policy\":{\"order\":[\"routes\",\"routes\"]}}",
                400, "\"pointer\":\"/policy/order/1\"");
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/bob",
                "{\"kma_ids\":[\"k\"],\"identity\":\"cn:b\",\"policy\":{\"retries\":1}}", 400,
                "\"pointer\":\"/policy/retries\"");
    assert_null(fake->last);
}

static void test_policy_of_a_km_is_shown_with_where_it_comes_from(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_CREATED;
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/bob",
                "{\"kma_ids\":[\"k\"],\"identity\":\"cn:b\",\"policy\":{\"orchestrator_ms\":500},"
                "\"policy_in_force\":{\"passed\":\"over\"}}",
                201, "\"policy\":{\"order\":null,\"orchestrator_ms\":500,\"completion_ms\":null}");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/bob", NULL, 200,
                "\"orchestrator_ms\":{\"value\":500,\"from\":\"km\"}");
    fake_expect(fake, VIEWER, "GET " BASE "/kms/bob", NULL, 200,
                "\"policy_in_force\":{\"order\":{\"value\":[\"routes\"],\"from\":\"decision\"}");
}

static void test_routes_are_read_written_and_replaced(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_CREATED;
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/routes/r1",
                "{\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\",\"kma-4\",\"kma-9\"],\"priority\":-5,"
                "\"valid_until\":\"2030-01-01T00:00:00Z\"}",
                201, "\"warnings\":[\"kma-1 to kma-2 has no link\"]");
    fake_expect(fake, VIEWER, "GET " BASE "/routes/r1", NULL, 200, "\"priority\":-5");
    fake_expect(fake, VIEWER, "GET " BASE "/routes/r1", NULL, 200, "\"source_kma_id\":\"kma-1\"");
    fake_expect(fake, VIEWER, "GET " BASE "/routes/r1", NULL, 200,
                "\"valid_until\":\"2030-01-01T00:00:00.000Z\"");
    fake->status = REPLY_OK;
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/routes?origin=planner",
                "{\"routes\":[{\"route_id\":\"r2\",\"destination_kma_id\":\"kma-9\","
                "\"next_hops\":{\"kma-1\":[\"kma-2\",\"kma-3\"],\"kma-2\":[\"kma-9\"]}}]}",
                200, "\"created\":1");
    assert_true(text_equal(fake->last->command.id, TEXT("planner")));
    fake_expect(fake, VIEWER, "GET " BASE "/routes/r2", NULL, 200,
                "\"next_hops\":{\"kma-1\":[\"kma-2\",\"kma-3\"],\"kma-2\":[\"kma-9\"]}");
    fake_expect(fake, VIEWER, "GET " BASE "/routes?origin=planner&limit=1", NULL, 200,
                "{\"items\":[{\"route_id\":\"r2\"");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/routes?dry_run=true",
                "{\"origin\":\"planner\",\"routes\":[]}", 200, "\"dry_run\":true");
    assert_true(fake->last->command.dry_run);
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/routes/r9?dry_run=true",
                "{\"destination_kma_id\":\"k\",\"path\":[\"a\",\"k\"]}", 200, "\"updated\":1");
    fake_expect(fake, VIEWER, "GET " BASE "/routes/r9", NULL, 404, NULL);
}

static void test_routes_refuse_bad_bodies_by_name(void **state)
{
    struct fake *fake = *state;
    static const struct {
        const char *target, *body, *part;
    } cases[] = {
        { "PUT " BASE "/routes/r", "{\"destination_kma_id\":\"k\"}", "either" },
        { "PUT " BASE "/routes/r", "{\"destination_kma_id\":\"k\",\"path\":[\"a\"],\"next_hops\":{}}",
          "either" },
        { "PUT " BASE "/routes/r", "{\"destination_kma_id\":\"k\",\"path\":\"a\"}", "/path" },
        { "PUT " BASE "/routes/r", "{\"destination_kma_id\":\"k\",\"next_hops\":{\"a\":[]}}",
          "/next_hops/a" },
        { "PUT " BASE "/routes/r", "{\"path\":[\"a\",\"b\"],\"priority\":1.5,\"destination_kma_id\":\"b\"}",
          "/priority" },
        { "PUT " BASE "/routes/r", "{\"path\":[\"a\",\"b\"],\"valid_until\":7,\"destination_kma_id\":\"b\"}",
          "/valid_until" },
        { "PUT " BASE "/routes", "{\"routes\":[]}", "/origin" },
        { "PUT " BASE "/routes?origin=a", "{\"origin\":\"b\",\"routes\":[]}", "/origin" },
        { "PUT " BASE "/routes?origin=a", "{\"routes\":[{},7]}", "/routes/0" },
        { "PUT " BASE "/routes?origin=a", "{\"routes\":[{\"x\":1}]}", "/routes/0/x" },
        { "PUT " BASE "/routes?origin=a&dry_run=maybe", "{\"routes\":[]}", "\"parameter\":\"dry_run\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fake_expect(fake, ORCHESTRATOR, cases[i].target, cases[i].body, 400, cases[i].part);
    assert_int_equal(fake_commands(fake), 0);
}

static void test_links_are_read_written_and_replaced(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1",
                "{\"a\":\"kma-1\",\"b\":\"kma-2\",\"cost\":3,\"state\":\"down\"}", 200, "\"state\":\"down\"");
    fake_expect(fake, VIEWER, "GET " BASE "/links/l1", NULL, 200, "\"key_stock\":null");
    fake_expect(
        fake, ORCHESTRATOR, "PUT " BASE "/links",
        "{\"origin\":\"nms\",\"links\":[{\"link_id\":\"l2\",\"a\":\"x\",\"b\":\"y\",\"key_stock\":7}]}", 200,
        "\"created\":1");
    fake_expect(fake, VIEWER, "GET " BASE "/links?origin=nms", NULL, 200, "\"key_stock\":7");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1", "{\"a\":\"x\",\"b\":\"y\",\"state\":\"on\"}",
                400, "up | down");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1",
                "{\"a\":\"x\",\"b\":\"y\",\"key_stock\":7,\"key_capacity\":7}", 200, "\"key_capacity\":7");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1",
                "{\"a\":\"x\",\"b\":\"y\",\"key_capacity\":null}", 200, "\"key_capacity\":null");
    fake_expect(fake, ORCHESTRATOR, "DELETE " BASE "/links/l1", NULL, 200, "\"deleted\":1");
}

static void test_link_with_more_keys_than_it_holds_is_refused(void **state)
{
    struct fake *fake = *state;
    const size_t before = fake_commands(fake);
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1",
                "{\"a\":\"x\",\"b\":\"y\",\"key_stock\":8,\"key_capacity\":7}", 400,
                "8 keys are more than key_capacity, which is 7; tell fewer, or a greater "
                "capacity\",\"pointer\":\"/key_stock\"");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links",
                "{\"origin\":\"nms\",\"links\":[{\"link_id\":\"l2\",\"a\":\"x\",\"b\":\"y\",\"key_stock\":"
                "9223372036854775807,\"key_capacity\":1}]}",
                400, "\"pointer\":\"/links/0/key_stock\"");
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links/l1", "{\"a\":\"x\",\"b\":\"y\",\"key_capacity\":0}",
                400, "/key_capacity");
    assert_int_equal(fake_commands(fake), before);
}

static void test_relays_are_listed_read_started_and_decided(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, VIEWER, "GET " BASE "/relays", NULL, 200, "{\"items\":[{\"relay_id\":\"5\"");
    fake_expect(fake, VIEWER, "GET " BASE "/relays?state=awaiting_decision&limit=1", NULL, 200,
                "{\"items\":[{\"relay_id\":\"4\"");
    fake_expect(
        fake, VIEWER, "GET " BASE "/relays/3", NULL, 200,
        "\"timeline\":[{\"time\":\"1970-01-01T00:00:01.000Z\",\"state\":\"received\",\"reason\":null}]");
    fake_expect(fake, VIEWER, "GET " BASE "/relays/3", NULL, 200, "\"extension\":[{\"x_a\":\n1}]");
    fake_expect(fake, VIEWER, "GET " BASE "/relays/99", NULL, 404, NULL);
    fake_expect(fake, VIEWER, "GET " BASE "/relays/x", NULL, 404, NULL);
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays/2/decision", "{\"path\":[\"kma-1\",\"kma-9\"]}",
                200, "\"relay_id\":\"2\"");
    assert_int_equal(fake->last->command.path_length, 2);
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays/2/decision", "{\"reject\":\"no\"}", 200, NULL);
    assert_true(text_equal(fake->last->command.reject, TEXT("no")));
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays/2/decision", "{}", 400, "either");
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays/2/decision", "{\"reject\":\"\"}", 400, "/reject");
    fake->status = REPLY_CREATED;
    struct http_answer answer =
        fake_ask(fake, ORCHESTRATOR, "POST " BASE "/relays", "{\"path\":[\"kma-1\",\"kma-9\"]}");
    char location[64];
    assert_int_equal(answer.status, 201);
    assert_string_equal(client_header(&answer, "Location", location, sizeof location), BASE "/relays/3");
    client_answer_free(&answer);
}

static void test_lookups_are_listed_read_and_decided(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, VIEWER, "GET " BASE "/lookups?state=awaiting_decision", NULL, 200,
                "\"lookup_id\":\"1\"");
    fake_expect(fake, VIEWER, "GET " BASE "/lookups/1", NULL, 200, "\"next_kma_ids\":[]");
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/lookups/1/decision",
                "{\"next_hops\":[\"kma-2\"],\"destination_kma_id\":\"kma-9\"}", 200, "\"lookup_id\":\"1\"");
    assert_true(text_equal(fake->last->command.kma_id, TEXT("kma-9")));
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/lookups/1/decision", "{\"path\":[\"kma-2\"]}", 400,
                "/path");
    fake_expect(fake, VIEWER, "GET " BASE "/lookups?state=succeeded", NULL, 400, "\"parameter\":\"state\"");
}

static void test_lists_go_on_at_the_cursor_to_the_end(void **state)
{
    struct fake *fake = *state;
    char target[256] = "GET " BASE "/relays?limit=2";
    int seen = 0;
    for (int pages = 0; pages < 4 && target[0] != '\0'; pages++) {
        struct http_answer answer = fake_ask(fake, VIEWER, target, NULL);
        assert_int_equal(answer.status, 200);
        for (const char *at = answer.body; (at = strstr(at, "\"relay_id\":")) != NULL; at++)
            seen++;
        char *next = strstr(answer.body, "\"next_cursor\":\"");
        target[0] = '\0';
        if (next != NULL) {
            next += strlen("\"next_cursor\":\"");
            snprintf(target, sizeof target, "GET " BASE "/relays?limit=2&cursor=%.*s",
                     (int)strcspn(next, "\""), next);
        }
        client_answer_free(&answer);
    }
    assert_int_equal(seen, FAKE_RELAYS);
    assert_string_equal(target, "");
}

static void test_replies_become_statuses(void **state)
{
    struct fake *fake = *state;
    static const struct {
        enum reply_status status;
        enum reason reason;
        int http;
        const char *type;
    } cases[] = {
        { REPLY_NOT_FOUND, REASON_NOT_FOUND, 404, "problem:not_found" },
        { REPLY_CONFLICT, REASON_NOT_HELD, 409, "\"reason\":\"not_held\"" },
        { REPLY_STALE, REASON_REVISION_MISMATCH, 412, "problem:stale" },
        { REPLY_INVALID, REASON_UNKNOWN_KMA, 422, "\"reason\":\"unknown_kma\"" },
        { REPLY_BUSY, REASON_STORE_UNAVAILABLE, 503, "problem:store_unavailable" },
        { REPLY_BUSY, REASON_LIMIT_REACHED, 503, "problem:busy" },
    };
    fake->detail = "path/1: kma-7 is not known";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake->status = cases[i].status;
        fake->reason = cases[i].reason;
        fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays", "{\"path\":[\"a\",\"b\"]}", cases[i].http,
                    cases[i].type);
        fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays", "{\"path\":[\"a\",\"b\"]}", cases[i].http,
                    fake->detail);
    }
    fake->refuse_all = true;
    struct http_answer answer =
        fake_ask(fake, ORCHESTRATOR, "POST " BASE "/relays", "{\"path\":[\"a\",\"b\"]}");
    char value[16];
    assert_int_equal(answer.status, 503);
    assert_non_null(client_header(&answer, "Retry-After", value, sizeof value));
    client_answer_free(&answer);
}

static void test_a_reply_that_does_not_come_is_an_unknown_outcome(void **state)
{
    struct http_options options = { .reply_ms = 50 };
    struct fake *fake = fake_start(&options);
    (void)state;
    fake->silent = true;
    fake_expect(fake, ORCHESTRATOR, "POST " BASE "/relays", "{\"path\":[\"a\",\"b\"]}", 503,
                "outcome_unknown");
    struct reply late = { .command_id = 1, .status = REPLY_OK }; /* nobody waits for it any more */
    http_reply(fake->http, &late);
    fake_expect(fake, HTTP_ROLE_NONE, "GET /healthz", NULL, 200, NULL);
    fake_stop(fake);
}

static void test_stop_answers_what_is_pending(void **state)
{
    struct fake *fake = fake_start(NULL);
    static const char request[] =
        "POST " BASE "/relays HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Authorization: Bearer orchestrator-token\r\nContent-Type: application/json\r\n"
        "Content-Length: 18\r\n\r\n{\"path\":[\"a\",\"b\"]}";
    (void)state;
    fake->silent = true;
    int fd = client_connect(fake->address);
    client_send(fd, request, sizeof request - 1);
    pthread_mutex_lock(&fake->lock);
    while (fake->commands == 0)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
    fake_stop(fake);
    struct http_answer answer = client_read_answer(fd);
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.body, "problem:stopping"));
    client_answer_free(&answer);
    close(fd);
}

static void test_a_client_that_goes_away_does_not_matter(void **state)
{
    struct fake *fake = *state;
    static const char request[] =
        "POST " BASE "/relays HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Bearer orchestrator-token\r\nContent-Type: application/json\r\n"
        "Content-Length: 18\r\n\r\n{\"path\":[\"a\",\"b\"]}";
    for (int i = 0; i < 20; i++) {
        int fd = client_connect(fake->address);
        client_send(fd, request, sizeof request - 1 - (size_t)(i % 3) * 30);
        close(fd);
    }
    fake_expect(fake, VIEWER, "GET " BASE "/status", NULL, 200, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_health_needs_no_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_shows_totals_and_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kms_are_listed_read_written_and_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kms_can_be_written_as_they_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kms_refuse_bad_members_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_applications_are_read_and_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_policies_of_destinations_are_read_and_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_policies_are_refused_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_policy_of_a_km_is_shown_with_where_it_comes_from, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_routes_are_read_written_and_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_routes_refuse_bad_bodies_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_links_are_read_written_and_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_link_with_more_keys_than_it_holds_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relays_are_listed_read_started_and_decided, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lookups_are_listed_read_and_decided, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists_go_on_at_the_cursor_to_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replies_become_statuses, setup, teardown),
        cmocka_unit_test(test_a_reply_that_does_not_come_is_an_unknown_outcome),
        cmocka_unit_test(test_stop_answers_what_is_pending),
        cmocka_unit_test_setup_teardown(test_a_client_that_goes_away_does_not_matter, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
