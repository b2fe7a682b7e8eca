/* SPDX-License-Identifier: Apache-2.0 */
/* The TLS certificate that is served and the CA that clients are verified with, replaceable while connections
   live. */
#ifndef HTTP_CREDENTIALS_H
#define HTTP_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "http/http.h"

/* Counted: sessions keep the ones they began with. */
struct credentials {
    unsigned references;
    gnutls_certificate_credentials_t x509;
    bool verifies_clients;
    uint64_t expires_ms;             /* the certificate's, Unix time */
    char *certificate_pem, *key_pem; /* for libmicrohttpd, which wants some at its start */
};

/* Reads the options' PEM files. NULL: *out_detail names the file and what is wrong with it. */
struct credentials *credentials_new(const struct http_options *options, char *out_detail,
                                    size_t detail_bytes);
struct credentials *credentials_retain(struct credentials *credentials);
void credentials_release(struct credentials *credentials);
/* Before the handshake: this session serves these, and asks for a client certificate if there is a CA. */
bool credentials_apply(struct credentials *credentials, gnutls_session_t session);
/*
 * What the client's certificate proves, once verified: "dns:...", "uri:...", or "cn:..." when it has neither.
 * 0: none was given, or it was not acceptable.
 */
size_t credentials_identities(const struct credentials *credentials, gnutls_session_t session,
                              struct arena *arena, struct text *out_identities, size_t capacity);

#endif
