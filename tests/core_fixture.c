/* SPDX-License-Identifier: Apache-2.0 */
#include "core_fixture.h"

struct fixture *fixture_new(void)
{
    return fixture_new_keyed((struct siphash_key){ 1, 2 });
}

struct fixture *fixture_new_keyed(struct siphash_key key)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->heap.blocks_limit = SIZE_MAX;
    fixture->memory = heap_memory(&fixture->heap);
    fixture->now_ms = 1000000;
    fixture->wall_ms = UINT64_C(1790000000000);
    fixture->version = 1;
    fixture->settings = (struct core_settings){
        .policy = { { DECIDER_ROUTE, DECIDER_ORCHESTRATOR, DECIDER_COMPUTED }, 2000, 60000 },
        .presence_ms = 30000,
        .answer_memory_ms = 10000,
        .failing_relays = 3,
        .failing_window_ms = 60000,
        .failing_penalty_ms = 300000,
    };
    ck_dialect_init(&fixture->dialect);
    effects_init(&fixture->effects, &fixture->memory);
    fixture->core = core_new(&fixture->memory, &fixture->settings, key);
    assert_non_null(fixture->core);
    fixture_put_km(fixture, "alice", "kma-1", "dns:alice");
    fixture_put_km(fixture, "bob", "kma-4", "dns:bob");
    fixture_put_km(fixture, "carol", "kma-9", "dns:carol");
    return fixture;
}

void fixture_free(struct fixture *fixture)
{
    core_free(fixture->core);
    effects_fini(&fixture->effects);
    assert_int_equal(fixture->heap.blocks_out, 0);
    assert_int_equal(fixture->heap.bytes_out, 0);
    free(fixture);
}

int fixture_setup(void **state)
{
    *state = fixture_new();
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_free(*state);
    return 0;
}

/* What holds of every step: event IDs have no hole, and a relay's notice shows a record of the same step. */
static void check_effects(struct fixture *fixture)
{
    size_t durable = 0;
    for (const struct effect *effect = fixture->effects.first; effect != NULL; effect = effect->next) {
        durable += effect->kind == EFFECT_RECORD || effect->kind == EFFECT_NOTICE;
        if (effect->kind != EFFECT_NOTICE)
            continue;
        assert_int_equal(effect->notice.event_id, fixture->last_event_id + 1);
        fixture->last_event_id++;
        bool recorded = effect->notice.relay == NULL;
        for (const struct effect *other = fixture->effects.first; other != effect && !recorded;
             other = other->next)
            recorded =
                recorded || (other->kind == EFFECT_RECORD && &other->record.relay == effect->notice.relay);
        assert_true(recorded);
    }
    assert_int_equal(durable, fixture->effects.durable_count);
    assert_int_equal(fixture->effects.high_water.next_event_id, fixture->last_event_id + 1);
}

void fixture_step(struct fixture *fixture, struct event *event)
{
    effects_clear(&fixture->effects);
    event->monotonic_ms = fixture->now_ms;
    event->wall_ms = fixture->wall_ms;
    fixture->status = core_step(fixture->core, event, &fixture->effects);
    fixture->steps_short_of_memory += fixture->status == CORE_NO_MEMORY;
    check_effects(fixture);
}

void fixture_tick(struct fixture *fixture, uint64_t later_ms)
{
    struct event event = { .kind = EVENT_TICK };
    fixture->now_ms += later_ms;
    fixture->wall_ms += later_ms;
    fixture_step(fixture, &event);
}

/* ---- commands ---- */

/* Splits `words` at spaces into views. */
static size_t split(const char *words, struct text *out, size_t capacity, char separator)
{
    size_t count = 0;
    for (const char *at = words; at != NULL && *at != '\0';) {
        const char *end = strchr(at, separator);
        size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        assert_true(count < capacity);
        out[count++] = (struct text){ at, length };
        at = end != NULL ? end + 1 : NULL;
    }
    return count;
}

