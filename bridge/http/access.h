/* SPDX-License-Identifier: Apache-2.0 */
/* Who is asking: tokens of the file and of the API, client certificates and browsers' sessions, as one. */
#ifndef HTTP_ACCESS_H
#define HTTP_ACCESS_H

#include "http/attempts.h"
#include "http/auth.h"
#include "http/sign_ins.h"
#include "http/token_book.h"
#include "http/uses.h"

enum { CALLER_ADDRESS_BYTES = 64 };

/* What is known of a connection. */
struct caller {
    const struct text *identities; /* what a verified client certificate proves */
    size_t identity_count;
    char address[CALLER_ADDRESS_BYTES]; /* "192.0.2.1:50112"; "" when unknown */
    struct attempt_source source;
    bool proven; /* what was shown on it last was good */
};

/* What a request shows. Absent texts: it does not. */
struct shown {
    struct text authorization; /* the header */
    struct text sign_in;       /* the session cookie's value */
};

enum credential { CREDENTIAL_NONE, CREDENTIAL_TOKEN, CREDENTIAL_CERTIFICATE, CREDENTIAL_SIGN_IN };

struct identity {
    enum credential credential;
    enum http_role role;
    struct text actor;   /* "token:ops", "client:orch-1"; until the next access_follow or access_replace */
    uint64_t expires_ms; /* 0: never */
    struct sign_in *sign_in; /* of CREDENTIAL_SIGN_IN; as short-lived as the actor */
};

struct access {
    const struct http_backend *backend;
    struct auth *auth;
    bool secure; /* TLS: which of the cookie's names counts */
    struct token_book book;
    struct sign_ins sign_ins;
    struct uses uses;
    struct attempts attempts;
    uint64_t document_change_number; /* of the documents seen last */
    uint64_t generation;             /* changes whenever somebody may have lost a right */
};

/* The access must not move. */
void access_init(struct access *access, const struct http_backend *backend, struct auth *take_auth,
                 bool secure);
void access_fini(struct access *access);
void access_replace(struct access *access, struct auth *take_auth);
/* Takes up what was stored since; true: somebody may have lost a right. */
bool access_follow(struct access *access);
/* Stores when credentials were used, and removes what is over; now and then. */
void access_sweep(struct access *access, uint64_t wall_ms);

/* Times: `wall_ms` is Unix time, `now_ms` the monotonic clock. */
/* Seconds for which this caller is not even looked at, because too many failed there; 0: it is. */
unsigned access_wait_s(const struct access *access, const struct caller *caller, uint64_t now_ms);
/* *out_identity only with AUTH_OK. Changes nothing. */
enum auth_status access_identify(struct access *access, const struct shown *shown,
                                 const struct caller *caller, uint64_t wall_ms,
                                 struct identity *out_identity);
enum auth_status access_identify_token(const struct access *access, const struct secret_digest *digest,
                                       uint64_t wall_ms, const struct token **out_token);
/* What follows of an attempt: uses are noted, failures counted. */
void access_succeeded(struct access *access, struct caller *caller, const struct identity *identity,
                      uint64_t wall_ms);
void access_failed(struct access *access, struct caller *caller, enum auth_status status, uint64_t now_ms);

/* The document goes, without a reply; false: not now. */
bool access_drop(struct access *access, struct text document_id);

/* The name of the session cookie. */
const char *access_cookie_name(const struct access *access);

#endif
