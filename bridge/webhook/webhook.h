/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: a thread that posts events to their receivers, in order, until each has taken them. */
#ifndef WEBHOOK_WEBHOOK_H
#define WEBHOOK_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/command.h"
#include "core/history.h"
#include "core/snapshot.h"
#include "core/webhook.h"

/* The sender's commands have IDs from here on; below are HTTP's, the last one is main's own. */
#define WEBHOOK_COMMAND_ID_FIRST (UINT64_C(1) << 63)

enum webhook_news_kind {
    WEBHOOK_NEWS_FAILING,   /* the first failure after a success */
    WEBHOOK_NEWS_RECOVERED, /* the first success after failures */
    WEBHOOK_NEWS_GIVEN_UP,  /* an event became a dead letter */
    WEBHOOK_NEWS_GAP,       /* events were removed before they were delivered */
    WEBHOOK_NEWS_GONE,      /* the receiver said 410 */
    WEBHOOK_NEWS_DAMAGED,   /* its document can't be read */
};
struct webhook_news {
    enum webhook_news_kind kind;
    struct text webhook_id;
    uint64_t event_id; /* 0: none */
    uint32_t status;   /* HTTP; 0: none */
    const char *detail;
};

/* All but `log` and `tested` may be called while the core's thread holds no lock of its own. */
struct webhook_backend {
    void *context;
    /* Copies the command. False: the queue is full or the bridge is stopping. */
    bool (*submit)(void *context, uint64_t command_id, const struct command *command);
    struct snapshot *(*snapshot)(void *context); /* retained for the caller; never NULL */
    /* What became of a test; `json` is {"delivered","status","took_ms","detail"}. */
    void (*tested)(void *context, uint64_t test_id, struct text json);
    void (*log)(void *context, const struct webhook_news *news);
    struct history history; /* the thread's own reader */
};

struct webhook_options {
    const char *instance; /* part of webhook-id */
    const char *ca;       /* PEM file; NULL: the system's authorities */
    const char *proxy;    /* NULL: none */
    bool insecure;        /* http:// beyond loopback */
};

struct webhook_totals {
    uint64_t delivered, failed, given_up; /* attempts 2xx, other attempts, dead letters; since start */
    uint64_t lag_max;                     /* of the enabled webhook that is furthest behind */
    uint32_t webhooks, failing;
};

struct webhooks;

/* Starts the thread; copies all. NULL: no thread or memory. */
struct webhooks *webhooks_new(const struct webhook_options *options, const struct webhook_backend *backend);
/* From now on tests are taken: whoever hears of them is there. */
void webhooks_open(struct webhooks *webhooks);
/* Ends the thread: what is on its way is broken off, last positions are submitted. */
void webhooks_stop(struct webhooks *webhooks);
/* Stops first when that was not done. NULL is ignored. */
void webhooks_free(struct webhooks *webhooks);

/* All of these are thread-safe. */

/* For deliveries that begin from now on. False: no memory, nothing changed. */
bool webhooks_reload(struct webhooks *webhooks, const struct webhook_options *options);
void webhooks_events_durable(struct webhooks *webhooks, uint64_t newest_event_id);
/* A webhook, or what is to be delivered again, was written, and the snapshot shows it. */
void webhooks_changed(struct webhooks *webhooks);
/* The answer to a command of the sender. */
void webhooks_reply(struct webhooks *webhooks, const struct reply *reply);
/* False: the sender does not know it (yet). */
bool webhooks_status(struct webhooks *webhooks, struct text webhook_id, struct webhook_status *out_status);
/* Sends one delivery of no event beside the others and calls `tested`. False: too many at once, or stopping.
 */
bool webhooks_test(struct webhooks *webhooks, uint64_t test_id, struct text webhook_id);
bool webhooks_insecure(struct webhooks *webhooks);
struct webhook_totals webhooks_totals(struct webhooks *webhooks);

#endif
