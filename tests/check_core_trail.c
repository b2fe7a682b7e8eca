/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, and what is recorded of commands beside their effect: audit, idempotency keys, dead letters. */
#include "core_fixture.h"

static const struct command_audit from_http = { .source = { "192.0.2.1:50112", 15 },
                                                .action = { "PUT", 3 },
                                                .target = { "/api/v1/x", 9 } };
static const char digest[] = "0123456789abcdef0123456789abcdef";

static void put_document(struct fixture *f, enum document_kind kind, const char *id, const char *body)
{
    const struct document_config document = { kind, text_from_c(id), text_from_c(body) };
    fixture_run(f, &(struct command){ .kind = COMMAND_DOCUMENT_PUT, .document = &document });
}

static void test_document_is_kept_shown_and_deleted(void **state)
{
    struct fixture *f = *state;
    put_document(f, DOCUMENT_WEBHOOK, "webhook/b", "{}");
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
    assert_text(fixture_notice(f, NOTICE_CONFIG_CHANGED)->object, "webhook/b");
    assert_text(fixture_record(f, RECORD_DOCUMENT)->document.body, "{}");
    const uint64_t revision = fixture_reply(f)->revision;
    put_document(f, DOCUMENT_WEBHOOK, "webhook/b", "{}");
    assert_int_equal(fixture_reply(f)->unchanged, 1);
    assert_int_equal(f->effects.durable_count, 0);
    put_document(f, DOCUMENT_WEBHOOK, "webhook/a", "{\"a\":1}");
    put_document(f, DOCUMENT_TOKEN, "token/t", "{}");
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    const struct document_view *first;
    assert_int_equal(snapshot_documents(snapshot, DOCUMENT_WEBHOOK, &first), 2);
    assert_text(first[0].config.body, "{\"a\":1}");
    assert_int_equal(snapshot_document(snapshot, TEXT("webhook/b"))->revision.number, revision);
    assert_int_equal(snapshot_documents(snapshot, DOCUMENT_LAYOUT, &first), 0);
    snapshot_release(snapshot);
    fixture_delete(f, COMMAND_DOCUMENT_DELETE, "webhook/b");
    assert_string_equal(fixture_notice(f, NOTICE_CONFIG_CHANGED)->change, "deleted");
    assert_text(fixture_record(f, RECORD_DOCUMENT_DELETED)->deleted_id, "webhook/b");
    fixture_delete(f, COMMAND_DOCUMENT_DELETE, "webhook/b");
    assert_int_equal(fixture_reply(f)->status, REPLY_NOT_FOUND);
}

static void test_quiet_document_is_recorded_without_an_event(void **state)
{
    struct fixture *f = *state;
    put_document(f, DOCUMENT_WEBHOOK_STATE, "webhook_state/a", "{\"position\":\"1\"}");
    assert_non_null(fixture_record(f, RECORD_DOCUMENT));
    assert_int_equal(fixture_count(f, EFFECT_NOTICE), 0);
    fixture_delete(f, COMMAND_DOCUMENT_DELETE, "webhook_state/a");
    assert_non_null(fixture_record(f, RECORD_DOCUMENT_DELETED));
    assert_int_equal(fixture_count(f, EFFECT_NOTICE), 0);
}

static void test_document_too_long_is_refused(void **state)
{
    struct fixture *f = *state;
    static char body[LIMIT_DOCUMENT_BYTES + 2];
    memset(body, ' ', sizeof body - 1);
    put_document(f, DOCUMENT_LAYOUT, "layout/a", body);
    assert_int_equal(fixture_reply(f)->reason, REASON_INVALID);
    body[LIMIT_DOCUMENT_BYTES] = '\0';
    put_document(f, DOCUMENT_LAYOUT, "layout/a", body);
    assert_int_equal(fixture_reply(f)->status, REPLY_CREATED);
}

static void test_restored_document_is_the_one_recorded(void **state)
{
    struct fixture *f = *state;
    const struct record record = { .kind = RECORD_DOCUMENT,
                                   .revision = { 9, 5, ORIGIN_API, 9 },
                                   .document = { DOCUMENT_TOKEN, TEXT("token/t"), TEXT("{}") } };
    assert_int_equal(core_restore(f->core, &record), CORE_OK);
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_int_equal(snapshot_document(snapshot, TEXT("token/t"))->revision.number, 9);
    snapshot_release(snapshot);
}

/* ---- audit ---- */

