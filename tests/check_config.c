/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's parser: what is read, what is refused, and that every refusal says where and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "main/configuration.h"
#include "main/schema.h"
#include "main/words.h"

static struct configuration *parse(const char *text, struct problems *problems)
{
    problems_init(problems);
    return configuration_parse("/etc/x/test.conf", text_from_c(text), problems);
}

static struct configuration *parse_good(const char *text)
{
    struct problems problems;
    struct configuration *configuration = parse(text, &problems);
    if (configuration == NULL)
        problems_print(&problems, stderr);
    assert_non_null(configuration);
    problems_fini(&problems);
    return configuration;
}

/* The text is refused with exactly one error, at this line, whose words hold these. */
static void refuse(const char *text, unsigned line, const char *words)
{
    struct problems problems;
    struct configuration *configuration = parse(text, &problems);
    assert_null(configuration);
    size_t found = 0;
    for (const struct problem *at = problems.first; at != NULL; at = at->next) {
        if (at->severity != PROBLEM_ERROR)
            continue;
        found++;
        if (at->place.line != line || strstr(at->message, words) == NULL)
            fail_msg("line %u, \"%s\" instead of line %u, \"%s\"", at->place.line, at->message, line, words);
    }
    assert_int_equal(found, 1);
    problems_fini(&problems);
}

static void assert_text(struct text text, const char *expected)
{
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.bytes, expected, text.length);
}

static void test_config_empty_gives_defaults(void **state)
{
    (void)state;
    struct configuration *configuration = parse_good("");
    assert_text(configuration->bridge.instance, "bridge-1");
    assert_string_equal(configuration->http.listen, "127.0.0.1:8480");
    assert_string_equal(configuration->store.url, "sqlite:/var/lib/ckbridge/ckbridge.db");
    assert_int_equal(configuration->decision.orchestrator_ms, 2000);
    assert_int_equal(configuration->decision.completion_ms, 60000);
    assert_int_equal(configuration->decision.order[0], DECIDER_ROUTE);
    assert_int_equal(configuration->decision.order[1], DECIDER_ORCHESTRATOR);
    assert_int_equal(configuration->decision.order[2], DECIDER_COMPUTED);
    assert_int_equal(configuration->ck_count, 0);
    configuration_free(configuration);
}

static void test_config_every_section_is_read(void **state)
{
    (void)state;
    struct configuration *configuration = parse_good(
        "\xef\xbb\xbf# a comment \\\n; another\n[bridge]\r\ninstance = b\r\n"
        "[ck \"main\"]\nlisten=[::]:7164\n certificate = server.pem\nkey = /k.pem\nca = ca.pem\ntls_min = "
        "1.2\n"
        "hold_off_s = 7\n[http]\nlisten = 0.0.0.0:8480\ninsecure = yes\n"
        "[token \"ops\"]\nrole = admin\nexpires = 2027-01-31T12:00:01Z\n"
        "sha256 = 000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n"
        "[client \"o\"]\nrole = orchestrator\nidentity = cn:o, dns:o.example\n"
        "[store]\nurl = sqlite:/tmp/x.db\nretention_days = 0\n"
        "[decision]\norder = computed , routes\n"
        "[km \"al \\\"ice\"]\nkma = kma-1, \\\n   # in between\n  kma-2\nidentity = dns:a.example, psk:a, "
        "address:127.0.0.2\nenabled = no\nversion = 1, 2\nkey_style = camel\n"
        "[application \"a\"]\nkma = kma-9\n[link \"l1\"]\na = kma-1\nb = kma-2\ncost = 3\nstate = down");
    const struct ck_section *ck = &configuration->cks[0];
    assert_text(ck->head.name, "main");
    assert_string_equal(ck->certificate, "/etc/x/server.pem");
    assert_string_equal(ck->key, "/k.pem");
    assert_null(ck->crl);
    assert_int_equal(ck->tls_min, TLS_MIN_1_2);
    assert_int_equal(ck->hold_off_s, 7);
    assert_int_equal(configuration->tokens[0].role, ROLE_ADMIN);
    assert_int_equal(configuration->tokens[0].sha256[31], 0x1f);
    assert_int_equal(configuration->tokens[0].expires_ms, 1801396801000);
    assert_int_equal(configuration->decision.order[0], DECIDER_COMPUTED);
    assert_int_equal(configuration->decision.order[1], DECIDER_ROUTE);
    assert_int_equal(configuration->decision.order[2], DECIDER_NONE);
    assert_int_equal(configuration->clients[0].identity.count, 2);
    assert_text(configuration->clients[0].identity.items[1], "dns:o.example");
    const struct km_section *km = &configuration->kms[0];
    assert_text(km->head.name, "al \"ice");
    assert_int_equal(km->kma.count, 2);
    assert_text(km->kma.items[1], "kma-2");
    assert_int_equal(km->identity.count, 3);
    assert_false(km->enabled);
    assert_int_equal(km->dialect.version_count, 2);
    assert_int_equal(km->dialect.key_style, CK_KEYS_CAMEL);
    assert_text(configuration->applications[0].kma, "kma-9");
    assert_int_equal(configuration->links[0].cost, 3);
    assert_int_equal(configuration->links[0].key_stock, -1);
    assert_int_equal(configuration->links[0].state, 1);
    configuration_free(configuration);
}

