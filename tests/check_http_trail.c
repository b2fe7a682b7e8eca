/* SPDX-License-Identifier: Apache-2.0 */
/* What commands and refusals tell the audit trail, and how it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/refusals.h"
#include "http/request.h"
#include "http_fake.h"

#define BASE "/api/v1"
#define NONE HTTP_ROLE_NONE
#define VIEWER HTTP_ROLE_VIEWER
#define ORCHESTRATOR HTTP_ROLE_ORCHESTRATOR
#define ADMIN HTTP_ROLE_ADMIN
#define START "POST " BASE "/relays"
#define PATH "{\"path\":[\"kma-1\",\"kma-9\"]}"

static int setup(void **state)
{
    struct fake *fake = fake_start(NULL);
    fake->status = REPLY_CREATED;
    *state = fake;
    return 0;
}

static int teardown(void **state)
{
    fake_stop(*state);
    return 0;
}

static void assert_audit(struct fake *fake, size_t count, const char *text)
{
    fake_await_audits(fake, count);
    pthread_mutex_lock(&fake->lock);
    assert_int_equal(fake->audits, count);
    assert_string_equal(fake->audit, text);
    pthread_mutex_unlock(&fake->lock);
}

/* ---- what the trail is told ---- */

static void test_a_command_says_where_it_comes_from(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, ORCHESTRATOR, "DELETE " BASE "/routes/r%2F1?dry_run=false", NULL, 200, NULL);
    const struct command *command = &fake->last->command;
    assert_true(text_equal(command->actor, TEXT("token:orchestrator-token")));
    assert_true(text_equal(command->audit.action, TEXT("DELETE")));
    assert_true(text_equal(command->audit.target, TEXT(BASE "/routes/r%2F1")));
    assert_true(text_starts_with(command->audit.source, TEXT("127.0.0.1:")));
    assert_int_equal(fake->audits, 0); /* the command tells it by itself */
}

static void test_refused_requests_are_told(void **state)
{
    struct fake *fake = *state;
    fake_expect(fake, VIEWER, START "?x=1", PATH, 403, NULL);
    assert_audit(fake, 1,
                 "token:viewer-token POST " BASE "/relays forbidden: this needs the role orchestrator; "
                 "token:viewer-token has the role viewer");
    fake_expect(fake, VIEWER, "GET " BASE "/audit", NULL, 403, NULL); /* reading it was none of theirs */
    assert_audit(fake, 2,
                 "token:viewer-token GET " BASE
                 "/audit forbidden: this needs the role admin; token:viewer-token has the role viewer");
    fake_expect(fake, ADMIN, "PUT " BASE "/kms/bob", "[", 400, NULL);
    fake_await_audits(fake, 3);
    assert_non_null(strstr(fake->audit, "token:admin-token PUT " BASE "/kms/bob not_json: "));
    assert_int_equal(fake->commands, 0);
}

static void test_what_the_core_refuses_is_told_by_the_core_alone(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_CONFLICT;
    fake_expect(fake, ORCHESTRATOR, START, PATH, 409, NULL);
    fake_expect(fake, ORCHESTRATOR, "GET " BASE "/relays/99", NULL, 404, NULL); /* it would change nothing */
    fake_expect(fake, ORCHESTRATOR, "GET " BASE "/relays?limit=x", NULL, 400, NULL);
    assert_int_equal(fake->commands, 1);
    assert_int_equal(fake->audits, 0);
}

static void test_a_flood_of_refusals_is_counted_not_told(void **state)
{
    struct fake *fake = *state;
    for (int i = 0; i < 2 * REFUSALS_AT_ONCE; i++)
        fake_expect(fake, VIEWER, START, PATH, 403, NULL);
    assert_int_equal(fake->audits, REFUSALS_AT_ONCE);
    /* Nor does it hide who could not prove anything. */
    for (int i = 0; i < 2 * REFUSALS_UNKNOWN_AT_ONCE; i++)
        fake_expect(fake, NONE, "GET " BASE "/status", NULL, 401, NULL);
    assert_int_equal(fake->audits, REFUSALS_AT_ONCE + REFUSALS_UNKNOWN_AT_ONCE);
    assert_non_null(strstr(fake->audit, " GET " BASE "/status unauthenticated: send a token"));
}

