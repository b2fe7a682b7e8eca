/* SPDX-License-Identifier: Apache-2.0 */
/* When each credential was used last and from where, for those who tidy up: kept as documents, to the minute.
 */
#ifndef HTTP_USES_H
#define HTTP_USES_H

#include "http/mirror.h"

enum {
    USE_WRITE_MS = 60000, /* at most so often one is stored; a crash loses no more */
    USE_FROM_BYTES = 64,
};

struct use {
    struct mirrored mirrored; /* "token_use/token:ops" */
    struct text actor;        /* the end of that */
    uint64_t used_ms;
    uint64_t stored_ms;  /* the used_ms that is stored, or on its way there */
    uint64_t written_ms; /* when that was sent there */
    uint64_t dropped_ms; /* when its deletion was asked for; 0: it was not */
    char from[USE_FROM_BYTES];
};

struct uses {
    struct mirror mirror;
};

void uses_init(struct uses *uses);
void uses_fini(struct uses *uses);
bool uses_follow(struct uses *uses, const struct snapshot *snapshot);
/* Used now; without memory it is not noted. */
void uses_note(struct uses *uses, struct text actor, struct text from, uint64_t wall_ms);
/* NULL: never, as far as is known. */
const struct use *uses_find(const struct uses *uses, struct text actor);
/* Whether it is to be stored now. */
bool use_is_due(const struct use *use, uint64_t wall_ms);
/* The document of one, in the arena; false: out of memory. */
bool use_document(struct arena *arena, const struct use *use, struct document_config *out_document);

#endif
