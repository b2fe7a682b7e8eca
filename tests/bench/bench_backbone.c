/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day of relays through a made national backbone, decided by the real core under each metric, and without a
 * key budget: what is accepted, and how many keys are wasted. Beside the time of decisions that of igraph's
 * Dijkstra, one path over the same network, in turns in one process.
 *
 *     bench_backbone [SEED [WISHES_A_PEAK_HOUR]]
 */
#include <igraph.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../backbone/day.h"
#include "cpu_time.h"

enum {
    WISHES_MAX = 1 << 20,
    WISHES_A_PEAK_HOUR = 6000,
    COMPARED_ONE_IN = 16, /* decisions that igraph is asked beside */
    CITIES = 41,
    RELAYS = 104,
    METROS = 20,
};

struct times {
    double us[WISHES_MAX];
    size_t count;
};

struct beside {
    igraph_t igraph;
    igraph_vector_t costs;
    igraph_vector_int_t path;
    struct times ours, theirs;
    size_t wishes;
};

static _Noreturn void fail(const char *words)
{
    fprintf(stderr, "bench_backbone: %s\n", words);
    exit(1);
}

/* ---- times ---- */

static void note(struct times *times, uint64_t took_ns)
{
    if (times->count == WISHES_MAX)
        fail("too many wishes");
    times->us[times->count++] = (double)took_ns / 1000;
}

static int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double percentile(struct times *times, size_t percent)
{
    if (times->count == 0)
        fail("nobody asked");
    qsort(times->us, times->count, sizeof *times->us, compare_times);
    return times->us[times->count * percent / 100];
}

/* ---- igraph ---- */

static void prepare(struct beside *beside, const struct backbone *backbone)
{
    igraph_vector_int_t edges;
    beside->ours.count = beside->theirs.count = beside->wishes = 0;
    igraph_vector_int_init(&edges, 0);
    igraph_vector_init(&beside->costs, 0);
    igraph_vector_int_init(&beside->path, 0);
    for (size_t i = 0; i < backbone->link_count; i++) {
        igraph_vector_int_push_back(&edges, backbone->links[i].ends[0]);
        igraph_vector_int_push_back(&edges, backbone->links[i].ends[1]);
        igraph_vector_push_back(&beside->costs, 1);
    }
    igraph_create(&beside->igraph, &edges, (igraph_integer_t)backbone->node_count, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&edges);
}

static void finish(struct beside *beside)
{
    igraph_vector_int_destroy(&beside->path);
    igraph_vector_destroy(&beside->costs);
    igraph_destroy(&beside->igraph);
}

static void decided(void *context, const struct traffic_wish *wish, uint64_t took_ns)
{
    struct beside *beside = context;
    note(&beside->ours, took_ns);
    if (beside->wishes++ % COMPARED_ONE_IN != 0)
        return;
    const uint64_t before_ns = cpu_time_ns();
    if (igraph_get_shortest_path_dijkstra(&beside->igraph, NULL, &beside->path, wish->source,
                                          wish->destination, &beside->costs, IGRAPH_ALL) != IGRAPH_SUCCESS)
        fail("igraph refused");
    note(&beside->theirs, cpu_time_ns() - before_ns);
}

/* ---- a row ---- */

static void tell(const char *what, const struct day_figures *figures, struct beside *beside)
{
    const uint64_t succeeded = figures->ended[DAY_SUCCEEDED];
    if (succeeded == 0)
        fail("no relay succeeded");
    printf(
        "| %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %.1f%% | %" PRIu64 " and %" PRIu64 " | %" PRIu64
        ", %" PRIu64 ", %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %.1f | %.0f and %.0f us | %.0f and %.0f us "
        "|\n",
        what, figures->wishes, figures->instructed, succeeded,
        100 * (double)succeeded / (double)figures->wishes, figures->refused[REASON_NO_ROUTE],
        figures->refused[REASON_INSUFFICIENT_KEYS], figures->ended[DAY_LACKED_KEYS],
        figures->ended[DAY_LINK_DOWN], figures->ended[DAY_KM_FAILED], figures->keys_used,
        figures->keys_wasted, (double)figures->keys_used / (double)succeeded, percentile(&beside->ours, 50),
        percentile(&beside->ours, 99), percentile(&beside->theirs, 50), percentile(&beside->theirs, 99));
    fflush(stdout);
}

static void run(const char *what, const struct day_options *options)
{
    static struct beside beside;
    struct day_options measured = *options;
    measured.now_ns = cpu_time_ns;
    measured.decided = decided;
    measured.context = &beside;
    struct day *day = day_new(&measured);
    prepare(&beside, &day->backbone);
    day_run(day, options->lasts_ms);
    day_finish(day);
    tell(what, &day->figures, &beside);
    finish(&beside);
    day_free(day);
}

static void run_all(const char *network, const struct day_options *given)
{
    struct day_options options = *given;
    struct day *day = day_new(&options);
    printf("\n%s: %zu nodes, %zu links; seed %" PRIu64 "\n\n", network, day->backbone.node_count,
           day->backbone.link_count, options.seed);
    day_free(day);
    printf(
        "| paths | wishes | instructed | succeeded | of all | refused: no way, no keys | failed: no key, "
        "link down, KM | keys used | keys wasted | hops | decision p50, p99 | igraph's Dijkstra p50, p99 |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    options.metric = PATHS_WIDEST_SHORTEST;
    run("widest_shortest", &options);
    options.metric = PATHS_SHORTEST;
    run("shortest", &options);
    options.metric = PATHS_WIDEST;
    run("widest", &options);
    options.metric = PATHS_WIDEST_SHORTEST;
    options.tells_stocks = false;
    run("no budget", &options);
}

int main(int argc, char **argv)
{
    struct day_options options = {
        .size = { CITIES, RELAYS, METROS, 0 },
        .seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
        .wishes_a_peak_hour = argc > 2 ? strtoull(argv[2], NULL, 10) : WISHES_A_PEAK_HOUR,
        .lasts_ms = 24 * (uint64_t)DAY_HOUR_MS,
        .link_faults = 18,
        .node_faults = 4,
        .doom_one_in = 500,
        .stocks_percent = 50,
        .tells_stocks = true,
    };
    if (argc > 3 || options.wishes_a_peak_hour < 100 || options.wishes_a_peak_hour > 50000)
        fail("usage: bench_backbone [SEED [100 to 50000 WISHES_A_PEAK_HOUR]]");
    run_all("A tree", &options);
    options.size.closing_links = 2;
    run_all("Two rings", &options);
    return 0;
}
