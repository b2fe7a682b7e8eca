/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packing.h"

void packing_put_u64(struct bytes_writer *writer, uint64_t value)
{
    if (value < 0x80) { /* most are */
        bytes_put_byte(writer, (char)value);
        return;
    }
    unsigned char digits[PACKING_U64_BYTES_MAX];
    size_t count = 0;
    while (value >= 0x80) {
        digits[count++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    digits[count++] = (unsigned char)value;
    bytes_put(writer, digits, count);
}

void packing_put_text(struct bytes_writer *writer, struct text text)
{
    packing_put_u64(writer, text_is_present(text) ? (uint64_t)text.length + 1 : 0);
    if (text_is_present(text))
        bytes_put_text(writer, text);
}

size_t packing_text_bytes_max(struct text text)
{
    return PACKING_U64_BYTES_MAX + text.length;
}

void packing_put_texts(struct bytes_writer *writer, const struct text *texts, size_t count)
{
    packing_put_u64(writer, texts != NULL ? (uint64_t)count + 1 : 0);
    for (size_t i = 0; texts != NULL && i < count; i++)
        packing_put_text(writer, texts[i]);
}

size_t packing_texts_bytes_max(const struct text *texts, size_t count)
{
    size_t bytes = PACKING_U64_BYTES_MAX;
    for (size_t i = 0; texts != NULL && i < count; i++)
        bytes += packing_text_bytes_max(texts[i]);
    return bytes;
}

struct unpacker unpacker(const void *bytes, size_t count)
{
    return (struct unpacker){ .at = bytes, .left = count };
}

static uint64_t fail(struct unpacker *unpacker)
{
    unpacker->failed = true;
    unpacker->left = 0;
    return 0;
}

uint64_t unpacker_u64(struct unpacker *unpacker)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && unpacker->left > 0; shift += 7) {
        unsigned char byte = *unpacker->at++;
        unpacker->left--;
        if (shift == 63 && byte > 1)
            break; /* above 2^64-1 */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    return fail(unpacker);
}

uint64_t unpacker_u64_within(struct unpacker *unpacker, uint64_t maximum)
{
    uint64_t value = unpacker_u64(unpacker);
    return value <= maximum ? value : fail(unpacker);
}

const unsigned char *unpacker_bytes(struct unpacker *unpacker, size_t count)
{
    if (unpacker->failed || count > unpacker->left) {
        fail(unpacker);
        return NULL;
    }
    const unsigned char *bytes = unpacker->at;
    unpacker->at += count;
    unpacker->left -= count;
    return bytes;
}

struct text unpacker_text(struct unpacker *unpacker)
{
    uint64_t length = unpacker_u64(unpacker);
    if (length == 0)
        return TEXT_ABSENT;
    if (length - 1 > unpacker->left) {
        fail(unpacker);
        return TEXT_ABSENT;
    }
    const unsigned char *bytes = unpacker_bytes(unpacker, (size_t)length - 1);
    return (struct text){ (const char *)bytes, bytes != NULL ? (size_t)length - 1 : 0 };
}

struct text *unpacker_texts(struct unpacker *unpacker, struct text *texts, size_t texts_max,
                            size_t *out_count)
{
    uint64_t count = unpacker_u64_within(unpacker, (uint64_t)texts_max + 1);
    *out_count = 0;
    if (count == 0)
        return NULL;
    for (size_t i = 0; i + 1 < count; i++)
        texts[i] = unpacker_text(unpacker);
    *out_count = (size_t)count - 1;
    return texts;
}
