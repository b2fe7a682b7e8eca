/* SPDX-License-Identifier: Apache-2.0 */
#include "record_copy.h"

#include <assert.h>

static struct text *copy_texts(struct arena *arena, const struct text *texts, size_t count)
{
    if (texts == NULL)
        return NULL;
    struct text *copy = arena_allocate(arena, (count > 0 ? count : 1) * sizeof *copy);
    assert(copy != NULL);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_copy(arena, texts[i]);
    return copy;
}

static void copy_relay(struct arena *arena, struct relay_record *relay)
{
    relay->detail = arena_copy(arena, relay->detail);
    relay->km_id = arena_copy(arena, relay->km_id);
    relay->source_kma_id = arena_copy(arena, relay->source_kma_id);
    relay->destination_kma_id = arena_copy(arena, relay->destination_kma_id);
    relay->application_destination_id = arena_copy(arena, relay->application_destination_id);
    relay->path = copy_texts(arena, relay->path, relay->path_length);
    relay->route_id = arena_copy(arena, relay->route_id);
    relay->extension = arena_copy(arena, relay->extension);
    relay->explanation = arena_copy(arena, relay->explanation);
}

static void copy_lookup(struct arena *arena, struct lookup_record *lookup)
{
    lookup->detail = arena_copy(arena, lookup->detail);
    lookup->km_id = arena_copy(arena, lookup->km_id);
    lookup->current_kma_id = arena_copy(arena, lookup->current_kma_id);
    lookup->source_kma_id = arena_copy(arena, lookup->source_kma_id);
    lookup->destination_kma_id = arena_copy(arena, lookup->destination_kma_id);
    lookup->application_destination_id = arena_copy(arena, lookup->application_destination_id);
    lookup->next_kma_ids = copy_texts(arena, lookup->next_kma_ids, lookup->next_kma_id_count);
    lookup->extension = arena_copy(arena, lookup->extension);
    lookup->explanation = arena_copy(arena, lookup->explanation);
}

static void copy_km(struct arena *arena, struct km_config *km)
{
    km->km_id = arena_copy(arena, km->km_id);
    km->kma_ids = copy_texts(arena, km->kma_ids, km->kma_id_count);
    km->identities = copy_texts(arena, km->identities, km->identity_count);
    for (size_t i = 0; i < km->dialect.success_word_count; i++)
        km->dialect.success_words[i] = arena_copy(arena, km->dialect.success_words[i]);
}

static void copy_route(struct arena *arena, struct route_config *route)
{
    route->route_id = arena_copy(arena, route->route_id);
    route->source_kma_id = arena_copy(arena, route->source_kma_id);
    route->destination_kma_id = arena_copy(arena, route->destination_kma_id);
    route->path = copy_texts(arena, route->path, route->path_length);
    route->origin = arena_copy(arena, route->origin);
    if (route->hops == NULL)
        return;
    struct route_hop *hops = arena_allocate(arena, (route->hop_count + 1) * sizeof *hops);
    assert(hops != NULL);
    for (size_t i = 0; i < route->hop_count; i++) {
        hops[i] = route->hops[i];
        hops[i].kma_id = arena_copy(arena, hops[i].kma_id);
        hops[i].next_kma_ids = copy_texts(arena, hops[i].next_kma_ids, hops[i].next_kma_id_count);
    }
    route->hops = hops;
}

static void copy_link(struct arena *arena, struct link_config *link)
{
    link->link_id = arena_copy(arena, link->link_id);
    link->kma_a = arena_copy(arena, link->kma_a);
    link->kma_b = arena_copy(arena, link->kma_b);
    link->origin = arena_copy(arena, link->origin);
}

bool record_copy_texts(struct arena *arena, struct record *record)
{
    switch (record->kind) {
    case RECORD_RELAY:
        copy_relay(arena, &record->relay);
        return true;
    case RECORD_LOOKUP:
        copy_lookup(arena, &record->lookup);
        return true;
    case RECORD_KM:
        copy_km(arena, &record->km);
        return true;
    case RECORD_APPLICATION:
        record->application.application_id = arena_copy(arena, record->application.application_id);
        record->application.kma_id = arena_copy(arena, record->application.kma_id);
        return true;
    case RECORD_DESTINATION:
        record->destination.kma_id = arena_copy(arena, record->destination.kma_id);
        return true;
    case RECORD_ROUTE:
        copy_route(arena, &record->route);
        return true;
    case RECORD_LINK:
        copy_link(arena, &record->link);
        return true;
    case RECORD_BUDGET:
        record->budget.link_id = arena_copy(arena, record->budget.link_id);
        return true;
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT_DELETED:
        record->deleted_id = arena_copy(arena, record->deleted_id);
        return true;
    case RECORD_DOCUMENT:
        record->document.document_id = arena_copy(arena, record->document.document_id);
        record->document.body = arena_copy(arena, record->document.body);
        return true;
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        return false;
    }
    return false;
}
