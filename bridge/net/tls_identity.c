/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls_identity.h"

#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>

void tls_identities_clear(struct tls_identities *identities)
{
    identities->count = 0;
    identities->used_bytes = 0;
}

void tls_identities_add(struct tls_identities *identities, struct text prefix, struct text name)
{
    const size_t length = prefix.length + name.length;
    if (identities->count == TLS_IDENTITIES_MAX || name.length == 0 ||
        length > TLS_IDENTITY_STORAGE_BYTES - identities->used_bytes)
        return;
    char *at = identities->storage + identities->used_bytes;
    memcpy(at, prefix.bytes, prefix.length);
    memcpy(at + prefix.length, name.bytes, name.length);
    const struct text identity = { at, length };
    /* A NUL or another control character inside a name is the classic way to forge one: no identity then. */
    if (!text_is_identifier(identity))
        return;
    identities->items[identities->count++] = identity;
    identities->used_bytes += length;
}

static struct text text_of_asn1(const ASN1_STRING *string)
{
    return (struct text){ (const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string) };
}

static void add_alternative_names(struct tls_identities *identities, const GENERAL_NAMES *names, int type,
                                  struct text prefix)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int found_type;
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &found_type);
        if (found_type == type)
            tls_identities_add(identities, prefix, text_of_asn1(value));
    }
}

static void add_common_name(struct tls_identities *identities, const X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (position < 0)
        return;
    unsigned char *utf8 = NULL;
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position));
    const int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0)
        return;
    tls_identities_add(identities, TEXT("cn:"), (struct text){ (const char *)utf8, (size_t)length });
    OPENSSL_free(utf8);
}

void tls_identities_of_certificate(struct tls_identities *identities, const X509 *certificate)
{
    tls_identities_clear(identities);
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    if (names != NULL) {
        add_alternative_names(identities, names, GEN_URI, TEXT("uri:"));
        add_alternative_names(identities, names, GEN_DNS, TEXT("dns:"));
        GENERAL_NAMES_free(names);
    }
    if (identities->count == 0)
        add_common_name(identities, certificate);
}

uint64_t tls_certificate_expires_ms(const X509 *certificate)
{
    struct tm broken_down;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &broken_down) != 1)
        return 0;
    const time_t seconds = timegm(&broken_down);
    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}
