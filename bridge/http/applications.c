/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/items.h"
#include "http/page.h"
#include "http/preview_render.h"

void application_put_config(struct bytes_writer *writer, const void *application_config)
{
    const struct application_config *config = application_config;
    render_name_and_text(writer, "application_id", config->application_id);
    render_name_and_text(writer, "kma_id", config->kma_id);
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct application_view *application = value;
    application_put_config(writer, &application->config);
    render_name_and_c(writer, "origin", configuration_origin_name(application->revision.origin));
    configuration_put_revision(writer, &application->revision);
}

void application_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return ((const struct application_view *)item)->config.application_id;
}

static struct configured find(struct request *request)
{
    const struct application_view *application = snapshot_application(request_snapshot(request), request->id);
    return (struct configured){ .item = application,
                                .revision = application != NULL ? &application->revision : NULL,
                                .render = put_members };
}

enum handled handle_applications_list(struct request *request)
{
    const struct snapshot *snapshot = request_snapshot(request);
    struct listing listing = { .items = snapshot->applications,
                               .count = snapshot->application_count,
                               .item_bytes = sizeof *snapshot->applications,
                               .key = key_of,
                               .render = application_put_item };
    return page_answer_listing(request, &listing);
}

enum handled handle_application_get(struct request *request)
{
    struct configured application = find(request);
    return configuration_answer_object(request, &application);
}

enum handled handle_application_delete(struct request *request)
{
    struct configured application = find(request);
    return configuration_delete(request, COMMAND_APPLICATION_DELETE, &application);
}

static bool read_application(struct request *request, struct command_request *command,
                             struct application_config *config)
{
    static const char *const members[] = { "application_id", "kma_id",   "origin", "revision",
                                           "changed_at",     "warnings", NULL };
    struct body body;
    config->application_id = command->command.id;
    return body_parse(request, &command->arena, &body) && body_has_only(&body, members) &&
           body_agrees(&body, "application_id", request->id) &&
           body_identifier(&body, "kma_id", MANDATORY, &config->kma_id);
}

static void after_put(struct request *request, const struct reply *reply)
{
    struct configured application = find(request);
    configuration_answer_written(request, reply, &application);
}

enum handled handle_application_put(struct request *request)
{
    struct configured application = find(request);
    struct command_request *command = configuration_command(request, COMMAND_APPLICATION_PUT, &application);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct application_config *config = arena_allocate(&command->arena, sizeof *config);
    if (config == NULL || !read_application(request, command, config)) {
        if (config == NULL)
            request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.applications = config;
    command->command.application_count = 1;
    return commands_submit(request, command, after_put);
}
