/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the route of a method and a path in one static table. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "http/http.h"

struct request;

/* HEAD is GET whose body is not sent. METHOD_OTHER: any that no resource has. */
enum method { METHOD_GET, METHOD_PUT, METHOD_POST, METHOD_DELETE, METHOD_OTHER };

enum handled {
    HANDLED_ANSWERED, /* request->answer is complete */
    HANDLED_PENDING,  /* a command was submitted; its reply makes the answer */
    HANDLED_STREAM,   /* request->stream is open */
};

struct route {
    enum method method;
    const char *path;              /* "/api/v1/kms/{km_id}": at most one {parameter}, a whole segment */
    enum http_role role;           /* the least that may; NONE: anybody, without a token */
    const char *const *parameters; /* of the query, NULL at the end; any other is refused by name */
    enum handled (*handle)(struct request *request);
};

enum { ROUTE_PARAMETERS_MAX = 16 };

struct router_match {
    const struct route *route; /* NULL: none for this method */
    struct text capture;       /* the {parameter}'s raw bytes; absent when the template has none */
    unsigned methods;          /* bits of the methods that the path has; 0: there is no such path */
};

enum method method_from_name(const char *name, bool *out_head);
/* NULL for METHOD_OTHER. */
const char *method_name(enum method method);
struct router_match router_find(const struct route *routes, size_t count, enum method method,
                                struct text path);
/* Segment by segment, undecoded; *out_capture: the {parameter}'s, absent when the template has none. */
bool router_path_matches(const char *template, struct text path, struct text *out_capture);
/* "GET, HEAD, PUT" of router_match.methods. */
void router_allow(unsigned methods, char *out_allow, size_t allow_bytes);

#endif
