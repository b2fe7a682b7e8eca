/* SPDX-License-Identifier: Apache-2.0 */
/* What operators and the orchestrator change: KMs, applications, links, routes, and relays of their own. */
#include <stdio.h>

#include "world/world.h"

void command_send(struct world *world, struct command *command)
{
    struct event event = { .kind = EVENT_COMMAND,
                           .command = { .command_id = ++world->orchestrator.next_command_id,
                                        .command = command } };
    if (!text_is_present(command->actor))
        command->actor = TEXT("token:ops");
    world->coverage->commands[command->kind]++;
    rehearse(world, &event);
    world_step(world, &event);
    world->rehearsal.done = false;
}

static uint64_t revision_to_match(struct world *world, enum record_kind kind, struct text id)
{
    const struct object_row *row = rows_object(world, kind, ORIGIN_API, id);
    if (row->shadow == NULL || !random_one_in(&world->random, 5))
        return 0;
    return random_one_in(&world->random, 3) ? 1000000 : row->shadow->record.revision.number;
}

static void change_km(struct world *world)
{
    size_t index = random_below(&world->random, world->km_count);
    struct sim_km *km = &world->kms[index];
    struct text id = text_from_c(km->name);
    struct command command = { .id = id, .if_match = revision_to_match(world, RECORD_KM, id) };
    struct km_config config;
    if (random_one_in(&world->random, 4)) {
        command.kind = COMMAND_KM_DELETE;
        command_send(world, &command);
        return;
    }
    if (random_one_in(&world->random, 4))
        km->enabled = !km->enabled;
    if (random_one_in(&world->random, 3))
        km->dialect.transit_type = (enum ck_transit_type)random_below(&world->random, 2);
    if (random_one_in(&world->random, 3))
        km->policy = policy_draw(world);
    config_describe_km(world, index, &config);
    if (random_one_in(&world->random, 10)) /* a KMA that is another's */
        config.kma_ids = (struct text *)world->kms[(index + 1) % world->km_count].kma_ids,
        config.kma_id_count = 1;
    command.kind = COMMAND_KM_PUT;
    command.kms = &config;
    command.km_count = 1;
    command.dry_run = random_one_in(&world->random, 12);
    command_send(world, &command);
}

static void change_application(struct world *world)
{
    size_t index = random_below(&world->random, world->application_count);
    struct text id = text_from_c(world->application_names[index]);
    struct application_config config = { id, world->graph.nodes[world->application_nodes[index]] };
    bool delete = random_one_in(&world->random, 3);
    struct command command = { .kind = delete ? COMMAND_APPLICATION_DELETE : COMMAND_APPLICATION_PUT,
                               .id = id,
                               .applications = &config,
                               .application_count = 1,
                               .if_match = revision_to_match(world, RECORD_APPLICATION, id) };
    command_send(world, &command);
}

static void change_destination(struct world *world)
{
    size_t node = random_below(&world->random, world->graph.node_count);
    struct text id = world->graph.nodes[node];
    bool delete = random_one_in(&world->random, 3);
    if (!delete)
        world->graph.policies[node] = policy_draw(world);
    struct destination_config config = { id, world->graph.policies[node] };
    struct command command = { .kind = delete ? COMMAND_DESTINATION_DELETE : COMMAND_DESTINATION_PUT,
                               .id = id,
                               .destinations = &config,
                               .destination_count = 1,
                               .if_match = revision_to_match(world, RECORD_DESTINATION, id) };
    command_send(world, &command);
}

static void change_link(struct world *world)
{
    struct edge *edge = &world->graph.edges[random_below(&world->random, world->graph.edge_count)];
    if (random_one_in(&world->random, 3))
        edge->up = !edge->up;
    struct text id = text_from_c(edge->name);
    struct link_config config = { .link_id = id,
                                  .kma_a = world->graph.nodes[edge->a],
                                  .kma_b = world->graph.nodes[edge->b],
                                  .cost = (uint32_t)random_below(&world->random, 4),
                                  .key_stock = (int64_t)random_below(&world->random, 12) - 1,
                                  .key_rate = random_one_in(&world->random, 4) ? 20000 : 100,
                                  .state = edge->up ? LINK_UP : LINK_DOWN,
                                  .origin = TEXT("orchestrator") };
    if (random_one_in(&world->random, 2))
        config.key_capacity =
            (config.key_stock > 0 ? config.key_stock : 1) + (int64_t)random_below(&world->random, 4);
    struct command command = { .kind =
                                   random_one_in(&world->random, 4) ? COMMAND_LINK_DELETE : COMMAND_LINK_PUT,
                               .id = id,
                               .links = &config,
                               .link_count = 1 };
    if (random_one_in(&world->random, 10)) {
        command.kind = COMMAND_LINKS_REPLACE;
        command.id = TEXT("orchestrator");
    }
    command_send(world, &command);
}

void command_enrol(struct world *world)
{
    for (size_t i = 0; i < world->km_count; i++) {
        struct km_config config;
        struct command command = { .kind = COMMAND_KM_PUT, .kms = &config, .km_count = 1 };
        config_describe_km(world, i, &config);
        command.id = config.km_id;
        if (!world->kms[i].in_file && !random_one_in(&world->random, 4))
            command_send(world, &command);
    }
}

