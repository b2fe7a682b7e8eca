/* SPDX-License-Identifier: Apache-2.0 */
#include "http/network_cache.h"

#include <stdlib.h>

#include "base/arena.h"
#include "system/process_heap.h"

void network_cache_init(struct network_cache *cache)
{
    *cache = (struct network_cache){ 0 };
}

void network_cache_fini(struct network_cache *cache)
{
    network_free(cache->network);
    free(cache->km_of);
    network_cache_init(cache);
}

/* As the core plans it. */
static struct network_link link_of(const struct link_view *link)
{
    const struct link_config *config = &link->config;
    return (struct network_link){ .link_id = config->link_id,
                                  .kma_a = config->kma_a,
                                  .kma_b = config->kma_b,
                                  .cost = link->penalised_until_ms != 0 ? NETWORK_COST_AVOIDED : config->cost,
                                  .key_stock = config->key_stock,
                                  .key_rate = config->key_rate,
                                  .up = config->state == LINK_UP };
}

/* False: out of memory. What is described lives in the arena and the snapshot. */
static bool describe(const struct snapshot *snapshot, struct arena *arena,
                     struct network_description *out_description)
{
    size_t kma_count = 0;
    for (size_t i = 0; i < snapshot->km_count; i++)
        kma_count += snapshot->kms[i].config.kma_id_count;
    struct network_link *links = arena_allocate(arena, snapshot->link_count * sizeof *links);
    struct network_kma *kmas = arena_allocate(arena, kma_count * sizeof *kmas);
    if (links == NULL || kmas == NULL)
        return false;
    *out_description = (struct network_description){ links, snapshot->link_count, kmas, 0 };
    for (size_t i = 0; i < snapshot->link_count; i++)
        links[i] = link_of(&snapshot->links[i]);
    for (size_t i = 0; i < snapshot->km_count; i++) {
        const struct km_config *config = &snapshot->kms[i].config;
        for (size_t j = 0; j < config->kma_id_count; j++)
            kmas[out_description->kma_count++] = (struct network_kma){ config->kma_ids[j], config->enabled };
    }
    return true;
}

static void note_owners(struct network_cache *cache, const struct snapshot *snapshot)
{
    uint32_t kma;
    for (size_t i = 0; i < network_kma_count(cache->network); i++)
        cache->km_of[i] = NETWORK_NO_KM;
    for (size_t i = 0; i < snapshot->km_count; i++) {
        const struct km_config *config = &snapshot->kms[i].config;
        for (size_t j = 0; j < config->kma_id_count; j++) {
            if (network_find_kma(cache->network, config->kma_ids[j], &kma))
                cache->km_of[kma] = (uint32_t)i;
        }
    }
}

static bool build(struct network_cache *cache, const struct snapshot *snapshot)
{
    struct arena arena;
    struct network_description description;
    arena_init(&arena, &process_heap);
    bool built = describe(snapshot, &arena, &description) &&
                 network_new(&process_heap, &description, &cache->network) == NETWORK_OK;
    arena_fini(&arena);
    if (!built)
        return false;
    cache->km_of = calloc(network_kma_count(cache->network) + 1, sizeof *cache->km_of);
    if (cache->km_of == NULL)
        return false;
    note_owners(cache, snapshot);
    cache->change_number = snapshot->change_number;
    return true;
}

const struct network *network_cache_get(struct network_cache *cache, const struct snapshot *snapshot)
{
    if (cache->network != NULL && cache->change_number == snapshot->change_number)
        return cache->network;
    network_cache_fini(cache);
    if (!build(cache, snapshot))
        network_cache_fini(cache);
    return cache->network;
}
