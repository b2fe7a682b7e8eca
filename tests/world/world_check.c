/* SPDX-License-Identifier: Apache-2.0 */
/* The promises, checked after every step: effects are taken one by one into the simulator's own books. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

struct step *check_before(struct world *world, const struct event *event)
{
    struct step *step = &world->step;
    memset(step, 0, offsetof(struct step, lookups_ended));
    step->event = event;
    world->step_number++;
    world->coverage->steps++;
    if (event != NULL && event->kind == EVENT_MESSAGE)
        check_message_before(world, step);
    return step;
}

static void keep_change(struct world *world, struct kept *kept)
{
    struct turn *turn = world->current;
    if (turn->change_count == turn->change_capacity) {
        turn->change_capacity = turn->change_capacity > 0 ? 2 * turn->change_capacity : 16;
        turn->changes = realloc(turn->changes, turn->change_capacity * sizeof(struct kept *));
        assert(turn->changes != NULL);
    }
    turn->changes[turn->change_count++] = kept;
}

static void take_record(struct world *world, struct step *step, const struct record *record)
{
    check_record(world, step, record);
    struct kept *kept = kept_record(world, record);
    rows_put_shadow(world, kept);
    book_note_record(world, record);
    keep_change(world, kept);
}

static int state_of_notice(enum notice_type type)
{
    if (type < NOTICE_RELAY_RECEIVED || type > NOTICE_RELAY_ORPHANED)
        return -1;
    static_assert(NOTICE_RELAY_ORPHANED - NOTICE_RELAY_RECEIVED == RELAY_ORPHANED - RELAY_RECEIVED,
                  "relay notices and states run alike");
    return (int)type - (int)NOTICE_RELAY_RECEIVED;
}

static void take_notice(struct world *world, struct step *step, const struct notice *notice)
{
    world->coverage->notices[notice->type]++;
    if (notice->event_id != world->rows.shadow_high.next_event_id)
        world_fail(world, "event %llu instead of %llu", (ull)notice->event_id,
                   (ull)world->rows.shadow_high.next_event_id);
    world->rows.shadow_high.next_event_id++;
    int state = state_of_notice(notice->type);
    if (state >= 0)
        step->states_noticed += notice->relay_id * 16 + (uint64_t)state;
    step->uncorrelated += notice->type == NOTICE_RELAY_UNCORRELATED;
    step->protocol_errors += notice->type == NOTICE_CK_PROTOCOL_ERROR;
}

static struct sim_session *session_of(struct world *world, struct session_handle handle)
{
    struct sim_session *session = net_session(world, handle);
    if (session == NULL)
        world_fail(world, "an effect for session %u/%u, which is gone", handle.index, handle.generation);
    return session;
}

static void take_admit(struct world *world, const struct effect_admit *admit)
{
    struct sim_session *session = session_of(world, admit->session);
    if (session->judged)
        world_fail(world, "a session was judged twice");
    session->judged = session->live = true;
    if (!text_copy_name(session->km_id, admit->km_id) || config_km(world, admit->km_id) == NULL)
        world_fail(world, "a session was admitted for a KM that is not enrolled: %.*s",
                   TEXT_ARGUMENTS(admit->km_id));
    if (session->km != WORLD_KMS_MAX && !text_equal_c(admit->km_id, world->kms[session->km].name))
        world_fail(world, "%s was taken for %s", world->kms[session->km].name, session->km_id);
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        const struct sim_session *other = &world->sessions[i];
        if (!world->memory_may_fail && other != session && other->live &&
            strcmp(other->km_id, session->km_id) == 0)
            world_fail(world, "two sessions of %s at once", session->km_id);
    }
}

static void take_close(struct world *world, const struct effect_close *close)
{
    struct sim_session *session = session_of(world, close->session);
    if (session->judged && !session->live)
        world_fail(world, "a session was closed twice");
    world->coverage->closes[close->reason]++;
    session->judged = true;
    session->live = false;
}

static void take_reply(struct world *world, struct step *step, const struct reply *reply)
{
    if (step->event == NULL || step->event->kind != EVENT_COMMAND ||
        step->event->command.command_id != reply->command_id)
        world_fail(world, "a reply to nobody");
    bool good = reply->status == REPLY_OK || reply->status == REPLY_CREATED;
    if (good != (reply->reason == REASON_NONE))
        world_fail(world, "a reply with status %d and reason %s", (int)reply->status,
                   reply->reason == REASON_NONE ? "none" : reason_name(reply->reason));
    if (!good && !text_is_present(reply->detail) && world->turn_memory.fail_one_in == 0)
        world_fail(world, "a refusal that does not say what to change");
    world->coverage->replies[reply->status]++;
    world->coverage->reply_reasons[reply->reason]++;
    step->replies++;
    step->refused = !good;
    if (world->options.trace)
        world_trace(world, "  reply %d %s %.*s", (int)reply->status,
                    reply->reason == REASON_NONE ? "" : reason_name(reply->reason),
                    TEXT_ARGUMENTS(reply->detail));
}

static void take_effect(struct world *world, struct step *step, const struct effect *effect)
{
    digest_effect(world, effect);
    switch (effect->kind) {
    case EFFECT_RECORD:
        take_record(world, step, &effect->record);
        return;
    case EFFECT_NOTICE:
        take_notice(world, step, &effect->notice);
        return;
    case EFFECT_ADMIT:
        take_admit(world, &effect->admit);
        return;
    case EFFECT_SEND:
        if (!session_of(world, effect->send.session)->live)
            world_fail(world, "a frame for a session that is not admitted, or closed");
        return;
    case EFFECT_CLOSE:
        take_close(world, &effect->close);
        return;
    case EFFECT_REPLY:
        take_reply(world, step, &effect->reply);
        return;
    }
}

static void check_event(struct world *world, struct step *step)
{
    const struct event *event = step->event;
    if (event == NULL)
        return;
    if (event->kind == EVENT_MESSAGE) {
        check_message(world, step);
    } else if (event->kind == EVENT_COMMAND && step->status == CORE_OK && event->command.command_id != 0) {
        if (step->replies != 1)
            world_fail(world, "a command got %zu replies", step->replies);
        rehearse_check(world, step);
        bool changes = step->objects + step->relays_new > 0;
        if (changes && !step->short_of_memory && (step->refused || event->command.command->dry_run))
            world_fail(world, "a command that was refused or dry changed rows");
        if (!step->short_of_memory)
            check_learned(world, step);
    } else if (event->kind == EVENT_SESSION_OPENED && step->status == CORE_OK) {
        if (!net_session(world, event->opened.session)->judged)
            world_fail(world, "a session was neither admitted nor closed");
    }
    bool starts = event->kind == EVENT_MESSAGE ||
                  (event->kind == EVENT_COMMAND && event->command.command->kind == COMMAND_RELAY_START);
    if (step->relays_new > 0 && !starts && !step->short_of_memory)
        world_fail(world, "a relay from nothing");
}

void check_step(struct world *world, struct step *step)
{
    step->short_of_memory = world->untold || step->status != CORE_OK;
    world->untold = step->status != CORE_OK;
    book_before_effects(world, step);
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next)
        take_effect(world, step, effect);
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_SEND)
            check_send(world, step, &effect->send);
    }
    if (!step->short_of_memory) {
        check_lookups_answered(world, step);
        if (step->states_told != step->states_noticed)
            world_fail(world, "a relay's states and its events do not tell the same");
    }
    world->coverage->no_memory += step->status != CORE_OK;
    check_event(world, step);
    check_failing(world, step);
    const struct high_water *high = &world->current->effects.high_water;
    const struct high_water *shadow = &world->rows.shadow_high;
    if (step->first != NULL && step->status == CORE_OK &&
        (high->next_event_id < shadow->next_event_id || high->next_relay_id < shadow->next_relay_id ||
         high->next_lookup_id < shadow->next_lookup_id || high->next_revision < shadow->next_revision ||
         high->next_audit_id < shadow->next_audit_id))
        world_fail(world, "the turn's high-water marks do not cover its numbers");
}

static void check_overdue(struct world *world, const struct request_row *row, ull id, const char *what)
{
    if (world->monotonic_ms - row->since_ms > row->limit_ms)
        world_fail(world, "%s %llu is overdue by %llu ms", what, id,
                   (ull)(world->monotonic_ms - row->since_ms - row->limit_ms));
}

void check_limits(struct world *world)
{
    enum { RETRY_MS = 100 }; /* what could not end for want of memory is tried again after so long */
    struct rows *rows = &world->rows;
    if (world->memory_was_short && world->monotonic_ms - world->memory_short_ms <= RETRY_MS)
        return;
    for (size_t id = 1; id < rows->relay_capacity && id < rows->shadow_high.next_relay_id; id++) {
        const struct request_row *row = &rows->relays[id];
        if (row->shadow == NULL || relay_state_is_terminal(row->shadow->record.relay.state))
            continue;
        check_overdue(world, row, id, "relay");
    }
    for (size_t id = 1; id < rows->lookup_capacity && id < rows->shadow_high.next_lookup_id; id++) {
        const struct request_row *row = &rows->lookups[id];
        if (row->shadow != NULL && row->shadow->record.lookup.ended_ms == 0)
            check_overdue(world, row, id, "lookup");
    }
    if (core_deadline_ms(world->core) <= world->monotonic_ms)
        world_fail(world, "the next tick is due in the past");
    policy_check_held(world);
    check_penalties_end(world);
}

