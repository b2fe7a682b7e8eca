/* SPDX-License-Identifier: Apache-2.0 */
#include "core/change.h"

#include <assert.h>

#include "core/budget.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/held.h"
#include "core/policy.h"
#include "core/relay.h"
#include "core/session.h"

/* ---- the plan ---- */

bool plan_begin(struct core *core, struct plan *plan, size_t capacity)
{
    *plan = (struct plan){ .capacity = capacity };
    plan->changes = arena_allocate(&core->scratch, (capacity + 1) * sizeof *plan->changes);
    if (plan->changes == NULL)
        core->out_of_memory = true;
    return plan->changes != NULL;
}

const union object_config *change_in_force(const struct change *change)
{
    for (int layer = LAYERS - 1; layer >= 0; layer--) { /* the API's wins over the file's */
        if (change->layer == (enum origin)layer) {
            if (change->config != NULL)
                return change->config;
        } else if (change->object != NULL && change->object->layers[layer].present) {
            return &change->object->layers[layer].config;
        }
    }
    return NULL;
}

static void add(struct plan *plan, struct change change)
{
    assert(plan->count < plan->capacity);
    const struct layer *before = change.object != NULL ? object_effective(change.object) : NULL;
    const union object_config *after = change_in_force(&change);
    change.created = before == NULL;
    change.deleted = after == NULL;
    change.in_force = (before != NULL ? &before->config : NULL) != after;
    if (change.created)
        plan->created++;
    else if (change.deleted)
        plan->deleted++;
    else
        plan->updated++;
    plan->changes[plan->count++] = change;
}

/* What is equal may have become true again: the stock is what it says from now. */
static void note_told(struct core *core, struct plan *plan, struct link *link)
{
    struct told *told = arena_allocate(&core->scratch, sizeof *told);
    if (told == NULL) {
        core->out_of_memory = true;
        return;
    }
    *told = (struct told){ link, plan->told };
    plan->told = told;
}

void plan_put(struct core *core, struct plan *plan, enum object_kind kind, enum origin layer, struct text id,
              const union object_config *config)
{
    struct object *object = object_find(core, kind, id);
    if (object != NULL && object->layers[layer].present &&
        object_config_equal(kind, &object->layers[layer].config, config)) {
        plan->unchanged++;
        if (kind == OBJECT_LINK && layer == ORIGIN_API)
            note_told(core, plan, (struct link *)object);
        return;
    }
    add(plan, (struct change){ .kind = kind, .layer = layer, .object = object, .id = id, .config = config });
}

void plan_delete(struct core *core, struct plan *plan, struct object *object, enum origin layer)
{
    (void)core;
    add(plan, (struct change){ .kind = object->kind, .layer = layer, .object = object, .id = object->id });
}

/* ---- binding ---- */

static bool is_bound(const struct object *object)
{
    switch (object->kind) {
    case OBJECT_KM:
        return ((const struct km *)object)->kmas != NULL;
    case OBJECT_LINK:
        return ((const struct link *)object)->a != NULL;
    case OBJECT_ROUTE:
        return ((const struct route *)object)->destination != NULL;
    case OBJECT_DESTINATION:
        return ((const struct destination *)object)->kma != NULL;
    case OBJECT_APPLICATION:
    case OBJECT_DOCUMENT:
    case OBJECT_KINDS_END:
        break;
    }
    return true;
}

void objects_bind_one(struct core *core, struct object *object)
{
    bool bound = true;
    if (object_effective(object) == NULL || is_bound(object))
        return;
    switch (object->kind) {
    case OBJECT_KM:
        bound = km_bind(core, (struct km *)object);
        break;
    case OBJECT_LINK:
        bound = link_bind(core, (struct link *)object);
        break;
    case OBJECT_ROUTE:
        bound = route_bind(core, (struct route *)object);
        break;
    case OBJECT_DESTINATION:
        bound = destination_bind(core, (struct destination *)object);
        break;
    case OBJECT_APPLICATION:
    case OBJECT_DOCUMENT:
    case OBJECT_KINDS_END:
        break;
    }
    if (!bound)
        core->out_of_memory = core->rebind = true;
}

void objects_unbind_one(struct core *core, struct object *object)
{
    switch (object->kind) {
    case OBJECT_KM:
        km_unbind(core, (struct km *)object);
        return;
    case OBJECT_LINK:
        link_unbind(core, (struct link *)object);
        return;
    case OBJECT_ROUTE:
        if (is_bound(object))
            route_unbind(core, (struct route *)object);
        return;
    case OBJECT_DESTINATION:
        destination_unbind(core, (struct destination *)object);
        return;
    case OBJECT_APPLICATION:
    case OBJECT_DOCUMENT:
    case OBJECT_KINDS_END:
        return;
    }
}

void objects_rebind(struct core *core)
{
    if (!core->rebind)
        return;
    core->rebind = false;
    held_note_offers(core);
    for (int kind = 0; kind < OBJECT_KINDS_END; kind++) {
        for (size_t i = 0; i < core->objects[kind].count; i++)
            objects_bind_one(core, core->objects[kind].values[i]);
    }
}

