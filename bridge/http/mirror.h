/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in memory that follow the stored documents of one kind, from one snapshot to the next. */
#ifndef HTTP_MIRROR_H
#define HTTP_MIRROR_H

#include <jansson.h>

#include "base/table.h"
#include "core/snapshot.h"
#include "http/render.h"

/* Begins each object. */
struct mirrored {
    struct text document_id; /* the object's own */
    uint64_t revision;       /* 0: not stored yet */
    uint64_t round;          /* the newest in which its document was there */
};

struct mirror_functions {
    /* An object of a document, its document_id and revision set; NULL: unreadable, or no memory. */
    struct mirrored *(*make)(void *context, const struct document_view *document);
    /* Its document was written again; NULL: another object is made of it. */
    void (*renew)(void *context, struct mirrored *object, const struct document_view *document);
    void (*free)(void *context, struct mirrored *object);
};

struct mirror {
    enum document_kind kind;
    const struct mirror_functions *functions;
    void *context;
    struct table objects; /* by document_id */
    uint64_t round;
};

void mirror_init(struct mirror *mirror, enum document_kind kind, const struct mirror_functions *functions,
                 void *context);
void mirror_fini(struct mirror *mirror);
/* True: an object came, changed or went. */
bool mirror_follow(struct mirror *mirror, const struct snapshot *snapshot);
/* One that is not stored yet; false: no memory. */
bool mirror_add(struct mirror *mirror, struct mirrored *object);
/* Frees it. */
void mirror_drop(struct mirror *mirror, struct mirrored *object);

/* A body to be stored, in the arena; absent: out of memory. */
struct text mirror_write_body(struct arena *arena, render_function function, const void *value);
/* The document's body; NULL: it is no JSON object, or no memory. */
json_t *mirror_body(const struct document_view *document);
/* Its members; absent, or 0, when they are not there or of another type. The text is the body's. */
struct text mirror_text(const json_t *body, const char *name);
uint64_t mirror_number(const json_t *body, const char *name);

#endif
