/* SPDX-License-Identifier: Apache-2.0 */
#include "http/network_cache.h"

#include <assert.h>
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
static struct network_link link_of(const struct link_view *link, uint64_t wall_ms)
{
    const struct link_config *config = &link->config;
    return (struct network_link){ .link_id = config->link_id,
                                  .kma_a = config->kma_a,
                                  .kma_b = config->kma_b,
                                  .cost = link->penalised_until_ms != 0 ? NETWORK_COST_AVOIDED : config->cost,
                                  .key_stock = key_stock_available(&link->stock, wall_ms),
                                  .key_rate = config->key_rate,
                                  .up = config->state == LINK_UP };
}

/* False: out of memory. What is described lives in the arena and the snapshot. */
static bool describe(const struct snapshot *snapshot, uint64_t wall_ms, struct arena *arena,
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
        links[i] = link_of(&snapshot->links[i], wall_ms);
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

static bool build(struct network_cache *cache, const struct snapshot *snapshot, uint64_t wall_ms)
{
    struct arena arena;
    struct network_description description;
    arena_init(&arena, &process_heap);
    bool built = describe(snapshot, wall_ms, &arena, &description) &&
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

/* Both have the links in the order of their IDs. */
static void update(struct network_cache *cache, const struct snapshot *snapshot, uint64_t wall_ms)
{
    assert(snapshot->link_count == network_link_count(cache->network));
    for (size_t i = 0; i < snapshot->link_count; i++) {
        const struct network_link values = link_of(&snapshot->links[i], wall_ms);
        network_set_link(cache->network, (uint32_t)i, &values);
    }
}

const struct network *network_cache_get(struct network_cache *cache, const struct snapshot *snapshot,
                                        uint64_t wall_ms)
{
    const uint64_t keys_ms = wall_ms - wall_ms % KEY_STOCK_GROWTH_MS;
    if (cache->network == NULL || cache->change_number != snapshot->change_number) {
        network_cache_fini(cache);
        if (!build(cache, snapshot, wall_ms)) {
            network_cache_fini(cache);
            return NULL;
        }
    } else if (cache->taken_ms != snapshot->monotonic_ms || cache->keys_ms != keys_ms) {
        update(cache, snapshot, wall_ms);
    }
    cache->taken_ms = snapshot->monotonic_ms;
    cache->keys_ms = keys_ms;
    return cache->network;
}
