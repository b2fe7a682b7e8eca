/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ck/json_writer.h"
#include "http/api.h"
#include "http/configuration.h"
#include "http/page.h"
#include "http/uri.h"
#include "system/clock.h"

/* A token as it is shown: the file's, or the API's. */
struct token_row {
    const struct token *token;
    const struct api_token *made; /* NULL: it is the file's */
    const struct use *use;        /* NULL: never used, as far as is known */
};

/* A token that was made anew under an old name has not been used yet. */
static struct token_row row_of(const struct access *access, const struct token *token,
                               const struct api_token *made)
{
    const struct use *use = uses_find(&access->uses, token->actor);
    if (use != NULL && (use->used_ms == 0 || (made != NULL && use->used_ms < made->created_ms)))
        use = NULL;
    return (struct token_row){ token, made, use };
}

static void put_members(struct bytes_writer *writer, const void *value)
{
    const struct token_row *row = value;
    const struct api_token *made = row->made;
    render_name_and_text(writer, "token_id", row->token->token_id);
    render_name_and_c(writer, "role", auth_role_name(row->token->role));
    render_name_and_c(writer, "origin", configuration_origin_name(made != NULL ? ORIGIN_API : ORIGIN_FILE));
    render_name_and_text(writer, "description", made != NULL ? made->description : TEXT_ABSENT);
    render_name_and_time(writer, "expires_at", row->token->expires_ms);
    render_name_and_time(writer, "created_at", made != NULL ? made->created_ms : 0);
    render_name_and_text(writer, "created_by", made != NULL ? made->created_by : TEXT_ABSENT);
    render_name_and_time(writer, "last_used_at", row->use != NULL ? row->use->used_ms : 0);
    render_name_and_text(writer, "last_used_from",
                         row->use != NULL && row->use->from[0] != '\0' ? text_from_c(row->use->from)
                                                                       : TEXT_ABSENT);
}

static void put_token(struct bytes_writer *writer, const void *value)
{
    json_open_object(writer);
    put_members(writer, value);
    json_close_object(writer);
}

/* Reading */

static struct text key_of(const void *item)
{
    return ((const struct token_row *)item)->token->token_id;
}

static int compare_rows(const void *left, const void *right)
{
    return text_compare(key_of(left), key_of(right));
}

/* All in the order of their IDs; NULL: out of memory. */
static struct token_row *list_rows(struct request *request, size_t *out_count)
{
    const struct access *access = request->access;
    size_t file_count, count = 0, position = 0;
    const struct token *tokens = auth_tokens(access->auth, &file_count);
    const struct api_token *made;
    struct token_row *rows =
        arena_allocate(&request->arena, (file_count + access->book.mirror.objects.count + 1) * sizeof *rows);
    if (rows == NULL)
        return NULL;
    for (size_t i = 0; i < file_count; i++)
        rows[count++] = row_of(access, &tokens[i], NULL);
    while ((made = table_next(&access->book.mirror.objects, &position)) != NULL)
        if (auth_token_of_id(access->auth, made->token.token_id) == NULL)
            rows[count++] = row_of(access, &made->token, made);
    qsort(rows, count, sizeof *rows, compare_rows);
    *out_count = count;
    return rows;
}

enum handled handle_tokens_list(struct request *request)
{
    size_t count = 0;
    const struct token_row *rows = list_rows(request, &count);
    struct listing listing = {
        .items = rows, .count = count, .item_bytes = sizeof *rows, .key = key_of, .render = put_token
    };
    if (rows == NULL)
        return request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
    return page_answer_listing(request, &listing);
}

/* False: there is none of the path's ID. */
static bool find(const struct request *request, struct token_row *out_row)
{
    const struct access *access = request->access;
    const struct token *token = auth_token_of_id(access->auth, request->id);
    const struct api_token *made = token == NULL ? token_book_find_id(&access->book, request->id) : NULL;
    if (token == NULL && made == NULL)
        return false;
    *out_row = row_of(access, made != NULL ? &made->token : token, made);
    return true;
}

enum handled handle_token_get(struct request *request)
{
    struct token_row row;
    bool found = find(request, &row);
    if (found && row.made == NULL) /* the file has no revisions */
        return request_answer_value(request, 200, put_token, &row);
    struct configured object = { .item = found ? &row : NULL,
                                 .revision = found ? &row.made->stored : NULL,
                                 .render = put_members,
                                 .live = true };
    return configuration_answer_object(request, &object);
}

/* Revoking */

static void after_delete(struct request *request, const struct reply *reply)
{
    configuration_answer_change(request, reply);
}

static enum handled refuse_of_file(struct request *request, struct text token_id)
{
    char detail[512];
    snprintf(detail, sizeof detail,
             "the token \"%.*s\" is defined in the configuration file: change it there",
             TEXT_ARGUMENTS(token_id));
    struct problem problem = { .kind = PROBLEM_CONFLICT,
                               .detail = text_from_c(detail),
                               .reason = REASON_DEFINED_IN_FILE };
    return request_problem(request, &problem);
}

/* One that the API made goes, also when the file has meanwhile taken its name. */
enum handled handle_token_delete(struct request *request)
{
    const struct api_token *made = token_book_find_id(&request->access->book, request->id);
    struct configured object = { .item = made, .revision = made != NULL ? &made->stored : NULL };
    if (made == NULL && auth_token_of_id(request->access->auth, request->id) != NULL)
        return refuse_of_file(request, request->id);
    struct command_request *command = configuration_command(request, COMMAND_DOCUMENT_DELETE, &object);
    if (command == NULL)
        return HANDLED_ANSWERED;
    command->command.id = token_book_document_id(&command->arena, request->id);
    return commands_submit(request, command, after_delete);
}

