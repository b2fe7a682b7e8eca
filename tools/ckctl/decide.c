/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of held requests, and relays that an operator starts. */
#include <stdio.h>
#include <string.h>

#include "ckctl/command.h"
#include "ckctl/display.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

/* "a,b\,c" is "a" and "b,c". */
static json_t *split(const char *words)
{
    json_t *array = json_array();
    struct buffer element = { .bytes = NULL };
    for (;; words++) {
        if (*words == '\\' && (words[1] == ',' || words[1] == '\\')) {
            words++;
            buffer_put(&element, words, 1);
        } else if (*words == ',' || *words == '\0') {
            json_array_append_new(array, json_string(buffer_c(&element)));
            buffer_clear(&element);
            if (*words == '\0')
                break;
        } else {
            buffer_put(&element, words, 1);
        }
    }
    buffer_fini(&element);
    return array;
}

static void tell_state(struct context *context, const json_t *request)
{
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
}

static enum outcome need(const char *what)
{
    fprintf(stderr, "ckctl: give %s\n", what);
    return OUTCOME_USAGE;
}

static enum outcome post(struct context *context, const char *target, const json_t *body)
{
    const char *key = context->options->values[OPTION_IDEMPOTENCY_KEY];
    struct api_answer answer;
    if (key != NULL && !api_is_header_value(key))
        return need("an --idempotency-key of printable ASCII");
    char *text = json_dumps(body, JSON_COMPACT);
    if (text == NULL) {
        fputs("ckctl: identifiers and words are UTF-8\n", stderr);
        return OUTCOME_USAGE;
    }
    enum outcome outcome = api_call(
        context->api,
        &(struct api_request){ .method = "POST", .target = target, .body = text, .idempotency_key = key },
        &answer);
    if (outcome == OUTCOME_OK && context_wants_json(context)) {
        buffer_put(&context->out, buffer_c(&answer.body), answer.body.length);
        buffer_put_c(&context->out, "\n");
    } else if (outcome == OUTCOME_OK) {
        json_t *request = value_parse(buffer_c(&answer.body), answer.body.length);
        tell_state(context, request);
        json_decref(request);
    }
    api_answer_fini(&answer);
    free(text);
    return outcome;
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
        return need(is_path ? "either --path or --reject" : "either --next-hops or --reject");
    json_t *body = json_object();
    if (choice != NULL)
        json_object_set_new(body, member, split(choice));
    else
        json_object_set_new(body, "reject", json_string(reject));
    if (destination != NULL)
        json_object_set_new(body, "destination_kma_id", json_string(destination));
    show_put_target(&target, context);
    buffer_put_c(&target, "/decision");
    enum outcome outcome = post(context, target.bytes, body);
    buffer_fini(&target);
    json_decref(body);
    return outcome;
}

enum outcome start_run(struct context *context)
{
    const char *path = context->options->values[OPTION_PATH];
    if (path == NULL)
        return need("--path");
    json_t *body = json_object();
    json_object_set_new(body, "path", split(path));
    enum outcome outcome = post(context, "/relays", body);
    json_decref(body);
    return outcome;
}
