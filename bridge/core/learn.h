/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision teaches the directory: at which KMA an application is. */
#ifndef CORE_LEARN_H
#define CORE_LEARN_H

#include "core/change.h"
#include "core/emit.h"

struct lesson {
    union object_config config;
    struct plan plan; /* of nothing when the directory says so already */
    struct emit_mark before;
};

/* Whether the application that a request names may be put at this KMA; nothing changes. `kma_id` is
   borrowed until the lesson is applied. */
struct verdict learn_check(struct core *core, struct text application_id, struct text kma_id,
                           struct lesson *out_lesson);
/* As a PUT of the application would, in the step of the decision. False: out of memory, nothing changed, and
   the decision is not to be taken either. */
bool learn_apply(struct core *core, struct lesson *lesson);
/* The decision could not be told for want of memory, after the lesson was applied and nothing else since. */
void learn_undo(struct core *core, const struct lesson *lesson);
/* Of what was learned, 0: nothing. */
uint64_t learn_revision(const struct core *core, const struct lesson *lesson);

#endif
