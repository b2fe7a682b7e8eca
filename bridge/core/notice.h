/* SPDX-License-Identifier: Apache-2.0 */
/* A notice is one event of the northbound event log: same ID in stream, webhook, log line and trap. */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/record.h"
#include "core/vocabulary.h"

struct notice {
    uint64_t event_id; /* from 1, without holes, never used twice */
    uint64_t time_ms;  /* Unix time */
    enum notice_type type;
    /* subject: absent or 0 where it does not apply */
    struct text km_id;
    struct text route_id;
    struct text link_id;
    uint64_t relay_id;
    uint64_t lookup_id;
    /* data: what applies to the type */
    enum reason reason;
    struct text detail;
    const struct relay_record *relay;   /* relay.*: as it stands after the step */
    const struct lookup_record *lookup; /* lookup.* */
    struct text peer;                   /* km.*: "192.0.2.1:50112" */
    enum security security;
    struct text tls_version, cipher; /* km.connected */
    struct text identity;            /* km.refused: what the peer called itself */
    uint64_t offset;                 /* ck.protocol_error: byte in the payload */
    uint32_t message_id;             /* ck.protocol_error, relay.uncorrelated */
    uint16_t command;                /* ck.protocol_error */
    bool has_frame;                  /* the next four are known: not of what an older bridge has stored */
    uint16_t version;                /* of the frame */
    uint32_t payload_bytes;          /* as its header says */
    uint64_t excerpt_offset;         /* where in the payload the excerpt begins */
    struct text excerpt;             /* hexadecimal; absent: the payload has not come */
    const char *change;              /* *.changed: "created", "updated", "deleted"; of a link also
                                        "penalised", "recovered"; else NULL */
    struct text object;              /* config.changed: e.g. "km/alice", "application/a" */
};

/* {"event_id":"7","type":"km.connected","time":"...","subject":{...},"data":{...}} on one line, no newline.
 */
void notice_write_json(const struct notice *notice, struct bytes_writer *writer);
/* An upper bound of what notice_write_json writes for this notice. */
size_t notice_json_bytes_max(const struct notice *notice);

#endif
