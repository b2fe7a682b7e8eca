/* SPDX-License-Identifier: Apache-2.0 */
/* What a journal's rows bring back after a restart. */
#include "core_fixture.h"

#include "core/pack.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

/* The rows as a store keeps them: the newest of each. */
struct journal {
    struct arena arena;
    struct record rows[32];
    size_t count;
    struct high_water high_water;
};

static uint64_t row_id(const struct record *row)
{
    return row->kind == RECORD_RELAY ? row->relay.relay_id : row->lookup.lookup_id;
}

static void take_row(struct journal *journal, struct record row)
{
    pack_function pack = row.kind == RECORD_RELAY    ? pack_relay
                         : row.kind == RECORD_LOOKUP ? pack_lookup
                         : row.kind == RECORD_KM     ? pack_km
                         : row.kind == RECORD_ROUTE  ? pack_route
                                                     : pack_link;
    assert_true(pack_into_arena(&journal->arena, pack, &row.relay));
    bool request = row.kind == RECORD_RELAY || row.kind == RECORD_LOOKUP;
    for (size_t i = 0; request && i < journal->count; i++) {
        if (journal->rows[i].kind == row.kind && row_id(&journal->rows[i]) == row_id(&row)) {
            journal->rows[i] = row;
            return;
        }
    }
    assert_true(journal->count < 32);
    journal->rows[journal->count++] = row;
}

static void take(struct journal *journal, const struct fixture *f)
{
    for (const struct effect *effect = f->effects.first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD)
            take_row(journal, effect->record);
    }
    journal->high_water = f->effects.high_water;
}

static void finish(struct fixture *f)
{
    assert_int_equal(core_restore_finish(f->core, f->now_ms, f->wall_ms, &f->effects), CORE_OK);
    f->last_event_id = f->effects.high_water.next_event_id - 1;
}

/* A crash, and a new core from the rows. */
static void restart(struct fixture *f, struct journal *journal)
{
    f->last_event_id = journal->high_water.next_event_id - 1;
    core_free(f->core);
    effects_clear(&f->effects);
    f->now_ms = 50; /* another boot, another monotonic clock */
    f->core = core_new(&f->memory, &f->settings, (struct siphash_key){ 3, 4 });
    assert_non_null(f->core);
    core_restore_high_water(f->core, &journal->high_water);
    for (size_t i = 0; i < journal->count; i++)
        assert_int_equal(core_restore(f->core, &journal->rows[i]), CORE_OK);
    finish(f);
}

static void begin(struct fixture *f, struct journal *journal)
{
    *journal = (struct journal){ .count = 0 };
    arena_init(&journal->arena, &f->memory);
    fixture_put_km(f, "alice", "kma-1 kma-2", "dns:alice");
    take(journal, f);
    fixture_put_km(f, "carol", "kma-9 kma-8", "dns:carol");
    take(journal, f);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    take(journal, f);
    fixture_open(f, 0, "dns:alice");
}

static const struct relay_record *relay_of(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static void test_restored_instructed_relay_expires_after_a_full_limit(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    take(&journal, f);
    fixture_tick(f, 59000);
    restart(f, &journal);
    assert_int_equal(f->effects.count, 0);
    fixture_open(f, 0, "dns:alice");
    assert_int_equal(fixture_count(f, EFFECT_SEND), 0); /* it was sent before */
    fixture_tick(f, 59999);
    assert_int_equal(f->effects.count, 0);
    fixture_tick(f, 1);
    assert_int_equal(relay_of(f)->state, RELAY_EXPIRED);
    assert_int_equal(relay_of(f)->relay_id, 1);
    arena_fini(&journal.arena);
}

static void test_restored_relay_is_completed_and_repeated(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    take(&journal, f);
    restart(f, &journal);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify); /* a repeat is known across a restart */
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_sent(f, NULL);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\",\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    arena_fini(&journal.arena);
}

static void test_restored_held_relay_can_be_decided(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-8\"}");
    take(&journal, f);
    restart(f, &journal);
    fixture_tick(f, 1999); /* the limit restarts in full */
    assert_int_equal(f->effects.count, 0);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-8");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_false(relay_of(f)->sent);
    fixture_open(f, 0, "dns:alice");
    fixture_sent(f, NULL);
    arena_fini(&journal.arena);
}

static void test_restored_held_lookup_ends_session_lost(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 7, "{\"destination_KMA_ID\":\"kma-8\"}");
    take(&journal, f);
    restart(f, &journal);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.reason, REASON_SESSION_LOST);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.state, LOOKUP_ANSWERED);
    assert_int_equal(fixture_notices(f, NOTICE_LOOKUP_ANSWERED), 1);
    arena_fini(&journal.arena);
}

