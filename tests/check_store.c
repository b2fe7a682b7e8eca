/* SPDX-License-Identifier: Apache-2.0 */
/* The store keeps every kind of record whole, and gives back after a restart what the core must know. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_fixture.h"

static int set_up(void **state)
{
    static struct store_fixture fixture;
    fixture_init(&fixture);
    fixture_open(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_fini(*state);
    return 0;
}

static void reopen(struct store_fixture *fixture)
{
    fixture_close(fixture);
    fixture_open(fixture);
}

static void commit_and_free(struct store_fixture *fixture, struct effects *turn,
                            const struct turn_maker *maker)
{
    turn_finish(turn, maker);
    assert_int_equal(commit_turn(fixture->store, turn), STORE_OK);
    turn_free(turn);
}

/* 255 bytes that end in a character of four. */
static const char *longest_identifier(void)
{
    static char identifier[256];
    for (size_t i = 0; i < 251; i++)
        identifier[i] = (char)('a' + i % 26);
    memcpy(identifier + 251, "\xf0\x9f\x94\x91", 5);
    return identifier;
}

/* Commits a copy of the one record, reopens, and compares what restore shows with it. */
static void check_roundtrip(struct store_fixture *fixture, const struct record *record)
{
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct restored restored;
    *turn_add_record(turn, record->kind) = *record;
    commit_and_free(fixture, turn, &maker);
    reopen(fixture);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 1);
    assert_same_record(restored.records[0], record);
    restored_fini(&restored);
}

static void test_restore_empty_store_begins_at_one(void **state)
{
    struct store_fixture *fixture = *state;
    struct restored restored;
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 0);
    assert_int_equal(restored.high_water.next_relay_id, 1);
    assert_int_equal(restored.high_water.next_lookup_id, 1);
    assert_int_equal(restored.high_water.next_event_id, 1);
    assert_int_equal(restored.high_water.next_revision, 1);
    assert_int_equal(restored.high_water.next_audit_id, 1);
    restored_fini(&restored);
}

static void test_relay_with_all_members_roundtrips(void **state)
{
    struct text path[LIMIT_PATH_KMAS];
    for (size_t i = 0; i < LIMIT_PATH_KMAS; i++)
        path[i] = text_from_c(longest_identifier());
    struct record record = { .kind = RECORD_RELAY };
    record.relay = (struct relay_record){
        .relay_id = (UINT64_C(1) << 53) - 1,
        .state = RELAY_ORPHANED,
        .reason = REASON_KM_REMOVED,
        .detail = TEXT("with \0 inside, \"quotes\", \xe2\x82\xac and \xf0\x9f\x94\x91"),
        .decided_by = DECIDER_COMPUTED,
        .km_id = text_from_c(longest_identifier()),
        .source_kma_id = TEXT("\xc3\xa9"),
        .destination_kma_id = text_from_c(longest_identifier()),
        .application_destination_id = TEXT("application"),
        .path = path,
        .path_length = LIMIT_PATH_KMAS,
        .route_id = text_from_c(longest_identifier()),
        .extension = TEXT("[{\"x-vendor\":1}]"),
        .explanation = TEXT("\1\0\2\0"),
        .unsolicited = true,
        .sent = true,
        .version = UINT16_MAX,
        .message_id = UINT32_MAX,
        .payload_digest = { UINT64_MAX, UINT64_C(1) << 63 },
        .received_ms = 1795500000001,
        .decided_ms = 1795500000002,
        .instructed_ms = 1795500000003,
        .ended_ms = 1795500000004,
        .timeline_count = LIMIT_TIMELINE,
    };
    for (size_t i = 0; i < LIMIT_TIMELINE; i++)
        record.relay.timeline[i] =
            (struct timeline_entry){ 1795500000000 + i, (enum relay_state)(i % RELAY_STATES_END),
                                     i % 2 == 0 ? REASON_NONE : REASON_COMPLETION_TIMEOUT };
    check_roundtrip(*state, &record);
}

static void test_relay_with_no_member_roundtrips(void **state)
{
    struct record record = { .kind = RECORD_RELAY, .relay = { .relay_id = 1 } };
    check_roundtrip(*state, &record);
}

static void test_relay_with_empty_members_keeps_them_present(void **state)
{
    struct text none[1] = { TEXT("") };
    struct record record = { .kind = RECORD_RELAY };
    record.relay = (struct relay_record){
        .relay_id = 1,
        .detail = TEXT(""),
        .km_id = TEXT(""),
        .source_kma_id = TEXT(""),
        .destination_kma_id = TEXT(""),
        .application_destination_id = TEXT(""),
        .path = none,
        .path_length = 0,
        .route_id = TEXT(""),
        .extension = TEXT(""),
    };
    check_roundtrip(*state, &record);
}

