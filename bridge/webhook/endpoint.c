/* SPDX-License-Identifier: Apache-2.0 */
/*
 *            choose                 2xx                     next
 *   [idle] --------> [on its way] --------> position moves --------> [idle]
 *                     |    |    |
 *     no answer, 5xx  |    |    '-- 410 --> [gone], until the webhook is written again
 *                     |    '-- other, POLICY_REFUSALS_MAX times --> dead letter recorded, position moves
 *                     '--> [waits], then the same event again
 */
#include "webhook/endpoint.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/webhook_url.h"
#include "system/clock.h"
#include "system/process_heap.h"
#include "webhook/policy.h"

void endpoint_tell(const struct endpoint *endpoint, enum webhook_news_kind kind, uint64_t event_id,
                   const char *detail)
{
    const struct webhook_backend *backend = endpoint->tools->backend;
    const struct webhook_news news = { kind, text_from_c(endpoint->id), event_id,
                                       endpoint->status.last_status, detail };
    backend->log(backend->context, &news);
}

/* ---- as configured ---- */

static void forget_keys(struct endpoint *endpoint)
{
    OPENSSL_cleanse(&endpoint->key, sizeof endpoint->key);
    OPENSSL_cleanse(&endpoint->old_key, sizeof endpoint->old_key);
}

static char *copy_url(struct arena *arena, struct text url)
{
    char *copy = arena_allocate(arena, url.length + 1);
    if (copy != NULL)
        text_to_c(url, copy, url.length + 1);
    return copy;
}

static void set_filter(struct endpoint *endpoint)
{
    const struct webhook_definition *definition = &endpoint->definition;
    struct notice_filter *filter = &endpoint->filter;
    *filter = (struct notice_filter){ .subjects = definition->subjects,
                                      .subject_count = definition->subject_count };
    for (size_t i = 0; i < definition->type_count; i++)
        notice_filter_add(filter, definition->types[i]);
    if (definition->type_count == 0)
        notice_filter_add(filter, TEXT("*"));
}

/* False: damaged, or no memory; it is as it was. */
static bool read_definition(struct endpoint *endpoint, const struct document_view *document)
{
    struct arena arena;
    struct webhook_definition definition;
    struct webhook_key key = { .length = 0 }, old_key = { .length = 0 };
    arena_init(&arena, &process_heap);
    char *url = NULL;
    if (!webhook_definition_read(document->config.body, &arena, &definition) ||
        !webhook_key_read(definition.secret, &key) || (url = copy_url(&arena, definition.url)) == NULL) {
        arena_fini(&arena);
        return false;
    }
    if (text_is_present(definition.old_secret))
        webhook_key_read(definition.old_secret, &old_key);
    arena_fini(&endpoint->arena);
    endpoint->arena = arena;
    endpoint->definition = definition;
    endpoint->url = url;
    endpoint->key = key;
    endpoint->old_key = old_key;
    endpoint->revision = document->revision.number;
    OPENSSL_cleanse(&key, sizeof key);
    OPENSSL_cleanse(&old_key, sizeof old_key);
    set_filter(endpoint);
    return true;
}

/* Where an earlier life has left off, or the start. False: what is recorded is about another webhook. */
static bool read_progress(struct endpoint *endpoint, const struct document_view *position)
{
    const struct webhook_definition *definition = &endpoint->definition;
    struct webhook_progress progress;
    struct arena arena;
    arena_init(&arena, &process_heap);
    const bool found = position != NULL && webhook_progress_read(position->config.body, &arena, &progress) &&
                       progress.created_ms == definition->created_ms;
    arena_fini(&arena);
    endpoint->progress = found ? progress
                               : (struct webhook_progress){ .created_ms = definition->created_ms,
                                                            .position = definition->start_after,
                                                            .letters_done = true };
    endpoint->save_at_ms = found ? UINT64_MAX : 0;
    return found || position == NULL;
}

/* The store was replaced by an older one: its numbers are given out anew, and the position means nothing. */
static void check_position(struct endpoint *endpoint)
{
    const uint64_t newest_id = endpoint->tools->newest_id;
    if (newest_id == 0 || endpoint->progress.position <= newest_id)
        return;
    endpoint_tell(endpoint, WEBHOOK_NEWS_GAP, endpoint->progress.position,
                  "the position is beyond the newest event: deliveries begin with the next one");
    endpoint->progress.position = newest_id;
    endpoint->save_at_ms = 0;
}

