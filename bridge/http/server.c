/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/dispatch.h"
#include "http/header.h"
#include "http/peer.h"
#include "http/response.h"
#include "http/stream.h"
#include "http/uri.h"
#include "system/clock.h"

enum {
    STREAM_BLOCK_BYTES = 8192,
    STREAM_SOCKET_BYTES =
        64 * 1024, /* that the system keeps for a stream which is not read; it takes twice that */
    REPLY_MS_DEFAULT = 10000,
    RECEIVE_MS_DEFAULT = 30000,
    SWEEP_MS = 1000
};

/* One request as libmicrohttpd sees it. */
struct exchange {
    struct request request;
    struct http_server *server;
    struct MHD_Connection *connection;
    bool begun;           /* its headers were judged */
    bool closes;          /* its connection, with the answer */
    bool suspended;       /* until its reply comes */
    struct caller nobody; /* whose request it is when nothing is known of the connection */
    uint64_t discarded_bytes;
    uint64_t begun_us;
};

static struct exchange *exchange_of(struct request *request)
{
    static_assert(offsetof(struct exchange, request) == 0, "a request begins its exchange");
    return (struct exchange *)(void *)request;
}

/* Connections */

static void begin_connection(struct http_server *server, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct peer *peer = info != NULL ? peer_new(&server->timers, info->connect_fd) : NULL;
    *context = peer;
    if (peer == NULL)
        return;
    peer_enter(peer, &server->crowd);
    peer_hurry(peer, server->receive_ms);
    if (server->credentials == NULL)
        return;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info != NULL && info->tls_session != NULL)
        (void)peer_secure(peer, server->credentials, info->tls_session); /* else it proves nothing */
}

static void notify_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin_connection(server, connection, socket_context);
        return;
    }
    struct peer *peer = *socket_context;
    *socket_context = NULL;
    if (peer != NULL)
        peer_bury(peer, &server->buried);
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* Requests */

static void resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
}

static void wake_request(struct request *request)
{
    resume(exchange_of(request));
}

static void wake_stream(void *context)
{
    resume(context);
}

/* The whole target, before anything is made of it: paths and queries are split and decoded here, once. */
static void *begin_exchange(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = context;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL)
        return NULL;
    struct request *request = &exchange->request;
    request_init(request);
    exchange->server = server;
    exchange->connection = connection;
    request->backend = &server->backend;
    request->access = &server->access;
    request->caller = &exchange->nobody;
    request->commands = &server->commands;
    request->require_if_match = server->require_if_match;
    request->feed = &server->feed;
    request->idempotency = &server->idempotency;
    request->network_cache = &server->network_cache;
    request->tally = &server->tally;
    request->metrics = &server->metrics;
    request->web = &server->web;
    request->wake = wake_request;
    exchange->begun_us = clock_monotonic_us();
    uri_split(arena_copy(&request->arena, text_from_c(target)), &request->path, &request->query);
    server->requests++;
    return exchange;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *server = context;
    struct exchange *exchange = *request_context;
    (void)code;
    *request_context = NULL;
    peer_hurry(peer_of(connection), server->receive_ms); /* the next one */
    if (exchange == NULL)
        return;
    commands_forget(&exchange->request);
    idempotency_leave(&exchange->request);
    if (exchange->request.stream != NULL && exchange->request.stream->orchestrator)
        server->backend.orchestrator(server->backend.context, ORCHESTRATOR_STREAM_CLOSED);
    stream_free(exchange->request.stream);
    request_fini(&exchange->request);
    free(exchange);
    server->requests--;
}

static void meet_caller(struct exchange *exchange)
{
    struct peer *peer = peer_of(exchange->connection);
    if (peer == NULL)
        return;
    peer_examine(peer);
    exchange->request.caller = &peer->caller;
    if (peer->caller.address[0] != '\0')
        exchange->request.source = text_from_c(peer->caller.address);
}

/* True: to be answered now, before the body. Small bodies are read and dropped first, for a connection that
   is closed with unread data may lose its answer. */
static bool begin(struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->request;
    struct text length = header_value(exchange->connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    bool expects = text_is_present(header_value(exchange->connection, MHD_HTTP_HEADER_EXPECT));
    uint64_t body_bytes = 0;
    exchange->begun = true;
    struct peer *peer = peer_of(exchange->connection);
    peer_hurry(peer, exchange->server->receive_ms); /* the body */
    header_read_all(exchange->connection, access_cookie_name(&exchange->server->access), &request->arena,
                    &request->headers);
    request->method = method_from_name(method, &request->head);
    if (text_is_present(length) && !text_to_u64(length, UINT64_MAX, &body_bytes))
        body_bytes = UINT64_MAX;
    meet_caller(exchange);
    uint64_t wall_ms = clock_wall_ms();
    int headers = MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, NULL, NULL);
    exchange->closes = !crowd_admit(&exchange->server->crowd, peer_verdict(peer), headers, request);
    if (!exchange->closes && dispatch_accept(request, wall_ms) && body_bytes > request->body_bytes_max) {
        request->body_too_large = true;
        dispatch_handle(request, wall_ms);
    }
    return request->answered && (expects || body_bytes > HTTP_DISCARD_BYTES_MAX);
}

