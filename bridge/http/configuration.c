/* SPDX-License-Identifier: Apache-2.0 */
#include "http/configuration.h"

#include <string.h>

#include "ck/json_writer.h"
#include "http/precondition.h"
#include "http/preview_render.h"

enum { TAG_BYTES_MAX = 44 }; /* two numbers and what is between them */

static void put_object(struct bytes_writer *writer, const void *value)
{
    const struct configured *object = value;
    json_open_object(writer);
    object->render(writer, object->item);
    json_close_object(writer);
}

static enum handled answer_not_found(struct request *request)
{
    return request_refuse(request, PROBLEM_NOT_FOUND, NULL, "there is no \"%.*s\" here",
                          TEXT_ARGUMENTS(request->id));
}

static struct validator validator_of(const struct configured *object, char *buffer, size_t buffer_bytes)
{
    struct bytes_writer writer = bytes_writer(buffer, buffer_bytes);
    if (object->item != NULL)
        bytes_put_u64(&writer, object->revision->number);
    return (struct validator){ .exists = object->item != NULL, .tag = bytes_written(&writer) };
}

enum handled configuration_answer_object(struct request *request, const struct configured *object)
{
    if (object->item == NULL)
        return answer_not_found(request);
    char buffer[TAG_BYTES_MAX];
    struct validator validator = validator_of(object, buffer, sizeof buffer);
    enum tags_verdict none_match = tags_compare(request->headers.if_none_match, &validator, TAGS_WEAKLY);
    if (none_match == TAGS_MALFORMED)
        return request_refuse(request, PROBLEM_BAD_HEADER, "If-None-Match",
                              "If-None-Match is *, or ETags with their quotes, separated by commas");
    if (tags_compare(request->headers.if_match, &validator, TAGS_STRONGLY) == TAGS_DIFFER)
        return request_refuse(request, PROBLEM_STALE, "If-Match", "its ETag is \"%.*s\" now",
                              TEXT_ARGUMENTS(validator.tag));
    request_set_etag(request, validator.tag);
    if (!object->live && none_match == TAGS_MATCH)
        return request_answer_empty(request, 304);
    return request_answer_value(request, 200, put_object, object);
}

static struct command_request *new_command(struct request *request, enum command_kind kind)
{
    bool dry_run;
    if (!request_boolean_parameter(request, "dry_run", &dry_run))
        return NULL;
    struct command_request *command = commands_new(request, kind);
    if (command == NULL)
        return NULL;
    command->command.dry_run = dry_run;
    command->command.id = arena_copy(&command->arena, request->id);
    return command;
}

/* RFC 9110, 13.2.1: what there is none of is not found, whatever is asked of its state. */
static bool read_precondition(struct request *request, const struct configured *object,
                              enum requirement *out_requirement)
{
    char buffer[TAG_BYTES_MAX];
    struct validator validator = validator_of(object, buffer, sizeof buffer);
    *out_requirement = REQUIRES_NOTHING;
    return (request->method == METHOD_DELETE && object->item == NULL) ||
           precondition_read(request, &validator, out_requirement);
}

struct command_request *configuration_command(struct request *request, enum command_kind kind,
                                              const struct configured *object)
{
    enum requirement requirement;
    if (!read_precondition(request, object, &requirement))
        return NULL;
    struct command_request *command = new_command(request, kind);
    if (command == NULL)
        return NULL;
    /* The core compares again, at the moment of the change. */
    command->command.if_match = requirement == REQUIRES_STATE ? object->revision->number : 0;
    command->command.if_present = requirement == REQUIRES_PRESENCE;
    command->command.if_absent = requirement == REQUIRES_ABSENCE;
    return command;
}

bool configuration_is_dry_run(const struct request *request)
{
    return text_equal(request_parameter(request, "dry_run"), TEXT("true"));
}

static void put_warnings(struct bytes_writer *writer, const struct reply *reply)
{
    render_name_and_texts(writer, "warnings", reply->warnings, reply->warning_count);
}

struct change {
    const struct request *request;
    const struct reply *reply;
};

/* Single objects come without counts: they are one object that the verb tells. */
static void put_change(struct bytes_writer *writer, const void *value)
{
    const struct change *change = value;
    const struct reply *reply = change->reply;
    bool counted = reply->created + reply->updated + reply->deleted + reply->unchanged > 0;
    bool single = !counted && text_is_present(change->request->id);
    bool deletes = change->request->method == METHOD_DELETE;
    json_open_object(writer);
    render_name_and_boolean(writer, "dry_run", configuration_is_dry_run(change->request));
    render_name_and_u64(writer, "created",
                        single ? !deletes && reply->status == REPLY_CREATED : reply->created);
    render_name_and_u64(writer, "updated", single ? !deletes && reply->status == REPLY_OK : reply->updated);
    render_name_and_u64(writer, "deleted", single ? deletes : reply->deleted);
    render_name_and_u64(writer, "unchanged", reply->unchanged);
    if (configuration_is_dry_run(change->request))
        preview_put_members(writer, reply->preview);
    put_warnings(writer, reply);
    json_close_object(writer);
}

