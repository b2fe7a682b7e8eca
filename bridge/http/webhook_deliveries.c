/* SPDX-License-Identifier: Apache-2.0 */
/* A webhook's deliveries: what was given up, what is to be delivered again, and a delivery to try it. */
#include <string.h>

#include "base/limits.h"
#include "ck/json_writer.h"
#include "http/history_list.h"
#include "http/resources.h"
#include "http/webhook_view.h"

/* NULL: answered, there is no such webhook. */
static const struct webhook_view *find(struct request *request)
{
    const struct webhook_view *view = webhook_view_find(request, request->id);
    if (view != NULL && view->document != NULL)
        return view;
    if (view == NULL)
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    else
        history_list_refuse(request, HISTORY_NOT_FOUND);
    return NULL;
}

/* An event's ID; false: it is not written as one. No event has INT64_MAX, which stands for all beyond. */
static bool read_digits(struct text digits, uint64_t *out_id)
{
    for (size_t i = 0; i < digits.length; i++)
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9')
            return false;
    if (digits.length == 0 || digits.bytes[0] == '0')
        return false;
    if (!text_to_u64(digits, INT64_MAX, out_id))
        *out_id = INT64_MAX;
    return true;
}

/* ---- dead letters ---- */

static void put_letter(struct bytes_writer *writer, const void *value)
{
    const struct dead_letter *letter = value;
    json_open_object(writer);
    render_name_and_id(writer, "event_id", letter->event_id);
    render_name_and_c(writer, "kind", letter->attempts > 0 ? "refused" : "gap");
    render_name_and_time(writer, "given_up_at", letter->time_ms);
    render_name_and_u64(writer, "attempts", letter->attempts);
    json_name(writer, "status");
    if (letter->status != 0)
        json_u64(writer, letter->status);
    else
        json_put_null(writer);
    render_name_and_text(writer, "detail", letter->detail);
    json_close_object(writer);
}

static bool add_letter(void *context, const struct dead_letter *letter)
{
    return history_list_add(context, letter->event_id, put_letter, letter);
}

enum handled handle_webhook_letters_list(struct request *request)
{
    const struct history *history = &request->backend->history;
    struct history_page page = { .written = 0 };
    uint64_t after_id;
    if (!page_read_number(request, &page.page, &after_id) || find(request) == NULL)
        return HANDLED_ANSWERED;
    render_init(&page.render);
    const enum history_status status =
        history->dead_letters(history->context, request->id, after_id, add_letter, &page);
    return history_list_answer(request, &page, status, 0);
}

static void after_letters_delete(struct request *request, const struct reply *reply)
{
    (void)reply;
    request_answer_empty(request, 204);
}

enum handled handle_webhook_letters_delete(struct request *request)
{
    const struct text only = request_parameter(request, "event_id");
    uint64_t event_id = 0;
    if (text_is_present(only) && !read_digits(only, &event_id))
        return request_refuse(request, PROBLEM_BAD_PARAMETER, "event_id",
                              "event_id is the ID of one dead letter's event; leave it out to delete all");
    if (find(request) == NULL)
        return HANDLED_ANSWERED;
    struct command_request *command = commands_new(request, COMMAND_DEAD_LETTERS_DELETE);
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.id = arena_copy(&command->arena, request->id);
    command->command.event_id = event_id;
    return commands_submit(request, command, after_letters_delete);
}

/* ---- delivering again ---- */

static bool read_id(const json_t *value, uint64_t *out_id)
{
    return json_is_string(value) &&
           read_digits((struct text){ json_string_value(value), json_string_length(value) }, out_id);
}

static bool read_after(const struct body *body, struct webhook_replay *replay)
{
    const struct history *history = &body->request->backend->history;
    uint64_t oldest_id = 0, newest_id = 0;
    if (history->event_bounds(history->context, &oldest_id, &newest_id) == HISTORY_UNAVAILABLE)
        return body_refuse(body, PROBLEM_STORE_UNAVAILABLE, NULL,
                           "history can't be read now; try again later");
    const json_t *after = json_object_get(body->json, "after");
    const bool is_zero = json_is_string(after) && strcmp(json_string_value(after), "0") == 0;
    const bool is_id = is_zero || read_id(after, &replay->after);
    replay->moves = true;
    if (is_id && replay->after <= newest_id)
        return true;
    return body_refuse(
        body, is_id ? PROBLEM_REFUSED : PROBLEM_BAD_MEMBER, "after",
        "\"after\" is the ID of the event after which deliveries go on, a string: \"0\" to \"%llu\"",
        (unsigned long long)newest_id);
}

