/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refused requests on their way into the audit trail: those that would have changed something, or were more
 * than the role allows, and failed authentications. Best effort: no request waits for it or fails by it.
 *
 * Each of the two kinds has a share of its own, so that nobody fills the disk, nor hides behind somebody
 * else's flood; how many were left out stands in the detail of the next one that is told.
 */
#ifndef HTTP_REFUSALS_H
#define HTTP_REFUSALS_H

#include "http/request.h"

enum {
    REFUSALS_AT_ONCE = 30, /* then one in so many milliseconds */
    REFUSALS_INTERVAL_MS = 30000,
    REFUSALS_UNKNOWN_AT_ONCE = 5, /* failed authentications likewise */
    REFUSALS_UNKNOWN_INTERVAL_MS = 60000,
    REFUSALS_TARGET_BYTES_MAX = 512, /* of a path; a longer one is cut */
};

/* A share: what is told uses it up, and time gives it back. */
struct refusal_share {
    uint64_t used_until_ms; /* when all of it is there again; monotonic */
    uint64_t left_out;      /* since the last one that was told */
};

struct refusals {
    struct refusal_share refused, unknown;
};

/* The request's answer leaves. */
void refusals_note(struct refusals *refusals, const struct request *request, uint64_t now_ms);

#endif
