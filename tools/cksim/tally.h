/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that a run counts; reports and progress read it. */
#ifndef CKSIM_TALLY_H
#define CKSIM_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "ck/frame.h"
#include "cksim/histogram.h"
#include "cksim/network.h"

/* How a request of the load ended. */
enum outcome {
    OUTCOME_SUCCEEDED,    /* the key arrived */
    OUTCOME_FAILED,       /* the relay could not be carried out; hop_status says why */
    OUTCOME_NO_NEXT_HOP,  /* an empty list of candidates */
    OUTCOME_UNANSWERED,   /* nothing came within answer_timeout */
    OUTCOME_DISCONNECTED, /* the session ended before the answer, and requests are not repeated */
    OUTCOME_UNUSABLE,     /* the answer broke a rule; see violations */
    OUTCOME_UNFINISHED,   /* the run ended first */
    OUTCOMES_END,
};
const char *outcome_name(enum outcome outcome);

/* Rules for the controller (wire profile), each checked on every answer. */
enum violation {
    VIOLATION_MALFORMED,
    VIOLATION_UNEXPECTED_COMMAND,
    VIOLATION_WRONG_VERSION,
    VIOLATION_UNKNOWN_MESSAGE_ID, /* reading 2 */
    VIOLATION_ANSWERED_TWICE,
    VIOLATION_SOURCE_DIFFERS,
    VIOLATION_DESTINATION_DIFFERS,
    VIOLATION_UNKNOWN_KMA,
    VIOLATION_NOT_ADJACENT, /* a candidate that the asking KM has no link to */
    VIOLATION_PATH_WITHOUT_LINK,
    VIOLATION_PATH_LOOPS,
    VIOLATION_HOPS_LOOP, /* reading 5: following candidates came back */
    VIOLATION_MISSING_RELAY_ID,
    VIOLATION_RELAY_ID_REUSED,
    VIOLATION_WRONG_CERTIFICATE_ACCEPTED,
    VIOLATIONS_END,
};
const char *violation_name(enum violation violation);

enum {
    TALLY_SAMPLES_MAX = 7200,     /* seconds kept one by one; later ones are only in the totals */
    TALLY_DETAILS_MAX = 24,       /* violations told in words; later ones are only counted */
    TALLY_CLOSE_REASONS_MAX = 16, /* different words; further ones count as "other" */
};

/* One second of the run. */
struct tally_sample {
    uint32_t started, answered, succeeded, failed, connected, outstanding;
};

struct tally_close_reason {
    char words[160];
    uint64_t count;
};

struct tally {
    uint64_t started_centralized, started_distributed;
    uint64_t not_sent_away, not_sent_overload; /* open load only */
    uint64_t outcomes[OUTCOMES_END], failures[HOP_STATUS_END], violations[VIOLATIONS_END];
    uint64_t sent[CK_COMMANDS_END], received[CK_COMMANDS_END], received_unknown;
    uint64_t bytes_sent;
    uint64_t completions_success, completions_failure; /* 0x05 sent */
    uint64_t unsolicited, repeated_requests, repeated_answers, late_answers, probes;
    uint64_t connects, resumed, connects_failed, disconnects;
    uint64_t answered;
    uint32_t outstanding, connected, served;
    uint32_t outstanding_max, connected_max;
    struct histogram notify_latency, lookup_latency, relay_latency, connect_latency;
    char details[TALLY_DETAILS_MAX][200];
    uint32_t detail_count;
    struct tally_close_reason close_reasons[TALLY_CLOSE_REASONS_MAX];
    uint32_t close_reason_count;
    struct tally_sample samples[TALLY_SAMPLES_MAX];
    uint32_t sample_count;
    struct tally_sample last_totals; /* to take differences from */
    uint64_t connected_ns; /* from the first connection's start until all were connected; 0: never */
    uint64_t load_started_ns, load_ended_ns, drained_ns;
    double cpu_user_s, cpu_system_s; /* of cksim itself, while load ran */
    long memory_peak_kib;
};

void tally_init(struct tally *tally);
void tally_violation(struct tally *tally, enum violation violation, const char *who, const char *detail);
uint64_t tally_violations(const struct tally *tally);
uint64_t tally_ended(const struct tally *tally);
void tally_close_reason(struct tally *tally, const char *words);
/* Closes a second. */
void tally_sample(struct tally *tally);

#endif
