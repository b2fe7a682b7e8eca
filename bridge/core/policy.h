/* SPDX-License-Identifier: Apache-2.0 */
/* Which policy a request has: what its destination says, over what its KM says, over what the settings say,
   member by member. Looked up whenever a decider is to be asked, so that a change holds from the next turn
   on: a hold that has begun, and the limit of a relay that was instructed, stay as they were. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/core_state.h"

/* Of a request of this KM to this destination; absent, because nobody knows it: the KM's. Whole. */
struct policy policy_of(const struct core *core, const struct km *km, struct text destination_kma_id);
struct policy policy_of_relay(const struct core *core, const struct relay *relay);
struct policy policy_of_lookup(const struct core *core, const struct lookup *lookup);
bool policy_has(const struct policy *policy, enum decider decider);
bool policy_equal(const struct policy *left, const struct policy *right);
/* What is wrong with one that is given: a sentence's end, behind "the policy of kma-9"; NULL: nothing. */
const char *policy_fault(const struct policy *policy);

/* What a request that is held in the orchestrator's turn has to wait for. */
enum held_turn {
    HELD_WAITS,       /* for the orchestrator, or the end of its time */
    HELD_ASKS_ROUTES, /* `routes` stands before `orchestrator`: also for a route that comes meanwhile */
    HELD_IS_OVER,     /* the order has no orchestrator any more: for nothing */
};
enum held_turn policy_held_turn(const struct policy *policy);
/* Whatever changes while a request is held, routes are asked at once: after its time they have been. */
bool policy_asks_routes_while_held(const struct policy *policy);

/* Puts a destination's policy into force, and takes it out again. False: out of memory, not in force. */
bool destination_bind(struct core *core, struct destination *destination);
void destination_unbind(struct core *core, struct destination *destination);

#endif
