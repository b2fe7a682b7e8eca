/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the bridge over libcurl. What it refuses is told on standard error. */
#ifndef CKCTL_API_H
#define CKCTL_API_H

#include <stdbool.h>

#include "ckctl/buffer.h"
#include "ckctl/options.h"
#include "ckctl/outcome.h"

struct api;

struct api_request {
    const char *method;
    const char *target;          /* below /api/v1, with its query; NULL ends in the URL's own path */
    const char *body;            /* JSON; NULL: none */
    const char *if_match;        /* the header's value; NULL: none */
    const char *if_none_match;   /* likewise */
    const char *idempotency_key; /* likewise */
    const char *last_event_id;   /* likewise */
    /* Where given, an event stream is asked for and its bytes go there; false ends it. */
    bool (*sink)(void *context, const char *bytes, size_t length);
    void *context;
    bool quiet;          /* says nothing when the bridge cannot be reached or has no time */
    bool may_be_missing; /* says nothing when there is no such object */
    bool may_be_refused; /* says nothing when the role does not allow it */
    bool may_be_unknown; /* what the body names: says nothing, and is OUTCOME_NOT_FOUND */
};

struct api_answer {
    long status; /* 0: there was none */
    struct buffer body;
};

/* NULL: says why on standard error, *out_outcome is the exit code. */
struct api *api_new(const struct options *options, enum outcome *out_outcome);
void api_free(struct api *api);
/* From here on SIGINT and SIGTERM end what is under way instead of the program. */
void api_take_interrupts(struct api *api);
bool api_is_interrupted(const struct api *api);
/* False: interrupted meanwhile. */
bool api_wait(struct api *api, int ms);
/* The answer is to be released with api_answer_fini(), whatever the outcome. Interrupted: OUTCOME_OK, status
 * 0. */
enum outcome api_call(struct api *api, const struct api_request *request, struct api_answer *out_answer);
void api_answer_fini(struct api_answer *answer);

/* Printable ASCII: it cannot end a header early. */
bool api_is_header_value(const char *words);
/* Appends bytes percent-encoded, fit for one segment of a path or a value of a query. */
void api_put_encoded(struct buffer *target, const char *words);

#endif
