/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of each KM, for sites that have asked for them: their number grows with the KMs. */
#include "http/metrics.h"

typedef void (*km_samples)(const struct exposition *family, const struct km_view *km);

static struct exposition_labels of_km(const struct km_view *km)
{
    return metrics_label("km_id", km->config.km_id);
}

static struct exposition_labels of_km_and(const struct km_view *km, const char *name, const char *value)
{
    return metrics_labels("km_id", km->config.km_id, name, text_from_c(value));
}

static void enabled(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->config.enabled);
}

static void connected(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->connected);
}

static void certificate(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    if (km->certificate_expires_ms != 0)
        exposition_fraction(family, &labels, km->certificate_expires_ms, 1000);
    else
        exposition_never(family, &labels);
}

static void sessions(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->counters.sessions);
}

static void refused(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->counters.refused);
}

static void frames(const struct exposition *family, const struct km_view *km)
{
    uint64_t received = 0, sent = 0;
    for (int command = 0; command < CK_COMMANDS_END; command++) {
        received += km->counters.received[command];
        sent += km->counters.sent[command];
    }
    struct exposition_labels labels = of_km_and(km, "direction", "received");
    exposition_sample(family, &labels, received);
    labels = of_km_and(km, "direction", "sent");
    exposition_sample(family, &labels, sent);
}

static void errors(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->counters.malformed + km->counters.unexpected);
}

static void open_relays(const struct exposition *family, const struct km_view *km)
{
    struct exposition_labels labels = of_km(km);
    exposition_sample(family, &labels, km->relays_open);
}

static void ended_relays(const struct exposition *family, const struct km_view *km)
{
    const struct {
        enum relay_state state;
        uint64_t count;
    } ends[] = {
        { RELAY_SUCCEEDED, km->counters.relays_succeeded }, { RELAY_FAILED, km->counters.relays_failed },
        { RELAY_REJECTED, km->counters.relays_rejected },   { RELAY_EXPIRED, km->counters.relays_expired },
        { RELAY_ORPHANED, km->counters.relays_orphaned },
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct exposition_labels labels = of_km_and(km, "state", relay_state_name(ends[i].state));
        exposition_sample(family, &labels, ends[i].count);
    }
}

static const struct {
    enum exposition_type type;
    const char *name, *help;
    km_samples put;
} families[] = {
    { EXPOSITION_GAUGE, "ckbridge_km_enabled", "1: the KM may connect.", enabled },
    { EXPOSITION_GAUGE, "ckbridge_km_connected", "1: the KM has a session.", connected },
    { EXPOSITION_GAUGE, "ckbridge_km_certificate_expiry_timestamp_seconds",
      "When the certificate of the KM's session expires, Unix time; +Inf: there is none.", certificate },
    { EXPOSITION_COUNTER, "ckbridge_km_sessions_total", "The KM's sessions that began.", sessions },
    { EXPOSITION_COUNTER, "ckbridge_km_refused_total", "The KM's connections that got no session.", refused },
    { EXPOSITION_COUNTER, "ckbridge_km_frames_total", "Frames of the KM's sessions, by direction.", frames },
    { EXPOSITION_COUNTER, "ckbridge_km_protocol_errors_total",
      "The KM's frames that were not as Ck has them.", errors },
    { EXPOSITION_GAUGE, "ckbridge_km_relays_open", "The KM's relays without an end now.", open_relays },
    { EXPOSITION_COUNTER, "ckbridge_km_relays_ended_total", "The KM's relays that ended, by state.",
      ended_relays },
};

void metrics_put_kms(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct snapshot *snapshot = view->snapshot;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        struct exposition family =
            exposition_begin(writer, families[i].type, families[i].name, families[i].help);
        for (size_t k = 0; k < snapshot->km_count; k++)
            families[i].put(&family, &snapshot->kms[k]);
    }
}
