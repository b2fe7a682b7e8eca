/* SPDX-License-Identifier: Apache-2.0 */
#include "core/budget.h"

#include <assert.h>

#include "core/directory_state.h"
#include "core/emit.h"
#include "core/held.h"
#include "core/pack.h"
#include "core/planner.h"

static const struct layer *layer_of(const struct link *link)
{
    return object_effective(&link->object);
}

/* ---- what there is ---- */

/* Keys an hour; 0: none, or nobody told. A link that is down makes none: told up, its stock is told anew. */
static uint64_t rate_of(const struct link *link)
{
    const struct link_config *config = &layer_of(link)->config.link;
    const int64_t rate = config->key_rate;
    if (rate <= 0 || config->state == LINK_DOWN)
        return 0;
    return (uint64_t)rate < KEY_STOCK_RATE_MAX ? (uint64_t)rate : KEY_STOCK_RATE_MAX;
}

struct key_stock budget_stock(const struct link *link)
{
    const struct budget *budget = &link->budget;
    const int64_t capacity = layer_of(link)->config.link.key_capacity;
    return (struct key_stock){ .is_told = budget->is_told,
                               .keys = budget->keys,
                               .as_of_ms = budget->as_of_ms,
                               .per_hour = rate_of(link),
                               .capacity = capacity > 0 ? (uint64_t)capacity : INT64_MAX,
                               .reserved = budget->reserved };
}

int64_t budget_available(const struct core *core, const struct link *link)
{
    const struct key_stock stock = budget_stock(link);
    return key_stock_available(&stock, core->wall_ms);
}

/* Of the links that join them and are up, the one with most keys; NULL: none does. */
static struct link *widest(const struct core *core, const struct kma *from, const struct kma *to)
{
    struct link *best = NULL;
    int64_t best_keys = 0;
    if (from == NULL || to == NULL)
        return NULL;
    for (const struct chain_node *node = links_between(core, from, to); node != NULL; node = node->next) {
        struct link *link = node->owner;
        if (layer_of(link)->config.link.state != LINK_UP)
            continue;
        const int64_t available = budget_available(core, link);
        const int64_t keys = available < 0 ? INT64_MAX : available;
        if (best == NULL || keys > best_keys ||
            (keys == best_keys && text_compare(link->object.id, best->object.id) < 0)) {
            best = link;
            best_keys = keys;
        }
    }
    return best;
}

bool budget_allows(const struct core *core, const struct kma *from, const struct kma *to)
{
    const struct link *link = widest(core, from, to);
    return link == NULL || budget_available(core, link) != 0;
}

const struct text *budget_allows_path(const struct core *core, const struct text *path, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++) {
        if (!budget_allows(core, kma_find(core, path[i]), kma_find(core, path[i + 1])))
            return &path[i];
    }
    return NULL;
}

/* ---- what is told ---- */

static void note(struct core *core, struct link *link)
{
    core->budget_number++;
    planner_note_link(core, link);
}

/* Told at the end of the step, behind the relays that it follows from. */
static void note_untold(struct core *core, struct link *link)
{
    if (link->budget.is_untold)
        return;
    link->budget.is_untold = true;
    link->budget.next_untold = core->first_untold_link;
    core->first_untold_link = link;
}

void budget_flush(struct core *core)
{
    while (core->first_untold_link != NULL) {
        struct link *link = core->first_untold_link;
        struct budget_record value = { .link_id = link->object.id,
                                       .revision = link->budget.revision,
                                       .keys = link->budget.keys,
                                       .as_of_ms = link->budget.as_of_ms };
        if (emit_record(core, RECORD_BUDGET, pack_budget, &value, sizeof value) == NULL)
            return; /* a later step does */
        link->budget.is_untold = false;
        core->first_untold_link = link->budget.next_untold;
    }
}

static void forget_untold(struct core *core, struct link *link)
{
    struct link **at = &core->first_untold_link;
    while (link->budget.is_untold && *at != link)
        at = &(*at)->budget.next_untold;
    if (link->budget.is_untold)
        *at = link->budget.next_untold;
    link->budget.is_untold = false;
}

