/* SPDX-License-Identifier: Apache-2.0 */
/* The ten-byte header and the payload behind it (Ck Annex A, Figure A.1). */
#ifndef CK_FRAME_H
#define CK_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    CK_HEADER_BYTES = 10,
    CK_PAYLOAD_BYTES_MAX = 65535,
    CK_FRAME_BYTES_MAX = CK_HEADER_BYTES + CK_PAYLOAD_BYTES_MAX,
};

/* Table A.1. */
enum ck_command {
    CK_NEXT_HOP_REQUEST = 1,  /* KM to controller, Ck 8.1 */
    CK_NEXT_HOP_RESPONSE = 2, /* controller to KM, Ck 8.2 */
    CK_NOTIFY_RELAY = 3,      /* KM to controller, Ck 8.3 */
    CK_RELAY_REQUEST = 4,     /* controller to KM, Ck 8.4 */
    CK_RELAY_RESPONSE = 5,    /* KM to controller, Ck 8.5 */
};
enum { CK_COMMANDS_END = 6 };

/* The Recommendation's name of a command, "unknown" for any other code. */
const char *ck_command_name(uint16_t command);

enum ck_byte_order {
    CK_BIG_ENDIAN, /* the profile's reading; the default */
    CK_LITTLE_ENDIAN,
    CK_BYTE_ORDER_AUTO, /* little-endian when the first CommandCode reads 0x0100 to 0x0500 */
};

struct ck_header {
    uint16_t version;
    uint32_t message_id;
    uint16_t command; /* any value; see enum ck_command for the known ones */
    uint16_t payload_bytes;
};

/*
 * Decodes the header at `bytes` when a whole frame is there.
 * Returns the frame's bytes (header and payload), or 0 when more are needed; every header is well-formed.
 * *order AUTO is settled by the first header, before the version is judged (wire profile, reading 11).
 * The payload is at bytes + CK_HEADER_BYTES. Outputs are set only when the result is above 0.
 */
size_t ck_frame_decode(const unsigned char *bytes, size_t available, enum ck_byte_order *order,
                       struct ck_header *out_header);

/* Writes CK_HEADER_BYTES. `order` is not AUTO. */
void ck_header_encode(const struct ck_header *header, enum ck_byte_order order, unsigned char *out_bytes);

#endif
