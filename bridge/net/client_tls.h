/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of TLS: what all connections trust, and what one of them offers. */
#ifndef NET_CLIENT_TLS_H
#define NET_CLIENT_TLS_H

#include <stddef.h>

#include <openssl/ssl.h>

#include "net/client.h"

/* NULL, and why, naming the file. */
SSL_CTX *client_tls_context_new(const struct clients_options *options, char *out_detail, size_t detail_bytes);
/* Borrows the descriptor and the credentials. NULL: out of memory, or certificate and key do not match. */
SSL *client_tls_session_new(SSL_CTX *ctx, BIO_METHOD *method, int fd, const struct client_options *options);

#endif
