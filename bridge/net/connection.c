/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    SERVE_BYTES = 16384, /* one connection's share of a turn; the rest is read in the next */
    SERVE_READS = 64,    /* likewise: records may be tiny */
    ENDS_BATCH = 64,     /* ended connections reported in one turn: freeing a TLS session takes its time */
    CLOSE_MS = 1000,     /* for the queue to leave and the peer to say goodbye */
};

static void connection_end(struct connection *connection, enum reason reason, const char *detail)
{
    struct connection_hub *hub = connection->hub;
    if (connection->state == CONNECTION_ENDED)
        return;
    connection->state = CONNECTION_ENDED;
    connection->reason = reason;
    if (detail != NULL)
        connection->detail = strdup(detail);
    loop_remove(hub->loop, &connection->watch);
    loop_timer_cancel(hub->loop, &connection->timer);
    list_remove(&connection->flush_node);
    list_remove(&connection->turn_node);
    list_append(&hub->over, &connection->turn_node);
    /* Told later: nobody is surprised by an end inside his own call. */
    loop_task_queue(hub->loop, &hub->task);
}

static void want_service(struct connection *connection)
{
    if (!list_contains(&connection->turn_node))
        list_append(&connection->hub->ready, &connection->turn_node);
    if (connection->hub->is_reading)
        loop_task_queue(connection->hub->loop, &connection->hub->task);
}

static void end_by_stream(struct connection *connection, enum stream_status status)
{
    char text[STREAM_TEXT_BYTES];
    if (connection->state == CONNECTION_DRAINING || connection->state == CONNECTION_LINGERING) {
        connection_end(connection, connection->reason, NULL);
    } else if (status == STREAM_END) {
        connection_end(connection, REASON_PEER_CLOSED,
                       inbox_is_empty(&connection->inbox) ? NULL : "closed within a frame");
    } else {
        stream_error_text(&connection->stream, text, sizeof(text));
        connection_end(connection, REASON_CONNECTION_ERROR, text);
    }
}

static void linger(struct connection *connection)
{
    /* Closing now, with unread bytes, would reset the connection and could take our last frame with it. */
    if (stream_discard(&connection->stream) != STREAM_AGAIN)
        connection_end(connection, connection->reason, NULL);
}

static void connection_write(struct connection *connection)
{
    if (connection->state == CONNECTION_ENDED || connection->state == CONNECTION_LINGERING)
        return;
    if (connection->stream.writable && outbox_count(&connection->outbox) > 0) {
        connection->active_ms = loop_now_ms(connection->hub->loop);
        const enum stream_status status =
            stream_write(&connection->stream, &connection->outbox, &connection->hub->counters->bytes_sent);
        if (status == STREAM_END || status == STREAM_ERROR) {
            end_by_stream(connection, status);
            return;
        }
    }
    if (connection->state == CONNECTION_DRAINING && outbox_count(&connection->outbox) == 0) {
        connection->state = CONNECTION_LINGERING;
        stream_say_goodbye(&connection->stream);
        linger(connection);
    }
}

/* What is known of a frame that is not whole yet may be enough to refuse it. */
static void announce(struct connection *connection)
{
    const struct server_callbacks *callbacks = connection->hub->callbacks;
    enum ck_byte_order byte_order = connection->byte_order;
    struct ck_header header;
    if (callbacks->header != NULL && inbox_header(&connection->inbox, &byte_order, &header))
        callbacks->header(callbacks->context, connection->handle, &header, byte_order);
}

/* Hands out the whole frames that are there, as long as it may. */
static void deliver(struct connection *connection)
{
    struct connection_hub *hub = connection->hub;
    const uint32_t per_second = connection->listener->frames_per_second;
    while (connection->state == CONNECTION_SERVING && hub->is_reading) {
        struct ck_header header;
        if (per_second > 0 && inbox_has_frame(&connection->inbox, connection->byte_order)) {
            const uint64_t now_ms = loop_now_ms(hub->loop);
            if (!rate_take(&connection->rate, per_second, now_ms)) {
                connection->is_throttled =
                    loop_timer_set(hub->loop, &connection->timer,
                                   now_ms + rate_wait_ms(&connection->rate, per_second, now_ms));
                return;
            }
        }
        unsigned char *payload = inbox_frame(&connection->inbox, &connection->byte_order, &header);
        if (payload == NULL) {
            announce(connection);
            return;
        }
        hub->callbacks->frame(hub->callbacks->context, connection->handle, &header, connection->byte_order,
                              payload);
    }
}

