/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/sender.h"

#include <string.h>

#include "ck/json_writer.h"
#include "system/clock.h"
#include "webhook/policy.h"

bool sender_init(struct sender *sender, const struct webhook_backend *backend,
                 const struct webhook_options *options)
{
    uint64_t oldest_id = 0, newest_id = 0;
    *sender = (struct sender){ .backend = *backend, .options = *options };
    sender->tools = (struct sender_tools){ .backend = &sender->backend,
                                           .options = &sender->options,
                                           .transfers = transfers_new(),
                                           .next_command_id = WEBHOOK_COMMAND_ID_FIRST };
    if (sender->tools.transfers == NULL)
        return false;
    if (backend->history.event_bounds(backend->history.context, &oldest_id, &newest_id) == HISTORY_OK)
        sender->tools.newest_id = newest_id;
    return true;
}

void sender_fini(struct sender *sender)
{
    for (size_t i = 0; i < sender->count; i++)
        endpoint_free(sender->endpoints[i]);
    for (size_t i = 0; i < SENDER_TESTS_MAX; i++)
        transfer_abort(sender->tests[i].transfer);
    transfers_free(sender->tools.transfers);
}

/* ---- what the snapshot says ---- */

static struct text id_within(const struct document_view *document, struct text prefix)
{
    const struct text id = document->config.document_id;
    return (struct text){ id.bytes + prefix.length, id.length - prefix.length };
}

static const struct document_view *find_document(const struct snapshot *snapshot, struct text prefix,
                                                 struct text webhook_id)
{
    char id[LIMIT_WEBHOOK_ID_BYTES + 64];
    struct bytes_writer writer = bytes_writer(id, sizeof id);
    bytes_put_text(&writer, prefix);
    bytes_put_text(&writer, webhook_id);
    return writer.overflowed ? NULL : snapshot_document(snapshot, bytes_written(&writer));
}

static struct endpoint *find_endpoint(const struct sender *sender, struct text webhook_id)
{
    for (size_t i = 0; i < sender->count; i++)
        if (text_equal_c(webhook_id, sender->endpoints[i]->id))
            return sender->endpoints[i];
    return NULL;
}

static void remove_endpoint(struct sender *sender, size_t index)
{
    endpoint_free(sender->endpoints[index]);
    sender->count--;
    memmove(&sender->endpoints[index], &sender->endpoints[index + 1],
            (sender->count - index) * sizeof sender->endpoints[0]);
}

static void remove_deleted(struct sender *sender, const struct snapshot *snapshot)
{
    for (size_t i = sender->count; i-- > 0;)
        if (find_document(snapshot, WEBHOOK_PREFIX, text_from_c(sender->endpoints[i]->id)) == NULL)
            remove_endpoint(sender, i);
}

static void adopt(struct sender *sender, const struct endpoint_documents *documents)
{
    struct endpoint *known = find_endpoint(sender, documents->webhook_id);
    for (size_t i = 0; known != NULL && i < sender->count; i++)
        if (sender->endpoints[i] == known && !endpoint_configure(known, documents)) {
            remove_endpoint(sender, i);
            known = NULL;
        }
    if (known != NULL || sender->count == LIMIT_WEBHOOKS)
        return;
    struct endpoint *endpoint = endpoint_new(&sender->tools, documents);
    if (endpoint != NULL)
        sender->endpoints[sender->count++] = endpoint;
}

/* Of a webhook that is no more: its dead letters, then its record; the record's own revision keeps one safe
   that was written meanwhile for a new webhook of that name. */
static void forget(struct sender *sender, struct text webhook_id, const struct document_view *document)
{
    const struct command letters = { .kind = COMMAND_DEAD_LETTERS_DELETE,
                                     .actor = TEXT("webhooks"),
                                     .id = webhook_id };
    const struct command record = { .kind = COMMAND_DOCUMENT_DELETE,
                                    .actor = TEXT("webhooks"),
                                    .id = document->config.document_id,
                                    .if_match = document->revision.number };
    if (sender->backend.submit(sender->backend.context, 0, &letters))
        sender->backend.submit(sender->backend.context, 0, &record);
}

static void forget_deleted(struct sender *sender, const struct snapshot *snapshot)
{
    const struct text prefixes[] = { WEBHOOK_POSITION_PREFIX, WEBHOOK_REPLAY_PREFIX };
    const struct document_view *documents;
    const size_t count = snapshot_documents(snapshot, DOCUMENT_WEBHOOK_STATE, &documents);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof prefixes / sizeof *prefixes; kind++) {
            if (!text_starts_with(documents[i].config.document_id, prefixes[kind]))
                continue;
            const struct text webhook_id = id_within(&documents[i], prefixes[kind]);
            if (find_document(snapshot, WEBHOOK_PREFIX, webhook_id) == NULL)
                forget(sender, webhook_id, &documents[i]);
        }
}

static void look_at(struct sender *sender, const struct snapshot *snapshot, uint64_t now_ms)
{
    const struct document_view *webhooks;
    const size_t count = snapshot_documents(snapshot, DOCUMENT_WEBHOOK, &webhooks);
    remove_deleted(sender, snapshot);
    for (size_t i = 0; i < count; i++) {
        struct endpoint_documents documents = { .webhook_id = id_within(&webhooks[i], WEBHOOK_PREFIX),
                                                .webhook = &webhooks[i] };
        documents.position = find_document(snapshot, WEBHOOK_POSITION_PREFIX, documents.webhook_id);
        documents.replay = find_document(snapshot, WEBHOOK_REPLAY_PREFIX, documents.webhook_id);
        adopt(sender, &documents);
        struct endpoint *endpoint = find_endpoint(sender, documents.webhook_id);
        if (endpoint != NULL)
            record_check(endpoint, documents.position, now_ms);
    }
    forget_deleted(sender, snapshot);
}

