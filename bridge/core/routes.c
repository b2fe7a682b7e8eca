/* SPDX-License-Identifier: Apache-2.0 */
#include "core/routes.h"

#include <assert.h>
#include <string.h>

#include "core/budget.h"
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/emit.h"

int routes_compare(const void *left, const void *right)
{
    const struct route_config *a = route_config_of(left);
    const struct route_config *b = route_config_of(right);
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    return text_compare(a->route_id, b->route_id);
}

const struct route_config *route_config_of(const struct route *route)
{
    return &route->object.layers[ORIGIN_API].config.route;
}

/* ---- in force ---- */

static size_t kmas_named(const struct route_config *config)
{
    size_t count = config->path_length;
    for (size_t i = 0; i < config->hop_count; i++)
        count += 1 + config->hops[i].next_kma_id_count;
    return count;
}

static void release_kmas(struct core *core, struct route *route)
{
    for (size_t i = 0; i < route->kma_count; i++)
        kma_release(core, route->kmas[i]);
    memory_release(&core->memory, route->kmas, kmas_named(route_config_of(route)) * sizeof(struct kma *));
    kma_release(core, route->source);
    kma_release(core, route->destination);
    route->kmas = NULL;
    route->kma_count = 0;
    route->source = route->destination = NULL;
}

static bool retain_one(struct core *core, struct route *route, struct text kma_id)
{
    struct kma *kma = kma_retain_id(core, kma_id);
    if (kma != NULL)
        route->kmas[route->kma_count++] = kma;
    return kma != NULL;
}

static bool retain_kmas(struct core *core, struct route *route, const struct route_config *config)
{
    route->kmas = memory_allocate(&core->memory, kmas_named(config) * sizeof(struct kma *));
    if (route->kmas == NULL)
        return false;
    for (size_t i = 0; i < config->path_length; i++) {
        if (!retain_one(core, route, config->path[i]))
            return false;
    }
    for (size_t i = 0; i < config->hop_count; i++) {
        const struct route_hop *hop = &config->hops[i];
        if (!retain_one(core, route, hop->kma_id))
            return false;
        for (size_t j = 0; j < hop->next_kma_id_count; j++) {
            if (!retain_one(core, route, hop->next_kma_ids[j]))
                return false;
        }
    }
    return true;
}

static bool index_route(struct core *core, struct route *route, const struct route_config *config)
{
    if (config->valid_until_ms != 0 && !heap_set(&core->route_expiry, &route->expiry, config->valid_until_ms))
        return false;
    if (!sorted_insert(&route->destination->routes, route))
        return false;
    return config->path == NULL ||
           chain_add(&core->routes_by_pair, &route->pair,
                     chain_key(route->source->number, route->destination->number), route);
}

bool route_bind(struct core *core, struct route *route)
{
    const struct route_config *config = route_config_of(route);
    struct text source = config->path != NULL ? config->path[0] : config->source_kma_id;
    route->destination = kma_retain_id(core, config->destination_kma_id);
    route->source = text_is_present(source) ? kma_retain_id(core, source) : NULL;
    bool whole = route->destination != NULL && (route->source != NULL || !text_is_present(source));
    if (!whole || !retain_kmas(core, route, config) || !index_route(core, route, config)) {
        route_unbind(core, route);
        return false;
    }
    core->graph_version++;
    return true;
}

void route_unbind(struct core *core, struct route *route)
{
    heap_remove(&core->route_expiry, &route->expiry);
    chain_remove(&core->routes_by_pair, &route->pair);
    if (route->destination != NULL)
        sorted_remove(&route->destination->routes, route);
    release_kmas(core, route);
    core->graph_version++;
}

/* ---- may it be used ---- */

static bool kmas_serve(const struct route *route)
{
    for (size_t i = 0; i < route->kma_count; i++) {
        if (!kma_is_known(route->kmas[i]) || kma_is_disabled(route->kmas[i]))
            return false;
    }
    return kma_is_known(route->destination) && !kma_is_disabled(route->destination);
}

static bool adjacencies_serve(const struct core *core, const struct route *route)
{
    for (size_t i = 0; i + 1 < route->kma_count; i++) {
        if (adjacency_of(core, route->kmas[i], route->kmas[i + 1]) == ADJACENCY_DOWN)
            return false;
    }
    return true;
}

