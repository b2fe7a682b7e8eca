/* SPDX-License-Identifier: Apache-2.0 */
#include "core/learn.h"

#include "core/directory_state.h"

static struct verdict check_sense(struct core *core, struct text application_id, struct text kma_id)
{
    if (!text_is_present(application_id))
        return verdict_of(core, REASON_INVALID,
                          "there is nothing to learn, for the request names no application: leave out learn",
                          TEXT(""), "");
    const struct text known = application_kma_id(core, application_id);
    if (text_is_present(known) && !text_equal(known, kma_id))
        return verdict_of(core, REASON_DESTINATION_CONFLICT, "the application is already at ", known,
                          ": put the application itself to move it");
    if (!kma_is_known(kma_find(core, kma_id)))
        return verdict_of(core, REASON_UNKNOWN_KMA, "no KM and no link names the KMA ", kma_id, "");
    return (struct verdict){ REASON_NONE, TEXT_ABSENT };
}

struct verdict learn_check(struct core *core, struct text application_id, struct text kma_id,
                           struct lesson *out_lesson)
{
    struct plan *plan = &out_lesson->plan;
    *plan = (struct plan){ .count = 0 };
    struct verdict verdict = check_sense(core, application_id, kma_id);
    if (verdict.reason != REASON_NONE || text_is_present(application_kma_id(core, application_id)))
        return verdict;
    const struct text copy = arena_copy(&core->scratch, application_id); /* the request may end before */
    if (!text_is_present(copy) || !plan_begin(core, plan, 1)) {
        core->out_of_memory = true;
        return verdict_of(core, REASON_OVERLOAD, "out of memory", TEXT(""), "");
    }
    out_lesson->config.application = (struct application_config){ copy, kma_id };
    plan_put(core, plan, OBJECT_APPLICATION, ORIGIN_API, copy, &out_lesson->config);
    plan_check(core, plan);
    return plan->verdict;
}

static struct object *learned(const struct core *core, const struct lesson *lesson)
{
    return object_find(core, OBJECT_APPLICATION, lesson->config.application.application_id);
}

bool learn_apply(struct core *core, struct lesson *lesson)
{
    lesson->before = emit_mark(core);
    if (lesson->plan.count == 0)
        return true;
    plan_apply(core, &lesson->plan);
    return learned(core, lesson) != NULL;
}

void learn_undo(struct core *core, const struct lesson *lesson)
{
    emit_undo(core, lesson->before);
    if (lesson->plan.count == 0)
        return;
    object_free(core, learned(core, lesson)); /* it is new: one that was known is not learned */
    objects_note_change(core, OBJECT_APPLICATION);
}

uint64_t learn_revision(const struct core *core, const struct lesson *lesson)
{
    const struct object *object = lesson->plan.count > 0 ? learned(core, lesson) : NULL;
    return object != NULL ? object_effective(object)->revision.number : 0;
}
