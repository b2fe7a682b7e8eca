/* SPDX-License-Identifier: Apache-2.0 */
/* The Ck server end to end on loopback: frames, whole and broken, and how sessions end. */
#include "net_fixture.h"

#include <string.h>

static void test_server_plain_echoes_and_names_the_address(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected);
    fixture_send(peer, 7, 100);
    UNTIL(fixture, peer->frames == 1);
    assert_int_equal(peer->last_message_id, 7);
    assert_int_equal(peer->last_payload_bytes, 100);
    assert_string_equal(fixture->seen[0].identities, "address:127.0.0.1");
    assert_int_equal(fixture->seen[0].security, SECURITY_PLAIN);
    assert_string_equal(fixture->seen[0].tls_version, "");
    client_close(peer->client);
    UNTIL(fixture, peer->closed && fixture->closed == 1);
    assert_int_equal(fixture->seen[0].reason, REASON_PEER_CLOSED);
    assert_int_equal(server_counters(fixture->server).sessions, 0);
}

static void test_server_tls_echoes_and_names_the_certificate(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    assert_string_equal(fixture->seen[0].identities, "uri:km:a dns:a.example");
    assert_string_equal(fixture->seen[0].tls_version, "TLSv1.3");
    assert_true(fixture->seen[0].certificate_expires_ms > (uint64_t)time(NULL) * 1000);
    fixture_send(peer, 9, 65535);
    UNTIL(fixture, peer->frames == 1);
    assert_int_equal(peer->last_payload_bytes, 65535);
    client_close(peer->client);
    UNTIL(fixture, peer->closed && fixture->closed == 1);
    assert_int_equal(fixture->seen[0].reason, REASON_PEER_CLOSED);
    assert_int_equal(server_counters(fixture->server).handshakes_ok, 1);
}

/* Three clients' frames cut in pieces, the pieces sent in turn. */
static void test_server_interleaved_sessions_are_kept_apart(void **state)
{
    enum { CLIENTS = 3, PAYLOAD = 300, PIECE = 31 };
    struct fixture *fixture = *state;
    unsigned char frames[CLIENTS][CK_HEADER_BYTES + PAYLOAD];
    size_t bytes = 0;
    fixture_start_plain(fixture);
    for (int i = 0; i < CLIENTS; i++) {
        fixture_dial(fixture, i, SECURITY_PLAIN);
        UNTIL(fixture, fixture->opened == i + 1); /* one after the other: session i is client i */
        bytes = fixture_make_frame(frames[i], (uint32_t)(100 + i), PAYLOAD);
    }
    for (size_t at = 0; at < bytes; at += PIECE) {
        const size_t piece = bytes - at < PIECE ? bytes - at : PIECE;
        for (int i = 0; i < CLIENTS; i++)
            assert_true(client_send(fixture->peers[i].client, frames[i] + at, piece));
        UNTIL(fixture, server_counters(fixture->server).bytes_received == CLIENTS * (at + piece));
    }
    for (int i = 0; i < CLIENTS; i++) {
        UNTIL(fixture, fixture->peers[i].frames == 1);
        assert_int_equal(fixture->peers[i].last_message_id, 100 + i);
        assert_int_equal(fixture->seen[i].digest, fixture_digest(0, (uint32_t)(100 + i), PAYLOAD));
    }
}

static void drip(struct fixture *fixture, struct peer *peer, const unsigned char *bytes, size_t count,
                 size_t piece)
{
    for (size_t at = 0; at < count; at += piece) {
        const uint64_t before = server_counters(fixture->server).bytes_received;
        const size_t now = count - at < piece ? count - at : piece;
        assert_true(client_send(peer->client, bytes + at, now));
        UNTIL(fixture, server_counters(fixture->server).bytes_received == before + now);
    }
}

static void test_server_frames_dripped_byte_by_byte_arrive_whole(void **state)
{
    enum { FRAMES = 3, PAYLOAD = 40 };
    struct fixture *fixture = *state;
    unsigned char bytes[FRAMES * (CK_HEADER_BYTES + PAYLOAD)];
    size_t count = 0;
    uint64_t digest = 0;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, peer->connected);
    for (uint32_t i = 0; i < FRAMES; i++) {
        count += fixture_make_frame(bytes + count, i, PAYLOAD);
        digest = fixture_digest(digest, i, PAYLOAD);
    }
    drip(fixture, peer, bytes, count, 1);
    UNTIL(fixture, peer->frames == FRAMES);
    assert_int_equal(fixture->seen[0].digest, digest);
}

