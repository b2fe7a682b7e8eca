/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/selection.h"

#include <assert.h>

#include "topology/network_state.h"

static const char *const names[] = {
    [REJECTION_LINK_DOWN] = "link_down",
    [REJECTION_KMA_DISABLED] = "kma_disabled",
    [REJECTION_LINK_AVOIDED] = "avoided",
    [REJECTION_KMA_AVOIDED] = "kma_avoided",
    [REJECTION_INSUFFICIENT_KEYS] = "insufficient_keys",
    [REJECTION_KEYS_UNKNOWN] = "key_stock_unknown",
    [REJECTION_LINK_SPARED] = "penalised",
};
static_assert(sizeof names / sizeof *names == REJECTIONS_END, "every rejection has its name");

const char *rejection_name(enum rejection rejection)
{
    return names[rejection];
}

static enum rejection judge_stock(const struct edge *edge, const struct constraints *constraints)
{
    if (edge->key_stock >= constraints->key_stock_min || constraints->key_stock_min <= 0)
        return REJECTION_NONE;
    if (edge->key_stock >= 0)
        return REJECTION_INSUFFICIENT_KEYS;
    return constraints->unknown_stock_does ? REJECTION_NONE : REJECTION_KEYS_UNKNOWN;
}

static enum rejection judge(const struct network *network, const struct edge *edge,
                            const struct constraints *constraints)
{
    if (!edge->up)
        return REJECTION_LINK_DOWN;
    if (!network->nodes[edge->ends[0]].enabled || !network->nodes[edge->ends[1]].enabled)
        return REJECTION_KMA_DISABLED;
    const enum rejection by_stock = judge_stock(edge, constraints);
    if (by_stock == REJECTION_NONE && constraints->spare_avoided && edge->cost == NETWORK_COST_AVOIDED)
        return REJECTION_LINK_SPARED;
    return by_stock;
}

/* What the network's state forbids is not the request's doing, and said first. */
static void avoid(uint8_t *rejections, uint32_t link, enum rejection rejection)
{
    if (rejections[link] != REJECTION_LINK_DOWN && rejections[link] != REJECTION_KMA_DISABLED)
        rejections[link] = (uint8_t)rejection;
}

void selection_make(const struct network *network, const struct constraints *constraints, uint8_t *rejections)
{
    for (uint32_t i = 0; i < network->edge_count; i++)
        rejections[i] = (uint8_t)judge(network, &network->edges[i], constraints);
    for (size_t i = 0; i < constraints->avoid_kma_count; i++) {
        uint32_t kma = constraints->avoid_kmas[i];
        for (uint32_t j = network->first_arc[kma]; j < network->first_arc[kma + 1]; j++)
            avoid(rejections, network->arcs[j].link, REJECTION_KMA_AVOIDED);
    }
    for (size_t i = 0; i < constraints->avoid_link_count; i++)
        avoid(rejections, constraints->avoid_links[i], REJECTION_LINK_AVOIDED);
}
