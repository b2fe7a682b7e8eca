/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "net/address.h"
#include "net/client_connection.h"
#include "net/client_credentials.h"
#include "net/client_tls.h"
#include "net/socket.h"
#include "net/socket_bio.h"

enum {
    CLIENT_CLOSE_MS = 1000,
    CLIENT_OUTBOX_BYTES = 1024 * 1024, /* unless the options say otherwise */
    CLIENT_READS = 64,                 /* of one connection in one turn */
};

static void queue_task(struct clients *clients)
{
    loop_task_queue(clients->loop, &clients->task);
}

static void end(struct client *client, const char *detail)
{
    struct clients *clients = client->clients;
    if (client->state == CLIENT_ENDED)
        return;
    client->state = CLIENT_ENDED;
    client->detail = strdup(detail);
    loop_remove(clients->loop, &client->watch);
    loop_timer_cancel(clients->loop, &client->timer);
    list_remove(&client->turn_node);
    list_remove(&client->flush_node);
    list_append(&clients->over, &client->turn_node);
    queue_task(clients);
}

static void end_by_stream(struct client *client, enum stream_status status)
{
    char text[STREAM_TEXT_BYTES];
    if (status == STREAM_END) {
        end(client, client->state >= CLIENT_DRAINING ? "closed" : "closed by peer");
        return;
    }
    stream_error_text(&client->stream, text, sizeof(text));
    end(client, text);
}

