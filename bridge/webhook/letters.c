/* SPDX-License-Identifier: Apache-2.0 */
/* Delivering again what an operator asks for: a position that moves, or dead letters, oldest first. */
#include <stdlib.h>

#include "system/process_heap.h"
#include "webhook/endpoint.h"

static int compare_ids(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void begin_letters(struct endpoint *endpoint, const struct webhook_replay *replay)
{
    endpoint->replays_letters = true;
    endpoint->replays_all = replay->all_letters;
    endpoint->replay_cursor = 0;
    endpoint->replay_count = replay->letter_count;
    for (size_t i = 0; i < replay->letter_count; i++)
        endpoint->replay_ids[i] = replay->letters[i];
    qsort(endpoint->replay_ids, endpoint->replay_count, sizeof endpoint->replay_ids[0], compare_ids);
}

/* What is on its way is broken off: it comes again in its turn, or was behind the new position already. */
static void break_off(struct endpoint *endpoint)
{
    transfer_abort(endpoint->transfer);
    endpoint->transfer = NULL;
    free(endpoint->current);
    endpoint->current = NULL;
    endpoint->refusals = 0;
    endpoint->status.attempts = 0;
    endpoint->retry_at_ms = 0;
}

static bool is_unfinished(const struct endpoint *endpoint, const struct webhook_replay *replay)
{
    return replay->serial == endpoint->progress.replay_serial && !endpoint->progress.letters_done &&
           !endpoint->replays_letters;
}

static void take_up(struct endpoint *endpoint, const struct webhook_replay *replay)
{
    break_off(endpoint);
    if (replay->moves)
        endpoint->progress.position = replay->after;
    event_queue_reset(&endpoint->queue, endpoint->progress.position);
    endpoint->replays_letters = false;
    endpoint->progress.replay_serial = replay->serial;
    endpoint->progress.letters_done = replay->moves;
    if (!replay->moves)
        begin_letters(endpoint, replay);
    endpoint->status.replaying = endpoint->replays_letters;
    endpoint->status.position = endpoint->progress.position;
    endpoint->status_changed = true;
    record_soon(endpoint);
}

bool letters_take_up(struct endpoint *endpoint, const struct document_view *document)
{
    struct webhook_replay replay;
    struct arena arena;
    bool taken = false;
    if (document == NULL || endpoint->letter_step != LETTER_NONE) /* that one is recorded first */
        return false;
    arena_init(&arena, &process_heap);
    if (webhook_replay_read(document->config.body, &arena, &replay) &&
        replay.created_ms == endpoint->progress.created_ms &&
        (replay.serial > endpoint->progress.replay_serial || is_unfinished(endpoint, &replay))) {
        take_up(endpoint, &replay);
        taken = true;
    }
    arena_fini(&arena);
    return taken;
}

struct next_letter {
    struct endpoint *endpoint;
    uint64_t event_id; /* 0: none */
    bool is_event;     /* else a gap, of which nothing is left to deliver */
};

static bool is_asked_for(const struct endpoint *endpoint, uint64_t event_id)
{
    return endpoint->replays_all || bsearch(&event_id, endpoint->replay_ids, endpoint->replay_count,
                                            sizeof endpoint->replay_ids[0], compare_ids) != NULL;
}

static bool visit(void *context, const struct dead_letter *letter)
{
    struct next_letter *next = context;
    if (!is_asked_for(next->endpoint, letter->event_id))
        return true;
    next->event_id = letter->event_id;
    next->is_event = letter->attempts > 0;
    return false;
}

static void end_letters(struct endpoint *endpoint)
{
    endpoint->replays_letters = false;
    endpoint->progress.letters_done = true;
    endpoint->status.replaying = false;
    endpoint->status_changed = true;
    record_soon(endpoint);
}

static void wait(struct endpoint *endpoint, uint64_t now_ms)
{
    endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS;
}

bool letters_choose(struct endpoint *endpoint, uint64_t now_ms)
{
    const struct history *history = &endpoint->tools->backend->history;
    while (endpoint->replays_letters) {
        struct next_letter next = { .endpoint = endpoint };
        enum history_status status = history->dead_letters(history->context, text_from_c(endpoint->id),
                                                           endpoint->replay_cursor, visit, &next);
        if (status == HISTORY_UNAVAILABLE) {
            wait(endpoint, now_ms);
            return false;
        }
        if (next.event_id == 0) {
            end_letters(endpoint);
            return false;
        }
        if (next.is_event) {
            endpoint->current = event_queue_read_one(history, next.event_id, &status);
            if (status == HISTORY_UNAVAILABLE) {
                wait(endpoint, now_ms);
                return false;
            }
        }
        endpoint->replay_cursor = next.event_id;
        if (endpoint->current != NULL) {
            endpoint->current_is_letter = true;
            return true;
        }
    }
    return false;
}
