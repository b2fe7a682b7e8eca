/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/table.h"
#include "http/attempts.h"
#include "system/process_heap.h"

enum { IDENTITY_BYTES_MAX = 640 };
enum { HOUR_MS = 3600000, MINUTE_MS = 60000, SIGN_IN_HOURS_DEFAULT = 12, SIGN_IN_IDLE_MINUTES_DEFAULT = 30 };

struct client {
    struct text identity; /* a dns name in lower case */
    struct text actor;    /* "client:orch-1" */
    enum http_role role;
};

/*
 * What is shown is looked up by hash, so that thousands of tokens cost no more than one. That tells nothing
 * to who measures: the tables' hash is keyed with a secret, and bytes are compared only where all 64 bits of
 * it agree; and what is compared are SHA-256 digests, which nobody can bring closer to a token's by trying.
 */
struct auth {
    struct arena arena;
    struct auth_limits limits;
    struct token *tokens;
    size_t token_count;
    struct table by_digest, by_id;    /* tokens */
    struct table by_identity, actors; /* clients; an actor may have several identities */
};

static struct text digest_of(const void *token)
{
    return secret_digest_key(&((const struct token *)token)->digest);
}

static struct text id_of(const void *token)
{
    return ((const struct token *)token)->token_id;
}

static struct text identity_of(const void *client)
{
    return ((const struct client *)client)->identity;
}

static struct text actor_of(const void *client)
{
    return ((const struct client *)client)->actor;
}

/* Absent: out of memory. */
static struct text join(struct arena *arena, const char *prefix, const char *name)
{
    size_t before = strlen(prefix), length = before + strlen(name);
    char *joined = arena_allocate(arena, length + 1);
    if (joined == NULL)
        return TEXT_ABSENT;
    memcpy(joined, prefix, before);
    memcpy(joined + before, name, length - before);
    return (struct text){ joined, length };
}

/* One of two tokens with the same secret counts: the first. */
static bool add_token(struct auth *auth, const struct http_token *from)
{
    struct token *token = &auth->tokens[auth->token_count];
    token->role = from->role;
    token->expires_ms = from->expires_ms;
    memcpy(token->digest.bytes, from->sha256, sizeof token->digest.bytes);
    token->actor = join(&auth->arena, "token:", from->name);
    if (!text_is_present(token->actor))
        return false;
    token->token_id =
        (struct text){ token->actor.bytes + strlen("token:"), token->actor.length - strlen("token:") };
    if (table_find(&auth->by_id, token->token_id) != NULL)
        return true;
    if (!table_insert(&auth->by_id, token))
        return false;
    auth->token_count++;
    return table_find(&auth->by_digest, digest_of(token)) != NULL || table_insert(&auth->by_digest, token);
}

static bool copy_tokens(struct auth *auth, const struct http_options *options)
{
    auth->tokens = arena_allocate(&auth->arena, (options->token_count + 1) * sizeof *auth->tokens);
    for (size_t i = 0; i < options->token_count; i++)
        if (auth->tokens == NULL || !add_token(auth, &options->tokens[i]))
            return false;
    return auth->tokens != NULL;
}