enum { ROUTE_HOPS = 4, ROUTES_AT_ONCE = 3 };

struct route_room {
    char name[WORLD_NAME_BYTES];
    struct text path[WORLD_NODES_MAX];
    struct route_hop hops[ROUTE_HOPS];
    struct text candidates[ROUTE_HOPS][2];
};

/* Next hops drawn at random: some sets of them loop, which must be refused. */
static void describe_hops(struct world *world, struct route_room *room, struct route_config *out_route)
{
    for (size_t i = 0; i < ROUTE_HOPS; i++) {
        room->hops[i] =
            (struct route_hop){ .kma_id =
                                    world->graph.nodes[random_below(&world->random, world->graph.node_count)],
                                .next_kma_ids = room->candidates[i],
                                .next_kma_id_count = 1 + random_below(&world->random, 2) };
        for (size_t j = 0; j < 2; j++) {
            size_t node = random_below(&world->random, world->graph.node_count);
            room->candidates[i][j] =
                random_one_in(&world->random, 3) ? out_route->destination_kma_id : world->graph.nodes[node];
        }
    }
    out_route->hops = room->hops;
    out_route->hop_count = 1 + random_below(&world->random, ROUTE_HOPS);
}

static void describe_route(struct world *world, struct route_room *room, struct route_config *out_route)
{
    size_t from = random_below(&world->random, world->graph.node_count);
    size_t to = random_below(&world->random, random_one_in(&world->random, 2) ? world->graph.node_count : 4);
    snprintf(room->name, sizeof room->name, "route-%zu", random_below(&world->random, 24));
    *out_route = (struct route_config){ .route_id = text_from_c(room->name),
                                        .destination_kma_id = world->graph.nodes[to],
                                        .priority = (int32_t)random_below(&world->random, 3),
                                        .origin = random_one_in(&world->random, 3) ? TEXT("planner")
                                                                                   : TEXT("orchestrator") };
    if (random_one_in(&world->random, 3)) /* a lease, perhaps one that has ended */
        out_route->valid_until_ms = world->wall_ms + random_below(&world->random, 20000) - 1000;
    if (random_one_in(&world->random, 3)) {
        if (random_one_in(&world->random, 2))
            out_route->source_kma_id = world->graph.nodes[from];
        describe_hops(world, room, out_route);
        return;
    }
    out_route->source_kma_id = world->graph.nodes[from];
    out_route->path = room->path;
    out_route->path_length = graph_path(world, from, to, room->path);
    if (random_one_in(&world->random, 3)) { /* a detour of its own: any KMA in the middle */
        out_route->path_length = 3;
        room->path[0] = world->graph.nodes[from];
        room->path[1] = world->graph.nodes[random_below(&world->random, world->graph.node_count)];
        room->path[2] = world->graph.nodes[to];
    }
}

static void change_route(struct world *world)
{
    struct route_room rooms[ROUTES_AT_ONCE];
    struct route_config routes[ROUTES_AT_ONCE];
    struct command command = { .kind = COMMAND_ROUTE_PUT, .routes = routes, .route_count = 1 };
    for (size_t i = 0; i < ROUTES_AT_ONCE; i++)
        describe_route(world, &rooms[i], &routes[i]);
    command.id = routes[0].route_id;
    size_t dice = random_below(&world->random, 10);
    if (dice < 2) {
        command.kind = COMMAND_ROUTE_DELETE;
        command.route_count = 0;
    } else if (dice < 4) {
        command.kind = COMMAND_ROUTES_REPLACE;
        command.id = random_one_in(&world->random, 3) ? TEXT("planner") : TEXT("orchestrator");
        command.route_count = random_below(&world->random, ROUTES_AT_ONCE + 1);
        for (size_t i = 0; i < ROUTES_AT_ONCE; i++)
            routes[i].origin = command.id;
    }
    if (dice >= 2)
        command.dry_run = random_one_in(&world->random, 10);
    if (dice < 2 || dice >= 4)
        command.if_match = revision_to_match(world, RECORD_ROUTE, command.id);
    command_send(world, &command);
}

static void start_relay(struct world *world)
{
    struct text path[WORLD_NODES_MAX];
    struct command command = { .kind = COMMAND_RELAY_START, .path = path };
    command.path_length = graph_path(world, random_below(&world->random, world->graph.node_count),
                                     random_below(&world->random, world->graph.node_count), path);
    if (random_one_in(&world->random, 8) && command.path_length > 1)
        path[command.path_length - 1] = path[0];
    command_send(world, &command);
}

void command_act(struct world *world)
{
    size_t dice = random_below(&world->random, 100);
    if (dice < 35)
        change_route(world);
    else if (dice < 50)
        start_relay(world);
    else if (dice < 58)
        change_destination(world);
    else if (dice < 70)
        change_link(world);
    else if (dice < 80)
        change_application(world);
    else if (dice < 95)
        change_km(world);
    else
        config_load_file(world, true);
}
