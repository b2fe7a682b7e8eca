/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, sessions and failed attempts as the HTTP thread keeps them, with a clock and a store of the test's
   own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/crypto.h>

#include "http/access.h"
#include "http/cookie.h"
#include "system/process_heap.h"

enum { DOCUMENTS_MAX = 600, NOW_MS = 1000000000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

#define assert_text(text, expected) assert_true(text_equal_c(text, expected))

/* The store: documents by ID, and what came of the access's own commands. */
struct world {
    struct access access;
    struct http_backend backend;
    struct snapshot *snapshot;
    struct document_view documents[DOCUMENTS_MAX];
    struct arena arena;
    uint64_t revision;
    size_t puts, deletes;
    bool refuses; /* submit says that the queue is full */
};

static size_t place_of(const struct world *world, struct text id)
{
    size_t at = 0;
    while (at < world->snapshot->document_count &&
           text_compare(world->documents[at].config.document_id, id) < 0)
        at++;
    return at;
}

static void put(struct world *world, const struct document_config *config)
{
    size_t at = place_of(world, config->document_id), count = world->snapshot->document_count;
    bool there = at < count && text_equal(world->documents[at].config.document_id, config->document_id);
    assert_true(count < DOCUMENTS_MAX);
    if (!there) {
        memmove(&world->documents[at + 1], &world->documents[at], (count - at) * sizeof *world->documents);
        world->snapshot->document_count++;
    }
    world->documents[at] = (struct document_view){
        .config = { config->kind, arena_copy(&world->arena, config->document_id),
                    arena_copy(&world->arena, config->body) },
        .revision = { .number = ++world->revision, .origin = ORIGIN_API },
    };
    world->snapshot->document_change_number++;
}

static void remove_document(struct world *world, struct text id)
{
    size_t at = place_of(world, id), count = world->snapshot->document_count;
    if (at == count || !text_equal(world->documents[at].config.document_id, id))
        return;
    memmove(&world->documents[at], &world->documents[at + 1], (count - at - 1) * sizeof *world->documents);
    world->snapshot->document_count--;
    world->snapshot->document_change_number++;
}

static bool submit(void *context, struct command_request *request)
{
    struct world *world = context;
    const struct command *command = &request->command;
    if (world->refuses)
        return false;
    assert_int_equal(request->command_id, 0); /* nobody waits for what the access does by itself */
    assert_false(text_is_present(command->audit.action));
    if (command->kind == COMMAND_DOCUMENT_PUT) {
        world->puts++;
        put(world, command->document);
    } else {
        assert_int_equal(command->kind, COMMAND_DOCUMENT_DELETE);
        world->deletes++;
        remove_document(world, command->id);
    }
    command_request_free(request);
    return true;
}

static struct snapshot *current(void *context)
{
    return snapshot_retain(((struct world *)context)->snapshot);
}

static struct auth *file_auth(const char *name, const char *secret)
{
    struct http_token token = { .name = name, .role = HTTP_ROLE_ADMIN };
    struct http_client client = { "orch", HTTP_ROLE_ORCHESTRATOR, "dns:orch.example" };
    struct http_options options = { .clients = &client, .client_count = 1 };
    if (name != NULL) {
        gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, strlen(secret), token.sha256);
        options.tokens = &token;
        options.token_count = 1;
    }
    struct auth *auth = auth_new(&options);
    assert_non_null(auth);
    return auth;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    arena_init(&world->arena, &process_heap);
    world->snapshot = calloc(1, sizeof *world->snapshot);
    assert_non_null(world->snapshot);
    atomic_init(&world->snapshot->references, 1);
    world->snapshot->documents = world->documents;
    world->backend = (struct http_backend){ .context = world, .submit = submit, .snapshot = current };
    access_init(&world->access, &world->backend, file_auth("ops", "ops-secret"), false);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    access_fini(&world->access);
    assert_int_equal(atomic_load(&world->snapshot->references), 1);
    free(world->snapshot);
    arena_fini(&world->arena);
    free(world);
    return 0;
}

