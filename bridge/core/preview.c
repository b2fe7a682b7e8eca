/* SPDX-License-Identifier: Apache-2.0 */
#include "core/preview_state.h"

#include <string.h>

#include "core/directory_state.h"
#include "core/held.h"
#include "core/next_hop.h"
#include "core/relay.h"
#include "core/routes.h"

/* ---- copies ---- */

static bool copy_config(struct arena *arena, const struct preview *preview, const void **config)
{
    if (*config == NULL)
        return true;
    void *copy = arena_allocate(arena, object_config_bytes(preview->kind));
    if (copy == NULL)
        return false;
    memcpy(copy, *config, object_config_bytes(preview->kind));
    *config = copy;
    return pack_into_arena(arena, object_packer(preview->kind), copy);
}

static bool copy_change(struct arena *arena, const struct preview *preview, struct preview_change *change)
{
    return pack_into_arena(arena, pack_text_value, &change->id) &&
           copy_config(arena, preview, &change->before) && copy_config(arena, preview, &change->after);
}

static bool copy_list(struct arena *arena, struct preview_list *list)
{
    struct preview_touched *items = arena_allocate(arena, (list->count + 1) * sizeof *items);
    if (items == NULL)
        return false;
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    return true;
}

struct preview *preview_copy(struct arena *arena, const struct preview *preview)
{
    struct preview *copy = arena_allocate(arena, sizeof *copy);
    size_t bytes = (preview->change_count + 1) * sizeof *preview->changes;
    struct preview_change *changes = arena_allocate(arena, bytes);
    if (copy == NULL || changes == NULL)
        return NULL;
    *copy = *preview;
    copy->changes = changes;
    for (size_t i = 0; i < copy->change_count; i++) {
        changes[i] = preview->changes[i];
        if (!copy_change(arena, copy, &changes[i]))
            return NULL;
    }
    return copy_list(arena, &copy->relays) && copy_list(arena, &copy->lookups) ? copy : NULL;
}

/* ---- what changes ---- */

static size_t packed_bytes(const struct preview *preview, const void *config)
{
    union object_config copy;
    struct pack measure = { .block = NULL };
    if (config == NULL)
        return 0;
    memcpy(&copy, config, object_config_bytes(preview->kind));
    object_packer(preview->kind)(&measure, &copy);
    return object_config_bytes(preview->kind) + measure.used_bytes;
}

static bool tell_changes(struct core *core, const struct plan *plan, struct preview *preview)
{
    struct arena *arena = &core->effects->arena;
    size_t room = plan->count < LIMIT_PREVIEW_CHANGES ? plan->count : LIMIT_PREVIEW_CHANGES;
    size_t bytes = 0;
    preview->changes = arena_allocate(arena, (room + 1) * sizeof *preview->changes);
    if (preview->changes == NULL)
        return false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct change *change = &plan->changes[i];
        const struct layer *before = change->object != NULL ? object_effective(change->object) : NULL;
        struct preview_change told = { .id = change->id,
                                       .effect = change->created   ? PREVIEW_CREATED
                                                 : change->deleted ? PREVIEW_DELETED
                                                                   : PREVIEW_UPDATED };
        if (preview->kind != OBJECT_DOCUMENT) { /* it may have secrets */
            told.before = before != NULL ? &before->config : NULL;
            told.after = change_in_force(change);
            bytes += packed_bytes(preview, told.before) + packed_bytes(preview, told.after);
        }
        preview->changes_cut = i == room || (i > 0 && bytes > LIMIT_PREVIEW_BYTES);
        if (preview->changes_cut)
            return true;
        if (!copy_change(arena, preview, &told))
            return false;
        preview->changes[preview->change_count++] = told;
    }
    return true;
}

/* ---- what it takes from requests ---- */

static const struct change *change_of(const struct object *object)
{
    return object != NULL && object->previewed != NULL && object->previewed->in_force ? object->previewed
                                                                                      : NULL;
}

