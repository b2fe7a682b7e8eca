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

#include "config_fixture.h"
#include "main/schema.h"
#include "main/words.h"
#include "topology/paths.h"

static void assert_text(struct text text, const char *expected)
{
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.bytes, expected, text.length);
}

static void test_config_empty_gives_defaults(void **state)
{
    (void)state;
    struct configuration *configuration = config_parse_good("");
    assert_text(configuration->bridge.instance, "bridge-1");
    assert_string_equal(configuration->http.listen, "127.0.0.1:8480");
    assert_string_equal(configuration->store.url, "sqlite:/var/lib/ckbridge/ckbridge.db");
    assert_int_equal(configuration->decision.policy.orchestrator_ms, 2000);
    assert_int_equal(configuration->decision.policy.completion_ms, 60000);
    assert_int_equal(configuration->decision.policy.order[0], DECIDER_ROUTE);
    assert_int_equal(configuration->decision.policy.order[1], DECIDER_ORCHESTRATOR);
    assert_int_equal(configuration->decision.policy.order[2], DECIDER_COMPUTED);
    assert_int_equal(configuration->decision.metric, PATHS_WIDEST_SHORTEST);
    assert_int_equal(configuration->ck_count, 0);
    configuration_free(configuration);
}

static void test_config_every_section_is_read(void **state)
{
    (void)state;
    struct configuration *configuration = config_parse_good(
        "\xef\xbb\xbf# a comment \\\n; another\n[bridge]\r\ninstance = b\r\n"
        "[ck \"main\"]\nlisten=[::]:7164\n certificate = server.pem\nkey = /k.pem\nca = ca.pem\ntls_min = "
        "1.2\n"
        "hold_off_s = 7\n[http]\nlisten = 0.0.0.0:8480\ninsecure = yes\n"
        "[token \"ops\"]\nrole = admin\nexpires = 2027-01-31T12:00:01Z\n"
        "sha256 = 000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n"
        "[client \"o\"]\nrole = orchestrator\nidentity = cn:o, dns:o.example\n"
        "[store]\nurl = sqlite:/tmp/x.db\nretention_days = 0\n"
        "[decision]\norder = computed , routes\nmetric = widest\n"
        "[km \"al \\\"ice\"]\nkma = kma-1, \\\n   # in between\n  kma-2\nidentity = dns:a.example, psk:a, "
        "address:127.0.0.2\nenabled = no\nversion = 1, 2\nkey_style = camel\n"
        "[application \"a\"]\nkma = kma-9\n[link \"l1\"]\na = kma-1\nb = kma-2\ncost = 3\nkey_capacity = "
        "5\nstate = down");
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
    assert_int_equal(configuration->decision.policy.order[0], DECIDER_COMPUTED);
    assert_int_equal(configuration->decision.policy.order[1], DECIDER_ROUTE);
    assert_int_equal(configuration->decision.policy.order[2], DECIDER_NONE);
    assert_int_equal(configuration->decision.metric, PATHS_WIDEST);
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
    assert_int_equal(configuration->links[0].key_capacity, 5);
    assert_int_equal(configuration->links[0].state, 1);
    configuration_free(configuration);
}

static void test_config_empty_value_is_the_default(void **state)
{
    (void)state;
    struct configuration *configuration = config_parse_good("[decision]\ncompletion_ms =\n");
    assert_int_equal(configuration->decision.policy.completion_ms, 60000);
    configuration_free(configuration);
}

static void test_config_syntax_error_names_line(void **state)
{
    (void)state;
    config_refuse("\n\nnonsense\n", 3, "neither a section");
    config_refuse("a = b\n", 1, "before any section");
    config_refuse("[bridge\ninstance = b\n", 1, "closing bracket");
    config_refuse("[]\n", 1, "bracket");
    config_refuse("[ \"x\"]\n", 1, "no type");
    config_refuse("[ck x]\nlisten = 1\n", 1, "double quotes");
    config_refuse("[ck \"\"]\n", 1, "double quotes");
    config_refuse("[ck \"a\\\"]\n", 1, "double quotes");
    config_refuse("[bridge]\ninstance = \xff\n", 2, "not UTF-8");
    config_refuse("[bridge]\ninstance = a\x01\n", 2, "control character");
    config_refuse("[bridge]\n\ninstance = \\\n a\x01\n", 3, "control character");
    config_refuse("[bridge]\n= b\n", 2, "neither a section");
}

