/* SPDX-License-Identifier: Apache-2.0 */
/* Installed routes: which of them apply to a request, and whether a path may be used now. */
#ifndef CORE_ROUTES_H
#define CORE_ROUTES_H

#include "core/core_state.h"
#include "core/explanation.h"

/* Best first: the higher priority, then by route_id. */
int routes_compare(const void *left, const void *right);
const struct route_config *route_config_of(const struct route *route);

bool route_bind(struct core *core, struct route *route);
void route_unbind(struct core *core, struct route *route);
/* May it be used now: within its validity, every KMA known and enabled, no adjacency down? */
bool route_is_usable(struct core *core, struct route *route);
/* Routes for a request that can't be used for it, and better than what can; the best of them are named. */
struct routes_passed {
    const struct route *routes[EXPLANATION_PASSED_MAX]; /* the best first */
    struct explained_route told[EXPLANATION_PASSED_MAX];
    size_t count;
    enum reason reason; /* of them all, the gravest; REASON_NONE: neither keys nor constraints */
};
void routes_pass(struct routes_passed *passed, const struct route *route, enum obstacle obstacle,
                 struct text object);
/* A link that joins them, the first by ID; absent: none does. */
struct text routes_link_between(const struct core *core, const struct kma *from, const struct kma *to);
struct request_constraints; /* constraints.h */
struct routes_question {
    struct text source_kma_id, destination_kma_id;
    const struct request_constraints *constraints;
};
/* The best usable path from exactly here to exactly there (reading 5) that keeps the constraints and whose
   links have keys, or NULL. */
struct route *routes_match(struct core *core, const struct routes_question *question,
                           struct routes_passed *out_passed);

/* Why a path or a route can't be accepted. */
struct verdict {
    enum reason reason; /* REASON_NONE: accepted */
    struct text detail; /* in the effects' arena */
};
/* `source` may be absent; `warnings`, when not NULL, gathers adjacencies without a link. */
struct warnings {
    struct text *texts;
    size_t count;
    size_t capacity;
};
struct verdict routes_check_path(struct core *core, const struct text *path, size_t length,
                                 struct text source_kma_id, struct text destination_kma_id,
                                 struct warnings *warnings);
struct verdict routes_check(struct core *core, const struct route_config *config, struct warnings *warnings);
/* A sentence made of up to three parts, for people. */
struct verdict verdict_of(struct core *core, enum reason reason, const char *before, struct text subject,
                          const char *after);
void warnings_add(struct core *core, struct warnings *warnings, struct text warning);

#endif
