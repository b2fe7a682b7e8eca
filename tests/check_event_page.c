/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/event_page.h"

enum { NOTICES = 9, JSON_BYTES_MAX = 64 * 1024 };

static struct text path[] = { TEXT("kma-a"), TEXT("kma-\"b\""), TEXT("kma-c") };

static struct relay_record whole_relay = {
    .relay_id = 900719925474,
    .state = RELAY_FAILED,
    .reason = REASON_FRAME_TOO_LARGE,
    .detail = TEXT("no\nway"),
    .decided_by = DECIDER_ROUTE,
    .km_id = TEXT("km-a"),
    .source_kma_id = TEXT("kma-a"),
    .destination_kma_id = TEXT("kma-c"),
    .application_destination_id = TEXT("app"),
    .path = path,
    .path_length = 3,
    .route_id = TEXT("r-1"),
    .extension = TEXT("[{\"x\":1}]"),
    .unsolicited = true,
    .message_id = UINT32_MAX,
    .received_ms = 1700000000000,
    .ended_ms = 1700000000001,
};
static struct relay_record bare_relay = { .relay_id = 1, .state = RELAY_RECEIVED, .path = path };
static struct lookup_record lookup = {
    .lookup_id = 7,
    .state = LOOKUP_ANSWERED,
    .reason = REASON_OVERLOAD,
    .detail = TEXT(""),
    .decided_by = DECIDER_ORCHESTRATOR,
    .km_id = TEXT("km-a"),
    .current_kma_id = TEXT("kma-a"),
    .source_kma_id = TEXT("kma-b"),
    .destination_kma_id = TEXT("kma-c"),
    .application_destination_id = TEXT("app"),
    .next_kma_ids = path,
    .next_kma_id_count = 2,
    .extension = TEXT("[]"),
    .message_id = 3,
    .received_ms = 5,
    .ended_ms = 6,
};

static struct notice notices[NOTICES] = {
    { .event_id = 1,
      .time_ms = 1700000000000,
      .type = NOTICE_KM_CONNECTED,
      .km_id = TEXT("km-a"),
      .peer = TEXT("192.0.2.1:50112"),
      .security = SECURITY_PSK,
      .tls_version = TEXT("TLSv1.3"),
      .cipher = TEXT("TLS_AES_256_GCM_SHA384"),
      .identity = TEXT("dns:km-a") },
    { .event_id = 2,
      .type = NOTICE_RELAY_RECEIVED,
      .km_id = TEXT("km-a"),
      .relay_id = 1,
      .relay = &whole_relay },
    { .event_id = 3,
      .type = NOTICE_RELAY_FAILED,
      .km_id = TEXT("km-a"),
      .relay_id = 1,
      .relay = &whole_relay },
    { .event_id = 4, .type = NOTICE_LOOKUP_ANSWERED, .lookup_id = 7, .lookup = &lookup },
    { .event_id = 5, .type = NOTICE_RELAY_FAILED, .relay_id = 1, .relay = &whole_relay },
    { .event_id = 6, .type = NOTICE_RELAY_RECEIVED, .relay_id = 1, .relay = &bare_relay },
    { .event_id = 7,
      .type = NOTICE_CK_PROTOCOL_ERROR,
      .reason = REASON_OVERLOAD,
      .detail = TEXT("at once"),
      .offset = 65535,
      .message_id = 9,
      .command = 77 },
    { .event_id = 8,
      .type = NOTICE_CK_PROTOCOL_ERROR,
      .reason = REASON_MALFORMED,
      .detail = TEXT("not_json"),
      .offset = 600,
      .command = 3,
      .has_frame = true,
      .version = 65535,
      .payload_bytes = 65535,
      .excerpt_offset = 472,
      .excerpt = TEXT("00ff7b") },
    { .event_id = UINT64_MAX,
      .time_ms = 1,
      .type = NOTICE_CONFIG_CHANGED,
      .route_id = TEXT("r"),
      .link_id = TEXT("l"),
      .change = "deleted",
      .object = TEXT("km/alice") },
};

static void append_all(struct event_page *page)
{
    for (size_t i = 0; i < NOTICES; i++)
        assert_true(event_page_append(page, &notices[i]));
}

static struct text render(const struct notice *notice, char *buffer)
{
    struct bytes_writer writer = bytes_writer(buffer, JSON_BYTES_MAX);
    notice_write_json(notice, &writer);
    assert_false(writer.overflowed);
    return bytes_written(&writer);
}

