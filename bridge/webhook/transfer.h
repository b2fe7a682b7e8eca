/* SPDX-License-Identifier: Apache-2.0 */
/* POST requests in parallel over libcurl's multi interface; connections are kept and used again. */
#ifndef WEBHOOK_TRANSFER_H
#define WEBHOOK_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    TRANSFER_CONNECTIONS_MAX = 64,   /* at once; further transfers wait for one */
    TRANSFER_CONNECT_MS_MAX = 10000, /* for name, connection and TLS, within the whole time limit */
    TRANSFER_ANSWER_BYTES_MAX =
        64 * 1024,              /* of an answer's body, which is dropped; more ends the connection */
    TRANSFER_ERROR_BYTES = 256, /* libcurl's CURL_ERROR_SIZE */
};

struct transfers;
struct transfer;

struct transfer_request {
    const char *url;
    const char *const *headers; /* NULL at the end */
    struct text body;           /* borrowed until the transfer has ended */
    uint32_t timeout_ms;        /* for all of it */
    bool plain;                 /* http:// is allowed */
    const char *ca;             /* PEM file of authorities instead of the system's; NULL: those */
    const char *proxy;          /* NULL: none, whatever the environment says */
};

struct transfer_result {
    uint32_t status;        /* HTTP; 0: no answer */
    uint64_t retry_after_s; /* 0: not said */
    uint32_t took_ms;
    char error[TRANSFER_ERROR_BYTES]; /* why there was no answer; "" */
};

/* NULL: no memory. */
struct transfers *transfers_new(void);
/* No transfer is under way. */
void transfers_free(struct transfers *transfers);

/* NULL: no memory. Calls `done` once from transfers_run, unless it is aborted. */
struct transfer *transfer_start(struct transfers *transfers, const struct transfer_request *request,
                                void (*done)(void *context, const struct transfer_result *result),
                                void *context);
void transfer_abort(struct transfer *transfer);

/* Does what can be done now, and calls back for what has ended. */
void transfers_run(struct transfers *transfers);
/* Waits for network, transfers_wake, or so long. */
void transfers_wait(struct transfers *transfers, int timeout_ms);
/* From any thread. */
void transfers_wake(struct transfers *transfers);

#endif
