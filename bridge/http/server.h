/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd: its daemon, its connections and requests, and how they meet dispatch, commands and streams.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/access.h"
#include "http/commands.h"
#include "http/credentials.h"
#include "http/crowd.h"
#include "http/feed.h"
#include "http/idempotency.h"
#include "http/network_cache.h"
#include "http/refusals.h"
#include "http/tally.h"
#include "http/timers.h"
#include "http/web.h"

struct MHD_Daemon;
struct peer;

enum {
    HTTP_CONNECTIONS_DEFAULT = 1024,
    HTTP_CONNECTION_TIMEOUT_S = 30,           /* without progress, in either direction; not while suspended */
    HTTP_SENDING_BYTES_PER_MS = 64,           /* slower, after receive_ms, a client is not waited for */
    HTTP_DISCARD_BYTES_MAX = 8 * 1024 * 1024, /* of a body that is refused; more closes the connection */
};

/* What the HTTP thread owns. */
struct http_server {
    struct http_backend backend;
    struct MHD_Daemon *daemon;
    struct timers timers;
    struct commands commands;
    struct feed feed;
    struct crowd crowd;
    struct idempotency idempotency;
    struct tally tally;
    struct http_metrics_options metrics;
    struct access access;
    struct timer sweep;
    struct network_cache network_cache;
    struct refusals refusals;
    struct credentials *credentials; /* NULL: plain HTTP */
    struct web web;
    struct peer *buried; /* closed connections, freed once libmicrohttpd has let go of them */
    uint32_t requests;   /* between their first header and their last byte */
    uint32_t receive_ms; /* for a request's head, and again for its body, to arrive */
    bool require_if_match;
    bool stopping;
};

struct http_server_options {
    const struct http_options *http;
    int listen_socket;
    struct auth *take_auth;
    struct credentials *take_credentials;
    struct web take_web;
};

/* NULL: libmicrohttpd did not start; nothing was taken. The server must not move. */
bool http_server_start(struct http_server *server, const struct http_server_options *options);
/* What the outside world's descriptor loop needs. */
int http_server_epoll(const struct http_server *server);
/* How long it may wait for it; -1: without end. */
int http_server_timeout_ms(const struct http_server *server);
/* One turn: whatever is ready, and the deadlines that have come. */
void http_server_run(struct http_server *server);
/* What was stored meanwhile counts from now on: tokens, sessions, and the streams of those that are gone. */
void http_server_follow(struct http_server *server);
void http_server_replace_access(struct http_server *server, struct auth *take_auth,
                                struct credentials *take_credentials);
/* No new connections; what waits is answered, streams end. Run on until `requests` is 0, or patience ends. */
void http_server_quiesce(struct http_server *server);
void http_server_stop(struct http_server *server);

#endif