static void put_token(struct world *world, const char *id, const char *secret, uint64_t expires_ms)
{
    struct api_token token = {
        .token = { .token_id = text_from_c(id), .role = HTTP_ROLE_VIEWER, .expires_ms = expires_ms },
        .created_ms = NOW_MS,
        .created_by = TEXT("token:ops")
    };
    struct document_config document;
    assert_true(secret_digest_of(text_from_c(secret), &token.token.digest));
    assert_true(token_book_document(&world->arena, &token, &document));
    put(world, &document);
    access_follow(&world->access);
}

static void put_sign_in(struct world *world, const char *secret, const char *token, uint64_t created_ms)
{
    struct sign_in sign_in = { .actor = (char *)(uintptr_t) "token:ops",
                               .created_ms = created_ms,
                               .used_ms = created_ms,
                               .ends_ms = created_ms + 12 * HOUR_MS,
                               .idle_ms = 30 * MINUTE_MS };
    struct document_config document;
    assert_true(secret_digest_of(text_from_c(secret), &sign_in.digest));
    assert_true(secret_digest_of(text_from_c(token), &sign_in.token_digest));
    assert_true(sign_in_document(&world->arena, &sign_in, &document));
    put(world, &document);
    access_follow(&world->access);
}

static struct caller caller_from(const char *address)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct caller caller = { .identity_count = 0 };
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    assert_true(is_v4 || inet_pton(AF_INET6, address, &v6.sin6_addr) == 1);
    caller.source =
        attempt_source_of(is_v4 ? (struct sockaddr *)(void *)&v4 : (struct sockaddr *)(void *)&v6);
    snprintf(caller.address, sizeof caller.address, is_v4 ? "%s:50112" : "[%s]:50112", address);
    return caller;
}

/* The actor of who shows it at that time; "" when nobody does. */
static struct text bearer(struct world *world, const char *authorization, uint64_t wall_ms)
{
    struct caller caller = caller_from("192.0.2.7");
    struct shown shown = { .authorization = text_from_c(authorization) };
    struct identity identity;
    bool known = access_identify(&world->access, &shown, &caller, wall_ms, &identity) == AUTH_OK;
    if (known)
        access_succeeded(&world->access, &caller, &identity, wall_ms);
    return known ? identity.actor : TEXT("");
}

static struct text browser(struct world *world, const char *secret, uint64_t wall_ms)
{
    struct caller caller = caller_from("192.0.2.7");
    struct shown shown = { .sign_in = text_from_c(secret) };
    struct identity identity;
    bool known = access_identify(&world->access, &shown, &caller, wall_ms, &identity) == AUTH_OK;
    if (known)
        access_succeeded(&world->access, &caller, &identity, wall_ms);
    return known ? identity.actor : TEXT("");
}

/* Tokens */

static void test_token_counts_from_its_document_until_that_is_removed(void **state)
{
    struct world *world = *state;
    uint64_t before = world->access.generation;
    assert_text(bearer(world, "Bearer one-secret", NOW_MS), "");
    put_token(world, "one", "one-secret", NOW_MS + 5);
    assert_text(bearer(world, "Bearer one-secret", NOW_MS + 4), "token:one");
    assert_text(bearer(world, "Bearer one-secret", NOW_MS + 5), "");
    assert_true(world->access.generation > before);
    before = world->access.generation;
    assert_false(access_follow(&world->access)); /* nothing new */
    remove_document(world, TEXT("token/one"));
    assert_true(access_follow(&world->access));
    assert_text(bearer(world, "Bearer one-secret", NOW_MS), "");
    assert_true(world->access.generation > before);
}

