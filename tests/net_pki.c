/* SPDX-License-Identifier: Apache-2.0 */
#include "net_pki.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY_SECONDS = 24 * 60 * 60 };

const char *pki_path(const struct pki *pki, const char *file)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", pki->directory, file);
    return path;
}

void pki_write_text(const struct pki *pki, const char *file, const char *text)
{
    FILE *stream = fopen(pki_path(pki, file), "w");
    assert(stream != NULL);
    fputs(text, stream);
    fclose(stream);
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert(extension != NULL);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void write_pair(const struct pki *pki, const char *file, X509 *certificate, EVP_PKEY *key)
{
    char name[96];
    snprintf(name, sizeof(name), "%s.pem", file);
    FILE *stream = fopen(pki_path(pki, name), "w");
    assert(stream != NULL);
    PEM_write_X509(stream, certificate);
    fclose(stream);
    snprintf(name, sizeof(name), "%s.key", file);
    stream = fopen(pki_path(pki, name), "w");
    assert(stream != NULL);
    PEM_write_PrivateKey(stream, key, NULL, NULL, 0, NULL, NULL);
    fclose(stream);
}

static X509 *make(struct pki *pki, const struct pki_request *request, EVP_PKEY *key, X509 *issuer,
                  EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    const long seconds = request->valid_seconds > 0 ? request->valid_seconds : DAY_SECONDS;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++pki->next_serial);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"ckbridge tests", -1, -1, 0);
    if (request->name != NULL)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)request->name, -1, -1,
                                   0);
    X509_set_subject_name(certificate, name);
    X509_set_issuer_name(certificate, issuer != NULL ? X509_get_subject_name(issuer) : name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY_SECONDS);
    X509_gmtime_adj(X509_getm_notAfter(certificate), request->expired ? -DAY_SECONDS : seconds);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, issuer != NULL ? issuer : certificate, NID_basic_constraints,
                  request->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (request->subject != NULL)
        add_extension(certificate, certificate, NID_subject_alt_name, request->subject);
    X509_sign(certificate, issuer_key, EVP_sha256());
    X509_NAME_free(name);
    return certificate;
}

void pki_init(struct pki *pki)
{
    const struct pki_request ca = { .file = "ca", .name = "Test CA", .is_ca = true };
    *pki = (struct pki){ .directory = "/tmp/ckbridge-check-XXXXXX" };
    char *made = mkdtemp(pki->directory);
    assert(made != NULL);
    pki->ca_key = EVP_EC_gen("P-256");
    pki->ca = make(pki, &ca, pki->ca_key, NULL, pki->ca_key);
    write_pair(pki, ca.file, pki->ca, pki->ca_key);
}

void pki_fini(struct pki *pki)
{
    DIR *directory = opendir(pki->directory);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            unlink(pki_path(pki, entry->d_name));
    if (directory != NULL)
        closedir(directory);
    rmdir(pki->directory);
    X509_free(pki->ca);
    EVP_PKEY_free(pki->ca_key);
}

long pki_issue(struct pki *pki, const struct pki_request *request)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = request->self_signed ? make(pki, request, key, NULL, key)
                                             : make(pki, request, key, pki->ca, pki->ca_key);
    write_pair(pki, request->file, certificate, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return pki->next_serial;
}

void pki_write_crl(struct pki *pki, const char *file, long revoked_serial)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *later = X509_gmtime_adj(NULL, DAY_SECONDS);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki->ca));
    X509_CRL_set1_lastUpdate(crl, now);
    X509_CRL_set1_nextUpdate(crl, later);
    if (revoked_serial > 0) {
        X509_REVOKED *revoked = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, revoked_serial);
        X509_REVOKED_set_serialNumber(revoked, serial);
        X509_REVOKED_set_revocationDate(revoked, now);
        X509_CRL_add0_revoked(crl, revoked);
        ASN1_INTEGER_free(serial);
    }
    X509_CRL_sign(crl, pki->ca_key, EVP_sha256());
    FILE *stream = fopen(pki_path(pki, file), "w");
    assert(stream != NULL);
    PEM_write_X509_CRL(stream, crl);
    fclose(stream);
    X509_CRL_free(crl);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
}
