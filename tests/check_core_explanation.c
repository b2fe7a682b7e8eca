/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations: their compact form, and what the deciders say of a relay or lookup as they are asked. */
#include "core/explanation.h"
#include "core_fixture.h"
#include "explained_words.h"

static void expect_relay(const struct fixture *f, const char *expected)
{
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    explained_expect(record->relay.explanation, record->relay.path, record->relay.path_length, expected);
}

static void expect_lookup(const struct fixture *f, const char *expected)
{
    const struct record *record = fixture_record(f, RECORD_LOOKUP);
    assert_non_null(record);
    explained_expect(record->lookup.explanation, NULL, 0, expected);
}

/* ---- the form ---- */

struct form {
    struct heap_memory heap;
    struct memory memory;
    struct arena arena;
};

static int form_setup(void **state)
{
    static struct form form;
    form.heap = (struct heap_memory){ .blocks_limit = SIZE_MAX };
    form.memory = heap_memory(&form.heap);
    arena_init(&form.arena, &form.memory);
    *state = &form;
    return 0;
}

static int form_teardown(void **state)
{
    struct form *form = *state;
    arena_fini(&form->arena);
    return form->heap.blocks_out == 0 ? 0 : -1;
}

static void test_form_keeps_every_member(void **state)
{
    struct form *form = *state;
    struct text explanation = TEXT_ABSENT;
    const struct text path[] = { TEXT("a"), TEXT("b"), TEXT("c") };
    const struct text other[] = { TEXT("a"), TEXT("x"), TEXT("c") };
    struct explained_step step = { .decider = DECIDER_ROUTE,
                                   .outcome = EXPLAINED_DECIDED,
                                   .route_id = TEXT("r1"),
                                   .route_revision = UINT64_MAX,
                                   .passed = { { TEXT("r0"), OBSTACLE_LINK_DOWN, TEXT("l0") } },
                                   .passed_count = 1 };
    assert_true(explanation_begin(&form->arena, 1U << CONSTRAINT_MAX_HOPS, &explanation));
    assert_true(explanation_add(&form->arena, &step, path, 3, &explanation));
    step = (struct explained_step){ .decider = DECIDER_COMPUTED,
                                    .outcome = EXPLAINED_DECIDED,
                                    .cost = UINT64_MAX,
                                    .bottleneck = TEXT("l1"),
                                    .bottleneck_keys = INT64_MAX,
                                    .ways = { { .obstacle = OBSTACLE_NARROWER,
                                                .object = TEXT("l2"),
                                                .cost = 7,
                                                .bottleneck = TEXT("l2"),
                                                .bottleneck_keys = -1,
                                                .path = other,
                                                .path_length = 3 } },
                                    .way_count = 1 };
    assert_true(explanation_add(&form->arena, &step, path, 3, &explanation));
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step read;
    assert_true(explanation_open(explanation, path, 3, &reader));
    assert_int_equal(reader.ignored, 1U << CONSTRAINT_MAX_HOPS);
    assert_true(explanation_next(&reader, &storage, &read));
    assert_int_equal(read.route_revision, UINT64_MAX);
    assert_true(explanation_next(&reader, &storage, &read));
    assert_int_equal(read.cost, UINT64_MAX);
    assert_int_equal(read.bottleneck_keys, INT64_MAX);
    assert_int_equal(read.ways[0].bottleneck_keys, -1);
    assert_text(read.ways[0].bottleneck, "l2");
    assert_ptr_equal(read.ways[0].path[2].bytes, path[2].bytes); /* not kept twice */
    assert_false(explanation_next(&reader, &storage, &read));
    explained_expect(explanation, path, 3,
                     "routes decided by r1 (not r0: link_down l0), "
                     "computed decided at 18446744073709551615 over l1 (not a x c at 7: narrower l2)");
}

