/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_context.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509_vfy.h>

#include "net/psk.h"
#include "net/socket_bio.h"
#include "net/stream.h"
#include "net/tls_psk.h"

enum {
    CERTIFICATES_BYTES_MAX = 32 * 1024, /* of a peer's whole chain; more fails the handshake */
    TICKET_SECONDS = 2 * 60 * 60,
};

struct tls_context {
    atomic_uint references;
    SSL_CTX *ctx;
    struct psk_table *keys; /* NULL unless `security = psk` */
};

struct tls_context *tls_context_share(struct tls_context *context)
{
    atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

uint64_t tls_context_expires_ms(const struct tls_context *context)
{
    const X509 *certificate = SSL_CTX_get0_certificate(context->ctx);
    return certificate != NULL ? tls_certificate_expires_ms(certificate) : 0;
}

void tls_context_release(struct tls_context *context)
{
    if (context == NULL || atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel) > 1)
        return;
    SSL_CTX_free(context->ctx);
    psk_table_free(context->keys);
    free(context);
}

/* Keeps OpenSSL's own words: they tell an expired certificate from a revoked one or one of another CA. */
static int note_verification(int is_good, X509_STORE_CTX *store_context)
{
    if (is_good)
        return 1;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_peer *peer = ssl != NULL ? SSL_get_app_data(ssl) : NULL;
    if (peer == NULL)
        return 0;
    char subject[192] = "";
    const X509 *leaf = X509_STORE_CTX_get0_cert(store_context);
    const X509 *faulty = X509_STORE_CTX_get_current_cert(store_context);
    if (leaf != NULL)
        tls_identities_of_certificate(&peer->identities, leaf);
    if (faulty != NULL)
        X509_NAME_oneline(X509_get_subject_name(faulty), subject, sizeof(subject));
    const char *words = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store_context));
    snprintf(peer->problem, sizeof(peer->problem), "%s (certificate %d of the chain: %s)", words,
             X509_STORE_CTX_get_error_depth(store_context), subject);
    return 0;
}

static bool certificate_is_still_good(SSL *ssl, X509 *certificate)
{
    X509_STORE_CTX *store_context = X509_STORE_CTX_new();
    const bool good = store_context != NULL &&
                      X509_STORE_CTX_init(store_context, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)),
                                          certificate, NULL) == 1 &&
                      X509_STORE_CTX_set_default(store_context, "ssl_client") == 1 &&
                      X509_verify_cert(store_context) == 1;
    X509_STORE_CTX_free(store_context);
    ERR_clear_error();
    return good;
}

/*
 * OpenSSL resumes without verifying again, but a certificate may have expired since its ticket was given. One
 * that cannot be verified from here (its intermediates are not in the ticket) is not refused: ignoring the
 * ticket makes a full handshake, whose outcome is the true one.
 */
