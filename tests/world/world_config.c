/* SPDX-License-Identifier: Apache-2.0 */
/* The network outside (KMs, KMAs, links) and what the configuration file says of it. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "world/world.h"

static void make_dialect(struct world *world, struct sim_km *km, size_t index)
{
    struct random *random = &world->random;
    ck_dialect_init(&km->dialect);
    if (random_one_in(random, 3))
        return;
    struct ck_dialect *dialect = &km->dialect;
    if (random_one_in(random, 3)) {
        dialect->byte_order = CK_BYTE_ORDER_AUTO;
        km->order = random_one_in(random, 2) ? CK_LITTLE_ENDIAN : CK_BIG_ENDIAN;
    }
    if (random_one_in(random, 3)) {
        dialect->versions[0] = 1;
        dialect->versions[1] = 3;
        dialect->version_count = 2;
        km->version = random_one_in(random, 2) ? 3 : 1;
    }
    dialect->message_id = random_one_in(random, 3) ? CK_MESSAGE_ID_FRESH : CK_MESSAGE_ID_ECHO;
    dialect->transit = (enum ck_transit)random_below(random, 3);
    dialect->transit_type = (enum ck_transit_type)random_below(random, 2);
    dialect->refusal = (enum ck_refusal)random_below(random, 3);
    dialect->key_style = (enum ck_key_style)random_below(random, 4);
    dialect->extensions = (enum ck_extensions)random_below(random, 3);
    if (random_one_in(random, 4)) {
        dialect->success_words[0] = index % 2 == 0 ? TEXT("gelungen") : TEXT("transfer finished");
        dialect->success_word_count = 1;
    }
}

static void make_km(struct world *world, size_t index)
{
    struct random *random = &world->random;
    struct sim_km *km = &world->kms[index];
    snprintf(km->name, sizeof km->name, "km-%zu", index);
    km->kma_count = 1 + random_below(random, WORLD_KMAS_PER_KM);
    for (size_t i = 0; i < km->kma_count; i++) {
        snprintf(km->kma_names[i], sizeof km->kma_names[i], "kma-%zu-%zu", index, i);
        km->kma_ids[i] = text_from_c(km->kma_names[i]);
        world->graph.owner[world->graph.node_count] = index;
        world->graph.nodes[world->graph.node_count++] = km->kma_ids[i];
    }
    km->identity_count = 1 + random_below(random, 2);
    snprintf(km->identity_names[0], WORLD_NAME_BYTES, "dns:km-%zu.example", index);
    snprintf(km->identity_names[1], WORLD_NAME_BYTES, "psk:km-%zu", index);
    for (size_t i = 0; i < km->identity_count; i++)
        km->identities[i] = text_from_c(km->identity_names[i]);
    km->in_file = !random_one_in(random, 4);
    km->enabled = !random_one_in(random, 25);
    km->order = CK_BIG_ENDIAN;
    km->version = 1;
    km->style = (enum ck_key_style)(CK_KEYS_SNAKE + random_below(random, 3));
    km->sends_extensions = random_one_in(random, 3);
    size_t dice = random_below(random, 10);
    km->temper = dice < 6 ? KM_PROMPT : dice < 8 ? KM_SLOW : dice < 9 ? KM_SILENT : KM_RUDE;
    make_dialect(world, km, index);
    if (random_one_in(random, 3))
        km->policy = policy_draw(world);
}

static void add_edge(struct world *world, size_t a, size_t b)
{
    struct graph *graph = &world->graph;
    if (a == b || graph->edge_count == WORLD_EDGES_MAX)
        return;
    struct edge *edge = &graph->edges[graph->edge_count];
    *edge = (struct edge){ .a = a, .b = b, .up = true };
    snprintf(edge->name, sizeof edge->name, "link-%zu", graph->edge_count++);
}

/* A tree, so that most pairs have a path, and chords, so that there is more than one. */
static void make_graph(struct world *world)
{
    struct graph *graph = &world->graph;
    for (size_t i = 0; i < 2; i++) { /* KMAs that belong to no KM: a link alone names them */
        snprintf(graph->extra_names[i], WORLD_NAME_BYTES, "kma-free-%zu", i);
        graph->owner[graph->node_count] = WORLD_KMS_MAX;
        graph->nodes[graph->node_count++] = text_from_c(graph->extra_names[i]);
    }
    for (size_t i = 1; i < graph->node_count; i++)
        add_edge(world, i, random_below(&world->random, i));
    size_t chords = random_below(&world->random, graph->node_count + 1);
    for (size_t i = 0; i < chords; i++)
        add_edge(world, random_below(&world->random, graph->node_count),
                 random_below(&world->random, graph->node_count));
}