static void test_lookup_with_all_members_roundtrips(void **state)
{
    struct text next[] = { TEXT("kma-2"), TEXT(""), text_from_c(longest_identifier()) };
    struct record record = { .kind = RECORD_LOOKUP };
    record.lookup = (struct lookup_record){
        .lookup_id = 77,
        .state = LOOKUP_AWAITING_DECISION,
        .reason = REASON_WOULD_LOOP,
        .detail = TEXT("why"),
        .decided_by = DECIDER_ORCHESTRATOR,
        .km_id = TEXT("alice"),
        .current_kma_id = TEXT("kma-1"),
        .source_kma_id = TEXT("kma-0"),
        .destination_kma_id = TEXT("kma-9"),
        .application_destination_id = TEXT("application"),
        .next_kma_ids = next,
        .next_kma_id_count = 3,
        .extension = TEXT("[]"),
        .explanation = TEXT("\1\0"),
        .message_id = 4000000000,
        .received_ms = 1795500000001,
        .ended_ms = 0,
    };
    check_roundtrip(*state, &record);
}

static void test_lookup_with_no_member_roundtrips(void **state)
{
    struct record record = { .kind = RECORD_LOOKUP, .lookup = { .lookup_id = 1 } };
    check_roundtrip(*state, &record);
}

static void set_dialect(struct ck_dialect *dialect, struct arena *arena, const char *name, const char *value)
{
    assert_int_equal(ck_dialect_set(dialect, arena, text_from_c(name), text_from_c(value)), CK_DIALECT_OK);
}

static void test_km_with_all_members_roundtrips(void **state)
{
    struct arena arena;
    struct text kmas[] = { TEXT("kma-1"), text_from_c(longest_identifier()) };
    struct text identities[] = { TEXT("dns:alice.example"), TEXT("psk:alice \"quoted\"") };
    struct record record = { .kind = RECORD_KM, .revision = { 42, 1795500000001, ORIGIN_API, 41 } };
    record.km = (struct km_config){ .km_id = TEXT("alice/\xc3\xa9"),
                                    .kma_ids = kmas,
                                    .kma_id_count = 2,
                                    .identities = identities,
                                    .identity_count = 2,
                                    .enabled = true };
    arena_init(&arena, &test_memory);
    record.km.policy = (struct policy){ { DECIDER_COMPUTED, DECIDER_ORCHESTRATOR }, 0, 86400000 };
    ck_dialect_init(&record.km.dialect);
    set_dialect(&record.km.dialect, &arena, "byte_order", "auto");
    set_dialect(&record.km.dialect, &arena, "version", "2, 65535, 0");
    set_dialect(&record.km.dialect, &arena, "message_id", "fresh");
    set_dialect(&record.km.dialect, &arena, "transit", "full");
    set_dialect(&record.km.dialect, &arena, "transit_type", "string");
    set_dialect(&record.km.dialect, &arena, "refusal", "close");
    set_dialect(&record.km.dialect, &arena, "key_style", "title");
    set_dialect(&record.km.dialect, &arena, "extensions", "yes");
    set_dialect(&record.km.dialect, &arena, "success_words", "fein, gut gemacht");
    check_roundtrip(*state, &record);
    arena_fini(&arena);
}

static void test_km_with_default_dialect_roundtrips(void **state)
{
    struct text kmas[] = { TEXT("kma-1") };
    struct record record = { .kind = RECORD_KM, .revision = { 1, 2, ORIGIN_API, 1 } };
    record.km = (struct km_config){ .km_id = TEXT("k"), .kma_ids = kmas, .kma_id_count = 1 };
    struct text none[1] = { TEXT("") };
    record.km.identities = none;
    ck_dialect_init(&record.km.dialect);
    check_roundtrip(*state, &record);
}

static void test_destination_roundtrips(void **state)
{
    struct record record = { .kind = RECORD_DESTINATION,
                             .revision = { 3, 4, ORIGIN_FILE, 2 },
                             .destination = { text_from_c(longest_identifier()),
                                              { { DECIDER_ROUTE }, 7, 8 } } };
    check_roundtrip(*state, &record);
}

static void test_application_roundtrips(void **state)
{
    struct record record = { .kind = RECORD_APPLICATION,
                             .revision = { 3, 4, ORIGIN_FILE, 2 },
                             .application = { text_from_c(longest_identifier()), TEXT("kma-9") } };
    check_roundtrip(*state, &record);
}