/* The stock is what is configured. */
static void take_told(struct link *link, uint64_t as_of_ms)
{
    const struct layer *layer = layer_of(link);
    const int64_t stock = layer->config.link.key_stock;
    link->budget.revision = layer->revision.number;
    link->budget.is_told = stock >= 0;
    link->budget.keys = stock >= 0 ? (uint64_t)stock : 0;
    link->budget.as_of_ms = as_of_ms;
}

static void tell(struct core *core, struct link *link, uint64_t as_of_ms)
{
    forget_untold(core, link); /* of the former stock */
    take_told(link, as_of_ms);
    note(core, link);
}

void budget_bind(struct core *core, struct link *link)
{
    const struct layer *layer = layer_of(link);
    if (!core->is_trial && link->budget.revision != layer->revision.number)
        tell(core, link, layer->revision.changed_ms);
}

/* Nobody told any, or it is what there is. */
static bool is_as_told(const struct core *core, const struct link *link)
{
    const int64_t told = layer_of(link)->config.link.key_stock;
    const struct key_stock stock = budget_stock(link);
    return told < 0 || key_stock_now(&stock, core->wall_ms) == (uint64_t)told;
}

void budget_told_again(struct core *core, struct link *link)
{
    if (is_as_told(core, link))
        return;
    tell(core, link, core->wall_ms);
    note_untold(core, link);
    held_note_offers(core);                 /* there may be keys for who is held */
    objects_note_change(core, OBJECT_LINK); /* who told it reads it at once, though the link is as it was */
}

void budget_restore(struct core *core, const struct budget_record *row)
{
    struct link *link = (struct link *)object_find(core, OBJECT_LINK, row->link_id);
    if (link == NULL || object_effective(&link->object) == NULL ||
        layer_of(link)->revision.number != row->revision || layer_of(link)->config.link.key_stock < 0)
        return;
    link->budget.revision = row->revision;
    link->budget.is_told = true;
    link->budget.keys = row->keys;
    link->budget.as_of_ms = row->as_of_ms;
}

/* ---- what would be told ---- */

/* False: out of memory, and nothing of it may change. */
static bool remember(struct core *core, struct budget_trial *trial, struct link *link)
{
    if (link->budget.is_tried)
        return true;
    struct tried_budget *tried = arena_allocate(&core->scratch, sizeof *tried);
    if (tried == NULL) {
        core->out_of_memory = true;
        return false;
    }
    *tried = (struct tried_budget){ link, link->budget, trial->last };
    trial->last = tried;
    link->budget.is_tried = true;
    return true;
}

bool budget_try_told(struct core *core, struct budget_trial *trial, struct link *link)
{
    if (!remember(core, trial, link))
        return false;
    take_told(link, core->wall_ms);
    return true;
}

bool budget_try_told_again(struct core *core, struct budget_trial *trial, struct link *link)
{
    return is_as_told(core, link) || budget_try_told(core, trial, link);
}

bool budget_try_path(struct core *core, struct budget_trial *trial, const struct text *path, size_t length)
{
    for (size_t i = 0; i + 1 < length; i++) {
        struct link *link = widest(core, kma_find(core, path[i]), kma_find(core, path[i + 1]));
        if (link != NULL && !remember(core, trial, link))
            return false;
        if (link != NULL)
            link->budget.reserved++;
    }
    return true;
}

void budget_try_end(struct budget_trial *trial)
{
    for (; trial->last != NULL; trial->last = trial->last->former)
        trial->last->link->budget = trial->last->before;
}

/* ---- reservations ---- */

static void hold(struct reservation *reservation, struct link *link)
{
    *reservation = (struct reservation){ .link = link, .next = link->budget.reservations };
    if (reservation->next != NULL)
        reservation->next->previous = reservation;
    link->budget.reservations = reservation;
}

