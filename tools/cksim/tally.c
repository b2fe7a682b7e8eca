/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/tally.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOMES_END] = { "succeeded",    "failed",   "no_next_hop", "unanswered",
                                                     "disconnected", "unusable", "unfinished" };
    return names[outcome];
}

const char *violation_name(enum violation violation)
{
    static const char *const names[VIOLATIONS_END] = {
        "malformed",           "unexpected_command", "wrong_version",
        "unknown_message_id",  "answered_twice",     "source_differs",
        "destination_differs", "unknown_kma",        "not_adjacent",
        "path_without_link",   "path_loops",         "hops_loop",
        "missing_relay_id",    "relay_id_reused",    "wrong_certificate_accepted",
    };
    return names[violation];
}

void tally_init(struct tally *tally)
{
    memset(tally, 0, sizeof *tally);
    histogram_init(&tally->notify_latency);
    histogram_init(&tally->lookup_latency);
    histogram_init(&tally->relay_latency);
    histogram_init(&tally->connect_latency);
}

/* Reports are UTF-8; what was cut in the middle of a character is not. */
static void make_printable(char *words)
{
    bool utf8 = text_is_utf8(text_from_c(words));
    for (unsigned char *at = (unsigned char *)words; *at != '\0'; at++)
        if (*at < 0x20 || (*at >= 0x80 && !utf8))
            *at = '?';
}

void tally_violation(struct tally *tally, enum violation violation, const char *who, const char *detail)
{
    tally->violations[violation]++;
    if (tally->detail_count == TALLY_DETAILS_MAX)
        return;
    char *words = tally->details[tally->detail_count++];
    snprintf(words, sizeof tally->details[0], "%s at %.60s: %.100s", violation_name(violation), who, detail);
    make_printable(words);
}

uint64_t tally_violations(const struct tally *tally)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < VIOLATIONS_END; i++)
        sum += tally->violations[i];
    return sum;
}

uint64_t tally_ended(const struct tally *tally)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < OUTCOMES_END; i++)
        sum += tally->outcomes[i];
    return sum;
}

void tally_close_reason(struct tally *tally, const char *words)
{
    size_t i = 0;
    while (i < tally->close_reason_count && strncmp(tally->close_reasons[i].words, words, 159) != 0)
        i++;
    if (i == TALLY_CLOSE_REASONS_MAX) {
        i = TALLY_CLOSE_REASONS_MAX - 1;
        strcpy(tally->close_reasons[i].words, "other");
    } else if (i == tally->close_reason_count) {
        snprintf(tally->close_reasons[i].words, sizeof tally->close_reasons[i].words, "%s", words);
        make_printable(tally->close_reasons[i].words);
        tally->close_reason_count++;
    }
    tally->close_reasons[i].count++;
}

static struct tally_sample totals(const struct tally *tally)
{
    /* Differences of these wrap around as they should. */
    return (struct tally_sample){
        .started = (uint32_t)(tally->started_centralized + tally->started_distributed),
        .answered = (uint32_t)tally->answered,
        .succeeded = (uint32_t)tally->outcomes[OUTCOME_SUCCEEDED],
        .failed = (uint32_t)(tally_ended(tally) - tally->outcomes[OUTCOME_SUCCEEDED]),
        .connected = tally->connected,
        .outstanding = tally->outstanding,
    };
}

void tally_sample(struct tally *tally)
{
    struct tally_sample now = totals(tally), last = tally->last_totals;
    tally->last_totals = now;
    if (tally->sample_count == TALLY_SAMPLES_MAX)
        return;
    tally->samples[tally->sample_count++] = (struct tally_sample){
        .started = now.started - last.started,
        .answered = now.answered - last.answered,
        .succeeded = now.succeeded - last.succeeded,
        .failed = now.failed - last.failed,
        .connected = now.connected,
        .outstanding = now.outstanding,
    };
}