static void test_route_with_path_roundtrips(void **state)
{
    struct text path[] = { TEXT("a"), TEXT("b"), TEXT("c") };
    struct record record = { .kind = RECORD_ROUTE, .revision = { 5, 6, ORIGIN_API, 5 } };
    record.route = (struct route_config){ .route_id = TEXT("r"),
                                          .source_kma_id = TEXT("a"),
                                          .destination_kma_id = TEXT("c"),
                                          .path = path,
                                          .path_length = 3,
                                          .priority = INT32_MIN,
                                          .valid_until_ms = 1795500000009,
                                          .origin = TEXT("orchestrator") };
    check_roundtrip(*state, &record);
}

static void test_route_with_hops_roundtrips(void **state)
{
    struct text first[] = { TEXT("b"), TEXT("c") };
    struct text second[] = { TEXT("c") };
    struct route_hop hops[] = { { TEXT("a"), first, 2 }, { TEXT("b"), second, 1 } };
    struct record record = { .kind = RECORD_ROUTE, .revision = { 5, 6, ORIGIN_API, 5 } };
    record.route = (struct route_config){ .route_id = TEXT("r"),
                                          .destination_kma_id = TEXT("c"),
                                          .hops = hops,
                                          .hop_count = 2,
                                          .priority = INT32_MAX,
                                          .origin = TEXT("") };
    check_roundtrip(*state, &record);
}

static void test_link_roundtrips(void **state)
{
    struct record record = { .kind = RECORD_LINK, .revision = { 7, 8, ORIGIN_FILE, 3 } };
    record.link = (struct link_config){ .link_id = TEXT("l"),
                                        .kma_a = TEXT("a"),
                                        .kma_b = TEXT("b"),
                                        .cost = UINT32_MAX,
                                        .key_stock = -1,
                                        .key_rate = INT64_MAX,
                                        .state = LINK_DOWN,
                                        .origin = TEXT("o") };
    check_roundtrip(*state, &record);
    record.link.key_capacity = INT64_MAX;
    record.revision.number++;
    check_roundtrip(*state, &record);
}

static void test_budget_roundtrips_and_goes_with_its_link(void **state)
{
    struct store_fixture *fixture = *state;
    struct record record = { .kind = RECORD_BUDGET,
                             .budget = { TEXT("l"), .revision = 7, .keys = INT64_MAX, .as_of_ms = 1 } };
    struct turn_maker maker = turn_maker();
    struct restored restored;
    check_roundtrip(fixture, &record);
    struct effects *deletion = turn_new(&maker);
    turn_add_record(deletion, RECORD_LINK_DELETED)->deleted_id = TEXT("l");
    commit_and_free(fixture, deletion, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 0);
    restored_fini(&restored);
}

static void add_application(struct effects *turn, const char *id, const char *kma_id, uint64_t revision)
{
    struct record *record = turn_add_record(turn, RECORD_APPLICATION);
    record->revision = (struct revision){ revision, 1, ORIGIN_API, 1 };
    record->application = (struct application_config){ text_from_c(id), text_from_c(kma_id) };
}

static void test_deleted_objects_do_not_come_back(void **state)
{
    static const enum record_kind kinds[][2] = { { RECORD_KM, RECORD_KM_DELETED },
                                                 { RECORD_APPLICATION, RECORD_APPLICATION_DELETED },
                                                 { RECORD_ROUTE, RECORD_ROUTE_DELETED },
                                                 { RECORD_DESTINATION, RECORD_DESTINATION_DELETED },
                                                 { RECORD_LINK, RECORD_LINK_DELETED } };
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct effects *deletion = turn_new(&maker);
    struct restored restored;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct record *record = turn_add_record(turn, kinds[i][0]);
        record->km.km_id = TEXT("gone"); /* the identifier is the first member of them all */
        if (record->kind == RECORD_KM)
            ck_dialect_init(&record->km.dialect);
        turn_add_record(deletion, kinds[i][1])->deleted_id = TEXT("gone");
    }
    commit_and_free(fixture, turn, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, sizeof kinds / sizeof *kinds);
    restored_fini(&restored);
    commit_and_free(fixture, deletion, &maker);
    reopen(fixture);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 0);
    restored_fini(&restored);
}