/* DNS names know no case; all else is exact. Absent: too long to be anybody's. */
static struct text folded(struct text identity, char buffer[IDENTITY_BYTES_MAX])
{
    bool ignores_case = text_starts_with(identity, TEXT("dns:"));
    if (identity.length > IDENTITY_BYTES_MAX)
        return TEXT_ABSENT;
    for (size_t i = 0; i < identity.length; i++) {
        char byte = identity.bytes[i];
        buffer[i] = ignores_case && byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return (struct text){ buffer, identity.length };
}

static bool add_client(struct auth *auth, const struct http_client *from)
{
    char buffer[IDENTITY_BYTES_MAX];
    struct client *client = arena_allocate(&auth->arena, sizeof *client);
    if (client == NULL)
        return false;
    client->role = from->role;
    client->actor = join(&auth->arena, "client:", from->name);
    client->identity = arena_copy(&auth->arena, folded(text_from_c(from->identity), buffer));
    if (!text_is_present(client->actor) || !text_is_present(client->identity))
        return false;
    return (table_find(&auth->by_identity, client->identity) != NULL ||
            table_insert(&auth->by_identity, client)) &&
           (table_find(&auth->actors, client->actor) != NULL || table_insert(&auth->actors, client));
}

static struct auth_limits limits_of(const struct http_options *options)
{
    return (struct auth_limits){
        .failures_per_minute = options->auth_failures_per_minute != 0 ? options->auth_failures_per_minute
                                                                      : ATTEMPTS_PER_MINUTE_DEFAULT,
        .sign_in_ms = (options->session_hours != 0 ? options->session_hours : SIGN_IN_HOURS_DEFAULT) *
                      (uint64_t)HOUR_MS,
        .sign_in_idle_ms = (options->session_idle_minutes != 0 ? options->session_idle_minutes
                                                               : SIGN_IN_IDLE_MINUTES_DEFAULT) *
                           (uint64_t)MINUTE_MS,
    };
}

struct auth *auth_new(const struct http_options *options)
{
    struct siphash_key key = secret_table_key();
    struct auth *auth = calloc(1, sizeof *auth);
    if (auth == NULL)
        return NULL;
    auth->limits = limits_of(options);
    arena_init(&auth->arena, &process_heap);
    table_init(&auth->by_digest, &process_heap, key, digest_of);
    table_init(&auth->by_id, &process_heap, key, id_of);
    table_init(&auth->by_identity, &process_heap, key, identity_of);
    table_init(&auth->actors, &process_heap, key, actor_of);
    bool copied = copy_tokens(auth, options);
    for (size_t i = 0; i < options->client_count; i++)
        copied = copied && add_client(auth, &options->clients[i]);
    if (copied)
        return auth;
    auth_free(auth);
    return NULL;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    table_fini(&auth->by_digest);
    table_fini(&auth->by_id);
    table_fini(&auth->by_identity);
    table_fini(&auth->actors);
    arena_fini(&auth->arena);
    free(auth);
}

const struct auth_limits *auth_limits(const struct auth *auth)
{
    return &auth->limits;
}

const struct token *auth_token(const struct auth *auth, const struct secret_digest *digest)
{
    return table_find(&auth->by_digest, secret_digest_key(digest));
}

const struct token *auth_token_of_id(const struct auth *auth, struct text token_id)
{
    return table_find(&auth->by_id, token_id);
}

const struct token *auth_tokens(const struct auth *auth, size_t *out_count)
{
    *out_count = auth->token_count;
    return auth->tokens;
}

/* RFC 6750: "Bearer" in any case, one space or more, the token. */
bool auth_bearer_digest(struct text authorization, struct secret_digest *out_digest)
{
    static const struct text scheme = { "bearer ", 7 };
    if (authorization.length <= scheme.length ||
        !text_equal_ignoring_case((struct text){ authorization.bytes, scheme.length }, scheme))
        return false;
    size_t at = scheme.length;
    while (at < authorization.length && authorization.bytes[at] == ' ')
        at++;
    return secret_digest_of((struct text){ authorization.bytes + at, authorization.length - at }, out_digest);
}

enum auth_status auth_certificate(const struct auth *auth, const struct text *identities, size_t count,
                                  enum http_role *out_role, struct text *out_actor)
{
    for (size_t i = 0; i < count; i++) {
        char buffer[IDENTITY_BYTES_MAX];
        const struct client *client = table_find(&auth->by_identity, folded(identities[i], buffer));
        if (client != NULL) {
            *out_role = client->role;
            *out_actor = client->actor;
            return AUTH_OK;
        }
    }
    return count > 0 ? AUTH_UNKNOWN : AUTH_NONE;
}

bool auth_has_client(const struct auth *auth, struct text actor)
{
    return table_find(&auth->actors, actor) != NULL;
}

static const char *const role_names[AUTH_ROLES] = { "none", "viewer", "orchestrator", "admin" };

const char *auth_role_name(enum http_role role)
{
    return role_names[role];
}

bool auth_role_from_name(struct text name, enum http_role *out_role)
{
    for (int role = HTTP_ROLE_VIEWER; role < AUTH_ROLES; role++)
        if (text_equal_c(name, role_names[role])) {
            *out_role = (enum http_role)role;
            return true;
        }
    return false;
}
