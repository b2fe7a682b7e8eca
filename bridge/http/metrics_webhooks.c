/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: how the deliveries of each webhook stand; there are LIMIT_WEBHOOKS at most. */
#include "http/metrics.h"

typedef void (*put_function)(const struct exposition *family, const struct metrics_webhook *webhook);

static void put_family(struct bytes_writer *writer, enum exposition_type type, const char *name,
                       const char *help, put_function put, const struct metrics_view *view)
{
    const struct exposition family = exposition_begin(writer, type, name, help);
    for (size_t i = 0; i < view->webhook_count; i++)
        put(&family, &view->webhooks[i]);
}

static void put_value(const struct exposition *family, const struct metrics_webhook *webhook, uint64_t value)
{
    const struct exposition_labels labels = metrics_label("webhook_id", webhook->webhook_id);
    exposition_sample(family, &labels, value);
}

static void put_lag(const struct exposition *family, const struct metrics_webhook *webhook)
{
    put_value(family, webhook, webhook->status.lag);
}

static void put_failing(const struct exposition *family, const struct metrics_webhook *webhook)
{
    put_value(family, webhook, webhook->status.failing_since_ms != 0);
}

static void put_given_up(const struct exposition *family, const struct metrics_webhook *webhook)
{
    put_value(family, webhook, webhook->status.given_up);
}

static void put_attempts(const struct exposition *family, const struct metrics_webhook *webhook)
{
    struct exposition_labels labels =
        metrics_labels("webhook_id", webhook->webhook_id, "outcome", TEXT("taken"));
    exposition_sample(family, &labels, webhook->status.delivered);
    labels = metrics_labels("webhook_id", webhook->webhook_id, "outcome", TEXT("failed"));
    exposition_sample(family, &labels, webhook->status.failed);
}

static void put_state(const struct exposition *family, const struct metrics_webhook *webhook)
{
    for (int state = 0; state < WEBHOOK_STATES_END; state++) {
        const struct exposition_labels labels =
            metrics_labels("webhook_id", webhook->webhook_id, "state",
                           text_from_c(webhook_state_name((enum webhook_state)state)));
        exposition_sample(family, &labels, webhook->status.state == (enum webhook_state)state);
    }
}

void metrics_put_webhooks(struct bytes_writer *writer, const struct metrics_view *view)
{
    put_family(writer, EXPOSITION_COUNTER, "ckbridge_webhook_attempts_total",
               "Deliveries tried since the bridge started, by whether the receiver took the event.",
               put_attempts, view);
    put_family(writer, EXPOSITION_COUNTER, "ckbridge_webhook_given_up_total",
               "Events given up since the bridge started: each is a dead letter.", put_given_up, view);
    put_family(writer, EXPOSITION_GAUGE, "ckbridge_webhook_lag_events",
               "Events behind the newest one, wanted by the webhook or not.", put_lag, view);
    put_family(writer, EXPOSITION_GAUGE, "ckbridge_webhook_failing",
               "1: the receiver has not taken the event at hand, and is asked again.", put_failing, view);
    put_family(writer, EXPOSITION_GAUGE, "ckbridge_webhook_state",
               "1 for the state in which the webhook is, 0 for the others.", put_state, view);
}