static SSL_TICKET_RETURN judge_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *key_name,
                                      size_t key_name_bytes, SSL_TICKET_STATUS status, void *context)
{
    (void)key_name;
    (void)key_name_bytes;
    (void)context;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    X509 *certificate = SSL_SESSION_get0_peer(session);
    if (certificate == NULL || !certificate_is_still_good(ssl, certificate))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

/* A key file with a pass phrase must fail, not ask on the terminal. */
static int refuse_passphrase(char *buffer, int bytes, int is_writing, void *context)
{
    (void)buffer;
    (void)bytes;
    (void)is_writing;
    (void)context;
    return -1;
}

void tls_context_tune(SSL_CTX *ctx)
{
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* Reading ahead takes a whole record, header and all, with one system call. */
    SSL_CTX_set_read_ahead(ctx, 1);
    /* A FIN without close_notify is an end like any other: a frame's Length shows whether it is whole. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_max_cert_list(ctx, CERTIFICATES_BYTES_MAX);
    SSL_CTX_set_default_passwd_cb(ctx, refuse_passphrase);
}

struct detail {
    char *text;
    size_t bytes;
};

static bool complain(struct detail detail, const char *what, const char *file)
{
    char reason[STREAM_TEXT_BYTES];
    if (access(file, R_OK) != 0)
        snprintf(reason, sizeof(reason), "%s", strerror(errno));
    else
        stream_openssl_text(0, "unusable", reason, sizeof(reason));
    snprintf(detail.text, detail.bytes, "%s %s: %s", what, file, reason);
    ERR_clear_error();
    return false;
}

static bool load_identity(SSL_CTX *ctx, const struct listener_options *options, struct detail detail)
{
    if (SSL_CTX_use_certificate_chain_file(ctx, options->certificate) != 1)
        return complain(detail, "certificate", options->certificate);
    if (SSL_CTX_use_PrivateKey_file(ctx, options->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        const unsigned long code = ERR_peek_last_error();
        if (ERR_GET_LIB(code) == ERR_LIB_X509) {
            snprintf(detail.text, detail.bytes, "key %s does not match certificate %s", options->key,
                     options->certificate);
            ERR_clear_error();
            return false;
        }
        return complain(detail, "key", options->key);
    }
    return true;
}

static bool load_trust(SSL_CTX *ctx, const struct listener_options *options, struct detail detail)
{
    if (SSL_CTX_load_verify_file(ctx, options->ca) != 1)
        return complain(detail, "ca", options->ca);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(options->ca);
    if (names == NULL)
        return complain(detail, "ca", options->ca);
    SSL_CTX_set_client_CA_list(ctx, names);
    if (options->crl == NULL)
        return true;
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == NULL || X509_load_crl_file(lookup, options->crl, X509_FILETYPE_PEM) < 1)
        return complain(detail, "crl", options->crl);
    return X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1 || complain(detail, "crl", options->crl);
}

static bool set_up_certificates(SSL_CTX *ctx, const struct listener_options *options, struct detail detail)
{
    unsigned char session_context[16];
    if (options->certificate == NULL || options->key == NULL || options->ca == NULL) {
        snprintf(detail.text, detail.bytes, "security tls needs certificate, key and ca");
        return false;
    }
    if (!load_identity(ctx, options, detail) || !load_trust(ctx, options, detail))
        return false;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, note_verification);
    /* Stateless tickets under keys that are this context's own: whoever replaces the CA or the CRL makes a
       new context, and no old ticket leads around it. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_timeout(ctx, TICKET_SECONDS);
    return SSL_CTX_set_session_ticket_cb(ctx, NULL, judge_ticket, NULL) == 1 &&
           RAND_bytes(session_context, sizeof(session_context)) == 1 &&
           SSL_CTX_set_session_id_context(ctx, session_context, sizeof(session_context)) == 1;
}

static bool set_up_keys(struct tls_context *context, const struct listener_options *options,
                        struct detail detail)
{
    if (options->psk_file == NULL || options->tls12) {
        snprintf(detail.text, detail.bytes,
                 options->tls12 ? "security psk is TLS 1.3 alone: remove tls_min = 1.2"
                                : "security psk needs psk_file");
        return false;
    }
    context->keys = psk_table_load(options->psk_file, detail.text, detail.bytes);
    if (context->keys == NULL)
        return false;
    tls_psk_set_up(context->ctx, context->keys);
    /* A ticket of such a session would not say whose it is, and saves little: there is no certificate. */
    SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context->ctx, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context->ctx, 0) == 1;
}

static bool set_up(struct tls_context *context, const struct listener_options *options, struct detail detail)
{
    SSL_CTX *ctx = context->ctx;
    tls_context_tune(ctx);
    SSL_CTX_set_max_early_data(ctx, 0); /* early data can be replayed */
    SSL_CTX_set_recv_max_early_data(ctx, 0);
    if (SSL_CTX_set_min_proto_version(ctx, options->tls12 ? TLS1_2_VERSION : TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return false;
    return options->security == SECURITY_PSK ? set_up_keys(context, options, detail)
                                             : set_up_certificates(ctx, options, detail);
}

struct tls_context *tls_context_new(const struct listener_options *options, char *out_detail,
                                    size_t detail_bytes)
{
    assert(options->security != SECURITY_PLAIN);
    ERR_clear_error();
    snprintf(out_detail, detail_bytes, "OpenSSL cannot be set up");
    struct tls_context *context = calloc(1, sizeof(*context));
    if (context == NULL)
        return NULL;
    atomic_init(&context->references, 1);
    context->ctx = SSL_CTX_new(TLS_server_method());
    if (context->ctx == NULL || !set_up(context, options, (struct detail){ out_detail, detail_bytes })) {
        tls_context_release(context);
        return NULL;
    }
    return context;
}

SSL *tls_context_session(struct tls_context *context, BIO_METHOD *method, int fd, struct tls_peer *peer)
{
    SSL *ssl = SSL_new(context->ctx);
    BIO *bio = ssl != NULL ? socket_bio_new(method, fd) : NULL;
    if (bio == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, peer);
    SSL_set_accept_state(ssl);
    return ssl;
}

bool tls_context_finish(SSL *ssl, enum security security, struct tls_peer *peer)
{
    SSL_set_app_data(ssl, NULL);
    if (security == SECURITY_TLS) {
        const X509 *certificate = SSL_get0_peer_certificate(ssl);
        if (certificate != NULL)
            tls_identities_of_certificate(&peer->identities, certificate);
        if (certificate == NULL || peer->identities.count == 0) {
            snprintf(peer->problem, sizeof(peer->problem),
                     "the certificate has neither a SAN URI or DNS name nor a common name");
            return false;
        }
    } else if (!SSL_session_reused(ssl) || peer->identities.count == 0) {
        /* OpenSSL counts a session with an external PSK as a resumed one. */
        snprintf(peer->problem, sizeof(peer->problem), "no usable PSK identity");
        return false;
    }
    peer->problem[0] = '\0';
    return true;
}
