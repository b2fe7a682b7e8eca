/* SPDX-License-Identifier: Apache-2.0 */
/* One record against the row it replaces: states, timelines and numbers may only go the ways they are meant
 * to. */
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

static bool may_follow(enum relay_state from, enum relay_state to)
{
    switch (from) {
    case RELAY_RECEIVED:
        return to != RELAY_RECEIVED && to != RELAY_SUCCEEDED && to != RELAY_EXPIRED && to != RELAY_STATES_END;
    case RELAY_AWAITING_DECISION:
        return to == RELAY_INSTRUCTED || to == RELAY_FAILED || to == RELAY_REJECTED || to == RELAY_ORPHANED;
    case RELAY_INSTRUCTED:
        return to == RELAY_SUCCEEDED || to == RELAY_FAILED || to == RELAY_EXPIRED || to == RELAY_ORPHANED;
    case RELAY_EXPIRED:
    case RELAY_ORPHANED: /* reading 9: a late completion alone */
        return to == RELAY_SUCCEEDED || to == RELAY_FAILED;
    case RELAY_SUCCEEDED:
    case RELAY_FAILED:
    case RELAY_REJECTED:
    case RELAY_STATES_END:
        return false;
    }
    return false;
}

static void check_timeline(struct world *world, const struct relay_record *old,
                           const struct relay_record *new)
{
    ull id = new->relay_id;
    if (new->timeline_count == 0 || new->timeline_count > LIMIT_TIMELINE)
        world_fail(world, "relay %llu: a timeline of %zu entries", id, new->timeline_count);
    if (new->timeline[0].state != RELAY_RECEIVED)
        world_fail(world, "relay %llu: its timeline does not begin with received", id);
    if (new->timeline[new->timeline_count - 1].state != new->state)
        world_fail(world, "relay %llu: its timeline does not end with its state", id);
    for (size_t i = 1; i < new->timeline_count; i++) {
        if (!may_follow(new->timeline[i - 1].state, new->timeline[i].state))
            world_fail(world, "relay %llu: %s after %s", id, relay_state_name(new->timeline[i].state),
                       relay_state_name(new->timeline[i - 1].state));
    }
    for (size_t i = 0; old != NULL && i < old->timeline_count; i++) {
        if (i >= new->timeline_count || old->timeline[i].state != new->timeline[i].state ||
            old->timeline[i].time_ms != new->timeline[i].time_ms)
            world_fail(world, "relay %llu: its past was rewritten", id);
    }
}

static bool was_instructed(const struct relay_record *relay)
{
    for (size_t i = 0; i < relay->timeline_count; i++) {
        if (relay->timeline[i].state == RELAY_INSTRUCTED)
            return true;
    }
    return false;
}

static void check_relay_alone(struct world *world, const struct relay_record *relay)
{
    ull id = relay->relay_id;
    bool terminal = relay_state_is_terminal(relay->state);
    if (terminal != (relay->ended_ms != 0))
        world_fail(world, "relay %llu: %s, ended_ms %llu", id, relay_state_name(relay->state),
                   (ull)relay->ended_ms);
    if (was_instructed(relay) != (relay->instructed_ms != 0))
        world_fail(world, "relay %llu: instructed_ms and timeline disagree", id);
    if (was_instructed(relay) &&
        (relay->path == NULL || relay->path_length < 1 || relay->decided_by == DECIDER_NONE))
        world_fail(world, "relay %llu: instructed without a path or a decider", id);
    if (relay->sent && !was_instructed(relay))
        world_fail(world, "relay %llu: sent before it was instructed", id);
    if (relay->path != NULL && was_instructed(relay) &&
        (!text_equal(relay->path[relay->path_length - 1], relay->destination_kma_id) ||
         !text_equal(relay->path[0], relay->source_kma_id)))
        world_fail(world, "relay %llu: a path between other KMAs", id);
    bool needs_reason = terminal && relay->state != RELAY_SUCCEEDED;
    if (needs_reason && relay->reason == REASON_NONE)
        world_fail(world, "relay %llu: %s without a reason", id, relay_state_name(relay->state));
    if (relay->state == RELAY_SUCCEEDED && relay->reason != REASON_NONE)
        world_fail(world, "relay %llu: succeeded, and yet %s", id, reason_name(relay->reason));
    if (relay->km_id.length == 0)
        world_fail(world, "relay %llu: nobody's", id);
}