static void test_page_of_all_kinds_of_notice_renders_as_before(void **state)
{
    (void)state;
    static char before[JSON_BYTES_MAX], after[JSON_BYTES_MAX];
    struct event_page page = { .first_id = 0 };
    struct notice_storage storage = { .holds_relay = false };
    struct notice notice;
    append_all(&page);
    assert_int_equal(page.first_id, 1);
    assert_int_equal(page.first_ms, 1700000000000);
    assert_true(page.last_id == UINT64_MAX);
    assert_int_equal(page.last_ms, 1);
    struct unpacker body = unpacker(page.body.bytes, page.body.length);
    for (size_t i = 0; i < NOTICES; i++) {
        assert_int_equal(event_page_next(&body, &storage, &notice), EVENT_PAGE_EVENT);
        assert_true(notice.event_id == notices[i].event_id);
        assert_true(text_equal(render(&notices[i], before), render(&notice, after)));
    }
    assert_int_equal(event_page_next(&body, &storage, &notice), EVENT_PAGE_END);
    event_page_fini(&page);
}

static void test_relay_told_twice_in_a_row_is_packed_once(void **state)
{
    (void)state;
    struct event_page page = { .first_id = 0 };
    assert_true(event_page_append(&page, &notices[1]));
    size_t once = page.body.length;
    assert_true(event_page_append(&page, &notices[2]));
    assert_true(page.body.length - once < once / 2);
    event_page_clear(&page);
    assert_true(event_page_append(&page, &notices[2])); /* the page before has gone with what it held */
    assert_int_equal(page.body.length, once);
    event_page_fini(&page);
}

static void test_giant_event_makes_the_page_grow(void **state)
{
    (void)state;
    static char words[100000];
    memset(words, 'w', sizeof words);
    struct event_page page = { .first_id = 0 };
    struct notice_storage storage = { .holds_relay = false };
    struct notice giant = { .event_id = 1, .type = NOTICE_OVERLOAD_LEFT, .detail = { words, sizeof words } };
    struct notice notice;
    assert_true(event_page_append(&page, &notices[0]));
    assert_true(event_page_append(&page, &giant));
    struct unpacker body = unpacker(page.body.bytes, page.body.length);
    assert_int_equal(event_page_next(&body, &storage, &notice), EVENT_PAGE_EVENT);
    assert_int_equal(event_page_next(&body, &storage, &notice), EVENT_PAGE_EVENT);
    assert_true(text_equal(notice.detail, giant.detail));
    event_page_fini(&page);
}

/* From a copy of exact size, so that a sanitizer sees a read behind its end. */
static enum event_page_status read_copy(const unsigned char *bytes, size_t length)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    struct notice_storage storage = { .holds_relay = false };
    struct notice notice;
    struct unpacker body = unpacker(copy, length);
    enum event_page_status status;
    while ((status = event_page_next(&body, &storage, &notice)) == EVENT_PAGE_EVENT)
        continue;
    free(copy);
    return status;
}

static void test_page_cut_anywhere_is_damaged_or_ends_between_events(void **state)
{
    (void)state;
    struct event_page page = { .first_id = 0 };
    append_all(&page);
    size_t whole = 0;
    for (size_t length = 0; length <= page.body.length; length++)
        whole += read_copy(page.body.bytes, length) == EVENT_PAGE_END;
    assert_int_equal(whole, NOTICES + 1);
    event_page_fini(&page);
}

static void test_page_with_any_byte_changed_is_read_within_its_bounds(void **state)
{
    (void)state;
    struct event_page page = { .first_id = 0 };
    append_all(&page);
    for (size_t at = 0; at < page.body.length; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            page.body.bytes[at] ^= (unsigned char)(1u << bit);
            enum event_page_status status = read_copy(page.body.bytes, page.body.length);
            assert_true(status == EVENT_PAGE_END || status == EVENT_PAGE_DAMAGED);
            page.body.bytes[at] ^= (unsigned char)(1u << bit);
        }
    event_page_fini(&page);
}

static void test_relay_again_without_one_before_is_damaged(void **state)
{
    (void)state;
    struct event_page page = { .last_relay = &whole_relay };
    assert_true(event_page_append(&page, &notices[2]));
    assert_int_equal(read_copy(page.body.bytes, page.body.length), EVENT_PAGE_DAMAGED);
    event_page_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_of_all_kinds_of_notice_renders_as_before),
        cmocka_unit_test(test_relay_told_twice_in_a_row_is_packed_once),
        cmocka_unit_test(test_giant_event_makes_the_page_grow),
        cmocka_unit_test(test_page_cut_anywhere_is_damaged_or_ends_between_events),
        cmocka_unit_test(test_page_with_any_byte_changed_is_read_within_its_bounds),
        cmocka_unit_test(test_relay_again_without_one_before_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
