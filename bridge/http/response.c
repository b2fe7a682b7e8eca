/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include <stdio.h>
#include <stdlib.h>

#include "http/web.h"

void response_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0')
        MHD_add_response_header(response, name, value);
}

static void add_common(struct MHD_Response *response, const char *cache_control)
{
    response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, cache_control);
    response_header(response, "X-Content-Type-Options", "nosniff");
}

/* The files live as long as the server. */
static struct MHD_Response *make(const struct answer *answer)
{
    const struct web_file *file = answer->status == MHD_HTTP_OK ? answer->file : NULL;
    if (answer->body != NULL)
        return MHD_create_response_from_buffer_with_free_callback(answer->body_bytes, answer->body, free);
    /* MHD_RESPMEM_PERSISTENT: it is read alone, whatever the type says. */
    return MHD_create_response_from_buffer(file != NULL ? file->length : 0,
                                           file != NULL ? (void *)(uintptr_t)file->bytes : NULL,
                                           MHD_RESPMEM_PERSISTENT);
}

static void add_file_headers(struct MHD_Response *response, const struct web_file *file)
{
    response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file->content_type);
    for (size_t i = 0; web_headers[i].name != NULL; i++)
        response_header(response, web_headers[i].name, web_headers[i].value);
}

struct MHD_Response *response_of_answer(struct answer *answer)
{
    char seconds[16];
    struct MHD_Response *response = make(answer);
    if (response == NULL)
        return NULL;
    if (answer->body != NULL)
        response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    answer->body = NULL; /* the response's now */
    if (answer->file != NULL)
        add_file_headers(response, answer->file);
    snprintf(seconds, sizeof seconds, "%u", answer->retry_after_s);
    /* A file is asked for again each time, and answered 304 as long as it is the same. */
    add_common(response, answer->file != NULL ? "no-cache" : "no-store");
    response_header(response, MHD_HTTP_HEADER_ETAG, answer->etag);
    response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
    response_header(response, MHD_HTTP_HEADER_LOCATION, answer->location);
    response_header(response, MHD_HTTP_HEADER_SET_COOKIE, answer->set_cookie);
    response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, answer->authenticate);
    response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, answer->retry_after_s > 0 ? seconds : NULL);
    response_header(response, "Idempotent-Replayed", answer->replayed ? "true" : NULL);
    return response;
}

void response_stream_headers(struct MHD_Response *response)
{
    response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    response_header(response, "X-Accel-Buffering", "no"); /* for proxies that would collect it */
    add_common(response, "no-store");
}
