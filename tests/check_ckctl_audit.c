/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl audit verify: the canonical form of JSON, and what breaks a chain. The hashes are not this project's
 * code's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ckctl/canonical.h"
#include "ckctl/chain.h"
#include "ckctl/value.h"

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define FIRST_HASH "ad8f6c36842e6f5f007cf8e5b9ce8aa0d95ec03f8c4a7ceaeaaa3164efdd11f4"
#define SECOND_HASH "5e6fda92eb1fe3c797c17dd26bb7051b380357adcd5a5717a76c644e05914b6e"
#define THIRD_HASH "d78b403328bb768200d8f6a9ccc0f0d05a5cf01c3a85ea824837ee18cb5ac85e"

#define ENTRY(id, action, outcome, detail, previous, hash)                                                   \
    "{\"hash\":\"" hash "\",\"action\":\"" action "\",\"actor\":\"token:ops\",\"audit_id\":\"" id            \
    "\",\"detail\":" detail ",\"first_event_id\":\"17\",\"last_event_id\":\"17\",\"outcome\":\"" outcome     \
    "\",\"previous_hash\":\"" previous "\",\"reason\":null,\"request_id\":null,\"revision\":\"12\","         \
    "\"source\":\"192.0.2.10:50112\",\"target\":\"/api/v1/routes/"                                           \
    "r1\",\"time\":\"2026-11-24T18:00:00.000Z\"}"
#define FIRST ENTRY("1", "PUT", "created", "null", NO_HASH, FIRST_HASH)
#define WORDS "\"a \\\"quoted\\\" \\n\\u0001 line \xc3\xa9\""
#define SECOND ENTRY("2", "DELETE", "ok", WORDS, FIRST_HASH, SECOND_HASH)
#define THIRD ENTRY("3", "PUT", "created", "null", SECOND_HASH, THIRD_HASH)

static void assert_canonical(const char *given, const char *expected)
{
    struct buffer out = { .bytes = NULL };
    json_t *value = value_parse(given, strlen(given));
    assert_non_null(value);
    assert_true(canonical_put(&out, value));
    assert_string_equal(buffer_c(&out), expected);
    json_decref(value);
    buffer_fini(&out);
}

static void test_canonical_strings_are_escaped_as_little_as_may_be(void **state)
{
    (void)state;
    assert_canonical("[\"\\u20ac$\\u000f\\nA'\\u0042\\\"\\\\\\/\\u007f\"]",
                     "[\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\/\x7f\"]");
    assert_canonical("[ \"\\b\\f\\t\\r\" , true,false , null, -12, 9007199254740991 ]",
                     "[\"\\b\\f\\t\\r\",true,false,null,-12,9007199254740991]");
}

/* The example of RFC 8785 3.2.3: by UTF-16 code units, so that an emoji comes before a ligature. */
static void test_canonical_names_are_sorted(void **state)
{
    (void)state;
    assert_canonical(
        "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
        "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
        "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
    assert_canonical("{\"ab\":{\"b\":[],\"a\":{}},\"a\":1}", "{\"a\":1,\"ab\":{\"a\":{},\"b\":[]}}");
}

static void test_canonical_numbers_that_are_not_known_are_refused(void **state)
{
    static const char *const numbers[] = { "[1.5]", "[9007199254740992]", "{\"a\":[1e3]}" };
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buffer out = { .bytes = NULL };
        json_t *value = value_parse(numbers[i], strlen(numbers[i]));
        assert_false(canonical_put(&out, value));
        json_decref(value);
        buffer_fini(&out);
    }
}

static bool take(struct chain *chain, const char *words)
{
    json_t *entry = value_parse(words, strlen(words));
    assert_non_null(entry);
    bool taken = chain_take(chain, entry);
    json_decref(entry);
    return taken;
}

static void test_chain_whole_is_proven(void **state)
{
    struct chain chain = { .anchor = SECOND_HASH };
    (void)state;
    assert_true(take(&chain, FIRST));
    assert_false(chain.anchored);
    assert_true(take(&chain, SECOND));
    assert_true(chain.anchored);
    assert_true(take(&chain, THIRD));
    assert_int_equal(chain.count, 3);
    assert_string_equal(chain.first_id, "1");
    assert_string_equal(chain.last_id, "3");
    assert_string_equal(chain.last_hash, THIRD_HASH);
}

static void test_chain_that_begins_later_knows_the_hash_before(void **state)
{
    struct chain chain = { .anchor = FIRST_HASH };
    (void)state;
    assert_true(take(&chain, SECOND));
    assert_true(chain.anchored);
}

static void assert_broken(const char *before, const char *entry, const char *trouble)
{
    struct chain chain = { .anchor = NULL };
    if (before != NULL)
        assert_true(take(&chain, before));
    assert_false(take(&chain, entry));
    assert_string_equal(chain.trouble, trouble);
    assert_false(take(&chain, THIRD)); /* nothing more counts */
    assert_string_equal(chain.trouble, trouble);
}

static void test_chain_broken_names_the_entry(void **state)
{
    (void)state;
    assert_broken(NULL, ENTRY("1", "PUT", "forbidden", "null", NO_HASH, FIRST_HASH),
                  "entry 1: its content is not what its hash was made of");
    assert_broken(FIRST, ENTRY("2", "DELETE", "ok", "null", FIRST_HASH, SECOND_HASH),
                  "entry 2: its content is not what its hash was made of");
    assert_broken(FIRST, THIRD, "entry 3 follows entry 1: what was between is gone");
    assert_broken(FIRST, "{\"audit_id\":\"2\"}", "after entry 1: what follows is no entry");
    assert_broken(NULL, "{\"audit_id\":\"1\",\"hash\":\"x\",\"previous_hash\":\"y\",\"n\":1.5}",
                  "entry 1: its hash cannot be made");
}

/* Made anew with a hash of its own, as a forger would, after an entry that was changed likewise. */
static void test_chain_of_another_past_is_broken(void **state)
{
    struct chain chain = { .anchor = NULL };
    (void)state;
    assert_true(take(&chain, FIRST));
    snprintf(chain.last_hash, sizeof chain.last_hash, "%s", NO_HASH);
    assert_false(take(&chain, SECOND));
    assert_string_equal(chain.trouble, "entry 2: its previous_hash is not the hash of entry 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_strings_are_escaped_as_little_as_may_be),
        cmocka_unit_test(test_canonical_names_are_sorted),
        cmocka_unit_test(test_canonical_numbers_that_are_not_known_are_refused),
        cmocka_unit_test(test_chain_whole_is_proven),
        cmocka_unit_test(test_chain_that_begins_later_knows_the_hash_before),
        cmocka_unit_test(test_chain_broken_names_the_entry),
        cmocka_unit_test(test_chain_of_another_past_is_broken),
    };
    return cmocka_run_group_tests_name("ckctl_audit", tests, NULL, NULL);
}
