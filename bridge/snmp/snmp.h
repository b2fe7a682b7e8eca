/* SPDX-License-Identifier: Apache-2.0 */
/* The SNMP agent (QKDN-CK-BRIDGE-MIB) in a thread of its own, which makes every call of net-snmp. */
#ifndef SNMP_SNMP_H
#define SNMP_SNMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/history.h"
#include "core/notice.h"
#include "core/snapshot.h"

/* The library has one agent a process: so there is at most one of these at any time. */
struct snmp;

enum snmp_mode {
    SNMP_AGENTX,     /* a subagent of the machine's snmpd, which answers and sends notifications for it */
    SNMP_STANDALONE, /* its own port, users and receivers */
};

/* Of standalone mode: USM, RFC 3414. The keys are passphrases. */
struct snmp_user {
    const char *name;
    const char *auth;    /* "SHA-256" ...: as net-snmp names it */
    const char *privacy; /* "AES" ...; NULL: authenticated, not encrypted */
    const char *auth_key, *privacy_key;
};

/* Of standalone mode: v2c, readable from `source` alone. */
struct snmp_community {
    const char *name;
    const char *source; /* "127.0.0.1", "192.0.2.0/24"; NULL: from anywhere */
};

/* Of standalone mode: who gets notifications. */
struct snmp_receiver {
    const char *address;   /* "udp:192.0.2.7:162" */
    const char *user;      /* a configured one: v3; NULL: v2c with `community` */
    const char *community; /* NULL with a user */
    bool inform;           /* acknowledged, and sent again until it is */
};

struct snmp_options {
    enum snmp_mode mode;
    const char *agentx_socket; /* "unix:/var/agentx/master", "tcp:127.0.0.1:705" */
    const char *listen;        /* of standalone: "udp:127.0.0.1:1161"; several, separated by commas */
    const char *state_folder; /* of standalone: a private, writable folder that keeps the engine's identity */
    const char *instance;     /* this bridge's name: whose the identity is */
    /* Of standalone: sysName, sysContact, sysLocation; 255 bytes of ASCII at most. */
    const char *name, *contact, *location;
    bool authentication_traps; /* of standalone: who asks without the right is told of, too */
    const struct snmp_user *users;
    size_t user_count;
    const struct snmp_community *communities;
    size_t community_count;
    const struct snmp_receiver *receivers;
    size_t receiver_count;
    uint32_t notifications_per_minute; /* of each kind; what goes beyond is counted in the next one */
};

/* What no snapshot carries. */
struct snmp_facts {
    const char *version;
    const char *instance;
    uint64_t started_ms; /* Unix time */
    bool ready, stopping;
    uint32_t sessions_max;
    uint64_t commits;
};

struct snmp_backend {
    void *context;
    /* Retained for the caller; never NULL. Thread-safe, as are all of these. */
    struct snapshot *(*snapshot)(void *context);
    void (*facts)(void *context, struct snmp_facts *out_facts);
    /* A line of the library's or of the agent's own; rate-limited already. */
    void (*log)(void *context, bool is_error, const char *event, const char *detail);
    struct history history; /* the agent's own reader */
};

/* Before the process has threads: keeps the library from reading MIB files, which the agent has no use for.
 */
void snmp_prepare_process(void);
/*
 * Everything in `options` is copied, and the engine's identity read and kept, as the user that the caller is
 * then. NULL: *out_detail says why; the bridge can do without.
 */
struct snmp *snmp_new(const struct snmp_options *options, const struct snmp_backend *backend,
                      char *out_detail, size_t detail_bytes);
/*
 * Starts the thread. Standalone: when this returns its addresses have been opened, or tried (SNMP_START_MS at
 * most), as the user that the caller is; a subagent connects by and by. False: there is no thread, and
 * snmp_status says why.
 */
bool snmp_start(struct snmp *snmp);
enum { SNMP_START_MS = 5000 };
/*
 * Ends the thread. What it waits for is cut short, so that it ends at once but for the time that a name takes
 * to be looked up: after `timeout_ms` false, and the thread, which calls no backend any more, is left to the
 * end of the process. NULL is ignored (true).
 */
bool snmp_free(struct snmp *snmp, uint32_t timeout_ms);

/* Any thread, never waits: a durable event, of which a notification is sent if its kind has one. While nobody
   is there to get it, it waits; with more than SNMP_NOTIFICATIONS_QUEUED the oldest is given up, and counted.
 */
void snmp_notice(struct snmp *snmp, const struct notice *notice);
enum { SNMP_NOTIFICATIONS_QUEUED = 1024 };

struct snmp_notification_counts {
    uint64_t sent;       /* and acknowledged by the master agent, or to one receiver at least */
    uint64_t waiting;    /* for one of them to be there, or for that acknowledgement */
    uint64_t suppressed; /* by the rate limit */
    uint64_t lost; /* given up, or not taken or acknowledged by the master agent or a receiver; of each one */
};

/* Thread-safe. */
struct snmp_status {
    const char *mode;  /* "agentx", "standalone" */
    bool connected;    /* registered with the master agent, or listening */
    char detail[256];  /* what is wrong, with a receiver also, for people; "": nothing */
    uint64_t requests; /* served since the start */
    struct snmp_notification_counts notifications;
    uint64_t packets_refused; /* of standalone: unknown users, wrong keys, replays, malformed */
    char engine_id[40];       /* of standalone: "0x..."; else "" */
};
void snmp_status(struct snmp *snmp, struct snmp_status *out_status);

#endif
