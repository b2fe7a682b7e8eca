/* SPDX-License-Identifier: Apache-2.0 */
#include "http/sign_ins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ck/json_writer.h"
#include "system/process_heap.h"

static struct text digest_of(const void *value)
{
    return secret_digest_key(&((const struct sign_in *)value)->digest);
}

static void free_sign_in(void *context, struct mirrored *mirrored)
{
    struct sign_ins *sign_ins = context;
    struct sign_in *sign_in = (struct sign_in *)(void *)mirrored;
    if (table_find(&sign_ins->by_digest, digest_of(sign_in)) == sign_in)
        table_remove(&sign_ins->by_digest, digest_of(sign_in));
    free(sign_in->actor);
    free(sign_in);
}

static void name(struct sign_in *sign_in)
{
    char digest[SECRET_HEX_BYTES];
    secret_digest_write(&sign_in->digest, digest);
    int length = snprintf(sign_in->document_id, sizeof sign_in->document_id, "sign_in/%.32s", digest);
    sign_in->mirrored.document_id = (struct text){ sign_in->document_id, (size_t)length };
}

static char *copy_c(struct text text)
{
    char *copy = text_is_present(text) ? malloc(text.length + 1) : NULL;
    if (copy != NULL)
        text_to_c(text, copy, text.length + 1);
    return copy;
}

static bool read_body(struct sign_in *sign_in, const json_t *body)
{
    sign_in->actor = copy_c(mirror_text(body, "actor"));
    sign_in->created_ms = mirror_number(body, "created_ms");
    sign_in->ends_ms = mirror_number(body, "ends_ms");
    sign_in->idle_ms = mirror_number(body, "idle_ms");
    sign_in->used_ms = sign_in->written_ms = mirror_number(body, "used_ms");
    return sign_in->actor != NULL && secret_digest_read(mirror_text(body, "sha256"), &sign_in->digest) &&
           secret_digest_read(mirror_text(body, "token_sha256"), &sign_in->token_digest);
}

static struct mirrored *make_sign_in(void *context, const struct document_view *document)
{
    struct sign_ins *sign_ins = context;
    struct sign_in *sign_in = calloc(1, sizeof *sign_in);
    json_t *body = mirror_body(document);
    if (sign_in == NULL || body == NULL) {
        json_decref(body);
        free(sign_in);
        return NULL;
    }
    bool read = read_body(sign_in, body);
    json_decref(body);
    name(sign_in);
    sign_in->mirrored.revision = document->revision.number;
    if (read && text_equal(sign_in->mirrored.document_id, document->config.document_id) &&
        table_find(&sign_ins->by_digest, digest_of(sign_in)) == NULL &&
        table_insert(&sign_ins->by_digest, sign_in))
        return &sign_in->mirrored;
    free_sign_in(sign_ins, &sign_in->mirrored);
    return NULL;
}

/* Written again, it says nothing new but when it was used. */
static void renew_sign_in(void *context, struct mirrored *mirrored, const struct document_view *document)
{
    struct sign_in *sign_in = (struct sign_in *)(void *)mirrored;
    json_t *body = mirror_body(document);
    (void)context;
    sign_in->written_ms = mirror_number(body, "used_ms");
    if (sign_in->written_ms > sign_in->used_ms)
        sign_in->used_ms = sign_in->written_ms;
    json_decref(body);
}

void sign_ins_init(struct sign_ins *sign_ins)
{
    static const struct mirror_functions functions = { make_sign_in, renew_sign_in, free_sign_in };
    mirror_init(&sign_ins->mirror, DOCUMENT_SIGN_IN, &functions, sign_ins);
    table_init(&sign_ins->by_digest, &process_heap, secret_table_key(), digest_of);
}

void sign_ins_fini(struct sign_ins *sign_ins)
{
    mirror_fini(&sign_ins->mirror);
    table_fini(&sign_ins->by_digest);
}

bool sign_ins_follow(struct sign_ins *sign_ins, const struct snapshot *snapshot)
{
    return mirror_follow(&sign_ins->mirror, snapshot);
}

uint64_t sign_in_idle_ends_ms(const struct sign_in *sign_in)
{
    return sign_in->used_ms + sign_in->idle_ms;
}

bool sign_in_is_over(const struct sign_in *sign_in, uint64_t wall_ms)
{
    return wall_ms >= sign_in->ends_ms || wall_ms >= sign_in_idle_ends_ms(sign_in);
}

struct sign_in *sign_ins_find(const struct sign_ins *sign_ins, const struct secret_digest *digest,
                              uint64_t wall_ms)
{
    struct sign_in *sign_in = table_find(&sign_ins->by_digest, secret_digest_key(digest));
    return sign_in != NULL && sign_in->dropped_ms == 0 && !sign_in_is_over(sign_in, wall_ms) ? sign_in : NULL;
}

static bool is_of(const struct sign_in *sign_in, const struct secret_digest *token_digest)
{
    return text_equal(secret_digest_key(&sign_in->token_digest), secret_digest_key(token_digest));
}

struct sign_in *sign_ins_surplus(const struct sign_ins *sign_ins, const struct secret_digest *token_digest)
{
    size_t position = 0, count = 0, count_of_token = 0;
    struct sign_in *sign_in, *oldest = NULL, *oldest_of_token = NULL;
    while ((sign_in = table_next(&sign_ins->by_digest, &position)) != NULL) {
        if (sign_in->dropped_ms != 0)
            continue;
        count++;
        if (oldest == NULL || sign_in->created_ms < oldest->created_ms)
            oldest = sign_in;
        if (!is_of(sign_in, token_digest))
            continue;
        count_of_token++;
        if (oldest_of_token == NULL || sign_in->created_ms < oldest_of_token->created_ms)
            oldest_of_token = sign_in;
    }
    if (count_of_token >= SIGN_INS_OF_TOKEN_MAX)
        return oldest_of_token;
    return count >= SIGN_INS_MAX ? oldest : NULL;
}

static void put_body(struct bytes_writer *writer, const void *value)
{
    const struct sign_in *sign_in = value;
    char digest[SECRET_HEX_BYTES], token_digest[SECRET_HEX_BYTES];
    secret_digest_write(&sign_in->digest, digest);
    secret_digest_write(&sign_in->token_digest, token_digest);
    json_open_object(writer);
    render_name_and_c(writer, "sha256", digest);
    render_name_and_c(writer, "token_sha256", token_digest);
    render_name_and_c(writer, "actor", sign_in->actor);
    render_name_and_u64(writer, "created_ms", sign_in->created_ms);
    render_name_and_u64(writer, "ends_ms", sign_in->ends_ms);
    render_name_and_u64(writer, "idle_ms", sign_in->idle_ms);
    render_name_and_u64(writer, "used_ms", sign_in->used_ms);
    json_close_object(writer);
}

bool sign_in_document(struct arena *arena, struct sign_in *sign_in, struct document_config *out_document)
{
    name(sign_in);
    out_document->kind = DOCUMENT_SIGN_IN;
    out_document->document_id = arena_copy(arena, sign_in->mirrored.document_id);
    out_document->body = mirror_write_body(arena, put_body, sign_in);
    return text_is_present(out_document->document_id) && text_is_present(out_document->body);
}
