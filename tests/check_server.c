/* SPDX-License-Identifier: Apache-2.0 */
/* The Ck server end to end on loopback: plain, TLS and PSK sessions, good and bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/client.h"
#include "net/server.h"
#include "net_pki.h"

enum { PATIENCE_MS = 20000, SESSIONS_SEEN = 64, PEERS = 64 };

/* What the server told of one session. */
struct seen {
    struct session_handle handle;
    char identities[256]; /* separated by spaces */
    char peer[96], tls_version[16], cipher[64];
    enum security security;
    uint64_t certificate_expires_ms;
    int frames;
    int closed;
    enum reason reason;
    char detail[256];
    uint64_t digest; /* of the frames, in order */
    struct ck_header last;
};

struct peer {
    struct client *client;
    bool connected, resumed, closed;
    char detail[256];
    int frames;
    size_t bytes;
    uint32_t last_message_id;
    size_t last_payload_bytes;
};

struct fixture {
    struct pki pki;
    struct loop *loop;
    struct server *server;
    struct clients *clients;
    struct server_options options;
    struct seen seen[SESSIONS_SEEN];
    int opened, closed, refused, frames;
    char refused_detail[512], refused_identity[256];
    enum reason refused_reason;
    bool admits, echoes;
    int pause_after_frames;   /* stops reading when so many came; 0: never */
    bool closes_after_frame;  /* answers, then closes */
    enum ck_byte_order order; /* that sessions are admitted with */
    struct peer peers[PEERS];
    struct client_credentials *credentials;
    char address[96];
};

static struct fixture *shared_pki;

static struct seen *find_seen(struct fixture *fixture, struct session_handle handle)
{
    for (int i = 0; i < fixture->opened && i < SESSIONS_SEEN; i++)
        if (fixture->seen[i].handle.index == handle.index &&
            fixture->seen[i].handle.generation == handle.generation)
            return &fixture->seen[i];
    fail_msg("a callback for a session that was never opened");
    return NULL;
}

static void on_opened(void *context, const struct event_session_opened *opened)
{
    struct fixture *fixture = context;
    assert_true(fixture->opened < SESSIONS_SEEN);
    struct seen *seen = &fixture->seen[fixture->opened++];
    seen->handle = opened->session;
    for (size_t i = 0; i < opened->identity_count; i++) {
        const size_t used = strlen(seen->identities);
        snprintf(seen->identities + used, sizeof(seen->identities) - used, i > 0 ? " %.*s" : "%.*s",
                 TEXT_ARGUMENTS(opened->identities[i]));
    }
    snprintf(seen->peer, sizeof(seen->peer), "%.*s", TEXT_ARGUMENTS(opened->peer));
    snprintf(seen->tls_version, sizeof(seen->tls_version), "%.*s", TEXT_ARGUMENTS(opened->tls_version));
    snprintf(seen->cipher, sizeof(seen->cipher), "%.*s", TEXT_ARGUMENTS(opened->cipher));
    seen->security = opened->security;
    seen->certificate_expires_ms = opened->certificate_expires_ms;
    if (fixture->admits)
        server_admit(fixture->server, opened->session, fixture->order);
}

static void on_refused(void *context, const struct event_session_refused *refused)
{
    struct fixture *fixture = context;
    fixture->refused++;
    fixture->refused_reason = refused->reason;
    snprintf(fixture->refused_detail, sizeof(fixture->refused_detail), "%.*s",
             TEXT_ARGUMENTS(refused->detail));
    snprintf(fixture->refused_identity, sizeof(fixture->refused_identity), "%.*s",
             TEXT_ARGUMENTS(refused->identity));
}

static void on_frame(void *context, struct session_handle session, const struct ck_header *header,
                     enum ck_byte_order byte_order, unsigned char *payload)
{
    static unsigned char answer[CK_FRAME_BYTES_MAX];
    struct fixture *fixture = context;
    struct seen *seen = find_seen(fixture, session);
    assert_int_equal(seen->closed, 0);
    seen->frames++;
    fixture->frames++;
    seen->last = *header;
    seen->digest = seen->digest * 31 + header->message_id;
    for (size_t i = 0; i < header->payload_bytes; i++)
        seen->digest = seen->digest * 31 + payload[i];
    if (fixture->echoes) {
        ck_header_encode(header, byte_order, answer);
        memcpy(answer + CK_HEADER_BYTES, payload, header->payload_bytes);
        server_send(fixture->server, session,
                    (struct text){ (const char *)answer, CK_HEADER_BYTES + header->payload_bytes });
    }
    memset(payload, 0xee, header->payload_bytes); /* it may be overwritten */
    if (fixture->closes_after_frame)
        server_close(fixture->server, session, REASON_REPLACED);
    if (fixture->pause_after_frames > 0 && fixture->frames == fixture->pause_after_frames)
        server_set_reading(fixture->server, false);
}

