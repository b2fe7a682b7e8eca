/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a byte stream cut into frames. The first byte chooses the byte order, the rest is the stream.
 */
#include <stdbool.h>
#include <string.h>

#include "ck/frame.h"
#include "fuzz/fuzz.h"

/* Less than a frame is never taken for one, and leaves all outputs alone. */
static void check_cut(const unsigned char *bytes, size_t frame_bytes, enum ck_byte_order order)
{
    const size_t cuts[] = { 0, 1, CK_HEADER_BYTES - 1, CK_HEADER_BYTES, frame_bytes - 1 };
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct ck_header header = { .version = 0x5A5A };
        enum ck_byte_order settled = order;
        if (cuts[i] >= frame_bytes)
            continue;
        FUZZ_REQUIRE(ck_frame_decode(bytes, cuts[i], &settled, &header) == 0);
        FUZZ_REQUIRE(settled == order && header.version == 0x5A5A);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum ck_byte_order order = (enum ck_byte_order)(data[0] % 3);
    size_t length = size - 1;
    unsigned char *stream = malloc(length > 0 ? length : 1); /* its own size: reading beyond is seen */
    FUZZ_REQUIRE(stream != NULL);
    memcpy(stream, data + 1, length);
    for (size_t at = 0;;) {
        struct ck_header header;
        unsigned char again[CK_HEADER_BYTES];
        enum ck_byte_order before = order;
        size_t frame_bytes = ck_frame_decode(stream + at, length - at, &order, &header);
        if (frame_bytes == 0) {
            FUZZ_REQUIRE(order == before);
            break;
        }
        FUZZ_REQUIRE(frame_bytes == CK_HEADER_BYTES + (size_t)header.payload_bytes);
        FUZZ_REQUIRE(frame_bytes <= length - at);
        FUZZ_REQUIRE(order != CK_BYTE_ORDER_AUTO && (before == CK_BYTE_ORDER_AUTO || order == before));
        FUZZ_REQUIRE(ck_command_name(header.command) != NULL);
        ck_header_encode(&header, order, again);
        FUZZ_REQUIRE(memcmp(again, stream + at, CK_HEADER_BYTES) == 0);
        check_cut(stream + at, frame_bytes, before);
        at += frame_bytes;
    }
    free(stream);
    return 0;
}

size_t fuzz_seed_from_frame(const uint8_t *frame, size_t frame_bytes, uint8_t *out_input, size_t capacity)
{
    if (frame_bytes + 1 > capacity)
        return 0;
    out_input[0] = (uint8_t)(frame_bytes % 3);
    memcpy(out_input + 1, frame, frame_bytes);
    return frame_bytes + 1;
}
