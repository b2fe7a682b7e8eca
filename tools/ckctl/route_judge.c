/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/route_judge.h"

#include <string.h>

#include "ckctl/value.h"

const char *route_source(const json_t *route)
{
    const json_t *path = value_at(route, "path");
    return json_array_size(path) > 0 ? json_string_value(json_array_get(path, 0))
                                     : value_string(route, "source_kma_id");
}

bool route_is_preferred(const json_t *route, const json_t *other)
{
    long long own = value_number(route, "priority"), its = value_number(other, "priority");
    const char *own_id = value_string(route, "route_id"), *its_id = value_string(other, "route_id");
    if (own != its)
        return own > its;
    return own_id != NULL && its_id != NULL && strcmp(own_id, its_id) < 0;
}

/* Tells what stands in the way, when somebody wants to know. False, always. */
__attribute__((format(printf, 2, 3))) static bool obstacle(struct buffer *obstacles, const char *format, ...)
{
    va_list arguments;
    if (obstacles == NULL)
        return false;
    if (obstacles->length > 0)
        buffer_put_c(obstacles, "; ");
    va_start(arguments, format);
    buffer_format_list(obstacles, format, arguments);
    va_end(arguments);
    return false;
}

static bool kma_serves(const struct network *network, const char *kma_id, struct buffer *obstacles)
{
    const json_t *km = network_km_of(network, kma_id);
    if (!network_knows(network, kma_id))
        return obstacle(obstacles, "neither a KM nor a link names %s", kma_id);
    if (km != NULL && !value_is_true(km, "enabled"))
        return obstacle(obstacles, "%s belongs to the KM %s, which is disabled", kma_id,
                        value_string(km, "km_id"));
    return true;
}

static bool hop_serves(const struct network *network, const char *from, const char *to,
                       struct buffer *obstacles)
{
    return network_adjacency(network, from, to) != ADJACENCY_DOWN ||
           obstacle(obstacles, "the link between %s and %s is down", from, to);
}

static bool path_serves(const struct network *network, const json_t *path, struct buffer *obstacles)
{
    bool serves = true;
    const char *before = NULL;
    for (size_t i = 0; i < json_array_size(path); i++) {
        const char *kma_id = json_string_value(json_array_get(path, i));
        serves = kma_serves(network, kma_id, obstacles) && serves;
        serves = (before == NULL || hop_serves(network, before, kma_id, obstacles)) && serves;
        before = kma_id;
    }
    return serves;
}

/* One candidate that serves is enough. */
static bool hops_serve(const struct network *network, const json_t *hops, struct buffer *obstacles)
{
    const char *from;
    json_t *candidates;
    bool serves = false;
    json_object_foreach((json_t *)hops, from, candidates)
    {
        for (size_t i = 0; i < json_array_size(candidates); i++) {
            const char *to = json_string_value(json_array_get(candidates, i));
            bool this_one = kma_serves(network, to, obstacles);
            serves = (hop_serves(network, from, to, obstacles) && this_one) || serves;
        }
    }
    return serves;
}

bool route_is_usable(const struct network *network, const json_t *route, struct buffer *obstacles)
{
    int64_t until_ms;
    bool usable = true;
    if (value_time(route, "valid_until", &until_ms) && until_ms <= network->now_ms)
        usable = obstacle(obstacles, "its lease ended at %s", value_string(route, "valid_until"));
    const json_t *path = value_at(route, "path");
    bool serves = path != NULL ? path_serves(network, path, obstacles)
                               : hops_serve(network, value_at(route, "next_hops"), obstacles);
    return serves && usable;
}

void route_put_way(struct buffer *words, const json_t *route)
{
    const json_t *path = value_at(route, "path");
    const char *from, *between = "";
    json_t *candidates;
    if (path != NULL) {
        value_put_joined(words, path, " > ");
        return;
    }
    json_object_foreach((json_t *)value_at(route, "next_hops"), from, candidates)
    {
        buffer_format(words, "%s%s > ", between, from);
        value_put_joined(words, candidates, ", ");
        between = "; ";
    }
}
