/* SPDX-License-Identifier: Apache-2.0 */
/* Constraints that a KM puts on its request, in the extension: read, kept, told, and never guessed at. */
#include "core/explanation.h"
#include "core_fixture.h"

static void put(struct fixture *f, const char *id, const char *a, const char *b, int64_t stock)
{
    fixture_put_told_link(
        f, &(struct fixture_link){
               .id = id, .a = a, .b = b, .cost = 1, .key_stock = stock, .key_rate = -1, .key_capacity = 0 });
}

/* alice 1, bob 4, carol 9, dave 5: 1-9, 1-4-9 and 1-5-9 */
static void build(struct fixture *f)
{
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_open(f, 0, "dns:alice");
    put(f, "19", "kma-1", "kma-9", 20);
    put(f, "14", "kma-1", "kma-4", 40);
    put(f, "49", "kma-4", "kma-9", 40);
    put(f, "15", "kma-1", "kma-5", 30);
    put(f, "59", "kma-5", "kma-9", -1);
}

static void ask(struct fixture *f, uint16_t command, const char *constraints)
{
    static uint32_t message_id = 100;
    char payload[4096];
    int length = snprintf(payload, sizeof payload,
                          "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\",\"extension\":"
                          "[{\"acme_x\":{\"max_hops\":0}},{\"acme_y\":1,\"ckbridge_constraints\":%s}]}",
                          constraints);
    assert_in_range(length, 1, sizeof payload - 1);
    fixture_message(f, 0, command, ++message_id, payload);
}

static void join(const struct text *texts, size_t count, char words[512])
{
    struct bytes_writer writer = bytes_writer(words, 511);
    for (size_t i = 0; i < count; i++) {
        bytes_put_c(&writer, i > 0 ? " " : "");
        bytes_put_text(&writer, texts[i]);
    }
    words[writer.length] = '\0';
}

/* The last step of the explanation. */
static struct explained_step last_step(struct text explanation, const struct text *path, size_t path_length,
                                       struct explanation_storage *storage, uint64_t *out_ignored)
{
    struct explanation_reader reader;
    struct explained_step step = { .decider = DECIDER_NONE };
    assert_true(explanation_open(explanation, path, path_length, &reader));
    *out_ignored = reader.ignored;
    while (explanation_next(&reader, storage, &step))
        continue;
    return step;
}

