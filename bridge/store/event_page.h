/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an event page: the events of one commit, one behind the other, as they were rendered. */
#ifndef STORE_EVENT_PAGE_H
#define STORE_EVENT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/history.h"
#include "core/notice.h"
#include "store/packing.h"

/* A page that has reached so much takes no further event. */
enum { EVENT_PAGE_BYTES = 256 * 1024 };

/* Appends one event: big-endian u64 ID, u64 time, u8 type, u32 length, then the JSON line.
   False: out of memory, the page is unchanged. */
bool event_page_append(struct buffer *page, const struct notice *notice);

enum event_page_status { EVENT_PAGE_EVENT, EVENT_PAGE_END, EVENT_PAGE_DAMAGED };
/* The next event at the unpacker, as views of the body. */
enum event_page_status event_page_next(struct unpacker *body, struct stored_event *out_event);

#endif