static bool may_read(const struct connection *connection)
{
    return connection->state == CONNECTION_SERVING && connection->hub->is_reading &&
           !connection->is_throttled && connection->stream.readable &&
           !inbox_has_frame(&connection->inbox, connection->byte_order);
}

/* False: nothing came, and what there is to do about it is done. */
static bool read_once(struct connection *connection, size_t *inout_budget)
{
    struct connection_hub *hub = connection->hub;
    size_t room = 0, count = 0;
    unsigned char *at = inbox_room(&connection->inbox, hub->shared, connection->byte_order, &room);
    if (at == NULL) {
        connection_end(connection, REASON_CONNECTION_ERROR, "out of memory");
        return false;
    }
    const enum stream_status status = stream_read(&connection->stream, at, room, &count);
    if (status != STREAM_OK) {
        (void)inbox_keep(&connection->inbox); /* nothing new in it: cannot fail */
        if (status != STREAM_AGAIN)
            end_by_stream(connection, status);
        return false;
    }
    inbox_filled(&connection->inbox, count);
    hub->counters->bytes_received += count;
    connection->active_ms = loop_now_ms(hub->loop);
    *inout_budget -= count < *inout_budget ? count : *inout_budget;
    deliver(connection);
    if (!inbox_keep(&connection->inbox))
        connection_end(connection, REASON_CONNECTION_ERROR, "out of memory");
    return true;
}

static void serve(struct connection *connection)
{
    size_t budget = SERVE_BYTES;
    if (!connection->is_throttled) {
        deliver(connection);
        (void)inbox_keep(&connection->inbox); /* frees an emptied one */
    }
    for (int reads = 0; reads < SERVE_READS && budget > 0 && may_read(connection); reads++)
        if (!read_once(connection, &budget))
            break;
    if (connection->state == CONNECTION_SERVING && !connection->is_throttled &&
        (connection->stream.readable || inbox_has_frame(&connection->inbox, connection->byte_order)))
        want_service(connection);
}

static void report_ended(struct connection_hub *hub)
{
    struct list_node *node;
    for (int i = 0; i < ENDS_BATCH && (node = list_take(&hub->over)) != NULL; i++)
        hub->ended(hub->context, LIST_MEMBER(node, struct connection, turn_node));
    if (!list_is_empty(&hub->over))
        loop_task_queue(hub->loop, &hub->task);
}

static void run_task(void *context)
{
    struct connection_hub *hub = context;
    struct list turn;
    struct list_node *node;
    list_init(&turn);
    list_splice(&turn, &hub->ready);
    while (hub->is_reading && (node = list_take(&turn)) != NULL)
        serve(LIST_MEMBER(node, struct connection, turn_node));
    /* Reading was stopped on the way: those not reached come first when it goes on. */
    list_splice(&turn, &hub->ready);
    list_splice(&hub->ready, &turn);
    report_ended(hub);
}

static void on_timer(void *context)
{
    struct connection *connection = context;
    const uint64_t now_ms = loop_now_ms(connection->hub->loop);
    const uint32_t idle_ms = connection->hub->idle_timeout_ms;
    switch (connection->state) {
    case CONNECTION_SERVING:
        if (connection->is_throttled) {
            connection->is_throttled = false;
            connection->active_ms = now_ms;
            want_service(connection);
        }
        if (idle_ms > 0 && now_ms >= connection->active_ms + idle_ms)
            connection_close(connection, REASON_IDLE);
        else if (idle_ms > 0)
            (void)loop_timer_set(connection->hub->loop, &connection->timer, connection->active_ms + idle_ms);
        break;
    case CONNECTION_DRAINING:
    case CONNECTION_LINGERING:
        connection_end(connection, connection->reason, NULL);
        break;
    case CONNECTION_OPENED:
    case CONNECTION_ENDED:
        break;
    }
}

static void on_ready(void *context, uint32_t events)
{
    struct connection *connection = context;
    if (stream_note(&connection->stream, events))
        connection_write(connection);
    switch (connection->state) {
    case CONNECTION_OPENED:
        /* Nothing is read yet, so only a reset or both directions closed can be told. */
        if (events & (EPOLLHUP | EPOLLERR))
            connection_end(connection, REASON_PEER_CLOSED, NULL);
        break;
    case CONNECTION_SERVING:
        if (connection->stream.readable)
            want_service(connection);
        break;
    case CONNECTION_DRAINING:
        if (events & (EPOLLHUP | EPOLLERR))
            connection_end(connection, connection->reason, NULL);
        break;
    case CONNECTION_LINGERING:
        linger(connection);
        break;
    case CONNECTION_ENDED:
        break;
    }
}

