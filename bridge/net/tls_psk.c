/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_psk.h"

#include <stdio.h>

#include "base/bytes.h"
#include "net/tls_context.h"

static const struct psk_key *find_key(SSL *ssl, struct text identity)
{
    return psk_table_find(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), identity);
}

static int find_session(SSL *ssl, const unsigned char *identity, size_t identity_bytes,
                        SSL_SESSION **out_session)
{
    struct tls_peer *peer = SSL_get_app_data(ssl);
    const struct text name = { (const char *)identity, identity_bytes };
    const struct psk_key *key = find_key(ssl, name);
    *out_session = NULL;
    /* The last one that is looked up is the one in use, or the one that failed: OpenSSL stops at the first
       that it can use. */
    tls_identities_clear(&peer->identities);
    tls_identities_add(&peer->identities, TEXT("psk:"), name);
    if (key == NULL) {
        snprintf(peer->problem, sizeof(peer->problem), "the PSK identity is not in psk_file");
        return 1;
    }
    peer->problem[0] = '\0';
    *out_session = psk_key_session(key, ssl);
    return *out_session != NULL;
}

/* The first identity in a pre_shared_key extension (RFC 8446, 4.2.11): two lengths, then its bytes. */
static struct text first_identity(const unsigned char *extension, size_t bytes)
{
    enum { LENGTHS_BYTES = 4 };
    if (bytes < LENGTHS_BYTES)
        return TEXT_ABSENT;
    const size_t length = bytes_load_u16_big(extension + 2);
    if (length > bytes - LENGTHS_BYTES)
        return TEXT_ABSENT;
    return (struct text){ (const char *)extension + LENGTHS_BYTES, length };
}

/* OpenSSL settles the cipher before it looks for the key, and drops a key whose hash does not fit the cipher.
   So the ciphers are narrowed to those of the key's hash before. */
static int narrow_ciphers(SSL *ssl, int *out_alert, void *context)
{
    const unsigned char *extension;
    size_t bytes;
    (void)context;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &extension, &bytes) != 1) {
        /* It will fail for want of a server's certificate, which would mislead. */
        struct tls_peer *peer = SSL_get_app_data(ssl);
        snprintf(peer->problem, sizeof(peer->problem), "the client offers no TLS 1.3 pre-shared key");
        return SSL_CLIENT_HELLO_SUCCESS;
    }
    const struct psk_key *key = find_key(ssl, first_identity(extension, bytes));
    if (key == NULL || SSL_set_ciphersuites(ssl, psk_key_ciphers(key)) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    *out_alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

void tls_psk_set_up(SSL_CTX *ctx, const struct psk_table *keys)
{
    /* OpenSSL keeps application data without const; nobody writes to it. */
    SSL_CTX_set_app_data(ctx, (void *)(uintptr_t)keys);
    SSL_CTX_set_psk_find_session_callback(ctx, find_session);
    SSL_CTX_set_client_hello_cb(ctx, narrow_ciphers, NULL);
}
