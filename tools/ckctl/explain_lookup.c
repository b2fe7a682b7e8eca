/* SPDX-License-Identifier: Apache-2.0 */
/* One lookup told in words: who asked, what was answered, who decided and why. */
#include <string.h>

#include "ckctl/explain.h"
#include "ckctl/reason.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

static void tell_request(struct context *context, const json_t *lookup)
{
    const char *application = value_string(lookup, "application_destination_id");
    struct buffer when = { .bytes = NULL };
    value_put(&when, value_at(lookup, "received_at"), &context->terminal);
    context_say(context, "Lookup %s: KM %s asked where to go on to %s%s%s: %s.",
                value_words(lookup, "lookup_id"), value_words(lookup, "km_id"),
                value_words(lookup, "destination_kma_id"), application != NULL ? ", application " : "",
                application != NULL ? application : "", buffer_c(&when));
    buffer_fini(&when);
}

static void tell_answer(struct context *context, const json_t *lookup)
{
    struct buffer next = { .bytes = NULL };
    const char *reason = value_string(lookup, "reason"), *decider = value_string(lookup, "decided_by");
    value_put_joined(&next, value_at(lookup, "next_kma_ids"), ", ");
    if (value_at(lookup, "ended_at") == NULL)
        context_say(context, "It is not answered yet: ckctl lookups decide can decide it.");
    else
        context_say(context, "Answered from %s: %s. Decided by: %s.", value_words(lookup, "current_kma_id"),
                    next.length > 0 ? next.bytes : "no next hop", decider != NULL ? decider : "nobody");
    if (reason != NULL)
        context_say(context, "It ended as %s (%s)%s%s.", value_words(lookup, "state"), reason,
                    *reason_in_words(reason) != '\0' ? ": " : "", reason_in_words(reason));
    if (value_string(lookup, "detail") != NULL)
        context_say(context, "In the words that came with it: \"%s\".", value_words(lookup, "detail"));
    buffer_fini(&next);
}

enum outcome explain_lookup_run(struct context *context)
{
    struct buffer target = { .bytes = NULL };
    json_t *lookup;
    show_put_target(&target, context);
    enum outcome outcome = context_get(context, target.bytes, &lookup);
    if (lookup != NULL) {
        tell_request(context, lookup);
        tell_answer(context, lookup);
        explain_stored(context, lookup);
    }
    json_decref(lookup);
    buffer_fini(&target);
    return outcome;
}