static void test_file_and_api_have_a_row_each(void **state)
{
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct effects *deletion = turn_new(&maker);
    struct restored restored;
    add_application(turn, "a", "kma-1", 1);
    struct record *file = turn_add_record(turn, RECORD_APPLICATION);
    file->revision = (struct revision){ 2, 1, ORIGIN_FILE, 1 };
    file->application = (struct application_config){ TEXT("a"), TEXT("kma-2") };
    commit_and_free(fixture, turn, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 2);
    restored_fini(&restored);
    struct record *gone = turn_add_record(deletion, RECORD_APPLICATION_DELETED);
    gone->revision.origin = ORIGIN_API;
    gone->deleted_id = TEXT("a");
    commit_and_free(fixture, deletion, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 1);
    assert_int_equal(restored.records[0]->revision.origin, ORIGIN_FILE);
    assert_same_text(restored.records[0]->application.kma_id, TEXT("kma-2"));
    restored_fini(&restored);
}

static void test_later_record_of_the_same_turn_wins(void **state)
{
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct restored restored;
    add_application(turn, "a", "kma-1", 1);
    add_application(turn, "b", "kma-2", 2);
    add_application(turn, "a", "kma-3", 3);
    struct relay_record *received = turn_add_relay(turn, &maker);
    turn_add_notice(turn, &maker, NOTICE_RELAY_RECEIVED);
    struct relay_record *other = turn_add_relay(turn, &maker);
    other->state = RELAY_AWAITING_DECISION;
    struct record *again = turn_add_record(turn, RECORD_RELAY);
    again->relay = *received;
    again->relay.state = RELAY_AWAITING_DECISION;
    struct record *last = turn_add_record(turn, RECORD_RELAY);
    last->relay = *received;
    last->relay.state = RELAY_EXPIRED;
    last->relay.reason = REASON_COMPLETION_TIMEOUT;
    commit_and_free(fixture, turn, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 4);
    assert_same_text(restored.records[0]->application.kma_id, TEXT("kma-3"));
    assert_int_equal(restored.records[0]->revision.number, 3);
    assert_int_equal(restored_relay(&restored, 1)->state, RELAY_EXPIRED);
    assert_int_equal(restored_relay(&restored, 1)->reason, REASON_COMPLETION_TIMEOUT);
    assert_int_equal(restored_relay(&restored, 2)->state, RELAY_AWAITING_DECISION);
    restored_fini(&restored);
}

static void test_restore_shows_configuration_first_and_only_unsettled_requests(void **state)
{
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct restored restored;
    for (int relay_state = 0; relay_state < RELAY_STATES_END; relay_state++)
        turn_add_relay(turn, &maker)->state = (enum relay_state)relay_state;
    for (int lookup_state = 0; lookup_state < LOOKUP_STATES_END; lookup_state++) {
        struct lookup_record *lookup = &turn_add_record(turn, RECORD_LOOKUP)->lookup;
        lookup->lookup_id = maker.next.next_lookup_id++;
        lookup->state = (enum lookup_state)lookup_state;
    }
    add_application(turn, "a", "kma-1", 1);
    commit_and_free(fixture, turn, &maker);
    restored_read(&restored, fixture->store);
    assert_int_equal(restored.count, 1 + 5 + 3);
    assert_int_equal(restored.records[0]->kind, RECORD_APPLICATION);
    for (uint64_t id = 1; id <= RELAY_STATES_END; id++) {
        enum relay_state relay_state = (enum relay_state)(id - 1);
        bool settled =
            relay_state == RELAY_SUCCEEDED || relay_state == RELAY_FAILED || relay_state == RELAY_REJECTED;
        assert_int_equal(restored_relay(&restored, id) == NULL, settled);
    }
    assert_int_equal(restored.records[6]->kind, RECORD_LOOKUP);
    assert_int_equal(restored.records[7]->kind, RECORD_LOOKUP);
    assert_int_equal(restored.records[8]->lookup.state, LOOKUP_ANSWERED); /* what was answered lately binds */
    restored_fini(&restored);
}

static void test_high_water_survives_and_is_kept_by_an_empty_turn(void **state)
{
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    maker.next = (struct high_water){ 1000, 2000, 3000, 4000, 5000 };
    struct effects *turn = turn_new(&maker);
    struct restored restored;
    commit_and_free(fixture, turn, &maker);
    reopen(fixture);
    restored_read(&restored, fixture->store);
    assert_memory_equal(&restored.high_water, &maker.next, sizeof maker.next);
    restored_fini(&restored);
}

static bool stop_at_once(void *context, const struct record *record)
{
    (void)record;
    ++*(int *)context;
    return false;
}

