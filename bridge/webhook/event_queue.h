/* SPDX-License-Identifier: Apache-2.0 */
/* The next few events that one webhook wants, read ahead from history. */
#ifndef WEBHOOK_EVENT_QUEUE_H
#define WEBHOOK_EVENT_QUEUE_H

#include "core/history.h"
#include "core/notice_filter.h"

enum {
    EVENT_QUEUE_EVENTS_MAX = 64,
    EVENT_QUEUE_BYTES_MAX = 256 * 1024, /* an event that is larger alone is read alone */
    EVENT_QUEUE_SCAN_MAX = 2000,        /* events looked at before other webhooks have their turn */
};

struct queued_event {
    struct queued_event *next;
    uint64_t event_id;
    size_t length;
    char json[];
};

struct event_queue {
    struct queued_event *first, **end;
    size_t count, bytes;
    uint64_t read_id; /* the newest event looked at */
};

void event_queue_init(struct event_queue *queue);
/* Forgets what is queued, and reads on after `read_id`. */
void event_queue_reset(struct event_queue *queue, uint64_t read_id);
/* The oldest, which the caller now owns (free); NULL: none. */
struct queued_event *event_queue_take(struct event_queue *queue);

enum event_queue_status {
    EVENT_QUEUE_END,  /* nothing further is there now */
    EVENT_QUEUE_MORE, /* there may be more: a limit was reached */
    EVENT_QUEUE_GAP,  /* the next events were removed, up to *out_gap_end_id */
    EVENT_QUEUE_UNAVAILABLE,
};
/* Of an empty queue. */
enum event_queue_status event_queue_read(struct event_queue *queue, const struct history *history,
                                         const struct notice_filter *filter, uint64_t *out_gap_end_id);
/* One event, of any type. NULL: it is not there any more; *out_status says whether history could be read. */
struct queued_event *event_queue_read_one(const struct history *history, uint64_t event_id,
                                          enum history_status *out_status);

#endif
