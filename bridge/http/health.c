/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "ck/json_writer.h"

static void put_alive(struct bytes_writer *writer, const void *value)
{
    (void)value;
    json_open_object(writer);
    render_name_and_c(writer, "status", "ok");
    json_close_object(writer);
}

/* That this thread answers is what it says. */
enum handled handle_healthz(struct request *request)
{
    return request_answer_value(request, 200, put_alive, NULL);
}

static void put_ready(struct bytes_writer *writer, const void *value)
{
    (void)value;
    json_open_object(writer);
    render_name_and_c(writer, "status", "ready");
    json_close_object(writer);
}

enum handled handle_readyz(struct request *request)
{
    struct http_status status = { .ready = false };
    request->backend->status(request->backend->context, &status);
    if (!status.store_available)
        return request_refuse(request, PROBLEM_NOT_READY, NULL, "the store is not available");
    if (!status.ready)
        return request_refuse(request, PROBLEM_NOT_READY, NULL, "the bridge is starting or stopping");
    return request_answer_value(request, 200, put_ready, NULL);
}
