/* SPDX-License-Identifier: Apache-2.0 */
/* The core of a day: every node's KM enrolled and connected, links told, Notifies and completions. */
#include <stdio.h>
#include <string.h>

#include "backbone/day_state.h"

enum { PAYLOAD_BYTES = 128 };

/* Of the core's clocks, when the day starts. */
static const uint64_t monotonic_start_ms = 1000000;
static const uint64_t wall_start_ms = UINT64_C(1790000000000);

static void step(struct day *day, struct event *event)
{
    effects_clear(&day->effects);
    event->monotonic_ms = monotonic_start_ms + day->now_ms;
    event->wall_ms = wall_start_ms + day->now_ms;
    if (core_step(day->core, event, &day->effects) != CORE_OK)
        day_fail(day, "the core is out of memory");
}

void day_tick(struct day *day)
{
    struct event event = { .kind = EVENT_TICK };
    step(day, &event);
}

void day_tick_if_due(struct day *day)
{
    if (core_deadline_ms(day->core) <= monotonic_start_ms + day->now_ms)
        day_tick(day);
}

static void run_command(struct day *day, const struct command *command)
{
    struct event event = { .kind = EVENT_COMMAND, .command = { 1, command } };
    const struct effect *effect;
    step(day, &event);
    for (effect = day->effects.first; effect != NULL && effect->kind != EFFECT_REPLY; effect = effect->next)
        ;
    if (effect == NULL || (effect->reply.status != REPLY_OK && effect->reply.status != REPLY_CREATED))
        day_fail(day, "a command was refused");
}

/* ---- links ---- */

static struct link_config describe(struct day *day, uint32_t number)
{
    const struct backbone_link *made = &day->backbone.links[number];
    struct day_link *link = &day->links[number];
    const bool told = day->options.tells_stocks;
    stock_advance(&link->stock, day->now_ms);
    /* What relays under way used is still reserved, and subtracted from what is told. */
    const uint64_t capacity = link->stock.capacity / STOCK_UNITS;
    const uint64_t held = stock_keys(&link->stock) + link->keys_under_way;
    const uint64_t keys = held < capacity ? held : capacity;
    link->reckoned = (struct stock){ .level = keys * STOCK_UNITS,
                                     .capacity = link->stock.capacity,
                                     .keys_an_hour = made->relays_an_hour,
                                     .faults = link->told_faults,
                                     .now_ms = day->now_ms };
    return (struct link_config){ .link_id = text_from_c(made->name),
                                 .kma_a = backbone_node_id(&day->backbone, made->ends[0]),
                                 .kma_b = backbone_node_id(&day->backbone, made->ends[1]),
                                 .cost = 1,
                                 .key_stock = told ? (int64_t)keys : -1,
                                 .key_rate = told ? (int64_t)made->relays_an_hour : -1,
                                 .key_capacity = told ? (int64_t)capacity : 0,
                                 .state = link->told_faults > 0 ? LINK_DOWN : LINK_UP,
                                 .origin = TEXT("day") };
}

void day_tell(struct day *day, const uint32_t *links, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct link_config config = describe(day, links[i]);
        run_command(day, &(struct command){ .kind = COMMAND_LINK_PUT, .links = &config, .link_count = 1 });
    }
}

void day_tell_all(struct day *day)
{
    struct link_config configs[BACKBONE_LINKS_MAX];
    for (uint32_t i = 0; i < day->backbone.link_count; i++)
        configs[i] = describe(day, i);
    run_command(day, &(struct command){ .kind = COMMAND_LINKS_REPLACE,
                                        .id = TEXT("day"),
                                        .links = configs,
                                        .link_count = day->backbone.link_count });
}

/* ---- KMs ---- */

static void enrol(struct day *day, uint32_t node)
{
    char name[BACKBONE_NAME_BYTES + 4];
    struct text kma_id = backbone_node_id(&day->backbone, node), identity;
    struct km_config config = { .km_id = kma_id,
                                .kma_ids = &kma_id,
                                .kma_id_count = 1,
                                .identities = &identity,
                                .identity_count = 1,
                                .enabled = true };
    snprintf(name, sizeof name, "cn:%s", day->backbone.nodes[node].name);
    identity = text_from_c(name);
    ck_dialect_init(&config.dialect);
    run_command(day, &(struct command){ .kind = COMMAND_KM_PUT, .kms = &config, .km_count = 1 });
    struct event event = { .kind = EVENT_SESSION_OPENED,
                           .opened = { .session = { node, 1 },
                                       .identities = &identity,
                                       .identity_count = 1,
                                       .peer = TEXT("192.0.2.1:50112"),
                                       .security = SECURITY_TLS,
                                       .bad_frames_per_minute = 60,
                                       .replacements_per_minute = 60,
                                       .hold_off_ms = 30000 } };
    step(day, &event);
}

