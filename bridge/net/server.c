/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/connection_table.h"
#include "net/handshake.h"
#include "net/listener.h"
#include "net/socket_bio.h"

enum {
    ACCEPT_BATCH = 64, /* connections of one listener in one turn */
    OPEN_BATCH = 64,   /* finished handshakes in one turn */
    ACCEPT_RETRY_MS = 100,
};

struct server {
    struct loop *loop;
    struct server_options options;
    struct server_callbacks callbacks;
    struct server_counters counters;
    struct list listeners;
    struct connection_hub hub;
    struct connection_table connections;
    BIO_METHOD *method;
    struct handshakes *handshakes;
    struct loop_watch handshakes_done;
    struct loop_task open_more;
    struct loop_timer accept_again;
};

void server_options_init(struct server_options *options)
{
    *options = (struct server_options){
        .handshake_threads = 1,
        .sessions_max = LIMIT_SESSIONS,
        .handshakes_max = 1024,
        .handshake_timeout_ms = 10000,
        .user_timeout_ms = 30000,
        .outbox_bytes_max = 1024 * 1024,
    };
}

static bool may_accept(const struct server *server)
{
    return server->hub.is_reading && server->counters.handshakes < server->options.handshakes_max &&
           server->accept_again.node.position == 0;
}

/* Listeners are disarmed when a connection comes that must wait in the kernel's queue, and armed again here.
 */
static void arm_listeners(struct server *server)
{
    if (!may_accept(server))
        return;
    for (struct list_node *node = server->listeners.ends.next; node != &server->listeners.ends;
         node = node->next)
        listener_set_armed(LIST_MEMBER(node, struct listener, node), server->loop, true);
}

static void on_accept_again(void *context)
{
    arm_listeners(context);
}

static void on_connection_ended(void *context, struct connection *connection)
{
    struct server *server = context;
    const struct event_session_closed closed = {
        .session = connection->handle,
        .reason = connection->reason,
        .detail = text_from_c(connection->detail),
    };
    connection_table_remove(&server->connections, connection);
    server->counters.sessions = server->connections.count;
    server->callbacks.closed(server->callbacks.context, &closed);
    connection_free(connection);
}

/* What the handshake proved, or for a plain connection its address. */
struct proof {
    const struct text *identities;
    size_t identity_count;
    const char *peer;
    enum security security; /* the listener's when it was accepted: a reload may have changed that */
    uint64_t certificate_expires_ms;
};

static void open_connection(struct server *server, struct listener *listener, int take_fd, SSL *take_ssl,
                            const struct proof *proof)
{
    struct connection *connection = connection_new(&server->hub, listener, take_fd, take_ssl);
    if (connection == NULL || !connection_table_add(&server->connections, connection)) {
        server->counters.refused_full++;
        if (connection != NULL)
            connection_free(connection);
        return;
    }
    server->counters.sessions = server->connections.count;
    const struct event_session_opened opened = {
        .session = connection->handle,
        .identities = proof->identities,
        .identity_count = proof->identity_count,
        .peer = text_from_c(proof->peer),
        .security = proof->security,
        .tls_version = text_from_c(take_ssl != NULL ? SSL_get_version(take_ssl) : NULL),
        .cipher = text_from_c(take_ssl != NULL ? SSL_get_cipher_name(take_ssl) : NULL),
        .certificate_expires_ms = proof->certificate_expires_ms,
        .bad_frames_per_minute = listener->bad_frames_per_minute,
        .replacements_per_minute = listener->replacements_per_minute,
        .hold_off_ms = listener->hold_off_ms,
    };
    server->callbacks.opened(server->callbacks.context, &opened);
}

static void open_plain(struct server *server, struct listener *listener, int take_fd, struct address *address)
{
    char host[ADDRESS_TEXT_BYTES], peer[ADDRESS_TEXT_BYTES],
        identity[sizeof("address:") + ADDRESS_TEXT_BYTES];
    address_format_host(address, host, sizeof(host));
    address_format(address, peer, sizeof(peer));
    snprintf(identity, sizeof(identity), "address:%s", host);
    const struct text text = text_from_c(identity);
    const struct proof proof = {
        .identities = &text, .identity_count = 1, .peer = peer, .security = SECURITY_PLAIN
    };
    open_connection(server, listener, take_fd, NULL, &proof);
}

