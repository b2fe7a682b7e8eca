/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: what is read, what is generated, and that every refusal names its file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cksim/options.h"
#include "cksim/quantity.h"
#include "cksim/scenario.h"

#define TWO_KMS "[km \"p\"]\nkma = a\n[km \"q\"]\nkma = b\n"

/* Reads the text as the file "/proc/self/fd/N", and finishes it. */
static bool read_text(struct scenario *scenario, const char *text, struct complaint *complaint)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    fwrite(text, 1, strlen(text), file);
    fflush(file);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    scenario_init(scenario);
    *complaint = (struct complaint){ "" };
    bool read = scenario_read(scenario, path, complaint) && scenario_finish(scenario, complaint);
    fclose(file);
    return read;
}

static void assert_refused(const char *text, const char *words)
{
    struct scenario scenario;
    struct complaint complaint;
    assert_false(read_text(&scenario, text, &complaint));
    if (strstr(complaint.words, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, complaint.words);
    scenario_fini(&scenario);
}

static void test_scenario_whole_is_read(void **state)
{
    struct scenario scenario;
    struct complaint complaint;
    (void)state;
    bool read = read_text(&scenario,
                          "# comment\n[fleet]\r\nsecurity = psk\nmode=mixed\ncentralized_share = 25 %\n"
                          "hop_latency = 250 us\nkey_stock = 7\n[load]\nload = open:12.5\nseconds = 2 min\n"
                          "pairs = a>b, b > a\n"
                          "[km \"p\"]\nkma = a\n[km \"q\"]\nkma = b, c\n"
                          "[link \"l\"]\na = a\nb = c\nkey_rate = 3\ndistance = 10\n"
                          "[application \"app\"]\nkma = c\n"
                          "[fault \"f\"]\nkind = stall\nat = 1 s\nfor = 500 ms\nkms = q\n",
                          &complaint);
    /* "b > a" has spaces around the arrow, which no KMA has. */
    assert_false(read);
    assert_non_null(strstr(complaint.words, "names an unknown KMA"));
    scenario_fini(&scenario);
    read = read_text(&scenario,
                     "# comment\n[fleet]\r\nsecurity = psk\nmode=mixed\ncentralized_share = 25 %\n"
                     "hop_latency = 250 us\nkey_stock = 7\n[load]\nload = open:12.5\nseconds = 2 min\n"
                     "pairs = a>b, b>a\n"
                     "[km \"p\"]\nkma = a\n[km \"q\"]\nkma = b, c\n"
                     "[link \"l\"]\na = a\nb = c\nkey_rate = 3\ndistance = 10\n"
                     "[application \"app\"]\nkma = c\n"
                     "[fault \"f\"]\nkind = stall\nat = 1 s\nfor = 500 ms\nkms = q\n",
                     &complaint);
    assert_string_equal(complaint.words, "");
    assert_true(read);
    assert_int_equal(scenario.fleet.security, FLEET_PSK);
    assert_int_equal(scenario.fleet.mode, MODE_MIXED);
    assert_true(scenario.fleet.centralized_share == 0.25);
    assert_int_equal(scenario.fleet.hop_latency, 250000);
    assert_true(scenario.load.rate == 12.5 && scenario.load.closed == 0);
    assert_int_equal(scenario.load.seconds, 120 * NS_PER_S);
    assert_int_equal(scenario.pair_count, 2);
    assert_int_equal(scenario.kms[1].kma_count, 2);
    assert_int_equal(scenario.kmas[2].km, 1);
    assert_true(scenario.links[0].key_stock == 7 && scenario.links[0].key_rate == 3);
    assert_int_equal(scenario.links[0].b, 2);
    assert_int_equal(scenario.applications[0].kma, 2);
    assert_int_equal(scenario.faults[0].target_count, 1);
    assert_int_equal(scenario.faults[0].targets[0], 1);
    scenario_fini(&scenario);
}

static void test_scenario_refusals_name_the_line(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { "[fleet]\nconect = x\n", ":2: [fleet] has no key 'conect'; it has connect" },
        { "[fleet]\nsecurity = ssl\n", ":2: security = 'ssl' is no tls | psk | plain" },
        { "[fleet]\n\nhop_latency = 5 parsecs\n", ":3: hop_latency = '5 parsecs' is no duration" },
        { "[fleet]\nhop_latency\n", ":2: expected 'key = value'" },
        { "mode = mixed\n", ":1: a key stands below a [section]" },
        { "[flet]\n", ":1: no section [flet]" },
        { "[km]\nkma = a\n", ":1: [km] needs a name" },
        { "[fleet \"x\"]\n", ":1: [fleet] has no name" },
        { "[fleet\n", ":1: a section ends in ']'" },
        { "[km \"p]\n", ":1: a section's name stands in double quotes" },
        { "[km \"p\"]\n[km \"q\"]\nkma = b\n", ":1: [km \"p\"] needs kma" },
        { TWO_KMS "[km \"p\"]\nkma = c\n", ":5: [km \"p\"] stands twice" },
        { TWO_KMS "[km \"r\"]\nkma = a\n", ":5: KMA 'a' belongs to two KMs" },
        { TWO_KMS "[link \"l\"]\na = a\nb = z\n", ":5: [link \"l\"]: b = 'z' is no KM's KMA" },
        { TWO_KMS "[link \"l\"]\na = a\n", ":5: [link \"l\"]: b = ''" },
        { TWO_KMS "[link \"l\"]\na = a\nb = a\n", ":5: [link \"l\"] joins a KMA to itself" },
        { TWO_KMS "[link \"l\"]\na = a\nb = b\n[link \"l\"]\na = a\nb = b\n",
          ":8: [link \"l\"] stands twice" },
        { TWO_KMS "[fault \"f\"]\nat = 1\n", ":5: [fault \"f\"] needs kind" },
        { TWO_KMS "[fault \"f\"]\nkind = drop\nkms = p, x\n", ":5: [fault \"f\"]: no KM is named 'x'" },
        { TWO_KMS "[fault \"f\"]\nkind = drop\nkms = p, q, p\n", ":5: [fault \"f\"] names a KM twice" },
        { TWO_KMS "[fault \"f\"]\nkind = stall\n", ":5: [fault \"f\"]: this kind needs for" },
        { TWO_KMS "[fault \"f\"]\nkind = wrong_certificate\nfor = 1\n", "needs certificate, key" },
        { TWO_KMS "[fault \"f\"]\nkind = drop\nfor = 3\nevery = 3\n", "every must be longer than for" },
        { TWO_KMS "[fault \"f\"]\nkind = drop\nlinks = l\n", "cut takes links" },
        { TWO_KMS "[fleet]\ntopology = ring:5\n", ":1: [km] beside topology" },
        { TWO_KMS "[load]\nload = fast\n", "neither closed:N nor open:RATE" },
        { TWO_KMS "[load]\nload = closed:0\n", "neither closed:N nor open:RATE" },
        { TWO_KMS "[load]\ntraffic = pairs\n", "traffic = pairs needs pairs" },
        { TWO_KMS "[load]\npairs = a-b\n", "is no source>destination" },
        { TWO_KMS "[load]\napplication_share = 10 %\n", "needs an [application]" },
        { "[fleet]\ntopology = star:5\n", "is none of file, ring:N, line:N, grid:WxH" },
        { "[fleet]\ntopology = ring:1\n", "from 2 to" },
        { "[fleet]\ntopology = grid:4x\n", "is none of" },
        { "[fleet]\nkms = 3\ntopology = ring:3\n", "exclude each other" },
        { "", "0 KMs and 0 links" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].text, cases[i].words);
}

