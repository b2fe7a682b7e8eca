/* SPDX-License-Identifier: Apache-2.0 */
/* The API tokens that were made through the API: kept as documents, by the SHA-256 of their secrets. */
#ifndef HTTP_TOKEN_BOOK_H
#define HTTP_TOKEN_BOOK_H

#include "http/auth.h"
#include "http/mirror.h"

enum {
    API_TOKENS_MAX = 1024, /* one more is refused: limit_reached */
    TOKEN_ID_BYTES_MAX = 128,
};

struct api_token {
    struct mirrored mirrored;
    struct token token;
    json_t *body; /* holds the texts below */
    struct text created_by, description;
    uint64_t created_ms;
    struct revision stored;
};

struct token_book {
    struct mirror mirror;
    struct table by_digest;
};

void token_book_init(struct token_book *book);
void token_book_fini(struct token_book *book);
/* As the snapshot has them; true: something changed. */
bool token_book_follow(struct token_book *book, const struct snapshot *snapshot);

/* NULL: there is none. */
const struct api_token *token_book_find(const struct token_book *book, const struct secret_digest *digest);
const struct api_token *token_book_find_id(const struct token_book *book, struct text token_id);

/* The document of a new token, in the arena; false: out of memory. */
bool token_book_document(struct arena *arena, const struct api_token *token,
                         struct document_config *out_document);
/* "token/ops", in the arena; absent: out of memory. */
struct text token_book_document_id(struct arena *arena, struct text token_id);

#endif
