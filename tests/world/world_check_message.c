/* SPDX-License-Identifier: Apache-2.0 */
/* What one frame of a KM must lead to, by the wire profile's readings. */
#include "world/world.h"

typedef unsigned long long ull;

enum { REPEAT_WINDOW_MS = 10000 }; /* reading 8 */

static bool same_session(struct session_handle left, struct session_handle right)
{
    return left.generation != 0 && left.index == right.index && left.generation == right.generation;
}

/* Reading 8: is there an open relay that this 0x03 repeats? */
static void find_repeated(struct world *world, struct step *step)
{
    const struct event_message *message = &step->event->message;
    struct rows *rows = &world->rows;
    for (size_t id = 1; id < rows->relay_capacity; id++) {
        const struct request_row *row = &rows->relays[id];
        if (row->shadow == NULL)
            continue;
        const struct relay_record *relay = &row->shadow->record.relay;
        if (relay_state_is_terminal(relay->state) || relay->unsolicited ||
            relay->message_id != message->header.message_id ||
            !siphash_digest_equal(relay->payload_digest, message->payload_digest) ||
            !text_equal_c(relay->km_id, step->session->km_id))
            continue;
        uint64_t age = world->monotonic_ms - step->session->opened_ms;
        if (step->repeat_must && row->half_known)
            continue; /* the newest that is known counts */
        bool known_here = same_session(row->session, step->session->handle);
        bool told_here = same_session(row->sent_on, step->session->handle);
        step->repeated_relay_id = id;
        bool recent = age < REPEAT_WINDOW_MS;
        bool old = age > REPEAT_WINDOW_MS;
        step->repeat_must = !row->half_known && (known_here || !relay->sent || recent);
        step->repeat_may_be_new = !row->half_known && !known_here && !told_here && relay->sent && old;
    }
}

static void find_named(struct world *world, struct step *step)
{
    const struct ck_message *message = step->event->message.message;
    if (message->relay_id == 0 || message->relay_id >= world->rows.relay_capacity)
        return;
    const struct kept *kept = world->rows.relays[message->relay_id].shadow;
    if (kept == NULL || !text_equal_c(kept->record.relay.km_id, step->session->km_id))
        return;
    step->named_relay_id = message->relay_id;
    const struct relay_record *relay = &kept->record.relay;
    step->named_must = relay->state == RELAY_INSTRUCTED || relay->state == RELAY_EXPIRED ||
                       (relay->state == RELAY_ORPHANED && relay->instructed_ms != 0);
}

void check_message_before(struct world *world, struct step *step)
{
    const struct event_message *message = &step->event->message;
    step->session = net_session(world, message->session);
    if (step->session == NULL)
        world_fail(world, "the simulator delivered to a session that is gone");
    step->was_live = step->session->live;
    const struct km_config *km = config_km(world, text_from_c(step->session->km_id));
    step->km_known = km != NULL;
    if (km != NULL)
        step->km = *km;
    if (message->malformed != CK_WELL_FORMED || !step->was_live)
        return;
    if (message->header.command == CK_NOTIFY_RELAY)
        find_repeated(world, step);
    else if (message->header.command == CK_RELAY_RESPONSE)
        find_named(world, step);
}

static bool is_own(const struct km_config *km, struct text kma_id)
{
    for (size_t i = 0; i < km->kma_id_count; i++) {
        if (text_equal(km->kma_ids[i], kma_id))
            return true;
    }
    return false;
}

/* Readings 1 and 12: which failures a new relay must, or must not, have met at once. */
static void check_new_relay(struct world *world, const struct step *step)
{
    const struct ck_message *message = step->event->message.message;
    const struct relay_record *relay = &rows_relay(world, step->new_relay_id)->shadow->record.relay;
    const struct km_config *km = &step->km;
    ull id = relay->relay_id;
    bool has_source = text_is_present(message->source_kma_id);
    bool foreign = has_source && !is_own(km, message->source_kma_id);
    bool ambiguous = !has_source && km->kma_id_count > 1;
    const struct application_config *application =
        config_application(world, message->application_destination_id);
    bool both =
        text_is_present(message->destination_kma_id) && text_is_present(message->application_destination_id);
    bool conflict =
        both && application != NULL && !text_equal(application->kma_id, message->destination_kma_id);
    if (!siphash_digest_equal(relay->payload_digest, step->event->message.payload_digest) ||
        relay->message_id != step->event->message.header.message_id ||
        !text_equal_c(relay->km_id, step->session->km_id) || relay->unsolicited)
        world_fail(world, "relay %llu is not what was asked", id);
    if ((foreign || ambiguous || conflict) && relay->state != RELAY_FAILED)
        world_fail(world, "relay %llu: went on with a source or destination that it must not", id);
    if (!foreign && relay->reason == REASON_SOURCE_NOT_AUTHORISED)
        world_fail(world, "relay %llu: its source is the KM's own", id);
    if (!ambiguous && relay->reason == REASON_SOURCE_AMBIGUOUS)
        world_fail(world, "relay %llu: its source is not ambiguous", id);
    if (!conflict && relay->reason == REASON_DESTINATION_CONFLICT)
        world_fail(world, "relay %llu: its destinations agree", id);
    if (!has_source && km->kma_id_count == 1 && !text_equal(relay->source_kma_id, km->kma_ids[0]))
        world_fail(world, "relay %llu: its source was clear", id);
    if (application != NULL && !conflict && !foreign && !ambiguous &&
        !text_equal(relay->destination_kma_id, application->kma_id))
        world_fail(world, "relay %llu: its application is elsewhere", id);
    if (!text_equal(relay->extension, message->extension))
        world_fail(world, "relay %llu: its extension did not come through", id);
}

