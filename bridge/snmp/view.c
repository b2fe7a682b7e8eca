/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/view.h"

#include <stdlib.h>
#include <string.h>

#include "snmp/cell.h"
#include "system/process_heap.h"

void view_init(struct view *view, const struct snmp_backend *backend)
{
    *view = (struct view){ .backend = backend };
    arena_init(&view->relays.arena, &process_heap);
}

void view_fini(struct view *view)
{
    snapshot_release(view->snapshot);
    free(view->order);
    arena_fini(&view->relays.arena);
}

/* ---- objects by their numbers ---- */

static int compare_numbers(uint64_t left, uint64_t right)
{
    return left < right ? -1 : left > right;
}

static int compare_kms(const void *left, const void *right)
{
    return compare_numbers((*(const struct km_view *const *)left)->revision.first,
                           (*(const struct km_view *const *)right)->revision.first);
}

static int compare_routes(const void *left, const void *right)
{
    return compare_numbers((*(const struct route_view *const *)left)->revision.first,
                           (*(const struct route_view *const *)right)->revision.first);
}

static int compare_links(const void *left, const void *right)
{
    return compare_numbers((*(const struct link_view *const *)left)->revision.first,
                           (*(const struct link_view *const *)right)->revision.first);
}

static bool reserve_order(struct view *view, size_t count)
{
    if (count <= view->order_capacity)
        return true;
    void *order = realloc(view->order, count * sizeof(void *));
    if (order == NULL)
        return false;
    view->order = order;
    view->order_capacity = count;
    return true;
}

/* Sorted, they are the last ones. */
static void leave_out_the_unnumberable(struct view *view, const struct snapshot *snapshot)
{
    view->km_count = snapshot->km_count;
    while (view->km_count > 0 && view->kms[view->km_count - 1]->revision.first > VIEW_NUMBER_MAX)
        view->km_count--;
    view->route_count = snapshot->route_count;
    while (view->route_count > 0 && view->routes[view->route_count - 1]->revision.first > VIEW_NUMBER_MAX)
        view->route_count--;
    view->link_count = snapshot->link_count;
    while (view->link_count > 0 && view->links[view->link_count - 1]->revision.first > VIEW_NUMBER_MAX)
        view->link_count--;
}

static void put_in_order(struct view *view, const struct snapshot *snapshot)
{
    const void **at = view->order;
    view->kms = (const struct km_view **)at;
    for (size_t i = 0; i < snapshot->km_count; i++)
        *at++ = &snapshot->kms[i];
    view->routes = (const struct route_view **)at;
    for (size_t i = 0; i < snapshot->route_count; i++)
        *at++ = &snapshot->routes[i];
    view->links = (const struct link_view **)at;
    for (size_t i = 0; i < snapshot->link_count; i++)
        *at++ = &snapshot->links[i];
    qsort(view->kms, snapshot->km_count, sizeof *view->kms, compare_kms);
    qsort(view->routes, snapshot->route_count, sizeof *view->routes, compare_routes);
    qsort(view->links, snapshot->link_count, sizeof *view->links, compare_links);
    leave_out_the_unnumberable(view, snapshot);
}

void view_refresh(struct view *view, uint64_t monotonic_ms)
{
    if (view->snapshot != NULL && monotonic_ms - view->taken_ms < VIEW_AGE_MS)
        return;
    struct snapshot *snapshot = view->backend->snapshot(view->backend->context);
    if (snapshot == view->snapshot) { /* nothing has happened */
        snapshot_release(snapshot);
    } else if (reserve_order(view, snapshot->km_count + snapshot->route_count + snapshot->link_count + 1)) {
        snapshot_release(view->snapshot);
        view->snapshot = snapshot;
        put_in_order(view, snapshot);
    } else {
        snapshot_release(snapshot);
        return;
    }
    view->backend->facts(view->backend->context, &view->facts);
    view->taken_ms = monotonic_ms;
}

/* ---- relays ---- */

static struct text copy_path(struct arena *arena, const struct relay_record *relay)
{
    char buffer[CELL_TEXT_BYTES];
    struct cell_text path = cell_text_begin(buffer, sizeof buffer);
    for (size_t i = 0; i < relay->path_length; i++)
        cell_text_word(&path, " ", relay->path[i]);
    return arena_copy(arena, cell_text_end(&path));
}

static bool keep_relay(void *context, const struct relay_record *relay)
{
    struct relay_rows *relays = context;
    if (relays->count == relays->limit)
        return false;
    struct arena *arena = &relays->arena;
    relays->rows[relays->count++] = (struct relay_row){
        .relay_id = relay->relay_id,
        .state = relay->state,
        .reason = relay->reason,
        .decided_by = relay->decided_by,
        .detail = arena_copy(arena, relay->detail),
        .km_id = arena_copy(arena, relay->km_id),
        .source_kma_id = arena_copy(arena, relay->source_kma_id),
        .destination_kma_id = arena_copy(arena, relay->destination_kma_id),
        .application_id = arena_copy(arena, relay->application_destination_id),
        .path = copy_path(arena, relay),
        .received_ms = relay->received_ms,
        .ended_ms = relay->ended_ms,
    };
    return true;
}

/* History gives the newest first, in pieces. */
static bool read_newest(const struct history *history, struct relay_rows *relays)
{
    struct history_filter filter = { 0 };
    relays->limit = VIEW_RELAYS_MAX;
    do {
        uint64_t before_id = 0;
        if (history->relays(history->context, &filter, keep_relay, relays, &before_id) != HISTORY_OK)
            return false;
        filter.before_id = before_id;
    } while (filter.before_id != 0 && relays->count < relays->limit);
    return true;
}

/* Those that were open when they were read, below the ones there are. */
static bool read_older_open_ones(const struct history *history, struct relay_rows *relays)
{
    size_t before;
    relays->limit = VIEW_RELAYS_MAX + VIEW_OPEN_RELAYS_MAX;
    do {
        uint64_t event_id = 0;
        before = relays->count;
        if (history->open_relays(history->context, relays->rows[before - 1].relay_id, keep_relay, relays,
                                 &event_id) != HISTORY_OK)
            return false;
    } while (relays->count > before && relays->count < relays->limit);
    return true;
}

static void put_oldest_first(struct relay_row *rows, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct relay_row row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
}

static bool read_relays(const struct history *history, struct relay_rows *relays)
{
    relays->rows =
        arena_allocate(&relays->arena, (VIEW_RELAYS_MAX + VIEW_OPEN_RELAYS_MAX) * sizeof *relays->rows);
    if (relays->rows == NULL || !read_newest(history, relays) ||
        (relays->count == VIEW_RELAYS_MAX && !read_older_open_ones(history, relays)))
        return false;
    put_oldest_first(relays->rows, relays->count);
    return true;
}

void view_refresh_relays(struct view *view, uint64_t monotonic_ms)
{
    if (view->relays_read_ms != 0 && monotonic_ms - view->relays_read_ms < VIEW_RELAYS_AGE_MS)
        return;
    struct relay_rows fresh = { .rows = NULL };
    arena_init(&fresh.arena, &process_heap);
    view->relays_read_ms = monotonic_ms;
    if (read_relays(&view->backend->history, &fresh)) {
        const struct relay_rows former = view->relays;
        view->relays = fresh;
        fresh = former;
    }
    arena_fini(&fresh.arena);
}
