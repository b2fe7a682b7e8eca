/* SPDX-License-Identifier: Apache-2.0 */
/* The orchestrator's decisions for held requests, and relays that it starts itself. */
#include "core/budget.h"
#include "core/commands.h"
#include "core/constraints.h"
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/explain.h"
#include "core/learn.h"
#include "core/next_hop.h"
#include "core/relay.h"
#include "core/routes.h"
#include "core/session.h"

static void refuse(struct reply *reply, enum reply_status status, struct verdict verdict)
{
    reply->status = status;
    reply->reason = verdict.reason;
    reply->detail = verdict.detail;
}

/* An ID that was given once but is not held any more is a conflict; one that never was is not found. */
static void refuse_not_held(struct core *core, uint64_t id, uint64_t next_id, struct reply *reply)
{
    if (id == 0 || id >= next_id)
        refuse(reply, REPLY_NOT_FOUND,
               verdict_of(core, REASON_NOT_FOUND, "there is no such request", TEXT(""), ""));
    else
        refuse(reply, REPLY_CONFLICT,
               verdict_of(core, REASON_NOT_HELD, "the request is not held for a decision any more", TEXT(""),
                          ""));
}

static enum reply_status status_of(enum reason reason)
{
    if (reason == REASON_KM_NOT_CONNECTED || reason == REASON_LIMIT_REACHED || reason == REASON_WOULD_LOOP)
        return REPLY_CONFLICT;
    return reason == REASON_OVERLOAD ? REPLY_BUSY : REPLY_INVALID;
}

/* True: a rejection was to be learned from, and is refused. */
static bool refuse_to_learn(struct core *core, const struct command *command, struct reply *reply)
{
    if (command->learn)
        refuse(reply, REPLY_INVALID,
               verdict_of(core, REASON_INVALID, "a rejection teaches nothing: leave out learn, or decide",
                          TEXT(""), ""));
    return command->learn;
}

static struct verdict check_keys(struct core *core, const struct command *command)
{
    const struct text *before = budget_allows_path(core, command->path, command->path_length);
    if (before == NULL)
        return (struct verdict){ REASON_NONE, TEXT_ABSENT };
    return verdict_of(core, REASON_INSUFFICIENT_KEYS, "no key is left on the link after ", *before,
                      ": take another path, or tell the link's key_stock");
}

/* The orchestrator sees them and has the last word; should it have overlooked them, it is told. */
static void warn_of_constraints(struct core *core, struct relay *relay, const struct command *command,
                                struct warnings *warnings)
{
    struct kma *kmas[LIMIT_PATH_KMAS];
    for (size_t i = 0; i < command->path_length; i++)
        kmas[i] = kma_find(core, command->path[i]);
    constraints_warn_path(core, constraints_of_relay(core, relay), kmas, command->path_length, warnings);
}

static struct verdict check_decided_path(struct core *core, struct relay *relay,
                                         const struct command *command, struct warnings *warnings)
{
    const struct relay_record *record = &relay->record;
    struct text destination =
        decision_destination(core, record->destination_kma_id, record->application_destination_id);
    if (!text_is_present(destination)) /* an application nobody knew: the orchestrator says where it is */
        destination = command->kma_id;
    else if (text_is_present(command->kma_id) && !text_equal(command->kma_id, destination))
        return verdict_of(core, REASON_DESTINATION_CONFLICT, "destination_kma_id must be the destination, ",
                          destination, "");
    struct verdict verdict = routes_check_path(core, command->path, command->path_length,
                                               record->source_kma_id, destination, warnings);
    if (verdict.reason != REASON_NONE)
        return verdict;
    warn_of_constraints(core, relay, command, warnings);
    return check_keys(core, command);
}

static void reject_relay(struct core *core, struct relay *relay, const struct command *command)
{
    if (command->dry_run)
        return;
    struct km *km = relay->km;
    explain_relay_settled(core, relay, EXPLAINED_REJECTED);
    relay->record.decided_by = DECIDER_ORCHESTRATOR;
    relay->record.decided_ms = core->wall_ms;
    relay_refuse(core, relay, RELAY_REJECTED, REASON_REJECTED, command->reject);
    km_free_unneeded(core, km);
}

static void instruct(struct core *core, struct relay *relay, const struct command *command,
                     struct reply *reply)
{
    struct lesson lesson = { .plan = { .count = 0 } };
    if (command->learn) {
        const struct verdict verdict = learn_check(core, relay->record.application_destination_id,
                                                   command->path[command->path_length - 1], &lesson);
        if (verdict.reason != REASON_NONE) {
            refuse(reply, status_of(verdict.reason), verdict);
            return;
        }
    }
    if (command->dry_run)
        return;
    explain_relay_settled(core, relay, EXPLAINED_DECIDED);
    relay_instruct(core, relay,
                   &(struct relay_decision){ .decider = DECIDER_ORCHESTRATOR,
                                             .path = command->path,
                                             .length = command->path_length,
                                             .lesson = command->learn ? &lesson : NULL });
    reply->revision = learn_revision(core, &lesson);
}

