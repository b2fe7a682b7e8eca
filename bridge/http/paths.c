/* SPDX-License-Identifier: Apache-2.0 */
/* POST /paths: computes paths and installs nothing; whoever may look may ask. */
#include "http/resources.h"

#include <stdio.h>

#include "base/limits.h"
#include "http/body.h"
#include "http/paths_answer.h"
#include "system/clock.h"

enum {
    PATHS_AVOIDED_MAX = 1000,  /* identifiers in a list of what to avoid; more: 400 */
    PATHS_REJECTED_TOLD = 100, /* of more rejected links the first by ID are told, and how many there are */
};

static const char *const members[] = { "source_kma_id",
                                       "destination_kma_id",
                                       "k",
                                       "metric",
                                       "avoid_kma_ids",
                                       "avoid_link_ids",
                                       "require_kma_ids",
                                       "max_hops",
                                       "min_key_stock",
                                       "disjoint",
                                       NULL };

enum { DISJOINT_NOT = -1, LIKE_A_DECISION = -1 };

/* A list that may as well be empty, as programs write them. */
static bool read_list(const struct body *body, const char *name, size_t count_max,
                      const struct text **out_ids, size_t *out_count)
{
    const json_t *value = json_object_get(body->json, name);
    struct text *ids = NULL;
    if (json_is_array(value) && json_array_size(value) == 0)
        return true;
    if (!body_identifiers(body, name, OPTIONAL, count_max, &ids, out_count))
        return false;
    *out_ids = ids;
    return true;
}

/* A pair is two paths, each of them constrained alike: what would say otherwise is refused. */
static bool read_disjointness(const struct body *body, const struct paths_request *asked, int64_t k,
                              int *out_disjointness)
{
    *out_disjointness = DISJOINT_NOT;
    if (!body_choice(body, "disjoint", paths_disjointness_names, "links | kmas", out_disjointness))
        return false;
    if (*out_disjointness == DISJOINT_NOT)
        return true;
    if (k != 0 && k != 2)
        return body_refuse(body, PROBLEM_BAD_MEMBER, "k",
                           "\"disjoint\" asks for two paths; make \"k\" 2, or leave it out");
    if (asked->require_kma_id_count > 0)
        return body_refuse(body, PROBLEM_BAD_MEMBER, "require_kma_ids",
                           "KMAs can't be required of a disjoint pair; leave \"require_kma_ids\" out");
    return true;
}

/* `metric`: what the bridge itself decides by. */
static bool read_request(const struct body *body, int metric, struct paths_request *out,
                         int *out_disjointness)
{
    int64_t k = 0, hops_max = PATHS_HOPS_MAX, key_stock_min = LIKE_A_DECISION;
    *out = (struct paths_request){ .rejected_max = PATHS_REJECTED_TOLD };
    if (!body_has_only(body, members) ||
        !body_identifier(body, "source_kma_id", MANDATORY, &out->source_kma_id) ||
        !body_identifier(body, "destination_kma_id", MANDATORY, &out->destination_kma_id) ||
        !body_integer(body, "k", OPTIONAL, 1, PATHS_K_MAX, &k) ||
        !body_choice(body, "metric", paths_metric_names, "widest_shortest | shortest | widest", &metric) ||
        !read_list(body, "avoid_kma_ids", PATHS_AVOIDED_MAX, &out->avoid_kma_ids, &out->avoid_kma_id_count) ||
        !read_list(body, "avoid_link_ids", PATHS_AVOIDED_MAX, &out->avoid_link_ids,
                   &out->avoid_link_id_count) ||
        !read_list(body, "require_kma_ids", PATHS_REQUIRED_MAX, &out->require_kma_ids,
                   &out->require_kma_id_count) ||
        !body_integer(body, "max_hops", OPTIONAL, 1, PATHS_HOPS_MAX, &hops_max) ||
        !body_integer(body, "min_key_stock", OPTIONAL, 0, INT64_MAX, &key_stock_min) ||
        !read_disjointness(body, out, k, out_disjointness))
        return false;
    out->k = k != 0 && *out_disjointness == DISJOINT_NOT ? (uint32_t)k : 1;
    out->hops_max = (uint32_t)hops_max;
    out->unknown_stock_does = key_stock_min == LIKE_A_DECISION;
    out->key_stock_min = out->unknown_stock_does ? 1 : key_stock_min;
    out->metric = (enum paths_metric)metric;
    return true;
}

/* ---- what the network does not have ---- */

static struct text named(const struct paths_request *request, const struct paths_fault *fault)
{
    switch (fault->member) {
    case PATHS_SOURCE:
        return request->source_kma_id;
    case PATHS_DESTINATION:
        return request->destination_kma_id;
    case PATHS_AVOID_KMAS:
        return request->avoid_kma_ids[fault->index];
    case PATHS_AVOID_LINKS:
        return request->avoid_link_ids[fault->index];
    case PATHS_REQUIRE_KMAS:
        return request->require_kma_ids[fault->index];
    }
    return TEXT_ABSENT;
}