static void test_server_greatest_frame_in_pieces_arrives_whole(void **state)
{
    static unsigned char bytes[2 * CK_FRAME_BYTES_MAX];
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected);
    size_t count = fixture_make_frame(bytes, 1, 65535);
    count += fixture_make_frame(bytes + count, 2, 65535);
    drip(fixture, peer, bytes, count, 1777);
    UNTIL(fixture, peer->frames == 2);
    assert_int_equal(fixture->seen[0].digest, fixture_digest(fixture_digest(0, 1, 65535), 2, 65535));
    assert_int_equal(peer->last_payload_bytes, 65535);
}

static void test_server_thousand_frames_at_once_keep_their_order(void **state)
{
    enum { FRAMES = 1000 };
    struct fixture *fixture = *state;
    uint64_t digest = 0;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    for (uint32_t i = 0; i < FRAMES; i++) { /* queued before it is connected */
        fixture_send(peer, i, i % 257);
        digest = fixture_digest(digest, i, i % 257);
    }
    UNTIL(fixture, peer->frames == FRAMES);
    assert_int_equal(fixture->seen[0].frames, FRAMES);
    assert_int_equal(fixture->seen[0].digest, digest);
    assert_int_equal(peer->last_message_id, FRAMES - 1);
}

static void test_server_truncated_frame_is_no_frame(void **state)
{
    unsigned char frame[CK_HEADER_BYTES + 50];
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected);
    const size_t count = fixture_make_frame(frame, 1, 50);
    assert_true(client_send(peer->client, frame, count - 1));
    client_close(peer->client);
    UNTIL(fixture, fixture->closed == 1);
    assert_int_equal(fixture->seen[0].frames, 0);
    assert_int_equal(fixture->seen[0].reason, REASON_PEER_CLOSED);
    assert_string_equal(fixture->seen[0].detail, "closed within a frame");
}

static void test_server_reset_connection_is_reported(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    client_abort(peer->client);
    UNTIL(fixture, fixture->closed == 1);
    assert_int_equal(fixture->seen[0].reason, REASON_CONNECTION_ERROR);
    assert_string_equal(fixture->seen[0].detail, "Connection reset by peer");
}

static void test_server_little_endian_is_recognised(void **state)
{
    const struct ck_header header = { .version = 1, .message_id = 77, .command = CK_NOTIFY_RELAY };
    unsigned char frame[CK_HEADER_BYTES];
    struct fixture *fixture = *state;
    fixture->order = CK_BYTE_ORDER_AUTO;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    ck_header_encode(&header, CK_LITTLE_ENDIAN, frame);
    assert_true(client_send(peer->client, frame, sizeof(frame)));
    UNTIL(fixture, fixture->frames == 1);
    assert_int_equal(fixture->seen[0].last.message_id, 77);
    assert_int_equal(fixture->seen[0].last.command, CK_NOTIFY_RELAY);
}

static void close_after_first(struct fixture *fixture, enum security security)
{
    enum { FRAMES = 40 };
    fixture->closes_after_frame = true;
    struct peer *peer = fixture_dial(fixture, 0, security);
    for (uint32_t i = 0; i < FRAMES; i++)
        fixture_send(peer, 500 + i, 20000);
    UNTIL(fixture, peer->closed && fixture->closed == 1);
    assert_int_equal(fixture->frames, 1);
    assert_int_equal(peer->frames, 1);
    assert_int_equal(peer->last_message_id, 500);
    assert_int_equal(fixture->seen[0].reason, REASON_REPLACED);
}

static void test_server_close_delivers_the_last_frame_plain(void **state)
{
    fixture_start_plain(*state);
    close_after_first(*state, SECURITY_PLAIN);
}

static void test_server_close_delivers_the_last_frame_tls(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    close_after_first(fixture, SECURITY_TLS);
}

static void test_server_slow_reader_is_cut(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.outbox_bytes_max = 300 * 1024;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    struct peer *other = fixture_dial(fixture, 1, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected && other->connected && fixture->opened == 2);
    client_set_reading(peer->client, false);
    uint32_t sent = 0;
    while (fixture->closed == 0 && sent < 5000) {
        if (peer->client != NULL && client_outbox_bytes(peer->client) < 500000)
            fixture_send(peer, sent++, 60000);
        fixture_turn(fixture, 0);
    }
    assert_int_equal(fixture->closed, 1);
    const struct seen *slow = fixture->seen[0].closed ? &fixture->seen[0] : &fixture->seen[1];
    assert_int_equal(slow->reason, REASON_SLOW_READER);
    fixture_send(other, 1, 10);
    UNTIL(fixture, other->frames == 1);
}

