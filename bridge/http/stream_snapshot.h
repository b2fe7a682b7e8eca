/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live state as the beginning of an event stream, a piece at a time.
 *
 * Each piece stands at one event: it shows the effect of that event and of all before it, and of none after.
 * The stream first sends the events up to there, and then the piece; so at any moment all that was sent,
 * items and events, is the state at one event, and the end of the snapshot names the last of them. Nothing is
 * held between two pieces but where to go on: neither a view of the core nor a transaction of the store.
 */
#ifndef HTTP_STREAM_SNAPSHOT_H
#define HTTP_STREAM_SNAPSHOT_H

#include "base/limits.h"
#include "http/feed.h"
#include "http/http.h"
#include "http/render.h"

enum {
    SNAPSHOT_PIECE_BYTES = 32 * 1024, /* a piece that is as long takes no further item */
    SNAPSHOT_RETRY_MS = 100,          /* after history could not be read, or a view was too old */
};

/* In this order: what is in the core's view, then what is in the store, which is never behind it. */
enum snapshot_stage {
    SNAPSHOT_STATUS,
    SNAPSHOT_KMS,
    SNAPSHOT_APPLICATIONS,
    SNAPSHOT_DESTINATIONS,
    SNAPSHOT_LINKS,
    SNAPSHOT_ROUTES,
    SNAPSHOT_RELAYS,
    SNAPSHOT_LOOKUPS,
    SNAPSHOT_STAGES_END
};

struct stream_snapshot {
    bool active;
    bool begun; /* its first piece was made */
    bool wanted[SNAPSHOT_STAGES_END];
    enum snapshot_stage stage;
    char key[LIMIT_IDENTIFIER_BYTES]; /* of the stage's last item given; "" : none yet */
    size_t key_length;
    uint64_t before_id; /* likewise, of relays and lookups; 0: none yet */
    char *piece;        /* on the heap; NULL: none is made */
    size_t piece_length, piece_sent;
    uint64_t event_id; /* what the piece stands at */
};

/* `types`: the events that are wanted; resources that none of them speaks of are left out. */
void stream_snapshot_init(struct stream_snapshot *snapshot, const bool types[NOTICES_END]);
void stream_snapshot_fini(struct stream_snapshot *snapshot);
/* From the start, whether for the first time or again. */
void stream_snapshot_begin(struct stream_snapshot *snapshot);

enum snapshot_status {
    SNAPSHOT_MADE,  /* a piece is there, whose event_id is at least `least_event_id` */
    SNAPSHOT_ENDED, /* all was given */
    SNAPSHOT_LATER, /* not now: history can't be read, the view is older than `least_event_id`, no memory */
};
/* Makes the next piece; the one before must have been sent. */
enum snapshot_status stream_snapshot_next(struct stream_snapshot *snapshot,
                                          const struct http_backend *backend, const struct feed *feed,
                                          uint64_t least_event_id);
/* Copies what is left of the piece, as much as fits; forgets it once all is copied. */
size_t stream_snapshot_copy(struct stream_snapshot *snapshot, char *out_bytes, size_t capacity);

#endif
