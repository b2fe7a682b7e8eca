/* SPDX-License-Identifier: Apache-2.0 */
/* The small parts of a connection: rate, outbox, inbox, list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/inbox.h"
#include "net/list.h"
#include "net/outbox.h"
#include "net/rate.h"

static void test_rate_zero_is_unlimited(void **state)
{
    struct rate rate = { 0 };
    (void)state;
    for (int i = 0; i < 100000; i++)
        assert_true(rate_take(&rate, 0, 5));
    assert_int_equal(rate_wait_ms(&rate, 0, 5), 0);
}

static void test_rate_gives_a_burst_then_one_each_interval(void **state)
{
    struct rate rate = { 0 };
    uint64_t now_ms = 123456;
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(rate_take(&rate, 10, now_ms));
    assert_false(rate_take(&rate, 10, now_ms));
    for (int i = 0; i < 50; i++) {
        const uint64_t wait_ms = rate_wait_ms(&rate, 10, now_ms);
        assert_int_equal(wait_ms, 100);
        assert_false(rate_take(&rate, 10, now_ms + wait_ms - 1));
        now_ms += wait_ms;
        assert_true(rate_take(&rate, 10, now_ms));
        assert_false(rate_take(&rate, 10, now_ms));
    }
}

static void test_rate_never_saves_more_than_a_burst(void **state)
{
    struct rate rate = { 0 };
    (void)state;
    assert_true(rate_take(&rate, 3, 1000));
    int taken = 0;
    while (taken < 100 && rate_take(&rate, 3, 1000000))
        taken++;
    assert_int_equal(taken, 3);
}

static void test_rate_one_and_many_a_second(void **state)
{
    struct rate slow = { 0 }, fast = { 0 };
    int taken = 0;
    (void)state;
    assert_true(rate_take(&slow, 1, 0));
    assert_false(rate_take(&slow, 1, 999));
    assert_true(rate_take(&slow, 1, 1000));
    while (taken < 10000000 && rate_take(&fast, 4000000000U, 10))
        taken++;
    assert_int_equal(taken, 1000000); /* the clock counts microseconds: a million a second is its greatest */
}

static void test_outbox_keeps_order_and_its_maximum(void **state)
{
    enum { MAXIMUM = 5000 };
    struct outbox outbox = { 0 };
    unsigned char block[97];
    size_t in = 0, out = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof(block); i++)
            block[i] = (unsigned char)((in + i) * 7);
        const bool fits = outbox_count(&outbox) + sizeof(block) <= MAXIMUM;
        const enum outbox_status status = outbox_put(&outbox, block, sizeof(block), MAXIMUM);
        assert_int_equal(status, fits ? OUTBOX_OK : OUTBOX_FULL);
        if (fits)
            in += sizeof(block);
        size_t take = (size_t)round % 191;
        if (take > outbox_count(&outbox))
            take = outbox_count(&outbox);
        for (size_t i = 0; i < take; i++)
            assert_int_equal(outbox_bytes(&outbox)[i], (unsigned char)((out + i) * 7));
        outbox_written(&outbox, take);
        out += take;
        assert_int_equal(outbox_count(&outbox), in - out);
        assert_true(outbox.capacity <= 4 * MAXIMUM);
    }
    outbox_written(&outbox, outbox_count(&outbox));
    assert_null(outbox.bytes); /* nothing is kept for an idle session */
    outbox_fini(&outbox);
}

static void test_list_holds_splices_and_forgets(void **state)
{
    struct list list, other;
    struct list_node nodes[4] = { { 0 } };
    (void)state;
    list_init(&list);
    list_init(&other);
    assert_null(list_take(&list));
    list_append(&list, &nodes[0]);
    list_append(&other, &nodes[1]);
    list_append(&other, &nodes[2]);
    list_splice(&list, &other);
    list_splice(&list, &other);
    assert_true(list_is_empty(&other));
    list_append(&other, &nodes[3]);
    list_remove(&nodes[1]);
    list_remove(&nodes[1]);
    assert_false(list_contains(&nodes[1]));
    assert_ptr_equal(list_first(&list), &nodes[0]);
    assert_ptr_equal(list_take(&list), &nodes[0]);
    assert_ptr_equal(list_take(&list), &nodes[2]);
    assert_null(list_take(&list));
    assert_ptr_equal(list_take(&other), &nodes[3]);
}

/* A stream of frames with random lengths, read in random pieces; sometimes frames must wait. */
struct flow {
    unsigned char *stream;
    size_t bytes, at;
    uint32_t next_id;
};

static size_t build_stream(unsigned char *stream, size_t capacity, uint32_t *out_frames)
{
    size_t bytes = 0;
    for (uint32_t id = 0;; id++) {
        const size_t payload = rand() % 4 == 0 ? (size_t)(rand() % 65536) : (size_t)(rand() % 200);
        const struct ck_header header = {
            .version = 1, .message_id = id, .command = CK_NOTIFY_RELAY, .payload_bytes = (uint16_t)payload
        };
        *out_frames = id;
        if (bytes + CK_HEADER_BYTES + payload > capacity)
            return bytes;
        ck_header_encode(&header, CK_BIG_ENDIAN, stream + bytes);
        memset(stream + bytes + CK_HEADER_BYTES, (int)(id & 0xff), payload);
        bytes += CK_HEADER_BYTES + payload;
    }
}

