/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/revocation.h"

#include <openssl/x509v3.h>

enum { DAY_S = 86400 };

static bool add_revoked(X509_CRL *list, const X509 *certificate)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    bool added = entry != NULL && now != NULL &&
                 X509_REVOKED_set_serialNumber(
                     entry, (ASN1_INTEGER *)(void *)X509_get0_serialNumber(certificate)) == 1 &&
                 X509_REVOKED_set_revocationDate(entry, now) == 1 && X509_CRL_add0_revoked(list, entry) == 1;
    if (!added)
        X509_REVOKED_free(entry);
    ASN1_TIME_free(now);
    return added;
}

static bool add_former(X509_CRL *list, X509_CRL *former)
{
    STACK_OF(X509_REVOKED) *entries = former != NULL ? X509_CRL_get_REVOKED(former) : NULL;
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        X509_REVOKED *entry = X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i));
        if (entry == NULL || X509_CRL_add0_revoked(list, entry) != 1) {
            X509_REVOKED_free(entry);
            return false;
        }
    }
    return true;
}

/* RFC 5280 5.2.3: numbers grow. */
static bool set_number(X509_CRL *list, X509_CRL *former)
{
    ASN1_INTEGER *number = former != NULL ? X509_CRL_get_ext_d2i(former, NID_crl_number, NULL, NULL) : NULL;
    uint64_t last = 0;
    if (number == NULL)
        number = ASN1_INTEGER_new();
    bool set = number != NULL && (ASN1_INTEGER_get_uint64(&last, number) == 1 || former == NULL) &&
               ASN1_INTEGER_set_uint64(number, last + 1) == 1 &&
               X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1;
    ASN1_INTEGER_free(number);
    return set;
}

static bool name_issuer(X509_CRL *list, X509 *issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    bool named = extension != NULL && X509_CRL_add_ext(list, extension, -1) == 1 &&
                 X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1;
    X509_EXTENSION_free(extension);
    return named;
}

static bool set_times(X509_CRL *list, const X509 *issuer, long valid_s)
{
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    ASN1_TIME *next = X509_time_adj_ex(NULL, (int)(valid_s / DAY_S), valid_s % DAY_S, NULL);
    const ASN1_TIME *last = X509_get0_notAfter(issuer);
    bool set = now != NULL && next != NULL && X509_CRL_set1_lastUpdate(list, now) == 1 &&
               X509_CRL_set1_nextUpdate(list, ASN1_TIME_compare(next, last) < 0 ? next : last) == 1;
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return set;
}

X509_CRL *revocation_list_new(const struct authority *authority, X509_CRL *former, const X509 *revoked,
                              long valid_s)
{
    X509_CRL *list = X509_CRL_new();
    if (list != NULL && X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
        set_times(list, authority->certificate, valid_s) && name_issuer(list, authority->certificate) &&
        set_number(list, former) && add_former(list, former) &&
        (revoked == NULL || revocation_list_has(former, revoked) || add_revoked(list, revoked)) &&
        X509_CRL_sort(list) == 1 && X509_CRL_sign(list, authority->key, EVP_sha256()) > 0)
        return list;
    X509_CRL_free(list);
    return NULL;
}

bool revocation_list_has(X509_CRL *list, const X509 *certificate)
{
    X509_REVOKED *entry;
    return list != NULL &&
           X509_CRL_get0_by_serial(list, &entry,
                                   (ASN1_INTEGER *)(void *)X509_get0_serialNumber(certificate)) == 1;
}
