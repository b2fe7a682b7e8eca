/* SPDX-License-Identifier: Apache-2.0 */
/* Who may: bearer tokens and client certificates to a role and an actor's name. Immutable once made. */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include <stdint.h>

#include "base/text.h"
#include "http/http.h"

enum { AUTH_IDENTITIES_MAX = 32 };

struct auth;

/* Copies the tokens and clients of the options; NULL: out of memory. */
struct auth *auth_new(const struct http_options *options);
void auth_free(struct auth *auth);

enum auth_status { AUTH_OK, AUTH_UNKNOWN, AUTH_EXPIRED, AUTH_MALFORMED };

/* Outputs only with AUTH_OK; the actor ("token:ops") lives as long as `auth`. */
enum auth_status auth_bearer(const struct auth *auth, struct text authorization, uint64_t wall_ms,
                             enum http_role *out_role, struct text *out_actor);
/* Of what a verified certificate proves ("dns:...", "uri:...", "cn:..."), the first that is configured. */
enum auth_status auth_certificate(const struct auth *auth, const struct text *identities, size_t count,
                                  enum http_role *out_role, struct text *out_actor);
const char *auth_role_name(enum http_role role);

#endif