static void check_relay_change(struct world *world, const struct relay_record *old,
                               const struct relay_record *new)
{
    ull id = new->relay_id;
    if (old->state != new->state && !may_follow(old->state, new->state)) {
        /* several moves in one step are seen as one */
        if (relay_state_is_terminal(old->state))
            world_fail(world, "relay %llu: %s became %s", id, relay_state_name(old->state),
                       relay_state_name(new->state));
    }
    if (old->received_ms != new->received_ms || !text_equal(old->km_id, new->km_id) ||
        old->unsolicited != new->unsolicited || !text_equal(old->extension, new->extension) ||
        !siphash_digest_equal(old->payload_digest, new->payload_digest) ||
        !text_equal(old->application_destination_id, new->application_destination_id))
        world_fail(world, "relay %llu: what it was asked changed", id);
    if (text_is_present(old->destination_kma_id) &&
        !text_equal(old->destination_kma_id, new->destination_kma_id))
        world_fail(world, "relay %llu: another destination", id);
    if (old->instructed_ms != 0 && old->instructed_ms != new->instructed_ms)
        world_fail(world, "relay %llu: instructed twice", id);
    if (old->sent && !new->sent)
        world_fail(world, "relay %llu: what was sent is unsent", id);
}

static void note_relay(struct world *world, struct step *step, struct request_row *row,
                       const struct relay_record *old, const struct relay_record *new)
{
    if (row->touched != world->step_number) {
        row->touched = world->step_number;
        row->sent_before = old != NULL && old->sent;
        row->state_before = old != NULL ? (int)old->state : -1;
    }
    for (size_t i = old != NULL ? old->timeline_count : 0; i < new->timeline_count; i++) {
        step->states_told += new->relay_id * 16 + new->timeline[i].state;
        if (new->timeline[i].state == RELAY_INSTRUCTED)
            check_path_is_up(world, new);
        if (new->timeline[i].state == RELAY_AWAITING_DECISION && !orchestrator_present(world, 0) &&
            !step->short_of_memory)
            world_fail(world, "relay %llu is held for an orchestrator that is not there",
                       (ull) new->relay_id);
    }
    if (old == NULL || old->state != new->state) {
        row->since_ms = world->monotonic_ms;
        policy_check_relay(world, row, new);
    }
    if (relay_state_is_terminal(new->state) && (old == NULL || old->state != new->state)) {
        world->coverage->relay_ends[new->state][new->reason]++;
        world->coverage->relay_deciders[new->decided_by]++;
        if (old != NULL && relay_state_is_terminal(old->state))
            world->coverage->late_completions++;
        bool by_km = step->session != NULL && step->event->message.header.command == CK_RELAY_RESPONSE;
        bool says_no = new->reason == REASON_KM_FAILURE;
        if (new->state == RELAY_SUCCEEDED || (by_km && says_no)) {
            step->relays_completed++;
            step->completed_relay_id = new->relay_id;
        }
    }
}

static bool is_of_event(const struct step *step, const struct relay_record *relay)
{
    return step->session != NULL && text_equal_c(relay->km_id, step->session->km_id) &&
           relay->message_id == step->event->message.header.message_id &&
           siphash_digest_equal(relay->payload_digest, step->event->message.payload_digest);
}

static void check_relay(struct world *world, struct step *step, const struct relay_record *new)
{
    struct request_row *row = rows_relay(world, new->relay_id);
    const struct relay_record *old = row->shadow != NULL ? &row->shadow->record.relay : NULL;
    check_timeline(world, old, new);
    check_relay_alone(world, new);
    if (old != NULL) {
        check_relay_change(world, old, new);
    } else {
        if (new->relay_id < world->rows.shadow_high.next_relay_id)
            world_fail(world, "relay ID %llu was used before", (ull) new->relay_id);
        world->rows.shadow_high.next_relay_id = new->relay_id + 1;
        step->relays_new++;
        step->new_relay_id = new->relay_id;
        row->told_late = step->short_of_memory && !is_of_event(step, new);
        row->half_known = step->short_of_memory;
        if (step->session != NULL && !row->told_late) {
            row->session = step->session->handle;
            row->version = step->event->message.header.version;
        }
    }
    note_relay(world, step, row, old, new);
    explanation_check_relay(world, old, new);
    book_note_relay(world, row, old, new);
}

