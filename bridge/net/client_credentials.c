/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "net/stream.h"

static int refuse_passphrase(char *buffer, int bytes, int is_writing, void *context)
{
    (void)buffer;
    (void)bytes;
    (void)is_writing;
    (void)context;
    return -1;
}

static bool load_certificates(struct client_credentials *credentials, const char *file)
{
    BIO *bio = BIO_new_file(file, "r");
    credentials->chain = sk_X509_new_null();
    if (bio != NULL && credentials->chain != NULL)
        credentials->certificate = PEM_read_bio_X509(bio, NULL, refuse_passphrase, NULL);
    bool good = credentials->certificate != NULL;
    X509 *issuer;
    while (good && (issuer = PEM_read_bio_X509(bio, NULL, refuse_passphrase, NULL)) != NULL) {
        good = sk_X509_push(credentials->chain, issuer) > 0;
        if (!good)
            X509_free(issuer);
    }
    BIO_free(bio);
    if (good)
        ERR_clear_error(); /* "no start line": the end of the file */
    return good;
}

static bool load_key(struct client_credentials *credentials, const char *file)
{
    BIO *bio = BIO_new_file(file, "r");
    if (bio != NULL)
        credentials->private_key = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
    BIO_free(bio);
    return credentials->private_key != NULL;
}

struct client_credentials *client_credentials_new(const char *certificate, const char *key, char *out_detail,
                                                  size_t detail_bytes)
{
    char reason[STREAM_TEXT_BYTES];
    const char *faulty = NULL;
    struct client_credentials *credentials = calloc(1, sizeof(*credentials));
    if (credentials == NULL) {
        snprintf(out_detail, detail_bytes, "out of memory");
        return NULL;
    }
    ERR_clear_error();
    if (!load_certificates(credentials, certificate))
        faulty = certificate;
    else if (!load_key(credentials, key))
        faulty = key;
    if (faulty == NULL)
        return credentials;
    stream_openssl_text(0, "unusable", reason, sizeof(reason));
    snprintf(out_detail, detail_bytes, "%s: %s", faulty, reason);
    ERR_clear_error();
    client_credentials_free(credentials);
    return NULL;
}

struct client_credentials *client_credentials_new_psk(struct text identity, const unsigned char *key,
                                                      size_t key_bytes)
{
    if (identity.length == 0 || identity.length > LIMIT_IDENTIFIER_BYTES || key_bytes < PSK_KEY_BYTES_MIN ||
        key_bytes > PSK_KEY_BYTES_MAX)
        return NULL;
    struct client_credentials *credentials = calloc(1, sizeof(*credentials));
    if (credentials == NULL)
        return NULL;
    memcpy(credentials->identity, identity.bytes, identity.length);
    credentials->identity_bytes = identity.length;
    memcpy(credentials->key.bytes, key, key_bytes);
    credentials->key.count = key_bytes;
    return credentials;
}

bool client_credentials_use(const struct client_credentials *credentials, SSL *ssl)
{
    if (credentials->certificate == NULL)
        return true; /* the pre-shared key is asked for during the handshake */
    return SSL_use_cert_and_key(ssl, credentials->certificate, credentials->private_key, credentials->chain,
                                1) == 1;
}

void client_credentials_forget(struct client_credentials *credentials)
{
    SSL_SESSION_free(credentials->ticket);
    credentials->ticket = NULL;
}

void client_credentials_free(struct client_credentials *credentials)
{
    if (credentials == NULL)
        return;
    client_credentials_forget(credentials);
    X509_free(credentials->certificate);
    EVP_PKEY_free(credentials->private_key);
    sk_X509_pop_free(credentials->chain, X509_free);
    psk_key_fini(&credentials->key);
    free(credentials);
}
