/* SPDX-License-Identifier: Apache-2.0 */
/* The report for people. */
#include <stdio.h>

#include "cksim/quantity.h"
#include "cksim/report.h"
#include "cksim/scenario_schema.h"

struct report_rates report_rates(const struct simulation *simulation)
{
    const struct tally *tally = &simulation->tally;
    struct report_rates rates = { 0 };
    uint64_t connected_ns = tally->load_started_ns != 0 ? tally->load_started_ns : tally->drained_ns;
    rates.connect_s = (double)(connected_ns - simulation->began_ns) / 1e9;
    if (tally->load_started_ns != 0)
        rates.load_s = (double)(tally->load_ended_ns - tally->load_started_ns) / 1e9;
    rates.drain_s = (double)(tally->drained_ns - tally->load_ended_ns) / 1e9;
    if (rates.load_s <= 0)
        return rates;
    rates.started = (double)(tally->started_centralized + tally->started_distributed) / rates.load_s;
    rates.answered = (double)tally->answered / rates.load_s;
    rates.succeeded = (double)tally->outcomes[OUTCOME_SUCCEEDED] / rates.load_s;
    if (tally->answered > 0)
        rates.cpu_us_per_answer = (tally->cpu_user_s + tally->cpu_system_s) * 1e6 / (double)tally->answered;
    return rates;
}

const char *report_security(const struct simulation *simulation)
{
    return schema_find("fleet", "security")->choices[simulation->scenario->fleet.security];
}

const char *report_mode(const struct simulation *simulation)
{
    return schema_find("fleet", "mode")->choices[simulation->scenario->fleet.mode];
}

static void put_count(FILE *stream, const char *name, uint64_t count)
{
    if (count > 0)
        fprintf(stream, "    %-28s %12llu\n", name, (unsigned long long)count);
}

static void put_latency(FILE *stream, const char *name, const struct histogram *histogram)
{
    static const double shares[] = { 0.5, 0.9, 0.99, 0.999 };
    char words[32];
    if (histogram->count == 0)
        return;
    fprintf(stream, "    %-28s %12llu", name, (unsigned long long)histogram->count);
    for (size_t i = 0; i < 4; i++)
        fprintf(stream, " %11s", quantity_print_duration(histogram_at(histogram, shares[i]), words));
    fprintf(stream, " %11s\n", quantity_print_duration(histogram->maximum, words));
}

static void put_requests(const struct tally *tally, FILE *stream)
{
    fprintf(stream, "\nRequests\n");
    put_count(stream, "started, whole route (7.2)", tally->started_centralized);
    put_count(stream, "started, hop by hop (7.1)", tally->started_distributed);
    put_count(stream, "not sent: KM away", tally->not_sent_away);
    put_count(stream, "not sent: too many open", tally->not_sent_overload);
    for (int i = 0; i < OUTCOMES_END; i++)
        put_count(stream, outcome_name(i), tally->outcomes[i]);
    for (int i = 1; i < HOP_STATUS_END; i++) {
        char name[48];
        snprintf(name, sizeof name, "  failed: %s", hop_status_name(i));
        put_count(stream, name, tally->failures[i]);
    }
    put_count(stream, "Responses sent: success", tally->completions_success);
    put_count(stream, "Responses sent: failure", tally->completions_failure);
    put_count(stream, "unsolicited relays", tally->unsolicited);
    put_count(stream, "requests repeated", tally->repeated_requests);
    put_count(stream, "answers repeated", tally->repeated_answers);
    put_count(stream, "answers too late", tally->late_answers);
}

static void put_connections(const struct tally *tally, FILE *stream)
{
    fprintf(stream, "\nConnections\n");
    put_count(stream, "made", tally->connects);
    put_count(stream, "made by session ticket", tally->resumed);
    put_count(stream, "lost", tally->disconnects);
    put_count(stream, "attempts that failed", tally->connects_failed);
    for (uint32_t i = 0; i < tally->close_reason_count; i++)
        fprintf(stream, "      %llu x %s\n", (unsigned long long)tally->close_reasons[i].count,
                tally->close_reasons[i].words);
}

