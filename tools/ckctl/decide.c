/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of held requests, and relays that an operator starts. */
#include <string.h>

#include "ckctl/command.h"
#include "ckctl/display.h"
#include "ckctl/send.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

static enum outcome tell_state(struct context *context, long status, const json_t *request)
{
    (void)status;
    const struct resource *resource = context->command->resource;
    static const char *const members[] = { "state", "reason", "detail" };
    struct buffer words = { .bytes = NULL };
    buffer_format(&words, "%s", value_string(request, resource->id_member));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (value_string(request, members[i]) != NULL)
            buffer_format(&words, "%s%s", i == 0 ? " is " : ": ", value_string(request, members[i]));
    display_escape(&context->out, words.bytes, words.length);
    buffer_put_c(&context->out, "\n");
    buffer_fini(&words);
    send_tell_warnings(request);
    return OUTCOME_OK;
}

enum outcome decide_run(struct context *context)
{
    const struct options *options = context->options;
    const char *member = context->command->resource->choice_member;
    bool is_path = strcmp(member, "path") == 0;
    const char *choice = options->values[is_path ? OPTION_PATH : OPTION_NEXT_HOPS];
    const char *reject = options->values[OPTION_REJECT];
    const char *destination = options->values[OPTION_DESTINATION_KMA_ID];
    struct buffer target = { .bytes = NULL };
    if ((choice == NULL) == (reject == NULL))
        return send_need(is_path ? "either --path or --reject" : "either --next-hops or --reject");
    json_t *body = json_object();
    if (choice != NULL)
        json_object_set_new(body, member, send_split(choice));
    else
        json_object_set_new(body, "reject", json_string(reject));
    if (destination != NULL)
        json_object_set_new(body, "destination_kma_id", json_string(destination));
    if (options->given[OPTION_LEARN])
        json_object_set_new(body, "learn", json_true());
    show_put_target(&target, context);
    buffer_put_c(&target, "/decision");
    enum outcome outcome = send_post(context, target.bytes, body, tell_state);
    buffer_fini(&target);
    json_decref(body);
    return outcome;
}

enum outcome start_run(struct context *context)
{
    const char *path = context->options->values[OPTION_PATH];
    if (path == NULL)
        return send_need("--path");
    json_t *body = json_object();
    json_object_set_new(body, "path", send_split(path));
    enum outcome outcome = send_post(context, "/relays", body, tell_state);
    json_decref(body);
    return outcome;
}
