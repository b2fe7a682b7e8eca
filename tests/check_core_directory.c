/* SPDX-License-Identifier: Apache-2.0 */
/* KMs, applications and links: layers, revisions, names that belong to one. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static struct km_config km(const char *id, struct text *kma, struct text *identity,
                           const struct ck_dialect *dialect)
{
    return (struct km_config){ .km_id = text_from_c(id),
                               .kma_ids = kma,
                               .kma_id_count = 1,
                               .identities = identity,
                               .identity_count = 1,
                               .enabled = true,
                               .dialect = *dialect };
}

static void read_file(struct fixture *f, const struct km_config *kms, size_t count)
{
    fixture_run(f, &(struct command){ .kind = COMMAND_FILE_REPLACE, .kms = kms, .km_count = count });
}

static void test_unchanged_put_keeps_revision_and_records_nothing(void **state)
{
    struct fixture *f = *state;
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    uint64_t revision = fixture_reply(f)->revision;
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_string_equal(fixture_notice(f, NOTICE_CONFIG_CHANGED)->change, "created");
    assert_text(fixture_notice(f, NOTICE_CONFIG_CHANGED)->object, "km/dave");
    assert_int_equal(fixture_record(f, RECORD_KM)->revision.number, revision);
    fixture_put_km(f, "dave", "kma-5", "dns:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(fixture_reply(f)->revision, revision);
    assert_int_equal(f->effects.durable_count, 0);
    fixture_put_km(f, "dave", "kma-5 kma-6", "dns:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_true(fixture_reply(f)->revision > revision);
}

static void test_if_match_of_another_revision_is_stale(void **state)
{
    struct fixture *f = *state;
    struct application_config config = { TEXT("app"), TEXT("kma-9") };
    struct command command = { .kind = COMMAND_APPLICATION_PUT,
                               .applications = &config,
                               .application_count = 1 };
    fixture_run(f, &command);
    command.if_match = fixture_reply(f)->revision;
    config.kma_id = TEXT("kma-4");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    config.kma_id = TEXT("kma-1");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_STALE);
    assert_int_equal(fixture_reply(f)->reason, REASON_REVISION_MISMATCH);
    fixture_run(f, &(struct command){ .kind = COMMAND_APPLICATION_DELETE, .id = TEXT("app"), .if_match = 1 });
    assert_int_equal(fixture_reply(f)->status, REPLY_STALE);
}

static void test_presence_and_absence_hold_at_the_change(void **state)
{
    struct fixture *f = *state;
    struct application_config config = { TEXT("app"), TEXT("kma-9") };
    struct command command = {
        .kind = COMMAND_APPLICATION_PUT, .applications = &config, .application_count = 1, .if_present = true
    };
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_STALE);
    command.if_present = false;
    command.if_absent = true;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    config.kma_id = TEXT("kma-4");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_STALE);
    command.if_absent = false;
    command.if_present = true;
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
}

static struct collection_version replace_links(struct fixture *f, const struct link_config *links,
                                               size_t count, const struct collection_version *wanted,
                                               enum reply_status expected)
{
    fixture_run(f, &(struct command){ .kind = COMMAND_LINKS_REPLACE,
                                      .id = TEXT("orch"),
                                      .links = links,
                                      .link_count = count,
                                      .if_version = wanted });
    assert_int_equal(fixture_reply(f)->status, expected);
    return fixture_reply(f)->version;
}

/* Also when what goes is not what was written last. */
static void test_version_of_a_collection_changes_with_every_change(void **state)
{
    struct fixture *f = *state;
    const struct link_config links[] = {
        { .link_id = TEXT("l1"), .kma_a = TEXT("kma-1"), .kma_b = TEXT("kma-4") },
        { .link_id = TEXT("l2"), .kma_a = TEXT("kma-4"), .kma_b = TEXT("kma-9") },
    };
    const struct collection_version none = { 0, 0 };
    struct collection_version two = replace_links(f, links, 2, &none, REPLY_OK);
    assert_int_equal(two.count, 2);
    assert_int_equal(replace_links(f, links, 2, &two, REPLY_OK).revision, two.revision); /* nothing changed */
    assert_int_equal(replace_links(f, links, 0, &none, REPLY_STALE).count, 2);
    struct collection_version one = replace_links(f, links + 1, 1, &two, REPLY_OK);
    assert_int_equal(one.count, 1);
    assert_int_equal(one.revision, two.revision);
    replace_links(f, links, 2, &two, REPLY_STALE);
    struct collection_version again = replace_links(f, links, 2, &one, REPLY_OK);
    assert_true(again.count == two.count && again.revision > two.revision);
    fixture_put_link(f, "other", "kma-1", "kma-9", LINK_UP); /* of another origin */
    replace_links(f, links, 0, &again, REPLY_OK);
}