static void test_token_written_anew_has_the_new_secret_alone(void **state)
{
    struct world *world = *state;
    put_token(world, "one", "first", 0);
    put_token(world, "one", "second", 0);
    assert_text(bearer(world, "Bearer first", NOW_MS), "");
    assert_text(bearer(world, "Bearer second", NOW_MS), "token:one");
}

static void test_token_of_the_file_wins_over_one_of_its_name(void **state)
{
    struct world *world = *state;
    put_token(world, "later", "api-secret", 0);
    access_replace(&world->access, file_auth("later", "file-secret"));
    assert_text(bearer(world, "Bearer api-secret", NOW_MS), "");
    assert_text(bearer(world, "Bearer file-secret", NOW_MS), "token:later");
    access_replace(&world->access, file_auth(NULL, NULL));
    assert_text(bearer(world, "Bearer api-secret", NOW_MS), "token:later");
}

static void test_token_that_cannot_be_read_lets_nobody_in(void **state)
{
    static const char *const bodies[] = { "", "[]", "{}", "{\"sha256\":\"00\",\"role\":\"admin\"}",
                                          "{\"sha256\":5,\"role\":\"admin\"}" };
    char hex[SECRET_HEX_BYTES], body[256];
    struct secret_digest digest;
    struct world *world = *state;
    struct document_config document = { DOCUMENT_TOKEN, TEXT("token/odd"), TEXT_ABSENT };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        document.body = text_from_c(bodies[i]);
        put(world, &document);
        assert_false(access_follow(&world->access));
    }
    assert_true(secret_digest_of(TEXT("odd"), &digest));
    secret_digest_write(&digest, hex);
    snprintf(body, sizeof body, "{\"sha256\":\"%s\",\"role\":\"root\"}", hex);
    document.body = text_from_c(body);
    put(world, &document);
    assert_false(access_follow(&world->access));
    assert_text(bearer(world, "Bearer odd", NOW_MS), "");
}

static void test_many_tokens_are_each_found(void **state)
{
    struct world *world = *state;
    char id[16], secret[32];
    for (int i = 0; i < 500; i++) {
        snprintf(id, sizeof id, "t%d", i);
        snprintf(secret, sizeof secret, "Bearer s%d", i);
        put_token(world, id, secret + 7, 0);
    }
    for (int i = 0; i < 500; i++) {
        snprintf(id, sizeof id, "token:t%d", i);
        snprintf(secret, sizeof secret, "Bearer s%d", i);
        assert_text(bearer(world, secret, NOW_MS), id);
    }
}

/* Sessions */

static void test_session_ends_when_idle_and_in_any_case_in_the_end(void **state)
{
    struct world *world = *state;
    put_sign_in(world, "cookie", "ops-secret", NOW_MS);
    assert_text(browser(world, "cookie", NOW_MS + 30 * MINUTE_MS - 1), "token:ops"); /* a use */
    assert_text(browser(world, "cookie", NOW_MS + 60 * MINUTE_MS - 2), "token:ops");
    assert_text(browser(world, "cookie", NOW_MS + 90 * MINUTE_MS - 2), "");
    put_sign_in(world, "long", "ops-secret", NOW_MS);
    uint64_t at = NOW_MS;
    for (; at < NOW_MS + 12 * HOUR_MS; at += 29 * MINUTE_MS)
        assert_text(browser(world, "long", at), "token:ops");
    assert_text(browser(world, "long", at), "");
}

static void test_session_ends_with_its_token(void **state)
{
    struct world *world = *state;
    put_sign_in(world, "cookie", "ops-secret", NOW_MS);
    access_replace(&world->access, file_auth("ops", "another-secret"));
    assert_text(browser(world, "cookie", NOW_MS), "");
    access_sweep(&world->access, NOW_MS);
    assert_int_equal(world->deletes, 1);
    access_follow(&world->access);
    assert_int_equal(world->access.sign_ins.mirror.objects.count, 0);
}

