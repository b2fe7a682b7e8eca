/* SPDX-License-Identifier: Apache-2.0 */
/* The KM's end of a Ck connection, for tools, tests and benches: many light connections on one loop.
 *
 * One thread: everything here belongs to the thread that turns the loop; several threads have a loop and a
 * `struct clients` each. Callbacks are made inside loop_turn only, never inside the functions below.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "ck/frame.h"
#include "core/vocabulary.h"
#include "net/loop.h"

/* All connections of one loop: what they trust, and the buffers that they share. */
struct clients;
struct clients_options {
    const char *ca;    /* PEM file; NULL: the server's certificate is not verified */
    bool tls12;        /* offer TLS 1.2 alone */
    bool resume;       /* keep each credentials' latest session ticket and offer it the next time */
    bool flush_at_end; /* false: what is sent is written by clients_flush, coalesced; true: also at the end of
                          every loop_turn, so that a program need not call it */
};

/* NULL, and why in out_detail, naming the file. */
struct clients *clients_new(struct loop *loop, const struct clients_options *options, char *out_detail,
                            size_t detail_bytes);
/* Aborts every connection, without callbacks. */
void clients_free(struct clients *clients);
/* Writes what was queued, one TLS record and one system call per connection where possible. */
void clients_flush(struct clients *clients);
/* Connections, connecting ones included. */
size_t clients_count(const struct clients *clients);

/* What a client proves; shared by any number of connections of one `struct clients`, which it outlives. */
struct client_credentials;
/* PEM files; a chain may follow the certificate in its file. */
struct client_credentials *client_credentials_new(const char *certificate, const char *key, char *out_detail,
                                                  size_t detail_bytes);
/* `key`: 16 to 64 bytes, copied, cleansed on free. */
struct client_credentials *client_credentials_new_psk(struct text identity, const unsigned char *key,
                                                      size_t key_bytes);
/* Forgets the session ticket: the next handshake is a full one. */
void client_credentials_forget(struct client_credentials *credentials);
void client_credentials_free(struct client_credentials *credentials);

struct client;
struct client_callbacks {
    /* The TCP connection and the client's side of the handshake stand; in TLS 1.3 the server may still refuse
       the client's certificate, which then shows as `closed`. */
    void (*connected)(void *context, struct client *client);
    /* One whole frame; the payload may be overwritten. */
    void (*frame)(void *context, struct client *client, const struct ck_header *header,
                  unsigned char *payload);
    /* When not NULL: called instead of `frame`, with whatever was read. */
    void (*bytes)(void *context, struct client *client, const unsigned char *bytes, size_t count);
    /* Once, unless client_abort came before; the client is freed when this returns. `was_connected`:
       connected was called. `detail`: "closed by peer", "connection refused", what OpenSSL said ...; never
       NULL. */
    void (*closed)(void *context, struct client *client, bool was_connected, const char *detail);
};

struct client_options {
    const char *address; /* "127.0.0.1:7164", "[::1]:7164" */
    const char *source;  /* local address to bind, "127.0.0.2"; NULL: any */
    enum security security;
    struct client_credentials *credentials;   /* NULL: no certificate is offered */
    const char *server_name;                  /* to be found in the server's certificate; NULL: not checked */
    enum ck_byte_order byte_order;            /* of the frames received */
    uint32_t connect_timeout_ms;              /* until connected; 0: none */
    size_t outbox_bytes_max;                  /* client_send refuses beyond; 0: 1 MiB */
    const struct client_callbacks *callbacks; /* outlives the client */
    void *context;
};

/* Starts to connect. NULL, and why: address malformed, no descriptor or memory, or source not bindable. What
   goes wrong later shows as `closed`. */
struct client *client_open(struct clients *clients, const struct client_options *options, char *out_detail,
                           size_t detail_bytes);
void *client_context(const struct client *client);
/* The session was resumed by a ticket. False before connected. */
bool client_resumed(const struct client *client);
/* "127.0.0.1:40123", the local end; false before connected. */
bool client_local_address(const struct client *client, char *out_address, size_t address_bytes);
/* Queues bytes: frames, parts of frames or garbage. False: outbox full, or closing; nothing was queued. Bytes
   queued before connected leave after it. */
bool client_send(struct client *client, const void *bytes, size_t count);
/* Bytes that were queued and not written yet. */
size_t client_outbox_bytes(const struct client *client);
/* Stops or resumes reading: a slow reader for tests. */
void client_set_reading(struct client *client, bool reading);
/* Writes what was queued, says goodbye, then `closed`, at most 1 s later. */
void client_close(struct client *client);
/* Resets the connection at once (RST), as a crash would; no callback follows and the client is gone. */
void client_abort(struct client *client);

#endif
