/* SPDX-License-Identifier: Apache-2.0 */
/* A plan in force for a moment: see preview_state.h. */
#include "core/directory_state.h"
#include "core/preview_state.h"

#include <string.h>

struct trial_object {
    struct object *object; /* the plan's, or one that only the trial knows */
    struct layer before;   /* of the layer that the plan writes */
};

/* One that no directory has: whatever binding adds, unbinding takes away. */
static struct object *stand_in(struct core *core, const struct change *change)
{
    size_t bytes = object_bytes(change->kind);
    struct object *object = arena_allocate(&core->scratch, bytes);
    if (object == NULL)
        return NULL;
    memset(object, 0, bytes);
    object->kind = change->kind;
    object->id = change->id;
    return object;
}

/* All that must be had before anything is put out of force. */
static bool prepare(struct core *core, const struct plan *plan, struct trial *trial)
{
    trial->objects = arena_allocate(&core->scratch, (plan->count + 1) * sizeof *trial->objects);
    for (size_t i = 0; trial->objects != NULL && i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        struct object *object = change->object != NULL ? change->object : stand_in(core, change);
        if (object == NULL)
            return false;
        trial->objects[i] = (struct trial_object){ object, object->layers[change->layer] };
    }
    return trial->objects != NULL;
}

/* Applications alone are looked up by their ID when a request is decided. */
static bool is_looked_up(const struct change *change)
{
    return change->object == NULL && change->kind == OBJECT_APPLICATION;
}

/* False: out of memory. */
static bool tell_stocks(struct core *core, const struct plan *plan, struct trial *trial)
{
    for (const struct told *told = plan->told; told != NULL; told = told->next) {
        if (!budget_try_told_again(core, &trial->budget, told->link))
            return false;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct object *object = trial->objects[i].object;
        if (object->kind == OBJECT_LINK && plan->changes[i].in_force && object_effective(object) != NULL &&
            !budget_try_told(core, &trial->budget, (struct link *)object))
            return false;
    }
    return true;
}

bool trial_begin(struct core *core, struct plan *plan, struct trial *out_trial)
{
    *out_trial = (struct trial){ .count = 0 };
    if (!prepare(core, plan, out_trial)) {
        core->out_of_memory = true;
        return false;
    }
    out_trial->count = plan->count;
    core->is_trial = true;
    for (size_t i = 0; i < plan->count; i++) /* all names are given up before any is taken */
        objects_unbind_one(core, out_trial->objects[i].object);
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        struct layer *layer = &out_trial->objects[i].object->layers[change->layer];
        *layer = (struct layer){ .present = change->config != NULL };
        if (change->config != NULL)
            layer->config = *change->config;
    }
    bool was_out_of_memory = core->out_of_memory;
    core->out_of_memory = false;
    for (size_t i = 0; i < plan->count; i++) {
        if (is_looked_up(&plan->changes[i]) &&
            !sorted_insert(&core->objects[OBJECT_APPLICATION], out_trial->objects[i].object))
            core->out_of_memory = true;
        objects_bind_one(core, out_trial->objects[i].object);
    }
    bool whole = tell_stocks(core, plan, out_trial) && !core->out_of_memory;
    core->out_of_memory = was_out_of_memory || !whole;
    return whole;
}

void trial_end(struct core *core, const struct plan *plan, struct trial *trial)
{
    budget_try_end(&trial->budget);
    for (size_t i = 0; i < trial->count; i++) {
        objects_unbind_one(core, trial->objects[i].object);
        if (is_looked_up(&plan->changes[i]))
            sorted_remove(&core->objects[OBJECT_APPLICATION], trial->objects[i].object);
    }
    for (size_t i = 0; i < trial->count; i++)
        trial->objects[i].object->layers[plan->changes[i].layer] = trial->objects[i].before;
    for (size_t i = 0; i < trial->count; i++) {
        if (plan->changes[i].object != NULL)
            objects_bind_one(core, trial->objects[i].object);
    }
    core->is_trial = false;
}
