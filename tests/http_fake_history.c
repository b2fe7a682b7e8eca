/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "http_fake.h"

/* History: relays and lookups 1 to FAKE_RELAYS, and events of one kind. */

static bool unavailable(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    bool is = fake->history_unavailable;
    pthread_mutex_unlock(&fake->lock);
    return is;
}

static struct relay_record relay_row(uint64_t id)
{
    static struct text path[] = { { "kma-1", 5 }, { "kma-9", 5 } };
    return (struct relay_record){ .relay_id = id,
                                  .state = id % 2 == 0 ? RELAY_AWAITING_DECISION : RELAY_SUCCEEDED,
                                  .km_id = TEXT("alice"),
                                  .source_kma_id = TEXT("kma-1"),
                                  .destination_kma_id = TEXT("kma-9"),
                                  .path = path,
                                  .path_length = 2,
                                  .decided_by = DECIDER_ROUTE,
                                  .extension = TEXT("[{\"x_a\":\n1}]"),
                                  .received_ms = 1000 * id,
                                  .timeline = { { 1000, RELAY_RECEIVED, REASON_NONE } },
                                  .timeline_count = 1 };
}

static struct lookup_record lookup_row(uint64_t id)
{
    return (struct lookup_record){ .lookup_id = id,
                                   .state = LOOKUP_AWAITING_DECISION,
                                   .km_id = TEXT("alice"),
                                   .destination_kma_id = TEXT("kma-9"),
                                   .received_ms = 1000 };
}

static enum history_status relay(void *context, uint64_t id, relay_visitor visitor, void *visitor_context)
{
    if (unavailable(context))
        return HISTORY_UNAVAILABLE;
    if (id == 0 || id > FAKE_RELAYS)
        return HISTORY_NOT_FOUND;
    struct relay_record row = relay_row(id);
    visitor(visitor_context, &row);
    return HISTORY_OK;
}

/* A list is cut above this ID, as if it had looked at as much as one list may. */
static uint64_t scan_end(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    uint64_t end = fake->scan_end;
    pthread_mutex_unlock(&fake->lock);
    return end;
}

static enum history_status relays(void *context, const struct history_filter *filter, relay_visitor visitor,
                                  void *visitor_context, uint64_t *out_before_id)
{
    uint64_t end = scan_end(context);
    *out_before_id = 0;
    if (unavailable(context))
        return HISTORY_UNAVAILABLE;
    uint64_t from = filter->before_id != 0 ? filter->before_id - 1 : FAKE_RELAYS;
    for (uint64_t id = from; id > 0; id--) {
        struct relay_record row = relay_row(id);
        if (id < end) {
            *out_before_id = end;
            break;
        }
        if (filter->has_state && filter->state != (int)row.state)
            continue;
        if (!visitor(visitor_context, &row))
            break;
    }
    return HISTORY_OK;
}

static enum history_status lookup(void *context, uint64_t id, lookup_visitor visitor, void *visitor_context)
{
    if (unavailable(context))
        return HISTORY_UNAVAILABLE;
    if (id == 0 || id > FAKE_RELAYS)
        return HISTORY_NOT_FOUND;
    struct lookup_record row = lookup_row(id);
    visitor(visitor_context, &row);
    return HISTORY_OK;
}

static enum history_status lookups(void *context, const struct history_filter *filter, lookup_visitor visitor,
                                   void *visitor_context, uint64_t *out_before_id)
{
    *out_before_id = 0;
    if (unavailable(context))
        return HISTORY_UNAVAILABLE;
    uint64_t from = filter->before_id != 0 ? filter->before_id - 1 : FAKE_RELAYS;
    for (uint64_t id = from; id > 0; id--) {
        struct lookup_record row = lookup_row(id);
        if (!visitor(visitor_context, &row))
            break;
    }
    return HISTORY_OK;
}

static enum history_status bounds(void *context, uint64_t *out_oldest_id, uint64_t *out_newest_id)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    *out_oldest_id = fake->newest_event >= fake->oldest_event ? fake->oldest_event : 0;
    *out_newest_id = fake->newest_event;
    bool is_unavailable = fake->history_unavailable;
    pthread_mutex_unlock(&fake->lock);
    return is_unavailable ? HISTORY_UNAVAILABLE : HISTORY_OK;
}

