/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/notification_queue.h"

#include <stdlib.h>
#include <string.h>

#include "snmp/cell.h"

enum { MINUTE_MS = 60000 };

enum notification_kind notification_kind_of(const struct notice *notice)
{
    switch (notice->type) {
    case NOTICE_KM_CONNECTED:
        return NOTIFICATION_KM_UP;
    case NOTICE_KM_DISCONNECTED:
        return NOTIFICATION_KM_DOWN;
    case NOTICE_KM_REFUSED:
        return NOTIFICATION_KM_REFUSED;
    case NOTICE_RELAY_FAILED:
        return NOTIFICATION_RELAY_FAILED;
    case NOTICE_RELAY_EXPIRED:
    case NOTICE_RELAY_ORPHANED:
        return NOTIFICATION_RELAY_EXPIRED;
    case NOTICE_OVERLOAD_ENTERED:
    case NOTICE_OVERLOAD_LEFT:
        return NOTIFICATION_OVERLOAD;
    case NOTICE_RELAY_RECEIVED:
    case NOTICE_RELAY_AWAITING_DECISION:
    case NOTICE_RELAY_INSTRUCTED:
    case NOTICE_RELAY_SUCCEEDED:
    case NOTICE_RELAY_REJECTED:
    case NOTICE_RELAY_UNCORRELATED:
    case NOTICE_LOOKUP_ANSWERED:
    case NOTICE_LOOKUP_AWAITING_DECISION:
    case NOTICE_ROUTE_CHANGED:
    case NOTICE_LINK_CHANGED:
    case NOTICE_CONFIG_CHANGED:
    case NOTICE_CK_PROTOCOL_ERROR:
    case NOTICES_END:
        break;
    }
    return NOTIFICATION_NONE;
}

static bool was_held(const struct relay_record *relay)
{
    for (size_t i = 0; i < relay->timeline_count; i++)
        if (relay->timeline[i].state == RELAY_AWAITING_DECISION)
            return true;
    return false;
}

/* Held for the orchestrator, and then decided by another, or by nobody. */
bool notification_is_overdue(const struct notice *notice)
{
    const struct relay_record *relay = notice->relay;
    if (relay == NULL || relay->decided_by == DECIDER_ORCHESTRATOR || !was_held(relay))
        return false;
    return notice->type == NOTICE_RELAY_INSTRUCTED ||
           (notice->type == NOTICE_RELAY_FAILED && relay->instructed_ms == 0);
}

bool notification_queue_init(struct notification_queue *queue, uint32_t per_minute)
{
    *queue = (struct notification_queue){ .per_minute = per_minute > 0 ? per_minute : 1 };
    queue->ring = calloc(SNMP_NOTIFICATIONS_QUEUED, sizeof *queue->ring);
    if (queue->ring == NULL)
        return false;
    for (size_t i = 0; i < NOTIFICATION_KINDS_END; i++)
        queue->allowances[i].tokens = (uint64_t)queue->per_minute * MINUTE_MS;
    pthread_mutex_init(&queue->mutex, NULL);
    return true;
}

void notification_queue_fini(struct notification_queue *queue)
{
    if (queue->ring == NULL)
        return;
    free(queue->ring);
    pthread_mutex_destroy(&queue->mutex);
}

/* A minute's worth at once, then as many a minute as the limit says. */
static bool is_allowed(struct notification_queue *queue, struct allowance *allowance, uint64_t monotonic_ms)
{
    const uint64_t tokens_max = (uint64_t)queue->per_minute * MINUTE_MS;
    uint64_t passed_ms = 0;
    if (allowance->refilled_ms != 0 && monotonic_ms > allowance->refilled_ms)
        passed_ms = monotonic_ms - allowance->refilled_ms;
    allowance->refilled_ms = monotonic_ms;
    if (passed_ms >= MINUTE_MS || allowance->tokens + passed_ms * queue->per_minute > tokens_max)
        allowance->tokens = tokens_max;
    else
        allowance->tokens += passed_ms * queue->per_minute;
    if (allowance->tokens < MINUTE_MS)
        return false;
    allowance->tokens -= MINUTE_MS;
    return true;
}

static void copy(char *buffer, size_t capacity, struct text text)
{
    struct cell cell;
    cell_set_text(&cell, text, capacity - 1);
    memcpy(buffer, cell.octets, cell.length);
    buffer[cell.length] = '\0';
}