bool route_is_usable(struct core *core, struct route *route)
{
    const struct route_config *config = route_config_of(route);
    if (config->valid_until_ms != 0 && config->valid_until_ms <= core->wall_ms)
        return false;
    if (config->path == NULL)
        return true; /* each of its candidates is judged by itself */
    if (route->checked_version != core->graph_version) {
        route->usable = kmas_serve(route) && adjacencies_serve(core, route);
        route->checked_version = core->graph_version;
    }
    return route->usable;
}

/* ---- which one decides ---- */

struct text routes_link_between(const struct core *core, const struct kma *from, const struct kma *to)
{
    const struct link *first = NULL;
    for (const struct chain_node *node = links_between(core, from, to); node != NULL; node = node->next) {
        const struct link *link = node->owner;
        if (first == NULL || text_compare(link->object.id, first->object.id) < 0)
            first = link;
    }
    return first != NULL ? first->object.id : TEXT_ABSENT;
}

/* Why it is not usable. */
static struct explained_route obstacle_of(const struct core *core, const struct route *route)
{
    struct explained_route told = { .obstacle = OBSTACLE_EXPIRED };
    for (size_t i = 0; i < route->kma_count; i++) {
        const struct kma *kma = route->kmas[i];
        if (kma_is_known(kma) && !kma_is_disabled(kma))
            continue;
        told.obstacle = kma_is_known(kma) ? OBSTACLE_DISABLED_KMA : OBSTACLE_UNKNOWN_KMA;
        told.object = kma->id;
        return told;
    }
    for (size_t i = 0; i + 1 < route->kma_count; i++) {
        if (adjacency_of(core, route->kmas[i], route->kmas[i + 1]) != ADJACENCY_DOWN)
            continue;
        told.obstacle = OBSTACLE_LINK_DOWN;
        told.object = routes_link_between(core, route->kmas[i], route->kmas[i + 1]);
        return told;
    }
    return told;
}

/* OBSTACLE_NONE: it may be used. */
static struct explained_route judge(struct core *core, struct route *route,
                                    const struct request_constraints *constraints)
{
    if (!route_is_usable(core, route))
        return obstacle_of(core, route);
    struct explained_route told = { .obstacle = OBSTACLE_NONE };
    told.obstacle = constraints_judge_path(core, constraints, route->kmas, route->kma_count, &told.object);
    if (told.obstacle != OBSTACLE_NONE)
        return told;
    for (size_t i = 0; i + 1 < route->kma_count; i++) {
        if (!budget_allows(core, route->kmas[i], route->kmas[i + 1]))
            return (struct explained_route){ .obstacle = OBSTACLE_INSUFFICIENT_KEYS,
                                             .object = routes_link_between(core, route->kmas[i],
                                                                           route->kmas[i + 1]) };
    }
    return told;
}

/* With keys, one of them would have done; constraints that can't be read stand against all. */
static void note_reason(struct routes_passed *passed, enum obstacle obstacle)
{
    if (obstacle == OBSTACLE_BAD_CONSTRAINTS)
        passed->reason = REASON_BAD_CONSTRAINTS;
    else if (obstacle == OBSTACLE_INSUFFICIENT_KEYS)
        passed->reason = REASON_INSUFFICIENT_KEYS;
    else if (obstacle_is_of_constraints(obstacle) && passed->reason == REASON_NONE)
        passed->reason = REASON_CONSTRAINTS_UNMET;
}

void routes_pass(struct routes_passed *passed, const struct route *route, enum obstacle obstacle,
                 struct text object)
{
    size_t at = passed->count;
    note_reason(passed, obstacle);
    while (at > 0 && routes_compare(route, passed->routes[at - 1]) < 0)
        at--;
    if (at == EXPLANATION_PASSED_MAX)
        return;
    size_t moved = passed->count - at;
    if (passed->count == EXPLANATION_PASSED_MAX)
        moved--; /* the worst is left out */
    else
        passed->count++;
    memmove(&passed->routes[at + 1], &passed->routes[at], moved * sizeof(struct route *));
    memmove(&passed->told[at + 1], &passed->told[at], moved * sizeof *passed->told);
    passed->routes[at] = route;
    passed->told[at] = (struct explained_route){ route_config_of(route)->route_id, obstacle, object };
}

