/* SPDX-License-Identifier: Apache-2.0 */
#include "core/planner_state.h"

#include <string.h>

#include "core/budget.h"
#include "core/directory_state.h"
#include "core/failing.h"
#include "topology/blocks.h"
#include "topology/selection.h"

enum {
    /* A new link is used after so long, so that many new ones cost one rebuilding: more, the more there are.
     */
    REBUILD_MS_MIN = 50,
    REBUILD_LINKS_PER_MS = 50,
    GROWTH_MS = 1000, /* as in budget.c */
};

struct planner *planner_new(struct core *core)
{
    struct planner *planner = memory_allocate(&core->memory, sizeof *planner);
    if (planner == NULL)
        return NULL;
    planner->version = 1;
    planner->lifted = 0;
    return planner;
}

static void forget_tree(struct core *core, struct tree *tree)
{
    memory_release(&core->memory, tree->distances, tree->count * sizeof *tree->distances);
    memory_release(&core->memory, tree->potentials, tree->count * sizeof *tree->potentials);
    memory_release(&core->memory, tree->costs, tree->count * sizeof *tree->costs);
    *tree = (struct tree){ .count = 0 };
}

static void forget_network(struct core *core)
{
    struct planner *planner = core->planner;
    for (size_t i = 0; i < PLANNER_TREES; i++)
        forget_tree(core, &planner->trees[i]);
    memory_release(&core->memory, planner->rejections, planner->rejection_count);
    memory_release(&core->memory, planner->blocks, planner->rejection_count * sizeof *planner->blocks);
    planner->rejections = NULL;
    planner->blocks = NULL;
    planner->rejection_count = 0;
    planner->rejections_version = planner->blocks_version = 0;
    network_free(planner->network);
    planner->network = NULL;
}

void planner_free(struct core *core)
{
    if (core->planner == NULL)
        return;
    forget_network(core);
    memory_release(&core->memory, core->planner, sizeof *core->planner);
    core->planner = NULL;
}

/* ---- what changes ---- */

/* A dry run asks nothing that is computed: what it tries must not show, not even as a rebuilding. */
static struct planner *concerned(const struct core *core)
{
    struct planner *planner = core->planner;
    return planner != NULL && planner->network != NULL && !core->is_trial ? planner : NULL;
}

static uint32_t cost_of(const struct link *link)
{
    return failing_is_penalised(link) ? NETWORK_COST_AVOIDED
                                      : object_effective(&link->object)->config.link.cost;
}

/* Its stock is what is left of it. */
static struct network_link values_of(const struct core *core, const struct link *link)
{
    const struct link_config *config = &object_effective(&link->object)->config.link;
    return (struct network_link){ .link_id = config->link_id,
                                  .kma_a = config->kma_a,
                                  .kma_b = config->kma_b,
                                  .cost = cost_of(link),
                                  .key_stock = budget_available(core, link),
                                  .key_rate = config->key_rate,
                                  .up = config->state == LINK_UP };
}

static bool leads_alike(const struct network_link *left, const struct network_link *right)
{
    return left->cost == right->cost && left->up == right->up &&
           (left->key_stock == 0) == (right->key_stock == 0);
}

/* The link that went does not come again, or not as it was. */
static void settle(struct planner *planner)
{
    if (planner->lifted != 0)
        planner->version++;
    planner->lifted = 0;
}

void planner_lift_link(struct core *core, const struct link *link)
{
    struct planner *planner = concerned(core);
    if (planner == NULL || link->edge == 0)
        return;
    settle(planner);
    planner->lifted = link->edge;
    planner->lifted_values = network_link(planner->network, link->edge - 1);
    struct network_link down = planner->lifted_values;
    down.up = false;
    network_set_link(planner->network, link->edge - 1, &down);
}

void planner_lay_link(struct core *core, struct link *link)
{
    struct planner *planner = concerned(core);
    if (planner == NULL)
        return;
    const struct network_link values = values_of(core, link);
    uint32_t edge;
    const bool known = network_find_link(planner->network, values.link_id, &edge);
    const struct network_link before = known ? network_link(planner->network, edge) : values;
    if (!known || !text_equal(before.kma_a, values.kma_a) || !text_equal(before.kma_b, values.kma_b)) {
        link->edge = 0;
        planner->outdated = true;
        return;
    }
    link->edge = edge + 1;
    network_set_link(planner->network, edge, &values);
    if (planner->lifted == link->edge && leads_alike(&planner->lifted_values, &values)) {
        planner->lifted = 0;
        return;
    }
    settle(planner);
    planner->version++;
}

