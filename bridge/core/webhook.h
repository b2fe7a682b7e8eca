/* SPDX-License-Identifier: Apache-2.0 */
/* What the documents of webhooks hold, and how one stands: shared by those who configure and who deliver. */
#ifndef CORE_WEBHOOK_H
#define CORE_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

enum {
    LIMIT_WEBHOOKS = 32,            /* one more is refused */
    LIMIT_WEBHOOK_ID_BYTES = 128,   /* its documents' IDs have a prefix before it */
    LIMIT_WEBHOOK_URL_BYTES = 2048, /* longer is refused */
    LIMIT_WEBHOOK_TYPES = 64,
    LIMIT_WEBHOOK_SUBJECTS = 64,
    LIMIT_WEBHOOK_LETTERS = 256, /* that one replay may name */
    WEBHOOK_TIMEOUT_MS_MIN = 100,
    WEBHOOK_TIMEOUT_MS_DEFAULT = 15000,
    WEBHOOK_TIMEOUT_MS_MAX = 60000,
    WEBHOOK_OVERLAP_S_DEFAULT = 24 * 3600,
    WEBHOOK_OVERLAP_S_MAX = 30 * 24 * 3600,
};

/* DOCUMENT_WEBHOOK "webhook/<webhook_id>": what the API wrote. */
struct webhook_definition {
    struct text url;
    struct text *types; /* patterns as notice_filter_add takes; none: all */
    size_t type_count;
    struct text *subjects;
    size_t subject_count;
    struct text secret, old_secret; /* "whsec_..."; the old one signs too until then */
    uint64_t old_secret_until_ms;   /* Unix time; 0: there is none */
    bool enabled;
    uint64_t timeout_ms;
    uint64_t created_ms;  /* Unix time; tells it from an earlier one of the same name */
    uint64_t start_after; /* the event before the first to be delivered */
    uint64_t resumed_ms;  /* when it was last written after its receiver had said 410; 0: never */
};

/* DOCUMENT_WEBHOOK_STATE "webhook_state/position/<webhook_id>": how far its deliveries have come. */
struct webhook_progress {
    uint64_t created_ms;    /* of the webhook it is about */
    uint64_t position;      /* every event up to it was delivered, not wanted, or given up */
    uint64_t replay_serial; /* of the replay that was begun or done last */
    bool letters_done;      /* of that replay */
    uint64_t gone_ms;       /* when the receiver said 410; 0: it did not, or the webhook was written since */
    uint64_t resumed_ms;    /* the definition's at that time */
};

/* DOCUMENT_WEBHOOK_STATE "webhook_state/replay/<webhook_id>": what an operator wants delivered again. */
struct webhook_replay {
    uint64_t created_ms; /* of the webhook it is about */
    uint64_t serial;     /* grows with every replay */
    bool moves;          /* back, or on, to `after` */
    uint64_t after;
    bool all_letters;  /* every dead letter, or */
    uint64_t *letters; /* those of these events */
    size_t letter_count;
};

void webhook_definition_write(const struct webhook_definition *definition, struct bytes_writer *writer);
void webhook_progress_write(const struct webhook_progress *progress, struct bytes_writer *writer);
void webhook_replay_write(const struct webhook_replay *replay, struct bytes_writer *writer);
/* What they point at is in `arena`. False: damaged, or no memory; the output is then untouched. */
bool webhook_definition_read(struct text json, struct arena *arena,
                             struct webhook_definition *out_definition);
bool webhook_progress_read(struct text json, struct arena *arena, struct webhook_progress *out_progress);
bool webhook_replay_read(struct text json, struct arena *arena, struct webhook_replay *out_replay);

#define WEBHOOK_PREFIX TEXT("webhook/")
#define WEBHOOK_POSITION_PREFIX TEXT("webhook_state/position/")
#define WEBHOOK_REPLAY_PREFIX TEXT("webhook_state/replay/")
/* A document's ID in the arena; absent: no memory. */
struct text webhook_document_id(struct arena *arena, struct text prefix, struct text webhook_id);

/* What the sender knows of one webhook at this moment. */
enum webhook_state {
    WEBHOOK_IDLE,       /* every wanted event is delivered */
    WEBHOOK_DELIVERING, /* one is on its way, or about to be */
    WEBHOOK_RETRYING,   /* the receiver did not take it, and is asked again later */
    WEBHOOK_GONE,       /* it said 410: nothing is sent until the webhook is written again */
    WEBHOOK_DISABLED,
    WEBHOOK_STATES_END,
};
const char *webhook_state_name(enum webhook_state state);

enum { WEBHOOK_ERROR_BYTES = 256 };
struct webhook_status {
    enum webhook_state state;
    uint64_t position; /* as in struct webhook_progress, perhaps not yet durable */
    uint64_t lag;      /* events behind the newest one, wanted or not */
    /* Unix times; 0: none since the bridge started */
    uint64_t last_attempt_ms, last_success_ms;
    uint64_t failing_since_ms, next_attempt_ms; /* while it fails */
    uint32_t last_status;                       /* HTTP; 0: no answer */
    char last_error[WEBHOOK_ERROR_BYTES];       /* of the last attempt; "": it was taken */
    uint32_t attempts;                          /* of the event at hand, so far in vain */
    bool replaying;                             /* dead letters are being delivered again */
    uint64_t delivered, failed, given_up;       /* attempts and events since start */
};

#endif
