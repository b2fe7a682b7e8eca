/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated world around the real core: what its parts share. Each part's file says what it simulates. */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/core.h"
#include "core/explanation.h"
#include "world/random.h"
#include "world/world_book.h"
#include "world/world_constraints.h"
#include "world/world_coverage.h"
#include "world/world_limits.h"

/* Memory that is counted, and that can be made to run out. */
struct counted_memory {
    struct memory memory; /* to be handed out */
    uint64_t blocks, bytes;
    uint64_t refused;
    uint32_t fail_one_in; /* 0: never */
    struct random random;
};

/* A copy of a record, shared by the rows it stands in. */
struct kept {
    uint32_t references;
    struct arena arena;
    struct record record;
};

/* `shadow` is the row as of the newest step, `durable` as of the newest commit; NULL: no row. */
struct request_row {
    struct kept *shadow;
    struct kept *durable;
    struct session_handle session; /* on which it was last asked; generation 0: none of this process's life */
    struct session_handle sent_on; /* of a relay: where its newest Key relay request went */
    uint64_t limit_ms;             /* how long it may be in this state, while it is held or instructed */
    uint64_t since_ms;             /* monotonic: when it came into its state, or the process started */
    uint16_t version;              /* of the frame that asked */
    uint64_t touched;              /* the newest step that changed it; what follows is of before that step */
    bool told_late;  /* for want of memory not in the step of its request: session and version are unknown */
    bool half_known; /* it came when memory was short: its repeats may not be known as such */
    bool sent_before;
    uint64_t sent_step; /* the newest step that sent it */
    int state_before;   /* -1: it was not there */
    size_t *holds;      /* edges of which an instructed relay has a key reserved */
    size_t hold_count;
};

struct object_row {
    enum record_kind kind; /* RECORD_KM, _APPLICATION, _DESTINATION, _ROUTE or _LINK */
    enum origin origin;
    char id[WORLD_NAME_BYTES];
    struct kept *shadow;
    struct kept *durable;
};

struct rows {
    struct request_row *relays; /* by relay_id */
    size_t relay_capacity;
    struct request_row *lookups; /* by lookup_id */
    size_t lookup_capacity;
    struct object_row objects[WORLD_OBJECTS_MAX];
    size_t object_count;
    struct high_water shadow_high, durable_high;
};

/* One turn on its way to the disk. */
struct turn {
    struct turn *next;
    struct effects effects;
    struct kept **changes; /* of its records, in order */
    size_t change_count, change_capacity;
};

struct asked {
    uint32_t message_id;
    uint32_t requests;  /* 0x01 with this MessageID on this session */
    uint32_t responses; /* 0x02 that the KM received */
    uint32_t excused;   /* requests that met exhausted memory */
    uint16_t version;
};

struct sent_request {
    uint32_t message_id;
    uint64_t relay_id;
};

struct sim_session {
    struct session_handle handle; /* generation grows with each use of the slot */
    bool open;                    /* at the net: opened, and its closed event is not delivered yet */
    bool admitted;                /* the net was told to read it */
    bool closing;                 /* the net was told to close it, or the peer left: nothing is read */
    enum reason closing_reason;
    bool live;                    /* as the core sees it: between ADMIT and CLOSE or the closed event */
    bool judged;                  /* the core answered OPENED with ADMIT or CLOSE */
    size_t km;                    /* who dialled; WORLD_KMS_MAX: a stranger */
    char km_id[WORLD_NAME_BYTES]; /* whom the core took it for */
    enum ck_byte_order order;
    uint64_t opened_ms;
    struct asked asked[WORLD_ASKED_MAX];
    size_t asked_count;
    struct sent_request sent[WORLD_ASKED_MAX]; /* 0x04 as the core sent them */
    size_t sent_count;
};

struct outstanding {
    uint64_t relay_id;
    uint32_t message_id;
    struct session_handle session;
};

enum km_temper { KM_PROMPT, KM_SLOW, KM_SILENT, KM_RUDE };

