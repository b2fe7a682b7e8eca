/* SPDX-License-Identifier: Apache-2.0 */
#include "http/explanation_render.h"

#include "ck/json_writer.h"
#include "core/explanation.h"
#include "http/render.h"

static void put_obstacle(struct bytes_writer *writer, enum obstacle obstacle, struct text object)
{
    const enum obstacle_object kind = obstacle_object(obstacle);
    render_name_and_c(writer, "reason", obstacle_name(obstacle));
    render_name_and_text(writer, "link_id", kind == OBSTACLE_OF_LINK ? object : TEXT_ABSENT);
    render_name_and_text(writer, "kma_id", kind == OBSTACLE_OF_KMA ? object : TEXT_ABSENT);
}

static void put_bottleneck(struct bytes_writer *writer, struct text link_id, int64_t keys)
{
    json_name(writer, "bottleneck");
    if (!text_is_present(link_id)) {
        json_put_null(writer);
        return;
    }
    json_open_object(writer);
    render_name_and_text(writer, "link_id", link_id);
    if (keys >= 0)
        render_name_and_u64(writer, "key_stock", (uint64_t)keys);
    else
        render_name_and_c(writer, "key_stock", NULL);
    json_close_object(writer);
}

static void put_passed(struct bytes_writer *writer, const struct explained_step *step)
{
    json_name(writer, "passed_over");
    json_open_array(writer);
    for (size_t i = 0; i < step->passed_count; i++) {
        json_open_object(writer);
        render_name_and_text(writer, "route_id", step->passed[i].route_id);
        put_obstacle(writer, step->passed[i].obstacle, step->passed[i].object);
        json_close_object(writer);
    }
    json_close_array(writer);
}

/* `route_id`: a relay's own; absent of a lookup, whose step names it. */
static void put_routes(struct bytes_writer *writer, struct text route_id, const struct explained_step *step)
{
    const bool decided = step->outcome == EXPLAINED_DECIDED;
    const struct text own = text_is_present(step->route_id) ? step->route_id : route_id;
    render_name_and_text(writer, "route_id", decided ? own : TEXT_ABSENT);
    json_name(writer, "route_revision");
    if (decided)
        json_u64(writer, step->route_revision);
    else
        json_put_null(writer);
    put_passed(writer, step);
}

static void put_ways(struct bytes_writer *writer, const struct explained_step *step)
{
    json_name(writer, "alternatives");
    json_open_array(writer);
    for (size_t i = 0; i < step->way_count; i++) {
        const struct explained_way *way = &step->ways[i];
        json_open_object(writer);
        render_name_and_texts(writer, "path", way->path, way->path_length);
        render_name_and_u64(writer, "cost", way->cost);
        put_bottleneck(writer, way->bottleneck, way->bottleneck_keys);
        put_obstacle(writer, way->obstacle, way->object);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_name(writer, "alternatives_sought");
    json_put_boolean(writer, !step->ways_unsought);
}

static void put_computed(struct bytes_writer *writer, const struct explained_step *step)
{
    const bool decided = step->outcome == EXPLAINED_DECIDED;
    render_name_and_c(writer, "rule", explained_rule_name(step->rule));
    json_name(writer, "cost");
    if (decided)
        json_u64(writer, step->cost);
    else
        json_put_null(writer);
    put_bottleneck(writer, step->bottleneck, step->bottleneck_keys);
    put_ways(writer, step);
}

static void put_step(struct bytes_writer *writer, struct text route_id, const struct explained_step *step)
{
    json_open_object(writer);
    render_name_and_c(writer, "decider", turn_name(step->decider));
    render_name_and_c(writer, "outcome", explained_name(step->outcome));
    if (step->decider == DECIDER_ROUTE)
        put_routes(writer, route_id, step);
    else if (step->decider == DECIDER_COMPUTED)
        put_computed(writer, step);
    json_close_object(writer);
}

/* What is damaged is not told: the rest of it is true all the same. */
static void put_steps(struct bytes_writer *writer, struct explanation_reader *reader, struct text route_id)
{
    struct explanation_storage storage;
    struct explained_step step;
    json_name(writer, "steps");
    json_open_array(writer);
    while (explanation_next(reader, &storage, &step))
        put_step(writer, route_id, &step);
    json_close_array(writer);
}

static void put_ignored(struct bytes_writer *writer, uint64_t ignored)
{
    json_name(writer, "ignored_constraints");
    json_open_array(writer);
    for (int i = 0; i < CONSTRAINTS_END; i++) {
        if ((ignored >> i & 1) != 0)
            json_c(writer, constraint_name((enum constraint)i));
    }
    json_close_array(writer);
}

static void put(struct bytes_writer *writer, struct text explanation, const struct text *path,
                size_t path_length, struct text route_id)
{
    struct explanation_reader reader;
    json_name(writer, "explanation");
    if (!explanation_open(explanation, path, path_length, &reader)) {
        json_put_null(writer);
        return;
    }
    json_open_object(writer);
    put_steps(writer, &reader, route_id);
    put_ignored(writer, reader.ignored);
    json_close_object(writer);
}

void explanation_put_relay(struct bytes_writer *writer, const struct relay_record *relay)
{
    put(writer, relay->explanation, relay->path, relay->path_length, relay->route_id);
}

void explanation_put_lookup(struct bytes_writer *writer, const struct lookup_record *lookup)
{
    put(writer, lookup->explanation, NULL, 0, TEXT_ABSENT);
}