/* ---- records and notices ---- */

pack_function object_packer(enum object_kind kind)
{
    static const pack_function packers[OBJECT_KINDS_END] = {
        [OBJECT_KM] = pack_km,
        [OBJECT_APPLICATION] = pack_application,
        [OBJECT_LINK] = pack_link,
        [OBJECT_ROUTE] = pack_route,
        [OBJECT_DOCUMENT] = pack_document,
        [OBJECT_DESTINATION] = pack_destination,
    };
    return packers[kind];
}

size_t object_config_bytes(enum object_kind kind)
{
    static const size_t bytes[OBJECT_KINDS_END] = {
        [OBJECT_KM] = sizeof(struct km_config),
        [OBJECT_APPLICATION] = sizeof(struct application_config),
        [OBJECT_DESTINATION] = sizeof(struct destination_config),
        [OBJECT_LINK] = sizeof(struct link_config),
        [OBJECT_ROUTE] = sizeof(struct route_config),
        [OBJECT_DOCUMENT] = sizeof(struct document_config),
    };
    return bytes[kind];
}

static bool record_change(struct core *core, const struct change *change, const struct revision *revision)
{
    static const enum record_kind puts[OBJECT_KINDS_END] = {
        [OBJECT_KM] = RECORD_KM,
        [OBJECT_APPLICATION] = RECORD_APPLICATION,
        [OBJECT_LINK] = RECORD_LINK,
        [OBJECT_ROUTE] = RECORD_ROUTE,
        [OBJECT_DOCUMENT] = RECORD_DOCUMENT,
        [OBJECT_DESTINATION] = RECORD_DESTINATION,
    };
    static const enum record_kind deletes[OBJECT_KINDS_END] = {
        [OBJECT_KM] = RECORD_KM_DELETED,
        [OBJECT_APPLICATION] = RECORD_APPLICATION_DELETED,
        [OBJECT_DESTINATION] = RECORD_DESTINATION_DELETED,
        [OBJECT_LINK] = RECORD_LINK_DELETED,
        [OBJECT_ROUTE] = RECORD_ROUTE_DELETED,
        [OBJECT_DOCUMENT] = RECORD_DOCUMENT_DELETED,
    };
    struct record *record =
        change->config != NULL
            ? emit_record(core, puts[change->kind], object_packer(change->kind), change->config,
                          object_config_bytes(change->kind))
            : emit_record(core, deletes[change->kind], pack_text_value, &change->id, sizeof change->id);
    if (record != NULL)
        record->revision = *revision;
    return record != NULL;
}

static struct text object_name(struct core *core, const char *folder, struct text id)
{
    char words[LIMIT_IDENTIFIER_BYTES + 32];
    struct bytes_writer writer = bytes_writer(words, sizeof words);
    bytes_put_c(&writer, folder);
    bytes_put_text(&writer, id);
    return emit_text(core, bytes_written(&writer));
}

static void tell_change(struct core *core, enum object_kind kind, struct text id, const char *what,
                        struct text detail)
{
    struct text copy = emit_text(core, id);
    struct notice *notice = emit_notice(core, kind == OBJECT_LINK    ? NOTICE_LINK_CHANGED
                                              : kind == OBJECT_ROUTE ? NOTICE_ROUTE_CHANGED
                                                                     : NOTICE_CONFIG_CHANGED);
    objects_note_change(core, kind);
    if (notice == NULL)
        return;
    notice->change = what;
    notice->detail = emit_text(core, detail);
    switch (kind) {
    case OBJECT_KM:
        notice->km_id = copy;
        notice->object = object_name(core, "km/", id);
        return;
    case OBJECT_APPLICATION:
        notice->object = object_name(core, "application/", id);
        return;
    case OBJECT_DESTINATION:
        notice->object = object_name(core, "destination/", id);
        return;
    case OBJECT_LINK:
        notice->link_id = copy;
        return;
    case OBJECT_ROUTE:
        notice->route_id = copy;
        return;
    case OBJECT_DOCUMENT:
        notice->object = copy;
        return;
    case OBJECT_KINDS_END:
        return;
    }
}

/* ---- application of a plan ---- */

static struct revision new_revision(struct core *core, struct object *object, enum origin layer)
{
    const uint64_t number = core->next.next_revision++;
    if (object->first_revision == 0)
        object->first_revision = number;
    return (struct revision){ number, core->wall_ms, layer, object->first_revision };
}

/* What the file says shows again when the API's is gone: as a new revision, for who reads sees a change. */
static bool uncover_file(struct core *core, const struct change *change)
{
    struct layer *file = &change->object->layers[ORIGIN_FILE];
    if (change->layer == ORIGIN_FILE || !file->present)
        return true;
    const struct change again = { .kind = change->kind, .id = change->id, .config = &file->config };
    const struct revision revision = new_revision(core, change->object, ORIGIN_FILE);
    if (!record_change(core, &again, &revision))
        return false;
    file->revision = revision;
    return true;
}

