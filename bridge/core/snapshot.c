/* SPDX-License-Identifier: Apache-2.0 */
#include "core/snapshot.h"

#include "core/budget.h"
#include "core/directory_state.h"
#include "core/failing.h"
#include "core/policy.h"
#include "core/relay.h"

/* ---- reading ---- */

static void release_part(struct snapshot_part *part)
{
    if (part == NULL || atomic_fetch_sub_explicit(&part->references, 1, memory_order_acq_rel) != 1)
        return;
    struct memory memory = part->arena.memory;
    arena_fini(&part->arena);
    memory_release(&memory, part, sizeof *part);
}

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
    for (size_t i = 0; i < SNAPSHOT_PARTS; i++)
        release_part(snapshot->parts[i]);
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

static struct text destination_id(const void *view)
{
    return ((const struct destination_view *)view)->config.kma_id;
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

const struct destination_view *snapshot_destination(const struct snapshot *snapshot, struct text id)
{
    return find(snapshot->destinations, snapshot->destination_count, sizeof *snapshot->destinations,
                destination_id, id);
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
    view->policy_in_force = policy_of(core, km, TEXT_ABSENT);
    view->counters = km->counters;
    return pack_into_arena(arena, pack_km, &view->config) && copy_text(arena, &view->last_error_detail) &&
           (km->session == NULL || copy_session(arena, km->session, view));
}

_Static_assert((int)SNAPSHOT_PARTS == (int)OBJECT_KINDS_END, "a part for each kind");

/* Room for a view of each object of the kind; false: out of memory. */
static bool reserve_views(const struct core *core, enum object_kind kind, struct snapshot_part *part,
                          size_t view_bytes)
{
    part->views = arena_allocate(&part->arena, (core->objects[kind].count + 1) * view_bytes);
    return part->views != NULL;
}

static bool copy_kms(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *kms = &core->objects[OBJECT_KM];
    if (!reserve_views(core, OBJECT_KM, part, sizeof(struct km_view)))
        return false;
    struct km_view *views = part->views;
    for (size_t i = 0; i < kms->count; i++) {
        const struct km *km = kms->values[i];
        if (km_is_enrolled(km) && !copy_km(core, &part->arena, km, &views[part->count++]))
            return false;
    }
    return true;
}

static bool copy_applications(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *objects = &core->objects[OBJECT_APPLICATION];
    if (!reserve_views(core, OBJECT_APPLICATION, part, sizeof(struct application_view)))
        return false;
    struct application_view *views = part->views;
    for (; part->count < objects->count; part->count++) {
        const struct layer *layer = object_effective(objects->values[part->count]);
        views[part->count] = (struct application_view){ layer->config.application, layer->revision };
        if (!pack_into_arena(&part->arena, pack_application, &views[part->count].config))
            return false;
    }
    return true;
}

static bool copy_destinations(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *objects = &core->objects[OBJECT_DESTINATION];
    if (!reserve_views(core, OBJECT_DESTINATION, part, sizeof(struct destination_view)))
        return false;
    struct destination_view *views = part->views;
    for (; part->count < objects->count; part->count++) {
        const struct layer *layer = object_effective(objects->values[part->count]);
        views[part->count] = (struct destination_view){ layer->config.destination, layer->revision };
        if (!pack_into_arena(&part->arena, pack_destination, &views[part->count].config))
            return false;
    }
    return true;
}

static bool copy_routes(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *objects = &core->objects[OBJECT_ROUTE];
    if (!reserve_views(core, OBJECT_ROUTE, part, sizeof(struct route_view)))
        return false;
    struct route_view *views = part->views;
    for (; part->count < objects->count; part->count++) {
        const struct route *route = objects->values[part->count];
        const struct layer *layer = object_effective(&route->object);
        views[part->count] = (struct route_view){ layer->config.route, layer->revision, route->uses };
        if (!pack_into_arena(&part->arena, pack_route, &views[part->count].config))
            return false;
    }
    return true;
}

static bool copy_links(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *objects = &core->objects[OBJECT_LINK];
    if (!reserve_views(core, OBJECT_LINK, part, sizeof(struct link_view)))
        return false;
    struct link_view *views = part->views;
    for (; part->count < objects->count; part->count++) {
        const struct link *link = objects->values[part->count];
        const struct layer *layer = object_effective(&link->object);
        views[part->count] = (struct link_view){ .config = layer->config.link,
                                                 .revision = layer->revision,
                                                 .stock = budget_stock(link),
                                                 .keys_used = link->budget.used,
                                                 .recent_failures = failing_recent(core, link),
                                                 .penalised_until_ms = link->failing.until_wall_ms };
        if (!pack_into_arena(&part->arena, pack_link, &views[part->count].config))
            return false;
    }
    return true;
}

static bool copy_documents(const struct core *core, struct snapshot_part *part)
{
    const struct sorted *objects = &core->objects[OBJECT_DOCUMENT];
    if (!reserve_views(core, OBJECT_DOCUMENT, part, sizeof(struct document_view)))
        return false;
    struct document_view *views = part->views;
    for (; part->count < objects->count; part->count++) {
        const struct layer *layer = object_effective(objects->values[part->count]);
        views[part->count] = (struct document_view){ layer->config.document, layer->revision };
        if (!pack_into_arena(&part->arena, pack_document, &views[part->count].config))
            return false;
    }
    return true;
}

/* ---- parts ---- */

static struct snapshot_part *new_part(const struct core *core, const struct snapshot *snapshot,
                                      enum object_kind kind)
{
    static bool (*const copy[OBJECT_KINDS_END])(const struct core *, struct snapshot_part *) = {
        [OBJECT_KM] = copy_kms,
        [OBJECT_APPLICATION] = copy_applications,
        [OBJECT_LINK] = copy_links,
        [OBJECT_ROUTE] = copy_routes,
        [OBJECT_DOCUMENT] = copy_documents,
        [OBJECT_DESTINATION] = copy_destinations,
    };
    const struct memory *memory = &snapshot->arena.memory;
    struct snapshot_part *part = memory_allocate(memory, sizeof *part);
    if (part == NULL)
        return NULL;
    atomic_init(&part->references, 1);
    arena_init(&part->arena, memory);
    part->change_number = core->kind_change_numbers[kind];
    part->budget_number = core->budget_number;
    part->taken_ms = snapshot->monotonic_ms;
    if (copy[kind](core, part))
        return part;
    release_part(part);
    return NULL;
}

/* Their views show what changes without a change of the objects: counters, uses, keys. */
static bool is_live(enum object_kind kind)
{
    return kind == OBJECT_KM || kind == OBJECT_ROUTE || kind == OBJECT_LINK;
}

static uint64_t fresh_for_ms(const struct core *core, enum object_kind kind, const struct snapshot_part *part)
{
    if (!is_live(kind))
        return UINT64_MAX;
    const bool only_grows = kind == OBJECT_LINK && part->budget_number == core->budget_number;
    return only_grows ? SNAPSHOT_GROWTH_MS : SNAPSHOT_LIVE_MS;
}

static bool take_part(const struct core *core, enum object_kind kind, const struct snapshot *previous,
                      struct snapshot *snapshot)
{
    struct snapshot_part *former = previous != NULL ? previous->parts[kind] : NULL;
    const bool is_same = former != NULL && former->change_number == core->kind_change_numbers[kind];
    if (is_same && snapshot->monotonic_ms - former->taken_ms < fresh_for_ms(core, kind, former)) {
        atomic_fetch_add_explicit(&former->references, 1, memory_order_relaxed);
        snapshot->parts[kind] = former;
        snapshot->lags = snapshot->lags || fresh_for_ms(core, kind, former) == SNAPSHOT_LIVE_MS;
        return true;
    }
    snapshot->parts[kind] = new_part(core, snapshot, kind);
    return snapshot->parts[kind] != NULL;
}

static bool take_parts(const struct core *core, const struct snapshot *previous, struct snapshot *snapshot)
{
    for (int kind = 0; kind < OBJECT_KINDS_END; kind++)
        if (!take_part(core, (enum object_kind)kind, previous, snapshot))
            return false;
    snapshot->kms = snapshot->parts[OBJECT_KM]->views;
    snapshot->km_count = snapshot->parts[OBJECT_KM]->count;
    snapshot->applications = snapshot->parts[OBJECT_APPLICATION]->views;
    snapshot->application_count = snapshot->parts[OBJECT_APPLICATION]->count;
    snapshot->destinations = snapshot->parts[OBJECT_DESTINATION]->views;
    snapshot->destination_count = snapshot->parts[OBJECT_DESTINATION]->count;
    snapshot->routes = snapshot->parts[OBJECT_ROUTE]->views;
    snapshot->route_count = snapshot->parts[OBJECT_ROUTE]->count;
    snapshot->links = snapshot->parts[OBJECT_LINK]->views;
    snapshot->link_count = snapshot->parts[OBJECT_LINK]->count;
    snapshot->documents = snapshot->parts[OBJECT_DOCUMENT]->views;
    snapshot->document_count = snapshot->parts[OBJECT_DOCUMENT]->count;
    return true;
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
    snapshot->document_change_number = core->kind_change_numbers[OBJECT_DOCUMENT];
    snapshot->orchestrator_present = decision_orchestrator_present(core);
    snapshot->store_available = core->store_available;
    snapshot->overloaded = core->overloaded;
    snapshot->policy = core->settings.policy;
    snapshot->metric = core->settings.metric;
    snapshot->totals = core->totals;
    snapshot->totals.kms_enrolled = (uint32_t)core->kms_enrolled;
    snapshot->totals.kms_connected = core->sessions_open;
}

struct snapshot *core_snapshot_after(const struct core *core, const struct memory *memory,
                                     struct snapshot_moment moment, const struct snapshot *previous)
{
    struct snapshot *snapshot = memory_allocate(memory, sizeof *snapshot);
    if (snapshot == NULL)
        return NULL;
    atomic_init(&snapshot->references, 1);
    arena_init(&snapshot->arena, memory);
    snapshot->taken_ms = moment.wall_ms;
    snapshot->monotonic_ms = moment.monotonic_ms;
    copy_totals(core, snapshot);
    if (take_parts(core, previous, snapshot) && copy_refused(core, snapshot))
        return snapshot;
    snapshot_release(snapshot);
    return NULL;
}

struct snapshot *core_snapshot(const struct core *core, const struct memory *memory, uint64_t wall_ms)
{
    return core_snapshot_after(core, memory, (struct snapshot_moment){ wall_ms, core->now_ms }, NULL);
}
