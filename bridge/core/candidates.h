/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates for a KM's next hop toward a destination, from routes or a computed path (reading 5). */
#ifndef CORE_CANDIDATES_H
#define CORE_CANDIDATES_H

#include "core/core_state.h"
#include "core/routes.h"

struct candidates {
    struct kma *current; /* the asking KM's KMA that they are for; NULL: none applied */
    struct kma *next[LIMIT_PATH_KMAS];
    size_t count;
    bool would_loop;             /* some were left out for what was answered lately */
    struct route *route;         /* the best one used */
    struct routes_passed passed; /* routes of which something was left out */
};

struct candidates_question {
    struct km *km; /* that asks */
    struct kma *destination;
    struct text source_kma_id; /* absent: any */
    const struct request_constraints *constraints;
};
/* From the installed routes through this KM. */
void candidates_from_routes(struct core *core, const struct candidates_question *question,
                            struct candidates *out);
/* Likewise, but nothing of it is remembered as given. */
void candidates_offered(struct core *core, const struct candidates_question *question,
                        struct candidates *out);
/* From the planner, for the KMA of the KM that is nearest to the destination, and what is to be said of them.
 */
void candidates_computed(struct core *core, const struct candidates_question *question,
                         struct candidates *out, struct explained_step *out_step);
/* Leaves only those that close no cycle, wherever they came from, and remembers them as given. */
void candidates_give_chosen(struct core *core, struct kma *destination, struct candidates *candidates);
/* Would any of them close a cycle? Changes nothing. */
bool candidates_would_loop(struct core *core, struct kma *destination, const struct candidates *candidates);

#endif