static void check_notify(struct world *world, struct step *step)
{
    if (step->relays_new > 1)
        world_fail(world, "one 0x03, %zu relays", step->relays_new);
    if (step->relays_new == 1) {
        /* unless it ended in this very step, its time being up */
        uint64_t old = step->repeated_relay_id;
        if (old != 0 && step->repeat_must && rows_relay(world, old)->shadow->record.relay.ended_ms == 0)
            world_fail(world, "a repeat of relay %llu made another", (ull)step->repeated_relay_id);
        world->coverage->repeats_made_new += step->repeated_relay_id != 0;
        check_new_relay(world, step);
        return;
    }
    if (step->repeated_relay_id == 0)
        world_fail(world, "a 0x03 without a trace");
    if (step->repeat_may_be_new)
        world_fail(world, "a 0x03 long after relay %llu was sent is not a repeat",
                   (ull)step->repeated_relay_id);
    struct request_row *row = rows_relay(world, step->repeated_relay_id);
    if (row->shadow->record.relay.state == RELAY_INSTRUCTED && step->sends_of_relay != 1)
        world_fail(world, "a repeat of relay %llu got no answer", (ull)step->repeated_relay_id);
    row->session = step->session->handle;
    world->coverage->repeats_answered++;
}

static void check_completion(struct world *world, struct step *step)
{
    const struct ck_message *message = step->event->message.message;
    if (step->relays_completed + step->uncorrelated != 1)
        world_fail(world, "one 0x05, %zu completions, %zu uncorrelated", step->relays_completed,
                   step->uncorrelated);
    if (message->relay_id != 0 && step->named_relay_id == 0 && step->relays_completed > 0)
        world_fail(world, "a 0x05 completed a relay that is not its KM's");
    if (step->relays_completed == 0) {
        if (step->named_must)
            world_fail(world, "relay %llu was completed in vain", (ull)step->named_relay_id);
        return;
    }
    if (message->relay_id != 0 && step->completed_relay_id != message->relay_id)
        world_fail(world, "the 0x05 names relay %llu, and %llu was completed", (ull)message->relay_id,
                   (ull)step->completed_relay_id);
    const struct relay_record *relay = &rows_relay(world, step->completed_relay_id)->shadow->record.relay;
    bool success = ck_dialect_is_success(&step->km.dialect, message->response);
    if (success != (relay->state == RELAY_SUCCEEDED))
        world_fail(world, "relay %llu: its KM said %.*s", (ull)relay->relay_id,
                   TEXT_ARGUMENTS(message->response));
    if (!success && !text_equal(relay->detail, message->response))
        world_fail(world, "relay %llu: the KM's words were lost", (ull)relay->relay_id);
    if (!text_equal_c(relay->km_id, step->session->km_id))
        world_fail(world, "relay %llu is another KM's", (ull)relay->relay_id);
}

void check_message(struct world *world, struct step *step)
{
    const struct event_message *message = &step->event->message;
    uint16_t command = message->header.command;
    bool heard = step->relays_new + step->lookups_new + step->relays_completed + step->uncorrelated > 0;
    if (!step->was_live && heard && !step->short_of_memory)
        world_fail(world, "a frame of a session that is let go of changed rows");
    if (step->short_of_memory &&
        step->repeated_relay_id != 0) /* taken in or not: it may be answered here now */
        rows_relay(world, step->repeated_relay_id)->half_known = true;
    if (!step->was_live || !step->session->live || step->short_of_memory || !step->km_known)
        return; /* let go of it, now or before, or could not take it in */
    if (message->malformed != CK_WELL_FORMED) {
        if (step->protocol_errors != 1 || step->relays_new > 0 || step->relays_completed > 0)
            world_fail(world, "a malformed frame: %zu errors told", step->protocol_errors);
        return;
    }
    if (command == CK_NEXT_HOP_REQUEST && step->lookups_new != 1)
        world_fail(world, "one 0x01, %zu lookups", step->lookups_new);
    if ((command == CK_NEXT_HOP_RESPONSE || command == CK_RELAY_REQUEST) && step->protocol_errors != 1)
        world_fail(world, "a KM sent what it may not, and nobody was told");
    if (command == CK_NOTIFY_RELAY)
        check_notify(world, step);
    else if (step->relays_new > 0)
        world_fail(world, "a relay from nothing");
    if (command == CK_RELAY_RESPONSE)
        check_completion(world, step);
}
