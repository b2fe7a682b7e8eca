/* SPDX-License-Identifier: Apache-2.0 */
/* The Ck side of the network: listeners, handshakes and sessions behind callbacks on the loop's thread. */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "net/loop.h"

struct server;

/* One [ck "name"] section. Strings are copied. */
struct listener_options {
    const char *name;
    const char *listen; /* "0.0.0.0:7164", "[::]:7164"; port 0: any, see server_listener_address */
    enum security security;
    const char *certificate, *key, *ca, *crl; /* PEM files; crl NULL: no revocation list */
    const char *psk_file;                     /* lines "identity:hex key" */
    bool tls12;                               /* tls_min = 1.2 */
    uint32_t bad_frames_per_minute, hold_off_ms, replacements_per_minute; /* for the core, passed on */
    uint32_t frames_per_second; /* per session; 0: unlimited; above it reading waits */
};

struct server_options {
    uint32_t handshake_threads;    /* at least 1 */
    uint32_t sessions_max;         /* at most LIMIT_SESSIONS */
    uint32_t handshakes_max;       /* in progress; further connections wait in the kernel's queue */
    uint32_t handshake_timeout_ms; /* 10000 */
    uint32_t idle_timeout_ms;      /* 0: none: Ck has no keep-alive, TCP finds dead peers */
    uint32_t user_timeout_ms;      /* TCP_USER_TIMEOUT, and the keep-alive's measure: 30000 */
    uint32_t outbox_bytes_max; /* a reader slower than this is cut: REASON_SLOW_READER; at least one frame */
};
void server_options_init(struct server_options *options);

/* All on the loop's thread, inside loop_turn, never inside a function below. Texts and payloads are borrowed
   for the call. Any function below but server_free may be called from inside. */
struct server_callbacks {
    void *context;
    /* Authenticated; nothing is read until server_admit. */
    void (*opened)(void *context, const struct event_session_opened *opened);
    void (*refused)(void *context, const struct event_session_refused *refused);
    /* One whole frame of an admitted session; the payload may be overwritten. */
    void (*frame)(void *context, struct session_handle session, const struct ck_header *header,
                  enum ck_byte_order byte_order, unsigned char *payload);
    /* The header of a frame whose payload is still on its way, perhaps several times; the order is settled.
       NULL: nobody asks. */
    void (*header)(void *context, struct session_handle session, const struct ck_header *header,
                   enum ck_byte_order byte_order);
    /* Once for every session that was opened, however it ended; the handle is dead afterwards. */
    void (*closed)(void *context, const struct event_session_closed *closed);
};

/* NULL: no thread or memory. */
struct server *server_new(struct loop *loop, const struct server_options *options,
                          const struct server_callbacks *callbacks);
/* Closes every session, without callbacks, and joins the handshake threads. */
void server_free(struct server *server);

/*
 * Adds the listener, or replaces the one of that name; its live sessions stay. The socket is kept when
 * `listen` is unchanged, so a reload drops no connection attempt. On failure nothing changes and *out_detail
 * says why, naming the file or address.
 */
bool server_listen(struct server *server, const struct listener_options *options, char *out_detail,
                   size_t detail_bytes);
/* Only validates: files readable, key matches certificate, PSK lines well-formed, address parses. */
bool server_check(const struct listener_options *options, char *out_detail, size_t detail_bytes);
void server_unlisten(struct server *server, const char *name);
/* "127.0.0.1:40123" into the buffer; false: no such listener. */
bool server_listener_address(const struct server *server, const char *name, char *out_address,
                             size_t address_bytes);
/* Unix time at which the listener's certificate expires; 0: it has none. */
uint64_t server_listener_expires_ms(const struct server *server, const char *name);

void server_admit(struct server *server, struct session_handle session, enum ck_byte_order byte_order);
/* Queues whole frames; written at the latest by server_flush. A dead handle is ignored. */
void server_send(struct server *server, struct session_handle session, struct text frame);
/* Writes what was queued this turn: one TLS record and one system call per session where possible. */
void server_flush(struct server *server);
/* Closes after what was queued has left and the peer has said goodbye too (for at most 1 s), then calls
   closed with this reason. Nothing is read any more, and nothing more can be sent. */
void server_close(struct server *server, struct session_handle session, enum reason reason);
/* Back-pressure: false stops reading every session, accepting, and `opened`, at once, also between two frames
   of one session; what is in flight is kept. `closed` may still come. Costs nothing, however many sessions.
 */
void server_set_reading(struct server *server, bool reading);

struct server_counters {
    uint64_t accepted, handshakes_ok, handshakes_failed, refused_full, resumed;
    uint64_t bytes_received, bytes_sent;
    uint32_t sessions, handshakes;
};
struct server_counters server_counters(const struct server *server);

#endif
