/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/network.h"

#include <assert.h>

#include "topology/named.h"
#include "topology/network_state.h"

/* What is needed only while building. Positions: two for each link's ends, then one for each described KMA.
 */
struct building {
    const struct network_description *description;
    struct network *network;
    struct arena scratch;
    struct named *names, *names_scratch;
    uint32_t *node_of; /* by position */
    size_t positions;
};

static bool allocate(struct building *building)
{
    const struct network_description *description = building->description;
    size_t larger = building->positions > description->link_count ? building->positions : 1;
    building->names = arena_allocate(&building->scratch, larger * sizeof *building->names);
    building->names_scratch = arena_allocate(&building->scratch, larger * sizeof *building->names_scratch);
    building->node_of = arena_allocate(&building->scratch, larger * sizeof *building->node_of);
    return building->names != NULL && building->names_scratch != NULL && building->node_of != NULL;
}

static bool keep(struct arena *arena, struct text id, struct text *out_copy)
{
    *out_copy = arena_copy(arena, id);
    return text_is_present(*out_copy);
}

static void gather_names(struct building *building)
{
    const struct network_description *description = building->description;
    for (size_t i = 0; i < description->link_count; i++) {
        building->names[2 * i] = (struct named){ description->links[i].kma_a, (uint32_t)(2 * i) };
        building->names[2 * i + 1] = (struct named){ description->links[i].kma_b, (uint32_t)(2 * i + 1) };
    }
    for (size_t i = 0; i < description->kma_count; i++) {
        size_t position = 2 * description->link_count + i;
        building->names[position] = (struct named){ description->kmas[i].kma_id, (uint32_t)position };
    }
    named_sort(building->names, building->names_scratch, building->positions);
}

static uint32_t count_different(const struct named *names, size_t count)
{
    uint32_t different = count > 0;
    for (size_t i = 1; i < count; i++)
        different += !text_equal(names[i - 1].name, names[i].name);
    return different;
}

static bool build_nodes(struct building *building)
{
    struct network *network = building->network;
    const struct network_description *description = building->description;
    gather_names(building);
    uint32_t count = count_different(building->names, building->positions);
    network->nodes = arena_allocate(&network->arena, count * sizeof *network->nodes);
    if (network->nodes == NULL)
        return false;
    for (size_t i = 0; i < building->positions; i++) {
        const struct named *named = &building->names[i];
        if (i == 0 || !text_equal(building->names[i - 1].name, named->name)) {
            struct node *node = &network->nodes[network->node_count++];
            node->enabled = true;
            if (!keep(&network->arena, named->name, &node->id))
                return false;
        }
        building->node_of[named->number] = network->node_count - 1;
    }
    for (size_t i = 0; i < description->kma_count; i++) {
        if (!description->kmas[i].enabled)
            network->nodes[building->node_of[2 * description->link_count + i]].enabled = false;
    }
    return true;
}

static bool build_edges(struct building *building)
{
    struct network *network = building->network;
    const struct network_description *description = building->description;
    network->edges = arena_allocate(&network->arena, description->link_count * sizeof *network->edges);
    if (network->edges == NULL)
        return false;
    for (size_t i = 0; i < description->link_count; i++)
        building->names[i] = (struct named){ description->links[i].link_id, (uint32_t)i };
    named_sort(building->names, building->names_scratch, description->link_count);
    for (size_t i = 0; i < description->link_count; i++) {
        size_t from = building->names[i].number;
        const struct network_link *link = &description->links[from];
        struct edge *edge = &network->edges[network->edge_count++];
        *edge = (struct edge){ .ends = { building->node_of[2 * from], building->node_of[2 * from + 1] },
                               .cost = link->cost,
                               .key_stock = link->key_stock,
                               .key_rate = link->key_rate,
                               .up = link->up };
        if (!keep(&network->arena, link->link_id, &edge->id))
            return false;
    }
    return true;
}

/* A link from a KMA to itself leads nowhere: it is known, but has no arcs. */
static bool joins(const struct edge *edge)
{
    return edge->ends[0] != edge->ends[1];
}

static void count_arcs(struct network *network)
{
    for (uint32_t i = 0; i < network->edge_count; i++) {
        if (!joins(&network->edges[i]))
            continue;
        for (int end = 0; end < 2; end++)
            network->first_arc[network->edges[i].ends[end] + 1]++;
    }
    for (uint32_t i = 0; i < network->node_count; i++)
        network->first_arc[i + 1] += network->first_arc[i];
}