/* A request that was refused, as the server shows it; time is the test's own. */
struct refused {
    struct fake fake;
    struct http_backend backend;
    struct request request;
    struct refusals refusals;
    bool is_full;
};

static bool submit(void *context, struct command_request *request)
{
    struct refused *refused = context;
    if (refused->is_full)
        return false;
    snprintf(refused->fake.audit, sizeof refused->fake.audit, "%.*s|%.*s",
             TEXT_ARGUMENTS(request->command.audit.target), TEXT_ARGUMENTS(request->command.detail));
    refused->fake.audits++;
    command_request_free(request);
    return true;
}

static struct refused *refused_new(void)
{
    struct refused *refused = calloc(1, sizeof *refused);
    assert_non_null(refused);
    refused->backend = (struct http_backend){ .context = refused, .submit = submit };
    request_init(&refused->request);
    refused->request.backend = &refused->backend;
    refused->request.method = METHOD_PUT;
    refused->request.path = TEXT("/x");
    refused->request.actor = TEXT("token:a");
    request_refuse(&refused->request, PROBLEM_FORBIDDEN, NULL, "no");
    return refused;
}

static void refused_free(struct refused *refused)
{
    request_fini(&refused->request);
    free(refused);
}

static void test_refusals_say_how_many_were_left_out(void **state)
{
    struct refused *refused = refused_new();
    uint64_t now_ms = 1000000;
    (void)state;
    for (int i = 0; i < REFUSALS_AT_ONCE + 3; i++)
        refusals_note(&refused->refusals, &refused->request, now_ms);
    assert_int_equal(refused->fake.audits, REFUSALS_AT_ONCE);
    assert_string_equal(refused->fake.audit, "/x|no");
    refusals_note(&refused->refusals, &refused->request, now_ms + REFUSALS_INTERVAL_MS - 1);
    assert_int_equal(refused->fake.audits, REFUSALS_AT_ONCE);
    refusals_note(&refused->refusals, &refused->request, now_ms + REFUSALS_INTERVAL_MS);
    assert_string_equal(refused->fake.audit, "/x|no (4 more before it were not recorded one by one)");
    /* The share comes back, and no more than it. */
    now_ms += 100ull * REFUSALS_AT_ONCE * REFUSALS_INTERVAL_MS;
    for (int i = 0; i < REFUSALS_AT_ONCE + 3; i++)
        refusals_note(&refused->refusals, &refused->request, now_ms);
    assert_int_equal(refused->fake.audits, 2 * REFUSALS_AT_ONCE + 1);
    refused_free(refused);
}

static void test_refusals_are_counted_while_the_core_is_full(void **state)
{
    struct refused *refused = refused_new();
    (void)state;
    refused->is_full = true;
    for (int i = 0; i < 2; i++)
        refusals_note(&refused->refusals, &refused->request, 1000);
    refused->is_full = false;
    refusals_note(&refused->refusals, &refused->request, 1000);
    assert_string_equal(refused->fake.audit, "/x|no (2 more before it were not recorded one by one)");
    refused_free(refused);
}

static void test_refusals_cut_a_long_target(void **state)
{
    static char path[REFUSALS_TARGET_BYTES_MAX + 2];
    struct refused *refused = refused_new();
    (void)state;
    memset(path, 'p', sizeof path - 1);
    refused->request.path = (struct text){ path, REFUSALS_TARGET_BYTES_MAX };
    refusals_note(&refused->refusals, &refused->request, 1000);
    assert_int_equal(strcspn(refused->fake.audit, "|"), REFUSALS_TARGET_BYTES_MAX);
    refused->request.path.length++;
    refusals_note(&refused->refusals, &refused->request, 1000);
    assert_non_null(strstr(refused->fake.audit, "pp...|no"));
    refused_free(refused);
}

/* ---- reading it ---- */

