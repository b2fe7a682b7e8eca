/* SPDX-License-Identifier: Apache-2.0 */
#include "http/resources.h"

#include "ck/json_writer.h"
#include "http/items.h"
#include "http/paths_answer.h"
#include "http/policy.h"
#include "http/stream.h"
#include "http/usage.h"
#include "system/clock.h"

static void put_store(struct bytes_writer *writer, const struct http_status *status)
{
    json_name(writer, "store");
    json_open_object(writer);
    render_name_and_boolean(writer, "available", status->store_available);
    render_name_and_text(writer, "detail",
                         status->store_detail[0] != '\0' ? text_from_c(status->store_detail) : TEXT_ABSENT);
    render_name_and_u64(writer, "commits", status->store_commits);
    render_name_and_u64(writer, "last_commit_us", status->store_commit_us_last);
    json_close_object(writer);
}

static void put_listeners(struct bytes_writer *writer, const struct http_status *status)
{
    json_name(writer, "listeners");
    json_open_array(writer);
    for (size_t i = 0; i < status->listener_count; i++) {
        json_open_object(writer);
        render_name_and_c(writer, "name", status->listeners[i].name);
        render_name_and_c(writer, "kind", status->listeners[i].kind);
        render_name_and_c(writer, "address", status->listeners[i].address);
        render_name_and_boolean(writer, "secure", status->listeners[i].secure);
        render_name_and_time(writer, "certificate_expires_at", status->listeners[i].certificate_expires_ms);
        json_close_object(writer);
    }
    json_close_array(writer);
}

static void put_snmp(struct bytes_writer *writer, const struct http_snmp_status *snmp)
{
    json_name(writer, "snmp");
    json_open_object(writer);
    render_name_and_c(writer, "mode", snmp->mode);
    render_name_and_boolean(writer, "connected", snmp->connected);
    render_name_and_text(writer, "detail", snmp->detail[0] != '\0' ? text_from_c(snmp->detail) : TEXT_ABSENT);
    render_name_and_u64(writer, "requests", snmp->requests);
    render_name_and_u64(writer, "notifications_sent", snmp->notifications_sent);
    render_name_and_u64(writer, "notifications_waiting", snmp->notifications_waiting);
    render_name_and_u64(writer, "notifications_suppressed", snmp->notifications_suppressed);
    render_name_and_u64(writer, "notifications_lost", snmp->notifications_lost);
    render_name_and_u64(writer, "packets_refused", snmp->packets_refused);
    render_name_and_text(writer, "engine_id",
                         snmp->engine_id[0] != '\0' ? text_from_c(snmp->engine_id) : TEXT_ABSENT);
    json_close_object(writer);
}

static void put_decision(struct bytes_writer *writer, const struct snapshot *snapshot)
{
    json_name(writer, "decision");
    json_open_object(writer);
    json_name(writer, "order");
    policy_put_order(writer, &snapshot->policy);
    render_name_and_c(writer, "metric", paths_metric_names[snapshot->metric]);
    render_name_and_u64(writer, "orchestrator_ms", snapshot->policy.orchestrator_ms);
    render_name_and_u64(writer, "completion_ms", snapshot->policy.completion_ms);
    render_name_and_boolean(writer, "orchestrator_present", snapshot->orchestrator_present);
    json_close_object(writer);
}

/* How many relays were decided, and how long that took together: of two readings a mean follows. */
static void put_decisions(struct bytes_writer *writer, const struct totals *totals)
{
    uint64_t count = 0, sum_ms = 0;
    for (int decider = 0; decider < DECIDERS_END; decider++) {
        count += distribution_count(&totals->relay_decision_ms[decider]);
        sum_ms += totals->relay_decision_ms[decider].sum;
    }
    render_name_and_u64(writer, "relays_decided", count);
    render_name_and_u64(writer, "relay_decision_ms", sum_ms);
}

