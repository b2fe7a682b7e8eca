/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/notifier.h"

#include <string.h>

#include "snmp/notification_varbinds.h"
#include "system/clock.h"

/* Nobody wants to know. */
static bool is_unheard(const struct notifier *notifier)
{
    return notifier->options->mode == SNMP_STANDALONE && notifier->options->receiver_count == 0;
}

bool notifier_init(struct notifier *notifier, const struct snmp_options *options)
{
    *notifier = (struct notifier){ .options = options };
    if (!notification_queue_init(&notifier->queue, options->notifications_per_minute) ||
        !notification_delivery_init(&notifier->delivery, options))
        return false;
    /* RFC 3418: before everything else, that the agent has started anew. snmpd tells it of itself. */
    if (options->mode == SNMP_STANDALONE && !is_unheard(notifier))
        (void)notification_queue_put_own(&notifier->queue, NOTIFICATION_COLD_START, clock_monotonic_ms());
    return true;
}

void notifier_fini(struct notifier *notifier)
{
    notification_queue_fini(&notifier->queue);
    notification_delivery_fini(&notifier->delivery);
}

bool notifier_notice(struct notifier *notifier, const struct notice *notice)
{
    if (is_unheard(notifier))
        return false;
    return notification_queue_put(&notifier->queue, notice, clock_monotonic_ms());
}

/* SNMPD_CALLBACK_SEND_TRAP2: what the library's agent would tell receivers of its own, of which it has none.
   It is one thing, and only where authentication_traps says so. */
static int on_library_trap(int major, int minor, void *argument, void *own)
{
    static const oid authentication_failure[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5, 5 };
    const netsnmp_pdu *pdu = argument;
    struct notifier *notifier = own;
    const netsnmp_variable_list *kind = pdu->variables != NULL ? pdu->variables->next_variable : NULL;
    (void)major;
    (void)minor;
    if (!is_unheard(notifier) && kind != NULL && kind->val_len == sizeof authentication_failure &&
        memcmp(kind->val.objid, authentication_failure, kind->val_len) == 0)
        (void)notification_queue_put_own(&notifier->queue, NOTIFICATION_AUTHENTICATION_FAILURE,
                                         clock_monotonic_ms());
    return 0;
}

void notifier_begin(struct notifier *notifier)
{
    if (notifier->options->mode == SNMP_STANDALONE)
        snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_SEND_TRAP2, on_library_trap,
                               notifier);
}

/* The library would free what belongs to a callback that is left at its shutdown. */
void notifier_end(struct notifier *notifier)
{
    if (notifier->options->mode == SNMP_STANDALONE)
        snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_SEND_TRAP2, on_library_trap,
                                 notifier, 1);
}

static void send_all(struct notifier *notifier, struct view *view, uint64_t now_ms)
{
    struct notification notification;
    while (view->snapshot != NULL && notification_delivery_is_ready(&notifier->delivery) &&
           notification_queue_take(&notifier->queue, now_ms, &notification)) {
        netsnmp_variable_list *varbinds = notification_varbinds(&notification, view);
        notification_delivery_send(&notifier->delivery, &notification, varbinds, now_ms);
        snmp_free_varbind(varbinds);
    }
}

struct notifier_turn notifier_turn(struct notifier *notifier, struct view *view,
                                   const struct notifier_master *master)
{
    struct notification unread;
    char former[sizeof notifier->problem];
    const uint64_t now_ms = clock_monotonic_ms();
    struct notifier_turn turn = { .more = notification_delivery_turn(&notifier->delivery, now_ms) };
    notification_delivery_set_master(&notifier->delivery, master->session);
    if (notification_delivery_take_unread(&notifier->delivery, &unread))
        notification_queue_put_back(&notifier->queue, &unread);
    if (notification_queue_counts(&notifier->queue).waiting > 0)
        view_refresh(view, now_ms);
    if (master->listens || notifier->options->mode == SNMP_STANDALONE)
        send_all(notifier, view, now_ms);
    memcpy(former, notifier->problem, sizeof former);
    notification_delivery_describe(&notifier->delivery, notifier->problem, sizeof notifier->problem);
    turn.new_problem = strcmp(former, notifier->problem) != 0;
    return turn;
}

void notifier_master_ended(struct notifier *notifier)
{
    notification_delivery_master_ended(&notifier->delivery);
}

uint64_t notifier_awaits_since(const struct notifier *notifier)
{
    return notification_delivery_awaits_since(&notifier->delivery);
}

/* Given to the master agent, and neither sent nor lost yet. */
static bool is_in_doubt(const struct notification_delivery *delivery)
{
    return delivery->awaits || delivery->was_unread;
}

struct snmp_notification_counts notifier_counts(struct notifier *notifier)
{
    const struct notification_queue_counts queued = notification_queue_counts(&notifier->queue);
    return (struct snmp_notification_counts){
        .sent = notifier->delivery.sent,
        .waiting = queued.waiting + (is_in_doubt(&notifier->delivery) ? 1 : 0),
        .suppressed = queued.suppressed,
        .lost = queued.given_up + notification_delivery_lost(&notifier->delivery)
    };
}
