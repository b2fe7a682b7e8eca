/* SPDX-License-Identifier: Apache-2.0 */
/* Who may open a session: certificates good and bad, pre-shared keys, tickets, reloads, storms. */
#include "net_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void expect_refusal(struct fixture *fixture, const char *file, const char *words, const char *identity)
{
    const int before = fixture->refused;
    if (file != NULL)
        fixture_use(fixture, file);
    struct peer *peer = fixture_dial(fixture, 1, SECURITY_TLS);
    UNTIL(fixture, fixture->refused == before + 1 && peer->closed);
    if (strstr(fixture->refused_detail, words) == NULL)
        fail_msg("expected \"%s\", got \"%s\"", words, fixture->refused_detail);
    assert_int_equal(fixture->refused_reason, REASON_TLS_HANDSHAKE);
    assert_string_equal(fixture->refused_identity, identity);
}

/* Beside a good session, which must not notice. */
static void expect_refusal_beside_good(struct fixture *fixture, const char *file, const char *words,
                                       const char *identity)
{
    struct listener_options options = fixture_tls_listener();
    options.crl = pki_path(fixture_pki(), "crl.pem");
    fixture_start(fixture, &options, &(struct clients_options){ .ca = pki_path(fixture_pki(), "ca.pem") });
    fixture_use(fixture, "km-a");
    struct peer *good = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, good->connected && fixture->opened == 1);
    if (file == NULL) {
        client_credentials_free(fixture->credentials);
        fixture->credentials = NULL;
    }
    expect_refusal(fixture, file, words, identity);
    fixture_send(good, 1, 1);
    UNTIL(fixture, good->frames == 1);
    assert_int_equal(fixture->opened, 1);
    assert_int_equal(fixture->closed, 0);
    assert_int_equal(server_counters(fixture->server).handshakes_failed, 1);
    assert_int_equal(server_counters(fixture->server).handshakes, 0);
}

static void test_tls_expired_certificate_is_refused(void **state)
{
    expect_refusal_beside_good(*state, "expired", "certificate has expired", "uri:km:expired");
}

static void test_tls_revoked_certificate_is_refused(void **state)
{
    expect_refusal_beside_good(*state, "revoked", "certificate revoked", "uri:km:revoked");
}

static void test_tls_self_signed_certificate_is_refused(void **state)
{
    expect_refusal_beside_good(*state, "self-signed", "self-signed certificate", "cn:self");
}

static void test_tls_certificate_of_another_ca_is_refused(void **state)
{
    expect_refusal_beside_good(*state, "km-other", "certificate signature failure", "uri:km:a");
}

static void test_tls_certificate_without_a_name_is_refused(void **state)
{
    expect_refusal_beside_good(*state, "nameless", "neither a SAN URI or DNS name nor a common name", "");
}

static void test_tls_missing_certificate_is_refused(void **state)
{
    expect_refusal_beside_good(*state, NULL, "peer did not return a certificate", "");
}

static void test_tls_garbage_is_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    fixture_send(peer, 1, 600);
    UNTIL(fixture, fixture->refused == 1 && peer->closed);
    assert_int_equal(fixture->refused_reason, REASON_TLS_HANDSHAKE);
    assert_string_equal(fixture->refused_detail, "wrong version number");
    assert_string_equal(fixture->refused_identity, "");
}

static void test_tls_unfinished_handshake_is_ended(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.handshake_timeout_ms = 100;
    fixture_start_tls(fixture, false);
    struct peer *silent = fixture_dial(fixture, 0, SECURITY_PLAIN);
    struct peer *dawdling = fixture_dial(fixture, 1, SECURITY_PLAIN);
    assert_true(client_send(dawdling->client, "\x16\x03\x01\x02", 4)); /* the beginning of a ClientHello */
    UNTIL(fixture, fixture->refused == 2 && silent->closed && dawdling->closed);
    assert_string_equal(fixture->refused_detail, "handshake not finished within 100 ms");
    assert_int_equal(server_counters(fixture->server).handshakes, 0);
}

static void test_tls_peer_that_leaves_is_reported(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected && server_counters(fixture->server).handshakes == 1);
    client_close(peer->client);
    UNTIL(fixture, fixture->refused == 1);
    assert_non_null(strstr(fixture->refused_detail, "peer"));
}

static void test_tls_common_name_is_the_last_resort(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-b");
    fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, fixture->opened == 1);
    assert_string_equal(fixture->seen[0].identities, "cn:b");
    assert_int_equal(fixture->seen[0].security, SECURITY_TLS);
    assert_string_not_equal(fixture->seen[0].cipher, "");
}