static struct command link_put(const struct link_config *link)
{
    return (struct command){ .kind = COMMAND_LINK_PUT,
                             .actor = TEXT("token:ops"),
                             .links = link,
                             .link_count = 1,
                             .audit = from_http };
}

static void test_each_audited_command_has_one_entry(void **state)
{
    struct fixture *f = *state;
    struct link_config link = { .link_id = TEXT("l"), .kma_a = TEXT("a"), .kma_b = TEXT("b") };
    struct command command = link_put(&link);
    fixture_run(f, &command);
    const struct audit_record *audit = &fixture_record(f, RECORD_AUDIT)->audit;
    assert_int_equal(audit->audit_id, 1);
    assert_int_equal(audit->time_ms, f->wall_ms);
    assert_text(audit->actor, "token:ops");
    assert_text(audit->source, "192.0.2.1:50112");
    assert_text(audit->action, "PUT");
    assert_text(audit->target, "/api/v1/x");
    assert_text(audit->outcome, "created");
    assert_int_equal(audit->revision, fixture_reply(f)->revision);
    assert_int_equal(audit->first_event_id, fixture_notice(f, NOTICE_LINK_CHANGED)->event_id);
    assert_int_equal(audit->last_event_id, audit->first_event_id);

    link.kma_b = TEXT("a"); /* a refusal is told too */
    fixture_run(f, &command);
    audit = &fixture_record(f, RECORD_AUDIT)->audit;
    assert_int_equal(audit->audit_id, 2);
    assert_text(audit->outcome, "invalid");
    assert_int_equal(audit->reason, REASON_INVALID);
    assert_true(audit->detail.length > 0);
    assert_int_equal(audit->first_event_id, 0);

    command.dry_run = true;
    fixture_run(f, &command);
    assert_null(fixture_record(f, RECORD_AUDIT));
    command.dry_run = false;
    command.audit.action = TEXT_ABSENT;
    fixture_run(f, &command);
    assert_null(fixture_record(f, RECORD_AUDIT));
    fixture_run(f, &(struct command){ .kind = COMMAND_AUDIT,
                                      .actor = TEXT("token:v"),
                                      .audit = from_http,
                                      .outcome = TEXT("forbidden"),
                                      .detail = TEXT("too little a role") });
    audit = &fixture_record(f, RECORD_AUDIT)->audit;
    assert_int_equal(audit->audit_id, 3);
    assert_text(audit->outcome, "forbidden");
    assert_text(audit->detail, "too little a role");
    assert_int_equal(f->effects.high_water.next_audit_id, 4);
}

/* Whose events are told when the step ends. */
static void test_entry_of_a_decision_names_its_events(void **state)
{
    struct fixture *f = *state;
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    fixture_message(f, 0, CK_NOTIFY_RELAY, 7,
                    "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}");
    fixture_run(f, &(struct command){ .kind = COMMAND_RELAY_DECIDE,
                                      .audit = from_http,
                                      .request_id = 1,
                                      .path = path,
                                      .path_length = 2 });
    const struct audit_record *audit = &fixture_record(f, RECORD_AUDIT)->audit;
    assert_text(audit->outcome, "ok");
    assert_int_equal(audit->request_id, 1);
    assert_int_equal(audit->first_event_id, fixture_notice(f, NOTICE_RELAY_INSTRUCTED)->event_id);
    assert_int_equal(audit->last_event_id, audit->first_event_id);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    assert_int_equal(fixture_count(f, EFFECT_SEND), 1);
}

static void test_audit_entry_in_canonical_form(void **state)
{
    (void)state;
    const struct audit_record record = {
        .audit_id = 7,
        .time_ms = 1700000000123,
        .actor = TEXT("token:\"o\xc3\xb6\x7f"),
        .action = TEXT("PUT"),
        .target = TEXT("/api/v1/links/a\\b"),
        .outcome = TEXT("invalid"),
        .reason = REASON_INVALID,
        .detail = TEXT("a\n\x01"),
        .request_id = 3,
    };
    char buffer[1024];
    struct bytes_writer writer = bytes_writer(buffer, sizeof buffer);
    audit_write_json(&record, TEXT("00ff"), &writer);
    assert_false(writer.overflowed);
    assert_text(bytes_written(&writer),
                "{\"action\":\"PUT\",\"actor\":\"token:\\\"o\xc3\xb6\x7f\",\"audit_id\":\"7\","
                "\"detail\":\"a\\n\\u0001\",\"first_event_id\":null,\"last_event_id\":null,"
                "\"outcome\":\"invalid\",\"previous_hash\":\"00ff\",\"reason\":\"invalid\","
                "\"request_id\":\"3\",\"revision\":null,\"source\":null,"
                "\"target\":\"/api/v1/links/a\\\\b\",\"time\":\"2023-11-14T22:13:20.123Z\"}");
    assert_true(audit_json_bytes_max(&record) >= writer.length);
}