static void look(struct sender *sender, uint64_t now_ms)
{
    struct snapshot *snapshot = sender->backend.snapshot(sender->backend.context);
    if (snapshot->change_number != sender->change_number || now_ms >= sender->look_at_ms) {
        sender->change_number = snapshot->change_number;
        sender->look_at_ms = now_ms + SENDER_LOOK_MS;
        look_at(sender, snapshot, now_ms);
    }
    snapshot_release(snapshot);
}

/* ---- running ---- */

int sender_run(struct sender *sender)
{
    transfers_run(sender->tools.transfers);
    const uint64_t now_ms = clock_monotonic_ms();
    look(sender, now_ms);
    uint64_t deadline_ms = sender->look_at_ms;
    for (size_t i = 0; i < sender->count; i++) {
        endpoint_run(sender->endpoints[i], now_ms);
        const uint64_t own_ms = endpoint_deadline_ms(sender->endpoints[i]);
        deadline_ms = own_ms < deadline_ms ? own_ms : deadline_ms;
    }
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

void sender_newest(struct sender *sender, uint64_t newest_event_id)
{
    if (newest_event_id > sender->tools.newest_id)
        sender->tools.newest_id = newest_event_id;
}

void sender_reply(struct sender *sender, const struct reply *reply)
{
    for (size_t i = 0; i < sender->count; i++)
        endpoint_reply(sender->endpoints[i], reply);
}

void sender_stop(struct sender *sender)
{
    for (size_t i = 0; i < sender->count; i++)
        endpoint_stop(sender->endpoints[i]);
}

/* ---- tests ---- */

static void answer_test(struct sender *sender, uint64_t test_id, const struct transfer_result *result)
{
    char json[1024];
    struct bytes_writer writer = bytes_writer(json, sizeof json);
    const struct text error = text_from_c(result->error);
    json_open_object(&writer);
    json_name(&writer, "delivered");
    json_put_boolean(&writer, policy_judge(result->status) == VERDICT_TAKEN);
    json_name(&writer, "status");
    if (result->status != 0)
        json_u64(&writer, result->status);
    else
        json_put_null(&writer);
    json_name(&writer, "took_ms");
    json_u64(&writer, result->took_ms);
    json_name(&writer, "detail");
    json_text(&writer, error.length > 0 && text_is_utf8(error) ? error : TEXT_ABSENT);
    json_close_object(&writer);
    sender->backend.tested(sender->backend.context, test_id, bytes_written(&writer));
}

static void on_tested(void *context, const struct transfer_result *result)
{
    struct sender_test *test = context;
    const uint64_t test_id = test->test_id;
    test->transfer = NULL;
    test->test_id = 0;
    answer_test(test->sender, test_id, result);
}

static struct text write_body(struct sender_test *test, const struct endpoint *endpoint)
{
    struct bytes_writer writer = bytes_writer(test->body, sizeof test->body);
    json_open_object(&writer);
    json_name(&writer, "event_id");
    json_put_null(&writer);
    json_name(&writer, "type");
    json_c(&writer, "webhook.test");
    json_name(&writer, "time");
    json_time(&writer, clock_wall_ms());
    json_name(&writer, "subject");
    json_open_object(&writer);
    json_close_object(&writer);
    json_name(&writer, "data");
    json_open_object(&writer);
    json_name(&writer, "webhook_id");
    json_c(&writer, endpoint->id);
    json_close_object(&writer);
    json_close_object(&writer);
    return bytes_written(&writer);
}

static bool start_test(struct sender_test *test, const struct endpoint *endpoint, uint64_t test_id)
{
    char id[LIMIT_IDENTIFIER_BYTES + 32];
    const struct delivery delivery = {
        .endpoint = endpoint,
        .message_id = delivery_message_id(endpoint, "test_", clock_wall_ms(), id, sizeof id),
        .body = write_body(test, endpoint),
        .timeout_ms = endpoint->definition.timeout_ms < SENDER_TEST_MS_MAX
                          ? (uint32_t)endpoint->definition.timeout_ms
                          : SENDER_TEST_MS_MAX,
        .done = on_tested,
        .context = test,
    };
    test->test_id = test_id;
    test->transfer = delivery_send(&delivery);
    if (test->transfer == NULL)
        test->test_id = 0;
    return test->transfer != NULL;
}

void sender_test(struct sender *sender, uint64_t test_id, struct text webhook_id)
{
    struct transfer_result none = { .status = 0 };
    look(sender, clock_monotonic_ms());
    const struct endpoint *endpoint = find_endpoint(sender, webhook_id);
    for (size_t i = 0; endpoint != NULL && i < SENDER_TESTS_MAX; i++) {
        sender->tests[i].sender = sender;
        if (sender->tests[i].test_id == 0 && start_test(&sender->tests[i], endpoint, test_id))
            return;
    }
    text_to_c(endpoint == NULL ? TEXT("the webhook was removed meanwhile")
                               : TEXT("too many tests are on their way: try again later"),
              none.error, sizeof none.error);
    answer_test(sender, test_id, &none);
}
