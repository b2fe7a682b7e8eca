/* SPDX-License-Identifier: Apache-2.0 */
#include "http/token_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ck/json_writer.h"
#include "http/render.h"
#include "system/process_heap.h"

#define FOLDER "token/"

static struct text digest_of(const void *value)
{
    return secret_digest_key(&((const struct api_token *)value)->token.digest);
}

static void free_token(void *context, struct mirrored *mirrored)
{
    struct token_book *book = context;
    struct api_token *token = (struct api_token *)(void *)mirrored;
    if (table_find(&book->by_digest, digest_of(token)) == token)
        table_remove(&book->by_digest, digest_of(token));
    json_decref(token->body);
    free((char *)(uintptr_t)token->token.actor.bytes);
    free((char *)(uintptr_t)mirrored->document_id.bytes);
    free(token);
}

static bool read_members(struct api_token *token, const struct document_view *document)
{
    const json_t *body = token->body;
    token->created_by = mirror_text(body, "created_by");
    token->description = mirror_text(body, "description");
    token->created_ms = mirror_number(body, "created_ms");
    token->token.expires_ms = mirror_number(body, "expires_ms");
    token->stored = document->revision;
    return auth_role_from_name(mirror_text(body, "role"), &token->token.role) &&
           secret_digest_read(mirror_text(body, "sha256"), &token->token.digest);
}

/* The ID and the actor's name, each a copy. */
static bool read_names(struct api_token *token, struct text document_id)
{
    const size_t prefix = strlen(FOLDER);
    if (!text_starts_with(document_id, TEXT(FOLDER)))
        return false;
    char *id = malloc(document_id.length), *actor = malloc(document_id.length + 1);
    token->mirrored.document_id = (struct text){ id, document_id.length };
    token->token.actor = (struct text){ actor, document_id.length };
    if (id == NULL || actor == NULL)
        return false;
    memcpy(id, document_id.bytes, document_id.length);
    memcpy(actor, document_id.bytes, document_id.length);
    actor[prefix - 1] = ':';
    token->token.token_id = (struct text){ actor + prefix, document_id.length - prefix };
    return true;
}

/* A token that can't be read lets nobody in. */
static struct mirrored *make_token(void *context, const struct document_view *document)
{
    struct token_book *book = context;
    struct api_token *token = calloc(1, sizeof *token);
    if (token == NULL)
        return NULL;
    token->body = mirror_body(document);
    token->mirrored.revision = document->revision.number;
    if (token->body != NULL && read_names(token, document->config.document_id) &&
        read_members(token, document) && table_find(&book->by_digest, digest_of(token)) == NULL &&
        table_insert(&book->by_digest, token))
        return &token->mirrored;
    free_token(book, &token->mirrored);
    return NULL;
}

void token_book_init(struct token_book *book)
{
    static const struct mirror_functions functions = { .make = make_token, .free = free_token };
    mirror_init(&book->mirror, DOCUMENT_TOKEN, &functions, book);
    table_init(&book->by_digest, &process_heap, secret_table_key(), digest_of);
}

void token_book_fini(struct token_book *book)
{
    mirror_fini(&book->mirror);
    table_fini(&book->by_digest);
}

bool token_book_follow(struct token_book *book, const struct snapshot *snapshot)
{
    return mirror_follow(&book->mirror, snapshot);
}

const struct api_token *token_book_find(const struct token_book *book, const struct secret_digest *digest)
{
    return table_find(&book->by_digest, secret_digest_key(digest));
}

const struct api_token *token_book_find_id(const struct token_book *book, struct text token_id)
{
    char document_id[sizeof FOLDER + TOKEN_ID_BYTES_MAX];
    if (token_id.length > TOKEN_ID_BYTES_MAX)
        return NULL;
    int length = snprintf(document_id, sizeof document_id, FOLDER "%.*s", TEXT_ARGUMENTS(token_id));
    return table_find(&book->mirror.objects, (struct text){ document_id, (size_t)length });
}

struct text token_book_document_id(struct arena *arena, struct text token_id)
{
    size_t length = strlen(FOLDER) + token_id.length;
    char *id = arena_allocate(arena, length + 1);
    if (id == NULL)
        return TEXT_ABSENT;
    snprintf(id, length + 1, FOLDER "%.*s", TEXT_ARGUMENTS(token_id));
    return (struct text){ id, length };
}

static void put_body(struct bytes_writer *writer, const void *value)
{
    const struct api_token *token = value;
    char digest[SECRET_HEX_BYTES];
    secret_digest_write(&token->token.digest, digest);
    json_open_object(writer);
    render_name_and_c(writer, "sha256", digest);
    render_name_and_c(writer, "role", auth_role_name(token->token.role));
    render_name_and_u64(writer, "expires_ms", token->token.expires_ms);
    render_name_and_text(writer, "description", token->description);
    render_name_and_u64(writer, "created_ms", token->created_ms);
    render_name_and_text(writer, "created_by", token->created_by);
    json_close_object(writer);
}

bool token_book_document(struct arena *arena, const struct api_token *token,
                         struct document_config *out_document)
{
    out_document->kind = DOCUMENT_TOKEN;
    out_document->document_id = token_book_document_id(arena, token->token.token_id);
    out_document->body = mirror_write_body(arena, put_body, token);
    return text_is_present(out_document->document_id) && text_is_present(out_document->body);
}
