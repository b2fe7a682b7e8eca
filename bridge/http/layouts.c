/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts: where people have pinned KMAs on a map. The bridge keeps them and does nothing by them. */
#include "http/resources.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/configuration.h"
#include "http/page.h"

enum {
    LAYOUTS_MAX = 64, /* one more is refused: limit_reached */
    LAYOUT_ID_BYTES_MAX = 128,
    LAYOUT_PINS_MAX = 2048, /* with LIMIT_DOCUMENT_BYTES, whichever comes first; more are refused */
    LAYOUT_COORDINATE_MAX = 1000000,
};

static const struct text FOLDER = { "layout/", sizeof "layout/" - 1 };

/* Their pins stand in the document as they are shown. */
static struct text id_of(const struct document_view *document)
{
    const struct text id = document->config.document_id;
    return (struct text){ id.bytes + FOLDER.length, id.length - FOLDER.length };
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct document_view *document = value;
    render_name_and_text(writer, "layout_id", id_of(document));
    json_name(writer, "pins");
    json_raw(writer, document->config.body);
    configuration_put_revision(writer, &document->revision);
}

static void put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static struct text key_of(const void *item)
{
    return id_of(item);
}

/* "layout/<layout_id>" in the arena; absent: out of memory. */
static struct text document_id(struct arena *arena, struct text layout_id)
{
    const size_t bytes = FOLDER.length + layout_id.length;
    char *buffer = arena_allocate(arena, bytes);
    struct bytes_writer writer = bytes_writer(buffer, buffer != NULL ? bytes : 0);
    bytes_put_text(&writer, FOLDER);
    bytes_put_text(&writer, layout_id);
    return writer.overflowed ? TEXT_ABSENT : bytes_written(&writer);
}

static struct configured find(struct request *request)
{
    const struct document_view *document =
        snapshot_document(request_snapshot(request), document_id(&request->arena, request->id));
    return (struct configured){ .item = document,
                                .revision = document != NULL ? &document->revision : NULL,
                                .render = put_members };
}

enum handled handle_layouts_list(struct request *request)
{
    const struct document_view *documents;
    struct listing listing = { .item_bytes = sizeof *documents, .key = key_of, .render = put_item };
    listing.count = snapshot_documents(request_snapshot(request), DOCUMENT_LAYOUT, &documents);
    listing.items = documents;
    return page_answer_listing(request, &listing);
}

enum handled handle_layout_get(struct request *request)
{
    const struct configured layout = find(request);
    return configuration_answer_object(request, &layout);
}

static enum handled out_of_memory(struct request *request)
{
    return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
}

static void after_delete(struct request *request, const struct reply *reply)
{
    configuration_answer_change(request, reply);
}

enum handled handle_layout_delete(struct request *request)
{
    const struct configured layout = find(request);
    struct command_request *command = configuration_command(request, COMMAND_DOCUMENT_DELETE, &layout);
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.id = document_id(&command->arena, request->id);
    if (text_is_present(command->command.id))
        return commands_submit(request, command, after_delete);
    command_request_free(command);
    return out_of_memory(request);
}

/* ---- the body of a PUT ---- */

static bool read_coordinate(const struct body *pin, const char *name, double *out_coordinate)
{
    const json_t *value = json_object_get(pin->json, name);
    if (!json_is_number(value) || !(fabs(json_number_value(value)) <= LAYOUT_COORDINATE_MAX))
        return body_refuse(pin, value == NULL ? PROBLEM_MISSING_MEMBER : PROBLEM_BAD_MEMBER, name,
                           "\"%s\" is a number from -%d to %d", name, LAYOUT_COORDINATE_MAX,
                           LAYOUT_COORDINATE_MAX);
    *out_coordinate = json_number_value(value);
    return true;
}

