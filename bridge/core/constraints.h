/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constraints that a KM puts on its request: an object `ckbridge_constraints` in the extension that Ck
 * carries, with members of the names and the meaning that POST /paths gives them.
 */
#ifndef CORE_CONSTRAINTS_H
#define CORE_CONSTRAINTS_H

#include "core/core_state.h"
#include "core/explanation.h"
#include "core/routes.h"
#include "topology/paths.h"

enum { CONSTRAINTS_AVOIDED_MAX = 128 }; /* identifiers of a list of what to avoid; more are malformed */

struct request_constraints {
    uint64_t given;  /* a set of 1 << enum constraint; 0: none */
    bool unreadable; /* what they are is not known, so that nothing keeps them */
    const struct text *avoid_kma_ids, *avoid_link_ids, *require_kma_ids;
    size_t avoid_kma_id_count, avoid_link_id_count, require_kma_id_count;
    uint32_t hops_max;     /* 0: any */
    int64_t key_stock_min; /* 0: any */
};

/*
 * What the extension (absent, or an array of objects) says; all of it lives in the core's scratch. False: it
 * is malformed, and *out_word says which member and why; or, *out_word absent, out of memory.
 * *out_constraints is unreadable then.
 */
bool constraints_read(struct core *core, struct text extension, struct request_constraints *out_constraints,
                      struct text *out_word);
/* Of a request that was read before; until the end of the step. However many deciders ask, they are read
   once in a step. */
const struct request_constraints *constraints_of_relay(struct core *core, struct relay *relay);
const struct request_constraints *constraints_of_lookup(struct core *core, struct lookup *lookup);
/* What constraints_read() came to in this step. */
void constraints_keep(struct core *core, struct kept_constraints *kept,
                      const struct request_constraints *constraints);

/* What of it is against a key going from the one to the other; OBSTACLE_NONE: nothing. *out_object is what
   obstacle_object() says. */
enum obstacle constraints_judge_hop(const struct core *core, const struct request_constraints *constraints,
                                    const struct kma *from, const struct kma *to, struct text *out_object);
enum obstacle constraints_judge_path(const struct core *core, const struct request_constraints *constraints,
                                     struct kma *const *kmas, size_t count, struct text *out_object);

/* Each of them that a decision does not keep, with the first object that stands against it. */
void constraints_warn_path(struct core *core, const struct request_constraints *constraints,
                           struct kma *const *kmas, size_t count, struct warnings *warnings);
/* Of next hops: what concerns their own links. */
void constraints_warn_hops(struct core *core, const struct request_constraints *constraints,
                           const struct kma *from, struct kma *const *next, size_t count,
                           struct warnings *warnings);

#endif
