/* SPDX-License-Identifier: Apache-2.0 */
/* What happened over all seeds, and what must have: a simulator that reaches nothing proves nothing. */
#include <stdio.h>

#include "world/world.h"

typedef unsigned long long ull;

struct wanted {
    const char *name;
    uint64_t count;
};

enum { WANTED = 120 };

static size_t list_relays(const struct coverage *c, struct wanted *list)
{
    const uint64_t(*ends)[REASONS_END] = c->relay_ends;
    const struct wanted wanted[] = {
        { "a relay succeeded", ends[RELAY_SUCCEEDED][REASON_NONE] },
        { "a relay failed: constraints that can't be read", ends[RELAY_FAILED][REASON_BAD_CONSTRAINTS] },
        { "a relay failed: constraints that no way keeps", ends[RELAY_FAILED][REASON_CONSTRAINTS_UNMET] },
        { "a relay failed: a way, and no keys", ends[RELAY_FAILED][REASON_INSUFFICIENT_KEYS] },
        { "a computed path whose explanation was recomputed", c->explained_exactly },
        { "a computed path under constraints", c->constrained_paths },
        { "a computed path that went round a penalised link", c->penalised_avoided },
        { "a computed path over one, for want of another", c->penalised_used },
        { "a path told that was not taken", c->others_told },
        { "a path told to be the only one", c->others_none },
        { "a path of which no other was sought", c->others_unsought },
        { "no path, and none was found by other means", c->explained_none },
        { "a relay failed by its KM's word", ends[RELAY_FAILED][REASON_KM_FAILURE] },
        { "a relay failed for want of a route", ends[RELAY_FAILED][REASON_NO_ROUTE] },
        { "a relay failed: source not authorised", ends[RELAY_FAILED][REASON_SOURCE_NOT_AUTHORISED] },
        { "a relay failed: source ambiguous", ends[RELAY_FAILED][REASON_SOURCE_AMBIGUOUS] },
        { "a relay failed: destination conflict", ends[RELAY_FAILED][REASON_DESTINATION_CONFLICT] },
        { "a relay failed: unknown application", ends[RELAY_FAILED][REASON_UNKNOWN_APPLICATION] },
        { "a relay was rejected", ends[RELAY_REJECTED][REASON_REJECTED] },
        { "a relay expired", ends[RELAY_EXPIRED][REASON_COMPLETION_TIMEOUT] },
        { "a relay was orphaned: KM away", ends[RELAY_ORPHANED][REASON_KM_AWAY] },
        { "a relay was orphaned: KM removed", ends[RELAY_ORPHANED][REASON_KM_REMOVED] },
        { "a relay was orphaned: KM disabled", ends[RELAY_ORPHANED][REASON_KM_DISABLED] },
        { "a late completion", c->late_completions },
        { "a relay decided by a route", c->relay_deciders[DECIDER_ROUTE] },
        { "a relay decided by the orchestrator", c->relay_deciders[DECIDER_ORCHESTRATOR] },
        { "a relay decided by computation", c->relay_deciders[DECIDER_COMPUTED] },
        { "a repeat answered again", c->repeats_answered },
        { "a repeat that is a new request", c->repeats_made_new },
        { "a relay restored after a crash", c->restored_relays },
        { "an uncorrelated completion", c->notices[NOTICE_RELAY_UNCORRELATED] },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        list[i] = wanted[i];
    return sizeof wanted / sizeof wanted[0];
}

static size_t list_lookups(const struct coverage *c, struct wanted *list)
{
    const uint64_t(*ends)[REASONS_END] = c->lookup_ends;
    const struct wanted wanted[] = {
        { "a lookup answered with candidates", ends[LOOKUP_ANSWERED][REASON_NONE] },
        { "a lookup without a route", ends[LOOKUP_ANSWERED][REASON_NO_ROUTE] },
        { "computed next hops whose explanation was recomputed", c->explained_hops },
        { "computed next hops under constraints", c->constrained_hops },
        { "a lookup at its destination", ends[LOOKUP_ANSWERED][REASON_AT_DESTINATION] },
        { "a lookup of an unknown application", ends[LOOKUP_ANSWERED][REASON_UNKNOWN_APPLICATION] },
        { "a lookup that would have looped", ends[LOOKUP_ANSWERED][REASON_WOULD_LOOP] },
        { "a lookup rejected", ends[LOOKUP_REJECTED][REASON_REJECTED] },
        { "a lookup decided by a route", c->lookup_deciders[DECIDER_ROUTE] },
        { "a lookup decided by the orchestrator", c->lookup_deciders[DECIDER_ORCHESTRATOR] },
        { "a lookup decided by computation", c->lookup_deciders[DECIDER_COMPUTED] },
        { "a lookup restored after a crash", c->restored_lookups },
        { "a Response to key relay next hop request sent", c->sends[CK_NEXT_HOP_RESPONSE] },
        { "a Key relay request sent", c->sends[CK_RELAY_REQUEST] },
        { "a walk along the answers", c->walks },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        list[i] = wanted[i];
    return sizeof wanted / sizeof wanted[0];
}

static size_t list_rest(const struct coverage *c, struct wanted *list)
{
    const struct wanted wanted[] = {
        { "a dry run before its change", c->touched[TOUCH_NONE] },
        { "a held request decided as a dry run had told", c->touched[TOUCH_DECIDED] },
        { "a relay in flight as a dry run had told", c->touched[TOUCH_IN_FLIGHT] },
        { "a relay orphaned as a dry run had told", c->touched[TOUCH_ORPHANED] },
        { "a lookup unanswered as a dry run had told", c->touched[TOUCH_UNANSWERED] },
        { "a request held, or relayed, as long as a policy of its own says", c->own_limits },
        { "a decider that the settings give no turn", c->own_deciders },
        { "km.connected", c->notices[NOTICE_KM_CONNECTED] },
        { "km.disconnected", c->notices[NOTICE_KM_DISCONNECTED] },
        { "km.refused", c->notices[NOTICE_KM_REFUSED] },
        { "relay.awaiting_decision", c->notices[NOTICE_RELAY_AWAITING_DECISION] },
        { "lookup.awaiting_decision", c->notices[NOTICE_LOOKUP_AWAITING_DECISION] },
        { "route.changed", c->notices[NOTICE_ROUTE_CHANGED] },
        { "link.changed", c->notices[NOTICE_LINK_CHANGED] },
        { "config.changed", c->notices[NOTICE_CONFIG_CHANGED] },
        { "ck.protocol_error", c->notices[NOTICE_CK_PROTOCOL_ERROR] },
        { "overload.entered", c->notices[NOTICE_OVERLOAD_ENTERED] },
        { "overload.left", c->notices[NOTICE_OVERLOAD_LEFT] },
        { "a session of an unknown KM closed", c->closes[REASON_NOT_ENROLLED] },
        { "a session held off", c->closes[REASON_HELD_OFF] },
        { "a session closed for flapping", c->closes[REASON_FLAPPING] },
        { "a session replaced", c->closes[REASON_REPLACED] },
        { "a session closed for its version", c->closes[REASON_BAD_VERSION] },
        { "a session closed for bad frames", c->closes[REASON_TOO_MANY_BAD_FRAMES] },
        { "a session refused by dialect", c->closes[REASON_REFUSED_BY_DIALECT] },
        { "a session of an ambiguous identity closed", c->closes[REASON_AMBIGUOUS_IDENTITY] },
        { "a command done", c->replies[REPLY_OK] },
        { "an object created", c->replies[REPLY_CREATED] },
        { "a command for nothing there", c->replies[REPLY_NOT_FOUND] },
        { "a command in conflict", c->replies[REPLY_CONFLICT] },
        { "a command with a stale revision", c->replies[REPLY_STALE] },
        { "a command refused as invalid", c->replies[REPLY_INVALID] },
        { "a command refused while the store fails", c->replies[REPLY_BUSY] },
        { "routes refused for their cycle", c->reply_reasons[REASON_CYCLE] },
        { "a decision that came too late", c->reply_reasons[REASON_NOT_HELD] },
        { "a path refused for its ends", c->reply_reasons[REASON_PATH_ENDPOINTS] },
        { "a crash", c->crashes },
        { "a crash between commit and release", c->torn_commits },
        { "a commit that failed", c->failed_commits },
        { "a step without memory", c->no_memory },
        { "a wall clock that went back", c->clock_jumps_back },
        { "a changed configuration file", c->reloads },
        { "a lease that ended", c->leases_ended },
        { "a key reserved", c->keys_reserved },
        { "a link without a key left", c->keys_exhausted },
        { "a link that can hold no more keys", c->keys_full },
        { "a stock of which a relay had used", c->budgets_written },
        { "an application learned from a decision", c->learned },
        { "a link penalised for its failures", c->penalties },
        { "a link that recovered from them", c->recoveries },
        { "a snapshot", c->snapshots },
        { "a view that shares with the former", c->views_shared },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        list[i] = wanted[i];
    return sizeof wanted / sizeof wanted[0];
}

static size_t list_all(const struct coverage *coverage, struct wanted *list)
{
    size_t count = list_relays(coverage, list);
    count += list_lookups(coverage, list + count);
    return count + list_rest(coverage, list + count);
}

int coverage_count(void)
{
    struct wanted list[WANTED];
    struct coverage none = { .seeds = 0 };
    return (int)list_all(&none, list);
}

bool coverage_report(const struct coverage *coverage, int number)
{
    struct wanted list[WANTED];
    size_t count = list_all(coverage, list);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        bool happened = list[i].count > 0;
        printf("%s %d - happened: %s (%llu)\n", happened ? "ok" : "not ok", number + (int)i, list[i].name,
               (ull)list[i].count);
        good = good && happened;
    }
    return good;
}

void coverage_print(const struct coverage *coverage)
{
    printf("# %llu runs of %llu seeds, %llu steps, %llu commits\n", (ull)coverage->runs, (ull)coverage->seeds,
           (ull)coverage->steps, (ull)coverage->commits);
    printf("# explanations recomputed: %llu of paths, %llu of next hops, %llu of none; %llu in part\n",
           (ull)coverage->explained_exactly, (ull)coverage->explained_hops, (ull)coverage->explained_none,
           (ull)coverage->explained_in_part);
    for (int state = 0; state < RELAY_STATES_END; state++) {
        for (int reason = 0; reason < REASONS_END; reason++) {
            const char *name = reason == REASON_NONE ? "" : reason_name((enum reason)reason);
            if (coverage->relay_ends[state][reason] > 0)
                printf("# relay %s %s: %llu\n", relay_state_name((enum relay_state)state), name,
                       (ull)coverage->relay_ends[state][reason]);
            if (state < LOOKUP_STATES_END && coverage->lookup_ends[state][reason] > 0)
                printf("# lookup %s %s: %llu\n", lookup_state_name((enum lookup_state)state), name,
                       (ull)coverage->lookup_ends[state][reason]);
        }
    }
    for (int reason = 1; reason < REASONS_END; reason++) {
        if (coverage->closes[reason] + coverage->reply_reasons[reason] > 0)
            printf("# %s: %llu sessions closed, %llu commands refused\n", reason_name((enum reason)reason),
                   (ull)coverage->closes[reason], (ull)coverage->reply_reasons[reason]);
    }
    for (int type = 0; type < NOTICES_END; type++)
        printf("# event %s: %llu\n", notice_type_name((enum notice_type)type), (ull)coverage->notices[type]);
}
