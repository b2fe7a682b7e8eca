/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl ... --dry-run: how a change reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ckctl/diff.h"
#include "ckctl/value.h"

static void assert_diff(const char *answer_words, bool colour, const char *expected)
{
    struct options options = { .word_count = 0 };
    struct context context = { .options = &options, .terminal.colour = colour };
    json_t *answer = value_parse(answer_words, strlen(answer_words));
    assert_non_null(answer);
    diff_tell(&context, answer);
    assert_string_equal(buffer_c(&context.out), expected);
    json_decref(answer);
    buffer_fini(&context.out);
}

#define BEFORE                                                                                               \
    "{\"route_id\":\"r1\",\"source_kma_id\":null,\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\","      \
    "\"kma-9\"],\"priority\":100}"
#define AFTER                                                                                                \
    "{\"route_id\":\"r1\",\"source_kma_id\":null,\"destination_kma_id\":\"kma-9\",\"path\":[\"kma-1\","      \
    "\"kma-4\",\"kma-9\"],\"priority\":200,\"valid_until\":\"2026-11-24T18:00:00.000Z\"}"
#define ONE(change, before, after, members)                                                                  \
    "{\"changes\":[{\"id\":\"r1\",\"change\":\"" change "\",\"before\":" before ",\"after\":" after          \
    ",\"members\":" members "}]}"

static void test_change_made_and_removed_is_told_whole(void **state)
{
    (void)state;
    assert_diff(ONE("created", "null", BEFORE, "[]"), false,
                "+ r1  destination_kma_id: kma-9, path: kma-1 > kma-9, priority: 100\n");
    assert_diff(ONE("deleted", BEFORE, "null", "[]"), false,
                "- r1  destination_kma_id: kma-9, path: kma-1 > kma-9, priority: 100\n");
    assert_diff(ONE("deleted", "null", "null", "[]"), true, "\033[31m- r1\033[0m\n");
}

static void test_change_of_members_is_told_before_and_after(void **state)
{
    (void)state;
    assert_diff(ONE("updated", BEFORE, AFTER, "[\"path\",\"valid_until\"]"), false,
                "~ r1\n"
                "-     path: kma-1 > kma-9\n"
                "+     path: kma-1 > kma-4 > kma-9\n"
                "-     valid_until: -\n"
                "+     valid_until: 2026-11-24T18:00:00.000Z\n");
    assert_diff(ONE("updated", BEFORE, BEFORE, "[]"), false, "~ r1  the same, but defined elsewhere\n");
}

static void test_requests_that_are_touched_are_told(void **state)
{
    (void)state;
    assert_diff(
        "{\"changes\":[],\"changes_cut\":true,\"touched\":{\"relays\":[{\"relay_id\":\"7\",\"effect\":"
        "\"orphaned\"},{\"relay_id\":\"8\",\"effect\":\"new\"}],\"relays_total\":5,\"lookups\":[{"
        "\"lookup_id\":\"9\",\"effect\":\"decided\"}],\"lookups_total\":1,\"all_looked_at\":false}}",
        false,
        "... and more, which the bridge does not list.\n"
        "! relay 7: it would end: its KM would be gone or disabled.\n"
        "! relay 8: new.\n"
        "! and 3 more relays.\n"
        "! lookup 9: it is held, and the routes would decide it at once.\n"
        "Not all open requests were looked at: there are too many.\n");
}

static void test_answer_without_changes_tells_none(void **state)
{
    (void)state;
    assert_diff("{\"created\":1}", false, "");
}

static void test_identifier_cannot_steer_the_terminal(void **state)
{
    (void)state;
    assert_diff(
        "{\"changes\":[{\"id\":\"a\\u001b[31m\",\"change\":\"updated\",\"members\":[\"x\\n\"],\"before\":{"
        "\"x\\n\":\"\\u001b\"},\"after\":{}}]}",
        false, "~ a\\x1b[31m\n-     x\\n: \\x1b\n+     x\\n: -\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change_made_and_removed_is_told_whole),
        cmocka_unit_test(test_change_of_members_is_told_before_and_after),
        cmocka_unit_test(test_requests_that_are_touched_are_told),
        cmocka_unit_test(test_answer_without_changes_tells_none),
        cmocka_unit_test(test_identifier_cannot_steer_the_terminal),
    };
    return cmocka_run_group_tests_name("ckctl_diff", tests, NULL, NULL);
}
