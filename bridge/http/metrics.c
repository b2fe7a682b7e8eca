/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "http/access.h"
#include "http/feed.h"
#include "http/resources.h"

struct exposition_labels metrics_label(const char *name, struct text value)
{
    return (struct exposition_labels){ { { name, value } } };
}

struct exposition_labels metrics_labels(const char *name, struct text value, const char *other_name,
                                        struct text other_value)
{
    return (struct exposition_labels){ { { name, value }, { other_name, other_value } } };
}

void metrics_counter(struct bytes_writer *writer, const char *name, const char *help, uint64_t value)
{
    struct exposition family = exposition_begin(writer, EXPOSITION_COUNTER, name, help);
    exposition_sample(&family, NULL, value);
}

void metrics_gauge(struct bytes_writer *writer, const char *name, const char *help, uint64_t value)
{
    struct exposition family = exposition_begin(writer, EXPOSITION_GAUGE, name, help);
    exposition_sample(&family, NULL, value);
}

/* ---- the process and the bridge as a whole ---- */

static void put_process(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct process_usage *usage = &view->process;
    struct exposition family =
        exposition_begin(writer, EXPOSITION_GAUGE, "process_start_time_seconds",
                         "When ckbridged started, Unix time, by the wall clock at that moment.");
    exposition_fraction(&family, NULL, view->status->started_ms, 1000);
    family = exposition_begin(writer, EXPOSITION_COUNTER, "process_cpu_seconds_total",
                              "User and system time of all threads, from getrusage.");
    exposition_fraction(&family, NULL, usage->cpu_us, 1000000);
    metrics_gauge(writer, "process_open_fds", "Open file descriptors, counted in /proc/self/fd.",
                  usage->descriptors);
    metrics_gauge(writer, "process_max_fds", "The soft limit of open file descriptors.",
                  usage->descriptors_max);
    metrics_gauge(writer, "process_resident_memory_bytes", "Resident memory, from /proc/self/statm.",
                  usage->resident_bytes);
    metrics_gauge(writer, "process_virtual_memory_bytes", "Virtual memory, from /proc/self/statm.",
                  usage->virtual_bytes);
}

static void put_bridge(struct bytes_writer *writer, const struct metrics_view *view)
{
    const struct http_status *status = view->status;
    const struct snapshot *snapshot = view->snapshot;
    struct exposition family = exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_build_info",
                                                "Always 1; the labels say which version and which bridge.");
    struct exposition_labels labels =
        metrics_labels("version", text_from_c(status->version), "bridge", text_from_c(status->instance));
    exposition_sample(&family, &labels, 1);
    metrics_gauge(writer, "ckbridge_ready", "1: restored, listening, store available, as /readyz says.",
                  status->ready && status->store_available);
    metrics_gauge(writer, "ckbridge_overloaded",
                  "1: the journal is full of turns and no KM or command is read meanwhile.",
                  snapshot->overloaded);
    metrics_gauge(writer, "ckbridge_orchestrator_present",
                  "1: an orchestrator holds an event stream or made a request within presence_ms.",
                  snapshot->orchestrator_present);
    family = exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_snapshot_timestamp_seconds",
                              "When the core published the view that its metrics are read from, Unix time.");
    exposition_fraction(&family, NULL, snapshot->taken_ms, 1000);
    metrics_counter(writer, "ckbridge_events_total",
                    "Durable events since the store was made: the newest event's ID.", snapshot->event_id);
}

/* ---- how near the limits are ---- */

static void put_usage(const struct exposition *family, const char *name, uint64_t value)
{
    struct exposition_labels labels = metrics_label("resource", text_from_c(name));
    exposition_sample(family, &labels, value);
}

