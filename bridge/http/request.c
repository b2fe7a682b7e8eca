/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "system/process_heap.h"

enum { DETAIL_BYTES_MAX = 1024, RETRY_AFTER_S = 1, BODY_BYTES_FIRST = 4096 };

void request_init(struct request *request)
{
    *request = (struct request){ .method = METHOD_OTHER, .body_bytes_max = REQUEST_BODY_BYTES_MAX };
    arena_init(&request->arena, &process_heap);
}

void request_fini(struct request *request)
{
    snapshot_release(request->snapshot);
    json_decref(request->json);
    if (request->route != NULL && api_holds_secret(request->route) && request->body != NULL)
        secret_wipe(request->body, request->body_bytes);
    free(request->body);
    free(request->answer.body);
    arena_fini(&request->arena);
}

bool request_append_body(struct request *request, const void *bytes, size_t count)
{
    if (request->body_bytes + count > request->body_capacity) {
        size_t capacity = request->body_capacity == 0 ? BODY_BYTES_FIRST : request->body_capacity;
        while (capacity < request->body_bytes + count)
            capacity *= 2;
        unsigned char *body = realloc(request->body, capacity);
        if (body == NULL)
            return false;
        request->body = body;
        request->body_capacity = capacity;
    }
    memcpy(request->body + request->body_bytes, bytes, count);
    request->body_bytes += count;
    return true;
}

const struct snapshot *request_snapshot(struct request *request)
{
    if (request->snapshot == NULL)
        request->snapshot = request->backend->snapshot(request->backend->context);
    return request->snapshot;
}

void request_refresh(struct request *request)
{
    snapshot_release(request->snapshot);
    request->snapshot = NULL;
}

struct text request_parameter(const struct request *request, const char *name)
{
    const char *const *names = request->route->parameters;
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return request->parameters[i];
    assert(false); /* a handler asks for a parameter that its route does not declare */
    return TEXT_ABSENT;
}

bool request_boolean_parameter(struct request *request, const char *name, bool *out_value)
{
    struct text value = request_parameter(request, name);
    *out_value = text_equal(value, TEXT("true"));
    if (*out_value || !text_is_present(value) || text_equal(value, TEXT("false")))
        return true;
    request_refuse(request, PROBLEM_BAD_PARAMETER, name, "%s is true or false, not \"%.*s\"", name,
                   TEXT_ARGUMENTS(value));
    return false;
}

enum handled request_answer_render(struct request *request, unsigned status, struct render *take_render)
{
    assert(!request->answered);
    request->answer.body = render_take(take_render, &request->answer.body_bytes);
    request->answer.status = request->answer.body != NULL ? status : 500;
    request->answer.content_type = "application/json";
    request->answered = true;
    return HANDLED_ANSWERED;
}

enum handled request_answer_value(struct request *request, unsigned status, render_function function,
                                  const void *value)
{
    struct render render;
    render_init(&render);
    render_value(&render, function, value);
    return request_answer_render(request, status, &render);
}

enum handled request_answer_empty(struct request *request, unsigned status)
{
    assert(!request->answered);
    request->answer.status = status;
    request->answered = true;
    return HANDLED_ANSWERED;
}

static void put_problem(struct bytes_writer *writer, const void *value)
{
    problem_write_json(writer, value);
}

enum handled request_problem(struct request *request, const struct problem *problem)
{
    unsigned status = problem_status(problem->kind);
    request->problem = problem_name(problem->kind);
    request->problem_detail = arena_copy(&request->arena, problem->detail);
    request->answer.etag[0] = '\0';
    request_answer_value(request, status, put_problem, problem);
    request->answer.content_type = "application/problem+json";
    if (status == 503 || status == 429)
        request->answer.retry_after_s = RETRY_AFTER_S;
    return HANDLED_ANSWERED;
}

enum handled request_refuse(struct request *request, enum problem_kind kind, const char *where,
                            const char *format, ...)
{
    char detail[DETAIL_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    struct problem problem = { .kind = kind, .detail = text_from_c(detail) };
    if (where != NULL && (where[0] == '/' || where[0] == '\0'))
        problem.pointer = text_from_c(where);
    else
        problem.parameter = text_from_c(where);
    return request_problem(request, &problem);
}

void request_set_etag(struct request *request, struct text tag)
{
    snprintf(request->answer.etag, sizeof request->answer.etag, "\"%.*s\"", TEXT_ARGUMENTS(tag));
}
