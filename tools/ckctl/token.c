/* SPDX-License-Identifier: Apache-2.0 */
/* token create: a new bearer token; its secret goes to standard output alone, so that it can be piped. */
#include <stdio.h>

#include "ckctl/command.h"
#include "ckctl/display.h"
#include "ckctl/instant.h"
#include "ckctl/send.h"
#include "ckctl/value.h"

enum { DAYS_MAX = 36500 };

static const int64_t day_ms = INT64_C(86400000);

static enum outcome tell_token(struct context *context, long status, const json_t *token)
{
    (void)status;
    const char *secret = value_string(token, "secret");
    struct buffer words = { .bytes = NULL }, about = { .bytes = NULL };
    if (secret == NULL) {
        fputs("ckctl: the answer holds no secret\n", stderr);
        return OUTCOME_REFUSED;
    }
    buffer_format(&about, "token %s, role ", value_string(token, "token_id"));
    value_put(&about, value_at(token, "role"), &context->terminal);
    buffer_put_c(&about, ", expires: ");
    if (value_at(token, "expires_at") != NULL)
        value_put(&about, value_at(token, "expires_at"), &context->terminal);
    else
        buffer_put_c(&about, "never");
    display_escape(&words, about.bytes, about.length);
    fprintf(stderr, "%s; the secret is told this once\n", words.bytes);
    buffer_format(&context->out, "%s\n", secret);
    buffer_fini(&about);
    buffer_fini(&words);
    return OUTCOME_OK;
}

/* False: says why on standard error. */
static bool set_expiry(const struct context *context, json_t *body)
{
    const struct options *options = context->options;
    const char *when = options->values[OPTION_EXPIRES];
    long long days = 0;
    struct buffer words = { .bytes = NULL };
    if (when != NULL && options->given[OPTION_DAYS]) {
        fputs("ckctl: give --expires or --days, not both\n", stderr);
        return false;
    }
    if (!options_number(options, OPTION_DAYS, 1, DAYS_MAX, &days))
        return false;
    if (days > 0)
        instant_put(&words, context->terminal.now_ms + days * day_ms);
    else if (when != NULL)
        buffer_put_c(&words, when);
    if (words.length > 0)
        json_object_set_new(body, "expires_at", json_string(words.bytes));
    buffer_fini(&words);
    return true;
}

enum outcome token_create_run(struct context *context)
{
    const char *role = context->options->values[OPTION_ROLE];
    const char *description = context->options->values[OPTION_DESCRIPTION];
    if (role == NULL)
        return send_need("--role: viewer, orchestrator or admin");
    json_t *body = json_pack("{s:s, s:s}", "token_id", context->words[0], "role", role);
    if (description != NULL)
        json_object_set_new(body, "description", json_string(description));
    enum outcome outcome = OUTCOME_USAGE;
    if (set_expiry(context, body))
        outcome = send_post(context, "/tokens", body, tell_token);
    json_decref(body);
    return outcome;
}
