/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time of the k shortest paths of floor 1 beside those of igraph, in turns in one process, on a published
 * network and on a made one of 10,000 nodes; both must find the same costs.
 *
 *     bench_paths TOPOLOGY_FILE [QUESTIONS]
 */
#include <igraph.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../heap_memory.h"
#include "../seeded.h"
#include "cpu_time.h"
#include "topology/paths.h"

enum {
    LINKS_MAX = 30000,
    NODES_MAX = 10000,
    NAME_BYTES = 32,
    LINE_BYTES = 256,
    QUESTIONS_MAX = 1000,
    SEED = 1
};

struct graph {
    char names[NODES_MAX][NAME_BYTES];
    size_t node_count;
    struct network_link links[LINKS_MAX];
    char link_names[LINKS_MAX][NAME_BYTES];
    size_t ends[LINKS_MAX][2];
    size_t link_count;
};

struct beside {
    struct memory memory;
    struct arena arena;
    struct network *network;
    igraph_t igraph;
    igraph_vector_t weights;
    igraph_vector_int_list_t paths;
    double ours_ms[QUESTIONS_MAX], theirs_ms[QUESTIONS_MAX];
};

static _Noreturn void fail(const char *words)
{
    fprintf(stderr, "bench_paths: %s\n", words);
    exit(1);
}

/* ---- graphs ---- */

static size_t node_of(struct graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        if (strcmp(graph->names[i], name) == 0)
            return i;
    }
    if (graph->node_count == NODES_MAX)
        fail("too many nodes");
    snprintf(graph->names[graph->node_count], NAME_BYTES, "%s", name);
    return graph->node_count++;
}

static void add_link(struct graph *graph, size_t a, size_t b, uint32_t cost)
{
    size_t link = graph->link_count++;
    if (link == LINKS_MAX)
        fail("too many links");
    snprintf(graph->link_names[link], NAME_BYTES, "l%zu", link);
    graph->ends[link][0] = a;
    graph->ends[link][1] = b;
    graph->links[link] = (struct network_link){ .link_id = text_from_c(graph->link_names[link]),
                                                .kma_a = text_from_c(graph->names[a]),
                                                .kma_b = text_from_c(graph->names[b]),
                                                .cost = cost,
                                                .key_stock = -1,
                                                .key_rate = -1,
                                                .up = true };
}

static void read_graph(const char *name, struct graph *graph)
{
    char line[LINE_BYTES], a[NAME_BYTES], b[NAME_BYTES];
    unsigned cost;
    FILE *file = fopen(name, "r");
    if (file == NULL)
        fail("the topology can't be read");
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#' && sscanf(line, "%31s %31s %u", a, b, &cost) == 3) {
            size_t from = node_of(graph, a);
            add_link(graph, from, node_of(graph, b), cost);
        }
    }
    fclose(file);
}

/* A ring with twice as many chords, most of them short. */
static void make_graph(struct graph *graph)
{
    static const size_t reach[2][3] = { { 2, 5, 30 }, { 60, 200, 3000 } }; /* no links are parallel */
    struct seeded seeded = { SEED };
    for (size_t i = 0; i < NODES_MAX; i++)
        snprintf(graph->names[graph->node_count++], NAME_BYTES, "n%zu", i);
    for (size_t i = 0; i < NODES_MAX; i++) {
        add_link(graph, i, (i + 1) % NODES_MAX, 1 + (uint32_t)seeded_below(&seeded, 1000));
        for (int chord = 0; chord < 2; chord++) {
            size_t step = reach[chord][seeded_below(&seeded, 3)];
            add_link(graph, i, (i + step) % NODES_MAX, 1 + (uint32_t)seeded_below(&seeded, 1000));
        }
    }
}

/* ---- both ---- */

static void prepare(struct beside *beside, const struct graph *graph)
{
    static struct heap_memory heap = { .blocks_limit = SIZE_MAX };
    struct network_description description = { .links = graph->links, .link_count = graph->link_count };
    igraph_vector_int_t edges;
    beside->memory = heap_memory(&heap);
    arena_init(&beside->arena, &beside->memory);
    if (network_new(&beside->memory, &description, &beside->network) != NETWORK_OK)
        fail("the network can't be built");
    igraph_vector_int_init(&edges, 0);
    igraph_vector_init(&beside->weights, 0);
    for (size_t i = 0; i < graph->link_count; i++) {
        igraph_vector_int_push_back(&edges, (igraph_integer_t)graph->ends[i][0]);
        igraph_vector_int_push_back(&edges, (igraph_integer_t)graph->ends[i][1]);
        igraph_vector_push_back(&beside->weights, graph->links[i].cost);
    }
    igraph_create(&beside->igraph, &edges, (igraph_integer_t)graph->node_count, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&edges);
    igraph_vector_int_list_init(&beside->paths, 0);
}

