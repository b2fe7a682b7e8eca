/* SPDX-License-Identifier: Apache-2.0 */
/* A listener's side of external pre-shared keys: which one a client means, and with which hash. */
#ifndef NET_TLS_PSK_H
#define NET_TLS_PSK_H

#include <openssl/ssl.h>

#include "net/psk.h"

/* The table must outlive every handshake of the context, whose application data it becomes. Sessions must
   have a `struct tls_peer` as theirs. */
void tls_psk_set_up(SSL_CTX *ctx, const struct psk_table *keys);

#endif
