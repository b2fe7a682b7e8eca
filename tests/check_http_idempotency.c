/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that come again under an Idempotency-Key: answered as before, done once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/kept_answer.h"
#include "http/request.h"
#include "http_fake.h"

#define BASE "/api/v1"
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

/* ---- over HTTP ---- */

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
