/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional requests over loopback: ETags, If-Match and If-None-Match, and where one is required. */
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

static void test_etags_guard_reads_and_writes(void **state)
{
    struct fake *fake = *state;
    char etag[64], headers[128];
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", "{\"kma_id\":\"k\"}", 200, NULL);
    struct http_answer answer = fake_ask(fake, VIEWER, "GET " BASE "/applications/app", NULL);
    assert_non_null(client_header(&answer, "ETag", etag, sizeof etag));
    client_answer_free(&answer);
    snprintf(headers, sizeof headers, "If-None-Match: \"0\", W/%s\r\n", etag);
    answer = fake_ask_with(fake, VIEWER, "GET " BASE "/applications/app", headers, NULL);
    assert_int_equal(answer.status, 304);
    client_answer_free(&answer);
    snprintf(headers, sizeof headers, "If-Match: %s\r\n", etag);
    answer =
        fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", headers, "{\"kma_id\":\"k\"}");
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_int_equal(fake->last->command.if_match, fake->revision - 1);
    size_t commands = fake_commands(fake);
    static const struct {
        const char *header;
        int status;
    } bad[] = {
        { "If-Match: 7\r\n", 400 },        { "If-Match: W/\"2\"\r\n", 412 },
        { "If-Match: \"x\"\r\n", 412 },    { "If-Match: \"x\"\r\nIf-Match: \"y\"\r\n", 412 },
        { "If-None-Match: *\r\n", 412 },   { "If-None-Match: a\r\n", 400 },
        { "If-Match: *, \"x\"\r\n", 400 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        answer = fake_ask_with(fake, ORCHESTRATOR, "DELETE " BASE "/applications/app", bad[i].header, NULL);
        assert_int_equal(answer.status, bad[i].status);
        client_answer_free(&answer);
    }
    answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/applications/no", "If-Match: *\r\n", "{}");
    assert_int_equal(answer.status, 412);
    client_answer_free(&answer);
    assert_int_equal(fake_commands(fake), commands);
}

/* Each field's lines are one list, and what is compared here the core compares again. */
static void test_conditions_reach_the_core(void **state)
{
    struct fake *fake = *state;
    char etag[64], headers[192];
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", "{\"kma_id\":\"k\"}", 200, NULL);
    assert_false(fake->last->command.if_present || fake->last->command.if_absent);
    struct http_answer answer = fake_ask(fake, VIEWER, "GET " BASE "/applications/app", NULL);
    assert_non_null(client_header(&answer, "ETag", etag, sizeof etag));
    client_answer_free(&answer);
    snprintf(headers, sizeof headers, "If-Match: \"x\"\r\nIf-Match: %s\r\n", etag);
    answer =
        fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", headers, "{\"kma_id\":\"k\"}");
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_int_equal(fake->last->command.if_match, fake->revision - 1);
    answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/applications/app", "If-Match: *\r\n",
                           "{\"kma_id\":\"k\"}");
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_true(fake->last->command.if_present);
    answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/applications/new", "If-None-Match: *\r\n",
                           "{\"kma_id\":\"k\"}");
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_true(fake->last->command.if_absent);
    answer =
        fake_ask_with(fake, ORCHESTRATOR, "DELETE " BASE "/applications/gone", "If-Match: \"1\"\r\n", NULL);
    assert_true(fake->last->command.kind == COMMAND_APPLICATION_DELETE); /* the core says: not found */
    client_answer_free(&answer);
}

/* GET with ?origin= gives the ETag under which the whole of it can be replaced. */
static void test_collections_of_an_origin_have_an_etag(void **state)
{
    struct fake *fake = *state;
    static const char routes[] = "{\"routes\":[]}";
    char etag[64], headers[128];
    struct http_answer answer = fake_ask(fake, VIEWER, "GET " BASE "/routes?origin=orch", NULL);
    assert_non_null(client_header(&answer, "ETag", etag, sizeof etag));
    client_answer_free(&answer);
    answer = fake_ask(fake, VIEWER, "GET " BASE "/routes", NULL);
    assert_null(client_header(&answer, "ETag", headers, sizeof headers));
    client_answer_free(&answer);
    snprintf(headers, sizeof headers, "If-Match: %s\r\n", etag);
    answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/routes?origin=orch", headers, routes);
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_non_null(fake->last->command.if_version);
    static const char *const refused[] = { "If-Match: \"9-9\"\r\n", "If-None-Match: *\r\n" };
    for (size_t i = 0; i < 2; i++) {
        answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/routes?origin=orch", refused[i], routes);
        assert_int_equal(answer.status, 412);
        client_answer_free(&answer);
    }
    answer = fake_ask_with(fake, ORCHESTRATOR, "PUT " BASE "/routes?origin=orch", "If-Match: *\r\n", routes);
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    assert_null(fake->last->command.if_version);
}

static void test_conditions_can_be_required(void **state)
{
    struct http_options options = { .require_if_match = true };
    struct fake *fake = fake_start(&options);
    (void)state;
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/applications/new", "{\"kma_id\":\"k\"}", 200, NULL);
    assert_true(fake->last->command.if_absent); /* should another be quicker, his is not overwritten */
    size_t commands = fake_commands(fake);
    static const char *const writes[] = { "PUT " BASE "/applications/new", "DELETE " BASE "/applications/new",
                                          "PUT " BASE "/applications/new?dry_run=true" };
    for (size_t i = 0; i < 3; i++) {
        fake_expect(fake, ORCHESTRATOR, writes[i], i == 1 ? NULL : "{\"kma_id\":\"k\"}", 428,
                    "\"parameter\":\"If-Match\"");
        fake_expect(fake, ORCHESTRATOR, writes[i], i == 1 ? NULL : "{\"kma_id\":\"k\"}", 428,
                    "problem:precondition_required\"");
    }
    fake_expect(fake, ORCHESTRATOR, "PUT " BASE "/links?origin=o", "{\"links\":[]}", 428, "0-0");
    assert_int_equal(fake_commands(fake), commands);
    struct http_answer answer =
        fake_ask_with(fake, ORCHESTRATOR, "DELETE " BASE "/applications/new", "If-Match: *\r\n", NULL);
    assert_int_equal(answer.status, 200);
    client_answer_free(&answer);
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_etags_guard_reads_and_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conditions_reach_the_core, setup, teardown),
        cmocka_unit_test_setup_teardown(test_collections_of_an_origin_have_an_etag, setup, teardown),
        cmocka_unit_test(test_conditions_can_be_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
