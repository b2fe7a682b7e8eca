/* SPDX-License-Identifier: Apache-2.0 */
/* A core that breaks its promises: each kind of breach, done once, must be caught by the checks. */
#include <assert.h>

#include "world/world.h"

const char *sabotage_name(enum sabotage sabotage)
{
    switch (sabotage) {
    case SABOTAGE_NONE:
        return "none";
    case SABOTAGE_DROP_RESPONSE:
        return "a next hop request is never answered";
    case SABOTAGE_DROP_ROW:
        return "a relay's end is not recorded";
    case SABOTAGE_REVIVE:
        return "an ended relay is instructed again";
    case SABOTAGE_SKIP_EVENT:
        return "an event ID is left out";
    case SABOTAGE_SEND_TWICE:
        return "a Key relay request is sent twice";
    case SABOTAGE_SEND_EARLY:
        return "a frame leaves before its row is durable";
    case SABOTAGE_LOOP:
        return "two hops are sent to each other";
    case SABOTAGE_LEAK:
        return "memory is not released";
    case SABOTAGE_OTHER_DECIDER:
        return "an explanation names another decider";
    case SABOTAGE_OTHER_COST:
        return "a path's cost is told wrong";
    case SABOTAGE_OTHER_BOTTLENECK:
        return "a path's bottleneck is told wrong";
    case SABOTAGE_OTHER_WAY:
        return "the cost of a way that was not taken is told wrong";
    case SABOTAGE_NO_WAY:
        return "why there is no path is told wrong";
    case SABOTAGE_OTHER_HOP_COST:
        return "a next hop's cost is told wrong";
    case SABOTAGE_BREAK_CONSTRAINTS:
        return "a path breaks its request's constraints";
    case SABOTAGE_BREAK_HOP_CONSTRAINTS:
        return "a next hop breaks its request's constraints";
    case SABOTAGE_PENALISED_WAY:
        return "a path over a penalised link, and another is there";
    case SABOTAGE_WHIM:
        return "an effect depends on chance";
    case SABOTAGES_END:
        break;
    }
    return "?";
}

const char *sabotage_symptom(enum sabotage sabotage)
{
    switch (sabotage) {
    case SABOTAGE_OTHER_DECIDER:
        return "against its explanation";
    case SABOTAGE_OTHER_COST:
    case SABOTAGE_OTHER_HOP_COST:
        return "told to cost";
    case SABOTAGE_OTHER_BOTTLENECK:
        return "told to be narrowest";
    case SABOTAGE_OTHER_WAY:
        return "the best way that was not taken";
    case SABOTAGE_NO_WAY:
        return "told that its planner's outcome";
    case SABOTAGE_BREAK_CONSTRAINTS:
    case SABOTAGE_BREAK_HOP_CONSTRAINTS:
        return "breaks its constraints";
    case SABOTAGE_PENALISED_WAY:
        return "is over a penalised link";
    default:
        return ""; /* whatever finds it */
    }
}

static bool is_frame(const struct effect *effect, enum ck_command command)
{
    enum ck_byte_order order;
    struct ck_header header;
    return effect->kind == EFFECT_SEND && net_decode(effect->send.frame, &order, &header) &&
           header.command == command;
}

static bool ends_relay(const struct effect *effect)
{
    return effect->kind == EFFECT_RECORD && effect->record.kind == RECORD_RELAY &&
           relay_state_is_terminal(effect->record.relay.state);
}

static void take_out(struct effects *effects, struct effect **at)
{
    if ((*at)->next == NULL)
        effects->last = at;
    *at = (*at)->next;
}

static void send_twice(struct effects *effects, struct effect *effect)
{
    struct effect *copy = arena_allocate(&effects->arena, sizeof *copy);
    assert(copy != NULL);
    copy->kind = EFFECT_SEND; /* never whole: an effect has but its kind's member */
    copy->send = effect->send;
    copy->next = effect->next;
    effect->next = copy;
    if (copy->next == NULL)
        effects->last = &copy->next;
}

/* Two answers that a core with a memory would never give together. */
static void answer_in_circles(struct world *world)
{
    const struct graph *graph = &world->graph;
    struct text ends[2] = { graph->nodes[0], graph->nodes[graph->node_count - 1] };
    for (size_t i = 0; i < 2; i++) {
        struct lookup_record lookup = { .lookup_id = 1,
                                        .current_kma_id = ends[i],
                                        .destination_kma_id = graph->nodes[graph->node_count / 2],
                                        .next_kma_ids = &ends[1 - i],
                                        .next_kma_id_count = 1 };
        check_answer(world, &lookup);
    }
}

static bool spoil(struct world *world, struct effect *first, struct effect **at)
{
    struct effects *effects = &world->current->effects;
    struct effect *effect = *at;
    switch (world->options.sabotage) {
    case SABOTAGE_DROP_RESPONSE:
        if (!is_frame(effect, CK_NEXT_HOP_RESPONSE))
            return false;
        take_out(effects, at);
        return true;
    case SABOTAGE_DROP_ROW:
        if (!ends_relay(effect))
            return false;
        take_out(effects, at);
        return true;
    case SABOTAGE_REVIVE:
        if (!ends_relay(effect))
            return false;
        effect->record.relay.state = RELAY_INSTRUCTED;
        return true;
    case SABOTAGE_SKIP_EVENT:
        if (effect->kind != EFFECT_NOTICE)
            return false;
        effect->notice.event_id++;
        return true;
    case SABOTAGE_SEND_TWICE:
        if (!is_frame(effect, CK_RELAY_REQUEST))
            return false;
        send_twice(effects, effect);
        return true;
    case SABOTAGE_SEND_EARLY:
        if (!is_frame(effect, CK_RELAY_REQUEST))
            return false;
        check_released(world, effect);
        return true;
    case SABOTAGE_WHIM:
        if (effect->kind != EFFECT_NOTICE)
            return false;
        effect->notice.time_ms += world->options.hash_key.k0;
        return true;
    case SABOTAGE_LOOP:
        answer_in_circles(world);
        return true;
    case SABOTAGE_OTHER_DECIDER:
    case SABOTAGE_OTHER_COST:
    case SABOTAGE_OTHER_BOTTLENECK:
    case SABOTAGE_OTHER_WAY:
    case SABOTAGE_NO_WAY:
    case SABOTAGE_OTHER_HOP_COST:
    case SABOTAGE_BREAK_CONSTRAINTS:
    case SABOTAGE_BREAK_HOP_CONSTRAINTS:
    case SABOTAGE_PENALISED_WAY:
        return sabotage_explanation(world, first, effect);
    case SABOTAGE_LEAK:
        world->leaked = memory_allocate(&world->core_memory.memory, 1);
        return world->leaked != NULL;
    case SABOTAGE_NONE:
    case SABOTAGES_END:
        break;
    }
    return false;
}

void sabotage_step(struct world *world, struct effect **first)
{
    enum { FIRST_STEP = 20 }; /* let it live a little */
    if (world->options.sabotage == SABOTAGE_NONE || world->sabotaged || world->step_number < FIRST_STEP)
        return;
    for (struct effect **at = first; *at != NULL && !world->sabotaged; at = &(*at)->next) {
        world->sabotaged = spoil(world, *first, at);
        if (world->sabotaged)
            return;
    }
}
