/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <string.h>

#include "ck/json_writer.h"
#include "http/api.h"
#include "http/body.h"
#include "http/commands.h"
#include "http/cookie.h"
#include "http/dispatch.h"
#include "system/clock.h"

/* A session as its owner sees it. */
struct session_view {
    struct text actor;
    enum http_role role;
    enum credential credential;
    uint64_t expires_ms, idle_expires_ms; /* 0: never */
    const char *csrf_token;               /* NULL: none is needed */
};

static const char *credential_name(enum credential credential)
{
    switch (credential) {
    case CREDENTIAL_NONE:
        break;
    case CREDENTIAL_TOKEN:
        return "token";
    case CREDENTIAL_CERTIFICATE:
        return "certificate";
    case CREDENTIAL_SIGN_IN:
        return "session";
    }
    return NULL;
}

static void put_session(struct bytes_writer *writer, const void *value)
{
    const struct session_view *view = value;
    json_open_object(writer);
    render_name_and_text(writer, "actor", view->actor);
    render_name_and_c(writer, "role", auth_role_name(view->role));
    render_name_and_c(writer, "authenticated_by", credential_name(view->credential));
    render_name_and_time(writer, "expires_at", view->expires_ms);
    render_name_and_time(writer, "idle_expires_at", view->idle_expires_ms);
    render_name_and_c(writer, "csrf_token", view->csrf_token);
    json_close_object(writer);
}

static struct sign_in *find_own(struct request *request)
{
    struct secret_digest digest;
    if (!text_is_present(request->headers.shown.sign_in) ||
        !secret_digest_of(request->headers.shown.sign_in, &digest))
        return NULL;
    return sign_ins_find(&request->access->sign_ins, &digest, clock_wall_ms());
}

enum handled handle_session_get(struct request *request)
{
    char csrf_token[SECRET_HEX_BYTES];
    struct session_view view = { .actor = request->actor,
                                 .role = request->role,
                                 .credential = request->credential,
                                 .expires_ms = request->credential_expires_ms };
    const struct sign_in *sign_in = request->credential == CREDENTIAL_SIGN_IN ? find_own(request) : NULL;
    if (sign_in != NULL) {
        view.idle_expires_ms = sign_in_idle_ends_ms(sign_in);
        if (secret_csrf_token(request->headers.shown.sign_in, csrf_token))
            view.csrf_token = csrf_token;
    }
    return request_answer_value(request, 200, put_session, &view);
}

static void set_cookie(struct request *request, const char *value, uint64_t max_age_ms)
{
    const struct access *access = request->access;
    struct cookie cookie = { .name = access_cookie_name(access),
                             .value = value,
                             .max_age_s = max_age_ms / 1000,
                             .secure = access->secure };
    request->answer.set_cookie = cookie_write(&request->arena, &cookie);
}

/* Signing in */

/* What is told once, when the session is stored. */
struct new_sign_in {
    struct sign_in sign_in;
    enum http_role role;
    char secret[SECRET_HEX_BYTES];
};

static void after_create(struct request *request, const struct reply *reply)
{
    struct new_sign_in *made = request->context;
    const struct sign_in *sign_in = &made->sign_in;
    char csrf_token[SECRET_HEX_BYTES];
    struct session_view view = { .actor = request->actor,
                                 .role = made->role,
                                 .credential = CREDENTIAL_SIGN_IN,
                                 .expires_ms = sign_in->ends_ms,
                                 .idle_expires_ms = sign_in_idle_ends_ms(sign_in) };
    (void)reply;
    if (secret_csrf_token(text_from_c(made->secret), csrf_token))
        view.csrf_token = csrf_token;
    set_cookie(request, made->secret, sign_in->ends_ms - sign_in->created_ms);
    request_answer_value(request, 201, put_session, &view);
    secret_wipe(made->secret, sizeof made->secret);
}

/* The token, for which its SHA-256 is enough; false: answered. */
static bool read_token(struct request *request, struct secret_digest *out_digest)
{
    static const char *const members[] = { "token", NULL };
    struct body body;
    if (!body_parse(request, &request->arena, &body) || !body_has_only(&body, members))
        return false;
    json_t *value = json_object_get(body.json, "token");
    if (value == NULL)
        return body_refuse(&body, PROBLEM_MISSING_MEMBER, "token", "\"token\" is mandatory; add it");
    bool read =
        json_is_string(value) &&
        secret_digest_of((struct text){ json_string_value(value), json_string_length(value) }, out_digest);
    if (json_is_string(value)) /* jansson frees it unwiped */
        secret_wipe((char *)(uintptr_t)json_string_value(value), json_string_length(value));
    return read || body_refuse(&body, PROBLEM_BAD_MEMBER, "token", "\"token\" is a string of 1 to %d bytes",
                               SECRET_BYTES_MAX);
}

