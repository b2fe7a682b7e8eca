/* SPDX-License-Identifier: Apache-2.0 */
/* The members' connections: paced at first, with back-off and jitter afterwards. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cksim/simulation.h"

enum {
    MESSAGE_ID_MASK = 0x7fffffff, /* the top bit is the controller's (reading 2) */
    FRAME_BYTES_MAX = 16 * 1024,  /* no message of a KM is longer */
    PACE_MS = 5,
    ATTEMPTS_DOUBLED_MAX = 16,
    STEADY_S = 10, /* connected this long: the next reconnect waits little */
};

uint32_t fleet_index(const struct member *member)
{
    return (uint32_t)(member - member->simulation->members);
}

static void wait_to_reconnect(struct member *member, uint64_t wait_ns)
{
    timers_set(&member->simulation->timers, &member->reconnect, system_now_ns() + wait_ns);
}

static uint64_t backoff_ns(struct member *member)
{
    const struct fleet_settings *fleet = &member->simulation->scenario->fleet;
    uint32_t doubled = member->attempts < ATTEMPTS_DOUBLED_MAX ? member->attempts : ATTEMPTS_DOUBLED_MAX;
    double wait = (double)fleet->reconnect_min * (double)(UINT64_C(1) << doubled);
    if (wait > (double)fleet->reconnect_max)
        wait = (double)fleet->reconnect_max;
    return (uint64_t)(wait * (0.5 + random_unit(&member->simulation->random_fleet)));
}

static void set_state(struct member *member, enum member_state state)
{
    struct simulation *simulation = member->simulation;
    simulation->connecting -= member->state == MEMBER_CONNECTING;
    simulation->connecting += state == MEMBER_CONNECTING;
    member->state = state;
}

static void became_connected(void *context, struct client *client)
{
    struct member *member = context;
    struct simulation *simulation = member->simulation;
    uint64_t now_ns = system_now_ns();
    struct tally *tally = &simulation->tally;
    if (simulation->phase == PHASE_DONE)
        return;
    member->connected_at_ns = now_ns;
    member->served = false;
    tally->connects++;
    tally->resumed += client_resumed(client);
    histogram_record(&tally->connect_latency, now_ns - member->opened_ns);
    if (member->impostor != NULL) {
        set_state(member, MEMBER_IMPOSTOR);
        request_probe(member, true, now_ns);
        return;
    }
    set_state(member, MEMBER_CONNECTED);
    simulation->network.km_present[fleet_index(member)] = true;
    if (++tally->connected > tally->connected_max)
        tally->connected_max = tally->connected;
    if (tally->connected == simulation->scenario->km_count && tally->connected_ns == 0)
        tally->connected_ns = now_ns - simulation->began_ns;
    if (member->storm != 0)
        request_probe(member, false, now_ns);
    request_resume(member, now_ns);
    load_connected(member, now_ns);
}

/* Common to a connection that ended and one that is reset. */
static void leave(struct member *member)
{
    struct simulation *simulation = member->simulation;
    if (member->state == MEMBER_CONNECTED) {
        simulation->tally.connected--;
        simulation->tally.served -= member->served;
        simulation->network.km_present[fleet_index(member)] = false;
    }
    if (member->state == MEMBER_CONNECTED && system_now_ns() - member->connected_at_ns > STEADY_S * NS_PER_S)
        member->attempts = 0;
    set_state(member, MEMBER_AWAY);
    member->served = member->stalled = false;
    member->client = NULL;
    request_interrupted(member, system_now_ns());
}

static void became_closed(void *context, struct client *client, bool was_connected, const char *detail)
{
    struct member *member = context;
    struct simulation *simulation = member->simulation;
    struct tally *tally = &simulation->tally;
    (void)client;
    if (simulation->phase == PHASE_DONE) {
        member->client = NULL;
        return;
    }
    if (member->impostor != NULL)
        simulation->faults[member->impostor - simulation->scenario->faults].refused++;
    else if (was_connected)
        tally->disconnects++;
    else
        tally->connects_failed++;
    if (member->impostor == NULL)
        tally_close_reason(tally, detail);
    leave(member);
    member->attempts++;
    if (!member->gone)
        wait_to_reconnect(member, backoff_ns(member));
}

static void got_frame(void *context, struct client *client, const struct ck_header *header,
                      unsigned char *payload)
{
    struct member *member = context;
    (void)client;
    if (member->simulation->phase != PHASE_DONE)
        answer_frame(member, header, payload);
}

static const struct client_callbacks callbacks = {
    .connected = became_connected,
    .frame = got_frame,
    .closed = became_closed,
};

static struct client_credentials *choose_credentials(struct member *member, struct complaint *complaint)
{
    struct simulation *simulation = member->simulation;
    if (member->impostor == NULL)
        return credentials_of(simulation->credentials, fleet_index(member), complaint);
    uint32_t fault = (uint32_t)(member->impostor - simulation->scenario->faults);
    return credentials_wrong(simulation->credentials, fault, complaint);
}

