/* SPDX-License-Identifier: Apache-2.0 */
/* Where rows and event pages are packed: a buffer on the heap. */
#ifndef STORE_PACKING_H
#define STORE_PACKING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/packing.h"

/* A buffer that grows and is used again, so that the hot path does not allocate. */
struct buffer {
    unsigned char *bytes;
    size_t capacity;
    size_t length;
};

/* Room for `count` more behind `length`. False: out of memory, nothing changed. */
bool buffer_reserve(struct buffer *buffer, size_t count);
void buffer_fini(struct buffer *buffer);

#endif
