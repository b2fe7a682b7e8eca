/* SPDX-License-Identifier: Apache-2.0 */
/* One webhook in the sender: its events in order, one on its way at a time, and how far it has come. */
#ifndef WEBHOOK_ENDPOINT_H
#define WEBHOOK_ENDPOINT_H

#include "core/trail.h"
#include "core/webhook_secret.h"
#include "webhook/event_queue.h"
#include "webhook/transfer.h"
#include "webhook/webhook.h"

enum {
    ENDPOINT_SAVE_DELIVERIES = 100,  /* the position is recorded after so many deliveries, */
    ENDPOINT_SAVE_MS = 1000,         /* so long after one, */
    ENDPOINT_SAVE_PASSED_MS = 30000, /* or so long after events that were not wanted went by */
    ENDPOINT_CHECK_MS = 2000,        /* the snapshot must show a record after so long */
    ENDPOINT_AGAIN_MS = 1000,        /* what could not be recorded or read is tried again so much later */
    ENDPOINT_DETAIL_BYTES = 320,
};

/* What the sender has for all of its webhooks. */
struct sender_tools {
    const struct webhook_backend *backend;
    struct transfers *transfers;
    const struct webhook_options *options;
    struct webhook_totals totals;
    uint64_t next_command_id;
    uint64_t newest_id; /* the newest durable event */
};

/* A change of the dead letters that must be recorded before the webhook goes on. */
enum letter_step { LETTER_NONE, LETTER_PUT, LETTER_DELETE };

struct endpoint {
    struct sender_tools *tools;
    char id[LIMIT_WEBHOOK_ID_BYTES + 1];

    /* as configured */
    struct arena arena; /* of the definition's texts */
    struct webhook_definition definition;
    uint64_t revision; /* of its document */
    char *url;         /* in the arena */
    struct notice_filter filter;
    struct webhook_key key, old_key;

    /* how far it is */
    struct webhook_progress progress;
    uint64_t save_at_ms; /* it is to be recorded then, monotonic; UINT64_MAX: it was */
    uint32_t unsaved;    /* deliveries that no record covers */
    struct webhook_progress saved;
    uint64_t check_at_ms; /* whether that was recorded, monotonic; UINT64_MAX: it is */

    /* what is delivered now */
    struct event_queue queue;
    struct queued_event *current; /* NULL: none chosen yet */
    bool current_is_letter;
    struct transfer *transfer;
    uint32_t refusals;
    uint64_t retry_at_ms; /* monotonic; nothing is done before */
    bool scanning;        /* there is more to look at right now */

    /* a dead letter on its way into the record, and where the webhook stands afterwards */
    enum letter_step letter_step;
    struct dead_letter letter;
    char letter_detail[ENDPOINT_DETAIL_BYTES];
    uint64_t letter_command_id;
    uint64_t letter_position; /* 0: it stays */

    /* dead letters that are delivered again */
    bool replays_letters;
    bool replays_all;
    uint64_t replay_ids[LIMIT_WEBHOOK_LETTERS]; /* ascending */
    size_t replay_count;
    uint64_t replay_cursor; /* letters up to this event are done with */

    struct webhook_status status;
    bool status_changed; /* since it was published */
};

/* endpoint.c */

/* What the documents of one webhook say; all borrowed. */
struct endpoint_documents {
    struct text webhook_id;
    const struct document_view *webhook;
    const struct document_view *position, *replay; /* NULL: there is none */
};

/* NULL: no memory, or a damaged document (told through the log). */
struct endpoint *endpoint_new(struct sender_tools *tools, const struct endpoint_documents *documents);
/* Breaks off what is on its way. */
void endpoint_free(struct endpoint *endpoint);
/* False: the documents are about another webhook of that name; this one is to be freed. */
bool endpoint_configure(struct endpoint *endpoint, const struct endpoint_documents *documents);
/* Does all that can be done now. */
void endpoint_run(struct endpoint *endpoint, uint64_t now_ms);
/* When there is something to do by itself; UINT64_MAX: never. */
uint64_t endpoint_deadline_ms(const struct endpoint *endpoint);
void endpoint_reply(struct endpoint *endpoint, const struct reply *reply);
/* Records the last position, if it can. */
void endpoint_stop(struct endpoint *endpoint);
/* A log line about it. */
void endpoint_tell(const struct endpoint *endpoint, enum webhook_news_kind kind, uint64_t event_id,
                   const char *detail);

/* delivery.c */

/* Sends `endpoint->current`; false: no memory. */
bool delivery_start(struct endpoint *endpoint);
/* The headers and the signatures of one delivery, and off it goes; for tests too. */
struct delivery {
    const struct endpoint *endpoint;
    struct text message_id;
    struct text body;
    uint32_t timeout_ms;
    void (*done)(void *context, const struct transfer_result *result);
    void *context;
};
struct transfer *delivery_send(const struct delivery *delivery);
/* "<instance>_<number>": no '.' in it, which parts the signed text. */
struct text delivery_message_id(const struct endpoint *endpoint, const char *kind, uint64_t number,
                                char *buffer, size_t buffer_bytes);

/* record.c */

/* The position has moved; `delivered`: past an event that was sent. */
void record_moved(struct endpoint *endpoint, bool delivered, uint64_t now_ms);
void record_soon(struct endpoint *endpoint);
void record_save(struct endpoint *endpoint, uint64_t now_ms);
/* Saves again what the snapshot should show by now and does not. NULL: it shows none. */
void record_check(struct endpoint *endpoint, const struct document_view *position, uint64_t now_ms);
/* A dead letter of the current event, or of a gap up to `position`; the endpoint waits for it. */
void record_letter(struct endpoint *endpoint, const struct dead_letter *letter, uint64_t position);
void record_letter_done(struct endpoint *endpoint, uint64_t event_id);
/* Submits the letter that waits; true: the endpoint must wait. */
bool record_is_pending(struct endpoint *endpoint, uint64_t now_ms);
void record_reply(struct endpoint *endpoint, const struct reply *reply, uint64_t now_ms);

/* letters.c */

/* Takes up a replay that was asked for; false: it is none, or taken up already. */
bool letters_take_up(struct endpoint *endpoint, const struct document_view *replay);
/* Chooses the next letter to be delivered again as the current event; false: none, or not now. */
bool letters_choose(struct endpoint *endpoint, uint64_t now_ms);

#endif
