/* SPDX-License-Identifier: Apache-2.0 */
/* Key managers as they are in the field: asking, notifying, completing, repeating, leaving, and getting it
 * wrong. */
#include <string.h>

#include "world/world.h"

static const char *const failures[] = { "insufficient keys", "link to the next KM is down", "no",
                                        "timeout at hop 2" };

size_t km_of_text(const struct world *world, struct text km_id)
{
    for (size_t i = 0; i < world->km_count; i++) {
        if (text_equal_c(km_id, world->kms[i].name))
            return i;
    }
    return WORLD_KMS_MAX;
}

static void send_payload(struct world *world, struct sim_km *km, uint16_t command, uint32_t message_id,
                         const unsigned char *payload, size_t bytes)
{
    struct ck_header header = {
        .version = km->version, .message_id = message_id, .command = command, .payload_bytes = (uint16_t)bytes
    };
    net_frame(world, km->session, &header, km->order, payload);
}

static uint32_t next_message_id(struct world *world, struct sim_km *km)
{
    if (random_one_in(&world->random, 40))
        return km->next_message_id; /* some KMs count badly */
    return ++km->next_message_id;
}

static struct text any_node(struct world *world)
{
    return world->graph.nodes[random_below(&world->random, world->graph.node_count)];
}

static struct text own_kma(struct world *world, const struct sim_km *km)
{
    return km->kma_ids[random_below(&world->random, km->kma_count)];
}

static struct text extension_of(struct world *world, struct sim_km *km)
{
    if (!km->sends_extensions || random_one_in(&world->random, 3))
        return TEXT_ABSENT;
    if (random_one_in(&world->random, 2))
        return TEXT("[{\"acme_priority\":3}]");
    return constraints_draw(world, km->extension);
}

/* Fills the destination: a KMA, an application, now and then both, agreeing or not, or nobody known. */
static void choose_destination(struct world *world, struct ck_message *message)
{
    size_t dice = random_below(&world->random, 20);
    size_t application = random_below(&world->random, world->application_count + 1);
    if (dice < 14 || dice >= 17)
        message->destination_kma_id = any_node(world);
    if (dice >= 14)
        message->application_destination_id = text_from_c(world->application_names[application]);
    if (dice == 17 && application < world->application_count)
        message->destination_kma_id = world->graph.nodes[world->application_nodes[application]];
    if (dice == 19)
        message->application_destination_id = TEXT_ABSENT;
    if (dice == 18 && random_one_in(&world->random, 2))
        message->destination_kma_id = TEXT("kma-nowhere");
}

static void act_lookup(struct world *world, struct sim_km *km)
{
    struct ck_message message = { .command = CK_NEXT_HOP_REQUEST, .extension = extension_of(world, km) };
    unsigned char payload[WORLD_PAYLOAD_BYTES];
    choose_destination(world, &message);
    if (!random_one_in(&world->random, 3)) /* at the second hop the source is not the sender's */
        message.source_kma_id = random_one_in(&world->random, 2) ? own_kma(world, km) : any_node(world);
    size_t bytes = payload_spell(world, km, &message, payload);
    send_payload(world, km, CK_NEXT_HOP_REQUEST, next_message_id(world, km), payload, bytes);
}

static void act_notify(struct world *world, struct sim_km *km)
{
    struct ck_message message = { .command = CK_NOTIFY_RELAY, .extension = extension_of(world, km) };
    choose_destination(world, &message);
    size_t dice = random_below(&world->random, 12);
    if (dice < 9)
        message.source_kma_id = own_kma(world, km);
    else if (dice == 9)
        message.source_kma_id = any_node(world);
    km->notify_bytes = payload_spell(world, km, &message, km->notify);
    km->notify_message_id = next_message_id(world, km);
    send_payload(world, km, CK_NOTIFY_RELAY, km->notify_message_id, km->notify, km->notify_bytes);
}

static void act_repeat(struct world *world, struct sim_km *km)
{
    if (km->notify_bytes > 0)
        send_payload(world, km, CK_NOTIFY_RELAY, km->notify_message_id, km->notify, km->notify_bytes);
}

/* It never completes what it was asked, and asks again when its session is no new one any more (reading 8).
 */
