/* SPDX-License-Identifier: Apache-2.0 */
#include "topology/blocks.h"

#include "topology/network_state.h"
#include "topology/selection.h"

/* One KMA in a search that goes as deep as it can. */
struct place {
    uint32_t number; /* in the order of coming there, from 1; 0: not yet */
    uint32_t low;    /* the least number that it, or one behind it, is joined to */
    uint32_t parent; /* NO_KMA: none */
    uint32_t next_arc;
    uint32_t block; /* of the link from the parent */
};

struct walk {
    const struct network *network;
    const uint8_t *rejections;
    struct place *places;
    uint32_t *order; /* KMAs by number */
    uint32_t count;
};

static void enter(struct walk *walk, uint32_t kma, uint32_t parent)
{
    walk->order[walk->count++] = kma;
    walk->places[kma] = (struct place){
        .number = walk->count, .low = walk->count, .parent = parent, .next_arc = walk->network->first_arc[kma]
    };
}

static void lower(struct place *place, uint32_t number)
{
    if (number < place->low)
        place->low = number;
}

/* One link further, or back to the parent. */
static uint32_t go_on(struct walk *walk, uint32_t kma)
{
    struct place *place = &walk->places[kma];
    if (place->next_arc == walk->network->first_arc[kma + 1]) {
        if (place->parent != NO_KMA)
            lower(&walk->places[place->parent], place->low);
        return place->parent;
    }
    const struct arc *arc = &walk->network->arcs[place->next_arc++];
    if (walk->rejections[arc->link] != REJECTION_NONE || arc->to == place->parent)
        return kma;
    if (walk->places[arc->to].number == 0) {
        enter(walk, arc->to, kma);
        return arc->to;
    }
    lower(place, walk->places[arc->to].number);
    return kma;
}

/* Parents come before those behind them: who is joined to nothing before its parent begins a block. */
static void number_blocks(struct walk *walk)
{
    uint32_t blocks = 0;
    for (uint32_t i = 0; i < walk->count; i++) {
        struct place *place = &walk->places[walk->order[i]];
        if (place->parent == NO_KMA)
            continue;
        const struct place *parent = &walk->places[place->parent];
        place->block = place->low >= parent->number ? ++blocks : parent->block;
    }
}

bool blocks_find(const struct network *network, const uint8_t *rejections, const struct memory *memory,
                 uint32_t *out_blocks)
{
    const size_t count = network->node_count + (size_t)1; /* never none */
    struct walk walk = { .network = network, .rejections = rejections };
    walk.places = memory_allocate(memory, count * sizeof *walk.places);
    walk.order = memory_allocate(memory, count * sizeof *walk.order);
    const bool fits = walk.places != NULL && walk.order != NULL;
    for (uint32_t i = 0; fits && i < network->node_count; i++)
        walk.places[i].number = 0;
    for (uint32_t i = 0; fits && i < network->node_count; i++) {
        if (walk.places[i].number != 0)
            continue;
        enter(&walk, i, NO_KMA);
        for (uint32_t at = i; at != NO_KMA;)
            at = go_on(&walk, at);
    }
    if (fits)
        number_blocks(&walk);
    for (uint32_t i = 0; fits && i < network->edge_count; i++) {
        const struct place *a = &walk.places[network->edges[i].ends[0]];
        const struct place *b = &walk.places[network->edges[i].ends[1]];
        out_blocks[i] = rejections[i] != REJECTION_NONE ? 0 : a->number > b->number ? a->block : b->block;
    }
    memory_release(memory, walk.places, count * sizeof *walk.places);
    memory_release(memory, walk.order, count * sizeof *walk.order);
    return fits;
}
