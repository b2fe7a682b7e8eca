/* SPDX-License-Identifier: Apache-2.0 */
#include "core/directory_state.h"

#include <assert.h>
#include <string.h>

#include "core/budget.h"
#include "core/failing.h"
#include "core/planner.h"
#include "core/policy.h"
#include "core/routes.h"

const struct layer *object_effective(const struct object *object)
{
    if (object->layers[ORIGIN_API].present)
        return &object->layers[ORIGIN_API];
    return object->layers[ORIGIN_FILE].present ? &object->layers[ORIGIN_FILE] : NULL;
}

const struct km_config *km_config_of(const struct km *km)
{
    static const struct km_config nothing = {
        .dialect = { .byte_order = CK_BIG_ENDIAN, .versions = { 1 }, .version_count = 1 },
    };
    const struct layer *layer = object_effective(&km->object);
    return layer != NULL ? &layer->config.km : &nothing;
}

void objects_note_change(struct core *core, enum object_kind kind)
{
    core->kind_change_numbers[kind] = ++core->change_number;
}

struct object *object_find(const struct core *core, enum object_kind kind, struct text id)
{
    const struct sorted *objects = &core->objects[kind];
    size_t low = 0;
    size_t high = objects->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct object *object = objects->values[middle];
        int order = text_compare(object->id, id);
        if (order == 0)
            return object;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t object_bytes(enum object_kind kind)
{
    switch (kind) {
    case OBJECT_KM:
        return sizeof(struct km);
    case OBJECT_APPLICATION:
        return sizeof(struct application);
    case OBJECT_DESTINATION:
        return sizeof(struct destination);
    case OBJECT_LINK:
        return sizeof(struct link);
    case OBJECT_ROUTE:
        return sizeof(struct route);
    case OBJECT_DOCUMENT:
    case OBJECT_KINDS_END:
        break;
    }
    return sizeof(struct object);
}

struct object *object_new(struct core *core, enum object_kind kind, struct text id)
{
    struct object *object = memory_allocate(&core->memory, object_bytes(kind));
    if (object == NULL)
        return NULL;
    object->kind = kind;
    object->id = id;
    if (!pack_into_memory(&core->memory, pack_text_value, &object->id, &object->id_owned))
        goto release;
    if (!sorted_insert(&core->objects[kind], object))
        goto release;
    if (kind == OBJECT_KM)
        ((struct km *)object)->number = ++core->next_km_number;
    return object;
release:
    owned_release(&core->memory, &object->id_owned);
    memory_release(&core->memory, object, object_bytes(kind));
    return NULL;
}

void object_free(struct core *core, struct object *object)
{
    sorted_remove(&core->objects[object->kind], object);
    for (int i = 0; i < LAYERS; i++)
        owned_release(&core->memory, &object->layers[i].owned);
    if (object->kind == OBJECT_KM)
        owned_release(&core->memory, &((struct km *)object)->last_error_owned);
    if (object->kind == OBJECT_LINK) {
        budget_forget_link(core, (struct link *)object);
        failing_forget_link(core, (struct link *)object);
    }
    owned_release(&core->memory, &object->id_owned);
    memory_release(&core->memory, object, object_bytes(object->kind));
}

static bool texts_equal(const struct text *left, const struct text *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!text_equal(left[i], right[i]))
            return false;
    }
    return true;
}

static bool dialect_equal(const struct ck_dialect *left, const struct ck_dialect *right)
{
    if (left->byte_order != right->byte_order || left->version_count != right->version_count ||
        left->message_id != right->message_id || left->transit != right->transit ||
        left->transit_type != right->transit_type || left->refusal != right->refusal ||
        left->key_style != right->key_style || left->extensions != right->extensions ||
        left->success_word_count != right->success_word_count)
        return false;
    for (size_t i = 0; i < left->version_count; i++) {
        if (left->versions[i] != right->versions[i])
            return false;
    }
    return texts_equal(left->success_words, right->success_words, left->success_word_count);
}

static bool km_equal(const struct km_config *left, const struct km_config *right)
{
    return left->enabled == right->enabled && left->kma_id_count == right->kma_id_count &&
           left->identity_count == right->identity_count &&
           texts_equal(left->kma_ids, right->kma_ids, left->kma_id_count) &&
           texts_equal(left->identities, right->identities, left->identity_count) &&
           dialect_equal(&left->dialect, &right->dialect) && policy_equal(&left->policy, &right->policy);
}