static void test_server_stale_handle_reaches_nobody(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    client_close(peer->client);
    UNTIL(fixture, fixture->closed == 1 && peer->closed);
    struct peer *second = fixture_dial(fixture, 1, SECURITY_PLAIN);
    UNTIL(fixture, fixture->opened == 2);
    const struct session_handle stale = fixture->seen[0].handle, live = fixture->seen[1].handle;
    assert_int_equal(stale.index, live.index); /* else this tests nothing */
    assert_int_not_equal(stale.generation, live.generation);
    unsigned char frame[CK_HEADER_BYTES];
    (void)fixture_make_frame(frame, 666, 0);
    server_send(fixture->server, stale, (struct text){ (const char *)frame, sizeof(frame) });
    server_close(fixture->server, stale, REASON_IDLE);
    server_send(fixture->server, (struct session_handle){ 5000000, 1 }, TEXT("x"));
    server_send(fixture->server, (struct session_handle){ 0, 0 }, TEXT("x"));
    fixture_send(second, 2, 5);
    UNTIL(fixture, second->frames == 1);
    assert_int_equal(second->last_message_id, 2);
    assert_int_equal(fixture->closed, 1);
}

static void test_server_pause_loses_nothing(void **state)
{
    enum { CLIENTS = 3, FRAMES = 400, TURNS = 50 };
    struct fixture *fixture = *state;
    uint64_t digest = 0;
    fixture->pause_after_frames = 5;
    fixture_start_plain(fixture);
    for (int i = 0; i < CLIENTS; i++) {
        fixture_dial(fixture, i, SECURITY_PLAIN);
        UNTIL(fixture, fixture->opened == i + 1);
    }
    for (uint32_t k = 0; k < FRAMES; k++) {
        for (int i = 0; i < CLIENTS; i++)
            fixture_send(&fixture->peers[i], k, 200);
        digest = fixture_digest(digest, k, 200);
    }
    UNTIL(fixture, fixture->frames == 5);
    struct peer *late = fixture_dial(fixture, CLIENTS, SECURITY_PLAIN);
    UNTIL(fixture, late->connected); /* by the kernel */
    fixture_send(late, 1, 1);
    for (int i = 0; i < TURNS; i++)
        fixture_turn(fixture, 0);
    assert_int_equal(fixture->frames, 5);
    assert_int_equal(fixture->opened, CLIENTS);
    server_set_reading(fixture->server, true);
    UNTIL(fixture, fixture->frames == CLIENTS * FRAMES + 1);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(fixture->seen[i].digest, digest);
}

static void test_server_paused_loop_rests(void **state)
{
    struct fixture *fixture = *state;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    server_set_reading(fixture->server, false);
    fixture_send(peer, 1, 10);
    struct peer *late = fixture_dial(fixture, 1, SECURITY_PLAIN);
    UNTIL(fixture, late->connected);
    /* Whatever there was to note has been noted after some turns; then nothing is ready any more. */
    int quiet = 0;
    for (int i = 0; i < 1000 && quiet < 3; i++) {
        server_flush(fixture->server);
        clients_flush(fixture->clients);
        quiet = loop_turn(fixture->loop, 1) == 0 ? quiet + 1 : 0;
    }
    assert_int_equal(quiet, 3);
    assert_int_equal(fixture->frames, 0);
}

static void test_server_beyond_sessions_max_is_closed(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.sessions_max = 2;
    fixture_start_plain(fixture);
    for (int i = 0; i < 2; i++) {
        fixture_dial(fixture, i, SECURITY_PLAIN);
        UNTIL(fixture, fixture->opened == i + 1);
    }
    struct peer *third = fixture_dial(fixture, 2, SECURITY_PLAIN);
    UNTIL(fixture, third->closed);
    assert_int_equal(fixture->opened, 2);
    assert_int_equal(server_counters(fixture->server).refused_full, 1);
    client_close(fixture->peers[0].client);
    UNTIL(fixture, fixture->closed == 1);
    fixture_dial(fixture, 3, SECURITY_PLAIN);
    UNTIL(fixture, fixture->opened == 3);
}

static void test_server_rate_delays_and_drops_nothing(void **state)
{
    enum { FRAMES = 450 };
    struct fixture *fixture = *state;
    struct listener_options options = fixture_plain_listener();
    uint64_t digest = 0;
    options.frames_per_second = 300;
    fixture_start(fixture, &options, &(struct clients_options){ 0 });
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    for (uint32_t i = 0; i < FRAMES; i++) {
        fixture_send(peer, i, 10);
        digest = fixture_digest(digest, i, 10);
    }
    UNTIL(fixture, peer->frames == FRAMES);
    assert_int_equal(fixture->seen[0].digest, digest);
}

