/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks as they are configured. The secret signs, so it is kept as it is, and shown but once: in the
   answer to the PUT for which the bridge has made it. */
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "core/notice_filter.h"
#include "core/webhook_secret.h"
#include "core/webhook_url.h"
#include "http/page.h"
#include "http/resources.h"
#include "http/webhook_view.h"
#include "system/clock.h"

static struct text key_of(const void *item)
{
    return ((const struct webhook_view *)item)->webhook_id;
}

static enum handled out_of_memory(struct request *request)
{
    return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
}

enum handled handle_webhooks_list(struct request *request)
{
    struct listing listing = { .item_bytes = sizeof(struct webhook_view),
                               .key = key_of,
                               .render = webhook_view_put };
    listing.items = webhook_views(request, &listing.count);
    return listing.items != NULL ? page_answer_listing(request, &listing) : out_of_memory(request);
}

enum handled handle_webhook_get(struct request *request)
{
    const struct webhook_view *view = webhook_view_find(request, request->id);
    const struct configured webhook = webhook_view_configured(view);
    return view != NULL ? configuration_answer_object(request, &webhook) : out_of_memory(request);
}

static void tell_sender(const struct request *request)
{
    if (request->backend->webhooks.changed != NULL)
        request->backend->webhooks.changed(request->backend->context);
}

static void after_delete(struct request *request, const struct reply *reply)
{
    tell_sender(request);
    configuration_answer_change(request, reply);
}

enum handled handle_webhook_delete(struct request *request)
{
    const struct configured webhook = webhook_view_configured(webhook_view_find(request, request->id));
    struct command_request *command = configuration_command(request, COMMAND_DOCUMENT_DELETE, &webhook);
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.id = webhook_document_id(&command->arena, WEBHOOK_PREFIX, request->id);
    return commands_submit(request, command, after_delete);
}

/* ---- the body of a PUT ---- */

/* What a PUT makes of the webhook that was there. */
struct writing {
    struct body body;
    const struct webhook_view *before; /* its document is NULL: there was none */
    struct webhook_definition definition;
    bool secret_made;
};

static bool is_new(const struct writing *writing)
{
    return writing->before->document == NULL;
}

/* GET shows a URL without its credentials; sent back so, it stays what it is. */
static bool is_as_shown(const struct writing *writing, struct text url)
{
    char buffer[LIMIT_WEBHOOK_URL_BYTES];
    struct bytes_writer shown = bytes_writer(buffer, sizeof buffer);
    if (is_new(writing))
        return false;
    webhook_url_write_redacted(writing->before->definition.url, &shown);
    return text_equal(bytes_written(&shown), url);
}

static bool read_url(struct writing *writing)
{
    const struct http_backend *backend = writing->body.request->backend;
    const bool insecure = backend->webhooks.insecure != NULL && backend->webhooks.insecure(backend->context);
    struct text url = TEXT_ABSENT;
    if (!body_words(&writing->body, "url", MANDATORY, &url))
        return false;
    writing->definition.url = is_as_shown(writing, url) ? writing->before->definition.url : url;
    const char *problem = webhook_url_problem(writing->definition.url, true);
    if (problem != NULL)
        return body_refuse(&writing->body, PROBLEM_BAD_MEMBER, "url", "%s", problem);
    problem = webhook_url_problem(writing->definition.url, insecure);
    return problem == NULL || body_refuse(&writing->body, PROBLEM_REFUSED, "url", "%s", problem);
}

static bool read_types(struct writing *writing)
{
    struct webhook_definition *definition = &writing->definition;
    struct notice_filter filter = { .subject_count = 0 };
    if (!body_identifiers(&writing->body, "types", OPTIONAL, LIMIT_WEBHOOK_TYPES, &definition->types,
                          &definition->type_count))
        return false;
    for (size_t i = 0; i < definition->type_count; i++)
        if (!notice_filter_add(&filter, definition->types[i]))
            return body_refuse(
                &writing->body, PROBLEM_REFUSED, "types",
                "\"%.*s\" is no event type: give names such as relay.failed, or relay.* for all "
                "that begin so",
                TEXT_ARGUMENTS(definition->types[i]));
    return true;
}

static bool read_subjects(struct writing *writing)
{
    const json_t *given = json_object_get(writing->body.json, "subjects");
    struct webhook_definition *definition = &writing->definition;
    struct text member, value;
    if (json_is_array(given) && json_array_size(given) == 0)
        return true;
    if (!body_identifiers(&writing->body, "subjects", OPTIONAL, LIMIT_WEBHOOK_SUBJECTS, &definition->subjects,
                          &definition->subject_count))
        return false;
    for (size_t i = 0; i < definition->subject_count; i++)
        if (!notice_subject_split(definition->subjects[i], &member, &value))
            return body_refuse(&writing->body, PROBLEM_REFUSED, "subjects",
                               "\"%.*s\" is neither an identifier nor one with its kind before it, such as "
                               "km_id:alice",
                               TEXT_ARGUMENTS(definition->subjects[i]));
    return true;
}

