/* SPDX-License-Identifier: Apache-2.0 */
/* ckctl: pages and event streams, whatever their strings hold and wherever they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ckctl/pages.h"
#include "ckctl/sse.h"

static void assert_items(const char *page, const char *const *expected)
{
    const char *at = NULL, *item;
    size_t length;
    for (; *expected != NULL; expected++) {
        assert_true(pages_next_item(page, &at, &item, &length));
        assert_int_equal(length, strlen(*expected));
        assert_memory_equal(item, *expected, length);
    }
    assert_false(pages_next_item(page, &at, &item, &length));
}

static void test_items_come_untouched(void **state)
{
    (void)state;
    assert_items("{\"items\":[],\"next_cursor\":null}", (const char *const[]){ NULL });
    assert_items("{\"items\":[{\"a\":[1,{}]},{\"b\":18446744073709551616}],\"next_cursor\":null}",
                 (const char *const[]){ "{\"a\":[1,{}]}", "{\"b\":18446744073709551616}", NULL });
}

static void test_items_brackets_and_quotes_in_strings_do_not_count(void **state)
{
    (void)state;
    assert_items("{ \"items\" : [ {\"a\":\"]}\\\"],{\\\\\"} , {\"b\":\"\\\"items\\\":[\"} ] }",
                 (const char *const[]){ "{\"a\":\"]}\\\"],{\\\\\"}", "{\"b\":\"\\\"items\\\":[\"}", NULL });
}

static void test_items_of_what_is_no_page_are_none(void **state)
{
    (void)state;
    assert_items("", (const char *const[]){ NULL });
    assert_items("<html>", (const char *const[]){ NULL });
    assert_items("{\"items\":7}", (const char *const[]){ NULL });
    assert_items("{\"items\":[{\"a\":\"cut", (const char *const[]){ "{\"a\":\"cut", NULL });
}

struct taken {
    struct buffer all; /* each event's data, and a bar */
    unsigned left;
};

static bool take(void *context, const struct buffer *data)
{
    struct taken *taken = context;
    buffer_format(&taken->all, "%s|", data->bytes);
    return --taken->left > 0;
}

static const char stream[] = "retry: 1000\n: ckbridge\n\n"
                             "id: 7\nevent: km.connected\ndata: {\"a\":1}\n\n"
                             "id: 9\n: heartbeat\n\n"
                             "event: x\r\ndata:one\r\ndata: two\r\n\r\n"
                             "id: 11\ndata: unfinished";

static void test_stream_cut_anywhere_gives_the_same_events(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof stream; cut++) {
        struct taken taken = { .left = 100 };
        struct sse sse = { .take = take, .context = &taken };
        assert_true(sse_feed(&sse, stream, cut));
        assert_true(sse_feed(&sse, stream + cut, sizeof stream - 1 - cut));
        assert_string_equal(buffer_c(&taken.all), "{\"a\":1}|one\ntwo|");
        assert_string_equal(buffer_c(&sse.id), "9"); /* 11 is not whole yet */
        buffer_fini(&taken.all);
        sse_fini(&sse);
    }
}

static void test_stream_restarted_drops_the_unfinished_and_keeps_the_id(void **state)
{
    struct taken taken = { .left = 100 };
    struct sse sse = { .take = take, .context = &taken };
    (void)state;
    assert_true(sse_feed(&sse, stream, sizeof stream - 1));
    sse_restart(&sse);
    assert_true(sse_feed(&sse, "data: new\n\n", 11));
    assert_string_equal(buffer_c(&taken.all), "{\"a\":1}|one\ntwo|new|");
    assert_string_equal(buffer_c(&sse.id), "9");
    buffer_fini(&taken.all);
    sse_fini(&sse);
}

static void test_stream_ends_when_no_more_is_wanted(void **state)
{
    struct taken taken = { .left = 1 };
    struct sse sse = { .take = take, .context = &taken };
    (void)state;
    assert_false(sse_feed(&sse, stream, sizeof stream - 1));
    assert_string_equal(buffer_c(&taken.all), "{\"a\":1}|");
    buffer_fini(&taken.all);
    sse_fini(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_come_untouched),
        cmocka_unit_test(test_items_brackets_and_quotes_in_strings_do_not_count),
        cmocka_unit_test(test_items_of_what_is_no_page_are_none),
        cmocka_unit_test(test_stream_cut_anywhere_gives_the_same_events),
        cmocka_unit_test(test_stream_restarted_drops_the_unfinished_and_keeps_the_id),
        cmocka_unit_test(test_stream_ends_when_no_more_is_wanted),
    };
    return cmocka_run_group_tests_name("ckctl_stream", tests, NULL, NULL);
}
