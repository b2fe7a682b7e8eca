/* SPDX-License-Identifier: Apache-2.0 */
#include "http/web.h"

#include <stdio.h>

#include "http/api.h"
#include "http/precondition.h"

/* The client's own router knows the same; what is here alone decides which paths are not "not found". */
const char *const web_pages[] = {
    "/",
    "/topology",
    "/kms",
    "/kms/{km_id}",
    "/relays",
    "/relays/{relay_id}",
    "/lookups",
    "/lookups/{lookup_id}",
    "/held",
    "/routes",
    "/routes/{route_id}",
    "/links",
    "/events",
    "/audit",
    "/access",
    "/sign-in",
    NULL,
};

/* Nothing but what this bridge serves is loaded, no text becomes script, and no other site frames or reads
 * it. */
const struct web_header web_headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
      "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ckbridge" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { NULL, NULL },
};

static bool is_page(struct text path)
{
    for (size_t i = 0; web_pages[i] != NULL; i++) {
        struct text capture;
        if (router_path_matches(web_pages[i], path, &capture) &&
            (!text_is_present(capture) || capture.length > 0))
            return true;
    }
    return false;
}

static void refuse_page(struct request *request)
{
    if (!request->web->wanted)
        request_refuse(request, PROBLEM_NOT_FOUND, NULL,
                       "the dashboard is switched off ([http] web = no); the API's base is %s", API_BASE);
    else
        request_refuse(request, PROBLEM_NOT_FOUND, NULL,
                       "the dashboard's files could not be read when the bridge started: see its log, and "
                       "[http] web_folder; the API's base is %s",
                       API_BASE);
}

static void answer_file(struct request *request, const struct web_file *file)
{
    const struct validator validator = { .exists = true, .tag = text_from_c(file->etag) };
    request_set_etag(request, validator.tag);
    /* A malformed If-None-Match is no reason to withhold a page. */
    bool known = tags_compare(request->headers.if_none_match, &validator, TAGS_WEAKLY) == TAGS_MATCH;
    request_answer_empty(request, known ? 304 : 200);
    request->answer.file = file;
}

void web_answer(struct request *request)
{
    const bool page = is_page(request->path);
    const struct web_file *file =
        web_files_find(request->web->files, page ? TEXT("/index.html") : request->path);
    if (file == NULL && page)
        refuse_page(request);
    else if (file == NULL)
        request_refuse(request, PROBLEM_NOT_FOUND, NULL,
                       "there is nothing at this path; the API's base is %s", API_BASE);
    else if (request->method != METHOD_GET) {
        snprintf(request->answer.allow, sizeof request->answer.allow, "GET, HEAD");
        request_refuse(request, PROBLEM_METHOD_NOT_ALLOWED, NULL, "use one of %s", request->answer.allow);
    } else
        answer_file(request, file);
}