static void test_form_leaves_out_ways_that_do_not_fit(void **state)
{
    struct form *form = *state;
    static char name[LIMIT_IDENTIFIER_BYTES];
    memset(name, 'n', sizeof name);
    static struct text path[LIMIT_PATH_KMAS];
    for (size_t i = 0; i < LIMIT_PATH_KMAS; i++)
        path[i] = (struct text){ name, sizeof name };
    const struct text brief[] = { TEXT("a"), TEXT("b") };
    struct text explanation = TEXT_ABSENT;
    struct explained_step step = {
        .decider = DECIDER_COMPUTED,
        .outcome = EXPLAINED_NO_ROUTE,
        .ways = { { .obstacle = OBSTACLE_LINK_DOWN, .path = path, .path_length = LIMIT_PATH_KMAS },
                  { .obstacle = OBSTACLE_LINK_DOWN, .path = brief, .path_length = 2 } },
        .way_count = 2,
    };
    for (int i = 0; i < 2; i++)
        assert_true(explanation_add(&form->arena, &step, NULL, 0, &explanation));
    explained_expect(
        explanation, NULL, 0,
        "computed no_route (not a b at 0: link_down), computed no_route (not a b at 0: link_down)");
    for (int i = 0; i < 10000; i++)
        assert_true(explanation_add(&form->arena, &step, NULL, 0, &explanation));
    assert_true(explanation.length <= EXPLANATION_BYTES_MAX);
}

static void test_form_that_is_damaged_is_read_up_to_there(void **state)
{
    struct form *form = *state;
    struct text explanation = TEXT_ABSENT;
    struct explanation_reader reader;
    struct explanation_storage storage;
    struct explained_step read;
    const struct text path[] = { TEXT("a"), TEXT("b") };
    struct explained_step step = {
        .decider = DECIDER_COMPUTED,
        .outcome = EXPLAINED_DECIDED,
        .bottleneck = TEXT("l1"),
        .ways = { { .obstacle = OBSTACLE_HIGHER_COST, .path = path, .path_length = 2 } },
        .way_count = 1
    };
    assert_true(explanation_add(&form->arena, &step, path, 2, &explanation));
    for (size_t length = 0; length < explanation.length; length++) {
        const struct text cut = { explanation.bytes, length };
        if (length < 2) {
            assert_false(explanation_open(cut, path, 2, &reader));
            continue;
        }
        assert_true(explanation_open(cut, path, 2, &reader));
        assert_false(explanation_next(&reader, &storage, &read));
    }
    assert_false(explanation_open(TEXT("\2\0"), path, 2, &reader)); /* of a later form */
    assert_false(explanation_open(TEXT_ABSENT, path, 2, &reader));
    assert_true(explanation_open(explanation, path, 1, &reader)); /* its path is not what it was */
    assert_true(explanation_next(&reader, &storage, &read));
    assert_null(read.ways[0].path[1].bytes);
}

static void test_form_settles_only_who_is_being_asked(void **state)
{
    struct form *form = *state;
    struct text explanation = TEXT_ABSENT;
    struct explained_step step = { .decider = DECIDER_ROUTE, .outcome = EXPLAINED_NO_MATCH };
    assert_true(explanation_add(&form->arena, &step, NULL, 0, &explanation));
    assert_true(explanation_settle(&form->arena, EXPLAINED_TIMED_OUT, &explanation));
    explained_expect(explanation, NULL, 0, "routes no_match");
    step = (struct explained_step){ .decider = DECIDER_ORCHESTRATOR, .outcome = EXPLAINED_WAITING };
    assert_true(explanation_add(&form->arena, &step, NULL, 0, &explanation));
    assert_true(explanation_settle(&form->arena, EXPLAINED_TIMED_OUT, &explanation));
    assert_true(explanation_settle(&form->arena, EXPLAINED_DECIDED, &explanation));
    explained_expect(explanation, NULL, 0, "routes no_match, orchestrator timed_out");
    explanation = TEXT_ABSENT;
    assert_true(explanation_settle(&form->arena, EXPLAINED_DECIDED, &explanation));
    explained_expect(explanation, NULL, 0, "orchestrator decided");
}

