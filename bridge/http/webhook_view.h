/* SPDX-License-Identifier: Apache-2.0 */
/* One webhook as the API shows it: what was configured, and how its deliveries stand. */
#ifndef HTTP_WEBHOOK_VIEW_H
#define HTTP_WEBHOOK_VIEW_H

#include "core/webhook.h"
#include "http/configuration.h"

enum { WEBHOOK_VIEW_LETTERS_MAX = 1000 }; /* dead letters are counted up to here */

struct webhook_view {
    const struct document_view *stored;   /* NULL: there is no document */
    const struct document_view *document; /* NULL: there is none, or it is damaged */
    struct text webhook_id;
    struct webhook_definition definition;
    struct webhook_status status;
    size_t letter_count;
    bool letters_counted; /* false: history can't be read now */
    struct text secret;   /* absent: it is not shown */
};

/* Of the request's snapshot; all in its arena. A damaged document is no webhook. */
struct webhook_view *webhook_view_find(struct request *request, struct text webhook_id);
/* Every webhook of the snapshot, sorted; NULL: no memory. */
struct webhook_view *webhook_views(struct request *request, size_t *out_count);
void webhook_view_put_members(struct bytes_writer *writer, const void *view);
void webhook_view_put(struct bytes_writer *writer, const void *view);
/* To be answered with: 404 when there is none, ETag, conditions. `view` may be NULL: no memory. */
struct configured webhook_view_configured(const struct webhook_view *view);

#endif