static void forget_letters_of_another(struct endpoint *endpoint)
{
    const struct webhook_backend *backend = endpoint->tools->backend;
    const struct command command = { .kind = COMMAND_DEAD_LETTERS_DELETE,
                                     .actor = TEXT("webhooks"),
                                     .id = text_from_c(endpoint->id) };
    backend->submit(backend->context, 0, &command);
}

static void show_state(struct endpoint *endpoint)
{
    struct webhook_status *status = &endpoint->status;
    const enum webhook_state state = !endpoint->definition.enabled     ? WEBHOOK_DISABLED
                                     : endpoint->progress.gone_ms != 0 ? WEBHOOK_GONE
                                     : status->failing_since_ms != 0   ? WEBHOOK_RETRYING
                                     : endpoint->transfer != NULL || endpoint->current != NULL ||
                                             endpoint->queue.count > 0 ||
                                             endpoint->letter_step != LETTER_NONE ||
                                             endpoint->progress.position < endpoint->tools->newest_id
                                         ? WEBHOOK_DELIVERING
                                         : WEBHOOK_IDLE;
    if (state == status->state)
        return;
    status->state = state;
    endpoint->status_changed = true;
}

struct endpoint *endpoint_new(struct sender_tools *tools, const struct endpoint_documents *documents)
{
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL)
        return NULL;
    endpoint->tools = tools;
    arena_init(&endpoint->arena, &process_heap);
    event_queue_init(&endpoint->queue);
    endpoint->check_at_ms = UINT64_MAX;
    if (!text_to_c(documents->webhook_id, endpoint->id, sizeof endpoint->id) ||
        !read_definition(endpoint, documents->webhook)) {
        endpoint_tell(endpoint, WEBHOOK_NEWS_DAMAGED, 0, "its document can't be read: write it again");
        endpoint_free(endpoint);
        return NULL;
    }
    if (!read_progress(endpoint, documents->position))
        forget_letters_of_another(endpoint);
    check_position(endpoint);
    event_queue_reset(&endpoint->queue, endpoint->progress.position);
    letters_take_up(endpoint, documents->replay);
    endpoint->status.position = endpoint->progress.position;
    endpoint->status_changed = true;
    show_state(endpoint);
    return endpoint;
}

void endpoint_free(struct endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    transfer_abort(endpoint->transfer);
    free(endpoint->current);
    event_queue_reset(&endpoint->queue, 0);
    forget_keys(endpoint);
    arena_fini(&endpoint->arena);
    free(endpoint);
}

/* Written again: it is tried at once, for it may have been put right. What is not on its way yet is filtered
   anew. */
static void begin_anew(struct endpoint *endpoint)
{
    if (endpoint->transfer == NULL && !endpoint->current_is_letter) {
        free(endpoint->current);
        endpoint->current = NULL;
    }
    const bool on_its_way = endpoint->current != NULL && !endpoint->current_is_letter;
    event_queue_reset(&endpoint->queue,
                      on_its_way ? endpoint->current->event_id : endpoint->progress.position);
    endpoint->refusals = 0;
    endpoint->status.attempts = 0;
    endpoint->retry_at_ms = 0;
    if (endpoint->progress.gone_ms != 0 && endpoint->progress.resumed_ms != endpoint->definition.resumed_ms) {
        endpoint->progress.gone_ms = 0;
        endpoint->status.failing_since_ms = 0;
        record_soon(endpoint);
    }
}

bool endpoint_configure(struct endpoint *endpoint, const struct endpoint_documents *documents)
{
    if (documents->webhook->revision.number != endpoint->revision) {
        const uint64_t created_ms = endpoint->definition.created_ms;
        if (!read_definition(endpoint, documents->webhook))
            return true; /* no memory now; the next look tries again */
        if (endpoint->definition.created_ms != created_ms)
            return false;
        begin_anew(endpoint);
    }
    letters_take_up(endpoint, documents->replay);
    show_state(endpoint);
    return true;
}

/* ---- what a receiver answered ---- */

static uint64_t random_number(void)
{
    uint64_t random = 0;
    const ssize_t got = getrandom(&random, sizeof random, GRND_NONBLOCK);
    return got == (ssize_t)sizeof random ? random : clock_monotonic_us();
}

static void drop_current(struct endpoint *endpoint)
{
    free(endpoint->current);
    endpoint->current = NULL;
    endpoint->refusals = 0;
    endpoint->status.attempts = 0;
}