static void test_kma_and_identity_belong_to_one_km(void **state)
{
    struct fixture *f = *state;
    char words[512];
    fixture_put_km(f, "dave", "kma-5 kma-1", "dns:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT);
    assert_int_equal(fixture_reply(f)->reason, REASON_KMA_TAKEN);
    assert_true(text_to_c(fixture_reply(f)->detail, words, sizeof words));
    assert_non_null(strstr(words, "alice"));
    fixture_put_km(f, "dave", "kma-5", "dns:bob");
    assert_int_equal(fixture_reply(f)->reason, REASON_KMA_TAKEN);
    fixture_put_km(f, "dave", "kma-5 kma-5", "dns:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
    fixture_put_km(f, "dave", "kma-5", "host:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
}

static void test_api_wins_over_file_and_delete_uncovers(void **state)
{
    struct fixture *f = *state;
    struct text kma = TEXT("kma-5");
    struct text identity = TEXT("dns:dave");
    struct km_config file = km("dave", &kma, &identity, &f->dialect);
    read_file(f, &file, 1);
    assert_int_equal(fixture_reply(f)->created, 1);
    assert_int_equal(fixture_record(f, RECORD_KM)->revision.origin, ORIGIN_FILE);
    fixture_delete(f, COMMAND_KM_DELETE, "dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_CONFLICT);
    assert_int_equal(fixture_reply(f)->reason, REASON_DEFINED_IN_FILE);
    fixture_put_km(f, "dave", "kma-6", "dns:dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct km_view *view = snapshot_km(snapshot, TEXT("dave"));
    assert_true(view->in_file);
    assert_int_equal(view->revision.origin, ORIGIN_API);
    assert_text(view->config.kma_ids[0], "kma-6");
    uint64_t covered = view->revision.number;
    snapshot_release(snapshot);
    fixture_delete(f, COMMAND_KM_DELETE, "dave");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_string_equal(fixture_notice(f, NOTICE_CONFIG_CHANGED)->change, "updated");
    snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    view = snapshot_km(snapshot, TEXT("dave"));
    assert_int_equal(view->revision.origin, ORIGIN_FILE);
    assert_text(view->config.kma_ids[0], "kma-5");
    assert_true(view->revision.number > covered);
    snapshot_release(snapshot);
    fixture_delete(f, COMMAND_KM_DELETE, "nobody");
    assert_int_equal(fixture_reply(f)->status, REPLY_NOT_FOUND);
}

static void test_file_read_again_keeps_sessions_of_unchanged_kms(void **state)
{
    struct fixture *f = *state;
    struct text kmas[] = { TEXT("kma-5"), TEXT("kma-6") };
    struct text identities[] = { TEXT("dns:dave"), TEXT("dns:erin"), TEXT("dns:new") };
    struct km_config kms[] = { km("dave", &kmas[0], &identities[0], &f->dialect),
                               km("erin", &kmas[1], &identities[1], &f->dialect) };
    read_file(f, kms, 2);
    fixture_open(f, 0, "dns:dave");
    fixture_open(f, 1, "dns:erin");
    read_file(f, kms, 2);
    assert_int_equal(fixture_reply(f)->unchanged, 2);
    assert_int_equal(f->effects.count, 1);
    kms[1].identities = &identities[2]; /* erin loses the name by which she came */
    read_file(f, kms, 2);
    assert_int_equal(fixture_count(f, EFFECT_CLOSE), 1);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.session.index, 1);
    kms[0].enabled = false;
    read_file(f, kms, 1);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_KM_DISABLED);
    assert_int_equal(fixture_reply(f)->deleted, 1);
}

static void test_file_read_again_may_move_a_kma(void **state)
{
    struct fixture *f = *state;
    struct text kmas[] = { TEXT("kma-5"), TEXT("kma-6") };
    struct text identities[] = { TEXT("dns:dave"), TEXT("dns:erin") };
    struct km_config kms[] = { km("dave", &kmas[0], &identities[0], &f->dialect),
                               km("erin", &kmas[1], &identities[1], &f->dialect) };
    read_file(f, kms, 2);
    kms[0].kma_ids = &kmas[1];
    kms[1].kma_ids = &kmas[0];
    read_file(f, kms, 2);
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_int_equal(fixture_reply(f)->updated, 2);
    kms[1].kma_ids = &kmas[1];
    read_file(f, kms, 2);
    assert_int_equal(fixture_reply(f)->reason, REASON_KMA_TAKEN);
}

static void test_disabled_km_has_its_relays_orphaned(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7, notify);
    f->disabled = true;
    fixture_put_km(f, "alice", "kma-1", "dns:alice");
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_ORPHANED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_KM_DISABLED);
    assert_int_equal(fixture_effect(f, EFFECT_CLOSE)->close.reason, REASON_KM_DISABLED);
}

static void test_dry_run_is_validated_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct link_config config = { .link_id = TEXT("l"), .kma_a = TEXT("a"), .kma_b = TEXT("b") };
    struct command command = { .kind = COMMAND_LINK_PUT, .dry_run = true, .links = &config, .link_count = 1 };
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->created, 1);
    assert_int_equal(f->effects.count, 1);
    config.kma_b = TEXT("a");
    fixture_run(f, &command);
    assert_int_equal(fixture_reply(f)->status, REPLY_INVALID);
    fixture_delete(f, COMMAND_LINK_DELETE, "l");
    assert_int_equal(fixture_reply(f)->status, REPLY_NOT_FOUND);
}

