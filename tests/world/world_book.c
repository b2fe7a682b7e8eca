/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of every link and KMA at a moment, kept from the rows alone: what a link costs, which keys it
   has left and which are reserved, and whether the planner must know it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "world/world.h"

/* ---- names ---- */

size_t book_edge(const struct world *world, struct text link_id)
{
    const struct text prefix = TEXT("link-");
    uint64_t number;
    if (!text_starts_with(link_id, prefix) ||
        !text_to_u64((struct text){ link_id.bytes + prefix.length, link_id.length - prefix.length },
                     WORLD_EDGES_MAX, &number))
        return world->graph.edge_count;
    return number < world->graph.edge_count ? (size_t)number : world->graph.edge_count;
}

static bool joins(const struct edge *edge, size_t a, size_t b)
{
    return (edge->a == a && edge->b == b) || (edge->a == b && edge->b == a);
}

/* ---- links ---- */

static const struct record *link_in_force(const struct link_book *book)
{
    for (int origin = ORIGIN_API; origin >= ORIGIN_FILE; origin--) {
        const struct object_row *row = book->rows[origin];
        if (row != NULL && row->shadow != NULL)
            return &row->shadow->record;
    }
    return NULL;
}

const struct link_config *book_link(const struct world *world, size_t edge)
{
    const struct record *record = link_in_force(&world->book.links[edge]);
    return record != NULL ? &record->link : NULL;
}

int64_t book_keys(const struct world *world, size_t edge, uint64_t wall_ms)
{
    const struct link_book *book = &world->book.links[edge];
    const struct record *link = link_in_force(book);
    if (link == NULL || link->link.key_stock < 0)
        return -1;
    const bool is_used = book->budget != NULL && book->budget->shadow != NULL &&
                         book->budget->shadow->record.budget.revision == link->revision.number;
    const int64_t stock = keys_grown(&link->link, link->revision.changed_ms,
                                     is_used ? &book->budget->shadow->record.budget : NULL, wall_ms);
    return stock > (int64_t)book->reserved ? stock - (int64_t)book->reserved : 0;
}

bool book_is_penalised(const struct world *world, size_t edge)
{
    return world->penalties.until_ms[edge] != 0 &&
           world->book.links[edge].recovered_step != world->step_number;
}

bool book_is_sure(const struct world *world, size_t edge, uint64_t relay_id)
{
    const struct link_book *book = &world->book.links[edge];
    return world->monotonic_ms >= book->known_from_ms &&
           (book->muddled_step != world->step_number || (relay_id != 0 && book->muddled_by == relay_id));
}

/* ---- what is reserved ---- */

/* As a relay reserves: of the links that are up, the one with most keys; edge_count: none. */
static size_t widest_between(const struct world *world, size_t a, size_t b, uint64_t wall_ms)
{
    size_t best = world->graph.edge_count;
    int64_t best_keys = 0;
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        const struct edge *edge = &world->graph.edges[i];
        const struct link_config *link = joins(edge, a, b) ? book_link(world, i) : NULL;
        if (link == NULL || link->state != LINK_UP)
            continue;
        int64_t keys = book_keys(world, i, wall_ms);
        if (keys < 0)
            keys = INT64_MAX;
        if (best == world->graph.edge_count || keys > best_keys ||
            (keys == best_keys && strcmp(edge->name, world->graph.edges[best].name) < 0)) {
            best = i;
            best_keys = keys;
        }
    }
    return best;
}

static void reserve(struct world *world, struct request_row *row, const struct relay_record *relay,
                    uint64_t wall_ms)
{
    size_t from = graph_node(world, relay->path[0]);
    for (size_t i = 0; i + 1 < relay->path_length && i < WORLD_NODES_MAX; i++) {
        const size_t to = graph_node(world, relay->path[i + 1]);
        const size_t edge = widest_between(world, from, to, wall_ms);
        from = to;
        if (edge == world->graph.edge_count)
            continue;
        row->holds = realloc(row->holds, (row->hold_count + 1) * sizeof *row->holds);
        assert(row->holds != NULL);
        row->holds[row->hold_count++] = edge;
        world->book.links[edge].reserved++;
    }
}

static void release(struct world *world, struct request_row *row)
{
    for (size_t i = 0; i < row->hold_count; i++) {
        struct link_book *book = &world->book.links[row->holds[i]];
        if (book->reserved > 0) /* else the link went meanwhile, and with it what was reserved */
            book->reserved--;
    }
    row->hold_count = 0;
}

static void forget_reservations(struct world *world, size_t edge)
{
    world->book.links[edge].reserved = 0;
    for (size_t id = 1; id < world->rows.relay_capacity; id++) {
        struct request_row *row = &world->rows.relays[id];
        size_t kept = 0;
        for (size_t i = 0; i < row->hold_count; i++) {
            if (row->holds[i] != edge)
                row->holds[kept++] = row->holds[i];
        }
        row->hold_count = kept;
    }
}

void book_note_relay(struct world *world, struct request_row *row, const struct relay_record *old,
                     const struct relay_record *new)
{
    const bool was_held = old != NULL && old->state == RELAY_INSTRUCTED;
    if (was_held && new->state != RELAY_INSTRUCTED)
        release(world, row);
    else if (!was_held && new->state == RELAY_INSTRUCTED)
        reserve(world, row, new, world->step_wall_ms);
}

