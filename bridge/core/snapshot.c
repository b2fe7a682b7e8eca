/* SPDX-License-Identifier: Apache-2.0 */
#include "core/snapshot.h"

#include <string.h>

#include "core/directory_state.h"
#include "core/relay.h"

/* ---- reading ---- */

struct snapshot *snapshot_retain(struct snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot)
{
    if (snapshot == NULL || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    struct memory memory = snapshot->arena.memory;
    arena_fini(&snapshot->arena);
    memory_release(&memory, snapshot, sizeof *snapshot);
}

typedef struct text (*id_function)(const void *view);

/* Views are sorted by ID. */
static const void *find(const void *views, size_t count, size_t view_bytes, id_function id_of, struct text id)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const void *view = (const char *)views + middle * view_bytes;
        int order = text_compare(id_of(view), id);
        if (order == 0)
            return view;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct text km_id(const void *view)
{
    return ((const struct km_view *)view)->config.km_id;
}

static struct text application_id(const void *view)
{
    return ((const struct application_view *)view)->config.application_id;
}

static struct text route_id(const void *view)
{
    return ((const struct route_view *)view)->config.route_id;
}

static struct text link_id(const void *view)
{
    return ((const struct link_view *)view)->config.link_id;
}

const struct km_view *snapshot_km(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->kms, snapshot->km_count, sizeof *snapshot->kms, km_id, id);
}

const struct application_view *snapshot_application(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->applications, snapshot->application_count, sizeof *snapshot->applications,
                application_id, id);
}

const struct route_view *snapshot_route(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->routes, snapshot->route_count, sizeof *snapshot->routes, route_id, id);
}

const struct link_view *snapshot_link(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->links, snapshot->link_count, sizeof *snapshot->links, link_id, id);
}

static struct text document_id(const void *view)
{
    return ((const struct document_view *)view)->config.document_id;
}

const struct document_view *snapshot_document(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->documents, snapshot->document_count, sizeof *snapshot->documents, document_id, id);
}

/* IDs begin with the kind's name and a slash, and so are sorted by kind. */
size_t snapshot_documents(const struct snapshot *snapshot, enum document_kind kind,
                          const struct document_view **out_first)
{
    size_t first = 0;
    while (first < snapshot->document_count && snapshot->documents[first].config.kind != kind)
        first++;
    size_t end = first;
    while (end < snapshot->document_count && snapshot->documents[end].config.kind == kind)
        end++;
    *out_first = end > first ? snapshot->documents + first : NULL;
    return end - first;
}

/* ---- taking ---- */

static bool copy_text(struct arena *arena, struct text *text)
{
    return pack_into_arena(arena, pack_text_value, text);
}

static const char *style_name(enum ck_key_style style)
{
    switch (style) {
    case CK_KEYS_SNAKE:
        return "snake";
    case CK_KEYS_CAMEL:
        return "camel";
    case CK_KEYS_TITLE:
        return "title";
    case CK_KEYS_AUTO:
        break;
    }
    return NULL;
}

static bool copy_session(struct arena *arena, const struct session *session, struct km_view *view)
{
    view->connected = true;
    view->peer = session->peer;
    view->security = session->security;
    view->tls_version = session->tls_version;
    view->cipher = session->cipher;
    view->certificate_expires_ms = session->certificate_expires_ms;
    view->little_endian = session->byte_order == CK_LITTLE_ENDIAN;
    return copy_text(arena, &view->peer) && copy_text(arena, &view->tls_version) &&
           copy_text(arena, &view->cipher);
}

static bool copy_km(const struct core *core, struct arena *arena, const struct km *km, struct km_view *view)
{
    const struct layer *layer = object_effective(&km->object);
    view->config = layer->config.km;
    view->revision = layer->revision;
    view->in_file = km->object.layers[ORIGIN_FILE].present;
    view->since_ms = km->since_ms;
    view->key_style_seen = style_name(km->key_style);
    view->last_error = km->last_error;
    view->last_error_detail = km->last_error_detail;
    view->last_error_ms = km->last_error_ms;
    view->held_off_until_ms = core->now_ms < km->held_off_until_ms ? km->held_off_until_wall_ms : 0;
    view->relays_open = km->relays_open;
    view->counters = km->counters;
    return pack_into_arena(arena, pack_km, &view->config) && copy_text(arena, &view->last_error_detail) &&
           (km->session == NULL || copy_session(arena, km->session, view));
}

static bool copy_kms(const struct core *core, struct snapshot *snapshot)
{
    const struct sorted *kms = &core->objects[OBJECT_KM];
    snapshot->kms = arena_allocate(&snapshot->arena, (kms->count + 1) * sizeof *snapshot->kms);
    if (snapshot->kms == NULL)
        return false;
    for (size_t i = 0; i < kms->count; i++) {
        const struct km *km = kms->values[i];
        if (!km_is_enrolled(km))
            continue;
        if (!copy_km(core, &snapshot->arena, km, &snapshot->kms[snapshot->km_count++]))
            return false;
    }
    return true;
}

