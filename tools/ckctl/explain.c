/* SPDX-License-Identifier: Apache-2.0 */
/* One relay told in words: who asked, who decided, which way, when, and why it ended. */
#include <string.h>

#include "ckctl/command.h"
#include "ckctl/explain.h"
#include "ckctl/instant.h"
#include "ckctl/reason.h"
#include "ckctl/show.h"
#include "ckctl/value.h"

static void put_time(struct buffer *words, const json_t *object, const char *member,
                     const struct context *context)
{
    value_put(words, value_at(object, member), &context->terminal);
}

static void tell_request(struct context *context, const json_t *relay)
{
    struct buffer when = { .bytes = NULL }, target = { .bytes = NULL };
    const char *application = value_string(relay, "application_destination_id");
    put_time(&when, relay, "received_at", context);
    buffer_format(&target, "%s", value_words(relay, "destination_kma_id"));
    if (application != NULL)
        buffer_format(&target, " (application %s)", application);
    context_say(context, "Relay %s: a key from %s to %s.", value_words(relay, "relay_id"),
                value_words(relay, "source_kma_id"), target.bytes);
    if (value_is_true(relay, "unsolicited"))
        context_say(context, "Started over the API: %s. The KM to carry it out is %s.", when.bytes,
                    value_words(relay, "km_id"));
    else
        context_say(context, "Asked for by KM %s: %s.", value_words(relay, "km_id"), when.bytes);
    buffer_fini(&when);
    buffer_fini(&target);
}

/* The route as it is now, which may not be as it was. */
static enum outcome tell_route(struct context *context, const char *route_id)
{
    struct buffer target = { .bytes = NULL };
    json_t *routes = NULL;
    buffer_put_c(&target, "/routes/");
    api_put_encoded(&target, route_id);
    struct api_answer answer;
    enum outcome outcome = api_call(
        context->api,
        &(struct api_request){ .method = "GET", .target = target.bytes, .may_be_missing = true }, &answer);
    if (outcome == OUTCOME_OK) {
        struct buffer way = { .bytes = NULL };
        routes = value_parse(buffer_c(&answer.body), answer.body.length);
        if (value_at(routes, "path") != NULL)
            value_put_joined(&way, value_at(routes, "path"), " > ");
        else
            value_put(&way, value_at(routes, "next_hops"), &context->terminal);
        context_say(
            context, "Decided by: the installed route %s, which now says %s (priority %lld, origin %s).",
            route_id, buffer_c(&way), value_number(routes, "priority"), value_words(routes, "origin"));
        buffer_fini(&way);
    } else if (outcome == OUTCOME_NOT_FOUND) {
        context_say(context, "Decided by: the route %s, which is not installed any more.", route_id);
        outcome = OUTCOME_OK;
    }
    json_decref(routes);
    api_answer_fini(&answer);
    buffer_fini(&target);
    return outcome;
}

static enum outcome tell_decision(struct context *context, const json_t *relay)
{
    const char *decider = value_string(relay, "decided_by"), *route_id = value_string(relay, "route_id");
    struct buffer path = { .bytes = NULL };
    enum outcome outcome = OUTCOME_OK;
    if (route_id != NULL)
        outcome = tell_route(context, route_id);
    else if (decider == NULL)
        context_say(context, "Decided by: nobody%s.", value_at(relay, "ended_at") == NULL ? " yet" : "");
    else if (strcmp(decider, "orchestrator") == 0)
        context_say(context, "Decided by: an orchestrator, over the API.");
    else if (strcmp(decider, "computed") == 0)
        context_say(context, "Decided by: the bridge, which computed the path from its links.");
    else
        context_say(context, "Decided by: %s.", decider);
    value_put_joined(&path, value_at(relay, "path"), " > ");
    context_say(context, "Path: %s.", path.length > 0 ? path.bytes : "none");
    buffer_fini(&path);
    return outcome;
}

static void tell_timeline(struct context *context, const json_t *relay)
{
    const json_t *timeline = value_at(relay, "timeline");
    int64_t first_ms = 0, at_ms = 0;
    context_say(context, "What happened:");
    for (size_t i = 0; i < json_array_size(timeline); i++) {
        const json_t *entry = json_array_get(timeline, i);
        const char *reason = value_string(entry, "reason");
        struct buffer line = { .bytes = NULL };
        if (value_time(entry, "time", &at_ms) && i == 0)
            first_ms = at_ms;
        buffer_format(&line, "  %s  ", value_words(entry, "time"));
        if (i > 0) {
            buffer_put_c(&line, "after ");
            instant_put_span(&line, at_ms - first_ms);
            buffer_put_c(&line, ": ");
        }
        buffer_format(&line, "%s%s%s", value_words(entry, "state"), reason != NULL ? ", " : "",
                      reason != NULL ? reason : "");
        context_say(context, "%s", line.bytes);
        buffer_fini(&line);
    }
}

static void tell_end(struct context *context, const json_t *relay)
{
    const char *state = value_words(relay, "state"), *reason = value_string(relay, "reason");
    const char *detail = value_string(relay, "detail");
    if (value_at(relay, "ended_at") == NULL) {
        bool is_held = strcmp(state, "awaiting_decision") == 0;
        context_say(context, "It is %s and has not ended: %s.", state,
                    is_held ? "ckctl relays decide can decide it" : "it waits for the KM's answer");
        return;
    }
    if (reason == NULL)
        context_say(context, "It ended as %s: the KM said so.", state);
    else if (*reason_in_words(reason) != '\0')
        context_say(context, "It ended as %s (%s): %s.", state, reason, reason_in_words(reason));
    else
        context_say(context, "It ended as %s (%s).", state, reason);
    if (detail != NULL)
        context_say(context, "In the words that came with it: \"%s\".", detail);
}

enum outcome explain_run(struct context *context)
{
    struct buffer target = { .bytes = NULL };
    json_t *relay;
    show_put_target(&target, context);
    enum outcome outcome = context_get(context, target.bytes, &relay);
    if (relay != NULL) {
        tell_request(context, relay);
        outcome = tell_decision(context, relay);
        explain_stored(context, relay);
        tell_timeline(context, relay);
        tell_end(context, relay);
        context_say(context, "All that follows is of now, and may have been otherwise then.");
        if (outcome == OUTCOME_OK)
            outcome = explain_routes(context, relay);
        if (outcome == OUTCOME_OK)
            outcome = explain_paths(context, relay);
    }
    json_decref(relay);
    buffer_fini(&target);
    return outcome;
}