void client_free(struct client *client)
{
    struct clients *clients = client->clients;
    if (client->state != CLIENT_ENDED)
        loop_remove(clients->loop, &client->watch);
    loop_timer_cancel(clients->loop, &client->timer);
    list_remove(&client->node);
    list_remove(&client->turn_node);
    list_remove(&client->flush_node);
    /* Without this OpenSSL would declare the session's ticket unusable. */
    if (client->stream.ssl != NULL)
        SSL_set_shutdown(client->stream.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    stream_fini(&client->stream);
    inbox_fini(&client->inbox);
    outbox_fini(&client->outbox);
    clients->count--;
    free(client->detail);
    free(client);
}

/* After a callback. False: the client is gone. */
static bool survived(struct client *client)
{
    client->is_in_callback = false;
    if (!client->is_aborted)
        return true;
    client_free(client);
    return false;
}

static void want_service(struct client *client)
{
    if (!list_contains(&client->turn_node))
        list_append(&client->clients->ready, &client->turn_node);
    queue_task(client->clients);
}

static void linger(struct client *client)
{
    const enum stream_status status = stream_discard(&client->stream);
    if (status != STREAM_AGAIN)
        end(client, "closed");
}

void client_write(struct client *client)
{
    if (client->state != CLIENT_CONNECTED && client->state != CLIENT_DRAINING)
        return;
    if (client->stream.writable && outbox_count(&client->outbox) > 0) {
        const enum stream_status status =
            stream_write(&client->stream, &client->outbox, &client->clients->bytes_sent);
        if (status == STREAM_END || status == STREAM_ERROR) {
            end_by_stream(client, status);
            return;
        }
    }
    if (client->state == CLIENT_DRAINING && outbox_count(&client->outbox) == 0) {
        client->state = CLIENT_LINGERING;
        stream_say_goodbye(&client->stream);
        linger(client);
    }
}

/* False: the client is gone. */
static bool become_connected(struct client *client)
{
    loop_timer_cancel(client->clients->loop, &client->timer);
    client->state = CLIENT_CONNECTED;
    client->was_connected = true;
    client->stream.readable = true;
    client->is_in_callback = true;
    if (client->callbacks->connected != NULL)
        client->callbacks->connected(client->context, client);
    if (!survived(client))
        return false;
    client_write(client);
    if (client->state == CLIENT_CONNECTED)
        want_service(client);
    return true;
}

static void shake_hands(struct client *client)
{
    char text[STREAM_TEXT_BYTES];
    SSL *ssl = client->stream.ssl;
    ERR_clear_error();
    const int result = SSL_connect(ssl);
    if (result == 1) {
        (void)become_connected(client);
        return;
    }
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return;
    if (SSL_get_verify_result(ssl) != X509_V_OK)
        snprintf(text, sizeof(text), "%s", X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
    else
        stream_openssl_text(socket_bio_error(SSL_get_rbio(ssl)), "closed by peer during the handshake", text,
                            sizeof(text));
    end(client, text);
}

static void finish_connecting(struct client *client)
{
    int error = 0;
    socklen_t error_bytes = sizeof(error);
    if (getsockopt(client->stream.fd, SOL_SOCKET, SO_ERROR, &error, &error_bytes) != 0)
        error = errno;
    if (error != 0) {
        end(client, strerror(error));
        return;
    }
    if (client->stream.ssl == NULL) {
        (void)become_connected(client);
        return;
    }
    client->state = CLIENT_SHAKING_HANDS;
    shake_hands(client);
}

static void on_ready(void *context, uint32_t events)
{
    struct client *client = context;
    const bool became_writable = stream_note(&client->stream, events);
    switch (client->state) {
    case CLIENT_CONNECTING:
        if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            finish_connecting(client);
        break;
    case CLIENT_SHAKING_HANDS:
        shake_hands(client);
        break;
    case CLIENT_CONNECTED:
        if (became_writable)
            client_write(client);
        if (client->state == CLIENT_CONNECTED && client->stream.readable)
            want_service(client);
        break;
    case CLIENT_DRAINING:
        client_write(client);
        if (client->state == CLIENT_DRAINING && (events & (EPOLLERR | EPOLLHUP)))
            end(client, "closed");
        break;
    case CLIENT_LINGERING:
        linger(client);
        break;
    case CLIENT_ENDED:
        break;
    }
}

static void on_timer(void *context)
{
    struct client *client = context;
    const bool is_connecting = client->state == CLIENT_CONNECTING || client->state == CLIENT_SHAKING_HANDS;
    end(client, is_connecting ? "timed out while connecting" : "closed");
}

/* False: the client is gone. */
static bool deliver(struct client *client)
{
    struct ck_header header;
    unsigned char *payload;
    while (client->state == CLIENT_CONNECTED && !client->is_paused && client->callbacks->frame != NULL &&
           (payload = inbox_frame(&client->inbox, &client->byte_order, &header)) != NULL) {
        client->is_in_callback = true;
        client->callbacks->frame(client->context, client, &header, payload);
        if (!survived(client))
            return false;
    }
    return true;
}

/* False: the client is gone. */
static bool deliver_bytes(struct client *client, const unsigned char *bytes, size_t count)
{
    inbox_fini(&client->inbox); /* nothing of it is kept */
    client->is_in_callback = true;
    client->callbacks->bytes(client->context, client, bytes, count);
    return survived(client);
}

enum read_outcome { READ_SOME, READ_NOTHING, READ_GONE };

static enum read_outcome read_once(struct client *client)
{
    size_t room = 0, count = 0;
    unsigned char *at = inbox_room(&client->inbox, client->clients->shared, client->byte_order, &room);
    if (at == NULL) {
        end(client, "out of memory");
        return READ_NOTHING;
    }
    const enum stream_status status = stream_read(&client->stream, at, room, &count);
    if (status != STREAM_OK) {
        (void)inbox_keep(&client->inbox);
        if (status != STREAM_AGAIN)
            end_by_stream(client, status);
        return READ_NOTHING;
    }
    if (client->callbacks->bytes != NULL)
        return deliver_bytes(client, at, count) ? READ_SOME : READ_GONE;
    inbox_filled(&client->inbox, count);
    if (!deliver(client))
        return READ_GONE;
    if (!inbox_keep(&client->inbox))
        end(client, "out of memory");
    return READ_SOME;
}

void client_serve(struct client *client)
{
    if (client->callbacks->bytes == NULL) {
        if (!deliver(client))
            return;
        (void)inbox_keep(&client->inbox);
    }
    for (int reads = 0; reads < CLIENT_READS; reads++) {
        if (client->state != CLIENT_CONNECTED || client->is_paused || !client->stream.readable ||
            inbox_has_frame(&client->inbox, client->byte_order))
            break;
        const enum read_outcome outcome = read_once(client);
        if (outcome == READ_GONE)
            return;
        if (outcome == READ_NOTHING)
            break;
    }
    if (client->state == CLIENT_CONNECTED && !client->is_paused && client->stream.readable)
        want_service(client);
}

/* A connecting socket, or -1 and why. */
static int start_connecting(const struct client_options *options, char *out_detail, size_t detail_bytes)
{
    struct address address, source;
    if (!address_parse(options->address, &address)) {
        snprintf(out_detail, detail_bytes, "%s: expected an address and a port, 127.0.0.1:7164",
                 options->address);
        return -1;
    }
    if (options->source != NULL && !address_parse_host(options->source, &source)) {
        snprintf(out_detail, detail_bytes, "%s: expected an address", options->source);
        return -1;
    }
    const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        snprintf(out_detail, detail_bytes, "%s", strerror(errno));
        return -1;
    }
    socket_tune(fd, 0);
    if (options->source != NULL && bind(fd, address_generic(&source), source.length) != 0) {
        snprintf(out_detail, detail_bytes, "%s: %s", options->source, strerror(errno));
        close(fd);
        return -1;
    }
    if (connect(fd, address_generic(&address), address.length) != 0 && errno != EINPROGRESS) {
        snprintf(out_detail, detail_bytes, "%s: %s", options->address, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

struct client *client_open(struct clients *clients, const struct client_options *options, char *out_detail,
                           size_t detail_bytes)
{
    const int fd = start_connecting(options, out_detail, detail_bytes);
    if (fd < 0)
        return NULL;
    snprintf(out_detail, detail_bytes, "out of memory, or certificate and key do not match");
    struct client *client = calloc(1, sizeof(*client));
    SSL *ssl = client != NULL && options->security != SECURITY_PLAIN
                   ? client_tls_session_new(clients->ctx, clients->method, fd, options)
                   : NULL;
    if (client == NULL || (options->security != SECURITY_PLAIN && ssl == NULL))
        goto undo_socket;
    client->clients = clients;
    client->credentials = options->credentials;
    client->callbacks = options->callbacks;
    client->context = options->context;
    client->byte_order = options->byte_order;
    client->outbox_bytes_max =
        options->outbox_bytes_max > 0 ? options->outbox_bytes_max : (size_t)CLIENT_OUTBOX_BYTES;
    client->watch = (struct loop_watch){ .fd = fd, .ready = on_ready, .context = client };
    client->timer = (struct loop_timer){ .fire = on_timer, .context = client };
    if (!loop_add(clients->loop, &client->watch, stream_events()))
        goto undo_session;
    stream_init(&client->stream, fd, ssl);
    if (options->connect_timeout_ms > 0)
        (void)loop_timer_set(clients->loop, &client->timer,
                             loop_now_ms(clients->loop) + options->connect_timeout_ms);
    list_append(&clients->all, &client->node);
    clients->count++;
    return client;

undo_session:
    SSL_free(ssl);
undo_socket:
    free(client);
    close(fd);
    return NULL;
}

void *client_context(const struct client *client)
{
    return client->context;
}

bool client_resumed(const struct client *client)
{
    return client->was_connected && client->stream.ssl != NULL &&
           (client->credentials == NULL || client->credentials->identity_bytes == 0) &&
           SSL_session_reused(client->stream.ssl) == 1;
}

bool client_local_address(const struct client *client, char *out_address, size_t address_bytes)
{
    struct address address = { .length = sizeof(address.storage) };
    if (!client->was_connected ||
        getsockname(client->stream.fd, address_generic(&address), &address.length) != 0)
        return false;
    address_format(&address, out_address, address_bytes);
    return true;
}

bool client_send(struct client *client, const void *bytes, size_t count)
{
    if (client->state > CLIENT_CONNECTED || client->is_aborted ||
        outbox_put(&client->outbox, bytes, count, client->outbox_bytes_max) != OUTBOX_OK)
        return false;
    if (client->state == CLIENT_CONNECTED && !list_contains(&client->flush_node))
        list_append(&client->clients->unflushed, &client->flush_node);
    if (client->clients->options.flush_at_end)
        queue_task(client->clients);
    return true;
}

size_t client_outbox_bytes(const struct client *client)
{
    return outbox_count(&client->outbox);
}

void client_set_reading(struct client *client, bool reading)
{
    client->is_paused = !reading;
    if (reading && client->state == CLIENT_CONNECTED)
        want_service(client);
}

void client_close(struct client *client)
{
    if (client->state >= CLIENT_DRAINING)
        return;
    if (client->state != CLIENT_CONNECTED) {
        end(client, "closed");
        return;
    }
    client->state = CLIENT_DRAINING;
    list_remove(&client->turn_node);
    if (!loop_timer_set(client->clients->loop, &client->timer,
                        loop_now_ms(client->clients->loop) + CLIENT_CLOSE_MS))
        end(client, "closed");
    client_write(client);
}

void client_abort(struct client *client)
{
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(client->stream.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (!client->is_in_callback) {
        client_free(client);
        return;
    }
    client->is_aborted = true;
    if (client->state == CLIENT_ENDED)
        return;
    client->state = CLIENT_ENDED;
    loop_remove(client->clients->loop, &client->watch);
    loop_timer_cancel(client->clients->loop, &client->timer);
    list_remove(&client->turn_node);
    list_remove(&client->flush_node);
}
