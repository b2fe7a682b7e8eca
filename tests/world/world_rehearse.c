/* SPDX-License-Identifier: Apache-2.0 */
/* Dry runs: whatever is asked is rehearsed first. The rehearsal leaves no trace, so that the run goes on as
 * one without it, and what it tells is what the performance then does. */
#include <string.h>

#include "world/world.h"

typedef unsigned long long ull;

static bool is_configuration(enum command_kind kind)
{
    return kind <= COMMAND_LINKS_REPLACE || kind == COMMAND_DOCUMENT_PUT || kind == COMMAND_DOCUMENT_DELETE;
}

static void keep(struct world *world, const struct reply *reply)
{
    struct rehearsal *rehearsal = &world->rehearsal;
    const struct preview *preview = reply->preview;
    rehearsal->status = reply->status;
    if (preview == NULL)
        return;
    if (preview->change_count != reply->created + reply->updated + reply->deleted && !preview->changes_cut)
        world_fail(world, "a dry run tells %zu changes of %zu", preview->change_count,
                   reply->created + reply->updated + reply->deleted);
    rehearsal->whole = preview->relays.total == preview->relays.count &&
                       preview->lookups.total == preview->lookups.count && !preview->not_all_looked_at;
    rehearsal->relay_count = preview->relays.count;
    rehearsal->lookup_count = preview->lookups.count;
    if (preview->relays.count > 0)
        memcpy(rehearsal->relays, preview->relays.items, preview->relays.count * sizeof *rehearsal->relays);
    if (preview->lookups.count > 0)
        memcpy(rehearsal->lookups, preview->lookups.items,
               preview->lookups.count * sizeof *rehearsal->lookups);
}

/* Only when nothing else is due: that would be done too. */
void rehearse(struct world *world, const struct event *event)
{
    world->rehearsal = (struct rehearsal){ .whole = false };
    if (world->memory_may_fail || !is_configuration(event->command.command->kind))
        return;
    world_tick(world); /* with or without a rehearsal: routes whose time is over go now */
    if (!world->options.rehearses || event->command.command->dry_run ||
        core_deadline_ms(world->core) <= world->monotonic_ms)
        return;
    struct command command = *event->command.command;
    struct event dry = *event;
    struct effects effects;
    command.dry_run = true;
    dry.command.command = &command;
    dry.monotonic_ms = world->monotonic_ms;
    dry.wall_ms = world->wall_ms;
    effects_init(&effects, &world->plain_memory);
    uint64_t change_number = core_change_number(world->core);
    if (core_step(world->core, &dry, &effects) != CORE_OK)
        world_fail(world, "a dry run lacked memory");
    if (effects.count != 1 || effects.durable_count != 0 || effects.first->kind != EFFECT_REPLY)
        world_fail(world, "a dry run has %zu effects", effects.count);
    if (core_change_number(world->core) != change_number ||
        effects.high_water.next_event_id != world->rows.shadow_high.next_event_id)
        world_fail(world, "a dry run has changed something");
    world->rehearsal.done = true;
    keep(world, &effects.first->reply);
    effects_fini(&effects);
}

static void expect(struct world *world, const char *what, uint64_t id, struct preview_touched *items,
                   size_t count, enum touch touch)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].request_id == id && items[i].touch == touch) {
            items[i].touch = TOUCH_NONE; /* done */
            world->coverage->touched[touch]++;
            return;
        }
    }
    world_fail(world, "no dry run has told what became of %s %llu", what, (ull)id);
}

static void perform_relay(struct world *world, const struct relay_record *relay)
{
    struct rehearsal *rehearsal = &world->rehearsal;
    bool decided = (relay->decided_by == DECIDER_ROUTE || relay->decided_by == DECIDER_COMPUTED) &&
                   relay->decided_ms == world->wall_ms &&
                   (relay->state == RELAY_INSTRUCTED || relay->reason == REASON_FRAME_TOO_LARGE);
    bool undecided = relay->state == RELAY_FAILED && relay->decided_by == DECIDER_NONE; /* by all it has */
    if (decided || undecided)
        expect(world, "relay", relay->relay_id, rehearsal->relays, rehearsal->relay_count, TOUCH_DECIDED);
    else if (relay->state == RELAY_ORPHANED)
        expect(world, "relay", relay->relay_id, rehearsal->relays, rehearsal->relay_count, TOUCH_ORPHANED);
    else
        for (size_t i = 0; i < rehearsal->relay_count; i++) {
            if (rehearsal->relays[i].request_id == relay->relay_id)
                world_fail(world, "relay %llu did not go on as it was", (ull)relay->relay_id);
        }
}

/* No dry run looks so far ahead: a refusal that closes the session, by the KM's dialect. */
static bool is_closed_by_refusal(const struct step *step, struct text km_id)
{
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD && effect->record.kind == RECORD_RELAY &&
            effect->record.relay.state == RELAY_FAILED && text_equal(effect->record.relay.km_id, km_id))
            return true;
    }
    return false;
}

static void perform_lookup(struct world *world, const struct step *step, const struct lookup_record *lookup)
{
    struct rehearsal *rehearsal = &world->rehearsal;
    bool decided = lookup->reason != REASON_SESSION_LOST;
    if (!decided && is_closed_by_refusal(step, lookup->km_id)) {
        for (size_t i = 0; i < rehearsal->lookup_count; i++)
            if (rehearsal->lookups[i].request_id == lookup->lookup_id)
                rehearsal->lookups[i].touch = TOUCH_NONE;
        return;
    }
    expect(world, "lookup", lookup->lookup_id, rehearsal->lookups, rehearsal->lookup_count,
           decided ? TOUCH_DECIDED : TOUCH_UNANSWERED);
}

static void check_none_left(struct world *world, const char *what, const struct preview_touched *items,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].touch != TOUCH_NONE && items[i].touch != TOUCH_IN_FLIGHT)
            world_fail(world, "%s %llu was not touched as a dry run had told", what,
                       (ull)items[i].request_id);
        world->coverage->touched[TOUCH_IN_FLIGHT] += items[i].touch == TOUCH_IN_FLIGHT;
    }
}

void rehearse_check(struct world *world, const struct step *step)
{
    struct rehearsal *rehearsal = &world->rehearsal;
    if (!rehearsal->done || world->store_failure_told) /* a dry run needs no store */
        return;
    for (const struct effect *effect = step->first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_REPLY && effect->reply.status != rehearsal->status)
            world_fail(world, "a dry run answered %d, and the command %d", (int)rehearsal->status,
                       (int)effect->reply.status);
        if (effect->kind != EFFECT_RECORD || !rehearsal->whole)
            continue;
        if (effect->record.kind == RECORD_RELAY)
            perform_relay(world, &effect->record.relay);
        else if (effect->record.kind == RECORD_LOOKUP)
            perform_lookup(world, step, &effect->record.lookup);
    }
    if (!rehearsal->whole)
        return;
    world->coverage->touched[TOUCH_NONE]++;
    check_none_left(world, "relay", rehearsal->relays, rehearsal->relay_count);
    check_none_left(world, "lookup", rehearsal->lookups, rehearsal->lookup_count);
}