static void act_repeat_late(struct world *world, struct sim_km *km)
{
    enum { LATE_MS = 10000 };
    const struct sim_session *session = net_session(world, km->session);
    if (session != NULL && world->monotonic_ms - session->opened_ms > LATE_MS)
        act_repeat(world, km);
}

static struct text success_word(struct world *world, const struct sim_km *km)
{
    static const char *const words[] = { "success", "Succeeded", "OK", "completed", "done", "true" };
    if (km->dialect.success_word_count > 0 && random_one_in(&world->random, 2))
        return km->dialect.success_words[0];
    return text_from_c(words[random_below(&world->random, 6)]);
}

static void send_response(struct world *world, struct sim_km *km, uint64_t relay_id, uint32_t message_id,
                          bool success)
{
    struct ck_message message = { .command = CK_RELAY_RESPONSE, .relay_id = relay_id };
    unsigned char payload[WORLD_PAYLOAD_BYTES];
    message.response =
        success ? success_word(world, km) : text_from_c(failures[random_below(&world->random, 4)]);
    size_t bytes = payload_spell(world, km, &message, payload);
    send_payload(world, km, CK_RELAY_RESPONSE, message_id, payload, bytes);
}

static struct outstanding take_outstanding(struct world *world, struct sim_km *km)
{
    size_t pick = random_below(&world->random, km->outstanding_count);
    struct outstanding taken = km->outstanding[pick];
    km->outstanding[pick] = km->outstanding[--km->outstanding_count];
    return taken;
}

static void act_complete(struct world *world, struct sim_km *km)
{
    if (km->outstanding_count == 0 || km->temper == KM_SILENT)
        return;
    if (km->temper == KM_SLOW && !random_one_in(&world->random, 6))
        return;
    struct outstanding done = take_outstanding(world, km);
    bool with_id = !random_one_in(&world->random, 4);
    uint32_t message_id = random_one_in(&world->random, 6) ? next_message_id(world, km) : done.message_id;
    send_response(world, km, with_id ? done.relay_id : 0, message_id, !random_one_in(&world->random, 4));
    if (random_one_in(&world->random, 10)) /* said twice */
        send_response(world, km, done.relay_id, message_id, true);
}

/* A completion of something long ended, of another KM's relay, or of nothing. */
static void act_complete_wrongly(struct world *world, struct sim_km *km)
{
    uint64_t relay_id = km->last_relay_id;
    if (random_one_in(&world->random, 3))
        relay_id = world->kms[random_below(&world->random, world->km_count)].last_relay_id;
    else if (random_one_in(&world->random, 8))
        relay_id = 900000 + random_below(&world->random, 50);
    send_response(world, km, relay_id, (uint32_t)random_below(&world->random, 40),
                  random_one_in(&world->random, 2));
}

static void act_garbage(struct world *world, struct sim_km *km)
{
    unsigned char payload[WORLD_PAYLOAD_BYTES];
    static const uint16_t commands[] = { CK_NEXT_HOP_REQUEST, CK_NOTIFY_RELAY, CK_RELAY_RESPONSE };
    size_t repeats = km->temper == KM_RUDE && random_one_in(&world->random, 8) ? 9 : 1;
    for (size_t i = 0; i < repeats; i++) {
        size_t bytes = payload_garbage(world, payload);
        send_payload(world, km, commands[random_below(&world->random, 3)], next_message_id(world, km),
                     payload, bytes);
    }
}

/* Frames that are whole, and that no KM may send: another's commands, unknown ones, another version. */
static void act_misbehave(struct world *world, struct sim_km *km)
{
    static const char payload[] =
        "{\"next_KMA_IDs\":[],\"destination_KMA_ID\":\"kma-0-0\",\"transit_KMA_IDs\":[]}";
    static const uint16_t commands[] = { CK_NEXT_HOP_RESPONSE, CK_RELAY_REQUEST, 0x06, 0x42, 0x0600, 0 };
    uint16_t version = km->version;
    /* by an unknown command nobody could tell the byte order */
    bool plain = km->order == CK_BIG_ENDIAN;
    if (random_one_in(&world->random, 12))
        km->version = 77;
    send_payload(world, km, commands[random_below(&world->random, plain ? 6 : 2)], next_message_id(world, km),
                 (const unsigned char *)payload, sizeof payload - 1);
    km->version = version;
}

