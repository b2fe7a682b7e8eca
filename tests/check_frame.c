/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ck/frame.h"
#include "seeded.h"

/* Figure A.1, each field with bytes that tell their order. */
static const unsigned char big_header[CK_HEADER_BYTES] = { 0x12, 0x34, 0xA1, 0xB2, 0xC3,
                                                           0xD4, 0x00, 0x03, 0x00, 0x02 };
static const unsigned char little_header[CK_HEADER_BYTES] = { 0x34, 0x12, 0xD4, 0xC3, 0xB2,
                                                              0xA1, 0x03, 0x00, 0x02, 0x00 };
static const struct ck_header header_fields = {
    .version = 0x1234, .message_id = 0xA1B2C3D4, .command = CK_NOTIFY_RELAY, .payload_bytes = 2
};

static void assert_fields(const struct ck_header *header)
{
    assert_int_equal(header->version, header_fields.version);
    assert_int_equal(header->message_id, header_fields.message_id);
    assert_int_equal(header->command, header_fields.command);
    assert_int_equal(header->payload_bytes, header_fields.payload_bytes);
}

/* Decodes header and a payload of two bytes, and checks the order that was settled. */
static void check_decode(const unsigned char *header_bytes, enum ck_byte_order given,
                         enum ck_byte_order settled)
{
    unsigned char frame[CK_HEADER_BYTES + 2] = { 0 };
    struct ck_header header;
    enum ck_byte_order order = given;
    memcpy(frame, header_bytes, CK_HEADER_BYTES);
    assert_int_equal(ck_frame_decode(frame, sizeof frame, &order, &header), sizeof frame);
    assert_int_equal(order, settled);
    assert_fields(&header);
}

static void test_frame_decode_every_field_big_endian(void **state)
{
    (void)state;
    check_decode(big_header, CK_BIG_ENDIAN, CK_BIG_ENDIAN);
}

static void test_frame_decode_every_field_little_endian(void **state)
{
    (void)state;
    check_decode(little_header, CK_LITTLE_ENDIAN, CK_LITTLE_ENDIAN);
}

static void test_frame_decode_auto_settles_order_by_command(void **state)
{
    (void)state;
    check_decode(big_header, CK_BYTE_ORDER_AUTO, CK_BIG_ENDIAN);
    check_decode(little_header, CK_BYTE_ORDER_AUTO, CK_LITTLE_ENDIAN);
}

/* Only the five known codes with their bytes exchanged tell; every other code leaves the profile's order. */
static void test_frame_decode_auto_every_command(void **state)
{
    (void)state;
    for (unsigned command = 0; command <= UINT16_MAX; command++) {
        unsigned char frame[CK_HEADER_BYTES] = { 0, 1, 0, 0, 0, 0 };
        struct ck_header header;
        enum ck_byte_order order = CK_BYTE_ORDER_AUTO;
        frame[6] = (unsigned char)(command >> 8);
        frame[7] = (unsigned char)command;
        bool exchanged = (command & 0xFF) == 0 && command >= 0x0100 && command <= 0x0500;
        assert_int_equal(ck_frame_decode(frame, sizeof frame, &order, &header), sizeof frame);
        assert_int_equal(order, exchanged ? CK_LITTLE_ENDIAN : CK_BIG_ENDIAN);
        assert_int_equal(header.command, exchanged ? command >> 8 : command);
    }
}

static void test_frame_decode_big_endian_ignores_exchanged_command(void **state)
{
    (void)state;
    unsigned char frame[CK_HEADER_BYTES] = { 0, 1, 0, 0, 0, 0, 1, 0, 0, 0 };
    struct ck_header header;
    enum ck_byte_order order = CK_BIG_ENDIAN;
    assert_int_equal(ck_frame_decode(frame, sizeof frame, &order, &header), sizeof frame);
    assert_int_equal(header.command, 0x0100);
    assert_int_equal(order, CK_BIG_ENDIAN);
}

