/* SPDX-License-Identifier: Apache-2.0 */
/* Events: those that were, as any list; those that come, from the stream, which is resumed when it breaks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ckctl/command.h"
#include "ckctl/list.h"
#include "ckctl/sse.h"
#include "ckctl/value.h"

enum { AGAIN_MS = 1000 };

struct follow {
    struct context *context;
    const char *position_file; /* NULL: nothing is remembered */
    struct sse sse;
    long long left; /* events still wanted; below 0: all */
    bool connected, ended, failed;
};

static void put_member(struct buffer *line, const json_t *event, const char *name,
                       const struct terminal *terminal)
{
    if (value_at(event, name) == NULL)
        return;
    buffer_put_c(line, line->length > 0 ? "  " : "");
    value_put(line, value_at(event, name), terminal);
}

static void put_line(struct context *context, const struct buffer *data)
{
    static const char *const members[] = { "event_id", "time", "type", "subject", "data" };
    struct buffer line = { .bytes = NULL };
    json_t *event = value_parse(data->bytes, data->length);
    terminal_set_now(&context->terminal);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        put_member(&line, event, members[i], &context->terminal);
    context_say(context, "%s", buffer_c(&line));
    json_decref(event);
    buffer_fini(&line);
}

/* Behind what was told; a kill between the two tells an event again, and loses none. */
static bool write_position(struct follow *follow)
{
    struct buffer fresh = { .bytes = NULL };
    if (follow->position_file == NULL || follow->sse.id.length == 0)
        return true;
    buffer_format(&fresh, "%s.new", follow->position_file);
    FILE *file = fopen(fresh.bytes, "we");
    bool written = file != NULL && fprintf(file, "%s\n", follow->sse.id.bytes) > 0;
    written = file != NULL && fclose(file) == 0 && written && rename(fresh.bytes, follow->position_file) == 0;
    if (!written)
        fprintf(stderr, "ckctl: %s: %s\n", follow->position_file, strerror(errno));
    follow->failed = !written;
    buffer_fini(&fresh);
    return written;
}

/* None yet: from the next event on. */
static bool read_position(struct follow *follow)
{
    char words[64] = "";
    FILE *file = follow->position_file != NULL ? fopen(follow->position_file, "re") : NULL;
    if (file == NULL && follow->position_file != NULL && errno != ENOENT) {
        fprintf(stderr, "ckctl: %s: %s\n", follow->position_file, strerror(errno));
        return false;
    }
    if (file == NULL)
        return true;
    bool read = fgets(words, sizeof words, file) != NULL || !ferror(file); /* an empty one: none yet */
    bool good = read && words[strspn(words, "0123456789\n")] == '\0';
    fclose(file);
    words[strcspn(words, "\n")] = '\0';
    if (good)
        buffer_put_c(&follow->sse.id, words);
    else
        fprintf(stderr, "ckctl: %s holds no event's ID\n", follow->position_file);
    return good;
}

static bool take_event(void *context, const struct buffer *data)
{
    struct follow *follow = context;
    if (context_wants_json(follow->context)) {
        buffer_put(&follow->context->out, data->bytes, data->length);
        buffer_put_c(&follow->context->out, "\n");
    } else {
        put_line(follow->context, data);
    }
    context_flush(follow->context);
    if (!write_position(follow))
        return false;
    follow->ended = follow->left > 0 && --follow->left == 0;
    return !follow->ended;
}

static bool take_bytes(void *context, const char *bytes, size_t length)
{
    struct follow *follow = context;
    follow->connected = true;
    return sse_feed(&follow->sse, bytes, length);
}

/* One connection; what it was that ended it. */
static enum outcome read_stream(struct follow *follow, const char *target, bool quiet)
{
    struct api_answer answer;
    const struct api_request request = {
        .method = "GET",
        .target = target,
        .last_event_id = follow->sse.id.length > 0 ? follow->sse.id.bytes : NULL,
        .sink = take_bytes,
        .context = follow,
        .quiet = quiet,
    };
    sse_restart(&follow->sse);
    enum outcome outcome = api_call(follow->context->api, &request, &answer);
    api_answer_fini(&answer);
    return outcome;
}

/* An interrupt is its ordinary end. */
static enum outcome read_on(struct follow *follow, const char *target)
{
    bool ever_connected = false;
    api_take_interrupts(follow->context->api);
    for (;;) {
        follow->connected = false;
        enum outcome outcome = read_stream(follow, target, ever_connected);
        if (follow->failed)
            return OUTCOME_USAGE;
        if (follow->ended || api_is_interrupted(follow->context->api))
            return OUTCOME_OK;
        ever_connected = ever_connected || follow->connected;
        if (outcome != OUTCOME_OK && !(ever_connected && outcome == OUTCOME_UNREACHABLE))
            return outcome;
        if (follow->connected)
            fputs("ckctl: the stream broke; going on as soon as the bridge is back\n", stderr);
        if (!api_wait(follow->context->api, AGAIN_MS))
            return OUTCOME_OK;
    }
}

static enum outcome follow_run(struct context *context)
{
    struct follow follow = { .context = context, .left = -1 };
    struct buffer target = { .bytes = NULL };
    follow.position_file = context->options->values[OPTION_POSITION_FILE];
    if (!options_number(context->options, OPTION_LIMIT, 1, 1000000000, &follow.left) ||
        !read_position(&follow))
        return OUTCOME_USAGE;
    if (!context->options->given[OPTION_TIMES])
        context->terminal.relative_times = false; /* a line stays while time goes on */
    follow.sse.take = take_event;
    follow.sse.context = &follow;
    list_put_target(&target, context);
    enum outcome outcome = read_on(&follow, target.bytes);
    sse_fini(&follow.sse);
    buffer_fini(&target);
    return outcome;
}

enum outcome events_run(struct context *context)
{
    if (context->options->given[OPTION_POSITION_FILE] && !context->options->given[OPTION_FOLLOW]) {
        fputs("ckctl: --position-file goes with --follow\n", stderr);
        return OUTCOME_USAGE;
    }
    return context->options->given[OPTION_FOLLOW] ? follow_run(context) : list_run(context);
}
