/* SPDX-License-Identifier: Apache-2.0 */
/* Promise 4: what hops were told within the time that answers are remembered leads nobody round in a circle.
 */
#include "world/world.h"

/* A hop is a KM with all of its KMAs, as enrolled now: a next hop request does not say at which the key lies.
 */
static void find_places(struct world *world)
{
    for (size_t i = 0; i < world->graph.node_count; i++)
        world->places[i] = WORLD_KMS_MAX + i;
    for (size_t km = 0; km < world->km_count; km++) {
        const struct km_config *config = config_km(world, text_from_c(world->kms[km].name));
        for (size_t i = 0; config != NULL && i < config->kma_id_count; i++) {
            size_t node = graph_node(world, config->kma_ids[i]);
            if (node < world->graph.node_count)
                world->places[node] = km;
        }
    }
}

static size_t place_of(const struct world *world, size_t node)
{
    return world->places[node];
}

static bool is_recent(const struct world *world, const struct answer *answer)
{
    return world->monotonic_ms - answer->given_ms < world->settings.answer_memory_ms;
}

enum { PLACES = WORLD_KMS_MAX + WORLD_NODES_MAX };

/* Can `goal` be reached from `place` along recent answers toward `destination`? */
static bool leads_to(const struct world *world, size_t destination, size_t place, size_t goal, bool *visited)
{
    if (place == goal)
        return true;
    if (visited[place] || place == place_of(world, destination)) /* there it stays */
        return false;
    visited[place] = true;
    size_t count = world->answer_count < WORLD_ANSWERS_MAX ? world->answer_count : WORLD_ANSWERS_MAX;
    for (size_t i = 0; i < count; i++) { /* newest first, until they are too old */
        const struct answer *answer = &world->answers[(world->answer_count - 1 - i) % WORLD_ANSWERS_MAX];
        if (!is_recent(world, answer))
            return false;
        if (answer->destination == destination && place_of(world, answer->at) == place &&
            leads_to(world, destination, place_of(world, answer->candidate), goal, visited))
            return true;
    }
    return false;
}

void check_answer(struct world *world, const struct lookup_record *lookup)
{
    const struct graph *graph = &world->graph;
    world->coverage->answers++;
    if (lookup->next_kma_id_count == 0) {
        world->coverage->answers_empty++;
        return;
    }
    find_places(world);
    size_t at = graph_node(world, lookup->current_kma_id);
    size_t destination = graph_node(world, lookup->destination_kma_id);
    if (at == graph->node_count || destination == graph->node_count)
        world_fail(world, "lookup %llu: candidates for places that do not exist",
                   (unsigned long long)lookup->lookup_id);
    for (size_t i = 0; i < lookup->next_kma_id_count; i++) {
        size_t candidate = graph_node(world, lookup->next_kma_ids[i]);
        bool visited[PLACES] = { false };
        if (candidate == graph->node_count)
            world_fail(world, "lookup %llu: a candidate that does not exist",
                       (unsigned long long)lookup->lookup_id);
        if (leads_to(world, destination, place_of(world, candidate), place_of(world, at), visited))
            world_fail(world, "lookup %llu: toward %.*s, %.*s is sent to %.*s, which leads back",
                       (unsigned long long)lookup->lookup_id, TEXT_ARGUMENTS(lookup->destination_kma_id),
                       TEXT_ARGUMENTS(lookup->current_kma_id), TEXT_ARGUMENTS(lookup->next_kma_ids[i]));
        world->answers[world->answer_count++ % WORLD_ANSWERS_MAX] =
            (struct answer){ at, destination, candidate, world->monotonic_ms };
    }
}

/* A key that follows candidates at random never comes to the same place twice. */
void check_walk(struct world *world)
{
    size_t count = world->answer_count < WORLD_ANSWERS_MAX ? world->answer_count : WORLD_ANSWERS_MAX;
    if (count == 0)
        return;
    find_places(world);
    const struct answer *step = &world->answers[random_below(&world->random, count)];
    bool visited[PLACES] = { false };
    world->coverage->walks++;
    while (step != NULL && is_recent(world, step) &&
           place_of(world, step->at) != place_of(world, step->destination)) {
        size_t place = place_of(world, step->candidate), choices = 0;
        visited[place_of(world, step->at)] = true;
        if (visited[place])
            world_fail(world, "a key walks in a circle toward %.*s",
                       TEXT_ARGUMENTS(world->graph.nodes[step->destination]));
        const struct answer *chosen = NULL;
        for (size_t i = 0; i < count; i++) {
            const struct answer *answer = &world->answers[i];
            if (is_recent(world, answer) && answer->destination == step->destination &&
                place_of(world, answer->at) == place && random_one_in(&world->random, ++choices))
                chosen = answer;
        }
        step = chosen;
    }
}