static bool read_pin(const struct body *pins, const char *kma_id, json_t *out_pins)
{
    static const char *const members[] = { "x", "y", NULL };
    double x, y;
    struct body pin;
    if (!text_is_identifier(text_from_c(kma_id)))
        return body_refuse(pins, PROBLEM_BAD_MEMBER, kma_id,
                           "a pin's name is the identifier of a KMA: 1 to 255 bytes of UTF-8 without control "
                           "characters");
    if (!body_object(pins, kma_id, &pin) || !body_has_only(&pin, members) ||
        !read_coordinate(&pin, "x", &x) || !read_coordinate(&pin, "y", &y))
        return false;
    if (json_object_set_new(out_pins, kma_id, json_pack("{s:f, s:f}", "x", x, "y", y)) != 0)
        return body_refuse(pins, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return true;
}

static bool read_pins(const struct body *body, json_t *out_pins)
{
    struct body pins;
    const char *kma_id;
    json_t *value;
    if (!body_has(body, "pins"))
        return body_refuse(body, PROBLEM_MISSING_MEMBER, "pins", "\"pins\" is mandatory; add it");
    if (!body_object(body, "pins", &pins))
        return false;
    if (json_object_size(pins.json) > LAYOUT_PINS_MAX)
        return body_refuse(&pins, PROBLEM_BAD_MEMBER, NULL, "a layout has at most %d pins", LAYOUT_PINS_MAX);
    json_object_foreach((json_t *)pins.json, kma_id, value)
    {
        if (!read_pin(&pins, kma_id, out_pins))
            return false;
    }
    return true;
}

/* The pins as they are kept: in the order of their names, so that the same are the same. */
static bool write_document(const struct body *body, const json_t *pins, struct document_config *document)
{
    char *text = json_dumps(pins, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    document->body = text != NULL ? arena_copy(body->arena, text_from_c(text)) : TEXT_ABSENT;
    free(text);
    document->kind = DOCUMENT_LAYOUT;
    document->document_id = document_id(body->arena, body->request->id);
    if (!text_is_present(document->body) || !text_is_present(document->document_id))
        return body_refuse(body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return document->body.length <= LIMIT_DOCUMENT_BYTES ||
           body_refuse(body, PROBLEM_REFUSED, "pins", "all pins together take more than %d bytes",
                       LIMIT_DOCUMENT_BYTES);
}

static bool read_layout(struct request *request, struct command_request *command,
                        struct document_config *document)
{
    static const char *const members[] = { "layout_id", "pins", "revision", "changed_at", "warnings", NULL };
    struct body body;
    if (!body_parse(request, &command->arena, &body) || !body_has_only(&body, members) ||
        !body_agrees(&body, "layout_id", request->id))
        return false;
    json_t *pins = json_object();
    const bool good = read_pins(&body, pins) && write_document(&body, pins, document);
    json_decref(pins);
    return good;
}

/* ---- a PUT ---- */

static void after_put(struct request *request, const struct reply *reply)
{
    const struct configured layout = find(request);
    configuration_answer_written(request, reply, &layout);
}

static bool has_room(struct request *request, const struct configured *layout)
{
    const struct document_view *documents;
    const struct problem full = { .kind = PROBLEM_REFUSED,
                                  .detail = TEXT(
                                      "there are 64 layouts, as many as the bridge keeps: delete one first"),
                                  .reason = REASON_LIMIT_REACHED };
    _Static_assert(LAYOUTS_MAX == 64, "the words say so");
    if (request->id.length > LAYOUT_ID_BYTES_MAX) {
        request_refuse(request, PROBLEM_BAD_TARGET, NULL, "a layout's ID has at most %d bytes",
                       LAYOUT_ID_BYTES_MAX);
        return false;
    }
    if (layout->item != NULL ||
        snapshot_documents(request_snapshot(request), DOCUMENT_LAYOUT, &documents) < LAYOUTS_MAX)
        return true;
    request_problem(request, &full);
    return false;
}

enum handled handle_layout_put(struct request *request)
{
    const struct configured layout = find(request);
    if (!has_room(request, &layout))
        return HANDLED_ANSWERED;
    struct command_request *command = configuration_command(request, COMMAND_DOCUMENT_PUT, &layout);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct document_config *document = arena_allocate(&command->arena, sizeof *document);
    if (document == NULL || !read_layout(request, command, document)) {
        if (document == NULL)
            out_of_memory(request);
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    command->command.document = document;
    return commands_submit(request, command, after_put);
}
