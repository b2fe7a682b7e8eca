/* SPDX-License-Identifier: Apache-2.0 */
#include "store/packing.h"

#include <stdlib.h>

bool buffer_reserve(struct buffer *buffer, size_t count)
{
    if (count <= buffer->capacity - buffer->length)
        return true;
    size_t capacity = buffer->capacity == 0 ? 4096 : buffer->capacity;
    while (capacity - buffer->length < count) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    unsigned char *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){ 0 };
}
