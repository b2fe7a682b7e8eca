/* SPDX-License-Identifier: Apache-2.0 */
#include "core/vocabulary.h"

#include "core/command.h"
#include "core/directory.h"

#include <stddef.h>

static const char *const relay_states[] = {
    [RELAY_RECEIVED] = "received",     [RELAY_AWAITING_DECISION] = "awaiting_decision",
    [RELAY_INSTRUCTED] = "instructed", [RELAY_SUCCEEDED] = "succeeded",
    [RELAY_FAILED] = "failed",         [RELAY_REJECTED] = "rejected",
    [RELAY_EXPIRED] = "expired",       [RELAY_ORPHANED] = "orphaned",
};
_Static_assert(sizeof relay_states / sizeof *relay_states == RELAY_STATES_END, "one name each");

static const char *const lookup_states[] = {
    [LOOKUP_RECEIVED] = "received",
    [LOOKUP_AWAITING_DECISION] = "awaiting_decision",
    [LOOKUP_ANSWERED] = "answered",
    [LOOKUP_REJECTED] = "rejected",
};
_Static_assert(sizeof lookup_states / sizeof *lookup_states == LOOKUP_STATES_END, "one name each");

static const char *const deciders[] = {
    [DECIDER_NONE] = NULL,
    [DECIDER_ROUTE] = "route",
    [DECIDER_ORCHESTRATOR] = "orchestrator",
    [DECIDER_COMPUTED] = "computed",
};
_Static_assert(sizeof deciders / sizeof *deciders == DECIDERS_END, "one name each");

static const char *const turns[] = {
    [DECIDER_NONE] = NULL,
    [DECIDER_ROUTE] = "routes",
    [DECIDER_ORCHESTRATOR] = "orchestrator",
    [DECIDER_COMPUTED] = "computed",
};
_Static_assert(sizeof turns / sizeof *turns == DECIDERS_END, "one name each");

static const char *const reasons[] = {
    [REASON_NONE] = NULL,
    [REASON_NO_ROUTE] = "no_route",
    [REASON_SOURCE_NOT_AUTHORISED] = "source_not_authorised",
    [REASON_SOURCE_AMBIGUOUS] = "source_ambiguous",
    [REASON_DESTINATION_CONFLICT] = "destination_conflict",
    [REASON_UNKNOWN_APPLICATION] = "unknown_application",
    [REASON_FRAME_TOO_LARGE] = "frame_too_large",
    [REASON_INSUFFICIENT_KEYS] = "insufficient_keys",
    [REASON_OVERLOAD] = "overload",
    [REASON_REJECTED] = "rejected",
    [REASON_KM_FAILURE] = "km_failure",
    [REASON_COMPLETION_TIMEOUT] = "completion_timeout",
    [REASON_KM_REMOVED] = "km_removed",
    [REASON_KM_DISABLED] = "km_disabled",
    [REASON_KM_AWAY] = "km_away",
    [REASON_SESSION_LOST] = "session_lost",
    [REASON_AT_DESTINATION] = "at_destination",
    [REASON_MALFORMED] = "malformed",
    [REASON_WOULD_LOOP] = "would_loop",
    [REASON_BAD_CONSTRAINTS] = "bad_constraints",
    [REASON_CONSTRAINTS_UNMET] = "constraints_unmet",
    [REASON_NOT_ENROLLED] = "not_enrolled",
    [REASON_HELD_OFF] = "held_off",
    [REASON_FLAPPING] = "flapping",
    [REASON_REPLACED] = "replaced",
    [REASON_BAD_VERSION] = "bad_version",
    [REASON_TOO_MANY_BAD_FRAMES] = "too_many_bad_frames",
    [REASON_REFUSED_BY_DIALECT] = "refused_by_dialect",
    [REASON_PEER_CLOSED] = "peer_closed",
    [REASON_CONNECTION_ERROR] = "connection_error",
    [REASON_IDLE] = "idle",
    [REASON_SLOW_READER] = "slow_reader",
    [REASON_SHUTDOWN] = "shutdown",
    [REASON_TLS_HANDSHAKE] = "tls_handshake",
    [REASON_AMBIGUOUS_IDENTITY] = "ambiguous_identity",
    [REASON_NOT_FOUND] = "not_found",
    [REASON_NOT_HELD] = "not_held",
    [REASON_UNKNOWN_KMA] = "unknown_kma",
    [REASON_DISABLED_KMA] = "disabled_kma",
    [REASON_PATH_LOOPS] = "path_loops",
    [REASON_PATH_ENDPOINTS] = "path_endpoints",
    [REASON_PATH_TOO_LONG] = "path_too_long",
    [REASON_LINK_DOWN] = "link_down",
    [REASON_CYCLE] = "cycle",
    [REASON_KMA_TAKEN] = "kma_taken",
    [REASON_LIMIT_REACHED] = "limit_reached",
    [REASON_REVISION_MISMATCH] = "revision_mismatch",
    [REASON_DEFINED_IN_FILE] = "defined_in_file",
    [REASON_KM_NOT_CONNECTED] = "km_not_connected",
    [REASON_STORE_UNAVAILABLE] = "store_unavailable",
    [REASON_INVALID] = "invalid",
};
_Static_assert(sizeof reasons / sizeof *reasons == REASONS_END, "one name each");

