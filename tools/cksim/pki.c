/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/pki.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DAY_S = 86400,
    VALID_DAYS = 365,
    PSK_BYTES = 32,
    PATH_BYTES = 4096,
};

/* A certificate to be made. `issuer` NULL: signed by itself. */
struct request {
    const char *name;
    EVP_PKEY *key;
    X509 *issuer;
    EVP_PKEY *issuer_key;
    bool authority, server;
    long from_days, until_days; /* from now */
};

static bool fail(struct complaint *complaint, const char *what, const char *name)
{
    complain(complaint, "OpenSSL could not make %s of '%s'", what, name);
    return false;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* A KM's name goes in as it is: OpenSSL's textual form would take its commas and colons for its own. */
static bool add_dns_name(X509 *certificate, const char *name)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *dns = GENERAL_NAME_new();
    ASN1_IA5STRING *words = ASN1_IA5STRING_new();
    bool added = names != NULL && dns != NULL && words != NULL &&
                 ASN1_STRING_set(words, name, (int)strlen(name)) == 1 && sk_GENERAL_NAME_push(names, dns) > 0;
    if (added) {
        GENERAL_NAME_set0_value(dns, GEN_DNS, words);
        added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    } else {
        ASN1_IA5STRING_free(words);
        GENERAL_NAME_free(dns);
    }
    GENERAL_NAMES_free(names);
    return added;
}

static bool add_extensions(X509 *certificate, const struct request *request)
{
    X509 *issuer = request->issuer != NULL ? request->issuer : certificate;
    if (!add_extension(certificate, issuer, NID_subject_key_identifier, "hash"))
        return false;
    if (request->authority)
        return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    const char *usage = request->server ? "serverAuth" : "clientAuth";
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, usage) &&
           (request->server ? add_extension(certificate, issuer, NID_subject_alt_name,
                                            "DNS:localhost,IP:127.0.0.1,IP:::1")
                            : add_dns_name(certificate, request->name));
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[8];
    uint64_t serial = 0;
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        serial = serial << 8 | bytes[i];
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

static bool set_subject(X509 *certificate, const char *name)
{
    /* A common name has at most 64 characters (RFC 5280); the alternative name is what counts. */
    int length = (int)strnlen(name, 64);
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, length, -1, 0) == 1;
}

static X509 *make_certificate(const struct request *request)
{
    X509 *certificate = X509_new();
    if (certificate == NULL)
        return NULL;
    EVP_PKEY *signer = request->issuer != NULL ? request->issuer_key : request->key;
    bool made = X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
                set_subject(certificate, request->name) &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), request->from_days * DAY_S) != NULL &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), request->until_days * DAY_S) != NULL &&
                X509_set_pubkey(certificate, request->key) == 1 &&
                X509_set_issuer_name(
                    certificate,
                    X509_get_subject_name(request->issuer != NULL ? request->issuer : certificate)) == 1 &&
                add_extensions(certificate, request) && X509_sign(certificate, signer, EVP_sha256()) > 0;
    if (made)
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* NULL after a complaint. Keys are readable by their owner alone. */
static FILE *open_file(const char *directory, const char *name, const char *suffix, mode_t mode,
                       struct complaint *complaint)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s%s", directory, name, suffix);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        complain(complaint, "%s: %s", path, strerror(errno));
        return NULL;
    }
    return fdopen(fd, "w");
}

/* Passes on whether all of it was written; `file` NULL: nothing was. */
static bool close_file(FILE *file, bool written)
{
    if (file == NULL)
        return false;
    written = written && ferror(file) == 0;
    return fclose(file) == 0 && written;
}

static bool write_certificate(const char *directory, const char *name, X509 *certificate,
                              struct complaint *complaint)
{
    FILE *file = open_file(directory, name, ".pem", 0644, complaint);
    bool written = file != NULL && PEM_write_X509(file, certificate) == 1;
    return close_file(file, written) || fail(complaint, "the certificate", name);
}

static bool write_key(const char *directory, const char *name, EVP_PKEY *key, struct complaint *complaint)
{
    FILE *file = open_file(directory, name, ".key", 0600, complaint);
    bool written = file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    return close_file(file, written) || fail(complaint, "the key", name);
}

/* Makes and writes NAME.pem, and with a key made here NAME.key, under the file name `file`. */
static bool issue(const char *directory, const char *file, struct request request,
                  struct complaint *complaint)
{
    EVP_PKEY *own = request.key == NULL ? EVP_EC_gen("P-256") : NULL;
    if (request.key == NULL)
        request.key = own;
    X509 *certificate = request.key != NULL ? make_certificate(&request) : NULL;
    bool issued = certificate != NULL || fail(complaint, "the certificate", request.name);
    issued = issued && write_certificate(directory, file, certificate, complaint) &&
             (own == NULL || write_key(directory, file, own, complaint));
    X509_free(certificate);
    EVP_PKEY_free(own);
    return issued;
}

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

