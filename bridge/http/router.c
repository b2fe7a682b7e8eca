/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <string.h>

#include "base/bytes.h"
#include "http/uri.h"

static const char *const method_names[] = { "GET", "PUT", "POST", "DELETE" };

const char *method_name(enum method method)
{
    return method != METHOD_OTHER ? method_names[method] : NULL;
}

enum method method_from_name(const char *name, bool *out_head)
{
    *out_head = strcmp(name, "HEAD") == 0;
    if (*out_head)
        return METHOD_GET;
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++)
        if (strcmp(name, method_names[i]) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

/* Splits on the raw '/', so that one within an identifier (%2F) stays in its segment. */
bool router_path_matches(const char *template, struct text path, struct text *out_capture)
{
    struct text wanted = text_from_c(template);
    struct text want, have;
    *out_capture = TEXT_ABSENT;
    while (uri_next(&wanted, '/', &want)) {
        if (!uri_next(&path, '/', &have))
            return false;
        if (want.length > 0 && want.bytes[0] == '{')
            *out_capture = have;
        else if (want.length != have.length || memcmp(want.bytes, have.bytes, want.length) != 0)
            return false;
    }
    return !text_is_present(path);
}

struct router_match router_find(const struct route *routes, size_t count, enum method method,
                                struct text path)
{
    struct router_match match = { .capture = TEXT_ABSENT };
    for (size_t i = 0; i < count; i++) {
        struct text capture;
        if (!router_path_matches(routes[i].path, path, &capture))
            continue;
        match.methods |= 1u << routes[i].method;
        if (routes[i].method == method) {
            match.route = &routes[i];
            match.capture = capture;
        }
    }
    return match;
}

void router_allow(unsigned methods, char *out_allow, size_t allow_bytes)
{
    struct bytes_writer writer = bytes_writer(out_allow, allow_bytes - 1);
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++) {
        if ((methods & 1u << i) == 0)
            continue;
        if (writer.length > 0)
            bytes_put_c(&writer, ", ");
        bytes_put_c(&writer, method_names[i]);
        if (i == METHOD_GET)
            bytes_put_c(&writer, ", HEAD");
    }
    out_allow[writer.length] = '\0';
}
