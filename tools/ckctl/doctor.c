/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at the bridge, its KMs and its routes for what is wrong or soon will be; at all, or at one closely.
 */
#include <stdio.h>
#include <string.h>

#include "ckctl/finding.h"
#include "ckctl/route_judge.h"
#include "ckctl/value.h"

static void look_at_all(struct findings *findings, const struct network *network)
{
    doctor_look_at_bridge(findings, network->status);
    doctor_look_at_refused(findings, network->status, network->kms, NULL);
    for (size_t i = 0; i < json_array_size(network->kms); i++)
        doctor_look_at_km(findings, json_array_get(network->kms, i));
    for (size_t i = 0; i < json_array_size(network->routes); i++) {
        doctor_look_at_route(findings, network, json_array_get(network->routes, i));
        doctor_look_at_lease(findings, json_array_get(network->routes, i));
    }
    doctor_look_at_tokens(findings, network->tokens);
}

static const json_t *find(const json_t *items, const char *member, const char *id)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *own = value_string(json_array_get(items, i), member);
        if (own != NULL && strcmp(own, id) == 0)
            return json_array_get(items, i);
    }
    return NULL;
}

static bool look_at_km(struct findings *findings, const struct network *network, const char *km_id)
{
    const json_t *km = find(network->kms, "km_id", km_id);
    if (km == NULL)
        return false;
    doctor_look_at_km(findings, km);
    doctor_look_for_listener(findings, network->status, km);
    doctor_look_at_refused(findings, network->status, network->kms, km);
    return true;
}

/* One that was there once is told of by the events, as far back as those go. */
static bool look_at_former_route(struct findings *findings, const char *route_id)
{
    struct buffer target = { .bytes = NULL };
    json_t *events;
    buffer_put_c(&target, "/events?type=route.changed&subject=route_id%3A");
    api_put_encoded(&target, route_id);
    enum outcome outcome = network_read_items(findings->context, target.bytes, &events);
    size_t count = json_array_size(events);
    if (outcome == OUTCOME_OK && count > 0)
        doctor_look_at_removal(findings, route_id, json_array_get(events, count - 1));
    json_decref(events);
    buffer_fini(&target);
    return outcome == OUTCOME_OK && count > 0;
}

static bool look_at_route(struct findings *findings, const struct network *network, const char *route_id)
{
    const json_t *route = find(network->routes, "route_id", route_id);
    if (route == NULL)
        return look_at_former_route(findings, route_id);
    doctor_look_closely_at_route(findings, network, route);
    return true;
}

enum outcome doctor_run(struct context *context)
{
    struct findings findings = { .context = context };
    struct network network;
    const char *verb = context->command->verb;
    bool found = true;
    enum outcome outcome = network_read(context, &network);
    if (outcome == OUTCOME_OK && verb == NULL)
        outcome = network_read_tokens(context, &network);
    if (outcome == OUTCOME_OK && !api_is_interrupted(context->api)) {
        if (verb == NULL)
            look_at_all(&findings, &network);
        else if (strcmp(verb, "km") == 0)
            found = look_at_km(&findings, &network, context->words[0]);
        else
            found = look_at_route(&findings, &network, context->words[0]);
        if (found)
            findings_sum_up(&findings);
        else
            fprintf(stderr, "ckctl: there is no such %s\n", verb);
        outcome = !found ? OUTCOME_NOT_FOUND : findings.wrong > 0 ? OUTCOME_REFUSED : OUTCOME_OK;
    }
    network_fini(&network);
    return outcome;
}
