/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates for a KM's next hop toward a destination, from routes or a computed path (reading 5). */
#ifndef CORE_CANDIDATES_H
#define CORE_CANDIDATES_H

#include "core/core_state.h"

struct candidates {
    struct kma *current; /* the asking KM's KMA that they are for; NULL: none applied */
    struct kma *next[LIMIT_PATH_KMAS];
    size_t count;
    bool lacks_keys;     /* some were left out because their links have none */
    bool would_loop;     /* some were left out for what was answered lately */
    struct route *route; /* the best one used */
};

/* From the installed routes through this KM; `source_kma_id` may be absent: any. */
void candidates_from_routes(struct core *core, struct km *km, struct kma *destination,
                            struct text source_kma_id, struct candidates *out);
/* Likewise, but nothing of it is remembered as given. */
void candidates_offered(struct core *core, struct km *km, struct kma *destination, struct text source_kma_id,
                        struct candidates *out);
/* From the planner, for the KMA of the KM that is nearest to the destination. */
void candidates_computed(struct core *core, struct km *km, struct kma *destination, struct candidates *out);
/* Leaves only those that close no cycle, wherever they came from, and remembers them as given. */
void candidates_give_chosen(struct core *core, struct kma *destination, struct candidates *candidates);
/* Would any of them close a cycle? Changes nothing. */
bool candidates_would_loop(struct core *core, struct kma *destination, const struct candidates *candidates);

#endif
