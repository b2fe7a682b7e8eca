/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_copy.h"
#include "store_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *test_allocate(void *context, size_t bytes)
{
    (void)context;
    return calloc(1, bytes);
}

static void test_release(void *context, void *block, size_t bytes)
{
    (void)context, (void)bytes;
    free(block);
}

const struct memory test_memory = { test_allocate, test_release, NULL };

void fixture_init(struct store_fixture *fixture)
{
    *fixture = (struct store_fixture){ .folder = "store-test-XXXXXX" };
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/bridge.db", fixture->folder);
    snprintf(fixture->url, sizeof fixture->url, "sqlite:%s", fixture->path);
}

void fixture_open(struct store_fixture *fixture)
{
    char detail[256] = "";
    enum store_status status = store_open(fixture->url, &fixture->store, detail, sizeof detail);
    if (status != STORE_OK)
        print_error("store_open: %s: %s\n", store_status_name(status), detail);
    assert_int_equal(status, STORE_OK);
}

void fixture_close(struct store_fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

void fixture_fini(struct store_fixture *fixture)
{
    fixture_close(fixture);
    DIR *folder = opendir(fixture->folder);
    assert_non_null(folder);
    struct dirent *entry = NULL;
    while ((entry = readdir(folder)) != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", fixture->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(folder);
    assert_int_equal(rmdir(fixture->folder), 0);
}

struct seeded fixture_seed(void)
{
    const char *given = getenv("CHECK_SEED");
    uint64_t seed =
        given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
    print_message("# CHECK_SEED=%llu\n", (unsigned long long)seed);
    return (struct seeded){ seed };
}

struct turn_maker turn_maker(void)
{
    return (struct turn_maker){ .next = { 1, 1, 1, 1, 1 }, .wall_ms = 1795500000000 };
}

struct effects *turn_new(struct turn_maker *maker)
{
    struct effects *turn = malloc(sizeof *turn);
    assert_non_null(turn);
    effects_init(turn, &test_memory);
    turn->turn = ++maker->turn;
    turn->wall_ms = maker->wall_ms;
    turn->high_water = maker->next;
    return turn;
}

void turn_free(struct effects *turn)
{
    effects_fini(turn);
    free(turn);
}

struct record *turn_add_record(struct effects *turn, enum record_kind kind)
{
    struct effect *effect = effects_add(turn, EFFECT_RECORD);
    assert_non_null(effect);
    effect->record.kind = kind;
    return &effect->record;
}

struct relay_record *turn_add_relay(struct effects *turn, struct turn_maker *maker)
{
    struct relay_record *relay = &turn_add_record(turn, RECORD_RELAY)->relay;
    relay->relay_id = maker->next.next_relay_id++;
    relay->state = RELAY_INSTRUCTED;
    relay->decided_by = DECIDER_ROUTE;
    relay->km_id = TEXT("alice");
    relay->source_kma_id = TEXT("kma-1");
    relay->destination_kma_id = TEXT("kma-9");
    relay->path_length = 3;
    relay->path = arena_allocate(&turn->arena, 3 * sizeof *relay->path);
    assert_non_null(relay->path);
    relay->path[0] = TEXT("kma-1");
    relay->path[1] = TEXT("kma-4");
    relay->path[2] = TEXT("kma-9");
    relay->route_id = TEXT("route-1");
    relay->sent = true;
    relay->version = 1;
    relay->message_id = (uint32_t)relay->relay_id + 7;
    relay->payload_digest = (struct siphash_digest){ relay->relay_id * 0x9e3779b97f4a7c15, ~relay->relay_id };
    relay->received_ms = relay->decided_ms = relay->instructed_ms = maker->wall_ms;
    relay->timeline_count = 2;
    relay->timeline[0] = (struct timeline_entry){ maker->wall_ms, RELAY_RECEIVED, REASON_NONE };
    relay->timeline[1] = (struct timeline_entry){ maker->wall_ms, RELAY_INSTRUCTED, REASON_NONE };
    return relay;
}

struct relay_record *turn_add_outcome(struct effects *turn, const struct relay_record *relay,
                                      uint64_t ended_ms)
{
    struct relay_record *outcome = &turn_add_record(turn, RECORD_RELAY)->relay;
    *outcome = *relay;
    outcome->path = arena_allocate(&turn->arena, relay->path_length * sizeof *relay->path);
    assert_non_null(outcome->path);
    memcpy(outcome->path, relay->path, relay->path_length * sizeof *relay->path);
    outcome->state = RELAY_SUCCEEDED;
    outcome->ended_ms = ended_ms;
    outcome->timeline[outcome->timeline_count++] =
        (struct timeline_entry){ ended_ms, RELAY_SUCCEEDED, REASON_NONE };
    return outcome;
}

struct notice *turn_add_notice(struct effects *turn, struct turn_maker *maker, enum notice_type type)
{
    struct effect *effect = effects_add(turn, EFFECT_NOTICE);
    assert_non_null(effect);
    effect->notice.event_id = maker->next.next_event_id++;
    effect->notice.time_ms = maker->wall_ms;
    effect->notice.type = type;
    return &effect->notice;
}

void turn_finish(struct effects *turn, const struct turn_maker *maker)
{
    turn->high_water = maker->next;
}

enum store_status commit_turn(struct store *store, struct effects *turn)
{
    const struct effects *turns[] = { turn };
    return store_commit(store, turns, 1);
}

void assert_same_text(struct text left, struct text right)
{
    if (!text_equal(left, right))
        print_error("\"%.*s\"%s differs from \"%.*s\"%s\n", TEXT_ARGUMENTS(left),
                    left.bytes ? "" : " (absent)", TEXT_ARGUMENTS(right), right.bytes ? "" : " (absent)");
    assert_true(text_equal(left, right));
}

static void assert_same_texts(const struct text *left, size_t left_count, const struct text *right,
                              size_t right_count)
{
    assert_int_equal(left == NULL, right == NULL);
    assert_int_equal(left_count, right_count);
    for (size_t i = 0; i < left_count; i++)
        assert_same_text(left[i], right[i]);
}

void assert_same_relay(const struct relay_record *left, const struct relay_record *right)
{
    assert_int_equal(left->relay_id, right->relay_id);
    assert_int_equal(left->state, right->state);
    assert_int_equal(left->reason, right->reason);
    assert_same_text(left->detail, right->detail);
    assert_int_equal(left->decided_by, right->decided_by);
    assert_same_text(left->km_id, right->km_id);
    assert_same_text(left->source_kma_id, right->source_kma_id);
    assert_same_text(left->destination_kma_id, right->destination_kma_id);
    assert_same_text(left->application_destination_id, right->application_destination_id);
    assert_same_texts(left->path, left->path_length, right->path, right->path_length);
    assert_same_text(left->route_id, right->route_id);
    assert_same_text(left->extension, right->extension);
    assert_same_text(left->explanation, right->explanation);
    assert_int_equal(left->unsolicited, right->unsolicited);
    assert_int_equal(left->sent, right->sent);
    assert_int_equal(left->version, right->version);
    assert_int_equal(left->message_id, right->message_id);
    assert_true(siphash_digest_equal(left->payload_digest, right->payload_digest));
    assert_int_equal(left->received_ms, right->received_ms);
    assert_int_equal(left->decided_ms, right->decided_ms);
    assert_int_equal(left->instructed_ms, right->instructed_ms);
    assert_int_equal(left->ended_ms, right->ended_ms);
    assert_int_equal(left->timeline_count, right->timeline_count);
    for (size_t i = 0; i < left->timeline_count; i++) {
        assert_int_equal(left->timeline[i].time_ms, right->timeline[i].time_ms);
        assert_int_equal(left->timeline[i].state, right->timeline[i].state);
        assert_int_equal(left->timeline[i].reason, right->timeline[i].reason);
    }
}

void assert_same_lookup(const struct lookup_record *left, const struct lookup_record *right)
{
    assert_int_equal(left->lookup_id, right->lookup_id);
    assert_int_equal(left->state, right->state);
    assert_int_equal(left->reason, right->reason);
    assert_same_text(left->detail, right->detail);
    assert_int_equal(left->decided_by, right->decided_by);
    assert_same_text(left->km_id, right->km_id);
    assert_same_text(left->current_kma_id, right->current_kma_id);
    assert_same_text(left->source_kma_id, right->source_kma_id);
    assert_same_text(left->destination_kma_id, right->destination_kma_id);
    assert_same_text(left->application_destination_id, right->application_destination_id);
    assert_same_texts(left->next_kma_ids, left->next_kma_id_count, right->next_kma_ids,
                      right->next_kma_id_count);
    assert_same_text(left->extension, right->extension);
    assert_same_text(left->explanation, right->explanation);
    assert_int_equal(left->message_id, right->message_id);
    assert_int_equal(left->received_ms, right->received_ms);
    assert_int_equal(left->ended_ms, right->ended_ms);
}

static void assert_same_policy(const struct policy *left, const struct policy *right)
{
    assert_memory_equal(left->order, right->order, sizeof left->order);
    assert_int_equal(left->orchestrator_ms, right->orchestrator_ms);
    assert_int_equal(left->completion_ms, right->completion_ms);
}

static void assert_same_km(const struct km_config *left, const struct km_config *right)
{
    assert_same_text(left->km_id, right->km_id);
    assert_same_texts(left->kma_ids, left->kma_id_count, right->kma_ids, right->kma_id_count);
    assert_same_texts(left->identities, left->identity_count, right->identities, right->identity_count);
    assert_int_equal(left->enabled, right->enabled);
    assert_same_policy(&left->policy, &right->policy);
    const struct ck_dialect *a = &left->dialect;
    const struct ck_dialect *b = &right->dialect;
    assert_int_equal(a->byte_order, b->byte_order);
    assert_int_equal(a->version_count, b->version_count);
    assert_memory_equal(a->versions, b->versions, a->version_count * sizeof *a->versions);
    assert_int_equal(a->message_id, b->message_id);
    assert_int_equal(a->transit, b->transit);
    assert_int_equal(a->transit_type, b->transit_type);
    assert_int_equal(a->refusal, b->refusal);
    assert_int_equal(a->key_style, b->key_style);
    assert_int_equal(a->extensions, b->extensions);
    assert_same_texts(a->success_words, a->success_word_count, b->success_words, b->success_word_count);
}

static void assert_same_route(const struct route_config *left, const struct route_config *right)
{
    assert_same_text(left->route_id, right->route_id);
    assert_same_text(left->source_kma_id, right->source_kma_id);
    assert_same_text(left->destination_kma_id, right->destination_kma_id);
    assert_same_texts(left->path, left->path_length, right->path, right->path_length);
    assert_int_equal(left->hop_count, right->hop_count);
    for (size_t i = 0; i < left->hop_count; i++) {
        assert_same_text(left->hops[i].kma_id, right->hops[i].kma_id);
        assert_same_texts(left->hops[i].next_kma_ids, left->hops[i].next_kma_id_count,
                          right->hops[i].next_kma_ids, right->hops[i].next_kma_id_count);
    }
    assert_int_equal(left->priority, right->priority);
    assert_int_equal(left->valid_until_ms, right->valid_until_ms);
    assert_same_text(left->origin, right->origin);
}

static void assert_same_link(const struct link_config *left, const struct link_config *right)
{
    assert_same_text(left->link_id, right->link_id);
    assert_same_text(left->kma_a, right->kma_a);
    assert_same_text(left->kma_b, right->kma_b);
    assert_int_equal(left->cost, right->cost);
    assert_int_equal(left->key_stock, right->key_stock);
    assert_int_equal(left->key_rate, right->key_rate);
    assert_int_equal(left->key_capacity, right->key_capacity);
    assert_int_equal(left->state, right->state);
    assert_same_text(left->origin, right->origin);
}

void assert_same_record(const struct record *left, const struct record *right)
{
    assert_int_equal(left->kind, right->kind);
    assert_int_equal(left->revision.number, right->revision.number);
    assert_int_equal(left->revision.changed_ms, right->revision.changed_ms);
    assert_int_equal(left->revision.origin, right->revision.origin);
    assert_int_equal(left->revision.first, right->revision.first);
    switch (left->kind) {
    case RECORD_RELAY:
        assert_same_relay(&left->relay, &right->relay);
        break;
    case RECORD_LOOKUP:
        assert_same_lookup(&left->lookup, &right->lookup);
        break;
    case RECORD_KM:
        assert_same_km(&left->km, &right->km);
        break;
    case RECORD_APPLICATION:
        assert_same_text(left->application.application_id, right->application.application_id);
        assert_same_text(left->application.kma_id, right->application.kma_id);
        break;
    case RECORD_DESTINATION:
        assert_same_text(left->destination.kma_id, right->destination.kma_id);
        assert_same_policy(&left->destination.policy, &right->destination.policy);
        break;
    case RECORD_ROUTE:
        assert_same_route(&left->route, &right->route);
        break;
    case RECORD_LINK:
        assert_same_link(&left->link, &right->link);
        break;
    case RECORD_BUDGET:
        assert_same_text(left->budget.link_id, right->budget.link_id);
        assert_int_equal(left->budget.revision, right->budget.revision);
        assert_int_equal(left->budget.keys, right->budget.keys);
        assert_int_equal(left->budget.as_of_ms, right->budget.as_of_ms);
        break;
    case RECORD_KM_DELETED:
    case RECORD_APPLICATION_DELETED:
    case RECORD_DESTINATION_DELETED:
    case RECORD_ROUTE_DELETED:
    case RECORD_LINK_DELETED:
    case RECORD_DOCUMENT_DELETED:
        assert_same_text(left->deleted_id, right->deleted_id);
        break;
    case RECORD_DOCUMENT:
        assert_int_equal(left->document.kind, right->document.kind);
        assert_same_text(left->document.document_id, right->document.document_id);
        assert_same_text(left->document.body, right->document.body);
        break;
    case RECORD_AUDIT:
    case RECORD_IDEMPOTENCY:
    case RECORD_ANSWER:
    case RECORD_DEAD_LETTER:
    case RECORD_DEAD_LETTERS_DELETED:
        fail_msg("a record that is never restored");
    }
}

struct record *record_copy(struct arena *arena, const struct record *record)
{
    struct record *copy = arena_allocate(arena, sizeof *copy);
    assert_non_null(copy);
    *copy = *record;
    if (!record_copy_texts(arena, copy))
        fail_msg("a record that is never restored");
    return copy;
}

static bool keep_record(void *context, const struct record *record)
{
    struct restored *restored = context;
    assert_true(restored->count < sizeof restored->records / sizeof *restored->records);
    restored->records[restored->count++] = record_copy(&restored->arena, record);
    return true;
}

void restored_read(struct restored *restored, struct store *store)
{
    *restored = (struct restored){ .count = 0 };
    arena_init(&restored->arena, &test_memory);
    enum store_status status = store_restore(store, &restored->high_water, keep_record, restored);
    if (status != STORE_OK)
        print_error("store_restore: %s\n", store_error(store));
    assert_int_equal(status, STORE_OK);
}

void restored_fini(struct restored *restored)
{
    arena_fini(&restored->arena);
}

const struct relay_record *restored_relay(const struct restored *restored, uint64_t relay_id)
{
    for (size_t i = 0; i < restored->count; i++)
        if (restored->records[i]->kind == RECORD_RELAY && restored->records[i]->relay.relay_id == relay_id)
            return &restored->records[i]->relay;
    return NULL;
}
