/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the journal's rows back: what was configured, what was open, what was answered lately. */
#include "core/budget.h"
#include "core/change.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/held.h"
#include "core/hop_graph.h"
#include "core/next_hop.h"
#include "core/policy.h"
#include "core/relay.h"

void core_restore_high_water(struct core *core, const struct high_water *high_water)
{
    core->next = *high_water;
    if (core->next.next_relay_id == 0)
        core->next.next_relay_id = 1;
    if (core->next.next_lookup_id == 0)
        core->next.next_lookup_id = 1;
    if (core->next.next_event_id == 0)
        core->next.next_event_id = 1;
    if (core->next.next_revision == 0)
        core->next.next_revision = 1;
    if (core->next.next_audit_id == 0)
        core->next.next_audit_id = 1;
}

static bool gives_twice(const struct text *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_equal(names[i], names[j]))
                return true;
        }
    }
    return false;
}

/* A row that is damaged is left out rather than trusted. */
static bool is_sound(enum object_kind kind, const union object_config *config)
{
    const struct km_config *km = &config->km;
    return kind != OBJECT_KM ||
           (km->kma_id_count <= LIMIT_KMAS_PER_KM && km->dialect.version_count <= LIMIT_VERSIONS &&
            !gives_twice(km->kma_ids, km->kma_id_count) && !gives_twice(km->identities, km->identity_count));
}

/* The rows of an object's layers come in any order: each time what is in force then is bound anew. KMs, which
   claim names for themselves, are only when all rows are there: see bind_kms(). */
static enum core_status restore_object(struct core *core, enum object_kind kind, struct text id,
                                       pack_function function, const union object_config *config,
                                       const struct revision *revision)
{
    if (!is_sound(kind, config))
        return CORE_OK;
    struct object *object = object_find(core, kind, id);
    if (object == NULL)
        object = object_new(core, kind, id);
    if (object == NULL)
        return CORE_NO_MEMORY;
    struct layer *layer = &object->layers[revision->origin];
    if (layer->present)
        return CORE_OK; /* a row has its ID to itself; a second one is no reason to stop */
    union object_config copy = *config;
    if (!pack_into_memory(&core->memory, function, &copy, &layer->owned)) {
        if (object_effective(object) == NULL)
            object_free(core, object);
        return CORE_NO_MEMORY;
    }
    if (object_effective(object) != NULL)
        objects_unbind_one(core, object);
    layer->config = copy;
    object->first_revision = revision->first;
    layer->revision = *revision;
    layer->present = true;
    if (kind != OBJECT_KM)
        objects_bind_one(core, object);
    objects_note_change(core, kind);
    return CORE_OK;
}

/* The KM, or one of its name without configuration, until the file was read (or shows that it is gone). */
static struct km *km_for(struct core *core, struct text km_id)
{
    struct km *km = km_find(core, km_id);
    return km != NULL ? km : (struct km *)object_new(core, OBJECT_KM, km_id);
}

static void enter_open_state(struct core *core, struct relay *relay)
{
    if (relay->record.state == RELAY_RECEIVED)
        relay->record.state = RELAY_AWAITING_DECISION; /* its decision is made anew when its time is over */
    if (relay->record.state == RELAY_AWAITING_DECISION)
        held_add_relay(core, relay);
    else
        relay->km->relays_outstanding++;
    relay_index_repeat(core, relay);
}

static enum core_status restore_relay(struct core *core, const struct relay_record *record)
{
    bool ended = relay_state_is_terminal(record->state);
    if (ended && record->state != RELAY_EXPIRED && record->state != RELAY_ORPHANED)
        return CORE_OK;
    if (relay_find(core, record->relay_id) != NULL || (ended && record->instructed_ms == 0))
        return CORE_OK;
    struct km *km = ended ? NULL : km_for(core, record->km_id);
    struct relay *relay = ended || km != NULL ? relay_restored(core, km, record) : NULL;
    if (relay == NULL)
        return CORE_NO_MEMORY;
    if (ended)
        relay_retain(core, relay);
    else
        enter_open_state(core, relay);
    return CORE_OK;
}

/* Answers of the last seconds go on binding what is answered next (reading 5). They come newest first; how
   long the bridge was away is no matter, for the KMs may have acted on them at its end. */
static enum core_status remember_answer(struct core *core, const struct lookup_record *record)
{
    if (record->state != LOOKUP_ANSWERED || !text_is_present(record->current_kma_id) ||
        !text_is_present(record->destination_kma_id))
        return CORE_OK;
    if (record->ended_ms > core->newest_answer_ms)
        core->newest_answer_ms = record->ended_ms;
    if (core->newest_answer_ms - record->ended_ms > core->settings.answer_memory_ms)
        return CORE_OK;
    bool whole = true;
    struct kma *destination = kma_retain_id(core, record->destination_kma_id);
    struct kma *from = kma_retain_id(core, record->current_kma_id);
    for (size_t i = 0; destination != NULL && from != NULL && i < record->next_kma_id_count && whole; i++) {
        struct kma *to = kma_retain_id(core, record->next_kma_ids[i]);
        whole = to != NULL && graph_remember(core, destination, from, to);
        kma_release(core, to);
    }
    whole = whole && destination != NULL && from != NULL;
    kma_release(core, from);
    kma_release(core, destination);
    return whole ? CORE_OK : CORE_NO_MEMORY;
}

