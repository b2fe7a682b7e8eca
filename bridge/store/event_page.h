/* SPDX-License-Identifier: Apache-2.0 */
/* An event page: the events of one commit, packed one behind the other. */
#ifndef STORE_EVENT_PAGE_H
#define STORE_EVENT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/notice_packing.h"

/* A page that has reached so much takes no further event. */
enum { EVENT_PAGE_BYTES = 64 * 1024 };

/* One that is being gathered; zeroed at first. */
struct event_page {
    struct buffer body;
    uint64_t first_id, last_id;
    uint64_t first_ms, last_ms;
    const struct relay_record *last_relay; /* of the newest event; borrowed */
};

void event_page_clear(struct event_page *page);
void event_page_fini(struct event_page *page);
/* The notice's relay must stay until the page is cleared. False: out of memory, the page is unchanged. */
bool event_page_append(struct event_page *page, const struct notice *notice);

enum event_page_status { EVENT_PAGE_EVENT, EVENT_PAGE_END, EVENT_PAGE_DAMAGED };
/* The next event at the unpacker, as views of the body and of `storage`, which notice_unpack explains. */
enum event_page_status event_page_next(struct unpacker *body, struct notice_storage *storage,
                                       struct notice *out_notice);

#endif
