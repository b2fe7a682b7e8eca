/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/items.h"
#include "http/page.h"
#include "http/preview_render.h"

enum { ROUTE_PRIORITY_DEFAULT = 100 };

static const char *const members[] = { "route_id",  "source_kma_id", "destination_kma_id", "path",
                                       "next_hops", "priority",      "valid_until",        "origin",
                                       "uses",      "revision",      "changed_at",         "warnings",
                                       NULL };

static void put_hops(struct bytes_writer *writer, const struct route_config *config)
{
    json_name(writer, "next_hops");
    json_open_object(writer);
    for (size_t i = 0; i < config->hop_count; i++) {
        const struct route_hop *hop = &config->hops[i];
        json_text(writer, hop->kma_id); /* a name: the colon follows */
        bytes_put_byte(writer, ':');
        json_open_array(writer);
        for (size_t j = 0; j < hop->next_kma_id_count; j++)
            json_text(writer, hop->next_kma_ids[j]);
        json_close_array(writer);
    }
    json_close_object(writer);
}

void route_put_config(struct bytes_writer *writer, const void *route_config)
{
    const struct route_config *config = route_config;
    render_name_and_text(writer, "route_id", config->route_id);
    render_name_and_text(writer, "source_kma_id", config->source_kma_id);
    render_name_and_text(writer, "destination_kma_id", config->destination_kma_id);
    if (config->path != NULL)
        render_name_and_texts(writer, "path", config->path, config->path_length);
    else
        put_hops(writer, config);
    json_name(writer, "priority");
    if (config->priority < 0)
        bytes_put_byte(writer, '-');
    bytes_put_u64(writer, (uint64_t)llabs(config->priority));
    render_name_and_time(writer, "valid_until", config->valid_until_ms);
    render_name_and_text(writer, "origin", config->origin);
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct route_view *route = value;
    route_put_config(writer, &route->config);
    render_name_and_u64(writer, "uses", route->uses);
    configuration_put_revision(writer, &route->revision);
}

void route_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return ((const struct route_view *)item)->config.route_id;
}

static bool is_of_origin(const struct request *request, const void *item)
{
    struct text origin = request_parameter(request, "origin");
    return !text_is_present(origin) || text_equal(origin, ((const struct route_view *)item)->config.origin);
}

static struct configured find(struct request *request)
{
    const struct route_view *route = snapshot_route(request_snapshot(request), request->id);
    return (struct configured){ .item = route,
                                .revision = route != NULL ? &route->revision : NULL,
                                .render = put_members };
}

/* As the core has it: of the API's alone. */
static struct collection_version version_of(const struct snapshot *snapshot, struct text origin)
{
    struct collection_version version = { 0, 0 };
    for (size_t i = 0; i < snapshot->route_count; i++) {
        const struct route_view *route = &snapshot->routes[i];
        if (route->revision.origin == ORIGIN_API && text_equal(route->config.origin, origin))
            configuration_count(&version, &route->revision);
    }
    return version;
}

enum handled handle_routes_list(struct request *request)
{
    const struct snapshot *snapshot = request_snapshot(request);
    struct listing listing = { .items = snapshot->routes,
                               .count = snapshot->route_count,
                               .item_bytes = sizeof *snapshot->routes,
                               .key = key_of,
                               .render = route_put_item,
                               .belongs = is_of_origin };
    struct text origin = request_parameter(request, "origin");
    if (text_is_present(origin))
        configuration_set_collection_etag(request, version_of(snapshot, origin));
    return page_answer_listing(request, &listing);
}

enum handled handle_route_get(struct request *request)
{
    struct configured route = find(request);
    return configuration_answer_object(request, &route);
}

enum handled handle_route_delete(struct request *request)
{
    struct configured route = find(request);
    return configuration_delete(request, COMMAND_ROUTE_DELETE, &route);
}

