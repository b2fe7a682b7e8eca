/* SPDX-License-Identifier: Apache-2.0 */
/* Dry runs: what they tell of a change, and that they change nothing. Held requests and the routes that come.
 */
#include "base/limits.h"
#include "core/snapshot.h"
#include "core_fixture.h"

static const char to_carol[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

/* Alice's relay `id` is held. */
static void hold(struct fixture *f)
{
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, to_carol);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_AWAITING_DECISION);
}

static const struct preview *try(struct fixture *f, struct command command)
{
    command.dry_run = true;
    uint64_t change_number = core_change_number(f->core);
    fixture_run(f, &command);
    assert_int_equal(f->effects.count, 1); /* the reply alone */
    assert_int_equal(f->effects.durable_count, 0);
    assert_true(core_change_number(f->core) == change_number);
    return fixture_reply(f)->preview;
}

static struct command put_route(struct route_config *config, struct text *path, const char *first,
                                const char *last)
{
    path[0] = text_from_c(first);
    path[1] = text_from_c(last);
    *config = (struct route_config){ .route_id = TEXT("r1"),
                                     .destination_kma_id = path[1],
                                     .path = path,
                                     .path_length = 2,
                                     .priority = 100,
                                     .origin = TEXT("api") };
    return (
        struct command){ .kind = COMMAND_ROUTE_PUT, .routes = config, .route_count = 1, .id = TEXT("r1") };
}

static void assert_touched(const struct preview_list *list, size_t count, uint64_t id, enum touch touch)
{
    assert_int_equal(list->count, count);
    assert_int_equal(list->total, count);
    if (count > 0) {
        assert_int_equal(list->items[0].request_id, id);
        assert_int_equal(list->items[0].touch, touch);
    }
}

static void test_held_relay_is_decided_by_the_route_that_comes(void **state)
{
    struct fixture *f = *state;
    struct route_config config;
    struct text path[2];
    hold(f);
    const struct preview *preview = try(f, put_route(&config, path, "kma-1", "kma-9"));
    assert_touched(&preview->relays, 1, 1, TOUCH_DECIDED);
    assert_touched(&preview->lookups, 0, 0, TOUCH_NONE);
    preview = try(f, put_route(&config, path, "kma-4", "kma-9"));
    assert_touched(&preview->relays, 0, 0, TOUCH_NONE);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    const struct relay_record *relay = &fixture_record(f, RECORD_RELAY)->relay;
    assert_int_equal(relay->state, RELAY_INSTRUCTED);
    assert_int_equal(relay->decided_by, DECIDER_ROUTE);
    assert_text(relay->route_id, "r1");
    fixture_sent(f, NULL);
}

static void test_held_relay_waits_on_when_the_orchestrator_goes_first(void **state)
{
    struct fixture *f = *state;
    struct event event = { .kind = EVENT_SETTINGS, .settings = f->settings };
    event.settings.policy.order[0] = DECIDER_ORCHESTRATOR;
    event.settings.policy.order[1] = DECIDER_ROUTE;
    event.settings.policy.order[2] = DECIDER_NONE;
    struct route_config config;
    struct text path[2];
    fixture_step(f, &event);
    hold(f);
    assert_touched(&try(f, put_route(&config, path, "kma-1", "kma-9"))->relays, 0, 0, TOUCH_NONE);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_tick(f, 2000);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_ROUTE);
}

static const struct preview *try_stock(struct fixture *f, const char *id, int64_t stock)
{
    const struct link_config config = { .link_id = text_from_c(id),
                                        .kma_a = TEXT("kma-1"),
                                        .kma_b = TEXT("kma-9"),
                                        .cost = 1,
                                        .key_stock = stock,
                                        .key_rate = -1,
                                        .state = LINK_UP,
                                        .origin = TEXT("api") };
    return try(f, (struct command){
                      .kind = COMMAND_LINK_PUT, .links = &config, .link_count = 1, .id = config.link_id });
}

static void put_stock(struct fixture *f, const char *id, int64_t stock)
{
    fixture_put_told_link(f, &(struct fixture_link){ id, "kma-1", "kma-9", 1, stock, -1, 0 });
}

static void expect_keys(struct fixture *f, const char *id, int64_t available)
{
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct link_view *link = snapshot_link(snapshot, text_from_c(id));
    assert_int_equal(key_stock_available(&link->stock, f->wall_ms), available);
    snapshot_release(snapshot);
}

/* Of a stock that is told, and of a link that comes beside: as many as there are keys for. */
static void test_held_relays_are_decided_when_there_are_keys(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    put_stock(f, "l", 0);
    hold(f);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, to_carol);
    assert_touched(&try_stock(f, "l", 1)->relays, 1, 1, TOUCH_DECIDED);
    assert_int_equal(try_stock(f, "l", 2)->relays.total, 2);
    assert_int_equal(try_stock(f, "l", -1)->relays.total, 2); /* no limit */
    assert_touched(&try_stock(f, "new", 0)->relays, 0, 0, TOUCH_NONE);
    assert_touched(&try_stock(f, "new", 1)->relays, 1, 1, TOUCH_DECIDED);
    fixture_tick(f, 1);
    assert_int_equal(f->effects.count, 0);
    expect_keys(f, "l", 0);
    put_stock(f, "l", 1);
    assert_int_equal(fixture_notices(f, NOTICE_RELAY_INSTRUCTED), 1);
    assert_true(fixture_record(f, RECORD_RELAY)->relay.relay_id == 1);
    expect_keys(f, "l", 0);
}

