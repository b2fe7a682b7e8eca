/* SPDX-License-Identifier: Apache-2.0 */
/* Who may by the configuration: tokens and client certificates, to a role and an actor's name. Immutable once
   made. */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include <stdint.h>

#include "base/text.h"
#include "http/http.h"
#include "http/secret.h"

enum { AUTH_IDENTITIES_MAX = 32, AUTH_ROLES = HTTP_ROLE_ADMIN + 1 };

struct auth;

/* A bearer token, of the configuration or of the API. */
struct token {
    struct secret_digest digest;
    enum http_role role;
    struct text token_id;
    struct text actor;   /* "token:ops" */
    uint64_t expires_ms; /* Unix time; 0: never */
};

/* What else the configuration says of access. */
struct auth_limits {
    uint32_t failures_per_minute;
    uint64_t sign_in_ms, sign_in_idle_ms;
};

/* Copies the tokens and clients of the options; NULL: out of memory. */
struct auth *auth_new(const struct http_options *options);
void auth_free(struct auth *auth);
const struct auth_limits *auth_limits(const struct auth *auth);

/* All live as long as `auth`; NULL: there is none. */
const struct token *auth_token(const struct auth *auth, const struct secret_digest *digest);
const struct token *auth_token_of_id(const struct auth *auth, struct text token_id);
const struct token *auth_tokens(const struct auth *auth, size_t *out_count);

enum auth_status {
    AUTH_OK,
    AUTH_NONE, /* nothing was shown that could prove anything */
    AUTH_UNKNOWN,
    AUTH_EXPIRED,
    AUTH_MALFORMED,
};

/* The digest of an Authorization header's token (RFC 6750); false: malformed. */
bool auth_bearer_digest(struct text authorization, struct secret_digest *out_digest);
/* Of what a verified certificate proves ("dns:...", "uri:...", "cn:..."), the first that is configured.
   Outputs only with AUTH_OK; the actor ("client:orch-1") lives as long as `auth`. */
enum auth_status auth_certificate(const struct auth *auth, const struct text *identities, size_t count,
                                  enum http_role *out_role, struct text *out_actor);
bool auth_has_client(const struct auth *auth, struct text actor);
const char *auth_role_name(enum http_role role);
bool auth_role_from_name(struct text name, enum http_role *out_role);

#endif