static void put_resources(struct bytes_writer *writer, const struct metrics_view *view)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_resource_used",
                         "How much of a bounded resource is in use now; see ckbridge_resource_limit.");
    for (size_t i = 0; i < view->usage_count; i++)
        put_usage(&family, view->usages[i].name, view->usages[i].used);
    family = exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_resource_limit",
                              "The most of a resource that there may be; one more is refused, or waits.");
    for (size_t i = 0; i < view->usage_count; i++)
        put_usage(&family, view->usages[i].name, view->usages[i].maximum);
}

/* ---- certificates ---- */

static void put_certificates(struct bytes_writer *writer, const struct metrics_view *view)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_GAUGE, "ckbridge_certificate_expiry_timestamp_seconds",
                         "When the certificate of one of the bridge's own listeners expires, Unix time.");
    for (size_t i = 0; i < view->status->listener_count; i++) {
        const struct http_listener_status *listener = &view->status->listeners[i];
        struct exposition_labels labels =
            metrics_labels("listener", text_from_c(listener->name), "kind", text_from_c(listener->kind));
        if (listener->certificate_expires_ms != 0)
            exposition_fraction(&family, &labels, listener->certificate_expires_ms, 1000);
    }
    uint64_t earliest_ms = UINT64_MAX;
    for (size_t i = 0; i < view->snapshot->km_count; i++) {
        const struct km_view *km = &view->snapshot->kms[i];
        if (km->certificate_expires_ms != 0 && km->certificate_expires_ms < earliest_ms)
            earliest_ms = km->certificate_expires_ms;
    }
    family = exposition_begin(
        writer, EXPOSITION_GAUGE, "ckbridge_kms_earliest_certificate_expiry_timestamp_seconds",
        "When the first certificate of the connected KMs expires, Unix time; +Inf: none "
        "has one.");
    if (earliest_ms == UINT64_MAX)
        exposition_never(&family, NULL);
    else
        exposition_fraction(&family, NULL, earliest_ms, 1000);
}

/* ---- the resource ---- */

void metrics_put(struct bytes_writer *writer, const void *value)
{
    const struct metrics_view *view = value;
    put_process(writer, view);
    put_bridge(writer, view);
    put_resources(writer, view);
    put_certificates(writer, view);
    metrics_put_ck(writer, view);
    metrics_put_requests(writer, view);
    metrics_put_service(writer, view);
    metrics_put_webhooks(writer, view);
    metrics_put_snmp(writer, view);
    if (view->per_km)
        metrics_put_kms(writer, view);
}

static void take_webhooks(struct metrics_view *view, const struct http_backend *backend)
{
    const struct document_view *documents;
    const size_t count = snapshot_documents(view->snapshot, DOCUMENT_WEBHOOK, &documents);
    for (size_t i = 0; i < count && backend->webhooks.status != NULL && view->webhook_count < LIMIT_WEBHOOKS;
         i++) {
        const size_t prefix = WEBHOOK_PREFIX.length;
        const struct text id = documents[i].config.document_id;
        struct metrics_webhook *webhook = &view->webhooks[view->webhook_count];
        webhook->webhook_id = (struct text){ id.bytes + prefix, id.length - prefix };
        /* One that the sender doesn't know yet comes with the next scrape. */
        view->webhook_count +=
            backend->webhooks.status(backend->context, webhook->webhook_id, &webhook->status);
    }
}

enum handled handle_metrics(struct request *request)
{
    struct status_view status;
    status_view_take(&status, request->backend, request_snapshot(request), request->feed);
    const struct attempts *attempts = &request->feed->access->attempts;
    struct metrics_view view = { .status = &status.status,
                                 .snapshot = status.snapshot,
                                 .tally = request->tally,
                                 .process = process_usage(),
                                 .authentication_failures = attempts->failed,
                                 .authentication_refusals = attempts->refused,
                                 .per_km = request->metrics->per_km };
    view.usage_count = usage_list(&status, view.usages);
    take_webhooks(&view, request->backend);
    request_answer_value(request, 200, metrics_put, &view);
    request->answer.content_type = EXPOSITION_CONTENT_TYPE;
    return HANDLED_ANSWERED;
}
