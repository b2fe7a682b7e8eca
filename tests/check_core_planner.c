/* SPDX-License-Identifier: Apache-2.0 */
/* What is computed when neither a route nor the orchestrator decides (Ck 7.1, 7.2; readings 1, 5). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";
static const char ask[] = "{\"destination_KMA_ID\":\"kma-9\"}";

struct values {
    uint32_t cost;
    int64_t stock;
};

static void put(struct fixture *f, const char *id, const char *a, const char *b, struct values values)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, a, b, values.cost, values.stock, -1, 0 });
}

static const struct relay_record *ask_for_relay(struct fixture *f)
{
    static uint32_t message_id = 100;
    fixture_message(f, 0, CK_NOTIFY_RELAY, ++message_id, notify);
    const struct record *record = fixture_record(f, RECORD_RELAY);
    assert_non_null(record);
    return &record->relay;
}

static void join(const struct text *texts, size_t count, char words[512])
{
    struct bytes_writer writer = bytes_writer(words, 511);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            bytes_put_c(&writer, " ");
        bytes_put_text(&writer, texts[i]);
    }
    words[bytes_written(&writer).length] = '\0';
}

static void expect_path(struct fixture *f, const char *expected)
{
    char words[512];
    const struct relay_record *relay = ask_for_relay(f);
    assert_int_equal(relay->reason, REASON_NONE);
    assert_int_equal(relay->decided_by, DECIDER_COMPUTED);
    join(relay->path, relay->path_length, words);
    assert_string_equal(words, expected);
}

static void expect_none(struct fixture *f, enum reason reason)
{
    const struct relay_record *relay = ask_for_relay(f);
    assert_int_equal(relay->state, RELAY_FAILED);
    assert_int_equal(relay->reason, reason);
}

static void expect_next(struct fixture *f, uint32_t session, const char *expected)
{
    char words[512];
    fixture_message(f, session, CK_NEXT_HOP_REQUEST, 3, ask);
    const struct record *record = fixture_record(f, RECORD_LOOKUP);
    assert_non_null(record);
    join(record->lookup.next_kma_ids, record->lookup.next_kma_id_count, words);
    assert_string_equal(words, expected);
}

/* alice 1, bob 4, carol 9, dave 5; 1-4-9 and 1-5-9 */
static void build(struct fixture *f)
{
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_open(f, 0, "dns:alice");
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, 40 });
    put(f, "49", "kma-4", "kma-9", (struct values){ 1, 40 });
    put(f, "15", "kma-1", "kma-5", (struct values){ 1, 60 });
    put(f, "59", "kma-5", "kma-9", (struct values){ 1, 30 });
}

static void test_least_cost_then_most_keys(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_path(f, "kma-1 kma-4 kma-9"); /* 40 keys at its scarcest, against 30 */
    put(f, "59", "kma-5", "kma-9", (struct values){ 1, 50 });
    expect_path(f, "kma-1 kma-5 kma-9");
    put(f, "15", "kma-1", "kma-5", (struct values){ 2, 60 });
    expect_path(f, "kma-1 kma-4 kma-9");
}

static void set_metric(struct fixture *f, enum paths_metric metric)
{
    f->settings.metric = metric;
    struct event event = { .kind = EVENT_SETTINGS, .settings = f->settings };
    fixture_step(f, &event);
}

/* 1-4-9 is cheap and narrow, 1-5-9 as cheap and wider, 1-7-8-9 long and wide. */
static void test_metric_of_the_settings_chooses(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "15", "kma-1", "kma-5", (struct values){ 1, 60 });
    put(f, "59", "kma-5", "kma-9", (struct values){ 1, 50 });
    put(f, "17", "kma-1", "kma-7", (struct values){ 5, 900 });
    put(f, "78", "kma-7", "kma-8", (struct values){ 5, 900 });
    put(f, "89", "kma-8", "kma-9", (struct values){ 5, 70 });
    fixture_put_km(f, "erin", "kma-7 kma-8", "dns:erin");
    fixture_tick(f, 60);
    expect_path(f, "kma-1 kma-5 kma-9");
    set_metric(f, PATHS_SHORTEST);
    expect_path(f, "kma-1 kma-4 kma-9"); /* of equal cost the first in order, whatever their keys */
    set_metric(f, PATHS_WIDEST);
    expect_path(f, "kma-1 kma-7 kma-8 kma-9");
    expect_next(f, 0, "kma-5 kma-4"); /* next hops go by cost first, whatever the metric */
    put(f, "89", "kma-8", "kma-9", (struct values){ 5, 0 });
    expect_path(f, "kma-1 kma-5 kma-9");
    set_metric(f, PATHS_WIDEST_SHORTEST);
    expect_path(f, "kma-1 kma-5 kma-9");
}