/* The even relays are held, and every lookup. */
static enum history_status open_relays(void *context, uint64_t before_id, relay_visitor visitor,
                                       void *visitor_context, uint64_t *out_event_id)
{
    uint64_t oldest;
    if (bounds(context, &oldest, out_event_id) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    for (uint64_t id = before_id != 0 ? before_id - 1 : FAKE_RELAYS; id > 0; id--) {
        struct relay_record row = relay_row(id);
        if (row.state == RELAY_AWAITING_DECISION && !visitor(visitor_context, &row))
            break;
    }
    return HISTORY_OK;
}

static enum history_status open_lookups(void *context, uint64_t before_id, lookup_visitor visitor,
                                        void *visitor_context, uint64_t *out_event_id)
{
    uint64_t oldest;
    if (bounds(context, &oldest, out_event_id) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    for (uint64_t id = before_id != 0 ? before_id - 1 : FAKE_RELAYS; id > 0; id--) {
        struct lookup_record row = lookup_row(id);
        if (!visitor(visitor_context, &row))
            break;
    }
    return HISTORY_OK;
}

static enum history_status events(void *context, uint64_t after_id, event_visitor visitor,
                                  void *visitor_context)
{
    char json[2048];
    uint64_t oldest, newest;
    if (bounds(context, &oldest, &newest) != HISTORY_OK)
        return HISTORY_UNAVAILABLE;
    for (uint64_t id = after_id + 1 > oldest ? after_id + 1 : oldest; id <= newest; id++) {
        enum notice_type type = id % 2 == 0 ? NOTICE_KM_CONNECTED : NOTICE_RELAY_AWAITING_DECISION;
        int length =
            snprintf(json, sizeof json,
                     "{\"event_id\":\"%llu\",\"type\":\"%s\",\"time\":\"1970-01-01T00:00:01.000Z\","
                     "\"subject\":{\"km_id\":\"km-%llu\"},\"data\":{\"filler\":\"%01000d\"}}",
                     (unsigned long long)id, notice_type_name(type), (unsigned long long)(id % 3), 0);
        struct stored_event event = {
            .event_id = id, .time_ms = 1000, .type = type, .json = { json, (size_t)length }
        };
        if (!visitor(visitor_context, &event))
            break;
    }
    return HISTORY_OK;
}

static enum history_status idempotency(void *context, struct text key, idempotency_visitor visitor,
                                       void *visitor_context)
{
    struct fake *fake = context;
    enum history_status status = unavailable(fake) ? HISTORY_UNAVAILABLE : HISTORY_NOT_FOUND;
    pthread_mutex_lock(&fake->lock);
    for (size_t i = 0; i < fake->key_count && status == HISTORY_NOT_FOUND; i++) {
        if (!text_equal(fake->keys[i].key, key))
            continue;
        visitor(visitor_context, &fake->keys[i]);
        status = HISTORY_OK;
    }
    pthread_mutex_unlock(&fake->lock);
    return status;
}

/* Entries 1 to FAKE_RELAYS; those of odd ID are the admin's; entry n is of n seconds after 1970. */
static enum history_status audit(void *context, const struct audit_filter *filter, audit_visitor visitor,
                                 void *visitor_context)
{
    if (unavailable(context))
        return HISTORY_UNAVAILABLE;
    for (uint64_t i = 1; i <= FAKE_RELAYS; i++) {
        const uint64_t id = filter->oldest_first ? i : FAKE_RELAYS + 1 - i;
        const struct text actor = id % 2 == 1 ? TEXT("token:admin-token") : TEXT("file");
        char json[64];
        int length = snprintf(json, sizeof json, "{\"audit_id\":\"%llu\"}", (unsigned long long)id);
        const struct stored_audit entry = {
            .audit_id = id, .time_ms = 1000 * id, .json = { json, (size_t)length }, .hash = TEXT("00ff")
        };
        const bool is_wanted = (!text_is_present(filter->actor) || text_equal(filter->actor, actor)) &&
                               (filter->after_ms == 0 || entry.time_ms >= filter->after_ms) &&
                               (filter->before_ms == 0 || entry.time_ms < filter->before_ms) &&
                               (filter->before_id == 0 || id < filter->before_id) && id > filter->after_id;
        if (is_wanted && !visitor(visitor_context, &entry))
            break;
    }
    return HISTORY_OK;
}

struct history fake_history(struct fake *fake)
{
    return (struct history){
        .context = fake,
        .relay = relay,
        .relays = relays,
        .lookup = lookup,
        .lookups = lookups,
        .open_relays = open_relays,
        .open_lookups = open_lookups,
        .events = events,
        .event_bounds = bounds,
        .audit = audit,
        .idempotency = idempotency,
    };
}
