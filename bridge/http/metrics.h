/* SPDX-License-Identifier: Apache-2.0 */
/* All of /metrics as one function of what is known at one moment. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/bytes.h"
#include "http/exposition.h"
#include "http/http.h"
#include "http/tally.h"
#include "http/usage.h"
#include "system/process_usage.h"

struct metrics_webhook {
    struct text webhook_id; /* the snapshot's */
    struct webhook_status status;
};

struct metrics_view {
    const struct http_status *status;
    const struct snapshot *snapshot;
    const struct tally *tally;
    struct process_usage process;
    struct usage usages[USAGES_MAX];
    size_t usage_count;
    struct metrics_webhook webhooks[LIMIT_WEBHOOKS];
    size_t webhook_count;
    uint64_t authentication_failures, authentication_refusals;
    bool per_km;
};

/* A render_function of a struct metrics_view. The series are the same at every call, but for those of KMs
   (per_km), of webhooks, and of listeners, which a reload may change. */
void metrics_put(struct bytes_writer *writer, const void *view);

/* ---- between the files of this resource ---- */

/* One label, or a second one behind it. */
struct exposition_labels metrics_label(const char *name, struct text value);
struct exposition_labels metrics_labels(const char *name, struct text value, const char *other_name,
                                        struct text other_value);
/* A family of one sample without labels. */
void metrics_counter(struct bytes_writer *writer, const char *name, const char *help, uint64_t value);
void metrics_gauge(struct bytes_writer *writer, const char *name, const char *help, uint64_t value);

/* metrics_ck.c: sessions and frames. */
void metrics_put_ck(struct bytes_writer *writer, const struct metrics_view *view);
/* metrics_requests.c: relays and lookups. */
void metrics_put_requests(struct bytes_writer *writer, const struct metrics_view *view);
/* One sample a reason of the list, and "other" for what the list does not have. */
struct metrics_reasons {
    const enum reason *listed;
    size_t listed_count;
    const uint64_t *counts; /* by enum reason */
};
void metrics_put_reasons(const struct exposition *family, const struct metrics_reasons *reasons);
/* metrics_service.c: the store, the loop and HTTP itself. */
void metrics_put_service(struct bytes_writer *writer, const struct metrics_view *view);
/* metrics_webhooks.c: series of every webhook. */
void metrics_put_webhooks(struct bytes_writer *writer, const struct metrics_view *view);
/* metrics_snmp.c: the SNMP agent. */
void metrics_put_snmp(struct bytes_writer *writer, const struct metrics_view *view);
/* metrics_kms.c: series of every KM. */
void metrics_put_kms(struct bytes_writer *writer, const struct metrics_view *view);

#endif
