/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "ck/json_writer.h"
#include "http/history_list.h"
#include "http/stream.h"
#include "http/uri.h"

/* What one page may cost, about 5 ms; the page ends there, with a cursor. */
enum {
    EVENTS_COST_MAX = 4096, /* events looked at */
    EVENT_PARSED_COST = 8,  /* one whose subject is asked for is as dear as so many */
};

/* The header is a list of media ranges; this one is looked for, whatever its parameters. */
static bool accepts_stream(struct text accept)
{
    struct text range;
    while (uri_next(&accept, ',', &range)) {
        while (range.length > 0 && range.bytes[0] == ' ') {
            range.bytes++;
            range.length--;
        }
        if (text_starts_with(range, TEXT("text/event-stream")))
            return true;
    }
    return false;
}

/* Last-Event-ID wins: it is what a client that reconnects by itself adds to its old URL. */
static bool read_after(struct request *request, struct text header, uint64_t *out_after, bool *out_given)
{
    struct text parameter = request_parameter(request, "after");
    bool from_header = text_is_present(header) && header.length > 0;
    struct text value = from_header ? header : parameter;
    *out_given = text_is_present(value);
    if (!*out_given || text_to_u64(value, INT64_MAX, out_after))
        return true;
    request_refuse(request, from_header ? PROBLEM_BAD_HEADER : PROBLEM_BAD_PARAMETER,
                   from_header ? "Last-Event-ID" : "after", "an event ID is a decimal number, not \"%.*s\"",
                   TEXT_ARGUMENTS(value));
    return false;
}

/* False: answered. The state is whole, or not what it says it is: so it can't be of one subject. */
static bool read_snapshot(struct request *request, bool streams, bool *out_snapshot)
{
    if (!request_boolean_parameter(request, "snapshot", out_snapshot))
        return false;
    if (!*out_snapshot)
        return true;
    if (!streams) {
        request_refuse(
            request, PROBLEM_BAD_PARAMETER, "snapshot",
            "only a stream begins with a snapshot: accept text/event-stream, or leave it out and GET "
            "the resources");
        return false;
    }
    if (text_is_present(request_parameter(request, "subject"))) {
        request_refuse(
            request, PROBLEM_BAD_PARAMETER, "subject",
            "a snapshot is not of one subject; choose resources by the types of their events, or leave "
            "one of the two out");
        return false;
    }
    return true;
}

/* A page may end before an event; a stream has no end. False: answered. */
static bool read_before(struct request *request, uint64_t *out_before)
{
    struct text value = request_parameter(request, "before");
    *out_before = UINT64_MAX;
    if (!text_is_present(value) || text_to_u64(value, INT64_MAX, out_before))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, "before", "an event ID is a decimal number, not \"%.*s\"",
                   TEXT_ARGUMENTS(value));
    return false;
}

/* What only a page has; NULL: none of it was given. */
static const char *page_parameter(const struct request *request)
{
    static const char *const names[] = { "limit", "cursor", "before" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is_present(request_parameter(request, names[i])))
            return names[i];
    return NULL;
}

static enum handled open_stream(struct request *request)
{
    struct feed *feed = request->feed;
    const struct history *history = &request->backend->history;
    struct event_filter filter;
    uint64_t after = 0, oldest = 0, newest = 0;
    bool resumes, snapshot;
    const char *of_pages = page_parameter(request);
    if (of_pages != NULL)
        return request_refuse(request, PROBLEM_BAD_PARAMETER, of_pages,
                              "an event stream has no pages; leave it out, or accept application/json");
    if (!read_after(request, request->headers.last_event_id, &after, &resumes) ||
        !event_filter_read(request, &filter) || !read_snapshot(request, true, &snapshot))
        return HANDLED_ANSWERED;
    if (feed->stopping)
        return request_refuse(request, PROBLEM_STOPPING, NULL, "the bridge is stopping; come back later");
    if (feed->stream_count >= feed->streams_max)
        return request_refuse(request, PROBLEM_TOO_MANY_STREAMS, NULL,
                              "%u event streams are open, as many as may be; close one, or try again later",
                              feed->stream_count);
    if (streams_of(feed, request->actor) >= feed->streams_per_actor_max)
        return request_refuse(
            request, PROBLEM_TOO_MANY_OWN_STREAMS, NULL,
            "%.*s has %u event streams open, as many as one may have; close one, or share one",
            TEXT_ARGUMENTS(request->actor), feed->streams_per_actor_max);
    if (history->event_bounds(history->context, &oldest, &newest) == HISTORY_UNAVAILABLE)
        return history_list_refuse(request, HISTORY_UNAVAILABLE);
    struct stream_options options = { .filter = &filter,
                                      .actor = request->actor,
                                      .snapshot_of = snapshot ? request->backend : NULL,
                                      .after_id = resumes ? &after : NULL,
                                      .oldest_id = oldest,
                                      .newest_id = newest };
    request->stream = stream_new(feed, &options);
    if (request->stream == NULL)
        return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return HANDLED_STREAM;
}

struct events_page {
    struct history_page page;
    struct event_filter filter;
    uint64_t before_id;  /* the page ends before it */
    uint64_t scanned_id; /* the newest looked at */
    size_t cost;
};

static void put_event(struct bytes_writer *writer, const void *value)
{
    json_raw(writer, ((const struct stored_event *)value)->json);
}

static bool wants(const struct event_filter *filter, const struct stored_event *stored)
{
    if (!filter->types[stored->type])
        return false;
    if (!text_is_present(filter->subject))
        return true;
    struct feed_event *event = feed_event_new(stored);
    bool wanted = event != NULL && event_filter_wants(filter, event);
    feed_event_release(event);
    return wanted;
}

static bool visit(void *context, const struct stored_event *stored)
{
    struct events_page *events = context;
    if (stored->event_id >= events->before_id)
        return false;
    if (events->cost >= EVENTS_COST_MAX) {
        events->page.more = true;
        return false;
    }
    bool parsed = events->filter.types[stored->type] && text_is_present(events->filter.subject);
    events->cost += parsed ? EVENT_PARSED_COST : 1;
    if (wants(&events->filter, stored) &&
        !history_list_add(&events->page, stored->event_id, put_event, stored))
        return false;
    events->scanned_id = stored->event_id;
    return true;
}

/* A page of JSON, oldest first; `after` is where to begin, the cursor where to go on, `before` where to end.
 */
static enum handled answer_page(struct request *request)
{
    const struct history *history = &request->backend->history;
    struct events_page events = { .cost = 0 };
    uint64_t after = 0, cursor = 0;
    bool given, snapshot;
    if (!page_read_number(request, &events.page.page, &cursor) || !read_snapshot(request, false, &snapshot) ||
        !read_after(request, TEXT_ABSENT, &after, &given) || !read_before(request, &events.before_id) ||
        !event_filter_read(request, &events.filter))
        return HANDLED_ANSWERED;
    if (cursor > after)
        after = cursor;
    enum history_status status = history->events(history->context, after, visit, &events);
    events.page.last_id = events.scanned_id;
    return history_list_answer(request, &events.page, status, 0);
}

enum handled handle_events(struct request *request)
{
    if (accepts_stream(request->headers.accept) && !request->head)
        return open_stream(request);
    return answer_page(request);
}