static uint32_t links_of(const char *topology, uint32_t *out_kms)
{
    struct scenario scenario;
    struct complaint complaint = { "" };
    scenario_init(&scenario);
    struct origin origin = { "test", 0 };
    assert_true(scenario_set(&scenario, origin, "fleet", "topology", topology, &complaint));
    assert_true(scenario_finish(&scenario, &complaint));
    uint32_t links = scenario.link_count;
    *out_kms = scenario.km_count;
    scenario_fini(&scenario);
    return links;
}

static void test_topology_generators_make_their_links(void **state)
{
    uint32_t kms;
    (void)state;
    assert_int_equal(links_of("ring:5", &kms), 5);
    assert_int_equal(kms, 5);
    assert_int_equal(links_of("ring:2", &kms), 1); /* no link twice */
    assert_int_equal(links_of("line:5", &kms), 4);
    assert_int_equal(links_of("grid:4x3", &kms), 17);
    assert_int_equal(kms, 12);
    assert_int_equal(links_of("ring:10000", &kms), 10000);
}

static bool read_shipped(struct scenario *scenario, const char *name, struct complaint *complaint)
{
    char path[4096];
    const char *source = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tools/cksim/scenarios/%s.scenario", source != NULL ? source : ".", name);
    return scenario_read(scenario, path, complaint);
}

static void test_rough_day_may_follow_any_network(void **state)
{
    struct scenario scenario;
    struct complaint complaint = { "" };
    (void)state;
    scenario_init(&scenario);
    bool read = read_shipped(&scenario, "nsfnet", &complaint) &&
                read_shipped(&scenario, "rough-day", &complaint) && scenario_finish(&scenario, &complaint);
    assert_string_equal(complaint.words, "");
    assert_true(read);
    assert_int_equal(scenario.fault_count, 5);
    scenario_fini(&scenario);
}

static void test_nsfnet_has_its_fourteen_nodes_and_links(void **state)
{
    struct scenario scenario;
    struct complaint complaint = { "" };
    (void)state;
    scenario_init(&scenario);
    bool read = read_shipped(&scenario, "nsfnet", &complaint) && scenario_finish(&scenario, &complaint);
    assert_string_equal(complaint.words, "");
    assert_true(read);
    assert_int_equal(scenario.km_count, 14);
    assert_int_equal(scenario.link_count, 21);
    uint32_t degrees[14] = { 0 };
    for (uint32_t i = 0; i < scenario.link_count; i++) {
        degrees[scenario.links[i].a]++;
        degrees[scenario.links[i].b]++;
    }
    static const uint32_t expected[14] = { 3, 3, 3, 3, 3, 4, 2, 3, 4, 2, 3, 3, 3, 3 };
    assert_memory_equal(degrees, expected, sizeof expected);
    scenario_fini(&scenario);
}

