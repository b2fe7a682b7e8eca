/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of what carries the bridge: the store, the core's loop and the HTTP side itself. */
#include "http/metrics.h"

#include "http/api.h"

enum { MICROSECONDS = 1000000 };

static void put_store(struct bytes_writer *writer, const struct http_status *status)
{
    metrics_gauge(writer, "ckbridge_store_available", "1: the newest commit succeeded; 0: it is tried again.",
                  status->store_available);
    metrics_counter(writer, "ckbridge_store_commits_total", "Transactions that the journal made durable.",
                    status->store_commits);
    metrics_counter(writer, "ckbridge_store_commit_failures_total",
                    "Transactions that failed, kept nothing, and were tried again.",
                    status->store_commit_failures);
    metrics_gauge(writer, "ckbridge_store_size_bytes",
                  "What the database and its journal take on the disk; 0: unknown.", status->store_bytes);
    struct exposition family =
        exposition_begin(writer, EXPOSITION_HISTOGRAM, "ckbridge_store_commit_seconds",
                         "How long a durable transaction took on the journal thread, failed ones apart.");
    exposition_distribution(&family, NULL, &status->commit_us, &distribution_microseconds, MICROSECONDS);
}

static void put_loop(struct bytes_writer *writer, const struct http_status *status)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_HISTOGRAM, "ckbridge_loop_turn_seconds",
                         "How long a turn of the core's loop took behind its wait; turns with nothing to do "
                         "apart.");
    exposition_distribution(&family, NULL, &status->turn_us, &distribution_microseconds, MICROSECONDS);
}

static const char *const method_labels[TALLY_METHODS] = { "GET", "PUT", "POST", "DELETE", "other" };

static void put_route(const struct exposition *family, const char *method, const char *route,
                      const uint64_t *requests)
{
    for (int code = 0; code < TALLY_CLASSES_END; code++) {
        struct exposition_labels labels =
            metrics_labels("method", text_from_c(method), "route", text_from_c(route));
        labels.items[2] =
            (struct exposition_label){ "code", text_from_c(tally_class_name((enum tally_class)code)) };
        exposition_sample(family, &labels, requests[code]);
    }
}

static void put_http_requests(struct bytes_writer *writer, const struct tally *tally)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    struct exposition family =
        exposition_begin(writer, EXPOSITION_COUNTER, "ckbridge_http_requests_total",
                         "HTTP requests answered, by method (HEAD is GET), route and class of status; none: "
                         "refused before a route was found.");
    for (size_t i = 0; i < count; i++)
        put_route(&family, method_labels[routes[i].method], routes[i].path, tally->requests[i]);
    put_route(&family, "none", "none", tally->requests[count]);
}

static void put_http_times(struct bytes_writer *writer, const struct tally *tally)
{
    struct exposition family =
        exposition_begin(writer, EXPOSITION_HISTOGRAM, "ckbridge_http_request_duration_seconds",
                         "From a request's first line to its answer, of an event stream to its beginning, by "
                         "method and class of status.");
    for (int method = 0; method < TALLY_METHODS; method++)
        for (int code = 0; code < TALLY_CLASSES_END; code++) {
            struct exposition_labels labels =
                metrics_labels("method", text_from_c(method_labels[method]), "code",
                               text_from_c(tally_class_name((enum tally_class)code)));
            exposition_distribution(&family, &labels, &tally->took_us[method][code],
                                    &distribution_microseconds, MICROSECONDS);
        }
}

static void put_authentication(struct bytes_writer *writer, const struct metrics_view *view)
{
    metrics_counter(writer, "ckbridge_http_authentication_failures_total",
                    "HTTP requests with a credential that proved nothing.", view->authentication_failures);
    metrics_counter(writer, "ckbridge_http_authentication_refusals_total",
                    "HTTP requests not looked at because their source had failed too often.",
                    view->authentication_refusals);
}

void metrics_put_service(struct bytes_writer *writer, const struct metrics_view *view)
{
    put_store(writer, view->status);
    put_loop(writer, view->status);
    put_http_requests(writer, view->tally);
    put_http_times(writer, view->tally);
    put_authentication(writer, view);
}
