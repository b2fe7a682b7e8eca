/* SPDX-License-Identifier: Apache-2.0 */
/* Is an answer of the controller what the wire profile and the network allow? Pure; says what is wrong. */
#ifndef CKSIM_CHECK_H
#define CKSIM_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "ck/message.h"
#include "cksim/network.h"
#include "cksim/tally.h"

/* What the answer is about. */
struct check_request {
    uint32_t source, destination; /* KMAs; NOBODY: whatever the answer says (unsolicited) */
    uint32_t asker;               /* KM */
    bool by_application;          /* the destination was asked for by an application's name */
};

struct check_result {
    bool broken;              /* the answer cannot be followed */
    enum violation violation; /* when broken */
    char detail[400];
    uint32_t source, destination;       /* KMAs, from the request or, unsolicited, from the answer */
    uint32_t kmas[LIMIT_PATH_KMAS + 2]; /* candidates, or the full path */
    uint32_t kma_count;
    bool without_link; /* a path to be followed that needs links which are not there; detail names one */
};

/* A Response to key relay next hop request (Ck 8.2). */
void check_next_hops(const struct network *network, const struct check_request *request,
                     const struct ck_message *message, struct check_result *out_result);
/* A Key relay request (Ck 8.4). */
void check_route(const struct network *network, const struct check_request *request,
                 const struct ck_message *message, struct check_result *out_result);

#endif