static void start_handshake(struct server *server, struct listener *listener, int take_fd,
                            struct address *address)
{
    struct handshake *handshake = handshake_new(take_fd, listener->context, listener->security);
    if (handshake == NULL) {
        server->counters.refused_full++;
        close(take_fd);
        return;
    }
    handshake->owner = listener;
    listener_share(listener);
    address_format(address, handshake->peer_address, sizeof(handshake->peer_address));
    server->counters.handshakes++;
    handshakes_start(server->handshakes, handshake);
}

/* False: no more now. */
static bool accept_one(struct server *server, struct listener *listener)
{
    struct address address = { .length = sizeof(address.storage) };
    const int fd =
        accept4(listener->watch.fd, address_generic(&address), &address.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        /* Out of descriptors or memory: level-triggered epoll would spin, so the listeners pause. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            (void)loop_timer_set(server->loop, &server->accept_again,
                                 loop_now_ms(server->loop) + ACCEPT_RETRY_MS);
        return errno == ECONNABORTED || errno == EINTR;
    }
    server->counters.accepted++;
    if (server->connections.count + server->counters.handshakes >= server->options.sessions_max) {
        server->counters.refused_full++;
        close(fd);
    } else if (listener->security == SECURITY_PLAIN) {
        open_plain(server, listener, fd, &address);
    } else {
        start_handshake(server, listener, fd, &address);
    }
    return true;
}

static void on_connections(void *context, uint32_t events)
{
    struct listener *listener = context;
    struct server *server = listener->server;
    (void)events;
    /* A callback may take the listener away, or stop the reading. */
    listener_share(listener);
    for (int i = 0; i < ACCEPT_BATCH && listener->watch.fd >= 0 && may_accept(server); i++)
        if (!accept_one(server, listener))
            break;
    if (!may_accept(server))
        listener_set_armed(listener, server->loop, false);
    listener_release(listener);
}

static void refuse(struct server *server, const struct handshake *handshake)
{
    const struct event_session_refused refused = {
        .peer = text_from_c(handshake->peer_address),
        .identity = handshake->peer.identities.count > 0 ? handshake->peer.identities.items[0] : TEXT_ABSENT,
        .security = handshake->security,
        .reason = REASON_TLS_HANDSHAKE,
        .detail = text_from_c(handshake->peer.problem),
    };
    server->counters.handshakes_failed++;
    server->callbacks.refused(server->callbacks.context, &refused);
}

static void open_shaken(struct server *server, struct listener *listener, struct handshake *handshake)
{
    const struct proof proof = {
        .identities = handshake->peer.identities.items,
        .identity_count = handshake->peer.identities.count,
        .peer = handshake->peer_address,
        .security = handshake->security,
        .certificate_expires_ms = handshake->certificate_expires_ms,
    };
    server->counters.handshakes_ok++;
    if (handshake->resumed)
        server->counters.resumed++;
    const int fd = handshake->fd;
    SSL *ssl = handshake->ssl;
    handshake->fd = -1;
    handshake->ssl = NULL;
    open_connection(server, listener, fd, ssl, &proof);
}

static void open_finished(struct server *server)
{
    struct handshake *handshake;
    int opened = 0;
    /* While reading is stopped they wait as well: an opened session is work like any other. */
    while (opened < OPEN_BATCH && server->hub.is_reading &&
           (handshake = handshakes_take(server->handshakes)) != NULL) {
        struct listener *listener = handshake->owner;
        server->counters.handshakes--;
        opened++;
        if (!handshake->succeeded)
            refuse(server, handshake);
        else if (listener->watch.fd >= 0) /* else the listener went away meanwhile */
            open_shaken(server, listener, handshake);
        handshake_free(handshake);
        listener_release(listener);
    }
    /* The descriptor tells only of the first after empty. */
    if (opened == OPEN_BATCH)
        loop_task_queue(server->loop, &server->open_more);
    arm_listeners(server);
}

static void on_handshakes_done(void *context, uint32_t events)
{
    struct server *server = context;
    (void)events;
    handshakes_acknowledge(server->handshakes);
    open_finished(server);
}

static void on_open_more(void *context)
{
    open_finished(context);
}

static bool set_up(struct server *server)
{
    server->method = socket_bio_method_new();
    if (server->method == NULL || !connection_table_init(&server->connections, server->options.sessions_max))
        return false;
    const struct handshakes_options handshakes = {
        .threads = server->options.handshake_threads,
        .timeout_ms = server->options.handshake_timeout_ms,
        .method = server->method,
    };
    server->handshakes = handshakes_new(&handshakes);
    if (server->handshakes == NULL)
        return false;
    server->handshakes_done = (struct loop_watch){ .fd = handshakes_descriptor(server->handshakes),
                                                   .ready = on_handshakes_done,
                                                   .context = server };
    return loop_add(server->loop, &server->handshakes_done, EPOLLIN);
}

struct server *server_new(struct loop *loop, const struct server_options *options,
                          const struct server_callbacks *callbacks)
{
    assert(options->handshake_threads > 0 && options->handshakes_max > 0);
    assert(options->sessions_max > 0 && options->sessions_max <= LIMIT_SESSIONS);
    struct server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        return NULL;
    server->loop = loop;
    server->options = *options;
    server->callbacks = *callbacks;
    list_init(&server->listeners);
    connection_hub_init(&server->hub, loop);
    server->hub.idle_timeout_ms = options->idle_timeout_ms;
    server->hub.outbox_bytes_max = options->outbox_bytes_max > CK_FRAME_BYTES_MAX
                                       ? options->outbox_bytes_max
                                       : (uint32_t)CK_FRAME_BYTES_MAX;
    server->hub.callbacks = &server->callbacks;
    server->hub.ended = on_connection_ended;
    server->hub.context = server;
    server->hub.counters = &server->counters;
    server->open_more = (struct loop_task){ .run = on_open_more, .context = server };
    server->accept_again = (struct loop_timer){ .fire = on_accept_again, .context = server };
    if (!set_up(server)) {
        server_free(server);
        return NULL;
    }
    return server;
}

static void close_listener(struct server *server, struct listener *listener)
{
    if (listener->watch.fd < 0)
        return;
    loop_remove(server->loop, &listener->watch);
    close(listener->watch.fd);
    listener->watch.fd = -1;
    listener->is_armed = false;
}

static void stop_handshakes(struct server *server)
{
    struct handshake *handshake;
    loop_remove(server->loop, &server->handshakes_done);
    handshakes_stop(server->handshakes);
    while ((handshake = handshakes_take(server->handshakes)) != NULL) {
        struct listener *listener = handshake->owner;
        handshake_free(handshake);
        listener_release(listener);
    }
    handshakes_free(server->handshakes);
}

void server_free(struct server *server)
{
    if (server == NULL)
        return;
    for (uint32_t i = 0; i < server->connections.capacity; i++)
        if (server->connections.slots[i].connection != NULL)
            connection_free(server->connections.slots[i].connection);
    struct list_node *node;
    while ((node = list_take(&server->listeners)) != NULL) {
        struct listener *listener = LIST_MEMBER(node, struct listener, node);
        close_listener(server, listener);
        listener_release(listener);
    }
    if (server->handshakes != NULL)
        stop_handshakes(server);
    loop_task_cancel(&server->open_more);
    loop_timer_cancel(server->loop, &server->accept_again);
    connection_hub_fini(&server->hub);
    connection_table_fini(&server->connections);
    socket_bio_method_free(server->method);
    free(server);
}

/* Makes `fd` the listener's socket in place of the one it has. */
static bool adopt_socket(struct server *server, struct listener *listener, int fd)
{
    struct loop_watch before = listener->watch;
    struct loop_watch watch = { .fd = fd, .ready = on_connections, .context = listener };
    if (before.fd >= 0)
        loop_remove(server->loop, &listener->watch);
    listener->watch = watch;
    if (!loop_add(server->loop, &listener->watch, EPOLLIN)) {
        listener->watch = before;
        if (before.fd >= 0)
            (void)loop_add(server->loop, &listener->watch, listener->is_armed ? EPOLLIN : 0);
        return false;
    }
    listener->is_armed = true;
    if (before.fd >= 0)
        close(before.fd);
    return true;
}

static bool listen_prepared(struct server *server, const struct listener_options *options,
                            struct listener_preparation *preparation, char *out_detail, size_t detail_bytes)
{
    struct listener *known = listener_find(&server->listeners, options->name);
    const bool keeps_socket = known != NULL && strcmp(known->listen, options->listen) == 0;
    struct listener *listener = known != NULL ? known : listener_new(options);
    int fd = -1;
    snprintf(out_detail, detail_bytes, "listen %s: out of memory", options->listen);
    if (listener == NULL)
        return false;
    listener->server = server;
    if (!keeps_socket) {
        fd = listener_open_socket(options, &preparation->address, server->options.user_timeout_ms, out_detail,
                                  detail_bytes);
        if (fd < 0 || !adopt_socket(server, listener, fd))
            goto undo_listener;
    }
    /* Settings last: strdup is what could still fail, and then an old listener goes on as it was, on its new
       socket, and the caller is told. */
    if (!listener_apply(listener, options, preparation)) {
        fd = -1; /* it is the listener's now */
        goto undo_listener;
    }
    if (known == NULL)
        list_append(&server->listeners, &listener->node);
    return true;

undo_listener:
    if (fd >= 0)
        close(fd);
    if (known == NULL) {
        close_listener(server, listener);
        listener_release(listener);
    }
    return false;
}

bool server_listen(struct server *server, const struct listener_options *options, char *out_detail,
                   size_t detail_bytes)
{
    struct listener_preparation preparation = { 0 };
    if (!listener_prepare(options, &preparation, out_detail, detail_bytes))
        return false;
    const bool listens = listen_prepared(server, options, &preparation, out_detail, detail_bytes);
    listener_preparation_fini(&preparation);
    return listens;
}

bool server_check(const struct listener_options *options, char *out_detail, size_t detail_bytes)
{
    struct listener_preparation preparation = { 0 };
    const bool good = listener_prepare(options, &preparation, out_detail, detail_bytes);
    listener_preparation_fini(&preparation);
    return good;
}

void server_unlisten(struct server *server, const char *name)
{
    struct listener *listener = listener_find(&server->listeners, name);
    if (listener == NULL)
        return;
    list_remove(&listener->node);
    close_listener(server, listener);
    listener_release(listener);
}

bool server_listener_address(const struct server *server, const char *name, char *out_address,
                             size_t address_bytes)
{
    struct address address = { .length = sizeof(address.storage) };
    const struct listener *listener = listener_find(&server->listeners, name);
    if (listener == NULL || getsockname(listener->watch.fd, address_generic(&address), &address.length) != 0)
        return false;
    address_format(&address, out_address, address_bytes);
    return true;
}

uint64_t server_listener_expires_ms(const struct server *server, const char *name)
{
    return listener_expires_ms(listener_find(&server->listeners, name));
}

void server_admit(struct server *server, struct session_handle session, enum ck_byte_order byte_order)
{
    struct connection *connection = connection_table_find(&server->connections, session);
    if (connection != NULL)
        connection_admit(connection, byte_order);
}

void server_send(struct server *server, struct session_handle session, struct text frame)
{
    struct connection *connection = connection_table_find(&server->connections, session);
    if (connection != NULL)
        connection_send(connection, frame);
}

void server_flush(struct server *server)
{
    connection_hub_flush(&server->hub);
}

void server_close(struct server *server, struct session_handle session, enum reason reason)
{
    struct connection *connection = connection_table_find(&server->connections, session);
    if (connection != NULL)
        connection_close(connection, reason);
}

void server_set_reading(struct server *server, bool reading)
{
    connection_hub_set_reading(&server->hub, reading);
    if (reading) /* handshakes may have finished meanwhile */
        loop_task_queue(server->loop, &server->open_more);
    arm_listeners(server);
}

struct server_counters server_counters(const struct server *server)
{
    return server->counters;
}
