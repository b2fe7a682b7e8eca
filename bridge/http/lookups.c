/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/explanation_render.h"
#include "http/history_list.h"
#include "http/items.h"

static void put_members(struct bytes_writer *writer, const struct lookup_record *lookup)
{
    render_name_and_id(writer, "lookup_id", lookup->lookup_id);
    render_name_and_c(writer, "state", lookup_state_name(lookup->state));
    render_name_and_c(writer, "reason", reason_name(lookup->reason));
    render_name_and_text(writer, "detail", lookup->detail);
    render_name_and_text(writer, "km_id", lookup->km_id);
    render_name_and_text(writer, "current_kma_id", lookup->current_kma_id);
    render_name_and_text(writer, "source_kma_id", lookup->source_kma_id);
    render_name_and_text(writer, "destination_kma_id", lookup->destination_kma_id);
    render_name_and_text(writer, "application_destination_id", lookup->application_destination_id);
    render_name_and_texts(writer, "next_kma_ids", lookup->next_kma_ids, lookup->next_kma_id_count);
    render_name_and_c(writer, "decided_by", decider_name(lookup->decided_by));
    render_name_and_time(writer, "received_at", lookup->received_ms);
    render_name_and_time(writer, "ended_at", lookup->ended_ms);
}

static void put_lookup(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

static void put_detail(struct bytes_writer *writer, const struct lookup_record *lookup)
{
    put_members(writer, lookup);
    render_name_and_u64(writer, "message_id", lookup->message_id);
    json_name(writer, "extension");
    if (text_is_present(lookup->extension))
        json_raw(writer, lookup->extension);
    else
        json_put_null(writer);
    explanation_put_lookup(writer, lookup);
}

void lookup_put_item(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_detail(writer, value);
    json_close_object(writer);
}

static bool visit(void *context, const struct lookup_record *lookup)
{
    return history_list_add(context, lookup->lookup_id, put_lookup, lookup);
}

static bool read_state(struct request *request, struct history_filter *filter)
{
    struct text name = request_parameter(request, "state");
    enum lookup_state state;
    if (!text_is_present(name))
        return true;
    if (!lookup_state_from_name(name, &state))
        return history_list_refuse_state(request, "received, awaiting_decision, answered, rejected");
    filter->has_state = true;
    filter->state = (int)state;
    return true;
}

enum handled handle_lookups_list(struct request *request)
{
    const struct history *history = &request->backend->history;
    struct history_filter filter;
    struct history_page page;
    if (!history_list_read(request, &filter, &page) || !read_state(request, &filter))
        return HANDLED_ANSWERED;
    uint64_t before_id = 0;
    enum history_status status = history->lookups(history->context, &filter, visit, &page, &before_id);
    return history_list_answer(request, &page, status, before_id);
}

static bool answer_detail(void *context, const struct lookup_record *lookup)
{
    request_answer_value(context, 200, lookup_put_item, lookup);
    return false;
}

enum handled handle_lookup_get(struct request *request)
{
    const struct history *history = &request->backend->history;
    uint64_t lookup_id = history_list_id(request);
    if (lookup_id == 0)
        return HANDLED_ANSWERED;
    enum history_status found = history->lookup(history->context, lookup_id, answer_detail, request);
    return request->answered ? HANDLED_ANSWERED : history_list_refuse(request, found);
}

/* A lookup's row as the answer to its decision. */
struct decided {
    struct request *request;
    const struct reply *reply;
    const struct lookup_record *lookup;
};

static void put_decided(struct bytes_writer *writer, const void *value)
{
    const struct decided *decided = value;
    json_open_object(writer);
    put_detail(writer, decided->lookup);
    render_name_and_texts(writer, "warnings", decided->reply->warnings, decided->reply->warning_count);
    json_close_object(writer);
}

static bool answer_row(void *context, const struct lookup_record *lookup)
{
    struct decided *decided = context;
    decided->lookup = lookup;
    request_answer_value(decided->request, 200, put_decided, decided);
    return false;
}

static void after_decision(struct request *request, const struct reply *reply)
{
    const struct history *history = &request->backend->history;
    struct decided decided = { .request = request, .reply = reply };
    enum history_status found = history->lookup(history->context, reply->request_id, answer_row, &decided);
    if (!request->answered)
        history_list_refuse(request, found);
}

enum handled handle_lookup_decide(struct request *request)
{
    uint64_t lookup_id = history_list_id(request);
    struct command_request *command = lookup_id != 0 ? commands_new(request, COMMAND_LOOKUP_DECIDE) : NULL;
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.request_id = lookup_id;
    if (!history_list_read_decision(request, command, "next_hops", LIMIT_HOP_CANDIDATES)) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    return commands_submit(request, command, after_decision);
}
