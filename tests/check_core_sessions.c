/* SPDX-License-Identifier: Apache-2.0 */
/* Who may connect, and when a session ends (readings 10, 11, 13). */
#include "core_fixture.h"

static void assert_refused(const struct fixture *f, enum reason reason)
{
    assert_non_null(fixture_effect(f, EFFECT_CLOSE));
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, reason);
    assert_null(fixture_effect(f, EFFECT_ADMIT));
    assert_non_null(fixture_notice(f, NOTICE_KM_REFUSED));
    assert_int_equal(fixture_notice(f, NOTICE_KM_REFUSED)->reason, reason);
    struct snapshot *snapshot = core_snapshot(f->core, (struct memory *)&f->memory, f->wall_ms);
    assert_true(snapshot->refused_count > 0);
    assert_int_equal(snapshot->refused[0].reason, reason);
    snapshot_release(snapshot);
}

static void test_session_enrolled_is_admitted(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "uri:nobody dns:alice");
    assert_text(fixture_effect(f, EFFECT_ADMIT)->admit.km_id, "alice");
    const struct notice *notice = fixture_notice(f, NOTICE_KM_CONNECTED);
    assert_text(notice->km_id, "alice");
    assert_text(notice->peer, "192.0.2.1:50112");
    assert_text(notice->tls_version, "TLSv1.3");
    assert_text(notice->identity, "dns:alice");
}

static void test_session_not_enrolled_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:mallory");
    assert_refused(f, REASON_NOT_ENROLLED);
    assert_text(fixture_notice(f, NOTICE_KM_REFUSED)->identity, "dns:mallory");
}

static void test_session_disabled_is_refused(void **state)
{
    struct fixture *f = *state;
    f->disabled = true;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    fixture_open(f, 0, "dns:alice");
    assert_refused(f, REASON_KM_DISABLED);
}

static void test_session_with_names_of_two_kms_is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice dns:bob");
    assert_refused(f, REASON_AMBIGUOUS_IDENTITY);
}

static void test_session_by_address_needs_an_address_identity(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "dave", "kma-5", "address:127.0.0.2 psk:dave");
    fixture_open(f, 0, "dns:127.0.0.2");
    assert_refused(f, REASON_NOT_ENROLLED);
    fixture_open(f, 0, "address:127.0.0.2");
    assert_non_null(fixture_effect(f, EFFECT_ADMIT));
}

static void test_second_session_replaces_the_first(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:alice");
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.session.index, 0);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_REPLACED);
    const struct notice *gone = fixture_notice(f, NOTICE_KM_DISCONNECTED);
    const struct notice *come = fixture_notice(f, NOTICE_KM_CONNECTED);
    assert_int_equal(gone->reason, REASON_REPLACED);
    assert_true(gone->event_id < come->event_id);
    fixture_close(f, 0, REASON_PEER_CLOSED); /* its end is no news */
    assert_int_equal(f->effects.count, 0);
}

static void test_flapping_newcomer_is_refused_and_held_off(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < 61; i++) {
        fixture_open(f, i % 2, "dns:alice"); /* the first one replaces nothing */
        assert_non_null(fixture_effect(f, EFFECT_ADMIT));
    }
    fixture_open(f, 2, "dns:alice");
    assert_refused(f, REASON_FLAPPING);
    fixture_message(f, 0, 9, 1, "{}"); /* the session that was there stays */
    fixture_open(f, 2, "dns:alice");
    assert_refused(f, REASON_HELD_OFF);
    f->now_ms += 30000;
    fixture_open(f, 2, "dns:alice");
    assert_non_null(fixture_effect(f, EFFECT_ADMIT));
}

static void test_replacements_of_a_minute_ago_do_not_count(void **state)
{
    struct fixture *f = *state;
    for (uint32_t i = 0; i < 200; i++) {
        f->now_ms += 1050;
        fixture_open(f, i % 2, "dns:alice");
        assert_non_null(fixture_effect(f, EFFECT_ADMIT));
    }
}

