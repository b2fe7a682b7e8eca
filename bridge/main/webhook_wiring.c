/* SPDX-License-Identifier: Apache-2.0 */
/* The sender of webhooks between the core, the store, HTTP and the log. */
#include "main/webhook_wiring.h"

#include <assert.h>

#include "main/log.h"

/* ---- its commands, on its thread ---- */

static bool copy_text(struct arena *arena, struct text *text)
{
    const bool was_present = text_is_present(*text);
    *text = arena_copy(arena, *text);
    return text_is_present(*text) == was_present;
}

static bool copy_document(struct arena *arena, const struct document_config **document)
{
    struct document_config *copy = arena_allocate(arena, sizeof *copy);
    if (copy == NULL)
        return false;
    *copy = **document;
    *document = copy;
    return copy_text(arena, &copy->document_id) && copy_text(arena, &copy->body);
}

static bool copy_letter(struct arena *arena, const struct dead_letter **letter)
{
    struct dead_letter *copy = arena_allocate(arena, sizeof *copy);
    if (copy == NULL)
        return false;
    *copy = **letter;
    *letter = copy;
    return copy_text(arena, &copy->webhook_id) && copy_text(arena, &copy->detail);
}

/* Of what the sender's commands point at: a document, or one dead letter. */
static bool copy_command(struct command_request *request, const struct command *command)
{
    struct command *copy = &request->command;
    assert(command->dead_letter_count <= 1);
    *copy = *command;
    return copy_text(&request->arena, &copy->actor) && copy_text(&request->arena, &copy->id) &&
           (copy->document == NULL || copy_document(&request->arena, &copy->document)) &&
           (copy->dead_letter_count == 0 || copy_letter(&request->arena, &copy->dead_letters));
}

static bool submit(void *context, uint64_t command_id, const struct command *command)
{
    struct daemon *daemon = context;
    struct command_request *request = command_request_new();
    if (request == NULL)
        return false;
    request->command_id = command_id;
    if (copy_command(request, command) && command_ring_put(daemon->ring, request))
        return true;
    command_request_free(request);
    return false;
}

static struct snapshot *newest_snapshot(void *context)
{
    struct daemon *daemon = context;
    return snapshot_cell_get(&daemon->snapshots);
}

static void tested(void *context, uint64_t test_id, struct text json)
{
    struct daemon *daemon = context;
    const struct reply reply = { .command_id = test_id, .status = REPLY_OK, .detail = json };
    http_reply(daemon->http, &reply);
}

static void log_news(void *context, const struct webhook_news *news)
{
    static const struct {
        enum log_level level;
        const char *event;
    } lines[] = {
        [WEBHOOK_NEWS_FAILING] = { LOG_LEVEL_WARNING, "webhook_failing" },
        [WEBHOOK_NEWS_RECOVERED] = { LOG_LEVEL_NOTICE, "webhook_recovered" },
        [WEBHOOK_NEWS_GIVEN_UP] = { LOG_LEVEL_WARNING, "webhook_dead_letter" },
        [WEBHOOK_NEWS_GAP] = { LOG_LEVEL_WARNING, "webhook_gap" },
        [WEBHOOK_NEWS_GONE] = { LOG_LEVEL_WARNING, "webhook_gone" },
        [WEBHOOK_NEWS_DAMAGED] = { LOG_LEVEL_ERROR, "webhook_damaged" },
    };
    struct log_line line;
    (void)context;
    log_begin(&line, lines[news->kind].level, lines[news->kind].event);
    log_text(&line, "webhook_id", news->webhook_id);
    if (news->event_id != 0)
        log_u64(&line, "event_id", news->event_id);
    if (news->status != 0)
        log_u64(&line, "status", news->status);
    log_c(&line, "detail", news->detail);
    log_end(&line);
}

/* ---- starting, ending, reloading ---- */

static struct webhook_options options_of(const struct daemon *daemon,
                                         const struct configuration *configuration)
{
    return (struct webhook_options){
        .instance = daemon->board.instance,
        .ca = configuration->webhook.ca,
        .proxy = configuration->webhook.proxy,
        .insecure = configuration->webhook.insecure,
    };
}

bool webhook_wiring_start(struct daemon *daemon)
{
    const struct webhook_options options = options_of(daemon, daemon->configuration);
    const struct webhook_backend backend = {
        .context = daemon,
        .submit = submit,
        .snapshot = newest_snapshot,
        .tested = tested,
        .log = log_news,
        .history = store_reader_history(daemon->webhook_reader),
    };
    daemon->webhooks = webhooks_new(&options, &backend);
    return daemon->webhooks != NULL;
}

bool webhook_wiring_reload(struct daemon *daemon, const struct configuration *configuration)
{
    const struct webhook_options options = options_of(daemon, configuration);
    return webhooks_reload(daemon->webhooks, &options);
}

/* ---- what HTTP asks, on its thread ---- */

static bool status_of(void *context, struct text webhook_id, struct webhook_status *out_status)
{
    struct daemon *daemon = context;
    return webhooks_status(daemon->webhooks, webhook_id, out_status);
}

static bool test(void *context, uint64_t command_id, struct text webhook_id)
{
    struct daemon *daemon = context;
    return webhooks_test(daemon->webhooks, command_id, webhook_id);
}

static void changed(void *context)
{
    struct daemon *daemon = context;
    webhooks_changed(daemon->webhooks);
}

static bool insecure(void *context)
{
    struct daemon *daemon = context;
    return webhooks_insecure(daemon->webhooks);
}

struct http_webhooks webhook_wiring_http(void)
{
    return (
        struct http_webhooks){ .status = status_of, .test = test, .changed = changed, .insecure = insecure };
}