static void on_closed(void *context, const struct event_session_closed *closed)
{
    struct fixture *fixture = context;
    struct seen *seen = find_seen(fixture, closed->session);
    seen->closed++;
    assert_int_equal(seen->closed, 1);
    seen->reason = closed->reason;
    snprintf(seen->detail, sizeof(seen->detail), "%.*s", TEXT_ARGUMENTS(closed->detail));
    fixture->closed++;
    /* The handle is dead: none of this may reach anybody. */
    server_admit(fixture->server, closed->session, CK_BIG_ENDIAN);
    server_send(fixture->server, closed->session, TEXT("nobody"));
    server_close(fixture->server, closed->session, REASON_IDLE);
}

static void on_client_connected(void *context, struct client *client)
{
    struct peer *peer = context;
    peer->connected = true;
    peer->resumed = client_resumed(client);
}

static void on_client_frame(void *context, struct client *client, const struct ck_header *header,
                            unsigned char *payload)
{
    struct peer *peer = context;
    (void)client;
    (void)payload;
    peer->frames++;
    peer->last_message_id = header->message_id;
    peer->last_payload_bytes = header->payload_bytes;
}

static void on_client_closed(void *context, struct client *client, bool was_connected, const char *detail)
{
    struct peer *peer = context;
    assert_ptr_equal(peer->client, client);
    assert_int_equal(was_connected, peer->connected);
    assert_false(peer->closed);
    peer->closed = true;
    peer->client = NULL;
    snprintf(peer->detail, sizeof(peer->detail), "%s", detail);
}

static const struct client_callbacks client_callbacks = {
    .connected = on_client_connected,
    .frame = on_client_frame,
    .closed = on_client_closed,
};

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void turn(struct fixture *fixture, int timeout_ms)
{
    (void)loop_turn(fixture->loop, timeout_ms);
    server_flush(fixture->server);
    clients_flush(fixture->clients);
}

/* Turns the loop until the condition holds, or fails the test. */
#define UNTIL(fixture, condition)                                                                            \
    do {                                                                                                     \
        const uint64_t deadline_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition)) {                                                                               \
            if (clock_ms() > deadline_ms)                                                                    \
                fail_msg("never came true: %s (refused: %s)", #condition, (fixture)->refused_detail);        \
            turn(fixture, 50);                                                                               \
        }                                                                                                    \
    } while (0)

static struct listener_options tls_listener(void)
{
    static char certificate[512], key[512], ca[512];
    snprintf(certificate, sizeof(certificate), "%s", pki_path(&shared_pki->pki, "server.pem"));
    snprintf(key, sizeof(key), "%s", pki_path(&shared_pki->pki, "server.key"));
    snprintf(ca, sizeof(ca), "%s", pki_path(&shared_pki->pki, "ca.pem"));
    return (struct listener_options){ .name = "main",
                                      .listen = "127.0.0.1:0",
                                      .security = SECURITY_TLS,
                                      .certificate = certificate,
                                      .key = key,
                                      .ca = ca,
                                      .bad_frames_per_minute = 61,
                                      .hold_off_ms = 31,
                                      .replacements_per_minute = 62 };
}

static struct listener_options plain_listener(void)
{
    return (struct listener_options){ .name = "main", .listen = "127.0.0.1:0", .security = SECURITY_PLAIN };
}

static void listen_with(struct fixture *fixture, const struct listener_options *options)
{
    char detail[512];
    if (!server_listen(fixture->server, options, detail, sizeof(detail)))
        fail_msg("server_listen: %s", detail);
    assert_true(
        server_listener_address(fixture->server, options->name, fixture->address, sizeof(fixture->address)));
}

static void start(struct fixture *fixture, const struct listener_options *options,
                  const struct clients_options *clients_options)
{
    const struct server_callbacks callbacks = {
        .context = fixture, .opened = on_opened, .refused = on_refused, .frame = on_frame, .closed = on_closed
    };
    char detail[512];
    fixture->loop = loop_new();
    assert_non_null(fixture->loop);
    fixture->server = server_new(fixture->loop, &fixture->options, &callbacks);
    assert_non_null(fixture->server);
    fixture->clients = clients_new(fixture->loop, clients_options, detail, sizeof(detail));
    if (fixture->clients == NULL)
        fail_msg("clients_new: %s", detail);
    listen_with(fixture, options);
}

static void start_plain(struct fixture *fixture)
{
    const struct listener_options options = plain_listener();
    start(fixture, &options, &(struct clients_options){ 0 });
}

