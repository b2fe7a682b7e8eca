/* SPDX-License-Identifier: Apache-2.0 */
/* What readers ask of the past: relays, lookups and events, answered by whichever store is behind it. */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/notice.h"
#include "core/record.h"

/* Absent or 0 or false: any. Both kinds of request share it. */
struct history_filter {
    bool has_state;
    int state; /* enum relay_state or lookup_state */
    struct text km_id;
    struct text source_kma_id;
    struct text destination_kma_id;
    struct text application_destination_id;
    enum decider decided_by;
    enum reason reason;
    uint64_t received_after_ms;  /* inclusive */
    uint64_t received_before_ms; /* exclusive */
    uint64_t before_id;          /* the cursor: only IDs below it; 0: from the newest */
};

/* A stored event, rendered for the reader. */
struct stored_event {
    uint64_t event_id;
    uint64_t time_ms;
    enum notice_type type;
    struct text json; /* one line, notice_write_json's form */
};

/* A stored entry of the audit trail. */
struct stored_audit {
    uint64_t audit_id;
    uint64_t time_ms;
    struct text json; /* audit_write_json's form: the bytes that were hashed */
    struct text hash; /* hexadecimal */
};

struct audit_filter {
    struct text actor;  /* absent: any */
    uint64_t after_ms;  /* inclusive; 0: any */
    uint64_t before_ms; /* exclusive; 0: any */
    uint64_t before_id; /* the cursor: only IDs below it; 0: from the newest */
    bool oldest_first;  /* then the cursor is after_id */
    uint64_t after_id;
};

enum history_status { HISTORY_OK, HISTORY_NOT_FOUND, HISTORY_UNAVAILABLE };

/* Visitors borrow their argument for the call; returning false stops the visit. */
typedef bool (*relay_visitor)(void *context, const struct relay_record *relay);
typedef bool (*lookup_visitor)(void *context, const struct lookup_record *lookup);
typedef bool (*audit_visitor)(void *context, const struct stored_audit *entry);
typedef bool (*idempotency_visitor)(void *context, const struct idempotency_record *record);
typedef bool (*dead_letter_visitor)(void *context, const struct dead_letter *letter);
typedef bool (*event_visitor)(void *context, const struct stored_event *event);

enum {
    HISTORY_SCAN_MAX = 16384, /* rows that one list looks at; then its caller asks again, from there on */
    HISTORY_OPEN_MAX = 64,    /* rows that one call for what is open shows */
};

/* One reader belongs to one thread. */
struct history {
    void *context;
    enum history_status (*relay)(void *context, uint64_t relay_id, relay_visitor visitor,
                                 void *visitor_context);
    /* Newest first, until the visitor stops, or HISTORY_SCAN_MAX were looked at: then *out_before_id is the
       filter's before_id to go on with, else 0. */
    enum history_status (*relays)(void *context, const struct history_filter *filter, relay_visitor visitor,
                                  void *visitor_context, uint64_t *out_before_id);
    enum history_status (*lookup)(void *context, uint64_t lookup_id, lookup_visitor visitor,
                                  void *visitor_context);
    enum history_status (*lookups)(void *context, const struct history_filter *filter, lookup_visitor visitor,
                                   void *visitor_context, uint64_t *out_before_id);
    /*
     * Those that are open, whatever their state, with an ID below `before_id` (0: any): newest first, until
     * the visitor stops, or HISTORY_OPEN_MAX were shown. *out_event_id is the newest event of the very state
     * of history that they were read from: what they show is the effect of it and of all before, and of none
     * after.
     */
    enum history_status (*open_relays)(void *context, uint64_t before_id, relay_visitor visitor,
                                       void *visitor_context, uint64_t *out_event_id);
    enum history_status (*open_lookups)(void *context, uint64_t before_id, lookup_visitor visitor,
                                        void *visitor_context, uint64_t *out_event_id);
    /* Oldest first, those with an ID above `after_id`, until the visitor stops. */
    enum history_status (*events)(void *context, uint64_t after_id, event_visitor visitor,
                                  void *visitor_context);
    /* The oldest event kept and the newest durable one; both 0 when there is none yet. */
    enum history_status (*event_bounds)(void *context, uint64_t *out_oldest_id, uint64_t *out_newest_id);
    /* Newest first unless the filter says otherwise, until the visitor stops. */
    enum history_status (*audit)(void *context, const struct audit_filter *filter, audit_visitor visitor,
                                 void *visitor_context);
    /* HISTORY_NOT_FOUND: nothing was done under this key, or it is forgotten by now. */
    enum history_status (*idempotency)(void *context, struct text key, idempotency_visitor visitor,
                                       void *visitor_context);
    /* Of one webhook, oldest event first, with an event ID above `after_id`, until the visitor stops. */
    enum history_status (*dead_letters)(void *context, struct text webhook_id, uint64_t after_id,
                                        dead_letter_visitor visitor, void *visitor_context);
};

#endif
