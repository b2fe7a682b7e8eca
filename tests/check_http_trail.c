/* SPDX-License-Identifier: Apache-2.0 */
/* What commands and refusals tell the audit trail, how it is read, and requests that come again under a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/kept_answer.h"
#include "http/refusals.h"
#include "http/request.h"
#include "http_fake.h"
#include "system/clock.h"

#define BASE "/api/v1"
#define NONE HTTP_ROLE_NONE
#define VIEWER HTTP_ROLE_VIEWER
#define ORCHESTRATOR HTTP_ROLE_ORCHESTRATOR
#define ADMIN HTTP_ROLE_ADMIN
#define START "POST " BASE "/relays"
#define PATH "{\"path\":[\"kma-1\",\"kma-9\"]}"
#define KEY "Idempotency-Key: key-1\r\n"

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

/* ---- idempotency ---- */

struct told {
    int status;
    char body[4096], location[64], replayed[16], retry_after[16];
};

static struct told post(struct fake *fake, enum http_role role, const char *headers, const char *body)
{
    struct told told = { 0 };
    struct http_answer answer = fake_ask_with(fake, role, START, headers, body);
    told.status = answer.status;
    snprintf(told.body, sizeof told.body, "%s", answer.body);
    client_header(&answer, "Location", told.location, sizeof told.location);
    client_header(&answer, "Idempotent-Replayed", told.replayed, sizeof told.replayed);
    client_header(&answer, "Retry-After", told.retry_after, sizeof told.retry_after);
    client_answer_free(&answer);
    return told;
}

static void assert_replayed(const struct told *told, const struct told *first)
{
    assert_int_equal(told->status, 201);
    assert_string_equal(told->body, first->body);
    assert_string_equal(told->location, BASE "/relays/3");
    assert_string_equal(told->replayed, "true");
}

static void test_repeat_is_answered_alike_and_not_done(void **state)
{
    struct fake *fake = *state;
    struct told first = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_int_equal(first.status, 201);
    assert_string_equal(first.location, BASE "/relays/3");
    assert_string_equal(first.replayed, "");
    assert_int_equal(fake->answers_kept, 1); /* before the answer left */
    assert_true(text_equal(fake->keys[0].key, TEXT("token:orchestrator-token\nkey-1")));
    assert_int_equal(fake->keys[0].digest.length, DIGEST_BYTES);
    struct told again = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_replayed(&again, &first);
    assert_int_equal(fake->commands, 1);
    assert_int_equal(fake->audits, 0);
}

/* The bridge died between the commit of what was done and that of the answer. */
static void test_repeat_whose_answer_was_lost_is_answered_anew(void **state)
{
    struct fake *fake = *state;
    struct told first = post(fake, ORCHESTRATOR, KEY, PATH);
    fake->keys[0].answer = TEXT_ABSENT;
    struct told again = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_replayed(&again, &first);
    fake->keys[0].answer = TEXT("HTTP/1.1 201\r\nX"); /* nor is damage served */
    again = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_replayed(&again, &first);
    assert_int_equal(fake->commands, 1);
}

static void test_key_of_another_request_is_refused(void **state)
{
    struct fake *fake = *state;
    post(fake, ORCHESTRATOR, KEY, PATH);
    struct told other = post(fake, ORCHESTRATOR, KEY, "{\"path\":[\"kma-1\",\"kma-8\"]}");
    assert_int_equal(other.status, 422);
    assert_non_null(strstr(other.body, "\"parameter\":\"Idempotency-Key\""));
    struct http_answer answer =
        fake_ask_with(fake, ORCHESTRATOR, "POST " BASE "/relays/2/decision", KEY, PATH);
    assert_int_equal(answer.status, 422);
    client_answer_free(&answer);
    assert_int_equal(fake->commands, 1);
}

static void test_key_belongs_to_who_sent_it(void **state)
{
    struct fake *fake = *state;
    post(fake, ORCHESTRATOR, KEY, PATH);
    struct told theirs = post(fake, ADMIN, KEY, PATH);
    assert_int_equal(theirs.status, 201);
    assert_string_equal(theirs.replayed, "");
    assert_int_equal(fake->commands, 2);
}

static void test_key_is_forgotten_after_its_time(void **state)
{
    struct fake *fake = *state;
    const uint64_t kept_ms = (uint64_t)IDEMPOTENCY_HOURS * 60 * 60 * 1000;
    post(fake, ORCHESTRATOR, KEY, PATH);
    fake->keys[0].created_ms -= kept_ms - 60000;
    assert_string_equal(post(fake, ORCHESTRATOR, KEY, PATH).replayed, "true");
    fake->keys[0].created_ms -= 60000;
    assert_string_equal(post(fake, ORCHESTRATOR, KEY, "{\"path\":[\"kma-1\",\"kma-8\"]}").replayed, "");
    assert_int_equal(fake->commands, 2);
}

