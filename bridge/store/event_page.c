/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event_page.h"

void event_page_clear(struct event_page *page)
{
    page->body.length = 0;
    page->last_relay = NULL;
}

void event_page_fini(struct event_page *page)
{
    buffer_fini(&page->body);
}

/* Most events fit at once; for the others the buffer grows until they do. */
bool event_page_append(struct event_page *page, const struct notice *notice)
{
    enum { COMMON_BYTES = 512 };
    struct buffer *body = &page->body;
    struct bytes_writer writer;
    size_t bytes = COMMON_BYTES;
    do {
        if (!buffer_reserve(body, bytes))
            return false;
        writer = bytes_writer(body->bytes + body->length, body->capacity - body->length);
        notice_pack(&writer, notice, page->last_relay);
        bytes = writer.capacity + 1;
    } while (writer.overflowed);
    if (body->length == 0) {
        page->first_id = notice->event_id;
        page->first_ms = notice->time_ms;
    }
    page->last_id = notice->event_id;
    page->last_ms = notice->time_ms;
    page->last_relay = notice->relay;
    body->length += writer.length;
    return true;
}

enum event_page_status event_page_next(struct unpacker *body, struct notice_storage *storage,
                                       struct notice *out_notice)
{
    if (body->failed)
        return EVENT_PAGE_DAMAGED;
    if (body->left == 0)
        return EVENT_PAGE_END;
    return notice_unpack(body, storage, out_notice) ? EVENT_PAGE_EVENT : EVENT_PAGE_DAMAGED;
}