static void test_config_empty_value_is_the_default(void **state)
{
    (void)state;
    struct configuration *configuration = parse_good("[decision]\ncompletion_ms =\n");
    assert_int_equal(configuration->decision.completion_ms, 60000);
    configuration_free(configuration);
}

static void test_config_syntax_error_names_line(void **state)
{
    (void)state;
    refuse("\n\nnonsense\n", 3, "neither a section");
    refuse("a = b\n", 1, "before any section");
    refuse("[bridge\ninstance = b\n", 1, "closing bracket");
    refuse("[]\n", 1, "bracket");
    refuse("[ \"x\"]\n", 1, "no type");
    refuse("[ck x]\nlisten = 1\n", 1, "double quotes");
    refuse("[ck \"\"]\n", 1, "double quotes");
    refuse("[ck \"a\\\"]\n", 1, "double quotes");
    refuse("[bridge]\ninstance = \xff\n", 2, "not UTF-8");
    refuse("[bridge]\ninstance = a\x01\n", 2, "control character");
    refuse("[bridge]\n\ninstance = \\\n a\x01\n", 3, "control character");
    refuse("[bridge]\n= b\n", 2, "neither a section");
}

static void test_config_double_is_refused_with_first_line(void **state)
{
    (void)state;
    refuse("[bridge]\ninstance = a\ninstance = b\n", 3, "in line 2");
    refuse("[bridge]\n[http]\n[bridge]\ninstance = b\n", 3, "in line 1");
}

static void test_config_unknown_name_suggests_nearest(void **state)
{
    (void)state;
    refuse("[bridg]\ninstance = a\n", 1, "did you mean [bridge]?");
    refuse("[decision]\ncompletions_ms = 1\n", 2, "did you mean completion_ms?");
    refuse("[km \"a\"]\nkma = a\nidentity = cn:a\ntransit_typ = array\n", 4, "did you mean transit_type?");
    refuse("[zzzzzzzzzz]\n", 1, "see --help-config");
}

static void test_config_snmp_settings_are_checked(void **state)
{
    (void)state;
    refuse("[snmp]\nmode = master\n", 2, "agentx | standalone | off");
    refuse("[snmp]\nnotifications_per_minute = 0\n", 2, "1 to 60000");
    refuse("[snmp_user \"nms\"]\nauth = SHA-256\n", 1, "auth_key_file");
    refuse("[snmp_user \"nms\"]\nauth = MD5\nauth_key_file = /k\n", 2, "SHA-256");
    refuse("[snmp_receiver \"r\"]\naddress = udp:127.0.0.1:162\nuser = nobody\n", 3,
           "there is no [snmp_user \"nobody\"]");
    refuse("[snmp_receiver \"r\"]\ninform = yes\n", 1, "address");
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
        configuration_free(parse_good(text));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp]\n\nagentx_socket = %s\n", bad[i]);
        refuse(text, 3, "write unix:/path");
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
    configuration_free(parse_good("[snmp]\nlisten = udp:127.0.0.1:1161, tcp:127.0.0.1:1161, udp6:[::1]:1161,"
                                  "tcp6:[2001:db8::7]:161\n"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp]\nlisten = %s\n", bad[i]);
        refuse(text, 2, "write udp:address:port");
    }
    refuse("[snmp]\nlisten = udp:127.0.0.1:1161, udp:127.0.0.1:1162,udp:127.0.0.1:1161\n", 2, "comes twice");
    refuse("[snmp]\nlisten = ,\n", 2, "at least 1");
    configuration_free(parse_good("[snmp]\nlisten = udp:127.0.0.1:11610, udp:127.0.0.1:1161\n"));
}

