/* SPDX-License-Identifier: Apache-2.0 */
/* Policies for what goes to one KMA. */
#include "http/resources.h"

#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/items.h"
#include "http/page.h"
#include "http/policy.h"
#include "http/preview_render.h"

void destination_put_config(struct bytes_writer *writer, const void *destination_config)
{
    const struct destination_config *config = destination_config;
    render_name_and_text(writer, "kma_id", config->kma_id);
    policy_put_members(writer, &config->policy);
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct destination_view *destination = value;
    destination_put_config(writer, &destination->config);
    render_name_and_c(writer, "origin", configuration_origin_name(destination->revision.origin));
    configuration_put_revision(writer, &destination->revision);
}

void destination_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return ((const struct destination_view *)item)->config.kma_id;
}

static struct configured find(struct request *request)
{
    const struct destination_view *destination = snapshot_destination(request_snapshot(request), request->id);
    return (struct configured){ .item = destination,
                                .revision = destination != NULL ? &destination->revision : NULL,
                                .render = put_members };
}

enum handled handle_destinations_list(struct request *request)
{
    const struct snapshot *snapshot = request_snapshot(request);
    struct listing listing = { .items = snapshot->destinations,
                               .count = snapshot->destination_count,
                               .item_bytes = sizeof *snapshot->destinations,
                               .key = key_of,
                               .render = destination_put_item };
    return page_answer_listing(request, &listing);
}

enum handled handle_destination_get(struct request *request)
{
    struct configured destination = find(request);
    return configuration_answer_object(request, &destination);
}

enum handled handle_destination_delete(struct request *request)
{
    struct configured destination = find(request);
    return configuration_delete(request, COMMAND_DESTINATION_DELETE, &destination);
}

static bool read_destination(struct request *request, struct command_request *command,
                             struct destination_config *config)
{
    static const char *const members[] = { "kma_id",        "order",    "orchestrator_ms",
                                           "completion_ms", "origin",   "revision",
                                           "changed_at",    "warnings", NULL };
    struct body body;
    config->kma_id = command->command.id;
    return body_parse(request, &command->arena, &body) && body_has_only(&body, members) &&
           body_agrees(&body, "kma_id", request->id) && policy_read(&body, &config->policy);
}

static void after_put(struct request *request, const struct reply *reply)
{
    struct configured destination = find(request);
    configuration_answer_written(request, reply, &destination);
}

enum handled handle_destination_put(struct request *request)
{
    struct configured destination = find(request);
    struct command_request *command = configuration_command(request, COMMAND_DESTINATION_PUT, &destination);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct destination_config *config = arena_allocate(&command->arena, sizeof *config);
    if (config == NULL || !read_destination(request, command, config)) {
        if (config == NULL)
            request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.destinations = config;
    command->command.destination_count = 1;
    return commands_submit(request, command, after_put);
}