void fixture_run(struct fixture *fixture, const struct command *command)
{
    struct event event = { .kind = EVENT_COMMAND, .command = { FIXTURE_COMMAND_ID, command } };
    fixture_step(fixture, &event);
}

void fixture_put_km(struct fixture *fixture, const char *km_id, const char *kmas, const char *identities)
{
    struct text kma_ids[40];
    struct text identity_texts[16];
    struct km_config config = {
        .km_id = text_from_c(km_id),
        .kma_ids = kma_ids,
        .kma_id_count = split(kmas, kma_ids, 40, ' '),
        .identities = identity_texts,
        .identity_count = split(identities, identity_texts, 16, ' '),
        .enabled = !fixture->disabled,
        .dialect = fixture->dialect,
        .policy = fixture->policy,
    };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_KM_PUT, .kms = &config, .km_count = 1 });
}

void fixture_delete(struct fixture *fixture, enum command_kind kind, const char *id)
{
    fixture_run(fixture, &(struct command){ .kind = kind, .id = text_from_c(id) });
}

void fixture_put_application(struct fixture *fixture, const char *id, const char *kma_id)
{
    struct application_config config = { text_from_c(id), text_from_c(kma_id) };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_APPLICATION_PUT,
                                            .applications = &config,
                                            .application_count = 1 });
}

struct policy fixture_policy(const char *order, uint32_t orchestrator_ms, uint32_t completion_ms)
{
    struct policy policy = { .orchestrator_ms = orchestrator_ms, .completion_ms = completion_ms };
    for (size_t i = 0; order[i] != '\0'; i++) {
        assert_true(i < POLICY_TURNS);
        policy.order[i] = order[i] == 'r'   ? DECIDER_ROUTE
                          : order[i] == 'o' ? DECIDER_ORCHESTRATOR
                                            : DECIDER_COMPUTED;
    }
    return policy;
}

void fixture_put_destination(struct fixture *fixture, const char *kma_id, struct policy policy)
{
    const struct destination_config config = { text_from_c(kma_id), policy };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_DESTINATION_PUT,
                                            .destinations = &config,
                                            .destination_count = 1 });
}

void fixture_set_policy(struct fixture *fixture, struct policy policy)
{
    fixture->settings.policy = policy;
    fixture_step(fixture, &(struct event){ .kind = EVENT_SETTINGS, .settings = fixture->settings });
}

void fixture_put_route(struct fixture *fixture, const char *id, const char *path)
{
    struct text kmas[LIMIT_PATH_KMAS + 8];
    size_t length = split(path, kmas, LIMIT_PATH_KMAS + 8, ' ');
    struct route_config config = {
        .route_id = text_from_c(id),
        .source_kma_id = kmas[0],
        .destination_kma_id = kmas[length - 1],
        .path = kmas,
        .path_length = length,
        .priority = 100,
        .origin = TEXT("test"),
    };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 });
}

void fixture_put_hops(struct fixture *fixture, const char *id, const char *source, const char *destination,
                      const char *hops, int32_t priority)
{
    struct text items[16];
    struct route_hop route_hops[16];
    struct text next[16][16];
    size_t count = split(hops, items, 16, ' ');
    for (size_t i = 0; i < count; i++) {
        char words[128];
        assert_true(text_to_c(items[i], words, sizeof words));
        const char *colon = strchr(words, ':');
        assert_non_null(colon);
        size_t at = (size_t)(colon - words);
        struct text offered[16];
        size_t offers = split(colon + 1, offered, 16, ',');
        for (size_t j = 0; j < offers; j++) /* back from the copy into the literal */
            next[i][j] = (struct text){ items[i].bytes + (offered[j].bytes - words), offered[j].length };
        route_hops[i] = (struct route_hop){ { items[i].bytes, at }, next[i], offers };
    }
    struct route_config config = {
        .route_id = text_from_c(id),
        .source_kma_id = text_from_c(source),
        .destination_kma_id = text_from_c(destination),
        .hops = route_hops,
        .hop_count = count,
        .priority = priority,
        .origin = TEXT("test"),
    };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_ROUTE_PUT, .routes = &config, .route_count = 1 });
}