static void put_totals(struct bytes_writer *writer, const struct snapshot *snapshot)
{
    const struct totals *totals = &snapshot->totals;
    json_name(writer, "totals");
    json_open_object(writer);
    render_name_and_u64(writer, "kms_enrolled", totals->kms_enrolled);
    render_name_and_u64(writer, "kms_connected", totals->kms_connected);
    render_name_and_u64(writer, "kms_refused", totals->km_refused);
    render_name_and_u64(writer, "relays_received", totals->relays_received);
    render_name_and_u64(writer, "relays_open", totals->relays_open);
    render_name_and_u64(writer, "relays_held", totals->relays_held);
    json_name(writer, "relays_ended");
    json_open_object(writer);
    for (int state = 0; state < RELAY_STATES_END; state++)
        if (relay_state_is_terminal((enum relay_state)state))
            render_name_and_u64(writer, relay_state_name((enum relay_state)state),
                                totals->relays_ended[state]);
    json_close_object(writer);
    put_decisions(writer, totals);
    render_name_and_u64(writer, "lookups_received", totals->lookups_received);
    render_name_and_u64(writer, "lookups_held", totals->lookups_held);
    render_name_and_u64(writer, "lookups_answered", totals->lookups_answered);
    render_name_and_u64(writer, "lookups_rejected", totals->lookups_rejected);
    render_name_and_u64(writer, "protocol_errors", totals->protocol_errors);
    json_close_object(writer);
}

static void put_limits(struct bytes_writer *writer, const struct status_view *view)
{
    struct usage usages[USAGES_MAX];
    size_t count = usage_list(view, usages);
    json_name(writer, "limits");
    json_open_object(writer);
    for (size_t i = 0; i < count; i++) {
        json_name(writer, usages[i].name);
        json_open_object(writer);
        render_name_and_u64(writer, "used", usages[i].used);
        render_name_and_u64(writer, "max", usages[i].maximum);
        json_close_object(writer);
    }
    json_close_object(writer);
}

static void put_authentication(struct bytes_writer *writer, const struct attempts *attempts)
{
    json_name(writer, "authentication");
    json_open_object(writer);
    render_name_and_u64(writer, "failures", attempts->failed);
    render_name_and_u64(writer, "refused", attempts->refused);
    json_close_object(writer);
}

static void put_refused(struct bytes_writer *writer, const struct snapshot *snapshot)
{
    json_name(writer, "refused_peers");
    json_open_array(writer);
    for (size_t i = 0; i < snapshot->refused_count; i++) {
        const struct refused_view *refused = &snapshot->refused[i];
        json_open_object(writer);
        render_name_and_time(writer, "time", refused->time_ms);
        render_name_and_text(writer, "peer", refused->peer);
        render_name_and_text(writer, "identity", refused->identity);
        render_name_and_c(writer, "reason", reason_name(refused->reason));
        render_name_and_text(writer, "detail", refused->detail);
        json_close_object(writer);
    }
    json_close_array(writer);
}

void status_put_item(struct bytes_writer *writer, const void *value)
{
    const struct status_view *view = value;
    const struct http_status *status = &view->status;
    json_open_object(writer);
    render_name_and_c(writer, "version", status->version);
    render_name_and_c(writer, "instance", status->instance);
    render_name_and_time(writer, "started_at", status->started_ms);
    render_name_and_u64(writer, "uptime_s",
                        view->now_ms > status->started_ms ? (view->now_ms - status->started_ms) / 1000 : 0);
    render_name_and_boolean(writer, "ready", status->ready);
    render_name_and_boolean(writer, "overloaded", view->snapshot->overloaded);
    render_name_and_time(writer, "as_of", view->snapshot->taken_ms);
    render_name_and_u64(writer, "handshakes", status->handshakes);
    put_store(writer, status);
    put_listeners(writer, status);
    put_snmp(writer, &status->snmp);
    put_decision(writer, view->snapshot);
    put_totals(writer, view->snapshot);
    put_limits(writer, view);
    put_authentication(writer, &view->feed->access->attempts);
    /* What the view shows has its event, though the feed may not have heard of it yet. */
    uint64_t newest_id = view->feed->durable_id;
    json_name(writer, "event_streams");
    streams_put(writer, view->feed,
                newest_id > view->snapshot->event_id ? newest_id : view->snapshot->event_id);
    put_refused(writer, view->snapshot);
    json_close_object(writer);
}

void status_view_take(struct status_view *out_view, const struct http_backend *backend,
                      const struct snapshot *snapshot, const struct feed *feed)
{
    *out_view = (struct status_view){ .snapshot = snapshot, .feed = feed, .now_ms = clock_wall_ms() };
    backend->status(backend->context, &out_view->status);
}

enum handled handle_status(struct request *request)
{
    struct status_view view;
    status_view_take(&view, request->backend, request_snapshot(request), request->feed);
    return request_answer_value(request, 200, status_put_item, &view);
}