static void test_too_many_bad_frames_close_and_hold_off(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    for (int i = 0; i < 60; i++) {
        fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{");
        assert_null(fixture_effect(f, EFFECT_CLOSE));
    }
    fixture_message(f, 0, CK_RELAY_REQUEST, 7, "{}"); /* an unexpected command is as bad */
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_TOO_MANY_BAD_FRAMES);
    assert_non_null(fixture_notice(f, NOTICE_KM_DISCONNECTED));
    fixture_open(f, 0, "dns:alice");
    assert_refused(f, REASON_HELD_OFF);
    f->now_ms += 30000;
    fixture_open(f, 0, "dns:alice");
    assert_non_null(fixture_effect(f, EFFECT_ADMIT));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{");
    assert_null(fixture_effect(f, EFFECT_CLOSE));
}

static void test_unknown_commands_are_counted_and_not_bad(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    for (int i = 0; i < 100; i++) {
        fixture_message(f, 0, 6, 7, "{");
        assert_int_equal(f->effects.count, 0);
    }
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_int_equal(snapshot_km(snapshot, TEXT("alice"))->counters.received[0], 100);
    snapshot_release(snapshot);
}

static void test_command_of_the_controller_is_a_protocol_error(void **state)
{
    static const uint16_t commands[] = { CK_NEXT_HOP_RESPONSE, CK_RELAY_REQUEST };
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    for (size_t i = 0; i < 2; i++) {
        fixture_message(f, 0, commands[i], 7,
                        "{\"destination_KMA_ID\":\"a\",\"next_KMA_IDs\":[],\"transit_KMA_IDs\":[]}");
        const struct notice *notice = fixture_notice(f, NOTICE_CK_PROTOCOL_ERROR);
        assert_non_null(notice);
        assert_int_equal(notice->command, commands[i]);
        assert_text(notice->detail, "unexpected_command");
        assert_int_equal(f->effects.count, 1); /* not answered */
    }
}

static void test_malformed_payload_is_reported_with_its_place(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"source_KMA_ID\":\"kma-1\" 5}");
    const struct notice *notice = fixture_notice(f, NOTICE_CK_PROTOCOL_ERROR);
    assert_int_equal(notice->reason, REASON_MALFORMED);
    assert_text(notice->detail, ck_malformed_name(CK_NOT_JSON));
    assert_int_equal(notice->offset, 25);
    assert_int_equal(notice->message_id, 7);
    assert_int_equal(f->effects.count, 1); /* a 0x03 of that kind makes no relay */
    fixture_message(f, 0, CK_RELAY_RESPONSE, 7, "{\"response\":\"\"}");
    assert_text(fixture_notice(f, NOTICE_CK_PROTOCOL_ERROR)->detail, ck_malformed_name(CK_MISSING_RESPONSE));
    assert_int_equal(f->effects.count, 1);
}

static void test_version_not_accepted_closes(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    f->version = 2;
    const struct session_handle handle = { .index = 0, .generation = f->generations[0] };
    assert_true(core_accepts_version(f->core, handle, 1));
    assert_false(core_accepts_version(f->core, handle, 2));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, "{\"destination_KMA_ID\":\"kma-9\"}");
    assert_true(core_accepts_version(f->core, handle, 2)); /* it is over: nothing more is to be said */
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_BAD_VERSION);
    assert_int_equal(fixture_notice(f, NOTICE_KM_DISCONNECTED)->reason, REASON_BAD_VERSION);
    assert_null(fixture_record(f, RECORD_RELAY));
    fixture_message(f, 0, CK_NOTIFY_RELAY, 8,
                    "{\"destination_KMA_ID\":\"kma-9\"}"); /* what was still under way */
    assert_int_equal(f->effects.count, 0);
}

static void test_failed_handshake_is_shown(void **state)
{
    struct fixture *f = *state;
    struct event event = { .kind = EVENT_SESSION_REFUSED,
                           .refused = { TEXT("192.0.2.9:1"), TEXT("cn:\xff"), SECURITY_TLS,
                                        REASON_TLS_HANDSHAKE, TEXT("certificate has expired") } };
    fixture_step(f, &event);
    assert_text(fixture_notice(f, NOTICE_KM_REFUSED)->detail, "certificate has expired");
    assert_text(fixture_notice(f, NOTICE_KM_REFUSED)->identity, "cn:?"); /* no ill-formed UTF-8 goes north */
}

static void test_stale_session_of_a_reused_index_ends_first(void **state)
{
    struct fixture *f = *state;
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 0, "dns:bob");
    assert_text(fixture_notice(f, NOTICE_KM_DISCONNECTED)->km_id, "alice");
    assert_text(fixture_notice(f, NOTICE_KM_CONNECTED)->km_id, "bob");
}

static void test_overload_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct event event = { .kind = EVENT_OVERLOAD, .overloaded = true };
    fixture_step(f, &event);
    assert_int_equal(fixture_notices(f, NOTICE_OVERLOAD_ENTERED), 1);
    fixture_step(f, &event);
    assert_int_equal(f->effects.count, 0);
    event.overloaded = false;
    fixture_step(f, &event);
    assert_int_equal(fixture_notices(f, NOTICE_OVERLOAD_LEFT), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_session_enrolled_is_admitted, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_session_not_enrolled_is_refused, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_session_disabled_is_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_session_with_names_of_two_kms_is_refused, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_session_by_address_needs_an_address_identity, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_second_session_replaces_the_first, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_flapping_newcomer_is_refused_and_held_off, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_replacements_of_a_minute_ago_do_not_count, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_too_many_bad_frames_close_and_hold_off, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_commands_are_counted_and_not_bad, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_command_of_the_controller_is_a_protocol_error, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_malformed_payload_is_reported_with_its_place, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_version_not_accepted_closes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_failed_handshake_is_shown, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_stale_session_of_a_reused_index_ends_first, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_overload_is_told_once, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
