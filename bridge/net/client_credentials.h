/* SPDX-License-Identifier: Apache-2.0 */
/* What a client proves, and the latest ticket that it got for it. See client.h for the public part. */
#ifndef NET_CLIENT_CREDENTIALS_H
#define NET_CLIENT_CREDENTIALS_H

#include <openssl/ssl.h>

#include "base/limits.h"
#include "net/client.h"
#include "net/psk.h"

struct client_credentials {
    X509 *certificate; /* NULL: a pre-shared key */
    EVP_PKEY *private_key;
    STACK_OF(X509) * chain;
    struct psk_key key;
    char identity[LIMIT_IDENTIFIER_BYTES];
    size_t identity_bytes;
    SSL_SESSION *ticket; /* NULL: none yet */
};

/* False: OpenSSL refuses the certificate or the key. */
bool client_credentials_use(const struct client_credentials *credentials, SSL *ssl);

#endif