static void test_form_without_memory_is_absent(void **state)
{
    struct form *form = *state;
    struct text explanation = TEXT_ABSENT;
    const struct explained_step step = { .decider = DECIDER_ROUTE, .outcome = EXPLAINED_NO_MATCH };
    form->heap.blocks_limit = 0;
    assert_false(explanation_add(&form->arena, &step, NULL, 0, &explanation));
    assert_false(text_is_present(explanation));
}

/* ---- relays ---- */

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";
static const char ask[] = "{\"destination_KMA_ID\":\"kma-9\"}";

static void put(struct fixture *f, const char *id, const char *a, const char *b, int64_t stock)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, a, b, 1, stock, -1, 0 });
}

static void test_relay_of_a_route_names_what_was_better(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", 40);
    put(f, "19", "kma-1", "kma-9", 0);
    fixture_put_route(f, "b", "kma-1 kma-4 kma-9");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, notify);
    expect_relay(f, "routes decided");
    fixture_put_route(f, "a", "kma-1 kma-9"); /* before b, but without keys */
    fixture_put_route(f, "c", "kma-1 kma-9"); /* behind b */
    fixture_message(f, 0, CK_NOTIFY_RELAY, 2, notify);
    expect_relay(f, "routes decided (not a: insufficient_keys 19)");
    fixture_put_link(f, "19", "kma-1", "kma-9", LINK_DOWN);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 3, notify);
    expect_relay(f, "routes decided (not a: link_down 19)");
    f->disabled = true;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 4, notify);
    expect_relay(f,
                 "routes unusable (not a: link_down 19) (not b: disabled_kma kma-4) (not c: link_down 19), "
                 "orchestrator absent, computed no_route");
}

static void test_relay_refused_before_anybody_was_asked_has_no_steps(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1,
                    "{\"source_KMA_ID\":\"kma-4\",\"destination_KMA_ID\":\"kma-9\"}");
    expect_relay(f, "");
}

static void test_relay_that_nobody_has_a_turn_for_has_no_steps(void **state)
{
    struct fixture *f = *state;
    f->settings.policy.order[0] = DECIDER_NONE;
    struct event event = { .kind = EVENT_SETTINGS, .settings = f->settings };
    fixture_step(f, &event);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, "{\"destination_KMA_ID\":\"kma-9\"}");
    expect_relay(f, "");
}

static void test_relay_of_an_unknown_application_had_nothing_to_ask_for(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, "{\"application_destination_ID\":\"nobody\"}");
    expect_relay(f, "routes unknown_destination, orchestrator absent, computed unknown_destination");
}

static void test_relay_held_tells_what_came_of_it(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "19", "kma-1", "kma-9", 40);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, notify);
    expect_relay(f, "routes no_match, orchestrator waiting");
    fixture_decide(f, COMMAND_RELAY_DECIDE, 1, "kma-1 kma-9");
    expect_relay(f, "routes no_match, orchestrator decided");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 2, notify);
    fixture_reject(f, COMMAND_RELAY_DECIDE, 2, "no");
    expect_relay(f, "routes no_match, orchestrator rejected");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 3, notify);
    fixture_tick(f, f->settings.policy.orchestrator_ms);
    expect_relay(f, "routes no_match, orchestrator timed_out, computed decided at 1 over 19");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 4, notify);
    fixture_put_route(f, "r", "kma-1 kma-9");
    expect_relay(f, "routes no_match, orchestrator overtaken, routes decided");
    fixture_delete(f, COMMAND_ROUTE_DELETE, "r");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 5, notify);
    fixture_delete(f, COMMAND_KM_DELETE, "alice");
    const struct record *record = NULL;
    for (const struct effect *effect = f->effects.first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD && effect->record.kind == RECORD_RELAY &&
            effect->record.relay.relay_id == 5)
            record = &effect->record;
    }
    assert_non_null(record);
    explained_expect(record->relay.explanation, NULL, 0, "routes no_match, orchestrator abandoned");
}

static void test_relay_that_the_orchestrator_starts_asked_it_alone(void **state)
{
    struct fixture *f = *state;
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    fixture_open(f, 0, "dns:alice");
    fixture_run(f, &(struct command){ .kind = COMMAND_RELAY_START, .path = path, .path_length = 2 });
    expect_relay(f, "orchestrator decided");
}

