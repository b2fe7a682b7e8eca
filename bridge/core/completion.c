/* SPDX-License-Identifier: Apache-2.0 */
/* A KM's Response to key relay request (Ck 8.5): which relay it completes, and how (readings 2, 7, 9). */
#include "core/directory_state.h"
#include "core/emit.h"
#include "core/relay.h"
#include "core/session.h"

static bool may_complete(const struct relay *relay)
{
    enum relay_state state = relay->record.state;
    return state == RELAY_INSTRUCTED ||
           ((state == RELAY_EXPIRED || state == RELAY_ORPHANED) && relay->record.instructed_ms != 0);
}

static struct relay *by_request_id(const struct core *core, const struct km *km, uint64_t relay_id)
{
    struct relay *relay = relay_find(core, relay_id);
    return relay != NULL && may_complete(relay) && text_equal(relay->record.km_id, km->object.id) ? relay
                                                                                                  : NULL;
}

static bool outstanding_on(const struct relay *relay, const struct session *session)
{
    return relay->record.state == RELAY_INSTRUCTED && relay->record.sent &&
           session_is(session, relay->sent_on);
}

static struct relay *by_message_id(const struct core *core, const struct session *session,
                                   uint32_t message_id)
{
    struct chain_node *node =
        chain_find(&core->relays_by_message, chain_key(session->km->number, message_id));
    struct relay *newest = NULL;
    for (; node != NULL; node = node->next) {
        struct relay *relay = node->owner;
        if (outstanding_on(relay, session) && relay->sent_message_id == message_id)
            newest = relay;
    }
    return newest;
}

static struct relay *only_outstanding(const struct session *session)
{
    struct relay *found = NULL;
    for (struct relay *relay = session->km->relays; relay != NULL; relay = relay->next) {
        if (!outstanding_on(relay, session))
            continue;
        if (found != NULL)
            return NULL;
        found = relay;
    }
    return found;
}

static struct relay *correlate(const struct core *core, const struct session *session,
                               const struct event_message *event)
{
    if (event->message->relay_id != 0)
        return by_request_id(core, session->km, event->message->relay_id);
    struct relay *relay = by_message_id(core, session, event->header.message_id);
    return relay != NULL ? relay : only_outstanding(session);
}

static void tell_uncorrelated(struct core *core, const struct session *session,
                              const struct event_message *event)
{
    session->km->counters.uncorrelated++;
    core->totals.uncorrelated++;
    struct notice *notice = emit_notice(core, NOTICE_RELAY_UNCORRELATED);
    if (notice == NULL)
        return;
    notice->km_id = emit_text(core, session->km->object.id);
    notice->relay_id = event->message->relay_id;
    notice->message_id = event->header.message_id;
    notice->detail = emit_text(core, event->message->response);
}

static void count_reply_time(const struct core *core, struct km *km, const struct relay *relay)
{
    if (relay->sent_monotonic_ms == 0)
        return; /* sent before the last restart: nobody knows when by this clock */
    uint64_t elapsed_ms = core->now_ms - relay->sent_monotonic_ms;
    int bucket = 0;
    while (bucket < REPLY_TIME_BUCKETS - 1 && elapsed_ms >= UINT64_C(1) << bucket)
        bucket++;
    km->counters.reply_time_ms[bucket]++;
}

void completion_receive(struct core *core, struct session *session, const struct event_message *event)
{
    struct km *km = session->km;
    struct relay *relay = correlate(core, session, event);
    if (relay == NULL) {
        tell_uncorrelated(core, session, event);
        return;
    }
    count_reply_time(core, km, relay);
    relay->km = km; /* one that ended had lost it */
    struct text response = event->message->response;
    if (ck_dialect_is_success(&km_config_of(km)->dialect, response))
        relay_end(core, relay, RELAY_SUCCEEDED, REASON_NONE, TEXT_ABSENT);
    else
        relay_end(core, relay, RELAY_FAILED, REASON_KM_FAILURE, response);
}
