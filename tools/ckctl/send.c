/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/send.h"

#include <stdio.h>
#include <stdlib.h>

#include "ckctl/display.h"
#include "ckctl/value.h"

json_t *send_split(const char *words)
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

enum outcome send_need(const char *what)
{
    fprintf(stderr, "ckctl: give %s\n", what);
    return OUTCOME_USAGE;
}

enum outcome send_request(struct context *context, const struct api_request *request, tell_function tell)
{
    struct api_answer answer;
    enum outcome outcome = api_call(context->api, request, &answer);
    if (outcome == OUTCOME_OK && context_wants_json(context)) {
        if (answer.body.length > 0)
            buffer_format(&context->out, "%s\n", buffer_c(&answer.body));
    } else if (outcome == OUTCOME_OK) {
        json_t *value = value_parse(buffer_c(&answer.body), answer.body.length);
        outcome = tell(context, answer.status, value);
        json_decref(value);
    }
    api_answer_fini(&answer);
    return outcome;
}

enum outcome send_post(struct context *context, const char *target, const json_t *body, tell_function tell)
{
    const char *key = context->options->values[OPTION_IDEMPOTENCY_KEY];
    if (key != NULL && !api_is_header_value(key))
        return send_need("an --idempotency-key of printable ASCII");
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (body != NULL && text == NULL) {
        fputs("ckctl: identifiers and words are UTF-8\n", stderr);
        return OUTCOME_USAGE;
    }
    const struct api_request request = {
        .method = "POST", .target = target, .body = text, .idempotency_key = key
    };
    enum outcome outcome = send_request(context, &request, tell);
    free(text);
    return outcome;
}

void send_tell_warnings(const json_t *answer)
{
    const json_t *warnings = value_at(answer, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const json_t *warning = json_array_get(warnings, i);
        struct buffer words = { .bytes = NULL };
        if (json_is_string(warning))
            display_escape(&words, json_string_value(warning), json_string_length(warning));
        fprintf(stderr, "warning: %s\n", buffer_c(&words));
        buffer_fini(&words);
    }
}
