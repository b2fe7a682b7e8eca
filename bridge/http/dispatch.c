/* SPDX-License-Identifier: Apache-2.0 */
#include "http/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/idempotency.h"
#include "http/resources.h"
#include "http/uri.h"
#include "http/web.h"
#include "system/clock.h"

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

bool dispatch_refuse_credential(struct request *request, enum auth_status status)
{
    access_failed(request->access, request->caller, status, clock_monotonic_ms());
    switch (status) {
    case AUTH_OK:
    case AUTH_NONE:
        return unauthenticated(request, "Bearer realm=\"ckbridge\"",
                               "send a token (Authorization: Bearer ...), sign in (POST " API_BASE
                               "/session), or use a configured client certificate");
    case AUTH_UNKNOWN:
        return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_token\"",
                               "the token is not known, or was revoked; check it against the bridge's "
                               "configuration and its list of tokens");
    case AUTH_EXPIRED: /* told apart, for it helps who holds it, and opens nothing to anybody */
        return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_token\"",
                               "the token has expired; ask for a new one");
    case AUTH_MALFORMED:
        break;
    }
    return unauthenticated(request, "Bearer realm=\"ckbridge\", error=\"invalid_request\"",
                           "the Authorization header must read: Bearer, a space, the token");
}

/* Before a token is looked at. */
static bool admit(struct request *request)
{
    struct access *access = request->access;
    unsigned wait_s = access_wait_s(access, request->caller, clock_monotonic_ms());
    if (wait_s == 0)
        return true;
    access->attempts.refused++;
    request_refuse(request, PROBLEM_TOO_MANY_ATTEMPTS, NULL,
                   "too many tokens that are not known came from this address: try again in %u s", wait_s);
    request->answer.retry_after_s = wait_s;
    return false;
}

static bool authenticate(struct request *request, uint64_t wall_ms)
{
    struct access *access = request->access;
    struct identity identity;
    /* Sessions and certificates can't be guessed: who has one goes in whatever his neighbours do. */
    bool shows_token = text_is_present(request->headers.shown.authorization);
    if (shows_token && !admit(request))
        return false;
    enum auth_status status =
        access_identify(access, &request->headers.shown, request->caller, wall_ms, &identity);
    if (status != AUTH_OK)
        return (shows_token || admit(request)) && dispatch_refuse_credential(request, status);
    access_succeeded(access, request->caller, &identity, wall_ms);
    request->role = identity.role;
    request->actor = arena_copy(&request->arena, identity.actor); /* it may be removed meanwhile */
    request->credential = identity.credential;
    request->credential_expires_ms = identity.expires_ms;
    request->access_generation = access->generation;
    return true;
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
        web_answer(request);
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

static bool is_same_host(struct text origin, struct text host)
{
    struct text part;
    if (!uri_next(&origin, '/', &part) || !uri_next(&origin, '/', &part)) /* "https:", "" */
        return false;
    return text_is_present(host) && text_equal_ignoring_case(origin, host);
}

static bool refuse_site(struct request *request, const char *header, const char *detail)
{
    request_refuse(request, PROBLEM_CROSS_SITE, header, "%s", detail);
    return false;
}

/*
 * A browser adds cookies and client certificates to what any site's page makes it send; a bearer token it
 * does not. What it says of the page is believed, for no page can change it; and a session's request must
 * show besides what only a page of this bridge could read. GET changes nothing and needs none of this.
 */
static bool check_site(struct request *request)
{
    const struct request_headers *headers = &request->headers;
    char expected[SECRET_HEX_BYTES];
    if (request->method == METHOD_GET || request->credential == CREDENTIAL_TOKEN)
        return true;
    if (text_is_present(headers->fetch_site) && !text_equal(headers->fetch_site, TEXT("same-origin")))
        return refuse_site(request, "Sec-Fetch-Site", "only the bridge's own pages may send this");
    if (text_is_present(headers->origin) && !is_same_host(headers->origin, headers->host))
        return refuse_site(request, "Origin",
                           "Origin names another host than Host does: only the bridge's own pages may send "
                           "this, and a proxy must pass Host on");
    if (request->credential != CREDENTIAL_SIGN_IN)
        return true;
    if (secret_csrf_token(headers->shown.sign_in, expected) &&
        secret_equal(text_from_c(expected), headers->csrf_token))
        return true;
    return refuse_site(request, "X-CSRF-Token", "send the csrf_token of GET " API_BASE "/session with it");
}

bool dispatch_may_still(struct request *request, uint64_t wall_ms)
{
    struct identity identity;
    if (access_identify(request->access, &request->headers.shown, request->caller, wall_ms, &identity) !=
            AUTH_OK ||
        identity.role < request->route->role)
        return false;
    if (identity.sign_in != NULL) /* a stream that is open is a session in use */
        identity.sign_in->used_ms = wall_ms;
    return true;
}

/* A route within the API that is there for who has nothing to show yet. */
static bool is_open(const struct request *request)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++)
        if (routes[i].role == HTTP_ROLE_NONE && routes[i].method == request->method &&
            text_equal_c(request->path, routes[i].path))
            return true;
    return false;
}

bool dispatch_accept(struct request *request, uint64_t wall_ms)
{
    /* Within the API nothing is told before a token is shown, not even which paths there are. */
    bool within_api = is_within_api(request->path);
    if (within_api) {
        bool open = is_open(request);
        if (open ? !admit(request) : !authenticate(request, wall_ms))
            return false;
        if (open)
            request->body_bytes_max = REQUEST_OPEN_BODY_BYTES_MAX;
        report_presence(request);
    }
    if (!find_route(request))
        return false;
    bool anybody = request->route->handle == handle_metrics && request->metrics->open;
    if (!anybody && !within_api && request->route->role != HTTP_ROLE_NONE && !authenticate(request, wall_ms))
        return false;
    return check_site(request) && (anybody || check_role(request)) && parse_query(request) &&
           check_content_type(request);
}

/* What a secret is made for is not kept: a repetition could not be answered alike. */
static bool check_key(struct request *request)
{
    if (!api_holds_secret(request->route) || !text_is_present(request->headers.idempotency_key))
        return true;
    request_refuse(request, PROBLEM_BAD_HEADER, "Idempotency-Key",
                   "leave it out: the answer holds a secret, which the bridge does not keep for repetitions");
    return false;
}

enum handled dispatch_handle(struct request *request, uint64_t wall_ms)
{
    if (request->credential != CREDENTIAL_NONE && request->access_generation != request->access->generation &&
        !dispatch_may_still(request, wall_ms)) {
        dispatch_refuse_credential(request, AUTH_NONE); /* it was revoked while the body came */
        return HANDLED_ANSWERED;
    }
    if (request->body_too_large)
        return request_refuse(request, PROBLEM_TOO_LARGE, NULL,
                              "a body has at most %zu bytes here; send less at once",
                              request->body_bytes_max);
    if (!check_key(request))
        return HANDLED_ANSWERED;
    if (request->method == METHOD_POST && text_is_present(request->headers.idempotency_key) &&
        request->idempotency != NULL && !idempotency_begin(request))
        return HANDLED_ANSWERED;
    return request->route->handle(request);
}