static void fill(struct notification *notification, enum notification_kind kind, const struct notice *notice)
{
    static const int32_t securities[] = { [SECURITY_TLS] = 1, [SECURITY_PSK] = 2, [SECURITY_PLAIN] = 3 };
    const struct relay_record *relay = notice->relay;
    *notification = (struct notification){ .kind = kind,
                                           .event_id = notice->event_id,
                                           .time_ms = notice->time_ms,
                                           .request_id = notice->relay_id,
                                           .reason = relay != NULL ? relay->reason : notice->reason,
                                           .security = securities[notice->security],
                                           .overloaded = notice->type == NOTICE_OVERLOAD_ENTERED };
    copy(notification->km_id, sizeof notification->km_id, relay != NULL ? relay->km_id : notice->km_id);
    copy(notification->peer, sizeof notification->peer, notice->peer);
    copy(notification->identity, sizeof notification->identity, notice->identity);
    copy(notification->detail, sizeof notification->detail, relay != NULL ? relay->detail : notice->detail);
    if (relay == NULL)
        return;
    copy(notification->source, sizeof notification->source, relay->source_kma_id);
    copy(notification->destination, sizeof notification->destination, relay->destination_kma_id);
}

static struct notification *at(struct notification_queue *queue, size_t position)
{
    return &queue->ring[(queue->first + position) % SNMP_NOTIFICATIONS_QUEUED];
}

/* What it stood for is told by the next of its kind, at this position or behind it. */
static void give_up(struct notification_queue *queue, const struct notification *notification,
                    size_t position)
{
    uint32_t *told_by = &queue->allowances[notification->kind].suppressed;
    for (size_t i = position; i < queue->count; i++)
        if (at(queue, i)->kind == notification->kind) {
            told_by = &at(queue, i)->suppressed;
            break;
        }
    *told_by += notification->suppressed + 1;
    queue->given_up++;
}

static void give_up_oldest(struct notification_queue *queue)
{
    give_up(queue, at(queue, 0), 1);
    queue->first = (queue->first + 1) % SNMP_NOTIFICATIONS_QUEUED;
    queue->count--;
}

/* `notice` is NULL of what is no event. */
static bool put_one(struct notification_queue *queue, enum notification_kind kind,
                    const struct notice *notice, uint64_t monotonic_ms)
{
    struct allowance *allowance = &queue->allowances[kind];
    if (!is_allowed(queue, allowance, monotonic_ms)) {
        allowance->suppressed++;
        queue->suppressed++;
        return false;
    }
    if (queue->count == SNMP_NOTIFICATIONS_QUEUED)
        give_up_oldest(queue);
    struct notification *notification = at(queue, queue->count++);
    if (notice != NULL)
        fill(notification, kind, notice);
    else
        *notification = (struct notification){ .kind = kind };
    notification->queued_ms = monotonic_ms;
    notification->suppressed = allowance->suppressed;
    allowance->suppressed = 0;
    return true;
}

bool notification_queue_put(struct notification_queue *queue, const struct notice *notice,
                            uint64_t monotonic_ms)
{
    const enum notification_kind kind = notification_kind_of(notice);
    const bool is_overdue = notification_is_overdue(notice);
    if (kind == NOTIFICATION_NONE && !is_overdue)
        return false;
    bool put = false;
    pthread_mutex_lock(&queue->mutex);
    if (is_overdue) /* which led to the other */
        put = put_one(queue, NOTIFICATION_DECISION_OVERDUE, notice, monotonic_ms);
    if (kind != NOTIFICATION_NONE)
        put = put_one(queue, kind, notice, monotonic_ms) || put;
    pthread_mutex_unlock(&queue->mutex);
    return put;
}

bool notification_queue_put_own(struct notification_queue *queue, enum notification_kind kind,
                                uint64_t monotonic_ms)
{
    pthread_mutex_lock(&queue->mutex);
    const bool put = put_one(queue, kind, NULL, monotonic_ms);
    pthread_mutex_unlock(&queue->mutex);
    return put;
}

/* What another thread has just put may be newer than the taker's clock. */
static bool is_too_old(const struct notification *notification, uint64_t monotonic_ms)
{
    return monotonic_ms > notification->queued_ms &&
           monotonic_ms - notification->queued_ms > NOTIFICATION_AGE_MS_MAX;
}

bool notification_queue_take(struct notification_queue *queue, uint64_t monotonic_ms,
                             struct notification *out_notification)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count > 0 && is_too_old(at(queue, 0), monotonic_ms))
        give_up_oldest(queue);
    const bool some = queue->count > 0;
    if (some) {
        *out_notification = *at(queue, 0);
        queue->first = (queue->first + 1) % SNMP_NOTIFICATIONS_QUEUED;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return some;
}

void notification_queue_put_back(struct notification_queue *queue, const struct notification *notification)
{
    pthread_mutex_lock(&queue->mutex);
    if (queue->count == SNMP_NOTIFICATIONS_QUEUED) {
        give_up(queue, notification, 0);
    } else {
        queue->first = (queue->first + SNMP_NOTIFICATIONS_QUEUED - 1) % SNMP_NOTIFICATIONS_QUEUED;
        queue->count++;
        *at(queue, 0) = *notification;
    }
    pthread_mutex_unlock(&queue->mutex);
}

struct notification_queue_counts notification_queue_counts(const struct notification_queue *queue)
{
    return (struct notification_queue_counts){ .waiting = queue->count,
                                               .suppressed = queue->suppressed,
                                               .given_up = queue->given_up };
}
