/* SPDX-License-Identifier: Apache-2.0 */
#include "core/explain.h"

#include "core/candidates.h"

/* What is out of memory is told without an explanation. */
static void note(struct core *core, bool whole)
{
    if (!whole)
        core->out_of_memory = true;
}

static enum explained outcome_of(enum obstacle obstacle)
{
    if (obstacle_is_of_constraints(obstacle))
        return EXPLAINED_BREAKS_CONSTRAINTS;
    if (obstacle == OBSTACLE_BAD_CONSTRAINTS)
        return EXPLAINED_BAD_CONSTRAINTS;
    if (obstacle == OBSTACLE_INSUFFICIENT_KEYS)
        return EXPLAINED_INSUFFICIENT_KEYS;
    return EXPLAINED_UNUSABLE;
}

struct explained_step explain_routes(const struct routes_passed *passed, const struct route *route)
{
    struct explained_step step = { .decider = DECIDER_ROUTE, .outcome = EXPLAINED_DECIDED };
    for (size_t i = 0; i < passed->count; i++)
        step.passed[step.passed_count++] = passed->told[i];
    if (route != NULL) {
        step.route_id = route_config_of(route)->route_id;
        step.route_revision = route->object.layers[ORIGIN_API].revision.number;
    } else {
        step.outcome = passed->count > 0 ? outcome_of(passed->told[0].obstacle) : EXPLAINED_NO_MATCH;
    }
    return step;
}

void explain_relay_unasked(struct core *core, struct relay *relay)
{
    relay->explanation_borrowed = true;
    note(core, explanation_begin(&core->scratch, 0, &relay->record.explanation));
}

void explain_lookup_begin(struct core *core, struct lookup *lookup, uint64_t ignored)
{
    note(core, explanation_begin(&core->scratch, ignored, &lookup->record.explanation));
}

void explain_relay(struct core *core, struct relay *relay, const struct explained_step *step,
                   const struct text *path, size_t path_length)
{
    relay->explanation_borrowed = true;
    note(core, explanation_add(&core->scratch, step, path, path_length, &relay->record.explanation));
}

void explain_lookup(struct core *core, struct lookup *lookup, const struct explained_step *step)
{
    note(core, explanation_add(&core->scratch, step, NULL, 0, &lookup->record.explanation));
}

void explain_relay_settled(struct core *core, struct relay *relay, enum explained outcome)
{
    relay->explanation_borrowed = true;
    note(core, explanation_settle(&core->scratch, outcome, &relay->record.explanation));
}

void explain_lookup_settled(struct core *core, struct lookup *lookup, enum explained outcome)
{
    note(core, explanation_settle(&core->scratch, outcome, &lookup->record.explanation));
}

void explain_lookup_routes(struct core *core, struct lookup *lookup, const struct candidates *candidates)
{
    const bool decided = candidates->count > 0;
    struct explained_step step = explain_routes(&candidates->passed, decided ? candidates->route : NULL);
    if (!decided && candidates->would_loop)
        step.outcome = EXPLAINED_WOULD_LOOP;
    explain_lookup(core, lookup, &step);
}
