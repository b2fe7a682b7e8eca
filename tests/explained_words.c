/* SPDX-License-Identifier: Apache-2.0 */
#include "explained_words.h"

#include "core/explanation.h"
#include "core_fixture.h"

static void put_object(struct bytes_writer *words, const char *before, struct text object)
{
    if (!text_is_present(object))
        return;
    bytes_put_c(words, before);
    bytes_put_text(words, object);
}

static void put_step(struct bytes_writer *words, const struct explained_step *step)
{
    static const char *const deciders[] = { "", "routes", "orchestrator", "computed" };
    bytes_put_c(words, deciders[step->decider]);
    bytes_put_c(words, " ");
    bytes_put_c(words, explained_name(step->outcome));
    put_object(words, " by ", step->route_id);
    for (size_t i = 0; i < step->passed_count; i++) {
        put_object(words, " (not ", step->passed[i].route_id);
        bytes_put_c(words, ": ");
        bytes_put_c(words, obstacle_name(step->passed[i].obstacle));
        put_object(words, " ", step->passed[i].object);
        bytes_put_c(words, ")");
    }
    if (step->decider == DECIDER_COMPUTED && step->outcome == EXPLAINED_DECIDED) {
        bytes_put_c(words, " at ");
        bytes_put_u64(words, step->cost);
        put_object(words, " over ", step->bottleneck);
    }
    for (size_t i = 0; i < step->way_count; i++) {
        const struct explained_way *way = &step->ways[i];
        bytes_put_c(words, " (not");
        for (size_t j = 0; j < way->path_length; j++)
            put_object(words, " ", way->path[j]);
        bytes_put_c(words, " at ");
        bytes_put_u64(words, way->cost);
        bytes_put_c(words, ": ");
        bytes_put_c(words, obstacle_name(way->obstacle));
        put_object(words, " ", way->object);
        bytes_put_c(words, ")");
    }
    if (step->ways_unsought)
        bytes_put_c(words, " (others unsought)");
}

void explained_expect(struct text explanation, const struct text *path, size_t path_length,
                      const char *expected)
{
    static char buffer[4096];
    struct bytes_writer words = bytes_writer(buffer, sizeof buffer - 1);
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step;
    assert_true(explanation_open(explanation, path, path_length, &reader));
    while (explanation_next(&reader, &storage, &step)) {
        if (words.length > 0)
            bytes_put_c(&words, ", ");
        put_step(&words, &step);
    }
    assert_false(reader.unpacker.failed);
    assert_false(words.overflowed);
    buffer[words.length] = '\0';
    assert_string_equal(buffer, expected);
}
