/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision teaches the directory of applications: in its own step, as a PUT would, or nothing at all.
 */
#include "core_fixture.h"

static const char notify_app[] = "{\"application_destination_ID\":\"app\"}";

static void hold(struct fixture *f, const char *notify)
{
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_AWAITING_DECISION);
}

/* Along kma-1, `last`; decides relay 1, or lookup 1 by the next hop `last`. */
static struct command decision(struct text *path, const char *last, bool learn)
{
    path[0] = TEXT("kma-1");
    path[1] = text_from_c(last);
    return (struct command){ .kind = COMMAND_RELAY_DECIDE,
                             .request_id = 1,
                             .path = path,
                             .path_length = 2,
                             .learn = learn,
                             .actor = TEXT("token:ops"),
                             .audit = { .action = TEXT("POST"), .target = TEXT("/relays/1/decision") } };
}

static void assert_refused(const struct fixture *f, enum reply_status status, enum reason reason,
                           const char *words)
{
    const struct reply *reply = fixture_reply(f);
    assert_int_equal(reply->status, status);
    assert_int_equal(reply->reason, reason);
    char detail[300];
    snprintf(detail, sizeof detail, "%.*s", TEXT_ARGUMENTS(reply->detail));
    if (strstr(detail, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", detail, words);
    assert_null(fixture_record(f, RECORD_APPLICATION));
    assert_null(fixture_record(f, RECORD_RELAY));
    assert_null(fixture_record(f, RECORD_LOOKUP));
}

static void test_decided_relay_teaches_where_its_application_is(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    hold(f, notify_app);
    fixture_run(f, &command);
    const struct record *learned = fixture_record(f, RECORD_APPLICATION);
    const struct record *audit = fixture_record(f, RECORD_AUDIT);
    assert_non_null(learned);
    assert_text(learned->application.application_id, "app");
    assert_text(learned->application.kma_id, "kma-9");
    assert_int_equal(learned->revision.origin, ORIGIN_API);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    assert_text(fixture_notice(f, NOTICE_CONFIG_CHANGED)->object, "application/app");
    assert_string_equal(fixture_notice(f, NOTICE_CONFIG_CHANGED)->change, "created");
    assert_int_equal(fixture_reply(f)->revision, learned->revision.number);
    assert_int_equal(audit->audit.revision, learned->revision.number);
    assert_true(audit->audit.first_event_id <= fixture_notice(f, NOTICE_CONFIG_CHANGED)->event_id);
    assert_true(audit->audit.last_event_id >= fixture_notice(f, NOTICE_CONFIG_CHANGED)->event_id);

    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify_app);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_ROUTE);
}

/* What others wait for is known now: the routes decide them in the same step. */
static void test_lesson_reaches_requests_that_are_held_already(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    hold(f, notify_app);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify_app);
    fixture_run(f, &command);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 2);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_INSTRUCTED), 2);
}

static void test_decided_lookup_teaches_where_its_application_is(void **state)
{
    struct fixture *f = *state;
    struct text next[2];
    struct command command = decision(next, "kma-4", true);
    command.kind = COMMAND_LOOKUP_DECIDE;
    command.path = next + 1;
    command.path_length = 1;
    command.kma_id = TEXT("kma-9");
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, notify_app);
    fixture_run(f, &command);
    assert_text(fixture_record(f, RECORD_APPLICATION)->application.kma_id, "kma-9");
    fixture_sent(f, NULL);
}

static void test_without_an_application_there_is_nothing_to_learn(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    hold(f, "{\"destination_KMA_ID\":\"kma-9\"}");
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_INVALID, "names no application");
    command.learn = false;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

static void test_rejection_teaches_nothing(void **state)
{
    struct fixture *f = *state;
    struct command command = {
        .kind = COMMAND_RELAY_DECIDE, .request_id = 1, .reject = TEXT("no"), .learn = true
    };
    hold(f, notify_app);
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_INVALID, "leave out learn");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, notify_app);
    command.kind = COMMAND_LOOKUP_DECIDE;
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_INVALID, "leave out learn");
}

static void test_kma_that_nobody_names_is_not_learned(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-nowhere", true);
    hold(f, notify_app);
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_UNKNOWN_KMA, "kma-nowhere");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, notify_app);
    command.kind = COMMAND_LOOKUP_DECIDE;
    command.kma_id = TEXT("kma-nowhere");
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_UNKNOWN_KMA, "kma-nowhere");
}

