/* SPDX-License-Identifier: Apache-2.0 */
#include "http/uses.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "ck/json_writer.h"

#define FOLDER "token_use/"

enum { KEY_BYTES_MAX = sizeof FOLDER + 16 + LIMIT_IDENTIFIER_BYTES };

static void free_use(void *context, struct mirrored *mirrored)
{
    struct use *use = (struct use *)(void *)mirrored;
    (void)context;
    free((char *)(uintptr_t)mirrored->document_id.bytes);
    free(use);
}

static struct use *use_new(struct text document_id)
{
    struct use *use = calloc(1, sizeof *use);
    char *id = malloc(document_id.length + 1);
    if (use == NULL || id == NULL) {
        free(use);
        free(id);
        return NULL;
    }
    text_to_c(document_id, id, document_id.length + 1);
    use->mirrored.document_id = (struct text){ id, document_id.length };
    use->actor = (struct text){ id + strlen(FOLDER), document_id.length - strlen(FOLDER) };
    return use;
}

/* What is known here may be newer than what is stored. */
static void renew_use(void *context, struct mirrored *mirrored, const struct document_view *document)
{
    struct use *use = (struct use *)(void *)mirrored;
    json_t *body = mirror_body(document);
    uint64_t used_ms = mirror_number(body, "used_ms");
    (void)context;
    if (used_ms > use->used_ms) {
        use->used_ms = use->stored_ms = used_ms;
        text_to_c(mirror_text(body, "from"), use->from, sizeof use->from);
    }
    json_decref(body);
}

static struct mirrored *make_use(void *context, const struct document_view *document)
{
    struct use *use = text_starts_with(document->config.document_id, TEXT(FOLDER))
                          ? use_new(document->config.document_id)
                          : NULL;
    if (use == NULL)
        return NULL;
    use->mirrored.revision = document->revision.number;
    renew_use(context, &use->mirrored, document);
    return &use->mirrored;
}

void uses_init(struct uses *uses)
{
    static const struct mirror_functions functions = { make_use, renew_use, free_use };
    mirror_init(&uses->mirror, DOCUMENT_TOKEN_USE, &functions, uses);
}

void uses_fini(struct uses *uses)
{
    mirror_fini(&uses->mirror);
}

bool uses_follow(struct uses *uses, const struct snapshot *snapshot)
{
    return mirror_follow(&uses->mirror, snapshot);
}

static struct text key_of(struct text actor, char buffer[KEY_BYTES_MAX])
{
    const size_t prefix = strlen(FOLDER);
    if (prefix + actor.length > KEY_BYTES_MAX)
        return TEXT_ABSENT;
    memcpy(buffer, FOLDER, prefix);
    memcpy(buffer + prefix, actor.bytes, actor.length);
    return (struct text){ buffer, prefix + actor.length };
}

static struct use *find(const struct uses *uses, struct text actor)
{
    char buffer[KEY_BYTES_MAX];
    return table_find(&uses->mirror.objects, key_of(actor, buffer));
}

const struct use *uses_find(const struct uses *uses, struct text actor)
{
    return find(uses, actor);
}

static struct use *add(struct uses *uses, struct text actor)
{
    char buffer[KEY_BYTES_MAX];
    struct text key = key_of(actor, buffer);
    struct use *use = text_is_present(key) ? use_new(key) : NULL;
    if (use == NULL || mirror_add(&uses->mirror, &use->mirrored))
        return use;
    free_use(uses, &use->mirrored);
    return NULL;
}

void uses_note(struct uses *uses, struct text actor, struct text from, uint64_t wall_ms)
{
    struct use *use = find(uses, actor);
    if (use == NULL)
        use = add(uses, actor);
    if (use == NULL)
        return;
    use->used_ms = wall_ms;
    text_to_c(from, use->from, sizeof use->from);
}

/* The clock may have been put back. */
bool use_is_due(const struct use *use, uint64_t wall_ms)
{
    return use->dropped_ms == 0 && use->used_ms != use->stored_ms &&
           (wall_ms >= use->written_ms + USE_WRITE_MS || wall_ms < use->written_ms);
}

static void put_body(struct bytes_writer *writer, const void *value)
{
    const struct use *use = value;
    json_open_object(writer);
    render_name_and_u64(writer, "used_ms", use->used_ms);
    render_name_and_c(writer, "from", use->from);
    json_close_object(writer);
}

bool use_document(struct arena *arena, const struct use *use, struct document_config *out_document)
{
    out_document->kind = DOCUMENT_TOKEN_USE;
    out_document->document_id = arena_copy(arena, use->mirrored.document_id);
    out_document->body = mirror_write_body(arena, put_body, use);
    return text_is_present(out_document->document_id) && text_is_present(out_document->body);
}
