/* SPDX-License-Identifier: Apache-2.0 */
#include "http/feed.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "http/stream.h"
#include "system/clock.h"

enum { FEED_FRAME_BYTES = 128 }; /* room for "id: ", "event: ", "data: " and the ends of lines */

struct feed_event *feed_event_new(const struct stored_event *stored)
{
    size_t capacity = stored->json.length + FEED_FRAME_BYTES;
    struct feed_event *event = calloc(1, sizeof *event + capacity);
    if (event == NULL)
        return NULL;
    struct bytes_writer writer = bytes_writer(event->bytes, capacity);
    bytes_put_c(&writer, "id: ");
    bytes_put_u64(&writer, stored->event_id);
    bytes_put_byte(&writer, '\n');
    event->event_at = writer.length;
    bytes_put_c(&writer, "event: ");
    bytes_put_c(&writer, notice_type_name(stored->type));
    bytes_put_c(&writer, "\ndata: ");
    event->data_at = writer.length;
    bytes_put_text(&writer, stored->json);
    bytes_put_c(&writer, "\n\n");
    event->references = 1;
    event->event_id = stored->event_id;
    event->type = stored->type;
    event->data_length = stored->json.length;
    event->length = writer.length;
    return event;
}

void feed_event_release(struct feed_event *event)
{
    if (event == NULL || --event->references > 0)
        return;
    json_decref(event->subject);
    free(event);
}

static void retry(struct timer *timer, uint64_t now_ms)
{
    struct feed *feed = (struct feed *)(void *)((char *)(void *)timer - offsetof(struct feed, retry));
    (void)now_ms;
    feed_durable(feed, feed->durable_id);
}

void feed_init(struct feed *feed, const struct history *history, struct timers *timers)
{
    feed->history = *history;
    feed->timers = timers;
    feed->retry.fire = retry;
    feed->first_id = 1;
}

void feed_bound(struct feed *feed, const struct http_options *options, uint32_t connections_max)
{
    bool fits = options->heartbeat_ms > 0 && options->heartbeat_ms <= FEED_HEARTBEAT_MS_MAX;
    feed->heartbeat_ms = fits ? options->heartbeat_ms : FEED_HEARTBEAT_MS_MAX;
    feed->streams_max = connections_max - connections_max / 8 - (connections_max > 1);
    feed->streams_per_actor_max = options->streams_per_actor_max;
    if (feed->streams_per_actor_max == 0)
        feed->streams_per_actor_max = feed->streams_max - feed->streams_max / 4;
}

static void drop_oldest(struct feed *feed)
{
    struct feed_event **slot = &feed->ring[feed->first_id % FEED_EVENTS_MAX];
    feed->bytes -= (*slot)->length;
    feed_event_release(*slot);
    *slot = NULL;
    feed->first_id++;
}

static void clear(struct feed *feed, uint64_t newest_id)
{
    while (feed->first_id <= feed->newest_id)
        drop_oldest(feed);
    feed->newest_id = newest_id;
    feed->first_id = newest_id + 1;
}

void feed_fini(struct feed *feed)
{
    clear(feed, feed->newest_id);
    timers_cancel(feed->timers, &feed->retry);
}

struct feed_event *feed_event_at(const struct feed *feed, uint64_t event_id)
{
    if (event_id < feed->first_id || event_id > feed->newest_id)
        return NULL;
    return feed->ring[event_id % FEED_EVENTS_MAX];
}

static bool append(void *context, const struct stored_event *stored)
{
    struct feed *feed = context;
    if (stored->event_id <= feed->newest_id)
        return true;
    struct feed_event *event = feed_event_new(stored);
    if (event == NULL)
        return false;
    if (stored->event_id != feed->newest_id + 1) /* history was cut between: streams see it as a gap */
        clear(feed, stored->event_id - 1);
    while (feed->first_id <= feed->newest_id && (feed->newest_id + 1 - feed->first_id >= FEED_EVENTS_MAX ||
                                                 feed->bytes + event->length > FEED_BYTES_MAX))
        drop_oldest(feed);
    feed->ring[event->event_id % FEED_EVENTS_MAX] = event;
    feed->newest_id = event->event_id;
    feed->bytes += event->length;
    return true;
}

void feed_durable(struct feed *feed, uint64_t newest_id)
{
    if (newest_id > feed->durable_id)
        feed->durable_id = newest_id;
    if (feed->streams == NULL) { /* nobody reads: nor does the feed */
        if (feed->durable_id > feed->newest_id)
            clear(feed, feed->durable_id);
        return;
    }
    if (feed->newest_id >= feed->durable_id)
        return;
    enum history_status status = feed->history.events(feed->history.context, feed->newest_id, append, feed);
    if (status != HISTORY_OK || feed->newest_id < feed->durable_id)
        timers_set(feed->timers, &feed->retry, clock_monotonic_ms() + FEED_RETRY_MS);
    streams_wake(feed);
}