static bool km_ends(const struct km *km)
{
    const struct change *change = change_of(&km->object);
    const union object_config *after = change != NULL ? change_in_force(change) : NULL;
    return change != NULL && (after == NULL || !after->km.enabled);
}

static bool names(const struct text *texts, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(texts[i], name))
            return true;
    }
    return false;
}

/* Its identity, too, is what its session lives by. */
static bool km_loses_session(const struct km *km)
{
    const struct change *change = change_of(&km->object);
    if (change == NULL || km_ends(km))
        return change != NULL;
    const struct km_config *after = &change_in_force(change)->km;
    return km->session != NULL && !names(after->identities, after->identity_count, km->session->identity);
}

static bool takes_kma(const struct kma *kma)
{
    const struct change *change = kma != NULL && kma->km != NULL ? change_of(&kma->km->object) : NULL;
    return change != NULL && (km_ends(kma->km) || !names(change_in_force(change)->km.kma_ids,
                                                         change_in_force(change)->km.kma_id_count, kma->id));
}

static bool takes_link(const struct link *link)
{
    const struct change *change = change_of(&link->object);
    const union object_config *after = change != NULL ? change_in_force(change) : NULL;
    return change != NULL &&
           (after == NULL || after->link.state == LINK_DOWN || !text_equal(after->link.kma_a, link->a->id) ||
            !text_equal(after->link.kma_b, link->b->id));
}

static bool takes_adjacency(const struct core *core, struct text from, struct text to)
{
    const struct kma *a = kma_find(core, from);
    const struct kma *b = kma_find(core, to);
    if (a == NULL || b == NULL)
        return false;
    for (const struct chain_node *node = links_between(core, a, b); node != NULL; node = node->next) {
        if (takes_link(node->owner))
            return true;
    }
    return false;
}

static bool takes_route(const struct core *core, struct text route_id)
{
    const struct change *change =
        text_is_present(route_id) ? change_of(object_find(core, OBJECT_ROUTE, route_id)) : NULL;
    return change != NULL &&
           (change->deleted ||
            !route_ways_equal(&change->config->route, &object_effective(change->object)->config.route));
}

static bool takes_way(const struct core *core, const struct relay_record *record)
{
    if (takes_route(core, record->route_id))
        return true;
    for (size_t i = 0; i < record->path_length; i++) {
        if (takes_kma(kma_find(core, record->path[i])) ||
            (i > 0 && takes_adjacency(core, record->path[i - 1], record->path[i])))
            return true;
    }
    return false;
}

static bool add(struct core *core, struct preview_list *list, uint64_t request_id, enum touch touch)
{
    if (list->items == NULL)
        list->items = arena_allocate(&core->effects->arena, LIMIT_PREVIEW_TOUCHED * sizeof *list->items);
    if (list->items == NULL)
        return false;
    if (list->count < LIMIT_PREVIEW_TOUCHED)
        list->items[list->count++] = (struct preview_touched){ request_id, touch };
    list->total++;
    return true;
}

static bool tell_taken_of(struct core *core, const struct km *km, struct preview *preview, size_t *looked_at)
{
    bool ends = km_ends(km);
    for (const struct relay *relay = km->relays; relay != NULL; relay = relay->next) {
        preview->not_all_looked_at |= *looked_at == LIMIT_PREVIEW_LOOKED_AT;
        if (preview->not_all_looked_at)
            return true;
        ++*looked_at;
        bool in_flight = relay->record.state == RELAY_INSTRUCTED && takes_way(core, &relay->record);
        if ((ends || in_flight) &&
            !add(core, &preview->relays, relay->record.relay_id, ends ? TOUCH_ORPHANED : TOUCH_IN_FLIGHT))
            return false;
    }
    bool unanswered = km_loses_session(km);
    for (const struct lookup *lookup = km->lookups; unanswered && lookup != NULL; lookup = lookup->next) {
        if (!add(core, &preview->lookups, lookup->record.lookup_id, TOUCH_UNANSWERED))
            return false;
    }
    return true;
}