static void test_config_snmp_names_are_words(void **state)
{
    (void)state;
    static const char *const bad[] = { "a b", "a'b", "a#b", "gr\xc3\xbc\xc3\x9f" };
    char text[256];
    configuration_free(parse_good("[snmp_user \"a2345678901234567890123456789012\"]\nauth_key_file = /k\n"
                                  "[snmp_community \"wary-readers.2\"]\n"));
    refuse("[snmp_user \"a23456789012345678901234567890123\"]\nauth_key_file = /k\n", 1, "1 to 32");
    refuse("[snmp_community \"a2345678901234567890123456789012345678901234567890123456789012345\"]\n", 1,
           "1 to 64");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "[snmp_user \"%s\"]\nauth_key_file = /k\n", bad[i]);
        refuse(text, 1, "no blank, quote, backslash or #");
        snprintf(text, sizeof text, "[snmp_community \"%s\"]\n", bad[i]);
        refuse(text, 1, "no blank, quote, backslash or #");
    }
    refuse("[snmp_receiver \"r\"]\naddress = udp:127.0.0.1:162\ncommunity = a b\n", 3, "no blank, quote");
}

static void test_config_snmp_sources_and_receivers_are_addresses(void **state)
{
    (void)state;
    static const char *const bad_sources[] = { "localhost", "192.0.2", "192.0.2.0/33",   "192.0.2.0/",
                                               "::/129",    "default", "192.0.2.0/24/8", "192.0.2.0/-1" };
    static const char *const bad_receivers[] = { "192.0.2.7",       "udp:192.0.2.7", "udp:traps.example:162",
                                                 "udp:192.0.2.7:0", "unix:/run/x",   "udp6:192.0.2.7:162" };
    char text[256];
    configuration_free(parse_good("[snmp_community \"a\"]\nsource = 192.0.2.0/24\n[snmp_community \"b\"]\n"
                                  "source = 2001:db8::/32\n[snmp_community \"c\"]\nsource = 0.0.0.0/0\n"
                                  "[snmp_receiver \"r\"]\naddress = udp6:[2001:db8::7]:162\n"));
    for (size_t i = 0; i < sizeof bad_sources / sizeof *bad_sources; i++) {
        snprintf(text, sizeof text, "[snmp_community \"a\"]\nsource = %s\n", bad_sources[i]);
        refuse(text, 2, "neither an address nor a network");
    }
    for (size_t i = 0; i < sizeof bad_receivers / sizeof *bad_receivers; i++) {
        snprintf(text, sizeof text, "[snmp_receiver \"r\"]\naddress = %s\n", bad_receivers[i]);
        refuse(text, 2, "no address of a receiver");
    }
    refuse("[snmp_receiver \"r\"]\naddress = tcp:192.0.2.7:162\n", 2, "not sent by TCP");
    refuse("[snmp_receiver \"r\"]\naddress = tcp6:[2001:db8::7]:162\n", 2, "not sent by TCP");
}