static void test_links_replace_is_of_one_origin(void **state)
{
    struct fixture *f = *state;
    struct link_config links[] = { { .link_id = TEXT("a"), .kma_a = TEXT("x"), .kma_b = TEXT("y") },
                                   { .link_id = TEXT("b"), .kma_a = TEXT("y"), .kma_b = TEXT("z") } };
    fixture_put_link(f, "mine", "x", "z", LINK_UP);
    fixture_run(f, &(struct command){
                       .kind = COMMAND_LINKS_REPLACE, .id = TEXT("nms"), .links = links, .link_count = 2 });
    assert_int_equal(fixture_reply(f)->created, 2);
    assert_int_equal(fixture_notices(f, NOTICE_LINK_CHANGED), 2);
    fixture_run(f, &(struct command){
                       .kind = COMMAND_LINKS_REPLACE, .id = TEXT("nms"), .links = links, .link_count = 0 });
    assert_int_equal(fixture_reply(f)->deleted, 2);
    fixture_delete(f, COMMAND_LINK_DELETE, "mine");
    assert_int_equal(fixture_reply(f)->status, REPLY_OK);
    assert_text(fixture_record(f, RECORD_LINK_DELETED)->deleted_id, "mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unchanged_put_keeps_revision_and_records_nothing, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_if_match_of_another_revision_is_stale, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_presence_and_absence_hold_at_the_change, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_version_of_a_collection_changes_with_every_change, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_kma_and_identity_belong_to_one_km, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_api_wins_over_file_and_delete_uncovers, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_file_read_again_keeps_sessions_of_unchanged_kms, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_file_read_again_may_move_a_kma, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_disabled_km_has_its_relays_orphaned, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_dry_run_is_validated_and_changes_nothing, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_links_replace_is_of_one_origin, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
