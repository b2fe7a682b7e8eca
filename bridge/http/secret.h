/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that the bridge gives out, and the SHA-256 that is all it keeps of one. */
#ifndef HTTP_SECRET_H
#define HTTP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/siphash.h"
#include "base/text.h"

enum {
    SECRET_DIGEST_BYTES = 32,
    SECRET_HEX_BYTES = 2 * SECRET_DIGEST_BYTES + 1,
    SECRET_TOKEN_BYTES = 4 + 64 + 8 + 1,
    SECRET_BYTES_MAX = 1024, /* of one that is presented; longer is malformed */
};

struct secret_digest {
    unsigned char bytes[SECRET_DIGEST_BYTES];
};

/*
 * "ckb_", 256 random bits as 64 hexadecimal digits, and the first 8 digits of the SHA-256 of all before: so
 * that those who search logs and repositories for leaked secrets can tell a token from what only looks alike.
 * False: no random numbers.
 */
bool secret_new_token(char out_token[SECRET_TOKEN_BYTES]);
/* 256 random bits as hexadecimal digits. */
bool secret_new_hex(char out_hex[SECRET_HEX_BYTES]);
/* False: it is empty or above SECRET_BYTES_MAX. */
bool secret_digest_of(struct text secret, struct secret_digest *out_digest);
struct text secret_digest_key(const struct secret_digest *digest); /* a view, to key a table by it */
void secret_digest_write(const struct secret_digest *digest, char out_hex[SECRET_HEX_BYTES]);
bool secret_digest_read(struct text hex, struct secret_digest *out_digest);
/* What a page proves with that it could read its session: HMAC-SHA256 under the session's secret. */
bool secret_csrf_token(struct text sign_in_secret, char out_token[SECRET_HEX_BYTES]);
/* Takes as long wherever the two differ; only their lengths show. */
bool secret_equal(struct text left, struct text right);
void secret_wipe(void *bytes, size_t count);
/* A random seed for hash tables. */
struct siphash_key secret_table_key(void);

#endif
