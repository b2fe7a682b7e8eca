/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pack.h"

#include <assert.h>
#include <string.h>

enum { PACK_ALIGNMENT = 8 };

static void *take(struct pack *pack, size_t bytes)
{
    void *at = pack->block != NULL ? pack->block + pack->used_bytes : NULL;
    pack->used_bytes += bytes;
    return at;
}

static void align(struct pack *pack)
{
    pack->used_bytes = (pack->used_bytes + PACK_ALIGNMENT - 1) & ~(size_t)(PACK_ALIGNMENT - 1);
}

static void text(struct pack *pack, struct text *value)
{
    if (!text_is_present(*value))
        return;
    char *copy = take(pack, value->length + 1);
    if (copy == NULL)
        return;
    if (value->length > 0)
        memcpy(copy, value->bytes, value->length);
    copy[value->length] = '\0';
    value->bytes = copy;
}

static void texts(struct pack *pack, struct text **array, size_t count)
{
    if (*array == NULL || count == 0)
        return;
    align(pack);
    struct text *copy = take(pack, count * sizeof **array);
    if (copy != NULL)
        memcpy(copy, *array, count * sizeof **array);
    for (size_t i = 0; i < count; i++) {
        struct text element = (*array)[i];
        text(pack, &element);
        if (copy != NULL)
            copy[i] = element;
    }
    if (copy != NULL)
        *array = copy;
}

void pack_relay(struct pack *pack, void *relay_record)
{
    struct relay_record *record = relay_record;
    texts(pack, &record->path, record->path_length);
    text(pack, &record->detail);
    text(pack, &record->km_id);
    text(pack, &record->source_kma_id);
    text(pack, &record->destination_kma_id);
    text(pack, &record->application_destination_id);
    text(pack, &record->route_id);
    text(pack, &record->extension);
    text(pack, &record->explanation);
}

void pack_lookup(struct pack *pack, void *lookup_record)
{
    struct lookup_record *record = lookup_record;
    texts(pack, &record->next_kma_ids, record->next_kma_id_count);
    text(pack, &record->detail);
    text(pack, &record->km_id);
    text(pack, &record->current_kma_id);
    text(pack, &record->source_kma_id);
    text(pack, &record->destination_kma_id);
    text(pack, &record->application_destination_id);
    text(pack, &record->extension);
    text(pack, &record->explanation);
}

void pack_km(struct pack *pack, void *km_config)
{
    struct km_config *config = km_config;
    texts(pack, &config->kma_ids, config->kma_id_count);
    texts(pack, &config->identities, config->identity_count);
    text(pack, &config->km_id);
    for (size_t i = 0; i < config->dialect.success_word_count; i++)
        text(pack, &config->dialect.success_words[i]);
}

void pack_application(struct pack *pack, void *application_config)
{
    struct application_config *config = application_config;
    text(pack, &config->application_id);
    text(pack, &config->kma_id);
}

void pack_destination(struct pack *pack, void *destination_config)
{
    struct destination_config *config = destination_config;
    text(pack, &config->kma_id);
}

static void hops(struct pack *pack, struct route_config *config)
{
    if (config->hops == NULL || config->hop_count == 0)
        return;
    align(pack);
    struct route_hop *copy = take(pack, config->hop_count * sizeof *copy);
    for (size_t i = 0; i < config->hop_count; i++) {
        struct route_hop hop = config->hops[i];
        texts(pack, &hop.next_kma_ids, hop.next_kma_id_count);
        text(pack, &hop.kma_id);
        if (copy != NULL)
            copy[i] = hop;
    }
    if (copy != NULL)
        config->hops = copy;
}

void pack_route(struct pack *pack, void *route_config)
{
    struct route_config *config = route_config;
    texts(pack, &config->path, config->path_length);
    hops(pack, config);
    text(pack, &config->route_id);
    text(pack, &config->source_kma_id);
    text(pack, &config->destination_kma_id);
    text(pack, &config->origin);
}

void pack_link(struct pack *pack, void *link_config)
{
    struct link_config *config = link_config;
    text(pack, &config->link_id);
    text(pack, &config->kma_a);
    text(pack, &config->kma_b);
    text(pack, &config->origin);
}

void pack_budget(struct pack *pack, void *budget_record)
{
    struct budget_record *record = budget_record;
    text(pack, &record->link_id);
}

void pack_document(struct pack *pack, void *document_config)
{
    struct document_config *config = document_config;
    text(pack, &config->document_id);
    text(pack, &config->body);
}

void pack_audit(struct pack *pack, void *audit_record)
{
    struct audit_record *record = audit_record;
    text(pack, &record->actor);
    text(pack, &record->source);
    text(pack, &record->action);
    text(pack, &record->target);
    text(pack, &record->outcome);
    text(pack, &record->detail);
}

void pack_idempotency(struct pack *pack, void *idempotency_record)
{
    struct idempotency_record *record = idempotency_record;
    text(pack, &record->key);
    text(pack, &record->digest);
    text(pack, &record->answer);
}

void pack_dead_letter(struct pack *pack, void *dead_letter)
{
    struct dead_letter *letter = dead_letter;
    text(pack, &letter->webhook_id);
    text(pack, &letter->detail);
}

void pack_text_value(struct pack *pack, void *text_value)
{
    text(pack, text_value);
}

static size_t measure(pack_function function, void *value)
{
    struct pack pack = { NULL, 0 };
    function(&pack, value);
    return pack.used_bytes > 0 ? pack.used_bytes : 1;
}

static void copy_into(void *block, size_t bytes, pack_function function, void *value)
{
    struct pack pack = { block, 0 };
    function(&pack, value);
    assert(pack.used_bytes <= bytes);
}

bool pack_into_memory(const struct memory *memory, pack_function function, void *value, struct owned *owned)
{
    size_t bytes = measure(function, value);
    void *block = memory_allocate(memory, bytes);
    if (block == NULL)
        return false;
    copy_into(block, bytes, function, value);
    owned_release(memory, owned);
    *owned = (struct owned){ block, bytes };
    return true;
}

bool pack_into_arena(struct arena *arena, pack_function function, void *value)
{
    size_t bytes = measure(function, value);
    void *block = arena_allocate(arena, bytes);
    if (block == NULL)
        return false;
    copy_into(block, bytes, function, value);
    return true;
}

void owned_release(const struct memory *memory, struct owned *owned)
{
    memory_release(memory, owned->block, owned->bytes);
    *owned = (struct owned){ NULL, 0 };
}