/* False: more than is worth dropping. */
static bool take_body(struct exchange *exchange, const char *bytes, size_t count)
{
    struct request *request = &exchange->request;
    if (!request->answered && !request->body_too_large &&
        count <= request->body_bytes_max - request->body_bytes) {
        if (request_append_body(request, bytes, count))
            return true;
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    }
    request->body_too_large = true;
    exchange->discarded_bytes += count;
    return exchange->discarded_bytes <= HTTP_DISCARD_BYTES_MAX;
}

/* Answers */

static void count(struct exchange *exchange, unsigned status)
{
    struct tally_request counted = { .route = exchange->request.route,
                                     .method = exchange->request.method,
                                     .status = status,
                                     .took_us = clock_monotonic_us() - exchange->begun_us };
    tally_count(&exchange->server->tally, &counted);
}

static enum MHD_Result queue(struct exchange *exchange, unsigned status, struct MHD_Response *response)
{
    if (response == NULL)
        return MHD_NO;
    if (exchange->server->stopping || exchange->closes)
        response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result result = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        count(exchange, status);
    return result;
}

static enum MHD_Result respond(struct exchange *exchange)
{
    struct answer *answer = &exchange->request.answer;
    idempotency_leave(&exchange->request);
    refusals_note(&exchange->server->refusals, &exchange->request, clock_monotonic_ms());
    /* However slowly it reads: an answer is in memory until it is sent. */
    peer_hurry(peer_of(exchange->connection),
               exchange->server->receive_ms + (uint32_t)(answer->body_bytes / HTTP_SENDING_BYTES_PER_MS));
    struct MHD_Response *response = response_of_answer(answer);
    return queue(exchange, answer->status, response);
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t capacity)
{
    struct exchange *exchange = context;
    (void)position;
    struct peer *peer = peer_of(exchange->connection);
    long count = stream_fill(exchange->request.stream, buffer, capacity);
    if (count > 0)
        peer_hurry(peer, exchange->server->receive_ms); /* to take this block */
    else
        peer_relax(peer); /* it has taken all */
    if (count == STREAM_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (count == STREAM_ASLEEP) {
        exchange->suspended = true;
        MHD_suspend_connection(exchange->connection);
    }
    return count;
}

static enum MHD_Result respond_stream(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct stream *stream = exchange->request.stream;
    struct peer *peer = peer_of(exchange->connection);
    stream->wake = wake_stream;
    stream->context = exchange;
    stream->orchestrator = exchange->request.role == HTTP_ROLE_ORCHESTRATOR;
    stream->peer = peer_source(peer);
    stream->socket = peer != NULL ? peer->socket : -1;
    peer_bound_sending(peer, STREAM_SOCKET_BYTES);
    if (stream->orchestrator)
        server->backend.orchestrator(server->backend.context, ORCHESTRATOR_STREAM_OPENED);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, exchange, NULL);
    if (response != NULL)
        response_stream_headers(response);
    return queue(exchange, MHD_HTTP_OK, response);
}

static enum MHD_Result handle(struct exchange *exchange)
{
    switch (dispatch_handle(&exchange->request, clock_wall_ms())) {
    case HANDLED_ANSWERED:
        assert(exchange->request.answered);
        return respond(exchange);
    case HANDLED_PENDING:
        exchange->suspended = true;
        MHD_suspend_connection(exchange->connection);
        return MHD_YES;
    case HANDLED_STREAM:
        return respond_stream(exchange);
    }
    return MHD_NO;
}

/* Called with the headers, with every part of the body, at its end, and once more after a pause for a reply.
 */
static enum MHD_Result access_handler(void *context, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload,
                                      size_t *upload_bytes, void **request_context)
{
    struct exchange *exchange = *request_context;
    (void)context, (void)url, (void)version;
    if (exchange == NULL)
        return MHD_NO; /* out of memory */
    if (!exchange->begun)
        return begin(exchange, method) ? respond(exchange) : MHD_YES;
    if (*upload_bytes > 0) {
        bool taken = take_body(exchange, upload, *upload_bytes);
        *upload_bytes = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    peer_relax(peer_of(connection));
    return exchange->request.answered ? respond(exchange) : handle(exchange);
}

/* Leaves escapes alone: uri.c undoes them after splitting. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

/* The server */

static struct MHD_Daemon *start_daemon(struct http_server *server, int listen_socket)
{
    struct credentials *credentials = server->credentials;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, credentials != NULL ? credentials->certificate_pem : NULL },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, credentials != NULL ? credentials->key_pem : NULL },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (credentials != NULL ? MHD_USE_TLS : 0);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, access_handler, server, MHD_OPTION_LISTEN_SOCKET, listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)server->crowd.sockets_max, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_CONNECTION_TIMEOUT_S, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, server,
        MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server, MHD_OPTION_NOTIFY_CONNECTION, notify_connection,
        server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_ARRAY, credentials != NULL ? tls : none, MHD_OPTION_END);
}

