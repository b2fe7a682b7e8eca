/* SPDX-License-Identifier: Apache-2.0 */
/* A Ck server and its clients on one loop, with everything noted that the server tells. */
#ifndef TESTS_NET_FIXTURE_H
#define TESTS_NET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/client.h"
#include "net/server.h"
#include "net_pki.h"

enum { SESSIONS_SEEN = 64, PEERS = 64 };

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

/* Group set-up and tear-down: certificates server, km-a, km-b, expired, self-signed, revoked, nameless, soon
   and km-other of another CA (other.pem); crl.pem that revokes one, and crl-a.pem that revokes km-a. */
int fixture_make_certificates(void **state);
int fixture_remove_certificates(void **state);
/* Each test's. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

#define CHECK(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

struct pki *fixture_pki(void);
const struct client_callbacks *fixture_client_callbacks(void);
struct listener_options fixture_tls_listener(void);
struct listener_options fixture_plain_listener(void);
struct listener_options fixture_psk_listener(void);
void fixture_listen(struct fixture *fixture, const struct listener_options *options);
/* Server, clients and listener. */
void fixture_start(struct fixture *fixture, const struct listener_options *options,
                   const struct clients_options *clients_options);
void fixture_start_plain(struct fixture *fixture);
void fixture_start_tls(struct fixture *fixture, bool resume);
/* Replaces fixture->credentials. */
void fixture_use(struct fixture *fixture, const char *file);
void fixture_use_psk(struct fixture *fixture, const char *identity, unsigned char fill, size_t key_bytes);
struct peer *fixture_dial(struct fixture *fixture, int number, enum security security);
size_t fixture_make_frame(unsigned char *out, uint32_t message_id, size_t payload_bytes);
/* What `digest` of a session is after such a frame. */
uint64_t fixture_digest(uint64_t digest, uint32_t message_id, size_t payload_bytes);
void fixture_send(struct peer *peer, uint32_t message_id, size_t payload_bytes);
uint64_t fixture_clock_ms(void);
/* A turn of the loop and what its owner does around it. */
void fixture_turn(struct fixture *fixture, int timeout_ms);

enum { FIXTURE_PATIENCE_MS = 20000 };

/* Turns the loop until the condition holds, or fails the test. */
#define UNTIL(fixture, condition)                                                                            \
    do {                                                                                                     \
        const uint64_t until_ms = fixture_clock_ms() + FIXTURE_PATIENCE_MS;                                  \
        while (!(condition)) {                                                                               \
            if (fixture_clock_ms() > until_ms)                                                               \
                fail_msg("never came true: %s (refused: %s)", #condition, (fixture)->refused_detail);        \
            fixture_turn((fixture), 50);                                                                     \
        }                                                                                                    \
    } while (0)

#endif