static void test_session_of_a_token_that_changed_hands_is_over(void **state)
{
    struct world *world = *state;
    put_sign_in(world, "cookie", "ops-secret", NOW_MS);
    access_replace(&world->access, file_auth("other-name", "ops-secret"));
    assert_text(browser(world, "cookie", NOW_MS), "");
}

static void test_session_in_use_is_stored_once_a_minute(void **state)
{
    struct world *world = *state;
    put_sign_in(world, "cookie", "ops-secret", NOW_MS);
    for (uint64_t at = NOW_MS; at <= NOW_MS + 3 * MINUTE_MS; at += 1000) {
        assert_text(browser(world, "cookie", at), "token:ops");
        access_sweep(&world->access, at);
        access_follow(&world->access);
    }
    assert_int_equal(world->puts, 3 + 4); /* the session's, and the token's uses: the first at once */
}

static void test_session_over_is_removed_once_and_again_when_that_failed(void **state)
{
    struct world *world = *state;
    put_sign_in(world, "cookie", "ops-secret", NOW_MS);
    world->refuses = true;
    access_sweep(&world->access, NOW_MS + HOUR_MS);
    world->refuses = false;
    access_sweep(&world->access, NOW_MS + HOUR_MS + 1000);
    access_sweep(&world->access, NOW_MS + HOUR_MS + 2000); /* it is on its way */
    assert_int_equal(world->deletes, 1);
}

static void test_sessions_of_one_token_make_room_for_its_own(void **state)
{
    struct world *world = *state;
    char secret[32];
    struct secret_digest ops, other;
    assert_true(secret_digest_of(TEXT("ops-secret"), &ops));
    assert_true(secret_digest_of(TEXT("other"), &other));
    put_sign_in(world, "oldest of all", "other", NOW_MS - 1);
    for (int i = 0; i < SIGN_INS_OF_TOKEN_MAX; i++) {
        assert_null(sign_ins_surplus(&world->access.sign_ins, &ops));
        snprintf(secret, sizeof secret, "c%d", i);
        put_sign_in(world, secret, "ops-secret", NOW_MS + (uint64_t)i);
    }
    assert_int_equal(sign_ins_surplus(&world->access.sign_ins, &ops)->created_ms, NOW_MS);
    assert_null(sign_ins_surplus(&world->access.sign_ins, &other));
    for (int i = SIGN_INS_OF_TOKEN_MAX + 1; i < SIGN_INS_MAX; i++) {
        snprintf(secret, sizeof secret, "c%d", i);
        put_sign_in(world, secret, secret, NOW_MS + (uint64_t)i);
    }
    assert_int_equal(sign_ins_surplus(&world->access.sign_ins, &other)->created_ms, NOW_MS - 1);
}

/* Uses */

static void test_use_of_who_is_gone_goes_too(void **state)
{
    struct world *world = *state;
    put_token(world, "one", "one-secret", 0);
    assert_text(bearer(world, "Bearer one-secret", NOW_MS), "token:one");
    access_sweep(&world->access, NOW_MS);
    assert_int_equal(world->puts, 1);
    access_follow(&world->access);
    assert_string_equal(uses_find(&world->access.uses, TEXT("token:one"))->from, "192.0.2.7");
    remove_document(world, TEXT("token/one"));
    access_follow(&world->access);
    access_sweep(&world->access, NOW_MS + 1);
    assert_int_equal(world->deletes, 1);
    access_follow(&world->access);
    assert_null(uses_find(&world->access.uses, TEXT("token:one")));
}

static void test_use_is_known_after_a_restart(void **state)
{
    struct world *world = *state;
    assert_text(bearer(world, "Bearer ops-secret", NOW_MS + 7), "token:ops");
    access_sweep(&world->access, NOW_MS + 7);
    access_fini(&world->access);
    access_init(&world->access, &world->backend, file_auth("ops", "ops-secret"), false);
    assert_int_equal(uses_find(&world->access.uses, TEXT("token:ops"))->used_ms, NOW_MS + 7);
    access_sweep(&world->access, NOW_MS + 8);
    assert_int_equal(world->puts, 1); /* nothing new */
}

