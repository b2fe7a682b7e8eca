/* SPDX-License-Identifier: Apache-2.0 */
/* One item of each resource as its own GET shows it, for whoever else shows it. Each lives with its resource.
 */
#ifndef HTTP_ITEMS_H
#define HTTP_ITEMS_H

#include "core/record.h"
#include "core/snapshot.h"
#include "http/http.h"
#include "http/render.h"

struct feed;

/* What GET /status is made of; borrows all but the status. */
struct status_view {
    struct http_status status;
    const struct snapshot *snapshot;
    const struct feed *feed;
    uint64_t now_ms; /* Unix time */
};
void status_view_take(struct status_view *out_view, const struct http_backend *backend,
                      const struct snapshot *snapshot, const struct feed *feed);

/* All are render_functions; of a struct ... */
void status_put_item(struct bytes_writer *writer, const void *value);      /* status_view */
void km_put_item(struct bytes_writer *writer, const void *value);          /* km_view */
void application_put_item(struct bytes_writer *writer, const void *value); /* application_view */
void destination_put_item(struct bytes_writer *writer, const void *value); /* destination_view */
void link_put_item(struct bytes_writer *writer, const void *value);        /* link_view */
void route_put_item(struct bytes_writer *writer, const void *value);       /* route_view */
void relay_put_item(struct bytes_writer *writer, const void *value);       /* relay_record */
void lookup_put_item(struct bytes_writer *writer, const void *value);      /* lookup_record */

#endif