static void test_audit_is_listed_with_its_head(void **state)
{
    struct fake *fake = *state;
    static const char entry_5[] = "{\"audit_id\":\"5\",\"hash\":\"00ff\"}";
    fake_expect(fake, ADMIN, "GET " BASE "/audit?limit=1", NULL, 200,
                "{\"head\":{\"audit_id\":\"5\",\"hash\":\"00ff\"},\"items\":[{\"audit_id\":\"5\",\"hash\":"
                "\"00ff\"}],\"next_cursor\":\"");
    fake_expect(fake, ADMIN, "GET " BASE "/audit?order=desc", NULL, 200, entry_5);
    fake_expect(fake, ADMIN, "GET " BASE "/audit?order=asc&limit=1", NULL, 200,
                "\"items\":[{\"audit_id\":\"1\",\"hash\":\"00ff\"}]");
    fake_expect(fake, ADMIN, "GET " BASE "/audit?actor=file", NULL, 200,
                "[{\"audit_id\":\"4\",\"hash\":\"00ff\"},{\"audit_id\":\"2\",\"hash\":\"00ff\"}],"
                "\"next_cursor\":null}");
    fake_expect(fake, ADMIN, "GET " BASE "/audit?after=1970-01-01T00:00:03Z&before=1970-01-01T00:00:04.000Z",
                NULL, 200, "[{\"audit_id\":\"3\",\"hash\":\"00ff\"}],\"next_cursor\":null}");
    fake_expect(fake, ADMIN, "GET " BASE "/audit?actor=nobody", NULL, 200,
                "\"items\":[],\"next_cursor\":null");
}

static void test_audit_goes_on_at_the_cursor_in_either_order(void **state)
{
    struct fake *fake = *state;
    static const char *const orders[] = { "asc", "desc" };
    for (int order = 0; order < 2; order++) {
        char target[256], cursor[64] = "";
        for (int page = 0; page < FAKE_RELAYS; page++) {
            char expected[64];
            snprintf(target, sizeof target, "GET " BASE "/audit?limit=1&order=%s%s%s", orders[order],
                     page > 0 ? "&cursor=" : "", cursor);
            struct http_answer answer = fake_ask(fake, ADMIN, target, NULL);
            snprintf(expected, sizeof expected, "\"items\":[{\"audit_id\":\"%d\"",
                     order == 0 ? page + 1 : FAKE_RELAYS - page);
            assert_non_null(strstr(answer.body, expected));
            const char *next = strstr(answer.body, "\"next_cursor\":\"");
            assert_int_equal(next == NULL, page == FAKE_RELAYS - 1);
            if (next != NULL)
                assert_int_equal(sscanf(next, "\"next_cursor\":\"%63[^\"]", cursor), 1);
            client_answer_free(&answer);
        }
    }
}

static void test_audit_refuses_bad_parameters_by_name(void **state)
{
    struct fake *fake = *state;
    static const char *const bad[] = { "order=up", "after=yesterday", "before=1",
                                       "actor=",   "limit=0",         "cursor=%2F" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char target[128], part[64];
        snprintf(target, sizeof target, "GET " BASE "/audit?%s", bad[i]);
        snprintf(part, sizeof part, "\"parameter\":\"%.*s\"", (int)strcspn(bad[i], "="), bad[i]);
        fake_expect(fake, ADMIN, target, NULL, 400, part);
    }
    fake->history_unavailable = true;
    fake_expect(fake, ADMIN, "GET " BASE "/audit", NULL, 503, "store_unavailable");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_a_command_says_where_it_comes_from),
        TEST(test_refused_requests_are_told),
        TEST(test_what_the_core_refuses_is_told_by_the_core_alone),
        TEST(test_a_flood_of_refusals_is_counted_not_told),
        cmocka_unit_test(test_refusals_say_how_many_were_left_out),
        cmocka_unit_test(test_refusals_are_counted_while_the_core_is_full),
        cmocka_unit_test(test_refusals_cut_a_long_target),
        TEST(test_audit_is_listed_with_its_head),
        TEST(test_audit_goes_on_at_the_cursor_in_either_order),
        TEST(test_audit_refuses_bad_parameters_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
