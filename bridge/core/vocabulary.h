/* SPDX-License-Identifier: Apache-2.0 */
/* The words that states, reasons and event types have northbound; one enumeration and one name each. */
#ifndef CORE_VOCABULARY_H
#define CORE_VOCABULARY_H

#include <stdbool.h>

#include "base/text.h"

/*
 * relay:  received -> awaiting_decision -> instructed -> succeeded | failed | expired | orphaned
 *         received, awaiting_decision -> failed | rejected | orphaned;  expired, orphaned -> succeeded |
 * failed (late)
 */
enum relay_state {
    RELAY_RECEIVED,
    RELAY_AWAITING_DECISION,
    RELAY_INSTRUCTED,
    RELAY_SUCCEEDED,
    RELAY_FAILED,
    RELAY_REJECTED,
    RELAY_EXPIRED,
    RELAY_ORPHANED,
    RELAY_STATES_END,
};
bool relay_state_is_terminal(enum relay_state state);
const char *relay_state_name(enum relay_state state);
bool relay_state_from_name(struct text name, enum relay_state *out_state);

enum lookup_state {
    LOOKUP_RECEIVED,
    LOOKUP_AWAITING_DECISION,
    LOOKUP_ANSWERED,
    LOOKUP_REJECTED,
    LOOKUP_STATES_END
};
const char *lookup_state_name(enum lookup_state state);
bool lookup_state_from_name(struct text name, enum lookup_state *out_state);

enum decider { DECIDER_NONE, DECIDER_ROUTE, DECIDER_ORCHESTRATOR, DECIDER_COMPUTED, DECIDERS_END };
/* "route", "orchestrator", "computed"; NULL for DECIDER_NONE. */
const char *decider_name(enum decider decider);
bool decider_from_name(struct text name, enum decider *out_decider);
/* As a policy's order has them: "routes", "orchestrator", "computed"; a decision is by a "route". */
const char *turn_name(enum decider decider);
bool turn_from_name(struct text name, enum decider *out_decider);

/* Why something ended, was refused or was reported; the northbound `reason`. */
enum reason {
    REASON_NONE,
    /* relays and lookups */
    REASON_NO_ROUTE,
    REASON_SOURCE_NOT_AUTHORISED,
    REASON_SOURCE_AMBIGUOUS,
    REASON_DESTINATION_CONFLICT,
    REASON_UNKNOWN_APPLICATION,
    REASON_FRAME_TOO_LARGE,
    REASON_INSUFFICIENT_KEYS,
    REASON_OVERLOAD,
    REASON_REJECTED,   /* by the orchestrator; its words are the detail */
    REASON_KM_FAILURE, /* the KM's Response was no success; its words are the detail */
    REASON_COMPLETION_TIMEOUT,
    REASON_KM_REMOVED,
    REASON_KM_DISABLED,
    REASON_KM_AWAY,
    REASON_SESSION_LOST, /* a held lookup whose session ended before its answer */
    REASON_AT_DESTINATION,
    REASON_MALFORMED,
    REASON_WOULD_LOOP,        /* every candidate would have closed a cycle with recent answers */
    REASON_BAD_CONSTRAINTS,   /* the request's own can't be understood; the detail says which member */
    REASON_CONSTRAINTS_UNMET, /* there is a way, but none that keeps the request's own constraints */
    /* sessions */
    REASON_NOT_ENROLLED,
    REASON_HELD_OFF,
    REASON_FLAPPING,
    REASON_REPLACED,
    REASON_BAD_VERSION,
    REASON_TOO_MANY_BAD_FRAMES,
    REASON_REFUSED_BY_DIALECT, /* dialect refusal: close */
    REASON_PEER_CLOSED,
    REASON_CONNECTION_ERROR,
    REASON_IDLE,
    REASON_SLOW_READER,
    REASON_SHUTDOWN,
    REASON_TLS_HANDSHAKE, /* detail says what OpenSSL said: expired, revoked, self-signed, unknown CA ... */
    REASON_AMBIGUOUS_IDENTITY, /* the certificate's names belong to more than one KM */
    /* commands */
    REASON_NOT_FOUND,
    REASON_NOT_HELD, /* a decision for a request that is not held any more */
    REASON_UNKNOWN_KMA,
    REASON_DISABLED_KMA,
    REASON_PATH_LOOPS,
    REASON_PATH_ENDPOINTS, /* a path that does not start or end where it claims */
    REASON_PATH_TOO_LONG,
    REASON_LINK_DOWN,
    REASON_CYCLE,     /* routes of one destination that together form a cycle */
    REASON_KMA_TAKEN, /* a KMA, identity or name that belongs to another object */
    REASON_LIMIT_REACHED,
    REASON_REVISION_MISMATCH,
    REASON_DEFINED_IN_FILE,
    REASON_KM_NOT_CONNECTED,
    REASON_STORE_UNAVAILABLE,
    REASON_INVALID,
    REASONS_END,
};
/* The code in northbound answers, e.g. "no_route"; NULL for REASON_NONE. */
const char *reason_name(enum reason reason);
bool reason_from_name(struct text name, enum reason *out_reason);

enum notice_type {
    NOTICE_KM_CONNECTED,
    NOTICE_KM_DISCONNECTED,
    NOTICE_KM_REFUSED,
    NOTICE_RELAY_RECEIVED,
    NOTICE_RELAY_AWAITING_DECISION,
    NOTICE_RELAY_INSTRUCTED,
    NOTICE_RELAY_SUCCEEDED,
    NOTICE_RELAY_FAILED,
    NOTICE_RELAY_REJECTED,
    NOTICE_RELAY_EXPIRED,
    NOTICE_RELAY_ORPHANED,
    NOTICE_RELAY_UNCORRELATED,
    NOTICE_LOOKUP_ANSWERED,
    NOTICE_LOOKUP_AWAITING_DECISION,
    NOTICE_ROUTE_CHANGED,
    NOTICE_LINK_CHANGED,
    NOTICE_CONFIG_CHANGED,
    NOTICE_CK_PROTOCOL_ERROR,
    NOTICE_OVERLOAD_ENTERED,
    NOTICE_OVERLOAD_LEFT,
    NOTICES_END,
};
/* "km.connected" ... */
const char *notice_type_name(enum notice_type type);
bool notice_type_from_name(struct text name, enum notice_type *out_type);

enum security { SECURITY_TLS, SECURITY_PSK, SECURITY_PLAIN };
const char *security_name(enum security security);

#endif