static void test_what_had_no_effect_may_be_tried_again(void **state)
{
    struct fake *fake = *state;
    fake->status = REPLY_INVALID;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 422);
    fake->status = REPLY_BUSY;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 503);
    fake->refuse_all = true;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 503);
    fake->refuse_all = false;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, "{").status, 400);
    fake->status = REPLY_CREATED;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 201);
    assert_int_equal(fake->answers_kept, 1);
}

static void test_key_has_a_length(void **state)
{
    struct fake *fake = *state;
    char header[512];
    snprintf(header, sizeof header, "Idempotency-Key: %0255d\r\n", 1);
    assert_int_equal(post(fake, ORCHESTRATOR, header, PATH).status, 201);
    snprintf(header, sizeof header, "Idempotency-Key: %0256d\r\n", 1);
    struct told told = post(fake, ORCHESTRATOR, header, PATH);
    assert_int_equal(told.status, 400);
    assert_non_null(strstr(told.body, "Idempotency-Key"));
    assert_int_equal(post(fake, ORCHESTRATOR, "Idempotency-Key: \r\n", PATH).status, 400);
    assert_int_equal(fake->commands, 1);
}

static void test_key_that_cannot_be_looked_up_is_not_used(void **state)
{
    struct fake *fake = *state;
    fake->history_unavailable = true;
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 503);
    assert_int_equal(fake->commands, 0);
}

static void await_commands(struct fake *fake, size_t count)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->commands < count)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
}

/* One is under way, and its repeat overtakes it. */
static void test_repeat_of_what_is_under_way_is_a_conflict(void **state)
{
    struct fake *fake = *state;
    char text[512];
    int length = snprintf(text, sizeof text,
                          START " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                                "orchestrator-token\r\n" KEY "Content-Length: %zu\r\n\r\n" PATH,
                          strlen(PATH));
    fake->silent = true;
    int first = client_connect(fake->address);
    client_send(first, text, (size_t)length);
    await_commands(fake, 1);
    struct told repeat = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_int_equal(repeat.status, 409);
    assert_string_equal(repeat.retry_after, "1");
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, "{}").status, 422);
    assert_int_equal(fake->commands, 1);
    pthread_mutex_lock(&fake->lock);
    fake->silent = false;
    http_reply(
        fake->http,
        &(struct reply){ .command_id = fake->last->command_id, .status = REPLY_CREATED, .request_id = 3 });
    pthread_mutex_unlock(&fake->lock);
    struct http_answer answer = client_read_answer(first);
    assert_int_equal(answer.status, 201);
    client_answer_free(&answer);
    assert_string_equal(post(fake, ORCHESTRATOR, KEY, PATH).replayed, "true");
}

static void late_reply(struct fake *fake, enum reply_status status)
{
    pthread_mutex_lock(&fake->lock);
    fake->silent = false;
    http_reply(fake->http,
               &(struct reply){ .command_id = fake->last->command_id, .status = status, .request_id = 3 });
    pthread_mutex_unlock(&fake->lock);
}

/* Told that its outcome is unknown, a client asks again until it is. */
static void test_repeat_of_an_unknown_outcome_waits_for_it(void **state)
{
    struct fake *fake = fake_start(&(struct http_options){ .reply_ms = 50 });
    (void)state;
    fake->status = REPLY_CREATED;
    fake->silent = true;
    struct told first = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_int_equal(first.status, 503);
    assert_non_null(strstr(first.body, "outcome_unknown"));
    assert_int_equal(post(fake, ORCHESTRATOR, KEY, PATH).status, 409);
    late_reply(fake, REPLY_CREATED);
    struct told again;
    do /* until the late reply came */
        again = post(fake, ORCHESTRATOR, KEY, PATH);
    while (again.status == 409);
    assert_int_equal(again.status, 201);
    assert_string_equal(again.replayed, "true");
    assert_int_equal(fake->commands, 1);
    fake_stop(fake);
}

static void test_answer_that_cannot_be_kept_leaves_all_the_same(void **state)
{
    struct fake *fake = fake_start(&(struct http_options){ .reply_ms = 50 });
    (void)state;
    fake->status = REPLY_CREATED;
    fake->keeps_no_answers = true;
    struct told first = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_int_equal(first.status, 201);
    assert_int_equal(fake->answers_kept, 1);
    struct told again = post(fake, ORCHESTRATOR, KEY, PATH);
    assert_replayed(&again, &first);
    assert_int_equal(fake->commands, 1);
    fake_stop(fake);
}

