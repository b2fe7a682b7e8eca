/* SPDX-License-Identifier: Apache-2.0 */
#include "http/header.h"

#include "base/bytes.h"

struct text header_value(struct MHD_Connection *connection, const char *name)
{
    return text_from_c(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

/* First to measure, with a writer that has no room; then to copy. */
struct joining {
    struct text name;
    size_t lines, bytes;
    struct bytes_writer writer;
};

static enum MHD_Result take_line(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct joining *joining = context;
    (void)kind;
    if (!text_equal_ignoring_case(text_from_c(name), joining->name))
        return MHD_YES;
    struct text line = value != NULL ? text_from_c(value) : TEXT("");
    if (joining->lines > 0)
        bytes_put_byte(&joining->writer, ',');
    bytes_put_text(&joining->writer, line);
    joining->lines++;
    joining->bytes += line.length + 1;
    return MHD_YES;
}

struct text header_list(struct MHD_Connection *connection, const char *name, struct arena *arena)
{
    struct joining measured = { .name = text_from_c(name) };
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_line, &measured);
    if (measured.lines == 0)
        return TEXT_ABSENT;
    char *buffer = arena_allocate(arena, measured.bytes);
    if (buffer == NULL)
        return TEXT("\"");
    struct joining joining = { .name = measured.name, .writer = bytes_writer(buffer, measured.bytes) };
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_line, &joining);
    return bytes_written(&joining.writer);
}
