/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/problem.h"

#include <stdio.h>

#include "ckctl/display.h"
#include "ckctl/value.h"

static enum outcome outcome_of(long status)
{
    if (status == 401 || status == 403)
        return OUTCOME_UNAUTHORISED;
    return status == 404 ? OUTCOME_NOT_FOUND : OUTCOME_REFUSED;
}

static void put_member(struct buffer *words, const char *before, const json_t *problem, const char *name)
{
    const json_t *value = value_at(problem, name);
    if (!json_is_string(value))
        return;
    buffer_put_c(words, before);
    display_escape(words, json_string_value(value), json_string_length(value));
}

enum outcome problem_tell(long status, const struct buffer *body, long retry_after_s)
{
    struct buffer words = { .bytes = NULL };
    json_t *problem = value_parse(buffer_c(body), body->length);
    if (value_string(problem, "title") == NULL) {
        fprintf(stderr, "ckctl: the answer is HTTP status %ld, and not from a bridge by its looks\n", status);
    } else {
        put_member(&words, "ckctl: ", problem, "title");
        put_member(&words, ": ", problem, "detail");
        put_member(&words, "\n  element: ", problem, "pointer");
        put_member(&words, "\n  parameter: ", problem, "parameter");
        put_member(&words, "\n  reason: ", problem, "reason");
        if (retry_after_s > 0)
            buffer_format(&words, "\n  try again after: %ld s", retry_after_s);
        fprintf(stderr, "%s\n", buffer_c(&words));
    }
    buffer_fini(&words);
    json_decref(problem);
    return outcome_of(status);
}
