/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the answers given for one destination never form a cycle (reading 5).
 *
 * Let C be what the installed routes offer toward a destination now, R what was answered in the last
 * answer_memory_ms, both as edges between sites: a KM with all of its KMAs is one site, because a request
 * says only which KM holds the key. The invariant is: R has no cycle.
 *
 * An answer adds edges to R. Each comes from C, or was chosen by the orchestrator or computed.
 * - An edge of C is given only when it lies on no cycle of C and R together. Suppose R with the new edges had
 *   a cycle. R alone has none, so the cycle has a new edge; all its edges are in C and R together, so that
 * new edge lies on a cycle there and was not given. This holds also when C has cycles of its own, which
 *   validation refuses but a later change of who owns which KMA might bring about.
 * - Chosen edges all leave the asking site. Each is given only when its end does not reach that site over C
 * and R together. A cycle with a new edge would have to come back to the asking site from that edge's end
 * over edges of R, or over other new edges, which all leave the asking site, so that it has come back
 * already. Forgetting removes edges and closes nothing. When nothing but edges of C was answered since the
 * last change, R is a part of C, and C was found free of cycles, so no edge need be judged:
 * graph_needs_judging().
 */
#include "core/hop_graph.h"

#include <assert.h>
#include <string.h>

#include "core/directory_state.h"
#include "core/routes.h"

enum color { WHITE, GREY, BLACK };

struct remembered_key {
    uint32_t destination, from, to;
};

struct remembered {
    struct remembered_key key;
    struct kma *destination, *from, *to;
    uint64_t given_ms;
    struct remembered *older, *newer;   /* of all */
    struct remembered *next, *previous; /* of this destination */
};

static struct text remembered_key_text(const struct remembered_key *key)
{
    return (struct text){ (const char *)key, sizeof *key };
}

static struct text key_of(const void *value)
{
    return remembered_key_text(&((const struct remembered *)value)->key);
}

void graph_init(struct core *core)
{
    table_init(&core->remembered, &core->memory, core->hash_key, key_of);
}

void graph_fini(struct core *core)
{
    struct graph *graph = &core->graph;
    graph_forget_all(core);
    table_fini(&core->remembered);
    memory_release(&core->memory, graph->edges, graph->edge_capacity * sizeof *graph->edges);
    memory_release(&core->memory, graph->sites, graph->site_capacity * sizeof(struct site *));
}

/* ---- the graph ---- */

struct site *site_of(struct kma *kma)
{
    return kma->km != NULL ? &kma->km->site : &kma->site;
}

void graph_begin(struct core *core)
{
    core->graph.stamp++;
    core->graph.edge_count = 0;
    core->graph.site_count = 0;
}

static bool grow(struct core *core, void **array, size_t *capacity, size_t element_bytes)
{
    size_t wanted = *capacity == 0 ? 256 : *capacity * 2;
    void *grown = memory_allocate(&core->memory, wanted * element_bytes);
    if (grown == NULL) {
        core->out_of_memory = true;
        return false;
    }
    if (*capacity > 0)
        memcpy(grown, *array, *capacity * element_bytes);
    memory_release(&core->memory, *array, *capacity * element_bytes);
    *array = grown;
    *capacity = wanted;
    return true;
}

static bool enter(struct core *core, struct site *site, struct text name)
{
    struct graph *graph = &core->graph;
    if (site->stamp == graph->stamp)
        return true;
    if (graph->site_count == graph->site_capacity) {
        void *sites = graph->sites;
        bool grown = grow(core, &sites, &graph->site_capacity, sizeof *graph->sites);
        graph->sites = sites;
        if (!grown)
            return false;
    }
    *site = (struct site){ .stamp = graph->stamp, .name = name };
    graph->sites[graph->site_count++] = site;
    return true;
}