static void taken(struct endpoint *endpoint, uint64_t now_ms)
{
    struct webhook_status *status = &endpoint->status;
    const uint64_t event_id = endpoint->current->event_id;
    if (status->failing_since_ms != 0)
        endpoint_tell(endpoint, WEBHOOK_NEWS_RECOVERED, event_id, NULL);
    status->failing_since_ms = status->next_attempt_ms = 0;
    status->last_success_ms = status->last_attempt_ms;
    status->delivered++;
    endpoint->tools->totals.delivered++;
    if (endpoint->current_is_letter) {
        record_letter_done(endpoint, event_id);
    } else {
        endpoint->progress.position = event_id;
        record_moved(endpoint, true, now_ms);
    }
    drop_current(endpoint);
}

static void give_up(struct endpoint *endpoint)
{
    const struct webhook_status *status = &endpoint->status;
    const uint64_t event_id = endpoint->current->event_id;
    char detail[ENDPOINT_DETAIL_BYTES];
    snprintf(detail, sizeof detail, "the receiver answered %u, %u times", status->last_status,
             endpoint->refusals);
    const struct dead_letter letter = { .event_id = event_id,
                                        .time_ms = clock_wall_ms(),
                                        .attempts = status->attempts,
                                        .status = status->last_status,
                                        .detail = text_from_c(detail) };
    endpoint_tell(endpoint, WEBHOOK_NEWS_GIVEN_UP, event_id, detail);
    record_letter(endpoint, &letter, endpoint->current_is_letter ? 0 : event_id);
    drop_current(endpoint);
}

static void wait_for_retry(struct endpoint *endpoint, uint64_t retry_after_s, uint64_t now_ms)
{
    struct webhook_status *status = &endpoint->status;
    const uint64_t delay_ms = policy_retry_ms(status->attempts, random_number(), retry_after_s);
    endpoint->retry_at_ms = now_ms + delay_ms;
    status->next_attempt_ms = status->last_attempt_ms + delay_ms;
}

static void go(struct endpoint *endpoint)
{
    endpoint->progress.gone_ms = endpoint->status.last_attempt_ms;
    endpoint->progress.resumed_ms = endpoint->definition.resumed_ms;
    endpoint->status.next_attempt_ms = 0;
    endpoint_tell(endpoint, WEBHOOK_NEWS_GONE, endpoint->current->event_id,
                  "nothing is sent until the webhook is written again");
    record_soon(endpoint);
}

static void not_taken(struct endpoint *endpoint, enum verdict verdict, uint64_t retry_after_s,
                      uint64_t now_ms)
{
    struct webhook_status *status = &endpoint->status;
    status->attempts++;
    status->failed++;
    endpoint->tools->totals.failed++;
    if (status->failing_since_ms == 0) {
        status->failing_since_ms = status->last_attempt_ms;
        endpoint_tell(endpoint, WEBHOOK_NEWS_FAILING, endpoint->current->event_id, status->last_error);
    }
    endpoint->refusals += verdict == VERDICT_REFUSED;
    if (verdict == VERDICT_GONE)
        go(endpoint);
    else if (endpoint->refusals == POLICY_REFUSALS_MAX)
        give_up(endpoint);
    else
        wait_for_retry(endpoint, retry_after_s, now_ms);
}

static void on_done(void *context, const struct transfer_result *result)
{
    struct endpoint *endpoint = context;
    struct webhook_status *status = &endpoint->status;
    const enum verdict verdict = policy_judge(result->status);
    const uint64_t now_ms = clock_monotonic_ms();
    endpoint->transfer = NULL;
    endpoint->status_changed = true;
    status->last_attempt_ms = clock_wall_ms();
    status->last_status = result->status;
    snprintf(status->last_error, sizeof status->last_error, "%s", result->error);
    if (verdict == VERDICT_TAKEN) {
        taken(endpoint, now_ms);
        return;
    }
    if (result->status != 0)
        snprintf(status->last_error, sizeof status->last_error, "the receiver answered %u", result->status);
    not_taken(endpoint, verdict, result->retry_after_s, now_ms);
}

/* ---- what is next ---- */

/* Events between were removed by retention before they were delivered: that is told, and it goes on. */
static void record_gap(struct endpoint *endpoint, uint64_t gap_end_id)
{
    char detail[ENDPOINT_DETAIL_BYTES];
    const uint64_t first_id = endpoint->queue.read_id + 1;
    snprintf(detail, sizeof detail,
             "events %llu to %llu were removed by the retention before they were delivered",
             (unsigned long long)first_id, (unsigned long long)gap_end_id);
    const struct dead_letter letter = { .event_id = first_id,
                                        .time_ms = clock_wall_ms(),
                                        .detail = text_from_c(detail) };
    endpoint_tell(endpoint, WEBHOOK_NEWS_GAP, first_id, detail);
    record_letter(endpoint, &letter, gap_end_id);
}

