/* SPDX-License-Identifier: Apache-2.0 */
/* One run: everything it owns, and the calls by which its parts tell each other what happened. */
#ifndef CKSIM_SIMULATION_H
#define CKSIM_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "ck/message.h"
#include "cksim/credentials.h"
#include "cksim/flow.h"
#include "cksim/network.h"
#include "cksim/random.h"
#include "cksim/scenario.h"
#include "cksim/tally.h"
#include "cksim/timers.h"
#include "net/client.h"

enum member_state {
    MEMBER_AWAY,
    MEMBER_CONNECTING,
    MEMBER_CONNECTED, /* its own certificate: it takes part */
    MEMBER_IMPOSTOR,  /* connected under a wrong certificate: it only probes */
};

/* A KM at run time. */
struct member {
    struct simulation *simulation;
    struct client *client; /* NULL while away */
    enum member_state state;
    bool served; /* something was answered since it connected */
    bool stalled;
    bool gone;                             /* a fault keeps it away */
    const struct scenario_fault *impostor; /* the fault whose certificate it shows, or NULL */
    uint32_t storm;                        /* the storm that it is to recover from: its fault + 1, or 0 */
    uint32_t storm_hit; /* the same, but until the fault's next storm: it was not unaffected */
    uint32_t message_id, first_message_id;
    uint32_t attempts;   /* connections tried since it was last served */
    uint32_t idle_slots; /* of the closed load: requests to start as soon as it is connected */
    uint64_t opened_ns, connected_at_ns;
    struct timer reconnect;
    struct flow *waiting;
};

enum phase { PHASE_CONNECTING, PHASE_LOAD, PHASE_DRAIN, PHASE_DONE };

/* What became of one [fault]. */
struct fault_run {
    struct simulation *simulation;
    const struct scenario_fault *fault;
    struct timer begin, end;
    uint32_t *targets; /* of the latest time */
    uint32_t target_count;
    uint64_t times, targets_hit;
    /* storm */
    uint64_t storm_began_ns, recovery_ns_max, unaffected_worst_ns;
    uint32_t storm_remaining;
    uint64_t storms_recovered;
    /* wrong_certificate */
    uint64_t refused, accepted;
};

struct simulation {
    const struct scenario *scenario;
    struct loop *loop;
    struct clients *clients;
    struct credentials *credentials;
    struct timers timers;
    struct network network;
    struct flows flows;
    struct member *members;
    struct fault_run *faults;
    struct tally tally;
    struct random random_load, random_fleet, random_fault;
    enum phase phase;
    bool interrupted;

    uint64_t began_ns; /* of connecting */
    uint32_t connects_begun, connecting;
    struct timer connect_timer, arrival_timer, phase_timer, sample_timer;
    double next_arrival_ns; /* open load */
    uint32_t *pairs_of;     /* km_count + 1 places in scenario.pairs, sorted by the source's KM */
};

/* run.c */
bool simulation_init(struct simulation *simulation, const struct scenario *scenario,
                     struct complaint *complaint);
void simulation_fini(struct simulation *simulation);
/* `tick` is called several times a second. */
bool simulation_run(struct simulation *simulation,
                    void (*tick)(void *context, const struct simulation *simulation), void *context,
                    struct complaint *complaint);
/* The load is over: by time, by count or by the user. */
void simulation_begin_drain(struct simulation *simulation, uint64_t now_ns);
void simulation_flow_due(struct flow *flow, uint64_t now_ns);

/* fleet.c: connections */
void fleet_init(struct simulation *simulation);
void fleet_begin(struct simulation *simulation, uint64_t now_ns);
uint32_t fleet_index(const struct member *member);
bool fleet_send(struct member *member, enum ck_command command, uint32_t message_id,
                const struct ck_message *message);
/* Resets the connection; it connects again after `wait_ns`, or not while it is gone. */
void fleet_reset(struct member *member, uint64_t wait_ns);
/* It was answered. */
void fleet_served(struct member *member, uint64_t latency_ns, uint64_t now_ns);

/* request.c: what a KM asks and reports */
struct flow *request_begin(struct simulation *simulation, enum flow_kind kind, uint32_t source,
                           uint32_t destination, uint32_t application, uint64_t intended_ns);
void request_ask(struct flow *flow, uint32_t km, uint64_t asked_ns);
void request_probe(struct member *member, bool wrong, uint64_t now_ns);
/* After a reconnect: asks again, and reports what could not be reported. */
void request_resume(struct member *member, uint64_t now_ns);
/* The session is gone. */
void request_interrupted(struct member *member, uint64_t now_ns);
void request_due(struct flow *flow, uint64_t now_ns);
/* Counts how the request ended, once; the flow itself stays. */
void request_ended(struct flow *flow, enum outcome outcome, uint64_t now_ns);

/* answer.c: what the controller says, checked */
void answer_frame(struct member *member, const struct ck_header *header, unsigned char *payload);

/* relay.c: keys on their way */
void relay_begin(struct flow *flow, uint64_t now_ns);
void relay_take_candidate(struct flow *flow, const uint32_t *candidates, uint32_t count, uint64_t now_ns);
void relay_due(struct flow *flow, uint64_t now_ns);
/* Sends the Response and ends the flow. */
void relay_report(struct flow *flow, uint64_t now_ns);

/* load.c: who asks for what, and when */
void load_init(struct simulation *simulation);
void load_fini(struct simulation *simulation);
void load_begin(struct simulation *simulation, uint64_t now_ns);
void load_connected(struct member *member, uint64_t now_ns);
void load_slot_free(struct simulation *simulation, uint32_t km, uint64_t now_ns);
void load_resume(struct flow *flow, uint64_t now_ns);

/* fault.c */
void fault_init(struct simulation *simulation);
void fault_fini(struct simulation *simulation);
void fault_begin_all(struct simulation *simulation, uint64_t now_ns);
/* A member that a storm hit was answered; another one was answered while storms blow. */
void fault_served(struct member *member, uint64_t latency_ns, uint64_t now_ns);

#endif