struct route *routes_match(struct core *core, const struct routes_question *question,
                           struct routes_passed *out_passed)
{
    const struct kma *source = kma_find(core, question->source_kma_id);
    const struct kma *destination = kma_find(core, question->destination_kma_id);
    *out_passed = (struct routes_passed){ .count = 0 };
    if (source == NULL || destination == NULL)
        return NULL;
    struct route *best = NULL;
    struct chain_node *node =
        chain_find(&core->routes_by_pair, chain_key(source->number, destination->number));
    for (; node != NULL; node = node->next) {
        struct route *route = node->owner;
        if (best != NULL && routes_compare(route, best) > 0)
            continue;
        const struct explained_route told = judge(core, route, question->constraints);
        if (told.obstacle == OBSTACLE_NONE)
            best = route;
        else
            routes_pass(out_passed, route, told.obstacle, told.object);
    }
    while (best != NULL && out_passed->count > 0 &&
           routes_compare(out_passed->routes[out_passed->count - 1], best) > 0)
        out_passed->count--;
    return best;
}

/* ---- validation ---- */

struct verdict verdict_of(struct core *core, enum reason reason, const char *before, struct text subject,
                          const char *after)
{
    char words[1024];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, before);
    bytes_put_text(&writer, subject);
    bytes_put_c(&writer, after);
    return (struct verdict){ reason, emit_text(core, bytes_written(&writer)) };
}

void warnings_add(struct core *core, struct warnings *warnings, struct text warning)
{
    enum { WARNINGS_MAX = 64 }; /* more help nobody; further ones are left out */
    if (warnings == NULL || warnings->count == WARNINGS_MAX)
        return;
    if (warnings->texts == NULL)
        warnings->texts = arena_allocate(&core->effects->arena, WARNINGS_MAX * sizeof(struct text));
    if (warnings->texts != NULL)
        warnings->texts[warnings->count++] = warning;
}

static const struct verdict accepted = { REASON_NONE, { NULL, 0 } };

static struct verdict check_kma(struct core *core, struct text kma_id)
{
    const struct kma *kma = kma_find(core, kma_id);
    if (!kma_is_known(kma))
        return verdict_of(core, REASON_UNKNOWN_KMA, "no KM and no link names the KMA ", kma_id, "");
    if (kma_is_disabled(kma))
        return verdict_of(core, REASON_DISABLED_KMA, "the KM of KMA ", kma_id, " is disabled");
    return accepted;
}

static struct text pair_text(char *buffer, size_t capacity, struct text a, struct text b)
{
    struct bytes_writer writer = bytes_writer(buffer, capacity);
    bytes_put_text(&writer, a);
    bytes_put_c(&writer, " and ");
    bytes_put_text(&writer, b);
    return bytes_written(&writer);
}

static struct verdict check_adjacency(struct core *core, struct text a, struct text b,
                                      struct warnings *warnings)
{
    char words[2 * LIMIT_IDENTIFIER_BYTES + 8];
    struct text pair = pair_text(words, sizeof words, a, b);
    switch (adjacency_of(core, kma_find(core, a), kma_find(core, b))) {
    case ADJACENCY_UP:
        break;
    case ADJACENCY_DOWN:
        return verdict_of(core, REASON_LINK_DOWN, "the link between ", pair, " is down");
    case ADJACENCY_UNKNOWN:
        warnings_add(core, warnings,
                     verdict_of(core, REASON_NONE, "no link is known between ", pair, "").detail);
        break;
    }
    return accepted;
}

static struct verdict check_no_repetition(struct core *core, const struct text *path, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_equal(path[i], path[j]))
                return verdict_of(core, REASON_PATH_LOOPS, "the path names ", path[i], " twice");
        }
    }
    return accepted;
}

