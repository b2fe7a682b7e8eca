/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/network.h"

#include <string.h>

#include "ckctl/pages.h"
#include "ckctl/route_judge.h"
#include "ckctl/value.h"

static void gather(void *context, const char *item, size_t length)
{
    json_array_append_new(context, value_parse(item, length));
}

enum outcome network_read_items(struct context *context, const char *target, json_t **out_items)
{
    *out_items = json_array();
    const struct pages pages = { .target = target, .visit = gather, .context = *out_items };
    return pages_read(context, &pages);
}

/* Identifiers hold no control characters, so that a line feed parts them. */
static void put_pair(struct buffer *key, const char *first, const char *second)
{
    buffer_format(key, "%s\n%s", first, second);
}

static const json_t *at_pair(const json_t *index, const char *first, const char *second)
{
    struct buffer key = { .bytes = NULL };
    put_pair(&key, first, second);
    const json_t *found = json_object_get(index, key.bytes);
    buffer_fini(&key);
    return found;
}

static void set_pair(json_t *index, const char *first, const char *second, json_t *value)
{
    struct buffer key = { .bytes = NULL };
    put_pair(&key, first, second);
    json_object_set(index, key.bytes, value);
    buffer_fini(&key);
}

static void index_km(struct network *network, json_t *km)
{
    const json_t *kma_ids = value_at(km, "kma_ids");
    for (size_t i = 0; i < json_array_size(kma_ids); i++)
        json_object_set(network->km_of_kma, json_string_value(json_array_get(kma_ids, i)), km);
}

/* Of parallel links one that is up suffices. */
static void index_link(struct network *network, json_t *link)
{
    const char *a = value_string(link, "a"), *b = value_string(link, "b");
    json_t *state = json_object_get(link, "state");
    if (a == NULL || b == NULL || !json_is_string(state))
        return;
    json_object_set_new(network->linked, a, json_true());
    json_object_set_new(network->linked, b, json_true());
    bool is_up = strcmp(json_string_value(state), "up") == 0;
    if (!is_up && network_adjacency(network, a, b) != ADJACENCY_WITHOUT_LINK)
        return;
    set_pair(network->adjacencies, a, b, state);
    set_pair(network->adjacencies, b, a, state);
}

static void index_route(struct network *network, json_t *route)
{
    const char *source = route_source(route), *destination = value_string(route, "destination_kma_id");
    if (source == NULL || destination == NULL || !json_is_array(value_at(route, "path")) ||
        !route_is_usable(network, route, NULL))
        return;
    const json_t *best = network_winner(network, source, destination);
    if (best == NULL || route_is_preferred(route, best))
        set_pair(network->winners, source, destination, route);
}

void network_index(struct network *network)
{
    network->km_of_kma = json_object();
    network->linked = json_object();
    network->adjacencies = json_object();
    network->winners = json_object();
    for (size_t i = 0; i < json_array_size(network->kms); i++)
        index_km(network, json_array_get(network->kms, i));
    for (size_t i = 0; i < json_array_size(network->links); i++)
        index_link(network, json_array_get(network->links, i));
    for (size_t i = 0; i < json_array_size(network->routes); i++)
        index_route(network, json_array_get(network->routes, i));
}

enum outcome network_read(struct context *context, struct network *network)
{
    *network = (struct network){ .now_ms = context->terminal.now_ms };
    enum outcome outcome = context_get(context, "/status", &network->status);
    if (outcome == OUTCOME_OK)
        outcome = network_read_items(context, "/kms", &network->kms);
    if (outcome == OUTCOME_OK)
        outcome = network_read_items(context, "/links", &network->links);
    if (outcome == OUTCOME_OK)
        outcome = network_read_items(context, "/routes", &network->routes);
    network_index(network);
    return outcome;
}

enum outcome network_read_tokens(struct context *context, struct network *network)
{
    network->tokens = json_array();
    const struct pages pages = {
        .target = "/tokens", .visit = gather, .context = network->tokens, .may_be_refused = true
    };
    enum outcome outcome = pages_read(context, &pages);
    return outcome == OUTCOME_UNAUTHORISED ? OUTCOME_OK : outcome;
}

void network_fini(struct network *network)
{
    json_decref(network->status);
    json_decref(network->kms);
    json_decref(network->links);
    json_decref(network->routes);
    json_decref(network->tokens);
    json_decref(network->km_of_kma);
    json_decref(network->linked);
    json_decref(network->adjacencies);
    json_decref(network->winners);
}

const json_t *network_km_of(const struct network *network, const char *kma_id)
{
    return json_object_get(network->km_of_kma, kma_id);
}

bool network_knows(const struct network *network, const char *kma_id)
{
    return network_km_of(network, kma_id) != NULL || json_object_get(network->linked, kma_id) != NULL;
}

enum adjacency network_adjacency(const struct network *network, const char *a, const char *b)
{
    const json_t *state = at_pair(network->adjacencies, a, b);
    if (state == NULL)
        return ADJACENCY_WITHOUT_LINK;
    return strcmp(json_string_value(state), "up") == 0 ? ADJACENCY_UP : ADJACENCY_DOWN;
}

const json_t *network_winner(const struct network *network, const char *source, const char *destination)
{
    return at_pair(network->winners, source, destination);
}