static enum core_status restore_lookup(struct core *core, const struct lookup_record *record)
{
    if (record->state != LOOKUP_AWAITING_DECISION && record->state != LOOKUP_RECEIVED)
        return remember_answer(core, record);
    struct km *km = km_for(core, record->km_id);
    return km != NULL && next_hop_restore(core, km, record) ? CORE_OK : CORE_NO_MEMORY;
}

enum core_status core_restore(struct core *core, const struct record *record)
{
    union object_config config;
    switch (record->kind) {
    case RECORD_RELAY:
        return restore_relay(core, &record->relay);
    case RECORD_LOOKUP:
        return restore_lookup(core, &record->lookup);
    case RECORD_KM:
        config.km = record->km;
        return restore_object(core, OBJECT_KM, config.km.km_id, pack_km, &config, &record->revision);
    case RECORD_APPLICATION:
        config.application = record->application;
        return restore_object(core, OBJECT_APPLICATION, config.application.application_id, pack_application,
                              &config, &record->revision);
    case RECORD_DESTINATION:
        config.destination = record->destination;
        return restore_object(core, OBJECT_DESTINATION, config.destination.kma_id, pack_destination, &config,
                              &record->revision);
    case RECORD_ROUTE:
        config.route = record->route;
        return restore_object(core, OBJECT_ROUTE, config.route.route_id, pack_route, &config,
                              &record->revision);
    case RECORD_LINK:
        config.link = record->link;
        return restore_object(core, OBJECT_LINK, config.link.link_id, pack_link, &config, &record->revision);
    case RECORD_DOCUMENT:
        config.document = record->document;
        return restore_object(core, OBJECT_DOCUMENT, config.document.document_id, pack_document, &config,
                              &record->revision);
    case RECORD_BUDGET:
        budget_restore(core, &record->budget);
        break;
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT_DELETED:
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        break; /* the store applied it, and keeps it for its readers */
    }
    return CORE_OK;
}

static bool names_are_free_for(const struct core *core, const struct km *km)
{
    const struct km_config *config = km_config_of(km);
    for (size_t i = 0; i < config->kma_id_count; i++) {
        const struct kma *kma = kma_find(core, config->kma_ids[i]);
        if (kma != NULL && kma->km != NULL && kma->km != km)
            return false;
    }
    for (size_t i = 0; i < config->identity_count; i++) {
        const struct identity *identity = table_find(&core->identities, config->identities[i]);
        if (identity != NULL && identity->km != km)
            return false;
    }
    return true;
}

static void bind_km(struct core *core, struct km *km)
{
    while (km_is_enrolled(km) && !names_are_free_for(core, km)) {
        const bool is_api = km->object.layers[ORIGIN_API].present;
        struct layer *layer = &km->object.layers[is_api ? ORIGIN_API : ORIGIN_FILE];
        layer->present = false;
        owned_release(&core->memory, &layer->owned);
    }
    objects_bind_one(core, &km->object);
}

/*
 * Only now is it known which rows are in force: while they come, the file's row of one KM may claim what the
 * API's row of that KM, still to come, gives up, and another KM has. What is in force agrees in a journal of
 * ours; should it not, the later ones are left out rather than trusted.
 */
static void bind_kms(struct core *core)
{
    struct sorted *kms = &core->objects[OBJECT_KM];
    for (size_t i = 0; i < kms->count; i++)
        bind_km(core, kms->values[i]);
}

/* Limits restart in full: who was held or instructed lost time while the bridge was away. */
static bool restart_limits(struct core *core, const struct km *km)
{
    for (struct relay *relay = km->relays; relay != NULL; relay = relay->next) {
        const struct policy policy = policy_of_relay(core, relay);
        uint64_t limit_ms =
            relay->record.state == RELAY_INSTRUCTED ? policy.completion_ms : policy.orchestrator_ms;
        if (!heap_set(&core->relay_deadlines, &relay->deadline, core->now_ms + limit_ms))
            return false;
    }
    return true;
}

enum core_status core_restore_finish(struct core *core, uint64_t monotonic_ms, uint64_t wall_ms,
                                     struct effects *out_effects)
{
    core->effects = out_effects;
    core->now_ms = monotonic_ms;
    core->wall_ms = wall_ms;
    core->out_of_memory = false;
    bind_kms(core);
    struct sorted *kms = &core->objects[OBJECT_KM];
    for (size_t i = kms->count; i-- > 0;) {
        struct km *km = kms->values[i];
        next_hop_session_lost(core, km);
        if (!restart_limits(core, km))
            core->out_of_memory = true;
        km_free_unneeded(core, km);
    }
    graph_refresh_all(core);
    held_note_offers(core);
    routes_expire(core);
    relay_flush(core);
    core->effects = NULL;
    out_effects->high_water = core->next;
    out_effects->wall_ms = wall_ms;
    return core->out_of_memory ? CORE_NO_MEMORY : CORE_OK;
}