static const struct relay_record *relay_of(struct fixture *f, const char *constraints)
{
    ask(f, CK_NOTIFY_RELAY, constraints);
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

/* Of the one way that the constraints forbade; OBSTACLE_NONE: there is none among them. */
static enum obstacle obstacle_of_constraints(const struct explained_step *step)
{
    enum obstacle obstacle = OBSTACLE_NONE;
    for (size_t i = 0; i < step->way_count; i++) {
        if (!obstacle_is_of_constraints(step->ways[i].obstacle))
            continue;
        assert_int_equal(obstacle, OBSTACLE_NONE);
        obstacle = step->ways[i].obstacle;
    }
    return obstacle;
}

/* Computed, and what was against the way that is best without constraints. */
static void expect_path(struct fixture *f, const char *constraints, const char *expected,
                        enum obstacle obstacle)
{
    char words[512];
    struct explanation_storage storage;
    uint64_t ignored;
    const struct relay_record *relay = relay_of(f, constraints);
    join(relay->path, relay->path_length, words);
    assert_string_equal(words, expected);
    assert_int_equal(relay->decided_by, DECIDER_COMPUTED);
    const struct explained_step step =
        last_step(relay->explanation, relay->path, relay->path_length, &storage, &ignored);
    assert_int_equal(step.outcome, EXPLAINED_DECIDED);
    assert_int_equal(obstacle_of_constraints(&step), obstacle);
}

static void expect_failure(struct fixture *f, const char *constraints, enum reason reason, const char *detail)
{
    const struct relay_record *relay = relay_of(f, constraints);
    assert_int_equal(relay->state, RELAY_FAILED);
    assert_int_equal(relay->reason, reason);
    assert_text(relay->detail, detail);
}

static void expect_next(struct fixture *f, const char *constraints, const char *expected, enum reason reason)
{
    char words[512];
    ask(f, CK_NEXT_HOP_REQUEST, constraints);
    const struct record *record = fixture_record(f, RECORD_LOOKUP);
    assert_non_null(record);
    join(record->lookup.next_kma_ids, record->lookup.next_kma_id_count, words);
    assert_string_equal(words, expected);
    assert_int_equal(record->lookup.reason, reason);
}

static void test_computed_path_keeps_each_constraint(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_path(f, "{}", "kma-1 kma-9", OBSTACLE_NONE);
    expect_path(f, "{\"max_hops\":1}", "kma-1 kma-9", OBSTACLE_NONE);
    expect_path(f, "{\"avoid_link_ids\":[\"19\"]}", "kma-1 kma-4 kma-9", OBSTACLE_LINK_AVOIDED);
    expect_path(f, "{\"min_key_stock\":25}", "kma-1 kma-4 kma-9", OBSTACLE_FEW_KEYS);
    expect_path(f, "{\"require_kma_ids\":[\"kma-5\"]}", "kma-1 kma-5 kma-9", OBSTACLE_KMA_MISSING);
    expect_path(f, "{\"avoid_kma_ids\":[\"kma-4\"],\"avoid_link_ids\":[\"19\"]}", "kma-1 kma-5 kma-9",
                OBSTACLE_LINK_AVOIDED);
    fixture_put_link(f, "19", "kma-1", "kma-9", LINK_DOWN);
    expect_path(f, "{\"avoid_kma_ids\":[\"kma-4\"]}", "kma-1 kma-5 kma-9", OBSTACLE_KMA_AVOIDED);
}

static void test_what_is_unknown_is_avoided_and_can_not_be_required(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_path(f, "{\"avoid_kma_ids\":[\"nobody\"],\"avoid_link_ids\":[\"none\"]}", "kma-1 kma-9",
                OBSTACLE_NONE);
    expect_failure(f, "{\"require_kma_ids\":[\"nobody\"]}", REASON_CONSTRAINTS_UNMET, NULL);
}

static void test_constraints_unmet_is_not_no_route(void **state)
{
    struct fixture *f = *state;
    struct explanation_storage storage;
    uint64_t ignored;
    build(f);
    const struct relay_record *relay = relay_of(f, "{\"min_key_stock\":50}");
    assert_int_equal(relay->reason, REASON_CONSTRAINTS_UNMET);
    const struct explained_step step = last_step(relay->explanation, NULL, 0, &storage, &ignored);
    assert_int_equal(step.outcome, EXPLAINED_CONSTRAINTS_UNMET);
    assert_int_equal(step.ways[0].obstacle, OBSTACLE_FEW_KEYS);
    assert_text(step.ways[0].object, "19");
    expect_failure(f, "{\"avoid_kma_ids\":[\"kma-9\"]}", REASON_CONSTRAINTS_UNMET, NULL);
    expect_failure(f, "{\"avoid_kma_ids\":[\"kma-1\"]}", REASON_CONSTRAINTS_UNMET, NULL);
    fixture_delete(f, COMMAND_LINK_DELETE, "19");
    expect_failure(f, "{\"max_hops\":1}", REASON_CONSTRAINTS_UNMET, NULL);
    fixture_delete(f, COMMAND_LINK_DELETE, "49");
    fixture_delete(f, COMMAND_LINK_DELETE, "59");
    expect_failure(f, "{\"max_hops\":1}", REASON_NO_ROUTE, NULL);
}

static void test_route_that_breaks_them_is_passed_over(void **state)
{
    struct fixture *f = *state;
    build(f);
    fixture_put_route(f, "a", "kma-1 kma-4 kma-9");
    fixture_put_route(f, "b", "kma-1 kma-9");
    const struct relay_record *relay = relay_of(f, "{}");
    assert_text(relay->route_id, "a");
    static const struct {
        const char *constraints;
        enum obstacle obstacle;
        const char *object;
    } cases[] = {
        { "{\"max_hops\":1}", OBSTACLE_TOO_MANY_HOPS, NULL },
        { "{\"avoid_kma_ids\":[\"kma-4\"]}", OBSTACLE_KMA_AVOIDED, "kma-4" },
        { "{\"avoid_link_ids\":[\"49\"]}", OBSTACLE_LINK_AVOIDED, "49" },
        { "{\"require_kma_ids\":[\"kma-1\",\"kma-9\"],\"avoid_link_ids\":[\"14\"]}", OBSTACLE_LINK_AVOIDED,
          "14" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct explanation_storage storage;
        uint64_t ignored;
        relay = relay_of(f, cases[i].constraints);
        assert_text(relay->route_id, "b");
        const struct explained_step step = last_step(relay->explanation, NULL, 0, &storage, &ignored);
        assert_int_equal(step.passed_count, 1);
        assert_text(step.passed[0].route_id, "a");
        assert_int_equal(step.passed[0].obstacle, cases[i].obstacle);
        assert_text(step.passed[0].object, cases[i].object);
    }
    relay = relay_of(f, "{\"require_kma_ids\":[\"kma-5\"]}"); /* neither does */
    assert_int_equal(relay->decided_by, DECIDER_COMPUTED);
}

static void test_malformed_constraints_are_not_guessed_at(void **state)
{
    struct fixture *f = *state;
    static const char list[] = "must be a list of at most 128 identifiers";
    static const struct {
        const char *constraints, *member, *why;
    } cases[] = {
        { "7", "", "must be an object" },
        { "[]", "", "must be an object" },
        { "null", "", "must be an object" },
        { "{\"avoid_kma_id\":[]}", "",
          "has a member that is none of avoid_kma_ids, avoid_link_ids, require_kma_ids, max_hops and "
          "min_key_stock" },
        { "{\"max_hops\":0}", ".max_hops", "must be an integer from 1 to 127" },
        { "{\"max_hops\":128}", ".max_hops", "must be an integer from 1 to 127" },
        { "{\"max_hops\":1.5}", ".max_hops", "must be an integer from 1 to 127" },
        { "{\"max_hops\":-1}", ".max_hops", "must be an integer from 1 to 127" },
        { "{\"max_hops\":\"3\"}", ".max_hops", "must be an integer from 1 to 127" },
        { "{\"max_hops\":3,\"max_hops\":4}", ".max_hops", "is given twice" },
        { "{\"min_key_stock\":-1}", ".min_key_stock", "must be an integer from 0 to 9223372036854775807" },
        { "{\"min_key_stock\":9223372036854775808}", ".min_key_stock",
          "must be an integer from 0 to 9223372036854775807" },
        { "{\"avoid_kma_ids\":\"kma-4\"}", ".avoid_kma_ids", list },
        { "{\"avoid_kma_ids\":[4]}", ".avoid_kma_ids", list },
        { "{\"avoid_link_ids\":[\"\"]}", ".avoid_link_ids", list },
        { "{\"require_kma_ids\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}", ".require_kma_ids",
          "must be a list of at most 4 identifiers" },
        { "{}},{\"ckbridge_constraints\":{}", "", "is given twice" },
    };
    build(f);
    fixture_put_route(f, "a", "kma-1 kma-9");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[256];
        snprintf(words, sizeof words, "ckbridge_constraints%s %s", cases[i].member, cases[i].why);
        expect_failure(f, cases[i].constraints, REASON_BAD_CONSTRAINTS, words);
        expect_next(f, cases[i].constraints, "", REASON_BAD_CONSTRAINTS);
        assert_text(fixture_record(f, RECORD_LOOKUP)->lookup.detail, words);
    }
}

static void test_next_hops_keep_what_concerns_their_link(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_next(f, "{}", "kma-9", REASON_NONE);
    expect_next(f, "{\"avoid_link_ids\":[\"19\"]}", "", REASON_CONSTRAINTS_UNMET);
    fixture_put_hops(f, "r", NULL, "kma-9", "kma-1:kma-9,kma-4,kma-5", 5);
    expect_next(f, "{}", "kma-9 kma-4 kma-5", REASON_NONE);
    expect_next(f, "{\"avoid_link_ids\":[\"19\"]}", "kma-4 kma-5", REASON_NONE);
    expect_next(f, "{\"avoid_kma_ids\":[\"kma-4\"]}", "kma-9 kma-5", REASON_NONE);
    expect_next(f, "{\"min_key_stock\":25}", "kma-4 kma-5", REASON_NONE);
    expect_next(f, "{\"min_key_stock\":50}", "", REASON_CONSTRAINTS_UNMET);
}

static void test_next_hops_say_what_they_ignore(void **state)
{
    struct fixture *f = *state;
    struct explanation_storage storage;
    uint64_t ignored;
    build(f);
    expect_next(f, "{\"max_hops\":1,\"require_kma_ids\":[\"kma-5\"],\"min_key_stock\":1}", "kma-9",
                REASON_NONE);
    last_step(fixture_record(f, RECORD_LOOKUP)->lookup.explanation, NULL, 0, &storage, &ignored);
    assert_int_equal(ignored, 1U << CONSTRAINT_MAX_HOPS | 1U << CONSTRAINT_REQUIRE_KMAS);
}

static void test_held_request_keeps_its_constraints(void **state)
{
    struct fixture *f = *state;
    build(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    const struct relay_record *relay = relay_of(f, "{\"avoid_link_ids\":[\"19\"]}");
    assert_int_equal(relay->state, RELAY_AWAITING_DECISION);
    fixture_put_route(f, "a", "kma-1 kma-9"); /* breaks them */
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_put_route(f, "b", "kma-1 kma-4 kma-9");
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    assert_text(record->relay.route_id, "b");
}

/* ---- the orchestrator's word ---- */

static void expect_warnings(const struct fixture *f, const char *const *expected, size_t count)
{
    const struct reply *reply = fixture_reply(f);
    assert_int_equal(reply->reason, REASON_NONE);
    assert_int_equal(reply->warning_count, count);
    for (size_t i = 0; i < count; i++)
        assert_text(reply->warnings[i], expected[i]);
}

static void test_decided_path_that_breaks_them_is_taken_and_warned_of(void **state)
{
    struct fixture *f = *state;
    static const char *const all[] = { "the request's constraint avoid_kma_ids is not kept: KMA kma-4",
                                       "the request's constraint avoid_link_ids is not kept: link 49",
                                       "the request's constraint require_kma_ids is not kept: KMA kma-5",
                                       "the request's constraint max_hops is not kept",
                                       "the request's constraint min_key_stock is not kept: link 14" };
    build(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    (void)relay_of(f, "{\"avoid_kma_ids\":[\"kma-4\"],\"avoid_link_ids\":[\"49\"],\"max_hops\":1,"
                      "\"require_kma_ids\":[\"kma-1\",\"kma-5\"],\"min_key_stock\":41}");
    struct text path[] = { TEXT("kma-1"), TEXT("kma-4"), TEXT("kma-9") };
    fixture_run(
        f,
        &(struct command){
            .kind = COMMAND_RELAY_DECIDE, .request_id = 1, .path = path, .path_length = 3, .dry_run = true });
    expect_warnings(f, all, 5);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-4 kma-9");
    expect_warnings(f, all, 5);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    (void)relay_of(f, "{\"avoid_kma_ids\":[\"kma-5\"],\"max_hops\":2,\"min_key_stock\":39}");
    fixture_decide(f, COMMAND_RELAY_DECIDE, 2, "kma-1 kma-4 kma-9");
    expect_warnings(f, NULL, 0);
}

static void test_decided_next_hops_that_break_them_are_taken_and_warned_of(void **state)
{
    struct fixture *f = *state;
    static const char *const two[] = { "the request's constraint avoid_kma_ids is not kept: KMA kma-5",
                                       "the request's constraint min_key_stock is not kept: link 19" };
    build(f);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    ask(f, CK_NEXT_HOP_REQUEST, "{\"avoid_kma_ids\":[\"kma-5\"],\"min_key_stock\":25,\"max_hops\":1}");
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 1, "kma-9 kma-5");
    expect_warnings(f, two, 2);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.next_kma_id_count, 2);
    ask(f, CK_NEXT_HOP_REQUEST, "{\"avoid_kma_ids\":[\"kma-5\"]}");
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 2, "");
    expect_warnings(f, NULL, 0); /* none at all keeps them */
}