static void test_config_policies_are_inherited_where_nothing_is_said(void **state)
{
    (void)state;
    struct configuration *configuration =
        config_parse_good("[km \"a\"]\nkma = k\nidentity = cn:a\ndecision_order = computed, orchestrator\n"
                          "completion_ms = 86400000\n[km \"b\"]\nkma = l\nidentity = cn:b\ndecision_order =\n"
                          "[destination \"kma-9\"]\norchestrator_ms = 3600000\n[destination \"kma-8\"]\n");
    const struct policy_settings *a = &configuration->kms[0].policy, *b = &configuration->kms[1].policy;
    assert_int_equal(a->order[0], DECIDER_COMPUTED);
    assert_int_equal(a->order[1], DECIDER_ORCHESTRATOR);
    assert_int_equal(a->order[2], DECIDER_NONE);
    assert_int_equal(a->orchestrator_ms, 0);
    assert_int_equal(a->completion_ms, 86400000);
    assert_int_equal(b->order[0], DECIDER_NONE);
    assert_int_equal(configuration->destination_count, 2);
    assert_text(configuration->destinations[0].head.name, "kma-9");
    assert_int_equal(configuration->destinations[0].policy.order[0], DECIDER_NONE);
    assert_int_equal(configuration->destinations[0].policy.orchestrator_ms, 3600000);
    assert_int_equal(configuration->destinations[1].policy.completion_ms, 0);
    configuration_free(configuration);
}

static void test_config_policies_are_refused_with_their_line(void **state)
{
    (void)state;
    const char *each = "must be some of routes, orchestrator, computed, each but once";
    config_refuse("[km \"a\"]\nkma = k\nidentity = cn:a\ndecision_order = routes, route\n", 4, each);
    config_refuse("[km \"a\"]\nkma = k\nidentity = cn:a\norder = routes\n", 4,
                  "unknown setting order in [km]");
    config_refuse("[destination \"k\"]\norder = routes, computed, routes\n", 2, each);
    config_refuse("[destination \"k\"]\norder = ,\n", 2, each);
    config_refuse("[destination \"k\"]\norchestrator_ms = 3600001\n", 2, "must be 1 to 3600000");
    config_refuse("[destination \"k\"]\ncompletion_ms = 0\n", 2, "must be 1 to 86400000");
    config_refuse("[destination]\norder = routes\n", 1, "needs a name");
}

static void test_config_double_is_refused_with_first_line(void **state)
{
    (void)state;
    config_refuse("[bridge]\ninstance = a\ninstance = b\n", 3, "in line 2");
    config_refuse("[bridge]\n[http]\n[bridge]\ninstance = b\n", 3, "in line 1");
}

static void test_config_unknown_name_suggests_nearest(void **state)
{
    (void)state;
    config_refuse("[bridg]\ninstance = a\n", 1, "did you mean [bridge]?");
    config_refuse("[decision]\ncompletions_ms = 1\n", 2, "did you mean completion_ms?");
    config_refuse("[km \"a\"]\nkma = a\nidentity = cn:a\ntransit_typ = array\n", 4,
                  "did you mean transit_type?");
    config_refuse("[zzzzzzzzzz]\n", 1, "see --help-config");
}

static void test_config_section_name_must_fit(void **state)
{
    (void)state;
    config_refuse("[km]\n", 1, "needs a name");
    config_refuse("[bridge \"x\"]\n", 1, "has no name");
}

static void test_config_bad_value_says_what_is_wanted(void **state)
{
    (void)state;
    config_refuse("[decision]\ncompletion_ms = 0\n", 2, "must be 1 to 86400000, not \"0\"");
    config_refuse("[decision]\ncompletion_ms = 1s\n", 2, "must be 1 to");
    config_refuse("[decision]\ncompletion_ms = -1\n", 2, "must be 1 to");
    config_refuse("[decision]\ncompletion_ms = 99999999999999999999\n", 2, "must be 1 to");
    config_refuse("[decision]\ncompletion_ms = 60 # a minute\n", 2, "a comment needs a line of its own");
    config_refuse("[decision]\norder = routes, routes\n", 2, "routes, orchestrator, computed");
    config_refuse("[decision]\nmetric = fastest\n", 2,
                  "must be widest_shortest | shortest | widest, not \"fastest\"");
    config_refuse("[decision]\norder = route\n", 2, "routes, orchestrator, computed");
    config_refuse("[http]\nlisten = localhost:80\n", 2, "address:port");
    config_refuse("[http]\nlisten = 127.0.0.1:65536\n", 2, "address:port");
    config_refuse("[http]\nlisten = ::1:80\n", 2, "address:port");
    config_refuse("[http]\ninsecure = maybe\n", 2, "yes | no");
    config_refuse("[store]\nurl = postgresql://x\n", 2, "sqlite:/path");
    config_refuse("[token \"t\"]\nrole = root\nsha256 = "
                  "0000000000000000000000000000000000000000000000000000000000000000\n",
                  2, "viewer | orchestrator | admin");
    config_refuse("[token \"t\"]\nrole = admin\nsha256 = 00\n", 3, "64 hexadecimal");
    config_refuse("[token \"t\"]\nrole = admin\nexpires = 2027-13-01\nsha256 = "
                  "0000000000000000000000000000000000000000000000000000000000000000\n",
                  3, "2027-01-31");
    config_refuse("[km \"a\"]\nkma = a\nidentity = alice\n", 3, "dns:...");
    config_refuse("[km \"a\"]\nkma = a\nidentity = address:host\n", 3, "address:...");
    config_refuse("[km \"a\"]\nkma = a, , b\nidentity = cn:a\n", 2, "identifiers");
    config_refuse("[km \"a\"]\nkma = a\nidentity = cn:a\nversion = x\n", 4, "version must be");
    config_refuse("[km \"a\"]\nkma = a\nidentity = cn:a\nbyte_order = little\n", 4, "big | auto");
    config_refuse("[client \"a\"]\nrole = viewer\nidentity = psk:a\n", 3, "dns:...");
    config_refuse("[client \"a\"]\nrole = viewer\nidentity = cn:a, address:127.0.0.1\n", 3, "dns:...");
}

