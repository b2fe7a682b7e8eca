/* SPDX-License-Identifier: Apache-2.0 */
#include "net_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct pki certificates;

struct pki *fixture_pki(void)
{
    return &certificates;
}

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

const struct client_callbacks *fixture_client_callbacks(void)
{
    return &client_callbacks;
}

uint64_t fixture_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void fixture_turn(struct fixture *fixture, int timeout_ms)
{
    clients_flush(fixture->clients); /* what the test queued */
    (void)loop_turn(fixture->loop, timeout_ms);
    server_flush(fixture->server);
    clients_flush(fixture->clients);
}

struct listener_options fixture_tls_listener(void)
{
    static char certificate[512], key[512], ca[512];
    snprintf(certificate, sizeof(certificate), "%s", pki_path(&certificates, "server.pem"));
    snprintf(key, sizeof(key), "%s", pki_path(&certificates, "server.key"));
    snprintf(ca, sizeof(ca), "%s", pki_path(&certificates, "ca.pem"));
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

struct listener_options fixture_plain_listener(void)
{
    return (struct listener_options){ .name = "main", .listen = "127.0.0.1:0", .security = SECURITY_PLAIN };
}

void fixture_listen(struct fixture *fixture, const struct listener_options *options)
{
    char detail[512];
    if (!server_listen(fixture->server, options, detail, sizeof(detail)))
        fail_msg("server_listen: %s", detail);
    assert_true(
        server_listener_address(fixture->server, options->name, fixture->address, sizeof(fixture->address)));
}

void fixture_start(struct fixture *fixture, const struct listener_options *options,
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
    fixture_listen(fixture, options);
}

void fixture_start_plain(struct fixture *fixture)
{
    const struct listener_options options = fixture_plain_listener();
    fixture_start(fixture, &options, &(struct clients_options){ 0 });
}

void fixture_start_tls(struct fixture *fixture, bool resume)
{
    const struct listener_options options = fixture_tls_listener();
    fixture_start(fixture, &options,
                  &(struct clients_options){ .ca = pki_path(&certificates, "ca.pem"), .resume = resume });
}

void fixture_use(struct fixture *fixture, const char *file)
{
    char certificate[96], key[96], detail[256];
    snprintf(certificate, sizeof(certificate), "%s.pem", file);
    snprintf(key, sizeof(key), "%s.key", file);
    client_credentials_free(fixture->credentials);
    fixture->credentials = client_credentials_new(pki_path(&certificates, certificate),
                                                  pki_path(&certificates, key), detail, sizeof(detail));
    if (fixture->credentials == NULL)
        fail_msg("credentials: %s", detail);
}

void fixture_use_psk(struct fixture *fixture, const char *identity, unsigned char fill, size_t key_bytes)
{
    unsigned char key[64];
    memset(key, fill, sizeof(key));
    client_credentials_free(fixture->credentials);
    fixture->credentials = client_credentials_new_psk(text_from_c(identity), key, key_bytes);
    assert_non_null(fixture->credentials);
}

struct listener_options fixture_psk_listener(void)
{
    static char file[512];
    snprintf(file, sizeof(file), "%s", pki_path(&certificates, "keys.psk"));
    return (struct listener_options){
        .name = "main", .listen = "127.0.0.1:0", .security = SECURITY_PSK, .psk_file = file
    };
}

uint64_t fixture_digest(uint64_t digest, uint32_t message_id, size_t payload_bytes)
{
    digest = digest * 31 + message_id;
    for (size_t i = 0; i < payload_bytes; i++)
        digest = digest * 31 + (unsigned char)(message_id + i);
    return digest;
}

struct peer *fixture_dial(struct fixture *fixture, int number, enum security security)
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

size_t fixture_make_frame(unsigned char *out, uint32_t message_id, size_t payload_bytes)
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

void fixture_send(struct peer *peer, uint32_t message_id, size_t payload_bytes)
{
    static unsigned char frame[CK_FRAME_BYTES_MAX];
    assert_true(client_send(peer->client, frame, fixture_make_frame(frame, message_id, payload_bytes)));
}

int fixture_set_up(void **state)
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

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    clients_free(fixture->clients);
    server_free(fixture->server);
    loop_free(fixture->loop);
    client_credentials_free(fixture->credentials);
    free(fixture);
    return 0;
}

/* A client of another CA, whose files lie beside ours. */
static void borrow_from_another_ca(void)
{
    struct pki other;
    char directory[sizeof(other.directory)];
    pki_init(&other);
    snprintf(directory, sizeof(directory), "%s", other.directory);
    snprintf(other.directory, sizeof(other.directory), "%s", certificates.directory);
    pki_issue(&other, &(struct pki_request){ .file = "km-other", .name = "other", .subject = "URI:km:a" });
    snprintf(other.directory, sizeof(other.directory), "%s", directory);
    pki_fini(&other);
}

int fixture_make_certificates(void **state)
{
    static const struct pki_request requests[] = {
        { .file = "server", .name = "bridge", .subject = "DNS:localhost" },
        { .file = "km-b", .name = "b" },
        { .file = "expired", .name = "expired", .subject = "URI:km:expired", .expired = true },
        { .file = "self-signed", .name = "self", .self_signed = true },
        { .file = "nameless" },
    };
    (void)state;
    pki_init(&certificates);
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        pki_issue(&certificates, &requests[i]);
    const long a = pki_issue(
        &certificates,
        &(struct pki_request){ .file = "km-a", .name = "unused", .subject = "DNS:a.example,URI:km:a" });
    const long revoked =
        pki_issue(&certificates, &(struct pki_request){ .file = "revoked", .subject = "URI:km:revoked" });
    pki_write_crl(&certificates, "crl.pem", revoked);
    pki_write_crl(&certificates, "crl-a.pem", a);
    pki_write_crl(&certificates, "crl-empty.pem", 0);
    borrow_from_another_ca();
    return 0;
}

int fixture_remove_certificates(void **state)
{
    (void)state;
    pki_fini(&certificates);
    return 0;
}
