/* SPDX-License-Identifier: Apache-2.0 */
#include "topology_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LINKS_MAX = 64, KMAS_MAX = 32, WORDS_BYTES = 1024 };

static struct text copy(struct fixture *fixture, const char *word)
{
    return arena_copy(&fixture->arena, text_from_c(word));
}

static struct network_link read_link(struct fixture *fixture, const char *words)
{
    char id[16], a[16], b[16], stock[16] = "100", state[16] = "";
    unsigned cost;
    if (sscanf(words, "%15s %15s %15s %u %15s %15s", id, a, b, &cost, stock, state) < 4)
        fail_msg("not a link: %s", words);
    bool down = strcmp(stock, "down") == 0 || strcmp(state, "down") == 0;
    int64_t key_stock = strcmp(stock, "?") == 0 ? -1 : strcmp(stock, "down") == 0 ? 100 : atoll(stock);
    return (struct network_link){ .link_id = copy(fixture, id),
                                  .kma_a = copy(fixture, a),
                                  .kma_b = copy(fixture, b),
                                  .cost = cost,
                                  .key_stock = key_stock,
                                  .key_rate = key_stock < 0 ? -1 : key_stock * 2,
                                  .up = !down };
}

void fixture_init(struct fixture *fixture, const char *links, const char *kmas)
{
    static struct network_link read[LINKS_MAX];
    static struct network_kma named[KMAS_MAX];
    char words[WORDS_BYTES];
    size_t link_count = 0, kma_count = 0;
    *fixture = (struct fixture){ .heap = { .blocks_limit = SIZE_MAX } };
    fixture->memory = (struct memory){ heap_memory_allocate, heap_memory_release, &fixture->heap };
    arena_init(&fixture->arena, &fixture->memory);
    snprintf(words, sizeof words, "%s", links);
    for (char *rest, *word = strtok_r(words, ";", &rest); word != NULL; word = strtok_r(NULL, ";", &rest)) {
        assert_true(link_count < LINKS_MAX);
        read[link_count++] = read_link(fixture, word);
    }
    snprintf(words, sizeof words, "%s", kmas != NULL ? kmas : "");
    for (char *rest, *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        bool enabled = *word != '!';
        assert_true(kma_count < KMAS_MAX);
        named[kma_count++] = (struct network_kma){ copy(fixture, enabled ? word : word + 1), enabled };
    }
    struct network_description description = { read, link_count, named, kma_count };
    assert_int_equal(network_new(&fixture->memory, &description, &fixture->network), NETWORK_OK);
    arena_clear(&fixture->arena); /* the network must have its own copies */
}

void fixture_fini(struct fixture *fixture)
{
    network_free(fixture->network);
    arena_fini(&fixture->arena);
    assert_int_equal(fixture->heap.bytes_out, 0);
    assert_int_equal(fixture->heap.blocks_out, 0);
}

struct paths_request fixture_request(const char *source, const char *destination, uint32_t k)
{
    return (struct paths_request){ .source_kma_id = text_from_c(source),
                                   .destination_kma_id = text_from_c(destination),
                                   .k = k,
                                   .rejected_max = 16 };
}

enum paths_status fixture_find(struct fixture *fixture, const struct paths_request *request)
{
    arena_clear(&fixture->arena);
    return paths_find(fixture->network, request, &fixture->arena, &fixture->answer, &fixture->fault);
}

static void put_path(const struct fixture *fixture, const struct path *path, char *words, size_t bytes)
{
    struct bytes_writer writer = bytes_writer(words, bytes - 1);
    struct network_link bottleneck = network_link(fixture->network, path->bottleneck);
    for (size_t i = 0; i < path->length; i++) {
        bytes_put_c(&writer, i > 0 ? "-" : "");
        bytes_put_text(&writer, path->kma_ids[i]);
    }
    bytes_put_c(&writer, " ");
    bytes_put_u64(&writer, path->cost);
    bytes_put_c(&writer, " ");
    if (bottleneck.key_stock < 0)
        bytes_put_c(&writer, "?");
    else
        bytes_put_u64(&writer, (uint64_t)bottleneck.key_stock);
    bytes_put_c(&writer, " ");
    bytes_put_text(&writer, bottleneck.link_id);
    assert_false(writer.overflowed);
    words[writer.length] = '\0';
}

void fixture_expect(struct fixture *fixture, const struct paths_request *request, const char *const *paths,
                    size_t count)
{
    char words[WORDS_BYTES];
    assert_int_equal(fixture_find(fixture, request), PATHS_OK);
    for (size_t i = 0; i < fixture->answer.count && i < count; i++) {
        put_path(fixture, &fixture->answer.paths[i], words, sizeof words);
        assert_string_equal(words, paths[i]);
    }
    assert_int_equal(fixture->answer.count, count);
    assert_int_equal(fixture->answer.none == PATHS_NONE_NOT, count > 0);
}

const char *fixture_links(struct fixture *fixture, size_t index)
{
    static char words[WORDS_BYTES];
    struct bytes_writer writer = bytes_writer(words, sizeof words - 1);
    const struct path *path = &fixture->answer.paths[index];
    for (size_t i = 0; i + 1 < path->length; i++) {
        bytes_put_c(&writer, i > 0 ? " " : "");
        bytes_put_text(&writer, network_link(fixture->network, path->links[i]).link_id);
    }
    words[writer.length] = '\0';
    return words;
}
