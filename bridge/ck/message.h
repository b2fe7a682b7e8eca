/* SPDX-License-Identifier: Apache-2.0 */
/* The five messages of Ck clause 8 as structures, and their JSON payloads.
 * Both ways are long enough for a file each: message_decode.c, message_encode.c. */
#ifndef CK_MESSAGE_H
#define CK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/text.h"
#include "ck/dialect.h"
#include "ck/frame.h"

#define CK_RELAY_ID_MAX ((UINT64_C(1) << 53) - 1)

/* One structure for all five: tables 1 to 5 are subsets of one vocabulary. Absent texts are TEXT_ABSENT. */
struct ck_message {
    enum ck_command command;
    struct text source_kma_id;              /* tables 1 to 4 */
    struct text destination_kma_id;         /* tables 1 to 4 */
    struct text application_destination_id; /* tables 1 and 3 */
    bool has_kma_ids;
    size_t kma_id_count;
    struct text kma_ids[LIMIT_PATH_KMAS]; /* next KMA IDs (table 2), transit KMA IDs (table 4) */
    uint64_t relay_id;                    /* tables 4 and 5; 0 means absent: IDs start at 1 */
    struct text response;                 /* table 5; a boolean true reads "true" */
    struct text extension;                /* raw JSON array as it came, tables 1 to 4 */
    uint32_t unknown_members;
    enum ck_key_style key_style; /* seen in the payload; AUTO when nothing tells */
};

/* Why a payload is malformed: a stable word for events and counters, from ck_malformed_name(). */
enum ck_malformed {
    CK_WELL_FORMED,
    CK_NOT_JSON,                /* also truncated, trailing bytes, number grammar, control characters */
    CK_NOT_OBJECT,              /* includes an empty payload */
    CK_BAD_UTF8,                /* includes a lone surrogate escape */
    CK_TOO_DEEP,                /* LIMIT_JSON_DEPTH */
    CK_TOO_LONG,                /* a string, list or extension above its limit */
    CK_WRONG_TYPE,              /* a known member of another type */
    CK_BAD_IDENTIFIER,          /* reading 14 */
    CK_BAD_RELAY_ID,            /* not 1 to 2^53-1 */
    CK_CONFLICTING_MEMBERS,     /* two members normalise alike with different values */
    CK_MISSING_DESTINATION,     /* tables 1 and 3: one of the two is mandatory */
    CK_MISSING_NEXT_KMA_IDS,    /* table 2 */
    CK_MISSING_DESTINATION_KMA, /* table 4 */
    CK_MISSING_TRANSIT_KMA_IDS, /* table 4 */
    CK_MISSING_RESPONSE,        /* table 5; also empty */
    CK_MALFORMED_END,
};
const char *ck_malformed_name(enum ck_malformed malformed);

/*
 * Decodes a payload in place: `payload` is overwritten where escapes are undone, and the message's texts view
 * it, so both live and die together. Never allocates. Spelling of keys as the wire profile accepts it. On
 * anything but CK_WELL_FORMED, *out_offset is the byte at which the payload stopped being acceptable (0 for a
 * missing member) and *out_message has what could be read, to log; its command is always set.
 */
enum ck_malformed ck_message_decode(enum ck_command command, unsigned char *payload, size_t payload_bytes,
                                    struct ck_message *out_message, size_t *out_offset);

/*
 * Encodes the payload in the dialect's transit form and in `style` (not AUTO): the tables' order, present
 * members only. `kma_ids` of a CK_RELAY_REQUEST is always the full path, source and destination included; the
 * dialect's form is cut from it here. Returns the bytes written, or 0 when they do not fit into `capacity`,
 * or when a KMA ID has a comma or white space and the dialect wants the transit list as one string.
 */
size_t ck_message_encode(const struct ck_message *message, const struct ck_dialect *dialect,
                         enum ck_key_style style, unsigned char *out_payload, size_t capacity);

#endif
