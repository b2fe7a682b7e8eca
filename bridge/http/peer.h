/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: what its client proved, and how long it may take to send what it began. */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include "http/access.h"
#include "http/credentials.h"
#include "http/timers.h"

struct peer {
    struct peer *next; /* of those to be freed */
    struct timers *timers;
    struct timer timer;              /* armed while a request is to arrive */
    int socket;                      /* libmicrohttpd's */
    struct credentials *credentials; /* that its session began with; NULL: plain */
    gnutls_session_t session;
    bool examined; /* the client's certificate was looked at */
    struct arena arena;
    struct text identities[AUTH_IDENTITIES_MAX];
    struct caller caller; /* what requests are judged by */
};

/* NULL: out of memory. */
struct peer *peer_new(struct timers *timers, int socket);
void peer_free(struct peer *peer);
/* Before its handshake; false: it can't be served. */
bool peer_secure(struct peer *peer, struct credentials *credentials, gnutls_session_t session);
/* From now it has so long; then its socket is shut down, however busily it drips. */
void peer_hurry(struct peer *peer, uint32_t milliseconds);
/* What was to arrive is here; the rest is the bridge's time. NULL is ignored. */
void peer_relax(struct peer *peer);
/* How much may wait in the system for a client that doesn't read. NULL is ignored. */
void peer_bound_sending(struct peer *peer, int bytes);
/* Looks at the client's certificate, once: checking a chain costs a signature or more. */
void peer_examine(struct peer *peer);

#endif
