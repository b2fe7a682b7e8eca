/* SPDX-License-Identifier: Apache-2.0 */
/* [snmp] and its users, communities and receivers: what is taken, and what is written instead of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_fixture.h"

static void test_config_snmp_settings_are_checked(void **state)
{
    (void)state;
    config_refuse("[snmp]\nmode = master\n", 2, "agentx | standalone | off");
    config_refuse("[snmp]\nnotifications_per_minute = 0\n", 2, "1 to 60000");
    config_refuse("[snmp_user \"nms\"]\nauth = SHA-256\n", 1, "auth_key_file");
    config_refuse("[snmp_user \"nms\"]\nauth = MD5\nauth_key_file = /k\n", 2, "SHA-256");
    config_refuse("[snmp_receiver \"r\"]\naddress = udp:127.0.0.1:162\nuser = nobody\n", 3,
                  "there is no [snmp_user \"nobody\"]");
    config_refuse("[snmp_receiver \"r\"]\ninform = yes\n", 1, "address");
}

static void test_config_snmp_agentx_socket_is_a_path_or_a_tcp_address(void **state)
{
    (void)state;
    static const char *const good[] = { "unix:/run/x",       "/run/x",         "tcp:localhost:705",
                                        "tcp:127.0.0.1:705", "tcp6:[::1]:705", "tcp:snmp.example.net:1" };
    static const char *const bad[] = {
        "unix:run/x",
        "unix:",
        "705",
        "localhost:705",
        "udp:127.0.0.1:705",
        "tcp:705",
        "tcp:127.0.0.1:0",
        "tcp:a:65536",
        "tcp6:::1:705",
        "tcp:a:1x",
        ("unix:/01234567890123456789012345678901234567890123456789012345678901234567890"
         "12345678901234567890123456789012345678901")
    };
    char text[256];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, "[snmp]\nagentx_socket = %s\n", good[i]);
        configuration_free(config_parse_good(text));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp]\n\nagentx_socket = %s\n", bad[i]);
        config_refuse(text, 3, "write unix:/path");
    }
}

static void test_config_snmp_listens_at_numeric_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "1161",           "127.0.0.1:1161",  "udp:localhost:1161",  "udp:127.0.0.1",
        "udp:1.2.3:161",  "udp:127.0.0.1:0", "udp:127.0.0.1:65536", "udp6:::1:161",
        "udp6:[::g]:161", "unix:/run/x",     "udp:127.0.0.1:+61",   "udp:[::1]:161"
    };
    char text[256];
    configuration_free(
        config_parse_good("[snmp]\nlisten = udp:127.0.0.1:1161, tcp:127.0.0.1:1161, udp6:[::1]:1161,"
                          "tcp6:[2001:db8::7]:161\n"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp]\nlisten = %s\n", bad[i]);
        config_refuse(text, 2, "write udp:address:port");
    }
    config_refuse("[snmp]\nlisten = udp:127.0.0.1:1161, udp:127.0.0.1:1162,udp:127.0.0.1:1161\n", 2,
                  "comes twice");
    config_refuse("[snmp]\nlisten = ,\n", 2, "at least 1");
    configuration_free(config_parse_good("[snmp]\nlisten = udp:127.0.0.1:11610, udp:127.0.0.1:1161\n"));
}

static void test_config_snmp_names_are_words(void **state)
{
    (void)state;
    static const char *const bad[] = { "a b", "a'b", "a#b", "gr\xc3\xbc\xc3\x9f" };
    char text[256];
    configuration_free(
        config_parse_good("[snmp_user \"a2345678901234567890123456789012\"]\nauth_key_file = /k\n"
                          "[snmp_community \"wary-readers.2\"]\n"));
    config_refuse("[snmp_user \"a23456789012345678901234567890123\"]\nauth_key_file = /k\n", 1, "1 to 32");
    config_refuse("[snmp_community \"a2345678901234567890123456789012345678901234567890123456789012345\"]\n",
                  1, "1 to 64");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp_user \"%s\"]\nauth_key_file = /k\n", bad[i]);
        config_refuse(text, 1, "no blank, quote, backslash or #");
        snprintf(text, sizeof text, "[snmp_community \"%s\"]\n", bad[i]);
        config_refuse(text, 1, "no blank, quote, backslash or #");
    }
    config_refuse("[snmp_receiver \"r\"]\naddress = udp:127.0.0.1:162\ncommunity = a b\n", 3,
                  "no blank, quote");
}

static void test_config_snmp_sources_and_receivers_are_addresses(void **state)
{
    (void)state;
    static const char *const bad_sources[] = { "localhost", "192.0.2", "192.0.2.0/33",   "192.0.2.0/",
                                               "::/129",    "default", "192.0.2.0/24/8", "192.0.2.0/-1" };
    static const char *const bad_receivers[] = { "192.0.2.7",       "udp:192.0.2.7", "udp:traps.example:162",
                                                 "udp:192.0.2.7:0", "unix:/run/x",   "udp6:192.0.2.7:162" };
    char text[256];
    configuration_free(
        config_parse_good("[snmp_community \"a\"]\nsource = 192.0.2.0/24\n[snmp_community \"b\"]\n"
                          "source = 2001:db8::/32\n[snmp_community \"c\"]\nsource = 0.0.0.0/0\n"
                          "[snmp_receiver \"r\"]\naddress = udp6:[2001:db8::7]:162\n"));
    for (size_t i = 0; i < sizeof bad_sources / sizeof *bad_sources; i++) {
        snprintf(text, sizeof text, "[snmp_community \"a\"]\nsource = %s\n", bad_sources[i]);
        config_refuse(text, 2, "neither an address nor a network");
    }
    for (size_t i = 0; i < sizeof bad_receivers / sizeof *bad_receivers; i++) {
        snprintf(text, sizeof text, "[snmp_receiver \"r\"]\naddress = %s\n", bad_receivers[i]);
        config_refuse(text, 2, "no address of a receiver");
    }
    config_refuse("[snmp_receiver \"r\"]\naddress = tcp:192.0.2.7:162\n", 2, "not sent by TCP");
    config_refuse("[snmp_receiver \"r\"]\naddress = tcp6:[2001:db8::7]:162\n", 2, "not sent by TCP");
}

static void test_config_snmp_what_it_says_of_itself_is_ascii_and_short(void **state)
{
    (void)state;
    static const char *const settings[] = { "name", "contact", "location" };
    char text[512], words[257];
    memset(words, 'x', sizeof words);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(text, sizeof text, "[snmp]\n%s = %.255s\n", settings[i], words);
        configuration_free(config_parse_good(text));
        snprintf(text, sizeof text, "[snmp]\n%s = %.256s\n", settings[i], words);
        config_refuse(text, 2, "at most 255 printable ASCII characters");
        snprintf(text, sizeof text, "[snmp]\n\n%s = Z\xc3\xbcrich\n", settings[i]);
        config_refuse(text, 3, "printable ASCII");
        snprintf(text, sizeof text, "[snmp]\n%s = a\tb\n", settings[i]);
        config_refuse(text, 2, "printable ASCII");
    }
    config_refuse("[snmp]\nauthentication_traps = perhaps\n", 2, "yes | no");
}

/* The text is taken with a warning of these words at this line. */
static void warn(const char *text, unsigned line, const char *words)
{
    struct problems problems;
    struct configuration *configuration = config_parse(text, &problems);
    bool warned = false;
    assert_non_null(configuration);
    for (const struct problem *at = problems.first; at != NULL; at = at->next)
        warned = warned || (at->place.line == line && strstr(at->message, words) != NULL);
    assert_true(warned);
    configuration_free(configuration);
    problems_fini(&problems);
}

static void test_config_snmp_what_has_no_effect_is_told(void **state)
{
    (void)state;
    warn("[snmp]\nmode = agentx\n[snmp_user \"a\"]\nauth_key_file = /k\n", 3,
         "an snmp_user is of a standalone agent");
    warn("[snmp_community \"a\"]\n", 1, "an snmp_community is of a standalone agent");
    warn("[snmp]\n[snmp_receiver \"r\"]\naddress = udp:127.0.0.1:162\n", 2,
         "an snmp_receiver is of a standalone");
    warn("[snmp]\nmode = standalone\n", 1, "nobody can ask");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_snmp_settings_are_checked),
        cmocka_unit_test(test_config_snmp_agentx_socket_is_a_path_or_a_tcp_address),
        cmocka_unit_test(test_config_snmp_listens_at_numeric_addresses),
        cmocka_unit_test(test_config_snmp_names_are_words),
        cmocka_unit_test(test_config_snmp_sources_and_receivers_are_addresses),
        cmocka_unit_test(test_config_snmp_what_it_says_of_itself_is_ascii_and_short),
        cmocka_unit_test(test_config_snmp_what_has_no_effect_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
