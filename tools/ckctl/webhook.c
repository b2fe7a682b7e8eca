/* SPDX-License-Identifier: Apache-2.0 */
/* webhook test, replay, drop: what is done to a webhook's deliveries. */
#include <stdio.h>

#include "ckctl/command.h"
#include "ckctl/display.h"
#include "ckctl/send.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

static void put_target(struct buffer *target, const struct context *context, const char *below)
{
    show_put_target(target, context);
    buffer_put_c(target, below);
}

static enum outcome tell_test(struct context *context, long status, const json_t *answer)
{
    (void)status;
    const char *detail = value_string(answer, "detail");
    bool delivered = value_is_true(answer, "delivered");
    struct buffer words = { .bytes = NULL };
    if (value_at(answer, "status") != NULL)
        buffer_format(&words, "the receiver answered %lld", value_number(answer, "status"));
    else
        buffer_format(&words, "no answer: %s", detail != NULL ? detail : "?");
    context_say(context, "%s, after %lld ms: %s.", delivered ? "delivered" : "not delivered",
                value_number(answer, "took_ms"), words.bytes);
    buffer_fini(&words);
    return delivered ? OUTCOME_OK : OUTCOME_REFUSED;
}

enum outcome webhook_test_run(struct context *context)
{
    struct buffer target = { .bytes = NULL };
    put_target(&target, context, "/test");
    enum outcome outcome = send_post(context, target.bytes, NULL, tell_test);
    buffer_fini(&target);
    return outcome;
}

static enum outcome tell_replay(struct context *context, long status, const json_t *answer)
{
    (void)status;
    if (value_string(answer, "after") != NULL)
        context_say(context, "%s: deliveries go on behind event %s.", context->words[0],
                    value_string(answer, "after"));
    else
        context_say(context, "%s: its dead letters are delivered once more.", context->words[0]);
    return OUTCOME_OK;
}

enum outcome webhook_replay_run(struct context *context)
{
    const struct options *options = context->options;
    const char *after = options->values[OPTION_AFTER], *letters = options->values[OPTION_DEAD_LETTERS];
    struct buffer target = { .bytes = NULL };
    if ((after != NULL) == options->given[OPTION_DEAD_LETTERS])
        return send_need("either --after or --dead-letters");
    json_t *body = json_object();
    if (after != NULL)
        json_object_set_new(body, "after", json_string(after));
    else
        json_object_set_new(body, "dead_letters", letters != NULL ? send_split(letters) : json_true());
    put_target(&target, context, "/replay");
    enum outcome outcome = send_post(context, target.bytes, body, tell_replay);
    buffer_fini(&target);
    json_decref(body);
    return outcome;
}

static enum outcome tell_dropped(struct context *context, long status, const json_t *answer)
{
    (void)status, (void)answer;
    context_say(context, "%s: dropped.", context->words[0]);
    return OUTCOME_OK;
}

enum outcome webhook_drop_run(struct context *context)
{
    const char *event = context->options->values[OPTION_EVENT];
    struct buffer target = { .bytes = NULL };
    put_target(&target, context, "/dead_letters");
    if (event != NULL) {
        buffer_put_c(&target, "?event_id=");
        api_put_encoded(&target, event);
    }
    const struct api_request request = { .method = "DELETE", .target = target.bytes };
    enum outcome outcome = send_request(context, &request, tell_dropped);
    buffer_fini(&target);
    return outcome;
}
