/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wants a key of whom in the course of a day: few at night, most in office hours; pairs that want many,
 * neighbours within a metropolitan network, and anybody of anybody. The same for the same seed, whatever
 * becomes of it.
 */
#ifndef TESTS_BACKBONE_TRAFFIC_H
#define TESTS_BACKBONE_TRAFFIC_H

#include <stdbool.h>

#include "backbone/backbone.h"
#include "seeded.h"

enum {
    TRAFFIC_TURN_MS = 250, /* in each at most TRAFFIC_PER_TURN ask */
    TRAFFIC_PER_TURN = 16,
    TRAFFIC_HOT_PAIRS = 24,
};

struct traffic_wish {
    uint32_t source, destination;
    bool doomed;       /* one of its KMs will fail it, keys or not ... */
    uint32_t doom_hop; /* ... at this hop, or the last */
};

struct traffic {
    const struct backbone *backbone;
    struct seeded seeded;
    uint64_t wishes_a_peak_hour;
    uint64_t doom_one_in; /* 0: none is */
    uint32_t hot_pairs[TRAFFIC_HOT_PAIRS][2];
};

/* Sets all but wishes_a_peak_hour and doom_one_in, which the caller does. */
void traffic_init(struct traffic *traffic, const struct backbone *backbone, uint64_t seed);
/* Those of one turn at this time of day; how many. */
size_t traffic_turn(struct traffic *traffic, uint64_t time_of_day_ms,
                    struct traffic_wish wishes[TRAFFIC_PER_TURN]);

#endif
