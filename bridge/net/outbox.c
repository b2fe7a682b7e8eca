/* SPDX-License-Identifier: Apache-2.0 */
#include "net/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { OUTBOX_BYTES_MIN = 512 };

void outbox_fini(struct outbox *outbox)
{
    free(outbox->bytes);
    *outbox = (struct outbox){ 0 };
}

size_t outbox_count(const struct outbox *outbox)
{
    return outbox->end - outbox->start;
}

const unsigned char *outbox_bytes(const struct outbox *outbox)
{
    return outbox->bytes + outbox->start;
}

/* Only moves bytes when at least half of the block was written, so the moving stays linear. */
static bool make_room(struct outbox *outbox, size_t count)
{
    const size_t held = outbox_count(outbox);
    if (outbox->capacity - outbox->end >= count)
        return true;
    if (outbox->start >= outbox->capacity / 2 && outbox->capacity - held >= count) {
        memmove(outbox->bytes, outbox->bytes + outbox->start, held);
    } else {
        size_t capacity = outbox->capacity < OUTBOX_BYTES_MIN ? OUTBOX_BYTES_MIN : outbox->capacity * 2;
        if (capacity < held + count)
            capacity = held + count;
        unsigned char *bytes = malloc(capacity);
        if (bytes == NULL)
            return false;
        if (held > 0)
            memcpy(bytes, outbox->bytes + outbox->start, held);
        free(outbox->bytes);
        outbox->bytes = bytes;
        outbox->capacity = capacity;
    }
    outbox->start = 0;
    outbox->end = held;
    return true;
}

enum outbox_status outbox_put(struct outbox *outbox, const void *bytes, size_t count, size_t bytes_max)
{
    const size_t held = outbox_count(outbox);
    if (count > bytes_max || held > bytes_max - count)
        return OUTBOX_FULL;
    if (count == 0)
        return OUTBOX_OK;
    if (!make_room(outbox, count))
        return OUTBOX_NO_MEMORY;
    memcpy(outbox->bytes + outbox->end, bytes, count);
    outbox->end += count;
    return OUTBOX_OK;
}

void outbox_written(struct outbox *outbox, size_t count)
{
    assert(count <= outbox_count(outbox));
    outbox->start += count;
    if (outbox->start == outbox->end)
        outbox_fini(outbox);
}