/* ---- what is written ---- */

/* Many new links cost the planner one rebuilding: until then it may not know them. */
static uint64_t known_from(const struct world *world)
{
    enum { REBUILD_MS = 50, LINKS_PER_MS = 50 };
    return world->monotonic_ms + REBUILD_MS + world->graph.edge_count / LINKS_PER_MS;
}

void book_note_record(struct world *world, const struct record *record)
{
    const enum record_kind kind = record_base_kind(record->kind);
    struct book *book = &world->book;
    if (kind == RECORD_KM)
        book->places_known = false;
    if (kind != RECORD_LINK && kind != RECORD_BUDGET)
        return;
    const struct text id = kind == RECORD_BUDGET          ? record->budget.link_id
                           : record_deletes(record->kind) ? record->deleted_id
                                                          : record->link.link_id;
    const size_t edge = book_edge(world, id);
    if (edge == world->graph.edge_count)
        world_fail(world, "a row of link %.*s, and nobody has put it", TEXT_ARGUMENTS(id));
    struct link_book *link = &book->links[edge];
    const enum origin origin = record->revision.origin;
    if (kind == RECORD_BUDGET) {
        link->budget = rows_object(world, kind, origin, id);
        return;
    }
    link->rows[origin] = rows_object(world, kind, origin, id);
    const bool in_force = link_in_force(link) != NULL;
    if (in_force && !link->was_in_force)
        link->known_from_ms = known_from(world);
    if (!in_force && link->was_in_force)
        forget_reservations(world, edge);
    link->was_in_force = in_force;
}

/* ---- a step in which several things happen ---- */

static void muddle(struct world *world, size_t edge, uint64_t by)
{
    struct link_book *book = &world->book.links[edge];
    book->muddled_by = book->muddled_step == world->step_number && book->muddled_by != by ? 0 : by;
    book->muddled_step = world->step_number;
}

static void muddle_path(struct world *world, const struct relay_record *relay)
{
    for (size_t i = 0; i + 1 < relay->path_length; i++) {
        const size_t a = graph_node(world, relay->path[i]), b = graph_node(world, relay->path[i + 1]);
        for (size_t edge = 0; edge < world->graph.edge_count; edge++) {
            if (joins(&world->graph.edges[edge], a, b))
                muddle(world, edge, relay->relay_id);
        }
    }
}

static void look_at_record(struct world *world, const struct record *record)
{
    if (record->kind == RECORD_BUDGET) {
        const size_t edge = book_edge(world, record->budget.link_id);
        if (edge < world->graph.edge_count)
            muddle(world, edge, 0);
    } else if (record->kind == RECORD_RELAY) {
        const struct kept *kept = rows_relay(world, record->relay.relay_id)->shadow;
        if (kept == NULL || kept->record.relay.state != record->relay.state)
            muddle_path(world, &record->relay);
    }
}

static void look_at_notice(struct world *world, const struct notice *notice)
{
    const size_t edge =
        notice->type == NOTICE_LINK_CHANGED ? book_edge(world, notice->link_id) : world->graph.edge_count;
    if (edge == world->graph.edge_count)
        return;
    if (text_equal_c(text_from_c(notice->change), "penalised"))
        muddle(world, edge, 0);
    else if (text_equal_c(text_from_c(notice->change), "recovered")) /* before anything is decided */
        world->book.links[edge].recovered_step = world->step_number;
}

void book_before_effects(struct world *world, const struct step *step)
{
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD)
            look_at_record(world, &effect->record);
        else if (effect->kind == EFFECT_NOTICE)
            look_at_notice(world, &effect->notice);
    }
}

/* ---- KMAs ---- */

static void find_places(struct world *world)
{
    struct book *book = &world->book;
    for (size_t i = 0; i < world->graph.node_count; i++) {
        book->owner[i] = WORLD_KMS_MAX;
        book->disabled[i] = false;
    }
    for (size_t km = 0; km < world->km_count; km++) {
        const struct km_config *config = config_km(world, text_from_c(world->kms[km].name));
        for (size_t i = 0; config != NULL && i < config->kma_id_count; i++) {
            const size_t node = graph_node(world, config->kma_ids[i]);
            if (node == world->graph.node_count)
                continue;
            book->owner[node] = km;
            book->disabled[node] = !config->enabled;
        }
    }
    book->places_known = true;
}

size_t book_owner(struct world *world, size_t node)
{
    if (!world->book.places_known)
        find_places(world);
    return world->book.owner[node];
}

bool book_is_disabled(struct world *world, size_t node)
{
    if (!world->book.places_known)
        find_places(world);
    return world->book.disabled[node];
}

/* ---- another process ---- */

void book_restart(struct world *world)
{
    struct book *book = &world->book;
    book->places_known = false;
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        struct link_book *link = &book->links[i];
        link->known_from_ms = link->reserved = 0;
        link->was_in_force = link_in_force(link) != NULL;
    }
    for (size_t id = 1; id < world->rows.relay_capacity; id++)
        world->rows.relays[id].hold_count = 0;
}

/* It holds again what it held, or the like: the core does not know the time yet, so that no stock has grown.
 */
void book_restored(struct world *world, const struct relay_record *relay)
{
    if (relay->state == RELAY_INSTRUCTED)
        reserve(world, rows_relay(world, relay->relay_id), relay, 0);
}
