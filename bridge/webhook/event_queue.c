/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/event_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void event_queue_init(struct event_queue *queue)
{
    *queue = (struct event_queue){ .end = &queue->first };
}

void event_queue_reset(struct event_queue *queue, uint64_t read_id)
{
    struct queued_event *event;
    while ((event = event_queue_take(queue)) != NULL)
        free(event);
    queue->read_id = read_id;
}

struct queued_event *event_queue_take(struct event_queue *queue)
{
    struct queued_event *event = queue->first;
    if (event == NULL)
        return NULL;
    queue->first = event->next;
    if (queue->first == NULL)
        queue->end = &queue->first;
    queue->count--;
    queue->bytes -= event->length;
    return event;
}

static struct queued_event *copy_event(const struct stored_event *stored)
{
    struct queued_event *event = malloc(sizeof *event + stored->json.length);
    if (event == NULL)
        return NULL;
    event->next = NULL;
    event->event_id = stored->event_id;
    event->length = stored->json.length;
    memcpy(event->json, stored->json.bytes, stored->json.length);
    return event;
}

struct reading {
    struct event_queue *queue;
    const struct notice_filter *filter;
    size_t scanned;
    enum event_queue_status status;
    uint64_t gap_end_id;
};

/* Parsing for the filter destroys what is parsed, so it gets a copy of its own. */
static bool wants(const struct notice_filter *filter, const struct stored_event *stored, bool *out_no_memory)
{
    unsigned char *scratch = NULL;
    if (filter->subject_count > 0 && filter->types[stored->type]) {
        scratch = malloc(stored->json.length);
        *out_no_memory = scratch == NULL;
        if (scratch == NULL)
            return false;
    }
    const bool wanted = notice_filter_wants(filter, stored->type, stored->json, scratch);
    free(scratch);
    return wanted;
}

static bool stop(struct reading *reading, enum event_queue_status status)
{
    reading->status = status;
    return false;
}

static bool visit(void *context, const struct stored_event *stored)
{
    struct reading *reading = context;
    struct event_queue *queue = reading->queue;
    bool no_memory = false;
    if (stored->event_id > queue->read_id + 1 &&
        queue->read_id > 0) { /* after 0: from the oldest that is kept */
        reading->gap_end_id = stored->event_id - 1;
        return stop(reading, queue->count == 0 ? EVENT_QUEUE_GAP : EVENT_QUEUE_MORE);
    }
    if (queue->count == EVENT_QUEUE_EVENTS_MAX || reading->scanned == EVENT_QUEUE_SCAN_MAX ||
        (queue->count > 0 && queue->bytes + stored->json.length > EVENT_QUEUE_BYTES_MAX))
        return stop(reading, EVENT_QUEUE_MORE);
    if (wants(reading->filter, stored, &no_memory)) {
        struct queued_event *event = copy_event(stored);
        if (event == NULL)
            return stop(reading, EVENT_QUEUE_UNAVAILABLE);
        *queue->end = event;
        queue->end = &event->next;
        queue->count++;
        queue->bytes += event->length;
    } else if (no_memory) {
        return stop(reading, EVENT_QUEUE_UNAVAILABLE);
    }
    reading->scanned++;
    queue->read_id = stored->event_id;
    return true;
}

enum event_queue_status event_queue_read(struct event_queue *queue, const struct history *history,
                                         const struct notice_filter *filter, uint64_t *out_gap_end_id)
{
    struct reading reading = { .queue = queue, .filter = filter, .status = EVENT_QUEUE_END };
    assert(queue->count == 0);
    if (history->events(history->context, queue->read_id, visit, &reading) != HISTORY_OK)
        return EVENT_QUEUE_UNAVAILABLE;
    if (reading.status == EVENT_QUEUE_GAP)
        *out_gap_end_id = reading.gap_end_id;
    return reading.status;
}

static bool visit_one(void *context, const struct stored_event *stored)
{
    struct queued_event **event = context;
    *event = copy_event(stored);
    return false;
}

struct queued_event *event_queue_read_one(const struct history *history, uint64_t event_id,
                                          enum history_status *out_status)
{
    struct queued_event *event = NULL;
    *out_status = history->events(history->context, event_id - 1, visit_one, &event);
    if (event == NULL || event->event_id == event_id)
        return event;
    free(event);
    return NULL;
}