enum handled configuration_answer_change(struct request *request, const struct reply *reply)
{
    struct change change = { request, reply };
    return request_answer_value(request, 200, put_change, &change);
}

static void after_delete(struct request *request, const struct reply *reply)
{
    configuration_answer_change(request, reply);
}

enum handled configuration_delete(struct request *request, enum command_kind kind,
                                  const struct configured *object)
{
    struct command_request *command = configuration_command(request, kind, object);
    if (command == NULL)
        return HANDLED_ANSWERED;
    return commands_submit(request, command, after_delete);
}

/* ---- collections of one origin ---- */

static struct text put_version(struct collection_version version, char *buffer, size_t buffer_bytes)
{
    struct bytes_writer writer = bytes_writer(buffer, buffer_bytes);
    bytes_put_u64(&writer, version.count);
    bytes_put_byte(&writer, '-');
    bytes_put_u64(&writer, version.revision);
    return bytes_written(&writer);
}

void configuration_set_collection_etag(struct request *request, struct collection_version version)
{
    char buffer[TAG_BYTES_MAX];
    request_set_etag(request, put_version(version, buffer, sizeof buffer));
}

void configuration_count(struct collection_version *version, const struct revision *revision)
{
    version->count++;
    version->revision = revision->number > version->revision ? revision->number : version->revision;
}

/* A collection is always there, if only empty. */
static bool read_collection_precondition(struct request *request, struct command_request *command,
                                         struct collection_version current)
{
    char buffer[TAG_BYTES_MAX];
    struct validator validator = { .exists = true, .tag = put_version(current, buffer, sizeof buffer) };
    enum requirement requirement;
    if (!precondition_read(request, &validator, &requirement))
        return false;
    if (requirement != REQUIRES_STATE)
        return true;
    struct collection_version *version = arena_allocate(&command->arena, sizeof *version);
    if (version == NULL) {
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        return false;
    }
    *version = current;
    command->command.if_version = version;
    return true;
}

static void after_replace(struct request *request, const struct reply *reply)
{
    configuration_set_collection_etag(request, reply->version);
    configuration_answer_change(request, reply);
}

enum handled configuration_replace(struct request *request, enum command_kind kind,
                                   const struct replacing *replacing)
{
    struct command_request *command = new_command(request, kind);
    if (command == NULL)
        return HANDLED_ANSWERED;
    if (!replacing->read(request, command) ||
        !read_collection_precondition(request, command,
                                      replacing->version(request_snapshot(request), command->command.id))) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    return commands_submit(request, command, after_replace);
}

bool configuration_read_origin(const struct body *body, const char *items, struct text *out_origin)
{
    const char *const members[] = { "origin", items, NULL };
    struct text origin = request_parameter(body->request, "origin");
    if (!body_has_only(body, members))
        return false;
    if (!text_is_present(origin))
        return body_identifier(body, "origin", MANDATORY, out_origin);
    if (!text_is_identifier(origin)) {
        request_refuse(body->request, PROBLEM_BAD_PARAMETER, "origin",
                       "origin is 1 to 255 bytes of UTF-8 without control characters");
        return false;
    }
    *out_origin = arena_copy(body->arena, origin);
    return body_agrees(body, "origin", origin);
}

struct written {
    const struct configured *object;
    const struct reply *reply;
};

static void put_written(struct bytes_writer *writer, const void *value)
{
    const struct written *written = value;
    json_open_object(writer);
    written->object->render(writer, written->object->item);
    put_warnings(writer, written->reply);
    json_close_object(writer);
}

static void set_location(struct request *request)
{
    char *location = arena_allocate(&request->arena, request->path.length + 1);
    if (location != NULL && request->path.length > 0)
        memcpy(location, request->path.bytes, request->path.length);
    request->answer.location = location;
}

enum handled configuration_answer_written(struct request *request, const struct reply *reply,
                                          const struct configured *object)
{
    struct written written = { object, reply };
    if (configuration_is_dry_run(request) || object->item == NULL) /* NULL: removed again meanwhile */
        return configuration_answer_change(request, reply);
    char buffer[TAG_BYTES_MAX];
    request_set_etag(request, validator_of(object, buffer, sizeof buffer).tag);
    if (reply->status == REPLY_CREATED)
        set_location(request);
    return request_answer_value(request, reply->status == REPLY_CREATED ? 201 : 200, put_written, &written);
}

void configuration_put_revision(struct bytes_writer *writer, const struct revision *revision)
{
    render_name_and_id(writer, "revision", revision->number);
    render_name_and_time(writer, "changed_at", revision->changed_ms);
}

const char *configuration_origin_name(enum origin origin)
{
    switch (origin) {
    case ORIGIN_FILE:
        return "file";
    case ORIGIN_API:
        return "api";
    }
    return NULL;
}