/* However wide it is. */
static void test_widest_avoids_a_penalised_link(void **state)
{
    struct fixture *f = *state;
    build(f);
    set_metric(f, PATHS_WIDEST);
    put(f, "19", "kma-1", "kma-9", (struct values){ 1, 900 });
    fixture_tick(f, 60);
    for (size_t i = 0; i < 3; i++) {
        expect_path(f, "kma-1 kma-9");
        fixture_complete(f, 0, fixture_record(f, RECORD_RELAY)->relay.relay_id, "broken");
    }
    expect_path(f, "kma-1 kma-4 kma-9");
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, 0 });
    put(f, "15", "kma-1", "kma-5", (struct values){ 1, 0 });
    expect_path(f, "kma-1 kma-9"); /* there is nothing else */
}

static void test_path_leads_through_kms_without_a_session(void **state)
{
    struct fixture *f = *state;
    build(f); /* only alice has one */
    expect_path(f, "kma-1 kma-4 kma-9");
}

static void test_changes_count_at_once(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_path(f, "kma-1 kma-4 kma-9");
    fixture_put_link(f, "14", "kma-1", "kma-4", LINK_DOWN);
    expect_path(f, "kma-1 kma-5 kma-9");
    fixture_delete(f, COMMAND_LINK_DELETE, "59");
    expect_none(f, REASON_NO_ROUTE);
    fixture_put_link(f, "14", "kma-1", "kma-4", LINK_UP);
    expect_path(f, "kma-1 kma-4 kma-9");
    f->disabled = true;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    expect_none(f, REASON_NO_ROUTE);
    f->disabled = false;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    expect_path(f, "kma-1 kma-4 kma-9");
}

static void test_new_link_is_used_after_a_moment(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_path(f, "kma-1 kma-4 kma-9");
    put(f, "19", "kma-1", "kma-9", (struct values){ 1, 5 });
    fixture_tick(f, 60);
    expect_path(f, "kma-1 kma-9");
    put(f, "19", "kma-1", "kma-7", (struct values){ 1, 5 }); /* now it leads elsewhere */
    expect_path(f, "kma-1 kma-4 kma-9");
    fixture_tick(f, 60);
    expect_path(f, "kma-1 kma-4 kma-9");
}

static void test_links_without_keys_are_not_used(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, 0 });
    expect_path(f, "kma-1 kma-5 kma-9");
    put(f, "59", "kma-5", "kma-9", (struct values){ 1, 0 });
    expect_none(f, REASON_INSUFFICIENT_KEYS);
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, -1 }); /* nobody tells: it is tried */
    expect_path(f, "kma-1 kma-4 kma-9");
}

static void test_unknown_ends_have_no_route(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    expect_none(f, REASON_NO_ROUTE); /* no link at all */
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, -1 });
    fixture_tick(f, 60);
    expect_none(f, REASON_NO_ROUTE); /* none to kma-9 */
}

static void test_next_hops_come_best_first(void **state)
{
    struct fixture *f = *state;
    build(f);
    expect_next(f, 0,
                "kma-5 kma-4"); /* as costly; 15 has 60 keys, 14 has 40: what lies behind is asked there */
}

static void test_next_hops_by_cost_then_keys(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "49", "kma-4", "kma-9", (struct values){ 5, 40 });
    put(f, "19", "kma-1", "kma-9", (struct values){ 9, -1 });
    fixture_tick(f, 60);
    expect_next(f, 0, "kma-5 kma-9"); /* kma-4 is farther from kma-9 than kma-1 itself */
}

/* A KM is one place: bob's kma-4 is far from kma-9, his kma-6 is beside it. */
static void test_next_hop_is_asked_of_the_nearest_kma_of_a_km(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "bob", "kma-4 kma-6", "dns:bob");
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:bob");
    put(f, "14", "kma-1", "kma-4", (struct values){ 1, -1 });
    put(f, "41", "kma-4", "kma-9", (struct values){ 9, -1 });
    put(f, "69", "kma-6", "kma-9", (struct values){ 1, -1 });
    put(f, "16", "kma-1", "kma-6", (struct values){ 3, -1 });
    expect_next(f, 1, "kma-9");
    assert_text(fixture_record(f, RECORD_LOOKUP)->lookup.current_kma_id, "kma-6");
    expect_next(f, 0, "kma-6 kma-4");
}

