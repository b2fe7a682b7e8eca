/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a certificate proves (wire profile, reading 13). */
#ifndef NET_TLS_IDENTITY_H
#define NET_TLS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/text.h"

enum {
    TLS_IDENTITIES_MAX = 16, /* further names of one certificate are ignored */
    TLS_IDENTITY_STORAGE_BYTES = 4096,
};

struct tls_identities {
    size_t count;
    struct text items[TLS_IDENTITIES_MAX]; /* views of `storage` */
    size_t used_bytes;
    char storage[TLS_IDENTITY_STORAGE_BYTES];
};

void tls_identities_clear(struct tls_identities *identities);
/* "prefix" and name, e.g. "psk:" and "a". Ignored unless together an identifier (reading 14) that fits. */
void tls_identities_add(struct tls_identities *identities, struct text prefix, struct text name);
/* "uri:..." of each SAN URI, then "dns:..." of each SAN DNS name, as they are spelt; only when there is none
   of either, "cn:..." of the subject's common name. */
void tls_identities_of_certificate(struct tls_identities *identities, const X509 *certificate);
/* Unix time; 0: not representable. */
uint64_t tls_certificate_expires_ms(const X509 *certificate);

#endif