static void put_link(struct fixture *fixture, const struct fixture_link *link, enum link_state state)
{
    struct link_config config = { .link_id = text_from_c(link->id),
                                  .kma_a = text_from_c(link->a),
                                  .kma_b = text_from_c(link->b),
                                  .cost = link->cost,
                                  .key_stock = link->key_stock,
                                  .key_rate = link->key_rate,
                                  .key_capacity = link->key_capacity,
                                  .state = state,
                                  .origin = TEXT("test") };
    fixture_run(fixture, &(struct command){ .kind = COMMAND_LINK_PUT, .links = &config, .link_count = 1 });
}

void fixture_put_link(struct fixture *fixture, const char *id, const char *a, const char *b,
                      enum link_state state)
{
    put_link(fixture, &(struct fixture_link){ id, a, b, .cost = 1, .key_stock = -1, .key_rate = -1 }, state);
}

void fixture_put_told_link(struct fixture *fixture, const struct fixture_link *link)
{
    put_link(fixture, link, fixture->links_are_down ? LINK_DOWN : LINK_UP);
    const struct reply *reply = fixture_reply(fixture);
    assert_non_null(reply);
    assert_true(reply->status == REPLY_OK || reply->status == REPLY_CREATED);
    assert_int_equal(reply->reason, REASON_NONE);
}

void fixture_complete(struct fixture *fixture, uint32_t index, uint64_t relay_id, const char *word)
{
    char payload[128];
    snprintf(payload, sizeof payload, "{\"Key_relay_request_ID\":%llu,\"response\":\"%s\"}",
             (unsigned long long)relay_id, word);
    fixture_message(fixture, index, CK_RELAY_RESPONSE, 1, payload);
    assert_non_null(fixture_record(fixture, RECORD_RELAY));
}

void fixture_orchestrator(struct fixture *fixture, enum orchestrator_sign sign)
{
    struct event event = { .kind = EVENT_ORCHESTRATOR, .orchestrator = sign };
    fixture_step(fixture, &event);
}

void fixture_decide(struct fixture *fixture, enum command_kind kind, uint64_t id, const char *path)
{
    struct text kmas[LIMIT_PATH_KMAS + 8];
    size_t length = split(path, kmas, LIMIT_PATH_KMAS + 8, ' ');
    fixture_run(fixture,
                &(struct command){ .kind = kind, .request_id = id, .path = kmas, .path_length = length });
}

void fixture_reject(struct fixture *fixture, enum command_kind kind, uint64_t id, const char *words)
{
    fixture_run(fixture, &(struct command){ .kind = kind, .request_id = id, .reject = text_from_c(words) });
}

/* ---- sessions ---- */

void fixture_open(struct fixture *fixture, uint32_t index, const char *identities)
{
    struct text texts[8];
    struct event event = {
        .kind = EVENT_SESSION_OPENED,
        .opened = {
            .session = { index, ++fixture->generations[index] },
            .identities = texts,
            .identity_count = split(identities, texts, 8, ' '),
            .peer = TEXT("192.0.2.1:50112"),
            .security = SECURITY_TLS,
            .tls_version = TEXT("TLSv1.3"),
            .cipher = TEXT("TLS_AES_128_GCM_SHA256"),
            .bad_frames_per_minute = 60,
            .replacements_per_minute = 60,
            .hold_off_ms = 30000,
        },
    };
    fixture_step(fixture, &event);
}

void fixture_close(struct fixture *fixture, uint32_t index, enum reason reason)
{
    struct event event = { .kind = EVENT_SESSION_CLOSED,
                           .closed = { { index, fixture->generations[index] }, reason, TEXT("gone") } };
    fixture_step(fixture, &event);
}

