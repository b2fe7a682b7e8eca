/* SPDX-License-Identifier: Apache-2.0 */
/* A plan: what a command would change in the directory, checked as a whole before anything changes. */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "core/core_state.h"
#include "core/routes.h"

struct change {
    enum object_kind kind;
    enum origin layer;
    struct object *object; /* NULL: a new one */
    struct text id;
    const union object_config *config; /* NULL: this layer of it is deleted */
    bool created;                      /* nothing of this ID was in force */
    bool deleted;                      /* nothing of this ID will be */
    bool in_force;                     /* what is in force changes */
    struct change *next;               /* put routes of one destination */
};

struct told {
    struct link *link;
    struct told *next;
};

struct plan {
    struct change *changes;
    struct told *told; /* links of which the API tells the same again */
    size_t count;
    size_t capacity;
    size_t created, updated, deleted, unchanged;
    struct warnings warnings;
    struct verdict verdict;
};

/* Room for `capacity` changes in the scratch arena; false: out of memory. */
bool plan_begin(struct core *core, struct plan *plan, size_t capacity);
/* Nothing when that layer is equal already. The config is borrowed until the plan was applied. */
void plan_put(struct core *core, struct plan *plan, enum object_kind kind, enum origin layer, struct text id,
              const union object_config *config);
void plan_delete(struct core *core, struct plan *plan, struct object *object, enum origin layer);
/* Into plan->verdict: values, limits, KMAs and identities that belong to one KM each, cycles. */
void plan_check(struct core *core, struct plan *plan);
/* Changes, records and notices. */
void plan_apply(struct core *core, struct plan *plan);

/* How a kind's configuration is copied. */
pack_function object_packer(enum object_kind kind);
size_t object_config_bytes(enum object_kind kind);
/* What of the object is in force after the change; NULL: nothing. */
const union object_config *change_in_force(const struct change *change);
/* Puts the object into force; for want of memory a later step does. */
void objects_bind_one(struct core *core, struct object *object);
void objects_unbind_one(struct core *core, struct object *object);
/* Those for which memory had not sufficed. */
void objects_rebind(struct core *core);
void routes_expire(struct core *core);

#endif