static bool link_equal(const struct link_config *left, const struct link_config *right)
{
    return text_equal(left->kma_a, right->kma_a) && text_equal(left->kma_b, right->kma_b) &&
           left->cost == right->cost && left->key_stock == right->key_stock &&
           left->key_rate == right->key_rate && left->key_capacity == right->key_capacity &&
           left->state == right->state && text_equal(left->origin, right->origin);
}

bool route_ways_equal(const struct route_config *left, const struct route_config *right)
{
    if (left->path_length != right->path_length || left->hop_count != right->hop_count ||
        !texts_equal(left->path, right->path, left->path_length))
        return false;
    for (size_t i = 0; i < left->hop_count; i++) {
        const struct route_hop *a = &left->hops[i];
        const struct route_hop *b = &right->hops[i];
        if (!text_equal(a->kma_id, b->kma_id) || a->next_kma_id_count != b->next_kma_id_count ||
            !texts_equal(a->next_kma_ids, b->next_kma_ids, a->next_kma_id_count))
            return false;
    }
    return true;
}

static bool route_equal(const struct route_config *left, const struct route_config *right)
{
    return text_equal(left->source_kma_id, right->source_kma_id) &&
           text_equal(left->destination_kma_id, right->destination_kma_id) &&
           left->priority == right->priority && left->valid_until_ms == right->valid_until_ms &&
           text_equal(left->origin, right->origin) && route_ways_equal(left, right);
}

bool object_config_equal(enum object_kind kind, const union object_config *left,
                         const union object_config *right)
{
    switch (kind) {
    case OBJECT_KM:
        return km_equal(&left->km, &right->km);
    case OBJECT_APPLICATION:
        return text_equal(left->application.kma_id, right->application.kma_id);
    case OBJECT_DESTINATION:
        return policy_equal(&left->destination.policy, &right->destination.policy);
    case OBJECT_LINK:
        return link_equal(&left->link, &right->link);
    case OBJECT_ROUTE:
        return route_equal(&left->route, &right->route);
    case OBJECT_DOCUMENT:
        return left->document.kind == right->document.kind &&
               text_equal(left->document.body, right->document.body);
    case OBJECT_KINDS_END:
        break;
    }
    return false;
}

struct km *km_find(const struct core *core, struct text km_id)
{
    return (struct km *)object_find(core, OBJECT_KM, km_id);
}

bool km_is_enrolled(const struct km *km)
{
    return object_effective(&km->object) != NULL;
}

bool km_is_enabled(const struct km *km)
{
    return km_config_of(km)->enabled;
}

bool km_owns(const struct km *km, const struct kma *kma)
{
    return kma != NULL && kma->km == km;
}

void km_free_unneeded(struct core *core, struct km *km)
{
    if (!km_is_enrolled(km) && km->relays == NULL && km->lookups == NULL && km->session == NULL)
        object_free(core, &km->object);
}

struct text application_kma_id(const struct core *core, struct text application_id)
{
    const struct object *object = object_find(core, OBJECT_APPLICATION, application_id);
    const struct layer *layer = object != NULL ? object_effective(object) : NULL;
    return layer != NULL ? layer->config.application.kma_id : TEXT_ABSENT;
}

/* ---- KMAs ---- */

struct kma *kma_find(const struct core *core, struct text kma_id)
{
    return table_find(&core->kmas, kma_id);
}

bool kma_is_known(const struct kma *kma)
{
    return kma != NULL && (kma->km != NULL || kma->link_count > 0);
}

bool kma_is_disabled(const struct kma *kma)
{
    return kma->km != NULL && !km_is_enabled(kma->km);
}

struct kma *kma_retain_id(struct core *core, struct text kma_id)
{
    struct kma *kma = kma_find(core, kma_id);
    if (kma != NULL) {
        kma->references++;
        return kma;
    }
    kma = memory_allocate(&core->memory, sizeof *kma);
    if (kma == NULL)
        return NULL;
    kma->id = kma_id;
    if (!pack_into_memory(&core->memory, pack_text_value, &kma->id, &kma->id_owned) ||
        !table_insert(&core->kmas, kma)) {
        owned_release(&core->memory, &kma->id_owned);
        memory_release(&core->memory, kma, sizeof *kma);
        return NULL;
    }
    kma->number = ++core->next_kma_number;
    kma->references = 1;
    sorted_init(&kma->routes, &core->memory, routes_compare);
    return kma;
}

void kma_retain(struct kma *kma)
{
    kma->references++;
}

void kma_release(struct core *core, struct kma *kma)
{
    if (kma == NULL)
        return;
    assert(kma->references > 0);
    if (--kma->references > 0)
        return;
    assert(kma->routes.count == 0 && kma->remembered == NULL);
    table_remove(&core->kmas, kma->id);
    sorted_fini(&kma->routes);
    owned_release(&core->memory, &kma->id_owned);
    memory_release(&core->memory, kma, sizeof *kma);
}

