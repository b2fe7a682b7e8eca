/* SPDX-License-Identifier: Apache-2.0 */
#include "ck/frame.h"

#include <assert.h>

#include "base/bytes.h"

enum { VERSION_AT = 0, MESSAGE_ID_AT = 2, COMMAND_AT = 6, LENGTH_AT = 8 };

static_assert(LENGTH_AT + 2 == CK_HEADER_BYTES, "Figure A.1: 2 + 4 + 2 + 2 bytes");

const char *ck_command_name(uint16_t command)
{
    static const char *const names[CK_COMMANDS_END] = {
        [CK_NEXT_HOP_REQUEST] = "Key relay next hop request",
        [CK_NEXT_HOP_RESPONSE] = "Response to key relay next hop request",
        [CK_NOTIFY_RELAY] = "Notify key relay request",
        [CK_RELAY_REQUEST] = "Key relay request",
        [CK_RELAY_RESPONSE] = "Response to key relay request",
    };
    return command > 0 && command < CK_COMMANDS_END ? names[command] : "unknown";
}

static uint16_t swapped_u16(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

static uint32_t swapped_u32(uint32_t value)
{
    return (uint32_t)swapped_u16((uint16_t)value) << 16 | swapped_u16((uint16_t)(value >> 16));
}

static void swap_header(struct ck_header *header)
{
    header->version = swapped_u16(header->version);
    header->message_id = swapped_u32(header->message_id);
    header->command = swapped_u16(header->command);
    header->payload_bytes = swapped_u16(header->payload_bytes);
}

/* Only a known command with its bytes exchanged tells: 0x0100, 0x0200 ... 0x0500, not what lies between. */
static enum ck_byte_order recognised_order(uint16_t command)
{
    uint16_t exchanged = swapped_u16(command);
    return exchanged > 0 && exchanged < CK_COMMANDS_END ? CK_LITTLE_ENDIAN : CK_BIG_ENDIAN;
}

size_t ck_frame_decode(const unsigned char *bytes, size_t available, enum ck_byte_order *order,
                       struct ck_header *out_header)
{
    if (available < CK_HEADER_BYTES)
        return 0;
    struct ck_header header = {
        .version = bytes_load_u16_big(bytes + VERSION_AT),
        .message_id = bytes_load_u32_big(bytes + MESSAGE_ID_AT),
        .command = bytes_load_u16_big(bytes + COMMAND_AT),
        .payload_bytes = bytes_load_u16_big(bytes + LENGTH_AT),
    };
    enum ck_byte_order settled = *order == CK_BYTE_ORDER_AUTO ? recognised_order(header.command) : *order;
    if (settled == CK_LITTLE_ENDIAN)
        swap_header(&header);
    if (available - CK_HEADER_BYTES < header.payload_bytes)
        return 0;
    *order = settled;
    *out_header = header;
    return (size_t)CK_HEADER_BYTES + header.payload_bytes;
}

void ck_header_encode(const struct ck_header *header, enum ck_byte_order order, unsigned char *out_bytes)
{
    assert(order != CK_BYTE_ORDER_AUTO);
    struct ck_header ordered = *header;
    if (order == CK_LITTLE_ENDIAN)
        swap_header(&ordered);
    bytes_store_u16_big(out_bytes + VERSION_AT, ordered.version);
    bytes_store_u32_big(out_bytes + MESSAGE_ID_AT, ordered.message_id);
    bytes_store_u16_big(out_bytes + COMMAND_AT, ordered.command);
    bytes_store_u16_big(out_bytes + LENGTH_AT, ordered.payload_bytes);
}
