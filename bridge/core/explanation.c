/* SPDX-License-Identifier: Apache-2.0 */
#include "core/explanation.h"

#include <assert.h>
#include <string.h>

/* First in every explanation, so that a later form can stand beside this one. */
enum { FORM = 1 };

static_assert(EXPLAINED_DECIDED == 0 && EXPLAINED_WAITING == 8 && EXPLAINED_NO_ROUTE == 13 &&
                  EXPLAINED_WORK_LIMIT == 15 && EXPLAINED_WITHDRAWN == 16 && EXPLAINED_BAD_CONSTRAINTS == 17,
              "the numbers of stored outcomes must not move");
static_assert(OBSTACLE_NONE == 0 && OBSTACLE_LINK_DOWN == 4 && OBSTACLE_PENALISED == 8 &&
                  OBSTACLE_HIGHER_COST == 13 && OBSTACLE_WOULD_LOOP == 18 && OBSTACLE_BAD_CONSTRAINTS == 19,
              "the numbers of stored obstacles must not move");
/* What ends a list of ways: one byte, and no obstacle. */
enum { WAYS_END = OBSTACLE_NONE, WAYS_UNSOUGHT = 127 };
static_assert(OBSTACLES_END <= (int)WAYS_UNSOUGHT, "the end of a list is told from a way");
/* Names of 255 bytes and numbers of 10: whatever a step has beside its ways fits. */
static_assert(64 + EXPLANATION_PASSED_MAX * (2 * (LIMIT_IDENTIFIER_BYTES + 10) + 10) +
                      2 * (LIMIT_IDENTIFIER_BYTES + 10) <
                  (int)EXPLANATION_STEP_BYTES,
              "a step without ways fits");

static const char *const outcomes[] = {
    [EXPLAINED_DECIDED] = "decided",
    [EXPLAINED_UNKNOWN_DESTINATION] = "unknown_destination",
    [EXPLAINED_NO_MATCH] = "no_match",
    [EXPLAINED_UNUSABLE] = "unusable",
    [EXPLAINED_INSUFFICIENT_KEYS] = "insufficient_keys",
    [EXPLAINED_WOULD_LOOP] = "would_loop",
    [EXPLAINED_BREAKS_CONSTRAINTS] = "breaks_constraints",
    [EXPLAINED_ABSENT] = "absent",
    [EXPLAINED_WAITING] = "waiting",
    [EXPLAINED_TIMED_OUT] = "timed_out",
    [EXPLAINED_REJECTED] = "rejected",
    [EXPLAINED_OVERTAKEN] = "overtaken",
    [EXPLAINED_ABANDONED] = "abandoned",
    [EXPLAINED_NO_ROUTE] = "no_route",
    [EXPLAINED_CONSTRAINTS_UNMET] = "constraints_unmet",
    [EXPLAINED_WORK_LIMIT] = "work_limit",
    [EXPLAINED_WITHDRAWN] = "withdrawn",
    [EXPLAINED_BAD_CONSTRAINTS] = "bad_constraints",
};
static_assert(sizeof outcomes / sizeof *outcomes == EXPLAINED_END, "one name each");

static const struct {
    const char *name;
    enum obstacle_object object;
} obstacles[] = {
    [OBSTACLE_NONE] = { NULL, OBSTACLE_OF_NOTHING },
    [OBSTACLE_EXPIRED] = { "expired", OBSTACLE_OF_NOTHING },
    [OBSTACLE_UNKNOWN_KMA] = { "unknown_kma", OBSTACLE_OF_KMA },
    [OBSTACLE_DISABLED_KMA] = { "disabled_kma", OBSTACLE_OF_KMA },
    [OBSTACLE_LINK_DOWN] = { "link_down", OBSTACLE_OF_LINK },
    [OBSTACLE_INSUFFICIENT_KEYS] = { "insufficient_keys", OBSTACLE_OF_LINK },
    [OBSTACLE_FEW_KEYS] = { "below_min_key_stock", OBSTACLE_OF_LINK },
    [OBSTACLE_KEYS_UNKNOWN] = { "key_stock_unknown", OBSTACLE_OF_LINK },
    [OBSTACLE_PENALISED] = { "penalised", OBSTACLE_OF_LINK },
    [OBSTACLE_LINK_AVOIDED] = { "avoided", OBSTACLE_OF_LINK },
    [OBSTACLE_KMA_AVOIDED] = { "kma_avoided", OBSTACLE_OF_KMA },
    [OBSTACLE_KMA_MISSING] = { "kma_missing", OBSTACLE_OF_KMA },
    [OBSTACLE_TOO_MANY_HOPS] = { "max_hops", OBSTACLE_OF_NOTHING },
    [OBSTACLE_HIGHER_COST] = { "higher_cost", OBSTACLE_OF_NOTHING },
    [OBSTACLE_NARROWER] = { "narrower", OBSTACLE_OF_LINK },
    [OBSTACLE_MORE_HOPS] = { "more_hops", OBSTACLE_OF_NOTHING },
    [OBSTACLE_LATER_NAMES] = { "later_names", OBSTACLE_OF_NOTHING },
    [OBSTACLE_NOT_NEARER] = { "not_nearer", OBSTACLE_OF_KMA },
    [OBSTACLE_WOULD_LOOP] = { "would_loop", OBSTACLE_OF_KMA },
    [OBSTACLE_BAD_CONSTRAINTS] = { "bad_constraints", OBSTACLE_OF_NOTHING },
};
static_assert(sizeof obstacles / sizeof *obstacles == OBSTACLES_END, "one name each");

