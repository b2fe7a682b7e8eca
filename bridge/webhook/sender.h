/* SPDX-License-Identifier: Apache-2.0 */
/* All webhooks of the bridge as the sender's thread has them: as the snapshot says, each with its deliveries.
 */
#ifndef WEBHOOK_SENDER_H
#define WEBHOOK_SENDER_H

#include "webhook/endpoint.h"

enum { SENDER_TESTS_MAX = 8, SENDER_LOOK_MS = 1000, SENDER_TEST_MS_MAX = 8000 };

struct sender;

/* A delivery of no event, on its way. */
struct sender_test {
    struct sender *sender;
    uint64_t test_id; /* 0: free */
    struct transfer *transfer;
    char body[512];
};

struct sender {
    struct webhook_backend backend;
    struct webhook_options options; /* borrowed from its owner */
    struct sender_tools tools;
    struct endpoint *endpoints[LIMIT_WEBHOOKS]; /* sorted by ID */
    size_t count;
    uint64_t change_number; /* of the snapshot looked at last */
    uint64_t look_at_ms;    /* monotonic; at the latest */
    struct sender_test tests[SENDER_TESTS_MAX];
};

/* False: no memory. `history` and `snapshot` are asked at once. */
bool sender_init(struct sender *sender, const struct webhook_backend *backend,
                 const struct webhook_options *options);
void sender_fini(struct sender *sender);
/* Does what can be done now; gives the time until there is more, in milliseconds. */
int sender_run(struct sender *sender);
void sender_newest(struct sender *sender, uint64_t newest_event_id);
void sender_reply(struct sender *sender, const struct reply *reply);
/* Answers through `tested` also when it cannot be sent. */
void sender_test(struct sender *sender, uint64_t test_id, struct text webhook_id);
/* The last positions. */
void sender_stop(struct sender *sender);

#endif