static void open_connection(struct member *member)
{
    struct simulation *simulation = member->simulation;
    const struct fleet_settings *fleet = &simulation->scenario->fleet;
    static const enum security securities[] = { SECURITY_TLS, SECURITY_PSK, SECURITY_PLAIN };
    struct complaint complaint = { "" };
    char source[64], detail[512];
    struct client_options options = {
        .address = fleet->connect,
        .source = scenario_source(simulation->scenario, fleet_index(member), source),
        .security = securities[fleet->security],
        .credentials = choose_credentials(member, &complaint),
        .server_name = fleet->server_name,
        .byte_order = CK_BIG_ENDIAN,
        .connect_timeout_ms = (uint32_t)(fleet->connect_timeout / NS_PER_MS),
        .callbacks = &callbacks,
        .context = member,
    };
    member->opened_ns = system_now_ns();
    if (complaint.words[0] == '\0')
        member->client = client_open(simulation->clients, &options, detail, sizeof detail);
    if (member->client != NULL) {
        set_state(member, MEMBER_CONNECTING);
        return;
    }
    simulation->tally.connects_failed++;
    tally_close_reason(&simulation->tally, complaint.words[0] != '\0' ? complaint.words : detail);
    member->attempts++;
    wait_to_reconnect(member, backoff_ns(member));
}

static void reconnect_due(void *context, uint64_t now_ns)
{
    struct member *member = context;
    (void)now_ns;
    if (member->client == NULL && !member->gone && member->simulation->phase != PHASE_DONE)
        open_connection(member);
}

/* Starts as many first connections as the pace asks for. */
static void pace(void *context, uint64_t now_ns)
{
    struct simulation *simulation = context;
    const struct scenario *scenario = simulation->scenario;
    double rate = scenario->fleet.connect_rate;
    double due = rate < 0 ? scenario->km_count : rate * (double)(now_ns - simulation->began_ns) / 1e9 + 1;
    while (simulation->connects_begun < scenario->km_count && simulation->connects_begun < due &&
           simulation->connecting < scenario->fleet.connecting_max)
        open_connection(&simulation->members[simulation->connects_begun++]);
    if (simulation->connects_begun < scenario->km_count)
        timers_set(&simulation->timers, &simulation->connect_timer, now_ns + PACE_MS * NS_PER_MS);
}

void fleet_init(struct simulation *simulation)
{
    uint32_t count = simulation->scenario->km_count;
    simulation->members = system_allocate(count, sizeof *simulation->members);
    /* From the clock: a second run's requests must not look like repeats of the first one's (reading 8). */
    uint32_t first = (uint32_t)time(NULL) * UINT32_C(2654435761) & MESSAGE_ID_MASK;
    for (uint32_t i = 0; i < count; i++) {
        simulation->members[i] = (struct member){
            .simulation = simulation,
            .message_id = first,
            .first_message_id = first,
            .reconnect = { .fire = reconnect_due, .context = &simulation->members[i] },
        };
    }
    simulation->connect_timer = (struct timer){ .fire = pace, .context = simulation };
}

void fleet_begin(struct simulation *simulation, uint64_t now_ns)
{
    simulation->began_ns = now_ns;
    timers_set(&simulation->timers, &simulation->connect_timer, now_ns);
}

bool fleet_send(struct member *member, enum ck_command command, uint32_t message_id,
                const struct ck_message *message)
{
    static const enum ck_key_style styles[] = { CK_KEYS_SNAKE, CK_KEYS_CAMEL, CK_KEYS_TITLE };
    unsigned char frame[FRAME_BYTES_MAX];
    struct ck_dialect dialect;
    ck_dialect_init(&dialect);
    struct simulation *simulation = member->simulation;
    if (member->client == NULL)
        return false;
    size_t bytes = ck_message_encode(message, &dialect, styles[simulation->scenario->fleet.spelling],
                                     frame + CK_HEADER_BYTES, sizeof frame - CK_HEADER_BYTES);
    struct ck_header header = { 1, message_id, (uint16_t)command, (uint16_t)bytes };
    ck_header_encode(&header, CK_BIG_ENDIAN, frame);
    if (bytes == 0 || !client_send(member->client, frame, bytes + CK_HEADER_BYTES))
        return false;
    simulation->tally.sent[command]++;
    simulation->tally.bytes_sent += bytes + CK_HEADER_BYTES;
    return true;
}

void fleet_reset(struct member *member, uint64_t wait_ns)
{
    if (member->client != NULL) {
        client_abort(member->client);
        leave(member);
    }
    if (member->gone)
        timers_cancel(&member->simulation->timers, &member->reconnect);
    else
        wait_to_reconnect(member, wait_ns);
}

void fleet_served(struct member *member, uint64_t latency_ns, uint64_t now_ns)
{
    if (member->state != MEMBER_CONNECTED)
        return;
    member->attempts = 0;
    if (!member->served) {
        member->served = true;
        member->simulation->tally.served++;
    }
    fault_served(member, latency_ns, now_ns);
}