static const char *const constraint_names[] = {
    [CONSTRAINT_AVOID_KMAS] = "avoid_kma_ids",     [CONSTRAINT_AVOID_LINKS] = "avoid_link_ids",
    [CONSTRAINT_REQUIRE_KMAS] = "require_kma_ids", [CONSTRAINT_MAX_HOPS] = "max_hops",
    [CONSTRAINT_MIN_KEY_STOCK] = "min_key_stock",
};
static_assert(sizeof constraint_names / sizeof *constraint_names == CONSTRAINTS_END, "one name each");

static const char *const rules[] = {
    [RULE_WIDEST_SHORTEST] = "widest_shortest",
    [RULE_SHORTEST] = "shortest",
    [RULE_WIDEST] = "widest",
    [RULE_NEAREST_NEXT_HOP] = "nearest_next_hop",
};
static_assert(sizeof rules / sizeof *rules == RULES_END, "one name each");

const char *explained_rule_name(enum explained_rule rule)
{
    return rules[rule];
}

const char *constraint_name(enum constraint constraint)
{
    return constraint_names[constraint];
}

const char *explained_name(enum explained outcome)
{
    return outcomes[outcome];
}

const char *obstacle_name(enum obstacle obstacle)
{
    return obstacles[obstacle].name;
}

bool obstacle_is_of_constraints(enum obstacle obstacle)
{
    return obstacle == OBSTACLE_FEW_KEYS || obstacle == OBSTACLE_KEYS_UNKNOWN ||
           (obstacle >= OBSTACLE_LINK_AVOIDED && obstacle <= OBSTACLE_TOO_MANY_HOPS);
}

enum obstacle_object obstacle_object(enum obstacle obstacle)
{
    return obstacles[obstacle].object;
}

/* ---- written ---- */

/* One more than it is: 0 is unknown. */
static void put_keys(struct bytes_writer *writer, int64_t keys)
{
    packing_put_u64(writer, keys < 0 ? 0 : (uint64_t)keys + 1);
}

static void put_kma(struct bytes_writer *writer, struct text kma_id, const struct text *path,
                    size_t path_length)
{
    for (size_t i = 0; i < path_length; i++) {
        if (text_equal(path[i], kma_id)) {
            packing_put_u64(writer, i + 1);
            return;
        }
    }
    packing_put_u64(writer, 0);
    packing_put_text(writer, kma_id);
}

static void put_way(struct bytes_writer *writer, const struct explained_way *way, const struct text *path,
                    size_t path_length)
{
    packing_put_u64(writer, way->obstacle);
    packing_put_text(writer, way->object);
    packing_put_u64(writer, way->cost);
    packing_put_text(writer, way->bottleneck);
    put_keys(writer, way->bottleneck_keys);
    packing_put_u64(writer, way->path_length);
    for (size_t i = 0; i < way->path_length; i++)
        put_kma(writer, way->path[i], path, path_length);
}

/* Those that fit; there is room for the end. */
static void put_ways(struct bytes_writer *writer, const struct explained_step *step, const struct text *path,
                     size_t path_length)
{
    const size_t whole = writer->capacity;
    writer->capacity--;
    for (size_t i = 0; i < step->way_count; i++) {
        const size_t before = writer->length;
        assert(step->ways[i].obstacle != OBSTACLE_NONE && step->ways[i].path_length <= LIMIT_PATH_KMAS);
        put_way(writer, &step->ways[i], path, path_length);
        if (!writer->overflowed)
            continue;
        writer->length = before;
        writer->overflowed = false;
    }
    writer->capacity = whole;
    packing_put_u64(writer, step->ways_unsought ? WAYS_UNSOUGHT : WAYS_END);
}

