/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event_page.h"

#include <assert.h>

enum { EVENT_HEADER_BYTES = 8 + 8 + 1 + 4 };

/* Types are stored by number: new ones may only be appended, or a migration must renumber. */
static_assert(NOTICE_KM_CONNECTED == 0 && NOTICE_RELAY_RECEIVED == 3 && NOTICE_RELAY_UNCORRELATED == 11 &&
                  NOTICE_LOOKUP_ANSWERED == 12 && NOTICE_ROUTE_CHANGED == 14 && NOTICE_OVERLOAD_LEFT == 19,
              "the numbers of stored event types must not move");
static_assert(NOTICES_END <= 256, "an event type is stored in one byte");

static void store_u64_big(unsigned char *at, uint64_t value)
{
    bytes_store_u32_big(at, (uint32_t)(value >> 32));
    bytes_store_u32_big(at + 4, (uint32_t)value);
}

static uint64_t load_u64_big(const unsigned char *at)
{
    return (uint64_t)bytes_load_u32_big(at) << 32 | bytes_load_u32_big(at + 4);
}

bool event_page_append(struct buffer *page, const struct notice *notice)
{
    size_t json_bytes_max = notice_json_bytes_max(notice);
    if (!buffer_reserve(page, EVENT_HEADER_BYTES + json_bytes_max))
        return false;
    unsigned char *at = page->bytes + page->length;
    struct bytes_writer json = bytes_writer(at + EVENT_HEADER_BYTES, json_bytes_max);
    notice_write_json(notice, &json);
    assert(!json.overflowed);
    store_u64_big(at, notice->event_id);
    store_u64_big(at + 8, notice->time_ms);
    at[16] = (unsigned char)notice->type;
    bytes_store_u32_big(at + 17, (uint32_t)json.length);
    page->length += EVENT_HEADER_BYTES + json.length;
    return true;
}

enum event_page_status event_page_next(struct unpacker *body, struct stored_event *out_event)
{
    if (body->failed)
        return EVENT_PAGE_DAMAGED;
    if (body->left == 0)
        return EVENT_PAGE_END;
    const unsigned char *header = unpacker_bytes(body, EVENT_HEADER_BYTES);
    if (header == NULL)
        return EVENT_PAGE_DAMAGED;
    size_t length = bytes_load_u32_big(header + 17);
    const unsigned char *json = unpacker_bytes(body, length);
    if (json == NULL || header[16] >= NOTICES_END)
        return EVENT_PAGE_DAMAGED;
    *out_event = (struct stored_event){
        .event_id = load_u64_big(header),
        .time_ms = load_u64_big(header + 8),
        .type = (enum notice_type)header[16],
        .json = { (const char *)json, length },
    };
    return EVENT_PAGE_EVENT;
}
