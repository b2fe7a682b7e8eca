/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/notifier.h"

#include <string.h>

#include "snmp/notification_varbinds.h"
#include "system/clock.h"

bool notifier_init(struct notifier *notifier, const struct snmp_options *options)
{
    *notifier = (struct notifier){ .options = options };
    return notification_queue_init(&notifier->queue, options->notifications_per_minute) &&
           notification_delivery_init(&notifier->delivery, options);
}

void notifier_fini(struct notifier *notifier)
{
    notification_queue_fini(&notifier->queue);
    notification_delivery_fini(&notifier->delivery);
}

bool notifier_notice(struct notifier *notifier, const struct notice *notice)
{
    if (notifier->options->mode == SNMP_STANDALONE && notifier->options->receiver_count == 0)
        return false; /* nobody wants to know */
    return notification_queue_put(&notifier->queue, notice, clock_monotonic_ms());
}

static void send_all(struct notifier *notifier, struct view *view, uint64_t now_ms)
{
    struct notification notification;
    while (view->snapshot != NULL && notification_delivery_is_ready(&notifier->delivery) &&
           notification_queue_take(&notifier->queue, now_ms, &notification)) {
        netsnmp_variable_list *varbinds = notification_varbinds(&notification, view);
        notification_delivery_send(&notifier->delivery, varbinds);
        snmp_free_varbind(varbinds);
    }
}

struct notifier_turn notifier_turn(struct notifier *notifier, struct view *view, netsnmp_session *master)
{
    char former[sizeof notifier->problem];
    const uint64_t now_ms = clock_monotonic_ms();
    struct notifier_turn turn = { .more = notification_delivery_turn(&notifier->delivery, now_ms) };
    notification_delivery_set_master(&notifier->delivery, master);
    if (notification_queue_counts(&notifier->queue).waiting > 0)
        view_refresh(view, now_ms);
    send_all(notifier, view, now_ms);
    memcpy(former, notifier->problem, sizeof former);
    notification_delivery_describe(&notifier->delivery, notifier->problem, sizeof notifier->problem);
    turn.new_problem = strcmp(former, notifier->problem) != 0;
    return turn;
}

struct snmp_notification_counts notifier_counts(struct notifier *notifier)
{
    const struct notification_queue_counts queued = notification_queue_counts(&notifier->queue);
    return (struct snmp_notification_counts){ .sent = notifier->delivery.sent,
                                              .waiting = queued.waiting,
                                              .suppressed = queued.suppressed,
                                              .lost = queued.given_up +
                                                      notification_delivery_lost(&notifier->delivery) };
}