static void start_with(struct fixture *fixture, bool tls12_listener, bool tls12_client, bool resume)
{
    struct listener_options options = fixture_tls_listener();
    options.tls12 = tls12_listener;
    fixture_start(fixture, &options,
                  &(struct clients_options){
                      .ca = pki_path(fixture_pki(), "ca.pem"), .tls12 = tls12_client, .resume = resume });
    fixture_use(fixture, "km-a");
}

static void test_tls_12_is_refused_unless_allowed(void **state)
{
    start_with(*state, false, true, false);
    expect_refusal(*state, NULL, "unsupported protocol", "");
}

static void test_tls_12_is_served_when_allowed(void **state)
{
    struct fixture *fixture = *state;
    start_with(fixture, true, true, false);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    fixture_send(peer, 1, 1);
    UNTIL(fixture, peer->frames == 1);
    assert_string_equal(fixture->seen[0].tls_version, "TLSv1.2");
    assert_int_equal(strncmp(fixture->seen[0].cipher, "ECDHE-", 6), 0);
    assert_string_equal(fixture->seen[0].identities, "uri:km:a dns:a.example");
}

/* A session whose ticket the client has afterwards; abruptly ended, as after a crash. */
static void get_ticket(struct fixture *fixture)
{
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    fixture_send(peer, 1, 1);
    UNTIL(fixture, peer->frames == 1);
    const int closed = fixture->closed;
    client_abort(peer->client);
    UNTIL(fixture, fixture->closed == closed + 1);
}

static void resume_and_compare(struct fixture *fixture)
{
    get_ticket(fixture);
    for (int i = 1; i <= 2; i++) { /* twice: a resumed session's ticket is as good */
        struct peer *peer = fixture_dial(fixture, i, SECURITY_TLS);
        fixture_send(peer, 1, 1);
        UNTIL(fixture, peer->frames == 1);
        assert_true(peer->resumed);
        assert_string_equal(fixture->seen[i].identities, "uri:km:a dns:a.example");
        assert_int_equal(fixture->seen[i].certificate_expires_ms, fixture->seen[0].certificate_expires_ms);
        assert_true(fixture->seen[i].certificate_expires_ms > 0);
        assert_int_equal(server_counters(fixture->server).resumed, i);
    }
}

static void test_tls_resumption_keeps_the_identities(void **state)
{
    start_with(*state, false, false, true);
    resume_and_compare(*state);
}

static void test_tls_12_resumption_keeps_the_identities(void **state)
{
    start_with(*state, true, true, true);
    resume_and_compare(*state);
}

static void test_tls_resumption_leads_around_no_new_crl(void **state)
{
    struct fixture *fixture = *state;
    start_with(fixture, false, false, true);
    get_ticket(fixture);
    struct listener_options options = fixture_tls_listener();
    options.crl = pki_path(fixture_pki(), "crl-a.pem");
    fixture_listen(fixture, &options);
    expect_refusal(fixture, NULL, "certificate revoked", "uri:km:a");
    assert_int_equal(server_counters(fixture->server).resumed, 0);
}

static void test_tls_resumption_leads_around_no_expiry(void **state)
{
    struct fixture *fixture = *state;
    start_with(fixture, false, false, true);
    pki_issue(fixture_pki(),
              &(struct pki_request){ .file = "soon", .subject = "URI:km:soon", .valid_seconds = 5 });
    fixture_use(fixture, "soon");
    get_ticket(fixture);
    const uint64_t expires_ms = fixture->seen[0].certificate_expires_ms;
    UNTIL(fixture, (uint64_t)time(NULL) * 1000 > expires_ms);
    expect_refusal(fixture, NULL, "certificate has expired", "uri:km:soon");
    assert_int_equal(server_counters(fixture->server).resumed, 0);
}

static void test_tls_reload_keeps_sessions_and_socket(void **state)
{
    struct fixture *fixture = *state;
    char before[96];
    start_with(fixture, false, false, false);
    memcpy(before, fixture->address, sizeof(before));
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, fixture->opened == 1 && peer->connected);
    struct listener_options options = fixture_tls_listener();
    options.crl = pki_path(fixture_pki(), "crl-a.pem");
    fixture_listen(fixture, &options);
    assert_string_equal(before, fixture->address);
    fixture_send(peer, 4, 4);
    UNTIL(fixture, peer->frames == 1);
    expect_refusal(fixture, "km-a", "certificate revoked", "uri:km:a");
    assert_int_equal(fixture->closed, 0);
}

