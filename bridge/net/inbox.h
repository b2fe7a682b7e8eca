/* SPDX-License-Identifier: Apache-2.0 */
/* Received bytes on their way to frames. Bytes are read into a buffer that all connections share; only what
   is left over (part of a frame, or frames that must wait) is kept in memory of its own, which never exceeds
   one greatest frame or one read, nor twice what the peer really sent.

   Use: inbox_room, read into it, inbox_filled, inbox_frame until NULL, inbox_keep.
 */
#ifndef NET_INBOX_H
#define NET_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "ck/frame.h"

enum { INBOX_READ_BYTES = 16384 }; /* the shared buffer: one greatest TLS record */

/* Zeroed: empty. */
struct inbox {
    unsigned char *bytes;
    bool is_borrowed; /* `bytes` is the shared buffer: between inbox_room and inbox_keep only */
    size_t start, end, capacity;
};

void inbox_fini(struct inbox *inbox);
bool inbox_is_empty(const struct inbox *inbox);
/* Where to read to: INBOX_READ_BYTES of `shared` when nothing is held. All whole frames must have been taken.
   NULL: out of memory. */
unsigned char *inbox_room(struct inbox *inbox, unsigned char *shared, enum ck_byte_order order,
                          size_t *out_bytes);
void inbox_filled(struct inbox *inbox, size_t count);
/* The payload of the next whole frame, or NULL. Valid until inbox_room or inbox_keep. */
unsigned char *inbox_frame(struct inbox *inbox, enum ck_byte_order *order, struct ck_header *out_header);
/* The next frame's header, as soon as it is held; nothing is taken, and AUTO is settled in the copy. */
bool inbox_header(const struct inbox *inbox, enum ck_byte_order *order, struct ck_header *out_header);
/* A whole frame is held. */
bool inbox_has_frame(const struct inbox *inbox, enum ck_byte_order order);
/* Takes what is left out of the shared buffer. False: out of memory. */
bool inbox_keep(struct inbox *inbox);

#endif
