/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: why routes are not used, and which will soon end. */
#include <string.h>

#include "ckctl/finding.h"
#include "ckctl/route_judge.h"
#include "ckctl/value.h"

#define LEASE_NOTE_MS INT64_C(86400000)

static void put_about(struct buffer *about, const json_t *route)
{
    buffer_format(about, "route %s", or_empty(value_string(route, "route_id")));
}

void doctor_look_at_lease(struct findings *findings, const json_t *route)
{
    struct buffer about = { .bytes = NULL }, when = { .bytes = NULL };
    int64_t until_ms;
    int64_t now_ms = findings->context->terminal.now_ms;
    if (!value_time(route, "valid_until", &until_ms) || until_ms - now_ms >= LEASE_NOTE_MS)
        return;
    value_put(&when, value_at(route, "valid_until"), &findings->context->terminal);
    put_about(&about, route);
    finding_add(findings, false, about.bytes,
                until_ms <= now_ms ? "it was valid until %s" : "it is valid until %s", when.bytes);
    buffer_fini(&about);
    buffer_fini(&when);
}

void doctor_look_at_removal(struct findings *findings, const char *route_id, const json_t *event)
{
    struct buffer about = { .bytes = NULL }, when = { .bytes = NULL };
    const char *why = or_empty(value_string(event, "data.detail"));
    bool is_lease = strstr(why, "valid_until") != NULL;
    buffer_format(&about, "route %s", route_id);
    value_put(&when, value_at(event, "time"), &findings->context->terminal);
    finding_add(findings, true, about.bytes,
                is_lease ? "it is not installed any more: its lease ended %s"
                         : "it is not installed any more: it was removed %s",
                when.bytes);
    buffer_fini(&about);
    buffer_fini(&when);
}

/* The route that relays between its ends take; NULL: none, or it is no route of relays. */
static const json_t *winner_over(const struct network *network, const json_t *route)
{
    const char *source = route_source(route), *destination = value_string(route, "destination_kma_id");
    if (source == NULL || destination == NULL || value_at(route, "path") == NULL)
        return NULL;
    return network_winner(network, source, destination);
}

void doctor_look_at_route(struct findings *findings, const struct network *network, const json_t *route)
{
    struct buffer about = { .bytes = NULL }, obstacles = { .bytes = NULL };
    put_about(&about, route);
    if (!route_is_usable(network, route, &obstacles)) {
        const json_t *instead = winner_over(network, route);
        if (instead != NULL)
            finding_add(findings, false, about.bytes, "it cannot be used: %s; the route %s is used instead",
                        buffer_c(&obstacles), or_empty(value_string(instead, "route_id")));
        else
            finding_add(findings, true, about.bytes, "it cannot be used: %s", buffer_c(&obstacles));
    }
    buffer_fini(&about);
    buffer_fini(&obstacles);
}

static void look_at_turn(struct findings *findings, const json_t *status, const char *about)
{
    const json_t *order = value_at(status, "decision.order");
    struct buffer before = { .bytes = NULL };
    for (size_t i = 0; i < json_array_size(order); i++) {
        const char *decider = json_string_value(json_array_get(order, i));
        if (strcmp(or_empty(decider), "routes") == 0) {
            if (before.length > 0)
                finding_add(findings, false, about, "before routes it is the turn of: %s", before.bytes);
            buffer_fini(&before);
            return;
        }
        buffer_format(&before, "%s%s", before.length > 0 ? ", " : "", or_empty(decider));
    }
    finding_add(findings, true, about, "no routes are used: they are not in the order of decision (%s)",
                buffer_c(&before));
    buffer_fini(&before);
}

/* A relay is asked for by the KM of its source, and by nobody else. */
static void look_at_asker(struct findings *findings, const struct network *network, const json_t *route,
                          const char *about)
{
    const char *source = route_source(route);
    if (value_at(route, "path") == NULL) {
        finding_add(findings, false, about, "it says next hops, which serve lookups; relays need a path");
        return;
    }
    const json_t *km = source != NULL ? network_km_of(network, source) : NULL;
    if (km == NULL)
        finding_add(findings, true, about,
                    "no KM has its source %s, so that nobody can ask for a relay along it", or_empty(source));
    else if (strcmp(or_empty(value_string(km, "session.state")), "connected") != 0)
        finding_add(findings, true, about, "the KM of its source, %s, is not connected (ckctl doctor km %s)",
                    or_empty(value_string(km, "km_id")), or_empty(value_string(km, "km_id")));
}

static void look_at_rival(struct findings *findings, const struct network *network, const json_t *route,
                          const char *about)
{
    const json_t *winner = winner_over(network, route);
    const char *own_id = or_empty(value_string(route, "route_id"));
    if (winner == NULL || strcmp(or_empty(value_string(winner, "route_id")), own_id) == 0)
        return;
    const char *id = or_empty(value_string(winner, "route_id"));
    long long priority = value_number(route, "priority"), its_priority = value_number(winner, "priority");
    if (priority == its_priority)
        finding_add(findings, false, about,
                    "relays take the route %s instead: of two with priority %lld the lesser ID counts", id,
                    priority);
    else if (its_priority > priority)
        finding_add(findings, false, about,
                    "relays take the route %s instead: its priority is %lld, this one's %lld", id,
                    its_priority, priority);
}

static void look_at_gaps(struct findings *findings, const struct network *network, const json_t *route,
                         const char *about)
{
    const json_t *path = value_at(route, "path");
    for (size_t i = 1; i < json_array_size(path); i++) {
        const char *from = json_string_value(json_array_get(path, i - 1));
        const char *to = json_string_value(json_array_get(path, i));
        if (from != NULL && to != NULL && network_adjacency(network, from, to) == ADJACENCY_WITHOUT_LINK)
            finding_add(findings, false, about, "no link joins %s and %s: they are taken for neighbours",
                        from, to);
    }
}

void doctor_look_closely_at_route(struct findings *findings, const struct network *network,
                                  const json_t *route)
{
    struct buffer about = { .bytes = NULL };
    put_about(&about, route);
    doctor_look_at_route(findings, network, route);
    look_at_turn(findings, network->status, about.bytes);
    look_at_asker(findings, network, route, about.bytes);
    look_at_rival(findings, network, route, about.bytes);
    look_at_gaps(findings, network, route, about.bytes);
    doctor_look_at_lease(findings, route);
    buffer_fini(&about);
}
