/* SPDX-License-Identifier: Apache-2.0 */
/* The core's whole state; included by the files of this folder alone. */
#ifndef CORE_CORE_STATE_H
#define CORE_CORE_STATE_H

#include "base/heap.h"
#include "base/table.h"
#include "core/chain.h"
#include "core/core.h"
#include "core/pack.h"
#include "core/sorted.h"
#include "core/window.h"

/* ---- configured objects ---------------------------------------------------------------------------- */

union object_config {
    struct km_config km;
    struct application_config application;
    struct destination_config destination;
    struct link_config link;
    struct route_config route;
    struct document_config document;
};

enum { LAYERS = 2 }; /* by enum origin */

struct change;

struct layer {
    bool present;
    struct owned owned; /* what config's texts view */
    struct revision revision;
    union object_config config;
};

/* First member of every configured thing. */
struct object {
    enum object_kind kind;
    struct text id;
    struct owned id_owned;
    uint64_t first_revision; /* 0: never written */
    struct layer layers[LAYERS];
    const struct change *previewed; /* while a dry run tells what it would come to; else NULL */
};

/* Where forwarding happens: all KMAs of one KM are one place, for a next hop request does not say at which of
   its KMAs the KM holds the key. Scratch of hop_graph.c. */
struct site {
    uint64_t stamp; /* the graph that what follows belongs to */
    uint32_t first_edge;
    uint32_t cursor;
    uint64_t visit;
    int color;
    struct site *parent;
    struct text name; /* for people: the KMA by which it was met last */
};

struct remembered;

struct kma {
    struct text id;
    struct owned id_owned;
    uint32_t number;     /* never used twice */
    uint32_t references; /* freed at 0 */
    struct km *km;       /* the enrolled KM that names it */
    uint32_t link_count;
    struct destination *destination; /* the policy of what goes to here; NULL: there is none */
    struct site site;                /* used while no KM names it */
    struct sorted routes;            /* installed ones that end here, best first */
    /* Next hop answers of the last seconds toward this KMA, see hop_graph.c. */
    struct remembered *remembered;
    uint64_t graph_version;        /* the core's, when the installed routes to here were last found acyclic */
    uint64_t planned;              /* the plan that changes routes to here, see change.c */
    struct change *planned_routes; /* and what it puts */
    uint64_t foreign_until_ms;     /* until then remembered answers may differ from the installed routes */
};

struct relay;
struct lookup;
struct session;

struct km {
    struct object object;
    uint32_t number; /* never used twice */
    struct kma **kmas;
    size_t kma_count; /* of the effective configuration */
    struct site site;
    struct session *session;
    struct relay *relays; /* open ones, oldest first */
    struct relay *last_relay;
    uint32_t relays_open;
    uint32_t relays_outstanding; /* instructed */
    struct lookup *lookups;      /* held ones */
    enum ck_key_style key_style; /* of its latest request; AUTO: none seen */
    bool sent_extension;         /* it sent one itself (reading 15) */
    uint16_t version;            /* of its latest frame; 0: none yet */
    struct window bad_frames;
    struct window replacements;
    uint64_t held_off_until_ms; /* monotonic; 0: not */
    uint64_t held_off_until_wall_ms;
    uint64_t since_ms;
    enum reason last_error;
    struct text last_error_detail;
    struct owned last_error_owned;
    uint64_t last_error_ms;
    struct km_counters counters;
};

struct identity {
    struct text text; /* in the KM's layer */
    struct km *km;
};

struct application {
    struct object object;
};

struct destination {
    struct object object;
    struct kma *kma;
};

/* A relay's claim on a key of one link. Among the link's; all zero: of no link. */
struct reservation {
    struct link *link;
    struct reservation *previous, *next;
    bool is_held; /* else it was given back, or used up */
    bool is_used;
};

