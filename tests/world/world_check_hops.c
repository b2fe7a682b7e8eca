/* SPDX-License-Identifier: Apache-2.0 */
/* Computed next hops against the distances that the rows give: each is nearer, the best comes first, and
   costs what is told of it. */
#include "world/world.h"
#include "world/world_ways.h"

typedef unsigned long long ull;

/* A KM is one place: as near as the nearest of its KMAs. */
static struct reach nearest_of_place(struct world *world, const struct reach *reach, size_t node)
{
    struct reach nearest = reach[node];
    const size_t owner = book_owner(world, node);
    for (size_t i = 0; owner != WORLD_KMS_MAX && i < world->graph.node_count; i++) {
        const bool is_nearer =
            reach[i].any && (!nearest.any || reach[i].cost < nearest.cost ||
                             (reach[i].cost == nearest.cost && reach[i].hops < nearest.hops));
        if (book_owner(world, i) == owner && is_nearer)
            nearest = reach[i];
    }
    return nearest;
}

static bool is_nearer(const struct reach *left, const struct reach *right)
{
    return left->any && (left->cost != right->cost ? left->cost < right->cost : left->hops < right->hops);
}

struct hops {
    const struct lookup_record *lookup;
    struct ways ways;
    struct reach reach[WORLD_NODES_MAX]; /* from the destination */
};

/* What the way over this candidate costs. */
static uint64_t check_candidate(struct world *world, struct hops *hops, struct text next)
{
    const size_t at = graph_node(world, hops->lookup->current_kma_id), to = graph_node(world, next);
    const struct arc *arc = ways_between(world, &hops->ways, at, to, 0);
    if (arc == NULL)
        world_fail(world, "lookup %llu: no link leads to the next hop %.*s", (ull)hops->lookup->lookup_id,
                   TEXT_ARGUMENTS(next));
    const struct reach there = nearest_of_place(world, hops->reach, to);
    if (!is_nearer(&there, &hops->reach[at]))
        world_fail(world, "lookup %llu: the next hop %.*s is no nearer", (ull)hops->lookup->lookup_id,
                   TEXT_ARGUMENTS(next));
    return arc->cost + hops->reach[to].cost;
}

void explanation_check_hops(struct world *world, const struct lookup_record *lookup,
                            const struct explained_step *step)
{
    struct hops hops = { .lookup = lookup };
    const struct way_rules rules = { .said = NULL };
    ways_gather(world, &rules, &hops.ways);
    if (!hops.ways.sure) {
        world->coverage->explained_in_part++;
        return;
    }
    ways_from(world, &hops.ways, WAYS_NEAREST, graph_node(world, lookup->destination_kma_id), 0, hops.reach);
    uint64_t former = 0;
    for (size_t i = 0; i < lookup->next_kma_id_count; i++) {
        const uint64_t cost = check_candidate(world, &hops, lookup->next_kma_ids[i]);
        if (i == 0 && cost != step->cost)
            world_fail(world, "lookup %llu: told to cost %llu, and its links cost %llu",
                       (ull)lookup->lookup_id, (ull)step->cost, (ull)cost);
        if (cost < former)
            world_fail(world, "lookup %llu: the next hop %.*s is better than the one before it",
                       (ull)lookup->lookup_id, TEXT_ARGUMENTS(lookup->next_kma_ids[i]));
        former = cost;
    }
    world->coverage->explained_hops++;
}