static bool copy_applications(const struct core *core, struct snapshot *snapshot)
{
    const struct sorted *objects = &core->objects[OBJECT_APPLICATION];
    struct application_view *views =
        arena_allocate(&snapshot->arena, (objects->count + 1) * sizeof *snapshot->applications);
    for (size_t i = 0; views != NULL && i < objects->count; i++) {
        const struct layer *layer = object_effective(objects->values[i]);
        views[i] = (struct application_view){ layer->config.application, layer->revision };
        if (!pack_into_arena(&snapshot->arena, pack_application, &views[i].config))
            return false;
    }
    snapshot->applications = views;
    snapshot->application_count = objects->count;
    return views != NULL;
}

static bool copy_routes(const struct core *core, struct snapshot *snapshot)
{
    const struct sorted *objects = &core->objects[OBJECT_ROUTE];
    struct route_view *views =
        arena_allocate(&snapshot->arena, (objects->count + 1) * sizeof *snapshot->routes);
    for (size_t i = 0; views != NULL && i < objects->count; i++) {
        const struct layer *layer = object_effective(objects->values[i]);
        views[i] = (struct route_view){ layer->config.route, layer->revision,
                                        ((const struct route *)objects->values[i])->uses };
        if (!pack_into_arena(&snapshot->arena, pack_route, &views[i].config))
            return false;
    }
    snapshot->routes = views;
    snapshot->route_count = objects->count;
    return views != NULL;
}

static bool copy_links(const struct core *core, struct snapshot *snapshot)
{
    const struct sorted *objects = &core->objects[OBJECT_LINK];
    struct link_view *views =
        arena_allocate(&snapshot->arena, (objects->count + 1) * sizeof *snapshot->links);
    for (size_t i = 0; views != NULL && i < objects->count; i++) {
        const struct layer *layer = object_effective(objects->values[i]);
        views[i] = (struct link_view){ layer->config.link, layer->revision };
        if (!pack_into_arena(&snapshot->arena, pack_link, &views[i].config))
            return false;
    }
    snapshot->links = views;
    snapshot->link_count = objects->count;
    return views != NULL;
}

static bool copy_documents(const struct core *core, struct snapshot *snapshot)
{
    const struct sorted *objects = &core->objects[OBJECT_DOCUMENT];
    struct document_view *views =
        arena_allocate(&snapshot->arena, (objects->count + 1) * sizeof *snapshot->documents);
    for (size_t i = 0; views != NULL && i < objects->count; i++) {
        const struct layer *layer = object_effective(objects->values[i]);
        views[i] = (struct document_view){ layer->config.document, layer->revision };
        if (!pack_into_arena(&snapshot->arena, pack_document, &views[i].config))
            return false;
    }
    snapshot->documents = views;
    snapshot->document_count = objects->count;
    return views != NULL;
}

static bool copy_refused(const struct core *core, struct snapshot *snapshot)
{
    struct arena *arena = &snapshot->arena;
    snapshot->refused = arena_allocate(arena, (core->refused_count + 1) * sizeof *snapshot->refused);
    if (snapshot->refused == NULL)
        return false;
    for (size_t i = 0; i < core->refused_count; i++) { /* newest first */
        size_t at = (core->refused_next + LIMIT_REFUSED_PEERS - 1 - i) % LIMIT_REFUSED_PEERS;
        const struct refused_peer *peer = &core->refused[at];
        struct refused_view *view = &snapshot->refused[i];
        *view =
            (struct refused_view){ peer->time_ms, peer->peer, peer->identity, peer->reason, peer->detail };
        if (!copy_text(arena, &view->peer) || !copy_text(arena, &view->identity) ||
            !copy_text(arena, &view->detail))
            return false;
    }
    snapshot->refused_count = core->refused_count;
    return true;
}

static void copy_totals(const struct core *core, struct snapshot *snapshot)
{
    snapshot->change_number = core->change_number;
    snapshot->event_id = core->next.next_event_id - 1;
    snapshot->document_change_number = core->document_change_number;
    snapshot->orchestrator_present = decision_orchestrator_present(core);
    snapshot->store_available = core->store_available;
    snapshot->overloaded = core->overloaded;
    memcpy(snapshot->settings.decision_order, core->settings.decision_order,
           sizeof snapshot->settings.decision_order);
    snapshot->settings.orchestrator_ms = core->settings.orchestrator_ms;
    snapshot->settings.completion_ms = core->settings.completion_ms;
    snapshot->totals = core->totals;
    snapshot->totals.kms_enrolled = (uint32_t)core->kms_enrolled;
    snapshot->totals.kms_connected = core->sessions_open;
}

struct snapshot *core_snapshot(const struct core *core, const struct memory *memory, uint64_t wall_ms)
{
    struct snapshot *snapshot = memory_allocate(memory, sizeof *snapshot);
    if (snapshot == NULL)
        return NULL;
    atomic_init(&snapshot->references, 1);
    arena_init(&snapshot->arena, memory);
    snapshot->taken_ms = wall_ms;
    copy_totals(core, snapshot);
    if (copy_kms(core, snapshot) && copy_applications(core, snapshot) && copy_routes(core, snapshot) &&
        copy_links(core, snapshot) && copy_documents(core, snapshot) && copy_refused(core, snapshot))
        return snapshot;
    snapshot_release(snapshot);
    return NULL;
}
