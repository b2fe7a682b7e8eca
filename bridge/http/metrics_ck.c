/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of the Ck side: KMs, connections and sessions, frames and what was wrong with them. */
#include "http/metrics.h"

/* Of sessions that ended, and of peers that were never let in. */
static const enum reason session_reasons[] = {
    REASON_REPLACED,
    REASON_BAD_VERSION,
    REASON_TOO_MANY_BAD_FRAMES,
    REASON_REFUSED_BY_DIALECT,
    REASON_PEER_CLOSED,
    REASON_CONNECTION_ERROR,
    REASON_IDLE,
    REASON_SLOW_READER,
    REASON_SHUTDOWN,
    REASON_KM_REMOVED,
    REASON_KM_DISABLED,
    REASON_NOT_ENROLLED,
};
static const enum reason refusal_reasons[] = {
    REASON_NOT_ENROLLED,  REASON_HELD_OFF,    REASON_FLAPPING,         REASON_KM_DISABLED,
    REASON_TLS_HANDSHAKE, REASON_BAD_VERSION, REASON_CONNECTION_ERROR, REASON_AMBIGUOUS_IDENTITY,
};

static void put_kms(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct snapshot *snapshot = view->snapshot;
    uint64_t enabled = 0;
    for (size_t i = 0; i < snapshot->km_count; i++)
        enabled += snapshot->kms[i].config.enabled;
    metrics_gauge(writer, "ckbridge_kms_enrolled", "KMs that the file or the API has enrolled.",
                  snapshot->totals.kms_enrolled);
    metrics_gauge(writer, "ckbridge_kms_enabled", "Enrolled KMs that may connect.", enabled);
    metrics_gauge(writer, "ckbridge_kms_connected", "KMs with a session now.",
                  snapshot->totals.kms_connected);
}

static void put_connections(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct http_network_status *network = &view->status->network;
    metrics_counter(writer, "ckbridge_connections_accepted_total",
                    "TCP connections accepted on Ck listeners.", network->accepted);
    metrics_counter(writer, "ckbridge_connections_over_limit_total",
                    "TCP connections closed at accept because sessions_max were open.", network->over_limit);
    metrics_gauge(writer, "ckbridge_handshakes_in_progress", "TLS handshakes with peers now.",
                  view->status->handshakes);
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_handshakes_total",
                                                "TLS handshakes with peers that ended, by outcome.");
    struct exposition_labels labels = metrics_label("outcome", TEXT("succeeded"));
    exposition_sample(&family, &labels, network->handshakes_succeeded);
    labels = metrics_label("outcome", TEXT("failed"));
    exposition_sample(&family, &labels, network->handshakes_failed);
    metrics_counter(writer, "ckbridge_handshakes_resumed_total",
                    "TLS handshakes that resumed an earlier session; among those that succeeded.",
                    network->handshakes_resumed);
    family = exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_transferred_bytes_total",
                              "Bytes of Ck frames on all sessions, without TLS, by direction.");
    labels = metrics_label("direction", TEXT("received"));
    exposition_sample(&family, &labels, network->bytes_received);
    labels = metrics_label("direction", TEXT("sent"));
    exposition_sample(&family, &labels, network->bytes_sent);
}

static void put_sessions(struct bytes_writer *writer, const struct totals *totals)
{
    metrics_counter(writer, "ckbridge_sessions_opened_total", "Sessions of KMs that began.",
                    totals->sessions_opened);
    struct exposition family =
        exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_sessions_closed_total",
                         "Sessions of KMs that ended, by the reason in km.disconnected.");
    struct metrics_reasons reasons = { session_reasons, sizeof session_reasons / sizeof *session_reasons,
                                       totals->sessions_closed };
    metrics_put_reasons(&family, &reasons);
    family = exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_peers_refused_total",
                              "Peers that got no session, by the reason in km.refused.");
    reasons = (struct metrics_reasons){ refusal_reasons, sizeof refusal_reasons / sizeof *refusal_reasons,
                                        totals->refused };
    metrics_put_reasons(&family, &reasons);
}

static void put_frames(struct bytes_writer *writer, const struct totals *totals)
{
    static const char *const commands[CK_COMMANDS_END] = {
        "unknown",       "next_hop_request", "next_hop_response", "relay_notification",
        "relay_request", "relay_response",
    };
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_frames_total",
                                                "Ck frames of sessions, by direction and command.");
    for (size_t i = 0; i < CK_COMMANDS_END; i++) {
        struct exposition_labels labels =
            metrics_labels("direction", TEXT("received"), "command", text_from_c(commands[i]));
        exposition_sample(&family, &labels, totals->frames_received[i]);
    }
    for (size_t i = CK_NEXT_HOP_REQUEST; i < CK_COMMANDS_END; i++) {
        struct exposition_labels labels =
            metrics_labels("direction", TEXT("sent"), "command", text_from_c(commands[i]));
        exposition_sample(&family, &labels, totals->frames_sent[i]);
    }
}

static void put_errors(struct bytes_writer *writer, const struct totals *totals)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_protocol_errors_total",
                         "Frames that were not as Ck has them, by the detail in ck.protocol_error.");
    for (int i = CK_WELL_FORMED + 1; i < CK_MALFORMED_END; i++) {
        struct exposition_labels labels =
            metrics_label("error", text_from_c(ck_malformed_name((enum ck_malformed)i)));
        exposition_sample(&family, &labels, totals->malformed[i]);
    }
    struct exposition_labels labels = metrics_label("error", TEXT("unexpected_command"));
    exposition_sample(&family, &labels, totals->unexpected);
    metrics_counter(writer, "ckbridge_uncorrelated_responses_total",
                    "Responses to key relay requests that no relay was waiting for.", totals->uncorrelated);
    metrics_counter(writer, "ckbridge_repeated_notifications_total",
                    "Relay notifications that repeated one already known and got its answer again.",
                    totals->repeats);
}

void metrics_put_ck(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct totals *totals = &view->snapshot->totals;
    put_kms(writer, view);
    put_connections(writer, view);
    put_sessions(writer, totals);
    put_frames(writer, totals);
    put_errors(writer, totals);
}