/* {"kma-1": ["kma-2", "kma-3"], ...} */
static bool read_hops(const struct body *body, struct route_config *config)
{
    struct body hops;
    const char *kma_id;
    json_t *value;
    if (!body_object(body, "next_hops", &hops))
        return false;
    size_t count = json_object_size(hops.json);
    if (count == 0 || count > LIMIT_ROUTE_HOPS)
        return body_refuse(body, PROBLEM_BAD_MEMBER, "next_hops", "\"next_hops\" speaks of 1 to %d KMAs",
                           LIMIT_ROUTE_HOPS);
    config->hops = arena_allocate(body->arena, count * sizeof *config->hops);
    if (config->hops == NULL)
        return body_refuse(body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    json_object_foreach((json_t *)hops.json, kma_id, value)
    {
        struct route_hop *hop = &config->hops[config->hop_count++];
        hop->kma_id = arena_copy(body->arena, text_from_c(kma_id));
        if (!text_is_identifier(hop->kma_id))
            return body_refuse(&hops, PROBLEM_BAD_MEMBER, kma_id,
                               "a KMA ID has 1 to 255 bytes of UTF-8 without control characters");
        if (!body_identifiers(&hops, kma_id, MANDATORY, LIMIT_HOP_CANDIDATES, &hop->next_kma_ids,
                              &hop->next_kma_id_count))
            return false;
    }
    return true;
}

static bool read_way(const struct body *body, struct route_config *config)
{
    bool has_path = body_has(body, "path");
    if (has_path == body_has(body, "next_hops"))
        return body_refuse(body, has_path ? PROBLEM_BAD_MEMBER : PROBLEM_MISSING_MEMBER, "path",
                           "give either \"path\" or \"next_hops\"");
    if (!has_path)
        return read_hops(body, config);
    return body_identifiers(body, "path", MANDATORY, LIMIT_PATH_KMAS, &config->path, &config->path_length);
}

/* All but the ID and the origin. */
static bool read_route(const struct body *body, struct route_config *config)
{
    int64_t priority = ROUTE_PRIORITY_DEFAULT;
    if (!body_has_only(body, members) || !read_way(body, config) ||
        !body_identifier(body, "source_kma_id", OPTIONAL, &config->source_kma_id) ||
        !body_identifier(body, "destination_kma_id", MANDATORY, &config->destination_kma_id) ||
        !body_integer(body, "priority", OPTIONAL, INT32_MIN, INT32_MAX, &priority) ||
        !body_time(body, "valid_until", &config->valid_until_ms))
        return false;
    config->priority = (int32_t)priority;
    if (!text_is_present(config->source_kma_id) && config->path_length > 0)
        config->source_kma_id = config->path[0];
    return true;
}

static bool read_single(struct request *request, struct command_request *command, struct route_config *config)
{
    struct body body;
    config->route_id = command->command.id;
    config->origin = TEXT("api");
    return body_parse(request, &command->arena, &body) && read_route(&body, config) &&
           body_agrees(&body, "route_id", request->id) &&
           body_identifier(&body, "origin", OPTIONAL, &config->origin);
}

static void after_put(struct request *request, const struct reply *reply)
{
    struct configured route = find(request);
    configuration_answer_written(request, reply, &route);
}

enum handled handle_route_put(struct request *request)
{
    struct configured route = find(request);
    struct command_request *command = configuration_command(request, COMMAND_ROUTE_PUT, &route);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct route_config *config = arena_allocate(&command->arena, sizeof *config);
    if (config == NULL || !read_single(request, command, config)) {
        if (config == NULL)
            request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.routes = config;
    command->command.route_count = 1;
    return commands_submit(request, command, after_put);
}

static bool read_element(const struct body *element, struct text origin, struct route_config *config)
{
    config->origin = origin;
    return read_route(element, config) &&
           body_identifier(element, "route_id", MANDATORY, &config->route_id) &&
           body_agrees(element, "origin", origin);
}

static bool read_replacement(struct request *request, struct command_request *command)
{
    const json_t *array;
    struct body body, element;
    if (!body_parse(request, &command->arena, &body) ||
        !configuration_read_origin(&body, "routes", &command->command.id) ||
        !body_array(&body, "routes", LIMIT_ROUTES, &array))
        return false;
    size_t count = json_array_size(array);
    if (count == 0)
        return true;
    struct route_config *configs = arena_allocate(&command->arena, count * sizeof *configs);
    if (configs == NULL)
        return body_refuse(&body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    for (size_t i = 0; i < count; i++)
        if (!body_element(&body, "routes", array, i, &element) ||
            !read_element(&element, command->command.id, &configs[i]))
            return false;
    command->command.routes = configs;
    command->command.route_count = count;
    return true;
}

enum handled handle_routes_replace(struct request *request)
{
    static const struct replacing replacing = { read_replacement, version_of };
    return configuration_replace(request, COMMAND_ROUTES_REPLACE, &replacing);
}
