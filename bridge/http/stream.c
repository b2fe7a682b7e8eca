/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"
#include "system/clock.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_RECONNECT_MS = 1000 }; /* what clients are told to wait before they come back */

__attribute__((format(printf, 2, 3))) static void say(struct stream *stream, const char *format, ...)
{
    size_t room = sizeof stream->words - stream->words_length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(stream->words + stream->words_length, room, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < room);
    stream->words_length += (size_t)length;
}

/* Events between were removed by retention, or the ID is of another history: the client must read the state
   anew. Its ID moves along, so that a reconnect doesn't meet the same gap; unless the state follows at once,
   for then a client that loses the connection amid it must begin again. */
static void say_gap(struct stream *stream, uint64_t after_id, uint64_t next_id)
{
    uint64_t resume_id = next_id > 0 ? next_id - 1 : 0;
    if (stream->backend == NULL)
        say(stream, "id: %llu\n", (unsigned long long)resume_id);
    say(stream,
        "event: gap\ndata: {\"type\":\"gap\",\"data\":{\"after_event_id\":\"%llu\","
        "\"next_event_id\":\"%llu\"}}\n\n",
        (unsigned long long)after_id, (unsigned long long)next_id);
    stream->gaps++;
    stream->cursor = resume_id;
    stream->said_id = resume_id;
    if (stream->backend != NULL)
        stream_snapshot_begin(&stream->snapshot);
}

/* A comment, and the ID when events went by that the filter did not want: a reconnect need not see them
 * again. */
static void say_heartbeat(struct stream *stream)
{
    if (stream->cursor > stream->said_id && !stream->snapshot.active) {
        say(stream, "id: %llu\n", (unsigned long long)stream->cursor);
        stream->said_id = stream->cursor;
    }
    say(stream, ": heartbeat\n\n");
}

static void wake(struct stream *stream)
{
    if (!stream->asleep)
        return;
    stream->asleep = false;
    stream->wake(stream->context);
}

/* A heartbeat is due, or history is to be read on. */
static void fire(struct timer *timer, uint64_t now_ms)
{
    struct stream *stream = (struct stream *)(void *)((char *)(void *)timer - offsetof(struct stream, timer));
    wake(stream);
    timers_set(stream->feed->timers, timer, now_ms + stream->feed->heartbeat_ms);
}

/* Where to begin: behind what the client has seen, as far as history still knows. */
static void place(struct stream *stream, const struct stream_options *options)
{
    const uint64_t *after_id = options->after_id;
    stream->cursor = stream->said_id = after_id != NULL ? *after_id : options->newest_id;
    if (after_id == NULL && stream->backend != NULL)
        stream_snapshot_begin(&stream->snapshot);
    else if (after_id != NULL && *after_id > options->newest_id)
        say_gap(stream, *after_id, options->newest_id + 1);
    else if (after_id != NULL && options->oldest_id > 0 && *after_id + 1 < options->oldest_id)
        say_gap(stream, *after_id, options->oldest_id);
}

struct stream *stream_new(struct feed *feed, const struct stream_options *options)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->timer.fire = fire;
    stream->feed = feed;
    stream->filter = *options->filter;
    stream->backend = options->snapshot_of;
    stream->actor = options->actor;
    stream->peer = TEXT_ABSENT;
    stream->socket = -1;
    stream->since_ms = clock_wall_ms();
    stream_snapshot_init(&stream->snapshot, stream->filter.types);
    stream->sent_ms = clock_monotonic_ms();
    if (!timers_set(feed->timers, &stream->timer, stream->sent_ms + feed->heartbeat_ms)) {
        free(stream);
        return NULL;
    }
    feed_durable(feed, options->newest_id);
    stream->next = feed->streams;
    stream->link = &feed->streams;
    if (stream->next != NULL)
        stream->next->link = &stream->next;
    feed->streams = stream;
    feed->stream_count++;
    say(stream, "retry: %d\n: ckbridge\n\n", STREAM_RECONNECT_MS);
    place(stream, options);
    return stream;
}

static void drop_backlog(struct stream *stream)
{
    while (stream->backlog_next < stream->backlog_count)
        feed_event_release(stream->backlog[stream->backlog_next++]);
}

void stream_free(struct stream *stream)
{
    if (stream == NULL)
        return;
    *stream->link = stream->next;
    if (stream->next != NULL)
        stream->next->link = stream->link;
    stream->feed->stream_count--;
    timers_cancel(stream->feed->timers, &stream->timer);
    feed_event_release(stream->current);
    drop_backlog(stream);
    stream_snapshot_fini(&stream->snapshot);
    free(stream);
}

