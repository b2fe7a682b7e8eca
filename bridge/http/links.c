/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/items.h"
#include "http/page.h"
#include "http/preview_render.h"
#include "system/clock.h"

enum { LINK_COST_DEFAULT = 1 };

static const char *const members[] = {
    "link_id",
    "a",
    "b",
    "cost",
    "key_stock",
    "key_available",
    "key_reserved",
    "key_used",
    "key_rate",
    "key_capacity",
    "state",
    "origin",
    "recent_failures",
    "penalised_until",
    "defined_in",
    "revision",
    "changed_at",
    "warnings",
    NULL,
};
static const char *const states[] = { [LINK_UP] = "up", [LINK_DOWN] = "down", NULL };

/* -1: nobody told. */
static void put_known(struct bytes_writer *writer, const char *name, int64_t value)
{
    json_name(writer, name);
    if (value < 0)
        json_put_null(writer);
    else
        json_u64(writer, (uint64_t)value);
}

void link_put_config(struct bytes_writer *writer, const void *link_config)
{
    const struct link_config *config = link_config;
    render_name_and_text(writer, "link_id", config->link_id);
    render_name_and_text(writer, "a", config->kma_a);
    render_name_and_text(writer, "b", config->kma_b);
    render_name_and_u64(writer, "cost", config->cost);
    put_known(writer, "key_stock", config->key_stock);
    put_known(writer, "key_rate", config->key_rate);
    put_known(writer, "key_capacity", config->key_capacity > 0 ? config->key_capacity : -1);
    render_name_and_c(writer, "state", states[config->state]);
    render_name_and_text(writer, "origin", config->origin);
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct link_view *link = value;
    link_put_config(writer, &link->config);
    put_known(writer, "key_available", key_stock_available(&link->stock, clock_wall_ms()));
    render_name_and_u64(writer, "key_reserved", link->stock.reserved);
    render_name_and_u64(writer, "key_used", link->keys_used);
    render_name_and_u64(writer, "recent_failures", link->recent_failures);
    render_name_and_time(writer, "penalised_until", link->penalised_until_ms);
    render_name_and_c(writer, "defined_in", configuration_origin_name(link->revision.origin));
    configuration_put_revision(writer, &link->revision);
}

void link_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return ((const struct link_view *)item)->config.link_id;
}

static bool is_of_origin(const struct request *request, const void *item)
{
    struct text origin = request_parameter(request, "origin");
    return !text_is_present(origin) || text_equal(origin, ((const struct link_view *)item)->config.origin);
}

static struct configured find(struct request *request)
{
    const struct link_view *link = snapshot_link(request_snapshot(request), request->id);
    return (struct configured){ .item = link,
                                .revision = link != NULL ? &link->revision : NULL,
                                .render = put_members };
}

/* As the core has it: of the API's alone. */
static struct collection_version version_of(const struct snapshot *snapshot, struct text origin)
{
    struct collection_version version = { 0, 0 };
    for (size_t i = 0; i < snapshot->link_count; i++) {
        const struct link_view *link = &snapshot->links[i];
        if (link->revision.origin == ORIGIN_API && text_equal(link->config.origin, origin))
            configuration_count(&version, &link->revision);
    }
    return version;
}

enum handled handle_links_list(struct request *request)
{
    const struct snapshot *snapshot = request_snapshot(request);
    struct listing listing = { .items = snapshot->links,
                               .count = snapshot->link_count,
                               .item_bytes = sizeof *snapshot->links,
                               .key = key_of,
                               .render = link_put_item,
                               .belongs = is_of_origin };
    struct text origin = request_parameter(request, "origin");
    if (text_is_present(origin))
        configuration_set_collection_etag(request, version_of(snapshot, origin));
    return page_answer_listing(request, &listing);
}

enum handled handle_link_get(struct request *request)
{
    struct configured link = find(request);
    return configuration_answer_object(request, &link);
}

