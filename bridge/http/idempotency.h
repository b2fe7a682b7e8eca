/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key on POST: a request that comes again under the same key is done once and answered alike.
 * Keys belong to who sent them, and live in memory: a restart forgets them. What had no effect is not kept.
 */
#ifndef HTTP_IDEMPOTENCY_H
#define HTTP_IDEMPOTENCY_H

#include "base/table.h"
#include "http/request.h"

enum {
    IDEMPOTENCY_KEYS_MAX = 1024,     /* the one answered longest ago makes room for another */
    IDEMPOTENCY_KEY_BYTES_MAX = 255, /* longer: 400 */
};

struct idempotency_entry;

struct idempotency {
    struct table entries;             /* by actor and key */
    struct idempotency_entry *oldest; /* of those answered */
    struct idempotency_entry *newest;
};

void idempotency_init(struct idempotency *idempotency, struct siphash_key key);
void idempotency_fini(struct idempotency *idempotency);

/* False: the request was answered, as the first of its key was or with a problem. True: it is to be done. */
bool idempotency_begin(struct request *request);
/* The request's answer is about to leave. */
void idempotency_answered(struct request *request);
/* The request ends, perhaps before its answer came: then the key's outcome stays unknown. */
void idempotency_leave(struct request *request);

#endif