static struct text pointer_to(const struct paths_fault *fault, char *pointer, size_t bytes)
{
    static const char *const names[] = { [PATHS_SOURCE] = "source_kma_id",
                                         [PATHS_DESTINATION] = "destination_kma_id",
                                         [PATHS_AVOID_KMAS] = "avoid_kma_ids",
                                         [PATHS_AVOID_LINKS] = "avoid_link_ids",
                                         [PATHS_REQUIRE_KMAS] = "require_kma_ids" };
    if (fault->member == PATHS_SOURCE || fault->member == PATHS_DESTINATION)
        snprintf(pointer, bytes, "/%s", names[fault->member]);
    else
        snprintf(pointer, bytes, "/%s/%zu", names[fault->member], fault->index);
    return text_from_c(pointer);
}

static enum handled refuse(struct request *request, const struct paths_request *asked,
                           enum paths_status status, const struct paths_fault *fault)
{
    static const struct {
        enum reason reason;
        const char *before, *after;
    } words[] = {
        [PATHS_SAME_KMA] = { REASON_AT_DESTINATION, "source and destination are both ",
                             ": there is nothing to relay" },
        [PATHS_KMA_UNKNOWN] = { REASON_UNKNOWN_KMA, "no KM and no link names the KMA ", "" },
        [PATHS_LINK_UNKNOWN] = { REASON_NOT_FOUND, "there is no link ", "; leave it out" },
        [PATHS_END_AVOIDED] = { REASON_INVALID, "a path can't avoid its own end, ", "; leave it out" },
        [PATHS_REQUIRED_AVOIDED] = { REASON_INVALID, "the KMA ", " is both required and to be avoided" },
    };
    if (status == PATHS_NO_MEMORY)
        return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    char detail[512], pointer[64];
    struct paths_fault at = status == PATHS_SAME_KMA ? (struct paths_fault){ PATHS_DESTINATION, 0 } : *fault;
    struct text name = named(asked, &at);
    snprintf(detail, sizeof detail, "%s%.*s%s", words[status].before, TEXT_ARGUMENTS(name),
             words[status].after);
    struct problem problem = { .kind = PROBLEM_REFUSED,
                               .detail = text_from_c(detail),
                               .pointer = pointer_to(&at, pointer, sizeof pointer),
                               .reason = words[status].reason };
    return request_problem(request, &problem);
}

/* ---- the route that would decide today ---- */

static bool is_passable(enum network_adjacency adjacency)
{
    return adjacency == NETWORK_ADJACENT || adjacency == NETWORK_NOT_ADJACENT;
}

static bool is_usable(const struct network *network, const struct route_config *route, uint64_t wall_ms)
{
    uint32_t before = 0, kma;
    if (route->valid_until_ms != 0 && route->valid_until_ms <= wall_ms)
        return false;
    for (size_t i = 0; i < route->path_length; i++) {
        if (!network_find_kma(network, route->path[i], &kma) || !network_kma_is_enabled(network, kma) ||
            (i > 0 && !is_passable(network_adjacency(network, before, kma))))
            return false;
        before = kma;
    }
    return true;
}

/* The core's rule: a usable path from exactly here to exactly there, of the highest priority, then by ID,
   which is the snapshot's order. */
static struct text installed_route(const struct snapshot *snapshot, const struct network *network,
                                   const struct paths_request *asked, uint64_t wall_ms)
{
    const struct route_config *best = NULL;
    for (size_t i = 0; i < snapshot->route_count; i++) {
        const struct route_config *route = &snapshot->routes[i].config;
        if (route->path != NULL && text_equal(route->path[0], asked->source_kma_id) &&
            text_equal(route->destination_kma_id, asked->destination_kma_id) &&
            (best == NULL || route->priority > best->priority) && is_usable(network, route, wall_ms))
            best = route;
    }
    return best != NULL ? best->route_id : TEXT_ABSENT;
}

/* ---- POST ---- */

enum handled handle_paths_find(struct request *request)
{
    struct body body;
    struct paths_request asked;
    struct pair_answer found = { .lack = PAIR_LACKS_NONE };
    struct paths_fault fault = { PATHS_SOURCE, 0 };
    int disjointness;
    const struct snapshot *snapshot = request_snapshot(request);
    if (!body_parse(request, &request->arena, &body) ||
        !read_request(&body, (int)snapshot->metric, &asked, &disjointness))
        return HANDLED_ANSWERED;
    const uint64_t wall_ms = clock_wall_ms();
    const struct network *network = network_cache_get(request->network_cache, snapshot, wall_ms);
    if (network == NULL)
        return refuse(request, &asked, PATHS_NO_MEMORY, &fault);
    bool in_pair = disjointness != DISJOINT_NOT;
    enum paths_status status =
        in_pair ? pair_find(network, &asked, (enum disjointness)disjointness, &request->arena, &found, &fault)
                : paths_find_sparing(network, &asked, &request->arena, &found.paths, &fault);
    if (status != PATHS_OK)
        return refuse(request, &asked, status, &fault);
    struct paths_told told = { .snapshot = snapshot,
                               .network = network,
                               .km_of = request->network_cache->km_of,
                               .asked = &asked,
                               .found = &found.paths,
                               .pair = in_pair ? &found : NULL,
                               .disjointness = in_pair ? (enum disjointness)disjointness : DISJOINT_LINKS,
                               .installed_route_id = installed_route(snapshot, network, &asked, wall_ms) };
    return request_answer_value(request, 200, paths_answer_put, &told);
}
