/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Browsers' sessions: a cookie's secret that stands for the token it was exchanged for, kept as documents by
 * its SHA-256, so that a restart of the bridge signs nobody out.
 */
#ifndef HTTP_SIGN_INS_H
#define HTTP_SIGN_INS_H

#include "http/auth.h"
#include "http/mirror.h"

enum {
    SIGN_INS_MAX = 256,         /* one more: the oldest ends */
    SIGN_INS_OF_TOKEN_MAX = 32, /* likewise, of one token, so that none can end all the others' */
    SIGN_IN_WRITE_MS = 60000,   /* at most so often it is stored that a session is in use */
};

struct sign_in {
    struct mirrored mirrored; /* its document's ID ends in the digest's first half */
    char document_id[48];
    struct secret_digest digest;       /* of the cookie's secret */
    struct secret_digest token_digest; /* of the token; the session has that token's role, and ends with it */
    char *actor;                       /* "token:ops" */
    uint64_t created_ms;
    uint64_t ends_ms; /* at the latest */
    uint64_t idle_ms; /* it ends when it was not used for so long */
    uint64_t used_ms;
    uint64_t written_ms; /* the used_ms that is stored */
    uint64_t dropped_ms; /* when its deletion was asked for; 0: it is in force */
};

struct sign_ins {
    struct mirror mirror;
    struct table by_digest;
};

void sign_ins_init(struct sign_ins *sign_ins);
void sign_ins_fini(struct sign_ins *sign_ins);
bool sign_ins_follow(struct sign_ins *sign_ins, const struct snapshot *snapshot);

/* NULL: there is none, or its time is over. */
struct sign_in *sign_ins_find(const struct sign_ins *sign_ins, const struct secret_digest *digest,
                              uint64_t wall_ms);
bool sign_in_is_over(const struct sign_in *sign_in, uint64_t wall_ms);
uint64_t sign_in_idle_ends_ms(const struct sign_in *sign_in);
/* The one that must go before another of this token may come; NULL: there is room. */
struct sign_in *sign_ins_surplus(const struct sign_ins *sign_ins, const struct secret_digest *token_digest);

/* The document of one, in the arena; false: out of memory. Its ID is set in `sign_in`. */
bool sign_in_document(struct arena *arena, struct sign_in *sign_in, struct document_config *out_document);

#endif
