/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a request was decided as it was, as known at that moment: which deciders were asked, in their order,
 * and what came of each. It is kept with the relay or lookup in a compact form, of which only this file
 * knows.
 */
#ifndef CORE_EXPLANATION_H
#define CORE_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/packing.h"
#include "core/vocabulary.h"

enum {
    EXPLANATION_PASSED_MAX = 3,    /* routes that could not be used; further ones are left out */
    EXPLANATION_WAYS_MAX = 3,      /* ways that were not taken; likewise */
    EXPLANATION_STEP_BYTES = 2560, /* of one step; ways that do not fit any more are left out */
    EXPLANATION_BYTES_MAX = 8 * EXPLANATION_STEP_BYTES, /* of all; a request makes at most 5 steps */
};

/* What came of a decider. Stored by number: new ones may only be appended. */
enum explained {
    EXPLAINED_DECIDED,
    EXPLAINED_UNKNOWN_DESTINATION, /* of an application that nobody knows: there was nothing to ask for */
    EXPLAINED_NO_MATCH,            /* routes: none is for it */
    EXPLAINED_UNUSABLE,            /* routes: the best one could not be used: expired, a link down ... */
    EXPLAINED_INSUFFICIENT_KEYS,
    EXPLAINED_WOULD_LOOP,
    EXPLAINED_BREAKS_CONSTRAINTS,
    EXPLAINED_ABSENT,    /* the orchestrator: it was not there, and its turn was skipped */
    EXPLAINED_WAITING,   /* it is being asked */
    EXPLAINED_TIMED_OUT, /* it said nothing within its time */
    EXPLAINED_REJECTED,
    EXPLAINED_OVERTAKEN, /* a route that came meanwhile decided */
    EXPLAINED_ABANDONED, /* the request ended before */
    EXPLAINED_NO_ROUTE,  /* computed: there is no way */
    EXPLAINED_CONSTRAINTS_UNMET,
    EXPLAINED_WORK_LIMIT,      /* none was found within the limit of work */
    EXPLAINED_WITHDRAWN,       /* the orchestrator: the policy was changed meanwhile, and gives it no turn */
    EXPLAINED_BAD_CONSTRAINTS, /* the request's can't be read, so that no way is known to keep them */
    EXPLAINED_END,
};
/* "decided", "no_match" ... */
const char *explained_name(enum explained outcome);

/* What a request may be constrained by. Stored by number: new ones may only be appended. */
enum constraint {
    CONSTRAINT_AVOID_KMAS,
    CONSTRAINT_AVOID_LINKS,
    CONSTRAINT_REQUIRE_KMAS,
    CONSTRAINT_MAX_HOPS,
    CONSTRAINT_MIN_KEY_STOCK,
    CONSTRAINTS_END,
};
/* The member that says it: "avoid_kma_ids" ... */
const char *constraint_name(enum constraint constraint);

/* By what the bridge computes. Stored by number: new ones may only be appended. */
enum explained_rule {
    RULE_WIDEST_SHORTEST, /* the first three are metrics of paths */
    RULE_SHORTEST,
    RULE_WIDEST,
    RULE_NEAREST_NEXT_HOP,
    RULES_END,
};
const char *explained_rule_name(enum explained_rule rule);

