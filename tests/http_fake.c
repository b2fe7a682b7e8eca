/* SPDX-License-Identifier: Apache-2.0 */
#include "http_fake.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "system/clock.h"
#include "system/process_heap.h"

const char *const fake_tokens[4] = { NULL, "viewer-token", "orchestrator-token", "admin-token" };

const struct http_token *fake_token_list(size_t *out_count)
{
    static struct http_token tokens[4];
    static const char *const texts[] = { "viewer-token", "orchestrator-token", "admin-token",
                                         "expired-token" };
    static const enum http_role roles[] = { HTTP_ROLE_VIEWER, HTTP_ROLE_ORCHESTRATOR, HTTP_ROLE_ADMIN,
                                            HTTP_ROLE_ADMIN };
    for (size_t i = 0; i < 4; i++) {
        tokens[i] = (struct http_token){ .name = texts[i], .role = roles[i], .expires_ms = i == 3 };
        gnutls_hash_fast(GNUTLS_DIG_SHA256, texts[i], strlen(texts[i]), tokens[i].sha256);
    }
    *out_count = 4;
    return tokens;
}

/* Snapshots: each is a copy of the one before with the newest write in it. All live until the end. */

static struct text keep(struct fake *fake, struct text text)
{
    return arena_copy(&fake->arena, text);
}

static struct snapshot *next_snapshot(struct fake *fake)
{
    assert_true(fake->snapshot_count < FAKE_SNAPSHOTS_MAX);
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    if (fake->snapshot_count > 0) {
        const struct snapshot *before = fake->snapshots[fake->snapshot_count - 1];
        snapshot->taken_ms = before->taken_ms;
        snapshot->event_id = before->event_id;
        snapshot->policy = before->policy;
        snapshot->totals = before->totals;
        snapshot->kms = before->kms;
        snapshot->km_count = before->km_count;
        snapshot->applications = before->applications;
        snapshot->application_count = before->application_count;
        snapshot->destinations = before->destinations;
        snapshot->destination_count = before->destination_count;
        snapshot->routes = before->routes;
        snapshot->route_count = before->route_count;
        snapshot->links = before->links;
        snapshot->link_count = before->link_count;
        snapshot->documents = before->documents;
        snapshot->document_count = before->document_count;
    }
    atomic_init(&snapshot->references, 1);
    snapshot->change_number = snapshot->document_change_number = fake->snapshot_count;
    return snapshot;
}

static void publish(struct fake *fake, struct snapshot *snapshot)
{
    fake->snapshots[fake->snapshot_count++] = snapshot;
}

/* A sorted array with one more place, and where `key` goes or is. */
#define INSERTED(type, items, count, key, key_of)                                                            \
    size_t at = 0;                                                                                           \
    while (at < (count) && text_compare((items)[at].key_of, key) < 0)                                        \
        at++;                                                                                                \
    bool there = at < (count) && text_equal((items)[at].key_of, key);                                        \
    type *copies = arena_allocate(&fake->arena, ((count) + 1) * sizeof *copies);                             \
    assert_non_null(copies);                                                                                 \
    if (at > 0)                                                                                              \
        memcpy(copies, (items), at * sizeof *copies);                                                        \
    if ((count) > at + there)                                                                                \
        memcpy(copies + at + 1, (items) + at + there, ((count)-at - there) * sizeof *copies);                \
    (items) = copies;                                                                                        \
    (count) += !there;

static struct text *keep_all(struct fake *fake, const struct text *texts, size_t count)
{
    struct text *copies = arena_allocate(&fake->arena, (count + 1) * sizeof *copies);
    assert_non_null(copies);
    for (size_t i = 0; i < count; i++)
        copies[i] = keep(fake, texts[i]);
    return copies;
}

static struct revision next_revision(struct fake *fake)
{
    return (struct revision){ .number = ++fake->revision, .changed_ms = 1000, .origin = ORIGIN_API };
}

