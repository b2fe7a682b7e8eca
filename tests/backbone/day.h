/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day of key relays through a made national network, in simulated time: every wish for a key becomes a
 * Notify to the real core, which decides by its planner and key budget; what it instructs then uses up keys
 * hop by hop of links that run short, fail and recover. The same for the same options.
 */
#ifndef TESTS_BACKBONE_DAY_H
#define TESTS_BACKBONE_DAY_H

#include <stdio.h>

#include "backbone/backbone.h"
#include "backbone/stock.h"
#include "backbone/traffic.h"
#include "base/heap.h"
#include "core/core.h"
#include "heap_memory.h"

enum {
    DAY_HOUR_MS = 3600000,
    DAY_HOP_MS = 50,          /* a relay takes so long from hop to hop */
    DAY_DETECTION_MS = 30000, /* after so long the controller is told that a link is down, or up again */
    DAY_TELL_MS = 900000,     /* every so often it is told what is in stock */
    DAY_CAPACITY_HOURS = 4,   /* a link keeps what it makes in so long */
    DAY_FLIGHTS_MAX = 4096,   /* relays under way */
    DAY_FAULTS_MAX = 64,
};

/* How what was instructed ended. */
enum day_end { DAY_SUCCEEDED, DAY_LACKED_KEYS, DAY_LINK_DOWN, DAY_KM_FAILED, DAY_ENDS };

struct day_options {
    struct backbone_size size;
    uint64_t seed;
    uint64_t wishes_a_peak_hour;
    uint64_t starts_ms, lasts_ms; /* the time of day */
    size_t link_faults;           /* within the time, of single links and of all of a node, each for 2 */
    size_t node_faults;           /* minutes to 4 hours */
    uint64_t doom_one_in;         /* of so many relays the KMs fail one, keys or not; 0: none */
    enum paths_metric metric;
    uint32_t stocks_percent;  /* of what links can keep, at the start */
    bool tells_stocks;        /* false: the core knows no stock, and no link is short of keys for it */
    uint64_t (*now_ns)(void); /* by which decisions are measured; NULL: they are not */
    void (*decided)(void *context, const struct traffic_wish *wish, uint64_t took_ns); /* or NULL */
    void *context;
};

struct day_figures {
    uint64_t wishes, instructed;
    uint64_t refused[REASONS_END]; /* by reason */
    uint64_t ended[DAY_ENDS];      /* of those instructed */
    uint64_t keys_used;            /* by relays that succeeded: one a hop */
    uint64_t keys_wasted;          /* by relays that failed at a later hop */
};

struct day_flight {
    struct heap_node hop; /* when it comes to the next link */
    struct day_flight *next_free;
    uint64_t relay_id;
    uint32_t source;
    uint32_t links[LIMIT_PATH_KMAS];
    size_t length, at;
    struct traffic_wish wish;
};

/* Of one link, or of all links of a node. */
struct day_fault {
    struct heap_node next;
    uint32_t links[BACKBONE_NODES_MAX];
    size_t link_count;
    uint64_t lasts_ms;
    enum { DAY_FAULT_COMES, DAY_FAULT_COME, DAY_FAULT_TOLD, DAY_FAULT_GONE } stage;
};

/* A link as it is, and as it must look to the core by what that was told. */
struct day_link {
    struct stock stock;
    struct stock reckoned;   /* told, grown since, and less by relays that succeeded */
    uint32_t keys_under_way; /* used by relays that have not ended */
    uint32_t told_faults;    /* 0: told to be up */
    uint64_t used;           /* by relays that succeeded */
};

struct day {
    struct day_options options;
    struct backbone backbone;
    struct traffic traffic;
    struct day_link links[BACKBONE_LINKS_MAX];
    struct day_flight flights[DAY_FLIGHTS_MAX];
    struct day_flight *free_flights;
    struct day_fault faults[DAY_FAULTS_MAX];
    struct heap flight_times, fault_times;
    struct heap_memory heap;
    struct memory memory;
    struct core *core;
    struct effects effects;
    uint64_t now_ms, next_turn_ms, next_tell_ms;
    uint32_t message_id;
    struct day_figures figures;
};

/* On the heap, for it is large; never NULL: whatever fails ends the program, with the seed said. */
struct day *day_new(const struct day_options *options);
/* Also checks that the core released all that it took. */
void day_free(struct day *day);
/* Goes on to `end_ms` after the start. */
void day_run(struct day *day, uint64_t end_ms);
/* Nobody asks any more; what is under way comes to its end. */
void day_finish(struct day *day);
/* What the core shows; to be released. */
struct snapshot *day_snapshot(struct day *day);

#endif
