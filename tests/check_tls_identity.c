/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/tls_identity.h"
#include "net_pki.h"

static struct pki pki;

static void read_identities(const struct pki_request *request, struct tls_identities *identities)
{
    pki_issue(&pki, request);
    FILE *stream = fopen(pki_path(&pki, "it.pem"), "r");
    assert_non_null(stream);
    X509 *certificate = PEM_read_X509(stream, NULL, NULL, NULL);
    fclose(stream);
    assert_non_null(certificate);
    tls_identities_of_certificate(identities, certificate);
    X509_free(certificate);
}

static void expect(const char *name, const char *subject, const char *expected)
{
    struct tls_identities identities;
    char joined[1024] = "";
    read_identities(&(struct pki_request){ .file = "it", .name = name, .subject = subject }, &identities);
    for (size_t i = 0; i < identities.count; i++) {
        const size_t used = strlen(joined);
        snprintf(joined + used, sizeof(joined) - used, i > 0 ? " %.*s" : "%.*s",
                 TEXT_ARGUMENTS(identities.items[i]));
    }
    assert_string_equal(joined, expected);
}

static void test_identity_uri_comes_before_dns_and_hides_the_common_name(void **state)
{
    (void)state;
    expect("cn", "DNS:b.example,URI:urn:km:1,DNS:A.example,URI:urn:km:2",
           "uri:urn:km:1 uri:urn:km:2 dns:b.example dns:A.example");
}

static void test_identity_common_name_when_there_is_no_other(void **state)
{
    (void)state;
    expect("km-a", NULL, "cn:km-a");
    expect("km-a", "IP:127.0.0.1,email:a@example", "cn:km-a");
    expect("Schl\xc3\xbcssel", NULL, "cn:Schl\xc3\xbcssel");
    expect(NULL, NULL, "");
}

static void test_identity_with_control_characters_is_none(void **state)
{
    (void)state;
    expect("a\x01"
           "b",
           NULL, "");
    expect("cn",
           "DNS:a\x7f"
           "b",
           "cn:cn");
}

/* A NUL inside a name once let "bank.example\0.evil.example" pass for its beginning. */
static void test_identity_with_nul_is_none(void **state)
{
    static const unsigned char name[] = "a.example\0.evil";
    struct tls_identities identities;
    X509 *certificate = X509_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *general = GENERAL_NAME_new();
    ASN1_IA5STRING *value = ASN1_IA5STRING_new();
    (void)state;
    ASN1_STRING_set(value, name, sizeof(name) - 1);
    GENERAL_NAME_set0_value(general, GEN_DNS, value);
    sk_GENERAL_NAME_push(names, general);
    assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
    tls_identities_of_certificate(&identities, certificate);
    assert_int_equal(identities.count, 0);
    GENERAL_NAMES_free(names);
    X509_free(certificate);
}

static void test_identity_surplus_and_overlong_names_are_ignored(void **state)
{
    struct tls_identities identities;
    char subject[4096] = "", longest[400];
    size_t used = 0;
    (void)state;
    for (int i = 0; i < TLS_IDENTITIES_MAX + 5; i++)
        used +=
            (size_t)snprintf(subject + used, sizeof(subject) - used, "%sURI:urn:km:%d", i > 0 ? "," : "", i);
    read_identities(&(struct pki_request){ .file = "it", .subject = subject }, &identities);
    assert_int_equal(identities.count, TLS_IDENTITIES_MAX);
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "URI:", 4);
    longest[4 + 252] = '\0'; /* with "uri:" 256 bytes: one too long */
    read_identities(&(struct pki_request){ .file = "it", .subject = longest }, &identities);
    assert_int_equal(identities.count, 0);
    longest[4 + 251] = '\0';
    read_identities(&(struct pki_request){ .file = "it", .subject = longest }, &identities);
    assert_int_equal(identities.count, 1);
}

static void test_identity_expiry_is_unix_time(void **state)
{
    (void)state;
    const uint64_t now_ms = (uint64_t)time(NULL) * 1000;
    const uint64_t expires_ms = tls_certificate_expires_ms(pki.ca);
    assert_true(expires_ms > now_ms + 23ULL * 3600 * 1000);
    assert_true(expires_ms <= now_ms + 25ULL * 3600 * 1000);
}

static int set_up(void **state)
{
    (void)state;
    pki_init(&pki);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_fini(&pki);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_uri_comes_before_dns_and_hides_the_common_name),
        cmocka_unit_test(test_identity_common_name_when_there_is_no_other),
        cmocka_unit_test(test_identity_with_control_characters_is_none),
        cmocka_unit_test(test_identity_with_nul_is_none),
        cmocka_unit_test(test_identity_surplus_and_overlong_names_are_ignored),
        cmocka_unit_test(test_identity_expiry_is_unix_time),
    };
    return cmocka_run_group_tests_name("tls_identity", tests, set_up, tear_down);
}
