/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "net/address.h"

static void test_address_round_trips(void **state)
{
    static const char *const texts[] = { "127.0.0.1:7164", "0.0.0.0:0", "[::]:7164", "[::1]:65535",
                                         "[2001:db8::1]:1" };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        assert_true(address_parse(texts[i], &address));
        address_format(&address, text, sizeof(text));
        assert_string_equal(text, texts[i]);
    }
}

static void test_address_malformed_is_refused_untouched(void **state)
{
    static const char *const texts[] = {
        "",
        ":7164",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "::1:7164",
        "[::1]",
        "[::1]7164",
        "localhost:7164",
        "127.1:7164",
        "0x7f.0.0.1:1",
        "[]:1",
        "[127.0.0.1]:1",
        "127.0.0.1: 1",
        "256.0.0.1:1",
        "127.0.0.1:7164x",
        "[::1:7164",
        "[::zz]:1",
        "127.0.0.1:000001",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct address address = { .length = 77 };
        if (address_parse(texts[i], &address))
            fail_msg("accepted \"%s\"", texts[i]);
        assert_int_equal(address.length, 77);
    }
}

static void test_address_too_long_is_refused(void **state)
{
    char text[300];
    struct address address;
    (void)state;
    memset(text, '1', sizeof(text));
    memcpy(text + sizeof(text) - 4, ":80", 4);
    assert_false(address_parse(text, &address));
    text[sizeof(text) - 4] = '\0';
    assert_false(address_parse_host(text, &address));
}

static void test_address_host_alone(void **state)
{
    struct address address;
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    assert_true(address_parse_host("127.0.0.9", &address));
    address_format(&address, text, sizeof(text));
    assert_string_equal(text, "127.0.0.9:0");
    assert_true(address_parse_host("[::1]", &address));
    assert_true(address_parse_host("::1", &address));
    address_format_host(&address, text, sizeof(text));
    assert_string_equal(text, "::1");
    assert_false(address_parse_host("host", &address));
    assert_false(address_parse_host("", &address));
}

static void test_address_mapped_host_is_ipv4(void **state)
{
    struct address address;
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    assert_true(address_parse("[::ffff:192.0.2.1]:9", &address));
    address_format_host(&address, text, sizeof(text));
    assert_string_equal(text, "192.0.2.1");
}

static void test_address_of_no_family_is_a_question_mark(void **state)
{
    const struct address address = { .length = sizeof(address.storage) };
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    address_format(&address, text, sizeof(text));
    assert_string_equal(text, "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_round_trips),
        cmocka_unit_test(test_address_malformed_is_refused_untouched),
        cmocka_unit_test(test_address_too_long_is_refused),
        cmocka_unit_test(test_address_host_alone),
        cmocka_unit_test(test_address_mapped_host_is_ipv4),
        cmocka_unit_test(test_address_of_no_family_is_a_question_mark),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
