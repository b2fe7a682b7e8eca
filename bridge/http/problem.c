/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <assert.h>
#include <string.h>

#include "ck/json_writer.h"
#include "http/render.h"

#define TYPE_BASE "urn:ckbridge:problem:"
#define TYPE(code) TYPE_BASE code

static const struct problem_row {
    unsigned status;
    const char *type;
    const char *title;
} rows[] = {
    [PROBLEM_BAD_TARGET] = { 400, TYPE("bad_target"), "The request target is malformed" },
    [PROBLEM_UNKNOWN_PARAMETER] = { 400, TYPE("unknown_parameter"), "Unknown query parameter" },
    [PROBLEM_BAD_PARAMETER] = { 400, TYPE("bad_parameter"), "A parameter's value is not acceptable" },
    [PROBLEM_BAD_CURSOR] = { 400, TYPE("bad_cursor"), "The cursor is not one that was given out" },
    [PROBLEM_BAD_HEADER] = { 400, TYPE("bad_header"), "A header's value is not acceptable" },
    [PROBLEM_NOT_JSON] = { 400, TYPE("not_json"), "The body is not acceptable JSON" },
    [PROBLEM_UNKNOWN_MEMBER] = { 400, TYPE("unknown_member"), "Unknown member in the body" },
    [PROBLEM_MISSING_MEMBER] = { 400, TYPE("missing_member"), "A mandatory member is missing" },
    [PROBLEM_BAD_MEMBER] = { 400, TYPE("bad_member"), "A member's value is not acceptable" },
    [PROBLEM_UNAUTHENTICATED] = { 401, TYPE("unauthenticated"), "Authentication is needed" },
    [PROBLEM_FORBIDDEN] = { 403, TYPE("forbidden"), "The role does not allow this" },
    [PROBLEM_CROSS_SITE] = { 403, TYPE("cross_site"), "The request may come from another site's page" },
    [PROBLEM_NOT_FOUND] = { 404, TYPE("not_found"), "There is no such resource" },
    [PROBLEM_METHOD_NOT_ALLOWED] = { 405, TYPE("method_not_allowed"), "The resource has no such method" },
    [PROBLEM_CONFLICT] = { 409, TYPE("conflict"), "The resource's state does not allow this" },
    [PROBLEM_STALE] = { 412, TYPE("stale"), "The resource has changed since" },
    [PROBLEM_PRECONDITION_REQUIRED] = { 428, TYPE("precondition_required"),
                                        "The request must say which state it changes" },
    [PROBLEM_TOO_LARGE] = { 413, TYPE("too_large"), "The body is too large" },
    [PROBLEM_UNSUPPORTED_MEDIA_TYPE] = { 415, TYPE("unsupported_media_type"), "The body must be JSON" },
    [PROBLEM_REFUSED] = { 422, TYPE("refused"), "The bridge refuses the content" },
    [PROBLEM_TOO_MANY_ATTEMPTS] = { 429, TYPE("too_many_attempts"), "Too many failed attempts" },
    [PROBLEM_TOO_MANY_OWN_STREAMS] = { 429, TYPE("too_many_own_streams"),
                                       "Too many event streams of one actor are open" },
    [PROBLEM_TOO_MANY_CONNECTIONS] = { 429, TYPE("too_many_connections"),
                                       "Too many connections of one address are open" },
    [PROBLEM_HEADERS_TOO_LARGE] = { 431, TYPE("headers_too_large"),
                                    "The request has too many header fields" },
    [PROBLEM_INTERNAL] = { 500, TYPE("internal"), "The answer could not be made" },
    [PROBLEM_BUSY] = { 503, TYPE("busy"), "The bridge has too much to do" },
    [PROBLEM_TOO_MANY_STREAMS] = { 503, TYPE("too_many_streams"), "Too many event streams are open" },
    [PROBLEM_STORE_UNAVAILABLE] = { 503, TYPE("store_unavailable"), "The store is not available" },
    [PROBLEM_NOT_READY] = { 503, TYPE("not_ready"), "The bridge is not ready" },
    [PROBLEM_STOPPING] = { 503, TYPE("stopping"), "The bridge is stopping" },
    [PROBLEM_OUTCOME_UNKNOWN] = { 503, TYPE("outcome_unknown"), "The outcome is not known yet" },
};
static_assert(sizeof rows / sizeof *rows == PROBLEM_KINDS_END, "every kind of problem has a row");

unsigned problem_status(enum problem_kind kind)
{
    return rows[kind].status;
}

const char *problem_type(enum problem_kind kind)
{
    return rows[kind].type;
}

const char *problem_name(enum problem_kind kind)
{
    return rows[kind].type + strlen(TYPE_BASE);
}

/* Details may quote what a client sent; JSON wants it well-formed. */
static void put_detail(struct bytes_writer *writer, struct text detail)
{
    char ascii[512];
    if (text_is_utf8(detail)) {
        json_text(writer, detail);
        return;
    }
    size_t length = detail.length < sizeof ascii ? detail.length : sizeof ascii;
    for (size_t i = 0; i < length; i++)
        ascii[i] = (unsigned char)detail.bytes[i] < 0x80 ? detail.bytes[i] : '?';
    json_text(writer, (struct text){ ascii, length });
}

void problem_write_json(struct bytes_writer *writer, const struct problem *problem)
{
    const struct problem_row *row = &rows[problem->kind];
    json_open_object(writer);
    render_name_and_c(writer, "type", row->type);
    render_name_and_c(writer, "title", row->title);
    render_name_and_u64(writer, "status", row->status);
    if (text_is_present(problem->detail)) {
        json_name(writer, "detail");
        put_detail(writer, problem->detail);
    }
    if (text_is_present(problem->pointer)) {
        json_name(writer, "pointer");
        put_detail(writer, problem->pointer);
    }
    if (text_is_present(problem->parameter)) {
        json_name(writer, "parameter");
        put_detail(writer, problem->parameter);
    }
    if (problem->reason != REASON_NONE)
        render_name_and_c(writer, "reason", reason_name(problem->reason));
    json_close_object(writer);
}