static void pass_over(struct endpoint *endpoint, uint64_t now_ms)
{
    if (endpoint->queue.count > 0 || endpoint->progress.position >= endpoint->queue.read_id)
        return;
    endpoint->progress.position = endpoint->queue.read_id;
    record_moved(endpoint, false, now_ms);
}

static void read_on(struct endpoint *endpoint, uint64_t now_ms)
{
    uint64_t gap_end_id = 0;
    endpoint->scanning = false;
    pass_over(endpoint, now_ms); /* what followed the last one delivered was not wanted */
    if (endpoint->queue.read_id >= endpoint->tools->newest_id)
        return;
    switch (event_queue_read(&endpoint->queue, &endpoint->tools->backend->history, &endpoint->filter,
                             &gap_end_id)) {
    case EVENT_QUEUE_END:
        if (endpoint->queue.count == 0 && endpoint->queue.read_id < endpoint->tools->newest_id)
            endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS; /* all that was durable is gone again */
        break;
    case EVENT_QUEUE_MORE:
        endpoint->scanning = endpoint->queue.count == 0;
        break;
    case EVENT_QUEUE_GAP:
        pass_over(endpoint, now_ms);
        record_gap(endpoint, gap_end_id);
        return;
    case EVENT_QUEUE_UNAVAILABLE:
        endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS;
        break;
    }
    pass_over(endpoint, now_ms);
}

static void choose(struct endpoint *endpoint, uint64_t now_ms)
{
    if (letters_choose(endpoint, now_ms) || now_ms < endpoint->retry_at_ms)
        return;
    endpoint->current_is_letter = false;
    if (endpoint->queue.count == 0)
        read_on(endpoint, now_ms);
    endpoint->current = event_queue_take(&endpoint->queue);
}

static void send_current(struct endpoint *endpoint, uint64_t now_ms)
{
    char id[LIMIT_IDENTIFIER_BYTES + 32];
    const struct delivery delivery = {
        .endpoint = endpoint,
        .message_id = delivery_message_id(endpoint, "", endpoint->current->event_id, id, sizeof id),
        .body = { endpoint->current->json, endpoint->current->length },
        .timeout_ms = (uint32_t)endpoint->definition.timeout_ms,
        .done = on_done,
        .context = endpoint,
    };
    endpoint->transfer = delivery_send(&delivery);
    if (endpoint->transfer == NULL) /* no memory */
        endpoint->retry_at_ms = now_ms + ENDPOINT_AGAIN_MS;
}

static bool may_send(const struct endpoint *endpoint)
{
    return endpoint->definition.enabled && endpoint->progress.gone_ms == 0 && endpoint->transfer == NULL;
}

void endpoint_run(struct endpoint *endpoint, uint64_t now_ms)
{
    endpoint->scanning = false;
    if (now_ms >= endpoint->retry_at_ms && !record_is_pending(endpoint, now_ms) && may_send(endpoint)) {
        if (endpoint->current == NULL)
            choose(endpoint, now_ms);
        if (endpoint->current != NULL)
            send_current(endpoint, now_ms);
        else if (endpoint->letter_step != LETTER_NONE)
            record_is_pending(endpoint, now_ms); /* a gap */
    }
    record_save(endpoint, now_ms);
    show_state(endpoint);
}

uint64_t endpoint_deadline_ms(const struct endpoint *endpoint)
{
    uint64_t deadline_ms =
        endpoint->save_at_ms < endpoint->check_at_ms ? endpoint->save_at_ms : endpoint->check_at_ms;
    const bool waits = endpoint->letter_step != LETTER_NONE
                           ? endpoint->letter_command_id == 0
                           : may_send(endpoint) && (endpoint->current != NULL || endpoint->scanning ||
                                                    endpoint->replays_letters || endpoint->queue.count > 0 ||
                                                    endpoint->queue.read_id < endpoint->tools->newest_id);
    if (waits && endpoint->retry_at_ms < deadline_ms)
        deadline_ms = endpoint->retry_at_ms;
    return deadline_ms;
}

void endpoint_reply(struct endpoint *endpoint, const struct reply *reply)
{
    record_reply(endpoint, reply, clock_monotonic_ms());
}

void endpoint_stop(struct endpoint *endpoint)
{
    transfer_abort(endpoint->transfer);
    endpoint->transfer = NULL;
    if (endpoint->save_at_ms != UINT64_MAX) {
        endpoint->save_at_ms = 0;
        record_save(endpoint, 1);
    }
}