static void check_lookup_alone(struct world *world, const struct lookup_record *lookup)
{
    ull id = lookup->lookup_id;
    bool ended = lookup->state == LOOKUP_ANSWERED || lookup->state == LOOKUP_REJECTED;
    if (ended != (lookup->ended_ms != 0))
        world_fail(world, "lookup %llu: %s, ended_ms %llu", id, lookup_state_name(lookup->state),
                   (ull)lookup->ended_ms);
    if (lookup->next_kma_id_count > 0 && (lookup->reason != REASON_NONE || lookup->state != LOOKUP_ANSWERED))
        world_fail(world, "lookup %llu: candidates, and yet %s", id, lookup_state_name(lookup->state));
    if (ended && lookup->next_kma_id_count == 0 && lookup->reason == REASON_NONE)
        world_fail(world, "lookup %llu: nothing, and no reason", id);
    for (size_t i = 0; i < lookup->next_kma_id_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (text_equal(lookup->next_kma_ids[i], lookup->next_kma_ids[j]))
                world_fail(world, "lookup %llu: a candidate twice", id);
        }
    }
}

static void check_lookup(struct world *world, struct step *step, const struct lookup_record *new)
{
    struct request_row *row = rows_lookup(world, new->lookup_id);
    const struct lookup_record *old = row->shadow != NULL ? &row->shadow->record.lookup : NULL;
    bool ended = new->ended_ms != 0;
    check_lookup_alone(world, new);
    if (old != NULL && old->ended_ms != 0)
        world_fail(world, "lookup %llu changed after its end", (ull) new->lookup_id);
    if (old == NULL) {
        if (new->lookup_id < world->rows.shadow_high.next_lookup_id)
            world_fail(world, "lookup ID %llu was used before", (ull) new->lookup_id);
        world->rows.shadow_high.next_lookup_id = new->lookup_id + 1;
        step->lookups_new++;
        if (step->session == NULL)
            world_fail(world, "lookup %llu: nobody asked", (ull) new->lookup_id);
        row->session = step->session->handle;
        row->version = step->event->message.header.version;
    }
    if (old == NULL || old->state != new->state) {
        row->since_ms = world->monotonic_ms;
        policy_check_lookup(world, row, new);
    }
    if (new->state == LOOKUP_AWAITING_DECISION && !orchestrator_present(world, 0))
        world_fail(world, "lookup %llu is held for an orchestrator that is not there", (ull) new->lookup_id);
    explanation_check_lookup(world, new);
    if (!ended)
        return;
    world->coverage->lookup_ends[new->state][new->reason]++;
    world->coverage->lookup_deciders[new->decided_by]++;
    if (step->lookup_ended_count < STEP_LOOKUPS_MAX)
        step->lookups_ended[step->lookup_ended_count++] = new->lookup_id;
    check_answer(world, new);
}

static bool lease_has_ended(struct world *world, struct text route_id)
{
    const struct kept *kept = rows_object(world, RECORD_ROUTE, ORIGIN_API, route_id)->shadow;
    return kept != NULL && kept->record.route.valid_until_ms != 0 &&
           kept->record.route.valid_until_ms <= world->wall_ms;
}

static void check_object(struct world *world, struct step *step, const struct record *record)
{
    const bool lease_ended =
        record->kind == RECORD_ROUTE_DELETED && lease_has_ended(world, record->deleted_id);
    const bool asked = step->event != NULL && step->event->kind == EVENT_COMMAND;
    world->coverage->leases_ended += lease_ended;
    step->objects += !lease_ended;
    if (!lease_ended && !asked)
        world_fail(world, "configuration changed, and nobody asked");
    if (!lease_ended && step->event->command.command->kind == COMMAND_FILE_REPLACE &&
        record->revision.origin != ORIGIN_FILE)
        world_fail(world, "the file changed what is the API's");
    if (record->revision.number < world->rows.shadow_high.next_revision)
        world_fail(world, "revision %llu was used before", (ull)record->revision.number);
    world->rows.shadow_high.next_revision = record->revision.number + 1;
}

void check_record(struct world *world, struct step *step, const struct record *record)
{
    if (record->kind == RECORD_RELAY)
        check_relay(world, step, &record->relay);
    else if (record->kind == RECORD_LOOKUP)
        check_lookup(world, step, &record->lookup);
    else if (record->kind == RECORD_BUDGET)
        world->coverage->budgets_written++; /* see world_check_keys.c */
    else
        check_object(world, step, record);
}
