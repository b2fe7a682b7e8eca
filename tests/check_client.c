/* SPDX-License-Identifier: Apache-2.0 */
/* The client side: what tools and benches rely on beyond what the server's tests use of it. */
#include "net_fixture.h"

#include <string.h>

/* A peer whose callbacks misbehave on purpose. */
struct rude {
    struct peer peer;
    bool aborts_in_connected, aborts_in_frame, aborts_in_closed, closes_in_frame;
    unsigned char received[64];
};

static void on_connected(void *context, struct client *client)
{
    struct rude *rude = context;
    rude->peer.connected = true;
    if (rude->aborts_in_connected)
        client_abort(client);
}

static void on_frame(void *context, struct client *client, const struct ck_header *header,
                     unsigned char *payload)
{
    struct rude *rude = context;
    rude->peer.frames++;
    memset(payload, 0, header->payload_bytes);
    if (rude->closes_in_frame)
        client_close(client);
    if (rude->aborts_in_frame)
        client_abort(client);
}

static void on_bytes(void *context, struct client *client, const unsigned char *bytes, size_t count)
{
    struct rude *rude = context;
    assert_true(rude->peer.bytes + count <= sizeof(rude->received));
    memcpy(rude->received + rude->peer.bytes, bytes, count);
    rude->peer.bytes += count;
    if (rude->aborts_in_frame)
        client_abort(client);
}

static void on_closed(void *context, struct client *client, bool was_connected, const char *detail)
{
    struct rude *rude = context;
    assert_int_equal(was_connected, rude->peer.connected);
    assert_int_not_equal(strlen(detail), 0);
    strncpy(rude->peer.detail, detail, sizeof(rude->peer.detail) - 1);
    rude->peer.closed = true;
    if (rude->aborts_in_closed)
        client_abort(client);
}

static const struct client_callbacks framed = { .connected = on_connected,
                                                .frame = on_frame,
                                                .closed = on_closed };
static const struct client_callbacks raw = { .connected = on_connected,
                                             .bytes = on_bytes,
                                             .closed = on_closed };

static struct client *open_rude(struct fixture *fixture, struct rude *rude,
                                const struct client_callbacks *callbacks, enum security security)
{
    char detail[256];
    const struct client_options options = { .address = fixture->address,
                                            .security = security,
                                            .credentials = fixture->credentials,
                                            .callbacks = callbacks,
                                            .context = rude };
    struct client *client = client_open(fixture->clients, &options, detail, sizeof(detail));
    if (client == NULL)
        fail_msg("%s", detail);
    assert_ptr_equal(client_context(client), rude);
    return client;
}

static void send_to(struct client *client, uint32_t message_id)
{
    unsigned char frame[CK_HEADER_BYTES + 20];
    assert_true(client_send(client, frame, fixture_make_frame(frame, message_id, 20)));
}

static void test_client_raw_bytes_arrive_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct rude rude = { .peer = { 0 } };
    unsigned char frame[CK_HEADER_BYTES + 20];
    const size_t count = fixture_make_frame(frame, 5, 20);
    fixture_start_plain(fixture);
    struct client *client = open_rude(fixture, &rude, &raw, SECURITY_PLAIN);
    assert_true(client_send(client, frame, count));
    UNTIL(fixture, rude.peer.bytes == count);
    assert_memory_equal(rude.received, frame, count);
}

static void test_client_abort_in_its_own_callbacks_is_safe(void **state)
{
    struct fixture *fixture = *state;
    struct rude rudes[4] = { { .aborts_in_connected = true },
                             { .aborts_in_frame = true },
                             { .aborts_in_frame = true },
                             { .closes_in_frame = true, .aborts_in_frame = true } };
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    for (int i = 0; i < 4; i++) {
        struct client *client = open_rude(fixture, &rudes[i], i == 1 ? &raw : &framed, SECURITY_TLS);
        send_to(client, 1);
        send_to(client, 2);
        UNTIL(fixture, clients_count(fixture->clients) == 0);
        assert_false(rudes[i].peer.closed); /* no callback follows */
        assert_true(rudes[i].peer.frames <= 1);
    }
    UNTIL(fixture,
          server_counters(fixture->server).sessions + server_counters(fixture->server).handshakes == 0);
}

static void test_client_abort_in_closed_is_safe(void **state)
{
    struct fixture *fixture = *state;
    struct rude rude = { .aborts_in_closed = true };
    fixture_start_plain(fixture);
    struct client *client = open_rude(fixture, &rude, &framed, SECURITY_PLAIN);
    UNTIL(fixture, rude.peer.connected);
    client_close(client);
    client_close(client);
    UNTIL(fixture, rude.peer.closed);
    assert_string_equal(rude.peer.detail, "closed");
    assert_int_equal(clients_count(fixture->clients), 0);
}

static void test_client_refused_connection_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct rude rude = { .peer = { 0 } };
    fixture_start_plain(fixture);
    server_unlisten(fixture->server, "main");
    (void)open_rude(fixture, &rude, &framed, SECURITY_PLAIN);
    UNTIL(fixture, rude.peer.closed);
    assert_false(rude.peer.connected);
    assert_string_equal(rude.peer.detail, "Connection refused");
}

static void test_client_connect_timeout_ends_the_attempt(void **state)
{
    char detail[256];
    struct fixture *fixture = *state;
    struct rude rude = { .peer = { 0 } };
    fixture_start_tls(fixture, false);
    server_set_reading(fixture->server, false); /* nobody accepts */
    const struct client_options options = { .address = fixture->address,
                                            .security = SECURITY_TLS,
                                            .connect_timeout_ms = 30,
                                            .callbacks = &framed,
                                            .context = &rude };
    assert_non_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    UNTIL(fixture, rude.peer.closed);
    assert_string_equal(rude.peer.detail, "timed out while connecting");
}

