/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that do TLS handshakes and nothing else, so that a storm of them never stalls served sessions. Each
   has many in progress, all non-blocking: a peer that dawdles costs a descriptor until its deadline. */
#ifndef NET_HANDSHAKE_H
#define NET_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/list.h"
#include "net/tls_context.h"

/* One connection on its way to a session. Made by the loop's thread, lent to a worker, then returned. */
struct handshake {
    struct list_node node;
    int fd;
    SSL *ssl;                    /* after success; NULL after failure */
    struct tls_context *context; /* shared */
    enum security security;
    void *owner; /* the caller's; workers do not look at it */
    char peer_address[ADDRESS_TEXT_BYTES];
    uint64_t deadline_ms;
    /* The outcome. */
    bool succeeded;
    bool resumed;
    uint64_t certificate_expires_ms;
    struct tls_peer peer; /* peer.problem: why it failed */
};

/* `take_fd` is non-blocking. NULL: out of memory, and the descriptor is still the caller's. */
struct handshake *handshake_new(int take_fd, struct tls_context *context, enum security security);
/* Closes what is still in it. */
void handshake_free(struct handshake *handshake);

struct handshakes;
struct handshakes_options {
    uint32_t threads;
    uint32_t timeout_ms;
    BIO_METHOD *method; /* outlives every session made with it */
};
/* NULL: no thread, descriptor or memory. */
struct handshakes *handshakes_new(const struct handshakes_options *options);
/* Joins the threads; whatever was in progress can be taken then, as failed. */
void handshakes_stop(struct handshakes *handshakes);
/* Stopped before, and everything taken. */
void handshakes_free(struct handshakes *handshakes);
/* Readable when some are finished: for the loop. */
int handshakes_descriptor(const struct handshakes *handshakes);
/* Call when it is readable, before taking. */
void handshakes_acknowledge(struct handshakes *handshakes);
/* Hands it to a worker. */
void handshakes_start(struct handshakes *handshakes, struct handshake *handshake);
/* One that has finished, or NULL. */
struct handshake *handshakes_take(struct handshakes *handshakes);

#endif
