/* SPDX-License-Identifier: Apache-2.0 */
/* An event stream (server-sent events), cut into events as its bytes come. */
#ifndef CKCTL_SSE_H
#define CKCTL_SSE_H

#include <stdbool.h>

#include "ckctl/buffer.h"

struct sse {
    /* One event's data; false ends the reading. */
    bool (*take)(void *context, const struct buffer *data);
    void *context;
    struct buffer id;   /* the last told: where to go on; empty at first */
    struct buffer line; /* that is not whole yet */
    struct buffer pending_id, data;
};

/* False: `take` wants no more. */
bool sse_feed(struct sse *sse, const char *bytes, size_t length);
/* A new connection: what the old one left unfinished is dropped, the ID stays. */
void sse_restart(struct sse *sse);
void sse_fini(struct sse *sse);

#endif
