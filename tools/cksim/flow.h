/* SPDX-License-Identifier: Apache-2.0 */
/* A flow is one key request from its start at a KM to its end; flows are pooled and found by what answers
 * name. */
#ifndef CKSIM_FLOW_H
#define CKSIM_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "cksim/timers.h"

struct simulation;

enum flow_kind {
    FLOW_CENTRALIZED, /* 0x03, 0x04, relay, 0x05 (Ck 7.2) */
    FLOW_DISTRIBUTED, /* 0x01 and 0x02 at every hop (Ck 7.1) */
    FLOW_PROBE,       /* one 0x01 to see whether the KM is served; not of the load */
    FLOW_UNSOLICITED, /* a 0x04 that nobody asked for, its relay and 0x05; not of the load */
};

/*
 * paused -> asking -> relaying -> (reporting) -> done;  distributed: asking and relaying alternate
 * asking -> abandoned: no answer in time; kept so that a late one is known as such
 * relaying, reporting -> lingering: a repeated request may be answered once more
 */
enum flow_state { FLOW_PAUSED, FLOW_ASKING, FLOW_RELAYING, FLOW_REPORTING, FLOW_ABANDONED, FLOW_LINGERING };

struct flow {
    struct timer timer;
    struct simulation *simulation;
    enum flow_kind kind;
    enum flow_state state;
    uint32_t km;                  /* where it began; its slot of the closed load */
    uint32_t source, destination; /* KMAs */
    uint32_t application;         /* asked for instead of the destination, or NOBODY */
    uint32_t asker;               /* the KM that sent the request at hand */
    uint64_t exchange;            /* asker << 32 | MessageID: the key of the table; 0: not asking */
    uint64_t relay_id;            /* 0: none yet */
    uint64_t intended_ns;         /* when it should have started: latency counts from here */
    uint64_t asked_ns;            /* of the exchange at hand; distributed hops count from here */
    uint32_t *path;               /* KMAs, source first: the whole path, or the hops taken so far */
    uint32_t path_count, path_capacity;
    uint32_t position;            /* in the path: the KMA that holds the key */
    uint8_t result;               /* enum hop_status of the relay */
    bool repeated, wrong;         /* request was sent again; asked under a wrong certificate */
    char words[160];              /* of the Response, when the relay failed */
    uint32_t waits_at;            /* the KM on whose list it stands, or NOBODY */
    struct flow *previous, *next; /* there; or in the free list */
};

struct flows {
    struct flow **chunks;
    size_t chunk_count, chunk_capacity;
    struct flow *free;
    struct table by_exchange, by_relay;
};

void flows_init(struct flows *flows);
void flows_fini(struct flows *flows);
/* Cleared but for its path's room. */
struct flow *flow_new(struct simulation *simulation, enum flow_kind kind);
/* Takes it out of every table and list, and cancels its timer. */
void flow_free(struct flow *flow);
/* Appends to the path. */
void flow_append(struct flow *flow, uint32_t kma);

/* Makes it findable by the MessageID with which `asker` asks. */
void flow_set_exchange(struct flow *flow, uint32_t asker, uint32_t message_id);
void flow_clear_exchange(struct flow *flow);
struct flow *flow_by_exchange(struct flows *flows, uint32_t asker, uint32_t message_id);
void flow_set_relay_id(struct flow *flow, uint64_t relay_id);
struct flow *flow_by_relay_id(struct flows *flows, uint64_t relay_id);

/* Puts it on the list of the flows that wait for something of this KM: an answer, or a connection to report
 * on. */
void flow_wait_at(struct flow *flow, uint32_t km);

#endif
