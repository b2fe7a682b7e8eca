/* SPDX-License-Identifier: Apache-2.0 */
#include "http/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

static void write_hex(const unsigned char *bytes, size_t count, char *out_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out_hex[2 * i] = digits[bytes[i] >> 4];
        out_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    out_hex[2 * count] = '\0';
}

bool secret_new_hex(char out_hex[SECRET_HEX_BYTES])
{
    unsigned char random[SECRET_DIGEST_BYTES];
    if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof random) != 0)
        return false;
    write_hex(random, sizeof random, out_hex);
    secret_wipe(random, sizeof random);
    return true;
}

bool secret_new_token(char out_token[SECRET_TOKEN_BYTES])
{
    char hex[SECRET_HEX_BYTES];
    struct secret_digest digest;
    if (!secret_new_hex(hex))
        return false;
    int length = snprintf(out_token, SECRET_TOKEN_BYTES, "ckb_%s", hex);
    secret_wipe(hex, sizeof hex);
    if (!secret_digest_of((struct text){ out_token, (size_t)length }, &digest))
        return false;
    write_hex(digest.bytes, 4, out_token + length);
    return true;
}

bool secret_digest_of(struct text secret, struct secret_digest *out_digest)
{
    return secret.length > 0 && secret.length <= SECRET_BYTES_MAX &&
           gnutls_hash_fast(GNUTLS_DIG_SHA256, secret.bytes, secret.length, out_digest->bytes) == 0;
}

struct text secret_digest_key(const struct secret_digest *digest)
{
    return (struct text){ (const char *)digest->bytes, sizeof digest->bytes };
}

void secret_digest_write(const struct secret_digest *digest, char out_hex[SECRET_HEX_BYTES])
{
    write_hex(digest->bytes, sizeof digest->bytes, out_hex);
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool secret_digest_read(struct text hex, struct secret_digest *out_digest)
{
    struct secret_digest digest;
    if (hex.length != 2 * sizeof digest.bytes)
        return false;
    for (size_t i = 0; i < sizeof digest.bytes; i++) {
        int high = hex_value(hex.bytes[2 * i]), low = hex_value(hex.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out_digest = digest;
    return true;
}

bool secret_csrf_token(struct text sign_in_secret, char out_token[SECRET_HEX_BYTES])
{
    static const char purpose[] = "ckbridge X-CSRF-Token";
    struct secret_digest mac;
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, sign_in_secret.bytes, sign_in_secret.length, purpose,
                         sizeof purpose - 1, mac.bytes) != 0)
        return false;
    secret_digest_write(&mac, out_token);
    return true;
}

bool secret_equal(struct text left, struct text right)
{
    return left.length == right.length && left.length > 0 &&
           gnutls_memcmp(left.bytes, right.bytes, left.length) == 0;
}

void secret_wipe(void *bytes, size_t count)
{
    gnutls_memset(bytes, 0, count);
}

struct siphash_key secret_table_key(void)
{
    struct siphash_key key = { 0, 0 };
    int status = gnutls_rnd(GNUTLS_RND_NONCE, &key, sizeof key);
    (void)status; /* without it the tables work too, if slower for whoever chooses keys to collide */
    return key;
}
