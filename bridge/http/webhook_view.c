/* SPDX-License-Identifier: Apache-2.0 */
#include "http/webhook_view.h"

#include <stdlib.h>

#include "ck/json_writer.h"
#include "core/webhook_url.h"

static bool count_letter(void *context, const struct dead_letter *letter)
{
    size_t *count = context;
    (void)letter;
    return ++*count < WEBHOOK_VIEW_LETTERS_MAX;
}

/* As if the sender had just begun with it, until it has. */
static void read_status(const struct request *request, struct webhook_view *view)
{
    const struct http_webhooks *webhooks = &request->backend->webhooks;
    const struct history *history = &request->backend->history;
    if (webhooks->status == NULL ||
        !webhooks->status(request->backend->context, view->webhook_id, &view->status)) {
        view->status = (struct webhook_status){ .position = view->definition.start_after };
        view->status.state = view->definition.enabled ? WEBHOOK_IDLE : WEBHOOK_DISABLED;
    }
    view->letters_counted = history->dead_letters(history->context, view->webhook_id, 0, count_letter,
                                                  &view->letter_count) != HISTORY_UNAVAILABLE;
}

static bool read_view(struct request *request, const struct document_view *document,
                      struct webhook_view *view)
{
    const struct text id = document->config.document_id;
    view->webhook_id = (struct text){ id.bytes + WEBHOOK_PREFIX.length, id.length - WEBHOOK_PREFIX.length };
    view->stored = document;
    if (!webhook_definition_read(document->config.body, &request->arena, &view->definition))
        return false;
    view->document = document;
    read_status(request, view);
    return true;
}

struct webhook_view *webhook_view_find(struct request *request, struct text webhook_id)
{
    struct webhook_view *view = arena_allocate(&request->arena, sizeof *view);
    const struct text id = webhook_document_id(&request->arena, WEBHOOK_PREFIX, webhook_id);
    if (view == NULL || !text_is_present(id))
        return NULL;
    const struct document_view *document = snapshot_document(request_snapshot(request), id);
    if (document != NULL)
        read_view(request, document, view);
    return view;
}

struct webhook_view *webhook_views(struct request *request, size_t *out_count)
{
    const struct document_view *documents;
    const size_t count = snapshot_documents(request_snapshot(request), DOCUMENT_WEBHOOK, &documents);
    struct webhook_view *views = arena_allocate(&request->arena, (count + 1) * sizeof *views);
    size_t kept = 0;
    for (size_t i = 0; views != NULL && i < count; i++)
        kept += read_view(request, &documents[i], &views[kept]);
    *out_count = kept;
    return views;
}

static void put_url(struct bytes_writer *writer, struct text url)
{
    char buffer[LIMIT_WEBHOOK_URL_BYTES];
    struct bytes_writer redacted = bytes_writer(buffer, sizeof buffer);
    webhook_url_write_redacted(url, &redacted);
    render_name_and_text(writer, "url", bytes_written(&redacted));
}

static void put_delivery(struct bytes_writer *writer, const struct webhook_view *view)
{
    const struct webhook_status *status = &view->status;
    const struct text error = text_from_c(status->last_error);
    json_name(writer, "delivery");
    json_open_object(writer);
    render_name_and_c(writer, "state", webhook_state_name(status->state));
    render_name_and_id(writer, "position", status->position);
    render_name_and_u64(writer, "lag", status->lag);
    render_name_and_time(writer, "last_attempt_at", status->last_attempt_ms);
    render_name_and_time(writer, "last_success_at", status->last_success_ms);
    json_name(writer, "last_status");
    if (status->last_status != 0)
        json_u64(writer, status->last_status);
    else
        json_put_null(writer);
    render_name_and_text(writer, "last_error", error.length > 0 && text_is_utf8(error) ? error : TEXT_ABSENT);
    render_name_and_time(writer, "failing_since", status->failing_since_ms);
    render_name_and_time(writer, "next_attempt_at", status->next_attempt_ms);
    render_name_and_u64(writer, "attempts", status->attempts);
    render_name_and_boolean(writer, "replaying", status->replaying);
    json_name(writer, "dead_letters");
    if (view->letters_counted)
        json_u64(writer, view->letter_count);
    else
        json_put_null(writer);
    json_close_object(writer);
}

void webhook_view_put_members(struct bytes_writer *writer, const void *value)
{
    static const struct text all = { "*", 1 };
    const struct webhook_view *view = value;
    const struct webhook_definition *definition = &view->definition;
    render_name_and_text(writer, "webhook_id", view->webhook_id);
    put_url(writer, definition->url);
    render_name_and_texts(writer, "types", definition->type_count > 0 ? definition->types : &all,
                          definition->type_count > 0 ? definition->type_count : 1);
    render_name_and_texts(writer, "subjects", definition->subjects, definition->subject_count);
    render_name_and_boolean(writer, "enabled", definition->enabled);
    render_name_and_u64(writer, "timeout_ms", definition->timeout_ms);
    render_name_and_time(writer, "created_at", definition->created_ms);
    render_name_and_time(writer, "old_secret_valid_until", definition->old_secret_until_ms);
    configuration_put_revision(writer, &view->document->revision);
    put_delivery(writer, view);
    if (text_is_present(view->secret))
        render_name_and_text(writer, "secret", view->secret);
}

void webhook_view_put(struct bytes_writer *writer, const void *view)
{
    json_open_object(writer);
    webhook_view_put_members(writer, view);
    json_close_object(writer);
}

struct configured webhook_view_configured(const struct webhook_view *view)
{
    const bool exists = view != NULL && view->document != NULL;
    return (struct configured){ .item = exists ? view : NULL,
                                .revision = exists ? &view->document->revision : NULL,
                                .render = webhook_view_put_members,
                                .live = true };
}