/* False: no random numbers, or no memory. */
static bool make_secret(struct writing *writing)
{
    char text[WEBHOOK_SECRET_TEXT_MAX];
    struct bytes_writer writer = bytes_writer(text, sizeof text);
    struct webhook_key key = { .length = WEBHOOK_SECRET_BYTES_NEW };
    if (getrandom(key.bytes, key.length, 0) != (ssize_t)key.length)
        return false;
    webhook_key_write(&key, &writer);
    writing->definition.secret = arena_copy(writing->body.arena, bytes_written(&writer));
    explicit_bzero(&key, sizeof key);
    explicit_bzero(text, sizeof text);
    writing->secret_made = true;
    return text_is_present(writing->definition.secret);
}

/* The one before signs too for a while, so that the receiver may change over when it suits. */
static void rotate(struct writing *writing, uint64_t overlap_s, uint64_t wall_ms)
{
    struct webhook_definition *definition = &writing->definition;
    const struct webhook_definition *before = &writing->before->definition;
    if (is_new(writing))
        return;
    const bool changes = !text_equal(definition->secret, before->secret);
    if (changes && overlap_s > 0) {
        definition->old_secret = before->secret;
        definition->old_secret_until_ms = wall_ms + 1000 * overlap_s;
    } else if (!changes && before->old_secret_until_ms > wall_ms) {
        definition->old_secret = before->old_secret;
        definition->old_secret_until_ms = before->old_secret_until_ms;
    }
}

static bool read_secret(struct writing *writing, uint64_t wall_ms)
{
    const struct body *body = &writing->body;
    struct webhook_definition *definition = &writing->definition;
    struct webhook_key key;
    int64_t overlap_s = WEBHOOK_OVERLAP_S_DEFAULT;
    definition->secret = writing->before->definition.secret;
    if (!body_words(body, "secret", OPTIONAL, &definition->secret) ||
        !body_integer(body, "secret_overlap_s", OPTIONAL, 0, WEBHOOK_OVERLAP_S_MAX, &overlap_s))
        return false;
    if (!text_is_present(definition->secret) && !make_secret(writing))
        return body_refuse(body, PROBLEM_INTERNAL, NULL, "no secret could be made; try again later");
    const bool good = webhook_key_read(definition->secret, &key);
    explicit_bzero(&key, sizeof key);
    if (!good) /* its words stay out of the answer */
        return body_refuse(
            body, PROBLEM_BAD_MEMBER, "secret",
            "a secret is whsec_ and the base64 of %d to %d bytes; leave it out, and the bridge makes "
            "one",
            WEBHOOK_SECRET_BYTES_MIN, WEBHOOK_SECRET_BYTES_MAX);
    rotate(writing, (uint64_t)overlap_s, wall_ms);
    return true;
}

static bool is_number(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
    return text.length > 0 && (text.length == 1 || text.bytes[0] != '0');
}

/* "now", or the event after which deliveries begin; of a new webhook alone. */
static bool read_start(struct writing *writing)
{
    const struct body *body = &writing->body;
    const struct history *history = &body->request->backend->history;
    struct text start = TEXT("now");
    uint64_t oldest_id = 0, newest_id = 0;
    if (!body_words(body, "start", OPTIONAL, &start))
        return false;
    if (!is_new(writing)) { /* the same body may be put again: deliveries go on where they are */
        writing->definition.start_after = writing->before->definition.start_after;
        return true;
    }
    if (history->event_bounds(history->context, &oldest_id, &newest_id) == HISTORY_UNAVAILABLE)
        return body_refuse(body, PROBLEM_STORE_UNAVAILABLE, NULL,
                           "history can't be read now; try again later");
    writing->definition.start_after = newest_id;
    if (text_equal(start, TEXT("now")) ||
        (is_number(start) && text_to_u64(start, newest_id, &writing->definition.start_after)))
        return true;
    return body_refuse(
        body, is_number(start) ? PROBLEM_REFUSED : PROBLEM_BAD_MEMBER, "start",
        "\"start\" is \"now\", or the ID of the event after which deliveries begin: \"0\" to \"%llu\"",
        (unsigned long long)newest_id);
}

