/* SPDX-License-Identifier: Apache-2.0 */
/* Every word of the vocabulary has one meaning and comes back as itself. */
#include "core_fixture.h"

#include "core/vocabulary.h"

static void test_relay_state_names_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < RELAY_STATES_END; i++) {
        enum relay_state read;
        assert_true(relay_state_from_name(text_from_c(relay_state_name((enum relay_state)i)), &read));
        assert_int_equal(read, i);
        assert_int_equal(relay_state_is_terminal(read), i >= RELAY_SUCCEEDED);
    }
}

static void test_lookup_state_names_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < LOOKUP_STATES_END; i++) {
        enum lookup_state read;
        assert_true(lookup_state_from_name(text_from_c(lookup_state_name((enum lookup_state)i)), &read));
        assert_int_equal(read, i);
    }
}

static void test_reason_names_read_back(void **state)
{
    (void)state;
    assert_null(reason_name(REASON_NONE));
    for (int i = REASON_NONE + 1; i < REASONS_END; i++) {
        enum reason read;
        assert_true(reason_from_name(text_from_c(reason_name((enum reason)i)), &read));
        assert_int_equal(read, i);
    }
}

static void test_notice_type_names_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < NOTICES_END; i++) {
        enum notice_type read;
        assert_true(notice_type_from_name(text_from_c(notice_type_name((enum notice_type)i)), &read));
        assert_int_equal(read, i);
    }
}

static void test_decider_names_read_back(void **state)
{
    (void)state;
    assert_null(decider_name(DECIDER_NONE));
    for (int i = DECIDER_NONE + 1; i < DECIDERS_END; i++) {
        enum decider read;
        assert_true(decider_from_name(text_from_c(decider_name((enum decider)i)), &read));
        assert_int_equal(read, i);
    }
}

static void test_other_names_are_none(void **state)
{
    (void)state;
    enum relay_state relay_state;
    enum lookup_state lookup_state;
    enum reason reason;
    enum notice_type type;
    enum decider decider;
    const struct text others[] = { TEXT(""), TEXT("Succeeded"), TEXT("none"), TEXT_ABSENT };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(relay_state_from_name(others[i], &relay_state));
        assert_false(lookup_state_from_name(others[i], &lookup_state));
        assert_false(reason_from_name(others[i], &reason));
        assert_false(notice_type_from_name(others[i], &type));
        assert_false(decider_from_name(others[i], &decider));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_relay_state_names_read_back),
        cmocka_unit_test(test_lookup_state_names_read_back),
        cmocka_unit_test(test_reason_names_read_back),
        cmocka_unit_test(test_notice_type_names_read_back),
        cmocka_unit_test(test_decider_names_read_back),
        cmocka_unit_test(test_other_names_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
