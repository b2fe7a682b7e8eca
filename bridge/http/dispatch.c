/* SPDX-License-Identifier: Apache-2.0 */
#include "http/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/idempotency.h"
#include "http/uri.h"

static bool is_within_api(struct text path)
{
    return text_starts_with(path, TEXT("/api/")) || text_equal(path, TEXT("/api"));
}

static bool unauthenticated(struct request *request, const char *challenge, const char *detail)
{
    request_refuse(request, PROBLEM_UNAUTHENTICATED, NULL, "%s", detail);
    request->answer.authenticate = challenge;
    return false;
}

static bool adopt(struct request *request, struct text actor)
{
    request->actor = arena_copy(&request->arena, actor); /* a reload may take the credentials meanwhile */
    return true;
}

static bool authenticate(struct request *request, const struct dispatch_caller *caller)
{
    struct text actor = TEXT_ABSENT;
    if (!text_is_present(request->headers.authorization)) {
        if (auth_certificate(caller->auth, caller->identities, caller->identity_count, &request->role,
                             &actor) == AUTH_OK)
            return adopt(request, actor);
        return unauthenticated(request, "Bearer realm=\"ckbridge\"",
                               "send a token (Authorization: Bearer ...) or use a configured client "
                               "certificate");
    }
    switch (
        auth_bearer(caller->auth, request->headers.authorization, caller->wall_ms, &request->role, &actor)) {
    case AUTH_OK:
        return adopt(request, actor);
    case AUTH_UNKNOWN:
        return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_token\"",
                               "the token is not known; check it against the bridge's configuration");
    case AUTH_EXPIRED:
        return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_token\"",
                               "the token has expired; ask for a new one");
    case AUTH_MALFORMED:
        break;
    }
    return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_request\"",
                           "the Authorization header must read: Bearer, a space, the token");
}

/* An orchestrator counts as present through what its role does; admins and viewers do not. */
static void report_presence(const struct request *request)
{
    if (request->role == HTTP_ROLE_ORCHESTRATOR)
        request->backend->orchestrator(request->backend->context, ORCHESTRATOR_REQUEST);
}

static bool find_route(struct request *request)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    struct router_match match = router_find(routes, count, request->method, request->path);
    request->route = match.route;
    if (match.methods == 0) {
        request_refuse(request, PROBLEM_NOT_FOUND, NULL,
                       "there is nothing at this path; the API's base is %s", API_BASE);
        return false;
    }
    if (match.route == NULL) {
        router_allow(match.methods, request->answer.allow, sizeof request->answer.allow);
        request_refuse(request, PROBLEM_METHOD_NOT_ALLOWED, NULL, "use one of %s", request->answer.allow);
        return false;
    }
    if (!text_is_present(match.capture))
        return true;
    if (uri_decode(match.capture, URI_PATH, &request->arena, &request->id) && text_is_identifier(request->id))
        return true;
    request_refuse(request, PROBLEM_BAD_TARGET, NULL,
                   "the identifier in the path must be 1 to 255 bytes of UTF-8 without control characters, "
                   "percent-encoded once");
    return false;
}

/* HTTP_ROLE_NONE routes are open; all else wants at least the route's role. */
static bool check_role(struct request *request)
{
    if (request->role >= request->route->role)
        return true;
    request_refuse(request, PROBLEM_FORBIDDEN, NULL, "this needs the role %s; %.*s has the role %s",
                   auth_role_name(request->route->role), TEXT_ARGUMENTS(request->actor),
                   auth_role_name(request->role));
    return false;
}

static bool take_parameter(struct request *request, struct text raw)
{
    struct text raw_value = raw, raw_name, name, value = { "", 0 };
    uri_next(&raw_value, '=', &raw_name);
    if (!uri_decode(raw_name, URI_QUERY, &request->arena, &name) ||
        (text_is_present(raw_value) && !uri_decode(raw_value, URI_QUERY, &request->arena, &value))) {
        request_refuse(request, PROBLEM_BAD_TARGET, NULL,
                       "the query has a broken percent-encoding, a NUL, or is not UTF-8");
        return false;
    }
    const char *const *names = request->route->parameters;
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (!text_equal_c(name, names[i]))
            continue;
        if (!text_is_present(request->parameters[i])) {
            request->parameters[i] = value;
            return true;
        }
        request_refuse(request, PROBLEM_BAD_PARAMETER, names[i], "%s is given more than once", names[i]);
        return false;
    }
    char detail[192];
    snprintf(detail, sizeof detail, "this resource has no query parameter \"%.*s\"; remove it",
             (int)(name.length < 128 ? name.length : 128), name.bytes);
    struct problem problem = { .kind = PROBLEM_UNKNOWN_PARAMETER,
                               .parameter = name,
                               .detail = text_from_c(detail) };
    request_problem(request, &problem);
    return false;
}

static bool parse_query(struct request *request)
{
    struct text rest = request->query, raw;
    while (uri_next(&rest, '&', &raw))
        if (raw.length > 0 && !take_parameter(request, raw))
            return false;
    return true;
}

/* PUT and POST carry JSON; parameters such as charset are of no consequence, for JSON is UTF-8. A client that
   says no type, or the form type that curl -d and others put there unasked, is taken at its body's word: no
   form is a JSON object, and requests are authenticated by what a browser does not send by itself. */
static bool check_content_type(struct request *request)
{
    struct text type = request->headers.content_type;
    if (request->method != METHOD_PUT && request->method != METHOD_POST)
        return true;
    const char *end = type.length > 0 ? memchr(type.bytes, ';', type.length) : NULL;
    if (end != NULL)
        type.length = (size_t)(end - type.bytes);
    while (type.length > 0 && type.bytes[type.length - 1] == ' ')
        type.length--;
    if (type.length == 0 || text_equal_ignoring_case(type, TEXT("application/json")) ||
        text_equal_ignoring_case(type, TEXT("application/x-www-form-urlencoded")))
        return true;
    request_refuse(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
                   "send JSON, with Content-Type: application/json");
    return false;
}

bool dispatch_may_still(struct request *request, const struct dispatch_caller *caller)
{
    enum http_role role = HTTP_ROLE_NONE;
    struct text actor;
    enum auth_status status =
        text_is_present(request->headers.authorization)
            ? auth_bearer(caller->auth, request->headers.authorization, caller->wall_ms, &role, &actor)
            : auth_certificate(caller->auth, caller->identities, caller->identity_count, &role, &actor);
    return status == AUTH_OK && role >= request->route->role;
}

bool dispatch_accept(struct request *request, const struct dispatch_caller *caller)
{
    /* Within the API nothing is told before a token is shown, not even which paths there are. */
    bool within_api = is_within_api(request->path);
    if (within_api) {
        if (!authenticate(request, caller))
            return false;
        report_presence(request);
    }
    return find_route(request) && check_role(request) && parse_query(request) && check_content_type(request);
}

enum handled dispatch_handle(struct request *request)
{
    if (request->body_too_large)
        return request_refuse(request, PROBLEM_TOO_LARGE, NULL,
                              "a body has at most %d bytes; send less at once", REQUEST_BODY_BYTES_MAX);
    if (request->method == METHOD_POST && text_is_present(request->headers.idempotency_key) &&
        request->idempotency != NULL && !idempotency_begin(request))
        return HANDLED_ANSWERED;
    return request->route->handle(request);
}
