/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeded mutations of targets and bodies through everything between the HTTP library and the core: each ends
 * in an answer of a known status whose body is JSON, says the oracle. HTTP_FUZZ_SEED=n HTTP_FUZZ_RUNS=1
 * replays one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <jansson.h>

#include "http/commands.h"
#include "http/crowd.h"
#include "http/dispatch.h"
#include "http/feed.h"
#include "http/stream.h"
#include "http/uri.h"
#include "http/web.h"
#include "http_fake.h"
#include "seeded.h"
#include "system/process_heap.h"

enum { INPUT_BYTES_MAX = 4096, RUNS = 20000 };

struct input {
    enum method method;
    char target[INPUT_BYTES_MAX], body[INPUT_BYTES_MAX];
    size_t target_length, body_length;
};

static const struct {
    enum method method;
    const char *target, *body;
} seeds[] = {
    { METHOD_GET, "/api/v1/kms?limit=2&cursor=YWxpY2U", "" },
    { METHOD_GET, "/api/v1/kms/ali%63e", "" },
    { METHOD_PUT, "/api/v1/kms/b%2Fob?dry_run=false",
      "{\"kma_ids\":[\"kma-2\"],\"identity\":\"cn:bob, psk:b\",\"enabled\":true,"
      "\"dialect\":{\"version\":[1,2],\"message_id\":\"fresh\",\"success_words\":\"fine,good\"}}" },
    { METHOD_PUT, "/api/v1/applications/app", "{\"kma_id\":\"kma-9\"}" },
    { METHOD_PUT, "/api/v1/routes/r1?dry_run=true",
      "{\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\",\"kma-9\"],\"priority\":-5,"
      "\"valid_until\":\"2030-01-01T00:00:00.5+01:00\"}" },
    { METHOD_PUT, "/api/v1/routes?origin=planner",
      "{\"routes\":[{\"route_id\":\"r2\",\"destination_kma_id\":\"k\",\"next_hops\":{\"a\":[\"b\",\"c\"]}}]"
      "}" },
    { METHOD_PUT, "/api/v1/links",
      "{\"origin\":\"nms\",\"links\":[{\"link_id\":\"l\",\"a\":\"x\",\"b\":\"y\",\"cost\":7,\"state\":"
      "\"down\"}]}" },
    { METHOD_GET, "/api/v1/relays?state=failed&km_id=a&received_after=2026-01-01T00:00:00Z&reason=no_route",
      "" },
    { METHOD_POST, "/api/v1/relays", "{\"path\":[\"kma-1\",\"kma-9\"]}" },
    { METHOD_POST, "/api/v1/relays/2/decision", "{\"reject\":\"why \\u00e9\",\"destination_kma_id\":\"k\"}" },
    { METHOD_POST, "/api/v1/lookups/1/decision", "{\"next_hops\":[\"kma-2\"]}" },
    { METHOD_GET, "/api/v1/events?after=1&type=relay.*,km.connected&subject=km_id:km-1&limit=9", "" },
    { METHOD_DELETE, "/api/v1/routes/r1", "" },
    { METHOD_GET, "/api/v1/status", "" },
};

static const char *const tokens[] = {
    "%00", "%2F", "%C3%A9", "%ff",  "%",  "&",      "=",  "?",    "/",
    "{",   "}",   "[",      "]",    "\"", ":",      ",",  "null", "1e9",
    "-1",  "\\",  "\xC3",   "true", "*",  "{\"\":", "[[", "~",    "9999999999999999999999"
};

static void splice(char *bytes, size_t *length, size_t at, size_t removed, const char *with, size_t count)
{
    if (*length - removed + count > INPUT_BYTES_MAX)
        return;
    memmove(bytes + at + count, bytes + at + removed, *length - at - removed);
    memmove(bytes + at, with, count);
    *length = *length - removed + count;
}

static void mutate(char *bytes, size_t *length, struct seeded *seeded)
{
    size_t at = seeded_below(seeded, *length + 1);
    size_t rest = *length - at;
    const char *token = tokens[seeded_below(seeded, sizeof tokens / sizeof *tokens)];
    char byte = (char)(1 + seeded_below(seeded, 255));
    switch (seeded_below(seeded, 4)) {
    case 0:
        splice(bytes, length, at, rest > 0, &byte, 1);
        break;
    case 1:
        splice(bytes, length, at, seeded_below(seeded, rest + 1), "", 0);
        break;
    case 2: /* a piece again */
        splice(bytes, length, at, 0, bytes + at, seeded_below(seeded, rest + 1));
        break;
    default:
        splice(bytes, length, at, 0, token, strlen(token));
        break;
    }
}

static void make_input(struct input *input, uint64_t seed)
{
    struct seeded seeded = { seed };
    size_t target = seeded_below(&seeded, sizeof seeds / sizeof *seeds);
    size_t body = seeded_below(&seeded, 4) > 0 ? target : seeded_below(&seeded, sizeof seeds / sizeof *seeds);
    input->method = seeds[target].method;
    input->target_length = strlen(seeds[target].target);
    input->body_length = strlen(seeds[body].body);
    memcpy(input->target, seeds[target].target, input->target_length);
    memcpy(input->body, seeds[body].body, input->body_length);
    for (uint64_t count = seeded_below(&seeded, 3); count > 0; count--)
        mutate(input->target, &input->target_length, &seeded);
    for (uint64_t count = seeded_below(&seeded, 4); count > 0; count--)
        mutate(input->body, &input->body_length, &seeded);
}

