/* SPDX-License-Identifier: Apache-2.0 */
/* The trail of one command in the core: what is recorded of it beside its effect. */
#ifndef CORE_TRAIL_STATE_H
#define CORE_TRAIL_STATE_H

#include "core/core_state.h"

/* Recorded before the command runs, so that want of memory shows then; completed, or taken back, after. */
struct trail {
    struct audit_record *audit; /* NULL: not to be audited */
    struct idempotency_record *idempotency;
    struct effect **idempotency_slot;
    uint64_t next_event_id;
};

/* False: out of memory, nothing is recorded. */
bool trail_begin(struct core *core, const struct command *command, struct trail *trail);
void trail_end(struct core *core, struct trail *trail, const struct reply *reply);

void trail_keep_answer(struct core *core, const struct command *command);
void trail_put_dead_letters(struct core *core, const struct command *command);
void trail_delete_dead_letters(struct core *core, const struct command *command);

#endif
