/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/certificate_view.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

int64_t certificate_time_ms(const ASN1_TIME *time)
{
    struct tm when;
    return ASN1_TIME_to_tm(time, &when) == 1 ? (int64_t)timegm(&when) * 1000 : 0;
}

static void put_serial(char *words, const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    snprintf(words, SERIAL_WORDS_BYTES, "%s", hex != NULL ? hex : "");
    OPENSSL_free(hex);
    BN_free(number);
}

void certificate_view(struct certificate_view *out_view, X509 *certificate)
{
    *out_view = (struct certificate_view){
        .use = CERTIFICATE_CLIENT,
        .from_ms = certificate_time_ms(X509_get0_notBefore(certificate)),
        .until_ms = certificate_time_ms(X509_get0_notAfter(certificate)),
    };
    put_serial(out_view->serial, certificate);
    if (X509_check_ca(certificate) != 0)
        out_view->use = CERTIFICATE_AUTHORITY;
    else if ((X509_get_extended_key_usage(certificate) & XKU_SSL_SERVER) != 0)
        out_view->use = CERTIFICATE_SERVER;
}

/* The caller's bytes as words behind their kind; false: they hold a NUL, or do not fit. */
static bool put_text(char *words, const char *kind, const unsigned char *bytes, int length)
{
    if (length < 0 || memchr(bytes, '\0', (size_t)length) != NULL)
        return false;
    return snprintf(words, NAME_WORDS_BYTES, "%s%.*s", kind, length, (const char *)bytes) < NAME_WORDS_BYTES;
}

static bool put_name(char *words, const GENERAL_NAME *name)
{
    int kind;
    char address[INET6_ADDRSTRLEN];
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);
    if (kind == GEN_DNS || kind == GEN_URI)
        return put_text(words, kind == GEN_DNS ? "dns:" : "uri:", ASN1_STRING_get0_data(value),
                        ASN1_STRING_length(value));
    if (kind != GEN_IPADD)
        return false;
    int family = ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6;
    if ((family == AF_INET6 && ASN1_STRING_length(value) != 16) ||
        inet_ntop(family, ASN1_STRING_get0_data(value), address, sizeof address) == NULL)
        return false;
    return snprintf(words, NAME_WORDS_BYTES, "ip:%s", address) < NAME_WORDS_BYTES;
}

static bool put_common_name(char *words, X509 *certificate)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    int length =
        at < 0 ? -1 : ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    bool put = length >= 0 && put_text(words, "cn:", utf8, length);
    OPENSSL_free(utf8);
    return put;
}

void certificate_visit_names(X509 *certificate, void (*visit)(void *context, const char *name), void *context)
{
    char words[NAME_WORDS_BYTES];
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        if (put_name(words, sk_GENERAL_NAME_value(names, i)))
            visit(context, words);
    if (names == NULL && put_common_name(words, certificate))
        visit(context, words);
    GENERAL_NAMES_free(names);
}

bool certificate_is_of(X509 *certificate, const struct authority *authority)
{
    EVP_PKEY *key = X509_get0_pubkey(authority->certificate);
    bool is_of = X509_check_issued(authority->certificate, certificate) == X509_V_OK &&
                 X509_verify(certificate, key) == 1;
    ERR_clear_error();
    return is_of;
}
