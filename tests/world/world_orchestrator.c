/* SPDX-License-Identifier: Apache-2.0 */
/* The orchestrator: there or not, deciding held requests well, badly, late or never. */
#include <string.h>

#include "world/world.h"

bool orchestrator_present(const struct world *world, uint64_t leeway_ms)
{
    const struct orchestrator *orchestrator = &world->orchestrator;
    return orchestrator->streams > 0 ||
           (orchestrator->ever_requested &&
            world->monotonic_ms <= orchestrator->last_request_ms + world->settings.presence_ms + leeway_ms);
}

static void hold(struct orchestrator *orchestrator, bool lookup, uint64_t id)
{
    if (orchestrator->held_count == WORLD_HELD_MAX)
        orchestrator->held_count = 0; /* it lost its way, and starts over */
    orchestrator->held[orchestrator->held_count++] = (struct held){ lookup, id };
}

void orchestrator_notice(struct world *world, const struct notice *notice)
{
    if (notice->type == NOTICE_RELAY_AWAITING_DECISION)
        hold(&world->orchestrator, false, notice->relay_id);
    else if (notice->type == NOTICE_LOOKUP_AWAITING_DECISION)
        hold(&world->orchestrator, true, notice->lookup_id);
}

/* Harms a path in a way that must be refused by name. */
static size_t spoil_path(struct world *world, struct text *path, size_t length)
{
    switch (random_below(&world->random, 4)) {
    case 0: /* starts elsewhere */
        path[0] = text_equal(path[0], world->graph.nodes[0]) ? world->graph.nodes[1] : world->graph.nodes[0];
        return length;
    case 1: /* loops */
        path[length] = path[0];
        path[length + 1] = path[length - 1];
        return length + 2;
    case 2: /* a KMA that nobody knows */
        path[length] = path[length - 1];
        path[length - 1] = TEXT("kma-nowhere");
        return length + 1;
    }
    return 0; /* nothing at all */
}

/* By the path the KMs' links allow; now and then one that it made up. */
static void decide_relay(struct world *world, uint64_t relay_id)
{
    struct text path[WORLD_NODES_MAX + 2];
    struct command command = { .kind = COMMAND_RELAY_DECIDE, .request_id = relay_id, .path = path };
    const struct kept *kept = rows_relay(world, relay_id)->durable;
    if (kept == NULL)
        world_fail(world, "a held relay was announced that has no row");
    const struct relay_record *relay = &kept->record.relay;
    struct text destination = relay->destination_kma_id;
    if (!text_is_present(destination)) {
        destination = world->graph.nodes[random_below(&world->random, world->graph.node_count)];
        command.kma_id = destination;
    }
    command.path_length =
        graph_path(world, graph_node(world, relay->source_kma_id), graph_node(world, destination), path);
    if (command.path_length == 0 || random_one_in(&world->random, 6)) {
        command.path = NULL;
        command.path_length = 0;
        command.reject = TEXT("no keys to spare");
        command.kma_id = TEXT_ABSENT;
    } else if (random_one_in(&world->random, 5)) {
        command.path_length = spoil_path(world, path, command.path_length);
    }
    command.learn = random_one_in(&world->random, text_is_present(command.kma_id) ? 2 : 20);
    command_send(world, &command);
}

static void decide_lookup(struct world *world, uint64_t lookup_id)
{
    struct text hops[3];
    struct command command = { .kind = COMMAND_LOOKUP_DECIDE, .request_id = lookup_id, .path = hops };
    const struct kept *kept = rows_lookup(world, lookup_id)->durable;
    if (kept == NULL)
        world_fail(world, "a held lookup was announced that has no row");
    const struct lookup_record *lookup = &kept->record.lookup;
    if (!text_is_present(lookup->destination_kma_id))
        command.kma_id = world->graph.nodes[random_below(&world->random, world->graph.node_count)];
    if (random_one_in(&world->random, 6)) {
        command.path = NULL;
        command.reject = TEXT("not tonight");
        command.kma_id = TEXT_ABSENT;
    } else {
        command.path_length = random_below(&world->random, 4);
        for (size_t i = 0; i < command.path_length;
             i++) /* any KMA at all: loops are the bridge's to prevent */
            hops[i] = world->graph.nodes[random_below(&world->random, world->graph.node_count)];
    }
    command.learn = random_one_in(&world->random, text_is_present(command.kma_id) ? 2 : 20);
    command_send(world, &command);
}

static void act_decide(struct world *world)
{
    struct orchestrator *orchestrator = &world->orchestrator;
    if (orchestrator->held_count == 0)
        return;
    size_t pick = random_below(&world->random, orchestrator->held_count);
    struct held held = orchestrator->held[pick];
    if (!random_one_in(&world->random, 10)) /* else it will decide once more, and hear that it is late */
        orchestrator->held[pick] = orchestrator->held[--orchestrator->held_count];
    if (held.lookup)
        decide_lookup(world, held.id);
    else
        decide_relay(world, held.id);
}

static void show_presence(struct world *world, enum orchestrator_sign sign)
{
    struct orchestrator *orchestrator = &world->orchestrator;
    struct event event = { .kind = EVENT_ORCHESTRATOR, .orchestrator = sign };
    if (sign == ORCHESTRATOR_STREAM_OPENED)
        orchestrator->streams++;
    else if (sign == ORCHESTRATOR_STREAM_CLOSED)
        orchestrator->streams--;
    orchestrator->last_request_ms = world->monotonic_ms;
    orchestrator->ever_requested = true;
    world_step(world, &event);
}

void orchestrator_act(struct world *world)
{
    struct orchestrator *orchestrator = &world->orchestrator;
    if (!orchestrator->exists)
        return;
    size_t dice = random_below(&world->random, 100);
    if (dice < 55)
        act_decide(world);
    else if (dice < 85)
        command_act(world);
    else if (dice < 92)
        show_presence(world, ORCHESTRATOR_REQUEST);
    else if (dice < 96 && orchestrator->streams < 2)
        show_presence(world, ORCHESTRATOR_STREAM_OPENED);
    else if (orchestrator->streams > 0)
        show_presence(world, ORCHESTRATOR_STREAM_CLOSED);
}