/* By link first; visiting neighbours in their order then appends each node's arcs in that order. */
static bool build_arcs(struct building *building)
{
    struct network *network = building->network;
    size_t arc_count = 2 * (size_t)network->edge_count;
    network->first_arc =
        arena_allocate(&network->arena, (network->node_count + 1) * sizeof *network->first_arc);
    network->arcs = arena_allocate(&network->arena, arc_count * sizeof *network->arcs);
    struct arc *by_link = arena_allocate(&building->scratch, arc_count * sizeof *by_link);
    uint32_t *filled = arena_allocate(&building->scratch, 2 * network->node_count * sizeof *filled);
    if (network->first_arc == NULL || network->arcs == NULL || by_link == NULL || filled == NULL)
        return false;
    count_arcs(network);
    for (uint32_t i = 0; i < network->edge_count; i++) {
        const struct edge *edge = &network->edges[i];
        for (int end = 0; end < 2 && joins(edge); end++) {
            uint32_t at = edge->ends[end];
            by_link[network->first_arc[at] + filled[at]++] = (struct arc){ edge->ends[1 - end], i };
        }
    }
    uint32_t *sorted = filled + network->node_count;
    for (uint32_t i = 0; i < network->node_count; i++) {
        for (uint32_t j = network->first_arc[i]; j < network->first_arc[i + 1]; j++) {
            uint32_t at = by_link[j].to;
            network->arcs[network->first_arc[at] + sorted[at]++] = (struct arc){ i, by_link[j].link };
        }
    }
    return true;
}

enum network_status network_new(const struct memory *memory, const struct network_description *description,
                                struct network **out_network)
{
    size_t positions = 2 * description->link_count + description->kma_count;
    if (description->link_count > NETWORK_LINKS_MAX || positions > NETWORK_KMAS_MAX)
        return NETWORK_TOO_LARGE;
    struct network *network = memory_allocate(memory, sizeof *network);
    if (network == NULL)
        return NETWORK_NO_MEMORY;
    network->memory = *memory;
    arena_init(&network->arena, memory);
    struct building building = { .description = description, .network = network, .positions = positions };
    arena_init(&building.scratch, memory);
    bool built =
        allocate(&building) && build_nodes(&building) && build_edges(&building) && build_arcs(&building);
    arena_fini(&building.scratch);
    if (!built) {
        network_free(network);
        return NETWORK_NO_MEMORY;
    }
    *out_network = network;
    return NETWORK_OK;
}

void network_free(struct network *network)
{
    if (network == NULL)
        return;
    struct memory memory = network->memory;
    arena_fini(&network->arena);
    memory_release(&memory, network, sizeof *network);
}

/* ---- reading ---- */

size_t network_kma_count(const struct network *network)
{
    return network->node_count;
}

size_t network_link_count(const struct network *network)
{
    return network->edge_count;
}

/* In an array of nodes or of edges: both begin with their identifier. */
static bool find(const void *items, size_t item_bytes, uint32_t count, struct text id, uint32_t *out_at)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct text *other = (const void *)((const char *)items + middle * item_bytes);
        int order = text_compare(id, *other);
        if (order == 0) {
            *out_at = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool network_find_kma(const struct network *network, struct text kma_id, uint32_t *out_kma)
{
    static_assert(offsetof(struct node, id) == 0, "find() relies on it");
    return find(network->nodes, sizeof *network->nodes, network->node_count, kma_id, out_kma);
}

bool network_find_link(const struct network *network, struct text link_id, uint32_t *out_link)
{
    static_assert(offsetof(struct edge, id) == 0, "find() relies on it");
    return find(network->edges, sizeof *network->edges, network->edge_count, link_id, out_link);
}

struct text network_kma_id(const struct network *network, uint32_t kma)
{
    return network->nodes[kma].id;
}

bool network_kma_is_enabled(const struct network *network, uint32_t kma)
{
    return network->nodes[kma].enabled;
}

struct network_link network_link(const struct network *network, uint32_t link)
{
    const struct edge *edge = &network->edges[link];
    return (struct network_link){ .link_id = edge->id,
                                  .kma_a = network->nodes[edge->ends[0]].id,
                                  .kma_b = network->nodes[edge->ends[1]].id,
                                  .cost = edge->cost,
                                  .key_stock = edge->key_stock,
                                  .key_rate = edge->key_rate,
                                  .up = edge->up };
}

void network_set_link(struct network *network, uint32_t link, const struct network_link *values)
{
    assert(link < network->edge_count);
    struct edge *edge = &network->edges[link];
    edge->cost = values->cost;
    edge->key_stock = values->key_stock;
    edge->key_rate = values->key_rate;
    edge->up = values->up;
}

void network_set_kma_enabled(struct network *network, uint32_t kma, bool enabled)
{
    assert(kma < network->node_count);
    network->nodes[kma].enabled = enabled;
}

enum network_adjacency network_adjacency(const struct network *network, uint32_t left, uint32_t right)
{
    enum network_adjacency adjacency = NETWORK_NOT_ADJACENT;
    for (uint32_t i = network->first_arc[left]; i < network->first_arc[left + 1]; i++) {
        if (network->arcs[i].to != right)
            continue;
        const struct edge *edge = &network->edges[network->arcs[i].link];
        if (edge->up && edge->key_stock != 0)
            return NETWORK_ADJACENT;
        if (edge->up)
            adjacency = NETWORK_ADJACENCY_KEYLESS;
        else if (adjacency == NETWORK_NOT_ADJACENT)
            adjacency = NETWORK_ADJACENCY_DOWN;
    }
    return adjacency;
}
