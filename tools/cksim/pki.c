/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/pki.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "pki/certificate.h"
#include "pki/credential_file.h"

enum {
    DAY_S = 86400,
    VALID_S = 365 * DAY_S,
    PSK_BYTES = 32,
};

static bool fail(struct complaint *complaint, const char *what, const char *name)
{
    complain(complaint, "OpenSSL could not make %s of '%s'", what, name);
    return false;
}

/* Files that are there already make way. */
static struct credential_place place_of(const struct pki_options *options)
{
    return (struct credential_place){ .directory = options->directory, .replace = true };
}

static bool write_certificate(const struct pki_options *options, const char *name, X509 *certificate,
                              struct complaint *complaint)
{
    struct trouble trouble;
    const struct credential_place place = place_of(options);
    if (credential_write_certificate(&place, name, certificate, &trouble))
        return true;
    complain(complaint, "%s", trouble.words);
    return false;
}

static bool write_key(const struct pki_options *options, const char *name, EVP_PKEY *key,
                      struct complaint *complaint)
{
    struct trouble trouble;
    const struct credential_place place = place_of(options);
    if (credential_write_key(&place, name, key, &trouble))
        return true;
    complain(complaint, "%s", trouble.words);
    return false;
}

/* Makes and writes NAME.pem, and with a key made here NAME.key, under the file name `file`. */
static bool issue(const struct pki_options *options, const char *file, struct certificate_request request,
                  struct complaint *complaint)
{
    EVP_PKEY *own = request.key == NULL ? certificate_key_new() : NULL;
    if (request.key == NULL)
        request.key = own;
    X509 *certificate = request.key != NULL ? certificate_new(&request) : NULL;
    bool issued = certificate != NULL || fail(complaint, "the certificate", request.common_name);
    issued = issued && write_certificate(options, file, certificate, complaint) &&
             (own == NULL || write_key(options, file, own, complaint));
    X509_free(certificate);
    EVP_PKEY_free(own);
    return issued;
}

static bool make_authority(const char *name, struct authority *out_authority, struct complaint *complaint)
{
    return authority_init(out_authority, name, VALID_S) || fail(complaint, "the authority", name);
}

static bool issue_fleet(const struct scenario *scenario, const struct pki_options *options,
                        const struct authority *authority, struct complaint *complaint)
{
    EVP_PKEY *shared = options->shared_key ? certificate_key_new() : NULL;
    bool issued = !options->shared_key || (shared != NULL && write_key(options, "fleet", shared, complaint));
    for (uint32_t i = 0; issued && i < scenario->km_count; i++) {
        const struct alternative_name name = { NAME_DNS, scenario->kms[i].name };
        struct certificate_request request = { .common_name = name.words,
                                               .use = CERTIFICATE_CLIENT,
                                               .names = &name,
                                               .name_count = 1,
                                               .key = shared,
                                               .issuer = authority,
                                               .until_s = VALID_S };
        issued = issue(options, name.words, request, complaint);
    }
    EVP_PKEY_free(shared);
    return issued;
}

/* What a controller must refuse, all in the first KM's name. */
static bool issue_wrong(const struct scenario *scenario, const struct pki_options *options,
                        const struct authority *authority, struct complaint *complaint)
{
    struct authority other = { NULL, NULL };
    const struct alternative_name name = { NAME_DNS, scenario->kms[0].name };
    struct certificate_request expired = { .common_name = name.words,
                                           .use = CERTIFICATE_CLIENT,
                                           .names = &name,
                                           .name_count = 1,
                                           .issuer = authority,
                                           .from_s = -30 * DAY_S,
                                           .until_s = -DAY_S };
    struct certificate_request self_signed = expired, stranger = expired;
    self_signed.issuer = NULL;
    stranger.issuer = &other;
    self_signed.from_s = stranger.from_s = 0;
    self_signed.until_s = stranger.until_s = VALID_S;
    bool made = issue(options, "expired", expired, complaint) &&
                issue(options, "self-signed", self_signed, complaint) &&
                make_authority("cksim other CA", &other, complaint) &&
                issue(options, "other-ca", stranger, complaint);
    authority_fini(&other);
    return made;
}

/* A random key for each KM. */
static bool put_psks(void *content, FILE *file)
{
    const struct scenario *scenario = content;
    unsigned char key[PSK_BYTES];
    bool written = true;
    for (uint32_t i = 0; written && i < scenario->km_count; i++) {
        written = RAND_bytes(key, sizeof key) == 1 && fprintf(file, "%s:", scenario->kms[i].name) > 0;
        for (size_t j = 0; written && j < sizeof key; j++)
            written = fprintf(file, "%02x", key[j]) > 0;
        written = written && fputc('\n', file) != EOF;
    }
    OPENSSL_cleanse(key, sizeof key);
    return written;
}

static bool write_psks(const struct scenario *scenario, const struct pki_options *options,
                       struct complaint *complaint)
{
    struct trouble trouble;
    const struct credential_place place = place_of(options);
    if (credential_write(&place, "psk.txt", 0600, put_psks, (void *)(uintptr_t)scenario, &trouble))
        return true;
    complain(complaint, "%s", trouble.words);
    return false;
}

static bool judge_names(const struct scenario *scenario, struct complaint *complaint)
{
    static const char *const taken[] = {
        "ca", "server", "fleet", "expired", "self-signed", "other-ca", "psk"
    };
    for (uint32_t i = 0; i < scenario->km_count; i++) {
        const char *name = scenario->kms[i].name;
        bool good = credential_name_is_good(name);
        for (size_t j = 0; j < sizeof taken / sizeof taken[0]; j++)
            good = good && strcmp(name, taken[j]) != 0;
        if (!good) {
            complain(complaint, "a KM named '%s' cannot have files of its name", name);
            return false;
        }
    }
    return true;
}

static bool make_all(const struct scenario *scenario, const struct pki_options *options,
                     const struct authority *authority, struct complaint *complaint)
{
    static const struct alternative_name names[] = { { NAME_DNS, "localhost" },
                                                     { NAME_ADDRESS, "127.0.0.1" },
                                                     { NAME_ADDRESS, "::1" } };
    const struct certificate_request server = { .common_name = "localhost",
                                                .use = CERTIFICATE_SERVER,
                                                .names = names,
                                                .name_count = sizeof names / sizeof *names,
                                                .issuer = authority,
                                                .until_s = VALID_S };
    return write_certificate(options, "ca", authority->certificate, complaint) &&
           write_key(options, "ca", authority->key, complaint) &&
           issue(options, "server", server, complaint) &&
           issue_fleet(scenario, options, authority, complaint) &&
           (!options->wrong || issue_wrong(scenario, options, authority, complaint)) &&
           write_psks(scenario, options, complaint);
}

bool pki_make(const struct scenario *scenario, const struct pki_options *options, struct complaint *complaint)
{
    struct authority authority;
    struct trouble trouble;
    if (!judge_names(scenario, complaint))
        return false;
    if (!credential_directory_make(options->directory, &trouble)) {
        complain(complaint, "%s", trouble.words);
        return false;
    }
    if (!make_authority("cksim CA", &authority, complaint))
        return false;
    bool made = make_all(scenario, options, &authority, complaint);
    authority_fini(&authority);
    return made;
}