/* ---- idempotency ---- */

static void test_key_is_kept_only_of_what_was_done(void **state)
{
    struct fixture *f = *state;
    struct text path[] = { TEXT("kma-1"), TEXT("kma-9") };
    struct command command = { .kind = COMMAND_RELAY_START,
                               .path = path,
                               .path_length = 2,
                               .audit = from_http,
                               .idempotency = { TEXT("token:ops\nk"), TEXT(digest) } };
    fixture_run(f, &command); /* nobody is connected */
    assert_int_equal(fixture_reply(f)->reason, REASON_KM_NOT_CONNECTED);
    assert_null(fixture_record(f, RECORD_IDEMPOTENCY));
    assert_int_equal(f->effects.durable_count, 1);
    assert_int_equal(f->effects.count, 2);
    fixture_open(f, 0, "dns:alice");
    fixture_run(f, &command);
    const struct idempotency_record *kept = &fixture_record(f, RECORD_IDEMPOTENCY)->idempotency;
    assert_text(kept->key, "token:ops\nk");
    assert_text(kept->digest, digest);
    assert_int_equal(kept->created, fixture_reply(f)->status == REPLY_CREATED);
    assert_int_equal(kept->request_id, fixture_reply(f)->request_id);
    assert_int_equal(kept->created_ms, f->wall_ms);
    assert_false(text_is_present(kept->answer));
    command.kind = COMMAND_KEEP_ANSWER;
    command.answer = TEXT("{\"status\":201}");
    command.audit.action = TEXT_ABSENT;
    fixture_run(f, &command);
    assert_text(fixture_record(f, RECORD_ANSWER)->idempotency.answer, "{\"status\":201}");
    assert_null(fixture_record(f, RECORD_IDEMPOTENCY));
}

static void test_withdrawn_effect_leaves_the_others(void **state)
{
    struct fixture *f = *state;
    effects_clear(&f->effects);
    struct effect **slots[3];
    for (size_t i = 0; i < 3; i++) {
        slots[i] = f->effects.last;
        assert_non_null(effects_add(&f->effects, i == 1 ? EFFECT_RECORD : EFFECT_CLOSE));
    }
    effects_withdraw(&f->effects, slots[1]);
    assert_int_equal(f->effects.count, 2);
    assert_int_equal(f->effects.durable_count, 0);
    effects_withdraw(&f->effects, &f->effects.first->next); /* the last */
    assert_int_equal(f->effects.count, 1);
    struct effect *added = effects_add(&f->effects, EFFECT_CLOSE);
    assert_ptr_equal(f->effects.first->next, added);
    assert_null(added->next);
}

static void test_dead_letters_are_recorded(void **state)
{
    struct fixture *f = *state;
    const struct dead_letter letters[] = {
        { .webhook_id = TEXT("w"), .event_id = 4, .attempts = 3, .status = 400, .detail = TEXT("no") },
        { .webhook_id = TEXT("w"), .event_id = 5 },
    };
    fixture_run(f, &(struct command){
                       .kind = COMMAND_DEAD_LETTERS_PUT, .dead_letters = letters, .dead_letter_count = 2 });
    assert_int_equal(fixture_count(f, EFFECT_RECORD), 2);
    assert_int_equal(fixture_record(f, RECORD_DEAD_LETTER)->dead_letter.status, 400);
    assert_text(fixture_record(f, RECORD_DEAD_LETTER)->dead_letter.detail, "no");
    fixture_run(f, &(struct command){ .kind = COMMAND_DEAD_LETTERS_DELETE, .id = TEXT("w"), .event_id = 4 });
    assert_int_equal(fixture_record(f, RECORD_DEAD_LETTERS_DELETED)->dead_letter.event_id, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_document_is_kept_shown_and_deleted, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_quiet_document_is_recorded_without_an_event, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_document_too_long_is_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_restored_document_is_the_one_recorded, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_each_audited_command_has_one_entry, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_entry_of_a_decision_names_its_events, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test(test_audit_entry_in_canonical_form),
        cmocka_unit_test_setup_teardown(test_key_is_kept_only_of_what_was_done, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_withdrawn_effect_leaves_the_others, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_dead_letters_are_recorded, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