static void test_restored_numbers_go_on(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    take(&journal, f);
    uint64_t event_id = journal.high_water.next_event_id;
    restart(f, &journal);
    fixture_open(f, 0, "dns:alice");
    assert_int_equal(fixture_notice(f, NOTICE_KM_CONNECTED)->event_id, event_id);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    assert_int_equal(relay_of(f)->relay_id, 2);
    arena_fini(&journal.arena);
}

static void test_restored_expired_relay_takes_a_late_completion(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    fixture_tick(f, 60000);
    take(&journal, f);
    restart(f, &journal);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\",\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    assert_int_equal(relay_of(f)->timeline_count, 4);
    arena_fini(&journal.arena);
}

static void test_restored_relay_of_a_file_km_waits_for_the_file(void **state)
{
    struct fixture *f = *state;
    struct journal journal = { .count = 0 };
    struct text kma = TEXT("kma-5");
    struct text identity = TEXT("dns:dave");
    struct km_config dave = { .km_id = TEXT("dave"),
                              .kma_ids = &kma,
                              .kma_id_count = 1,
                              .identities = &identity,
                              .identity_count = 1,
                              .enabled = true,
                              .dialect = f->dialect };
    struct command file = { .kind = COMMAND_FILE_REPLACE, .kms = &dave, .km_count = 1 };
    arena_init(&journal.arena, &f->memory);
    fixture_run(f, &file);
    fixture_put_route(f, "r1", "kma-5 kma-9");
    fixture_open(f, 0, "dns:dave");
    for (uint32_t i = 0; i < 2; i++) {
        fixture_message(f, 0, CK_NOTIFY_RELAY, 7 + i, "{\"destination_KMA_ID\":\"kma-9\"}");
        take(&journal, f);
    }
    restart(f, &journal);
    assert_int_equal(f->effects.count, 0);
    fixture_run(f, &file);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_open(f, 0, "dns:dave");
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"ok\",\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(relay_of(f)->state, RELAY_SUCCEEDED);
    restart(f, &journal);
    file.km_count = 0; /* dave is gone from the file */
    fixture_run(f, &file);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_ORPHANED), 2);
    arena_fini(&journal.arena);
}

/* A start that reads the file as it was is no change: same revisions, no events, no rows. */
static void test_restored_file_objects_keep_their_revisions(void **state)
{
    for (int api_first = 0; api_first < 2; api_first++) {
        struct fixture *f = *state;
        struct text of_file = TEXT("kma-5"), of_api = TEXT("kma-6"), identity = TEXT("dns:dave");
        struct km_config dave = { .km_id = TEXT("dave"),
                                  .kma_ids = &of_file,
                                  .kma_id_count = 1,
                                  .identities = &identity,
                                  .identity_count = 1,
                                  .enabled = true,
                                  .dialect = f->dialect };
        struct record rows[2] = {
            { .kind = RECORD_KM, .revision = { 50, 5, ORIGIN_FILE, 40 }, .km = dave },
            { .kind = RECORD_KM, .revision = { 60, 6, ORIGIN_API, 40 }, .km = dave },
        };
        rows[1].km.kma_ids = &of_api;
        core_restore_high_water(f->core, &(struct high_water){ 1, 1, f->last_event_id + 1, 70, 1 });
        assert_int_equal(core_restore(f->core, &rows[api_first]), CORE_OK);
        assert_int_equal(core_restore(f->core, &rows[1 - api_first]), CORE_OK);
        finish(f);
        fixture_run(f, &(struct command){ .kind = COMMAND_FILE_REPLACE, .kms = &dave, .km_count = 1 });
        assert_int_equal(fixture_reply(f)->unchanged, 1);
        assert_int_equal(f->effects.count, 1);
        fixture_open(f, 0, "dns:dave");
        assert_int_equal(fixture_count(f, EFFECT_ADMIT), 1);
        struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
        assert_int_equal(snapshot_km(snapshot, TEXT("dave"))->revision.number, 60);
        assert_text(snapshot_km(snapshot, TEXT("dave"))->config.kma_ids[0], "kma-6");
        snapshot_release(snapshot);
        fixture_delete(f, COMMAND_KM_DELETE, "dave"); /* the file's shows, and its new revision is kept */
        assert_int_equal(fixture_record(f, RECORD_KM)->revision.origin, ORIGIN_FILE);
        assert_true(fixture_record(f, RECORD_KM)->revision.number >= 70);
        assert_int_equal(fixture_record(f, RECORD_KM)->revision.first, 40);
        assert_int_equal(fixture_record(f, RECORD_KM_DELETED)->revision.origin, ORIGIN_API);
        fixture_run(f, &(struct command){ .kind = COMMAND_FILE_REPLACE });
        assert_int_equal(fixture_record(f, RECORD_KM_DELETED)->revision.origin, ORIGIN_FILE);
        assert_int_equal(fixture_reply(f)->deleted, 1);
    }
}

