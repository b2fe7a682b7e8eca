/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests, made at their start in a directory that goes with them. */
#ifndef TESTS_NET_PKI_H
#define TESTS_NET_PKI_H

#include <stdbool.h>

#include <openssl/x509.h>

struct pki {
    char directory[64];
    EVP_PKEY *ca_key;
    X509 *ca;
    long next_serial;
};

struct pki_request {
    const char *file;    /* makes <file>.pem and <file>.key */
    const char *name;    /* common name; NULL: none */
    const char *subject; /* subjectAltName in OpenSSL's words, "URI:km:a,DNS:a.example"; NULL: none */
    bool self_signed;
    bool expired;
    bool is_ca;
    long valid_seconds; /* from now; 0: a day */
};

/* With ca.pem. */
void pki_init(struct pki *pki);
/* Removes the directory. */
void pki_fini(struct pki *pki);
/* Path of a file in the directory; valid until the next but three calls. */
const char *pki_path(const struct pki *pki, const char *file);
/* Returns the certificate's serial number. */
long pki_issue(struct pki *pki, const struct pki_request *request);
/* Writes a CRL with one serial number, or none when 0. */
void pki_write_crl(struct pki *pki, const char *file, long revoked_serial);
void pki_write_text(const struct pki *pki, const char *file, const char *text);

#endif
