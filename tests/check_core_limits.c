/* SPDX-License-Identifier: Apache-2.0 */
/* Limits with their stated behaviour, and the same effects from the same events. */
#include "core_fixture.h"

static const char notify[] = "{\"source_KMA_ID\":\"kma-1\",\"destination_KMA_ID\":\"kma-9\"}";

static void test_open_relays_of_a_km_are_limited(void **state)
{
    struct fixture *f = *state;
    fixture_put_route(f, "r1", "kma-1 kma-9");
    fixture_put_route(f, "r2", "kma-4 kma-9");
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:bob");
    for (uint32_t i = 0; i < LIMIT_OPEN_RELAYS_PER_KM; i++) {
        fixture_message(f, 0, CK_NOTIFY_RELAY, i, notify);
        assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    }
    fixture_message(f, 0, CK_NOTIFY_RELAY, LIMIT_OPEN_RELAYS_PER_KM, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_FAILED);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.reason, REASON_OVERLOAD);
    fixture_message(f, 1, CK_NOTIFY_RELAY, 1, "{\"destination_KMA_ID\":\"kma-9\"}"); /* others are served */
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
    fixture_message(f, 0, CK_RELAY_RESPONSE, 5, "{\"response\":\"ok\"}");
    fixture_message(f, 0, CK_NOTIFY_RELAY, LIMIT_OPEN_RELAYS_PER_KM, notify);
    assert_int_equal(fixture_record(f, RECORD_RELAY)->relay.state, RELAY_INSTRUCTED);
}

static void test_held_lookups_are_limited(void **state)
{
    struct fixture *f = *state;
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    fixture_open(f, 0, "dns:alice");
    for (uint32_t i = 0; i < LIMIT_HELD_LOOKUPS; i++)
        fixture_message(f, 0, CK_NEXT_HOP_REQUEST, i, "{\"destination_KMA_ID\":\"kma-9\"}");
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.state, LOOKUP_AWAITING_DECISION);
    fixture_message(f, 0, CK_NEXT_HOP_REQUEST, 1, "{\"destination_KMA_ID\":\"kma-9\"}");
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.state, LOOKUP_ANSWERED);
    assert_int_equal(fixture_record(f, RECORD_LOOKUP)->lookup.reason, REASON_OVERLOAD);
    assert_non_null(strstr(fixture_sent(f, NULL), "\"next_KMA_IDs\":[]"));
    fixture_close(f, 0, REASON_PEER_CLOSED);
    assert_int_equal(fixture_notices(f, NOTICE_LOOKUP_ANSWERED), LIMIT_HELD_LOOKUPS);
}

static void test_refused_peers_shown_are_the_newest(void **state)
{
    struct fixture *f = *state;
    char name[32];
    for (int i = 0; i < LIMIT_REFUSED_PEERS + 5; i++) {
        snprintf(name, sizeof name, "dns:peer-%d", i);
        fixture_open(f, 0, name);
    }
    struct snapshot *snapshot = core_snapshot(f->core, &f->memory, f->wall_ms);
    assert_int_equal(snapshot->refused_count, LIMIT_REFUSED_PEERS);
    assert_text(snapshot->refused[0].identity, name);
    assert_text(snapshot->refused[LIMIT_REFUSED_PEERS - 1].identity, "dns:peer-5");
    snapshot_release(snapshot);
}

/* ---- determinism ---- */

/* All notices and frames of a step, one after the other. */
static void render(const struct fixture *f, struct bytes_writer *writer)
{
    for (const struct effect *effect = f->effects.first; effect != NULL; effect = effect->next) {
        bytes_put_u64(writer, (uint64_t)effect->kind);
        if (effect->kind == EFFECT_NOTICE)
            notice_write_json(&effect->notice, writer);
        if (effect->kind == EFFECT_SEND)
            bytes_put_text(writer, effect->send.frame);
    }
}

static void live(struct fixture *f, struct bytes_writer *writer)
{
    char words[64];
    fixture_orchestrator(f, ORCHESTRATOR_STREAM_OPENED);
    for (int i = 0; i < 10; i++) {
        snprintf(words, sizeof words, "kma-1 kma-%d kma-9", i % 2 != 0 ? 4 : 10 + i);
        fixture_put_route(f, "r", words);
        render(f, writer);
    }
    fixture_open(f, 0, "dns:alice");
    fixture_open(f, 1, "dns:bob");
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(words, sizeof words, "{\"destination_KMA_ID\":\"kma-%u\"}", (unsigned)(4 + 5 * (i % 2)));
        fixture_message(f, i % 3 == 0, i % 2 != 0 ? CK_NOTIFY_RELAY : CK_NEXT_HOP_REQUEST, i, words);
        render(f, writer);
    }
    fixture_tick(f, 2000); /* many at one deadline */
    render(f, writer);
    fixture_delete(f, COMMAND_KM_DELETE, "alice");
    render(f, writer);
    fixture_tick(f, 60000);
    render(f, writer);
}

static void test_same_events_same_effects_whatever_the_hash_key(void **state)
{
    (void)state;
    static char words[2][200000];
    size_t lengths[2];
    for (size_t i = 0; i < 2; i++) {
        struct fixture *f = fixture_new_keyed((struct siphash_key){ 11 + i, 7 * i });
        struct bytes_writer writer = bytes_writer(words[i], sizeof words[i]);
        live(f, &writer);
        assert_false(writer.overflowed);
        lengths[i] = writer.length;
        fixture_free(f);
    }
    assert_true(lengths[0] > 10000);
    assert_int_equal(lengths[0], lengths[1]);
    assert_memory_equal(words[0], words[1], lengths[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open_relays_of_a_km_are_limited, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_held_lookups_are_limited, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_refused_peers_shown_are_the_newest, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_same_events_same_effects_whatever_the_hash_key, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