/* A stream outlives the request that opened it, but not the right to read it. */
static void recheck_streams(struct http_server *server)
{
    uint64_t wall_ms = clock_wall_ms();
    for (struct stream *stream = server->feed.streams; stream != NULL; stream = stream->next) {
        struct exchange *exchange = stream->context;
        if (!dispatch_may_still(&exchange->request, wall_ms))
            stream_end(stream);
    }
}

void http_server_follow(struct http_server *server)
{
    if (access_follow(&server->access))
        recheck_streams(server);
}

/* Rights also end by the clock, and, where several bridges share a store, by what another one did. */
static void sweep(struct timer *timer, uint64_t now_ms)
{
    struct http_server *server =
        (struct http_server *)(void *)((char *)(void *)timer - offsetof(struct http_server, sweep));
    access_follow(&server->access);
    recheck_streams(server);
    if (!server->stopping)
        access_sweep(&server->access, clock_wall_ms());
    timers_set(&server->timers, timer, now_ms + SWEEP_MS);
}

bool http_server_start(struct http_server *server, const struct http_server_options *options)
{
    const struct http_options *http = options->http;
    unsigned connections_max = http->connections_max != 0 ? http->connections_max : HTTP_CONNECTIONS_DEFAULT;
    timers_init(&server->timers);
    commands_init(&server->commands, &server->backend, &server->timers, secret_table_key(),
                  http->reply_ms != 0 ? http->reply_ms : REPLY_MS_DEFAULT);
    idempotency_init(&server->idempotency, secret_table_key());
    network_cache_init(&server->network_cache);
    feed_init(&server->feed, &server->backend.history, &server->timers);
    server->require_if_match = http->require_if_match;
    server->metrics = http->metrics;
    server->receive_ms = http->receive_ms != 0 ? http->receive_ms : RECEIVE_MS_DEFAULT;
    server->feed.access = &server->access;
    crowd_init(&server->crowd, secret_table_key(), connections_max, http->connections_per_address_max);
    server->feed.crowd = &server->crowd;
    feed_bound(&server->feed, http, connections_max);
    server->credentials = options->take_credentials;
    server->web = options->take_web;
    server->daemon = start_daemon(server, options->listen_socket);
    server->sweep.fire = sweep;
    if (server->daemon != NULL &&
        timers_set(&server->timers, &server->sweep, clock_monotonic_ms() + SWEEP_MS)) {
        access_init(&server->access, &server->backend, options->take_auth, server->credentials != NULL);
        return true;
    }
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    crowd_fini(&server->crowd);
    timers_fini(&server->timers);
    idempotency_fini(&server->idempotency);
    commands_fini(&server->commands);
    return false;
}

int http_server_epoll(const struct http_server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int http_server_timeout_ms(const struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG daemon_ms;
    uint64_t next_ms = timers_next_ms(&server->timers);
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t timeout_ms = next_ms == UINT64_MAX ? UINT64_MAX : next_ms > now_ms ? next_ms - now_ms : 0;
    if (MHD_get_timeout(server->daemon, &daemon_ms) == MHD_YES && daemon_ms < timeout_ms)
        timeout_ms = daemon_ms;
    return timeout_ms == UINT64_MAX ? -1 : timeout_ms > 60000 ? 60000 : (int)timeout_ms;
}

void http_server_run(struct http_server *server)
{
    timers_run(&server->timers, clock_monotonic_ms());
    /* At its limit libmicrohttpd takes the listening socket out of its epoll, and only the run after the one
       that ends a connection puts it back: without that run nobody would ever be accepted again. */
    uint32_t before;
    do {
        before = server->crowd.connections;
        MHD_run(server->daemon);
        peers_free(&server->buried);
    } while (before >= server->crowd.sockets_max && server->crowd.connections < before);
}

void http_server_replace_access(struct http_server *server, struct auth *take_auth,
                                struct credentials *take_credentials)
{
    access_replace(&server->access, take_auth);
    credentials_release(server->credentials);
    server->credentials = take_credentials;
    recheck_streams(server);
}

void http_server_quiesce(struct http_server *server)
{
    int listen_socket = MHD_quiesce_daemon(server->daemon);
    if (listen_socket >= 0)
        close(listen_socket);
    server->stopping = true;
    commands_stop(&server->commands);
    streams_stop(&server->feed);
}

void http_server_stop(struct http_server *server)
{
    MHD_stop_daemon(server->daemon);
    peers_free(&server->buried);
    assert(server->requests == 0);
    feed_fini(&server->feed);
    network_cache_fini(&server->network_cache);
    crowd_fini(&server->crowd);
    idempotency_fini(&server->idempotency);
    commands_fini(&server->commands);
    access_fini(&server->access);
    timers_fini(&server->timers);
    credentials_release(server->credentials);
    web_files_free(server->web.files);
}
