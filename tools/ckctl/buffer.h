/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow; out of memory ends the program, which holds nothing that would be lost. */
#ifndef CKCTL_BUFFER_H
#define CKCTL_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *bytes; /* NUL-terminated once anything was put; NULL before */
    size_t length, capacity;
};

void buffer_put(struct buffer *buffer, const void *bytes, size_t length);
void buffer_put_c(struct buffer *buffer, const char *string);
__attribute__((format(printf, 2, 3))) void buffer_format(struct buffer *buffer, const char *format, ...);
__attribute__((format(printf, 2, 0))) void buffer_format_list(struct buffer *buffer, const char *format,
                                                              va_list arguments);
/* As a C string; "" when empty. Valid until the next put. */
const char *buffer_c(const struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_fini(struct buffer *buffer);

/* calloc() and realloc() that do not return NULL. */
void *memory_new(size_t count, size_t bytes);
void *memory_grow(void *memory, size_t count, size_t bytes);

#endif
