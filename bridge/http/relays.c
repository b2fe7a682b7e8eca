/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <stdio.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/api.h"
#include "http/explanation_render.h"
#include "http/history_list.h"
#include "http/items.h"

enum { LOCATION_BYTES = 64 };

static void put_members(struct bytes_writer *writer, const struct relay_record *relay)
{
    render_name_and_id(writer, "relay_id", relay->relay_id);
    render_name_and_c(writer, "state", relay_state_name(relay->state));
    render_name_and_c(writer, "reason", reason_name(relay->reason));
    render_name_and_text(writer, "detail", relay->detail);
    render_name_and_text(writer, "km_id", relay->km_id);
    render_name_and_text(writer, "source_kma_id", relay->source_kma_id);
    render_name_and_text(writer, "destination_kma_id", relay->destination_kma_id);
    render_name_and_text(writer, "application_destination_id", relay->application_destination_id);
    render_name_and_texts(writer, "path", relay->path, relay->path_length);
    render_name_and_c(writer, "decided_by", decider_name(relay->decided_by));
    render_name_and_text(writer, "route_id", relay->route_id);
    render_name_and_boolean(writer, "unsolicited", relay->unsolicited);
    render_name_and_boolean(writer, "sent", relay->sent);
    render_name_and_time(writer, "received_at", relay->received_ms);
    render_name_and_time(writer, "decided_at", relay->decided_ms);
    render_name_and_time(writer, "instructed_at", relay->instructed_ms);
    render_name_and_time(writer, "ended_at", relay->ended_ms);
}

static void put_relay(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static void put_timeline(struct bytes_writer *writer, const struct relay_record *relay)
{
    json_name(writer, "timeline");
    json_open_array(writer);
    for (size_t i = 0; i < relay->timeline_count; i++) {
        json_open_object(writer);
        render_name_and_time(writer, "time", relay->timeline[i].time_ms);
        render_name_and_c(writer, "state", relay_state_name(relay->timeline[i].state));
        render_name_and_c(writer, "reason", reason_name(relay->timeline[i].reason));
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_detail(struct bytes_writer *writer, const struct relay_record *relay)
{
    put_members(writer, relay);
    render_name_and_u64(writer, "version", relay->version);
    render_name_and_u64(writer, "message_id", relay->message_id);
    json_name(writer, "extension");
    if (text_is_present(relay->extension))
        json_raw(writer, relay->extension);
    else
        json_put_null(writer);
    put_timeline(writer, relay);
    explanation_put_relay(writer, relay);
}

void relay_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_detail(writer, value);
    json_close_object(writer);
}

static bool visit(void *context, const struct relay_record *relay)
{
    return history_list_add(context, relay->relay_id, put_relay, relay);
}

static bool read_state(struct request *request, struct history_filter *filter)
{
    struct text name = request_parameter(request, "state");
    enum relay_state state;
    if (!text_is_present(name))
        return true;
    if (!relay_state_from_name(name, &state))
        return history_list_refuse_state(
            request,
            "received, awaiting_decision, instructed, succeeded, failed, rejected, expired, orphaned");
    filter->has_state = true;
    filter->state = (int)state;
    return true;
}

enum handled handle_relays_list(struct request *request)
{
    const struct history *history = &request->backend->history;
    struct history_filter filter;
    struct history_page page;
    if (!history_list_read(request, &filter, &page) || !read_state(request, &filter))
        return HANDLED_ANSWERED;
    uint64_t before_id = 0;
    enum history_status status = history->relays(history->context, &filter, visit, &page, &before_id);
    return history_list_answer(request, &page, status, before_id);
}

static bool answer_detail(void *context, const struct relay_record *relay)
{
    request_answer_value(context, 200, relay_put_item, relay);
    return false;
}

enum handled handle_relay_get(struct request *request)
{
    const struct history *history = &request->backend->history;
    uint64_t relay_id = history_list_id(request);
    if (relay_id == 0)
        return HANDLED_ANSWERED;
    enum history_status found = history->relay(history->context, relay_id, answer_detail, request);
    return request->answered ? HANDLED_ANSWERED : history_list_refuse(request, found);
}

/* ---- written ---- */

/* A relay's row as the answer to a write, in `status`. */
struct written {
    struct request *request;
    unsigned status;
    const struct reply *reply;
    const struct relay_record *relay;
};

static void put_written(struct bytes_writer *writer, const void *value)
{
    const struct written *written = value;
    json_open_object(writer);
    put_detail(writer, written->relay);
    render_name_and_texts(writer, "warnings", written->reply->warnings, written->reply->warning_count);
    json_close_object(writer);
}

static bool answer_row(void *context, const struct relay_record *relay)
{
    struct written *written = context;
    written->relay = relay;
    request_answer_value(written->request, written->status, put_written, written);
    return false;
}

static void answer_written(struct request *request, unsigned status, const struct reply *reply)
{
    const struct history *history = &request->backend->history;
    struct written written = { .request = request, .status = status, .reply = reply };
    enum history_status found = history->relay(history->context, reply->request_id, answer_row, &written);
    if (!request->answered)
        history_list_refuse(request, found);
}

static void after_decision(struct request *request, const struct reply *reply)
{
    answer_written(request, 200, reply);
}

enum handled handle_relay_decide(struct request *request)
{
    uint64_t relay_id = history_list_id(request);
    struct command_request *command = relay_id != 0 ? commands_new(request, COMMAND_RELAY_DECIDE) : NULL;
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.request_id = relay_id;
    if (!history_list_read_decision(request, command, "path", LIMIT_PATH_KMAS)) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    return commands_submit(request, command, after_decision);
}

static void after_start(struct request *request, const struct reply *reply)
{
    char *location = arena_allocate(&request->arena, LOCATION_BYTES);
    if (location != NULL)
        snprintf(location, LOCATION_BYTES, API_BASE "/relays/%llu", (unsigned long long)reply->request_id);
    request->answer.location = location;
    answer_written(request, 201, reply);
}

/* The ends may be said beside the path, as they are where relays are read; an empty path is the core's to
 * refuse. */
static bool ends_agree(const struct body *body, const struct command *command)
{
    return command->path_length == 0 ||
           (body_agrees(body, "source_kma_id", command->path[0]) &&
            body_agrees(body, "destination_kma_id", command->path[command->path_length - 1]));
}

static bool read_start(struct request *request, struct command_request *command)
{
    static const char *const members[] = { "path", "source_kma_id", "destination_kma_id", NULL };
    struct body body;
    return body_parse(request, &command->arena, &body) && body_has_only(&body, members) &&
           body_identifiers(&body, "path", MANDATORY, LIMIT_PATH_KMAS, &command->command.path,
                            &command->command.path_length) &&
           ends_agree(&body, &command->command);
}

enum handled handle_relay_start(struct request *request)
{
    struct command_request *command = commands_new(request, COMMAND_RELAY_START);
    if (command == NULL)
        return HANDLED_ANSWERED;
    if (!read_start(request, command)) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    return commands_submit(request, command, after_start);
}
