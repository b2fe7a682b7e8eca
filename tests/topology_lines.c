/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths by line: links and questions on standard input, a line with the answer to each question on standard
 * output, so that other programs may compare floor 1 with what they know.
 *
 *     link A B COST                      links are l0, l1 ... in the order they come
 *     paths K SOURCE DESTINATION         -> "COST KMA,KMA,... l0,l1,...", and the others after ";"
 *     pair links|kmas SOURCE DESTINATION -> likewise
 *     clear                              no links
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap_memory.h"
#include "topology/pair.h"

enum { LINE_BYTES = 256, WORDS_MAX = 4, WORD_BYTES = 32 };

struct lines {
    struct memory memory;
    struct arena names, answers;
    struct network_link links[NETWORK_LINKS_MAX];
    size_t link_count;
    struct network *network; /* NULL: links have come since */
};

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void forget_network(struct lines *lines)
{
    network_free(lines->network);
    lines->network = NULL;
}

static void clear(struct lines *lines)
{
    forget_network(lines);
    arena_clear(&lines->names);
    lines->link_count = 0;
}

static void add_link(struct lines *lines, char (*words)[WORD_BYTES])
{
    char id[WORD_BYTES];
    if (lines->link_count == NETWORK_LINKS_MAX)
        fail("more than %d links", NETWORK_LINKS_MAX);
    snprintf(id, sizeof id, "l%zu", lines->link_count);
    lines->links[lines->link_count++] =
        (struct network_link){ .link_id = arena_copy(&lines->names, text_from_c(id)),
                               .kma_a = arena_copy(&lines->names, text_from_c(words[1])),
                               .kma_b = arena_copy(&lines->names, text_from_c(words[2])),
                               .cost = (uint32_t)strtoul(words[3], NULL, 10),
                               .key_stock = -1,
                               .key_rate = -1,
                               .up = true };
    forget_network(lines);
}

static void build(struct lines *lines)
{
    struct network_description description = { .links = lines->links, .link_count = lines->link_count };
    if (lines->network == NULL && network_new(&lines->memory, &description, &lines->network) != NETWORK_OK)
        fail("the network can't be built");
}

static void print_paths(const struct lines *lines, const struct paths_answer *answer)
{
    if (!answer->complete)
        fail("the limit of work was reached");
    for (size_t i = 0; i < answer->count; i++) {
        const struct path *path = &answer->paths[i];
        printf("%s%" PRIu64 " ", i > 0 ? ";" : "", path->cost);
        for (size_t j = 0; j < path->length; j++)
            printf("%s%.*s", j > 0 ? "," : "", TEXT_ARGUMENTS(path->kma_ids[j]));
        for (size_t j = 0; j + 1 < path->length; j++)
            printf("%s%.*s", j > 0 ? "," : " ",
                   TEXT_ARGUMENTS(network_link(lines->network, path->links[j]).link_id));
    }
    putchar('\n');
    fflush(stdout);
}

static void answer(struct lines *lines, char (*words)[WORD_BYTES])
{
    bool in_pair = strcmp(words[0], "pair") == 0;
    struct paths_request request = { .source_kma_id = text_from_c(words[2]),
                                     .destination_kma_id = text_from_c(words[3]),
                                     .metric = PATHS_SHORTEST,
                                     .k = in_pair ? 1 : (uint32_t)strtoul(words[1], NULL, 10) };
    enum disjointness disjointness = strcmp(words[1], "kmas") == 0 ? DISJOINT_KMAS : DISJOINT_LINKS;
    struct pair_answer found;
    struct paths_fault fault;
    build(lines);
    arena_clear(&lines->answers);
    enum paths_status status =
        in_pair ? pair_find(lines->network, &request, disjointness, &lines->answers, &found, &fault)
                : paths_find(lines->network, &request, &lines->answers, &found.paths, &fault);
    if (status != PATHS_OK)
        fail("refused with status %d", status);
    print_paths(lines, &found.paths);
}

static void take_line(struct lines *lines, const char *line)
{
    char words[WORDS_MAX][WORD_BYTES] = { "", "", "", "" };
    int count = sscanf(line, "%31s %31s %31s %31s", words[0], words[1], words[2], words[3]);
    if (strcmp(words[0], "link") == 0 && count == 4)
        add_link(lines, words);
    else if ((strcmp(words[0], "paths") == 0 || strcmp(words[0], "pair") == 0) && count == 4)
        answer(lines, words);
    else if (strcmp(words[0], "clear") == 0)
        clear(lines);
    else
        fail("not understood: %s", line);
}

int main(void)
{
    static struct lines lines;
    static struct heap_memory heap = { .blocks_limit = SIZE_MAX };
    char line[LINE_BYTES];
    lines.memory = heap_memory(&heap);
    arena_init(&lines.names, &lines.memory);
    arena_init(&lines.answers, &lines.memory);
    while (fgets(line, sizeof line, stdin) != NULL)
        take_line(&lines, line);
    clear(&lines);
    arena_fini(&lines.names);
    arena_fini(&lines.answers);
    return heap.bytes_out == 0 ? 0 : 1;
}
