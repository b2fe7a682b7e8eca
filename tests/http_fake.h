/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge in miniature around the real HTTP thread: a core's thread that answers commands, snapshots made by
   hand, and a history of a few rows. */
#ifndef TESTS_HTTP_FAKE_H
#define TESTS_HTTP_FAKE_H

#include <pthread.h>
#include <stdbool.h>

#include "http/http.h"
#include "http_client.h"

enum {
    FAKE_EVENTS_MAX = 8192,
    FAKE_SNAPSHOTS_MAX = 256,
    FAKE_QUEUE_MAX = 64,
    FAKE_RELAYS = 5,
    FAKE_KEYS = 8
};

struct fake {
    struct http *http;
    char address[64];
    pthread_t core;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;

    /* the core's queue and what it does */
    struct command_request *queue[FAKE_QUEUE_MAX];
    size_t queue_count;
    bool refuse_all; /* submit says the queue is full */
    bool silent;     /* commands are taken and never answered */
    enum reply_status status;
    enum reason reason;
    const char *detail;
    size_t commands; /* taken so far */

    /* the newest command as the core saw it; its memory lives until the next one or the end */
    struct command_request *last;

    struct arena arena; /* of all that snapshots point at */
    struct snapshot *snapshots[FAKE_SNAPSHOTS_MAX];
    size_t snapshot_count;
    uint64_t revision;

    /* the audit trail's commands, beside the others */
    size_t audits;
    char audit[2048]; /* the newest: "actor action target outcome: detail" */

    /* what is done under idempotency keys; `answer` absent: only that it was done */
    struct idempotency_record keys[FAKE_KEYS];
    size_t key_count;
    size_t answers_kept;
    bool keeps_no_answers; /* takes COMMAND_KEEP_ANSWER and never replies */

    /* history */
    bool history_unavailable;
    uint64_t oldest_event, newest_event;
    uint64_t scan_end; /* lists end above this ID, and say where to go on */
    int signs[3];      /* by enum orchestrator_sign */
    bool ready, store_available;
};

/* Relays and lookups 1 to FAKE_RELAYS, and events. */
struct history fake_history(struct fake *fake);

struct fake *fake_start(const struct http_options *changes);
void fake_stop(struct fake *fake);

/* Tokens "viewer-token", "orchestrator-token", "admin-token", and "expired-token". */
extern const char *const fake_tokens[4]; /* by enum http_role; [0] is NULL */
const struct http_token *fake_token_list(size_t *out_count);

/* Adds events up to `newest_id` and says so to the HTTP thread. Event n is of km "km-<n modulo 3>". */
void fake_add_events(struct fake *fake, uint64_t newest_id);
/* The core's view from now on: it stands at this event, and has so many KMs, "km-00000" and on; 0: as before.
 */
void fake_publish(struct fake *fake, uint64_t event_id, size_t km_count);
void fake_cut_events(struct fake *fake, uint64_t oldest_id);
/* Waits until the sign was given so many times. */
void fake_await_sign(struct fake *fake, enum orchestrator_sign sign, int count);
size_t fake_commands(struct fake *fake);
/* Waits until so many audit commands came. */
void fake_await_audits(struct fake *fake, size_t count);

/* "METHOD /path", role's token, body or NULL. */
struct http_answer fake_ask(struct fake *fake, enum http_role role, const char *method_and_path,
                            const char *body);
struct http_answer fake_ask_with(struct fake *fake, enum http_role role, const char *method_and_path,
                                 const char *more_headers, const char *body);
/* Asks, and checks status and, where not NULL, a part of the body. */
void fake_expect(struct fake *fake, enum http_role role, const char *method_and_path, const char *body,
                 int status, const char *part);

#endif