void planner_note_link(struct core *core, const struct link *link)
{
    struct planner *planner = concerned(core);
    if (planner == NULL || link->edge == 0 || link->a == NULL)
        return;
    struct network_link values = network_link(planner->network, link->edge - 1);
    const struct network_link before = values;
    values.key_stock = budget_available(core, link);
    values.cost = cost_of(link);
    network_set_link(planner->network, link->edge - 1, &values);
    if (!leads_alike(&before, &values))
        planner->version++;
}

static void set_enabled(struct core *core, const struct km *km, bool enabled)
{
    struct planner *planner = concerned(core);
    if (planner == NULL)
        return;
    for (size_t i = 0; i < km->kma_count; i++) {
        uint32_t node;
        if (!network_find_kma(planner->network, km->kmas[i]->id, &node))
            continue; /* no link leads there */
        network_set_kma_enabled(planner->network, node, enabled);
        planner->version++; /* also for the site that its KMAs are */
    }
}

void planner_lay_km(struct core *core, const struct km *km)
{
    set_enabled(core, km, km_is_enabled(km));
}

/* A KMA that no KM names may be passed, if a link does. */
void planner_lift_km(struct core *core, const struct km *km)
{
    set_enabled(core, km, true);
}

/* ---- the network ---- */

static bool describe(struct core *core, struct arena *arena, struct network_description *out)
{
    const struct sorted *links = &core->objects[OBJECT_LINK];
    const struct sorted *kms = &core->objects[OBJECT_KM];
    size_t kma_count = 0;
    for (size_t i = 0; i < kms->count; i++)
        kma_count += ((const struct km *)kms->values[i])->kma_count;
    struct network_link *link_values = arena_allocate(arena, links->count * sizeof *link_values);
    struct network_kma *kma_values = arena_allocate(arena, kma_count * sizeof *kma_values);
    if (link_values == NULL || kma_values == NULL)
        return false;
    *out = (struct network_description){ link_values, 0, kma_values, 0 };
    for (size_t i = 0; i < links->count; i++) {
        struct link *link = links->values[i];
        link->edge = 0;
        if (link->a == NULL)
            continue; /* not in force */
        link_values[out->link_count++] = values_of(core, link);
        link->edge = (uint32_t)out->link_count; /* they are in the order in which the network numbers them */
    }
    for (size_t i = 0; i < kms->count; i++) {
        const struct km *km = kms->values[i];
        for (size_t j = 0; j < km->kma_count; j++)
            kma_values[out->kma_count++] = (struct network_kma){ km->kmas[j]->id, km_is_enabled(km) };
    }
    return true;
}

static void forget_edges(struct core *core)
{
    const struct sorted *links = &core->objects[OBJECT_LINK];
    for (size_t i = 0; i < links->count; i++)
        ((struct link *)links->values[i])->edge = 0;
}

static bool build(struct core *core)
{
    struct planner *planner = core->planner;
    struct network_description description;
    struct arena arena;
    forget_network(core);
    arena_init(&arena, &core->memory);
    const bool built = describe(core, &arena, &description) &&
                       network_new(&core->memory, &description, &planner->network) == NETWORK_OK;
    arena_fini(&arena);
    planner->lifted = 0;
    planner->version++;
    if (!built) {
        forget_edges(core);
        return false;
    }
    planner->rejection_count = network_link_count(planner->network) + 1; /* never none */
    planner->rejections = memory_allocate(&core->memory, planner->rejection_count);
    planner->blocks = memory_allocate(&core->memory, planner->rejection_count * sizeof *planner->blocks);
    if (planner->rejections == NULL || planner->blocks == NULL) {
        forget_network(core);
        forget_edges(core);
        return false;
    }
    planner->outdated = false;
    planner->built_ms = core->now_ms;
    planner->looked_second = core->wall_ms / GROWTH_MS;
    return true;
}