struct sim_km {
    char name[WORLD_NAME_BYTES];
    char kma_names[WORLD_KMAS_PER_KM][WORLD_NAME_BYTES];
    struct text kma_ids[WORLD_KMAS_PER_KM];
    size_t kma_count;
    char identity_names[2][WORLD_NAME_BYTES];
    struct text identities[2];
    size_t identity_count;
    bool in_file; /* defined by the configuration file */
    bool enabled;
    struct ck_dialect dialect; /* as the file defines it, and as the API is told */
    struct policy policy;      /* likewise */
    enum ck_byte_order order;  /* what it speaks */
    uint16_t version;
    enum ck_key_style style;
    bool sends_extensions;
    enum km_temper temper;
    uint32_t next_message_id;
    struct session_handle session; /* its newest; generation 0: none */
    struct outstanding outstanding[WORLD_OUTSTANDING_MAX];
    size_t outstanding_count;
    uint64_t last_relay_id; /* a relay it was told of earlier, perhaps long ended */
    /* its newest 0x03, to repeat */
    unsigned char notify[WORLD_PAYLOAD_BYTES];
    size_t notify_bytes;
    uint32_t notify_message_id;
    char extension[WORLD_EXTENSION_BYTES]; /* of the newest request */
};

struct edge {
    size_t a, b; /* nodes */
    char name[WORLD_NAME_BYTES];
    bool up;
};

/* The KMAs and what links them: the truth outside, of which the bridge is told more or less. */
struct graph {
    struct text nodes[WORLD_NODES_MAX];
    size_t node_count;
    size_t owner[WORLD_NODES_MAX]; /* KM; WORLD_KMS_MAX: nobody's */
    struct edge edges[WORLD_EDGES_MAX];
    size_t edge_count;
    char extra_names[2][WORLD_NAME_BYTES];
    struct policy policies[WORLD_NODES_MAX]; /* of what goes there, as file and API are told */
};

struct held {
    bool lookup;
    uint64_t id;
};

struct orchestrator {
    bool exists; /* some worlds have none */
    uint32_t streams;
    uint64_t last_request_ms;
    bool ever_requested;
    struct held held[WORLD_HELD_MAX];
    size_t held_count;
    uint64_t next_command_id;
};

/* A next hop answer that was given (promise 4). */
struct answer {
    size_t at, destination, candidate; /* nodes */
    uint64_t given_ms;                 /* monotonic */
};

struct file_config {
    struct arena arena;
    struct km_config *kms;
    size_t km_count;
    struct application_config *applications;
    size_t application_count;
    struct destination_config *destinations;
    size_t destination_count;
    struct link_config *links;
    size_t link_count;
};

enum { STEP_LOOKUPS_MAX = 1024 }; /* that end in one step */

/* What is known of the step at hand while it is checked. */
struct step {
    const struct event *event; /* NULL: restore */
    enum core_status status;
    struct effect *first;        /* its effects */
    struct sim_session *session; /* of a message */
    bool was_live;
    bool short_of_memory;       /* in this step or the one before, whose rest it may have to tell */
    uint64_t repeated_relay_id; /* of a 0x03: the open relay with the same bytes; 0: none */
    bool repeat_must, repeat_may_be_new;
    struct km_config km; /* of the session, before the step; borrowed */
    bool km_known;
    uint64_t named_relay_id; /* of a 0x05: the KM's own relay that it names; 0: none */
    bool named_must;         /* it is outstanding, or ended without its KM's word (reading 9) */
    /* gathered while its effects are looked at */
    size_t relays_new, relays_completed, lookups_new, uncorrelated, protocol_errors, replies;
    bool refused;   /* the command */
    size_t objects; /* configuration rows, but for leases that ended */
    uint64_t new_relay_id, completed_relay_id;
    uint64_t states_told, states_noticed; /* sums over (relay, state): each must be told once */
    size_t sends_of_relay;                /* 0x04 of the repeated relay */
    size_t lookup_ended_count;
    uint64_t lookups_ended[STEP_LOOKUPS_MAX];
};