static void test_held_relay_is_decided_when_the_same_stock_is_told_again(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    put_stock(f, "l", 1);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, to_carol);
    fixture_complete(f, 0, 1, "success");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, to_carol);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_AWAITING_DECISION);
    assert_touched(&try_stock(f, "l", 1)->relays, 1, 2, TOUCH_DECIDED);
    expect_keys(f, "l", 0);
    put_stock(f, "l", 1);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    assert_touched(&try_stock(f, "l", 1)->relays, 0, 0, TOUCH_NONE); /* nobody waits for it */
}

/* By what makes a route usable, and by an application's KMA becoming known. */
static void test_held_relay_is_decided_when_a_link_comes_up(void **state)
{
    struct fixture *f = *state;
    const struct link_config up = { .link_id = TEXT("l"),
                                    .kma_a = TEXT("kma-1"),
                                    .kma_b = TEXT("kma-9"),
                                    .key_stock = -1,
                                    .key_rate = -1,
                                    .state = LINK_UP,
                                    .origin = TEXT("api") };
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_DOWN);
    hold(f);
    const struct preview *preview =
        try(f, (struct command){ .kind = COMMAND_LINK_PUT, .links = &up, .link_count = 1, .id = up.link_id });
    assert_touched(&preview->relays, 1, 1, TOUCH_DECIDED);
    fixture_tick(f, 1);
    assert_int_equal(f->effects.count, 0); /* the link is as down as before */
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.decided_by, DECIDER_ROUTE);
}

static void test_held_lookup_is_answered_when_its_application_is_known(void **state)
{
    struct fixture *f = *state;
    const struct application_config config = { TEXT("app"), TEXT("kma-9") };
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 7, "{\"application_destination_ID\":\"app\"}");
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.state, LOOKUP_AWAITING_DECISION);
    const struct preview *preview = try(f, (struct command){ .kind = COMMAND_APPLICATION_PUT,
                                                             .applications = &config,
                                                             .application_count = 1,
                                                             .id = TEXT("app") });
    assert_touched(&preview->lookups, 1, 1, TOUCH_DECIDED);
    fixture_put_application(f, "app", "kma-9");
    const struct lookup_record *lookup = &fixture_record(f, RECORD_LOOKUP)->lookup;
    assert_int_equal(lookup->state, LOOKUP_ANSWERED);
    assert_text(lookup->next_kma_ids[0], "kma-9");
    assert_text(lookup->destination_kma_id, "kma-9");
}

static void test_instructed_relay_goes_on(void **state)
{
    struct fixture *f = *state;
    struct route_config config;
    struct text path[2];
    fixture_put_link(f, "l", "kma-9", "kma-1", LINK_UP);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, to_carol);
    assert_touched(&try(f, (struct command){ .kind = COMMAND_ROUTE_DELETE, .id = TEXT("r1") })->relays, 1, 1,
                   TOUCH_IN_FLIGHT);
    struct command same_way = put_route(&config, path, "kma-1", "kma-9");
    config.priority = 7;
    assert_touched(&try(f, same_way)->relays, 0, 0, TOUCH_NONE);
    assert_touched(&try(f, (struct command){ .kind = COMMAND_LINK_DELETE, .id = TEXT("l") })->relays, 1, 1,
                   TOUCH_IN_FLIGHT);
    assert_touched(&try(f, (struct command){ .kind = COMMAND_KM_DELETE, .id = TEXT("carol") })->relays, 1, 1,
                   TOUCH_IN_FLIGHT);
    assert_touched(&try(f, (struct command){ .kind = COMMAND_KM_DELETE, .id = TEXT("bob") })->relays, 0, 0,
                   TOUCH_NONE);
    assert_touched(&try(f, (struct command){ .kind = COMMAND_KM_DELETE, .id = TEXT("alice") })->relays, 1, 1,
                   TOUCH_ORPHANED);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"success\",\"key_relay_request_ID\":\"1\"}");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_SUCCEEDED);
}