void commands_decide_relay(struct core *core, const struct command *command, struct reply *reply)
{
    struct relay *relay = relay_find(core, command->request_id);
    reply->request_id = command->request_id;
    if (relay == NULL || relay->record.state != RELAY_AWAITING_DECISION) {
        refuse_not_held(core, command->request_id, core->next.next_relay_id, reply);
        return;
    }
    if (text_is_present(command->reject)) {
        if (!refuse_to_learn(core, command, reply))
            reject_relay(core, relay, command);
        return;
    }
    struct warnings warnings = { .count = 0 };
    struct verdict verdict = check_decided_path(core, relay, command, &warnings);
    reply->warnings = warnings.texts;
    reply->warning_count = warnings.count;
    if (verdict.reason != REASON_NONE)
        refuse(reply, REPLY_INVALID, verdict);
    else
        instruct(core, relay, command, reply);
}

void commands_decide_lookup(struct core *core, const struct command *command, struct reply *reply)
{
    struct lookup *lookup = next_hop_find(core, command->request_id);
    reply->request_id = command->request_id;
    if (lookup == NULL || session_find(core, lookup->session) == NULL) {
        refuse_not_held(core, command->request_id, core->next.next_lookup_id, reply);
        return;
    }
    if (text_is_present(command->reject)) {
        if (!refuse_to_learn(core, command, reply) && !command->dry_run)
            next_hop_reject(core, lookup, command->reject);
        return;
    }
    struct verdict verdict = next_hop_decide(core, lookup, command, reply);
    if (verdict.reason != REASON_NONE)
        refuse(reply, status_of(verdict.reason), verdict);
}

/* ---- relays that no KM asked for ---- */

static struct verdict check_start(struct core *core, const struct command *command, struct warnings *warnings,
                                  struct km **out_km)
{
    struct verdict verdict =
        routes_check_path(core, command->path, command->path_length, TEXT_ABSENT, command->kma_id, warnings);
    if (verdict.reason != REASON_NONE)
        return verdict;
    struct km *km = kma_find(core, command->path[0])->km;
    if (km == NULL)
        return verdict_of(core, REASON_UNKNOWN_KMA, "no KM names the source ", command->path[0], "");
    if (km->session == NULL)
        return verdict_of(core, REASON_KM_NOT_CONNECTED, "the KM ", km->object.id, " is not connected");
    if (core->totals.relays_open >= LIMIT_OPEN_RELAYS || km->relays_open >= LIMIT_OPEN_RELAYS_PER_KM)
        return verdict_of(core, REASON_OVERLOAD, "too many relays are open", TEXT(""), "");
    *out_km = km;
    return check_keys(core, command);
}

static struct relay *start(struct core *core, const struct command *command, struct km *km)
{
    struct relay *relay = relay_new(core, km);
    if (relay == NULL)
        return NULL;
    struct relay_record *record = &relay->record;
    record->unsolicited = true;
    record->source_kma_id = command->path[0];
    record->destination_kma_id = command->path[command->path_length - 1];
    record->version = km->version != 0 ? km->version : km_config_of(km)->dialect.versions[0];
    record->message_id = session_fresh_message_id(core, km->session);
    relay->received_on = km->session->handle;
    core->totals.relays_received++;
    relay_enter(core, relay, RELAY_RECEIVED, REASON_NONE);
    const bool opened = relay_open(core, relay);
    explain_relay_settled(core, relay,
                          opened ? EXPLAINED_DECIDED : EXPLAINED_ABANDONED); /* it alone was asked */
    if (!opened)
        relay_end(core, relay, RELAY_FAILED, REASON_OVERLOAD, TEXT_ABSENT);
    return relay;
}

void commands_start_relay(struct core *core, const struct command *command, struct reply *reply)
{
    struct warnings warnings = { .count = 0 };
    struct km *km = NULL;
    struct verdict verdict = check_start(core, command, &warnings, &km);
    reply->warnings = warnings.texts;
    reply->warning_count = warnings.count;
    if (verdict.reason != REASON_NONE) {
        refuse(reply, status_of(verdict.reason), verdict);
        return;
    }
    if (command->dry_run)
        return;
    struct relay *relay = start(core, command, km);
    if (relay == NULL)
        return;
    reply->request_id = relay->record.relay_id;
    reply->status = REPLY_CREATED;
    if (relay->open)
        relay_instruct(core, relay,
                       &(struct relay_decision){ DECIDER_ORCHESTRATOR, command->path, command->path_length,
                                                 TEXT_ABSENT, NULL });
}
