/* SPDX-License-Identifier: Apache-2.0 */
/* The best ways between KMAs, found in the plainest manner: link by link and round by round, over what the
   rows say of the links. It shares nothing with the planner, so that each is a check of the other. */
#include "world/world_ways.h"

#include <string.h>

uint64_t way_width(int64_t keys)
{
    return keys < 0 ? 1 : keys == 0 ? 0 : (uint64_t)keys + 1; /* nobody told: narrower than one with a key */
}

/* ---- which links may be used ---- */

static bool is_allowed(const struct world *world, const struct asked_constraints *said, size_t edge)
{
    const struct edge *ends = &world->graph.edges[edge];
    return said == NULL || (!name_is_listed(&said->avoid_links, text_from_c(ends->name)) &&
                            !name_is_listed(&said->avoid_kmas, world->graph.nodes[ends->a]) &&
                            !name_is_listed(&said->avoid_kmas, world->graph.nodes[ends->b]));
}

static bool joins_alike(const struct edge *left, const struct edge *right)
{
    return (left->a == right->a && left->b == right->b) || (left->a == right->b && left->b == right->a);
}

static bool has_keys(const struct way_rules *rules, int64_t keys)
{
    if (rules->said != NULL && rules->said->key_stock_min > 0)
        return keys >= rules->said->key_stock_min;
    return keys != 0 || rules->keyless;
}

static void add_arc(struct world *world, const struct way_rules *rules, size_t edge, struct ways *ways)
{
    const struct edge *ends = &world->graph.edges[edge];
    const struct link_config *link = book_link(world, edge);
    if (rules->without != NULL && joins_alike(ends, rules->without))
        return;
    if (link == NULL || link->state != LINK_UP || !is_allowed(world, rules->said, edge) ||
        book_is_disabled(world, ends->a) || book_is_disabled(world, ends->b))
        return;
    struct arc arc = { .edge = edge, .cost = link->cost, .width = UINT64_MAX };
    if (!book_is_sure(world, edge, rules->relay_id)) {
        ways->sure = false; /* it is taken at its best */
    } else {
        const int64_t keys = book_keys(world, edge, world->step_wall_ms);
        arc.width = way_width(keys);
        arc.is_penalised = !rules->forgiving && book_is_penalised(world, edge);
        if (!has_keys(rules, keys) || (arc.is_penalised && rules->spared) || arc.width < rules->width_min)
            return;
        if (arc.is_penalised)
            arc.cost = UINT32_MAX;
    }
    ways->arcs[ways->count++] = arc;
}

void ways_gather(struct world *world, const struct way_rules *rules, struct ways *out_ways)
{
    out_ways->count = 0;
    out_ways->sure = true;
    for (size_t edge = 0; edge < world->graph.edge_count; edge++)
        add_arc(world, rules, edge, out_ways);
}

/* ---- the best way ---- */

static bool is_better(enum ways_first first, const struct reach *left, const struct reach *right)
{
    if (left->any != right->any)
        return left->any;
    if (first == WAYS_WIDEST && left->width != right->width)
        return left->width > right->width;
    if (first != WAYS_WIDEST && left->cost != right->cost)
        return left->cost < right->cost;
    return first == WAYS_CHEAPEST ? left->width > right->width
                                  : first == WAYS_NEAREST && left->hops < right->hops;
}

static bool extend(enum ways_first first, const struct reach *from, const struct arc *arc, struct reach *to)
{
    const struct reach reach = { .any = from->any,
                                 .cost = from->cost + arc->cost,
                                 .width = from->width < arc->width ? from->width : arc->width,
                                 .hops = from->hops + 1 };
    if (!is_better(first, &reach, to))
        return false;
    *to = reach;
    return true;
}

void ways_from(const struct world *world, const struct ways *ways, enum ways_first first, size_t from,
               size_t hops_max, struct reach out_reach[WORLD_NODES_MAX])
{
    const struct graph *graph = &world->graph;
    struct reach before[WORLD_NODES_MAX];
    bool changed = from < graph->node_count;
    memset(out_reach, 0, graph->node_count * sizeof *out_reach);
    if (changed)
        out_reach[from] = (struct reach){ .any = true, .width = UINT64_MAX };
    for (size_t hops = 0; changed && hops < (hops_max > 0 ? hops_max : graph->node_count); hops++) {
        changed = false;
        memcpy(before, out_reach, graph->node_count * sizeof *before);
        for (size_t i = 0; i < ways->count; i++) {
            const struct edge *ends = &graph->edges[ways->arcs[i].edge];
            changed |= extend(first, &before[ends->a], &ways->arcs[i], &out_reach[ends->b]);
            changed |= extend(first, &before[ends->b], &ways->arcs[i], &out_reach[ends->a]);
        }
    }
}

struct reach ways_best(const struct world *world, const struct ways *ways, enum ways_first first,
                       const struct way_ends *ends)
{
    struct reach reach[WORLD_NODES_MAX];
    if (ends->to >= world->graph.node_count || ends->to == ends->from) /* from itself no way leads to it */
        return (struct reach){ .any = false };
    ways_from(world, ways, first, ends->from, ends->hops_max, reach);
    return reach[ends->to];
}

/* ---- one way ---- */

const struct arc *ways_between(const struct world *world, const struct ways *ways, size_t a, size_t b,
                               uint64_t width_min)
{
    const struct graph *graph = &world->graph;
    const struct arc *best = NULL;
    for (size_t i = 0; i < ways->count; i++) {
        const struct arc *arc = &ways->arcs[i];
        const struct edge *ends = &graph->edges[arc->edge];
        if (!((ends->a == a && ends->b == b) || (ends->a == b && ends->b == a)) || arc->width < width_min)
            continue;
        if (best == NULL || arc->cost < best->cost || (arc->cost == best->cost && arc->width > best->width) ||
            (arc->cost == best->cost && arc->width == best->width &&
             strcmp(ends->name, graph->edges[best->edge].name) < 0))
            best = arc;
    }
    return best;
}

static uint64_t widest_between(const struct world *world, const struct ways *ways, size_t a, size_t b)
{
    uint64_t width = 0;
    for (size_t i = 0; i < ways->count; i++) {
        const struct edge *ends = &world->graph.edges[ways->arcs[i].edge];
        if (((ends->a == a && ends->b == b) || (ends->a == b && ends->b == a)) && ways->arcs[i].width > width)
            width = ways->arcs[i].width;
    }
    return width;
}

struct own_way ways_along(const struct world *world, const struct ways *ways, const struct text *path,
                          size_t length, bool widest_first)
{
    struct own_way own = { .exists = length > 1 };
    uint64_t width_min = widest_first ? UINT64_MAX : 0;
    for (size_t i = 0; widest_first && i + 1 < length; i++) {
        const uint64_t width =
            widest_between(world, ways, graph_node(world, path[i]), graph_node(world, path[i + 1]));
        width_min = width < width_min ? width : width_min;
    }
    for (size_t i = 0; i + 1 < length; i++) {
        const struct arc *arc =
            ways_between(world, ways, graph_node(world, path[i]), graph_node(world, path[i + 1]), width_min);
        if (arc == NULL)
            return (struct own_way){ .exists = false };
        own.cost += arc->cost;
        own.is_penalised |= arc->is_penalised;
        if (i == 0 || arc->width < own.width) {
            own.width = arc->width;
            own.bottleneck = arc->edge;
        }
    }
    return own;
}
