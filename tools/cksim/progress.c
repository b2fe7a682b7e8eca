/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/progress.h"

#include <string.h>

enum { LINE_MS = 250, PLAIN_MS = 3000 };

void progress_init(struct progress *progress, FILE *stream, enum progress_kind kind)
{
    *progress = (struct progress){ .stream = stream, .kind = kind };
}

static double rate_since_last(struct progress *progress, const struct simulation *simulation, uint64_t now_ns)
{
    uint64_t answered = simulation->tally.answered;
    double seconds = (double)(now_ns - progress->last_ns) / 1e9;
    double rate = progress->last_ns == 0 ? 0 : (double)(answered - progress->last_answered) / seconds;
    progress->last_answered = answered;
    progress->last_ns = now_ns;
    return rate;
}

static double seconds_left(const struct simulation *simulation, uint64_t now_ns)
{
    const struct scenario *scenario = simulation->scenario;
    const struct tally *tally = &simulation->tally;
    uint64_t end_ns = 0;
    switch (simulation->phase) {
    case PHASE_CONNECTING:
        end_ns = simulation->began_ns + scenario->fleet.start_timeout;
        break;
    case PHASE_LOAD:
        end_ns = tally->load_started_ns + scenario->load.seconds;
        break;
    case PHASE_DRAIN:
        end_ns = tally->load_ended_ns + scenario->load.drain;
        break;
    case PHASE_DONE:
        break;
    }
    return end_ns > now_ns ? (double)(end_ns - now_ns) / 1e9 : 0;
}

static int describe(struct progress *progress, const struct simulation *simulation, uint64_t now_ns,
                    char *line, size_t line_bytes)
{
    static const char *const phases[] = { "connecting", "load", "draining", "done" };
    const struct tally *tally = &simulation->tally;
    unsigned long long failed = tally_ended(tally) - tally->outcomes[OUTCOME_SUCCEEDED];
    int length =
        snprintf(line, line_bytes,
                 "%-10s %8.0f answers/s  %6u outstanding  %llu failed  %u of %u connected  %.0f s left",
                 phases[simulation->phase], rate_since_last(progress, simulation, now_ns), tally->outstanding,
                 failed, tally->connected, simulation->scenario->km_count, seconds_left(simulation, now_ns));
    unsigned long long violations = tally_violations(tally);
    if (violations > 0)
        length += snprintf(line + length, line_bytes - (size_t)length, "  %llu VIOLATIONS", violations);
    return length;
}

void progress_tick(void *context, const struct simulation *simulation)
{
    struct progress *progress = context;
    uint64_t now_ns = system_now_ns();
    uint64_t pause_ms = progress->kind == PROGRESS_LINE ? LINE_MS : PLAIN_MS;
    bool due = now_ns - progress->told_ns >= pause_ms * NS_PER_MS || progress->phase != simulation->phase;
    if (progress->kind == PROGRESS_NONE || !due)
        return;
    char line[256];
    int length = describe(progress, simulation, now_ns, line, sizeof line);
    if (progress->kind == PROGRESS_LINE)
        fprintf(progress->stream, "\r%-*s", progress->width, line);
    else
        fprintf(progress->stream, "%s\n", line);
    fflush(progress->stream);
    progress->width = length;
    progress->told_ns = now_ns;
    progress->phase = simulation->phase;
}

void progress_end(struct progress *progress)
{
    if (progress->kind == PROGRESS_LINE && progress->width > 0)
        fprintf(progress->stream, "\r%*s\r", progress->width, "");
    fflush(progress->stream);
}