static void put_routes(struct bytes_writer *writer, const struct explained_step *step)
{
    if (step->outcome == EXPLAINED_DECIDED) {
        packing_put_text(writer, step->route_id);
        packing_put_u64(writer, step->route_revision);
    }
    packing_put_u64(writer, step->passed_count);
    for (size_t i = 0; i < step->passed_count; i++) {
        packing_put_text(writer, step->passed[i].route_id);
        packing_put_u64(writer, step->passed[i].obstacle);
        packing_put_text(writer, step->passed[i].object);
    }
}

static void put_step(struct bytes_writer *writer, const struct explained_step *step, const struct text *path,
                     size_t path_length)
{
    packing_put_u64(writer, step->decider);
    packing_put_u64(writer, step->outcome);
    switch (step->decider) {
    case DECIDER_ROUTE:
        put_routes(writer, step);
        return;
    case DECIDER_COMPUTED:
        packing_put_u64(writer, step->rule);
        if (step->outcome == EXPLAINED_DECIDED) {
            packing_put_u64(writer, step->cost);
            packing_put_text(writer, step->bottleneck);
            put_keys(writer, step->bottleneck_keys);
        }
        put_ways(writer, step, path, path_length);
        return;
    case DECIDER_ORCHESTRATOR:
    case DECIDER_NONE:
    case DECIDERS_END:
        return;
    }
}

static bool put(struct arena *arena, struct text before, struct text more, struct text *out)
{
    const size_t bytes = before.length + more.length;
    char *whole = arena_allocate(arena, bytes);
    *out = TEXT_ABSENT;
    if (whole == NULL)
        return false;
    if (before.length > 0)
        memcpy(whole, before.bytes, before.length);
    memcpy(whole + before.length, more.bytes, more.length);
    *out = (struct text){ whole, bytes };
    return true;
}

bool explanation_begin(struct arena *arena, uint64_t ignored, struct text *explanation)
{
    unsigned char head[1 + PACKING_U64_BYTES_MAX];
    struct bytes_writer writer = bytes_writer(head, sizeof head);
    bytes_put_byte(&writer, FORM);
    packing_put_u64(&writer, ignored);
    return put(arena, TEXT_ABSENT, bytes_written(&writer), explanation);
}

bool explanation_add(struct arena *arena, const struct explained_step *step, const struct text *path,
                     size_t path_length, struct text *explanation)
{
    unsigned char bytes[EXPLANATION_STEP_BYTES];
    struct bytes_writer writer = bytes_writer(bytes, sizeof bytes);
    assert(step->passed_count <= EXPLANATION_PASSED_MAX && step->way_count <= EXPLANATION_WAYS_MAX);
    if (!text_is_present(*explanation) && !explanation_begin(arena, 0, explanation))
        return false;
    put_step(&writer, step, path, path_length);
    assert(!writer.overflowed);
    const struct text before = *explanation;
    if (before.length + writer.length > EXPLANATION_BYTES_MAX)
        return true;
    return put(arena, before, bytes_written(&writer), explanation);
}

/* Is the last step an orchestrator that is being asked? *out_length: how long what is before it is. */
static bool find_waiting(struct text explanation, size_t *out_length)
{
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step = { .outcome = EXPLAINED_DECIDED };
    if (!explanation_open(explanation, NULL, 0, &reader))
        return false;
    do
        *out_length = explanation.length - reader.unpacker.left;
    while (explanation_next(&reader, &storage, &step) && reader.unpacker.left > 0);
    return step.decider == DECIDER_ORCHESTRATOR && step.outcome == EXPLAINED_WAITING;
}

bool explanation_settle(struct arena *arena, enum explained outcome, struct text *explanation)
{
    const struct explained_step step = { .decider = DECIDER_ORCHESTRATOR, .outcome = outcome };
    size_t before = 0;
    if (text_is_present(*explanation) && !find_waiting(*explanation, &before))
        return true;
    explanation->length = before;
    return explanation_add(arena, &step, NULL, 0, explanation);
}

/* ---- read again ---- */

