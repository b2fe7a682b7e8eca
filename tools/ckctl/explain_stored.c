/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what the bridge itself kept of the decision, as it saw things at that moment. */
#include <string.h>

#include "ckctl/explain.h"
#include "ckctl/value.h"

static const char *outcome_in_words(const char *outcome)
{
    static const char *const words[][2] = {
        { "decided", "decided" },
        { "no_match", "none is for it" },
        { "unusable", "could not be used" },
        { "insufficient_keys", "a link had no key left" },
        { "would_loop", "what was left would have led back" },
        { "breaks_constraints", "would have broken the request's own constraints" },
        { "bad_constraints", "nobody knows what keeps the request's own constraints: they can't be read" },
        { "unknown_destination", "nobody knew where the application is" },
        { "absent", "none was there, its turn was skipped" },
        { "waiting", "is being asked" },
        { "timed_out", "said nothing within its time" },
        { "rejected", "rejected it" },
        { "overtaken", "was being asked when a route came that decided" },
        { "withdrawn", "was being asked when the policy took its turn away" },
        { "abandoned", "was being asked when the request ended" },
        { "no_route", "found no way" },
        { "constraints_unmet", "found no way that keeps the request's own constraints" },
        { "work_limit", "found none within the limit of work" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(or_empty(outcome), words[i][0]) == 0)
            return words[i][1];
    }
    return or_empty(outcome); /* of a newer bridge */
}

/* "insufficient_keys, link l3" */
static void put_reason(struct buffer *line, const json_t *item)
{
    buffer_put_c(line, or_empty(value_string(item, "reason")));
    if (value_string(item, "link_id") != NULL)
        buffer_format(line, ", link %s", value_string(item, "link_id"));
    if (value_string(item, "kma_id") != NULL)
        buffer_format(line, ", KMA %s", value_string(item, "kma_id"));
}

static void put_bottleneck(struct buffer *line, const json_t *item)
{
    const json_t *bottleneck = value_at(item, "bottleneck");
    if (bottleneck == NULL)
        return;
    buffer_format(line, ", scarcest link %s", or_empty(value_string(bottleneck, "link_id")));
    if (value_at(bottleneck, "key_stock") != NULL)
        buffer_format(line, " (%lld keys)", value_number(bottleneck, "key_stock"));
}

static void tell_passed(struct context *context, const json_t *step)
{
    const json_t *passed = value_at(step, "passed_over");
    for (size_t i = 0; i < json_array_size(passed); i++) {
        const json_t *route = json_array_get(passed, i);
        struct buffer line = { .bytes = NULL };
        put_reason(&line, route);
        context_say(context, "      passed over route %s: %s", or_empty(value_string(route, "route_id")),
                    buffer_c(&line));
        buffer_fini(&line);
    }
}

static void tell_alternatives(struct context *context, const json_t *step)
{
    const json_t *ways = value_at(step, "alternatives");
    for (size_t i = 0; i < json_array_size(ways); i++) {
        const json_t *way = json_array_get(ways, i);
        struct buffer line = { .bytes = NULL };
        value_put_joined(&line, value_at(way, "path"), " > ");
        buffer_format(&line, " (cost %lld", value_number(way, "cost"));
        put_bottleneck(&line, way);
        buffer_put_c(&line, "): ");
        put_reason(&line, way);
        context_say(context, "      not %s", buffer_c(&line));
        buffer_fini(&line);
    }
    if (json_is_false(value_at(step, "alternatives_sought")))
        context_say(context, "      whether there was another way was not looked into");
}

static void tell_step(struct context *context, const json_t *step)
{
    struct buffer line = { .bytes = NULL };
    const char *outcome = value_string(step, "outcome");
    buffer_format(&line, "    %s: %s", or_empty(value_string(step, "decider")), outcome_in_words(outcome));
    if (value_string(step, "route_id") != NULL)
        buffer_format(&line, " by route %s (revision %lld)", value_string(step, "route_id"),
                      value_number(step, "route_revision"));
    if (value_at(step, "cost") != NULL)
        buffer_format(&line, " by %s: cost %lld", or_empty(value_string(step, "rule")),
                      value_number(step, "cost"));
    put_bottleneck(&line, step);
    context_say(context, "%s", buffer_c(&line));
    buffer_fini(&line);
    tell_passed(context, step);
    tell_alternatives(context, step);
}

void explain_stored(struct context *context, const json_t *request)
{
    const json_t *explanation = value_at(request, "explanation");
    const json_t *steps = value_at(explanation, "steps");
    const json_t *ignored = value_at(explanation, "ignored_constraints");
    if (explanation == NULL) {
        context_say(context, "Why, as it was then: nothing was kept of it (an earlier version decided).");
        return;
    }
    context_say(context, "Why, as it was then:%s",
                json_array_size(steps) == 0 ? " it was refused before anybody was asked." : "");
    for (size_t i = 0; i < json_array_size(steps); i++)
        tell_step(context, json_array_get(steps, i));
    if (json_array_size(ignored) > 0) {
        struct buffer names = { .bytes = NULL };
        value_put_joined(&names, ignored, ", ");
        context_say(context, "    constraints that a next hop alone can't keep: %s", buffer_c(&names));
        buffer_fini(&names);
    }
}
