/* SPDX-License-Identifier: Apache-2.0 */
#include "http/credentials.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTITY_BYTES_MAX = 512 };

static char *read_file(const char *path, char *out_detail, size_t detail_bytes)
{
    gnutls_datum_t data;
    int status = gnutls_load_file(path, &data);
    if (status < 0) {
        snprintf(out_detail, detail_bytes, "%s: %s", path, gnutls_strerror(status));
        return NULL;
    }
    char *copy = calloc(1, (size_t)data.size + 1);
    if (copy != NULL)
        memcpy(copy, data.data, data.size);
    else
        snprintf(out_detail, detail_bytes, "out of memory");
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return copy;
}

static bool load_pair(struct credentials *credentials, const struct http_options *options, char *out_detail,
                      size_t detail_bytes)
{
    if (options->key == NULL) {
        snprintf(out_detail, detail_bytes, "a certificate needs its key: set key");
        return false;
    }
    credentials->certificate_pem = read_file(options->certificate, out_detail, detail_bytes);
    if (credentials->certificate_pem == NULL)
        return false;
    credentials->key_pem = read_file(options->key, out_detail, detail_bytes);
    if (credentials->key_pem == NULL)
        return false;
    int status = gnutls_certificate_set_x509_key_file(credentials->x509, options->certificate, options->key,
                                                      GNUTLS_X509_FMT_PEM);
    if (status >= 0)
        return true;
    snprintf(out_detail, detail_bytes, "%s with key %s: %s", options->certificate, options->key,
             gnutls_strerror(status));
    return false;
}

static uint64_t expiry_ms(gnutls_certificate_credentials_t x509)
{
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    if (gnutls_certificate_get_x509_crt(x509, 0, &chain, &count) < 0)
        return 0;
    time_t seconds = count > 0 ? gnutls_x509_crt_get_expiration_time(chain[0]) : 0;
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

static bool load_ca(struct credentials *credentials, const struct http_options *options, char *out_detail,
                    size_t detail_bytes)
{
    if (options->client_ca == NULL)
        return true;
    int count =
        gnutls_certificate_set_x509_trust_file(credentials->x509, options->client_ca, GNUTLS_X509_FMT_PEM);
    credentials->verifies_clients = count > 0;
    if (count > 0)
        return true;
    snprintf(out_detail, detail_bytes, "%s: %s", options->client_ca,
             count < 0 ? gnutls_strerror(count) : "no certificate in it");
    return false;
}

struct credentials *credentials_new(const struct http_options *options, char *out_detail, size_t detail_bytes)
{
    struct credentials *credentials = calloc(1, sizeof *credentials);
    if (credentials == NULL || gnutls_certificate_allocate_credentials(&credentials->x509) < 0) {
        snprintf(out_detail, detail_bytes, "out of memory");
        free(credentials);
        return NULL;
    }
    credentials->references = 1;
    if (load_pair(credentials, options, out_detail, detail_bytes) &&
        load_ca(credentials, options, out_detail, detail_bytes)) {
        credentials->expires_ms = expiry_ms(credentials->x509);
        return credentials;
    }
    credentials_release(credentials);
    return NULL;
}

struct credentials *credentials_retain(struct credentials *credentials)
{
    if (credentials != NULL)
        credentials->references++;
    return credentials;
}

void credentials_release(struct credentials *credentials)
{
    if (credentials == NULL || --credentials->references > 0)
        return;
    gnutls_certificate_free_credentials(credentials->x509);
    if (credentials->key_pem != NULL)
        gnutls_memset(credentials->key_pem, 0, strlen(credentials->key_pem));
    free(credentials->key_pem);
    free(credentials->certificate_pem);
    free(credentials);
}

bool credentials_apply(struct credentials *credentials, gnutls_session_t session)
{
    if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->x509) < 0)
        return false;
    gnutls_certificate_server_set_request(session, credentials->verifies_clients ? GNUTLS_CERT_REQUEST
                                                                                 : GNUTLS_CERT_IGNORE);
    return true;
}

/* A name with a NUL in it was made to be misread: it proves nothing. */
static bool add(struct arena *arena, const char *prefix, const char *name, size_t length,
                struct text *out_identity)
{
    size_t prefix_length = strlen(prefix);
    if (length == 0 || memchr(name, '\0', length) != NULL)
        return false;
    char *bytes = arena_allocate(arena, prefix_length + length);
    if (bytes == NULL)
        return false;
    memcpy(bytes, prefix, prefix_length);
    memcpy(bytes + prefix_length, name, length);
    *out_identity = (struct text){ bytes, prefix_length + length };
    return true;
}

static size_t alternative_names(gnutls_x509_crt_t certificate, struct arena *arena,
                                struct text *out_identities, size_t capacity)
{
    size_t count = 0;
    for (unsigned i = 0; count < capacity; i++) {
        char name[IDENTITY_BYTES_MAX];
        size_t length = sizeof name;
        int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &length, NULL);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (type == GNUTLS_SAN_DNSNAME && add(arena, "dns:", name, length, &out_identities[count]))
            count++;
        else if (type == GNUTLS_SAN_URI && add(arena, "uri:", name, length, &out_identities[count]))
            count++;
        else if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
            break;
    }
    return count;
}

static size_t names_of(gnutls_x509_crt_t certificate, struct arena *arena, struct text *out_identities,
                       size_t capacity)
{
    char name[IDENTITY_BYTES_MAX];
    size_t length = sizeof name;
    size_t count = alternative_names(certificate, arena, out_identities, capacity);
    if (count == 0 && capacity > 0 &&
        gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &length) == 0 &&
        add(arena, "cn:", name, length, &out_identities[0]))
        count = 1;
    return count;
}

size_t credentials_identities(const struct credentials *credentials, gnutls_session_t session,
                              struct arena *arena, struct text *out_identities, size_t capacity)
{
    gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
                                      .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT };
    unsigned verdict = 0, chain = 0;
    gnutls_x509_crt_t certificate;
    size_t count = 0;
    if (!credentials->verifies_clients ||
        gnutls_certificate_verify_peers(session, &purpose, 1, &verdict) != 0 || verdict != 0)
        return 0;
    const gnutls_datum_t *raw = gnutls_certificate_get_peers(session, &chain);
    if (raw == NULL || chain == 0 || gnutls_x509_crt_init(&certificate) < 0)
        return 0;
    if (gnutls_x509_crt_import(certificate, &raw[0], GNUTLS_X509_FMT_DER) == 0)
        count = names_of(certificate, arena, out_identities, capacity);
    gnutls_x509_crt_deinit(certificate);
    return count;
}