static void test_config_missing_setting_is_named(void **state)
{
    (void)state;
    config_refuse("[http]\n\n[km \"a\"]\nkma = a\n", 3, "has no identity");
    config_refuse("[application \"a\"]\n", 1, "[application \"a\"] has no kma");
    config_refuse("[application \"a\"]\nkma =\n", 2, "has no kma");
}

static void test_config_semantics_are_checked(void **state)
{
    (void)state;
    config_refuse("[ck \"m\"]\nlisten = 127.0.0.1:0\nsecurity = psk\n", 1, "needs psk_file");
    config_refuse("[ck \"m\"]\nlisten = 127.0.0.1:0\ncertificate = a\nkey = b\n", 1, "needs ca");
    config_refuse("[http]\nlisten = 0.0.0.0:8480\n", 2, "not loopback");
    config_refuse("[http]\nlisten = [::]:8480\n", 2, "not loopback");
    config_refuse("[http]\ncertificate = a\n", 1, "needs key");
    config_refuse("[http]\nclient_ca = a\n", 1, "needs certificate");
    config_refuse("[link \"l\"]\na = x\nb = x\n", 3, "at both ends");
    config_refuse("[link \"l\"]\na = x\nb = y\nkey_stock = 8\nkey_capacity = 7\n", 4,
                  "more than key_capacity");
    config_refuse("[link \"l\"]\na = x\nb = y\nkey_capacity = -1\n", 4, "0 to 1000000000000");
    config_refuse("[km \"a\"]\nkma = k, l\nidentity = cn:a\n[km \"b\"]\nkma = l\nidentity = cn:b\n", 5,
                  "kma l is also that of \"a\"");
    config_refuse("[km \"a\"]\nkma = k\nidentity = cn:a\n[km \"b\"]\nkma = l\nidentity = psk:x, cn:a\n", 6,
                  "identity cn:a is also that of \"a\"");
    config_refuse("[km \"a\"]\nkma = k, k\nidentity = cn:a\n", 2, "kma k is also that of \"a\"");
    config_refuse("[http]\nlisten = 127.0.0.1:9\n[ck \"m\"]\nlisten = 127.0.0.1:9\nsecurity = plain\n", 2,
                  "listen 127.0.0.1:9 is also that of \"m\"");
}

static void test_config_plain_listener_is_allowed_with_a_warning(void **state)
{
    (void)state;
    struct problems problems;
    struct configuration *configuration =
        config_parse("[ck \"m\"]\nlisten = 0.0.0.0:7164\nsecurity = plain\n", &problems);
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
    assert_null(
        config_parse("[a]\n[b]\nx\n[bridge]\nlog_level = loud\nuser=\n[decision]\norder = x\n", &problems));
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
    assert_null(config_parse(text, &problems));
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
    assert_int_equal(configuration->decision.policy.completion_ms, 3);
    assert_int_equal(configuration->decision.policy.orchestrator_ms, 2);
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
    struct configuration *configuration = config_parse_good(text);
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
        cmocka_unit_test(test_config_policies_are_inherited_where_nothing_is_said),
        cmocka_unit_test(test_config_policies_are_refused_with_their_line),
        cmocka_unit_test(test_config_double_is_refused_with_first_line),
        cmocka_unit_test(test_config_unknown_name_suggests_nearest),
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