/* Making */

/* What is told once, when the command is done. */
struct new_token {
    struct api_token token;
    char secret[SECRET_TOKEN_BYTES];
};

static bool read_token(struct request *request, struct command_request *command, struct api_token *token)
{
    static const char *const members[] = { "token_id", "role", "expires_at", "description", NULL };
    static const char *const roles[] = { "viewer", "orchestrator", "admin", NULL };
    struct body body;
    int role = -1;
    if (!body_parse(request, &command->arena, &body) || !body_has_only(&body, members) ||
        !body_identifier(&body, "token_id", MANDATORY, &token->token.token_id) ||
        !body_choice(&body, "role", roles, "viewer, orchestrator or admin", &role) ||
        !body_time(&body, "expires_at", &token->token.expires_ms) ||
        !body_words(&body, "description", OPTIONAL, &token->description))
        return false;
    token->token.role = (enum http_role)(HTTP_ROLE_VIEWER + role);
    if (role < 0)
        return body_refuse(&body, PROBLEM_MISSING_MEMBER, "role", "\"role\" is mandatory; add it");
    if (token->token.token_id.length > TOKEN_ID_BYTES_MAX)
        return body_refuse(&body, PROBLEM_BAD_MEMBER, "token_id", "\"token_id\" has at most %d bytes",
                           TOKEN_ID_BYTES_MAX);
    if (body_has(&body, "expires_at") && token->token.expires_ms <= clock_wall_ms())
        return body_refuse(&body, PROBLEM_BAD_MEMBER, "expires_at", "\"expires_at\" is in the past");
    return true;
}

static void put_new(struct bytes_writer *writer, const void *value)
{
    const struct new_token *made = value;
    struct token_row row = { &made->token.token, &made->token, NULL };
    json_open_object(writer);
    put_members(writer, &row);
    render_name_and_c(writer, "secret", made->secret);
    json_close_object(writer);
}

static void set_location(struct request *request, struct text token_id)
{
    const size_t bytes_max = sizeof API_BASE "/tokens/" + 3 * token_id.length;
    char *location = arena_allocate(&request->arena, bytes_max);
    struct bytes_writer writer = bytes_writer(location, location != NULL ? bytes_max - 1 : 0);
    bytes_put_c(&writer, API_BASE "/tokens/");
    uri_put_encoded(&writer, token_id);
    request->answer.location = location;
}

static void after_create(struct request *request, const struct reply *reply)
{
    struct new_token *made = request->context;
    char digits[24];
    struct bytes_writer writer = bytes_writer(digits, sizeof digits);
    bytes_put_u64(&writer, reply->revision);
    set_location(request, made->token.token.token_id);
    request_set_etag(request, bytes_written(&writer));
    request_answer_value(request, 201, put_new, made);
    secret_wipe(made->secret, sizeof made->secret);
}

static struct new_token *new_token(struct request *request, struct command_request *command)
{
    struct new_token *made = arena_allocate(&request->arena, sizeof *made);
    struct document_config *document = arena_allocate(&command->arena, sizeof *document);
    if (made == NULL || document == NULL || !secret_new_token(made->secret) ||
        !secret_digest_of(text_from_c(made->secret), &made->token.token.digest)) {
        request_refuse(request, PROBLEM_INTERNAL, NULL, "no token could be made; try again later");
        return NULL;
    }
    if (!read_token(request, command, &made->token))
        return NULL;
    made->token.created_ms = clock_wall_ms();
    made->token.created_by = request->actor;
    if (!token_book_document(&command->arena, &made->token, document)) {
        request_refuse(request, PROBLEM_INTERNAL, NULL, "out of memory; try again later");
        return NULL;
    }
    /* The command goes before its reply comes: what is told then is the request's. */
    made->token.token.token_id = arena_copy(&request->arena, made->token.token.token_id);
    made->token.description = arena_copy(&request->arena, made->token.description);
    command->command.document = document;
    command->command.if_absent = true;
    return made;
}

/* False: answered. The core looks again whether the name is free, at the moment of the change. */
static bool may_come(struct request *request, struct text token_id)
{
    const struct access *access = request->access;
    char detail[128];
    if (auth_token_of_id(access->auth, token_id) != NULL) {
        refuse_of_file(request, token_id);
        return false;
    }
    if (token_book_find_id(&access->book, token_id) != NULL) {
        request_refuse(request, PROBLEM_CONFLICT, "/token_id",
                       "there is a token of this name: take another, or revoke that one first");
        return false;
    }
    if (access->book.mirror.objects.count < API_TOKENS_MAX)
        return true;
    snprintf(detail, sizeof detail, "there are %d tokens, as many as may be: revoke one first",
             API_TOKENS_MAX);
    struct problem problem = { .kind = PROBLEM_CONFLICT,
                               .detail = text_from_c(detail),
                               .reason = REASON_LIMIT_REACHED };
    request_problem(request, &problem);
    return false;
}

enum handled handle_token_create(struct request *request)
{
    struct command_request *command = commands_new(request, COMMAND_DOCUMENT_PUT);
    if (command == NULL)
        return HANDLED_ANSWERED;
    struct new_token *made = new_token(request, command);
    if (made == NULL || !may_come(request, made->token.token.token_id)) {
        command_request_free(command);
        return HANDLED_ANSWERED;
    }
    request->context = made;
    return commands_submit(request, command, after_create);
}