/* Events up to this one are sent before anything else: the piece that waits stands there. */
static uint64_t stop_id(const struct stream *stream)
{
    return stream->snapshot.active ? stream->snapshot.event_id : UINT64_MAX;
}

/* All events that come before the piece were looked at. */
static bool piece_is_due(const struct stream *stream)
{
    return stream->snapshot.active &&
           (stream->snapshot.piece == NULL || stream->cursor >= stream->snapshot.event_id);
}

/* One event of history; false when the backlog is full or a gap must be told first. */
static bool visit(void *context, const struct stored_event *stored)
{
    struct stream *stream = context;
    if (stored->event_id > stream->cursor + 1) {
        if (stream->backlog_count > 0)
            return false;
        say_gap(stream, stream->cursor, stored->event_id);
        return false;
    }
    if (stored->event_id > stop_id(stream) || stream->backlog_count == STREAM_BACKLOG_MAX ||
        stream->backlog_bytes > STREAM_BACKLOG_BYTES_MAX)
        return false;
    if (stream->scanned == STREAM_SCAN_MAX) {
        stream->behind = true;
        return false;
    }
    stream->scanned++;
    if (stream->filter.types[stored->type]) {
        struct feed_event *event = feed_event_new(stored);
        if (event == NULL)
            return false;
        if (event_filter_wants(&stream->filter, event)) {
            stream->backlog[stream->backlog_count++] = event;
            stream->backlog_bytes += event->length;
        } else {
            feed_event_release(event);
        }
    }
    stream->cursor = stored->event_id;
    return true;
}

/* Behind the ring: the next few from history. What is there is less than what is wanted: try again later. */
static void read_history(struct stream *stream)
{
    struct feed *feed = stream->feed;
    uint64_t before = stream->cursor;
    stream->backlog_count = stream->backlog_next = 0;
    stream->backlog_bytes = stream->scanned = 0;
    enum history_status status = feed->history.events(feed->history.context, before, visit, stream);
    if (stream->behind || stream->backlog_count > 0 || stream->words_length > 0)
        return;
    if (stream->cursor + 1 >= feed->first_id) /* caught up with the ring */
        return;
    if (status == HISTORY_OK && stream->cursor == before) { /* all between is gone, and nothing follows */
        say_gap(stream, before, feed->first_id);
        return;
    }
    timers_set(feed->timers, &stream->timer, clock_monotonic_ms() + FEED_RETRY_MS);
}

/* The next wanted event of the ring. */
static struct feed_event *next_of_ring(struct stream *stream)
{
    struct feed_event *event;
    while (stream->cursor < stop_id(stream) &&
           (event = feed_event_at(stream->feed, stream->cursor + 1)) != NULL) {
        stream->cursor++;
        if (event_filter_wants(&stream->filter, event)) {
            event->references++;
            return event;
        }
    }
    return NULL;
}

/* An event, when there is one to send now. */
static void take_event(struct stream *stream)
{
    stream->behind = false;
    if (stream->backlog_next == stream->backlog_count && stream->cursor + 1 < stream->feed->first_id)
        read_history(stream);
    if (stream->words_length > 0)
        return;
    if (stream->backlog_next < stream->backlog_count)
        stream->current = stream->backlog[stream->backlog_next++];
    else if (stream->cursor + 1 >= stream->feed->first_id)
        stream->current = next_of_ring(stream);
    if (stream->current == NULL)
        return;
    if (stream->snapshot.active) /* without its ID, for it is no place to resume from */
        stream->current_sent = stream->current->event_at;
    else
        stream->said_id = stream->current->event_id;
}

/* A piece of the live state, or the words that end it; neither: later. */
static void take_piece(struct stream *stream)
{
    struct stream_snapshot *snapshot = &stream->snapshot;
    uint64_t least_id = snapshot->begun ? stream->cursor : 0;
    switch (stream_snapshot_next(snapshot, stream->backend, stream->feed, least_id)) {
    case SNAPSHOT_MADE:
        if (!snapshot->begun)
            stream->cursor = snapshot->event_id;
        snapshot->begun = true;
        feed_durable(stream->feed, snapshot->event_id); /* its events can be read; the notice may come yet */
        break;
    case SNAPSHOT_ENDED:
        say(stream, "id: %llu\nevent: snapshot_end\ndata: {\"event_id\":\"%llu\"}\n\n",
            (unsigned long long)stream->cursor, (unsigned long long)stream->cursor);
        stream->said_id = stream->cursor;
        snapshot->active = false;
        break;
    case SNAPSHOT_LATER:
        timers_set(stream->feed->timers, &stream->timer, clock_monotonic_ms() + SNAPSHOT_RETRY_MS);
        break;
    }
}

