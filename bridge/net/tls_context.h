/* SPDX-License-Identifier: Apache-2.0 */
/* What a listener's TLS sessions share: OpenSSL's context, the pre-shared keys, and how a peer is verified.
 */
#ifndef NET_TLS_CONTEXT_H
#define NET_TLS_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "net/server.h"
#include "net/tls_identity.h"

enum { TLS_PROBLEM_BYTES = 384 };

/* What is learnt of a peer during its handshake. */
struct tls_peer {
    struct tls_identities identities;
    char problem[TLS_PROBLEM_BYTES]; /* why the certificate or the key was refused; empty: it was not */
};

/* Shared by a listener, its handshakes and, inside OpenSSL, its sessions; counted, from any thread. */
struct tls_context;

/* NULL for `security = plain` is a programmer's error. On failure NULL, and file and remedy in out_detail. */
struct tls_context *tls_context_new(const struct listener_options *options, char *out_detail,
                                    size_t detail_bytes);
struct tls_context *tls_context_share(struct tls_context *context);
void tls_context_release(struct tls_context *context);
/* Unix time at which the certificate that is served expires; 0: there is none. */
uint64_t tls_context_expires_ms(const struct tls_context *context);

/* A server's session that is about to shake hands; `peer` is filled in meanwhile and must stay until
   tls_context_finish or SSL_free. Takes nothing. NULL: out of memory. */
SSL *tls_context_session(struct tls_context *context, BIO_METHOD *method, int fd, struct tls_peer *peer);
/* After a handshake that succeeded: completes the identities and detaches `peer`. False: peer->problem says
   why the peer is refused nevertheless. */
bool tls_context_finish(SSL *ssl, enum security security, struct tls_peer *peer);

/* Settings that the server's and the client's contexts have in common. */
void tls_context_tune(SSL_CTX *ctx);

#endif
