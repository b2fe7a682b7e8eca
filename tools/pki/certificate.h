/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of a lab's own authority, made by OpenSSL's library. */
#ifndef PKI_CERTIFICATE_H
#define PKI_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

enum certificate_use {
    CERTIFICATE_AUTHORITY, /* signs certificates and revocation lists, and no further authorities */
    CERTIFICATE_SERVER,
    CERTIFICATE_CLIENT, /* KMs too: they are the clients of Ck */
};

enum alternative_name_kind { NAME_DNS, NAME_URI, NAME_ADDRESS };

/* A subject alternative name, as it is: nothing in it is taken for syntax. */
struct alternative_name {
    enum alternative_name_kind kind;
    const char *words; /* an address as inet_pton() reads it */
};

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

struct certificate_request {
    const char
        *common_name; /* UTF-8; its first 64 bytes count, in whole characters (RFC 5280, ub-common-name) */
    enum certificate_use use;
    const struct alternative_name *names;
    size_t name_count;
    EVP_PKEY *key;
    const struct authority *issuer; /* NULL: signed by itself */
    long from_s, until_s;           /* from now; it ends no later than its issuer's */
};

/* P-256. NULL: OpenSSL could not. To be released with EVP_PKEY_free(). */
EVP_PKEY *certificate_key_new(void);
/* Does this name have its kind's form? */
bool certificate_name_is_good(const struct alternative_name *name);
/* With basic constraints, key usage, extended key usage, key identifiers, a random serial number. NULL:
 * OpenSSL could not. To be released with X509_free(). */
X509 *certificate_new(const struct certificate_request *request);

/* A key and its own certificate. False: OpenSSL could not, and nothing is to be released. */
bool authority_init(struct authority *authority, const char *common_name, long valid_s);
void authority_fini(struct authority *authority);

#endif