/* Stocks grow by themselves: a link that had no key may have one. */
static void look_at_growth(struct core *core)
{
    struct planner *planner = core->planner;
    if (core->wall_ms / GROWTH_MS == planner->looked_second)
        return;
    const struct sorted *links = &core->objects[OBJECT_LINK];
    for (size_t i = 0; i < links->count; i++)
        planner_note_link(core, links->values[i]);
    planner->looked_second = core->wall_ms / GROWTH_MS;
}

bool planner_make_ready(struct core *core)
{
    struct planner *planner = core->planner;
    if (planner->network != NULL && planner->outdated) {
        const size_t links = network_link_count(planner->network);
        const uint64_t wait_ms = REBUILD_MS_MIN + links / REBUILD_LINKS_PER_MS;
        if (core->now_ms - planner->built_ms >= wait_ms)
            forget_network(core);
    }
    if (planner->network == NULL && !build(core)) {
        core->out_of_memory = true;
        return false;
    }
    settle(planner);
    look_at_growth(core);
    return true;
}

/* ---- distances ---- */

static void judge_links(struct planner *planner)
{
    if (planner->rejections_version == planner->version)
        return;
    const struct constraints constraints = { .key_stock_min = 1, .unknown_stock_does = true };
    selection_make(planner->network, &constraints, planner->rejections);
    planner->rejections_version = planner->version;
}

const uint32_t *planner_blocks(struct core *core)
{
    struct planner *planner = core->planner;
    if (planner->blocks_version == planner->version)
        return planner->blocks;
    judge_links(planner);
    if (!blocks_find(planner->network, planner->rejections, &core->memory, planner->blocks)) {
        core->out_of_memory = true;
        planner->blocks_version = 0;
        return NULL;
    }
    planner->blocks_version = planner->version;
    return planner->blocks;
}

/* Of KMs with several KMAs; of others the distance is the potential. */
static void join_sites(struct core *core, struct tree *tree)
{
    const struct sorted *kms = &core->objects[OBJECT_KM];
    uint32_t nodes[LIMIT_KMAS_PER_KM];
    for (size_t i = 0; i < kms->count; i++) {
        const struct km *km = kms->values[i];
        size_t count = 0;
        struct distance least = { UINT64_MAX, DISTANCE_NONE };
        for (size_t j = 0; km->kma_count > 1 && j < km->kma_count; j++) {
            if (!network_find_kma(core->planner->network, km->kmas[j]->id, &nodes[count]))
                continue;
            if (distance_is_less(tree->distances[nodes[count]], least))
                least = tree->distances[nodes[count]];
            count++;
        }
        for (size_t j = 0; j < count; j++)
            tree->potentials[nodes[j]] = least;
    }
}

static bool grow_tree(struct core *core, struct tree *tree, uint32_t destination)
{
    struct planner *planner = core->planner;
    const size_t count = network_kma_count(planner->network);
    if (tree->count != count) {
        forget_tree(core, tree);
        tree->count = count;
        tree->distances = memory_allocate(&core->memory, count * sizeof *tree->distances);
        tree->potentials = memory_allocate(&core->memory, count * sizeof *tree->potentials);
        tree->costs = memory_allocate(&core->memory, count * sizeof *tree->costs);
    }
    tree->version = 0;
    if (tree->distances == NULL || tree->potentials == NULL || tree->costs == NULL) {
        forget_tree(core, tree);
        return false;
    }
    judge_links(planner);
    if (!distances_find(planner->network, planner->rejections, &core->memory, destination, tree->distances))
        return false;
    memcpy(tree->potentials, tree->distances, count * sizeof *tree->potentials);
    for (size_t i = 0; i < count; i++)
        tree->costs[i] = tree->distances[i].cost;
    join_sites(core, tree);
    tree->destination = destination;
    tree->version = planner->version;
    return true;
}

const struct tree *planner_tree_to(struct core *core, uint32_t destination)
{
    struct planner *planner = core->planner;
    struct tree *oldest = &planner->trees[0];
    for (size_t i = 0; i < PLANNER_TREES; i++) {
        struct tree *tree = &planner->trees[i];
        if (tree->version == planner->version && tree->destination == destination) {
            tree->used = ++planner->uses;
            return tree;
        }
        if (tree->used < oldest->used)
            oldest = tree;
    }
    if (!grow_tree(core, oldest, destination)) {
        core->out_of_memory = true;
        return NULL;
    }
    oldest->used = ++planner->uses;
    return oldest;
}