void fixture_message(struct fixture *fixture, uint32_t index, uint16_t command, uint32_t message_id,
                     const char *payload)
{
    static unsigned char bytes[CK_PAYLOAD_BYTES_MAX];
    size_t length = strlen(payload);
    assert_true(length <= sizeof bytes);
    memcpy(bytes, payload, length);
    struct ck_message message;
    size_t offset = 0;
    struct event event = {
        .kind = EVENT_MESSAGE,
        .message = {
            .session = { index, fixture->generations[index] },
            .header = { fixture->version, message_id, command, (uint16_t)length },
            .byte_order = fixture->byte_order,
            .payload_digest = core_payload_digest(text_from_c(payload)),
            .payload = text_from_c(payload),
        },
    };
    if (command >= CK_NEXT_HOP_REQUEST && command < CK_COMMANDS_END) {
        event.message.malformed =
            ck_message_decode((enum ck_command)command, bytes, length, &message, &offset);
        event.message.offset = offset;
        event.message.message = &message;
    }
    fixture_step(fixture, &event);
    memset(bytes, 'X', length); /* what was only borrowed shows */
}

/* ---- effects ---- */

const struct effect *fixture_effect(const struct fixture *fixture, enum effect_kind kind)
{
    const struct effect *effect = fixture->effects.first;
    while (effect != NULL && effect->kind != kind)
        effect = effect->next;
    return effect;
}

const struct notice *fixture_notice(const struct fixture *fixture, enum notice_type type)
{
    for (const struct effect *effect = fixture->effects.first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_NOTICE && effect->notice.type == type)
            return &effect->notice;
    }
    return NULL;
}

size_t fixture_notices(const struct fixture *fixture, enum notice_type type)
{
    size_t count = 0;
    for (const struct effect *effect = fixture->effects.first; effect != NULL; effect = effect->next)
        count += effect->kind == EFFECT_NOTICE && effect->notice.type == type;
    return count;
}

size_t fixture_count(const struct fixture *fixture, enum effect_kind kind)
{
    size_t count = 0;
    for (const struct effect *effect = fixture->effects.first; effect != NULL; effect = effect->next)
        count += effect->kind == kind;
    return count;
}

const struct record *fixture_record(const struct fixture *fixture, enum record_kind kind)
{
    for (const struct effect *effect = fixture->effects.first; effect != NULL; effect = effect->next) {
        if (effect->kind == EFFECT_RECORD && effect->record.kind == kind)
            return &effect->record;
    }
    return NULL;
}

const struct reply *fixture_reply(const struct fixture *fixture)
{
    const struct effect *effect = fixture_effect(fixture, EFFECT_REPLY);
    assert_non_null(effect);
    assert_int_equal(effect->reply.command_id, FIXTURE_COMMAND_ID);
    return &effect->reply;
}

const char *fixture_sent(const struct fixture *fixture, struct ck_header *out_header)
{
    static char payload[CK_PAYLOAD_BYTES_MAX + 1];
    assert_int_equal(fixture_count(fixture, EFFECT_SEND), 1);
    struct text frame = fixture_effect(fixture, EFFECT_SEND)->send.frame;
    enum ck_byte_order order = fixture->byte_order;
    struct ck_header header;
    assert_int_equal(ck_frame_decode((const unsigned char *)frame.bytes, frame.length, &order, &header),
                     frame.length);
    memcpy(payload, frame.bytes + CK_HEADER_BYTES, header.payload_bytes);
    payload[header.payload_bytes] = '\0';
    if (out_header != NULL)
        *out_header = header;
    return payload;
}

void assert_text(struct text actual, const char *expected)
{
    char words[1024];
    if (expected == NULL) {
        assert_false(text_is_present(actual));
        return;
    }
    assert_true(text_is_present(actual));
    assert_true(text_to_c(actual, words, sizeof words));
    assert_string_equal(words, expected);
}