/* False: answered. */
static bool find_token(struct request *request, const struct secret_digest *digest, uint64_t wall_ms,
                       const struct token **out_token)
{
    enum auth_status status = access_identify_token(request->access, digest, wall_ms, out_token);
    if (status != AUTH_OK)
        return dispatch_refuse_credential(request, status);
    struct identity identity = { .credential = CREDENTIAL_TOKEN, .actor = (*out_token)->actor };
    access_succeeded(request->access, request->caller, &identity, wall_ms);
    request->actor = arena_copy(&request->arena, (*out_token)->actor);
    return true;
}

/* Ends the one that this browser had, and the oldest when there are too many. */
static void make_room(struct request *request, const struct secret_digest *token_digest, uint64_t wall_ms)
{
    struct access *access = request->access;
    struct sign_in *sign_in = find_own(request);
    if (sign_in == NULL)
        sign_in = sign_ins_surplus(&access->sign_ins, token_digest);
    if (sign_in != NULL && access_drop(access, sign_in->mirrored.document_id))
        sign_in->dropped_ms = wall_ms;
}

static struct new_sign_in *new_sign_in(struct request *request, const struct token *token, uint64_t wall_ms)
{
    const struct auth_limits *limits = auth_limits(request->access->auth);
    struct new_sign_in *made = arena_allocate(&request->arena, sizeof *made);
    if (made == NULL || !secret_new_hex(made->secret) ||
        !secret_digest_of(text_from_c(made->secret), &made->sign_in.digest))
        return NULL;
    char *actor = arena_allocate(&request->arena, token->actor.length + 1);
    if (actor == NULL)
        return NULL;
    text_to_c(token->actor, actor, token->actor.length + 1);
    made->role = token->role;
    made->sign_in.actor = actor;
    made->sign_in.token_digest = token->digest;
    made->sign_in.created_ms = made->sign_in.used_ms = wall_ms;
    made->sign_in.idle_ms = limits->sign_in_idle_ms;
    made->sign_in.ends_ms = wall_ms + limits->sign_in_ms;
    if (token->expires_ms != 0 && token->expires_ms < made->sign_in.ends_ms)
        made->sign_in.ends_ms = token->expires_ms;
    return made;
}

static enum handled out_of_memory(struct request *request, struct command_request *command)
{
    command_request_free(command);
    return request_refuse(request, PROBLEM_INTERNAL, NULL, "no session could be made; try again later");
}

enum handled handle_session_create(struct request *request)
{
    const uint64_t wall_ms = clock_wall_ms();
    struct secret_digest digest;
    const struct token *token;
    if (!read_token(request, &digest) || !find_token(request, &digest, wall_ms, &token))
        return HANDLED_ANSWERED;
    struct new_sign_in *made = new_sign_in(request, token, wall_ms);
    if (made == NULL)
        return out_of_memory(request, NULL);
    struct command_request *command = commands_new(request, COMMAND_DOCUMENT_PUT);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct document_config *document = arena_allocate(&command->arena, sizeof *document);
    if (document == NULL || !sign_in_document(&command->arena, &made->sign_in, document))
        return out_of_memory(request, command);
    command->command.document = document;
    make_room(request, &digest, wall_ms);
    request->context = made;
    return commands_submit(request, command, after_create);
}

/* Signing out */

static void after_delete(struct request *request, const struct reply *reply)
{
    (void)reply;
    set_cookie(request, "", 0);
    request_answer_empty(request, 204);
}

enum handled handle_session_delete(struct request *request)
{
    const struct sign_in *sign_in = request->credential == CREDENTIAL_SIGN_IN ? find_own(request) : NULL;
    if (sign_in == NULL)
        return request_refuse(request, PROBLEM_CONFLICT, NULL,
                              "no session was used to send this: who holds a token is signed out by revoking "
                              "it (DELETE " API_BASE "/tokens/...)");
    struct command_request *command = commands_new(request, COMMAND_DOCUMENT_DELETE);
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.id = arena_copy(&command->arena, sign_in->mirrored.document_id);
    return commands_submit(request, command, after_delete);
}
