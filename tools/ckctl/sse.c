/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/sse.h"

#include <string.h>

/* "name: value", or "name:value". NULL: it is another field. */
static const char *field(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    return line[length + 1] == ' ' ? line + length + 2 : line + length + 1;
}

/* An empty line ends an event; its ID counts even without data. */
static bool end_event(struct sse *sse)
{
    bool more = true;
    if (sse->pending_id.length > 0) {
        buffer_clear(&sse->id);
        buffer_put(&sse->id, sse->pending_id.bytes, sse->pending_id.length);
    }
    if (sse->data.length > 0)
        more = sse->take(sse->context, &sse->data);
    buffer_clear(&sse->pending_id);
    buffer_clear(&sse->data);
    return more;
}

static bool take_line(struct sse *sse)
{
    const char *line = buffer_c(&sse->line), *value;
    if (*line == '\0')
        return end_event(sse);
    if ((value = field(line, "id")) != NULL) {
        buffer_clear(&sse->pending_id);
        buffer_put_c(&sse->pending_id, value);
    } else if ((value = field(line, "data")) != NULL) {
        if (sse->data.length > 0)
            buffer_put_c(&sse->data, "\n");
        buffer_put_c(&sse->data, value);
    }
    return true;
}

bool sse_feed(struct sse *sse, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end != NULL ? (size_t)(end - bytes) : length;
        buffer_put(&sse->line, bytes, part);
        if (end == NULL)
            return true;
        if (sse->line.length > 0 && sse->line.bytes[sse->line.length - 1] == '\r')
            sse->line.bytes[--sse->line.length] = '\0';
        bool more = take_line(sse);
        buffer_clear(&sse->line);
        if (!more)
            return false;
        bytes += part + 1;
        length -= part + 1;
    }
    return true;
}

void sse_restart(struct sse *sse)
{
    buffer_clear(&sse->line);
    buffer_clear(&sse->pending_id);
    buffer_clear(&sse->data);
}

void sse_fini(struct sse *sse)
{
    buffer_fini(&sse->id);
    buffer_fini(&sse->line);
    buffer_fini(&sse->pending_id);
    buffer_fini(&sse->data);
}