static int64_t read_keys(struct unpacker *unpacker)
{
    const uint64_t more = unpacker_u64_within(unpacker, (uint64_t)INT64_MAX + 1);
    return more == 0 ? -1 : (int64_t)(more - 1);
}

static struct text read_kma(struct explanation_reader *reader)
{
    const uint64_t place = unpacker_u64(&reader->unpacker);
    if (place == 0)
        return unpacker_text(&reader->unpacker);
    return place <= reader->path_length ? reader->path[place - 1] : TEXT_ABSENT;
}

static void read_way(struct explanation_reader *reader, struct text *names, enum obstacle obstacle,
                     struct explained_way *out)
{
    struct unpacker *unpacker = &reader->unpacker;
    *out = (struct explained_way){ .obstacle = obstacle, .object = unpacker_text(unpacker), .path = names };
    out->cost = unpacker_u64(unpacker);
    out->bottleneck = unpacker_text(unpacker);
    out->bottleneck_keys = read_keys(unpacker);
    out->path_length = (size_t)unpacker_u64_within(unpacker, LIMIT_PATH_KMAS);
    for (size_t i = 0; i < out->path_length; i++)
        names[i] = read_kma(reader);
}

static enum obstacle read_obstacle(struct unpacker *unpacker)
{
    return (enum obstacle)unpacker_u64_within(unpacker, OBSTACLES_END - 1);
}

static void read_ways(struct explanation_reader *reader, struct explanation_storage *storage,
                      struct explained_step *out)
{
    for (;;) {
        const uint64_t number = unpacker_u64_within(&reader->unpacker, WAYS_UNSOUGHT);
        out->ways_unsought = number == WAYS_UNSOUGHT;
        if (number == WAYS_END || number == WAYS_UNSOUGHT)
            return;
        if (out->way_count == EXPLANATION_WAYS_MAX || number >= OBSTACLES_END) {
            reader->unpacker.failed = true;
            return;
        }
        read_way(reader, storage->path[out->way_count], (enum obstacle)number, &out->ways[out->way_count]);
        out->way_count++;
    }
}

static void read_routes(struct unpacker *unpacker, struct explained_step *out)
{
    if (out->outcome == EXPLAINED_DECIDED) {
        out->route_id = unpacker_text(unpacker);
        out->route_revision = unpacker_u64(unpacker);
    }
    out->passed_count = (size_t)unpacker_u64_within(unpacker, EXPLANATION_PASSED_MAX);
    for (size_t i = 0; i < out->passed_count; i++) {
        out->passed[i].route_id = unpacker_text(unpacker);
        out->passed[i].obstacle = read_obstacle(unpacker);
        out->passed[i].object = unpacker_text(unpacker);
    }
}

bool explanation_open(struct text explanation, const struct text *path, size_t path_length,
                      struct explanation_reader *out_reader)
{
    if (!text_is_present(explanation))
        return false;
    *out_reader = (struct explanation_reader){ .unpacker = unpacker(explanation.bytes, explanation.length),
                                               .path = path,
                                               .path_length = path_length };
    const unsigned char *form = unpacker_bytes(&out_reader->unpacker, 1);
    if (form == NULL || *form != FORM)
        return false;
    out_reader->ignored = unpacker_u64(&out_reader->unpacker);
    return !out_reader->unpacker.failed;
}

bool explanation_next(struct explanation_reader *reader, struct explanation_storage *storage,
                      struct explained_step *out_step)
{
    struct unpacker *unpacker = &reader->unpacker;
    if (unpacker->failed || unpacker->left == 0)
        return false;
    *out_step = (struct explained_step){ .bottleneck_keys = -1 };
    out_step->decider = (enum decider)unpacker_u64_within(unpacker, DECIDERS_END - 1);
    out_step->outcome = (enum explained)unpacker_u64_within(unpacker, EXPLAINED_END - 1);
    if (out_step->decider == DECIDER_ROUTE) {
        read_routes(unpacker, out_step);
    } else if (out_step->decider == DECIDER_COMPUTED) {
        out_step->rule = (enum explained_rule)unpacker_u64_within(unpacker, RULES_END - 1);
        if (out_step->outcome == EXPLAINED_DECIDED) {
            out_step->cost = unpacker_u64(unpacker);
            out_step->bottleneck = unpacker_text(unpacker);
            out_step->bottleneck_keys = read_keys(unpacker);
        }
        read_ways(reader, storage, out_step);
    }
    return !unpacker->failed;
}