static void test_tls_failed_reload_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    char detail[512];
    start_with(fixture, false, false, false);
    struct listener_options options = fixture_tls_listener();
    options.key = pki_path(fixture_pki(), "km-b.key");
    assert_false(server_listen(fixture->server, &options, detail, sizeof(detail)));
    assert_non_null(strstr(detail, "km-b.key does not match certificate"));
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    fixture_send(peer, 4, 4);
    UNTIL(fixture, peer->frames == 1);
}

static void expect_invalid(const struct listener_options *options, const char *words)
{
    char detail[512];
    if (server_check(options, detail, sizeof(detail)))
        fail_msg("accepted, expected \"%s\"", words);
    if (strstr(detail, words) == NULL)
        fail_msg("expected \"%s\", got \"%s\"", words, detail);
}

static void test_check_says_what_is_wrong(void **state)
{
    char detail[512];
    struct pki *pki = fixture_pki();
    const struct listener_options good = fixture_tls_listener();
    struct listener_options options = good;
    (void)state;
    assert_true(server_check(&good, detail, sizeof(detail)));
    options.listen = "localhost:7164";
    expect_invalid(&options, "listen localhost:7164: expected an address");
    options = good;
    options.certificate = pki_path(pki, "missing.pem");
    expect_invalid(&options, "missing.pem: No such file or directory");
    options = good;
    options.certificate = pki_path(pki, "server.key");
    expect_invalid(&options, "server.key: no start line");
    options = good;
    options.key = pki_path(pki, "km-a.key");
    expect_invalid(&options, "does not match certificate");
    options = good;
    options.ca = pki_path(pki, "missing-ca.pem");
    expect_invalid(&options, "ca ");
    options = good;
    options.crl = pki_path(pki, "ca.pem");
    expect_invalid(&options, "crl ");
    options = good;
    options.ca = NULL;
    expect_invalid(&options, "security tls needs certificate, key and ca");
    options = fixture_psk_listener();
    options.psk_file = NULL;
    expect_invalid(&options, "security psk needs psk_file");
    options = fixture_psk_listener();
    options.tls12 = true;
    expect_invalid(&options, "TLS 1.3 alone");
    pki_write_text(pki, "bad.psk", "# keys\n\nkm-a:00112233445566778899aabbccddeeff\nkm-b:xyz\n");
    options = fixture_psk_listener();
    options.psk_file = pki_path(pki, "bad.psk");
    expect_invalid(&options, "bad.psk:4: ");
}

static void start_psk(struct fixture *fixture)
{
    char text[512] = "# identity:key\n", *end = text + strlen(text);
    end += sprintf(end, "km-a:");
    for (int i = 0; i < 32; i++)
        end += sprintf(end, "%02x", 0x11);
    end += sprintf(end, "\nurn:km:48:");
    for (int i = 0; i < 48; i++)
        end += sprintf(end, "%02x", 0x22);
    pki_write_text(fixture_pki(), "keys.psk", text);
    const struct listener_options options = fixture_psk_listener();
    fixture_start(fixture, &options, &(struct clients_options){ .resume = true });
}

static void test_psk_identity_names_the_peer(void **state)
{
    struct fixture *fixture = *state;
    start_psk(fixture);
    fixture_use_psk(fixture, "km-a", 0x11, 32);
    for (int i = 0; i < 2; i++) {
        struct peer *peer = fixture_dial(fixture, i, SECURITY_PSK);
        fixture_send(peer, 1, 1000);
        UNTIL(fixture, peer->frames == 1);
        assert_string_equal(fixture->seen[i].identities, "psk:km-a");
        assert_int_equal(fixture->seen[i].security, SECURITY_PSK);
        assert_string_equal(fixture->seen[i].tls_version, "TLSv1.3");
        assert_int_equal(fixture->seen[i].certificate_expires_ms, 0);
    }
    assert_int_equal(server_counters(fixture->server).resumed, 0);
}

static void test_psk_long_key_is_used_with_sha384(void **state)
{
    struct fixture *fixture = *state;
    start_psk(fixture);
    fixture_use_psk(fixture, "urn:km:48", 0x22, 48);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PSK);
    fixture_send(peer, 1, 1);
    UNTIL(fixture, peer->frames == 1);
    assert_string_equal(fixture->seen[0].cipher, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(fixture->seen[0].identities, "psk:urn:km:48");
}

static void expect_psk_refusal(struct fixture *fixture, const char *words, const char *identity)
{
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PSK);
    UNTIL(fixture, fixture->refused == 1 && peer->closed);
    if (strstr(fixture->refused_detail, words) == NULL)
        fail_msg("expected \"%s\", got \"%s\"", words, fixture->refused_detail);
    assert_string_equal(fixture->refused_identity, identity);
    assert_int_equal(fixture->opened, 0);
}

