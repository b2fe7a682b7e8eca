/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/certificate.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
    SERIAL_BITS = 127, /* positive in 16 bytes (RFC 5280 4.1.2.2 allows 20) */
    COMMON_NAME_BYTES_MAX = 64,
    DNS_NAME_BYTES_MAX = 253,
    DAY_S = 86400,
};

EVP_PKEY *certificate_key_new(void)
{
    return EVP_EC_gen("P-256");
}

static bool is_graphic_ascii(const char *words)
{
    for (; *words != '\0'; words++)
        if (*words <= ' ' || *words > '~')
            return false;
    return true;
}

static ASN1_OCTET_STRING *address_of(const char *words)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(words);
    ERR_clear_error();
    return address;
}

bool certificate_name_is_good(const struct alternative_name *name)
{
    ASN1_OCTET_STRING *address;
    switch (name->kind) {
    case NAME_DNS:
        return *name->words != '\0' && is_graphic_ascii(name->words) &&
               strlen(name->words) <= DNS_NAME_BYTES_MAX;
    case NAME_URI:
        return is_graphic_ascii(name->words) && strchr(name->words, ':') != NULL && *name->words != ':';
    case NAME_ADDRESS:
        address = address_of(name->words);
        ASN1_OCTET_STRING_free(address);
        return address != NULL;
    }
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

/* OpenSSL's textual form would take commas and colons for its own. NULL: it could not. */
static GENERAL_NAME *name_new(const struct alternative_name *name)
{
    GENERAL_NAME *made = GENERAL_NAME_new();
    ASN1_STRING *value =
        name->kind == NAME_ADDRESS ? (ASN1_STRING *)address_of(name->words) : ASN1_IA5STRING_new();
    if (made == NULL || value == NULL ||
        (name->kind != NAME_ADDRESS && ASN1_STRING_set(value, name->words, (int)strlen(name->words)) != 1)) {
        GENERAL_NAME_free(made);
        ASN1_STRING_free(value);
        return NULL;
    }
    int type = name->kind == NAME_DNS ? GEN_DNS : name->kind == NAME_URI ? GEN_URI : GEN_IPADD;
    GENERAL_NAME_set0_value(made, type, value);
    return made;
}

static bool add_names(X509 *certificate, const struct certificate_request *request)
{
    if (request->name_count == 0)
        return true;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool added = names != NULL;
    for (size_t i = 0; added && i < request->name_count; i++) {
        GENERAL_NAME *name = name_new(&request->names[i]);
        added = name != NULL && sk_GENERAL_NAME_push(names, name) > 0;
        if (!added)
            GENERAL_NAME_free(name);
    }
    added = added && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return added;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct certificate_request *request)
{
    if (!add_extension(certificate, issuer, NID_subject_key_identifier, "hash") ||
        !add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always"))
        return false;
    if (request->use == CERTIFICATE_AUTHORITY)
        return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
               add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    const char *use = request->use == CERTIFICATE_SERVER ? "serverAuth" : "clientAuth";
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, use) && add_names(certificate, request);
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *serial = BN_new();
    bool set = serial != NULL && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) != NULL;
    BN_free(serial);
    return set;
}

static bool set_subject(X509 *certificate, const char *name)
{
    size_t length = strnlen(name, COMMON_NAME_BYTES_MAX + 1);
    if (length > COMMON_NAME_BYTES_MAX)
        for (length = COMMON_NAME_BYTES_MAX; length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80;)
            length--;
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, (int)length, -1, 0) == 1;
}

/* A chain is valid no longer than its authority; a later end would only be told wrongly. */
static bool set_times(X509 *certificate, const struct certificate_request *request)
{
    ASN1_TIME *until = X509_getm_notAfter(certificate);
    if (X509_time_adj_ex(X509_getm_notBefore(certificate), (int)(request->from_s / DAY_S),
                         request->from_s % DAY_S, NULL) == NULL ||
        X509_time_adj_ex(until, (int)(request->until_s / DAY_S), request->until_s % DAY_S, NULL) == NULL)
        return false;
    if (request->issuer == NULL ||
        ASN1_TIME_compare(until, X509_get0_notAfter(request->issuer->certificate)) <= 0)
        return true;
    return X509_set1_notAfter(certificate, X509_get0_notAfter(request->issuer->certificate)) == 1;
}

X509 *certificate_new(const struct certificate_request *request)
{
    X509 *certificate = X509_new();
    if (certificate == NULL)
        return NULL;
    X509 *issuer = request->issuer != NULL ? request->issuer->certificate : certificate;
    EVP_PKEY *signer = request->issuer != NULL ? request->issuer->key : request->key;
    if (X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
        set_subject(certificate, request->common_name) && set_times(certificate, request) &&
        X509_set_pubkey(certificate, request->key) == 1 &&
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
        add_extensions(certificate, issuer, request) && X509_sign(certificate, signer, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

bool authority_init(struct authority *authority, const char *common_name, long valid_s)
{
    EVP_PKEY *key = certificate_key_new();
    const struct certificate_request request = {
        .common_name = common_name, .use = CERTIFICATE_AUTHORITY, .key = key, .until_s = valid_s
    };
    X509 *certificate = key != NULL ? certificate_new(&request) : NULL;
    if (certificate == NULL) {
        EVP_PKEY_free(key);
        return false;
    }
    *authority = (struct authority){ .key = key, .certificate = certificate };
    return true;
}

void authority_fini(struct authority *authority)
{
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
    *authority = (struct authority){ .key = NULL };
}
