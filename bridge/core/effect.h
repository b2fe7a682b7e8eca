/* SPDX-License-Identifier: Apache-2.0 */
/* The core's whole output alphabet, gathered over one turn of the loop. */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/command.h"
#include "core/event.h"
#include "core/notice.h"
#include "core/record.h"

enum effect_kind {
    EFFECT_RECORD, /* for the store */
    EFFECT_NOTICE, /* for the store's event log, and from there to every subscriber */
    EFFECT_ADMIT,  /* start reading this session */
    EFFECT_SEND,   /* a whole frame to a session */
    EFFECT_CLOSE,  /* close a session after what was sent to it has left */
    EFFECT_REPLY,  /* to the command's sender */
};

struct effect_admit {
    struct session_handle session;
    struct text km_id;
    enum ck_byte_order byte_order; /* BIG or AUTO */
};

struct effect_send {
    struct session_handle session;
    struct text frame; /* header and payload */
};

struct effect_close {
    struct session_handle session;
    enum reason reason;
};

struct effect {
    struct effect *next;
    enum effect_kind kind;
    union {
        struct record record;
        struct notice notice;
        struct effect_admit admit;
        struct effect_send send;
        struct effect_close close;
        struct reply reply;
    };
};

/*
 * One turn: what every core_step of it wants, in order. Everything it points at lives in its arena, so it can
 * be handed to the journal thread whole and be released to peers afterwards: nothing of it may be acted upon
 * before its records and notices are durable, and turns are released in order.
 */
struct effects {
    struct arena arena;
    struct effect *first;
    struct effect **last;
    size_t count;
    size_t durable_count;         /* records and notices among them; 0: nothing to commit */
    struct high_water high_water; /* after the newest step */
    uint64_t turn;                /* the runner's number, growing by one */
    uint64_t wall_ms;             /* of the newest step */
};

void effects_init(struct effects *effects, const struct memory *memory);
void effects_fini(struct effects *effects);
void effects_clear(struct effects *effects);
/* Appends a zeroed effect of which only the kind's member exists: never copy one whole. NULL when memory is
   exhausted. */
struct effect *effects_add(struct effects *effects, enum effect_kind kind);
/* Takes one out again: `slot` is what `effects->last` was before it was added. */
void effects_withdraw(struct effects *effects, struct effect **slot);

#endif
