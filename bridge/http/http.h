/* SPDX-License-Identifier: Apache-2.0 */
/* The northbound HTTP API in a thread of its own; everything below it arrives through struct http_backend. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/distribution.h"
#include "core/command.h"
#include "core/event.h"
#include "core/history.h"
#include "core/snapshot.h"
#include "core/webhook.h"

/* A command with the memory it lives in; freed with command_request_free wherever it ends up. */
struct command_request {
    uint64_t command_id; /* the HTTP thread's own number; comes back in the reply */
    struct command command;
    struct arena arena;
};
struct command_request *command_request_new(void);
void command_request_free(struct command_request *request);

/* Live facts that no snapshot carries; the HTTP thread asks for them when /status, /readyz or /metrics is
 * read. */
struct http_status {
    const char *version;
    const char *instance;
    uint64_t started_ms; /* Unix time */
    bool ready;          /* restored, listening, store available, not stopping */
    bool stopping;
    bool store_available;
    char store_detail[256]; /* "" when available */
    uint64_t store_commits, store_commit_us_last, store_commit_failures;
    uint64_t store_bytes;          /* on its disk; 0: unknown */
    struct distribution commit_us; /* these two by distribution_microseconds */
    struct distribution turn_us;   /* of the core's loop: turns that had work to do */
    uint32_t turns_in_flight, commands_queued;
    uint32_t sessions, sessions_max, handshakes;
    struct http_network_status {
        uint64_t accepted, over_limit; /* connections; the latter were closed at accept */
        uint64_t handshakes_succeeded, handshakes_failed, handshakes_resumed;
        uint64_t bytes_received, bytes_sent;
    } network;
    struct http_listener_status {
        char name[64], address[96];
        const char *kind; /* "ck", "http" */
        bool secure;
        uint64_t certificate_expires_ms; /* Unix time; 0: it has none */
    } listeners[16];
    size_t listener_count;
    struct http_snmp_status {
        const char *mode; /* "agentx", "standalone", "off", "failed": it could not be started */
        bool connected;   /* registered with the master agent, or listening */
        char detail[256]; /* what is wrong; "": nothing */
        uint64_t requests, notifications_sent, notifications_waiting, notifications_suppressed,
            notifications_lost, packets_refused;
        char engine_id[40]; /* of a standalone agent; else "" */
    } snmp;
};

/* What the sender of webhooks is asked; each may be NULL: there is none. All thread-safe. */
struct http_webhooks {
    /* False: it does not know this webhook (yet). */
    bool (*status)(void *context, struct text webhook_id, struct webhook_status *out_status);
    /* The result comes through http_reply, with this ID, as REPLY_OK and its JSON as the detail. False: not
     * now. */
    bool (*test)(void *context, uint64_t command_id, struct text webhook_id);
    void (*changed)(void *context);  /* the snapshot shows something new about webhooks */
    bool (*insecure)(void *context); /* whether http:// may leave this machine */
};

struct http_backend {
    void *context;
    /* Thread-safe. Takes the request unless it returns false: the queue is full or the bridge is stopping
     * (503). */
    bool (*submit)(void *context, struct command_request *take_request);
    void (*orchestrator)(void *context, enum orchestrator_sign sign);
    /* Retained for the caller; never NULL once the server runs. */
    struct snapshot *(*snapshot)(void *context);
    void (*status)(void *context, struct http_status *out_status);
    struct http_webhooks webhooks;
    struct history history; /* the HTTP thread's own reader */
};

enum http_role { HTTP_ROLE_NONE, HTTP_ROLE_VIEWER, HTTP_ROLE_ORCHESTRATOR, HTTP_ROLE_ADMIN };

struct http_token {
    const char *name;
    enum http_role role;
    unsigned char sha256[32];
    uint64_t expires_ms; /* Unix time; 0: never */
};

struct http_client {
    const char *name;
    enum http_role role;
    const char *identity; /* "dns:...", "uri:...", "cn:..." */
};

struct http_options {
    const char *listen;                        /* "127.0.0.1:8480"; port 0: any */
    const char *certificate, *key, *client_ca; /* PEM files; NULL certificate: plain HTTP */
    const struct http_token *tokens;
    size_t token_count;
    const struct http_client *clients;
    size_t client_count;
    uint32_t auth_failures_per_minute; /* of one source address; 0: 10 */
    uint32_t session_hours;            /* a browser's session ends then at the latest; 0: 12 */
    uint32_t session_idle_minutes;     /* and when it was not used for so long; 0: 30 */
    struct http_metrics_options {
        bool open;   /* anybody may read /metrics */
        bool per_km; /* it has series of every KM */
    } metrics;
    uint32_t connections_max;
    uint32_t connections_per_address_max; /* 0: all but an eighth */
    uint32_t streams_per_actor_max;       /* 0: three quarters of the streams that there may be */
    uint32_t heartbeat_ms;                /* SSE comment; at most 15000, which is also the default (0) */
    uint32_t receive_ms;    /* for a request's head, and again for its body, to arrive; 0: 30000 */
    bool require_if_match;  /* 428 for a write of what exists without If-Match */
    const char *web_folder; /* of the dashboard's files; NULL: it is switched off */
    uint32_t reply_ms;      /* how long a command's reply is waited for; 0: 10000 */
};

struct http;

/* The sockets that so many connections take at most. */
uint32_t http_sockets_max(uint32_t connections_max);

/* Starts the thread. Everything in `options` is copied. NULL: *out_detail says why. */
struct http *http_new(const struct http_options *options, const struct http_backend *backend,
                      char *out_detail, size_t detail_bytes);
/* Ends streams with a last comment, answers what is pending with 503, joins. */
void http_free(struct http *http);
/*
 * New tokens, clients, certificate, key, client CA and metrics settings, without dropping a connection: for
 * requests and handshakes that begin from now on. Streams of whoever has lost the right to read end. False:
 * nothing changed; `listen` and whether there is a certificate at all can't change so.
 */
bool http_reload(struct http *http, const struct http_options *options, char *out_detail,
                 size_t detail_bytes);
/* Unix time at which the certificate served expires; 0: plain HTTP. For the thread that reloads. */
uint64_t http_certificate_expires_ms(const struct http *http);
/* Why the dashboard is not served though it is wanted; "": it is, or it is not wanted. */
const char *http_web_problem(const struct http *http);
bool http_address(const struct http *http, char *out_address, size_t address_bytes);

/* Thread-safe: the answer to a command, durable by now and visible in the backend's snapshot. Copied. */
void http_reply(struct http *http, const struct reply *reply);
/* Thread-safe: events up to this one are durable: streams read on. */
void http_events_durable(struct http *http, uint64_t newest_event_id);

#endif
