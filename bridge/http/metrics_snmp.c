/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of the SNMP agent: the same series whatever its mode is. */
#include <string.h>

#include "http/metrics.h"

static void put_mode(struct bytes_writer *writer, const char *mode)
{
    static const char *const modes[] = { "agentx", "standalone", "off", "failed" };
    struct exposition family =
        exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_snmp_mode",
                         "1 for the mode of the SNMP agent, 0 for the others; failed: it could not start.");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct exposition_labels labels = metrics_label("mode", text_from_c(modes[i]));
        exposition_sample(&family, &labels, mode != NULL && strcmp(mode, modes[i]) == 0);
    }
}

static void put_notifications(struct bytes_writer *writer, const struct http_snmp_status *snmp)
{
    metrics_counter(writer, "ckbridge_snmp_notifications_sent_total",
                    "SNMP notifications acknowledged by the master agent, or sent to one receiver at least.",
                    snmp->notifications_sent);
    metrics_gauge(writer, "ckbridge_snmp_notifications_waiting",
                  "SNMP notifications that wait for somebody to send them to.", snmp->notifications_waiting);
    metrics_counter(writer, "ckbridge_snmp_notifications_suppressed_total",
                    "SNMP notifications beyond the limit of their kind; the next of the kind tells of them.",
                    snmp->notifications_suppressed);
    metrics_counter(writer, "ckbridge_snmp_notifications_lost_total",
                    "SNMP notifications that waited too long, or that the master agent or a receiver did "
                    "not take, of each receiver.",
                    snmp->notifications_lost);
}

void metrics_put_snmp(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct http_snmp_status *snmp = &view->status->snmp;
    put_mode(writer, snmp->mode);
    metrics_gauge(writer, "ckbridge_snmp_connected",
                  "1: registered with the master agent, or listening at every address; 0: not, or off.",
                  snmp->connected);
    metrics_counter(writer, "ckbridge_snmp_requests_total",
                    "Calls of the tables by SNMP requests; a walk makes many.", snmp->requests);
    put_notifications(writer, snmp);
    metrics_counter(
        writer, "ckbridge_snmp_packets_refused_total",
        "Packets that the standalone agent refused: unknown users, wrong keys, replays, malformed "
        "ones.",
        snmp->packets_refused);
}
