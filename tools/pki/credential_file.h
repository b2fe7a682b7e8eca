/* SPDX-License-Identifier: Apache-2.0 */
/* PEM files of keys, certificates and revocation lists in one directory. */
#ifndef PKI_CREDENTIAL_FILE_H
#define PKI_CREDENTIAL_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "pki/certificate.h"

enum { CREDENTIAL_PATH_BYTES = 4096 };

/* Why something failed, for people; names the file. */
struct trouble {
    char words[CREDENTIAL_PATH_BYTES + 256];
};
__attribute__((format(printf, 2, 3))) void trouble_say(struct trouble *trouble, const char *format, ...);

struct credential_place {
    const char *directory;
    bool replace; /* files that are there already; else they are refused */
};

/* Makes the directory, for its owner alone, unless it is there. */
bool credential_directory_make(const char *directory, struct trouble *out_trouble);
/* Can files have this name: no slash, no dot in front, not empty? */
bool credential_name_is_good(const char *name);

/* A file is there whole or not at all. A key's is for its owner alone. False after trouble. */
bool credential_write_key(const struct credential_place *place, const char *name, EVP_PKEY *key,
                          struct trouble *out_trouble);
bool credential_write_certificate(const struct credential_place *place, const char *name, X509 *certificate,
                                  struct trouble *out_trouble);
bool credential_write_revocations(const struct credential_place *place, const char *name, X509_CRL *list,
                                  struct trouble *out_trouble);
/* Likewise of anything: `put` writes it, and tells whether it could; `mode` as of open(). */
bool credential_write(const struct credential_place *place, const char *file_name, mode_t mode,
                      bool (*put)(void *content, FILE *file), void *content, struct trouble *out_trouble);

/* NULL after trouble. To be released with X509_free(), EVP_PKEY_free(), X509_CRL_free(). */
X509 *credential_read_certificate(const char *directory, const char *name, struct trouble *out_trouble);
EVP_PKEY *credential_read_key(const char *directory, const char *name, struct trouble *out_trouble);
X509_CRL *credential_read_revocations(const char *directory, const char *name, struct trouble *out_trouble);

bool credential_exists(const char *directory, const char *file_name);

#endif
