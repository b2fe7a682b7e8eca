/* SPDX-License-Identifier: Apache-2.0 */
/* Installed routes: validation, cycles, validity, collections (reading 5). */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static void assert_invalid(const struct fixture *f, enum reason reason, const char *word)
{
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
    assert_int_equal(fixture_reply(f)->reason, reason);
    char words[1024];
    assert_true(text_to_c(fixture_reply(f)->detail, words, sizeof words));
    assert_non_null(strstr(words, word));
    assert_int_equal(f->effects.durable_count, 0);
}

static void test_route_is_refused_by_name(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r", "kma-1 kma-7 kma-9");
    assert_invalid(f, REASON_UNKNOWN_KMA, "kma-7");
    fixture_put_route(f, "r", "kma-1 kma-4 kma-1 kma-9");
    assert_invalid(f, REASON_PATH_LOOPS, "kma-1");
    fixture_put_route(f, "r", "kma-1");
    assert_invalid(f, REASON_PATH_ENDPOINTS, "source");
    fixture_put_link(f, "l", "kma-4", "kma-9", LINK_DOWN);
    fixture_put_route(f, "r", "kma-1 kma-4 kma-9");
    assert_invalid(f, REASON_LINK_DOWN, "kma-4");
    fixture_put_hops(f, "r", NULL, "kma-9", "kma-9:kma-1", 1);
    assert_invalid(f, REASON_PATH_ENDPOINTS, "kma-9");
    fixture_put_hops(f, "r", NULL, "kma-9", "kma-1:kma-1", 1);
    assert_invalid(f, REASON_PATH_LOOPS, "kma-1");
    fixture_put_hops(f, "r", "kma-7", "kma-9", "kma-1:kma-9", 1);
    assert_invalid(f, REASON_UNKNOWN_KMA, "kma-7");
}

static void test_route_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    char path[1024] = "kma-1";
    for (int i = 0; i < LIMIT_PATH_KMAS; i++)
        strcat(path, " kma-9");
    fixture_put_route(f, "r", path);
    assert_invalid(f, REASON_PATH_TOO_LONG, "128");
}

static void test_kma_that_only_a_link_names_is_known(void **state)
{
    struct fixture *f = *state;
    fixture_put_link(f, "l", "kma-4", "kma-7", LINK_UP);
    fixture_put_route(f, "r", "kma-1 kma-4 kma-7");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(fixture_reply(f)->warning_count, 1); /* kma-1 and kma-4 */
}

static void test_parallel_link_that_is_up_suffices(void **state)
{
    struct fixture *f = *state;
    fixture_put_link(f, "l1", "kma-1", "kma-9", LINK_DOWN);
    fixture_put_link(f, "l2", "kma-9", "kma-1", LINK_UP);
    fixture_put_route(f, "r", "kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_int_equal(fixture_reply(f)->warning_count, 0);
}

static void test_routes_that_form_a_cycle_are_refused_by_name(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-5 kma-9");
    fixture_put_route(f, "r2", "kma-5 kma-1 kma-9");
    assert_invalid(f, REASON_CYCLE, "kma-5");
    fixture_put_route(f, "r2", "kma-5 kma-1 kma-4"); /* another destination */
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    fixture_put_route(f, "r1", "kma-1 kma-4 kma-9"); /* changed: now there is room */
    fixture_put_route(f, "r3", "kma-5 kma-1 kma-9");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
}

static void test_route_of_the_higher_priority_decides(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "a", "kma-1 kma-4 kma-9");
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    struct route_config config = { .route_id = TEXT("b"),
                                   .destination_kma_id = TEXT("kma-9"),
                                   .path = path,
                                   .path_length = 2,
                                   .priority = 200 };
    fixture_run(f, &(struct command){ .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 });
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_text(fixture_record(f, RECORD_RELAY)->relay.route_id, "b");
    config.priority = 100;
    fixture_run(f, &(struct command){ .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 });
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    assert_text(fixture_record(f, RECORD_RELAY)->relay.route_id, "a"); /* ties by route_id */
}

