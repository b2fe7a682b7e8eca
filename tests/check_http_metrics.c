/* SPDX-License-Identifier: Apache-2.0 */
/* The text exposition: escapes, exact fractions, histograms that grow, zeros that are there, and who may
 * read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/api.h"
#include "http/metrics.h"
#include "http_fake.h"

enum { TEXT_BYTES = 1024 * 1024 };

/* ---- the format ---- */

static char text[TEXT_BYTES];

static struct bytes_writer begin(void)
{
    return bytes_writer(text, sizeof text - 1);
}

static void end(const struct bytes_writer *writer)
{
    assert_false(writer->overflowed);
    text[writer->length] = '\0';
}

static void test_label_values_are_escaped(void **state)
{
    (void)state;
    struct bytes_writer writer = begin();
    struct exposition family = exposition_begin(&writer, EXPOSITION_GAUGE, "m", "What it is.");
    struct exposition_labels labels = metrics_labels("a", TEXT("\"q\" \\ b\nc {},=\xC3\xA9"), "b", TEXT(""));
    exposition_sample(&family, &labels, 18446744073709551615U);
    end(&writer);
    assert_string_equal(text, "# HELP m What it is.\n# TYPE m gauge\n"
                              "m{a=\"\\\"q\\\" \\\\ b\\nc {},=\xC3\xA9\",b=\"\"} 18446744073709551615\n");
}