/* ---- KMs ---- */

static void release_identities(struct core *core, const struct km_config *config, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct identity *identity = table_remove(&core->identities, config->identities[i]);
        memory_release(&core->memory, identity, sizeof *identity);
    }
}

static bool claim_identities(struct core *core, struct km *km, const struct km_config *config)
{
    for (size_t i = 0; i < config->identity_count; i++) {
        struct identity *identity = memory_allocate(&core->memory, sizeof *identity);
        if (identity != NULL)
            *identity = (struct identity){ config->identities[i], km };
        if (identity == NULL || !table_insert(&core->identities, identity)) {
            memory_release(&core->memory, identity, sizeof *identity);
            release_identities(core, config, i);
            return false;
        }
    }
    return true;
}

static void release_kmas(struct core *core, struct km *km)
{
    for (size_t i = 0; i < km->kma_count; i++) {
        km->kmas[i]->km = NULL;
        kma_release(core, km->kmas[i]);
    }
    memory_release(&core->memory, km->kmas, LIMIT_KMAS_PER_KM * sizeof(struct kma *));
    km->kmas = NULL;
    km->kma_count = 0;
}

static bool claim_kmas(struct core *core, struct km *km, const struct km_config *config)
{
    assert(config->kma_id_count <= LIMIT_KMAS_PER_KM);
    km->kmas = memory_allocate(&core->memory, LIMIT_KMAS_PER_KM * sizeof(struct kma *));
    if (km->kmas == NULL)
        return false;
    for (size_t i = 0; i < config->kma_id_count; i++) {
        struct kma *kma = kma_retain_id(core, config->kma_ids[i]);
        if (kma == NULL) {
            release_kmas(core, km);
            return false;
        }
        assert(kma->km == NULL);
        kma->km = km;
        km->kmas[km->kma_count++] = kma;
    }
    return true;
}

bool km_bind(struct core *core, struct km *km)
{
    const struct km_config *config = km_config_of(km);
    if (!claim_kmas(core, km, config))
        return false;
    if (!claim_identities(core, km, config)) {
        release_kmas(core, km);
        return false;
    }
    core->kms_enrolled++;
    core->graph_version++;
    planner_lay_km(core, km);
    return true;
}

void km_unbind(struct core *core, struct km *km)
{
    if (km->kmas == NULL)
        return;
    const struct km_config *config = km_config_of(km);
    release_identities(core, config, config->identity_count);
    planner_lift_km(core, km);
    release_kmas(core, km);
    core->kms_enrolled--;
    core->graph_version++;
}

/* ---- links ---- */

static uint64_t pair_key(const struct kma *a, const struct kma *b)
{
    return a->number < b->number ? chain_key(a->number, b->number) : chain_key(b->number, a->number);
}

bool link_bind(struct core *core, struct link *link)
{
    const struct link_config *config = &object_effective(&link->object)->config.link;
    link->a = kma_retain_id(core, config->kma_a);
    link->b = kma_retain_id(core, config->kma_b);
    if (link->a == NULL || link->b == NULL ||
        !chain_add(&core->links_by_pair, &link->pair, pair_key(link->a, link->b), link)) {
        kma_release(core, link->a);
        kma_release(core, link->b);
        link->a = link->b = NULL;
        return false;
    }
    link->a->link_count++;
    link->b->link_count++;
    core->graph_version++;
    budget_bind(core, link);
    planner_lay_link(core, link);
    return true;
}

void link_unbind(struct core *core, struct link *link)
{
    if (link->a == NULL)
        return;
    planner_lift_link(core, link);
    chain_remove(&core->links_by_pair, &link->pair);
    link->a->link_count--;
    link->b->link_count--;
    kma_release(core, link->a);
    kma_release(core, link->b);
    link->a = link->b = NULL;
    core->graph_version++;
}

const struct chain_node *links_between(const struct core *core, const struct kma *a, const struct kma *b)
{
    return chain_find(&core->links_by_pair, pair_key(a, b));
}

enum adjacency adjacency_of(const struct core *core, const struct kma *a, const struct kma *b)
{
    const struct chain_node *node = links_between(core, a, b);
    if (node == NULL)
        return ADJACENCY_UNKNOWN;
    for (; node != NULL; node = node->next) { /* parallel links: one that is up suffices */
        const struct link *link = node->owner;
        if (object_effective(&link->object)->config.link.state == LINK_UP)
            return ADJACENCY_UP;
    }
    return ADJACENCY_DOWN;
}