/* What stood against a route or a way. Stored by number: new ones may only be appended. */
enum obstacle {
    OBSTACLE_NONE,
    OBSTACLE_EXPIRED,      /* of a route */
    OBSTACLE_UNKNOWN_KMA,  /* `object`: the KMA */
    OBSTACLE_DISABLED_KMA, /* likewise */
    OBSTACLE_LINK_DOWN,    /* `object`: the link */
    OBSTACLE_INSUFFICIENT_KEYS,
    OBSTACLE_FEW_KEYS,     /* fewer than min_key_stock */
    OBSTACLE_KEYS_UNKNOWN, /* min_key_stock was asked for */
    OBSTACLE_PENALISED,
    OBSTACLE_LINK_AVOIDED,
    OBSTACLE_KMA_AVOIDED,     /* `object`: the KMA */
    OBSTACLE_KMA_MISSING,     /* one that is required; `object`: the KMA */
    OBSTACLE_TOO_MANY_HOPS,   /* more than max_hops */
    OBSTACLE_HIGHER_COST,     /* of a way: usable, and not the best */
    OBSTACLE_NARROWER,        /* of equal cost */
    OBSTACLE_MORE_HOPS,       /* of equal cost and keys */
    OBSTACLE_LATER_NAMES,     /* equal in all */
    OBSTACLE_NOT_NEARER,      /* of a next hop: no nearer to the destination */
    OBSTACLE_WOULD_LOOP,      /* of a next hop; `object`: the KMA */
    OBSTACLE_BAD_CONSTRAINTS, /* the request's can't be read */
    OBSTACLES_END,
};
/* "link_down" ...; NULL for OBSTACLE_NONE. */
const char *obstacle_name(enum obstacle obstacle);
/* What its object is. */
enum obstacle_object { OBSTACLE_OF_NOTHING, OBSTACLE_OF_KMA, OBSTACLE_OF_LINK };
/* It is against the request's own constraints, which could be read. */
bool obstacle_is_of_constraints(enum obstacle obstacle);
enum obstacle_object obstacle_object(enum obstacle obstacle);

struct explained_route {
    struct text route_id;
    enum obstacle obstacle;
    struct text object; /* a link or a KMA; absent: none */
};

/* A way that was not taken. */
struct explained_way {
    enum obstacle obstacle;
    struct text object;
    uint64_t cost;           /* as far as links told it; a penalised link as dear as a link can be */
    struct text bottleneck;  /* the link of the least key stock; absent: not known */
    int64_t bottleneck_keys; /* -1: nobody told */
    const struct text *path; /* source to destination; of a next hop these two alone */
    size_t path_length;
};

struct explained_step {
    enum decider decider;
    enum explained outcome;
    /* routes */
    struct text route_id; /* that decided; absent: the record names it */
    uint64_t route_revision;
    struct explained_route
        passed[EXPLANATION_PASSED_MAX]; /* best first; all better than the one that decided */
    size_t passed_count;
    /* computed */
    enum explained_rule rule;
    uint64_t cost;
    struct text bottleneck; /* absent: not known */
    int64_t bottleneck_keys;
    struct explained_way ways[EXPLANATION_WAYS_MAX];
    size_t way_count;
    bool ways_unsought; /* other ways were not looked for, or not to the end */
};

/* Nobody was asked yet. `ignored`: constraints that no next hop can keep, a set of 1 << enum constraint.
   False: out of memory, and *explanation is absent, as also below. */
bool explanation_begin(struct arena *arena, uint64_t ignored, struct text *explanation);
/*
 * One more was asked: *explanation is replaced by a longer one in the arena; an absent one begins. `path` is
 * the one that was decided: its names are not repeated in those of `ways`, and reading wants it again.
 */
bool explanation_add(struct arena *arena, const struct explained_step *step, const struct text *path,
                     size_t path_length, struct text *explanation);
/* What came of the orchestrator that was being asked; nothing if none was, and of an absent one the first
   step. */
bool explanation_settle(struct arena *arena, enum explained outcome, struct text *explanation);

/* ---- read again ---- */

/* What the ways of one step name. */
struct explanation_storage {
    struct text path[EXPLANATION_WAYS_MAX][LIMIT_PATH_KMAS];
};

struct explanation_reader {
    struct unpacker unpacker;
    const struct text *path;
    size_t path_length;
    uint64_t ignored;
};

/* False: it is absent, or damaged. */
bool explanation_open(struct text explanation, const struct text *path, size_t path_length,
                      struct explanation_reader *out_reader);
/* False: there is no more, or what follows is damaged. Texts of the step are views of the explanation, of the
   path and of the storage. */
bool explanation_next(struct explanation_reader *reader, struct explanation_storage *storage,
                      struct explained_step *out_step);

#endif