/* See budget.h. */
struct budget {
    uint64_t revision; /* of the configuration that told the stock; 0: none yet */
    bool is_told;
    uint64_t keys;     /* as of `as_of_ms`, less what was used since */
    uint64_t as_of_ms; /* Unix time */
    uint64_t used;     /* since the bridge was started */
    uint32_t reserved;
    struct reservation *reservations;
    bool is_tried;  /* by a dry run, which takes it back */
    bool is_untold; /* the journal has another value; among those of the core */
    struct link *next_untold;
};

/* See failing.h. All zero: no failure is known. */
struct failing {
    uint64_t failed_ms[LIMIT_FAILING_RELAYS]; /* monotonic, oldest first */
    uint32_t count;
    struct heap_node penalty; /* until when; in the heap: it is penalised */
    uint64_t until_wall_ms;
};

struct link {
    struct object object;
    struct kma *a;
    struct kma *b;
    struct chain_node pair;
    uint32_t edge; /* one more than its number in the planner's network; 0: it is not in it */
    struct budget budget;
    struct failing failing;
};

struct route {
    struct object object;
    struct kma *source; /* NULL: any */
    struct kma *destination;
    struct kma **kmas; /* of a path: in order; of hops: each hop's KMA followed by its candidates */
    size_t kma_count;
    struct chain_node pair; /* paths, by source and destination */
    struct heap_node expiry;
    uint64_t checked_version; /* the core's graph_version for which `usable` holds */
    bool usable;
    uint64_t planned; /* the plan that changes it, see change.c */
    uint64_t uses;
};

/* ---- live objects ------------------------------------------------------------------------------------ */

struct session {
    struct session_handle handle;
    struct km *km;
    struct text peer, identity, tls_version, cipher;
    struct owned owned;
    enum security security;
    uint64_t certificate_expires_ms;
    uint32_t bad_frames_per_minute;
    uint32_t replacements_per_minute;
    uint32_t hold_off_ms;
    uint64_t started_ms; /* monotonic */
    enum ck_byte_order byte_order;
    uint32_t fresh_ids; /* given so far */
};

struct unclosed {
    struct session_handle session;
    enum reason reason;
};

/* By which a repeat is known (reading 8). */
struct repeat_key {
    uint64_t digest_low;
    uint64_t digest_high;
    uint32_t km_number;
    uint32_t message_id;
};

enum { RELAY_PENDING_NOTICES = 6 };

/* See constraints_of_relay(). All zero: they were not read yet. */
struct request_constraints;
struct kept_constraints {
    const struct request_constraints *constraints; /* in the core's scratch, of the step that read them */
    uint64_t step_number;
};

struct relay {
    struct relay_record record;
    struct owned owned; /* what the record's texts view once it is kept; before, they view the event */
    bool kept;
    bool explanation_borrowed; /* of the step at hand, though the relay may be kept */
    struct km *km;             /* while it is open */
    struct relay *previous, *next;
    bool open;
    bool retained; /* ended as expired or orphaned and kept for a late completion */
    bool indexed;  /* in the table by relay ID */
    bool repeat_indexed;
    struct repeat_key repeat_key;
    struct chain_node by_message; /* KM and the MessageID it is to be answered under */
    struct heap_node deadline;
    enum reason reason_so_far; /* what the deciders before found */
    struct kept_constraints constraints;
    struct reservation *reservations; /* of each adjacency of its path, from instructed on */
    size_t reservation_count;
    struct relay *held_previous, *held_next; /* among the held ones, see held.c */
    uint64_t asked_version;                  /* the offers for which the routes were asked last, while held */
    struct session_handle received_on;       /* where its (latest) 0x03 came */
    struct session_handle sent_on;
    uint32_t sent_message_id;
    uint64_t sent_monotonic_ms;
    uint64_t received_monotonic_ms; /* 0, as the others: before the last restart, or not yet */
    uint64_t instructed_monotonic_ms;
    bool refusal_pending; /* likewise a refusal that the KM reads (reading 6) */
    bool send_pending;    /* its Key relay request leaves at the end of this step, behind its record */
    /* what this step has to tell of it */
    bool dirty;
    struct relay *next_dirty;
    unsigned char pending[RELAY_PENDING_NOTICES];
    size_t pending_count;
};