static void connect(struct world *world, size_t index)
{
    struct sim_km *km = &world->kms[index];
    if (random_one_in(&world->random, 40)) { /* a certificate that names two KMs */
        struct text both[2] = { km->identities[0],
                                world->kms[random_below(&world->random, world->km_count)].identities[0] };
        net_dial(world, WORLD_KMS_MAX, both, 2);
        return;
    }
    struct session_handle handle = net_dial(world, index, km->identities, km->identity_count);
    if (handle.generation != 0)
        km->session = handle;
    if (km->temper != KM_RUDE && random_one_in(&world->random, 2)) /* not resumed where it left off */
        km->next_message_id = 0;
}

static void act_stranger(struct world *world)
{
    struct text name = TEXT("dns:stranger.example");
    if (random_one_in(&world->random, 2)) {
        net_dial(world, WORLD_KMS_MAX, &name, 1);
        return;
    }
    struct event event = { .kind = EVENT_SESSION_REFUSED,
                           .refused = { .peer = TEXT("198.51.100.9:4000"),
                                        .identity = name,
                                        .security = SECURITY_TLS,
                                        .reason = REASON_TLS_HANDSHAKE,
                                        .detail = TEXT("certificate has expired") } };
    world_step(world, &event);
}

/* Without a session that is read, a KM dials; the frames it asks for go unseen. */
static void act_connected(struct world *world, size_t index)
{
    struct sim_km *km = &world->kms[index];
    size_t dice = random_below(&world->random, 100);
    if (dice < 26)
        act_lookup(world, km);
    else if (dice < 52)
        act_notify(world, km);
    else if (dice < 80 && km->temper == KM_SILENT)
        act_repeat_late(world, km);
    else if (dice < 80)
        act_complete(world, km);
    else if (dice < 86)
        act_repeat(world, km);
    else if (dice < 89)
        act_complete_wrongly(world, km);
    else if (dice < 92)
        act_garbage(world, km);
    else if (dice < 94)
        act_misbehave(world, km);
    else if (dice < 97)
        net_leave(world, km->session);
    else
        connect(world, index); /* a second session of the same KM */
}

void km_act(struct world *world, size_t index)
{
    struct sim_km *km = &world->kms[index];
    if (random_one_in(&world->random, 150)) {
        act_stranger(world);
        return;
    }
    const struct sim_session *session = net_session(world, km->session);
    if (session == NULL || session->closing) {
        if (random_one_in(&world->random, 2))
            connect(world, index);
        return;
    }
    act_connected(world, index);
    if (random_one_in(&world->random, 5))
        act_connected(world, index); /* pipelined */
    if (km->temper == KM_RUDE && random_one_in(&world->random, 10))
        act_garbage(world, km);
}

void km_receive(struct world *world, size_t index, struct sim_session *session, struct text frame)
{
    struct sim_km *km = &world->kms[index];
    enum ck_byte_order order;
    struct ck_header header;
    if (!net_decode(frame, &order, &header) || header.command != CK_RELAY_REQUEST)
        return;
    unsigned char payload[CK_PAYLOAD_BYTES_MAX];
    struct ck_message message;
    size_t offset;
    memcpy(payload, frame.bytes + CK_HEADER_BYTES, header.payload_bytes);
    if (ck_message_decode(CK_RELAY_REQUEST, payload, header.payload_bytes, &message, &offset) !=
        CK_WELL_FORMED)
        world_fail(world, "a Key relay request that no KM can read");
    if (km->outstanding_count == WORLD_OUTSTANDING_MAX)
        km->outstanding_count--;
    km->outstanding[km->outstanding_count++] =
        (struct outstanding){ message.relay_id, header.message_id, session->handle };
    km->last_relay_id = message.relay_id;
}

/* Quiescence: it answers all that it still knows of. */
void km_answer_all(struct world *world, size_t index)
{
    struct sim_km *km = &world->kms[index];
    while (km->outstanding_count > 0 && km->temper != KM_SILENT) {
        struct outstanding done = take_outstanding(world, km);
        send_response(world, km, done.relay_id, done.message_id, true);
    }
}