static void test_frame_decode_incomplete_touches_nothing(void **state)
{
    (void)state;
    unsigned char frame[CK_HEADER_BYTES + 2] = { 0 };
    memcpy(frame, little_header, CK_HEADER_BYTES);
    for (size_t available = 0; available < sizeof frame; available++) {
        struct ck_header header;
        struct ck_header before;
        enum ck_byte_order order = CK_BYTE_ORDER_AUTO;
        memset(&header, 0x5A, sizeof header);
        before = header;
        assert_int_equal(ck_frame_decode(frame, available, &order, &header), 0);
        assert_int_equal(order, CK_BYTE_ORDER_AUTO);
        assert_memory_equal(&header, &before, sizeof header);
    }
}

static void test_frame_decode_longest_payload(void **state)
{
    (void)state;
    static unsigned char frame[CK_FRAME_BYTES_MAX + 1];
    enum ck_byte_order order = CK_BIG_ENDIAN;
    struct ck_header header = { .version = 1, .command = 1, .payload_bytes = CK_PAYLOAD_BYTES_MAX };
    ck_header_encode(&header, CK_BIG_ENDIAN, frame);
    assert_int_equal(ck_frame_decode(frame, CK_FRAME_BYTES_MAX - 1, &order, &header), 0);
    assert_int_equal(ck_frame_decode(frame, CK_FRAME_BYTES_MAX, &order, &header), CK_FRAME_BYTES_MAX);
    /* the byte behind it is the next frame's */
    assert_int_equal(ck_frame_decode(frame, CK_FRAME_BYTES_MAX + 1, &order, &header), CK_FRAME_BYTES_MAX);
    assert_int_equal(header.payload_bytes, CK_PAYLOAD_BYTES_MAX);
}

static void test_header_encode_both_orders(void **state)
{
    (void)state;
    unsigned char bytes[CK_HEADER_BYTES];
    ck_header_encode(&header_fields, CK_BIG_ENDIAN, bytes);
    assert_memory_equal(bytes, big_header, sizeof bytes);
    ck_header_encode(&header_fields, CK_LITTLE_ENDIAN, bytes);
    assert_memory_equal(bytes, little_header, sizeof bytes);
}

static void test_header_encode_decode_same_bytes(void **state)
{
    (void)state;
    struct seeded seeded = { 20230510 };
    for (int i = 0; i < 10000; i++) {
        unsigned char bytes[CK_HEADER_BYTES];
        unsigned char again[CK_HEADER_BYTES];
        struct ck_header header;
        enum ck_byte_order order = i % 2 == 0 ? CK_BIG_ENDIAN : CK_LITTLE_ENDIAN;
        for (size_t at = 0; at < 8; at++)
            bytes[at] = (unsigned char)seeded_next(&seeded);
        bytes[8] = bytes[9] = 0; /* no payload follows */
        assert_int_equal(ck_frame_decode(bytes, sizeof bytes, &order, &header), sizeof bytes);
        ck_header_encode(&header, order, again);
        assert_memory_equal(bytes, again, sizeof bytes);
    }
}

/* Table A.1. */
static void test_command_name_every_code(void **state)
{
    (void)state;
    assert_string_equal(ck_command_name(0x01), "Key relay next hop request");
    assert_string_equal(ck_command_name(0x02), "Response to key relay next hop request");
    assert_string_equal(ck_command_name(0x03), "Notify key relay request");
    assert_string_equal(ck_command_name(0x04), "Key relay request");
    assert_string_equal(ck_command_name(0x05), "Response to key relay request");
    assert_string_equal(ck_command_name(0x00), "unknown");
    assert_string_equal(ck_command_name(0x06), "unknown");
    assert_string_equal(ck_command_name(0xFFFF), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_decode_every_field_big_endian),
        cmocka_unit_test(test_frame_decode_every_field_little_endian),
        cmocka_unit_test(test_frame_decode_auto_settles_order_by_command),
        cmocka_unit_test(test_frame_decode_auto_every_command),
        cmocka_unit_test(test_frame_decode_big_endian_ignores_exchanged_command),
        cmocka_unit_test(test_frame_decode_incomplete_touches_nothing),
        cmocka_unit_test(test_frame_decode_longest_payload),
        cmocka_unit_test(test_header_encode_both_orders),
        cmocka_unit_test(test_header_encode_decode_same_bytes),
        cmocka_unit_test(test_command_name_every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