static void put_km(struct fake *fake, struct snapshot *snapshot, const struct km_config *config)
{
    INSERTED(struct km_view, snapshot->kms, snapshot->km_count, config->km_id, config.km_id)
    struct km_view *km = &copies[at];
    *km = (struct km_view){ .config = *config, .revision = next_revision(fake) };
    km->config.km_id = keep(fake, config->km_id);
    km->config.kma_ids = keep_all(fake, config->kma_ids, config->kma_id_count);
    km->config.identities = keep_all(fake, config->identities, config->identity_count);
    km->policy_in_force = (struct policy){ { DECIDER_ROUTE }, 2000, 60000 };
    if (config->policy.orchestrator_ms != 0)
        km->policy_in_force.orchestrator_ms = config->policy.orchestrator_ms;
    for (size_t i = 0; i < config->dialect.success_word_count; i++)
        km->config.dialect.success_words[i] = keep(fake, config->dialect.success_words[i]);
}

static void put_application(struct fake *fake, struct snapshot *snapshot,
                            const struct application_config *config)
{
    INSERTED(struct application_view, snapshot->applications, snapshot->application_count,
             config->application_id, config.application_id)
    copies[at] = (struct application_view){ .config = { .application_id = keep(fake, config->application_id),
                                                        .kma_id = keep(fake, config->kma_id) },
                                            .revision = next_revision(fake) };
}

static void put_destination(struct fake *fake, struct snapshot *snapshot,
                            const struct destination_config *config)
{
    INSERTED(struct destination_view, snapshot->destinations, snapshot->destination_count, config->kma_id,
             config.kma_id)
    copies[at] = (struct destination_view){ .config = *config, .revision = next_revision(fake) };
    copies[at].config.kma_id = keep(fake, config->kma_id);
}

static void put_route(struct fake *fake, struct snapshot *snapshot, const struct route_config *config)
{
    INSERTED(struct route_view, snapshot->routes, snapshot->route_count, config->route_id, config.route_id)
    struct route_view *route = &copies[at];
    *route = (struct route_view){ .config = *config, .revision = next_revision(fake) };
    route->config.route_id = keep(fake, config->route_id);
    route->config.source_kma_id = keep(fake, config->source_kma_id);
    route->config.destination_kma_id = keep(fake, config->destination_kma_id);
    route->config.origin = keep(fake, config->origin);
    if (config->path != NULL)
        route->config.path = keep_all(fake, config->path, config->path_length);
    if (config->hop_count == 0)
        return;
    route->config.hops = arena_allocate(&fake->arena, config->hop_count * sizeof *config->hops);
    for (size_t i = 0; i < config->hop_count; i++) {
        route->config.hops[i].kma_id = keep(fake, config->hops[i].kma_id);
        route->config.hops[i].next_kma_id_count = config->hops[i].next_kma_id_count;
        route->config.hops[i].next_kma_ids =
            keep_all(fake, config->hops[i].next_kma_ids, config->hops[i].next_kma_id_count);
    }
}

static void put_link(struct fake *fake, struct snapshot *snapshot, const struct link_config *config)
{
    INSERTED(struct link_view, snapshot->links, snapshot->link_count, config->link_id, config.link_id)
    struct link_view *link = &copies[at];
    *link = (struct link_view){ .config = *config, .revision = next_revision(fake) };
    link->config.link_id = keep(fake, config->link_id);
    link->config.kma_a = keep(fake, config->kma_a);
    link->config.kma_b = keep(fake, config->kma_b);
    link->config.origin = keep(fake, config->origin);
}

static void put_document(struct fake *fake, struct snapshot *snapshot, const struct document_config *config)
{
    INSERTED(struct document_view, snapshot->documents, snapshot->document_count, config->document_id,
             config.document_id)
    copies[at] = (struct document_view){ .config = { .kind = config->kind,
                                                     .document_id = keep(fake, config->document_id),
                                                     .body = keep(fake, config->body) },
                                         .revision = next_revision(fake) };
}

static void delete_document(struct fake *fake, struct snapshot *snapshot, struct text id)
{
    size_t kept = 0;
    struct document_view *copies =
        arena_allocate(&fake->arena, (snapshot->document_count + 1) * sizeof *copies);
    assert_non_null(copies);
    for (size_t i = 0; i < snapshot->document_count; i++)
        if (!text_equal(snapshot->documents[i].config.document_id, id))
            copies[kept++] = snapshot->documents[i];
    snapshot->documents = copies;
    snapshot->document_count = kept;
}