static bool read_letters(const struct body *body, struct webhook_replay *replay)
{
    const json_t *given = json_object_get(body->json, "dead_letters");
    const json_t *array;
    replay->all_letters = json_is_true(given);
    if (replay->all_letters)
        return true;
    if (!json_is_array(given) || json_array_size(given) == 0)
        return body_refuse(body, PROBLEM_BAD_MEMBER, "dead_letters",
                           "\"dead_letters\" is true, for all, or an array of their events' IDs");
    if (!body_array(body, "dead_letters", LIMIT_WEBHOOK_LETTERS, &array))
        return false;
    replay->letter_count = json_array_size(array);
    replay->letters = arena_allocate(body->arena, replay->letter_count * sizeof *replay->letters);
    if (replay->letters == NULL)
        return body_refuse(body, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    for (size_t i = 0; i < replay->letter_count; i++)
        if (!read_id(json_array_get(array, i), &replay->letters[i]))
            return body_refuse(body, PROBLEM_BAD_MEMBER, "dead_letters",
                               "element %zu is not an event's ID, a string of digits", i);
    return true;
}

static bool read_replay(struct request *request, struct command_request *command,
                        struct webhook_replay *replay)
{
    static const char *const members[] = { "after", "dead_letters", NULL };
    struct body body;
    if (!body_parse(request, &command->arena, &body) || !body_has_only(&body, members))
        return false;
    if (body_has(&body, "after") == body_has(&body, "dead_letters"))
        return body_refuse(&body, body_has(&body, "after") ? PROBLEM_BAD_MEMBER : PROBLEM_MISSING_MEMBER,
                           "after", "give either \"after\" or \"dead_letters\"");
    return body_has(&body, "after") ? read_after(&body, replay) : read_letters(&body, replay);
}

/* One more than that of any replay before. */
static uint64_t next_serial(struct request *request, struct command_request *command, struct text document_id)
{
    struct webhook_replay before;
    const struct document_view *document = snapshot_document(request_snapshot(request), document_id);
    if (document == NULL || !webhook_replay_read(document->config.body, &command->arena, &before))
        return 1;
    return before.serial + 1;
}

/* False: no memory. */
static bool set_document(struct request *request, struct command_request *command,
                         struct webhook_replay *replay)
{
    struct document_config *document = arena_allocate(&command->arena, sizeof *document);
    char *buffer = arena_allocate(&command->arena, LIMIT_DOCUMENT_BYTES);
    const struct text id = webhook_document_id(&command->arena, WEBHOOK_REPLAY_PREFIX, request->id);
    if (document == NULL || buffer == NULL || !text_is_present(id))
        return false;
    struct bytes_writer writer = bytes_writer(buffer, LIMIT_DOCUMENT_BYTES);
    replay->serial = next_serial(request, command, id);
    webhook_replay_write(replay, &writer);
    *document = (struct document_config){ DOCUMENT_WEBHOOK_STATE, id, bytes_written(&writer) };
    command->command.document = document;
    return true;
}

static void put_replay(struct bytes_writer *writer, const void *value)
{
    const struct webhook_replay *replay = value;
    json_open_object(writer);
    render_name_and_id(writer, "replay", replay->serial);
    json_name(writer, "after");
    if (replay->moves)
        json_u64_text(writer, replay->after);
    else
        json_put_null(writer);
    json_name(writer, "dead_letters");
    if (replay->moves) {
        json_put_null(writer);
    } else if (replay->all_letters) {
        json_put_boolean(writer, true);
    } else {
        json_open_array(writer);
        for (size_t i = 0; i < replay->letter_count; i++)
            json_u64_text(writer, replay->letters[i]);
        json_close_array(writer);
    }
    json_close_object(writer);
}

static void after_replay(struct request *request, const struct reply *reply)
{
    const struct webhook_replay *replay = request->context;
    (void)reply;
    if (request->backend->webhooks.changed != NULL)
        request->backend->webhooks.changed(request->backend->context);
    request_answer_value(request, 202, put_replay, replay);
}

/* The command's arena goes with the command; the answer tells of the replay later. */
static bool note_replay(struct request *request, const struct webhook_replay *replay)
{
    struct webhook_replay *note = arena_allocate(&request->arena, sizeof *note);
    uint64_t *letters = arena_allocate(&request->arena, (replay->letter_count + 1) * sizeof *letters);
    if (note == NULL || letters == NULL)
        return false;
    for (size_t i = 0; i < replay->letter_count; i++)
        letters[i] = replay->letters[i];
    *note = *replay;
    note->letters = letters;
    request->context = note;
    return true;
}

enum handled handle_webhook_replay(struct request *request)
{
    struct command_request *command = commands_new(request, COMMAND_DOCUMENT_PUT);
    struct webhook_replay replay = { .serial = 0 };
    if (command == NULL)
        return HANDLED_ANSWERED;
    const struct webhook_view *view = read_replay(request, command, &replay) ? find(request) : NULL;
    if (view == NULL) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    replay.created_ms = view->definition.created_ms;
    if (!set_document(request, command, &replay) || !note_replay(request, &replay)) {
        command_request_free(command);
        return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    }
    return commands_submit(request, command, after_replay);
}

/* ---- trying it ---- */

static bool send_test(struct request *request, uint64_t id)
{
    const struct http_backend *backend = request->backend;
    return backend->webhooks.test != NULL && backend->webhooks.test(backend->context, id, request->id);
}

static void put_json(struct bytes_writer *writer, const void *value)
{
    json_raw(writer, *(const struct text *)value);
}

/* The sender's JSON comes as the reply's detail. */
static void after_test(struct request *request, const struct reply *reply)
{
    request_answer_value(request, 200, put_json, &reply->detail);
}

enum handled handle_webhook_test(struct request *request)
{
    return find(request) != NULL ? commands_await(request, send_test, after_test) : HANDLED_ANSWERED;
}