static void finish(struct beside *beside)
{
    igraph_vector_int_list_destroy(&beside->paths);
    igraph_destroy(&beside->igraph);
    igraph_vector_destroy(&beside->weights);
    network_free(beside->network);
    arena_fini(&beside->arena);
}

static void compare(const struct beside *beside, const struct paths_answer *answer)
{
    if (!answer->complete || (size_t)igraph_vector_int_list_size(&beside->paths) != answer->count)
        fail("not as many paths");
    for (size_t i = 0; i < answer->count; i++) {
        const igraph_vector_int_t *edges =
            igraph_vector_int_list_get_ptr(&beside->paths, (igraph_integer_t)i);
        double cost = 0;
        for (igraph_integer_t j = 0; j < igraph_vector_int_size(edges); j++)
            cost += VECTOR(beside->weights)[VECTOR(*edges)[j]];
        if (cost != (double)answer->paths[i].cost)
            fail("other costs");
    }
}

static void ask(struct beside *beside, const struct graph *graph, const size_t *ends, uint32_t k,
                size_t number)
{
    struct paths_request request = { .source_kma_id = text_from_c(graph->names[ends[0]]),
                                     .destination_kma_id = text_from_c(graph->names[ends[1]]),
                                     .metric = PATHS_SHORTEST,
                                     .k = k };
    struct paths_answer answer;
    struct paths_fault fault;
    arena_clear(&beside->arena);
    double start = cpu_time_ms();
    if (paths_find(beside->network, &request, &beside->arena, &answer, &fault) != PATHS_OK)
        fail("refused");
    double between = cpu_time_ms();
    if (igraph_get_k_shortest_paths(&beside->igraph, &beside->weights, NULL, &beside->paths, k,
                                    (igraph_integer_t)ends[0], (igraph_integer_t)ends[1],
                                    IGRAPH_ALL) != IGRAPH_SUCCESS)
        fail("igraph refused");
    beside->ours_ms[number] = between - start;
    beside->theirs_ms[number] = cpu_time_ms() - between;
    compare(beside, &answer);
}

static int compare_times(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void run(const char *what, const struct graph *graph, uint32_t k, size_t questions)
{
    static struct beside beside;
    struct seeded seeded = { SEED };
    prepare(&beside, graph);
    for (size_t i = 0; i < questions; i++) {
        size_t from = seeded_below(&seeded, graph->node_count);
        size_t ends[2] = { from,
                           (from + 1 + seeded_below(&seeded, graph->node_count - 1)) % graph->node_count };
        ask(&beside, graph, ends, k, i);
    }
    qsort(beside.ours_ms, questions, sizeof(double), compare_times);
    qsort(beside.theirs_ms, questions, sizeof(double), compare_times);
    double ours = beside.ours_ms[questions / 2], theirs = beside.theirs_ms[questions / 2];
    printf("%-10s k %2" PRIu32
           "  %4zu questions  ckbridge median %8.3f ms, p95 %8.3f ms  igraph median %8.3f ms, "
           "p95 %8.3f ms  igraph/ckbridge %.1f\n",
           what, k, questions, ours, beside.ours_ms[questions * 95 / 100], theirs,
           beside.theirs_ms[questions * 95 / 100], theirs / ours);
    fflush(stdout);
    finish(&beside);
}

int main(int argc, char **argv)
{
    static struct graph published, made;
    size_t questions = argc > 2 ? strtoul(argv[2], NULL, 10) : QUESTIONS_MAX;
    if (argc < 2 || questions < 20 || questions > QUESTIONS_MAX)
        fail("usage: bench_paths TOPOLOGY_FILE [20 to 1000 QUESTIONS]");
    read_graph(argv[1], &published);
    make_graph(&made);
    run("published", &published, 1, questions);
    run("published", &published, 4, questions);
    run("published", &published, 16, questions);
    run("10,000", &made, 1, questions / 10);
    run("10,000", &made, 4, questions / 20);
    run("10,000", &made, 16, questions / 20);
    return 0;
}