/* The core's thread */

static void apply(struct fake *fake, const struct command *command)
{
    struct snapshot *snapshot = next_snapshot(fake);
    for (size_t i = 0; i < command->km_count; i++)
        put_km(fake, snapshot, &command->kms[i]);
    for (size_t i = 0; i < command->application_count; i++)
        put_application(fake, snapshot, &command->applications[i]);
    for (size_t i = 0; i < command->destination_count; i++)
        put_destination(fake, snapshot, &command->destinations[i]);
    for (size_t i = 0; i < command->route_count; i++)
        put_route(fake, snapshot, &command->routes[i]);
    for (size_t i = 0; i < command->link_count; i++)
        put_link(fake, snapshot, &command->links[i]);
    if (command->document != NULL)
        put_document(fake, snapshot, command->document);
    if (command->kind == COMMAND_DOCUMENT_DELETE)
        delete_document(fake, snapshot, command->id);
    publish(fake, snapshot);
}

static void answer(struct fake *fake, const struct command_request *request)
{
    struct text warning = TEXT("kma-1 to kma-2 has no link");
    struct reply reply = { .command_id = request->command_id,
                           .status = fake->status,
                           .reason = fake->reason,
                           .detail = text_from_c(fake->detail),
                           .request_id = request->command.request_id != 0 ? request->command.request_id : 3 };
    bool replaces =
        request->command.kind == COMMAND_ROUTES_REPLACE || request->command.kind == COMMAND_LINKS_REPLACE;
    if (request->command.kind == COMMAND_ROUTE_PUT) {
        reply.warnings = &warning;
        reply.warning_count = 1;
    }
    if (replaces)
        reply.created = request->command.route_count + request->command.link_count;
    if (!request->command.dry_run && (reply.status == REPLY_OK || reply.status == REPLY_CREATED))
        apply(fake, &request->command);
    reply.revision = fake->revision;
    http_reply(fake->http, &reply);
}

static void keep_key(struct fake *fake, const struct command *command)
{
    size_t at = 0;
    while (at < fake->key_count && !text_equal(fake->keys[at].key, command->idempotency.key))
        at++;
    assert_true(at < FAKE_KEYS);
    fake->key_count += at == fake->key_count;
    fake->keys[at] =
        (struct idempotency_record){ .key = keep(fake, command->idempotency.key),
                                     .digest = keep(fake, command->idempotency.digest),
                                     .created_ms = clock_wall_ms(),
                                     .created = fake->status == REPLY_CREATED,
                                     .request_id = command->request_id != 0 ? command->request_id : 3 };
}

static void keep_answer(struct fake *fake, const struct command_request *request)
{
    for (size_t i = 0; i < fake->key_count; i++)
        if (text_equal(fake->keys[i].key, request->command.idempotency.key))
            fake->keys[i].answer = keep(fake, request->command.answer);
    fake->answers_kept++;
    if (!fake->keeps_no_answers)
        http_reply(fake->http, &(struct reply){ .command_id = request->command_id });
}

static void take(struct fake *fake, struct command_request *request)
{
    if (request->command_id == 0) { /* the HTTP thread's own: nobody waits for it */
        apply(fake, &request->command);
        command_request_free(request);
        return;
    }
    if (request->command.kind == COMMAND_KEEP_ANSWER) {
        keep_answer(fake, request);
        command_request_free(request);
        return;
    }
    command_request_free(fake->last);
    fake->last = request;
    fake->commands++;
    const bool is_done = fake->status == REPLY_OK || fake->status == REPLY_CREATED;
    if (is_done && text_is_present(request->command.idempotency.key))
        keep_key(fake, &request->command);
    if (!fake->silent)
        answer(fake, request);
}