/* Whoever waits only for his answer to be kept is answered when the bridge stops. */
static void test_stop_lets_an_answer_leave_that_is_being_kept(void **state)
{
    struct fake *fake = fake_start(NULL);
    (void)state;
    char text[512];
    int length = snprintf(text, sizeof text,
                          START " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                                "orchestrator-token\r\n" KEY "Content-Length: %zu\r\n\r\n" PATH,
                          strlen(PATH));
    fake->status = REPLY_CREATED;
    fake->keeps_no_answers = true;
    int first = client_connect(fake->address);
    client_send(first, text, (size_t)length);
    pthread_mutex_lock(&fake->lock);
    while (fake->answers_kept < 1)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
    fake_stop(fake);
    struct http_answer answer = client_read_answer(first);
    assert_int_equal(answer.status, 201);
    client_answer_free(&answer);
}

/* ---- an answer in its kept form ---- */

static void test_kept_answer_comes_back_whole(void **state)
{
    struct arena arena;
    struct request request;
    char location[] = "/api/v1/relays/3", body[] = "{\"caf\xc3\xa9\":\"\r\n\r\n\"}";
    struct answer answer = { .status = 201,
                             .content_type = "application/json",
                             .body = body,
                             .body_bytes = sizeof body - 1,
                             .etag = "\"7\"",
                             .location = location };
    (void)state;
    request_init(&request);
    arena_init(&arena, &request.arena.memory);
    struct text kept = kept_answer_write(&arena, &answer);
    assert_true(kept_answer_read(kept, &request));
    assert_int_equal(request.answer.status, 201);
    assert_true(request.answered);
    assert_true(request.answer.replayed);
    assert_int_equal(request.answer.body_bytes, sizeof body - 1);
    assert_memory_equal(request.answer.body, body, sizeof body - 1);
    assert_string_equal(request.answer.content_type, "application/json");
    assert_string_equal(request.answer.etag, "\"7\"");
    assert_string_equal(request.answer.location, location);
    for (size_t length = 0; length < kept.length - answer.body_bytes; length++) { /* cut short anywhere */
        struct request cut;
        request_init(&cut);
        assert_false(kept_answer_read((struct text){ kept.bytes, length }, &cut));
        assert_false(cut.answered);
        request_fini(&cut);
    }
    arena_fini(&arena);
    request_fini(&request);
}

static void test_kept_answer_has_a_size_and_a_form(void **state)
{
    static char body[LIMIT_ANSWER_BYTES];
    static const char *const damaged[] = { "", "HTTP/1.1 404\r\n\r\n", "HTTP/1.1 \r\n\r\n",
                                           "HTTP/2 200\r\n\r\n", "HTTP/1.1 200\r\nX-Other: 1\r\n\r\n" };
    struct request request;
    (void)state;
    request_init(&request);
    struct answer answer = {
        .status = 200, .content_type = "application/json", .body = body, .body_bytes = sizeof body
    };
    assert_false(text_is_present(kept_answer_write(&request.arena, &answer)));
    answer.body_bytes = sizeof body - 256;
    assert_true(text_is_present(kept_answer_write(&request.arena, &answer)));
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        assert_false(kept_answer_read(text_from_c(damaged[i]), &request));
    assert_false(kept_answer_read(TEXT_ABSENT, &request));
    assert_true(kept_answer_read(TEXT("HTTP/1.1 204\r\n\r\n"), &request));
    assert_null(request.answer.body);
    request_fini(&request);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
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
        TEST(test_repeat_is_answered_alike_and_not_done),
        TEST(test_repeat_whose_answer_was_lost_is_answered_anew),
        TEST(test_key_of_another_request_is_refused),
        TEST(test_key_belongs_to_who_sent_it),
        TEST(test_key_is_forgotten_after_its_time),
        TEST(test_what_had_no_effect_may_be_tried_again),
        TEST(test_key_has_a_length),
        TEST(test_key_that_cannot_be_looked_up_is_not_used),
        TEST(test_repeat_of_what_is_under_way_is_a_conflict),
        cmocka_unit_test(test_repeat_of_an_unknown_outcome_waits_for_it),
        cmocka_unit_test(test_answer_that_cannot_be_kept_leaves_all_the_same),
        cmocka_unit_test(test_stop_lets_an_answer_leave_that_is_being_kept),
        cmocka_unit_test(test_kept_answer_comes_back_whole),
        cmocka_unit_test(test_kept_answer_has_a_size_and_a_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
