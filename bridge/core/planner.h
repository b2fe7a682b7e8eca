/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Computes paths and next hops over the links that are known, for requests that neither an installed route
 * nor the orchestrator decides.
 *
 * What follows from a KM's session, and what does not: a relay is asked of the source's KM, so a KM without a
 * session is no source, and nobody computes for it. That it has none says nothing of its node or its links:
 * keys flow between KMs, not over Ck, and in the distributed procedure other KMs do without it; so a path may
 * lead through its KMAs. What a KM's enrolment says holds for all: no path leads through one that is
 * disabled.
 */
#ifndef CORE_PLANNER_H
#define CORE_PLANNER_H

#include "core/candidates.h"
#include "core/constraints.h"
#include "core/core_state.h"
#include "core/explanation.h"

/* The planner that is the core's; NULL: out of memory. */
struct planner *planner_new(struct core *core);
void planner_free(struct core *core);

/* What is joined, and what is known of it, changes: called as a link or a KM comes into force, and before it
   goes out of force. A changed one goes and comes again. */
void planner_lay_link(struct core *core, struct link *link);
void planner_lift_link(struct core *core, const struct link *link);
void planner_note_link(struct core *core, const struct link *link); /* its keys, or its penalty */
void planner_lay_km(struct core *core, const struct km *km);
void planner_lift_km(struct core *core, const struct km *km);

struct planner_question {
    struct text source_kma_id, destination_kma_id; /* absent: not known, and no path leads there */
    const struct request_constraints *constraints; /* of the request */
};
/* The path lives until the end of the step, the rest until the next question. */
struct planned_path {
    struct text *path;
    size_t length;              /* 0: there is none */
    struct explained_step step; /* what is to be said of it */
};
/*
 * The best path by the metric of the settings: by default the least costly, and of equals the one whose
 * scarcest link has most keys (Guerin, Orda and Williams 1997). Links known to have no key are not used, and
 * penalised ones only when there is nothing else. REASON_NO_ROUTE; REASON_INSUFFICIENT_KEYS: there would be
 * one, had its links keys; REASON_CONSTRAINTS_UNMET: there is one, but none that keeps the constraints.
 * The step tells the next best path, too, unless that is too much work.
 */
enum reason planner_path(struct core *core, const struct planner_question *question,
                         struct planned_path *out_planned);

/*
 * Where to go on from a KM toward a destination, best first: from that of its KMAs which is nearest to every
 * neighbour whose site is nearer than the KM's own, so that all answers given over one network form no cycle.
 * The nearest neighbour comes first, by the cost of the way over it; then the one whose link has more keys.
 * That is so whatever the metric: how wide the way is does not grow less from hop to hop, and so is no
 * potential that keeps keys from walking in circles; the cost is.
 */
void planner_next_hops(struct core *core, const struct km *km, const struct kma *destination,
                       struct candidates *out);
/* What is to be said of those that were given, and of the neighbours that were not. */
void planner_explain_hops(struct core *core, const struct candidates_question *question,
                          const struct candidates *given, struct explained_step *out_step);

#endif