static void *run_core(void *context)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    while (!fake->stop) {
        if (fake->queue_count == 0) {
            pthread_cond_wait(&fake->changed, &fake->lock);
            continue;
        }
        struct command_request *first = fake->queue[0];
        fake->queue_count--;
        memmove(fake->queue, fake->queue + 1, fake->queue_count * sizeof *fake->queue);
        take(fake, first);
        pthread_cond_broadcast(&fake->changed);
    }
    pthread_mutex_unlock(&fake->lock);
    return NULL;
}

/* The backend */

static void take_audit(struct fake *fake, struct command_request *request)
{
    const struct command *command = &request->command;
    assert_int_equal(request->command_id, 0); /* nobody waits for it */
    snprintf(fake->audit, sizeof fake->audit, "%.*s %.*s %.*s %.*s: %.*s", TEXT_ARGUMENTS(command->actor),
             TEXT_ARGUMENTS(command->audit.action), TEXT_ARGUMENTS(command->audit.target),
             TEXT_ARGUMENTS(command->outcome), TEXT_ARGUMENTS(command->detail));
    fake->audits++;
    command_request_free(request);
}

static bool submit(void *context, struct command_request *request)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    bool taken = !fake->refuse_all && fake->queue_count < FAKE_QUEUE_MAX;
    if (taken && request->command.kind == COMMAND_AUDIT)
        take_audit(fake, request);
    else if (taken)
        fake->queue[fake->queue_count++] = request;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
    return taken;
}

static void sign(void *context, enum orchestrator_sign orchestrator_sign)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    fake->signs[orchestrator_sign]++;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
}

static struct snapshot *current(void *context)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    struct snapshot *snapshot = snapshot_retain(fake->snapshots[fake->snapshot_count - 1]);
    pthread_mutex_unlock(&fake->lock);
    return snapshot;
}

static void status(void *context, struct http_status *out_status)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    *out_status = (struct http_status){ .version = "0.1.0",
                                        .instance = "bridge-1",
                                        .started_ms = 1000,
                                        .ready = fake->ready,
                                        .store_available = fake->store_available,
                                        .sessions_max = 100,
                                        .listener_count = 1 };
    snprintf(out_status->listeners[0].name, sizeof out_status->listeners[0].name, "main");
    out_status->listeners[0].kind = "ck";
    pthread_mutex_unlock(&fake->lock);
}

void fake_add_events(struct fake *fake, uint64_t newest_id)
{
    pthread_mutex_lock(&fake->lock);
    fake->newest_event = newest_id;
    pthread_mutex_unlock(&fake->lock);
    http_events_durable(fake->http, newest_id);
}

void fake_publish(struct fake *fake, uint64_t event_id, size_t km_count)
{
    pthread_mutex_lock(&fake->lock);
    struct snapshot *snapshot = next_snapshot(fake);
    snapshot->event_id = event_id;
    if (km_count > 0) {
        struct km_view *kms = arena_allocate(&fake->arena, km_count * sizeof *kms);
        assert_non_null(kms);
        for (size_t i = 0; i < km_count; i++) {
            char name[32];
            kms[i] = snapshot->kms[0];
            snprintf(name, sizeof name, "km-%05zu", i);
            kms[i].config.km_id = keep(fake, text_from_c(name));
        }
        snapshot->kms = kms;
        snapshot->km_count = km_count;
    }
    publish(fake, snapshot);
    pthread_mutex_unlock(&fake->lock);
}

void fake_cut_events(struct fake *fake, uint64_t oldest_id)
{
    pthread_mutex_lock(&fake->lock);
    fake->oldest_event = oldest_id;
    pthread_mutex_unlock(&fake->lock);
}

void fake_await_sign(struct fake *fake, enum orchestrator_sign orchestrator_sign, int count)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->signs[orchestrator_sign] < count)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
}

size_t fake_commands(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    size_t commands = fake->commands;
    pthread_mutex_unlock(&fake->lock);
    return commands;
}

void fake_await_audits(struct fake *fake, size_t count)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->audits < count)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
}

/* Start and stop */

