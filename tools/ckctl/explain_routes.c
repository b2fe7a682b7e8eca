/* SPDX-License-Identifier: Apache-2.0 */
/* explain: the installed routes to a relay's destination, and why each is or is not the one. */
#include <string.h>

#include "ckctl/explain.h"
#include "ckctl/route_judge.h"
#include "ckctl/value.h"

static bool is_named(const json_t *route, const char *route_id)
{
    return strcmp(or_empty(value_string(route, "route_id")), or_empty(route_id)) == 0;
}

/* Installed or changed after the decision: it was not, or not so, when it counted. */
static bool is_newer(const json_t *route, const json_t *relay)
{
    int64_t changed_ms, decided_ms;
    return value_time(route, "changed_at", &changed_ms) && value_time(relay, "decided_at", &decided_ms) &&
           changed_ms > decided_ms;
}

/* Of one that relays would take now, and this one did not. */
static void put_best(struct buffer *words, const json_t *route, const json_t *relay)
{
    const char *decider = value_string(relay, "decided_by");
    buffer_put_c(words, "it is what such relays take now");
    if (is_newer(route, relay))
        buffer_format(words, "; it was installed or changed after the decision, %s",
                      or_empty(value_string(route, "changed_at")));
    else if (decider != NULL && strcmp(decider, "route") != 0)
        buffer_format(words, "; it could not be used then, or it was not the turn of routes: %s decided",
                      decider);
}

static void put_rival(struct buffer *words, const json_t *route, const json_t *winner)
{
    buffer_format(words, "%s goes before it: ", or_empty(value_string(winner, "route_id")));
    if (value_number(winner, "priority") != value_number(route, "priority"))
        buffer_format(words, "priority %lld against %lld", value_number(winner, "priority"),
                      value_number(route, "priority"));
    else
        buffer_put_c(words, "of two with one priority the lesser ID counts");
}

static void put_judgement(struct buffer *words, const struct network *network, const json_t *route,
                          const json_t *relay)
{
    const char *source = or_empty(value_string(relay, "source_kma_id"));
    const char *destination = or_empty(value_string(relay, "destination_kma_id"));
    const char *own_source = route_source(route);
    const json_t *winner = network_winner(network, source, destination);
    struct buffer obstacles = { .bytes = NULL };
    bool usable = route_is_usable(network, route, &obstacles);
    const char *why_not = buffer_c(&obstacles);
    if (is_named(route, value_string(relay, "route_id")))
        buffer_format(words, "it decided this relay%s%s",
                      usable ? "" : "; now it could not be used: ", why_not);
    else if (value_at(route, "path") == NULL)
        buffer_put_c(words, "it says next hops, which serve lookups and no relays");
    else if (strcmp(or_empty(own_source), source) != 0)
        buffer_format(words, "it begins at %s, and relays take none but those from exactly their source",
                      or_empty(own_source));
    else if (!usable)
        buffer_format(words, "it cannot be used: %s", why_not);
    else if (winner != NULL && is_named(winner, value_string(route, "route_id")))
        put_best(words, route, relay);
    else if (winner != NULL)
        put_rival(words, route, winner);
    buffer_fini(&obstacles);
}

static void tell_route(struct context *context, const struct network *network, const json_t *route,
                       const json_t *relay)
{
    struct buffer way = { .bytes = NULL }, words = { .bytes = NULL };
    route_put_way(&way, route);
    put_judgement(&words, network, route, relay);
    context_say(context, "  %s (%s, priority %lld): %s.", or_empty(value_string(route, "route_id")),
                buffer_c(&way), value_number(route, "priority"), buffer_c(&words));
    buffer_fini(&way);
    buffer_fini(&words);
}

static void tell_routes(struct context *context, const struct network *network, const json_t *relay)
{
    const char *destination = value_string(relay, "destination_kma_id");
    bool any = false;
    for (size_t i = 0; i < json_array_size(network->routes); i++) {
        const json_t *route = json_array_get(network->routes, i);
        if (strcmp(or_empty(value_string(route, "destination_kma_id")), destination) != 0)
            continue;
        if (!any)
            context_say(context, "Routes to %s, as they are now:", destination);
        any = true;
        tell_route(context, network, route, relay);
    }
    if (!any)
        context_say(context, "Routes to %s: none are installed.", destination);
}

enum outcome explain_routes(struct context *context, const json_t *relay)
{
    struct network network;
    if (value_string(relay, "destination_kma_id") == NULL)
        return OUTCOME_OK;
    enum outcome outcome = network_read(context, &network);
    if (outcome == OUTCOME_OK)
        tell_routes(context, &network, relay);
    network_fini(&network);
    return outcome;
}