bool graph_add(struct core *core, const struct kma *destination, struct kma *from, struct kma *to)
{
    struct graph *graph = &core->graph;
    struct site *at = site_of(from);
    struct site *next = site_of(to);
    bool at_destination = from == destination || (destination->km != NULL && from->km == destination->km);
    if (at == next || at_destination)
        return true;
    if (graph->edge_count == graph->edge_capacity) {
        void *edges = graph->edges;
        bool grown = grow(core, &edges, &graph->edge_capacity, sizeof *graph->edges);
        graph->edges = edges;
        if (!grown)
            return false;
    }
    if (!enter(core, at, from->id) || !enter(core, next, to->id))
        return false;
    graph->edges[graph->edge_count] = (struct graph_edge){ next, at->first_edge };
    at->first_edge = (uint32_t)++graph->edge_count;
    return true;
}

bool graph_add_config(struct core *core, const struct route_config *config)
{
    const struct kma *destination = kma_find(core, config->destination_kma_id);
    if (destination == NULL)
        return true;
    for (size_t i = 0; i + 1 < config->path_length; i++) {
        struct kma *from = kma_find(core, config->path[i]);
        struct kma *to = kma_find(core, config->path[i + 1]);
        if (from != NULL && to != NULL && !graph_add(core, destination, from, to))
            return false;
    }
    for (size_t i = 0; i < config->hop_count; i++) {
        struct kma *from = kma_find(core, config->hops[i].kma_id);
        for (size_t j = 0; from != NULL && j < config->hops[i].next_kma_id_count; j++) {
            struct kma *to = kma_find(core, config->hops[i].next_kma_ids[j]);
            if (to != NULL && !graph_add(core, destination, from, to))
                return false;
        }
    }
    return true;
}

static bool add_route(struct core *core, const struct kma *destination, const struct route *route)
{
    const struct route_config *config = route_config_of(route);
    for (size_t i = 0; i + 1 < config->path_length; i++) {
        if (!graph_add(core, destination, route->kmas[i], route->kmas[i + 1]))
            return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < config->hop_count; i++) {
        struct kma *from = route->kmas[at++];
        for (size_t j = 0; j < config->hops[i].next_kma_id_count; j++) {
            if (!graph_add(core, destination, from, route->kmas[at++]))
                return false;
        }
    }
    return true;
}

bool graph_add_routes(struct core *core, const struct kma *destination)
{
    for (size_t i = 0; i < destination->routes.count; i++) {
        if (!add_route(core, destination, destination->routes.values[i]))
            return false;
    }
    return true;
}

bool graph_add_remembered(struct core *core, const struct kma *destination)
{
    for (struct remembered *answer = destination->remembered; answer != NULL; answer = answer->next) {
        if (!graph_add(core, destination, answer->from, answer->to))
            return false;
    }
    return true;
}

/* Depth first without recursion: a path may be as long as there are sites. */
static const struct site *cycle_from(struct core *core, struct site *start)
{
    start->parent = NULL;
    start->color = GREY;
    start->cursor = start->first_edge;
    for (struct site *at = start; at != NULL;) {
        if (at->cursor == 0) {
            at->color = BLACK;
            at = at->parent;
            continue;
        }
        const struct graph_edge *edge = &core->graph.edges[at->cursor - 1];
        at->cursor = edge->next;
        if (edge->to->color == GREY) {
            edge->to->parent = at; /* closes the ring for whoever wants to name it */
            return edge->to;
        }
        if (edge->to->color == WHITE) {
            edge->to->parent = at;
            edge->to->color = GREY;
            edge->to->cursor = edge->to->first_edge;
            at = edge->to;
        }
    }
    return NULL;
}