static void first_snapshot(struct fake *fake)
{
    struct text kma = TEXT("kma-1"), identity = TEXT("dns:alice.example");
    struct km_config alice = { .km_id = TEXT("alice"),
                               .kma_ids = &kma,
                               .kma_id_count = 1,
                               .identities = &identity,
                               .identity_count = 1,
                               .enabled = true };
    struct snapshot *snapshot = next_snapshot(fake);
    ck_dialect_init(&alice.dialect);
    snapshot->taken_ms = 1000;
    snapshot->policy.order[0] = DECIDER_ROUTE;
    put_km(fake, snapshot, &alice);
    snapshot->kms[0].connected = true;
    snapshot->kms[0].peer = TEXT("127.0.0.1:50112");
    snapshot->kms[0].counters.received[CK_NOTIFY_RELAY] = 7;
    publish(fake, snapshot);
}

struct fake *fake_start(const struct http_options *changes)
{
    struct fake *fake = calloc(1, sizeof *fake);
    struct http_options options = { .listen = "127.0.0.1:0" };
    char detail[256] = "";
    assert_non_null(fake);
    if (changes != NULL)
        options = *changes;
    if (options.listen == NULL)
        options.listen = "127.0.0.1:0";
    if (options.tokens == NULL)
        options.tokens = fake_token_list(&options.token_count);
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->changed, NULL);
    arena_init(&fake->arena, &process_heap);
    fake->ready = fake->store_available = true;
    fake->oldest_event = 1;
    first_snapshot(fake);
    struct http_backend backend = {
        .context = fake,
        .submit = submit,
        .orchestrator = sign,
        .snapshot = current,
        .status = status,
        .history = fake_history(fake),
    };
    fake->http = http_new(&options, &backend, detail, sizeof detail);
    if (fake->http == NULL)
        fail_msg("%s", detail);
    assert_true(http_address(fake->http, fake->address, sizeof fake->address));
    assert_int_equal(pthread_create(&fake->core, NULL, run_core, fake), 0);
    return fake;
}

void fake_stop(struct fake *fake)
{
    http_free(fake->http);
    pthread_mutex_lock(&fake->lock);
    fake->stop = true;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
    pthread_join(fake->core, NULL);
    for (size_t i = 0; i < fake->queue_count; i++)
        command_request_free(fake->queue[i]);
    command_request_free(fake->last);
    for (size_t i = 0; i < fake->snapshot_count; i++) {
        assert_int_equal(atomic_load(&fake->snapshots[i]->references), 1); /* the server gave all back */
        free(fake->snapshots[i]);
    }
    arena_fini(&fake->arena);
    pthread_mutex_destroy(&fake->lock);
    pthread_cond_destroy(&fake->changed);
    free(fake);
}

struct http_answer fake_ask_with(struct fake *fake, enum http_role role, const char *method_and_path,
                                 const char *more_headers, const char *body)
{
    size_t capacity = 8192 + (body != NULL ? strlen(body) : 0);
    char *text = malloc(capacity);
    char token[128] = "";
    assert_non_null(text);
    if (role != HTTP_ROLE_NONE)
        snprintf(token, sizeof token, "Authorization: Bearer %s\r\n", fake_tokens[role]);
    int length = snprintf(text, capacity, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s",
                          method_and_path, token, more_headers);
    if (body != NULL)
        length +=
            snprintf(text + length, capacity - (size_t)length,
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        length += snprintf(text + length, capacity - (size_t)length, "\r\n");
    struct http_answer reply = client_ask_raw(fake->address, text, (size_t)length);
    free(text);
    return reply;
}

struct http_answer fake_ask(struct fake *fake, enum http_role role, const char *method_and_path,
                            const char *body)
{
    return fake_ask_with(fake, role, method_and_path, "", body);
}

void fake_expect(struct fake *fake, enum http_role role, const char *method_and_path, const char *body,
                 int expected, const char *part)
{
    struct http_answer reply = fake_ask(fake, role, method_and_path, body);
    if (reply.status != expected)
        fail_msg("%s: %d instead of %d: %s", method_and_path, reply.status, expected, reply.body);
    if (part != NULL && strstr(reply.body, part) == NULL)
        fail_msg("%s: no \"%s\" in %s", method_and_path, part, reply.body);
    client_answer_free(&reply);
}