static void test_server_idle_session_is_closed(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.idle_timeout_ms = 30;
    fixture_start_plain(fixture);
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, fixture->closed == 1 && peer->closed);
    assert_int_equal(fixture->seen[0].reason, REASON_IDLE);
}

static void test_server_nothing_is_read_before_admission(void **state)
{
    struct fixture *fixture = *state;
    fixture->admits = false;
    fixture_start_tls(fixture, false);
    fixture_use(fixture, "km-a");
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_TLS);
    fixture_send(peer, 1, 10);
    UNTIL(fixture, fixture->opened == 1 && client_outbox_bytes(peer->client) == 0);
    for (int i = 0; i < 20; i++)
        fixture_turn(fixture, 0);
    assert_int_equal(fixture->frames, 0);
    server_close(fixture->server, fixture->seen[0].handle, REASON_NOT_ENROLLED);
    UNTIL(fixture, fixture->closed == 1 && peer->closed);
    assert_int_equal(fixture->seen[0].reason, REASON_NOT_ENROLLED);
    assert_int_equal(fixture->frames, 0);
}

static void test_server_listener_is_kept_moved_and_removed(void **state)
{
    char detail[256], first[96];
    struct fixture *fixture = *state;
    struct listener_options options = fixture_plain_listener();
    fixture_start(fixture, &options, &(struct clients_options){ 0 });
    struct peer *peer = fixture_dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, fixture->opened == 1);
    memcpy(first, fixture->address, sizeof(first));
    fixture_listen(fixture, &options);
    assert_string_equal(first, fixture->address); /* port 0 again: the same socket */

    struct listener_options taken = { .name = "second", .listen = first, .security = SECURITY_PLAIN };
    assert_false(server_listen(fixture->server, &taken, detail, sizeof(detail)));
    assert_non_null(strstr(detail, first));
    assert_non_null(strstr(detail, "in use"));
    assert_false(server_listener_address(fixture->server, "second", first, sizeof(first)));

    options.listen = "127.0.0.2:0";
    fixture_listen(fixture, &options);
    assert_int_equal(strncmp(fixture->address, "127.0.0.2:", 10), 0);
    fixture_dial(fixture, 1, SECURITY_PLAIN);
    UNTIL(fixture, fixture->opened == 2);
    server_unlisten(fixture->server, "main");
    server_unlisten(fixture->server, "never was");
    struct peer *refused = fixture_dial(fixture, 2, SECURITY_PLAIN);
    UNTIL(fixture, refused->closed);
    assert_false(refused->connected);
    fixture_send(peer, 3, 3); /* sessions outlive their listener */
    UNTIL(fixture, peer->frames == 1);
}

static void test_server_source_address_is_the_identity(void **state)
{
    char detail[256];
    struct fixture *fixture = *state;
    struct peer *peer = &fixture->peers[0];
    fixture_start_plain(fixture);
    const struct client_options options = { .address = fixture->address,
                                            .source = "127.0.0.7",
                                            .security = SECURITY_PLAIN,
                                            .callbacks = fixture_client_callbacks(),
                                            .context = peer };
    peer->client = client_open(fixture->clients, &options, detail, sizeof(detail));
    assert_non_null(peer->client);
    UNTIL(fixture, fixture->opened == 1);
    assert_string_equal(fixture->seen[0].identities, "address:127.0.0.7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK(test_server_plain_echoes_and_names_the_address),
        CHECK(test_server_tls_echoes_and_names_the_certificate),
        CHECK(test_server_interleaved_sessions_are_kept_apart),
        CHECK(test_server_frames_dripped_byte_by_byte_arrive_whole),
        CHECK(test_server_greatest_frame_in_pieces_arrives_whole),
        CHECK(test_server_thousand_frames_at_once_keep_their_order),
        CHECK(test_server_truncated_frame_is_no_frame),
        CHECK(test_server_reset_connection_is_reported),
        CHECK(test_server_little_endian_is_recognised),
        CHECK(test_server_close_delivers_the_last_frame_plain),
        CHECK(test_server_close_delivers_the_last_frame_tls),
        CHECK(test_server_slow_reader_is_cut),
        CHECK(test_server_stale_handle_reaches_nobody),
        CHECK(test_server_pause_loses_nothing),
        CHECK(test_server_paused_loop_rests),
        CHECK(test_server_beyond_sessions_max_is_closed),
        CHECK(test_server_rate_delays_and_drops_nothing),
        CHECK(test_server_idle_session_is_closed),
        CHECK(test_server_nothing_is_read_before_admission),
        CHECK(test_server_listener_is_kept_moved_and_removed),
        CHECK(test_server_source_address_is_the_identity),
    };
    return cmocka_run_group_tests_name("server", tests, fixture_make_certificates,
                                       fixture_remove_certificates);
}