static void test_free_links_lead_on_all_the_same(void **state)
{
    struct fixture *f = *state;
    build(f);
    put(f, "14", "kma-1", "kma-4", (struct values){ 0, -1 });
    put(f, "49", "kma-4", "kma-9", (struct values){ 0, -1 });
    expect_path(f, "kma-1 kma-4 kma-9");
    expect_next(f, 0, "kma-4");
}

/* Layers of KMAs, and between any two of neighbouring layers a dear way of one hop and cheap ones of two. */
enum { LAYERS = 60, WIDTH = 13, LINKS_OF_LAYER = 3 * WIDTH * WIDTH };

struct layered {
    struct link_config links[LAYERS * LINKS_OF_LAYER + 2];
    char names[LAYERS * LINKS_OF_LAYER + 2][3][16];
    size_t count;
};

static void join_kmas(struct layered *layered, const char *a, const char *b, uint32_t cost)
{
    const size_t at = layered->count++;
    snprintf(layered->names[at][0], sizeof layered->names[at][0], "l-%zu", at);
    snprintf(layered->names[at][1], sizeof layered->names[at][1], "%s", a);
    snprintf(layered->names[at][2], sizeof layered->names[at][2], "%s", b);
    layered->links[at] = (struct link_config){ .link_id = text_from_c(layered->names[at][0]),
                                               .kma_a = text_from_c(layered->names[at][1]),
                                               .kma_b = text_from_c(layered->names[at][2]),
                                               .cost = cost,
                                               .key_stock = -1,
                                               .key_rate = -1,
                                               .state = LINK_UP,
                                               .origin = TEXT("test") };
}

static void join_layers(struct layered *layered, int layer)
{
    char from[16], middle[16], to[16];
    for (int i = 0; i < WIDTH; i++) {
        snprintf(from, sizeof from, "n-%d-%d", layer, i);
        snprintf(middle, sizeof middle, "m-%d-%d", layer, i);
        for (int j = 0; j < WIDTH; j++) {
            snprintf(to, sizeof to, "n-%d-%d", layer + 1, j);
            join_kmas(layered, from, to, 3);
            join_kmas(layered, middle, to, 1);
            snprintf(to, sizeof to, "m-%d-%d", layer, j);
            join_kmas(layered, from, to, 1);
        }
    }
}

static void test_path_in_a_large_choice_is_of_least_cost(void **state)
{
    struct fixture *f = *state;
    struct layered *layered = calloc(1, sizeof *layered);
    assert_non_null(layered);
    for (int layer = 0; layer < LAYERS; layer++)
        join_layers(layered, layer);
    join_kmas(layered, "kma-1", "n-0-0", 1);
    join_kmas(layered, "n-60-0", "kma-9", 1);
    fixture_run(f, &(struct command){ .kind = COMMAND_LINKS_REPLACE,
                                      .id = TEXT("test"),
                                      .links = layered->links,
                                      .link_count = layered->count });
    assert_int_equal(fixture_reply(f)->created, layered->count);
    fixture_open(f, 0, "dns:alice");
    const struct relay_record *relay = ask_for_relay(f);
    assert_int_equal(relay->decided_by, DECIDER_COMPUTED);
    assert_int_equal(relay->path_length, 1 + (2 * LAYERS + 1) + 1); /* two hops a layer, each of cost 1 */
    free(layered);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_least_cost_then_most_keys),
        WITH_FIXTURE(test_metric_of_the_settings_chooses),
        WITH_FIXTURE(test_widest_avoids_a_penalised_link),
        WITH_FIXTURE(test_path_leads_through_kms_without_a_session),
        WITH_FIXTURE(test_changes_count_at_once),
        WITH_FIXTURE(test_new_link_is_used_after_a_moment),
        WITH_FIXTURE(test_links_without_keys_are_not_used),
        WITH_FIXTURE(test_unknown_ends_have_no_route),
        WITH_FIXTURE(test_next_hops_come_best_first),
        WITH_FIXTURE(test_next_hops_by_cost_then_keys),
        WITH_FIXTURE(test_next_hop_is_asked_of_the_nearest_kma_of_a_km),
        WITH_FIXTURE(test_free_links_lead_on_all_the_same),
        WITH_FIXTURE(test_path_in_a_large_choice_is_of_least_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
