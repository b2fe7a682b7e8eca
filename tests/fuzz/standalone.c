/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer: on the wire vectors and on seeded mutations of them, each in the same
 * order at every run. Prints TAP; a failure prints the seed that replays it:
 *
 *     FUZZ_SEED=n FUZZ_RUNS=1 ./check_fuzz_message
 *
 * `check_fuzz_message --corpus FOLDER` writes the vectors as seed inputs for libFuzzer's program instead.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "fuzz/fuzz.h"
#include "seeded.h"

enum { INPUT_BYTES_MAX = 4096, SEEDS_MAX = 64, RUNS = 100000 };

struct input {
    size_t length;
    uint8_t bytes[INPUT_BYTES_MAX];
};

static struct input seeds[SEEDS_MAX];
static size_t seed_count;

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static void add_seed(const char *hex)
{
    uint8_t frame[INPUT_BYTES_MAX];
    size_t length = strlen(hex) / 2;
    if (length > sizeof frame || seed_count == SEEDS_MAX)
        return;
    for (size_t i = 0; i < length; i++)
        frame[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    struct input *seed = &seeds[seed_count];
    seed->length = fuzz_seed_from_frame(frame, length, seed->bytes, sizeof seed->bytes);
    if (seed->length > 0)
        seed_count++;
}

static void load_seeds(void)
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    json_error_t error;
    snprintf(path, sizeof path, "%s/tests/vectors/frames.json", srcdir != NULL ? srcdir : ".");
    json_t *rows = json_load_file(path, 0, &error);
    for (size_t i = 0; i < json_array_size(rows); i++)
        add_seed(json_string_value(json_object_get(json_array_get(rows, i), "hex")));
    json_decref(rows);
    if (seed_count == 0) {
        printf("Bail out! no vectors in %s\n", path);
        exit(1);
    }
}

/* Replaces `removed` bytes at `at` by `count` others, as far as the input may grow. */
static void splice(struct input *input, size_t at, size_t removed, const void *bytes, size_t count)
{
    if (input->length - removed + count > INPUT_BYTES_MAX)
        return;
    memmove(input->bytes + at + count, input->bytes + at + removed, input->length - at - removed);
    memmove(input->bytes + at, bytes, count);
    input->length = input->length - removed + count;
}

static const char *const tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "false",
    "0",
    "-",
    "1e5",
    "0.5",
    "9007199254740992",
    "\\u0000",
    "\\u00e9",
    "\\uD834",
    "\\uDD1E",
    "\\n",
    "\n",
    " ",
    "\xC3\xA9",
    "\xED\xA0\x80",
    "\xFF",
    "\x7F",
    "[[[[[[[[",
    "]]]]]]]]",
    "{\"a\":",
    "\"source_KMA_ID\":",
    "\"destKmaId\":\"kma-9\"",
    "\"next_KMA_IDs\":[\"a\"]",
    "\"transit_KMA_IDs\":\"a b,c\"",
    "\"Transit KMA IDs\":[",
    "\"Key relay request ID\":",
    "\"result\":true",
    "\"extension\":[{\"x\":1}]",
    "\"extensions\":[]",
    "\"application_destination_ID\":\"app\",",
};

static void mutate(struct input *input, struct seeded *seeded)
{
    size_t at = seeded_below(seeded, input->length + 1);
    size_t rest = input->length - at;
    size_t count = rest > 0 ? seeded_below(seeded, rest < 16 ? rest + 1 : 16) : 0;
    const struct input *other = &seeds[seeded_below(seeded, seed_count)];
    const char *token = tokens[seeded_below(seeded, sizeof tokens / sizeof tokens[0])];
    uint8_t byte = (uint8_t)seeded_next(seeded);
    size_t from = seeded_below(seeded, other->length);
    switch (seeded_below(seeded, 8)) {
    case 0:
        if (rest > 0)
            input->bytes[at] ^= (uint8_t)(1u << byte % 8);
        break;
    case 1:
        splice(input, at, rest > 0, &byte, 1);
        break;
    case 2:
        splice(input, at, count, "", 0);
        break;
    case 3:
        splice(input, at, 0, &byte, 1);
        break;
    case 4: /* repeats a piece of itself */
        splice(input, at, 0, input->bytes + at, count);
        break;
    case 5:
        splice(input, at, rest, other->bytes + from, other->length - from);
        break;
    default:
        splice(input, at, seeded_below(seeded, 2) * count, token, strlen(token));
        break;
    }
}

static void run_seed(uint64_t seed)
{
    static struct input input;
    struct seeded seeded = { seed };
    input = seeds[seeded_below(&seeded, seed_count)];
    for (uint64_t count = 1 + seeded_below(&seeded, 8); count > 0; count--)
        mutate(&input, &seeded);
    LLVMFuzzerTestOneInput(input.bytes, input.length);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

/* The target runs in a child, so that whatever ends it, the seed is told by its parent. */
static int run_all(uint64_t first, uint64_t runs)
{
    volatile uint64_t *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    if (at == MAP_FAILED)
        return -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (size_t i = 0; i < seed_count; i++) {
            *at = i;
            LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].length);
        }
        for (*at = first; *at - first < runs; (*at)++)
            run_seed(*at);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    if (status != 0)
        printf("# ended with status %d at a vector, or replay with FUZZ_SEED=%llu FUZZ_RUNS=1\n", status,
               (unsigned long long)*at);
    return status;
}

static int write_corpus(const char *folder)
{
    for (size_t i = 0; i < seed_count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/vector-%zu", folder, i);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(seeds[i].bytes, 1, seeds[i].length, file) != seeds[i].length ||
            fclose(file) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    load_seeds();
    if (argc == 3 && strcmp(argv[1], "--corpus") == 0)
        return write_corpus(argv[2]);
    uint64_t first = number_from_environment("FUZZ_SEED", 1000);
    uint64_t runs = number_from_environment("FUZZ_RUNS", RUNS);
    printf("1..1\n# %zu vectors, then seeds %llu to %llu\n", seed_count, (unsigned long long)first,
           (unsigned long long)(first + runs - 1));
    int status = run_all(first, runs);
    printf("%s 1 - vectors and their mutations\n", status == 0 ? "ok" : "not ok");
    return status == 0 ? 0 : 1;
}