static bool read_webhook(struct writing *writing)
{
    static const char *const members[] = { "webhook_id",
                                           "url",
                                           "types",
                                           "subjects",
                                           "secret",
                                           "secret_overlap_s",
                                           "enabled",
                                           "timeout_ms",
                                           "start",
                                           "created_at",
                                           "old_secret_valid_until",
                                           "revision",
                                           "changed_at",
                                           "delivery",
                                           "warnings",
                                           NULL };
    struct body *body = &writing->body;
    struct webhook_definition *definition = &writing->definition;
    const uint64_t wall_ms = clock_wall_ms();
    int64_t timeout_ms = WEBHOOK_TIMEOUT_MS_DEFAULT;
    definition->enabled = true;
    definition->created_ms = is_new(writing) ? wall_ms : writing->before->definition.created_ms;
    definition->resumed_ms =
        writing->before->status.state == WEBHOOK_GONE ? wall_ms : writing->before->definition.resumed_ms;
    if (!body_has_only(body, members) || !body_agrees(body, "webhook_id", body->request->id) ||
        !read_url(writing) || !read_types(writing) || !read_subjects(writing) ||
        !body_boolean(body, "enabled", &definition->enabled) ||
        !body_integer(body, "timeout_ms", OPTIONAL, WEBHOOK_TIMEOUT_MS_MIN, WEBHOOK_TIMEOUT_MS_MAX,
                      &timeout_ms) ||
        !read_secret(writing, wall_ms) || !read_start(writing))
        return false;
    definition->timeout_ms = (uint64_t)timeout_ms;
    return true;
}

/* ---- a PUT ---- */

static void after_put(struct request *request, const struct reply *reply)
{
    struct webhook_view *view = webhook_view_find(request, request->id);
    const struct configured webhook = webhook_view_configured(view);
    const struct text *made = request->context;
    tell_sender(request);
    if (webhook.item != NULL && made != NULL && text_equal(*made, view->definition.secret))
        view->secret = *made;
    configuration_answer_written(request, reply, &webhook);
}

/* The document in the command's arena; false: no memory. */
static bool set_document(struct command_request *command, const struct webhook_definition *definition,
                         struct text id)
{
    struct document_config *document = arena_allocate(&command->arena, sizeof *document);
    char *buffer = arena_allocate(&command->arena, LIMIT_DOCUMENT_BYTES);
    if (document == NULL || buffer == NULL)
        return false;
    struct bytes_writer writer = bytes_writer(buffer, LIMIT_DOCUMENT_BYTES);
    webhook_definition_write(definition, &writer);
    document->kind = DOCUMENT_WEBHOOK;
    document->document_id = webhook_document_id(&command->arena, WEBHOOK_PREFIX, id);
    document->body = bytes_written(&writer);
    command->command.document = document;
    return text_is_present(document->document_id) && !writer.overflowed;
}

/* Of a secret that the bridge has made: to be shown when it is in force. */
static void note_secret(struct request *request, const struct writing *writing)
{
    struct text *note = writing->secret_made ? arena_allocate(&request->arena, sizeof *note) : NULL;
    if (note != NULL)
        *note = arena_copy(&request->arena, writing->definition.secret);
    request->context = note;
}

/* What a webhook keeps of itself is taken from what was read: if that has changed, the client must look anew.
 */
static void guard(struct command *command, const struct writing *writing)
{
    const struct document_view *stored = writing->before->stored;
    command->if_match = stored != NULL ? stored->revision.number : 0;
    command->if_absent = stored == NULL;
}

static bool fill(struct request *request, struct command_request *command, const struct webhook_view *before)
{
    struct writing writing = { .before = before };
    if (!body_parse(request, &command->arena, &writing.body) || !read_webhook(&writing))
        return false;
    guard(&command->command, &writing);
    note_secret(request, &writing);
    if (set_document(command, &writing.definition, request->id))
        return true;
    request_refuse(request, PROBLEM_REFUSED, "", "all of its members together take more than %d bytes",
                   LIMIT_DOCUMENT_BYTES);
    return false;
}

static bool has_room(struct request *request, const struct webhook_view *before)
{
    const struct document_view *documents;
    if (request->id.length > LIMIT_WEBHOOK_ID_BYTES) {
        request_refuse(request, PROBLEM_BAD_TARGET, NULL, "a webhook's ID has at most %d bytes",
                       LIMIT_WEBHOOK_ID_BYTES);
        return false;
    }
    if (before->document != NULL ||
        snapshot_documents(request_snapshot(request), DOCUMENT_WEBHOOK, &documents) < LIMIT_WEBHOOKS)
        return true;
    const struct problem problem = { .kind = PROBLEM_REFUSED,
                                     .detail = TEXT("there are 32 webhooks, as many as the bridge can serve"),
                                     .reason = REASON_LIMIT_REACHED };
    request_problem(request, &problem);
    return false;
}

enum handled handle_webhook_put(struct request *request)
{
    const struct webhook_view *before = webhook_view_find(request, request->id);
    const struct configured webhook = webhook_view_configured(before);
    if (before == NULL)
        return out_of_memory(request);
    if (!has_room(request, before))
        return HANDLED_ANSWERED;
    struct command_request *command = configuration_command(request, COMMAND_DOCUMENT_PUT, &webhook);
    if (command == NULL)
        return HANDLED_ANSWERED;
    if (!fill(request, command, before)) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    return commands_submit(request, command, after_put);
}
