/* SPDX-License-Identifier: Apache-2.0 */
/* Recent events, rendered for streams once and shared by all of them; older ones are read from history. */
#ifndef HTTP_FEED_H
#define HTTP_FEED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/history.h"
#include "http/http.h"
#include "http/timers.h"

struct access;
struct crowd;
struct stream;

enum {
    FEED_EVENTS_MAX = 2048,           /* in the ring; the oldest goes, streams behind it read history */
    FEED_BYTES_MAX = 8 * 1024 * 1024, /* likewise */
    FEED_RETRY_MS = 1000,             /* after history could not be read */
    FEED_HEARTBEAT_MS_MAX = 15000,
};

/* Counted: a stream that is in the middle of one keeps it alive. */
struct feed_event {
    unsigned references;
    uint64_t event_id;
    enum notice_type type;
    json_t *subject; /* parsed when a filter first asks; NULL until then */
    size_t event_at; /* where the line after its ID begins in `bytes` */
    size_t data_at;  /* where the event's JSON begins in `bytes` */
    size_t data_length;
    size_t length;
    char bytes[]; /* "id: 7\nevent: km.connected\ndata: {...}\n\n" */
};

struct feed {
    struct history history;
    struct timers *timers;
    struct timer retry;
    uint32_t heartbeat_ms;
    uint32_t streams_max, streams_per_actor_max;
    const struct crowd *crowd; /* these two: of whom /status tells; set by who has them */
    const struct access *access;
    struct feed_event *ring[FEED_EVENTS_MAX]; /* by event_id modulo its size */
    uint64_t first_id;                        /* the oldest in the ring; newest_id + 1: the ring is empty */
    uint64_t newest_id;                       /* the newest read */
    uint64_t durable_id;                      /* the newest there is to read */
    size_t bytes;
    struct stream *streams;
    uint32_t stream_count;
    bool stopping;
};

void feed_init(struct feed *feed, const struct history *history, struct timers *timers);
/* How often streams hear at least, and how many there may be of so many connections: some stay free for those
   who ask. */
void feed_bound(struct feed *feed, const struct http_options *options, uint32_t connections_max);
void feed_fini(struct feed *feed);
/* Events up to this one can be read: reads them and wakes the streams that want one. */
void feed_durable(struct feed *feed, uint64_t newest_id);
/* The event, when the ring has it. */
struct feed_event *feed_event_at(const struct feed *feed, uint64_t event_id);

/* NULL: out of memory. Starts with one reference. */
struct feed_event *feed_event_new(const struct stored_event *stored);
void feed_event_release(struct feed_event *event);

#endif
