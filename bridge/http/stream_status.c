/* SPDX-License-Identifier: Apache-2.0 */
/* The event streams as /status shows them: whose they are, how far each is, and what waits for it. */
#include "http/stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "ck/json_writer.h"

enum { STREAMS_SHOWN_MAX = 32 }; /* those that are furthest behind */

/* The newest event that was sent, or passed over. */
static uint64_t position_of(const struct stream *stream)
{
    if (stream->current != NULL)
        return stream->current->event_id - 1;
    if (stream->backlog_next < stream->backlog_count)
        return stream->backlog[stream->backlog_next]->event_id - 1;
    return stream->cursor;
}

static uint64_t lag_of(const struct stream *stream, uint64_t newest_id)
{
    uint64_t position = position_of(stream);
    return newest_id > position ? newest_id - position : 0;
}

/* Here, and in the system's buffer of its socket. */
static uint64_t queued_bytes(const struct stream *stream)
{
    int of_socket = 0;
    uint64_t bytes = stream->words_length - stream->words_sent;
    if (stream->current != NULL)
        bytes += stream->current->length - stream->current_sent;
    for (size_t i = stream->backlog_next; i < stream->backlog_count; i++)
        bytes += stream->backlog[i]->length;
    bytes += stream->snapshot.piece_length - stream->snapshot.piece_sent;
    if (stream->socket >= 0 && ioctl(stream->socket, SIOCOUTQ, &of_socket) == 0 && of_socket > 0)
        bytes += (uint64_t)of_socket;
    return bytes;
}

static void put_stream(struct bytes_writer *writer, const struct stream *stream, uint64_t newest_id)
{
    json_open_object(writer);
    render_name_and_text(writer, "actor", stream->actor);
    render_name_and_text(writer, "peer", stream->peer);
    render_name_and_time(writer, "since", stream->since_ms);
    render_name_and_id(writer, "last_event_id", position_of(stream));
    render_name_and_u64(writer, "lag", lag_of(stream, newest_id));
    render_name_and_u64(writer, "gaps", stream->gaps);
    render_name_and_u64(writer, "queued_bytes", queued_bytes(stream));
    render_name_and_boolean(writer, "snapshot", stream->snapshot.active);
    json_close_object(writer);
}

/* The furthest behind first; of those alike the youngest. Returns how many. */
static size_t choose(const struct feed *feed, uint64_t newest_id,
                     const struct stream *out_shown[STREAMS_SHOWN_MAX])
{
    uint64_t lags[STREAMS_SHOWN_MAX];
    size_t count = 0;
    for (const struct stream *stream = feed->streams; stream != NULL; stream = stream->next) {
        uint64_t lag = lag_of(stream, newest_id);
        if (count == STREAMS_SHOWN_MAX && lag <= lags[count - 1])
            continue;
        size_t at = count < STREAMS_SHOWN_MAX ? count++ : count - 1;
        for (; at > 0 && lags[at - 1] < lag; at--) {
            lags[at] = lags[at - 1];
            out_shown[at] = out_shown[at - 1];
        }
        lags[at] = lag;
        out_shown[at] = stream;
    }
    return count;
}

void streams_put(struct bytes_writer *writer, const struct feed *feed, uint64_t newest_id)
{
    const struct stream *shown[STREAMS_SHOWN_MAX];
    size_t count = choose(feed, newest_id, shown);
    json_open_object(writer);
    render_name_and_id(writer, "newest_event_id", newest_id);
    render_name_and_u64(writer, "count", feed->stream_count);
    json_name(writer, "furthest_behind");
    json_open_array(writer);
    for (size_t i = 0; i < count; i++)
        put_stream(writer, shown[i], newest_id);
    json_close_array(writer);
    json_close_object(writer);
}

uint32_t streams_of(const struct feed *feed, struct text actor)
{
    uint32_t count = 0;
    for (const struct stream *stream = feed->streams; stream != NULL; stream = stream->next)
        count += text_equal(stream->actor, actor);
    return count;
}
