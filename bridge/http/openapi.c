/* SPDX-License-Identifier: Apache-2.0 */
/* The API's description of itself: openapi.json, put into the program when it is built. */
#include "http/resources.h"

static const char document[] =
#include "openapi_json.h"
    ;

/* Byte for byte the file. What it tells is public: it is the same for every bridge of this version. */
enum handled handle_openapi(struct request *request)
{
    struct render render;
    render_init(&render);
    render_text(&render, (struct text){ document, sizeof document - 1 });
    return request_answer_render(request, 200, &render);
}
