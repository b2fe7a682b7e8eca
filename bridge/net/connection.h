/* SPDX-License-Identifier: Apache-2.0 */
/* One KM's connection from its handshake to its end: frames in, frames out, both bounded.
 *
 *            connection_admit           connection_close              queue written        peer's end, or 1 s
 *   OPENED ------------> SERVING ------------> DRAINING ------------> LINGERING -----------------> ENDED
 *      '-------------------'--- peer's end, error, idle, slow reader ------------------------------->'
 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "net/inbox.h"
#include "net/listener.h"
#include "net/rate.h"
#include "net/stream.h"

struct connection;

/* What all connections of a server share. Links are served in turn, each a bounded share, in a task of the
 * loop. */
struct connection_hub {
    struct loop *loop;
    uint32_t idle_timeout_ms;
    uint32_t outbox_bytes_max;
    const struct server_callbacks *callbacks; /* `frame` alone is called from here */
    /* The connection ended; it must be freed. Called in the task only, once for every connection that was not
     * freed. */
    void (*ended)(void *context, struct connection *connection);
    void *context;
    struct server_counters *counters; /* bytes */
    bool is_reading;
    struct loop_task task;
    struct list ready;     /* connections that may have something to read */
    struct list unflushed; /* connections with an outbox to write */
    struct list over;      /* connections that ended */
    unsigned char shared[INBOX_READ_BYTES];
};
void connection_hub_init(struct connection_hub *hub, struct loop *loop);
void connection_hub_fini(struct connection_hub *hub);
void connection_hub_flush(struct connection_hub *hub);
void connection_hub_set_reading(struct connection_hub *hub, bool is_reading);

enum connection_state {
    CONNECTION_OPENED,
    CONNECTION_SERVING,
    CONNECTION_DRAINING,
    CONNECTION_LINGERING,
    CONNECTION_ENDED
};

struct connection {
    struct connection_hub *hub;
    struct listener *listener; /* shared */
    struct session_handle handle;
    enum connection_state state;
    enum reason reason; /* of its end */
    char *detail;       /* NULL: none */
    struct loop_watch watch;
    struct loop_timer timer;    /* idle, throttled, or the end of patience, by state */
    struct list_node turn_node; /* in hub->ready, or in hub->over */
    struct list_node flush_node;
    struct stream stream;
    struct inbox inbox;
    struct outbox outbox;
    enum ck_byte_order byte_order;
    struct rate rate;
    bool is_throttled;
    uint64_t active_ms; /* when bytes last came or went */
};

/* Takes the descriptor and the session. NULL: out of memory or descriptors, and both are gone. */
struct connection *connection_new(struct connection_hub *hub, struct listener *listener, int take_fd,
                                  SSL *take_ssl);
void connection_free(struct connection *connection);
void connection_admit(struct connection *connection, enum ck_byte_order byte_order);
void connection_send(struct connection *connection, struct text frame);
void connection_close(struct connection *connection, enum reason reason);

#endif
