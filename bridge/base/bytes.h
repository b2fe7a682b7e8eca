/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds-checked writing into a caller's buffer: text and numbers are appended, overflow is remembered. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

struct bytes_writer {
    unsigned char *buffer;
    size_t capacity;
    size_t length;   /* written so far; never above capacity */
    bool overflowed; /* something did not fit; what follows is dropped */
};

struct bytes_writer bytes_writer(void *buffer, size_t capacity);
/* Inline, as is bytes_put_byte: every byte of the journal and of the frames goes through here. */
static inline void bytes_put(struct bytes_writer *writer, const void *bytes, size_t count)
{
    if (writer->overflowed || count > writer->capacity - writer->length) {
        writer->overflowed = true;
        return;
    }
    if (count > 0)
        memcpy(writer->buffer + writer->length, bytes, count);
    writer->length += count;
}
void bytes_put_text(struct bytes_writer *writer, struct text text);
void bytes_put_c(struct bytes_writer *writer, const char *string);
static inline void bytes_put_byte(struct bytes_writer *writer, char byte)
{
    bytes_put(writer, &byte, 1);
}
/* Decimal. */
void bytes_put_u64(struct bytes_writer *writer, uint64_t value);
/* RFC 3339, UTC, milliseconds: 2026-11-24T18:00:00.123Z. `unix_ms` since 1970; years up to 9999. */
void bytes_put_time(struct bytes_writer *writer, uint64_t unix_ms);
/* What was written, as a view of the buffer. */
struct text bytes_written(const struct bytes_writer *writer);

uint16_t bytes_load_u16_big(const unsigned char *at);
uint32_t bytes_load_u32_big(const unsigned char *at);
void bytes_store_u16_big(unsigned char *at, uint16_t value);
void bytes_store_u32_big(unsigned char *at, uint32_t value);

#endif
