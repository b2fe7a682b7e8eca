/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of commands and deliveries beside their effect: audit entries, idempotency keys, dead letters.
 */
#ifndef CORE_TRAIL_H
#define CORE_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "core/vocabulary.h"

enum { DIGEST_BYTES = 32 }; /* SHA-256 */

/* Who did what, when, from where, with what outcome. */
struct audit_record {
    uint64_t audit_id;                  /* from 1, without holes */
    uint64_t time_ms;                   /* Unix time */
    struct text actor;                  /* "token:ops" */
    struct text source, action, target; /* see struct command_audit */
    struct text outcome;                /* reply_status_name's, or a problem's name */
    enum reason reason;
    struct text detail;
    uint64_t revision;                      /* of the object written; 0: none */
    uint64_t request_id;                    /* of the relay or lookup decided or started; 0: none */
    uint64_t first_event_id, last_event_id; /* the events it caused; 0: none */
};

/*
 * The entry's canonical form (RFC 8785: members sorted, no white space) on one line:
 *   {"action","actor","audit_id","detail","first_event_id","last_event_id","outcome","previous_hash",
 *    "reason","request_id","revision","source","target","time"}
 * All are strings or null. Its SHA-256 is the entry's hash, and the next one's `previous_hash` (hexadecimal;
 * of the first: 64 zeros), so that none can be changed or taken out unseen.
 */
void audit_write_json(const struct audit_record *record, struct text previous_hash,
                      struct bytes_writer *writer);
/* An upper bound of what audit_write_json writes for this record. */
size_t audit_json_bytes_max(const struct audit_record *record);

enum { AUDIT_HASH_DIGITS = 2 * DIGEST_BYTES };
/* The `previous_hash` of the first entry. */
#define AUDIT_HASH_OF_NONE "0000000000000000000000000000000000000000000000000000000000000000"

enum { IDEMPOTENCY_HOURS = 24 }; /* a key is forgotten so long after it was used */

/* A command that was done under an idempotency key. */
struct idempotency_record {
    struct text key;
    struct text digest; /* DIGEST_BYTES of what was asked */
    uint64_t created_ms;
    bool created;        /* REPLY_CREATED rather than REPLY_OK */
    uint64_t request_id; /* the relay or lookup it was about; 0: none */
    uint64_t revision;
    struct text answer; /* kept a moment later (RECORD_ANSWER); absent until then */
};

/* An event that a webhook's receiver would not take. */
struct dead_letter {
    struct text webhook_id;
    uint64_t event_id;
    uint64_t time_ms; /* Unix time at which it was given up */
    uint32_t attempts;
    uint32_t status;    /* the receiver's HTTP status; 0: none came */
    struct text detail; /* for people */
};

#endif