/* What the dry run told of the command that follows. */
struct rehearsal {
    bool done;
    bool whole; /* its lists were not cut */
    enum reply_status status;
    struct preview_touched relays[LIMIT_PREVIEW_TOUCHED], lookups[LIMIT_PREVIEW_TOUCHED];
    size_t relay_count, lookup_count;
};

struct failure {
    uint64_t relay_id, time_ms;
};

/* Of links, in this process's life. */
struct penalties {
    uint64_t until_ms[WORLD_EDGES_MAX]; /* monotonic; 0: not penalised */
    struct failure failures[WORLD_FAILURES_MAX];
    size_t failure_count;
};

/* Breaches that the checks must catch. */
enum sabotage {
    SABOTAGE_NONE,
    SABOTAGE_DROP_RESPONSE,
    SABOTAGE_DROP_ROW,
    SABOTAGE_REVIVE,
    SABOTAGE_SKIP_EVENT,
    SABOTAGE_SEND_TWICE,
    SABOTAGE_SEND_EARLY,
    SABOTAGE_LOOP,
    SABOTAGE_LEAK,
    SABOTAGE_OTHER_DECIDER,
    SABOTAGE_OTHER_COST,
    SABOTAGE_OTHER_BOTTLENECK,
    SABOTAGE_OTHER_WAY,
    SABOTAGE_NO_WAY,
    SABOTAGE_OTHER_HOP_COST,
    SABOTAGE_BREAK_CONSTRAINTS,
    SABOTAGE_BREAK_HOP_CONSTRAINTS,
    SABOTAGE_PENALISED_WAY,
    SABOTAGE_WHIM, /* caught by comparing two runs */
    SABOTAGES_END,
};

struct world_options {
    uint64_t seed;
    struct siphash_key hash_key;
    bool trace;
    bool rehearses; /* every change of the configuration is tried as a dry run first */
    enum sabotage sabotage;
};

struct world {
    struct world_options options;
    struct random random;
    struct coverage *coverage;
    jmp_buf *failed;
    char failure[512];

    struct counted_memory core_memory, turn_memory, reader_memory;
    struct memory plain_memory;
    struct core *core;
    struct core_settings settings;
    uint32_t orchestrator_ms_max, completion_ms_max; /* of all policies so far */
    uint64_t monotonic_ms, wall_ms;
    uint64_t digest; /* of all effects so far */
    uint64_t step_number;
    uint64_t started_ms;  /* monotonic: of this process's life */
    bool memory_may_fail; /* a trait of this seed */
    bool untold;          /* the newest step had no memory to tell all */
    bool quiescing;
    bool sabotaged; /* done; it is done once */

    struct step step;
    struct rehearsal rehearsal;

    /* store */
    struct turn *current; /* being filled */
    struct turn *first_turn, **last_turn;
    size_t turns_in_flight;
    uint64_t next_turn;
    size_t store_recovers_one_in; /* a trait of this seed */
    bool store_failing, store_failure_told, overload_told;
    struct rows rows;

    /* net */
    struct sim_session sessions[WORLD_SESSIONS_MAX];

    struct sim_km kms[WORLD_KMS_MAX];
    size_t km_count;
    uint64_t step_wall_ms; /* of the newest step: what the core knows of the time */
    bool memory_was_short; /* in some step; the newest was then: */
    uint64_t memory_short_ms;
    struct graph graph;
    char application_names[WORLD_APPLICATIONS_MAX][WORLD_NAME_BYTES];
    size_t application_nodes[WORLD_APPLICATIONS_MAX];
    size_t application_count; /* of those the bridge may know; one more name stays unknown */
    void *leaked;             /* by sabotage */
    struct orchestrator orchestrator;

    struct penalties penalties;
    struct book book;
    struct answer answers[WORLD_ANSWERS_MAX]; /* ring of the newest */
    size_t answer_count;
    size_t places[WORLD_NODES_MAX]; /* which hop a node belongs to, as enrolled now */

