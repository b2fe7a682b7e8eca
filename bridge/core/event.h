/* SPDX-License-Identifier: Apache-2.0 */
/* The core's whole input alphabet. Everything an event points at is borrowed for the duration of core_step.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"
#include "ck/frame.h"
#include "ck/message.h"
#include "core/command.h"
#include "core/vocabulary.h"
#include "topology/paths.h"

/* Names a connection from accept to close; index below LIMIT_SESSIONS, generation from 1 (0: no session). */
struct session_handle {
    uint32_t index;
    uint32_t generation;
};

enum event_kind {
    EVENT_TICK, /* time alone; due whenever core_deadline_ms has come */
    EVENT_SESSION_OPENED,
    EVENT_SESSION_CLOSED,
    EVENT_SESSION_REFUSED, /* a handshake that failed: to be reported, there is no session */
    EVENT_MESSAGE,
    EVENT_COMMAND,
    EVENT_ORCHESTRATOR,
    EVENT_STORE,
    EVENT_OVERLOAD,
    EVENT_SETTINGS,
};

/* Authenticated, and nothing read yet: the core answers with EFFECT_ADMIT or EFFECT_CLOSE. */
struct event_session_opened {
    struct session_handle session;
    const struct text
        *identities; /* what the peer proved: "dns:a.example", "psk:a", "address:127.0.0.2"; best first */
    size_t identity_count;
    struct text peer; /* "192.0.2.1:50112" */
    enum security security;
    struct text tls_version; /* absent when plain */
    struct text cipher;
    uint64_t certificate_expires_ms; /* Unix time; 0: no certificate */
    uint32_t bad_frames_per_minute;  /* of its listener */
    uint32_t replacements_per_minute;
    uint32_t hold_off_ms;
};

struct event_session_closed {
    struct session_handle session;
    enum reason reason;
    struct text detail;
};

struct event_session_refused {
    struct text peer;
    struct text identity; /* as far as known */
    enum security security;
    enum reason reason;
    struct text detail; /* what OpenSSL said */
};

/* One whole frame of an admitted session, decoded. */
struct event_message {
    struct session_handle session;
    struct ck_header header;
    enum ck_byte_order byte_order;        /* settled */
    struct siphash_digest payload_digest; /* of the payload before it was decoded: core_payload_digest */
    struct text payload;                  /* before it was decoded; absent: it has not come */
    enum ck_malformed malformed;
    uint64_t offset;                  /* where, when malformed */
    const struct ck_message *message; /* NULL for an unknown command */
};

struct event_command {
    uint64_t command_id; /* comes back in the reply; 0: nobody waits, no reply effect */
    const struct command *command;
};

enum orchestrator_sign { ORCHESTRATOR_REQUEST, ORCHESTRATOR_STREAM_OPENED, ORCHESTRATOR_STREAM_CLOSED };

struct core_settings {
    struct policy policy;      /* whole: of those for whom neither destination nor KM says otherwise */
    uint32_t presence_ms;      /* an orchestrator counts as present so long after its last request */
    uint32_t answer_memory_ms; /* next hop answers remembered across a change (reading 5) */
    uint32_t failing_relays;   /* so many failures within the window penalise a link; 0: none do */
    uint32_t failing_window_ms, failing_penalty_ms;
    enum paths_metric metric; /* which of the paths for a relay is the best, when they are computed */
};

struct event {
    enum event_kind kind;
    uint64_t monotonic_ms; /* never goes back; all deadlines are of this clock */
    uint64_t wall_ms;      /* Unix time; may jump; all records are of this clock, and valid_until */
    union {
        struct event_session_opened opened;
        struct event_session_closed closed;
        struct event_session_refused refused;
        struct event_message message;
        struct event_command command;
        enum orchestrator_sign orchestrator;
        bool store_available; /* EVENT_STORE: the journal cannot commit (false), or can again (true) */
        bool overloaded; /* EVENT_OVERLOAD: reading was stopped because turns in flight reached their limit */
        struct core_settings settings;
    };
};

#endif
