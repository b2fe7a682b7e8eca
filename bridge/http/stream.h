/* SPDX-License-Identifier: Apache-2.0 */
/* One subscriber of the event stream: its filter, its own cursor, and what is to be sent next. */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/feed.h"
#include "http/request.h"
#include "http/stream_snapshot.h"

enum {
    STREAM_BACKLOG_MAX = 16,              /* events that one stream reads ahead of itself from history */
    STREAM_BACKLOG_BYTES_MAX = 64 * 1024, /* likewise; an event that is larger alone is read alone */
    STREAM_SCAN_MAX = 512,                /* events looked at before other streams have their turn */
    STREAM_WORDS_BYTES = 512,
    STREAM_PATTERNS_MAX = 16,
};

/* Which events are wanted. */
struct event_filter {
    bool types[NOTICES_END];
    struct text subject_member; /* "km_id"; absent: any member */
    struct text subject;        /* absent: any */
};

struct stream {
    struct stream *next;
    struct stream **link; /* what points at this one */
    struct feed *feed;
    struct event_filter filter; /* its texts live with the request */
    void (*wake)(void *context);
    void *context;
    /* for /status; the texts live with the request */
    struct text actor, peer;
    int socket;        /* -1: not known */
    uint64_t since_ms; /* Unix time */
    uint64_t gaps;     /* that it was told */
    bool orchestrator; /* whose presence it is a sign of */
    bool asleep;       /* nothing to send: stream_wake_if_needed wakes it */
    bool behind;       /* there is more in history to look at, as soon as others had their turn */
    bool closing;      /* it says its last words next */
    bool ended;        /* its last words are said */
    uint64_t cursor;   /* the newest event looked at: sent, or not wanted */
    uint64_t said_id;  /* the newest ID the client was told */
    uint64_t sent_ms;  /* when something was last given to it */
    struct timer timer;
    char words[STREAM_WORDS_BYTES]; /* what is no event: retry, comments, gaps */
    size_t words_length, words_sent;
    struct feed_event *current; /* being sent */
    size_t current_sent;
    struct feed_event *backlog[STREAM_BACKLOG_MAX];
    size_t backlog_count, backlog_next;
    size_t backlog_bytes;
    size_t scanned;
    const struct http_backend
        *backend; /* whose state it begins with, and again after a gap; NULL: it does not */
    struct stream_snapshot snapshot;
};

/* Reads the parameters `type` and `subject`; false: answered with a problem. */
bool event_filter_read(struct request *request, struct event_filter *out_filter);
bool event_filter_wants(const struct event_filter *filter, struct feed_event *event);

struct stream_options {
    const struct event_filter *filter;
    struct text actor;
    const struct http_backend *snapshot_of; /* NULL: events alone */
    const uint64_t *after_id;               /* NULL: from the next event on, or the snapshot's */
    uint64_t oldest_id, newest_id;          /* history's bounds */
};

/* Subscribes. NULL: no memory. */
struct stream *stream_new(struct feed *feed, const struct stream_options *options);
void stream_free(struct stream *stream);

enum { STREAM_ASLEEP = 0, STREAM_END = -1 };
/* Up to `capacity` bytes to send now; STREAM_ASLEEP: nothing until `wake` is called; STREAM_END: no more. */
long stream_fill(struct stream *stream, char *out_bytes, size_t capacity);
/* Wakes every sleeping stream that has something to send. */
void streams_wake(struct feed *feed);
/* {"newest_event_id":...,"count":...,"furthest_behind":[...]} */
void streams_put(struct bytes_writer *writer, const struct feed *feed, uint64_t newest_id);
/* How many streams this actor has. */
uint32_t streams_of(const struct feed *feed, struct text actor);
/* This one says its last words and ends. */
void stream_end(struct stream *stream);
/* Every stream says its last words and ends. */
void streams_stop(struct feed *feed);

#endif