    uint64_t snapshot_change, snapshot_digest; /* of the last snapshot */
    struct snapshot *former;                   /* what the next view shares with; NULL: none */
    bool snapshot_taken;
};

/* world.c: life of one world */
/* True: every promise held; *out_digest is the digest of all effects. Sabotaged: *out_digest is 0 when there
   was no opportunity, and breaches are not printed. */
bool world_run(const struct world_options *options, struct coverage *coverage, uint64_t *out_digest);
_Noreturn void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_trace(const struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets the event's times, steps the core and checks what came out; returns what the core returned. */
enum core_status world_step(struct world *world, struct event *event);
void world_tick(struct world *world);

/* world_memory.c */
void counted_memory_init(struct counted_memory *counted, uint64_t seed);
struct memory plain_memory(void);

/* world_rows.c */
struct kept *kept_record(struct world *world, const struct record *record);
void kept_drop(struct kept *kept);
/* The row, made when it is not there yet. */
struct request_row *rows_relay(struct world *world, uint64_t relay_id);
struct request_row *rows_lookup(struct world *world, uint64_t lookup_id);
struct object_row *rows_object(struct world *world, enum record_kind kind, enum origin origin,
                               struct text id);
/* What the row of this record is, and its `shadow` replaced. */
void rows_put_shadow(struct world *world, struct kept *kept);
void rows_put_durable(struct world *world, struct kept *kept);
void rows_forget_shadow(struct world *world); /* crash: only what is durable is left */
void rows_fini(struct world *world);
enum record_kind record_base_kind(enum record_kind kind);
bool record_deletes(enum record_kind kind);
/* The configuration as of the newest step: the API's object before the file's; NULL: not there. */
const struct km_config *config_km(struct world *world, struct text km_id);
const struct application_config *config_application(struct world *world, struct text application_id);
const struct destination_config *config_destination(struct world *world, struct text kma_id);
bool text_copy_name(char *name, struct text text);

/* world_store.c */
void store_init(struct world *world);
void store_end_turn(struct world *world);
void store_commit(struct world *world, size_t turns, bool release);
void store_act(struct world *world);
void store_drop_turns(struct world *world); /* crash */
bool store_takes_input(const struct world *world);

/* world_net.c */
struct sim_session *net_session(struct world *world, struct session_handle handle); /* NULL: gone */
/* The session's handle; generation 0 when no slot is free. */
struct session_handle net_dial(struct world *world, size_t km, const struct text *identities, size_t count);
void net_leave(struct world *world, struct session_handle handle); /* the peer closes */
void net_deliver_closed(struct world *world);                      /* one that is due, if any */
bool net_has_closing(const struct world *world);
void net_frame(struct world *world, struct session_handle handle, const struct ck_header *header,
               enum ck_byte_order order, const unsigned char *payload);
void net_release(struct world *world, const struct effect *effect); /* ADMIT, SEND, CLOSE */
void net_forget(struct world *world);                               /* crash */
bool net_decode(struct text frame, enum ck_byte_order *out_order, struct ck_header *out_header);

/* world_km.c */
void km_act(struct world *world, size_t km);
void km_receive(struct world *world, size_t km, struct sim_session *session, struct text frame);
void km_answer_all(struct world *world, size_t km);
size_t km_of_text(const struct world *world, struct text km_id);

/* world_payload.c: payloads as KMs spell them; each returns the bytes written */
size_t payload_spell(struct world *world, const struct sim_km *km, const struct ck_message *message,
                     unsigned char *payload);
size_t payload_garbage(struct world *world, unsigned char *payload);

/* world_config.c */
void config_init(struct world *world);
void config_load_file(struct world *world, bool change);
size_t graph_path(const struct world *world, size_t from, size_t to, struct text *out_path);
size_t graph_node(const struct world *world, struct text kma_id); /* node_count: none */
void config_describe_km(const struct world *world, size_t km, struct km_config *out_config);

/* world_orchestrator.c */
void orchestrator_act(struct world *world);
void orchestrator_notice(struct world *world, const struct notice *notice); /* a released one */
bool orchestrator_present(const struct world *world, uint64_t leeway_ms);

/* world_command.c: commands that change configuration or start relays */
void command_act(struct world *world);
void command_enrol(struct world *world); /* most KMs that the file does not name */
/* Sends it as one that is waited for, and checks its reply. */
void command_send(struct world *world, struct command *command);

/* world_check.c */
/* The world's step, ready for this event; NULL: restore. */
struct step *check_before(struct world *world, const struct event *event);
void check_step(struct world *world, struct step *step);
void check_limits(struct world *world); /* after a tick: nothing is overdue */
void check_quiet(struct world *world);  /* at the end: nothing is open */

/* world_check_message.c: what a frame must have led to */
void check_message(struct world *world, struct step *step);
void check_message_before(struct world *world, struct step *step);

/* world_check_send.c: one frame against the rows that must stand behind it */
void check_send(struct world *world, struct step *step, const struct effect_send *send);
void check_lookups_answered(struct world *world, struct step *step);
void check_released(struct world *world, const struct effect *effect);

/* world_check_row.c */
void check_record(struct world *world, struct step *step, const struct record *record);

/* world_check_answer.c: promise 4 */
void check_answer(struct world *world, const struct lookup_record *lookup);
void check_walk(struct world *world);

/* world_check_learn.c: after a command that had memory */
void check_learned(struct world *world, const struct step *step);

/* world_check_explanation.c: before the row is replaced */
void explanation_check_relay(struct world *world, const struct relay_record *old,
                             const struct relay_record *new);
void explanation_check_lookup(struct world *world, const struct lookup_record *lookup);
/* world_check_hops.c */
void explanation_check_hops(struct world *world, const struct lookup_record *lookup,
                            const struct explained_step *step);

/* world_check_failing.c */
void check_failing(struct world *world, const struct step *step);
void check_penalties_end(struct world *world); /* after a tick */
void check_penalties_shown(struct world *world, const struct snapshot *snapshot);

/* world_policy.c: who decides, and by when */
struct policy policy_draw(struct world *world);
void policy_note_limits(struct world *world, const struct policy *policy);
/* Of what has just come into its state; sets the row's limit. */
void policy_check_relay(struct world *world, struct request_row *row, const struct relay_record *relay);
void policy_check_lookup(struct world *world, struct request_row *row, const struct lookup_record *lookup);
void policy_restart(struct world *world);
void policy_check_held(struct world *world); /* after a tick */

/* world_check_keys.c */
void check_path_is_up(struct world *world, const struct relay_record *relay); /* as it is sent */
void check_keys(struct world *world, const struct snapshot *snapshot);
/* A link's stock: as its configuration told it then, or as the journal says of it (NULL: nothing). */
int64_t keys_grown(const struct link_config *link, uint64_t told_ms, const struct budget_record *budget,
                   uint64_t wall_ms);

/* world_check_snapshot.c */
void check_snapshot(struct world *world);
void check_forget_snapshot(struct world *world); /* of the process that ended */

/* world_rehearse.c */
void rehearse(struct world *world, const struct event *event);
void rehearse_check(struct world *world, const struct step *step);

/* world_digest.c: promise 5 */
void digest_effect(struct world *world, const struct effect *effect);
uint64_t digest_mix(uint64_t digest, const void *bytes, size_t count);
uint64_t digest_text(uint64_t digest, struct text text);

/* world_sabotage.c */
const char *sabotage_name(enum sabotage sabotage);
/* What the failure must say that finds it. */
const char *sabotage_symptom(enum sabotage sabotage);
void sabotage_step(struct world *world, struct effect **first);

/* world_sabotage_explanation.c: true: the effect was spoilt */
bool sabotage_explanation(struct world *world, struct effect *first, struct effect *effect);

#endif