static bool make_authority(const char *name, struct authority *authority, struct complaint *complaint)
{
    authority->key = EVP_EC_gen("P-256");
    struct request request = {
        .name = name, .key = authority->key, .authority = true, .until_days = VALID_DAYS
    };
    authority->certificate = authority->key != NULL ? make_certificate(&request) : NULL;
    return authority->certificate != NULL || fail(complaint, "the authority", name);
}

static void free_authority(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

static bool issue_fleet(const struct scenario *scenario, const struct pki_options *options,
                        const struct authority *authority, struct complaint *complaint)
{
    EVP_PKEY *shared = options->shared_key ? EVP_EC_gen("P-256") : NULL;
    bool issued =
        !options->shared_key || (shared != NULL && write_key(options->directory, "fleet", shared, complaint));
    for (uint32_t i = 0; issued && i < scenario->km_count; i++) {
        struct request request = { .name = scenario->kms[i].name,
                                   .key = shared,
                                   .issuer = authority->certificate,
                                   .issuer_key = authority->key,
                                   .until_days = VALID_DAYS };
        issued = issue(options->directory, request.name, request, complaint);
    }
    EVP_PKEY_free(shared);
    return issued;
}

static bool issue_wrong(const struct scenario *scenario, const struct pki_options *options,
                        const struct authority *authority, struct complaint *complaint)
{
    struct authority other = { NULL, NULL };
    struct request expired = { .name = scenario->kms[0].name,
                               .issuer = authority->certificate,
                               .issuer_key = authority->key,
                               .from_days = -30,
                               .until_days = -1 };
    struct request self_signed = { .name = scenario->kms[0].name, .until_days = VALID_DAYS };
    bool made = issue(options->directory, "expired", expired, complaint) &&
                issue(options->directory, "self-signed", self_signed, complaint) &&
                make_authority("cksim other CA", &other, complaint);
    struct request stranger = { .name = scenario->kms[0].name,
                                .issuer = other.certificate,
                                .issuer_key = other.key,
                                .until_days = VALID_DAYS };
    made = made && issue(options->directory, "other-ca", stranger, complaint);
    free_authority(&other);
    return made;
}

static bool write_psks(const struct scenario *scenario, const struct pki_options *options,
                       struct complaint *complaint)
{
    unsigned char key[PSK_BYTES];
    FILE *file = open_file(options->directory, "psk", ".txt", 0600, complaint);
    bool written = file != NULL;
    for (uint32_t i = 0; written && i < scenario->km_count; i++) {
        written = RAND_bytes(key, sizeof key) == 1 && fprintf(file, "%s:", scenario->kms[i].name) > 0;
        for (size_t j = 0; written && j < sizeof key; j++)
            written = fprintf(file, "%02x", key[j]) > 0;
        written = written && fputc('\n', file) != EOF;
    }
    OPENSSL_cleanse(key, sizeof key);
    return close_file(file, written) || fail(complaint, "the PSK file", options->directory);
}

static bool judge_names(const struct scenario *scenario, struct complaint *complaint)
{
    static const char *const taken[] = {
        "ca", "server", "fleet", "expired", "self-signed", "other-ca", "psk"
    };
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        const char *name = scenario->kms[i].name;
        bool good = strchr(name, '/') == NULL && name[0] != '.';
        for (size_t j = 0; j < sizeof taken / sizeof taken[0]; j++)
            good = good && strcmp(name, taken[j]) != 0;
        if (!good) {
            complain(complaint, "a KM named '%s' cannot have files of its name", name);
            return false;
        }
    }
    return true;
}

bool pki_make(const struct scenario *scenario, const struct pki_options *options, struct complaint *complaint)
{
    struct authority authority = { NULL, NULL };
    if (!judge_names(scenario, complaint))
        return false;
    if (mkdir(options->directory, 0700) != 0 && errno != EEXIST) {
        complain(complaint, "%s: %s", options->directory, strerror(errno));
        return false;
    }
    bool made = make_authority("cksim CA", &authority, complaint) &&
                write_certificate(options->directory, "ca", authority.certificate, complaint) &&
                write_key(options->directory, "ca", authority.key, complaint);
    struct request server = { .name = "localhost",
                              .issuer = authority.certificate,
                              .issuer_key = authority.key,
                              .server = true,
                              .until_days = VALID_DAYS };
    made = made && issue(options->directory, "server", server, complaint) &&
           issue_fleet(scenario, options, &authority, complaint) &&
           (!options->wrong || issue_wrong(scenario, options, &authority, complaint)) &&
           write_psks(scenario, options, complaint);
    free_authority(&authority);
    return made;
}