static void check_session_quiet(struct world *world, const struct sim_session *session)
{
    for (size_t i = 0; i < session->asked_count; i++) {
        const struct asked *asked = &session->asked[i];
        if (asked->responses + asked->excused < asked->requests)
            world_fail(world, "%s asked %u times with MessageID %u, and heard %u times", session->km_id,
                       asked->requests, asked->message_id, asked->responses);
    }
}

void check_quiet(struct world *world)
{
    struct rows *rows = &world->rows;
    for (size_t id = 1; id < rows->relay_capacity; id++) {
        const struct kept *kept = rows->relays[id].durable;
        if (kept != rows->relays[id].shadow)
            world_fail(world, "relay %zu was not committed", id);
        if (kept != NULL && !relay_state_is_terminal(kept->record.relay.state))
            world_fail(world, "relay %zu is %s for ever", id, relay_state_name(kept->record.relay.state));
    }
    for (size_t id = 1; id < rows->lookup_capacity; id++) {
        const struct kept *kept = rows->lookups[id].durable;
        if (kept != NULL && kept->record.lookup.ended_ms == 0)
            world_fail(world, "lookup %zu is %s for ever", id, lookup_state_name(kept->record.lookup.state));
    }
    for (size_t i = 0; i < WORLD_SESSIONS_MAX; i++) {
        if (world->sessions[i].open && world->sessions[i].live && !world->sessions[i].closing)
            check_session_quiet(world, &world->sessions[i]);
    }
}
