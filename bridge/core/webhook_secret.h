/* SPDX-License-Identifier: Apache-2.0 */
/* A webhook's signing secret in the form that Standard Webhooks gives it: "whsec_" and base64. */
#ifndef CORE_WEBHOOK_SECRET_H
#define CORE_WEBHOOK_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Standard Webhooks 1.0.0, "Signature scheme": 192 to 512 bits. */
enum { WEBHOOK_SECRET_BYTES_MIN = 24, WEBHOOK_SECRET_BYTES_MAX = 64, WEBHOOK_SECRET_BYTES_NEW = 32 };
enum { WEBHOOK_SECRET_TEXT_MAX = 6 + (WEBHOOK_SECRET_BYTES_MAX + 2) / 3 * 4 };

/* The key itself; whoever has one cleanses it. */
struct webhook_key {
    unsigned char bytes[WEBHOOK_SECRET_BYTES_MAX];
    size_t length;
};

/* False, and the output untouched: another form, or too short or too long. */
bool webhook_key_read(struct text secret, struct webhook_key *out_key);
void webhook_key_write(const struct webhook_key *key, struct bytes_writer *writer);

/* RFC 4648, section 4, with padding. */
void webhook_put_base64(struct bytes_writer *writer, const unsigned char *bytes, size_t count);

#endif
