/* SPDX-License-Identifier: Apache-2.0 */
#include "http/mirror.h"

#include <stdlib.h>

#include "http/secret.h"
#include "system/process_heap.h"

static struct text key_of(const void *value)
{
    return ((const struct mirrored *)value)->document_id;
}

void mirror_init(struct mirror *mirror, enum document_kind kind, const struct mirror_functions *functions,
                 void *context)
{
    *mirror = (struct mirror){ .kind = kind, .functions = functions, .context = context };
    table_init(&mirror->objects, &process_heap, secret_table_key(), key_of);
}

void mirror_drop(struct mirror *mirror, struct mirrored *object)
{
    table_remove(&mirror->objects, object->document_id);
    mirror->functions->free(mirror->context, object);
}

void mirror_fini(struct mirror *mirror)
{
    struct mirrored *object;
    size_t position = 0;
    while ((object = table_next(&mirror->objects, &position)) != NULL)
        mirror->functions->free(mirror->context, object);
    table_fini(&mirror->objects);
}

bool mirror_add(struct mirror *mirror, struct mirrored *object)
{
    object->round = mirror->round;
    return table_insert(&mirror->objects, object);
}

static bool make(struct mirror *mirror, const struct document_view *document)
{
    struct mirrored *object = mirror->functions->make(mirror->context, document);
    if (object == NULL || mirror_add(mirror, object))
        return object != NULL;
    mirror->functions->free(mirror->context, object);
    return false;
}

static bool follow_one(struct mirror *mirror, const struct document_view *document)
{
    struct mirrored *object = table_find(&mirror->objects, document->config.document_id);
    if (object != NULL && object->revision == document->revision.number) {
        object->round = mirror->round;
        return false;
    }
    if (object != NULL && mirror->functions->renew != NULL) {
        object->round = mirror->round;
        object->revision = document->revision.number;
        mirror->functions->renew(mirror->context, object, document);
        return true;
    }
    if (object != NULL)
        mirror_drop(mirror, object);
    return make(mirror, document) || object != NULL;
}

/* Removal may move any object, so that each begins the search anew; few go at a time. */
static bool drop_gone(struct mirror *mirror)
{
    bool changed = false;
    size_t position = 0;
    struct mirrored *object;
    while ((object = table_next(&mirror->objects, &position)) != NULL) {
        if (object->round == mirror->round || object->revision == 0) /* 0: not there yet */
            continue;
        mirror_drop(mirror, object);
        changed = true;
        position = 0;
    }
    return changed;
}

bool mirror_follow(struct mirror *mirror, const struct snapshot *snapshot)
{
    const struct document_view *documents;
    size_t count = snapshot_documents(snapshot, mirror->kind, &documents);
    bool changed = false;
    mirror->round++;
    for (size_t i = 0; i < count; i++)
        changed = follow_one(mirror, &documents[i]) || changed;
    return drop_gone(mirror) || changed;
}

struct text mirror_write_body(struct arena *arena, render_function function, const void *value)
{
    struct render render;
    size_t length = 0;
    render_init(&render);
    render_value(&render, function, value);
    char *bytes = render_take(&render, &length);
    struct text body = arena_copy(arena, (struct text){ bytes, length });
    free(bytes);
    return body;
}

json_t *mirror_body(const struct document_view *document)
{
    json_t *body = json_loadb(document->config.body.bytes, document->config.body.length, 0, NULL);
    if (json_is_object(body))
        return body;
    json_decref(body);
    return NULL;
}

struct text mirror_text(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    return json_is_string(value) ? (struct text){ json_string_value(value), json_string_length(value) }
                                 : TEXT_ABSENT;
}

uint64_t mirror_number(const json_t *body, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(body, name));
    return value > 0 ? (uint64_t)value : 0;
}