static void test_fractions_are_exact(void **state)
{
    static const struct {
        uint64_t value, per_unit;
        const char *expected;
    } cases[] = {
        { 0, 1000, "m 0\n" },
        { 1, 1000, "m 0.001\n" },
        { 1000, 1000, "m 1\n" },
        { 1500, 1000, "m 1.5\n" },
        { 10, 1000000, "m 0.00001\n" },
        { 1795750326009, 1000, "m 1795750326.009\n" },
        { UINT64_MAX, 1000000, "m 18446744073709.551615\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes_writer writer = begin();
        struct exposition family = { &writer, "m" };
        exposition_fraction(&family, NULL, cases[i].value, cases[i].per_unit);
        end(&writer);
        assert_string_equal(text, cases[i].expected);
    }
}

static void test_distribution_is_a_cumulative_histogram(void **state)
{
    (void)state;
    const struct distribution_scale scale = { 2, { 5, 1000 } };
    struct distribution distribution = { .sum = 0 };
    distribution_add(&distribution, &scale, 5);
    distribution_add(&distribution, &scale, 6);
    distribution_add(&distribution, &scale, 1000);
    distribution_add(&distribution, &scale, 1001);
    struct bytes_writer writer = begin();
    struct exposition family = { &writer, "m" };
    struct exposition_labels labels = metrics_label("by", TEXT("x"));
    exposition_distribution(&family, &labels, &distribution, &scale, 1000);
    end(&writer);
    assert_string_equal(text,
                        "m_bucket{by=\"x\",le=\"0.005\"} 1\nm_bucket{by=\"x\",le=\"1\"} 3\n"
                        "m_bucket{by=\"x\",le=\"+Inf\"} 4\nm_sum{by=\"x\"} 2.012\nm_count{by=\"x\"} 4\n");
}

static void test_too_little_room_is_said(void **state)
{
    (void)state;
    struct bytes_writer writer = bytes_writer(text, 3);
    exposition_begin(&writer, EXPOSITION_COUNTER, "m_total", "Cut.");
    assert_true(writer.overflowed); /* it is written again into more room */
}

/* ---- all of it ---- */

struct sample {
    char series[512];
    char value[64];
};

enum { SAMPLES_MAX = 8192 };

struct samples {
    struct sample items[SAMPLES_MAX];
    size_t count;
};

static struct samples first, second;

/* Every sample lies within its family, and a family is there once. */
static void parse(const char *bytes, struct samples *out)
{
    char family[128] = "", seen[65536] = "", line[1024];
    out->count = 0;
    for (const char *at = bytes; *at != '\0';) {
        const char *stop = strchr(at, '\n');
        assert_non_null(stop);
        assert_true((size_t)(stop - at) < sizeof line);
        snprintf(line, sizeof line, "%.*s", (int)(stop - at), at);
        at = stop + 1;
        char name[128], mark[160];
        if (sscanf(line, "# HELP %127s ", name) == 1) {
            snprintf(mark, sizeof mark, " %s ", name);
            assert_null(strstr(seen, mark));
            strncat(seen, mark, sizeof seen - strlen(seen) - 1);
            snprintf(family, sizeof family, "%s", name);
            assert_true(strlen(line) > strlen("# HELP  ") + strlen(name));
            continue;
        }
        if (sscanf(line, "# TYPE %127s ", name) == 1) {
            assert_string_equal(name, family);
            continue;
        }
        assert_memory_equal(line, family, strlen(family));
        struct sample *sample = &out->items[out->count++];
        assert_true(out->count < SAMPLES_MAX);
        char *blank = strrchr(line, ' ');
        assert_non_null(blank);
        *blank = '\0';
        assert_true(text_to_c(text_from_c(line), sample->series, sizeof sample->series));
        assert_true(text_to_c(text_from_c(blank + 1), sample->value, sizeof sample->value));
    }
}

static const char *value_of(const struct samples *samples, const char *series)
{
    const char *found = NULL;
    for (size_t i = 0; i < samples->count; i++)
        if (strcmp(samples->items[i].series, series) == 0) {
            assert_null(found);
            found = samples->items[i].value;
        }
    if (found == NULL)
        fail_msg("there is no %s", series);
    return found;
}

static void render(const struct metrics_view *view, struct samples *out)
{
    struct bytes_writer writer = begin();
    metrics_put(&writer, view);
    end(&writer);
    parse(text, out);
}

static struct tally tally;

static void test_everything_is_there_while_nothing_has_happened(void **state)
{
    static const char *const zeros[] = {
        "ckbridge_relays_ended_total{state=\"succeeded\"}",
        "ckbridge_relays_ended_total{state=\"failed\"}",
        "ckbridge_relays_ended_total{state=\"rejected\"}",
        "ckbridge_relays_ended_total{state=\"expired\"}",
        "ckbridge_relays_ended_total{state=\"orphaned\"}",
        "ckbridge_relay_end_reasons_total{reason=\"no_route\"}",
        "ckbridge_lookups_ended_total{state=\"answered\"}",
        "ckbridge_relays_decided_total{decided_by=\"none\"}",
        "ckbridge_relay_decision_seconds_count{decided_by=\"route\"}",
        "ckbridge_relay_duration_seconds_bucket{outcome=\"expired\",le=\"+Inf\"}",
        "ckbridge_peers_refused_total{reason=\"other\"}",
        "ckbridge_frames_total{direction=\"received\",command=\"unknown\"}",
        "ckbridge_protocol_errors_total{error=\"not_json\"}",
        "ckbridge_http_requests_total{method=\"GET\",route=\"/metrics\",code=\"2xx\"}",
        "ckbridge_http_requests_total{method=\"none\",route=\"none\",code=\"4xx\"}",
        "ckbridge_http_request_duration_seconds_sum{method=\"other\",code=\"5xx\"}",
        "ckbridge_snmp_mode{mode=\"failed\"}",
        "ckbridge_snmp_connected",
        "ckbridge_snmp_notifications_lost_total",
        "ckbridge_store_commit_seconds_count",
        "ckbridge_loop_turn_seconds_bucket{le=\"0.00001\"}",
    };
    struct http_status status = { .version = "1", .instance = "b\"1" };
    struct snapshot snapshot = { .taken_ms = 1 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally };
    (void)state;
    render(&view, &first);
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        assert_string_equal(value_of(&first, zeros[i]), "0");
    assert_string_equal(value_of(&first, "ckbridge_build_info{version=\"1\",bridge=\"b\\\"1\"}"), "1");
    assert_string_equal(value_of(&first, "ckbridge_kms_earliest_certificate_expiry_timestamp_seconds"),
                        "+Inf");
}

static void fill(struct totals *totals)
{
    totals->relays_received = 3;
    for (int i = 0; i < REASONS_END; i++)
        totals->relay_reasons[i] = totals->lookup_reasons[i] = totals->refused[i] =
            totals->sessions_closed[i] = 1;
    for (int i = 0; i < DECIDERS_END; i++)
        distribution_add(&totals->relay_decision_ms[i], &distribution_milliseconds, 70000);
}

static void test_series_stay_whatever_happens(void **state)
{
    static struct km_view km = { .config = { .km_id = TEXT("alice"), .enabled = true },
                                 .connected = true,
                                 .certificate_expires_ms = 1500 };
    struct http_status status = { .version = "1", .instance = "b", .listener_count = 1 };
    struct snapshot snapshot = { .taken_ms = 1 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally };
    (void)state;
    render(&view, &first);
    fill(&snapshot.totals);
    snapshot.kms = &km;
    snapshot.km_count = 1;
    size_t routes;
    struct tally_request request = { api_routes(&routes), METHOD_GET, 304, 12 };
    tally_count(&tally, &request);
    render(&view, &second);
    assert_int_equal(first.count, second.count);
    for (size_t i = 0; i < first.count; i++)
        assert_string_equal(first.items[i].series, second.items[i].series);
    assert_string_equal(value_of(&second, "ckbridge_kms_earliest_certificate_expiry_timestamp_seconds"),
                        "1.5");
    assert_string_equal(value_of(&second, "ckbridge_kms_enabled"), "1");
    assert_string_equal(value_of(&second, "ckbridge_http_requests_total{method=\"GET\",route=\"/healthz\","
                                          "code=\"3xx\"}"),
                        "1");
    assert_string_equal(value_of(&second, "ckbridge_relay_decision_seconds_bucket{decided_by=\"none\","
                                          "le=\"60\"}"),
                        "0");
    assert_string_equal(value_of(&second, "ckbridge_relay_decision_seconds_sum{decided_by=\"none\"}"), "70");
}

/* Whatever reasons a family lists, none is lost: "other" takes the rest. */
static void test_reasons_add_up(void **state)
{
    static const char *const families[] = { "ckbridge_relay_end_reasons_total{",
                                            "ckbridge_lookup_end_reasons_total{",
                                            "ckbridge_peers_refused_total{",
                                            "ckbridge_sessions_closed_total{" };
    struct http_status status = { .version = "1", .instance = "b" };
    struct snapshot snapshot = { .taken_ms = 1 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally };
    (void)state;
    fill(&snapshot.totals);
    render(&view, &first);
    for (size_t k = 0; k < sizeof families / sizeof *families; k++) {
        unsigned long sum = 0;
        for (size_t i = 0; i < first.count; i++)
            if (strncmp(first.items[i].series, families[k], strlen(families[k])) == 0)
                sum += strtoul(first.items[i].value, NULL, 10);
        assert_int_equal(sum, REASONS_END - 1);
    }
}

static void test_kms_have_series_when_asked_for(void **state)
{
    static struct km_view kms[2] = {
        { .config = { .km_id = TEXT("a\"\\"), .enabled = true },
          .connected = true,
          .counters = { .received = { 1, 2 }, .malformed = 4, .unexpected = 1, .relays_expired = 9 } },
        { .config = { .km_id = TEXT("b") } },
    };
    struct http_status status = { .version = "1", .instance = "b" };
    struct snapshot snapshot = { .taken_ms = 1, .kms = kms, .km_count = 2 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally, .per_km = true };
    (void)state;
    render(&view, &first);
    assert_string_equal(value_of(&first, "ckbridge_km_connected{km_id=\"a\\\"\\\\\"}"), "1");
    assert_string_equal(value_of(&first, "ckbridge_km_connected{km_id=\"b\"}"), "0");
    assert_string_equal(
        value_of(&first, "ckbridge_km_frames_total{km_id=\"a\\\"\\\\\",direction=\"received\"}"), "3");
    assert_string_equal(value_of(&first, "ckbridge_km_protocol_errors_total{km_id=\"a\\\"\\\\\"}"), "5");
    assert_string_equal(
        value_of(&first, "ckbridge_km_relays_ended_total{km_id=\"a\\\"\\\\\",state=\"expired\"}"), "9");
    view.per_km = false;
    render(&view, &second);
    for (size_t i = 0; i < second.count; i++)
        assert_null(strstr(second.items[i].series, "km_id="));
}

static void test_certificates_of_listeners_have_a_date(void **state)
{
    struct http_status status = { .version = "1", .instance = "b", .listener_count = 2 };
    struct snapshot snapshot = { .taken_ms = 1 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally };
    (void)state;
    snprintf(status.listeners[0].name, sizeof status.listeners[0].name, "http");
    status.listeners[0].kind = "ck";
    status.listeners[0].certificate_expires_ms = 2000000000000;
    snprintf(status.listeners[1].name, sizeof status.listeners[1].name, "http");
    status.listeners[1].kind = "http";
    render(&view, &first);
    assert_string_equal(
        value_of(&first, "ckbridge_certificate_expiry_timestamp_seconds{listener=\"http\",kind=\"ck\"}"),
        "2000000000");
    assert_null(strstr(text, "{listener=\"http\",kind=\"http\"}"));
}

static void test_an_agent_is_shown_by_its_mode_and_what_it_has_done(void **state)
{
    static const char *const values[][2] = {
        { "ckbridge_snmp_mode{mode=\"agentx\"}", "0" },
        { "ckbridge_snmp_mode{mode=\"standalone\"}", "1" },
        { "ckbridge_snmp_mode{mode=\"off\"}", "0" },
        { "ckbridge_snmp_mode{mode=\"failed\"}", "0" },
        { "ckbridge_snmp_connected", "1" },
        { "ckbridge_snmp_requests_total", "2" },
        { "ckbridge_snmp_notifications_sent_total", "3" },
        { "ckbridge_snmp_notifications_waiting", "4" },
        { "ckbridge_snmp_notifications_suppressed_total", "5" },
        { "ckbridge_snmp_notifications_lost_total", "6" },
        { "ckbridge_snmp_packets_refused_total", "7" },
    };
    struct http_status status = { .version = "1", .instance = "b", .snmp = { .mode = "off" } };
    struct snapshot snapshot = { .taken_ms = 1 };
    struct metrics_view view = { .status = &status, .snapshot = &snapshot, .tally = &tally };
    (void)state;
    render(&view, &first);
    assert_string_equal(value_of(&first, "ckbridge_snmp_mode{mode=\"off\"}"), "1");
    status.snmp = (struct http_snmp_status){ .mode = "standalone",
                                             .connected = true,
                                             .requests = 2,
                                             .notifications_sent = 3,
                                             .notifications_waiting = 4,
                                             .notifications_suppressed = 5,
                                             .notifications_lost = 6,
                                             .packets_refused = 7 };
    render(&view, &second);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_string_equal(value_of(&second, values[i][0]), values[i][1]);
    assert_int_equal(first.count, second.count);
}

/* ---- over HTTP ---- */

static void check_served(struct http_answer *answer, int status, const char *type)
{
    char value[128];
    assert_int_equal(answer->status, status);
    assert_string_equal(client_header(answer, "Content-Type", value, sizeof value), type);
    client_answer_free(answer);
}

static void test_readers_need_a_role_unless_metrics_are_open(void **state)
{
    struct fake *fake = fake_start(NULL);
    struct http_options open = { .listen = "127.0.0.1:0", .metrics = { .open = true } };
    struct http_answer answer;
    (void)state;
    answer = fake_ask(fake, HTTP_ROLE_NONE, "GET /metrics", NULL);
    check_served(&answer, 401, "application/problem+json");
    answer = fake_ask(fake, HTTP_ROLE_VIEWER, "GET /metrics", NULL);
    check_served(&answer, 200, EXPOSITION_CONTENT_TYPE);
    answer = fake_ask(fake, HTTP_ROLE_VIEWER, "HEAD /metrics", NULL);
    assert_int_equal(answer.body_bytes, 0);
    check_served(&answer, 200, EXPOSITION_CONTENT_TYPE);
    answer = fake_ask(fake, HTTP_ROLE_VIEWER, "GET /metrics?name=x", NULL);
    check_served(&answer, 400, "application/problem+json");
    fake_stop(fake);
    fake = fake_start(&open);
    answer = fake_ask(fake, HTTP_ROLE_NONE, "GET /metrics", NULL);
    check_served(&answer, 200, EXPOSITION_CONTENT_TYPE);
    answer = fake_ask(fake, HTTP_ROLE_NONE, "GET " API_BASE "/status", NULL); /* that alone is open */
    check_served(&answer, 401, "application/problem+json");
    fake_stop(fake);
}

static void test_requests_and_connections_are_counted(void **state)
{
    struct fake *fake = fake_start(NULL);
    (void)state;
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET " API_BASE "/kms/alice", NULL, 200, NULL);
    fake_expect(fake, HTTP_ROLE_VIEWER, "HEAD " API_BASE "/kms/alice", NULL, 200, NULL);
    fake_expect(fake, HTTP_ROLE_VIEWER, "GET " API_BASE "/kms/nobody", NULL, 404, NULL);
    fake_expect(fake, HTTP_ROLE_NONE, "GET " API_BASE "/kms/alice", NULL, 401, NULL);
    fake_expect(fake, HTTP_ROLE_VIEWER, "PATCH " API_BASE "/kms/alice", NULL, 405, NULL);
    struct http_answer answer = fake_ask(fake, HTTP_ROLE_VIEWER, "GET /metrics", NULL);
    parse(answer.body, &first);
    client_answer_free(&answer);
    assert_string_equal(
        value_of(&first,
                 "ckbridge_http_requests_total{method=\"GET\",route=\"/api/v1/kms/{km_id}\",code=\"2xx\"}"),
        "2");
    assert_string_equal(
        value_of(&first,
                 "ckbridge_http_requests_total{method=\"GET\",route=\"/api/v1/kms/{km_id}\",code=\"4xx\"}"),
        "1");
    assert_string_equal(
        value_of(&first, "ckbridge_http_requests_total{method=\"none\",route=\"none\",code=\"4xx\"}"), "2");
    assert_string_equal(
        value_of(&first, "ckbridge_http_request_duration_seconds_count{method=\"other\",code=\"4xx\"}"), "1");
    assert_string_not_equal(value_of(&first, "ckbridge_resource_used{resource=\"http_connections\"}"), "0");
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label_values_are_escaped),
        cmocka_unit_test(test_fractions_are_exact),
        cmocka_unit_test(test_distribution_is_a_cumulative_histogram),
        cmocka_unit_test(test_too_little_room_is_said),
        cmocka_unit_test(test_everything_is_there_while_nothing_has_happened),
        cmocka_unit_test(test_series_stay_whatever_happens),
        cmocka_unit_test(test_reasons_add_up),
        cmocka_unit_test(test_kms_have_series_when_asked_for),
        cmocka_unit_test(test_certificates_of_listeners_have_a_date),
        cmocka_unit_test(test_an_agent_is_shown_by_its_mode_and_what_it_has_done),
        cmocka_unit_test(test_readers_need_a_role_unless_metrics_are_open),
        cmocka_unit_test(test_requests_and_connections_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