/* Failed attempts */

static unsigned fail_times(struct attempts *attempts, const struct attempt_source *source, unsigned times,
                           uint64_t now_ms)
{
    for (unsigned i = 0; i < times; i++) {
        assert_int_equal(attempts_wait_s(attempts, source, now_ms), 0);
        attempts_note_failure(attempts, source, now_ms);
    }
    return attempts_wait_s(attempts, source, now_ms);
}

static void test_attempts_are_twenty_and_ten_a_minute(void **state)
{
    struct attempts attempts;
    struct caller caller = caller_from("192.0.2.7"), neighbour = caller_from("192.0.2.8");
    (void)state;
    attempts_init(&attempts);
    assert_int_equal(fail_times(&attempts, &caller.source, 20, 5000), 6);
    assert_int_equal(attempts_wait_s(&attempts, &neighbour.source, 5000), 0);
    assert_int_equal(attempts_wait_s(&attempts, &caller.source, 10999), 1);
    assert_int_equal(fail_times(&attempts, &caller.source, 1, 11000), 6);
    assert_int_equal(fail_times(&attempts, &caller.source, 10, 71000), 6);
    assert_int_equal(fail_times(&attempts, &caller.source, 20, 1000000), 6); /* no more are saved up */
    attempts_fini(&attempts);
}

