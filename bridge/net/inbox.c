/* SPDX-License-Identifier: Apache-2.0 */
#include "net/inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { INBOX_BYTES_MIN = 64 };

void inbox_fini(struct inbox *inbox)
{
    if (!inbox->is_borrowed)
        free(inbox->bytes);
    *inbox = (struct inbox){ 0 };
}

bool inbox_is_empty(const struct inbox *inbox)
{
    return inbox->start == inbox->end;
}

bool inbox_header(const struct inbox *inbox, enum ck_byte_order *order, struct ck_header *out_header)
{
    if (inbox->end - inbox->start < CK_HEADER_BYTES)
        return false;
    /* Nothing behind the header is looked at, so it may be decoded as if the rest were there. */
    return ck_frame_decode(inbox->bytes + inbox->start, CK_FRAME_BYTES_MAX, order, out_header) > 0;
}

/* The bytes of the frame that begins what is held, as far as is known. */
static size_t frame_bytes(const struct inbox *inbox, enum ck_byte_order order)
{
    struct ck_header header;
    return inbox_header(inbox, &order, &header) ? (size_t)CK_HEADER_BYTES + header.payload_bytes
                                                : CK_HEADER_BYTES;
}

bool inbox_has_frame(const struct inbox *inbox, enum ck_byte_order order)
{
    const size_t held = inbox->end - inbox->start;
    return held >= CK_HEADER_BYTES && held >= frame_bytes(inbox, order);
}

unsigned char *inbox_room(struct inbox *inbox, unsigned char *shared, enum ck_byte_order order,
                          size_t *out_bytes)
{
    assert(!inbox->is_borrowed);
    const size_t held = inbox->end - inbox->start;
    if (held == 0) {
        inbox_fini(inbox);
        *inbox = (struct inbox){ .bytes = shared, .is_borrowed = true, .capacity = INBOX_READ_BYTES };
        *out_bytes = INBOX_READ_BYTES;
        return shared;
    }
    const size_t wanted = frame_bytes(inbox, order);
    assert(wanted > held && wanted <= CK_FRAME_BYTES_MAX);
    memmove(inbox->bytes, inbox->bytes + inbox->start, held);
    inbox->start = 0;
    inbox->end = held;
    /* Doubling: a peer that announces a great frame and sends little of it holds little memory. */
    size_t capacity = held * 2 < INBOX_BYTES_MIN ? INBOX_BYTES_MIN : held * 2;
    if (capacity > wanted)
        capacity = wanted;
    if (capacity > inbox->capacity) {
        unsigned char *bytes = realloc(inbox->bytes, capacity);
        if (bytes == NULL)
            return NULL;
        inbox->bytes = bytes;
        inbox->capacity = capacity;
    }
    *out_bytes = inbox->capacity - held;
    return inbox->bytes + held;
}

void inbox_filled(struct inbox *inbox, size_t count)
{
    assert(count <= inbox->capacity - inbox->end);
    inbox->end += count;
}

unsigned char *inbox_frame(struct inbox *inbox, enum ck_byte_order *order, struct ck_header *out_header)
{
    if (inbox->end - inbox->start < CK_HEADER_BYTES)
        return NULL;
    unsigned char *at = inbox->bytes + inbox->start;
    const size_t bytes = ck_frame_decode(at, inbox->end - inbox->start, order, out_header);
    if (bytes == 0)
        return NULL;
    assert(bytes <= inbox->end - inbox->start);
    inbox->start += bytes;
    return at + CK_HEADER_BYTES;
}

bool inbox_keep(struct inbox *inbox)
{
    const size_t held = inbox->end - inbox->start;
    if (held == 0) {
        inbox_fini(inbox);
        return true;
    }
    if (!inbox->is_borrowed)
        return true;
    const size_t capacity = held < INBOX_BYTES_MIN ? INBOX_BYTES_MIN : held;
    unsigned char *bytes = malloc(capacity);
    if (bytes == NULL) {
        inbox_fini(inbox);
        return false;
    }
    memcpy(bytes, inbox->bytes + inbox->start, held);
    *inbox = (struct inbox){ .bytes = bytes, .end = held, .capacity = capacity };
    return true;
}
