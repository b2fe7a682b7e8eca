/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/view.h"

#include <stdlib.h>
#include <string.h>

#include "snmp/cell.h"
#include "system/process_heap.h"

void view_init(struct view *view, const struct snmp_backend *backend)
{
    *view = (struct view){ .backend = backend };
    arena_init(&view->relay_arena, &process_heap);
}

void view_fini(struct view *view)
{
    snapshot_release(view->snapshot);
    free(view->order);
    arena_fini(&view->relay_arena);
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
    struct view *view = context;
    if (view->relay_count == view->relay_limit)
        return false;
    struct arena *arena = &view->relay_arena;
    view->relays[view->relay_count++] = (struct relay_row){
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
static void read_newest(struct view *view)
{
    const struct history *history = &view->backend->history;
    struct history_filter filter = { 0 };
    enum history_status status;
    view->relay_limit = VIEW_RELAYS_MAX;
    do {
        uint64_t before_id = 0;
        status = history->relays(history->context, &filter, keep_relay, view, &before_id);
        filter.before_id = before_id;
    } while (status == HISTORY_OK && filter.before_id != 0 && view->relay_count < view->relay_limit);
}

/* Those that were open when they were read, below the ones there are. */
static void read_older_open_ones(struct view *view)
{
    const struct history *history = &view->backend->history;
    size_t before;
    view->relay_limit = VIEW_RELAYS_MAX + VIEW_OPEN_RELAYS_MAX;
    do {
        uint64_t event_id = 0;
        before = view->relay_count;
        if (history->open_relays(history->context, view->relays[before - 1].relay_id, keep_relay, view,
                                 &event_id) != HISTORY_OK)
            return;
    } while (view->relay_count > before);
}

static void put_oldest_first(struct relay_row *rows, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct relay_row row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
}

void view_refresh_relays(struct view *view, uint64_t monotonic_ms)
{
    enum { ROWS_MAX = VIEW_RELAYS_MAX + VIEW_OPEN_RELAYS_MAX };
    if (view->relays_read_ms != 0 && monotonic_ms - view->relays_read_ms < VIEW_RELAYS_AGE_MS)
        return;
    arena_clear(&view->relay_arena);
    view->relay_count = 0;
    view->relays = arena_allocate(&view->relay_arena, ROWS_MAX * sizeof *view->relays);
    if (view->relays == NULL)
        return;
    read_newest(view);
    if (view->relay_count == VIEW_RELAYS_MAX)
        read_older_open_ones(view);
    put_oldest_first(view->relays, view->relay_count);
    view->relays_read_ms = monotonic_ms;
}
