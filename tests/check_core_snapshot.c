/* SPDX-License-Identifier: Apache-2.0 */
/* The view of the live state that readers get. */
#include "core_fixture.h"

static void test_snapshot_is_sorted_and_complete(void **state)
{
    struct fixture *f = *state;
    fixture_put_application(f, "b", "kma-9");
    fixture_put_application(f, "a", "kma-1");
    fixture_put_route(f, "r2", "kma-1 kma-9");
    fixture_put_route(f, "r1", "kma-4 kma-9");
    fixture_put_link(f, "l", "kma-1", "kma-9", LINK_UP);
    fixture_open(f, 0, "dns:bob");
    fixture_open(f, 1, "dns:mallory");
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-1\"}");
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_int_equal(snapshot->km_count, 3);
    assert_text(snapshot->kms[0].config.km_id, "alice");
    assert_text(snapshot->kms[2].config.km_id, "carol");
    assert_false(snapshot->kms[0].connected);
    assert_int_equal(snapshot->kms[0].since_ms, 0);
    const struct km_view *bob = snapshot_km(snapshot, TEXT("bob"));
    assert_true(bob->connected);
    assert_int_equal(bob->since_ms, f->wall_ms);
    assert_text(bob->peer, "192.0.2.1:50112");
    assert_string_equal(bob->key_style_seen, "snake");
    assert_int_equal(bob->relays_open, 1);
    assert_int_equal(bob->counters.received[CK_NOTIFY_RELAY], 1);
    assert_text(snapshot->applications[0].config.application_id, "a");
    assert_text(snapshot_application(snapshot, TEXT("b"))->config.kma_id, "kma-9");
    assert_text(snapshot->routes[0].config.route_id, "r1");
    assert_non_null(snapshot_route(snapshot, TEXT("r2")));
    assert_non_null(snapshot_link(snapshot, TEXT("l")));
    assert_null(snapshot_km(snapshot, TEXT("zoe")));
    assert_int_equal(snapshot->refused_count, 1);
    assert_text(snapshot->refused[0].identity, "dns:mallory");
    assert_true(snapshot->orchestrator_present);
    assert_int_equal(snapshot->totals.relays_held, 1);
    assert_int_equal(snapshot->totals.kms_enrolled, 3);
    assert_int_equal(snapshot->totals.kms_connected, 1);
    snapshot_release(snapshot);
}

static void test_snapshot_outlives_the_state_it_was_taken_from(void **state)
{
    struct fixture *f = *state;
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_ptr_equal(snapshot_retain(snapshot), snapshot);
    snapshot_release(snapshot);
    fixture_delete(f, COMMAND_KM_DELETE, "bob");
    assert_text(snapshot_km(snapshot, TEXT("bob"))->config.kma_ids[0], "kma-4");
    snapshot_release(snapshot);
    snapshot_release(NULL);
}

static void test_change_number_grows_with_what_shows(void **state)
{
    struct fixture *f = *state;
    uint64_t before = core_change_number(f->core);
    fixture_tick(f, 10);
    assert_int_equal(core_change_number(f->core), before);
    fixture_open(f, 0, "dns:alice");
    assert_true(core_change_number(f->core) > before);
    before = core_change_number(f->core);
    fixture_orchestrator(f, ORCHESTRATOR_REQUEST);
    assert_true(core_change_number(f->core) > before);
    before = core_change_number(f->core);
    assert_int_equal(core_deadline_ms(f->core), f->now_ms + 30001); /* when it counts as absent */
    fixture_tick(f, 30001);
    assert_true(core_change_number(f->core) > before);
    assert_int_equal(core_deadline_ms(f->core), UINT64_MAX);
}

static void test_snapshot_knows_the_newest_event_in_it(void **state)
{
    struct fixture *f = *state;
    struct snapshot *before = core_snapshot(f->core, &f->memory, f->wall_ms);
    fixture_open(f, 0, "dns:alice");
    struct snapshot *after = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_int_equal(after->event_id, before->event_id + 1); /* km.connected */
    snapshot_release(before);
    snapshot_release(after);
}

static void test_snapshot_without_memory_is_none(void **state)
{
    struct fixture *f = *state;
    size_t out = f->heap.blocks_out;
    /* Itself and each of its parts, and of each one block of its arena. */
    const size_t needed = 2 * (1 + SNAPSHOT_PARTS);
    for (size_t more = 0; more <= needed; more++) {
        f->heap.blocks_limit = out + more;
        struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
        assert_int_equal(snapshot != NULL, more == needed);
        snapshot_release(snapshot);
        assert_int_equal(f->heap.blocks_out, out);
    }
    f->heap.blocks_limit = SIZE_MAX;
}

static struct snapshot *take_after(struct fixture *f, const struct snapshot *former, uint64_t monotonic_ms)
{
    struct snapshot *taken = core_snapshot_after(
        f->core, &f->memory, (struct snapshot_moment){ f->wall_ms, monotonic_ms }, former);
    assert_non_null(taken);
    return taken;
}

static void test_snapshot_shares_what_has_not_changed(void **state)
{
    struct fixture *f = *state;
    fixture_put_link(f, "l", "kma-1", "kma-4", LINK_UP);
    struct snapshot *first = take_after(f, NULL, 1000);
    assert_false(first->lags);
    fixture_put_application(f, "app", "kma-9");
    struct snapshot *second = take_after(f, first, 1000 + SNAPSHOT_LIVE_MS - 1);
    assert_ptr_equal(second->links, first->links);
    assert_ptr_equal(second->kms, first->kms);
    assert_true(second->lags); /* the KMs' counters may be other ones by now */
    assert_int_equal(second->application_count, first->application_count + 1);
    snapshot_release(first); /* what is shared outlives it */
    assert_text(second->links[0].config.link_id, "l");
    fixture_open(f, 0, "dns:alice");
    struct snapshot *third = take_after(f, second, 1000 + SNAPSHOT_LIVE_MS - 1);
    assert_true(snapshot_km(third, TEXT("alice"))->connected);
    assert_false(snapshot_km(second, TEXT("alice"))->connected);
    assert_ptr_equal(third->links, second->links);
    struct snapshot *fourth = take_after(f, third, 1000 + 2 * SNAPSHOT_LIVE_MS);
    assert_ptr_not_equal(fourth->kms, third->kms);
    assert_false(fourth->lags);
    snapshot_release(second);
    snapshot_release(third);
    snapshot_release(fourth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snapshot_is_sorted_and_complete, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_outlives_the_state_it_was_taken_from, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_change_number_grows_with_what_shows, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_knows_the_newest_event_in_it, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_shares_what_has_not_changed, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_without_memory_is_none, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