/* Takes a few frames, not all. */
static void take_frames(struct inbox *inbox, struct flow *flow, int most)
{
    enum ck_byte_order order = CK_BIG_ENDIAN;
    struct ck_header header;
    unsigned char *payload;
    while (most-- > 0 && (payload = inbox_frame(inbox, &order, &header)) != NULL) {
        assert_int_equal(header.message_id, flow->next_id);
        for (size_t i = 0; i < header.payload_bytes; i++)
            if (payload[i] != (header.message_id & 0xff))
                fail_msg("frame %u is damaged at %zu", header.message_id, i);
        memset(payload, 0x55, header.payload_bytes);
        flow->next_id++;
    }
    /* The header behind them shows before its payload does, and is not taken by being shown. */
    if (inbox_header(inbox, &order, &header))
        assert_int_equal(header.message_id, flow->next_id);
    else
        assert_true(inbox->end - inbox->start < CK_HEADER_BYTES);
}

static void run_flow(unsigned seed)
{
    enum { STREAM_BYTES = 400000 };
    unsigned char *shared = malloc(INBOX_READ_BYTES);
    struct flow flow = { .stream = malloc(STREAM_BYTES) };
    struct inbox inbox = { 0 };
    uint32_t frames = 0;
    srand(seed);
    flow.bytes = build_stream(flow.stream, STREAM_BYTES, &frames);
    while (flow.at < flow.bytes) {
        size_t room = 0;
        take_frames(&inbox, &flow, rand() % 3);
        assert_true(inbox_keep(&inbox));
        if (inbox_has_frame(&inbox, CK_BIG_ENDIAN))
            continue;
        unsigned char *to = inbox_room(&inbox, shared, CK_BIG_ENDIAN, &room);
        assert_non_null(to);
        assert_true(room > 0);
        size_t count = rand() % 3 == 0 ? (size_t)(1 + rand() % 20) : (size_t)(1 + rand() % 20000);
        if (count > room)
            count = room;
        if (count > flow.bytes - flow.at)
            count = flow.bytes - flow.at;
        memcpy(to, flow.stream + flow.at, count);
        flow.at += count;
        inbox_filled(&inbox, count);
        take_frames(&inbox, &flow, rand() % 5);
        assert_true(inbox_keep(&inbox));
        memset(shared, 0xcc, INBOX_READ_BYTES); /* others use it meanwhile */
        assert_true(inbox.capacity <= CK_FRAME_BYTES_MAX);
    }
    take_frames(&inbox, &flow, 1000000);
    assert_true(inbox_keep(&inbox));
    assert_int_equal(flow.next_id, frames);
    assert_true(inbox_is_empty(&inbox));
    assert_null(inbox.bytes); /* nothing is kept for an idle session */
    inbox_fini(&inbox);
    free(flow.stream);
    free(shared);
}

static void test_inbox_any_pieces_give_the_same_frames(void **state)
{
    (void)state;
    const char *given = getenv("CKBRIDGE_SEED");
    for (unsigned seed = 1; seed <= 40; seed++) {
        const unsigned used = given != NULL ? (unsigned)strtoul(given, NULL, 10) : seed;
        printf("# inbox: CKBRIDGE_SEED=%u\n", used);
        run_flow(used);
        if (given != NULL)
            break;
    }
}

static void test_inbox_announced_length_alone_takes_no_memory(void **state)
{
    const struct ck_header header = { .version = 1, .command = CK_NOTIFY_RELAY, .payload_bytes = 65535 };
    unsigned char shared[INBOX_READ_BYTES];
    struct inbox inbox = { 0 };
    size_t room = 0;
    (void)state;
    unsigned char *to = inbox_room(&inbox, shared, CK_BIG_ENDIAN, &room);
    ck_header_encode(&header, CK_BIG_ENDIAN, to);
    inbox_filled(&inbox, CK_HEADER_BYTES);
    assert_true(inbox_keep(&inbox));
    assert_non_null(inbox_room(&inbox, shared, CK_BIG_ENDIAN, &room));
    assert_true(inbox.capacity <= 64);
    inbox_fini(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_zero_is_unlimited),
        cmocka_unit_test(test_rate_gives_a_burst_then_one_each_interval),
        cmocka_unit_test(test_rate_never_saves_more_than_a_burst),
        cmocka_unit_test(test_rate_one_and_many_a_second),
        cmocka_unit_test(test_outbox_keeps_order_and_its_maximum),
        cmocka_unit_test(test_list_holds_splices_and_forgets),
        cmocka_unit_test(test_inbox_any_pieces_give_the_same_frames),
        cmocka_unit_test(test_inbox_announced_length_alone_takes_no_memory),
    };
    return cmocka_run_group_tests_name("net_parts", tests, NULL, NULL);
}