static void put_storm(const struct fault_run *run, FILE *stream)
{
    char recovery[32], worst[32];
    if (run->storms_recovered > 0)
        fprintf(stream, ", all served again after %s",
                quantity_print_duration(run->recovery_ns_max, recovery));
    if (run->storm_remaining > 0)
        fprintf(stream, ", %u KMs NOT served again", run->storm_remaining);
    if (run->unaffected_worst_ns > 0)
        fprintf(stream, ", others waited at most %s",
                quantity_print_duration(run->unaffected_worst_ns, worst));
}

static void put_faults(const struct simulation *simulation, FILE *stream)
{
    if (simulation->scenario->fault_count == 0)
        return;
    fprintf(stream, "\nFaults\n");
    for (uint32_t i = 0; i < simulation->scenario->fault_count; i++) {
        const struct fault_run *run = &simulation->faults[i];
        fprintf(stream, "    %s (%s): %llu times, hit %llu", run->fault->name,
                schema_fault_kinds[run->fault->kind], (unsigned long long)run->times,
                (unsigned long long)run->targets_hit);
        if (run->fault->kind == FAULT_STORM)
            put_storm(run, stream);
        if (run->fault->kind == FAULT_WRONG_CERTIFICATE)
            fprintf(stream, ", refused %llu times, ACCEPTED %llu times", (unsigned long long)run->refused,
                    (unsigned long long)run->accepted);
        fputc('\n', stream);
    }
}

static void put_violations(const struct tally *tally, FILE *stream)
{
    fprintf(stream, "\nRules that the controller broke: %llu\n", (unsigned long long)tally_violations(tally));
    for (int i = 0; i < VIOLATIONS_END; i++)
        put_count(stream, violation_name(i), tally->violations[i]);
    for (uint32_t i = 0; i < tally->detail_count; i++)
        fprintf(stream, "      %s\n", tally->details[i]);
}

void report_text(const struct simulation *simulation, FILE *stream)
{
    const struct tally *tally = &simulation->tally;
    const struct scenario *scenario = simulation->scenario;
    struct report_rates rates = report_rates(simulation);
    fprintf(stream, "cksim: %u KMs, %u links, %s to %s, %s, %s, seed %u\n", scenario->km_count,
            scenario->link_count, report_security(simulation), scenario->fleet.connect,
            report_mode(simulation), scenario->load.load, scenario->fleet.seed);
    fprintf(stream, "connected %u (at most %u) in %.2f s, load %.2f s, drained %.2f s\n", tally->connected,
            tally->connected_max, rates.connect_s, rates.load_s, rates.drain_s);
    fprintf(stream, "%.0f requests/s started, %.0f answers/s, %.0f keys/s relayed, at most %u outstanding\n",
            rates.started, rates.answered, rates.succeeded, tally->outstanding_max);
    fprintf(stream,
            "cksim's own CPU: %.2f s user, %.2f s system, %.1f us an answer; memory %.1f MiB at most\n",
            tally->cpu_user_s, tally->cpu_system_s, rates.cpu_us_per_answer,
            (double)tally->memory_peak_kib / 1024);
    put_requests(tally, stream);
    fprintf(stream, "\n%-32s %12s %11s %11s %11s %11s %11s\n", "Latency, from the intended start", "count",
            "p50", "p90", "p99", "p99.9", "max");
    put_latency(stream, "notify -> relay request", &tally->notify_latency);
    put_latency(stream, "lookup -> next hops", &tally->lookup_latency);
    put_latency(stream, "start -> key relayed", &tally->relay_latency);
    put_latency(stream, "connection and handshake", &tally->connect_latency);
    put_connections(tally, stream);
    put_faults(simulation, stream);
    put_violations(tally, stream);
}