static void test_route_is_not_used_while_its_link_is_down_or_a_km_disabled(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r", "kma-1 kma-4 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_put_link(f, "l", "kma-4", "kma-9", LINK_DOWN);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_NO_ROUTE);
    fixture_put_link(f, "l", "kma-4", "kma-9", LINK_UP);
    f->disabled = true;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_NO_ROUTE);
    f->disabled = false;
    fixture_put_km(f, "bob", "kma-4", "dns:bob");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 9, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
}

static void test_route_is_dropped_when_its_validity_ends(void **state)
{
    struct fixture *f = *state;
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    struct route_config config = { .route_id = TEXT("r"),
                                   .destination_kma_id = TEXT("kma-9"),
                                   .path = path,
                                   .path_length = 2,
                                   .valid_until_ms = f->wall_ms + 5000 };
    struct command command = { .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 };
    fixture_run(f, &command);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 5000);
    fixture_tick(f, 5000);
    assert_string_equal(fixture_notice(f, NOTICE_ROUTE_CHANGED)->change, "deleted");
    assert_text(fixture_notice(f, NOTICE_ROUTE_CHANGED)->route_id, "r");
    assert_text(fixture_record(f, RECORD_ROUTE_DELETED)->deleted_id, "r");
    fixture_run(f, &command);
    assert_invalid(f, REASON_INVALID, "valid_until");
}

static void test_routes_replace_is_of_one_origin_and_atomic(void **state)
{
    struct fixture *f = *state;
    struct text direct[] = { TEXT("kma-1"), TEXT("kma-9") };
    struct text back[] = { TEXT("kma-4"), TEXT("kma-1"), TEXT("kma-9") };
    struct text loop[] = { TEXT("kma-1"), TEXT("kma-4"), TEXT("kma-9") };
    struct route_config routes[] = {
        { .route_id = TEXT("n1"), .destination_kma_id = TEXT("kma-9"), .path = direct, .path_length = 2 },
        { .route_id = TEXT("n2"), .destination_kma_id = TEXT("kma-9"), .path = back, .path_length = 3 },
        { .route_id = TEXT("n3"), .destination_kma_id = TEXT("kma-9"), .path = loop, .path_length = 3 },
    };
    struct command command = {
        .kind = COMMAND_ROUTES_REPLACE, .id = TEXT("orch"), .routes = routes, .route_count = 3
    };
    fixture_put_route(f, "other", "kma-4 kma-9"); /* of origin "test" */
    fixture_run(f, &command);
    assert_invalid(f, REASON_CYCLE, "kma-4");
    command.route_count = 2;
    command.dry_run = true;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->created, 2);
    assert_int_equal(f->effects.durable_count, 0);
    command.dry_run = false;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->created, 2);
    assert_int_equal(fixture_notices(f, NOTICE_ROUTE_CHANGED), 2);
    command.routes = routes + 1;
    command.route_count = 1;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->deleted, 1);
    assert_int_equal(fixture_reply(f)->unchanged, 1);
    routes[1].route_id = TEXT("other");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT); /* another origin's */
    routes[1].route_id = TEXT("n1");
    routes[0].route_id = TEXT("n1");
    command.routes = routes;
    command.route_count = 2;
    fixture_run(f, &command);
    assert_invalid(f, REASON_INVALID, "twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_route_is_refused_by_name, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_route_too_long_is_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_kma_that_only_a_link_names_is_known, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_parallel_link_that_is_up_suffices, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_routes_that_form_a_cycle_are_refused_by_name, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_route_of_the_higher_priority_decides, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_route_is_not_used_while_its_link_is_down_or_a_km_disabled,
                                        fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_route_is_dropped_when_its_validity_ends, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_routes_replace_is_of_one_origin_and_atomic, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
