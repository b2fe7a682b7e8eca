/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request on its way: what was asked, by whom, and the answer in the making. Knows no HTTP library.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "http/access.h"
#include "http/http.h"
#include "http/problem.h"
#include "http/render.h"
#include "http/router.h"
#include "http/timers.h"

struct commands;
struct feed;
struct idempotency;
struct idempotency_entry;
struct network_cache;
struct stream;
struct tally;
struct web;
struct web_file;

enum {
    REQUEST_BODY_BYTES_MAX = 1024 * 1024, /* one more byte: 413 */
    REQUEST_OPEN_BODY_BYTES_MAX = 8192,   /* likewise, of who has not shown yet who he is */
};

/* Absent texts: the header is not there. */
struct request_headers {
    struct shown shown; /* authorization, and the session's cookie */
    struct text host;   /* this and the next three: of requests that change something */
    struct text origin;
    struct text fetch_site;
    struct text csrf_token;
    struct text accept;
    struct text content_type;
    struct text if_match;
    struct text if_none_match;
    struct text idempotency_key;
    struct text last_event_id;
};

struct answer {
    unsigned status;
    const char *content_type;
    char *body; /* on the heap; NULL: none */
    size_t body_bytes;
    const struct web_file *file; /* the body, of status 200, and more headers; NULL: none */
    char etag[48];               /* "" : none */
    char allow[48];              /* likewise */
    char *location;              /* in the request's arena; NULL: none */
    char *set_cookie;            /* likewise */
    const char *authenticate;    /* NULL: none */
    unsigned retry_after_s;      /* 0: none */
    bool replayed;               /* an earlier request's, whose repeat this is */
};

struct request {
    /* what it needs of the server */
    const struct http_backend *backend;
    struct access *access;
    struct caller *caller; /* its connection */
    struct commands *commands;
    struct feed *feed;
    struct network_cache *network_cache;
    struct idempotency *idempotency; /* NULL: keys mean nothing */
    bool require_if_match;           /* what exists is changed only under If-Match */
    const struct tally *tally;       /* what was counted before this request */
    const struct http_metrics_options *metrics;
    const struct web *web;                 /* what is served outside the API */
    void (*wake)(struct request *request); /* a pending request has its answer now */

    /* what was asked */
    struct arena arena;
    enum method method;
    bool head;
    struct text path, query; /* raw */
    struct request_headers headers;
    const struct route *route;
    struct text id;                               /* the path's {parameter}, decoded, an identifier */
    struct text parameters[ROUTE_PARAMETERS_MAX]; /* beside route->parameters; decoded; absent: not given */
    unsigned char *body;                          /* on the heap */
    size_t body_bytes, body_capacity;
    size_t body_bytes_max;
    bool body_too_large;
    json_t *json; /* the body, once parsed */

    /* by whom */
    enum http_role role;
    struct text actor; /* "token:ops" */
    enum credential credential;
    uint64_t credential_expires_ms; /* 0: never */
    uint64_t access_generation;     /* of the access that it was judged by */

    struct text source; /* "192.0.2.1:50112"; absent: not known */

    /* a command whose reply is waited for */
    struct timer timer;
    uint64_t command_id; /* 0: none */
    void (*after)(struct request *request, const struct reply *reply);
    void *context; /* what `after` needs besides; in the arena */

    bool is_command;                             /* the core has it, and tells the audit trail */
    struct idempotency_entry *idempotency_entry; /* whose first request this is; NULL: none */
    const struct reply *repeated; /* the command was done before, and is answered anew; NULL: it was not */

    /* the answer */
    struct snapshot *snapshot; /* retained; NULL until asked for */
    bool answered;
    struct answer answer;
    const char *problem; /* the name of the one that is answered, and its detail; NULL: none */
    struct text problem_detail;
    struct stream *stream;
};

void request_init(struct request *request);
void request_fini(struct request *request);

/* More of the body, within REQUEST_BODY_BYTES_MAX. False: out of memory, and nothing was added. */
bool request_append_body(struct request *request, const void *bytes, size_t count);

/* The view that this request answers from; the same until request_refresh. */
const struct snapshot *request_snapshot(struct request *request);
/* Takes a newer view, to read the request's own write. */
void request_refresh(struct request *request);

/* The value of a query parameter that the route declares; absent when it was not given. */
struct text request_parameter(const struct request *request, const char *name);
/* true, false or absent (false); anything else is answered with a problem and false returned. */
bool request_boolean_parameter(struct request *request, const char *name, bool *out_value);

/* Answers. All return HANDLED_ANSWERED. */
enum handled request_answer_render(struct request *request, unsigned status, struct render *take_render);
enum handled request_answer_value(struct request *request, unsigned status, render_function function,
                                  const void *value);
enum handled request_answer_empty(struct request *request, unsigned status);
enum handled request_problem(struct request *request, const struct problem *problem);
/* `where` is a parameter's name, or a JSON pointer when it begins with '/' or is "" (the whole body); NULL:
 * none. */
__attribute__((format(printf, 4, 5))) enum handled
request_refuse(struct request *request, enum problem_kind kind, const char *where, const char *format, ...);
/* Quotes are put around the tag. */
void request_set_etag(struct request *request, struct text tag);

#endif
