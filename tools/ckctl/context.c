/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "ckctl/command.h"
#include "ckctl/display.h"
#include "ckctl/value.h"

void context_flush(struct context *context)
{
    fwrite(buffer_c(&context->out), 1, context->out.length, stdout);
    fflush(stdout);
    buffer_clear(&context->out);
}

void context_say(struct context *context, const char *format, ...)
{
    struct buffer words = { .bytes = NULL };
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&words, format, arguments);
    va_end(arguments);
    display_escape(&context->out, buffer_c(&words), words.length);
    buffer_put_c(&context->out, "\n");
    buffer_fini(&words);
}

enum outcome context_get(struct context *context, const char *target, json_t **out_value)
{
    struct api_answer answer;
    enum outcome outcome =
        api_call(context->api, &(struct api_request){ .method = "GET", .target = target }, &answer);
    *out_value = NULL;
    if (outcome == OUTCOME_OK && answer.status != 0) {
        *out_value = value_parse(buffer_c(&answer.body), answer.body.length);
        if (*out_value == NULL) {
            fputs("ckctl: the answer is not JSON\n", stderr);
            outcome = OUTCOME_REFUSED;
        }
    }
    api_answer_fini(&answer);
    return outcome;
}

bool context_wants_json(const struct context *context)
{
    return context->options->given[OPTION_JSON];
}
