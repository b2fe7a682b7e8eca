/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream_snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "ck/json_writer.h"
#include "http/items.h"
#include "http/page.h"

static const char *const resources[SNAPSHOT_STAGES_END] = { "status",       "kms",    "applications",
                                                            "destinations", "links",  "routes",
                                                            "relays",       "lookups" };

/* ---- what is wanted ---- */

/* Whether events of this type tell of changes of this resource. */
static bool is_about(enum notice_type type, enum snapshot_stage stage)
{
    struct text name = text_from_c(notice_type_name(type));
    switch (stage) {
    case SNAPSHOT_STATUS:
        return true;
    case SNAPSHOT_KMS:
        return text_starts_with(name, TEXT("km.")) || type == NOTICE_CONFIG_CHANGED;
    case SNAPSHOT_APPLICATIONS:
    case SNAPSHOT_DESTINATIONS:
        return type == NOTICE_CONFIG_CHANGED;
    case SNAPSHOT_LINKS:
        return type == NOTICE_LINK_CHANGED;
    case SNAPSHOT_ROUTES:
        return type == NOTICE_ROUTE_CHANGED;
    case SNAPSHOT_RELAYS:
        return text_starts_with(name, TEXT("relay."));
    case SNAPSHOT_LOOKUPS:
        return text_starts_with(name, TEXT("lookup."));
    case SNAPSHOT_STAGES_END:
        break;
    }
    return false;
}

void stream_snapshot_init(struct stream_snapshot *snapshot, const bool types[NOTICES_END])
{
    *snapshot = (struct stream_snapshot){ .active = false };
    for (int type = 0; type < NOTICES_END; type++)
        for (int stage = 0; stage < SNAPSHOT_STAGES_END && types[type]; stage++)
            if (is_about((enum notice_type)type, (enum snapshot_stage)stage))
                snapshot->wanted[stage] = true;
}

static void drop_piece(struct stream_snapshot *snapshot)
{
    free(snapshot->piece);
    snapshot->piece = NULL;
    snapshot->piece_length = snapshot->piece_sent = 0;
}

void stream_snapshot_fini(struct stream_snapshot *snapshot)
{
    drop_piece(snapshot);
}

void stream_snapshot_begin(struct stream_snapshot *snapshot)
{
    drop_piece(snapshot);
    snapshot->active = true;
    snapshot->begun = false;
    snapshot->stage = SNAPSHOT_STATUS;
    snapshot->key_length = 0;
    snapshot->before_id = 0;
}

static void next_stage(struct stream_snapshot *snapshot)
{
    snapshot->stage++;
    snapshot->key_length = 0;
    snapshot->before_id = 0;
}

/* ---- one item ---- */

struct item {
    const char *resource;
    render_function put;
    const void *value;
};

/* Beside strings, where they are escaped, JSON may have line ends: what a KM sent is shown as it came. Here a
   line is the event's. */
static void join_lines(char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] == '\n' || bytes[i] == '\r')
            bytes[i] = ' ';
}

static void put_frame(struct bytes_writer *writer, const void *value)
{
    const struct item *item = value;
    bytes_put_c(writer, "event: snapshot\ndata: ");
    size_t data_at = writer->length;
    json_open_object(writer);
    json_name(writer, "resource");
    json_c(writer, item->resource);
    json_name(writer, "item");
    item->put(writer, item->value);
    json_close_object(writer);
    if (!writer->overflowed)
        join_lines((char *)writer->buffer + data_at, writer->length - data_at);
    bytes_put_c(writer, "\n\n");
}

static void add_item(struct render *render, enum snapshot_stage stage, render_function put, const void *value)
{
    struct item item = { resources[stage], put, value };
    render_value(render, put_frame, &item);
}

static bool is_full(const struct render *render)
{
    return render->failed || render->writer.length >= SNAPSHOT_PIECE_BYTES;
}

/* ---- what the core's view has ---- */

static struct text km_key(const void *item)
{
    return ((const struct km_view *)item)->config.km_id;
}

static struct text application_key(const void *item)
{
    return ((const struct application_view *)item)->config.application_id;
}

static struct text destination_key(const void *item)
{
    return ((const struct destination_view *)item)->config.kma_id;
}

static struct text link_key(const void *item)
{
    return ((const struct link_view *)item)->config.link_id;
}

static struct text route_key(const void *item)
{
    return ((const struct route_view *)item)->config.route_id;
}

static struct listing listing_of(enum snapshot_stage stage, const struct snapshot *view)
{
    switch (stage) {
    case SNAPSHOT_KMS:
        return (struct listing){ view->kms, view->km_count, sizeof *view->kms, km_key, km_put_item, NULL };
    case SNAPSHOT_APPLICATIONS:
        return (struct listing){ view->applications, view->application_count, sizeof *view->applications,
                                 application_key,    application_put_item,    NULL };
    case SNAPSHOT_DESTINATIONS:
        return (struct listing){ view->destinations, view->destination_count, sizeof *view->destinations,
                                 destination_key,    destination_put_item,    NULL };
    case SNAPSHOT_LINKS:
        return (struct listing){ view->links, view->link_count, sizeof *view->links,
                                 link_key,    link_put_item,    NULL };
    case SNAPSHOT_ROUTES:
        return (struct listing){ view->routes, view->route_count, sizeof *view->routes,
                                 route_key,    route_put_item,    NULL };
    case SNAPSHOT_STATUS:
    case SNAPSHOT_RELAYS:
    case SNAPSHOT_LOOKUPS:
    case SNAPSHOT_STAGES_END:
        break;
    }
    return (struct listing){ .count = 0 };
}

