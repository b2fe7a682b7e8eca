/* SPDX-License-Identifier: Apache-2.0 */
/* How the core makes a preview: of a plan, and with the plan in force for as long as it takes to ask. */
#ifndef CORE_PREVIEW_STATE_H
#define CORE_PREVIEW_STATE_H

#include "core/budget.h"
#include "core/change.h"
#include "core/preview.h"

/* Of a plan that was checked; in the effects' arena. NULL: out of memory. */
const struct preview *preview_plan(struct core *core, struct plan *plan, enum object_kind kind);

/*
 * Puts what the plan leads to into force, with the very functions that would do so for good, but records and
 * tells nothing; trial_end() takes it back, also when it failed: then memory was exhausted, and what could
 * not be put back into force is by a later step, as after any other want of memory.
 */
struct trial {
    struct trial_object *objects;
    size_t count;
    struct budget_trial budget; /* stocks that the plan tells, and what is taken of them while it is tried */
};
bool trial_begin(struct core *core, struct plan *plan, struct trial *out_trial);
void trial_end(struct core *core, const struct plan *plan, struct trial *trial);

#endif
