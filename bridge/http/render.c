/* SPDX-License-Identifier: Apache-2.0 */
#include "http/render.h"

#include <stdlib.h>

#include "ck/json_writer.h"

enum { RENDER_BYTES_FIRST = 4096 };

void render_init(struct render *render)
{
    *render = (struct render){ .failed = false };
}

void render_fini(struct render *render)
{
    free(render->writer.buffer);
    render_init(render);
}

static bool grow(struct render *render)
{
    size_t capacity = render->writer.capacity == 0 ? RENDER_BYTES_FIRST : render->writer.capacity * 2;
    unsigned char *buffer = capacity <= RENDER_BYTES_MAX ? realloc(render->writer.buffer, capacity) : NULL;
    if (buffer == NULL)
        return false;
    render->writer.buffer = buffer;
    render->writer.capacity = capacity;
    return true;
}

void render_value(struct render *render, render_function function, const void *value)
{
    size_t before = render->writer.length;
    if (render->writer.capacity == 0 && !grow(render))
        render->failed = true;
    while (!render->failed) {
        function(&render->writer, value);
        if (!render->writer.overflowed)
            return;
        render->writer.length = before;
        render->writer.overflowed = false;
        if (!grow(render))
            render->failed = true;
    }
}

static void put_text(struct bytes_writer *writer, const void *value)
{
    bytes_put_text(writer, *(const struct text *)value);
}

void render_text(struct render *render, struct text text)
{
    render_value(render, put_text, &text);
}

char *render_take(struct render *render, size_t *out_length)
{
    if (render->failed || render->writer.buffer == NULL) {
        render_fini(render);
        return NULL;
    }
    char *buffer = (char *)render->writer.buffer;
    *out_length = render->writer.length;
    render_init(render);
    return buffer;
}

void render_name_and_text(struct bytes_writer *writer, const char *name, struct text text)
{
    json_name(writer, name);
    json_text(writer, text);
}

void render_name_and_c(struct bytes_writer *writer, const char *name, const char *string)
{
    json_name(writer, name);
    json_text(writer, text_from_c(string));
}

void render_name_and_u64(struct bytes_writer *writer, const char *name, uint64_t value)
{
    json_name(writer, name);
    json_u64(writer, value);
}

void render_name_and_id(struct bytes_writer *writer, const char *name, uint64_t id)
{
    json_name(writer, name);
    json_u64_text(writer, id);
}

void render_name_and_boolean(struct bytes_writer *writer, const char *name, bool value)
{
    json_name(writer, name);
    json_put_boolean(writer, value);
}

void render_name_and_time(struct bytes_writer *writer, const char *name, uint64_t unix_ms)
{
    json_name(writer, name);
    json_time(writer, unix_ms);
}

void render_name_and_texts(struct bytes_writer *writer, const char *name, const struct text *texts,
                           size_t count)
{
    json_name(writer, name);
    json_open_array(writer);
    for (size_t i = 0; i < count; i++)
        json_text(writer, texts[i]);
    json_close_array(writer);
}