struct lookup {
    struct lookup_record record;
    struct owned owned;
    struct km *km;
    struct session_handle session;
    uint16_t version;
    uint64_t received_monotonic_ms; /* 0: before the last restart */
    struct lookup *previous, *next;
    struct heap_node deadline;
    struct lookup *held_previous, *held_next; /* as of a relay */
    uint64_t asked_version;
    bool destination_given;    /* by the KM; else it is that of the application, and may change */
    enum reason reason_so_far; /* what the deciders before found */
    struct kept_constraints constraints;
    struct text explanation; /* as it is kept while it is held */
};

struct refused_peer {
    uint64_t time_ms;
    struct text peer, identity, detail;
    struct owned owned;
    enum reason reason;
};

struct graph_edge {
    struct site *to;
    uint32_t next; /* index + 1; 0: the last */
};

struct planner; /* planner.h */

struct graph {
    uint64_t stamp;
    uint64_t visit;
    struct graph_edge *edges;
    size_t edge_count;
    size_t edge_capacity;
    struct site **sites; /* in the order in which they were met */
    size_t site_count;
    size_t site_capacity;
};

struct core {
    struct memory memory;
    struct siphash_key hash_key;
    struct core_settings settings;
    struct planner *planner;
    struct link *first_untold_link;
    uint64_t budget_number; /* grows with every change of what is left of a link's keys */
    struct high_water next;

    /* of the step that runs */
    uint64_t step_number; /* 0: before the first */
    struct effects *effects;
    uint64_t now_ms;
    uint64_t wall_ms;
    bool out_of_memory;
    struct arena scratch;

    /* directory */
    struct sorted objects[OBJECT_KINDS_END]; /* by ID; KMs without a layer too, which only have relays */
    struct table kmas;                       /* by ID */
    struct table identities;
    struct table links_by_pair;
    struct table routes_by_pair;
    struct heap route_expiry; /* wall clock */
    uint32_t next_kma_number;
    uint32_t next_km_number;
    uint64_t graph_version; /* grows when a route, link or KM changes */
    size_t kms_enrolled;
    size_t destinations_in_force;
    uint64_t plan_number;
    bool is_trial; /* what is in force is so for a moment, to see what it would do: see trial.c */
    bool rebind;   /* something is configured but, for want of memory, not yet in force */

    struct session **sessions; /* LIMIT_SESSIONS */
    uint32_t sessions_open;
    struct unclosed
        *unclosed; /* LIMIT_SESSIONS: ended ones whose close found no memory; told in a later step */
    size_t unclosed_count;

    struct table relays; /* by relay ID */
    struct table relays_by_message;
    struct table repeats;
    struct heap relay_deadlines;
    struct relay *free_relays;
    size_t free_relay_count;
    struct relay *first_dirty, *last_dirty;
    struct relay *oldest_ended, *newest_ended; /* retained ones, linked by previous and next */
    size_t ended_count;

    struct table lookups;
    struct heap lookup_deadlines;

    struct heap penalties; /* of links, monotonic */

    /* held requests: those whose routes were asked longest ago come first */
    struct relay *first_held_relay, *last_held_relay;
    struct lookup *first_held_lookup, *last_held_lookup;
    uint64_t offers_version; /* grows when the routes may have an answer that they had not */

    struct graph graph;
    struct table remembered;
    struct remembered *oldest_remembered, *newest_remembered;
    uint64_t newest_answer_ms; /* wall clock, of those restored */

    uint32_t orchestrator_streams;
    uint64_t orchestrator_seen_ms; /* one more than when it was; 0: never */
    bool orchestrator_was_present;
    bool store_available;
    bool overloaded;

    struct refused_peer refused[LIMIT_REFUSED_PEERS];
    size_t refused_next;
    size_t refused_count;
    struct totals totals;
    uint64_t change_number;
    uint64_t
        kind_change_numbers[OBJECT_KINDS_END]; /* of each kind the newest; of KMs also of their sessions */
    unsigned char *frame;                      /* CK_FRAME_BYTES_MAX, to encode into */
};

#endif
