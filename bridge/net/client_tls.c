/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_tls.h"

#include <stdio.h>

#include <openssl/err.h>

#include "net/client_credentials.h"
#include "net/socket_bio.h"
#include "net/stream.h"
#include "net/tls_context.h"

static int use_psk(SSL *ssl, const EVP_MD *digest, const unsigned char **out_identity,
                   size_t *out_identity_bytes, SSL_SESSION **out_session)
{
    const struct client_credentials *credentials = SSL_get_app_data(ssl);
    *out_session = NULL;
    if (credentials == NULL || credentials->identity_bytes == 0)
        return 1;
    SSL_SESSION *session = psk_key_session(&credentials->key, ssl);
    if (session == NULL)
        return 0;
    /* After a HelloRetryRequest the digest is settled; a key for another one cannot be offered then. */
    if (digest != NULL && SSL_CIPHER_get_handshake_digest(SSL_SESSION_get0_cipher(session)) != digest) {
        SSL_SESSION_free(session);
        return 1;
    }
    *out_identity = (const unsigned char *)credentials->identity;
    *out_identity_bytes = credentials->identity_bytes;
    *out_session = session;
    return 1;
}

static int keep_ticket(SSL *ssl, SSL_SESSION *take_session)
{
    struct client_credentials *credentials = SSL_get_app_data(ssl);
    if (credentials == NULL || credentials->identity_bytes > 0)
        return 0;
    SSL_SESSION_free(credentials->ticket);
    credentials->ticket = take_session;
    return 1;
}

static bool set_up(SSL_CTX *ctx, const struct clients_options *options, char *out_detail, size_t detail_bytes)
{
    const int version = options->tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
    tls_context_tune(ctx);
    if (SSL_CTX_set_min_proto_version(ctx, version) != 1 || SSL_CTX_set_max_proto_version(ctx, version) != 1)
        return false;
    if (options->resume) {
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(ctx, keep_ticket);
    }
    if (options->ca == NULL)
        return true;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_file(ctx, options->ca) == 1)
        return true;
    char reason[STREAM_TEXT_BYTES];
    stream_openssl_text(0, "unusable", reason, sizeof(reason));
    snprintf(out_detail, detail_bytes, "ca %s: %s", options->ca, reason);
    return false;
}

SSL_CTX *client_tls_context_new(const struct clients_options *options, char *out_detail, size_t detail_bytes)
{
    snprintf(out_detail, detail_bytes, "out of memory");
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx != NULL && set_up(ctx, options, out_detail, detail_bytes))
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

static bool offer(SSL *ssl, const struct client_options *options)
{
    const struct client_credentials *credentials = options->credentials;
    if (options->security == SECURITY_PSK)
        SSL_set_psk_use_session_callback(ssl, use_psk);
    if (credentials != NULL && credentials->ticket != NULL && SSL_set_session(ssl, credentials->ticket) != 1)
        return false;
    return (credentials == NULL || client_credentials_use(credentials, ssl)) &&
           (options->server_name == NULL || SSL_set1_host(ssl, options->server_name) == 1);
}

SSL *client_tls_session_new(SSL_CTX *ctx, BIO_METHOD *method, int fd, const struct client_options *options)
{
    SSL *ssl = SSL_new(ctx);
    BIO *bio = ssl != NULL ? socket_bio_new(method, fd) : NULL;
    if (bio == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, options->credentials);
    SSL_set_connect_state(ssl);
    if (!offer(ssl, options)) {
        SSL_free(ssl);
        return NULL;
    }
    return ssl;
}
