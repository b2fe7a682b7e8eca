/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peer.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "system/clock.h"
#include "system/process_heap.h"

/* libmicrohttpd meets the end of the stream, and cleans up. */
static void shut_down(struct timer *timer, uint64_t now_ms)
{
    struct peer *peer = (struct peer *)(void *)((char *)(void *)timer - offsetof(struct peer, timer));
    (void)now_ms;
    shutdown(peer->socket, SHUT_RDWR);
}

static void read_address(struct peer *peer)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof address;
    char host[INET6_ADDRSTRLEN], port[8];
    const struct sockaddr *general = (const struct sockaddr *)&address;
    if (getpeername(peer->socket, (struct sockaddr *)&address, &bytes) != 0)
        return;
    peer->caller.source = attempt_source_of(general);
    if (getnameinfo(general, bytes, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) !=
        0)
        return;
    snprintf(peer->caller.address, sizeof peer->caller.address,
             general->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

struct peer *peer_new(struct timers *timers, int socket)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->timers = timers;
    peer->timer.fire = shut_down;
    peer->socket = socket;
    read_address(peer);
    arena_init(&peer->arena, &process_heap);
    return peer;
}

void peer_free(struct peer *peer)
{
    peer_relax(peer);
    credentials_release(peer->credentials);
    arena_fini(&peer->arena);
    free(peer);
}

void peer_bury(struct peer *peer, struct peer **list)
{
    peer_relax(peer); /* the socket's number may soon be another's */
    if (peer->crowd != NULL)
        crowd_leave(peer->crowd, peer->host);
    peer->next = *list;
    *list = peer;
}

void peers_free(struct peer **list)
{
    while (*list != NULL) {
        struct peer *peer = *list;
        *list = peer->next;
        peer_free(peer);
    }
}

bool peer_secure(struct peer *peer, struct credentials *credentials, gnutls_session_t session)
{
    if (!credentials_apply(credentials, session))
        return false;
    peer->session = session;
    peer->credentials = credentials_retain(credentials);
    return true;
}

void peer_hurry(struct peer *peer, uint32_t milliseconds)
{
    if (peer != NULL && peer->verdict != CROWD_WELCOME && milliseconds > CROWD_REFUSED_MS)
        milliseconds = CROWD_REFUSED_MS; /* so that others hear too that they are too many */
    if (peer != NULL) /* without memory for the deadline, libmicrohttpd's own time limit remains */
        (void)timers_set(peer->timers, &peer->timer, clock_monotonic_ms() + milliseconds);
}

void peer_relax(struct peer *peer)
{
    if (peer != NULL)
        timers_cancel(peer->timers, &peer->timer);
}

struct text peer_source(const struct peer *peer)
{
    return peer != NULL && peer->caller.address[0] != '\0' ? text_from_c(peer->caller.address) : TEXT_ABSENT;
}

/* Its source without the port; all whose source is not known are of one address. */
void peer_enter(struct peer *peer, struct crowd *crowd)
{
    char host[sizeof peer->caller.address];
    memcpy(host, peer->caller.address, sizeof host);
    char *colon = strrchr(host, ':');
    if (colon != NULL)
        *colon = '\0';
    peer->crowd = crowd;
    peer->verdict = crowd_enter(crowd, host, &peer->host);
}

enum crowd_verdict peer_verdict(const struct peer *peer)
{
    return peer != NULL ? peer->verdict : CROWD_WELCOME;
}

void peer_bound_sending(struct peer *peer, int bytes)
{
    if (peer != NULL) /* refused: the system's own bound remains */
        (void)setsockopt(peer->socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

void peer_examine(struct peer *peer)
{
    if (peer->examined || peer->credentials == NULL)
        return;
    peer->examined = true;
    peer->caller.identities = peer->identities;
    peer->caller.identity_count = credentials_identities(peer->credentials, peer->session, &peer->arena,
                                                         peer->identities, AUTH_IDENTITIES_MAX);
}