void day_start_core(struct day *day)
{
    const struct core_settings settings = { .policy = { { DECIDER_COMPUTED }, 2000, 60000 },
                                            .presence_ms = 30000,
                                            .answer_memory_ms = 10000,
                                            .failing_relays = 3,
                                            .failing_window_ms = 60000,
                                            .failing_penalty_ms = 300000,
                                            .metric = day->options.metric };
    effects_init(&day->effects, &day->memory);
    day->core = core_new(&day->memory, &settings, (struct siphash_key){ 1, 2 });
    if (day->core == NULL)
        day_fail(day, "the core is out of memory");
    for (uint32_t node = 0; node < day->backbone.node_count; node++)
        enrol(day, node);
    day_tell_all(day);
}

void day_stop_core(struct day *day)
{
    core_free(day->core);
    effects_fini(&day->effects);
}

struct snapshot *day_snapshot(struct day *day)
{
    struct snapshot *snapshot = core_snapshot(day->core, &day->memory, wall_start_ms + day->now_ms);
    if (snapshot == NULL)
        day_fail(day, "out of memory");
    return snapshot;
}

/* ---- messages ---- */

/* How long the core took. */
static uint64_t deliver(struct day *day, uint32_t node, enum ck_command command, char *payload)
{
    const struct text whole = text_from_c(payload);
    struct ck_message message;
    size_t offset = 0;
    struct event event = {
        .kind = EVENT_MESSAGE,
        .message = { .session = { node, 1 },
                     .header = { 1, ++day->message_id, (uint16_t)command, (uint16_t)whole.length },
                     .byte_order = CK_BIG_ENDIAN,
                     .payload_digest = core_payload_digest(whole),
                     .payload = whole },
    };
    event.message.malformed =
        ck_message_decode(command, (unsigned char *)payload, whole.length, &message, &offset);
    event.message.message = &message;
    if (event.message.malformed != CK_WELL_FORMED)
        day_fail(day, "a message is malformed");
    const uint64_t before_ns = day->options.now_ns != NULL ? day->options.now_ns() : 0;
    step(day, &event);
    return day->options.now_ns != NULL ? day->options.now_ns() - before_ns : 0;
}

static const struct relay_record *recorded_relay(const struct day *day)
{
    const struct effect *effect = day->effects.first;
    while (effect != NULL && (effect->kind != EFFECT_RECORD || effect->record.kind != RECORD_RELAY))
        effect = effect->next;
    if (effect == NULL)
        day_fail(day, "a relay was not recorded");
    return &effect->record.relay;
}

void day_ask(struct day *day, const struct traffic_wish *wish)
{
    char payload[PAYLOAD_BYTES];
    snprintf(payload, sizeof payload, "{\"source_KMA_ID\":\"%s\",\"destination_KMA_ID\":\"%s\"}",
             day->backbone.nodes[wish->source].name, day->backbone.nodes[wish->destination].name);
    const uint64_t took_ns = deliver(day, wish->source, CK_NOTIFY_RELAY, payload);
    const struct relay_record *relay = recorded_relay(day);
    day->figures.wishes++;
    if (relay->state == RELAY_INSTRUCTED) {
        day->figures.instructed++;
        day_take_off(day, relay, wish);
    } else if (relay->state == RELAY_FAILED) {
        day->figures.refused[relay->reason]++;
    } else {
        day_fail(day, "a relay is neither instructed nor refused");
    }
    if (day->options.decided != NULL)
        day->options.decided(day->options.context, wish, took_ns);
}

void day_report(struct day *day, const struct day_flight *flight, bool succeeded)
{
    char payload[PAYLOAD_BYTES];
    snprintf(payload, sizeof payload, "{\"Key_relay_request_ID\":%llu,\"response\":\"%s\"}",
             (unsigned long long)flight->relay_id, succeeded ? "success" : "failed");
    (void)deliver(day, flight->source, CK_RELAY_RESPONSE, payload);
    if (recorded_relay(day)->state != (succeeded ? RELAY_SUCCEEDED : RELAY_FAILED))
        day_fail(day, "a relay ended otherwise than it was told");
}