static bool delete_layer(struct core *core, const struct change *change, struct layer *layer,
                         const struct revision *revision)
{
    const struct emit_mark mark = emit_mark(core);
    if (!record_change(core, change, revision) || !uncover_file(core, change)) {
        emit_undo(core, mark);
        return false;
    }
    layer->present = false;
    return true;
}

/* Replaces the layer; what is in force of the object was unbound before. False: out of memory, unchanged. */
static bool write_layer(struct core *core, struct change *change)
{
    if (change->object == NULL)
        change->object = object_find(core, change->kind, change->id);
    if (change->object == NULL && (change->object = object_new(core, change->kind, change->id)) == NULL) {
        core->out_of_memory = true;
        return false;
    }
    struct layer *layer = &change->object->layers[change->layer];
    struct revision revision = new_revision(core, change->object, change->layer);
    if (change->config == NULL)
        return delete_layer(core, change, layer, &revision);
    union object_config config = *change->config;
    struct owned owned = { NULL, 0 };
    if (!pack_into_memory(&core->memory, object_packer(change->kind), &config, &owned)) {
        core->out_of_memory = true;
        return false;
    }
    if (!record_change(core, change, &revision)) {
        owned_release(&core->memory, &owned);
        return false;
    }
    owned_release(&core->memory, &layer->owned);
    *layer = (struct layer){ .present = true, .owned = owned, .revision = revision, .config = config };
    return true;
}

static bool has_identity(const struct km_config *config, struct text identity)
{
    for (size_t i = 0; i < config->identity_count; i++) {
        if (text_equal(config->identities[i], identity))
            return true;
    }
    return false;
}

/* What a KM's new configuration means for its session and its relays. */
static void settle_km(struct core *core, struct km *km)
{
    enum reason reason = REASON_NONE;
    if (!km_is_enrolled(km))
        reason = REASON_KM_REMOVED;
    else if (!km_is_enabled(km))
        reason = REASON_KM_DISABLED;
    if (reason != REASON_NONE) {
        if (km->session != NULL)
            session_close(core, km->session, reason, TEXT_ABSENT);
        relay_orphan_all(core, km, reason);
    } else if (km->session != NULL && !has_identity(km_config_of(km), km->session->identity)) {
        session_close(core, km->session, REASON_NOT_ENROLLED, TEXT_ABSENT);
    }
}

/* Before what was in force is released. */
static bool is_quiet(const struct change *change)
{
    return change->kind == OBJECT_DOCUMENT &&
           document_kind_is_quiet(change->object->layers[ORIGIN_API].config.document.kind);
}

static void finish_change(struct core *core, struct change *change)
{
    struct object *object = change->object;
    objects_bind_one(core, object);
    if (change->in_force && change->kind != OBJECT_DOCUMENT)
        held_note_offers(core);
    objects_note_change(
        core, change->kind); /* also when what is in force stays: a view shows where it is defined */
    if (change->in_force && !is_quiet(change)) {
        tell_change(core, change->kind, change->id,
                    change->created   ? "created"
                    : change->deleted ? "deleted"
                                      : "updated",
                    TEXT_ABSENT);
        if (change->kind == OBJECT_KM)
            settle_km(core, (struct km *)object);
    }
    for (int i = 0; i < LAYERS; i++) {
        if (!object->layers[i].present)
            owned_release(&core->memory, &object->layers[i].owned);
    }
    if (object_effective(object) != NULL)
        return;
    if (change->kind == OBJECT_KM)
        km_free_unneeded(core, (struct km *)object);
    else
        object_free(core, object);
}

void plan_apply(struct core *core, struct plan *plan)
{
    for (const struct told *told = plan->told; told != NULL; told = told->next)
        budget_told_again(core, told->link);
    for (size_t i = 0; i < plan->count; i++) { /* all names are given up before any is taken */
        struct change *change = &plan->changes[i];
        if (change->in_force && change->object != NULL)
            objects_unbind_one(core, change->object);
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct change *change = &plan->changes[i];
        bool written = write_layer(core, change);
        if (!written && change->object == NULL)
            continue;
        if (!written)
            change->in_force = false; /* the old one comes back into force */
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->changes[i].object != NULL)
            finish_change(core, &plan->changes[i]);
    }
}

/* ---- routes whose time is over ---- */

void routes_expire(struct core *core)
{
    for (;;) {
        struct heap_node *first = heap_first(&core->route_expiry);
        if (first == NULL || first->deadline_ms > core->wall_ms)
            return;
        struct route *route = (struct route *)(void *)((char *)first - offsetof(struct route, expiry));
        struct change change = {
            .kind = OBJECT_ROUTE, .layer = ORIGIN_API, .object = &route->object, .id = route->object.id
        };
        struct revision revision = new_revision(core, &route->object, ORIGIN_API);
        if (!record_change(core, &change, &revision))
            return; /* it is not used any more; a later step removes it */
        tell_change(core, OBJECT_ROUTE, route->object.id, "deleted", TEXT("valid_until has passed"));
        route_unbind(core, route);
        object_free(core, &route->object);
    }
}