struct verdict routes_check_path(struct core *core, const struct text *path, size_t length,
                                 struct text source_kma_id, struct text destination_kma_id,
                                 struct warnings *warnings)
{
    if (length > LIMIT_PATH_KMAS)
        return verdict_of(core, REASON_PATH_TOO_LONG, "a path has at most 128 KMAs", TEXT(""), "");
    if (length < 2)
        return verdict_of(core, REASON_PATH_ENDPOINTS, "a path has at least its source and its destination",
                          TEXT(""), "");
    if (text_is_present(source_kma_id) && !text_equal(path[0], source_kma_id))
        return verdict_of(core, REASON_PATH_ENDPOINTS, "the path must start at the source, ", source_kma_id,
                          "");
    if (text_is_present(destination_kma_id) && !text_equal(path[length - 1], destination_kma_id))
        return verdict_of(core, REASON_PATH_ENDPOINTS, "the path must end at the destination, ",
                          destination_kma_id, "");
    struct verdict verdict = check_no_repetition(core, path, length);
    for (size_t i = 0; i < length && verdict.reason == REASON_NONE; i++)
        verdict = check_kma(core, path[i]);
    for (size_t i = 0; i + 1 < length && verdict.reason == REASON_NONE; i++)
        verdict = check_adjacency(core, path[i], path[i + 1], warnings);
    return verdict;
}

static struct verdict check_hop(struct core *core, const struct route_config *config,
                                const struct route_hop *hop, struct warnings *warnings)
{
    if (text_equal(hop->kma_id, config->destination_kma_id))
        return verdict_of(core, REASON_PATH_ENDPOINTS, "the destination ", hop->kma_id, " has no next hop");
    if (hop->next_kma_id_count == 0 || hop->next_kma_id_count > LIMIT_HOP_CANDIDATES)
        return verdict_of(core, REASON_INVALID, "give 1 to 16 candidates for ", hop->kma_id, "");
    struct verdict verdict = check_no_repetition(core, hop->next_kma_ids, hop->next_kma_id_count);
    if (verdict.reason == REASON_NONE)
        verdict = check_kma(core, hop->kma_id);
    for (size_t i = 0; i < hop->next_kma_id_count && verdict.reason == REASON_NONE; i++) {
        if (text_equal(hop->kma_id, hop->next_kma_ids[i]))
            return verdict_of(core, REASON_PATH_LOOPS, "", hop->kma_id, " can't be its own next hop");
        verdict = check_kma(core, hop->next_kma_ids[i]);
        if (verdict.reason == REASON_NONE)
            verdict = check_adjacency(core, hop->kma_id, hop->next_kma_ids[i], warnings);
    }
    return verdict;
}

static struct verdict check_hops(struct core *core, const struct route_config *config,
                                 struct warnings *warnings)
{
    if (config->hop_count == 0 || config->hop_count > LIMIT_ROUTE_HOPS)
        return verdict_of(core, REASON_INVALID, "give the next hops of 1 to 128 KMAs, or a path", TEXT(""),
                          "");
    struct verdict verdict = check_kma(core, config->destination_kma_id);
    if (verdict.reason == REASON_NONE && text_is_present(config->source_kma_id))
        verdict = check_kma(core, config->source_kma_id);
    for (size_t i = 0; i < config->hop_count && verdict.reason == REASON_NONE; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_equal(config->hops[i].kma_id, config->hops[j].kma_id))
                return verdict_of(core, REASON_INVALID, "next_hops names ", config->hops[i].kma_id, " twice");
        }
        verdict = check_hop(core, config, &config->hops[i], warnings);
    }
    return verdict;
}

struct verdict routes_check(struct core *core, const struct route_config *config, struct warnings *warnings)
{
    if (!text_is_identifier(config->destination_kma_id))
        return verdict_of(core, REASON_INVALID, "destination_kma_id must be an identifier", TEXT(""), "");
    if (config->valid_until_ms != 0 && config->valid_until_ms <= core->wall_ms)
        return verdict_of(core, REASON_INVALID, "valid_until has passed already", TEXT(""), "");
    if (config->path != NULL && config->hops != NULL)
        return verdict_of(core, REASON_INVALID, "give either path or next_hops", TEXT(""), "");
    if (config->path == NULL)
        return check_hops(core, config, warnings);
    return routes_check_path(core, config->path, config->path_length, config->source_kma_id,
                             config->destination_kma_id, warnings);
}
