/* SPDX-License-Identifier: Apache-2.0 */
/* Finds how far a JSON string runs on without a byte that needs thought; reader and writer share it. */
#ifndef CK_JSON_PLAIN_H
#define CK_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ASCII that stands for itself in a JSON string: no control character, no quote, no backslash. */
static inline bool json_byte_is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The high bit of every byte of `word` that is not plain; borrows may mark bytes above the first such one. */
static inline uint64_t json_word_marks(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    uint64_t quotes = word ^ (ones * '"');
    uint64_t backslashes = word ^ (ones * '\\');
    return (((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) |
            ((backslashes - ones) & ~backslashes) | word) &
           highs;
}

/* The number of plain bytes at the start of `bytes`. */
static inline size_t json_plain_bytes(const unsigned char *bytes, size_t count)
{
    size_t at = 0;
    while (count - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        uint64_t marks = json_word_marks(word);
        if (marks != 0) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return at + (size_t)__builtin_ctzll(marks) / 8;
#else
            break;
#endif
        }
        at += sizeof word;
    }
    while (at < count && json_byte_is_plain(bytes[at]))
        at++;
    return at;
}

#endif