/* The KM names both, and the application was put elsewhere while the relay was held. */
static void test_application_known_at_another_kma_is_not_moved(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    hold(f, "{\"destination_KMA_ID\":\"kma-9\",\"application_destination_ID\":\"app\"}");
    fixture_put_application(f, "app", "kma-4");
    fixture_run(f, &command);
    assert_refused(f, REPLY_INVALID, REASON_DESTINATION_CONFLICT, "already at kma-4");
}

static void test_application_known_at_this_kma_stays_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    hold(f, notify_app);
    fixture_put_application(f, "app", "kma-9");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_null(fixture_record(f, RECORD_APPLICATION));
    assert_int_equal(fixture_notices(f, NOTICE_CONFIG_CHANGED), 0);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
}

static void test_dry_run_learns_nothing(void **state)
{
    struct fixture *f = *state;
    struct text path[2];
    struct command command = decision(path, "kma-9", true);
    command.dry_run = true;
    hold(f, notify_app);
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(f->effects.count, 1);
}

static const struct application_config *find_application(const struct fixture *f)
{
    const struct record *record = fixture_record(f, RECORD_APPLICATION);
    return record != NULL ? &record->application : NULL;
}

/* However little memory there is: never a lesson without its decision, nor the other way round. */
static void test_without_memory_neither_is_learned_nor_decided(void **state)
{
    size_t learned_in = 0, failed_in = 0;
    (void)state;
    for (size_t spare = 0; spare < 40; spare++) {
        struct fixture *f = fixture_new();
        struct text path[2];
        struct command command = decision(path, "kma-9", true);
        hold(f, notify_app);
        f->heap.blocks_limit = f->heap.blocks_out + spare;
        fixture_run(f, &command);
        const bool learned = find_application(f) != NULL;
        bool instructed = fixture_notice(f, NOTICE_RELAY_INSTRUCTED) != NULL;
        f->heap.blocks_limit = SIZE_MAX;
        fixture_tick(f, 1); /* tells what memory did not suffice for */
        instructed = instructed || fixture_notice(f, NOTICE_RELAY_INSTRUCTED) != NULL;
        assert_int_equal(learned, instructed);
        learned_in += learned;
        failed_in += !learned;
        fixture_free(f);
    }
    assert_true(learned_in > 0 && failed_in > 0);
}

static void test_lookup_without_memory_stays_held_and_teaches_nothing(void **state)
{
    size_t learned_in = 0, held_in = 0;
    (void)state;
    for (size_t spare = 0; spare < 40; spare++) {
        struct fixture *f = fixture_new();
        struct text next[2];
        struct command command = decision(next, "kma-4", true);
        command.kind = COMMAND_LOOKUP_DECIDE;
        command.path = next + 1;
        command.path_length = 1;
        command.kma_id = TEXT("kma-9");
        fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
        fixture_open(f, 0, "dns:alice");
        fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, notify_app);
        f->heap.blocks_limit = f->heap.blocks_out + spare;
        fixture_run(f, &command);
        const bool answered = fixture_record(f, RECORD_LOOKUP) != NULL;
        assert_int_equal(find_application(f) != NULL, answered);
        f->heap.blocks_limit = SIZE_MAX;
        learned_in += answered;
        held_in += !answered;
        if (!answered) { /* the same decision again finds it held, and teaches */
            fixture_run(f, &command);
            assert_int_equal(fixture_reply(f)->status, REPLY_OK);
            assert_non_null(find_application(f));
        }
        fixture_free(f);
    }
    assert_true(learned_in > 0 && held_in > 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_decided_relay_teaches_where_its_application_is),
        TEST(test_lesson_reaches_requests_that_are_held_already),
        TEST(test_decided_lookup_teaches_where_its_application_is),
        TEST(test_without_an_application_there_is_nothing_to_learn),
        TEST(test_rejection_teaches_nothing),
        TEST(test_kma_that_nobody_names_is_not_learned),
        TEST(test_application_known_at_another_kma_is_not_moved),
        TEST(test_application_known_at_this_kma_stays_as_it_is),
        TEST(test_dry_run_learns_nothing),
        TEST(test_without_memory_neither_is_learned_nor_decided),
        TEST(test_lookup_without_memory_stays_held_and_teaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