static void test_changes_are_told_before_and_after(void **state)
{
    struct fixture *f = *state;
    const struct link_config links[] = {
        { .link_id = TEXT("l1"), .kma_a = TEXT("kma-1"), .kma_b = TEXT("kma-4"), .cost = 7 },
        { .link_id = TEXT("l2"), .kma_a = TEXT("kma-4"), .kma_b = TEXT("kma-9") },
        { .link_id = TEXT("l3"), .kma_a = TEXT("kma-1"), .kma_b = TEXT("kma-9") },
    };
    struct link_config changed[] = { links[0], links[2] };
    changed[0].cost = 9;
    struct command command = {
        .kind = COMMAND_LINKS_REPLACE, .id = TEXT("orch"), .links = links, .link_count = 2
    };
    fixture_run(f, &command);
    command.links = changed;
    const struct preview *preview = try(f, command);
    assert_int_equal(preview->change_count, 3);
    assert_int_equal(preview->kind, OBJECT_LINK);
    assert_false(preview->changes_cut || preview->not_all_looked_at);
    static const struct {
        const char *id;
        enum preview_effect effect;
    } expected[] = { { "l1", PREVIEW_UPDATED }, { "l3", PREVIEW_CREATED }, { "l2", PREVIEW_DELETED } };
    for (size_t i = 0; i < 3; i++) {
        const struct preview_change *change = &preview->changes[i];
        assert_text(change->id, expected[i].id);
        assert_int_equal(change->effect, expected[i].effect);
        assert_int_equal(change->before == NULL, change->effect == PREVIEW_CREATED);
        assert_int_equal(change->after == NULL, change->effect == PREVIEW_DELETED);
    }
    assert_int_equal(((const struct link_config *)preview->changes[0].before)->cost, 7);
    assert_int_equal(((const struct link_config *)preview->changes[0].after)->cost, 9);
    assert_text(((const struct link_config *)preview->changes[1].after)->origin, "orch");
    command.dry_run = false;
    fixture_run(f, &command);
    assert_null(fixture_reply(f)->preview);
    assert_int_equal(fixture_reply(f)->created + fixture_reply(f)->updated + fixture_reply(f)->deleted, 3);
}

static void test_lists_are_cut_at_their_limits(void **state)
{
    enum { MANY = LIMIT_PREVIEW_CHANGES + 5, OPEN = LIMIT_PREVIEW_TOUCHED + 5 };
    static struct link_config links[MANY];
    static char names[MANY][16];
    struct fixture *f = *state;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "l%zu", i);
        links[i] = (struct link_config){ .link_id = text_from_c(names[i]),
                                         .kma_a = TEXT("kma-1"),
                                         .kma_b = TEXT("kma-4") };
    }
    struct command command = {
        .kind = COMMAND_LINKS_REPLACE, .id = TEXT("orch"), .links = links, .link_count = MANY
    };
    const struct preview *preview = try(f, command);
    assert_int_equal(preview->change_count, LIMIT_PREVIEW_CHANGES);
    assert_true(preview->changes_cut);
    command.link_count = LIMIT_PREVIEW_CHANGES;
    assert_false(try(f, command)->changes_cut);
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    for (uint32_t i = 1; i <= OPEN; i++)
        fixture_message(f, 0, CK_NOTIFY_RELAY, i, to_carol);
    preview = try(f, (struct command){ .kind = COMMAND_KM_DELETE, .id = TEXT("alice") });
    assert_int_equal(preview->relays.count, LIMIT_PREVIEW_TOUCHED);
    assert_int_equal(preview->relays.total, OPEN);
    assert_true(preview->relays.items[0].request_id == 1);
}

/* What a document holds may be secret. */
static void test_documents_are_not_shown(void **state)
{
    struct fixture *f = *state;
    const struct document_config document = { .document_id = TEXT("webhook/w"), .body = TEXT("{}") };
    const struct preview *preview = try(
        f,
        (struct command){ .kind = COMMAND_DOCUMENT_PUT, .document = &document, .id = document.document_id });
    assert_int_equal(preview->change_count, 1);
    assert_null(preview->changes[0].before);
    assert_null(preview->changes[0].after);
}

static void test_many_held_relays_are_decided_over_several_steps(void **state)
{
    enum { HELD = 1500 };
    struct fixture *f = *state;
    size_t decided = 0;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    for (uint32_t i = 1; i <= HELD; i++)
        fixture_message(f, 0, CK_NOTIFY_RELAY, i, to_carol);
    fixture_put_route(f, "r1", "kma-1 kma-9");
    decided += fixture_notices(f, NOTICE_RELAY_INSTRUCTED);
    assert_true(decided > 0 && decided < HELD);
    while (core_deadline_ms(f->core) <= f->now_ms) {
        fixture_tick(f, 0);
        decided += fixture_notices(f, NOTICE_RELAY_INSTRUCTED);
    }
    assert_int_equal(decided, HELD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_held_relay_is_decided_by_the_route_that_comes),
        TEST(test_held_relay_waits_on_when_the_orchestrator_goes_first),
        TEST(test_held_relays_are_decided_when_there_are_keys),
        TEST(test_held_relay_is_decided_when_the_same_stock_is_told_again),
        TEST(test_held_relay_is_decided_when_a_link_comes_up),
        TEST(test_held_lookup_is_answered_when_its_application_is_known),
        TEST(test_instructed_relay_goes_on),
        TEST(test_changes_are_told_before_and_after),
        TEST(test_lists_are_cut_at_their_limits),
        TEST(test_documents_are_not_shown),
        TEST(test_many_held_relays_are_decided_over_several_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