static const char *const notice_types[] = {
    [NOTICE_KM_CONNECTED] = "km.connected",
    [NOTICE_KM_DISCONNECTED] = "km.disconnected",
    [NOTICE_KM_REFUSED] = "km.refused",
    [NOTICE_RELAY_RECEIVED] = "relay.received",
    [NOTICE_RELAY_AWAITING_DECISION] = "relay.awaiting_decision",
    [NOTICE_RELAY_INSTRUCTED] = "relay.instructed",
    [NOTICE_RELAY_SUCCEEDED] = "relay.succeeded",
    [NOTICE_RELAY_FAILED] = "relay.failed",
    [NOTICE_RELAY_REJECTED] = "relay.rejected",
    [NOTICE_RELAY_EXPIRED] = "relay.expired",
    [NOTICE_RELAY_ORPHANED] = "relay.orphaned",
    [NOTICE_RELAY_UNCORRELATED] = "relay.uncorrelated",
    [NOTICE_LOOKUP_ANSWERED] = "lookup.answered",
    [NOTICE_LOOKUP_AWAITING_DECISION] = "lookup.awaiting_decision",
    [NOTICE_ROUTE_CHANGED] = "route.changed",
    [NOTICE_LINK_CHANGED] = "link.changed",
    [NOTICE_CONFIG_CHANGED] = "config.changed",
    [NOTICE_CK_PROTOCOL_ERROR] = "ck.protocol_error",
    [NOTICE_OVERLOAD_ENTERED] = "overload.entered",
    [NOTICE_OVERLOAD_LEFT] = "overload.left",
};
_Static_assert(sizeof notice_types / sizeof *notice_types == NOTICES_END, "one name each");

static const char *const document_kinds[] = {
    [DOCUMENT_TOKEN] = "token",
    [DOCUMENT_TOKEN_USE] = "token_use",
    [DOCUMENT_SIGN_IN] = "sign_in",
    [DOCUMENT_WEBHOOK] = "webhook",
    [DOCUMENT_WEBHOOK_STATE] = "webhook_state",
    [DOCUMENT_LAYOUT] = "layout",
};
_Static_assert(sizeof document_kinds / sizeof *document_kinds == DOCUMENT_KINDS_END, "one name each");

/* The index of `name` among `names`, or `count`. */
static int index_of(const char *const *names, int count, struct text name)
{
    int i = 0;
    while (i < count && (names[i] == NULL || !text_equal_c(name, names[i])))
        i++;
    return i;
}

bool relay_state_is_terminal(enum relay_state state)
{
    return state >= RELAY_SUCCEEDED;
}

const char *relay_state_name(enum relay_state state)
{
    return relay_states[state];
}

bool relay_state_from_name(struct text name, enum relay_state *out_state)
{
    int i = index_of(relay_states, RELAY_STATES_END, name);
    if (i == RELAY_STATES_END)
        return false;
    *out_state = (enum relay_state)i;
    return true;
}

const char *lookup_state_name(enum lookup_state state)
{
    return lookup_states[state];
}

bool lookup_state_from_name(struct text name, enum lookup_state *out_state)
{
    int i = index_of(lookup_states, LOOKUP_STATES_END, name);
    if (i == LOOKUP_STATES_END)
        return false;
    *out_state = (enum lookup_state)i;
    return true;
}

const char *decider_name(enum decider decider)
{
    return deciders[decider];
}

bool decider_from_name(struct text name, enum decider *out_decider)
{
    int i = index_of(deciders, DECIDERS_END, name);
    if (i == DECIDERS_END)
        return false;
    *out_decider = (enum decider)i;
    return true;
}

const char *turn_name(enum decider decider)
{
    return turns[decider];
}

bool turn_from_name(struct text name, enum decider *out_decider)
{
    int i = index_of(turns, DECIDERS_END, name);
    if (i == DECIDERS_END)
        return false;
    *out_decider = (enum decider)i;
    return true;
}

const char *reason_name(enum reason reason)
{
    return reasons[reason];
}

bool reason_from_name(struct text name, enum reason *out_reason)
{
    int i = index_of(reasons, REASONS_END, name);
    if (i == REASONS_END)
        return false;
    *out_reason = (enum reason)i;
    return true;
}

const char *notice_type_name(enum notice_type type)
{
    return notice_types[type];
}

bool notice_type_from_name(struct text name, enum notice_type *out_type)
{
    int i = index_of(notice_types, NOTICES_END, name);
    if (i == NOTICES_END)
        return false;
    *out_type = (enum notice_type)i;
    return true;
}

const char *document_kind_name(enum document_kind kind)
{
    return document_kinds[kind];
}

bool document_kind_is_quiet(enum document_kind kind)
{
    switch (kind) {
    case DOCUMENT_TOKEN_USE:
    case DOCUMENT_SIGN_IN:
    case DOCUMENT_WEBHOOK_STATE:
    case DOCUMENT_LAYOUT:
        return true;
    case DOCUMENT_TOKEN:
    case DOCUMENT_WEBHOOK:
    case DOCUMENT_KINDS_END:
        break;
    }
    return false;
}

const char *reply_status_name(enum reply_status status)
{
    switch (status) {
    case REPLY_OK:
        return "ok";
    case REPLY_CREATED:
        return "created";
    case REPLY_NOT_FOUND:
        return "not_found";
    case REPLY_CONFLICT:
        return "conflict";
    case REPLY_STALE:
        return "stale";
    case REPLY_INVALID:
        return "invalid";
    case REPLY_BUSY:
        return "busy";
    }
    return NULL;
}

const char *security_name(enum security security)
{
    switch (security) {
    case SECURITY_TLS:
        return "tls";
    case SECURITY_PSK:
        return "psk";
    case SECURITY_PLAIN:
        return "plain";
    }
    return NULL;
}
