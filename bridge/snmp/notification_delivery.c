/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/notification_delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/master_transport.h"

enum { AGENTX_NOTIFY_PDU = 12 }; /* RFC 2741, 6.1: agentx-Notify-PDU */

static const struct snmp_user *find_user(const struct snmp_options *options, const char *name)
{
    for (size_t i = 0; name != NULL && i < options->user_count; i++)
        if (strcmp(options->users[i].name, name) == 0)
            return &options->users[i];
    return NULL;
}

bool notification_delivery_init(struct notification_delivery *delivery, const struct snmp_options *options)
{
    *delivery = (struct notification_delivery){ .agentx = options->mode == SNMP_AGENTX };
    if (delivery->agentx || options->receiver_count == 0)
        return true;
    delivery->receivers = calloc(options->receiver_count, sizeof *delivery->receivers);
    if (delivery->receivers == NULL)
        return false;
    delivery->receiver_count = options->receiver_count;
    for (size_t i = 0; i < options->receiver_count; i++) {
        const struct snmp_receiver *receiver = &options->receivers[i];
        receiver_init(&delivery->receivers[i], receiver, find_user(options, receiver->user));
    }
    return true;
}

/* Their sessions end with the library. */
void notification_delivery_fini(struct notification_delivery *delivery)
{
    free(delivery->receivers);
    delivery->receivers = NULL;
    delivery->receiver_count = 0;
}

void notification_delivery_set_master(struct notification_delivery *delivery, netsnmp_session *master)
{
    delivery->master = master;
}

void notification_delivery_master_ended(struct notification_delivery *delivery)
{
    delivery->master = NULL;
    if (!delivery->awaits)
        return;
    delivery->awaits = false;
    delivery->was_unread =
        master_transport_last_was_unread() && master_transport_messages() == delivery->sent_message;
    if (!delivery->was_unread)
        delivery->lost++;
}

bool notification_delivery_take_unread(struct notification_delivery *delivery,
                                       struct notification *out_unread)
{
    const bool was_unread = delivery->was_unread;
    delivery->was_unread = false;
    if (was_unread)
        *out_unread = delivery->last;
    return was_unread;
}

bool notification_delivery_turn(struct notification_delivery *delivery, uint64_t monotonic_ms)
{
    bool opened = false;
    for (size_t i = 0; i < delivery->receiver_count; i++) {
        if (!receiver_is_due(&delivery->receivers[i], monotonic_ms))
            continue;
        if (opened)
            return true;
        receiver_open(&delivery->receivers[i], monotonic_ms);
        opened = true;
    }
    return false;
}

bool notification_delivery_is_ready(const struct notification_delivery *delivery)
{
    if (delivery->agentx)
        return delivery->master != NULL && !delivery->awaits && !delivery->was_unread;
    bool ready = false;
    for (size_t i = 0; i < delivery->receiver_count; i++) {
        if (!receiver_was_tried(&delivery->receivers[i]))
            return false;
        ready = ready || delivery->receivers[i].session != NULL;
    }
    return ready;
}

/* ---- to the master agent ---- */

/* Called also, as timed out, for what was open when a session ended, some time after that: it is settled by
   then, and another may be open. */
static int on_acknowledged(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu,
                           void *own)
{
    struct notification_delivery *delivery = own;
    (void)session;
    (void)request_id;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || !delivery->awaits)
        return 1;
    delivery->awaits = false;
    if (pdu->errstat != 0)
        delivery->lost++;
    else
        delivery->sent++;
    return 1;
}

/* Never sent again, for the master agent would pass on both: it has until its session ends to acknowledge. */
static netsnmp_pdu *make_notify_pdu(const netsnmp_session *master, netsnmp_variable_list *varbinds)
{
    netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_NOTIFY_PDU);
    if (pdu == NULL)
        return NULL;
    pdu->version = master->version;
    pdu->sessid = master->sessid;
    pdu->reqid = snmp_get_next_reqid();
    pdu->msgid = snmp_get_next_msgid();
    pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
    pdu->time = DELIVERY_UNACKNOWLEDGED_S;
    pdu->variables = snmp_clone_varbind(varbinds);
    if (pdu->variables != NULL)
        return pdu;
    snmp_free_pdu(pdu);
    return NULL;
}

/* What the library cannot make a message of is lost; what the connection does not take goes back. */
static void send_to_master(struct notification_delivery *delivery, netsnmp_variable_list *varbinds)
{
    const uint64_t messages = master_transport_messages();
    netsnmp_pdu *pdu = delivery->master != NULL ? make_notify_pdu(delivery->master, varbinds) : NULL;
    if (pdu == NULL) {
        delivery->lost++;
        return;
    }
    delivery->awaits = snmp_async_send(delivery->master, pdu, on_acknowledged, delivery) != 0;
    delivery->sent_message = master_transport_messages();
    if (delivery->awaits)
        return;
    snmp_free_pdu(pdu);
    if (delivery->sent_message == messages)
        delivery->lost++;
    else
        delivery->was_unread = true;
}

/* ---- to the receivers ---- */

/* RFC 3416 (4.2.6): sysUpTime comes first. The master agent adds its own. */
static netsnmp_variable_list *add_uptime(netsnmp_variable_list *varbinds)
{
    static const oid sys_up_time[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
    const u_long uptime = netsnmp_get_agent_uptime();
    netsnmp_variable_list *first = NULL;
    if (snmp_varlist_add_variable(&first, sys_up_time, sizeof sys_up_time / sizeof *sys_up_time,
                                  ASN_TIMETICKS, &uptime, sizeof uptime) != NULL)
        first->next_variable = varbinds;
    return first;
}

static bool send_to_receivers(struct notification_delivery *delivery, netsnmp_variable_list *varbinds)
{
    netsnmp_variable_list *whole = add_uptime(varbinds);
    bool sent = false;
    if (whole == NULL)
        return false;
    for (size_t i = 0; i < delivery->receiver_count; i++)
        sent = receiver_send(&delivery->receivers[i], whole) || sent;
    whole->next_variable = NULL; /* the caller's */
    snmp_free_varbind(whole);
    return sent;
}

void notification_delivery_send(struct notification_delivery *delivery,
                                const struct notification *notification, netsnmp_variable_list *varbinds,
                                uint64_t monotonic_ms)
{
    if (varbinds == NULL) { /* out of memory */
        delivery->lost++;
    } else if (delivery->agentx) {
        delivery->last = *notification;
        delivery->sent_ms = monotonic_ms;
        send_to_master(delivery, varbinds);
    } else if (send_to_receivers(delivery, varbinds)) {
        delivery->sent++;
    }
}

uint64_t notification_delivery_awaits_since(const struct notification_delivery *delivery)
{
    return delivery->awaits ? delivery->sent_ms : 0;
}

uint64_t notification_delivery_lost(const struct notification_delivery *delivery)
{
    uint64_t lost = delivery->lost;
    for (size_t i = 0; i < delivery->receiver_count; i++)
        lost += delivery->receivers[i].lost;
    return lost;
}

void notification_delivery_describe(const struct notification_delivery *delivery, char *out_detail,
                                    size_t detail_bytes)
{
    out_detail[0] = '\0';
    for (size_t i = 0; i < delivery->receiver_count; i++) {
        const struct receiver *receiver = &delivery->receivers[i];
        if (receiver->problem[0] == '\0')
            continue;
        snprintf(out_detail, detail_bytes, "the receiver %s gets no notifications: %s; it is tried again",
                 receiver->options->address, receiver->problem);
        return;
    }
}
