/* SPDX-License-Identifier: Apache-2.0 */
/* What a dry run tells: which objects a change would make, change or remove, and which open requests it would
   touch. */
#ifndef CORE_PREVIEW_H
#define CORE_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/directory.h"

enum preview_effect { PREVIEW_CREATED, PREVIEW_UPDATED, PREVIEW_DELETED };

struct preview_change {
    struct text id;
    enum preview_effect effect;
    const void
        *before; /* its configuration in force, of the preview's kind; NULL: none. Of a document never told */
    const void *after; /* what that would be */
};

enum touch {
    TOUCH_NONE,
    TOUCH_DECIDED,   /* held; a route would decide it at once, or all its deciders, without an orchestrator */
    TOUCH_IN_FLIGHT, /* instructed along what would be gone, changed or down; it goes on as it is */
    TOUCH_ORPHANED,  /* its KM would be gone or disabled: the relay ends */
    TOUCH_UNANSWERED, /* likewise of a held lookup: it is answered to nobody */
};

struct preview_touched {
    uint64_t request_id; /* relay_id or lookup_id */
    enum touch touch;
};

struct preview_list {
    struct preview_touched *items; /* the first LIMIT_PREVIEW_TOUCHED */
    size_t count;
    uint64_t total; /* of those looked at */
};

struct preview {
    enum object_kind kind;
    struct preview_change *changes; /* the first LIMIT_PREVIEW_CHANGES, or fewer for LIMIT_PREVIEW_BYTES */
    size_t change_count;
    bool changes_cut;
    struct preview_list relays, lookups;
    bool not_all_looked_at; /* more requests are open, or more objects change, than LIMIT_PREVIEW_LOOKED_AT */
};

/* NULL: out of memory. */
struct preview *preview_copy(struct arena *arena, const struct preview *preview);

#endif
