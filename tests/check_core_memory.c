/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, anywhere: nothing crashes, nothing is lost that was said, and it recovers. */
#include "core/explanation.h"
#include "core_fixture.h"

static void put_document(struct fixture *f)
{
    const struct document_config document = { DOCUMENT_WEBHOOK, TEXT("webhook/w"), TEXT("{}") };
    fixture_run(f, &(struct command){
                       .kind = COMMAND_DOCUMENT_PUT,
                       .actor = TEXT("token:ops"),
                       .document = &document,
                       .audit = { .action = TEXT("PUT"), .target = TEXT("/webhooks/w") },
                       .idempotency = { TEXT("key"), TEXT("0123456789abcdef0123456789abcdef") },
                   });
    const bool done = fixture_reply(f) != NULL && fixture_reply(f)->reason == REASON_NONE;
    if (done && f->status == CORE_OK) { /* what is done is told */
        assert_non_null(fixture_record(f, RECORD_AUDIT));
        assert_non_null(fixture_record(f, RECORD_IDEMPOTENCY));
    }
}

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

/* A life of the core in which every kind of event occurs; memory may be short in any of its steps. */
static void live(struct fixture *f)
{
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_put_km(f, "dave", "kma-5 kma-6", "dns:dave psk:dave");
    fixture_put_application(f, "app", "kma-9");
    put_document(f);
    fixture_put_link(f, "l1", "kma-1", "kma-4", LINK_UP);
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9");
    fixture_put_hops(f, "r2", NULL, "kma-9", "kma-1:kma-5,kma-4 kma-4:kma-9", 3);
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:bob");
    fixture_open(f, 2, "dns:mallory");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, notify);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, notify);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 2, "{\"destination_KMA_ID\":\"kma-5\",\"extension\":[{\"a\":1}]}");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"application_destination_ID\":\"app\"}");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 4, "{\"destination_KMA_ID\":\"kma-5\"}");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 5, "{\"application_destination_ID\":\"other\"}");
    fixture_message(f, 1, CK_NOTIFY_RELAY, 6, "{");
    fixture_decide(f, COMMAND_RELAY_DECIDE, 2, "kma-1 kma-5");
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 2, "kma-5");
    fixture_decide(f, COMMAND_RELAY_START, 0, "kma-4 kma-9");
    fixture_put_km(f, "dave", "kma-5 kma-7", "dns:dave");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 9, "{\"response\":\"no keys\",\"key_relay_request_ID\":\"1\"}");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 10, "{\"destination_KMA_ID\":\"kma-5\"}");
    fixture_open(f, 3, "dns:alice");
    fixture_tick(f, 2000);
    fixture_delete(f, COMMAND_ROUTE_DELETE, "r1");
    fixture_delete(f, COMMAND_KM_DELETE, "bob");
    fixture_delete(f, COMMAND_DOCUMENT_DELETE, "webhook/w");
    fixture_tick(f, 60000);
}

/* When memory is there again, one step more brings everything into order. */
static void recover(struct fixture *f)
{
    f->heap.blocks_limit = SIZE_MAX;
    fixture_tick(f, 1000);
    fixture_tick(f, 60000);
    fixture_tick(f, 60000);
    assert_int_equal(f->status, CORE_OK);
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_non_null(snapshot);
    assert_int_equal(snapshot->totals.relays_open, 0); /* each of them ended */
    assert_int_equal(snapshot->totals.relays_held, 0);
    assert_int_equal(snapshot->totals.lookups_held, 0);
    snapshot_release(snapshot);
    fixture_put_km(f, "zoe", "kma-z", "dns:zoe");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
}

static void test_memory_short_for_good(void **state)
{
    struct fixture *f = *state;
    size_t base = f->heap.blocks_out;
    size_t short_steps = 0;
    for (size_t limit = base > 20 ? base - 20 : 0; limit < base + 120; limit++) {
        struct fixture *other = fixture_new();
        other->heap.blocks_limit = limit;
        live(other);
        short_steps += other->steps_short_of_memory;
        recover(other);
        fixture_free(other);
    }
    assert_true(short_steps > 100);
}

/* One allocation fails, the next succeed: every one of them once. */
static void test_memory_short_once_anywhere(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 200; limit += 3) {
        struct fixture *f = fixture_new();
        live(f);
        f->heap.blocks_limit = f->heap.blocks_out + limit % 4;
        fixture_open(f, 0, "dns:alice");
        for (uint32_t i = 0; i < limit; i++) {
            f->heap.blocks_limit = i % 3 == 0 ? f->heap.blocks_out + i % 4 : SIZE_MAX;
            fixture_message(f, 0, CK_NOTIFY_RELAY, 100 + i, "{\"destination_KMA_ID\":\"kma-5\"}");
            f->heap.blocks_limit = f->heap.blocks_out + i % 5;
            fixture_put_route(f, "rx", i % 2 != 0 ? "kma-1 kma-5" : "kma-1 kma-9 kma-5");
        }
        recover(f);
        fixture_free(f);
    }
}

/* Whether the last step of what is told decided. */
static bool is_told_as_decided(const struct relay_record *relay)
{
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step = { .outcome = EXPLAINED_ABANDONED };
    if (!explanation_open(relay->explanation, relay->path, relay->path_length, &reader))
        return false; /* nothing is told, for want of memory */
    while (explanation_next(&reader, &storage, &step))
        ;
    return step.outcome == EXPLAINED_DECIDED;
}

/* Wherever memory ends on the way of a relay that nobody asked for. */
static void test_relay_that_memory_ended_is_not_told_as_decided(void **state)
{
    enum { RELAYS = 100, BLOCKS = 8 };
    size_t ended = 0;
    (void)state;
    for (size_t blocks = 0; blocks < BLOCKS; blocks++) {
        struct fixture *f = fixture_new();
        fixture_open(f, 1, "dns:bob");
        fixture_put_link(f, "l1", "kma-4", "kma-9", LINK_UP);
        for (size_t i = 0; i < RELAYS; i++) {
            f->heap.blocks_limit = f->heap.blocks_out + blocks;
            fixture_decide(f, COMMAND_RELAY_START, 0, "kma-4 kma-9");
            f->heap.blocks_limit = SIZE_MAX;
            const struct record *record = fixture_record(f, RECORD_RELAY);
            if (record == NULL)
                continue;
            ended += record->relay.state == RELAY_FAILED;
            if (is_told_as_decided(&record->relay))
                assert_int_equal(record->relay.decided_by, DECIDER_ORCHESTRATOR);
        }
        recover(f);
        fixture_free(f);
    }
    assert_true(ended > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory_short_for_good, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_memory_short_once_anywhere, fixture_setup, fixture_teardown),
        cmocka_unit_test(test_relay_that_memory_ended_is_not_told_as_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