struct connection *connection_new(struct connection_hub *hub, struct listener *listener, int take_fd,
                                  SSL *take_ssl)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    struct stream stream;
    stream_init(&stream, take_fd, take_ssl);
    if (connection == NULL) {
        stream_fini(&stream);
        return NULL;
    }
    connection->hub = hub;
    connection->stream = stream;
    connection->watch = (struct loop_watch){ .fd = take_fd, .ready = on_ready, .context = connection };
    connection->timer = (struct loop_timer){ .fire = on_timer, .context = connection };
    if (!loop_add(hub->loop, &connection->watch, stream_events())) {
        stream_fini(&connection->stream);
        free(connection);
        return NULL;
    }
    connection->listener = listener;
    listener_share(listener);
    return connection;
}

void connection_free(struct connection *connection)
{
    struct connection_hub *hub = connection->hub;
    if (connection->state != CONNECTION_ENDED)
        loop_remove(hub->loop, &connection->watch);
    loop_timer_cancel(hub->loop, &connection->timer);
    list_remove(&connection->turn_node);
    list_remove(&connection->flush_node);
    stream_fini(&connection->stream);
    inbox_fini(&connection->inbox);
    outbox_fini(&connection->outbox);
    listener_release(connection->listener);
    free(connection->detail);
    free(connection);
}

void connection_admit(struct connection *connection, enum ck_byte_order byte_order)
{
    const uint32_t idle_ms = connection->hub->idle_timeout_ms;
    if (connection->state != CONNECTION_OPENED)
        return;
    connection->state = CONNECTION_SERVING;
    connection->byte_order = byte_order;
    connection->active_ms = loop_now_ms(connection->hub->loop);
    if (idle_ms > 0)
        (void)loop_timer_set(connection->hub->loop, &connection->timer, connection->active_ms + idle_ms);
    /* The handshake may have read the first frames already, which no edge will tell. */
    connection->stream.readable = true;
    want_service(connection);
}

void connection_send(struct connection *connection, struct text frame)
{
    if (connection->state != CONNECTION_OPENED && connection->state != CONNECTION_SERVING)
        return;
    switch (outbox_put(&connection->outbox, frame.bytes, frame.length, connection->hub->outbox_bytes_max)) {
    case OUTBOX_OK:
        if (!list_contains(&connection->flush_node))
            list_append(&connection->hub->unflushed, &connection->flush_node);
        break;
    case OUTBOX_FULL:
        connection_end(connection, REASON_SLOW_READER, "it does not read what is sent to it");
        break;
    case OUTBOX_NO_MEMORY:
        connection_end(connection, REASON_CONNECTION_ERROR, "out of memory");
        break;
    }
}

void connection_close(struct connection *connection, enum reason reason)
{
    if (connection->state != CONNECTION_OPENED && connection->state != CONNECTION_SERVING)
        return;
    connection->state = CONNECTION_DRAINING;
    connection->reason = reason;
    list_remove(&connection->turn_node);
    if (!loop_timer_set(connection->hub->loop, &connection->timer,
                        loop_now_ms(connection->hub->loop) + CLOSE_MS))
        connection_end(connection, reason, NULL);
    connection_write(connection);
}

void connection_hub_init(struct connection_hub *hub, struct loop *loop)
{
    hub->loop = loop;
    hub->is_reading = true;
    hub->task = (struct loop_task){ .run = run_task, .context = hub };
    list_init(&hub->ready);
    list_init(&hub->unflushed);
    list_init(&hub->over);
}

void connection_hub_fini(struct connection_hub *hub)
{
    assert(list_is_empty(&hub->ready) && list_is_empty(&hub->unflushed) && list_is_empty(&hub->over));
    loop_task_cancel(&hub->task);
}

void connection_hub_flush(struct connection_hub *hub)
{
    struct list_node *node;
    while ((node = list_take(&hub->unflushed)) != NULL)
        connection_write(LIST_MEMBER(node, struct connection, flush_node));
}

void connection_hub_set_reading(struct connection_hub *hub, bool is_reading)
{
    hub->is_reading = is_reading;
    if (is_reading && !list_is_empty(&hub->ready))
        loop_task_queue(hub->loop, &hub->task);
}
