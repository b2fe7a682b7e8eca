/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: what its client proved, and how long it may take to send what it began. */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include "http/access.h"
#include "http/credentials.h"
#include "http/crowd.h"
#include "http/timers.h"

struct peer {
    struct peer *next; /* of those to be freed */
    struct timers *timers;
    struct timer timer;      /* armed while a request is to arrive */
    int socket;              /* libmicrohttpd's */
    char source[64];         /* "192.0.2.1:50112"; "": not known */
    struct crowd *crowd;     /* that it is one of; NULL: none */
    struct crowd_host *host; /* the others of its address; NULL: not known */
    enum crowd_verdict verdict;
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
/* Its connection has ended, but not everybody has let go of it: onto the list of those to be freed. */
void peer_bury(struct peer *peer, struct peer **list);
/* All of a list, which is empty then. */
void peers_free(struct peer **list);
/* Before its handshake; false: it can't be served. */
bool peer_secure(struct peer *peer, struct credentials *credentials, gnutls_session_t session);
/* From now it has so long; then its socket is shut down, however busily it drips. */
void peer_hurry(struct peer *peer, uint32_t milliseconds);
/* What was to arrive is here; the rest is the bridge's time. NULL is ignored. */
void peer_relax(struct peer *peer);
/* Where it comes from; absent: not known, or no peer. Lives as long as the peer. */
struct text peer_source(const struct peer *peer);
/* Counts it among the others until it is buried. */
void peer_enter(struct peer *peer, struct crowd *crowd);
/* NULL is welcome. */
enum crowd_verdict peer_verdict(const struct peer *peer);
/* How much may wait in the system for a client that doesn't read. NULL is ignored. */
void peer_bound_sending(struct peer *peer, int bytes);
/* Looks at the client's certificate, once: checking a chain costs a signature or more. */
void peer_examine(struct peer *peer);

#endif