static void test_attempts_are_counted_by_network(void **state)
{
    static const struct {
        const char *left, *right;
        bool same;
    } pairs[] = {
        { "192.0.2.7", "::ffff:192.0.2.7", true },
        { "192.0.2.7", "192.0.2.8", false },
        { "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true },
        { "2001:db8:1:2::1", "2001:db8:1:3::1", false },
        { "::1", "0.0.0.1", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct caller left = caller_from(pairs[i].left), right = caller_from(pairs[i].right);
        assert_int_equal(memcmp(&left.source, &right.source, sizeof left.source) == 0, pairs[i].same);
    }
}

static void test_attempts_forget_the_source_that_was_quiet_longest(void **state)
{
    struct attempts attempts;
    struct attempt_source source = { { 4 } }, first = { { 4 } };
    (void)state;
    attempts_init(&attempts);
    assert_int_equal(fail_times(&attempts, &first, 20, 1), 6);
    for (unsigned i = 1; i < ATTEMPT_SOURCES_MAX; i++) {
        memcpy(source.bytes + 1, &i, sizeof i);
        attempts_note_failure(&attempts, &source, 2);
    }
    assert_int_equal(attempts.sources.count, ATTEMPT_SOURCES_MAX);
    attempts_note_failure(&attempts, &first, 3); /* not quiet any more */
    source.bytes[6] = 1;
    attempts_note_failure(&attempts, &source, 4);
    assert_int_equal(attempts.sources.count, ATTEMPT_SOURCES_MAX);
    assert_int_equal(attempts_wait_s(&attempts, &first, 4), 6);
    source = (struct attempt_source){ { 4, 1 } }; /* the one that went: as if never seen */
    assert_int_equal(fail_times(&attempts, &source, 20, 4), 6);
    attempts_fini(&attempts);
}

static void test_known_token_is_no_licence_to_guess(void **state)
{
    struct world *world = *state;
    struct caller caller = caller_from("192.0.2.7");
    struct identity identity = { .credential = CREDENTIAL_TOKEN, .actor = TEXT("token:ops") };
    fail_times(&world->access.attempts, &caller.source, 20, 1000);
    assert_int_equal(access_wait_s(&world->access, &caller, 1000), 6);
    access_succeeded(&world->access, &caller, &identity, NOW_MS);
    assert_int_equal(access_wait_s(&world->access, &caller, 1000), 0);
    access_failed(&world->access, &caller, AUTH_EXPIRED, 1000);
    access_failed(&world->access, &caller, AUTH_NONE, 1000);
    assert_int_equal(access_wait_s(&world->access, &caller, 1000), 0);
    access_failed(&world->access, &caller, AUTH_UNKNOWN, 1000);
    assert_true(access_wait_s(&world->access, &caller, 1000) > 0);
    assert_int_equal(world->access.attempts.failed, 21);
}

/* Secrets and cookies */

static void test_secrets_are_as_documented(void **state)
{
    char token[SECRET_TOKEN_BYTES], again[SECRET_TOKEN_BYTES], hex[SECRET_HEX_BYTES];
    struct secret_digest digest, read;
    (void)state;
    assert_true(secret_new_token(token) && secret_new_token(again));
    assert_int_equal(strlen(token), 76);
    assert_int_equal(strspn(token + 4, "0123456789abcdef"), 72);
    assert_memory_equal(token, "ckb_", 4);
    assert_string_not_equal(token, again);
    assert_true(secret_digest_of((struct text){ token, 68 }, &digest));
    secret_digest_write(&digest, hex);
    assert_memory_equal(hex, token + 68, 8);
    assert_true(secret_digest_read(text_from_c(hex), &read));
    assert_memory_equal(&read, &digest, sizeof read);
    hex[5] = 'G';
    assert_false(secret_digest_read(text_from_c(hex), &read));
    assert_false(secret_digest_of(TEXT(""), &digest));
    assert_true(secret_equal(TEXT("ab"), TEXT("ab")));
    assert_false(secret_equal(TEXT("ab"), TEXT("abc")));
    assert_false(secret_equal(TEXT(""), TEXT("")));
}

static void test_cookie_is_found_among_others(void **state)
{
    (void)state;
    assert_text(cookie_find(TEXT("ckbridge=1"), "ckbridge"), "1");
    assert_text(cookie_find(TEXT("a=b; ckbridge=1; c"), "ckbridge"), "1");
    assert_text(cookie_find(TEXT("ckbridge=1;ckbridge=2"), "ckbridge"), "1");
    assert_text(cookie_find(TEXT("x=ckbridge=3; ckbridge=a=b"), "ckbridge"), "a=b");
    assert_false(text_is_present(cookie_find(TEXT("ckbridge2=1; Xckbridge=2; ckbridge="), "ckbridge")));
    assert_false(text_is_present(cookie_find(TEXT(";;; "), "ckbridge")));
    assert_false(text_is_present(cookie_find(TEXT_ABSENT, "ckbridge")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_token_counts_from_its_document_until_that_is_removed),
        TEST(test_token_written_anew_has_the_new_secret_alone),
        TEST(test_token_of_the_file_wins_over_one_of_its_name),
        TEST(test_token_that_cannot_be_read_lets_nobody_in),
        TEST(test_many_tokens_are_each_found),
        TEST(test_session_ends_when_idle_and_in_any_case_in_the_end),
        TEST(test_session_ends_with_its_token),
        TEST(test_session_of_a_token_that_changed_hands_is_over),
        TEST(test_session_in_use_is_stored_once_a_minute),
        TEST(test_session_over_is_removed_once_and_again_when_that_failed),
        TEST(test_sessions_of_one_token_make_room_for_its_own),
        TEST(test_use_of_who_is_gone_goes_too),
        TEST(test_use_is_known_after_a_restart),
        cmocka_unit_test(test_attempts_are_twenty_and_ten_a_minute),
        cmocka_unit_test(test_attempts_are_counted_by_network),
        cmocka_unit_test(test_attempts_forget_the_source_that_was_quiet_longest),
        TEST(test_known_token_is_no_licence_to_guess),
        cmocka_unit_test(test_secrets_are_as_documented),
        cmocka_unit_test(test_cookie_is_found_among_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