static void test_restore_stops_when_the_visitor_does(void **state)
{
    struct store_fixture *fixture = *state;
    struct turn_maker maker = turn_maker();
    struct effects *turn = turn_new(&maker);
    struct high_water high_water = { 0 };
    int calls = 0;
    turn_add_relay(turn, &maker);
    turn_add_relay(turn, &maker);
    commit_and_free(fixture, turn, &maker);
    assert_int_equal(store_restore(fixture->store, &high_water, stop_at_once, &calls), STORE_NO_MEMORY);
    assert_int_equal(calls, 1);
    assert_int_equal(high_water.next_relay_id, 3); /* the core takes it before the first record */
}

static void test_open_refuses_a_second_bridge_on_one_file(void **state)
{
    struct store_fixture *fixture = *state;
    struct store *second = NULL;
    char detail[256] = "";
    assert_int_equal(store_open(fixture->url, &second, detail, sizeof detail), STORE_IO);
    assert_null(second);
    assert_non_null(strstr(detail, "in use by another ckbridge"));
    fixture_close(fixture);
    fixture_open(fixture);
}

static void test_open_makes_files_that_only_the_owner_reads(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat status;
        snprintf(path, sizeof path, "%s%s", fixture->path, endings[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

static void check_refused(const char *url, enum store_status expected, const char *words)
{
    struct store *store = NULL;
    char detail[256] = "";
    assert_int_equal(store_open(url, &store, detail, sizeof detail), expected);
    assert_null(store);
    if (strstr(detail, words) == NULL)
        print_error("\"%s\" does not say \"%s\"\n", detail, words);
    assert_non_null(strstr(detail, words));
}

static void test_open_refuses_urls_it_does_not_know(void **state)
{
    (void)state;
    check_refused("", STORE_BAD_URL, "no store");
    check_refused("sqlite", STORE_BAD_URL, "sqlite:/path");
    check_refused("sqlite:", STORE_BAD_URL, "sqlite:/path");
    check_refused("mysql://somewhere", STORE_BAD_URL, "mysql://somewhere");
    struct store_reader *reader = NULL;
    assert_int_equal(store_reader_open("mysql://somewhere", &reader), STORE_BAD_URL);
    assert_null(reader);
}

static void test_open_names_a_folder_that_is_missing(void **state)
{
    struct store_fixture *fixture = *state;
    char url[128];
    snprintf(url, sizeof url, "sqlite:%s/missing/bridge.db", fixture->folder);
    check_refused(url, STORE_IO, "No such file or directory");
}

static void test_open_refuses_a_file_that_is_no_database(void **state)
{
    struct store_fixture *fixture = *state;
    char path[128];
    char url[160];
    char found[64] = "";
    snprintf(path, sizeof path, "%s/notes.txt", fixture->folder);
    snprintf(url, sizeof url, "sqlite:%s", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("This is a letter, and no database at all, of more bytes than a header.\n", file);
    fclose(file);
    check_refused(url, STORE_CORRUPT, "not a database");
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(found, sizeof found, file));
    fclose(file);
    assert_non_null(strstr(found, "This is a letter"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_restore_empty_store_begins_at_one),
        TEST(test_relay_with_all_members_roundtrips),
        TEST(test_relay_with_no_member_roundtrips),
        TEST(test_relay_with_empty_members_keeps_them_present),
        TEST(test_lookup_with_all_members_roundtrips),
        TEST(test_lookup_with_no_member_roundtrips),
        TEST(test_km_with_all_members_roundtrips),
        TEST(test_km_with_default_dialect_roundtrips),
        TEST(test_application_roundtrips),
        TEST(test_destination_roundtrips),
        TEST(test_route_with_path_roundtrips),
        TEST(test_route_with_hops_roundtrips),
        TEST(test_link_roundtrips),
        TEST(test_budget_roundtrips_and_goes_with_its_link),
        TEST(test_deleted_objects_do_not_come_back),
        TEST(test_file_and_api_have_a_row_each),
        TEST(test_later_record_of_the_same_turn_wins),
        TEST(test_restore_shows_configuration_first_and_only_unsettled_requests),
        TEST(test_high_water_survives_and_is_kept_by_an_empty_turn),
        TEST(test_restore_stops_when_the_visitor_does),
        TEST(test_open_refuses_a_second_bridge_on_one_file),
        TEST(test_open_makes_files_that_only_the_owner_reads),
        TEST(test_open_refuses_urls_it_does_not_know),
        TEST(test_open_names_a_folder_that_is_missing),
        TEST(test_open_refuses_a_file_that_is_no_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