static void test_relay_without_keys_names_the_way_and_the_link(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", 40);
    put(f, "49", "kma-4", "kma-9", 0);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 1, notify);
    expect_relay(f, "routes no_match, orchestrator absent, "
                    "computed insufficient_keys (not kma-1 kma-4 kma-9 at 2: insufficient_keys 49)");
}

static void ask_for(struct fixture *f, const char *expected)
{
    static uint32_t message_id = 100;
    fixture_message(f, 0, CK_NOTIFY_RELAY, message_id++, notify);
    char words[512];
    struct bytes_writer writer = bytes_writer(words, sizeof words - 1);
    bytes_put_c(&writer, "routes no_match, orchestrator absent, computed decided at ");
    bytes_put_c(&writer, expected);
    words[writer.length] = '\0';
    expect_relay(f, words);
}

/* Nobody has told its stock. */
static void put_of_cost(struct fixture *f, const char *id, const char *a, const char *b, uint32_t cost)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, a, b, cost, -1, -1, 0 });
    fixture_tick(f, 60); /* until the planner knows it */
}

/* In the order in which paths are compared. */
static void test_relay_tells_the_best_way_that_was_not_taken(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", 40);
    put(f, "49", "kma-4", "kma-9", 50);
    ask_for(f, "2 over 14"); /* there is no other */
    put(f, "15", "kma-1", "kma-5", 40);
    put(f, "59", "kma-5", "kma-9", 30);
    fixture_tick(f, 60);
    ask_for(f, "2 over 14 (not kma-1 kma-5 kma-9 at 2: narrower 59)");
    put_of_cost(f, "14", "kma-1", "kma-4", 1);
    put_of_cost(f, "49", "kma-4", "kma-9", 1);
    put_of_cost(f, "15", "kma-1", "kma-5", 1);
    put_of_cost(f, "59", "kma-5", "kma-9", 1);
    ask_for(f, "2 over 14 (not kma-1 kma-5 kma-9 at 2: later_names)");
    put_of_cost(f, "59", "kma-5", "kma-9", 5);
    ask_for(f, "2 over 14 (not kma-1 kma-5 kma-9 at 6: higher_cost)");
    put_of_cost(f, "19", "kma-1", "kma-9", 2);
    ask_for(f, "2 over 19 (not kma-1 kma-4 kma-9 at 2: more_hops)");
}

static void test_relay_tells_the_way_that_is_penalised(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put_of_cost(f, "14", "kma-1", "kma-4", 1);
    put_of_cost(f, "49", "kma-4", "kma-9", 1);
    put_of_cost(f, "19", "kma-1", "kma-9", 1);
    for (size_t i = 0; i < 3; i++) {
        ask_for(f, "1 over 19 (not kma-1 kma-4 kma-9 at 2: higher_cost)");
        fixture_complete(f, 0, fixture_record(f, RECORD_RELAY)->relay.relay_id, "broken");
    }
    ask_for(f, "2 over 14 (not kma-1 kma-9 at 4294967295: penalised 19)");
}

static void test_relay_by_the_widest_path_says_that_no_other_was_sought(void **state)
{
    struct fixture *f = *state;
    f->settings.metric = PATHS_WIDEST;
    struct event event = { .kind = EVENT_SETTINGS, .settings = f->settings };
    fixture_step(f, &event);
    fixture_open(f, 0, "dns:alice");
    put_of_cost(f, "14", "kma-1", "kma-4", 1);
    put_of_cost(f, "49", "kma-4", "kma-9", 1);
    put_of_cost(f, "19", "kma-1", "kma-9", 1);
    ask_for(f, "1 over 19 (others unsought)");
}

/* ---- lookups ---- */

static void test_lookup_of_a_route_names_it(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", 0);
    fixture_put_route(f, "a", "kma-1 kma-4 kma-9");
    fixture_put_route(f, "b", "kma-1 kma-9");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, ask);
    expect_lookup(f, "routes decided by a (not a: insufficient_keys 14)");
}

