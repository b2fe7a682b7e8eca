/* SPDX-License-Identifier: Apache-2.0 */
/* An immutable, sorted, reference-counted view of the live state for readers on other threads. */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/distribution.h"
#include "ck/frame.h"
#include "ck/message.h"
#include "core/directory.h"
#include "core/key_stock.h"
#include "core/vocabulary.h"
#include "topology/paths.h"

enum { REPLY_TIME_BUCKETS = 20 }; /* bucket i counts times below 2^i ms, the last one all above */

struct km_counters {
    uint64_t received[CK_COMMANDS_END]; /* frames by command; [0]: unknown commands */
    uint64_t sent[CK_COMMANDS_END];
    uint64_t malformed;  /* frames with a bad payload */
    uint64_t unexpected; /* 0x02 or 0x04 from a KM */
    uint64_t unknown_members;
    uint64_t uncorrelated;
    uint64_t repeats;
    uint64_t sessions; /* since start */
    uint64_t refused;
    uint64_t relays_succeeded, relays_failed, relays_rejected, relays_expired, relays_orphaned;
    uint64_t reply_time_ms[REPLY_TIME_BUCKETS]; /* 0x04 sent to 0x05 received */
};

struct km_view {
    struct km_config config;
    struct revision revision;
    bool in_file; /* the file defines this KM too, or alone */
    bool connected;
    uint64_t since_ms; /* of the current state; 0: never connected since start */
    struct text peer;
    enum security security;
    struct text tls_version, cipher;
    uint64_t certificate_expires_ms;
    const char *key_style_seen; /* "snake", "camel", "title"; NULL: none yet */
    bool little_endian;
    enum reason last_error;
    struct text last_error_detail;
    uint64_t last_error_ms;     /* 0: none */
    uint64_t held_off_until_ms; /* Unix time; 0: not held off */
    uint32_t relays_open;
    struct policy policy_in_force; /* toward destinations that have none of their own */
    struct km_counters counters;
};

struct application_view {
    struct application_config config;
    struct revision revision;
};

struct destination_view {
    struct destination_config config;
    struct revision revision;
};

struct route_view {
    struct route_config config;
    struct revision revision;
    uint64_t uses; /* requests decided by it since start */
};

struct document_view {
    struct document_config config;
    struct revision revision;
};

struct link_view {
    struct link_config config;
    struct revision revision;
    struct key_stock stock; /* reserved: by relays that are instructed */
    uint64_t keys_used;     /* by relays that succeeded, since the bridge was started */
    uint32_t recent_failures;
    uint64_t penalised_until_ms; /* Unix time; 0: it is not */
};

/* A peer that was refused: not enrolled, bad certificate. The newest LIMIT_REFUSED_PEERS are kept. */
struct refused_view {
    uint64_t time_ms;
    struct text peer;
    struct text identity;
    enum reason reason;
    struct text detail;
};
enum { LIMIT_REFUSED_PEERS = 64 };

/* Counted since the bridge was started. Unlike a KM's own counters they never fall when a KM is removed. */
struct totals {
    uint64_t relays_received;
    uint64_t relays_ended[RELAY_STATES_END]; /* by terminal state */
    uint64_t lookups_received;
    uint64_t lookups_answered, lookups_rejected;
    uint64_t protocol_errors;
    uint64_t km_refused;
    uint32_t relays_open, relays_held, lookups_held, links_penalised;
    uint32_t kms_enrolled, kms_connected;

    uint64_t frames_received[CK_COMMANDS_END]; /* by command; [0]: unknown commands */
    uint64_t frames_sent[CK_COMMANDS_END];
    uint64_t malformed[CK_MALFORMED_END]; /* these and the unexpected ones are the protocol errors */
    uint64_t unexpected;
    uint64_t uncorrelated, repeats;
    uint64_t sessions_opened;
    uint64_t sessions_closed[REASONS_END];
    uint64_t refused[REASONS_END];       /* of km_refused */
    uint64_t relay_reasons[REASONS_END]; /* of relays that ended */
    uint64_t lookup_reasons[REASONS_END];
    /* Every request is counted once: when it is decided, or when it ends before (DECIDER_NONE). */
    uint64_t relays_decided[DECIDERS_END], lookups_decided[DECIDERS_END];
    uint64_t relays_overdue, lookups_overdue; /* the orchestrator's turn passed unused */
    /* In milliseconds, by distribution_milliseconds; not of requests that came before the last restart. */
    struct distribution relay_decision_ms[DECIDERS_END], lookup_decision_ms[DECIDERS_END];
    struct distribution relay_ms[RELAY_STATES_END]; /* from instructed to that state */
};

/* The objects of one kind. A view shares those that have not changed with the view before it: a client's
   write must not cost a copy of everything that there is. */
struct snapshot_part {
    atomic_uint references;
    struct arena arena; /* holds the views */
    void *views;
    size_t count;
    uint64_t change_number; /* the newest of its kind */
    uint64_t budget_number; /* the core's: while it is the same, keys of links only grow by their rate */
    uint64_t taken_ms;      /* monotonic */
};
enum { SNAPSHOT_PARTS = 6, SNAPSHOT_LIVE_MS = 250, SNAPSHOT_GROWTH_MS = 1000 };

struct snapshot {
    atomic_uint references;
    struct arena arena; /* holds the refused peers */
    struct snapshot_part *parts[SNAPSHOT_PARTS];
    bool lags;         /* counters of KMs, uses of routes and keys of links are those of a moment ago, at most
                          SNAPSHOT_LIVE_MS */
    uint64_t taken_ms; /* Unix time */
    uint64_t monotonic_ms;
    uint64_t change_number;
    uint64_t event_id;               /* the newest event whose effect it shows, and all before; 0: none yet */
    uint64_t document_change_number; /* as long as it is the same, so are the documents */
    bool orchestrator_present;
    bool store_available;
    bool overloaded;
    struct policy policy; /* of those for whom neither destination nor KM says otherwise */
    enum paths_metric metric;
    struct totals totals;
    struct km_view *kms; /* sorted by km_id */
    size_t km_count;
    struct application_view *applications; /* by application_id */
    size_t application_count;
    struct destination_view *destinations; /* by kma_id */
    size_t destination_count;
    struct route_view *routes; /* by route_id */
    size_t route_count;
    struct link_view *links; /* by link_id */
    size_t link_count;
    struct document_view *documents; /* by document_id, so those of a kind are neighbours */
    size_t document_count;
    struct refused_view *refused; /* newest first */
    size_t refused_count;
};

struct snapshot *snapshot_retain(struct snapshot *snapshot);
/* Frees it with the last reference. NULL is ignored. */
void snapshot_release(struct snapshot *snapshot);
/* NULL when there is none. */
const struct km_view *snapshot_km(const struct snapshot *snapshot, struct text km_id);
const struct application_view *snapshot_application(const struct snapshot *snapshot, struct text id);
const struct destination_view *snapshot_destination(const struct snapshot *snapshot, struct text kma_id);
const struct route_view *snapshot_route(const struct snapshot *snapshot, struct text route_id);
const struct link_view *snapshot_link(const struct snapshot *snapshot, struct text link_id);
const struct document_view *snapshot_document(const struct snapshot *snapshot, struct text document_id);
/* Those of one kind, sorted; the number of them. */
size_t snapshot_documents(const struct snapshot *snapshot, enum document_kind kind,
                          const struct document_view **out_first);

#endif