/* The text is taken with a warning of these words at this line. */
static void warn(const char *text, unsigned line, const char *words)
{
    struct problems problems;
    struct configuration *configuration = parse(text, &problems);
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

static void test_config_section_name_must_fit(void **state)
{
    (void)state;
    refuse("[km]\n", 1, "needs a name");
    refuse("[bridge \"x\"]\n", 1, "has no name");
}

static void test_config_bad_value_says_what_is_wanted(void **state)
{
    (void)state;
    refuse("[decision]\ncompletion_ms = 0\n", 2, "must be 1 to 86400000, not \"0\"");
    refuse("[decision]\ncompletion_ms = 1s\n", 2, "must be 1 to");
    refuse("[decision]\ncompletion_ms = -1\n", 2, "must be 1 to");
    refuse("[decision]\ncompletion_ms = 99999999999999999999\n", 2, "must be 1 to");
    refuse("[decision]\ncompletion_ms = 60 # a minute\n", 2, "a comment needs a line of its own");
    refuse("[decision]\norder = routes, routes\n", 2, "routes, orchestrator, computed");
    refuse("[decision]\norder = route\n", 2, "routes, orchestrator, computed");
    refuse("[http]\nlisten = localhost:80\n", 2, "address:port");
    refuse("[http]\nlisten = 127.0.0.1:65536\n", 2, "address:port");
    refuse("[http]\nlisten = ::1:80\n", 2, "address:port");
    refuse("[http]\ninsecure = maybe\n", 2, "yes | no");
    refuse("[store]\nurl = postgresql://x\n", 2, "sqlite:/path");
    refuse("[token \"t\"]\nrole = root\nsha256 = "
           "0000000000000000000000000000000000000000000000000000000000000000\n",
           2, "viewer | orchestrator | admin");
    refuse("[token \"t\"]\nrole = admin\nsha256 = 00\n", 3, "64 hexadecimal");
    refuse("[token \"t\"]\nrole = admin\nexpires = 2027-13-01\nsha256 = "
           "0000000000000000000000000000000000000000000000000000000000000000\n",
           3, "2027-01-31");
    refuse("[km \"a\"]\nkma = a\nidentity = alice\n", 3, "dns:...");
    refuse("[km \"a\"]\nkma = a\nidentity = address:host\n", 3, "address:...");
    refuse("[km \"a\"]\nkma = a, , b\nidentity = cn:a\n", 2, "identifiers");
    refuse("[km \"a\"]\nkma = a\nidentity = cn:a\nversion = x\n", 4, "version must be");
    refuse("[km \"a\"]\nkma = a\nidentity = cn:a\nbyte_order = little\n", 4, "big | auto");
    refuse("[client \"a\"]\nrole = viewer\nidentity = psk:a\n", 3, "dns:...");
    refuse("[client \"a\"]\nrole = viewer\nidentity = cn:a, address:127.0.0.1\n", 3, "dns:...");
}

static void test_config_missing_setting_is_named(void **state)
{
    (void)state;
    refuse("[http]\n\n[km \"a\"]\nkma = a\n", 3, "has no identity");
    refuse("[application \"a\"]\n", 1, "[application \"a\"] has no kma");
    refuse("[application \"a\"]\nkma =\n", 2, "has no kma");
}

static void test_config_semantics_are_checked(void **state)
{
    (void)state;
    refuse("[ck \"m\"]\nlisten = 127.0.0.1:0\nsecurity = psk\n", 1, "needs psk_file");
    refuse("[ck \"m\"]\nlisten = 127.0.0.1:0\ncertificate = a\nkey = b\n", 1, "needs ca");
    refuse("[http]\nlisten = 0.0.0.0:8480\n", 2, "not loopback");
    refuse("[http]\nlisten = [::]:8480\n", 2, "not loopback");
    refuse("[http]\ncertificate = a\n", 1, "needs key");
    refuse("[http]\nclient_ca = a\n", 1, "needs certificate");
    refuse("[link \"l\"]\na = x\nb = x\n", 3, "at both ends");
    refuse("[km \"a\"]\nkma = k, l\nidentity = cn:a\n[km \"b\"]\nkma = l\nidentity = cn:b\n", 5,
           "kma l is also that of \"a\"");
    refuse("[km \"a\"]\nkma = k\nidentity = cn:a\n[km \"b\"]\nkma = l\nidentity = psk:x, cn:a\n", 6,
           "identity cn:a is also that of \"a\"");
    refuse("[km \"a\"]\nkma = k, k\nidentity = cn:a\n", 2, "kma k is also that of \"a\"");
    refuse("[http]\nlisten = 127.0.0.1:9\n[ck \"m\"]\nlisten = 127.0.0.1:9\nsecurity = plain\n", 2,
           "listen 127.0.0.1:9 is also that of \"m\"");
}

static void test_config_plain_listener_is_allowed_with_a_warning(void **state)
{
    (void)state;
    struct problems problems;
    struct configuration *configuration =
        parse("[ck \"m\"]\nlisten = 0.0.0.0:7164\nsecurity = plain\n", &problems);
    assert_non_null(configuration);
    assert_int_equal(problems.warnings, 1);
    assert_int_equal(problems.first->place.line, 3);
    configuration_free(configuration);
    problems_fini(&problems);
}

static void test_config_all_errors_are_reported(void **state)
{
    (void)state;
    struct problems problems;
    assert_null(parse("[a]\n[b]\nx\n[bridge]\nlog_level = loud\nuser=\n[decision]\norder = x\n", &problems));
    assert_int_equal(problems.errors, 5);
    problems_fini(&problems);
}

static void test_config_problems_beyond_limit_are_counted(void **state)
{
    (void)state;
    char text[2 * (LIMIT_PROBLEMS_KEPT + 7) + 1];
    for (size_t i = 0; i < sizeof text - 1; i += 2)
        memcpy(text + i, "x\n", 2);
    text[sizeof text - 1] = '\0';
    struct problems problems;
    assert_null(parse(text, &problems));
    assert_int_equal(problems.errors, LIMIT_PROBLEMS_KEPT + 7);
    assert_int_equal(problems.kept, LIMIT_PROBLEMS_KEPT);
    problems_fini(&problems);
}

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    remove(path);
}