static void start_tls(struct fixture *fixture, bool resume)
{
    const struct listener_options options = tls_listener();
    start(fixture, &options,
          &(struct clients_options){ .ca = pki_path(&shared_pki->pki, "ca.pem"), .resume = resume });
}

static struct client_credentials *credentials_of(const char *file)
{
    char certificate[96], key[96], detail[256];
    snprintf(certificate, sizeof(certificate), "%s.pem", file);
    snprintf(key, sizeof(key), "%s.key", file);
    struct client_credentials *credentials = client_credentials_new(
        pki_path(&shared_pki->pki, certificate), pki_path(&shared_pki->pki, key), detail, sizeof(detail));
    if (credentials == NULL)
        fail_msg("credentials: %s", detail);
    return credentials;
}

static struct peer *dial(struct fixture *fixture, int number, enum security security)
{
    char detail[256];
    struct peer *peer = &fixture->peers[number];
    const struct client_options options = {
        .address = fixture->address,
        .security = security,
        .credentials = security != SECURITY_PLAIN ? fixture->credentials : NULL,
        .byte_order = CK_BIG_ENDIAN,
        .callbacks = &client_callbacks,
        .context = peer,
    };
    *peer = (struct peer){ 0 };
    peer->client = client_open(fixture->clients, &options, detail, sizeof(detail));
    if (peer->client == NULL)
        fail_msg("client_open: %s", detail);
    return peer;
}

static size_t make_frame(unsigned char *out, uint32_t message_id, size_t payload_bytes)
{
    const struct ck_header header = { .version = 1,
                                      .message_id = message_id,
                                      .command = CK_NOTIFY_RELAY,
                                      .payload_bytes = (uint16_t)payload_bytes };
    ck_header_encode(&header, CK_BIG_ENDIAN, out);
    for (size_t i = 0; i < payload_bytes; i++)
        out[CK_HEADER_BYTES + i] = (unsigned char)(message_id + i);
    return CK_HEADER_BYTES + payload_bytes;
}

static void send_frame(struct peer *peer, uint32_t message_id, size_t payload_bytes)
{
    static unsigned char frame[CK_FRAME_BYTES_MAX];
    assert_true(client_send(peer->client, frame, make_frame(frame, message_id, payload_bytes)));
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->admits = true;
    fixture->echoes = true;
    server_options_init(&fixture->options);
    fixture->options.sessions_max = 256;
    fixture->options.handshake_threads = 2;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    clients_free(fixture->clients);
    server_free(fixture->server);
    loop_free(fixture->loop);
    client_credentials_free(fixture->credentials);
    free(fixture);
    return 0;
}

static void test_server_plain_echoes_and_names_the_address(void **state)
{
    struct fixture *fixture = *state;
    start_plain(fixture);
    struct peer *peer = dial(fixture, 0, SECURITY_PLAIN);
    UNTIL(fixture, peer->connected);
    send_frame(peer, 7, 100);
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
    start_tls(fixture, false);
    fixture->credentials = credentials_of("km-a");
    struct peer *peer = dial(fixture, 0, SECURITY_TLS);
    UNTIL(fixture, peer->connected && fixture->opened == 1);
    assert_string_equal(fixture->seen[0].identities, "uri:km:a dns:a.example");
    assert_string_equal(fixture->seen[0].tls_version, "TLSv1.3");
    assert_true(fixture->seen[0].certificate_expires_ms > (uint64_t)time(NULL) * 1000);
    send_frame(peer, 9, 65535);
    UNTIL(fixture, peer->frames == 1);
    assert_int_equal(peer->last_payload_bytes, 65535);
    client_close(peer->client);
    UNTIL(fixture, peer->closed && fixture->closed == 1);
    assert_int_equal(fixture->seen[0].reason, REASON_PEER_CLOSED);
    assert_int_equal(server_counters(fixture->server).handshakes_ok, 1);
}

static int make_certificates(void **state)
{
    (void)state;
    shared_pki = calloc(1, sizeof(*shared_pki));
    struct pki *pki = &shared_pki->pki;
    pki_init(pki);
    pki_issue(pki, &(struct pki_request){ .file = "server", .name = "bridge", .subject = "DNS:localhost" });
    pki_issue(pki,
              &(struct pki_request){ .file = "km-a", .name = "unused", .subject = "DNS:a.example,URI:km:a" });
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    pki_fini(&shared_pki->pki);
    free(shared_pki);
    return 0;
}

#define CHECK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK(test_server_plain_echoes_and_names_the_address),
        CHECK(test_server_tls_echoes_and_names_the_certificate),
    };
    return cmocka_run_group_tests_name("server", tests, make_certificates, remove_certificates);
}