/* Makes words or an event ready to be sent; false: there is nothing now. */
static bool prepare(struct stream *stream)
{
    if (stream->words_sent < stream->words_length || stream->current != NULL ||
        stream->snapshot.piece_sent > 0)
        return true;
    stream->words_length = stream->words_sent = 0;
    if (stream->feed->stopping || stream->closing) {
        if (stream->ended)
            return false;
        say(stream, ": the stream ends\n\n");
        stream->ended = true;
        return true;
    }
    bool has_backlog = stream->backlog_next < stream->backlog_count;
    if (!has_backlog && stream->snapshot.active && stream->snapshot.piece == NULL)
        take_piece(stream);
    if (stream->words_length > 0 || (!has_backlog && piece_is_due(stream)))
        return stream->words_length > 0 || stream->snapshot.piece != NULL;
    take_event(stream);
    return stream->current != NULL || stream->words_length > 0 || piece_is_due(stream);
}

static size_t copy_some(const char *from, size_t length, size_t *sent, char *to, size_t capacity)
{
    size_t count = length - *sent < capacity ? length - *sent : capacity;
    memcpy(to, from + *sent, count);
    *sent += count;
    return count;
}

static size_t fill(struct stream *stream, char *out_bytes, size_t capacity)
{
    size_t filled = 0;
    while (filled < capacity && prepare(stream)) {
        if (stream->words_sent < stream->words_length) {
            filled += copy_some(stream->words, stream->words_length, &stream->words_sent, out_bytes + filled,
                                capacity - filled);
            continue;
        }
        if (stream->current == NULL) {
            filled += stream_snapshot_copy(&stream->snapshot, out_bytes + filled, capacity - filled);
            continue;
        }
        filled += copy_some(stream->current->bytes, stream->current->length, &stream->current_sent,
                            out_bytes + filled, capacity - filled);
        if (stream->current_sent == stream->current->length) {
            feed_event_release(stream->current);
            stream->current = NULL;
            stream->current_sent = 0;
        }
    }
    return filled;
}

long stream_fill(struct stream *stream, char *out_bytes, size_t capacity)
{
    uint64_t now_ms = clock_monotonic_ms();
    size_t filled = fill(stream, out_bytes, capacity);
    if (filled == 0 && stream->ended)
        return STREAM_END;
    if (filled == 0 && now_ms >= stream->sent_ms + stream->feed->heartbeat_ms) {
        say_heartbeat(stream);
        filled = fill(stream, out_bytes, capacity);
    }
    if (filled > 0) {
        stream->sent_ms = now_ms;
        return (long)filled;
    }
    stream->asleep = true;
    if (stream->behind)
        timers_set(stream->feed->timers, &stream->timer, now_ms);
    else if (stream->timer.node.deadline_ms > stream->sent_ms + stream->feed->heartbeat_ms)
        timers_set(stream->feed->timers, &stream->timer, stream->sent_ms + stream->feed->heartbeat_ms);
    return STREAM_ASLEEP;
}

/* Passes over what its filter does not want without waking it. */
static bool has_something(struct stream *stream)
{
    struct feed *feed = stream->feed;
    if (feed->stopping || stream->behind || stream->cursor + 1 < feed->first_id)
        return true;
    struct feed_event *event;
    while (stream->cursor < stop_id(stream) && (event = feed_event_at(feed, stream->cursor + 1)) != NULL) {
        if (event_filter_wants(&stream->filter, event))
            return true;
        stream->cursor++;
    }
    return piece_is_due(stream);
}

void streams_wake(struct feed *feed)
{
    for (struct stream *stream = feed->streams; stream != NULL; stream = stream->next)
        if (stream->asleep && has_something(stream))
            wake(stream);
}

void stream_end(struct stream *stream)
{
    stream->closing = true;
    wake(stream);
}

void streams_stop(struct feed *feed)
{
    feed->stopping = true;
    streams_wake(feed);
}