static bool tell_taken(struct core *core, struct preview *preview)
{
    const struct sorted *kms = &core->objects[OBJECT_KM];
    size_t looked_at = 0;
    for (size_t i = 0; i < kms->count && !preview->not_all_looked_at; i++) {
        if (!tell_taken_of(core, kms->values[i], preview, &looked_at))
            return false;
    }
    return true;
}

/* ---- what it decides ---- */

/* It takes keys from those that are looked at after it. */
static bool is_decided_by_route(struct core *core, struct trial *trial, struct relay *relay)
{
    struct routes_passed passed;
    const struct route *route = decision_route(core, relay, &passed);
    if (route == NULL)
        return false;
    const struct route_config *config = route_config_of(route);
    (void)budget_try_path(core, &trial->budget, config->path, config->path_length); /* or the step says so */
    return true;
}

static bool is_decided(struct core *core, struct trial *trial, struct relay *relay)
{
    switch (held_turn_of_relay(core, relay)) {
    case HELD_WAITS:
        break;
    case HELD_ASKS_ROUTES:
        return is_decided_by_route(core, trial, relay);
    case HELD_IS_OVER:
        return true;
    }
    return false;
}

static bool is_answered(struct core *core, struct lookup *lookup)
{
    switch (held_turn_of_lookup(core, lookup)) {
    case HELD_WAITS:
        break;
    case HELD_ASKS_ROUTES:
        return next_hop_has_routes(core, lookup);
    case HELD_IS_OVER:
        return true;
    }
    return false;
}

/* While the plan is in force. */
static bool tell_decided(struct core *core, struct trial *trial, struct preview *preview)
{
    size_t looked_at = 0;
    for (struct relay *relay = core->first_held_relay; relay != NULL; relay = relay->held_next) {
        preview->not_all_looked_at |= looked_at++ == LIMIT_PREVIEW_LOOKED_AT;
        if (preview->not_all_looked_at)
            return true;
        if (!km_ends(relay->km) && is_decided(core, trial, relay) &&
            !add(core, &preview->relays, relay->record.relay_id, TOUCH_DECIDED))
            return false;
    }
    for (struct lookup *lookup = core->first_held_lookup; lookup != NULL; lookup = lookup->held_next) {
        preview->not_all_looked_at |= looked_at++ == LIMIT_PREVIEW_LOOKED_AT;
        if (preview->not_all_looked_at)
            return true;
        if (!km_loses_session(lookup->km) && is_answered(core, lookup) &&
            !add(core, &preview->lookups, lookup->record.lookup_id, TOUCH_DECIDED))
            return false;
    }
    return true;
}

/* Who is held now was not decided by what is in force: what the plan in force decides, the plan lets decide.
 */
static bool try_plan(struct core *core, struct plan *plan, struct preview *preview)
{
    struct trial trial;
    if (core->first_held_relay == NULL && core->first_held_lookup == NULL)
        return true;
    if (plan->count > LIMIT_PREVIEW_LOOKED_AT) {
        preview->not_all_looked_at = true;
        return true;
    }
    bool told = trial_begin(core, plan, &trial) && tell_decided(core, &trial, preview);
    trial_end(core, plan, &trial);
    return told;
}

static void mark(const struct plan *plan, bool marked)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->changes[i].object != NULL)
            plan->changes[i].object->previewed = marked ? &plan->changes[i] : NULL;
    }
}

const struct preview *preview_plan(struct core *core, struct plan *plan, enum object_kind kind)
{
    struct preview *preview = arena_allocate(&core->effects->arena, sizeof *preview);
    if (preview == NULL)
        return NULL;
    *preview = (struct preview){ .kind = kind };
    mark(plan, true);
    bool whole = tell_changes(core, plan, preview) &&
                 (kind == OBJECT_DOCUMENT || (tell_taken(core, preview) && try_plan(core, plan, preview)));
    mark(plan, false);
    return whole ? preview : NULL;
}
