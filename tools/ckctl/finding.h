/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds, in the order it finds it. */
#ifndef CKCTL_FINDING_H
#define CKCTL_FINDING_H

#include <stdbool.h>

#include "ckctl/command.h"
#include "ckctl/network.h"

struct findings {
    struct context *context;
    unsigned wrong, notes;
};

/* `about` is "km alice" or "store"; the words are a sentence without its stop. Told at once. */
__attribute__((format(printf, 4, 5))) void finding_add(struct findings *findings, bool is_wrong,
                                                       const char *about, const char *format, ...);
/* How many there were. */
void findings_sum_up(struct findings *findings);

/* Of /status: the bridge itself. */
void doctor_look_at_bridge(struct findings *findings, const json_t *status);
/* Peers that were refused and have not come back since; `kms` is an array of all KMs. `only`, unless NULL, is
   the one of them that is asked about: then those that are it, and, while it is away, those that might be. */
void doctor_look_at_refused(struct findings *findings, const json_t *status, const json_t *kms,
                            const json_t *only);
void doctor_look_at_km(struct findings *findings, const json_t *km);
/* Is there a listener that could prove this KM's identity? */
void doctor_look_for_listener(struct findings *findings, const json_t *status, const json_t *km);

/* Tokens that are about to end. */
void doctor_look_at_tokens(struct findings *findings, const json_t *tokens);

/* Something that ends at a time: noted a month before, wrong a week before. */
struct doctor_expiry {
    const json_t *object;
    const char *member;              /* of the object; nothing is found when there is no such time */
    const char *about, *what, *then; /* "km alice", "its certificate", what follows when it is over */
};
void doctor_look_at_expiry(struct findings *findings, const struct doctor_expiry *expiry);

/* A lease that is about to end. */
void doctor_look_at_lease(struct findings *findings, const json_t *route);
/* One that is not there any more, as its last event tells. */
void doctor_look_at_removal(struct findings *findings, const char *route_id, const json_t *event);
/* Whether it can be used. */
void doctor_look_at_route(struct findings *findings, const struct network *network, const json_t *route);
/* Also why it is not, or another is, and who would ask for it. */
void doctor_look_closely_at_route(struct findings *findings, const struct network *network,
                                  const json_t *route);

#endif