static void test_config_drop_ins_override_in_name_order(void **state)
{
    (void)state;
    char directory[] = "/tmp/check_config.XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[256], folder[256];
    snprintf(path, sizeof path, "%s/ckbridge.conf", directory);
    snprintf(folder, sizeof folder, "%s/conf.d", directory);
    assert_int_equal(mkdir(folder, 0700), 0);
    write_file(directory, "ckbridge.conf", "[decision]\ncompletion_ms = 1\norchestrator_ms = 1\n");
    write_file(folder, "20-b.conf", "[decision]\ncompletion_ms = 3\n");
    write_file(folder, "10-a.conf", "[decision]\ncompletion_ms = 2\norchestrator_ms = 2\n");
    write_file(folder, "30-ignored.txt", "nonsense\n");
    struct problems problems;
    problems_init(&problems);
    struct configuration *configuration = configuration_load(path, &problems);
    assert_non_null(configuration);
    assert_int_equal(configuration->decision.completion_ms, 3);
    assert_int_equal(configuration->decision.orchestrator_ms, 2);
    configuration_free(configuration);

    write_file(folder, "20-b.conf", "\nnonsense\n");
    assert_null(configuration_load(path, &problems));
    assert_non_null(
        strstr(problems.first->next != NULL ? problems.first->next->place.file : problems.first->place.file,
               "conf.d/20-b.conf"));
    problems_fini(&problems);
    remove_file(folder, "20-b.conf");
    remove_file(folder, "10-a.conf");
    remove_file(folder, "30-ignored.txt");
    remove_file(directory, "ckbridge.conf");
    rmdir(folder);
    rmdir(directory);
}

static void test_config_missing_file_is_a_problem(void **state)
{
    (void)state;
    struct problems problems;
    problems_init(&problems);
    assert_null(configuration_load("/nonexistent/ckbridge.conf", &problems));
    assert_int_equal(problems.errors, 1);
    assert_string_equal(problems.first->place.file, "/nonexistent/ckbridge.conf");
    problems_fini(&problems);
}

static void test_schema_printed_is_a_good_configuration(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    schema_print(stream);
    fclose(stream);
    struct configuration *configuration = parse_good(text);
    assert_int_equal(configuration->http.heartbeat_ms, 10000);
    assert_non_null(strstr(text, "success_words"));
    configuration_free(configuration);
    free(text);
}

static void test_words_distance_counts_letters(void **state)
{
    (void)state;
    assert_int_equal(words_distance(TEXT("kma"), TEXT("kma")), 0);
    assert_int_equal(words_distance(TEXT("kma"), TEXT("kmas")), 1);
    assert_int_equal(words_distance(TEXT("listen"), TEXT("lisetn")), 2);
    assert_int_equal(words_distance(TEXT(""), TEXT("ab")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_empty_gives_defaults),
        cmocka_unit_test(test_config_every_section_is_read),
        cmocka_unit_test(test_config_empty_value_is_the_default),
        cmocka_unit_test(test_config_syntax_error_names_line),
        cmocka_unit_test(test_config_double_is_refused_with_first_line),
        cmocka_unit_test(test_config_unknown_name_suggests_nearest),
        cmocka_unit_test(test_config_snmp_settings_are_checked),
        cmocka_unit_test(test_config_snmp_agentx_socket_is_a_path_or_a_tcp_address),
        cmocka_unit_test(test_config_snmp_listens_at_numeric_addresses),
        cmocka_unit_test(test_config_snmp_names_are_words),
        cmocka_unit_test(test_config_snmp_sources_and_receivers_are_addresses),
        cmocka_unit_test(test_config_snmp_what_has_no_effect_is_told),
        cmocka_unit_test(test_config_section_name_must_fit),
        cmocka_unit_test(test_config_bad_value_says_what_is_wanted),
        cmocka_unit_test(test_config_missing_setting_is_named),
        cmocka_unit_test(test_config_semantics_are_checked),
        cmocka_unit_test(test_config_plain_listener_is_allowed_with_a_warning),
        cmocka_unit_test(test_config_all_errors_are_reported),
        cmocka_unit_test(test_config_problems_beyond_limit_are_counted),
        cmocka_unit_test(test_config_drop_ins_override_in_name_order),
        cmocka_unit_test(test_config_missing_file_is_a_problem),
        cmocka_unit_test(test_schema_printed_is_a_good_configuration),
        cmocka_unit_test(test_words_distance_counts_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