/* Objects may come and go between two pieces: an event tells of each that is passed over. */
static void add_listed(struct stream_snapshot *snapshot, const struct listing *listing, struct render *render)
{
    struct text after = { snapshot->key, snapshot->key_length };
    size_t at = page_first_after(listing, after.length > 0 ? after : TEXT_ABSENT);
    for (; at < listing->count && !is_full(render); at++) {
        const void *item = (const char *)listing->items + at * listing->item_bytes;
        struct text key = listing->key(item);
        add_item(render, snapshot->stage, listing->render, item);
        memcpy(snapshot->key, key.bytes, key.length); /* an identifier: LIMIT_IDENTIFIER_BYTES at most */
        snapshot->key_length = key.length;
    }
    if (at == listing->count)
        next_stage(snapshot);
}

static enum snapshot_status add_live(struct stream_snapshot *snapshot, const struct http_backend *backend,
                                     const struct feed *feed, uint64_t least_event_id, struct render *render)
{
    struct snapshot *view = backend->snapshot(backend->context);
    if (view->event_id < least_event_id) {
        snapshot_release(view);
        return SNAPSHOT_LATER;
    }
    snapshot->event_id = view->event_id;
    while (snapshot->stage < SNAPSHOT_RELAYS && !is_full(render)) {
        if (!snapshot->wanted[snapshot->stage]) {
            next_stage(snapshot);
        } else if (snapshot->stage == SNAPSHOT_STATUS) {
            struct status_view status;
            status_view_take(&status, backend, view, feed);
            add_item(render, SNAPSHOT_STATUS, status_put_item, &status);
            next_stage(snapshot);
        } else {
            struct listing listing = listing_of(snapshot->stage, view);
            add_listed(snapshot, &listing, render);
        }
    }
    snapshot_release(view);
    return SNAPSHOT_MADE;
}

/* ---- what the store has ---- */

struct open_piece {
    struct stream_snapshot *snapshot;
    struct render *render;
    uint64_t least_event_id;
    uint64_t event_id;
    size_t shown;
    bool stopped;
};

static bool add_open(struct open_piece *piece, uint64_t id, render_function put, const void *value)
{
    piece->stopped = piece->event_id < piece->least_event_id || is_full(piece->render);
    if (piece->stopped)
        return false;
    add_item(piece->render, piece->snapshot->stage, put, value);
    piece->snapshot->before_id = id;
    piece->shown++;
    return true;
}

static bool visit_relay(void *context, const struct relay_record *relay)
{
    return add_open(context, relay->relay_id, relay_put_item, relay);
}

static bool visit_lookup(void *context, const struct lookup_record *lookup)
{
    return add_open(context, lookup->lookup_id, lookup_put_item, lookup);
}

static enum snapshot_status add_stored(struct stream_snapshot *snapshot, const struct http_backend *backend,
                                       uint64_t least_event_id, struct render *render)
{
    const struct history *history = &backend->history;
    struct open_piece piece = { .snapshot = snapshot, .render = render, .least_event_id = least_event_id };
    enum history_status status = snapshot->stage == SNAPSHOT_RELAYS
                                     ? history->open_relays(history->context, snapshot->before_id,
                                                            visit_relay, &piece, &piece.event_id)
                                     : history->open_lookups(history->context, snapshot->before_id,
                                                             visit_lookup, &piece, &piece.event_id);
    if (status != HISTORY_OK || piece.event_id < least_event_id)
        return SNAPSHOT_LATER;
    snapshot->event_id = piece.event_id;
    if (!piece.stopped && piece.shown < HISTORY_OPEN_MAX)
        next_stage(snapshot);
    return SNAPSHOT_MADE;
}

/* ---- pieces ---- */

enum snapshot_status stream_snapshot_next(struct stream_snapshot *snapshot,
                                          const struct http_backend *backend, const struct feed *feed,
                                          uint64_t least_event_id)
{
    struct stream_snapshot before = *snapshot;
    struct render render;
    enum snapshot_status status = SNAPSHOT_MADE;
    render_init(&render);
    while (status == SNAPSHOT_MADE && render.writer.length == 0 && !render.failed &&
           snapshot->stage < SNAPSHOT_STAGES_END) {
        if (!snapshot->wanted[snapshot->stage])
            next_stage(snapshot);
        else if (snapshot->stage < SNAPSHOT_RELAYS)
            status = add_live(snapshot, backend, feed, least_event_id, &render);
        else
            status = add_stored(snapshot, backend, least_event_id, &render);
    }
    if (status == SNAPSHOT_LATER || render.failed) {
        render_fini(&render);
        *snapshot = before;
        return SNAPSHOT_LATER;
    }
    if (render.writer.length == 0)
        return SNAPSHOT_ENDED;
    snapshot->piece = render_take(&render, &snapshot->piece_length);
    snapshot->piece_sent = 0;
    return SNAPSHOT_MADE;
}

size_t stream_snapshot_copy(struct stream_snapshot *snapshot, char *out_bytes, size_t capacity)
{
    size_t left = snapshot->piece_length - snapshot->piece_sent;
    size_t count = left < capacity ? left : capacity;
    memcpy(out_bytes, snapshot->piece + snapshot->piece_sent, count);
    snapshot->piece_sent += count;
    if (snapshot->piece_sent == snapshot->piece_length)
        drop_piece(snapshot);
    return count;
}
