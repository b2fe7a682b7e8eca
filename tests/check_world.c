/* SPDX-License-Identifier: Apache-2.0 */
/* Runs many seeded worlds around the real core; a seed that breaks a promise is printed with how to replay
 * it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world/world.h"

enum { SEEDS_DEFAULT = 2500, FAILURES_SHOWN = 8, SABOTAGES = SABOTAGES_END - 1 };

static char dying_words[128]; /* for the handler below */

/* An assertion of the core failed: say which seed did it, then die as abort() wants. */
static void on_abort(int signal_number)
{
    (void)signal_number;
    ssize_t ignored = write(STDOUT_FILENO, dying_words, strlen(dying_words));
    (void)ignored;
}

static uint64_t number_from(const char *name, uint64_t fallback)
{
    const char *value = getenv(name);
    uint64_t number;
    return value != NULL && text_to_u64(text_from_c(value), UINT64_MAX, &number) ? number : fallback;
}

static bool run_once(struct world_options *options, uint64_t key, struct coverage *coverage,
                     uint64_t *out_digest)
{
    options->hash_key = (struct siphash_key){ key, ~key };
    options->rehearses = key != 7;
    return world_run(options, coverage, out_digest);
}

struct outcome {
    uint64_t broken;    /* seeds that broke a promise */
    uint64_t differing; /* seeds whose runs differed */
};

static void replay_hint(uint64_t seed)
{
    printf("# replay with WORLD_FIRST=%llu WORLD_SEEDS=1\n", (unsigned long long)seed);
    fflush(stdout);
}

/* Twice, with another hash key and with a dry run before each change; some a third time with the first key.
 */
static void run_seed(struct world_options *options, struct coverage *coverage, struct outcome *outcome)
{
    uint64_t first, second;
    uint64_t seed = options->seed;
    snprintf(dying_words, sizeof dying_words, "# aborted: replay with WORLD_FIRST=%llu WORLD_SEEDS=1\n",
             (unsigned long long)seed);
    coverage->seeds++;
    if (!run_once(options, 7, coverage, &first)) {
        outcome->broken++;
        replay_hint(seed);
        return;
    }
    for (uint64_t key = 11; key >= 7; key -= 4) {
        if (key == 7 && seed % 8 != 0)
            continue;
        if (!run_once(options, key, coverage, &second) || first != second) {
            printf("# seed %llu: another run with %s hash key went another way\n", (unsigned long long)seed,
                   key == 7 ? "the same" : "another");
            outcome->differing++;
            replay_hint(seed);
            return;
        }
    }
}

/* Is a core that breaks its promise in this way found out, at the first seed that gives it the opportunity?
 */
static bool is_caught(enum sabotage sabotage)
{
    static struct coverage ignored;
    struct world_options options = { .sabotage = sabotage };
    for (options.seed = 1; options.seed <= 50; options.seed++) {
        uint64_t first = 0, second = 0;
        if (!run_once(&options, 7, &ignored, &first))
            return true;
        if (sabotage == SABOTAGE_WHIM && first != 0)
            return !run_once(&options, 11, &ignored, &second) || first != second;
        if (first != 0)
            return false; /* done, and not found */
    }
    return false;
}

static bool report_sabotages(int number)
{
    bool good = true;
    for (int sabotage = SABOTAGE_NONE + 1; sabotage < SABOTAGES_END; sabotage++) {
        bool caught = is_caught((enum sabotage)sabotage);
        printf("%s %d - self-test, caught: %s\n", caught ? "ok" : "not ok", number++,
               sabotage_name((enum sabotage)sabotage));
        good = good && caught;
    }
    return good;
}

static void verdict(int number, const char *name, bool good)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", number, name);
}

int main(void)
{
    static struct coverage coverage;
    uint64_t first = number_from("WORLD_FIRST", 1);
    uint64_t count = number_from("WORLD_SEEDS", SEEDS_DEFAULT);
    struct world_options options = { .trace = getenv("WORLD_TRACE") != NULL };
    struct outcome outcome = { 0, 0 };
    signal(SIGABRT, on_abort);
    bool judges_coverage = count >= SEEDS_DEFAULT;
    printf("1..%d\n", 2 + SABOTAGES + (judges_coverage ? coverage_count() : 0));
    for (uint64_t i = 0; i < count && outcome.broken + outcome.differing < FAILURES_SHOWN; i++) {
        options.seed = first + i;
        run_seed(&options, &coverage, &outcome);
    }
    coverage_print(&coverage);
    verdict(1, "every promise held after every step of every seed",
            outcome.broken == 0 && coverage.steps > 0);
    verdict(2, "same inputs, same outputs, whatever the hash key, and whatever was tried as a dry run",
            outcome.differing == 0 && coverage.steps > 0);
    bool sabotages_caught = report_sabotages(3);
    bool covered = !judges_coverage || coverage_report(&coverage, 3 + SABOTAGES);
    fflush(stdout);
    return sabotages_caught && covered && outcome.broken + outcome.differing == 0 ? EXIT_SUCCESS
                                                                                  : EXIT_FAILURE;
}