enum handled handle_link_delete(struct request *request)
{
    struct configured link = find(request);
    return configuration_delete(request, COMMAND_LINK_DELETE, &link);
}

static bool stock_fits(const struct body *body, const struct link_config *config)
{
    return config->key_capacity == 0 || config->key_stock <= config->key_capacity ||
           body_refuse(body, PROBLEM_BAD_MEMBER, "key_stock",
                       "%" PRId64 " keys are more than key_capacity, which is %" PRId64
                       "; tell fewer, or a greater capacity",
                       config->key_stock, config->key_capacity);
}

/* All but the ID and the origin. */
static bool read_link(const struct body *body, struct link_config *config)
{
    int64_t cost = LINK_COST_DEFAULT;
    int state = LINK_UP;
    config->key_stock = config->key_rate = -1;
    config->key_capacity = 0;
    if (!body_has_only(body, members) || !body_identifier(body, "a", MANDATORY, &config->kma_a) ||
        !body_identifier(body, "b", MANDATORY, &config->kma_b) ||
        !body_integer(body, "cost", OPTIONAL, 0, UINT32_MAX, &cost) ||
        !body_integer(body, "key_stock", OPTIONAL, 0, INT64_MAX, &config->key_stock) ||
        !body_integer(body, "key_rate", OPTIONAL, 0, INT64_MAX, &config->key_rate) ||
        !body_integer(body, "key_capacity", OPTIONAL, 1, INT64_MAX, &config->key_capacity) ||
        !stock_fits(body, config) || !body_choice(body, "state", states, "up | down", &state))
        return false;
    config->cost = (uint32_t)cost;
    config->state = (enum link_state)state;
    return true;
}

static bool read_single(struct request *request, struct command_request *command, struct link_config *config)
{
    struct body body;
    config->link_id = command->command.id;
    config->origin = TEXT("api");
    return body_parse(request, &command->arena, &body) && read_link(&body, config) &&
           body_agrees(&body, "link_id", request->id) &&
           body_identifier(&body, "origin", OPTIONAL, &config->origin);
}

static void after_put(struct request *request, const struct reply *reply)
{
    struct configured link = find(request);
    configuration_answer_written(request, reply, &link);
}

enum handled handle_link_put(struct request *request)
{
    struct configured link = find(request);
    struct command_request *command = configuration_command(request, COMMAND_LINK_PUT, &link);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct link_config *config = arena_allocate(&command->arena, sizeof *config);
    if (config == NULL || !read_single(request, command, config)) {
        if (config == NULL)
            request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.links = config;
    command->command.link_count = 1;
    return commands_submit(request, command, after_put);
}

static bool read_element(const struct body *element, struct text origin, struct link_config *config)
{
    config->origin = origin;
    return read_link(element, config) && body_identifier(element, "link_id", MANDATORY, &config->link_id) &&
           body_agrees(element, "origin", origin);
}

static bool read_replacement(struct request *request, struct command_request *command)
{
    const json_t *array;
    struct body body, element;
    if (!body_parse(request, &command->arena, &body) ||
        !configuration_read_origin(&body, "links", &command->command.id) ||
        !body_array(&body, "links", LIMIT_LINKS, &array))
        return false;
    size_t count = json_array_size(array);
    if (count == 0)
        return true;
    struct link_config *configs = arena_allocate(&command->arena, count * sizeof *configs);
    if (configs == NULL)
        return body_refuse(&body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    for (size_t i = 0; i < count; i++)
        if (!body_element(&body, "links", array, i, &element) ||
            !read_element(&element, command->command.id, &configs[i]))
            return false;
    command->command.links = configs;
    command->command.link_count = count;
    return true;
}

enum handled handle_links_replace(struct request *request)
{
    static const struct replacing replacing = { read_replacement, version_of };
    return configuration_replace(request, COMMAND_LINKS_REPLACE, &replacing);
}
