/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations that do not tell what was decided, and decisions that break what was asked: each must be
   caught. */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "world/world.h"
#include "world/world_ways.h"

/* A step in which one request is decided and nothing else happens, so that all is known that it has seen. */
static bool is_plain(const struct world *world)
{
    size_t records = 0;
    const struct event *event = world->step.event;
    for (const struct effect *effect = world->step.first; effect != NULL; effect = effect->next)
        records += effect->kind == EFFECT_RECORD;
    for (size_t edge = 0; edge < world->graph.edge_count; edge++) {
        if (world->book.links[edge].known_from_ms > world->monotonic_ms)
            return false;
    }
    return records == 1 && event != NULL && event->kind == EVENT_MESSAGE && !world->memory_may_fail;
}

/* ---- what is told ---- */

enum lie { LIE_DECIDER, LIE_COST, LIE_BOTTLENECK, LIE_OUTCOME, LIE_OTHER_WAY };

/* False: it can't be told of this step. */
static bool change_step(enum lie lie, struct explained_step *step)
{
    if (step->decider != DECIDER_COMPUTED)
        return false;
    const bool decided = step->outcome == EXPLAINED_DECIDED;
    switch (lie) {
    case LIE_DECIDER:
        step->decider = DECIDER_ROUTE;
        return decided;
    case LIE_COST:
        step->cost++;
        return decided;
    case LIE_BOTTLENECK:
        step->bottleneck_keys++;
        return decided;
    case LIE_OTHER_WAY:
        step->ways[0].cost++;
        return decided && step->way_count == 1 && !obstacle_is_of_constraints(step->ways[0].obstacle);
    case LIE_OUTCOME:
        step->outcome =
            step->outcome == EXPLAINED_NO_ROUTE ? EXPLAINED_INSUFFICIENT_KEYS : EXPLAINED_NO_ROUTE;
        return !decided && step->rule != RULE_NEAREST_NEXT_HOP && step->way_count == 0;
    }
    return false;
}

static bool lie(struct world *world, enum lie lie, const struct text *path, size_t length,
                struct text *explanation)
{
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step;
    struct text told = TEXT_ABSENT;
    bool changed = false;
    if (!is_plain(world) || !explanation_open(*explanation, path, length, &reader))
        return false;
    while (explanation_next(&reader, &storage, &step)) {
        changed |= change_step(lie, &step);
        if (!explanation_add(&world->current->effects.arena, &step, path, length, &told))
            return false;
    }
    if (changed)
        *explanation = told;
    return changed;
}

static bool lie_of_relay(struct world *world, enum lie what, struct relay_record *relay)
{
    return relay->unsolicited ? false
                              : lie(world, what, relay->path, relay->path_length, &relay->explanation);
}

/* ---- what is asked ---- */

/* The request asked to avoid it. */
static bool avoid(struct world *world, struct text kma_id, struct text *extension)
{
    char words[WORLD_EXTENSION_BYTES];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, "[{\"ckbridge_constraints\":{\"avoid_kma_ids\":[\"");
    bytes_put_text(&writer, kma_id);
    bytes_put_c(&writer, "\"]}}]");
    char *kept = arena_allocate(&world->current->effects.arena, writer.length);
    if (kept == NULL || !is_plain(world))
        return false;
    memcpy(kept, words, writer.length);
    *extension = (struct text){ kept, writer.length };
    return true;
}

/* All links of one of its adjacencies are penalised, and there is a way round. */
static bool penalise(struct world *world, const struct relay_record *relay)
{
    const struct asked_constraints said = constraints_said(relay->extension);
    const struct way_rules rules = { .said = &said, .spared = true, .relay_id = relay->relay_id };
    const struct way_ends ends = { graph_node(world, relay->path[0]),
                                   graph_node(world, relay->path[relay->path_length - 1]), said.hops_max };
    const size_t next = graph_node(world, relay->path[1]);
    const struct penalties before = world->penalties;
    struct ways ways;
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        const struct edge *edge = &world->graph.edges[i];
        if ((edge->a == ends.from && edge->b == next) || (edge->b == ends.from && edge->a == next))
            world->penalties.until_ms[i] = UINT64_MAX;
    }
    ways_gather(world, &rules, &ways);
    if (said.require_kmas.count == 0 && ways_best(world, &ways, WAYS_NEAREST, &ends).any)
        return true;
    world->penalties = before;
    return false;
}

/* ---- which ---- */

static bool spoil_relay(struct world *world, struct relay_record *relay)
{
    const bool computed = relay->decided_by == DECIDER_COMPUTED && relay->state == RELAY_INSTRUCTED &&
                          relay->timeline_count == 2; /* at once */
    switch (world->options.sabotage) {
    case SABOTAGE_OTHER_DECIDER:
        return computed && lie_of_relay(world, LIE_DECIDER, relay);
    case SABOTAGE_OTHER_COST:
        return computed && lie_of_relay(world, LIE_COST, relay);
    case SABOTAGE_OTHER_BOTTLENECK:
        return computed && lie_of_relay(world, LIE_BOTTLENECK, relay);
    case SABOTAGE_OTHER_WAY:
        return computed && lie_of_relay(world, LIE_OTHER_WAY, relay);
    case SABOTAGE_NO_WAY:
        return relay->reason == REASON_NO_ROUTE && lie_of_relay(world, LIE_OUTCOME, relay);
    case SABOTAGE_BREAK_CONSTRAINTS:
        return computed && avoid(world, relay->path[relay->path_length / 2], &relay->extension);
    case SABOTAGE_PENALISED_WAY:
        return computed && is_plain(world) && penalise(world, relay);
    default:
        return false;
    }
}

static bool spoil_lookup(struct world *world, struct lookup_record *lookup)
{
    if (lookup->decided_by != DECIDER_COMPUTED || lookup->next_kma_id_count == 0)
        return false;
    switch (world->options.sabotage) {
    case SABOTAGE_OTHER_HOP_COST:
        return lie(world, LIE_COST, NULL, 0, &lookup->explanation);
    case SABOTAGE_BREAK_HOP_CONSTRAINTS:
        return avoid(world, lookup->next_kma_ids[0], &lookup->extension);
    default:
        return false;
    }
}

bool sabotage_explanation(struct world *world, struct effect *first, struct effect *effect)
{
    world->step.first = first;
    if (effect->kind != EFFECT_RECORD)
        return false;
    if (effect->record.kind == RECORD_RELAY)
        return spoil_relay(world, &effect->record.relay);
    return effect->record.kind == RECORD_LOOKUP && spoil_lookup(world, &effect->record.lookup);
}