struct printed {
    char words[4096];
};

static void print(void *context, const char *line)
{
    struct printed *printed = context;
    size_t length = strlen(printed->words);
    snprintf(printed->words + length, sizeof printed->words - length, "%s\n", line);
}

static void test_emitted_configuration_matches_the_fleet(void **state)
{
    static const struct {
        const char *security, *identity;
    } cases[] = {
        { "tls", "identity = dns:km-1\n" },
        { "psk", "identity = psk:km-1\n" },
        { "plain",
          "identity = address:127.1.0.1\n[km \"km-2\"]\nkma = kma-2\nidentity = address:127.1.0.2\n" },
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct scenario scenario;
        struct complaint complaint = { "" };
        struct origin origin = { "test", 0 };
        struct printed printed = { "" };
        scenario_init(&scenario);
        assert_true(scenario_set(&scenario, origin, "fleet", "kms", "2", &complaint));
        assert_true(scenario_set(&scenario, origin, "fleet", "key_stock", "40", &complaint));
        assert_true(scenario_set(&scenario, origin, "fleet", "security", cases[i].security, &complaint));
        assert_true(scenario_finish(&scenario, &complaint));
        scenario_emit_configuration(&scenario, print, &printed);
        assert_non_null(strstr(printed.words, "[km \"km-1\"]\nkma = kma-1\n"));
        assert_non_null(strstr(printed.words, cases[i].identity));
        assert_non_null(
            strstr(printed.words, "[link \"kma-1--kma-2\"]\na = kma-1\nb = kma-2\nkey_stock = 40\n"));
        scenario_fini(&scenario);
    }
}

static void test_quantities_are_strict(void **state)
{
    uint64_t ns;
    double number;
    (void)state;
    assert_true(quantity_duration("1.5 s", &ns) && ns == 1500000000);
    assert_true(quantity_duration("250us", &ns) && ns == 250000);
    assert_true(quantity_duration("3", &ns) && ns == 3 * NS_PER_S);
    assert_false(quantity_duration("", &ns));
    assert_false(quantity_duration("-1 s", &ns));
    assert_false(quantity_duration("1e3 s", &ns));
    assert_false(quantity_duration("1.2.3 s", &ns));
    assert_false(quantity_duration("99999999999 h", &ns));
    assert_true(quantity_share("10 %", &number) && number == 0.1);
    assert_true(quantity_share("0.25", &number) && number == 0.25);
    assert_false(quantity_share("101 %", &number));
    assert_true(quantity_real("unlimited", &number) && number == -1);
    assert_false(quantity_real("inf", &number));
    assert_false(quantity_real("12 km", &number));
}

static void test_options_later_ones_win(void **state)
{
    struct scenario scenario;
    struct options options;
    struct complaint complaint = { "" };
    char *arguments[] = { "cksim",         "--kms=4",          "--load",     "closed:3",
                          "--set",         "load.load=open:7", "--psk-file", "keys",
                          "--report=json", "--progress=plain" };
    (void)state;
    scenario_init(&scenario);
    assert_true(options_read(&options, &scenario, 10, arguments, &complaint));
    assert_string_equal(scenario.load.load, "open:7");
    assert_int_equal(scenario.fleet.kms, 4);
    assert_int_equal(scenario.fleet.security, FLEET_PSK);
    assert_true(options.json && options.progress == PROGRESS_PLAIN);
    scenario_fini(&scenario);
}

static void test_options_refusals_name_the_option(void **state)
{
    static const struct {
        char *option;
        const char *words;
    } cases[] = {
        { "--kms=many", "--kms: kms = 'many' is no count" },
        { "--nonsense", "unknown option '--nonsense'" },
        { "--seconds", "--seconds needs a value" },
        { "--report=xml", "--report: text or json" },
        { "--progress=loud", "--progress: none, line or plain" },
        { "--set", "--set needs SECTION.KEY=VALUE" },
        { "--scenario=/nonexistent/file", "/nonexistent/file: No such file" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario scenario;
        struct options options;
        struct complaint complaint = { "" };
        char *arguments[] = { "cksim", cases[i].option };
        scenario_init(&scenario);
        assert_false(options_read(&options, &scenario, 2, arguments, &complaint));
        if (strstr(complaint.words, cases[i].words) == NULL)
            fail_msg("'%s' is not in '%s'", cases[i].words, complaint.words);
        scenario_fini(&scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_whole_is_read),
        cmocka_unit_test(test_scenario_refusals_name_the_line),
        cmocka_unit_test(test_topology_generators_make_their_links),
        cmocka_unit_test(test_rough_day_may_follow_any_network),
        cmocka_unit_test(test_nsfnet_has_its_fourteen_nodes_and_links),
        cmocka_unit_test(test_emitted_configuration_matches_the_fleet),
        cmocka_unit_test(test_quantities_are_strict),
        cmocka_unit_test(test_options_later_ones_win),
        cmocka_unit_test(test_options_refusals_name_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
