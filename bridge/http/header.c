/* SPDX-License-Identifier: Apache-2.0 */
#include "http/header.h"

#include "base/bytes.h"
#include "http/cookie.h"

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

/* What browsers add is asked for only where a browser may be asking. */
void header_read_all(struct MHD_Connection *connection, const char *cookie_name, struct arena *arena,
                     struct request_headers *out_headers)
{
    struct request_headers headers = {
        .shown = { .authorization = header_value(connection, MHD_HTTP_HEADER_AUTHORIZATION) },
        .accept = header_value(connection, MHD_HTTP_HEADER_ACCEPT),
        .content_type = header_value(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .if_match = header_list(connection, MHD_HTTP_HEADER_IF_MATCH, arena),
        .if_none_match = header_list(connection, MHD_HTTP_HEADER_IF_NONE_MATCH, arena),
        .last_event_id = header_value(connection, "Last-Event-ID"),
        .idempotency_key = header_value(connection, "Idempotency-Key"),
    };
    if (!text_is_present(headers.shown.authorization)) {
        headers.shown.sign_in = cookie_find(header_value(connection, MHD_HTTP_HEADER_COOKIE), cookie_name);
        headers.host = header_value(connection, MHD_HTTP_HEADER_HOST);
        headers.origin = header_value(connection, "Origin");
        headers.fetch_site = header_value(connection, "Sec-Fetch-Site");
        headers.csrf_token = header_value(connection, "X-CSRF-Token");
    }
    *out_headers = headers;
}
