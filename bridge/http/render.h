/* SPDX-License-Identifier: Apache-2.0 */
/* A growing buffer for JSON answers, written value by value; a value that does not fit is written again. */
#ifndef HTTP_RENDER_H
#define HTTP_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "core/vocabulary.h"

enum { RENDER_BYTES_MAX = 64 * 1024 * 1024 }; /* an answer above it fails with 500 */

struct render {
    struct bytes_writer writer; /* its buffer is on the heap */
    bool failed;                /* no memory, or above RENDER_BYTES_MAX */
};

/* Pure: writes the same bytes whenever it is called. */
typedef void (*render_function)(struct bytes_writer *writer, const void *value);

void render_init(struct render *render);
void render_fini(struct render *render);
void render_value(struct render *render, render_function function, const void *value);
void render_text(struct render *render, struct text text);
/* The bytes, which the caller now owns (free); NULL when it failed. The render is empty afterwards. */
char *render_take(struct render *render, size_t *out_length);

/* Members that many resources share; NULL names are null. */
void render_name_and_text(struct bytes_writer *writer, const char *name, struct text text);
void render_name_and_c(struct bytes_writer *writer, const char *name, const char *string);
void render_name_and_u64(struct bytes_writer *writer, const char *name, uint64_t value);
void render_name_and_id(struct bytes_writer *writer, const char *name, uint64_t id); /* as a string */
void render_name_and_boolean(struct bytes_writer *writer, const char *name, bool value);
void render_name_and_time(struct bytes_writer *writer, const char *name, uint64_t unix_ms);
void render_name_and_texts(struct bytes_writer *writer, const char *name, const struct text *texts,
                           size_t count);

#endif
