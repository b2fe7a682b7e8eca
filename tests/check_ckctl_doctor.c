/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl doctor: what it makes of each state, without a bridge that is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ckctl/finding.h"
#include "ckctl/value.h"

/* 2026-11-24T18:00:00Z */
#define NOW_MS INT64_C(1795543200000)

struct examination {
    struct options options;
    struct context context;
    struct findings findings;
};

static void begin(struct examination *examination)
{
    *examination = (struct examination){ .findings = { .wrong = 0 } };
    examination->context.options = &examination->options;
    examination->context.terminal.now_ms = NOW_MS;
    examination->context.terminal.relative_times = true;
    examination->findings.context = &examination->context;
}

static void assert_found(struct examination *examination, unsigned wrong, unsigned notes, const char *words)
{
    const char *told = buffer_c(&examination->context.out);
    if (strstr(told, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, told);
    assert_int_equal(examination->findings.wrong, wrong);
    assert_int_equal(examination->findings.notes, notes);
    buffer_fini(&examination->context.out);
}

static json_t *parsed(const char *words)
{
    json_t *value = value_parse(words, strlen(words));
    assert_non_null(value);
    return value;
}

static void assert_km(const char *km_words, unsigned wrong, unsigned notes, const char *words)
{
    struct examination examination;
    json_t *km = parsed(km_words);
    begin(&examination);
    doctor_look_at_km(&examination.findings, km);
    assert_found(&examination, wrong, notes, words);
    json_decref(km);
}

#define KM(enabled, session, sessions)                                                                       \
    "{\"km_id\":\"alice\",\"identity\":\"dns:a.example\",\"enabled\":" enabled ",\"session\":{" session      \
    "},\"counters\":{\"sessions\":" sessions "}}"

static void test_km_each_state_is_told_apart(void **state)
{
    (void)state;
    assert_km(KM("true", "\"state\":\"connected\"", "1"), 0, 0, "");
    assert_km(KM("false", "\"state\":\"disconnected\"", "0"), 0, 1, "km alice: it is disabled");
    assert_km(KM("true", "\"state\":\"disconnected\"", "0"), 1, 0,
              "has not connected since the bridge started");
    assert_km(KM("true", "\"state\":\"disconnected\",\"since\":\"2026-11-24T17:59:00.000Z\"", "2"), 1, 0,
              "its session ended 60 s ago");
    assert_km(KM("true",
                 "\"state\":\"disconnected\",\"held_off_until\":\"2026-11-24T18:00:30.000Z\",\"last_error\":{"
                 "\"reason\":\"too_many_bad_frames\",\"time\":\"2026-11-24T17:59:50.000Z\"}",
                 "2"),
              1, 0, "refused until in 30 s; last error, 10 s ago: it sent too many frames");
}

static void test_km_certificate_is_noted_then_wrong(void **state)
{
#define EXPIRING(when) KM("true", "\"state\":\"connected\",\"certificate_expires_at\":\"" when "\"", "1")
    (void)state;
    assert_km(EXPIRING("2027-01-24T18:00:00.000Z"), 0, 0, "");
    assert_km(EXPIRING("2026-12-14T18:00:00.000Z"), 0, 1, "its certificate expires in 20 days");
    assert_km(EXPIRING("2026-11-27T18:00:00.000Z"), 1, 0, "its certificate expires in 3 days");
    assert_km(EXPIRING("2026-11-20T18:00:00.000Z"), 1, 0, "its certificate expired 4 days ago");
}

static void assert_bridge(const char *status_words, unsigned wrong, unsigned notes, const char *words)
{
    struct examination examination;
    json_t *status = parsed(status_words);
    begin(&examination);
    doctor_look_at_bridge(&examination.findings, status);
    assert_found(&examination, wrong, notes, words);
    json_decref(status);
}

#define FINE "\"ready\":true,\"overloaded\":false,\"store\":{\"available\":true}"

static void test_bridge_each_trouble_is_told(void **state)
{
    (void)state;
    assert_bridge("{" FINE "}", 0, 0, "");
    assert_bridge(
        "{\"ready\":false,\"overloaded\":false,\"store\":{\"available\":false,\"detail\":\"disk full\"}}", 1,
        0, "store: it cannot be used, so that nothing is accepted: disk full");
    assert_bridge("{\"ready\":true,\"overloaded\":true,\"store\":{\"available\":true}}", 1, 0, "overloaded");
    assert_bridge(
        "{" FINE ",\"limits\":{\"sessions\":{\"used\":79,\"max\":100},\"routes\":{\"used\":80,\"max\":100}}}",
        1, 0, "routes: 80 of at most 100");
    assert_bridge("{" FINE
                  ",\"totals\":{\"relays_held\":2,\"lookups_held\":1},\"decision\":{\"orchestrator_present\":"
                  "false}}",
                  1, 0, "3 requests are held");
    assert_bridge("{" FINE ",\"totals\":{\"relays_held\":2},\"decision\":{\"orchestrator_present\":true}}", 0,
                  0, "");
}

#define SNMP(mode, connected, detail, lost)                                                                  \
    "{" FINE ",\"snmp\":{\"mode\":\"" mode "\",\"connected\":" connected ",\"detail\":" detail               \
    ",\"notifications_lost\":" lost "}}"

static void test_snmp_agent_that_nobody_reaches_is_told_with_what_to_do(void **state)
{
    (void)state;
    assert_bridge(SNMP("off", "false", "null", "0"), 0, 0, "");
    assert_bridge(SNMP("agentx", "true", "null", "0"), 0, 0, "");
    assert_bridge(SNMP("agentx", "false", "\"no such socket\"", "0"), 1, 0,
                  "snmp: the subagent is not connected: no such socket; does snmpd run");
    assert_bridge(SNMP("agentx", "false", "\"no such socket\"", "0"), 1, 0, "agentXPerms");
    assert_bridge(SNMP("standalone", "false", "\"port 161: in use\"", "0"), 1, 0,
                  "the agent does not listen: port 161: in use");
    assert_bridge(SNMP("failed", "false", "\"the folder\"", "0"), 1, 0, "could not be started: the folder");
    assert_bridge(SNMP("standalone", "true", "\"the receiver x\"", "0"), 1, 0, "snmp: the receiver x");
    assert_bridge(SNMP("agentx", "true", "null", "3"), 0, 1, "3 notifications were lost");
}

#define LISTENER(secure, address)                                                                            \
    "{" FINE ",\"listeners\":[{\"name\":\"main\",\"kind\":\"ck\",\"address\":\"" address                     \
    "\",\"secure\":" secure "}]}"

static void test_listener_without_tls_is_wrong_beyond_loopback(void **state)
{
    (void)state;
    assert_bridge(LISTENER("true", "0.0.0.0:7164"), 0, 0, "");
    assert_bridge(LISTENER("false", "127.0.0.1:7164"), 0, 1, "loopback alone");
    assert_bridge(LISTENER("false", "[::1]:7164"), 0, 1, "loopback alone");
    assert_bridge(LISTENER("false", "0.0.0.0:7164"), 1, 0, "listener main: it has no TLS on 0.0.0.0:7164");
}

static void assert_refused(const char *status_words, const char *kms_words, unsigned wrong, const char *words)
{
    struct examination examination;
    json_t *status = parsed(status_words), *kms = parsed(kms_words);
    begin(&examination);
    doctor_look_at_refused(&examination.findings, status, kms, NULL);
    assert_found(&examination, wrong, 0, words);
    json_decref(status);
    json_decref(kms);
}

static void assert_listener(const char *listeners, const char *identity, unsigned wrong, const char *words)
{
    struct examination examination;
    json_t *status = json_pack("{s:o}", "listeners", parsed(listeners));
    json_t *km = json_pack("{s:s, s:s}", "km_id", "alice", "identity", identity);
    begin(&examination);
    doctor_look_for_listener(&examination.findings, status, km);
    assert_found(&examination, wrong, 0, words);
    json_decref(status);
    json_decref(km);
}

#define CK(secure) "{\"kind\":\"ck\",\"secure\":" secure "}"

static void test_km_without_a_listener_for_its_identity_is_wrong(void **state)
{
    (void)state;
    assert_listener("[" CK("true") "]", "dns:a.example", 0, "");
    assert_listener("[" CK("true") "," CK("false") "]", "address:10.0.0.7", 0, "");
    assert_listener("[" CK("true") "]", "address:10.0.0.7", 1, "counts on a listener without TLS only");
    assert_listener("[" CK("false") "]", "dns:a.example", 1, "proven by TLS, and no Ck listener has TLS");
    assert_listener("[{\"kind\":\"http\",\"secure\":true}]", "dns:a.example", 1, "has no Ck listener");
}

static void test_bridge_certificate_is_looked_at(void **state)
{
    (void)state;
    assert_bridge("{" FINE ",\"listeners\":[{\"name\":\"main\",\"address\":\"0.0.0.0:7164\",\"secure\":true,"
                  "\"certificate_expires_at\":\"2026-11-27T18:00:00.000Z\"}]}",
                  1, 0, "listener main: the bridge's own certificate expires in 3 days");
}

#define REFUSED(second, identity, reason)                                                                    \
    "{\"time\":\"2026-11-24T17:59:" second ".000Z\",\"peer\":\"10.0.0.7:4711\",\"identity\":" identity       \
    ",\"reason\":\"" reason "\",\"detail\":null}"
#define CONNECTED "[" KM("true", "\"state\":\"connected\",\"since\":\"2026-11-24T17:59:30.000Z\"", "1") "]"

static void test_refused_peer_is_told_once_with_its_km(void **state)
{
    (void)state;
    assert_refused("{\"refused_peers\":[]}", "[]", 0, "");
    assert_refused(
        "{\"refused_peers\":[" REFUSED("10", "\"dns:x\"", "not_enrolled") "," REFUSED("20", "\"dns:x\"",
                                                                                      "not_enrolled") "]}",
        "[]", 1,
        "refused peer dns:x: refused 2 times, last 40 s ago from 10.0.0.7:4711 (not_enrolled): no KM");
    assert_refused("{\"refused_peers\":[" REFUSED("40", "\"dns:a.example\"", "flapping") "]}", CONNECTED, 1,
                   "refused peer dns:a.example (km alice)");
    assert_refused("{\"refused_peers\":[" REFUSED("20", "null", "tls_handshake") "," REFUSED(
                       "20", "null", "tls_handshake") "]}",
                   "[]", 1, "refused peer 10.0.0.7:4711: refused 2 times");
}

static void test_refused_peer_that_is_back_is_not_told(void **state)
{
    (void)state;
    assert_refused("{\"refused_peers\":[" REFUSED("20", "\"dns:a.example\"", "flapping") "]}", CONNECTED, 0,
                   "");
    assert_refused("{\"refused_peers\":[" REFUSED("20", "\"dns:a.exampl\"", "not_enrolled") "]}", CONNECTED,
                   1, "dns:a.exampl:");
}

static void test_route_is_noted_before_its_end(void **state)
{
    static const struct {
        const char *route;
        unsigned notes;
        const char *words;
    } routes[] = {
        { "{\"route_id\":\"r1\",\"valid_until\":null}", 0, "" },
        { "{\"route_id\":\"r1\",\"valid_until\":\"2026-11-29T18:00:00.000Z\"}", 0, "" },
        { "{\"route_id\":\"r1\",\"valid_until\":\"2026-11-24T19:00:00.000Z\"}", 1,
          "route r1: it is valid until in 60" },
        { "{\"route_id\":\"r1\",\"valid_until\":\"2026-11-24T17:59:30.000Z\"}", 1,
          "route r1: it was valid until 30 s" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct examination examination;
        json_t *route = parsed(routes[i].route);
        begin(&examination);
        doctor_look_at_lease(&examination.findings, route);
        assert_found(&examination, 0, routes[i].notes, routes[i].words);
        json_decref(route);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_km_each_state_is_told_apart),
        cmocka_unit_test(test_km_certificate_is_noted_then_wrong),
        cmocka_unit_test(test_bridge_each_trouble_is_told),
        cmocka_unit_test(test_snmp_agent_that_nobody_reaches_is_told_with_what_to_do),
        cmocka_unit_test(test_listener_without_tls_is_wrong_beyond_loopback),
        cmocka_unit_test(test_km_without_a_listener_for_its_identity_is_wrong),
        cmocka_unit_test(test_bridge_certificate_is_looked_at),
        cmocka_unit_test(test_refused_peer_is_told_once_with_its_km),
        cmocka_unit_test(test_refused_peer_that_is_back_is_not_told),
        cmocka_unit_test(test_route_is_noted_before_its_end),
    };
    return cmocka_run_group_tests_name("ckctl_doctor", tests, NULL, NULL);
}
