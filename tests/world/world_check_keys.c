/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and links: no path over a link known to be down, no key promised that is not there, none reserved for
 * ever. */
#include "world/world.h"

typedef unsigned long long ull;

enum { HOUR_MS = 3600000, SECOND_MS = 1000 };

/* What is in force of a link; the API's wins. NULL: it is not configured. */
static const struct record *link_record(const struct world *world, const char *id)
{
    const struct record *of_file = NULL;
    for (size_t i = 0; i < world->rows.object_count; i++) {
        const struct object_row *row = &world->rows.objects[i];
        if (row->kind != RECORD_LINK || row->shadow == NULL || !text_equal_c(text_from_c(id), row->id))
            continue;
        if (row->origin == ORIGIN_API)
            return &row->shadow->record;
        of_file = &row->shadow->record;
    }
    return of_file;
}

static bool joins(const struct link_config *link, struct text a, struct text b)
{
    return (text_equal(link->kma_a, a) && text_equal(link->kma_b, b)) ||
           (text_equal(link->kma_a, b) && text_equal(link->kma_b, a));
}

/* False: there are links between them, and none is up. */
static bool is_passable(const struct world *world, struct text a, struct text b)
{
    bool known = false;
    for (size_t i = 0; i < world->graph.edge_count; i++) {
        const struct record *record = link_record(world, world->graph.edges[i].name);
        if (record == NULL || !joins(&record->link, a, b))
            continue;
        known = true;
        if (record->link.state == LINK_UP)
            return true;
    }
    return !known;
}

void check_path_is_up(struct world *world, const struct relay_record *relay)
{
    for (size_t i = 0; i + 1 < relay->path_length; i++) {
        if (!is_passable(world, relay->path[i], relay->path[i + 1]))
            world_fail(world, "relay %llu was sent over %.*s to %.*s, and every link there is down",
                       (ull)relay->relay_id, TEXT_ARGUMENTS(relay->path[i]),
                       TEXT_ARGUMENTS(relay->path[i + 1]));
    }
}

/* Open relays that were sent this way. */
static uint64_t relays_between(const struct world *world, struct text a, struct text b)
{
    uint64_t count = 0;
    for (size_t id = 1; id < world->rows.relay_capacity; id++) {
        const struct kept *kept = world->rows.relays[id].shadow;
        if (kept == NULL || kept->record.relay.state != RELAY_INSTRUCTED)
            continue;
        const struct relay_record *relay = &kept->record.relay;
        for (size_t i = 0; i + 1 < relay->path_length; i++)
            count += (text_equal(relay->path[i], a) && text_equal(relay->path[i + 1], b)) ||
                     (text_equal(relay->path[i], b) && text_equal(relay->path[i + 1], a));
    }
    return count;
}

static uint64_t reserved_between(const struct snapshot *snapshot, struct text a, struct text b)
{
    uint64_t reserved = 0;
    for (size_t i = 0; i < snapshot->link_count; i++) {
        if (joins(&snapshot->links[i].config, a, b))
            reserved += snapshot->links[i].stock.reserved;
    }
    return reserved;
}

int64_t keys_grown(const struct link_config *link, uint64_t told_ms, const struct budget_record *budget,
                   uint64_t wall_ms)
{
    uint64_t keys = budget != NULL ? budget->keys : (uint64_t)link->key_stock;
    const uint64_t as_of_ms = budget != NULL ? budget->as_of_ms : told_ms;
    const uint64_t now_ms = wall_ms - wall_ms % SECOND_MS;
    if (link->key_rate > 0 && link->state == LINK_UP && now_ms > as_of_ms)
        keys += (now_ms - as_of_ms) * (uint64_t)link->key_rate / HOUR_MS;
    if (link->key_capacity > 0 && keys > (uint64_t)link->key_capacity)
        keys = (uint64_t)link->key_capacity;
    return (int64_t)keys;
}

/* As the journal tells it. */
static int64_t stock_of(const struct world *world, const struct link_view *link)
{
    const struct budget_record *budget = NULL;
    for (size_t i = 0; i < world->rows.object_count && budget == NULL; i++) {
        const struct object_row *row = &world->rows.objects[i];
        if (row->kind == RECORD_BUDGET && row->shadow != NULL &&
            text_equal_c(link->config.link_id, row->id) &&
            row->shadow->record.budget.revision == link->revision.number)
            budget = &row->shadow->record.budget;
    }
    return keys_grown(&link->config, link->revision.changed_ms, budget, world->step_wall_ms);
}

/* What is reserved, counted from the relays that hold it. */
static void check_reserved(struct world *world, const struct link_view *link)
{
    const size_t edge = book_edge(world, link->config.link_id);
    if (edge == world->graph.edge_count || world->book.links[edge].reserved != link->stock.reserved)
        world_fail(world, "link %.*s has %u keys reserved, and its relays hold %llu",
                   TEXT_ARGUMENTS(link->config.link_id), link->stock.reserved,
                   edge == world->graph.edge_count ? 0 : (ull)world->book.links[edge].reserved);
}

void check_keys(struct world *world, const struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->link_count; i++) {
        const struct link_view *link = &snapshot->links[i];
        const struct text a = link->config.kma_a, b = link->config.kma_b;
        if (link->stock.reserved > 0 && reserved_between(snapshot, a, b) > relays_between(world, a, b))
            world_fail(world, "link %.*s has keys reserved that no relay holds",
                       TEXT_ARGUMENTS(link->config.link_id));
        if (!world->memory_may_fail)
            check_reserved(world, link);
        const int64_t stock = link->config.key_stock < 0 ? -1 : stock_of(world, link);
        const int64_t left = stock - (int64_t)link->stock.reserved;
        const int64_t expected = stock < 0 ? -1 : left > 0 ? left : 0;
        const int64_t available = key_stock_available(&link->stock, world->step_wall_ms);
        if (available != expected)
            world_fail(world, "link %.*s has %lld keys to give, and should have %lld",
                       TEXT_ARGUMENTS(link->config.link_id), (long long)available, (long long)expected);
        world->coverage->keys_reserved += link->stock.reserved > 0;
        world->coverage->keys_exhausted += available == 0;
        world->coverage->keys_full += link->config.key_capacity > 0 && stock == link->config.key_capacity;
    }
}