static void test_lookup_held_tells_what_came_of_it(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", 40);
    put(f, "49", "kma-4", "kma-9", 40);
    put(f, "19", "kma-1", "kma-9", 0);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, ask);
    expect_lookup(f, "routes no_match, orchestrator waiting");
    fixture_tick(f, f->settings.policy.orchestrator_ms);
    expect_lookup(f, "routes no_match, orchestrator timed_out, "
                     "computed decided at 2 (not kma-1 kma-9 at 1: insufficient_keys 19)");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 2, ask);
    fixture_decide(f, COMMAND_LOOKUP_DECIDE, 2, "kma-4");
    expect_lookup(f, "routes no_match, orchestrator decided");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, ask);
    fixture_reject(f, COMMAND_LOOKUP_DECIDE, 3, "no");
    expect_lookup(f, "routes no_match, orchestrator rejected");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 4, ask);
    fixture_put_route(f, "r", "kma-1 kma-4 kma-9");
    expect_lookup(f, "routes no_match, orchestrator overtaken, routes decided by r");
    fixture_delete(f, COMMAND_ROUTE_DELETE, "r");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 5, ask);
    fixture_close(f, 0, REASON_PEER_CLOSED);
    expect_lookup(f, "routes no_match, orchestrator abandoned");
}

static void test_lookup_names_neighbours_that_are_no_nearer(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_open(f, 0, "dns:alice");
    put(f, "19", "kma-1", "kma-9", 40);
    put(f, "15", "kma-1", "kma-5", 40);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, ask);
    expect_lookup(f, "routes no_match, orchestrator absent, "
                     "computed decided at 1 (not kma-1 kma-5 at 3: not_nearer kma-5)");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 2, "{\"application_destination_ID\":\"nobody\"}");
    expect_lookup(f, "routes unknown_destination, orchestrator absent, computed unknown_destination");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 3, "{\"destination_KMA_ID\":\"kma-1\"}");
    expect_lookup(f, ""); /* it is there */
}

static void test_lookup_says_nothing_of_a_link_that_is_gone(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    put(f, "19", "kma-1", "kma-9", 40);
    put(f, "14", "kma-1", "kma-4", 0);
    put(f, "49", "kma-4", "kma-9", 40);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, ask);
    expect_lookup(f, "routes no_match, orchestrator absent, "
                     "computed decided at 1 (not kma-1 kma-4 at 2: insufficient_keys 14)");
    fixture_delete(f, COMMAND_LINK_DELETE, "14");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 2, ask);
    expect_lookup(f, "routes no_match, orchestrator absent, computed decided at 1");
}

int main(void)
{
#define FORM(name) cmocka_unit_test_setup_teardown(name, form_setup, form_teardown)
#define CORE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        FORM(test_form_keeps_every_member),
        FORM(test_form_leaves_out_ways_that_do_not_fit),
        FORM(test_form_that_is_damaged_is_read_up_to_there),
        FORM(test_form_settles_only_who_is_being_asked),
        FORM(test_form_without_memory_is_absent),
        CORE(test_relay_of_a_route_names_what_was_better),
        CORE(test_relay_refused_before_anybody_was_asked_has_no_steps),
        CORE(test_relay_that_nobody_has_a_turn_for_has_no_steps),
        CORE(test_relay_of_an_unknown_application_had_nothing_to_ask_for),
        CORE(test_relay_held_tells_what_came_of_it),
        CORE(test_relay_that_the_orchestrator_starts_asked_it_alone),
        CORE(test_relay_without_keys_names_the_way_and_the_link),
        CORE(test_relay_tells_the_best_way_that_was_not_taken),
        CORE(test_relay_tells_the_way_that_is_penalised),
        CORE(test_relay_by_the_widest_path_says_that_no_other_was_sought),
        CORE(test_lookup_of_a_route_names_it),
        CORE(test_lookup_held_tells_what_came_of_it),
        CORE(test_lookup_names_neighbours_that_are_no_nearer),
        CORE(test_lookup_says_nothing_of_a_link_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
