/* SPDX-License-Identifier: Apache-2.0 */
/* What client.c (one connection) and clients.c (all of a loop) share; client.h is for everybody else. */
#ifndef NET_CLIENT_CONNECTION_H
#define NET_CLIENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "net/client.h"
#include "net/inbox.h"
#include "net/list.h"
#include "net/outbox.h"
#include "net/stream.h"

struct clients {
    struct loop *loop;
    struct clients_options options;
    SSL_CTX *ctx;
    BIO_METHOD *method;
    struct list all;
    struct list ready;
    struct list unflushed;
    struct list over;
    struct loop_task task;
    size_t count;
    uint64_t bytes_sent;
    unsigned char shared[INBOX_READ_BYTES];
};

enum client_state {
    CLIENT_CONNECTING,
    CLIENT_SHAKING_HANDS,
    CLIENT_CONNECTED,
    CLIENT_DRAINING,
    CLIENT_LINGERING,
    CLIENT_ENDED,
};

struct client {
    struct clients *clients;
    struct client_credentials *credentials;
    const struct client_callbacks *callbacks;
    void *context;
    enum client_state state;
    bool was_connected;
    bool is_paused;
    bool is_aborted; /* from inside its own callback: freed when that returns */
    bool is_in_callback;
    enum ck_byte_order byte_order;
    size_t outbox_bytes_max;
    char *detail;
    struct list_node node;
    struct list_node turn_node; /* in clients->ready or clients->over */
    struct list_node flush_node;
    struct loop_watch watch;
    struct loop_timer timer;
    struct stream stream;
    struct inbox inbox;
    struct outbox outbox;
};

/* Reads and hands out a bounded share. The client may be gone afterwards. */
void client_serve(struct client *client);
void client_write(struct client *client);
void client_free(struct client *client);

#endif
