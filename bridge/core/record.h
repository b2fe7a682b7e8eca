/* SPDX-License-Identifier: Apache-2.0 */
/* Journal rows: everything that the store keeps, as the core hands it out and takes it back at restore. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/siphash.h"
#include "base/text.h"
#include "ck/frame.h"
#include "core/directory.h"
#include "core/trail.h"
#include "core/vocabulary.h"

struct timeline_entry {
    uint64_t time_ms; /* Unix time */
    enum relay_state state;
    enum reason reason;
};

/* The whole row of a relay (Ck 7.2) as it stands after a step; a later record of the same ID replaces it. */
struct relay_record {
    uint64_t relay_id; /* the Key relay request ID; 1 to 2^53-1; never used twice */
    enum relay_state state;
    enum reason reason;
    struct text detail; /* a KM's or orchestrator's words verbatim; absent when none */
    enum decider decided_by;
    struct text km_id; /* whose session asked, or is asked */
    struct text source_kma_id;
    struct text destination_kma_id;
    struct text application_destination_id;
    struct text *path; /* source to destination; NULL until decided */
    size_t path_length;
    struct text route_id;                 /* the installed route that decided; absent otherwise */
    struct text extension;                /* raw JSON array from the 0x03 */
    struct text explanation;              /* see explanation.h; absent: none is known */
    bool unsolicited;                     /* started by the orchestrator: there is no 0x03 */
    bool sent;                            /* the 0x04 was handed to a session */
    uint16_t version;                     /* of the 0x03's frame; the reply mirrors it */
    uint32_t message_id;                  /* of the 0x03, or of the 0x04 when unsolicited */
    struct siphash_digest payload_digest; /* of the 0x03, for repeats (reading 8) */
    uint64_t received_ms;
    uint64_t decided_ms;    /* 0: not yet */
    uint64_t instructed_ms; /* 0: not yet */
    uint64_t ended_ms;      /* 0: open */
    struct timeline_entry timeline[LIMIT_TIMELINE];
    size_t timeline_count;
};

/* The whole row of a next hop lookup (Ck 7.1). */
struct lookup_record {
    uint64_t lookup_id; /* a sequence of its own, from 1 */
    enum lookup_state state;
    enum reason reason;
    struct text detail;
    enum decider decided_by;
    struct text km_id;
    struct text current_kma_id; /* the asking KM's KMA on the route used; absent when none applied */
    struct text source_kma_id;
    struct text destination_kma_id;
    struct text application_destination_id;
    struct text *next_kma_ids;
    size_t next_kma_id_count;
    struct text extension;
    struct text explanation; /* as of a relay */
    uint32_t message_id;
    uint64_t received_ms;
    uint64_t ended_ms;
};

/* What is left of a link's stock after relays have used of it. Of another revision of the link it is out of
 * date. */
struct budget_record {
    struct text link_id;
    uint64_t revision;
    uint64_t keys;     /* as of then; it grows by the link's key_rate, to its key_capacity */
    uint64_t as_of_ms; /* Unix time */
};

enum record_kind {
    RECORD_RELAY,
    RECORD_LOOKUP,
    RECORD_KM, /* of either origin: so that what the file says keeps its revision over a restart */
    RECORD_KM_DELETED,
    RECORD_APPLICATION,
    RECORD_APPLICATION_DELETED,
    RECORD_DESTINATION,
    RECORD_DESTINATION_DELETED,
    RECORD_ROUTE,
    RECORD_ROUTE_DELETED,
    RECORD_LINK,
    RECORD_LINK_DELETED,
    RECORD_DOCUMENT,
    RECORD_DOCUMENT_DELETED,
    RECORD_AUDIT,
    RECORD_IDEMPOTENCY,
    RECORD_ANSWER, /* of the idempotency record with its key: only key and answer are set */
    RECORD_DEAD_LETTER,
    RECORD_BUDGET,               /* deleted with its link */
    RECORD_DEAD_LETTERS_DELETED, /* those of the webhook: of one event, or all (0); only these two are set */
};

struct record {
    enum record_kind kind;
    struct revision revision; /* of configuration objects; its origin also of those deleted */
    union {
        struct relay_record relay;
        struct lookup_record lookup;
        struct km_config km;
        struct application_config application;
        struct destination_config destination;
        struct route_config route;
        struct link_config link;
        struct document_config document;
        struct audit_record audit;
        struct idempotency_record idempotency; /* also of RECORD_ANSWER */
        struct budget_record budget;
        struct dead_letter dead_letter; /* also of RECORD_DEAD_LETTERS_DELETED */
        struct text deleted_id;
    };
};

/* The next numbers to give; the store keeps the highest of each with every commit, so none is used twice even
   when retention has removed the rows that bore them. */
struct high_water {
    uint64_t next_relay_id;
    uint64_t next_lookup_id;
    uint64_t next_event_id;
    uint64_t next_revision;
    uint64_t next_audit_id;
};

#endif
