/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures after Standard Webhooks 1.0.0: HMAC-SHA256 over id, timestamp and body. */
#ifndef WEBHOOK_SIGNATURE_H
#define WEBHOOK_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/webhook_secret.h"

struct signed_message {
    struct text id;
    uint64_t timestamp_s; /* Unix time of the attempt */
    struct text body;
};

/* Puts "v1,<base64>". False: OpenSSL had no memory, nothing is put. */
bool signature_put(const struct webhook_key *key, const struct signed_message *message,
                   struct bytes_writer *writer);

#endif
