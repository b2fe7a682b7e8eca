/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes a notification, on its way to the agent's thread: bounded, rate-limited by kind, never
 * waiting. */
#ifndef SNMP_NOTIFICATION_QUEUE_H
#define SNMP_NOTIFICATION_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>

#include "snmp/snmp.h"

/* In the MIB's order, below ckbNotifications; then what a standalone agent tells of itself (RFC 3418). */
enum notification_kind {
    NOTIFICATION_NONE,
    NOTIFICATION_KM_UP,
    NOTIFICATION_KM_DOWN,
    NOTIFICATION_KM_REFUSED,
    NOTIFICATION_RELAY_FAILED,
    NOTIFICATION_RELAY_EXPIRED,
    NOTIFICATION_DECISION_OVERDUE,
    NOTIFICATION_OVERLOAD,
    NOTIFICATION_COLD_START,
    NOTIFICATION_AUTHENTICATION_FAILURE,
    NOTIFICATION_KINDS_END,
};

enum {
    NOTIFICATION_DETAIL_BYTES =
        512, /* of ckbEventDetail and ckbEventIdentity: a notification is one packet */
    NOTIFICATION_AGE_MS_MAX = 10 * 60000, /* waiting longer for somebody to send it to, it is given up */
};

/* A copy of what the notification tells; longer texts are cut as CkbText is. */
struct notification {
    enum notification_kind kind;
    uint64_t event_id, time_ms, request_id;
    enum reason reason;
    int32_t security; /* CkbSecurity */
    bool overloaded;
    uint32_t suppressed; /* of the same kind, that were not sent since the one before */
    uint64_t queued_ms;  /* monotonic */
    char km_id[LIMIT_IDENTIFIER_BYTES + 1], source[LIMIT_IDENTIFIER_BYTES + 1],
        destination[LIMIT_IDENTIFIER_BYTES + 1], peer[96], identity[NOTIFICATION_DETAIL_BYTES + 1],
        detail[NOTIFICATION_DETAIL_BYTES + 1];
};

/* Which notification an event has. An overdue decision is told beside the event's own. */
enum notification_kind notification_kind_of(const struct notice *notice);
bool notification_is_overdue(const struct notice *notice);

struct notification_queue {
    pthread_mutex_t mutex;
    struct notification *ring; /* SNMP_NOTIFICATIONS_QUEUED */
    size_t first;
    atomic_size_t count; /* changed by who has the mutex, as the two below are */
    uint32_t per_minute;
    struct allowance {
        uint64_t tokens; /* a notification takes 60,000; a millisecond gives per_minute */
        uint64_t refilled_ms;
        uint32_t suppressed;
    } allowances[NOTIFICATION_KINDS_END];
    _Atomic uint64_t suppressed, given_up;
};

/* False: out of memory. */
bool notification_queue_init(struct notification_queue *queue, uint32_t per_minute);
void notification_queue_fini(struct notification_queue *queue);
/* Any thread. Full: the oldest is given up. True: there is something new to take. */
bool notification_queue_put(struct notification_queue *queue, const struct notice *notice,
                            uint64_t monotonic_ms);
/* Likewise of what is no event. */
bool notification_queue_put_own(struct notification_queue *queue, enum notification_kind kind,
                                uint64_t monotonic_ms);
/* The oldest that is not too old. False: there is none. */
bool notification_queue_take(struct notification_queue *queue, uint64_t monotonic_ms,
                             struct notification *out_notification);

/* One that was taken and not sent: the next to be taken, unless the queue is full and has it given up. */
void notification_queue_put_back(struct notification_queue *queue, const struct notification *notification);

/* Takes no lock: the core's thread waits for none that has been preempted with it. */
struct notification_queue_counts {
    size_t waiting;
    uint64_t suppressed; /* by the rate limit */
    uint64_t given_up;   /* pushed out by newer ones, or too old */
};
struct notification_queue_counts notification_queue_counts(const struct notification_queue *queue);

#endif
