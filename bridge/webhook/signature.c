/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/signature.h"

#include <openssl/evp.h>
#include <openssl/params.h>

enum { SHA256_BYTES = 32 };

static bool digest(EVP_MAC_CTX *context, const struct webhook_key *key, const struct signed_message *message,
                   unsigned char *out_digest)
{
    char digest_name[] = "SHA256";
    const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string("digest", digest_name, 0),
                                      OSSL_PARAM_construct_end() };
    char timestamp[32];
    size_t length = 0;
    struct bytes_writer writer = bytes_writer(timestamp, sizeof timestamp);
    bytes_put_byte(&writer, '.');
    bytes_put_u64(&writer, message->timestamp_s);
    bytes_put_byte(&writer, '.');
    return EVP_MAC_init(context, key->bytes, key->length, parameters) == 1 &&
           EVP_MAC_update(context, (const unsigned char *)message->id.bytes, message->id.length) == 1 &&
           EVP_MAC_update(context, writer.buffer, writer.length) == 1 &&
           EVP_MAC_update(context, (const unsigned char *)message->body.bytes, message->body.length) == 1 &&
           EVP_MAC_final(context, out_digest, &length, SHA256_BYTES) == 1 && length == SHA256_BYTES;
}

bool signature_put(const struct webhook_key *key, const struct signed_message *message,
                   struct bytes_writer *writer)
{
    unsigned char bytes[SHA256_BYTES];
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
    const bool good = context != NULL && digest(context, key, message, bytes);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    if (!good)
        return false;
    bytes_put_c(writer, "v1,");
    webhook_put_base64(writer, bytes, sizeof bytes);
    return true;
}
