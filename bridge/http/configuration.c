/* SPDX-License-Identifier: Apache-2.0 */
#include "http/configuration.h"

#include <string.h>

#include "ck/json_writer.h"
#include "http/uri.h"

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

/* "12" to 12; weak or foreign ones never match. */
static bool etag_revision(struct text etag, uint64_t *out_revision)
{
    return etag.length > 2 && etag.bytes[0] == '"' && etag.bytes[etag.length - 1] == '"' &&
           text_to_u64((struct text){ etag.bytes + 1, etag.length - 2 }, UINT64_MAX, out_revision) &&
           *out_revision > 0;
}

static struct text trimmed(struct text text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.length--;
    }
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* If-None-Match compares weakly, and may list several. */
static bool any_etag_matches(struct text list, uint64_t revision)
{
    struct text etag;
    uint64_t given;
    while (uri_next(&list, ',', &etag)) {
        etag = trimmed(etag);
        if (text_starts_with(etag, TEXT("W/")))
            etag = (struct text){ etag.bytes + 2, etag.length - 2 };
        if (text_equal(etag, TEXT("*")) || (etag_revision(etag, &given) && given == revision))
            return true;
    }
    return false;
}

enum handled configuration_answer_object(struct request *request, const struct configured *object)
{
    if (object->item == NULL)
        return answer_not_found(request);
    request_set_etag(request, object->revision->number);
    if (!object->live && any_etag_matches(request->headers.if_none_match, object->revision->number))
        return request_answer_empty(request, 304);
    return request_answer_value(request, 200, put_object, object);
}

/* False: answered. The core compares the revision again, at the moment of the change. */
static bool read_if_match(struct request *request, const struct configured *object, uint64_t *out_if_match)
{
    struct text if_match = trimmed(request->headers.if_match);
    *out_if_match = 0;
    if (!text_is_present(request->headers.if_match))
        return true;
    if (object == NULL) {
        request_refuse(request, PROBLEM_BAD_HEADER, "If-Match",
                       "a collection has no ETag; leave If-Match out");
        return false;
    }
    if (text_equal(if_match, TEXT("*"))) {
        if (object->item != NULL)
            return true;
        request_refuse(request, PROBLEM_STALE, "If-Match", "there is no \"%.*s\" yet",
                       TEXT_ARGUMENTS(request->id));
        return false;
    }
    if (etag_revision(if_match, out_if_match))
        return true;
    request_refuse(request, PROBLEM_STALE, "If-Match",
                   "it matches no ETag of this resource: give one ETag of a GET, quotes included");
    return false;
}

struct command_request *configuration_command(struct request *request, enum command_kind kind,
                                              const struct configured *object)
{
    uint64_t if_match;
    bool dry_run;
    if (text_is_present(request->headers.if_none_match)) {
        request_refuse(request, PROBLEM_BAD_HEADER, "If-None-Match",
                       "If-None-Match is for GET; use If-Match, or leave it out");
        return NULL;
    }
    if (!read_if_match(request, object, &if_match) ||
        !request_boolean_parameter(request, "dry_run", &dry_run))
        return NULL;
    struct command_request *command = commands_new(request, kind);
    if (command == NULL)
        return NULL;
    command->command.if_match = if_match;
    command->command.dry_run = dry_run;
    command->command.id = arena_copy(&command->arena, request->id);
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

static void after_replace(struct request *request, const struct reply *reply)
{
    configuration_answer_change(request, reply);
}

enum handled configuration_replace(struct request *request, enum command_kind kind,
                                   bool (*read)(struct request *request, struct command_request *command))
{
    struct command_request *command = configuration_command(request, kind, NULL);
    if (command == NULL)
        return HANDLED_ANSWERED;
    if (!read(request, command)) {
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
    request_set_etag(request, object->revision->number);
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
