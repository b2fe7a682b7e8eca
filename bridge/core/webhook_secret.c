/* SPDX-License-Identifier: Apache-2.0 */
#include "core/webhook_secret.h"

#include <string.h>

#define PREFIX TEXT("whsec_")

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void webhook_put_base64(struct bytes_writer *writer, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 3) {
        const size_t have = count - i < 3 ? count - i : 3;
        const unsigned group = (unsigned)bytes[i] << 16 | (have > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                               (have > 2 ? bytes[i + 2] : 0);
        for (size_t digit = 0; digit < 4; digit++)
            bytes_put_byte(writer, digit <= have ? alphabet[group >> (18 - 6 * digit) & 63] : '=');
    }
}

void webhook_key_write(const struct webhook_key *key, struct bytes_writer *writer)
{
    bytes_put_text(writer, PREFIX);
    webhook_put_base64(writer, key->bytes, key->length);
}

/* Of a group's four digits; -1: none, or padding where none may be. */
static int digit_value(char digit)
{
    const char *at = digit != '\0' ? strchr(alphabet, digit) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

/* One group of four; `padding` of them are '='. False: not the one spelling of its bytes. */
static bool read_group(const char *digits, size_t padding, struct webhook_key *key)
{
    unsigned group = 0;
    for (size_t i = 0; i < 4; i++) {
        const int value = i < 4 - padding ? digit_value(digits[i]) : digits[i] == '=' ? 0 : -1;
        if (value < 0)
            return false;
        group = group << 6 | (unsigned)value;
    }
    if ((group & ((1u << (8 * padding)) - 1)) != 0)
        return false;
    for (size_t i = 0; i < 3 - padding; i++)
        key->bytes[key->length++] = (unsigned char)(group >> (16 - 8 * i));
    return true;
}

bool webhook_key_read(struct text secret, struct webhook_key *out_key)
{
    struct webhook_key key = { .length = 0 };
    if (!text_starts_with(secret, PREFIX) || secret.length > WEBHOOK_SECRET_TEXT_MAX)
        return false;
    const char *digits = secret.bytes + PREFIX.length;
    const size_t count = secret.length - PREFIX.length;
    if (count == 0 || count % 4 != 0)
        return false;
    for (size_t i = 0; i < count; i += 4) {
        const bool last = i + 4 == count;
        const size_t padding = !last || digits[i + 3] != '=' ? 0 : digits[i + 2] == '=' ? 2 : 1;
        if (key.length + 3 - padding > WEBHOOK_SECRET_BYTES_MAX || !read_group(digits + i, padding, &key))
            return false;
    }
    if (key.length < WEBHOOK_SECRET_BYTES_MIN)
        return false;
    *out_key = key;
    return true;
}
