/* SPDX-License-Identifier: Apache-2.0 */
/* What must outlive the process: positions, now and then, and dead letters, before anything else goes on. */
#include <assert.h>
#include <stdio.h>

#include "base/limits.h"
#include "system/process_heap.h"
#include "webhook/endpoint.h"

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

void record_moved(struct endpoint *endpoint, bool delivered, uint64_t now_ms)
{
    endpoint->status.position = endpoint->progress.position;
    endpoint->status_changed = true;
    endpoint->unsaved += delivered;
    endpoint->save_at_ms =
        earlier(endpoint->save_at_ms, now_ms + (delivered ? ENDPOINT_SAVE_MS : ENDPOINT_SAVE_PASSED_MS));
    if (endpoint->unsaved >= ENDPOINT_SAVE_DELIVERIES)
        endpoint->save_at_ms = now_ms;
}

void record_soon(struct endpoint *endpoint)
{
    endpoint->save_at_ms = 0;
}

static bool submit(struct endpoint *endpoint, uint64_t command_id, struct command *command)
{
    const struct webhook_backend *backend = endpoint->tools->backend;
    command->actor = TEXT("webhooks");
    return backend->submit(backend->context, command_id, command);
}

static bool submit_progress(struct endpoint *endpoint)
{
    char body[512];
    struct arena arena;
    struct bytes_writer writer = bytes_writer(body, sizeof body);
    arena_init(&arena, &process_heap);
    webhook_progress_write(&endpoint->progress, &writer);
    assert(!writer.overflowed);
    const struct document_config document = {
        .kind = DOCUMENT_WEBHOOK_STATE,
        .document_id = webhook_document_id(&arena, WEBHOOK_POSITION_PREFIX, text_from_c(endpoint->id)),
        .body = bytes_written(&writer),
    };
    struct command command = { .kind = COMMAND_DOCUMENT_PUT, .document = &document };
    const bool submitted = text_is_present(document.document_id) && submit(endpoint, 0, &command);
    arena_fini(&arena);
    return submitted;
}

/* Nobody waits for a reply, so that none is made, and no snapshot for it: the next one tells soon enough. */
void record_save(struct endpoint *endpoint, uint64_t now_ms)
{
    if (now_ms < endpoint->save_at_ms)
        return;
    if (!submit_progress(endpoint)) {
        endpoint->save_at_ms = now_ms + ENDPOINT_AGAIN_MS;
        return;
    }
    endpoint->save_at_ms = UINT64_MAX;
    endpoint->unsaved = 0;
    endpoint->saved = endpoint->progress;
    endpoint->check_at_ms = now_ms + ENDPOINT_CHECK_MS;
}

static bool is_same(const struct webhook_progress *left, const struct webhook_progress *right)
{
    return left->created_ms == right->created_ms && left->position == right->position &&
           left->replay_serial == right->replay_serial && left->letters_done == right->letters_done &&
           left->gone_ms == right->gone_ms && left->resumed_ms == right->resumed_ms;
}

void record_check(struct endpoint *endpoint, const struct document_view *position, uint64_t now_ms)
{
    struct webhook_progress shown;
    struct arena arena;
    if (now_ms < endpoint->check_at_ms)
        return;
    arena_init(&arena, &process_heap);
    const bool is_recorded = position != NULL &&
                             webhook_progress_read(position->config.body, &arena, &shown) &&
                             is_same(&shown, &endpoint->saved);
    arena_fini(&arena);
    endpoint->check_at_ms = UINT64_MAX;
    if (!is_recorded)
        endpoint->save_at_ms = earlier(endpoint->save_at_ms, now_ms);
}

/* ---- dead letters ---- */

void record_letter(struct endpoint *endpoint, const struct dead_letter *letter, uint64_t position)
{
    assert(endpoint->letter_step == LETTER_NONE);
    endpoint->letter_step = LETTER_PUT;
    endpoint->letter = *letter;
    endpoint->letter.webhook_id = text_from_c(endpoint->id);
    snprintf(endpoint->letter_detail, sizeof endpoint->letter_detail, "%.*s", TEXT_ARGUMENTS(letter->detail));
    endpoint->letter.detail = text_from_c(endpoint->letter_detail);
    endpoint->letter_position = position;
}

void record_letter_done(struct endpoint *endpoint, uint64_t event_id)
{
    assert(endpoint->letter_step == LETTER_NONE);
    endpoint->letter_step = LETTER_DELETE;
    endpoint->letter = (struct dead_letter){ .event_id = event_id };
    endpoint->letter_position = 0;
}

static void submit_letter(struct endpoint *endpoint)
{
    struct command command = { .kind = COMMAND_DEAD_LETTERS_DELETE };
    if (endpoint->letter_step == LETTER_PUT) {
        command.kind = COMMAND_DEAD_LETTERS_PUT;
        command.dead_letters = &endpoint->letter;
        command.dead_letter_count = 1;
    } else {
        command.id = text_from_c(endpoint->id);
        command.event_id = endpoint->letter.event_id;
    }
    const uint64_t command_id = endpoint->tools->next_command_id;
    if (!submit(endpoint, command_id, &command))
        return;
    endpoint->tools->next_command_id++;
    endpoint->letter_command_id = command_id;
}

bool record_is_pending(struct endpoint *endpoint, uint64_t now_ms)
{
    if (endpoint->letter_step == LETTER_NONE)
        return false;
    if (endpoint->letter_command_id == 0)
        submit_letter(endpoint);
    if (endpoint->letter_command_id == 0)
        endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS;
    return true;
}

static bool is_done(const struct reply *reply)
{
    return reply->status == REPLY_OK || reply->status == REPLY_CREATED;
}

static void letter_recorded(struct endpoint *endpoint, uint64_t now_ms)
{
    if (endpoint->letter_step == LETTER_PUT) {
        endpoint->status.given_up++;
        endpoint->tools->totals.given_up++;
    }
    endpoint->letter_step = LETTER_NONE;
    if (endpoint->letter_position == 0)
        return;
    endpoint->progress.position = endpoint->letter_position;
    if (endpoint->queue.read_id < endpoint->letter_position)
        event_queue_reset(&endpoint->queue, endpoint->letter_position);
    record_moved(endpoint, true, now_ms);
}

void record_reply(struct endpoint *endpoint, const struct reply *reply, uint64_t now_ms)
{
    if (reply->command_id != endpoint->letter_command_id)
        return;
    endpoint->letter_command_id = 0;
    if (is_done(reply))
        letter_recorded(endpoint, now_ms);
    else
        endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS;
}