const struct site *graph_cycle(struct core *core)
{
    for (size_t i = 0; i < core->graph.site_count; i++)
        core->graph.sites[i]->color = WHITE;
    for (size_t i = 0; i < core->graph.site_count; i++) {
        if (core->graph.sites[i]->color != WHITE)
            continue;
        const struct site *found = cycle_from(core, core->graph.sites[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

bool graph_reaches(struct core *core, struct kma *from, struct kma *to)
{
    struct graph *graph = &core->graph;
    struct site *start = site_of(from);
    const struct site *goal = site_of(to);
    if (start == goal)
        return true;
    if (start->stamp != graph->stamp || goal->stamp != graph->stamp)
        return false; /* one of them has no edge */
    uint64_t visit = ++graph->visit;
    start->visit = visit;
    start->parent = NULL;
    start->cursor = start->first_edge;
    for (struct site *at = start; at != NULL;) {
        if (at->cursor == 0) {
            at = at->parent;
            continue;
        }
        const struct graph_edge *edge = &graph->edges[at->cursor - 1];
        at->cursor = edge->next;
        if (edge->to == goal)
            return true;
        if (edge->to->visit == visit)
            continue;
        edge->to->visit = visit;
        edge->to->parent = at;
        edge->to->cursor = edge->to->first_edge;
        at = edge->to;
    }
    return false;
}

/* ---- the memory of answers ---- */

static void link_newest(struct core *core, struct remembered *answer)
{
    answer->newer = NULL;
    answer->older = core->newest_remembered;
    if (answer->older != NULL)
        answer->older->newer = answer;
    else
        core->oldest_remembered = answer;
    core->newest_remembered = answer;
}

static void unlink_age(struct core *core, struct remembered *answer)
{
    if (answer->older != NULL)
        answer->older->newer = answer->newer;
    else
        core->oldest_remembered = answer->newer;
    if (answer->newer != NULL)
        answer->newer->older = answer->older;
    else
        core->newest_remembered = answer->older;
}

bool graph_remember(struct core *core, struct kma *destination, struct kma *from, struct kma *to)
{
    struct remembered_key key = { destination->number, from->number, to->number };
    struct remembered *answer = table_find(&core->remembered, remembered_key_text(&key));
    if (answer != NULL) {
        unlink_age(core, answer);
    } else {
        answer = memory_allocate(&core->memory, sizeof *answer);
        if (answer == NULL) {
            core->out_of_memory = true;
            return false;
        }
        answer->key = key;
        if (!table_insert(&core->remembered, answer)) {
            memory_release(&core->memory, answer, sizeof *answer);
            core->out_of_memory = true;
            return false;
        }
        answer->destination = destination;
        answer->from = from;
        answer->to = to;
        kma_retain(destination);
        kma_retain(from);
        kma_retain(to);
        answer->next = destination->remembered;
        if (answer->next != NULL)
            answer->next->previous = answer;
        destination->remembered = answer;
    }
    answer->given_ms = core->now_ms;
    link_newest(core, answer);
    return true;
}

static void forget(struct core *core, struct remembered *answer)
{
    unlink_age(core, answer);
    if (answer->previous != NULL)
        answer->previous->next = answer->next;
    else
        answer->destination->remembered = answer->next;
    if (answer->next != NULL)
        answer->next->previous = answer->previous;
    table_remove(&core->remembered, remembered_key_text(&answer->key));
    kma_release(core, answer->from);
    kma_release(core, answer->to);
    kma_release(core, answer->destination);
    memory_release(&core->memory, answer, sizeof *answer);
}

void graph_forget_old(struct core *core)
{
    while (core->oldest_remembered != NULL &&
           core->now_ms - core->oldest_remembered->given_ms >= core->settings.answer_memory_ms)
        forget(core, core->oldest_remembered);
}

void graph_forget_all(struct core *core)
{
    while (core->oldest_remembered != NULL)
        forget(core, core->oldest_remembered);
}

void graph_refresh_all(struct core *core)
{
    for (struct remembered *answer = core->oldest_remembered; answer != NULL; answer = answer->newer) {
        answer->given_ms = core->now_ms;
        graph_note_foreign(core, answer->destination);
    }
}

void graph_note_foreign(struct core *core, struct kma *destination)
{
    destination->foreign_until_ms = core->now_ms + core->settings.answer_memory_ms + 1;
}

bool graph_needs_judging(struct core *core, struct kma *destination)
{
    if (destination->graph_version != core->graph_version) {
        if (destination->remembered != NULL)
            graph_note_foreign(core, destination);
        graph_begin(core);
        if (!graph_add_routes(core, destination) || graph_cycle(core) != NULL)
            return true;
        destination->graph_version = core->graph_version;
    }
    return core->now_ms < destination->foreign_until_ms;
}
