/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "system/process_heap.h"

enum { SHA256_BYTES = 32, TOKEN_BYTES_MAX = 1024 };

struct auth {
    struct arena arena;
    struct http_token *tokens; /* their names are actors: "token:ops" */
    size_t token_count;
    struct http_client *clients;
    size_t client_count;
};

static const char *join(struct arena *arena, const char *prefix, const char *name)
{
    size_t bytes = strlen(prefix) + strlen(name) + 1;
    char *joined = arena_allocate(arena, bytes);
    if (joined != NULL)
        snprintf(joined, bytes, "%s%s", prefix, name);
    return joined;
}

static bool copy_tokens(struct auth *auth, const struct http_options *options)
{
    if (options->token_count == 0)
        return true;
    auth->tokens = arena_allocate(&auth->arena, options->token_count * sizeof *auth->tokens);
    for (; auth->tokens != NULL && auth->token_count < options->token_count; auth->token_count++) {
        struct http_token *token = &auth->tokens[auth->token_count];
        *token = options->tokens[auth->token_count];
        token->name = join(&auth->arena, "token:", token->name);
        if (token->name == NULL)
            return false;
    }
    return auth->tokens != NULL;
}

static bool copy_clients(struct auth *auth, const struct http_options *options)
{
    if (options->client_count == 0)
        return true;
    auth->clients = arena_allocate(&auth->arena, options->client_count * sizeof *auth->clients);
    for (; auth->clients != NULL && auth->client_count < options->client_count; auth->client_count++) {
        struct http_client *client = &auth->clients[auth->client_count];
        *client = options->clients[auth->client_count];
        client->name = join(&auth->arena, "client:", client->name);
        client->identity = join(&auth->arena, "", client->identity);
        if (client->name == NULL || client->identity == NULL)
            return false;
    }
    return auth->clients != NULL;
}

struct auth *auth_new(const struct http_options *options)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (auth == NULL)
        return NULL;
    arena_init(&auth->arena, &process_heap);
    if (copy_tokens(auth, options) && copy_clients(auth, options))
        return auth;
    auth_free(auth);
    return NULL;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    arena_fini(&auth->arena);
    free(auth);
}

/* RFC 6750: "Bearer" in any case, one space or more, the token. */
static bool bearer_token(struct text authorization, struct text *out_token)
{
    static const struct text scheme = { "bearer ", 7 };
    if (authorization.length <= scheme.length ||
        !text_equal_ignoring_case((struct text){ authorization.bytes, scheme.length }, scheme))
        return false;
    size_t at = scheme.length;
    while (at < authorization.length && authorization.bytes[at] == ' ')
        at++;
    *out_token = (struct text){ authorization.bytes + at, authorization.length - at };
    return out_token->length > 0 && out_token->length <= TOKEN_BYTES_MAX;
}

/* Looks at every token whatever matches, so that time tells nothing. */
enum auth_status auth_bearer(const struct auth *auth, struct text authorization, uint64_t wall_ms,
                             enum http_role *out_role, struct text *out_actor)
{
    unsigned char presented[SHA256_BYTES];
    struct text token;
    const struct http_token *found = NULL;
    if (!bearer_token(authorization, &token) ||
        gnutls_hash_fast(GNUTLS_DIG_SHA256, token.bytes, token.length, presented) != 0)
        return AUTH_MALFORMED;
    for (size_t i = 0; i < auth->token_count; i++)
        if (gnutls_memcmp(auth->tokens[i].sha256, presented, SHA256_BYTES) == 0)
            found = &auth->tokens[i];
    if (found == NULL)
        return AUTH_UNKNOWN;
    if (found->expires_ms != 0 && found->expires_ms <= wall_ms)
        return AUTH_EXPIRED;
    *out_role = found->role;
    *out_actor = text_from_c(found->name);
    return AUTH_OK;
}

/* DNS names know no case; all else is exact. */
static bool identity_equal(struct text proven, struct text configured)
{
    if (text_starts_with(configured, TEXT("dns:")))
        return text_equal_ignoring_case(proven, configured);
    return text_equal(proven, configured);
}

enum auth_status auth_certificate(const struct auth *auth, const struct text *identities, size_t count,
                                  enum http_role *out_role, struct text *out_actor)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < auth->client_count; j++)
            if (identity_equal(identities[i], text_from_c(auth->clients[j].identity))) {
                *out_role = auth->clients[j].role;
                *out_actor = text_from_c(auth->clients[j].name);
                return AUTH_OK;
            }
    return AUTH_UNKNOWN;
}

const char *auth_role_name(enum http_role role)
{
    switch (role) {
    case HTTP_ROLE_NONE:
        return "none";
    case HTTP_ROLE_VIEWER:
        return "viewer";
    case HTTP_ROLE_ORCHESTRATOR:
        return "orchestrator";
    case HTTP_ROLE_ADMIN:
        return "admin";
    }
    return "none";
}