/* A core that says yes at once, on this thread. */
struct bench {
    struct http_backend backend;
    struct timers timers;
    struct commands commands;
    struct feed feed;
    struct crowd crowd;
    struct access access;
    uint64_t submitted; /* the newest command's number; 0: answered */
    struct fake fake;   /* for its history alone */
    struct snapshot snapshot;
};

static bool submit(void *context, struct command_request *request)
{
    ((struct bench *)context)->submitted = request->command_id;
    command_request_free(request);
    return true;
}

static void sign(void *context, enum orchestrator_sign orchestrator_sign)
{
    (void)context;
    (void)orchestrator_sign;
}

static struct snapshot *current(void *context)
{
    return snapshot_retain(&((struct bench *)context)->snapshot);
}

static void status(void *context, struct http_status *out_status)
{
    (void)context;
    *out_status = (struct http_status){ .version = "1", .instance = "i", .store_available = true };
}

static void wake(struct request *request)
{
    (void)request;
}

static int setup(void **state)
{
    static struct http_token token = { .name = "t", .role = HTTP_ROLE_ADMIN };
    struct http_options options = { .tokens = &token, .token_count = 1 };
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "t", 1, token.sha256);
    pthread_mutex_init(&bench->fake.lock, NULL);
    bench->fake.oldest_event = 1;
    bench->fake.newest_event = 9;
    atomic_init(&bench->snapshot.references, 1);
    bench->backend = (struct http_backend){ .context = bench,
                                            .submit = submit,
                                            .orchestrator = sign,
                                            .snapshot = current,
                                            .status = status,
                                            .history = fake_history(&bench->fake) };
    timers_init(&bench->timers);
    commands_init(&bench->commands, &bench->backend, &bench->timers, (struct siphash_key){ 1, 2 }, 1000);
    feed_init(&bench->feed, &bench->backend.history, &bench->timers);
    bench->feed.access = &bench->access;
    bench->feed.crowd = &bench->crowd;
    access_init(&bench->access, &bench->backend, auth_new(&options), false);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    access_fini(&bench->access);
    feed_fini(&bench->feed);
    commands_fini(&bench->commands);
    timers_fini(&bench->timers);
    pthread_mutex_destroy(&bench->fake.lock);
    assert_int_equal(atomic_load(&bench->snapshot.references), 1);
    free(bench);
    return 0;
}

static void run(struct bench *bench, const struct input *input, struct request *request)
{
    static const struct web no_web = { .wanted = false };
    struct caller caller = { .identity_count = 0 };
    request->access = &bench->access;
    request->caller = &caller;
    request->backend = &bench->backend;
    request->commands = &bench->commands;
    request->feed = &bench->feed;
    request->web = &no_web;
    request->wake = wake;
    request->method = input->method;
    request->headers.shown.authorization = TEXT("Bearer t");
    request->headers.content_type = TEXT("application/json");
    uri_split((struct text){ input->target, input->target_length }, &request->path, &request->query);
    request->body = malloc(input->body_length + 1);
    assert_non_null(request->body);
    memcpy(request->body, input->body, input->body_length);
    request->body_bytes = input->body_length;
    if (!dispatch_accept(request, 1000))
        return;
    if (dispatch_handle(request, 1000) == HANDLED_PENDING) {
        struct reply reply = { .command_id = bench->submitted, .status = REPLY_OK, .request_id = 2 };
        commands_reply(&bench->commands, &reply);
    }
}

static bool is_sound(const struct request *request)
{
    static const unsigned statuses[] = { 200, 201, 400, 401, 404, 405 };
    json_t *json = json_loadb(request->answer.body, request->answer.body_bytes, JSON_REJECT_DUPLICATES, NULL);
    bool known = false;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        known |= request->answer.status == statuses[i];
    json_decref(json);
    return request->answered && known && json != NULL;
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void test_request_of_any_bytes_gets_a_sound_answer(void **state)
{
    static struct input input;
    uint64_t first = number_from_environment("HTTP_FUZZ_SEED", 1);
    uint64_t runs = number_from_environment("HTTP_FUZZ_RUNS", RUNS);
    size_t accepted = 0;
    for (uint64_t seed = first; seed - first < runs; seed++) {
        struct request request;
        make_input(&input, seed);
        request_init(&request);
        run(*state, &input, &request);
        accepted += request.answer.status == 200;
        if (!is_sound(&request))
            fail_msg("replay with HTTP_FUZZ_SEED=%llu HTTP_FUZZ_RUNS=1: status %u, \"%.*s\" for \"%.*s\"",
                     (unsigned long long)seed, request.answer.status, (int)request.answer.body_bytes,
                     request.answer.body, (int)input.target_length, input.target);
        request_fini(&request);
    }
    if (runs == RUNS)
        assert_true(accepted > runs / 20 && accepted < runs); /* both ways were gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_request_of_any_bytes_gets_a_sound_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