static void test_psk_wrong_key_is_refused(void **state)
{
    start_psk(*state);
    fixture_use_psk(*state, "km-a", 0x12, 32);
    expect_psk_refusal(*state, "binder does not verify", "psk:km-a");
}

static void test_psk_unknown_identity_is_refused(void **state)
{
    start_psk(*state);
    fixture_use_psk(*state, "stranger", 0x11, 32);
    expect_psk_refusal(*state, "the PSK identity is not in psk_file", "psk:stranger");
}

static void test_psk_certificate_is_no_substitute(void **state)
{
    struct fixture *fixture = *state;
    start_psk(fixture);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, fixture->refused == 1 && peer->closed);
    assert_string_equal(fixture->refused_detail, "the client offers no TLS 1.3 pre-shared key");
    assert_int_equal(fixture->opened, 0);
}

static void test_storm_with_few_handshakes_at_a_time_serves_all(void **state)
{
    enum { CLIENTS = 40 };
    struct fixture *fixture = *state;
    fixture->options.handshakes_max = 3;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    for (int i = 0; i < CLIENTS; i++)
        fixture_send(fixture_dial(fixture, i, SECURITY_TLS), (uint32_t)i, 10);
    UNTIL(fixture, fixture->frames == CLIENTS);
    assert_int_equal(fixture->opened, CLIENTS);
    assert_int_equal(server_counters(fixture->server).handshakes_ok, CLIENTS);
    assert_int_equal(server_counters(fixture->server).refused_full, 0);
}

static void test_tls_session_does_not_open_while_reading_is_stopped(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, server_counters(fixture->server).handshakes == 1);
    server_set_reading(fixture->server, false);
    UNTIL(fixture, peer->connected); /* the worker finishes it */
    for (int i = 0; i < 20; i++)
        fixture_turn(fixture, 1);
    assert_int_equal(fixture->opened, 0);
    server_set_reading(fixture->server, true);
    fixture_send(peer, 1, 1);
    UNTIL(fixture, peer->frames == 1);
    assert_int_equal(fixture->opened, 1);
}

static void test_server_that_is_freed_in_a_storm_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    for (int i = 0; i < 20; i++)
        fixture_dial(fixture, i, SECURITY_TLS);
    UNTIL(fixture, fixture->opened > 2);
    /* The tear-down frees it while handshakes are in every state: the sanitizers judge. */
}

static void test_client_refuses_a_server_of_another_ca(void **state)
{
    struct fixture *fixture = *state;
    const struct listener_options options = fixture_tls_listener();
    fixture_start(fixture, &options,
                  &(struct clients_options){ .ca = pki_path(fixture_pki(), "km-other.pem") });
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, peer->closed && fixture->refused == 1);
    assert_false(peer->connected);
    assert_non_null(strstr(peer->detail, "certificate"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK(test_tls_expired_certificate_is_refused),
        CHECK(test_tls_revoked_certificate_is_refused),
        CHECK(test_tls_self_signed_certificate_is_refused),
        CHECK(test_tls_certificate_of_another_ca_is_refused),
        CHECK(test_tls_certificate_without_a_name_is_refused),
        CHECK(test_tls_missing_certificate_is_refused),
        CHECK(test_tls_garbage_is_refused),
        CHECK(test_tls_unfinished_handshake_is_ended),
        CHECK(test_tls_peer_that_leaves_is_reported),
        CHECK(test_tls_common_name_is_the_last_resort),
        CHECK(test_tls_12_is_refused_unless_allowed),
        CHECK(test_tls_12_is_served_when_allowed),
        CHECK(test_tls_resumption_keeps_the_identities),
        CHECK(test_tls_12_resumption_keeps_the_identities),
        CHECK(test_tls_resumption_leads_around_no_new_crl),
        CHECK(test_tls_resumption_leads_around_no_expiry),
        CHECK(test_tls_reload_keeps_sessions_and_socket),
        CHECK(test_tls_failed_reload_changes_nothing),
        CHECK(test_check_says_what_is_wrong),
        CHECK(test_psk_identity_names_the_peer),
        CHECK(test_psk_long_key_is_used_with_sha384),
        CHECK(test_psk_wrong_key_is_refused),
        CHECK(test_psk_unknown_identity_is_refused),
        CHECK(test_psk_certificate_is_no_substitute),
        CHECK(test_storm_with_few_handshakes_at_a_time_serves_all),
        CHECK(test_tls_session_does_not_open_while_reading_is_stopped),
        CHECK(test_server_that_is_freed_in_a_storm_leaves_nothing),
        CHECK(test_client_refuses_a_server_of_another_ca),
    };
    return cmocka_run_group_tests_name("server_tls", tests, fixture_make_certificates,
                                       fixture_remove_certificates);
}
