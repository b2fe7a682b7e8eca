/* SPDX-License-Identifier: Apache-2.0 */
/* The report for programs. */
#include <stdio.h>
#include <stdlib.h>

#include "ck/json_writer.h"
#include "cksim/report.h"
#include "cksim/scenario_schema.h"

enum {
    REPORT_BYTES = 4 * 1024 * 1024, /* all samples and links at their longest need a third of it */
    REPORT_LINKS_MAX = 4096,        /* told one by one; larger networks only in sum */
};

static void put_u64(struct bytes_writer *writer, const char *name, uint64_t value)
{
    json_name(writer, name);
    json_u64(writer, value);
}

static void put_real(struct bytes_writer *writer, const char *name, double value)
{
    char digits[64];
    snprintf(digits, sizeof digits, "%.6g", value);
    json_name(writer, name);
    json_raw(writer, text_from_c(digits));
}

static void put_c(struct bytes_writer *writer, const char *name, const char *value)
{
    json_name(writer, name);
    json_c(writer, value);
}

static void open_object(struct bytes_writer *writer, const char *name)
{
    json_name(writer, name);
    json_open_object(writer);
}

static void put_run(struct bytes_writer *writer, const struct simulation *simulation)
{
    const struct scenario *scenario = simulation->scenario;
    struct report_rates rates = report_rates(simulation);
    put_u64(writer, "kms", scenario->km_count);
    put_u64(writer, "links", scenario->link_count);
    put_c(writer, "connect", scenario->fleet.connect);
    put_c(writer, "security", report_security(simulation));
    put_c(writer, "mode", report_mode(simulation));
    put_c(writer, "load", scenario->load.load);
    put_u64(writer, "seed", scenario->fleet.seed);
    json_name(writer, "interrupted");
    json_put_boolean(writer, simulation->interrupted);
    open_object(writer, "seconds");
    put_real(writer, "connect", rates.connect_s);
    put_real(writer, "load", rates.load_s);
    put_real(writer, "drain", rates.drain_s);
    json_close_object(writer);
    open_object(writer, "rates");
    put_real(writer, "started", rates.started);
    put_real(writer, "answered", rates.answered);
    put_real(writer, "succeeded", rates.succeeded);
    json_close_object(writer);
}

static void put_requests(struct bytes_writer *writer, const struct tally *tally)
{
    open_object(writer, "requests");
    put_u64(writer, "started", tally->started_centralized + tally->started_distributed);
    put_u64(writer, "centralized", tally->started_centralized);
    put_u64(writer, "distributed", tally->started_distributed);
    put_u64(writer, "answered", tally->answered);
    put_u64(writer, "outstanding_max", tally->outstanding_max);
    put_u64(writer, "not_sent_away", tally->not_sent_away);
    put_u64(writer, "not_sent_overload", tally->not_sent_overload);
    put_u64(writer, "repeated", tally->repeated_requests);
    put_u64(writer, "unsolicited", tally->unsolicited);
    put_u64(writer, "answers_repeated", tally->repeated_answers);
    put_u64(writer, "answers_late", tally->late_answers);
    put_u64(writer, "probes", tally->probes);
    open_object(writer, "outcomes");
    for (int i = 0; i < OUTCOMES_END; i++)
        put_u64(writer, outcome_name(i), tally->outcomes[i]);
    json_close_object(writer);
    open_object(writer, "failures");
    for (int i = 1; i < HOP_STATUS_END; i++)
        put_u64(writer, hop_status_name(i), tally->failures[i]);
    json_close_object(writer);
    open_object(writer, "responses");
    put_u64(writer, "success", tally->completions_success);
    put_u64(writer, "failure", tally->completions_failure);
    json_close_object(writer);
    json_close_object(writer);
}

static void put_frames(struct bytes_writer *writer, const char *name, const uint64_t *counts)
{
    static const char *const codes[CK_COMMANDS_END] = { NULL, "0x01", "0x02", "0x03", "0x04", "0x05" };
    open_object(writer, name);
    for (int i = 1; i < CK_COMMANDS_END; i++)
        put_u64(writer, codes[i], counts[i]);
    json_close_object(writer);
}

static void put_latency(struct bytes_writer *writer, const char *name, const struct histogram *histogram)
{
    static const struct {
        const char *name;
        double share;
    } rows[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };
    open_object(writer, name);
    put_u64(writer, "count", histogram->count);
    put_real(writer, "min", histogram->count > 0 ? (double)histogram->minimum / 1e6 : 0);
    put_real(writer, "mean", histogram_mean(histogram) / 1e6);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put_real(writer, rows[i].name, (double)histogram_at(histogram, rows[i].share) / 1e6);
    put_real(writer, "max", (double)histogram->maximum / 1e6);
    json_close_object(writer);
}