static void let_go(struct reservation *reservation)
{
    struct link *link = reservation->link;
    *(reservation->previous != NULL ? &reservation->previous->next : &link->budget.reservations) =
        reservation->next;
    if (reservation->next != NULL)
        reservation->next->previous = reservation->previous;
    *reservation = (struct reservation){ .link = NULL };
}

void budget_forget_link(struct core *core, struct link *link)
{
    forget_untold(core, link);
    while (link->budget.reservations != NULL)
        let_go(link->budget.reservations);
    link->budget.reserved = 0;
}

bool budget_reserve(struct core *core, struct relay *relay)
{
    const struct relay_record *record = &relay->record;
    assert(relay->reservations == NULL);
    if (record->path_length < 2)
        return true; /* a row of a journal that is not quite ours */
    relay->reservation_count = record->path_length - 1;
    relay->reservations =
        memory_allocate(&core->memory, relay->reservation_count * sizeof *relay->reservations);
    if (relay->reservations == NULL) {
        relay->reservation_count = 0;
        return false;
    }
    const struct kma *from = kma_find(core, record->path[0]);
    for (size_t i = 0; i < relay->reservation_count; i++) {
        const struct kma *to = kma_find(core, record->path[i + 1]);
        struct link *link = widest(core, from, to);
        from = to;
        relay->reservations[i] = (struct reservation){ .link = NULL };
        if (link == NULL)
            continue; /* an adjacency that no link tells of */
        hold(&relay->reservations[i], link);
        relay->reservations[i].is_held = true;
        link->budget.reserved++;
        note(core, link);
    }
    return true;
}

static void give_back(struct core *core, struct reservation *reservation)
{
    if (!reservation->is_held)
        return;
    assert(reservation->link->budget.reserved > 0);
    reservation->is_held = false;
    reservation->link->budget.reserved--;
    note(core, reservation->link);
}

void budget_release(struct core *core, struct relay *relay)
{
    for (size_t i = 0; i < relay->reservation_count; i++)
        give_back(core, &relay->reservations[i]);
}

/* What has grown until now is counted, so that what is left of it is told exactly. A stock that was full has
   made nothing since: it grows from now. */
static void count_grown(const struct core *core, struct budget *budget, const struct key_stock *stock)
{
    const uint64_t more = key_stock_grown(stock, core->wall_ms), rate = stock->per_hour;
    budget->keys = key_stock_now(stock, core->wall_ms);
    if (budget->keys == stock->capacity) {
        if (core->wall_ms > budget->as_of_ms)
            budget->as_of_ms = core->wall_ms;
    } else if (more > 0) {
        /* the time that made them, and no more: rounded up, or what is left would make some again */
        budget->as_of_ms +=
            more / rate * KEY_STOCK_HOUR_MS + (more % rate * KEY_STOCK_HOUR_MS + rate - 1) / rate;
    }
}

static void use_one(struct core *core, struct link *link)
{
    struct budget *budget = &link->budget;
    budget->used++;
    if (!budget->is_told)
        return;
    const struct key_stock stock = budget_stock(link);
    count_grown(core, budget, &stock);
    if (budget->keys > 0)
        budget->keys--;
    note_untold(core, link);
}

void budget_use(struct core *core, struct relay *relay)
{
    for (size_t i = 0; i < relay->reservation_count; i++) {
        struct reservation *reservation = &relay->reservations[i];
        give_back(core, reservation);
        if (reservation->link == NULL || reservation->is_used)
            continue;
        reservation->is_used = true;
        use_one(core, reservation->link);
        note(core, reservation->link);
    }
}

void budget_forget_relay(struct core *core, struct relay *relay)
{
    budget_release(core, relay);
    for (size_t i = 0; i < relay->reservation_count; i++) {
        if (relay->reservations[i].link != NULL)
            let_go(&relay->reservations[i]);
    }
    memory_release(&core->memory, relay->reservations,
                   relay->reservation_count * sizeof *relay->reservations);
    relay->reservations = NULL;
    relay->reservation_count = 0;
}