static void test_client_full_outbox_refuses_and_keeps_what_it_has(void **state)
{
    char detail[256];
    struct fixture *fixture = *state;
    struct peer *peer = &fixture->peers[0];
    fixture_start_plain(fixture);
    const struct client_options options = { .address = fixture->address,
                                            .security = SECURITY_PLAIN,
                                            .outbox_bytes_max = 2 * (CK_HEADER_BYTES + 20),
                                            .callbacks = fixture_client_callbacks(),
                                            .context = peer };
    peer->client = client_open(fixture->clients, &options, detail, sizeof(detail));
    assert_non_null(peer->client);
    send_to(peer->client, 1);
    send_to(peer->client, 2);
    assert_false(client_send(peer->client, "x", 1));
    assert_int_equal(client_outbox_bytes(peer->client), 2 * (CK_HEADER_BYTES + 20));
    UNTIL(fixture, peer->frames == 2);
    assert_int_equal(client_outbox_bytes(peer->client), 0);
}

static void test_client_paused_reading_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    client_set_reading(peer->client, false);
    for (uint32_t i = 0; i < 50; i++)
        fixture_send(peer, i, 100);
    UNTIL(fixture, fixture->frames == 50);
    for (int i = 0; i < 10; i++)
        fixture_turn(fixture, 0);
    assert_int_equal(peer->frames, 0);
    client_set_reading(peer->client, true);
    UNTIL(fixture, peer->frames == 50);
}

static void test_client_flushes_by_itself_when_told(void **state)
{
    struct fixture *fixture = *state;
    const struct listener_options options = fixture_plain_listener();
    struct rude rude = { .peer = { 0 } };
    fixture_start(fixture, &options, &(struct clients_options){ .flush_at_end = true });
    struct client *client = open_rude(fixture, &rude, &framed, SECURITY_PLAIN);
    UNTIL(fixture, rude.peer.connected);
    send_to(client, 1);
    for (int i = 0; i < 1000 && rude.peer.frames == 0; i++) {
        (void)loop_turn(fixture->loop, 10); /* without clients_flush */
        server_flush(fixture->server);
    }
    assert_int_equal(rude.peer.frames, 1);
}

static void test_client_server_name_must_match(void **state)
{
    char detail[256];
    struct fixture *fixture = *state;
    struct rude rudes[2];
    memset(rudes, 0, sizeof(rudes));
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct client_options options = { .address = fixture->address,
                                      .security = SECURITY_TLS,
                                      .credentials = fixture->credentials,
                                      .server_name = "localhost",
                                      .callbacks = &framed,
                                      .context = &rudes[0] };
    assert_non_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    UNTIL(fixture, rudes[0].peer.connected);
    options.server_name = "elsewhere.example";
    options.context = &rudes[1];
    assert_non_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    UNTIL(fixture, rudes[1].peer.closed);
    assert_false(rudes[1].peer.connected);
    assert_string_equal(rudes[1].peer.detail, "hostname mismatch");
}

static void test_client_mistakes_are_told_at_once(void **state)
{
    char detail[256], certificate[256];
    struct fixture *fixture = *state;
    struct rude rude = { .peer = { 0 } };
    struct client_options options = { .security = SECURITY_PLAIN, .callbacks = &framed, .context = &rude };
    fixture_start_plain(fixture);
    options.address = "nowhere";
    assert_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    assert_non_null(strstr(detail, "nowhere"));
    options.address = fixture->address;
    options.source = "192.0.2.1"; /* not ours: documentation's */
    assert_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    assert_non_null(strstr(detail, "192.0.2.1: Cannot assign"));
    strncpy(certificate, pki_path(fixture_pki(), "km-a.pem"), sizeof(certificate) - 1);
    certificate[sizeof(certificate) - 1] = '\0';
    assert_null(client_credentials_new(certificate, certificate, detail, sizeof(detail)));
    assert_non_null(strstr(detail, "km-a.pem"));
    fixture->credentials =
        client_credentials_new(certificate, pki_path(fixture_pki(), "km-b.key"), detail, sizeof(detail));
    assert_non_null(fixture->credentials);
    options.source = NULL;
    options.security = SECURITY_TLS;
    options.credentials = fixture->credentials;
    assert_null(client_open(fixture->clients, &options, detail, sizeof(detail)));
    assert_int_equal(clients_count(fixture->clients), 0);
    assert_null(client_credentials_new_psk(TEXT("a"), (const unsigned char *)"short", 5));
}

static void test_client_local_address_is_what_the_server_sees(void **state)
{
    char address[96];
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    assert_false(client_local_address(peer->client, address, sizeof(address)));
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    assert_true(client_local_address(peer->client, address, sizeof(address)));
    assert_string_equal(address, fixture->seen[0].peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK(test_client_raw_bytes_arrive_as_they_are),
        CHECK(test_client_abort_in_its_own_callbacks_is_safe),
        CHECK(test_client_abort_in_closed_is_safe),
        CHECK(test_client_refused_connection_is_told),
        CHECK(test_client_connect_timeout_ends_the_attempt),
        CHECK(test_client_full_outbox_refuses_and_keeps_what_it_has),
        CHECK(test_client_paused_reading_loses_nothing),
        CHECK(test_client_flushes_by_itself_when_told),
        CHECK(test_client_server_name_must_match),
        CHECK(test_client_mistakes_are_told_at_once),
        CHECK(test_client_local_address_is_what_the_server_sees),
    };
    return cmocka_run_group_tests_name("client", tests, fixture_make_certificates,
                                       fixture_remove_certificates);
}
