/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The planner at full size, in the real core: 10,000 KMAs, each of a connected KM, and 30,000 links. Prints
 * what the core holds, what it takes to be told all links at once and one link at a time (its stock, its
 * cost, its state), and to decide a relay when nothing has changed and right after each kind of change.
 *
 *     bench_planner [QUESTIONS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../heap_memory.h"
#include "../seeded.h"
#include "core/core.h"
#include "cpu_time.h"

enum {
    NODES = 10000,
    LINKS = 3 * NODES,
    NAME_BYTES = 16,
    PAYLOAD_BYTES = 128,
    QUESTIONS_MAX = 1000,
    SEED = 1
};

enum change { CHANGE_NONE, CHANGE_STOCK, CHANGE_COST, CHANGE_STATE, CHANGES_END };

static const char *const change_names[] = { [CHANGE_STOCK] = "a stock", "a cost", "a state" };

struct planned {
    struct heap_memory heap;
    struct memory memory;
    struct core *core;
    struct effects effects;
    struct seeded seeded;
    char names[NODES][NAME_BYTES];
    char link_names[LINKS][NAME_BYTES];
    struct link_config links[LINKS];
    uint64_t now_ms;
    uint32_t message_id;
};

struct times {
    double ms[QUESTIONS_MAX];
    size_t count;
};

static _Noreturn void fail(const char *words)
{
    fprintf(stderr, "bench_planner: %s\n", words);
    exit(1);
}

/* How long the core took. */
static double step(struct planned *planned, struct event *event)
{
    effects_clear(&planned->effects);
    planned->now_ms += 10;
    event->monotonic_ms = planned->now_ms;
    event->wall_ms = UINT64_C(1790000000000) + planned->now_ms;
    const double before = cpu_time_ms();
    if (core_step(planned->core, event, &planned->effects) != CORE_OK)
        fail("the core is out of memory");
    return cpu_time_ms() - before;
}

static double run(struct planned *planned, const struct command *command)
{
    struct event event = { .kind = EVENT_COMMAND, .command = { 1, command } };
    const double took = step(planned, &event);
    const struct effect *effect = planned->effects.first;
    while (effect != NULL && effect->kind != EFFECT_REPLY)
        effect = effect->next;
    if (effect == NULL || (effect->reply.status != REPLY_OK && effect->reply.status != REPLY_CREATED))
        fail("a command was refused");
    return took;
}

/* ---- the network: a ring with twice as many chords ---- */

static void make_links(struct planned *planned)
{
    static const size_t reach[3][3] = { { 1, 1, 1 },
                                        { 2, 5, 30 },
                                        { 60, 200, 3000 } }; /* none are parallel */
    for (size_t i = 0; i < LINKS; i++) {
        const size_t a = i / 3, step = reach[i % 3][seeded_below(&planned->seeded, 3)];
        snprintf(planned->link_names[i], NAME_BYTES, "l%zu", i);
        planned->links[i] = (struct link_config){
            .link_id = text_from_c(planned->link_names[i]),
            .kma_a = text_from_c(planned->names[a]),
            .kma_b = text_from_c(planned->names[(a + step) % NODES]),
            .cost = 1 + (uint32_t)seeded_below(&planned->seeded, 1000),
            .key_stock = (int64_t)(1000 + seeded_below(&planned->seeded, 100000)),
            .key_rate = 1000,
            .state = LINK_UP,
            .origin = TEXT("bench"),
        };
    }
}

static void enrol(struct planned *planned, uint32_t node)
{
    char name[NAME_BYTES + 4];
    struct text kma_id = text_from_c(planned->names[node]), identity;
    struct km_config config = { .km_id = kma_id,
                                .kma_ids = &kma_id,
                                .kma_id_count = 1,
                                .identities = &identity,
                                .identity_count = 1,
                                .enabled = true };
    snprintf(name, sizeof name, "cn:%s", planned->names[node]);
    identity = text_from_c(name);
    ck_dialect_init(&config.dialect);
    run(planned, &(struct command){ .kind = COMMAND_KM_PUT, .kms = &config, .km_count = 1 });
    struct event event = { .kind = EVENT_SESSION_OPENED,
                           .opened = { .session = { node, 1 },
                                       .identities = &identity,
                                       .identity_count = 1,
                                       .peer = TEXT("192.0.2.1:50112"),
                                       .security = SECURITY_TLS,
                                       .bad_frames_per_minute = 60,
                                       .replacements_per_minute = 60,
                                       .hold_off_ms = 30000 } };
    step(planned, &event);
}

static double decide_relay(struct planned *planned)
{
    char payload[PAYLOAD_BYTES];
    struct ck_message message;
    size_t offset = 0;
    const uint32_t from = (uint32_t)seeded_below(&planned->seeded, NODES);
    const uint32_t to = (from + 1 + (uint32_t)seeded_below(&planned->seeded, NODES - 1)) % NODES;
    const int bytes =
        snprintf(payload, sizeof payload, "{\"source_KMA_ID\":\"%s\",\"destination_KMA_ID\":\"%s\"}",
                 planned->names[from], planned->names[to]);
    const struct text whole = { payload, (size_t)bytes };
    struct event event = { .kind = EVENT_MESSAGE,
                           .message = {
                               .session = { from, 1 },
                               .header = { 1, ++planned->message_id, CK_NOTIFY_RELAY, (uint16_t)bytes },
                               .byte_order = CK_BIG_ENDIAN,
                               .payload_digest = core_payload_digest(whole),
                               .payload = whole } };
    event.message.malformed =
        ck_message_decode(CK_NOTIFY_RELAY, (unsigned char *)payload, whole.length, &message, &offset);
    event.message.message = &message;
    const double took = step(planned, &event);
    const struct effect *effect = planned->effects.first;
    while (effect != NULL && effect->kind != EFFECT_SEND)
        effect = effect->next;
    if (effect == NULL)
        fail("a relay was not instructed");
    return took;
}

/* What the core holds, without what its last step gave. */
static double mebibytes(struct planned *planned)
{
    effects_clear(&planned->effects);
    return (double)planned->heap.bytes_out / 1048576;
}

static void prepare(struct planned *planned, enum paths_metric metric)
{
    const struct core_settings settings = { .policy = { { DECIDER_COMPUTED }, 2000, 600000 },
                                            .presence_ms = 30000,
                                            .answer_memory_ms = 10000,
                                            .metric = metric };
    planned->heap = (struct heap_memory){ .blocks_limit = SIZE_MAX };
    planned->memory = heap_memory(&planned->heap);
    planned->seeded = (struct seeded){ SEED };
    planned->now_ms = 1000000;
    effects_init(&planned->effects, &planned->memory);
    planned->core = core_new(&planned->memory, &settings, (struct siphash_key){ 1, 2 });
    if (planned->core == NULL)
        fail("the core is out of memory");
    for (uint32_t node = 0; node < NODES; node++) {
        snprintf(planned->names[node], NAME_BYTES, "n%" PRIu32, node);
        enrol(planned, node);
    }
    make_links(planned);
    const double kms = mebibytes(planned);
    const double took = run(planned, &(struct command){ .kind = COMMAND_LINKS_REPLACE,
                                                        .id = TEXT("bench"),
                                                        .links = planned->links,
                                                        .link_count = LINKS });
    const double links = mebibytes(planned);
    const double first = decide_relay(planned);
    printf("  %.1f MiB with %d KMs connected; %.1f with %d links, told at once in %.0f ms; %.1f once the "
           "first relay is "
           "decided, in %.0f ms\n",
           kms, NODES, links, LINKS, took, mebibytes(planned), first);
}

static void finish(struct planned *planned)
{
    core_free(planned->core);
    effects_fini(&planned->effects);
}

/* ---- questions ---- */

static void note(struct times *times, double took)
{
    times->ms[times->count++] = took;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void show(const char *what, struct times *times)
{
    qsort(times->ms, times->count, sizeof times->ms[0], compare);
    printf("%s median %.3f ms, p95 %.3f ms", what, times->ms[times->count / 2],
           times->ms[times->count * 95 / 100]);
}

static double change_link(struct planned *planned, enum change change)
{
    struct link_config *link = &planned->links[seeded_below(&planned->seeded, LINKS)];
    if (change == CHANGE_STOCK)
        link->key_stock = (int64_t)(1000 + seeded_below(&planned->seeded, 100000));
    else if (change == CHANGE_COST)
        link->cost = 1 + (uint32_t)seeded_below(&planned->seeded, 1000);
    else
        link->state = link->state == LINK_UP ? LINK_DOWN : LINK_UP;
    return run(planned, &(struct command){ .kind = COMMAND_LINK_PUT, .links = link, .link_count = 1 });
}

static void ask(struct planned *planned, enum change change, size_t questions)
{
    static struct times changes, decisions;
    changes.count = decisions.count = 0;
    for (size_t i = 0; i < questions; i++) {
        if (change != CHANGE_NONE)
            note(&changes, change_link(planned, change));
        note(&decisions, decide_relay(planned));
    }
    if (change == CHANGE_NONE) {
        show("  nothing changes: a relay is decided in", &decisions);
    } else {
        printf("  %s changes:", change_names[change]);
        show(" told in", &changes);
        show("; a relay after it is decided in", &decisions);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct planned planned;
    static const struct {
        const char *name;
        enum paths_metric metric;
    } metrics[] = { { "shortest", PATHS_SHORTEST }, { "widest_shortest", PATHS_WIDEST_SHORTEST } };
    const size_t questions = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
    if (questions < 20 || questions > QUESTIONS_MAX)
        fail("usage: bench_planner [20 to 1000 QUESTIONS]");
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        printf("%s\n", metrics[i].name);
        prepare(&planned, metrics[i].metric);
        for (enum change change = CHANGE_NONE; change < CHANGES_END; change++)
            ask(&planned, change, questions);
        finish(&planned);
    }
    return 0;
}
