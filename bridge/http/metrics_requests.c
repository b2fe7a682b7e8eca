/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of what KMs ask for: relays and lookups, who decides them, how they end and how long that takes. */
#include "http/metrics.h"

static const enum reason request_reasons[] = {
    REASON_NO_ROUTE,
    REASON_SOURCE_NOT_AUTHORISED,
    REASON_SOURCE_AMBIGUOUS,
    REASON_DESTINATION_CONFLICT,
    REASON_UNKNOWN_APPLICATION,
    REASON_FRAME_TOO_LARGE,
    REASON_INSUFFICIENT_KEYS,
    REASON_OVERLOAD,
    REASON_REJECTED,
    REASON_KM_FAILURE,
    REASON_COMPLETION_TIMEOUT,
    REASON_KM_REMOVED,
    REASON_KM_DISABLED,
    REASON_KM_AWAY,
    REASON_SESSION_LOST,
    REASON_AT_DESTINATION,
    REASON_WOULD_LOOP,
    REASON_BAD_CONSTRAINTS,
    REASON_CONSTRAINTS_UNMET,
};

void metrics_put_reasons(const struct exposition *family, const struct metrics_reasons *reasons)
{
    uint64_t others = 0;
    for (int reason = REASON_NONE + 1; reason < REASONS_END; reason++)
        others += reasons->counts[reason];
    for (size_t i = 0; i < reasons->listed_count; i++) {
        enum reason reason = reasons->listed[i];
        struct exposition_labels labels = metrics_label("reason", text_from_c(reason_name(reason)));
        exposition_sample(family, &labels, reasons->counts[reason]);
        others -= reasons->counts[reason];
    }
    struct exposition_labels labels = metrics_label("reason", TEXT("other"));
    exposition_sample(family, &labels, others);
}

static void put_request_reasons(struct bytes_writer *writer, const char *name, const char *help,
                                const uint64_t *counts)
{
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, name, help);
    struct metrics_reasons reasons = { request_reasons, sizeof request_reasons / sizeof *request_reasons,
                                       counts };
    metrics_put_reasons(&family, &reasons);
}

/* "none": it ended before anybody had decided. */
static struct exposition_labels decided_by(int decider)
{
    const char *name = decider_name((enum decider)decider);
    return metrics_label("decided_by", name != NULL ? text_from_c(name) : TEXT("none"));
}

static void put_decided(struct bytes_writer *writer, const char *name, const char *help,
                        const uint64_t *counts)
{
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, name, help);
    for (int decider = 0; decider < DECIDERS_END; decider++) {
        struct exposition_labels labels = decided_by(decider);
        exposition_sample(&family, &labels, counts[decider]);
    }
}

static void put_decision_times(struct bytes_writer *writer, const char *name, const char *help,
                               const struct distribution *times)
{
    struct exposition family = exposition_begin(writer, EXPOSITION_HISTOGRAM, name, help);
    for (int decider = 0; decider < DECIDERS_END; decider++) {
        struct exposition_labels labels = decided_by(decider);
        exposition_distribution(&family, &labels, &times[decider], &distribution_milliseconds, 1000);
    }
}

static void put_relay_ends(struct bytes_writer *writer, const struct totals *totals)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_relays_ended_total",
                         "Relays that ended, by state; one that completes late counts again.");
    for (int state = 0; state < RELAY_STATES_END; state++) {
        struct exposition_labels labels =
            metrics_label("state", text_from_c(relay_state_name((enum relay_state)state)));
        if (relay_state_is_terminal((enum relay_state)state))
            exposition_sample(&family, &labels, totals->relays_ended[state]);
    }
    put_request_reasons(writer, "ckbridge_relay_end_reasons_total",
                        "Relays that ended otherwise than by success, by reason.", totals->relay_reasons);
}

static void put_relay_times(struct bytes_writer *writer, const struct totals *totals)
{
    static const enum relay_state outcomes[] = { RELAY_SUCCEEDED, RELAY_FAILED, RELAY_EXPIRED,
                                                 RELAY_ORPHANED };
    put_decision_times(writer, "ckbridge_relay_decision_seconds",
                       "From a relay's notification to its instruction or its end without one, by the core's "
                       "clock, by who decided; not across a restart.",
                       totals->relay_decision_ms);
    struct exposition family =
        exposition_begin(writer, EXPOSITION_HISTOGRAM, "ckbridge_relay_duration_seconds",
                         "From a relay's instruction to its end, by the core's clock, by outcome; not across "
                         "a restart.");
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        struct exposition_labels labels =
            metrics_label("outcome", text_from_c(relay_state_name(outcomes[i])));
        exposition_distribution(&family, &labels, &totals->relay_ms[outcomes[i]], &distribution_milliseconds,
                                1000);
    }
}

static void put_relays(struct bytes_writer *writer, const struct totals *totals)
{
    metrics_counter(writer, "ckbridge_relays_received_total",
                    "Relays that KMs notified or the orchestrator started.", totals->relays_received);
    metrics_gauge(writer, "ckbridge_links_penalised",
                  "Links that computed paths avoid now, for relays failed over them.",
                  totals->links_penalised);
    metrics_gauge(writer, "ckbridge_relays_open", "Relays without an end now.", totals->relays_open);
    metrics_gauge(writer, "ckbridge_relays_held", "Relays that await the orchestrator's decision now.",
                  totals->relays_held);
    put_relay_ends(writer, totals);
    put_decided(writer, "ckbridge_relays_decided_total",
                "Relays that were instructed, or ended without, by who decided.", totals->relays_decided);
    put_relay_times(writer, totals);
}

static void put_lookups(struct bytes_writer *writer, const struct totals *totals)
{
    metrics_counter(writer, "ckbridge_lookups_received_total", "Next hop requests of KMs.",
                    totals->lookups_received);
    metrics_gauge(writer, "ckbridge_lookups_held",
                  "Next hop requests that await the orchestrator's decision now.", totals->lookups_held);
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_lookups_ended_total",
                                                "Next hop requests that ended, by state.");
    struct exposition_labels labels = metrics_label("state", text_from_c(lookup_state_name(LOOKUP_ANSWERED)));
    exposition_sample(&family, &labels, totals->lookups_answered);
    labels = metrics_label("state", text_from_c(lookup_state_name(LOOKUP_REJECTED)));
    exposition_sample(&family, &labels, totals->lookups_rejected);
    put_request_reasons(writer, "ckbridge_lookup_end_reasons_total",
                        "Next hop requests answered without a next hop, by reason.", totals->lookup_reasons);
    put_decided(writer, "ckbridge_lookups_decided_total", "Next hop requests that ended, by who decided.",
                totals->lookups_decided);
    put_decision_times(writer, "ckbridge_lookup_decision_seconds",
                       "From a next hop request to its answer, by the core's clock, by who decided; not "
                       "across a restart.",
                       totals->lookup_decision_ms);
}

static void put_overdue(struct bytes_writer *writer, const struct totals *totals)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_decisions_overdue_total",
                         "Held requests that the orchestrator had not decided when its time was over.");
    struct exposition_labels labels = metrics_label("request", TEXT("relay"));
    exposition_sample(&family, &labels, totals->relays_overdue);
    labels = metrics_label("request", TEXT("lookup"));
    exposition_sample(&family, &labels, totals->lookups_overdue);
}

void metrics_put_requests(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct totals *totals = &view->snapshot->totals;
    put_relays(writer, totals);
    put_lookups(writer, totals);
    put_overdue(writer, totals);
}