struct claim {
    const char *km_id, *kma_id, *identity;
    enum origin origin;
};

static void restore_claim(struct fixture *f, const struct claim *claim, uint64_t revision)
{
    struct text kma_id = text_from_c(claim->kma_id), identity = text_from_c(claim->identity);
    const struct record row = { .kind = RECORD_KM,
                                .revision = { revision, 5, claim->origin, revision },
                                .km = { .km_id = text_from_c(claim->km_id),
                                        .kma_ids = &kma_id,
                                        .kma_id_count = 1,
                                        .identities = &identity,
                                        .identity_count = 1,
                                        .enabled = true,
                                        .dialect = f->dialect } };
    assert_int_equal(core_restore(f->core, &row), CORE_OK);
}

/* Absent: there is no such KM. */
static void check_names(const struct fixture *f, const char *km_id, const char *kma_id, const char *identity)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct km_view *view = snapshot_km(snapshot, text_from_c(km_id));
    assert_int_equal(view != NULL, kma_id != NULL);
    if (kma_id != NULL) {
        assert_text(view->config.kma_ids[0], kma_id);
        assert_text(view->config.identities[0], identity);
    }
    snapshot_release(snapshot);
}

/* What the file says of dave is covered by the API, so that erin could take the names; in whatever order the
   rows come, and whoever's KM comes first by name. */
static void test_restored_km_has_the_names_that_a_covered_row_still_gives(void **state)
{
    static const unsigned char orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                               { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    const struct claim claims[] = { { "dave", "kma-5", "dns:d", ORIGIN_FILE },
                                    { "dave", "kma-6", "dns:dave", ORIGIN_API },
                                    { "erin", "kma-5", "dns:d", ORIGIN_API } };
    struct fixture *f = *state;
    for (size_t order = 0; order < sizeof orders / sizeof *orders; order++) {
        struct journal none = { .high_water = { 1, 1, f->last_event_id + 1, 70, 1 } };
        restart(f, &none);
        for (size_t i = 0; i < 3; i++)
            restore_claim(f, &claims[orders[order][i]], 10 + orders[order][i]);
        finish(f);
        check_names(f, "dave", "kma-6", "dns:dave");
        check_names(f, "erin", "kma-5", "dns:d");
        fixture_open(f, 0, "dns:d");
        assert_text(fixture_notice(f, NOTICE_KM_CONNECTED)->km_id, "erin");
    }
}

/* Not a journal of ours: the bridge starts all the same, and no name has two owners. */
static void test_restored_kms_that_share_names_leave_the_later_out(void **state)
{
    const struct claim claims[] = { { "dave", "kma-5", "dns:d", ORIGIN_API },
                                    { "erin", "kma-5", "dns:e", ORIGIN_API },
                                    { "erin", "kma-7", "dns:erin", ORIGIN_FILE },
                                    { "frank", "kma-8", "dns:d", ORIGIN_FILE } };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        restore_claim(f, &claims[i], 10 + i);
    finish(f);
    check_names(f, "dave", "kma-5", "dns:d");
    check_names(f, "erin", "kma-7", "dns:erin");
    check_names(f, "frank", NULL, NULL);
}

/* Promise 4 across a restart: what was answered in the last seconds still counts. */
static void test_restored_answers_still_forbid_cycles(void **state)
{
    struct fixture *f = *state;
    struct journal journal;
    begin(f, &journal);
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_put_km(f, "bob", "kma-4 kma-3", "dns:bob");
    take(&journal, f);
    fixture_put_hops(f, "r2", NULL, "kma-8", "kma-1:kma-4 kma-4:kma-8", 1);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 7, "{\"destination_KMA_ID\":\"kma-8\"}");
    take(&journal, f);
    fixture_put_hops(f, "r2", NULL, "kma-8", "kma-4:kma-1 kma-1:kma-8", 1);
    take(&journal, f);
    restart(f, &journal);
    fixture_open(f, 1, "dns:bob");
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 8, "{\"destination_KMA_ID\":\"kma-8\"}");
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.reason, REASON_WOULD_LOOP);
    f->now_ms += 10000;
    fixture_message(f, 1, CK_NEXT_HOP_REQUEST, 9, "{\"destination_KMA_ID\":\"kma-8\"}");
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.next_kma_id_count, 1);
    arena_fini(&journal.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_restored_instructed_relay_expires_after_a_full_limit,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_relay_is_completed_and_repeated, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_held_relay_can_be_decided, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_held_lookup_ends_session_lost, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_numbers_go_on, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_expired_relay_takes_a_late_completion, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_relay_of_a_file_km_waits_for_the_file, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_file_objects_keep_their_revisions, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_km_has_the_names_that_a_covered_row_still_gives,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_kms_that_share_names_leave_the_later_out, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_answers_still_forbid_cycles, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