size_t graph_node(const struct world *world, struct text kma_id)
{
    size_t i = 0;
    while (i < world->graph.node_count && !text_equal(world->graph.nodes[i], kma_id))
        i++;
    return i;
}

/* Breadth first over the links that are up, so every step of it comes nearer; 0: no path. */
size_t graph_path(const struct world *world, size_t from, size_t to, struct text *out_path)
{
    const struct graph *graph = &world->graph;
    size_t next[WORLD_NODES_MAX], queue[WORLD_NODES_MAX], head = 0, tail = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        next[i] = graph->node_count;
    if (from >= graph->node_count || to >= graph->node_count)
        return 0;
    next[to] = to;
    queue[tail++] = to;
    while (head < tail) { /* from the destination, so that `next` leads there */
        size_t node = queue[head++];
        for (size_t i = 0; i < graph->edge_count; i++) {
            const struct edge *edge = &graph->edges[i];
            size_t other = edge->a == node ? edge->b : edge->a;
            if (!edge->up || (edge->a != node && edge->b != node) || next[other] != graph->node_count)
                continue;
            next[other] = node;
            queue[tail++] = other;
        }
    }
    if (next[from] == graph->node_count)
        return 0;
    size_t count = 0;
    for (size_t node = from;; node = next[node]) {
        out_path[count++] = graph->nodes[node];
        if (node == to)
            return count;
    }
}

void config_describe_km(const struct world *world, size_t index, struct km_config *out_config)
{
    const struct sim_km *km = &world->kms[index];
    *out_config = (struct km_config){ .km_id = text_from_c(km->name),
                                      .kma_ids = (struct text *)km->kma_ids,
                                      .kma_id_count = km->kma_count,
                                      .identities = (struct text *)km->identities,
                                      .identity_count = km->identity_count,
                                      .enabled = km->enabled,
                                      .dialect = km->dialect,
                                      .policy = km->policy };
}

void config_init(struct world *world)
{
    size_t kms = 3 + random_below(&world->random, random_one_in(&world->random, 6) ? 38 : 10);
    world->km_count = kms;
    for (size_t i = 0; i < kms; i++)
        make_km(world, i);
    make_graph(world);
    for (size_t i = 0; i < world->graph.node_count; i++)
        world->graph.policies[i] = policy_draw(world);
    world->application_count = 1 + random_below(&world->random, WORLD_APPLICATIONS_MAX - 1);
    for (size_t i = 0; i <= world->application_count && i < WORLD_APPLICATIONS_MAX; i++) {
        snprintf(world->application_names[i], WORLD_NAME_BYTES, "app-%zu", i);
        world->application_nodes[i] = random_below(&world->random, world->graph.node_count);
    }
    if (world->application_count == WORLD_APPLICATIONS_MAX)
        world->application_count--;
}