static void put_connections(struct bytes_writer *writer, const struct tally *tally)
{
    open_object(writer, "connections");
    put_u64(writer, "made", tally->connects);
    put_u64(writer, "resumed", tally->resumed);
    put_u64(writer, "lost", tally->disconnects);
    put_u64(writer, "failed", tally->connects_failed);
    put_u64(writer, "at_end", tally->connected);
    put_u64(writer, "at_most", tally->connected_max);
    put_u64(writer, "served_at_end", tally->served);
    put_real(writer, "all_connected_s", (double)tally->connected_ns / 1e9);
    json_name(writer, "closed");
    json_open_array(writer);
    for (uint32_t i = 0; i < tally->close_reason_count; i++) {
        json_open_object(writer);
        put_c(writer, "reason", tally->close_reasons[i].words);
        put_u64(writer, "count", tally->close_reasons[i].count);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_close_object(writer);
}

static void put_faults(struct bytes_writer *writer, const struct simulation *simulation)
{
    json_name(writer, "faults");
    json_open_array(writer);
    for (uint32_t i = 0; i < simulation->scenario->fault_count; i++) {
        const struct fault_run *run = &simulation->faults[i];
        json_open_object(writer);
        put_c(writer, "name", run->fault->name);
        put_c(writer, "kind", schema_fault_kinds[run->fault->kind]);
        put_u64(writer, "times", run->times);
        put_u64(writer, "hit", run->targets_hit);
        if (run->fault->kind == FAULT_STORM) {
            put_u64(writer, "recovered", run->storms_recovered);
            put_u64(writer, "not_served_again", run->storm_remaining);
            put_real(writer, "recovery_s_max", (double)run->recovery_ns_max / 1e9);
            put_real(writer, "unaffected_worst_ms", (double)run->unaffected_worst_ns / 1e6);
        }
        if (run->fault->kind == FAULT_WRONG_CERTIFICATE) {
            put_u64(writer, "refused", run->refused);
            put_u64(writer, "accepted", run->accepted);
        }
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_keys(struct bytes_writer *writer, const struct simulation *simulation)
{
    const struct network *network = &simulation->network;
    uint64_t taken = 0, lacked = 0;
    uint32_t links = simulation->scenario->link_count;
    for (uint32_t i = 0; i < links; i++) {
        taken += network->links[i].keys_taken;
        lacked += network->links[i].keys_lacked;
    }
    open_object(writer, "keys");
    put_u64(writer, "taken", taken);
    put_u64(writer, "lacked", lacked);
    json_name(writer, "links");
    json_open_array(writer);
    for (uint32_t i = 0; i < links && links <= REPORT_LINKS_MAX; i++) {
        json_open_object(writer);
        put_c(writer, "link", simulation->scenario->links[i].name);
        put_u64(writer, "taken", network->links[i].keys_taken);
        put_u64(writer, "lacked", network->links[i].keys_lacked);
        json_close_object(writer);
    }
    json_close_array(writer);
    json_close_object(writer);
}

static void put_violations(struct bytes_writer *writer, const struct tally *tally)
{
    open_object(writer, "violations");
    put_u64(writer, "total", tally_violations(tally));
    open_object(writer, "by_rule");
    for (int i = 0; i < VIOLATIONS_END; i++)
        put_u64(writer, violation_name(i), tally->violations[i]);
    json_close_object(writer);
    json_name(writer, "details");
    json_open_array(writer);
    for (uint32_t i = 0; i < tally->detail_count; i++)
        json_c(writer, tally->details[i]);
    json_close_array(writer);
    json_close_object(writer);
}

static void put_samples(struct bytes_writer *writer, const struct tally *tally)
{
    json_name(writer, "per_second");
    json_open_array(writer);
    for (uint32_t i = 0; i < tally->sample_count; i++) {
        const struct tally_sample *sample = &tally->samples[i];
        json_open_object(writer);
        put_u64(writer, "started", sample->started);
        put_u64(writer, "answered", sample->answered);
        put_u64(writer, "succeeded", sample->succeeded);
        put_u64(writer, "failed", sample->failed);
        put_u64(writer, "connected", sample->connected);
        put_u64(writer, "outstanding", sample->outstanding);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_own(struct bytes_writer *writer, const struct simulation *simulation)
{
    const struct tally *tally = &simulation->tally;
    open_object(writer, "cksim");
    put_real(writer, "cpu_user_s", tally->cpu_user_s);
    put_real(writer, "cpu_system_s", tally->cpu_system_s);
    put_real(writer, "cpu_us_per_answer", report_rates(simulation).cpu_us_per_answer);
    put_u64(writer, "memory_peak_kib", (uint64_t)tally->memory_peak_kib);
    json_close_object(writer);
}

void report_json(const struct simulation *simulation, FILE *stream)
{
    const struct tally *tally = &simulation->tally;
    void *buffer = system_allocate(1, REPORT_BYTES);
    struct bytes_writer writer = bytes_writer(buffer, REPORT_BYTES);
    json_open_object(&writer);
    put_run(&writer, simulation);
    put_requests(&writer, tally);
    put_frames(&writer, "frames_sent", tally->sent);
    put_frames(&writer, "frames_received", tally->received);
    open_object(&writer, "latency_ms");
    put_latency(&writer, "notify", &tally->notify_latency);
    put_latency(&writer, "lookup", &tally->lookup_latency);
    put_latency(&writer, "relay", &tally->relay_latency);
    put_latency(&writer, "connect", &tally->connect_latency);
    json_close_object(&writer);
    put_connections(&writer, tally);
    put_keys(&writer, simulation);
    put_faults(&writer, simulation);
    put_violations(&writer, tally);
    put_own(&writer, simulation);
    put_samples(&writer, tally);
    json_close_object(&writer);
    if (writer.overflowed)
        fputs("cksim: the JSON report was cut\n", stderr);
    fwrite(writer.buffer, 1, writer.length, stream);
    fputc('\n', stream);
    free(buffer);
}