/* ---- of another version of the bridge ---- */

/* A held relay, which is decided by the orchestrator, routes and computation in this order. */
static void restore_unreadable(struct fixture *f)
{
    const struct record relay = {
        .kind = RECORD_RELAY,
        .relay = { .relay_id = 50,
                   .state = RELAY_AWAITING_DECISION,
                   .km_id = TEXT("alice"),
                   .source_kma_id = TEXT("kma-1"),
                   .destination_kma_id = TEXT("kma-9"),
                   .extension = TEXT("[{\"ckbridge_constraints\":{\"colour\":\"blue\"}}]"),
                   .timeline_count = 1 },
    };
    fixture_put_destination(f, "kma-9", fixture_policy("orc", 0, 0));
    fixture_put_route(f, "a", "kma-1 kma-9");
    assert_int_equal(core_restore(f->core, &relay), CORE_OK);
    effects_clear(&f->effects);
    assert_int_equal(core_restore_finish(f->core, f->now_ms, f->wall_ms, &f->effects), CORE_OK);
}

static void test_restored_constraints_that_can_not_be_read_are_told_as_such(void **state)
{
    struct fixture *f = *state;
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step step;
    build(f);
    restore_unreadable(f);
    fixture_tick(f, 60000);
    const struct relay_record *relay = &fixture_record(f, RECORD_RELAY)->relay;
    assert_int_equal(relay->state, RELAY_FAILED);
    assert_int_equal(relay->reason, REASON_BAD_CONSTRAINTS);
    assert_true(explanation_open(relay->explanation, NULL, 0, &reader));
    assert_true(explanation_next(&reader, &storage, &step));
    if (step.decider == DECIDER_ORCHESTRATOR)
        assert_true(explanation_next(&reader, &storage, &step));
    assert_int_equal(step.decider, DECIDER_ROUTE);
    assert_int_equal(step.outcome, EXPLAINED_BAD_CONSTRAINTS);
    assert_int_equal(step.passed_count, 1);
    assert_int_equal(step.passed[0].obstacle, OBSTACLE_BAD_CONSTRAINTS);
    assert_text(step.passed[0].object, NULL);
    assert_true(explanation_next(&reader, &storage, &step));
    assert_int_equal(step.decider, DECIDER_COMPUTED);
    assert_int_equal(step.outcome, EXPLAINED_BAD_CONSTRAINTS);
    assert_false(explanation_next(&reader, &storage, &step));
}

static void test_restored_relay_whose_constraints_can_not_be_read_can_be_decided(void **state)
{
    struct fixture *f = *state;
    static const char *const unreadable[] = {
        "the request's constraints can't be read, so that nobody knows whether they are kept"
    };
    build(f);
    restore_unreadable(f);
    fixture_decide(f, COMMAND_RELAY_DECIDE, 50, "kma-1 kma-9");
    expect_warnings(f, unreadable, 1);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_computed_path_keeps_each_constraint),
        TEST(test_what_is_unknown_is_avoided_and_can_not_be_required),
        TEST(test_constraints_unmet_is_not_no_route),
        TEST(test_route_that_breaks_them_is_passed_over),
        TEST(test_malformed_constraints_are_not_guessed_at),
        TEST(test_next_hops_keep_what_concerns_their_link),
        TEST(test_next_hops_say_what_they_ignore),
        TEST(test_held_request_keeps_its_constraints),
        TEST(test_decided_path_that_breaks_them_is_taken_and_warned_of),
        TEST(test_decided_next_hops_that_break_them_are_taken_and_warned_of),
        TEST(test_restored_constraints_that_can_not_be_read_are_told_as_such),
        TEST(test_restored_relay_whose_constraints_can_not_be_read_can_be_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