static void describe_file(struct world *world, struct file_config *file)
{
    file->kms = arena_allocate(&file->arena, world->km_count * sizeof *file->kms);
    file->applications = arena_allocate(&file->arena, WORLD_APPLICATIONS_MAX * sizeof *file->applications);
    file->links = arena_allocate(&file->arena, WORLD_EDGES_MAX * sizeof *file->links);
    file->destinations = arena_allocate(&file->arena, WORLD_NODES_MAX * sizeof *file->destinations);
    for (size_t i = 0; i < world->graph.node_count; i += 5)
        file->destinations[file->destination_count++] =
            (struct destination_config){ world->graph.nodes[i], world->graph.policies[i] };
    for (size_t i = 0; i < world->km_count; i++) {
        if (world->kms[i].in_file)
            config_describe_km(world, i, &file->kms[file->km_count++]);
    }
    for (size_t i = 0; i < world->application_count; i += 2) /* the others are the API's to name */
        file->applications[file->application_count++] =
            (struct application_config){ text_from_c(world->application_names[i]),
                                         world->graph.nodes[world->application_nodes[i]] };
    for (size_t i = 0; i < world->graph.edge_count; i += 3) {
        const struct edge *edge = &world->graph.edges[i];
        file->links[file->link_count++] = (struct link_config){ .link_id = text_from_c(edge->name),
                                                                .kma_a = world->graph.nodes[edge->a],
                                                                .kma_b = world->graph.nodes[edge->b],
                                                                .cost = 1,
                                                                .key_stock = -1,
                                                                .key_rate = -1,
                                                                .state = LINK_UP,
                                                                .origin = TEXT("file") };
    }
}

static size_t file_rows(const struct world *world, enum record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < world->rows.object_count; i++) {
        const struct object_row *row = &world->rows.objects[i];
        count += row->kind == kind && row->origin == ORIGIN_FILE && row->shadow != NULL;
    }
    return count;
}

static void check_written(struct world *world, enum record_kind kind, struct text id)
{
    if (rows_object(world, kind, ORIGIN_FILE, id)->shadow == NULL)
        world_fail(world, "%.*s of the file was not written", TEXT_ARGUMENTS(id));
}

/* The file's rows are those of the file that was accepted, no fewer and no more. */
static void check_file(struct world *world, const struct file_config *file)
{
    for (size_t i = 0; i < file->km_count; i++)
        check_written(world, RECORD_KM, file->kms[i].km_id);
    for (size_t i = 0; i < file->application_count; i++)
        check_written(world, RECORD_APPLICATION, file->applications[i].application_id);
    for (size_t i = 0; i < file->destination_count; i++)
        check_written(world, RECORD_DESTINATION, file->destinations[i].kma_id);
    for (size_t i = 0; i < file->link_count; i++)
        check_written(world, RECORD_LINK, file->links[i].link_id);
    if (file_rows(world, RECORD_KM) != file->km_count ||
        file_rows(world, RECORD_APPLICATION) != file->application_count ||
        file_rows(world, RECORD_DESTINATION) != file->destination_count ||
        file_rows(world, RECORD_LINK) != file->link_count)
        world_fail(world, "rows of the file that are not in it any more");
}

/* Loads the file as main does at start and at a reload; a changed one defines other KMs than before. */
void config_load_file(struct world *world, bool change)
{
    if (change) {
        struct sim_km *km = &world->kms[random_below(&world->random, world->km_count)];
        if (random_one_in(&world->random, 2))
            km->in_file = !km->in_file;
        else if (random_one_in(&world->random, 2))
            km->enabled = !km->enabled;
        else if (random_one_in(&world->random, 2))
            km->policy = policy_draw(world);
        else
            km->dialect.transit = (enum ck_transit)random_below(&world->random, 3);
        world->coverage->reloads++;
        world_tick(world); /* what is due is judged by the file that held when it was */
    }
    struct file_config file = { .km_count = 0 };
    arena_init(&file.arena, &world->plain_memory);
    describe_file(world, &file);
    struct command command = { .kind = COMMAND_FILE_REPLACE,
                               .actor = TEXT("file"),
                               .kms = file.kms,
                               .km_count = file.km_count,
                               .applications = file.applications,
                               .application_count = file.application_count,
                               .destinations = file.destinations,
                               .destination_count = file.destination_count,
                               .links = file.links,
                               .link_count = file.link_count };
    uint64_t accepted = world->coverage->replies[REPLY_OK];
    uint32_t fail_one_in = world->core_memory.fail_one_in;
    world->core_memory.fail_one_in = world->turn_memory.fail_one_in = 0; /* else it is applied in part */
    command_send(world, &command);
    world->core_memory.fail_one_in = world->turn_memory.fail_one_in = fail_one_in;
    if (world->coverage->replies[REPLY_OK] != accepted) /* refused: the former holds */
        check_file(world, &file);
    arena_fini(&file.arena);
}
