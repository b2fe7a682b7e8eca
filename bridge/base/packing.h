/* SPDX-License-Identifier: Apache-2.0 */
/* The compact binary form of what no query looks into: numbers as base-128 varints, texts with a length. */
#ifndef BASE_PACKING_H
#define BASE_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

enum { PACKING_U64_BYTES_MAX = 10 };

void packing_put_u64(struct bytes_writer *writer, uint64_t value);
/* Absent and empty stay different. */
void packing_put_text(struct bytes_writer *writer, struct text text);
size_t packing_text_bytes_max(struct text text);
/* A list that is NULL and an empty one stay different. */
void packing_put_texts(struct bytes_writer *writer, const struct text *texts, size_t count);
size_t packing_texts_bytes_max(const struct text *texts, size_t count);

/* After the first thing that does not fit, everything reads as 0 or absent and `failed` stays set. */
struct unpacker {
    const unsigned char *at;
    size_t left;
    bool failed;
};

struct unpacker unpacker(const void *bytes, size_t count);
uint64_t unpacker_u64(struct unpacker *unpacker);
/* At most `maximum`, else failed. */
uint64_t unpacker_u64_within(struct unpacker *unpacker, uint64_t maximum);
/* A view of the packed bytes. */
struct text unpacker_text(struct unpacker *unpacker);
/* Views of the packed bytes, listed in `texts`, which is returned; NULL when that is what was packed, or
   failed, as with more than `texts_max`. */
struct text *unpacker_texts(struct unpacker *unpacker, struct text *texts, size_t texts_max,
                            size_t *out_count);
/* NULL, and failed, when fewer are left. */
const unsigned char *unpacker_bytes(struct unpacker *unpacker, size_t count);

#endif
